"""The picture of where versions come from."""

from __future__ import annotations

from datetime import UTC, datetime

from functions.records.tables import Version
from functions.verbs.metrics import VersionProgress
from functions.web.pages.lineage import MOST, lineages

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def row(name: str, parent: str | None, *, passed: bool = True, live: bool = False) -> VersionProgress:
    version = Version(id=name, learner="fnn", parent_id=parent, gate={"accepted": passed}, created=THEN)
    return VersionProgress(version, live, THEN if live else None, None, None, None)


def test_a_version_that_failed_hangs_below_and_one_from_further_back_comes_by_an_arc() -> None:
    newest_first = [row("d", "a", live=True), row("c", "b", passed=False), row("b", "a"), row("a", None)]
    (line,) = lineages(newest_first)
    a, b, c, d = line.nodes
    assert [node.row.version.id for node in line.nodes] == ["a", "b", "c", "d"]
    assert a.way == ""
    assert c.y > a.y == b.y == d.y
    assert ("H" in b.way, "C" in c.way, "Q" in d.way) == (True, True, True)
    assert line.failed == 1


def test_of_many_versions_the_newest_are_shown_and_the_first_one_is_cut_off() -> None:
    rows = [row(f"{number:03}", f"{number - 1:03}") for number in range(MOST + 5, 0, -1)]
    (line,) = lineages(rows)
    assert len(line.nodes) == MOST
    assert line.older
    assert [node.cut for node in line.nodes[:2]] == [True, False]


def test_a_single_version_makes_no_picture() -> None:
    assert lineages([row("a", None)]) == ()
