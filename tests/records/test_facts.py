from __future__ import annotations

import json
import zlib

import pytest

from functions.records.database import Database
from functions.records.facts import BrokenFacts, drawing_facts, facts, read_facts, read_set_facts, set_facts
from functions.records.tables import Contributor, DrawingRow, Prediction, Sample, SymbolSetRow, now

STROKES = {"lines": [[[1, 2.5, 0], [3.25, 4, 16]]], "width": 280, "height": 280, "pointer": "pen"}


def _drawing(strokes: dict[str, object] | None = None) -> DrawingRow:
    packed = None if strokes is None else zlib.compress(json.dumps(strokes).encode())
    square = zlib.compress(bytes(range(196)) * 4)
    return DrawingRow(
        id="d" * 32, set_name="digits", contributor_id="c" * 32, strokes=packed, square=square, png_sha256="0" * 64, created=now()
    )


def _sample(**changes: object) -> Sample:
    plain = {
        "id": "5" * 32,
        "set_name": "digits",
        "label": "7",
        "status": "accepted",
        "reason": "hostile",
        "reason_figures": {"of": "block", "surprising": 16, "count": 20},
        "source": "contribution",
        "drawing_id": "d" * 32,
        "contributor_id": "c" * 32,
        "created": now(),
    }
    return Sample(**(plain | changes))


def test_facts_say_everything_that_the_rows_say() -> None:
    sample, drawing = _sample(idempotency="f" * 64), _drawing(STROKES)
    read = read_facts(facts(sample, drawing))
    assert read.sample is not None
    assert (read.set, read.sample.label, read.sample.status) == ("digits", "7", "accepted")
    assert read.sample.why == ("hostile", {"of": "block", "surprising": 16, "count": 20})
    assert (read.sample.source, read.sample.idempotency, read.sample.created) == ("contribution", "f" * 64, sample.created)
    assert (read.drawing.id, read.drawing.created, read.drawing.strokes) == ("d" * 32, drawing.created, STROKES)
    assert read.prediction is None
    assert read.key == f"samples/digits/7/{'5' * 32}.json"


def test_equal_rows_have_equal_bytes() -> None:
    sample, drawing = _sample(label=None), _drawing()
    assert facts(sample, drawing) == facts(sample, drawing)
    assert read_facts(facts(sample, drawing)).key == f"samples/digits/_not-a-symbol/{'5' * 32}.json"
    names = list(json.loads(facts(sample, drawing)))
    assert names == sorted(names)


def test_a_drawing_without_a_label_has_facts_too() -> None:
    read = read_facts(drawing_facts(_drawing(STROKES)))
    assert read.sample is None
    assert read.key == f"drawings/digits/{'d' * 32}.json"


def test_a_correction_names_its_prediction(database: Database) -> None:
    opinions = {"models": [{"learner": "fnn", "version": "digits-fnn-00000000", "top": [{"label": "1", "p": 0.25}]}]}
    with database.writing() as session:
        session.add_all([SymbolSetRow(name="digits", labels=["1", "7"]), Contributor(id="c" * 32)])
        session.flush()
        drawing = _drawing()
        session.add(drawing)
        session.flush()
        kept = {"id": "p", "set_name": "digits", "drawing_id": drawing.id, "contributor_id": "c" * 32}
        prediction = Prediction(**kept, answer={"label": "1"}, opinions=opinions)
        session.add(prediction)
        session.flush()
        sample = _sample(source="correction", prediction_id="p")
        session.add(sample)
        session.flush()
        read = read_facts(facts(sample, drawing, prediction))
    assert read.prediction is not None
    assert (read.prediction.id, read.prediction.answer, read.prediction.opinions) == ("p", {"label": "1"}, opinions)


def test_a_set_keeps_its_labels_in_order() -> None:
    row = SymbolSetRow(name="greek", labels=["β", "α", "γ"], created=now())
    read = read_set_facts(set_facts(row))
    assert (read.set, read.labels, read.created) == ("greek", ["β", "α", "γ"], row.created)
    assert (read.confusable, read.origin) == ([], "shipped")


def test_a_set_keeps_its_confusable_labels_and_its_origin() -> None:
    row = SymbolSetRow(name="signs", labels=["0", "O"], confusable=[["0", "O"]], origin="owner", created=now())
    read = read_set_facts(set_facts(row))
    assert (read.confusable, read.origin) == ([["0", "O"]], "owner")


def test_a_goal_is_told_only_where_there_is_one() -> None:
    row = SymbolSetRow(name="signs", labels=["0", "O"], created=now())
    assert b"goal" not in set_facts(row)
    row.goal = 50
    assert read_set_facts(set_facts(row)).goal == 50


def test_the_sentence_of_facts_from_before_there_were_codes_is_read_as_a_code() -> None:
    whole = json.loads(facts(_sample(), _drawing()))
    del whole["sample"]["reason_figures"]
    whole["sample"]["reason"] = "16 of the last 20 labels from this place seem wrong to both networks"
    read = read_facts(json.dumps(whole).encode())
    assert read.sample.why == ("hostile", {"of": "block", "surprising": 16, "count": 20})


def test_facts_of_a_set_from_before_sets_had_an_origin_can_be_read() -> None:
    read = read_set_facts(b'{"created":"2026-01-01T00:00:00Z","format":1,"labels":["a","b"],"set":"letters"}')
    assert (read.labels, read.confusable, read.origin) == (["a", "b"], [], "shipped")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: b"",
        lambda whole: whole[:-5],
        lambda whole: b"[]",
        lambda whole: whole.replace(b'"accepted"', b'"wonderful"'),
        lambda whole: whole.replace(b'"format":1', b'"format":2'),
        lambda whole: whole.replace(b'"set":"digits"', b'"set":7'),
        lambda whole: whole.replace(b'"label"', b'"lable"'),
        lambda whole: whole.replace(b"5" * 32, b"../" * 5),
        lambda whole: whole.replace(b'"square":"', b'"square":"AAAA'),
    ],
)
def test_broken_facts_are_refused(spoil: object) -> None:
    whole = facts(_sample(), _drawing())
    with pytest.raises(BrokenFacts):
        read_facts(spoil(whole))
