"""What the comparison of numbers of web processes says about its figures."""

from __future__ import annotations

import pytest

from benchmarks.load.clients import Played
from benchmarks.load.process_counts import Round, bottleneck, table


@pytest.mark.parametrize(
    ("web", "postgres", "client", "processes", "named"),
    [
        (1.2, 0.5, 0.2, 2, "all processors; most of it web"),
        (0.6, 1.1, 0.2, 4, "all processors; most of it PostgreSQL"),
        (0.95, 0.3, 0.1, 1, "the web processes' interpreters"),
        (0.4, 0.2, 0.1, 2, "waiting for locks, the disk, or each other"),
    ],
)
def test_the_limit_of_a_load_is_named_by_who_used_the_processors(
    web: float, postgres: float, client: float, processes: int, named: str
) -> None:
    assert bottleneck({"web": web, "PostgreSQL": postgres, "client": client, "others": 0.0}, processes, cpus=2) == named


def test_a_line_has_medians_and_the_ratio_to_the_first_number_of_processes() -> None:
    def rounds(*rates: float) -> list[Round]:
        used = {"web": 0.9, "PostgreSQL": 0.1, "client": 0.1, "others": 0.0}
        return [Round(Played(rate, [0.010, 0.020, 0.030], refused=1), used) for rate in rates]

    *_, one, two = table({"predict": {1: rounds(100, 300, 200), 2: rounds(310, 290, 300)}}, cpus=2)
    assert one.split()[:9] == ["predict", "1", "200", "1.00", "20.0", "30.0", "3", "0.90", "0.10"]
    assert two.split()[:6] == ["2", "300", "1.50", "20.0", "30.0", "3"]
