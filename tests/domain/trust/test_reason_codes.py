"""Every code of a rule has an English sentence and words in every language."""

from __future__ import annotations

import ast
from typing import get_args

import pytest

from functions.domain.trust.reason_codes import SENTENCES, ReasonCode, in_words
from functions.settings import ROOT
from functions.web.pages.translations import LANGUAGES, words

CODES = set(get_args(ReasonCode))


def given(folder: str) -> set[str]:
    """Return the codes that the rules in a folder give, as the second argument of a ``Decision``."""
    found = set()
    for path in (ROOT / folder).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Decision":
                code = node.args[1]
                choices = [code.body, code.orelse] if isinstance(code, ast.IfExp) else [code]
                found |= {str(ast.literal_eval(choice)) for choice in choices}
    return found


def test_the_rules_give_every_code_but_those_that_come_after_them() -> None:
    assert given("functions/domain/trust") == CODES - {"corrected_again", "taken_back", "other"}


def test_every_code_has_a_sentence() -> None:
    assert {sentence.code for sentence in SENTENCES} == CODES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words_in_every_language(language: str) -> None:
    assert {f"performance.reason.{code}" for code in CODES} <= words(language).sentences.keys()


@pytest.mark.parametrize(
    ("code", "figures", "sentence"),
    [
        ("agreed", {}, "the networks agree"),
        ("owner", {"action": "retracted"}, "retracted by the owner"),
        ("flood", {"of": "block", "most": 6000}, "more than 6,000 drawings from one network address block within an hour"),
        (
            "repeated_pair",
            {"within": "day", "answered": "4", "label": None, "times": 7},
            "surprising to both networks, and 4 was corrected to not a symbol 7 times today",
        ),
        (
            "confirmed",
            {"by": "look_alikes", "rechecked": False, "blocks": 2},
            "surprising, but people at 2 other places gave look-alikes the same label",
        ),
        ("other", {"text": "from an import"}, "from an import"),
        ("other", {}, ""),
        ("many_in_round", {}, "many_in_round"),
    ],
)
def test_the_owner_reads_a_reason_with_its_figures(code: str, figures: dict[str, object], sentence: str) -> None:
    assert in_words(code, figures) == sentence
