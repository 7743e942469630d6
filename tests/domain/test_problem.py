"""What is wrong: a sentence that errors and rows carry with its code."""

from __future__ import annotations

import json
import pickle

import pytest

from functions.domain.problem import Problem, failure
from functions.domain.symbols import SymbolSet
from functions.errors import BadSet


def test_an_error_has_the_sentence_and_its_code() -> None:
    with pytest.raises(BadSet, match="'Runes' is not") as raised:
        SymbolSet("Runes", ("a", "b"))
    problem = raised.value.problem
    assert isinstance(problem, Problem)
    assert (problem.code, problem.figures) == ("set_name", {"name": "Runes"})
    again = pickle.loads(pickle.dumps(raised.value)).problem
    assert (again, again.figures) == (problem, problem.figures)


def test_a_row_keeps_the_sentence_the_code_and_the_figures() -> None:
    kept = json.loads(json.dumps(failure(Problem("bucket_refused", answer="AccessDenied"))))
    assert kept == {
        "reason": "The bucket refused: AccessDenied.",
        "code": "bucket_refused",
        "figures": {"answer": "AccessDenied"},
    }
    assert failure("The line 3 is no JSON.") == {"reason": "The line 3 is no JSON."}
