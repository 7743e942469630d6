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
    assert "Still needed: А 30 more, Б 30 more, В 30 more." in page
    assert '/contribute?set=cyrillic"' in page
    assert 'href="/admin/sets"' in client.get("/admin/").text


def test_the_owner_adds_a_label_to_a_shipped_set(client: FlaskClient, here: Platform) -> None:
    csrf = sign_in(client)
    assert client.post("/admin/sets/labels", data={"csrf": csrf, "set": "digits", "label": " A "}).status_code == 303
    assert labels_of(here, "digits")[-1] == "A"
    assert "Still needed: A 30 more." in client.get("/admin/sets").text


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
    assert "Still needed: ᚠ 30 more" in client.get("/admin/sets").text


def change(client: FlaskClient, csrf: str, **fields: str) -> int:
    return client.post("/admin/sets/change", data={"csrf": csrf, **fields}).status_code


def test_a_set_is_titled_hidden_and_moved(client: FlaskClient, here: Platform) -> None:
    define.create_set(here.database, "runes", ["ᚠ", "ᚢ"])
    csrf = sign_in(client)
    assert change(client, csrf, set="runes", act="title", title="  Old   runes ") == 303
    assert "The title is “Old runes” now." in client.get("/admin/sets").text
    assert "<span>Old runes</span>" in client.get("/dataset").text
    assert change(client, csrf, set="runes", act="up") == 303
    assert "<span>Old runes</span>" in client.get("/dataset/digits").text.partition("Digits")[0]
    assert change(client, csrf, set="runes", act="hide") == 303
    page = client.get("/admin/sets").text
    assert "not in the menus" in page
    assert '<input type="hidden" name="act" value="show">' in page  # the way back
    assert "Old runes" not in client.get("/dataset/digits").text
    assert client.get("/contribute/runes").status_code == 200
    assert client.get("/api/v1/sets/runes/samples").status_code == 200
    assert change(client, csrf, set="digits", act="hide") == 409
    assert change(client, csrf, set="digits", act="burn") == 400


def test_a_set_gets_a_goal_that_can_be_undone(client: FlaskClient, here: Platform) -> None:
    csrf = sign_in(client)
    assert 'id="goal"' not in client.get("/contribute/digits").text
    assert change(client, csrf, set="digits", act="goal", goal=" 1200 ", at="set") == 303
    page = client.get("/admin/sets/digits").text
    assert "Drawings wanted of each label of “Digits”: 1,200." in page
    assert '<input type="hidden" name="goal" value="0">' in page  # the way back
    assert 'value="1200"' in page
    assert "Drawings wanted of each symbol: 1,200. Collected: 0 of 12,000." in client.get("/contribute/digits").text
    assert [change(client, csrf, set="digits", act="goal", goal=goal) for goal in ("many", "-1", "1000001")] == [422] * 3
    assert change(client, csrf, set="digits", act="goal", goal="") == 303
    assert 'id="goal"' not in client.get("/contribute/digits").text


def test_a_hidden_set_is_not_where_a_visitor_arrives(client: FlaskClient, here: Platform) -> None:
    define.create_set(here.database, "runes", ["ᚠ", "ᚢ"])
    client.get("/contribute/runes")
    assert client.get("/contribute").headers["Location"] == "/contribute/runes"
    define.change_set(here.database, "runes", define.SetChange(hidden=True))
    assert client.get("/contribute").status_code == 200
    assert 'href="/models/runes"' in client.get("/contribute/runes").text  # who has the address stays in the set


def test_labels_are_put_right_on_the_page_of_their_set(client: FlaskClient, here: Platform) -> None:
    define.create_set(here.database, "cyrillic", ["А", "Ъ", "Б"])
    csrf = sign_in(client)

    def act(act: str, label: str, **more: str) -> int:
        return client.post(
            "/admin/sets/labels/change", data={"csrf": csrf, "set": "cyrillic", "act": act, "label": label, **more}
        ).status_code

    assert act("rename", "Ъ", to="В") == 303
    assert act("down", "В") == 303
    assert labels_of(here, "cyrillic") == ("А", "Б", "В")
    assert act("up", "А") == 303  # the first one stays
    assert act("remove", "Б") == 303
    page = client.get("/admin/sets/cyrillic").text
    assert "Б was removed." in page
    assert '<input type="hidden" name="label" value="Б">' in page  # the way back
    assert labels_of(here, "cyrillic") == ("А", "В")
    assert [act("remove", "В"), act("rename", "А", to="a b"), act("rename", "X", to="Y"), act("burn", "А")] == [
        422,
        422,
        422,
        400,
    ]
    assert labels_of(here, "cyrillic") == ("А", "В")


def test_an_empty_set_is_deleted_after_a_question(client: FlaskClient, here: Platform) -> None:
    define.create_set(here.database, "runes", ["ᚠ", "ᚢ"])
    csrf = sign_in(client)
    assert 'href="/admin/sets/runes/deletion"' in client.get("/admin/sets/runes").text
    assert "/admin/sets/digits/deletion" not in client.get("/admin/sets/digits").text
    assert "cannot be undone" in client.get("/admin/sets/runes/deletion").text
    assert client.post("/admin/sets/delete", data={"csrf": csrf, "set": "digits"}).status_code == 409
    assert client.post("/admin/sets/delete", data={"set": "runes"}).status_code == 403
    assert client.post("/admin/sets/delete", data={"csrf": csrf, "set": "runes"}).status_code == 303
    assert client.get("/admin/sets/runes").status_code == 404
