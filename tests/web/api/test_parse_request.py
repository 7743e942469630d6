from __future__ import annotations

import io
import json

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.verbs import define
from functions.web.platform import Platform
from tests.support.sample_drawings import BLANK, SEVEN, base64_png, png

SAMPLES = "/api/v1/sets/digits/samples"
PREDICTIONS = "/api/v1/sets/digits/predictions"


def code(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]["code"]


def test_all_doors_lead_to_the_same_drawing(client: FlaskClient) -> None:
    def square(**how: object) -> list[float]:
        answer = client.post(PREDICTIONS, **how)
        assert answer.status_code == 200, answer.json
        return answer.json["square"]

    picture = png()
    strokes = json.dumps(SEVEN["strokes"])
    from_strokes = square(json={**SEVEN, "square": True})
    form = {"strokes": strokes, "width": "280", "height": "280", "pointer": "pen", "square": "true"}
    assert square(data=form, content_type="multipart/form-data") == from_strokes

    from_png = square(json={"image": base64_png(), "square": True})
    assert square(json={"image": f"data:image/png;base64,{base64_png()}", "square": True}) == from_png
    upload = {"image": (io.BytesIO(picture), "x.png"), "square": "1"}
    assert square(data=upload, content_type="multipart/form-data") == from_png
    text = {"image": base64_png(), "square": "true"}
    assert square(data=text, content_type="multipart/form-data") == from_png
    assert square(data=picture, content_type="image/png", query_string={"square": "true"}) == from_png


def test_a_bare_png_contributes_with_its_label_in_the_query(client: FlaskClient) -> None:
    answer = client.post(SAMPLES, data=png(), content_type="image/png", query_string={"label": "7"})
    assert (answer.status_code, answer.json["label"]) == (201, "7")


@pytest.mark.parametrize(
    "body",
    [
        {**SEVEN},
        {**SEVEN, "label": 7},
        {**SEVEN, "label": None},
        {**SEVEN, "label": "7" * 65},
        {**SEVEN, "label": "7", "colour": "red"},
        {**SEVEN, "label": "7", "image": "x"},
        {"label": "7"},
        {"label": "7", "image": "not base64!"},
        {"label": "7", "image": "data:image/png,x"},
        {"label": "7", "image": 5},
        {"label": "7", "image": base64_png(), "width": 280},
        [],
        "7",
        {**SEVEN, "label": "\ud800"},
    ],
    ids=str,
)
def test_a_malformed_body_is_told_in_words(client: FlaskClient, body: object) -> None:
    answer = client.post(SAMPLES, json=body)
    assert code(answer) == (400, "malformed")
    message = answer.json["error"]["message"]
    assert message.endswith(".")
    assert "pydantic" not in message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    ("strokes", "width"), [("x", 280), ([[[1]]], 280), ([[["a", 2]]], 280), ([[[1, 2]]], None), ([[[1, 2]]], "280"), ({}, 280)]
)
def test_bad_strokes_are_named(client: FlaskClient, strokes: object, width: object) -> None:
    answer = client.post(PREDICTIONS, json={"strokes": strokes, "width": width, "height": 280})
    assert code(answer) == (400, "bad_strokes")


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff", b"[" * 9000, b'{"width": NaN}', b'{"strokes": [[[Infinity, 1]]]}', b"1" * 5000], ids=len
)
def test_what_is_not_json_is_refused(client: FlaskClient, data: bytes) -> None:
    assert code(client.post(PREDICTIONS, data=data, content_type="application/json")) == (400, "malformed")


def test_other_content_types_are_refused(client: FlaskClient) -> None:
    for kind in ("text/plain", "image/jpeg", "application/x-www-form-urlencoded", "", "text/html"):
        assert code(client.post(PREDICTIONS, data=png(), content_type=kind)) == (415, "wrong_type")
    assert code(client.post(PREDICTIONS, json={"image": f"data:image/jpeg;base64,{base64_png()}"})) == (415, "wrong_type")
    answer = client.post("/api/v1/predictions/x/correction", data="label=7", content_type="text/plain")
    assert code(answer) == (415, "wrong_type")


@pytest.mark.parametrize(
    "prefix",
    [
        "data:image/png;base64,",
        "data:image/PNG;base64,",
        "DATA:image/png;BASE64,",
        "data:image/png;charset=utf-8;base64,",
        "data:image/png; name=7.png ;base64,",
    ],
)
def test_a_data_url_may_have_parameters_and_capitals(client: FlaskClient, prefix: str) -> None:
    lines = "\r\n".join(base64_png()[i : i + 76] for i in range(0, len(base64_png()), 76))
    assert client.post(PREDICTIONS, json={"image": prefix + lines}).status_code == 200


@pytest.mark.parametrize(
    "prefix", ["data:;base64,", "data:image/pngx;base64,", "data:text/plain;charset=utf-8;base64,", "data:base64,"]
)
def test_a_data_url_of_something_else_is_refused(client: FlaskClient, prefix: str) -> None:
    assert client.post(PREDICTIONS, json={"image": prefix + base64_png()}).status_code in (400, 415)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"strokes": [' + b"[]," * 600_000 + b"[]]}",
        b'{"strokes": [' + b"0," * 900_000 + b"0]}",
        b'{"strokes": [[' + b"[1,1]," * 300_000 + b"[1,1]]]}",
    ],
    ids=len,
)
def test_more_lists_than_a_drawing_has_are_never_made(client: FlaskClient, body: bytes) -> None:
    assert code(client.post(PREDICTIONS, data=body, content_type="application/json")) == (413, "too_large")


@pytest.mark.parametrize("kind", ["json", "form"])
def test_thousands_of_fields_are_malformed(client: FlaskClient, kind: str) -> None:
    fields = {f"field{i}": "x" for i in range(900 if kind == "form" else 60_000)}
    how = {"json": fields} if kind == "json" else {"data": fields, "content_type": "multipart/form-data"}
    answer = client.post(PREDICTIONS, **how)
    assert answer.status_code in (400, 413)
    assert len(answer.data) < 2000


def test_a_label_typed_on_a_mac_is_the_same_label(client: FlaskClient, here: Platform) -> None:
    composed, typed = "\u00e9", "e\u0301"
    define.create_set(here.database, "vowels", ["a", composed])
    for how in (
        {"json": {**SEVEN, "label": typed}},
        {"data": png(), "content_type": "image/png", "query_string": {"label": typed}},
        {"data": {"image": (io.BytesIO(png()), "x.png"), "label": typed}, "content_type": "multipart/form-data"},
    ):
        answer = client.post("/api/v1/sets/vowels/samples", **how)
        assert (answer.status_code, answer.json["label"]) == (201, composed)
    listed = client.get("/api/v1/sets/vowels/samples", query_string={"label": typed}).json["samples"]
    assert {one["label"] for one in listed} == {composed}


def test_a_broken_picture_is_named(client: FlaskClient) -> None:
    for data in (png()[:-20], b"\x89PNG\r\n\x1a\n" + b"x" * 50):
        assert code(client.post(PREDICTIONS, data=data, content_type="image/png")) == (400, "broken_picture")


def test_what_is_no_picture_is_refused(client: FlaskClient) -> None:
    assert client.post(PREDICTIONS, data=b"GIF89a....", content_type="image/png").status_code in (400, 415)
    assert client.post(PREDICTIONS, data=b"", content_type="image/png").status_code in (400, 415)


def test_too_much_is_too_large_whichever_door_it_tries(client: FlaskClient) -> None:
    much = png() + b"x" * 2**20
    assert code(client.post(PREDICTIONS, data=much * 3, content_type="image/png")) == (413, "too_large")
    assert code(client.post(PREDICTIONS, data=much, content_type="image/png")) == (413, "too_large")
    assert code(client.post(PREDICTIONS, json={"image": "A" * (2**20 + 2**19 + 4)})) == (413, "too_large")
    form = {"image": (io.BytesIO(much * 3), "x.png")}
    assert code(client.post(PREDICTIONS, data=form, content_type="multipart/form-data")) == (413, "too_large")
    points = [[[1, 1]] * 10_001]
    assert code(client.post(PREDICTIONS, json={"strokes": points, "width": 9, "height": 9})) == (413, "too_large")
    assert code(client.post(PREDICTIONS, json={**SEVEN, "strokes": [[[1, 1]]] * 201})) == (413, "too_large")


def test_a_body_without_a_length_is_too_large_too(client: FlaskClient) -> None:
    boundary = b"--x\r\nContent-Disposition: form-data; name=image; filename=x.png\r\n\r\n"
    for kind, start in (("image/png", png()), ("application/json", b'"'), ("multipart/form-data; boundary=x", boundary)):
        chunked = {"wsgi.input_terminated": True, "wsgi.input": io.BytesIO(start + b"x" * 3 * 2**20)}
        answer = client.post(PREDICTIONS, content_type=kind, environ_overrides=chunked)
        assert code(answer) == (413, "too_large"), kind


def test_a_form_is_as_strict_as_json(client: FlaskClient) -> None:
    def post(form: object) -> tuple[int, str]:
        return code(client.post(SAMPLES, data=form, content_type="multipart/form-data"))

    def picture() -> tuple[io.BytesIO, str]:
        return io.BytesIO(png()), "x.png"

    assert post({"image": picture()}) == (400, "malformed")
    assert post({"image": picture(), "label": "7", "colour": "red"}) == (400, "malformed")
    assert post({"image": picture(), "other": picture(), "label": "7"}) == (400, "malformed")
    assert post({"image": [picture(), picture()], "label": "7"}) == (400, "malformed")
    assert post({"image": picture(), "label": ["7", "1"]}) == (400, "malformed")
    assert post({"image": picture(), "strokes": "[]", "label": "7"}) == (400, "malformed")
    assert post({"strokes": "[", "width": "1", "height": "1", "label": "7"}) == (400, "malformed")
    assert post({"label": "7"}) == (400, "malformed")


def test_a_truth_value_in_a_form_is_true_or_false(client: FlaskClient) -> None:
    for value in ("yes", "", "2"):
        answer = client.post(PREDICTIONS, data=png(), content_type="image/png", query_string={"consent": value})
        assert code(answer) == (400, "malformed")
    assert code(client.post(PREDICTIONS, json={**SEVEN, "consent": "true"})) == (400, "malformed")


def test_json_takes_nothing_from_the_query(client: FlaskClient) -> None:
    answer = client.post(f"{SAMPLES}?label=7", json={**SEVEN, "label": "1"})
    assert code(answer) == (400, "malformed")


def test_a_blank_contribution_is_understood_and_not_accepted(client: FlaskClient) -> None:
    white = b"\xff" * 10
    assert code(client.post(SAMPLES, json={**BLANK, "label": "7"})) == (422, "blank_drawing"), white
    outside = {"strokes": [[[-100, -100], [-50, -50]]], "width": 280, "height": 280, "label": "7"}
    assert code(client.post(SAMPLES, json=outside)) == (422, "blank_drawing")


def test_an_unknown_label_and_an_unknown_set_are_named(client: FlaskClient) -> None:
    for label in ("x", "", "77", "\x00", "🙂"):
        assert code(client.post(SAMPLES, json={**SEVEN, "label": label})) == (422, "unknown_label")
    assert code(client.post("/api/v1/sets/letters/samples", json={**SEVEN, "label": "a"})) == (404, "unknown_set")


@pytest.mark.parametrize(
    "disposition", ["form-data", 'form-data; filename="x.png"', 'form-data; name=""', 'form-data; name="\x00"']
)
def test_a_part_of_a_form_without_a_name_is_no_fault_of_the_server(client: FlaskClient, disposition: str) -> None:
    part = f"--x\r\nContent-Disposition: {disposition}\r\n\r\n1\r\n"
    for form in (part, part + part, part + part.replace(disposition, 'form-data; name="y"; filename="z"')):
        sent = client.post(PREDICTIONS, data=f"{form}--x--\r\n".encode(), content_type="multipart/form-data; boundary=x")
        assert code(sent) == (400, "malformed")
