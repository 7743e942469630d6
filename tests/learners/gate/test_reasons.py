"""Every reason of the gate has a sentence in every language, with the same figures."""

from __future__ import annotations

import ast
import string

import pytest

from functions.learners.gate.reasons import GATE_SENTENCES, in_words, sentence
from functions.settings import ROOT
from functions.web.pages.translations import LANGUAGES, words


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", GATE_SENTENCES)
def test_a_page_has_each_reason_with_the_same_figures(kind: str, language: str) -> None:
    assert places(words(language)(f"gate.{kind}")) == places(GATE_SENTENCES[kind])


def given() -> set[str]:
    """Return the kinds that the gate and the verb that publishes give; a part that got worse is ``..._worse``."""
    found = set()
    for name in ("learners/gate/decide.py", "learners/gate/rules.py", "learners/gate/reasons.py", "training/publish.py"):
        for node in ast.walk(ast.parse((ROOT / "functions" / name).read_text())):
            if isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                kinds = [value for key, value in pairs if getattr(key, "value", "") == "kind"]
                found |= {str(kind.value) for kind in kinds if isinstance(kind, ast.Constant)}
    return found


def test_every_reason_that_is_given_has_a_sentence_and_every_sentence_is_given() -> None:
    parts = {"shipped_worse", "collected_worse"}
    by_name = {"no_squares", "no_share"}  # what ``refuse`` is called with
    # Rules that are used twice, for credits or with confusable labels as one, are told the kind.
    by_name |= {"worse", "worse_credit", "drifted", "drifted_as_one", "drifted_credit", "label_worse", "label_twins"}
    by_name |= {"label_drifted", "label_twins_drifted"}
    assert given() | parts | by_name == set(GATE_SENTENCES)


def test_figures_are_written_by_their_type() -> None:
    why = {"kind": "label_worse", "label": "4", "before": 0.989, "after": 0.961, "count": 1500}
    assert in_words(why) == "4 got worse (98.90 % before, 96.10 % now, on 1,500 squares)"


def test_all_reasons_make_one_sentence_against_a_version_and_several_for_it() -> None:
    overtaken = {"kind": "overtaken"}
    assert sentence(False, [overtaken, {"kind": "no_squares"}]) == (
        "Kept out: another version became live while this one was learning; there are no test squares."
    )
    added = {"kind": "added", "label": "c", "right": 9, "count": 10}
    assert sentence(True, [added, added]) == "New: c 9 of 10. New: c 9 of 10."
