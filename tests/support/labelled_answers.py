"""Judged answers for the tests of what is watched: short to write, so that their figures can be counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from functions.domain.monitoring import LabelledAnswer, ModelAnswer

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday


def answer(
    true: str | None,
    fnn: str | None,
    cnn: str | None,
    *,
    answered: str | None = "the CNN's",
    original: str | None = "0",
    versions: tuple[str, str] = ("f", "c"),
    minutes: float = 0,
) -> LabelledAnswer:
    """Return an answer to a drawing of ``true``: what the learned networks said, their originals, and as a whole (the CNN's)."""
    return LabelledAnswer(
        at=NOON + timedelta(minutes=minutes),
        true=true,
        answered=cnn if answered == "the CNN's" else answered,
        by_model={
            ("fnn", "original"): ModelAnswer("f0", original),
            ("fnn", "learned"): ModelAnswer(versions[0], fnn),
            ("cnn", "original"): ModelAnswer("c0", original),
            ("cnn", "learned"): ModelAnswer(versions[1], cnn),
        },
    )
