"""The second look: what a sample that waits becomes when more is known about it."""

from __future__ import annotations

from functions.domain.trust.evidence import Evidence, Judgement
from functions.domain.trust.rules import contradicted, earned, flood, hostile, knows_better, many_by_hand, many_together, repeated

VOICES = 2  # other address blocks with the same correction: with this one, three that know nothing of each other
BEARING = 1  # other address blocks that gave a look-alike the same label


def reconsider(evidence: Evidence) -> Judgement | None:
    """Return the new status of a sample that waits, None while it goes on waiting.

    The evidence was gathered anew; the sample itself does not count in it.
    """
    for rule in (knows_better, hostile):
        if (found := rule(evidence)) is not None and found.status == "quarantined":
            return found
    if any(rule(evidence) is not None for rule in (flood, repeated, contradicted, hostile)):
        return None
    if many_together(evidence):  # it waits for the next round
        return None
    if evidence.near.agree >= BEARING:
        return Judgement("accepted", f"people at {evidence.near.agree} other place(s) gave look-alikes the same label")
    if evidence.pair.voices >= VOICES and not evidence.far_fetched:
        return Judgement("accepted", f"people at {evidence.pair.voices} other places corrected in the same way")
    if earned(evidence.record) and many_by_hand(evidence) is None:
        return Judgement("accepted", f"this contributor named {evidence.record.right} known drawings rightly")
    return None
