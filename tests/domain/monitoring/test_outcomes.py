from __future__ import annotations

from functions.domain.monitoring import Outcome, outcomes


def test_outcomes_are_counted_by_status_and_the_most_frequent_reason_comes_first() -> None:
    found = outcomes(
        [
            ("quarantined", "hostile", 1),
            ("pending", "many_by_hand", 3),
            ("accepted", "agreed", 4),
            ("accepted", "owner", 1),
            ("accepted", "other", 1),
        ]
    )
    assert found.count == 10
    assert found.by_status == {"accepted": 6, "pending": 3, "quarantined": 1}
    assert found.reasons == (
        Outcome("accepted", "agreed", 4),
        Outcome("pending", "many_by_hand", 3),
        Outcome("accepted", "other", 1),
        Outcome("accepted", "owner", 1),
        Outcome("quarantined", "hostile", 1),
    )


def test_no_corrections_have_no_outcome() -> None:
    assert (outcomes([]).count, outcomes([]).reasons) == (0, ())
