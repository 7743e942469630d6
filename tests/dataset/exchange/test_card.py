from __future__ import annotations

import hashlib
import json

import pytest

from functions.dataset.exchange.card import Tally
from functions.dataset.exchange.label_folders import folder_of
from tests.support.filled_set import LABELS


@pytest.mark.parametrize("format", ["zip", "npz", "idx", "jsonl", "parquet"])
def test_the_card_has_the_sha256_of_every_file(export, format):
    files = {file.name: b"".join(file.pieces()) for file in export(format).files()}
    card = json.loads(files.pop("card.json"))
    assert card["files"] == {
        name: {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()} for name, body in files.items()
    }


def test_the_card_says_what_is_inside_and_under_which_licence(export):
    made = export("jsonl", statuses=("accepted", "pending"))
    files = {file.name: b"".join(file.pieces()) for file in made.files()}
    card, readme = json.loads(files["card.json"]), files["README.md"].decode()
    assert (card["samples"], card["contributors"], card["licence"]) == (60, 6, "CC-BY-4.0")
    assert card["splits"] == {"train": 20, "validation": 20, "test": 20}
    assert card["statuses"] == {"accepted": 55, "pending": 5}
    assert card["folders"] == {folder_of(label): label for label in (*LABELS, None)}
    assert sum(row["samples"] for row in card["balance"]) == 60
    assert card["filter"]["statuses"] == ["accepted", "pending"]
    assert readme.startswith("---\nlicense: cc-by-4.0\n")
    assert "60 drawings by 6 contributors" in readme


def test_a_card_without_a_licence_says_that_one_must_ask(export):
    readme = b"".join(next(file for file in export("npz", licence="").files() if file.name == "README.md").pieces()).decode()
    assert "has not chosen a licence" in readme
    assert "license: other" in readme


def test_a_label_cannot_become_markdown_or_a_tag(export):
    readme = b"".join(next(file for file in export("npz").files() if file.name == "README.md").pieces()).decode()
    assert "| ../x |" not in readme and "&#46;&#46;&#47;x" in readme


def test_the_counts_of_a_stopped_export_come_back(export):
    made = export("jsonl")
    for file in made.files():
        list(file.pieces())
    assert Tally.of_dict(json.loads(json.dumps(made.tally.as_dict()))) == made.tally
