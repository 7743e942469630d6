"""The examples in docstrings give what they say."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

from functions.settings import ROOT

MODULES = (
    "functions.domain.drawing.strokes",
    "functions.domain.drawing.png",
    "functions.domain.monitoring.proportion",
    "functions.domain.symbols",
    "functions.learners.calibration",
    "functions.learners.evaluation.metrics",
    "functions.learners.gate.statistics",
    "functions.learners.litert",
    "functions.learners.squares",
    "functions.learners.squares.sampling",
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_give_what_they_say(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # the examples open files of ``models/``
    result = doctest.testmod(import_module(name))
    assert result.attempted, f"{name} has no examples"
    assert not result.failed
