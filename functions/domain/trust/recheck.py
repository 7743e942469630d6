"""The recheck of a waiting sample, when there is more evidence."""

from __future__ import annotations

from functions.domain.trust.evidence import Decision, Evidence
from functions.domain.trust.rules import (
    contradicted,
    contributor_cap,
    earned,
    failed_gold_questions,
    hostile,
    rate_cap,
    repeated,
    vouched_cap,
)

AGREEING_BLOCKS = 2  # other address blocks with the same correction: with this one, three independent ones
LOOKALIKE_BLOCKS = 1  # other address blocks that gave a look-alike the same label


def reconsider(evidence: Evidence) -> Decision | None:
    """Return the new status of a waiting sample, from new evidence without the sample itself; None while it must wait."""
    for rule in (failed_gold_questions, hostile):
        if (found := rule(evidence)) is not None and found.status == "quarantined":
            return found
    if any(rule(evidence) is not None for rule in (rate_cap, repeated, contradicted, hostile)):
        return None
    if vouched_cap(evidence):  # the sample waits for the next round
        return None
    if evidence.near.agree >= LOOKALIKE_BLOCKS:
        return Decision("accepted", "confirmed", {"by": "look_alikes", "rechecked": True, "blocks": evidence.near.agree})
    if evidence.pair.agreeing_blocks >= AGREEING_BLOCKS and not evidence.far_fetched:
        return Decision(
            "accepted", "confirmed", {"by": "corrections", "rechecked": True, "blocks": evidence.pair.agreeing_blocks}
        )
    if earned(evidence.record) and contributor_cap(evidence) is None:
        return Decision("accepted", "good_record", {"right": evidence.record.right})
    return None
