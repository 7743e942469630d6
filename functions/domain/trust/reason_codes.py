"""A short code for each kind of reason, so that reasons can be counted: the sentences themselves name labels and numbers."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal[
    "agreed",
    "imaginable",
    "unknown_label",
    "surprising",
    "confirmed",
    "good_record",
    "open",
    "owner",
    "moderated",
    "bad_record",
    "flood",
    "hostile",
    "repeated",
    "repeated_pair",
    "contradicted",
    "many_by_hand",
    "many_in_round",
    "corrected_again",
    "taken_back",
    "other",
]

# In this order: the first that is found in the sentence names its kind.
_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"^the networks agree$", "agreed"),
    (r"^the networks can imagine it$", "imaginable"),
    (r"^no network (has learned this set|knows this label) yet$", "unknown_label"),
    (r"^surprising to both networks, which happens$", "surprising"),
    (r"^(surprising, but )?people at \d+ other place", "confirmed"),
    (r"named \d+ known drawings rightly$", "good_record"),
    (r"^every drawing may teach$", "open"),
    (r"^(given|accepted|rejected|retracted) by the owner$", "owner"),
    (r"^waits for the owner$", "moderated"),
    (r"known drawings wrongly$", "bad_record"),
    (r"^more than [\d,]+ drawings ", "flood"),
    (r"seem wrong to both networks$", "hostile"),
    (r"^almost the same drawing came ", "repeated"),
    (r" was corrected to ", "repeated_pair"),
    (r"that look alike have another label$", "contradicted"),
    (r"^surprising to both networks, after \d+ ", "many_by_hand"),
    (r"^surprising to both networks, as \d+ others in this round$", "many_in_round"),
    (r"^corrected again$", "corrected_again"),
    (r"^taken back ", "taken_back"),
)


def kind(reason: str) -> Kind:
    """Return the kind of a reason; one from before there were kinds, or of an owner's own import, is ``other``."""
    return next((name for pattern, name in _KINDS if re.search(pattern, reason)), "other")
