from __future__ import annotations

import base64
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from functions.records.tables import DrawingRow, Prediction, Sample
from functions.web.platform import Platform
from tests.support.sample_drawings import BLANK
from tests.support.sample_lines import line, picture_of

READINGS = "/api/v1/sets/digits/readings"
TWO = line("17")


def read(client: FlaskClient, status: int = 200, headers: dict[str, str] | None = None, **fields: object) -> dict:
    answer = client.post(READINGS, json={**TWO, **fields}, headers=headers)
    assert answer.status_code == status, answer.json
    return answer.json


def cut(client: FlaskClient, status: int = 200, headers: dict[str, str] | None = None, **body: object) -> dict:
    answer = client.post(f"{READINGS}/cuts", json=body, headers=headers)
    assert answer.status_code == status, answer.json
    return answer.json


def ids(reading: dict) -> list[str]:
    return [glyph["prediction"]["id"] for glyph in reading["glyphs"]]


def counted(here: Platform, table: type) -> int:
    with here.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_without_consent_a_reading_has_places_and_answers_and_keeps_nothing(client: FlaskClient, here: Platform) -> None:
    reading = read(client)
    assert reading["text"] == "".join(glyph["label"] for glyph in reading["glyphs"])
    first, *_, last = reading["glyphs"]
    assert first["strokes"] == [0]
    assert first["box"] == pytest.approx([45, 40, 0, 100], abs=1)
    assert last["box"][0] > first["box"][0] + first["box"][2]
    assert {one["prediction"]["id"] for one in reading["glyphs"]} == {None}
    assert len(first["prediction"]["models"]) == 4
    assert counted(here, DrawingRow) == 0


def test_with_consent_each_symbol_is_a_drawing_that_is_corrected_alone(client: FlaskClient, here: Platform) -> None:
    reading = read(client, consent=True)
    assert counted(here, DrawingRow) == counted(here, Prediction) == len(reading["glyphs"])
    answer = client.post(f"/api/v1/predictions/{ids(reading)[0]}/correction", json={"label": "1"})
    assert answer.status_code == 202
    assert counted(here, Sample) == 1
    with here.database.reading() as session:
        rows = list(session.scalars(select(DrawingRow)))
    assert all(row.strokes is not None for row in rows)


def test_a_repeated_request_keeps_nothing_new_and_is_answered_alike(client: FlaskClient, here: Platform) -> None:
    before = len(read(client, consent=True)["glyphs"])  # the visitor has a cookie now, to whom the key belongs
    key = {"Idempotency-Key": "a-key"}
    first = read(client, headers=key, consent=True)
    assert read(client, headers=key, consent=True) == first
    assert counted(here, DrawingRow) == before + len(first["glyphs"])
    assert read(client, 422, key, consent=True, strokes=TWO["strokes"][:1])["error"]["code"] == "key_reused"


@pytest.mark.parametrize("how", ["json", "form", "body"])
def test_a_picture_of_any_aspect_is_read_with_boxes_in_its_pixels(client: FlaskClient, how: str) -> None:
    png = picture_of(line("111"))
    if how == "json":
        answer = client.post(READINGS, json={"image": base64.b64encode(png).decode()})
    elif how == "form":
        answer = client.post(READINGS, data={"image": (io.BytesIO(png), "line.png")})
    else:
        answer = client.post(READINGS, data=png, content_type="image/png")
    assert answer.status_code == 200, answer.json
    boxes = [glyph["box"] for glyph in answer.json["glyphs"]]
    assert [box[0] for box in boxes] == pytest.approx([41.5, 76.5, 111.5], abs=1.5)
    assert boxes[0][3] == pytest.approx(107, abs=2)
    assert {tuple(glyph["strokes"]) for glyph in answer.json["glyphs"]} == {()}


def test_bad_lines_get_clear_sentences(client: FlaskClient) -> None:
    assert read(client, 422, **BLANK)["error"]["message"] == "Nothing is drawn."
    many = read(client, 413, **line("1" * 31))
    assert many["error"]["message"] == "A reading may have at most 30 symbols; this drawing has 31."
    marks = client.post(READINGS, data=picture_of(line("1" * 160, size=8), pen=1), content_type="image/png")
    assert marks.status_code == 413
    assert marks.json["error"]["message"].startswith("A reading may have at most 30 symbols; this picture has ")
    assert read(client, 400, image="AAAA")["error"]["code"] == "malformed"
    assert client.post("/api/v1/sets/nothing/readings", json=TWO).status_code == 404


def test_symbols_that_belong_together_become_one_and_say_nothing_about_the_networks(client: FlaskClient, here: Platform) -> None:
    reading = read(client, consent=True, **line("11"))
    old = ids(reading)
    assert client.post(f"/api/v1/predictions/{old[0]}/correction", json={"label": "7"}).status_code == 202
    joined = cut(client, join=old)
    (glyph,) = joined["glyphs"]
    assert glyph["strokes"] == [0, 1]
    assert glyph["box"] == pytest.approx([45, 40, 35, 100], abs=1)
    assert glyph["prediction"]["id"] not in old
    with here.database.reading() as session:
        assert [(one.status, one.reason) for one in session.scalars(select(Sample))] == [("withdrawn", "corrected_again")]
        kept = [row for row in session.scalars(select(DrawingRow)) if row.square]
    assert len(kept) == 1
    assert client.post(f"/api/v1/predictions/{old[1]}/correction", json={"label": "1"}).status_code == 409
    assert client.post(f"/api/v1/predictions/{glyph['prediction']['id']}/correction", json={"label": "4"}).status_code == 202


def test_a_symbol_that_is_two_is_split_and_can_be_joined_again(client: FlaskClient) -> None:
    joined = cut(client, join=ids(read(client, consent=True, **line("11"))))
    split = cut(client, split=ids(joined)[0])
    assert [glyph["strokes"] for glyph in split["glyphs"]] == [[0], [1]]
    assert [glyph["box"][0] for glyph in split["glyphs"]] == pytest.approx([45, 80], abs=1)
    assert cut(client, join=ids(split))["glyphs"][0]["box"] == joined["glyphs"][0]["box"]


def test_symbols_of_a_picture_are_joined_and_split_where_they_were(client: FlaskClient) -> None:
    answer = client.post(f"{READINGS}?consent=true", data=picture_of(line("11")), content_type="image/png").json
    joined = cut(client, join=ids(answer))
    assert joined["glyphs"][0]["box"] == pytest.approx([41.5, 36.5, 42, 107], abs=2)
    split = cut(client, split=ids(joined)[0])
    assert [glyph["box"][0] for glyph in split["glyphs"]] == pytest.approx([41.5, 76.5], abs=2)


def test_one_joined_stroke_is_split_and_belongs_to_both(client: FlaskClient) -> None:
    zigzag = [[20, 20], [20, 120], [60, 30], [100, 30], [100, 120]]
    reading = read(client, consent=True, strokes=[zigzag], width=140, height=140)
    while len(ids(reading)) > 1:
        reading = cut(client, join=ids(reading))
    split = cut(client, split=ids(reading)[0])
    assert [glyph["strokes"] for glyph in split["glyphs"]] == [[0], [0]]
    assert cut(client, join=ids(split))["glyphs"][0]["box"] == pytest.approx([20, 20, 80, 100], abs=1)


def test_a_join_is_taken_back_by_the_boxes_that_were_there(client: FlaskClient) -> None:
    reading = read(client, consent=True, **line("111"))
    joined = cut(client, join=[ids(reading)[0], ids(reading)[1]])
    whole = cut(client, join=[ids(joined)[0], ids(reading)[2]])
    boxes = [joined["glyphs"][0]["box"], reading["glyphs"][2]["box"]]
    split = cut(client, split=ids(whole)[0], boxes=boxes)
    assert [glyph["strokes"] for glyph in split["glyphs"]] == [[0, 1], [2]]
    assert [glyph["box"] for glyph in split["glyphs"]] == [pytest.approx(box, abs=1) for box in boxes]
    assert cut(client, 400, join=ids(split), boxes=boxes)["error"]["code"] == "malformed"
    assert cut(client, 409, split=ids(split)[1], boxes=boxes)["error"]["code"] == "conflict"


def test_a_line_that_goes_on_keeps_only_what_is_new(client: FlaskClient, here: Platform) -> None:
    fields = line("171")
    before = {**fields, "strokes": fields["strokes"][:-1]}
    first = read(client, consent=True, **before)
    assert len(first["glyphs"]) == counted(here, DrawingRow)
    key = {"Idempotency-Key": "grown"}
    again = read(client, consent=True, headers=key, continues=ids(first)[:1], **fields)
    assert ids(again)[: len(ids(first))] == ids(first)
    assert counted(here, DrawingRow) == len(again["glyphs"]) == len(first["glyphs"]) + 1
    assert ids(read(client, consent=True, headers=key, continues=ids(first)[:1], **fields)) == ids(again)
    assert cut(client, join=[ids(first)[-1], ids(again)[-1]])["glyphs"], "all are of one reading"


def test_nobody_continues_the_reading_of_another(client: FlaskClient, here: Platform, app: Flask) -> None:
    first = read(client, consent=True)
    other = app.test_client()
    again = read(other, consent=True, continues=ids(first))
    assert not set(ids(again)) & set(ids(first))
    assert counted(here, DrawingRow) == len(first["glyphs"]) + len(again["glyphs"])


def test_a_mended_cut_is_not_kept_again_as_it_was(client: FlaskClient, here: Platform) -> None:
    fields = line("118")
    before = {**fields, "strokes": fields["strokes"][:2]}
    joined = cut(client, join=ids(read(client, consent=True, **before)))
    kept = counted(here, DrawingRow)
    again = read(client, consent=True, continues=ids(joined), **fields)
    assert ids(again)[:-1] == [None] * (len(again["glyphs"]) - 1)
    assert counted(here, DrawingRow) == kept + 1


def test_a_cut_is_refused_with_its_reason(client: FlaskClient) -> None:
    one, other = read(client, consent=True), read(client, consent=True)
    assert "join" in cut(client, 400)["error"]["message"]
    assert cut(client, 404, split="nothing")["error"]["code"] == "unknown_prediction"
    assert cut(client, 409, join=[ids(one)[0], ids(other)[0]])["error"]["code"] == "conflict"
    assert cut(client, 409, join=[ids(one)[0]] * 2)["error"]["code"] == "conflict"
    dot = read(client, consent=True, strokes=[[[50, 50]]], width=100, height=100)
    assert cut(client, 409, split=ids(dot)[0])["error"]["message"] == "This symbol cannot be cut in two."


def test_a_repeated_cut_finds_its_symbols(client: FlaskClient, here: Platform) -> None:
    old = ids(read(client, consent=True, **line("11")))
    key = {"Idempotency-Key": "a-cut"}
    assert cut(client, headers=key, join=old) == cut(client, headers=key, join=old)
    assert counted(here, Prediction) == 3
    assert cut(client, 409, join=old)["error"]["code"] == "conflict"


def test_readings_are_limited(make_app) -> None:
    client = make_app(limits=True).test_client()
    answers = [client.post(READINGS, json=line("1") | {"consent": True}).status_code for _ in range(14)]
    assert answers[0] == 200
    assert 429 in answers
