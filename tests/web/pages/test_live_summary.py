"""What the page of the models begins with."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from functions.records.tables import Version
from functions.verbs.metrics import VersionProgress
from functions.web.pages.live_summary import live_summary


def row(
    learner: str, day: int, *, live: bool = True, original: bool = False, card: dict[str, Any] | None = None
) -> VersionProgress:
    then = datetime(2026, 1, day, tzinfo=UTC)
    version = Version(id=f"{learner}{day}", learner=learner, original=original, card=card or {}, gate={}, created=then)
    return VersionProgress(version, live, then, None, None, None)


def test_the_newest_live_training_is_told_and_not_a_newer_one_that_is_not_live() -> None:
    taught = {"samples": 12, "labels": {"7": 2, "1": 9, "not a symbol": 1}}
    rows = [row("cnn", 9, live=False, card={"samples": 99}), row("cnn", 5, card=taught), row("fnn", 3, original=True)]
    found = live_summary(SimpleNamespace(progress=rows, recent=[]))  # type: ignore[arg-type]
    assert found.learners == ("fnn", "cnn")
    assert (found.learned, found.labels) == (12, ("1", "7", None))
    assert found.since == datetime(2026, 1, 5, tzinfo=UTC)
    assert found.checked.count == 0


def test_shipped_networks_have_learned_nothing_here() -> None:
    found = live_summary(SimpleNamespace(progress=[row("fnn", 3, original=True)], recent=[]))  # type: ignore[arg-type]
    assert (found.learned, found.learned_at, found.labels) == (None, None, ())
