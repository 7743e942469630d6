"""Every reason that the code gives a sample has a kind of its own."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import pytest

from functions.domain.trust.reason_codes import Kind, kind
from functions.settings import ROOT


def written(path: Path) -> set[str]:
    """Return the reasons that a file gives its judgements; a place for a value holds a number, or a corrected pair."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Decision":
            found |= {sentence(choice) for choice in choices(node.args[1])}
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "reason":
            found.add(sentence(node.value))
    return found - {""}


def choices(node: ast.expr) -> list[ast.expr]:
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


def sentence(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    parts = node.values if isinstance(node, ast.JoinedStr) else []
    return "".join(part.value if isinstance(part, ast.Constant) else value(part) for part in parts)


def value(part: ast.expr) -> str:
    return "4 was corrected to 9" if "_pair" in ast.unparse(part) else "7"


TRUST = ROOT / "functions" / "domain" / "trust"
WRITTEN = sorted(written(TRUST / "rules.py") | written(TRUST / "recheck.py"))


def test_the_rules_reasons_are_found() -> None:
    assert len(WRITTEN) >= 20
    assert "the networks agree" in WRITTEN
    assert "surprising to both networks, and 4 was corrected to 9 7 times today" in WRITTEN


@pytest.mark.parametrize("reason", WRITTEN)
def test_every_reason_of_a_rule_has_a_kind(reason: str) -> None:
    assert kind(reason) != "other"


def test_what_others_decide_has_kinds_too() -> None:
    said = {
        "given by the owner": "owner",
        "accepted by the owner": "owner",
        "rejected by the owner": "owner",
        "retracted by the owner": "owner",
        "corrected again": "corrected_again",
        "taken back by its author or the owner": "taken_back",
        "": "other",
    }
    assert {reason: kind(reason) for reason in said} == said


def test_every_kind_is_given_for_some_reason() -> None:
    given = {kind(reason) for reason in [*WRITTEN, "corrected again", "taken back by its author or the owner", ""]}
    assert given == set(get_args(Kind))
