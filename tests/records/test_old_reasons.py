"""Every sentence that rows and facts ever had as a reason is read."""

from __future__ import annotations

import json

import pytest

from functions.domain.trust.reason_codes import in_words
from functions.records.old_reasons import reason_of_sentence
from functions.settings import ROOT

WRITTEN = {  # as earlier versions of the code wrote them
    "the networks agree": ("agreed", {}),
    "the networks can imagine it": ("imaginable", {}),
    "no network has learned this set yet": ("unknown_label", {"unknown": "set"}),
    "no network knows this label yet": ("unknown_label", {"unknown": "label"}),
    "surprising to both networks, which happens": ("surprising", {}),
    "people at 1 other place(s) gave look-alikes the same label": (
        "confirmed",
        {"by": "look_alikes", "rechecked": True, "blocks": 1},
    ),
    "surprising, but people at 2 other places gave look-alikes the same label": (
        "confirmed",
        {"by": "look_alikes", "rechecked": False, "blocks": 2},
    ),
    "people at 3 other places corrected in the same way": ("confirmed", {"by": "corrections", "rechecked": True, "blocks": 3}),
    "this contributor named 5 known drawings rightly": ("good_record", {"right": 5}),
    "every drawing may teach": ("open", {}),
    "given by the owner": ("owner", {"action": "given"}),
    "accepted by the owner": ("owner", {"action": "accepted"}),
    "rejected by the owner": ("owner", {"action": "rejected"}),
    "retracted by the owner": ("owner", {"action": "retracted"}),
    "waits for the owner": ("moderated", {}),
    "this contributor named 3 of 7 known drawings wrongly": ("bad_record", {"wrong": 3, "asked": 7}),
    "more than 600 drawings by one contributor within an hour": ("flood", {"of": "contributor", "most": 600}),
    "more than 6,000 drawings from one network address block within an hour": ("flood", {"of": "block", "most": 6000}),
    "9 of the last 10 labels by this contributor seem wrong to both networks": (
        "hostile",
        {"of": "contributor", "surprising": 9, "count": 10},
    ),
    "16 of the last 20 labels from this place seem wrong to both networks": (
        "hostile",
        {"of": "block", "surprising": 16, "count": 20},
    ),
    "almost the same drawing came 10 times from the same place": ("repeated", {"times": 10}),
    "9 was corrected to 7 already 20 times from one place in this round": (
        "repeated_pair",
        {"within": "block_and_round", "answered": "9", "label": "7", "times": 20},
    ),
    "surprising to both networks, and 4 was corrected to not a symbol 5 times in this round": (
        "repeated_pair",
        {"within": "round", "answered": "4", "label": None, "times": 5},
    ),
    "surprising to both networks, and not a symbol was corrected to 9 15 times today": (
        "repeated_pair",
        {"within": "day", "answered": None, "label": "9", "times": 15},
    ),
    "surprising, and 2 drawing(s) by others that look alike have another label": ("contradicted", {"blocks": 2}),
    "surprising to both networks, after 3 by this contributor today": ("many_by_hand", {"of": "contributor", "accepted": 3}),
    "surprising to both networks, after 6 from this place today": ("many_by_hand", {"of": "block", "accepted": 6}),
    "surprising to both networks, as 10 others in this round": ("many_in_round", {"accepted": 10}),
    "corrected again": ("corrected_again", {}),
    "taken back by its author or the owner": ("taken_back", {}),
    "within the cap": ("other", {"text": "within the cap"}),
    "": ("other", {}),
}


@pytest.mark.parametrize("sentence", WRITTEN)
def test_an_old_sentence_is_its_code_with_its_figures_and_can_be_said_again(sentence: str) -> None:
    reason = reason_of_sentence(sentence)
    assert (reason.code, dict(reason.figures)) == WRITTEN[sentence]
    assert in_words(*reason) == sentence


def test_every_sentence_of_a_used_platform_is_known() -> None:
    kept = json.loads((ROOT / "tests" / "upgrade" / "home.json").read_text())["reasons"]
    assert len(kept) > 30
    assert all(reason_of_sentence(sentence).code != "other" for _, _, sentence, _ in kept)
