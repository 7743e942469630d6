"""A picture from a form is answered on a page without a script, and nothing of it is kept."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from functions.domain.answer import Answer, Guess
from functions.records.tables import DrawingRow
from functions.web.pages.translations import words
from functions.web.pages.uploaded import Said, in_words
from functions.web.platform import Platform
from tests.support.sample_drawings import png


def send(client: FlaskClient, picture: bytes = b"", **headers: str) -> Any:
    return client.post("/recognise/digits", data={"image": (io.BytesIO(picture), "seven.png")}, headers=headers)


def test_both_networks_answer_a_picture_and_nothing_of_it_is_kept(client: FlaskClient, here: Platform) -> None:
    answer = send(client, png())
    assert answer.status_code == 200
    assert '<p class="answer-words"><b>1</b>' in answer.text
    assert answer.text.count('class="prediction"') == 2
    assert 'aria-current="true">Recognise</a>' in answer.text
    assert answer.text.count('aria-label="The picture that the networks get"') == 1
    with here.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(DrawingRow)) == 0
    assert "inkloop" not in answer.headers.get("Set-Cookie", "")


@pytest.mark.parametrize(
    ("picture", "status", "sentence"),
    [
        (b"\xff\xd8\xff\xe0 a photograph", 415, "only PNG pictures can be read"),
        (b"", 415, "only PNG pictures can be read"),
        (png()[:60], 400, "could not read this picture"),
        (png() + b"\0" * 2**20, 413, "at most 1 MB"),
    ],
)
def test_a_picture_that_cannot_be_read_is_answered_with_a_sentence_and_the_form(
    client: FlaskClient, picture: bytes, status: int, sentence: str
) -> None:
    answer = send(client, picture)
    assert answer.status_code == status
    assert sentence in answer.text
    assert "<h1>Let the networks read a picture</h1>" in answer.text
    assert 'name="image"' in answer.text


def test_a_form_of_another_site_is_refused(client: FlaskClient) -> None:
    assert send(client, png(), **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert send(client, png(), Origin="https://example.org").status_code == 403


def test_a_form_of_very_many_fields_is_not_read(client: FlaskClient) -> None:
    assert client.post("/recognise/digits", data={f"f{number}": "x" for number in range(100)} | {"image": "x"}).status_code == 415
    parts = {f"f{number}": "x" for number in range(100)} | {"image": (io.BytesIO(png()), "seven.png")}
    assert client.post("/recognise/digits", data=parts).status_code == 413


def test_a_set_that_is_not_there_has_no_answer(client: FlaskClient) -> None:
    assert client.post("/recognise/none", data={"image": (io.BytesIO(png()), "a.png")}).status_code == 404


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer("sure", "7", 0.98), Said("", "7", "\u00a0(98\u00a0%)")),
        (Answer("sure", "7", 0.9999), Said("", "7", "\u00a0(>\u00a099.9\u00a0%)")),
        (Answer("unsure", "7", 0.4), Said("Not sure:\u00a0", "7", "?")),
        (Answer("sure", "O", 0.5, (Guess("0", 0.4),)), Said("", "O", ", or the digit 0")),
        (Answer("not_a_symbol", None, 0.9), Said("Probably not a symbol", "", "")),
    ],
)
def test_an_answer_is_said_as_the_scripts_say_it(answer: Answer, said: Said) -> None:
    assert in_words(answer, words("en"), {"0": "digit"}) == said
