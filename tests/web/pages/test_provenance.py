from __future__ import annotations

from functions.records.tables import Version
from functions.web.pages.provenance import provenance


def test_what_a_version_learned_from_is_told_most_frequent_first() -> None:
    card = {"labels": {"4": 2, "not a symbol": 3, "7": 2}, "kept_apart": {"to judge": 9}, "seed": 0}
    found = provenance(Version(card=card, metrics={"share": 0.35}, sha256="0" * 64))
    assert found.labels == ((None, 3), ("4", 2), ("7", 2))
    assert (found.test_samples, found.seed, found.weight_share, found.learned) == (9, 0, 0.35, None)
    assert (found.replayed, found.start, found.caught_up) == (0, None, None)
    slow = {"start": "base", "caught_up": 7, "rehearsed": {"samples": 500, "snapshot": "0"}}
    found = provenance(Version(card=slow, metrics={}, sha256=""))
    assert (found.replayed, found.start, found.caught_up) == (500, "base", 7)
    assert provenance(Version(card={}, metrics={}, sha256="")).labels == ()
