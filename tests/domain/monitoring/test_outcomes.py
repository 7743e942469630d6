from __future__ import annotations

from functions.domain.monitoring import Outcome, outcomes


def test_reasons_of_one_kind_are_counted_together() -> None:
    found = outcomes(
        [
            ("accepted", "the networks agree", 4),
            ("pending", "surprising to both networks, after 3 by this contributor today", 1),
            ("pending", "surprising to both networks, after 6 from this place today", 2),
            ("quarantined", "9 of the last 10 labels by this contributor seem wrong to both networks", 1),
            ("accepted", "accepted by the owner", 1),
            ("accepted", "", 1),
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
