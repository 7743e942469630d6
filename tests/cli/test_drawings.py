from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from functions.domain.drawing import from_strokes, parse_strokes, to_png
from functions.records.tables import Sample
from tests.support.sample_drawings import SEVEN


@pytest.fixture
def seven(tmp_path):
    path = tmp_path / "seven.png"
    path.write_bytes(to_png(from_strokes(parse_strokes(SEVEN["strokes"], SEVEN["width"], SEVEN["height"], None)).ink))
    return path


def test_the_networks_are_asked_and_nothing_is_kept(call, database, seven):
    status, said, _ = call("predict", str(seven), "--json")
    assert status == 0
    answer = json.loads(said)
    assert set(answer) == {"file", "status", "label", "p", "alternatives"}
    assert str(seven) in call("predict", str(seven))[1]
    with database.reading() as session:
        assert session.scalar(select(func.count(Sample.id))) == 0


def test_a_file_becomes_one_sample_of_the_owner_however_often_it_is_given(call, database, seven):
    first, again = (json.loads(call("contribute", "digits", "7", str(seven), "--json")[1]) for _ in range(2))
    assert (first["status"], first["new"], again["new"]) == ("accepted", True, False)
    assert first["sample"] == again["sample"]
    other = json.loads(call("contribute", "digits", "1", str(seven), "--json")[1])
    assert other["sample"] != first["sample"]


def test_one_wrong_file_adds_none_of_them(call, database, seven, tmp_path):
    (tmp_path / "photo.png").write_bytes(b"\xff\xd8\xff")
    for wrong in ("photo.png", "missing.png"):
        status, _, complaint = call("contribute", "digits", "7", str(seven), str(tmp_path / wrong))
        assert status == 2
        assert wrong in complaint
    assert call("contribute", "digits", "x", str(seven))[0] == 2
    with database.reading() as session:
        assert session.scalar(select(func.count(Sample.id))) == 0
