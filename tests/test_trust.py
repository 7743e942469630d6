from __future__ import annotations

import pytest

from functions.trust import CAP_AN_HOUR, Evidence, judge


@pytest.mark.parametrize(
    ("mode", "already", "from_owner", "status"),
    [
        ("open", 0, False, "accepted"),
        ("open", 10 * CAP_AN_HOUR, False, "accepted"),
        ("review", 0, False, "accepted"),
        ("review", CAP_AN_HOUR - 1, False, "accepted"),
        ("review", CAP_AN_HOUR, False, "pending"),
        ("review", CAP_AN_HOUR, True, "accepted"),
        ("moderated", 0, False, "pending"),
        ("moderated", 0, True, "accepted"),
    ],
)
def test_a_sample_starts_as_the_mode_says(mode: str, already: int, from_owner: bool, status: str) -> None:
    for source in ("contribution", "correction"):
        judgement = judge(mode, Evidence(source, already, from_owner))
        assert judgement.status == status
        assert judgement.reason
