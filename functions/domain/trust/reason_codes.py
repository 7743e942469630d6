"""The reason of a sample's status: a code and its figures.

Codes are counted (``domain.monitoring``) and published. Pages have words of their own for codes and figures, in each language
(``web.pages.owner_sentences``). Releases without codes wrote the English sentences below into rows and facts, and
``records.old_reasons`` parses them; so they stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from types import MappingProxyType
from typing import Literal, NamedTuple

ReasonCode = Literal[
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
Figures = Mapping[str, str | int | bool | None]
NOT_A_SYMBOL_WORDS = "not a symbol"  # a label of None in a sentence


class Reason(NamedTuple):
    """A code and its figures."""

    code: ReasonCode
    figures: Figures


class Sentence(NamedTuple):
    """The English sentence of a code; a code with several sentences has this one for figures that contain ``only``."""

    code: ReasonCode
    text: str
    only: Figures = MappingProxyType({})

    @property
    def names(self) -> set[str]:
        """Return the names of the figures in the text."""
        return {name for _, name, _, _ in Formatter().parse(self.text) if name}

    @property
    def key(self) -> str:
        """Return the key of the sentence's translations: the code and the figures of ``only``."""
        figures = [name if value is True else value for name, value in self.only.items() if value]
        return ".".join([self.code, *map(str, figures)])


SENTENCES = (
    Sentence("agreed", "the networks agree"),
    Sentence("imaginable", "the networks can imagine it"),
    Sentence("unknown_label", "no network has learned this set yet", {"unknown": "set"}),
    Sentence("unknown_label", "no network knows this label yet", {"unknown": "label"}),
    Sentence("surprising", "surprising to both networks, which happens"),
    Sentence(
        "confirmed",
        "surprising, but people at {blocks} other places gave look-alikes the same label",
        {"by": "look_alikes", "rechecked": False},
    ),
    Sentence(
        "confirmed",
        "people at {blocks} other place(s) gave look-alikes the same label",
        {"by": "look_alikes", "rechecked": True},
    ),
    Sentence("confirmed", "people at {blocks} other places corrected in the same way", {"by": "corrections", "rechecked": True}),
    Sentence("good_record", "this contributor named {right} known drawings rightly"),
    Sentence("open", "every drawing may teach"),
    Sentence("owner", "given by the owner", {"action": "given"}),
    Sentence("owner", "imported by the owner from {origin}, licence: {licence}", {"action": "imported"}),
    Sentence("owner", "accepted by the owner", {"action": "accepted"}),
    Sentence("owner", "rejected by the owner", {"action": "rejected"}),
    Sentence("owner", "retracted by the owner", {"action": "retracted"}),
    Sentence("moderated", "waits for the owner"),
    Sentence("bad_record", "this contributor named {wrong} of {asked} known drawings wrongly"),
    Sentence("flood", "more than {most} drawings by one contributor within an hour", {"of": "contributor"}),
    Sentence("flood", "more than {most} drawings from one network address block within an hour", {"of": "block"}),
    Sentence(
        "hostile",
        "{surprising} of the last {count} labels by this contributor seem wrong to both networks",
        {"of": "contributor"},
    ),
    Sentence("hostile", "{surprising} of the last {count} labels from this place seem wrong to both networks", {"of": "block"}),
    Sentence("repeated", "almost the same drawing came {times} times from the same place"),
    Sentence(
        "repeated_pair",
        "{answered} was corrected to {label} already {times} times from one place in this round",
        {"within": "block_and_round"},
    ),
    Sentence(
        "repeated_pair",
        "surprising to both networks, and {answered} was corrected to {label} {times} times in this round",
        {"within": "round"},
    ),
    Sentence(
        "repeated_pair",
        "surprising to both networks, and {answered} was corrected to {label} {times} times today",
        {"within": "day"},
    ),
    Sentence("contradicted", "surprising, and {blocks} drawing(s) by others that look alike have another label"),
    Sentence("many_by_hand", "surprising to both networks, after {accepted} by this contributor today", {"of": "contributor"}),
    Sentence("many_by_hand", "surprising to both networks, after {accepted} from this place today", {"of": "block"}),
    Sentence("many_in_round", "surprising to both networks, as {accepted} others in this round"),
    Sentence("corrected_again", "corrected again"),
    Sentence("taken_back", "taken back by its author or the owner"),
    Sentence("other", "{text}"),
)


def sentence_of(code: str, figures: Figures) -> Sentence | None:
    """Return the sentence of a reason, None for an unknown code or where a figure is missing."""
    for sentence in SENTENCES:
        if sentence.code == code and sentence.only.items() <= figures.items() and sentence.names <= figures.keys():
            return sentence
    return None


def in_words(code: str, figures: Figures) -> str:
    """Return a reason as an English sentence; "" where no reason was recorded."""
    sentence = sentence_of(code, figures)
    if sentence is None:
        return "" if code == "other" else code
    return sentence.text.format_map({name: _written(figures[name]) for name in sentence.names})


def _written(value: str | int | None) -> str:
    if value is None:
        return NOT_A_SYMBOL_WORDS
    return f"{value:,}" if isinstance(value, int) else value
