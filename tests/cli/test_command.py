"""What all commands share: help, JSON, and progress that stays out of the way."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime

import pytest

from functions.cli.__main__ import parser_of
from functions.cli.command import tell
from functions.records.tables import new_id
from functions.training.readiness import NEEDED
from functions.verbs.contribute import Contribution, contribute
from tests.support.sample_drawings import drawing

WITHOUT_JSON = {"completion"}  # prints a script


def commands(parser, before=""):
    """Yield each command with its help and its parser."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            about = {choice.dest: choice.help for choice in action._choices_actions}
            for name, sub in action.choices.items():
                if any(isinstance(one, argparse._SubParsersAction) for one in sub._actions):
                    yield from commands(sub, f"{before}{name} ")
                else:
                    yield f"{before}{name}", about.get(name), sub


def test_every_command_has_help_and_json():
    every = list(commands(parser_of(None)))
    assert len(every) > 40
    assert [name for name, about, _ in every if not about] == []
    without = {name for name, _, parser in every if "--json" not in parser._option_string_actions}
    assert without == WITHOUT_JSON


def test_facts_are_one_json_object_on_each_line(call, database, tmp_path):
    sample = contribute(database, "moderated", Contribution("digits", "7", drawing(), new_id())).sample
    said = {}
    for words in (
        "token robot --scope read --days 9",
        "tokens",
        "sign-out",
        "password",
        "migrate",
        "set create signs --labels A|B",
        "set add-label signs C",
        "set goal signs 50",
        "set show",
        "train digits",
        "runs digits",
        "versions digits",
        "moderate list digits",
        f"moderate relabel {sample} 1",
        f"export digits {tmp_path / 'out'}",
        f"backup {tmp_path / 'all.zip'}",
        "webhook add https://bot.example/x",
        "webhooks",
        "audit",
        "reindex",
        "sweep",
        "doctor",
    ):
        status, out, _ = call(*(word.replace("|", " ") for word in words.split()), "--json")
        assert status in (0, 1)
        said[words.split(" ")[0] if " " not in words else " ".join(words.split()[:2])] = [
            json.loads(line) for line in out.splitlines()
        ]
    assert all(said.values())
    assert said["token robot"][0]["token"].startswith("ink")
    (listed,) = said["tokens"]
    assert (listed["name"], listed["scopes"], listed["expired"]) == ("robot", ["read"], False)
    assert [one["set"] for one in said["set show"]] == ["digits", "signs"]
    assert said["set show"][1]["labels"][2] == {"label": "C", "drawings": 0, "missing": NEEDED, "learned": False}
    assert said["moderate list"][0]["id"] == sample
    assert said["export digits"][0]["samples"] == 1
    assert said["webhook add"][0]["secret"] and "secret" not in said["webhooks"][0]


def test_moments_and_paths_are_text_and_nothing_else_is_guessed(capsys, tmp_path):
    chosen = argparse.Namespace(json=True)
    tell(chosen, {"at": datetime(2026, 1, 2, tzinfo=UTC), "file": tmp_path}, "words")
    assert json.loads(capsys.readouterr().out) == {"at": "2026-01-02T00:00:00+00:00", "file": str(tmp_path)}
    with pytest.raises(TypeError, match="set has no form in JSON"):
        tell(chosen, {"labels": {1}})
