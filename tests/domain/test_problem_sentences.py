"""The sentences of what is wrong: each is said somewhere."""

from __future__ import annotations

from functions.domain.problem_sentences import SENTENCES
from functions.settings import ROOT

MADE_UP = ("kept_", "advice_", "canvas_", "point_")  # parts of codes that the code joins


def test_no_sentence_is_left_that_nobody_says() -> None:
    table = ROOT / "functions" / "domain" / "problem_sentences.py"
    source = "".join(path.read_text() for path in (ROOT / "functions").rglob("*.py") if path != table)
    assert [code for code in SENTENCES if not code.startswith(MADE_UP) and f'"{code}"' not in source] == []
