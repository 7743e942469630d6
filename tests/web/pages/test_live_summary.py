"""What the page of the models begins with."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from functions.records.tables import Version
from functions.verbs.metrics import VersionProgress
from functions.web.pages.live_summary import LiveSummary, live_summary


def row(
    learner: str, day: int, *, live: bool = True, original: bool = False, card: dict[str, Any] | None = None
) -> VersionProgress:
    then = datetime(2026, 1, day, tzinfo=UTC)
    version = Version(id=f"{learner}{day}", learner=learner, original=original, card=card or {}, gate={}, created=then)
    return VersionProgress(version, live, then, None, None, None)


def summary(rows: list[VersionProgress]) -> LiveSummary:
    """Return the summary of a set with ten labels."""
    return live_summary(SimpleNamespace(progress=rows, recent=[]), 10)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("counts", "named"),
    [
        ({"4": 1}, ("4",)),
        ({"4": 2, "3": 1, "5": 1}, ()),
        ({str(digit): 6 for digit in range(10)}, ()),
        ({"8": 5, "not a symbol": 6, "3": 4}, (None, "8")),
        ({"0": 3, "1": 3, "2": 3, "3": 3, "4": 3}, ("0", "1", "2", "3")),
        ({"0": 2, "1": 2, "2": 2, "3": 2, "4": 2, "5": 2, "6": 2}, ("0", "1", "2", "3", "4")),
        ({"0": 2, "1": 2, "2": 2, "3": 2, "4": 2, "5": 2, "6": 2, "7": 2}, ()),
    ],
)
def test_labels_are_named_only_where_a_few_have_most_of_the_drawings(
    counts: dict[str, int], named: tuple[str | None, ...]
) -> None:
    assert summary([row("cnn", 5, card={"samples": sum(counts.values()), "labels": counts})]).labels == named


def test_the_newest_live_training_is_told_and_not_a_newer_one_that_is_not_live() -> None:
    taught = {"samples": 12, "labels": {"7": 2, "1": 9, "not a symbol": 1}}
    rows = [row("cnn", 9, live=False, card={"samples": 99}), row("cnn", 5, card=taught), row("fnn", 3, original=True)]
    found = summary(rows)
    assert found.learners == ("fnn", "cnn")
    assert (found.learned, found.labels) == (12, ("1",))
    assert found.since == datetime(2026, 1, 5, tzinfo=UTC)
    assert found.checked.count == 0


def test_shipped_networks_have_learned_nothing_here() -> None:
    found = summary([row("fnn", 3, original=True)])
    assert (found.learned, found.learned_at, found.labels) == (None, None, ())
