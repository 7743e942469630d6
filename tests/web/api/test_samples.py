from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient

from functions.records import outbox
from functions.records.outbox_room import depth
from functions.records.tables import Sample
from functions.web.platform import Platform
from tests.support.platform_fakes import quiet_times
from tests.support.sample_drawings import ONE, SEVEN, png

SAMPLES = "/api/v1/sets/digits/samples"


def give(client: FlaskClient, label: str = "7", drawn: dict = SEVEN, **headers: str) -> dict:
    answer = client.post(SAMPLES, json={**drawn, "label": label}, headers=headers)
    assert answer.status_code == 201, answer.json
    return answer.json


def set_status(here: Platform, sample: str, status: str) -> None:
    with here.database.writing() as session:
        session.get_one(Sample, sample).status = status


def test_a_contribution_is_answered_with_its_id_label_status_and_receipt(client: FlaskClient) -> None:
    answer = give(client)
    assert set(answer) == {"id", "label", "status", "receipt"}
    assert (answer["label"], answer["status"]) == ("7", "accepted")


def test_a_sample_can_be_read_after_it_was_contributed(client: FlaskClient) -> None:
    made = give(client)
    sample = client.get(f"/api/v1/samples/{made['id']}").json
    assert sample["id"] == made["id"]
    assert sample["created"].endswith("Z")
    assert {key: sample[key] for key in ("set", "label", "status", "source")} == {
        "set": "digits",
        "label": "7",
        "status": "accepted",
        "source": "contribution",
    }


def test_the_picture_is_there_before_and_after_it_reached_the_store(client: FlaskClient, here: Platform) -> None:
    made = give(client)
    before = client.get(f"/api/v1/samples/{made['id']}.png")
    outbox.drain(here.database, here.store)
    after = client.get(f"/api/v1/samples/{made['id']}.png")
    assert before.data == after.data == png(SEVEN)
    assert after.mimetype == "image/png"


def test_a_picture_that_the_browser_has_is_not_sent_again_but_always_asked_for(client: FlaskClient) -> None:
    address = f"/api/v1/samples/{give(client)['id']}.png"
    first = client.get(address)
    assert "no-cache" in first.headers["Cache-Control"]
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_repeated_request_with_a_key_finds_the_same_sample_and_receipt(client: FlaskClient) -> None:
    first = give(client, **{"Idempotency-Key": "k1"})
    assert give(client, **{"Idempotency-Key": "k1"}) == first
    assert len(client.get(SAMPLES).json["samples"]) == 1


def test_a_visitor_without_a_cookie_may_repeat_too(app, client: FlaskClient) -> None:
    first = give(app.test_client(use_cookies=False), **{"Idempotency-Key": "k1"})
    again = app.test_client(use_cookies=False).post(SAMPLES, json={**SEVEN, "label": "7"}, headers={"Idempotency-Key": "k1"})
    assert again.json == first
    assert "Set-Cookie" not in again.headers


def test_nobody_gets_anothers_receipt_by_its_key(app) -> None:
    first = give(app.test_client(use_cookies=False), **{"Idempotency-Key": "k1"})
    other = {"json": {**ONE, "label": "1"}, "headers": {"Idempotency-Key": "k1"}}
    here = app.test_client(use_cookies=False).post(SAMPLES, **other)
    assert (here.status_code, here.json["error"]["code"]) == (422, "key_reused")
    elsewhere = app.test_client(use_cookies=False).post(SAMPLES, **other, environ_overrides={"REMOTE_ADDR": "203.0.113.7"})
    assert elsewhere.status_code == 201
    assert elsewhere.json["id"] != first["id"]


def test_a_key_that_was_used_for_another_drawing_or_label_is_refused(client: FlaskClient) -> None:
    give(client)  # the visitor gets its cookie
    give(client, **{"Idempotency-Key": "k1"})
    for body in ({**SEVEN, "label": "1"}, {**ONE, "label": "7"}):
        answer = client.post(SAMPLES, json=body, headers={"Idempotency-Key": "k1"})
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "key_reused")


def test_a_key_that_is_no_key_is_refused(client: FlaskClient) -> None:
    for key in ("x" * 256, "naïve"):
        answer = client.post(SAMPLES, json={**SEVEN, "label": "7"}, headers={"Idempotency-Key": key})
        assert answer.status_code == 400


def test_the_list_is_newest_first_and_pages_without_gaps(client: FlaskClient) -> None:
    made = [give(client)["id"] for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = client.get(SAMPLES, query_string={"limit": 2, **({"cursor": cursor} if cursor else {})}).json
        seen += [sample["id"] for sample in page["samples"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(made, reverse=True)


def test_the_list_is_narrowed_by_label_status_and_source(client: FlaskClient, here: Platform) -> None:
    seven, one = give(client)["id"], give(client, "1", ONE)["id"]
    set_status(here, one, "pending")

    def ids(**query: str) -> list[str]:
        return [sample["id"] for sample in client.get(SAMPLES, query_string=query).json["samples"]]

    assert ids(label="7") == [seven]
    assert ids(status="pending") == [one]
    assert ids(source="correction") == []
    assert ids(source="contribution") == [one, seven]
    assert ids(label="") == []


def test_the_list_leaves_out_what_was_rejected_or_withdrawn_unless_asked(client: FlaskClient, here: Platform) -> None:
    kept, rejected = give(client)["id"], give(client)["id"]
    set_status(here, rejected, "rejected")
    assert [sample["id"] for sample in client.get(SAMPLES).json["samples"]] == [kept]
    assert [sample["id"] for sample in client.get(f"{SAMPLES}?status=rejected").json["samples"]] == [rejected]


def test_a_list_refuses_what_it_does_not_know(client: FlaskClient) -> None:
    for query in ("limit=0", "limit=201", "limit=x", "cursor=%00", "cursor=", "status=odd", "sort=up", "limit=1&limit=2"):
        answer = client.get(f"{SAMPLES}?{query}")
        assert (answer.status_code, answer.json["error"]["code"]) == (400, "malformed"), query
    assert client.get(f"{SAMPLES}?label=x").json["error"]["code"] == "unknown_label"


def test_a_withdrawn_sample_is_gone_and_can_be_withdrawn_again(client: FlaskClient, here: Platform) -> None:
    made = give(client)
    outbox.drain(here.database, here.store)
    assert len(list(here.store.keys("samples/"))) == 2
    for _ in range(2):
        answer = client.delete(f"/api/v1/samples/{made['id']}?receipt={made['receipt']}")
        assert (answer.status_code, answer.json) == (202, {"id": made["id"], "status": "withdrawn", "versions": []})
    outbox.drain(here.database, here.store)
    assert list(here.store.keys("samples/")) == []
    assert client.get(f"/api/v1/samples/{made['id']}").json["error"]["code"] == "unknown_sample"
    assert client.get(f"/api/v1/samples/{made['id']}.png").status_code == 404
    assert client.get(SAMPLES).json["samples"] == []


def test_only_the_right_receipt_withdraws(client: FlaskClient, owner: dict[str, str]) -> None:
    made, other = give(client), give(client)
    for query in ("", f"?receipt={other['receipt']}", "?receipt=", "?receipt=%F0%9F%98%80"):
        answer = client.delete(f"/api/v1/samples/{made['id']}{query}")
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "not_allowed")
    assert client.delete(f"/api/v1/samples/{made['id']}?receipt={other['receipt']}", headers=owner).status_code == 403
    assert client.delete(f"/api/v1/samples/{made['id']}", headers=owner).status_code == 202
    assert client.delete("/api/v1/samples/nothing?receipt=x").status_code == 404


def test_a_picture_that_is_not_accepted_is_only_for_its_author_and_the_owner(
    app, client: FlaskClient, here: Platform, owner: dict[str, str]
) -> None:
    made = give(client)
    set_status(here, made["id"], "pending")
    address = f"/api/v1/samples/{made['id']}.png"
    stranger = app.test_client()
    assert client.get(address).status_code == 200
    assert stranger.get(address, headers=owner).status_code == 200
    assert stranger.get(address).json["error"]["code"] == "not_allowed"
    assert stranger.get(f"/api/v1/samples/{made['id']}").json["status"] == "pending"


def test_in_a_moderated_house_a_contribution_waits_and_the_owners_does_not(make_app) -> None:
    app = make_app(trust="moderated")
    assert give(app.test_client())["status"] == "pending"
    assert quiet_times(app.extensions["inkloop"].database) == []


def test_the_sets_tell_their_labels_counts_and_live_versions(client: FlaskClient) -> None:
    give(client)
    answer = client.get("/api/v1/sets").json
    assert answer["next"] is None
    (digits,) = answer["sets"]
    assert digits["labels"] == list("0123456789")
    assert (digits["confusable"], digits["origin"]) == ([], "shipped")
    assert digits["counts"]["7"] == 1
    assert digits["counts"]["0"] == 0
    assert digits["live"] == {"fnn": "digits-fnn-1", "cnn": "digits-cnn-1"}


def test_while_the_outbox_is_full_nothing_is_accepted_and_predictions_without_consent_go_on(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(outbox_rows=20)  # the start has sent sets and versions
    client, here = app.test_client(), app.extensions["inkloop"]
    kept = client.post("/api/v1/sets/digits/predictions", json={**SEVEN, "consent": True}).json["id"]
    with here.database.writing() as session:
        outbox.send(session, *(outbox.Object(f"x/{number}.png", b"waiting", "image/png") for number in range(20)))
    here.outbox_room._next = 0.0
    with here.database.reading() as session:
        before = depth(session)
    for address, body in (
        (SAMPLES, {**SEVEN, "label": "7"}),
        ("/api/v1/sets/digits/predictions", {**SEVEN, "consent": True}),
        (f"/api/v1/predictions/{kept}/correction", {"label": "1"}),
    ):
        answer = client.post(address, json=body)
        assert (answer.status_code, answer.json["error"]["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
    assert client.post("/api/v1/sets/digits/predictions", json=SEVEN).status_code == 200
    ready = client.get("/readyz")  # it predicts
    assert (ready.status_code, "Too many drawings wait" in ready.json["reasons"][0]) == (200, True)
    with here.database.reading() as session:
        assert depth(session) == before
    outbox.drain(here.database, here.store)
    here.outbox_room._next = 0.0
    give(client)


def test_a_list_names_its_next_page_in_a_header(client: FlaskClient) -> None:
    for _ in range(3):
        client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"})
    answer = client.get("/api/v1/sets/digits/samples?limit=2&label=7")
    address = re.fullmatch(r'<(/api/v1/sets/digits/samples\?[^>]+)>; rel="next"', answer.headers["Link"])[1]
    last = client.get(address)
    assert (len(answer.json["samples"]), len(last.json["samples"])) == (2, 1)
    assert "limit=2&label=7" in address
    assert "Link" not in last.headers
    assert not {one["id"] for one in answer.json["samples"]} & {one["id"] for one in last.json["samples"]}


def test_a_list_filters_as_the_gallery_does(client: FlaskClient, here: Platform) -> None:
    sample = client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).json["id"]
    with here.database.writing() as session:
        found = session.get_one(Sample, sample)
        found.status, found.split, found.reason, found.created = (
            "accepted",
            "test",
            "surprising",
            datetime(2026, 1, 31, tzinfo=UTC),
        )

    def ids(query: str) -> list[str]:
        return [one["id"] for one in client.get(f"/api/v1/sets/digits/samples?{query}").json["samples"]]

    for query in ("split=test", "since=2026-01-31&until=2026-02-01", "doubted=true", "source=contribution&split=test"):
        assert ids(query) == [sample], query
    for query in ("split=train", "since=2026-02-01", "until=2026-01-31", "source=import"):
        assert ids(query) == [], query
    for wrong in ("split=all", "since=yesterday", "doubted=perhaps"):
        assert client.get(f"/api/v1/sets/digits/samples?{wrong}").status_code == 400
