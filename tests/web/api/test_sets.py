"""The API of symbol sets."""

from __future__ import annotations

from flask.testing import FlaskClient

SETS = "/api/v1/sets"


def test_the_owner_creates_changes_and_deletes_a_set(client: FlaskClient, owner: dict[str, str]) -> None:
    made = client.post(SETS, json={"name": "runes", "labels": ["ᚠ", "ᚢ"], "title": "Runes"}, headers=owner)
    assert made.json["goal"] == 0
    assert (made.status_code, made.json["title"], made.json["hidden"], made.json["position"]) == (201, "Runes", False, 1)
    changes = {"title": "Old runes", "hidden": True, "labels": ["ᚢ", "ᚦ"], "position": 0, "goal": 50}
    changed = client.patch(f"{SETS}/runes", json=changes, headers=owner)
    assert changed.status_code == 200
    named = next(one for one in client.get(SETS).json["sets"] if one["name"] == "runes")
    assert named == changed.json
    assert (named["title"], named["hidden"], named["labels"], named["position"]) == ("Old runes", True, ["ᚢ", "ᚦ"], 0)
    assert named["goal"] == 50
    assert client.delete(f"{SETS}/runes", headers=owner).json == {"name": "runes", "deleted": True}
    assert [one["name"] for one in client.get(SETS).json["sets"]] == ["digits"]


def test_nobody_but_the_owner_changes_sets(client: FlaskClient) -> None:
    assert client.post(SETS, json={"name": "runes", "labels": ["ᚠ", "ᚢ"]}).status_code == 401
    assert client.patch(f"{SETS}/digits", json={"title": "x"}).status_code == 401
    assert client.delete(f"{SETS}/digits").status_code == 401


def test_what_cannot_be_changed_is_refused_with_a_reason(client: FlaskClient, owner: dict[str, str]) -> None:
    assert client.patch(f"{SETS}/runes", json={"title": "x"}, headers=owner).json["error"]["code"] == "unknown_set"
    assert client.patch(f"{SETS}/digits", json={"hidden": True}, headers=owner).status_code == 409
    assert client.patch(f"{SETS}/digits", json={"goal": -1}, headers=owner).status_code == 400
    assert client.delete(f"{SETS}/digits", headers=owner).status_code == 409
    assert client.post(SETS, json={"name": "digits", "labels": ["a", "b"]}, headers=owner).status_code == 409
