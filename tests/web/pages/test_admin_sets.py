"""The owner's page of symbol sets."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from functions import registry
from functions.verbs import define
from functions.web.platform import Platform
from tests.support.pages import sign_in


def labels_of(here: Platform, name: str) -> tuple[str, ...]:
    with here.database.reading() as session:
        return registry.symbol_set(session, name).labels


def test_the_owner_makes_a_set_and_sees_what_is_missing(client: FlaskClient, here: Platform) -> None:
    csrf = sign_in(client)
    answer = client.post("/admin/sets", data={"csrf": csrf, "name": "cyrillic", "labels": "А Б\r\nВ"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/sets#set-cyrillic")
    assert labels_of(here, "cyrillic") == ("А", "Б", "В")
    page = client.get("/admin/sets").text
    assert "Missing: А 30 more, Б 30 more, В 30 more." in page
    assert '/contribute?set=cyrillic"' in page
    assert 'href="/admin/sets"' in client.get("/admin/").text


def test_the_owner_adds_a_label_to_a_shipped_set(client: FlaskClient, here: Platform) -> None:
    csrf = sign_in(client)
    assert client.post("/admin/sets/labels", data={"csrf": csrf, "set": "digits", "label": " A "}).status_code == 303
    assert labels_of(here, "digits")[-1] == "A"
    assert "Missing: A 30 more." in client.get("/admin/sets").text


@pytest.mark.parametrize(
    ("name", "labels", "status", "said"),
    [
        ("Cyrillic", "А Б", 422, "lower-case letters"),
        ("cyrillic", "А", 422, "at least two labels"),
        ("digits", "А Б", 409, "already"),
    ],
)
def test_a_mistake_is_told_in_words_and_what_was_typed_stays(
    client: FlaskClient, name: str, labels: str, status: int, said: str
) -> None:
    csrf = sign_in(client)
    answer = client.post("/admin/sets", data={"csrf": csrf, "name": name, "labels": labels})
    assert answer.status_code == status
    assert said in answer.text
    assert f'value="{name}"' in answer.text
    assert f">{labels}</textarea>" in answer.text


def test_a_label_that_cannot_be_is_told_at_its_set(client: FlaskClient, here: Platform) -> None:
    csrf = sign_in(client)
    for label, status in (("7", 409), ("a b", 422), ("", 422)):
        answer = client.post("/admin/sets/labels", data={"csrf": csrf, "set": "digits", "label": label})
        assert answer.status_code == status
        assert 'role="alert"' in answer.text
    assert client.post("/admin/sets/labels", data={"csrf": csrf, "set": "runes", "label": "A"}).status_code == 404
    assert labels_of(here, "digits") == tuple("0123456789")


def test_only_the_owner_defines_sets(client: FlaskClient, here: Platform) -> None:
    assert client.get("/admin/sets").status_code == 302
    given = {"name": "cyrillic", "labels": "А Б"}
    assert client.post("/admin/sets", data=given).status_code == 302
    sign_in(client)
    assert client.post("/admin/sets", data=given).status_code == 403
    assert client.post("/admin/sets/labels", data={"set": "digits", "label": "A"}).status_code == 403
    with here.database.reading() as session:
        assert [one.name for one in registry.symbol_sets(session)] == ["digits"]


def test_a_set_whose_labels_are_known_says_so(client: FlaskClient, here: Platform) -> None:
    sign_in(client)
    assert "The networks have learned every label." in client.get("/admin/sets").text
    define.create_set(here.database, "runes", ["ᚠ", "ᚢ"])
    assert "Missing: ᚠ 30 more" in client.get("/admin/sets").text
