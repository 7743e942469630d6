"""The page of one drawing: who may see it, and what it tells."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient

from functions import registry
from functions.records.tables import Sample
from functions.web.platform import Platform
from tests.support.learned_versions import learned
from tests.support.pages import Reader, read, sign_in
from tests.support.sample_drawings import SEVEN

SAMPLES = "/api/v1/sets/digits/samples"


def contribute(client: FlaskClient, label: str = "7") -> dict[str, str]:
    return client.post(SAMPLES, json={**SEVEN, "label": label}).json


def set_status(here: Platform, sample: str, status: str) -> None:
    with here.database.writing() as session:
        session.get_one(Sample, sample).status = status


def test_an_accepted_drawing_is_shown_to_everybody(client: FlaskClient, here: Platform) -> None:
    sample = contribute(client)["id"]
    text, reader = read(here_client(client), f"/dataset/digits/{sample}")
    told = json.loads(reader.data)
    assert reader.inline == []
    assert (told["sample"], told["receipt"]) == (sample, None)
    assert told["strokes"]["strokes"], "they are replayed"
    assert 'name="receipt"' in text, "whoever has its receipt can withdraw it"
    assert text.count('<th scope="row">') == 4, "all four networks say what it is"


def here_client(client: FlaskClient) -> FlaskClient:
    """Return another visitor's browser."""
    return client.application.test_client()


@pytest.mark.parametrize("status", ["pending", "quarantined", "rejected"])
def test_what_is_not_accepted_is_for_its_author_and_the_owner(client: FlaskClient, here: Platform, status: str) -> None:
    sample = contribute(client)["id"]
    set_status(here, sample, status)
    address, owner = f"/dataset/digits/{sample}", here_client(client)
    assert here_client(client).get(address).status_code == 403
    assert json.loads(Reader(client.get(address).text).data)["receipt"]
    sign_in(owner)
    assert 'value="accept"' in owner.get(address).text


def test_a_withdrawn_drawing_is_for_nobody(client: FlaskClient) -> None:
    made = contribute(client)
    address = f"/dataset/digits/{made['id']}"
    told = json.loads(Reader(client.get(address).text).data)
    assert told["receipt"] == made["receipt"], "its author withdraws it with the receipt of the page"
    assert client.delete(f"/api/v1/samples/{made['id']}?receipt={told['receipt']}").status_code == 202
    sign_in(client)
    assert client.get(address).status_code == 404


def test_a_drawing_of_another_set_or_of_none_is_not_found(client: FlaskClient) -> None:
    sample = contribute(client)["id"]
    assert client.get(f"/dataset/digits/{'0' * 32}").status_code == 404
    assert client.get(f"/dataset/nothing/{sample}").status_code == 404


def test_a_correction_tells_what_the_networks_said_then_and_the_labels_before(client: FlaskClient) -> None:
    asked = client.post("/api/v1/sets/digits/predictions", json={**SEVEN, "consent": True}).json["id"]
    client.post(f"/api/v1/predictions/{asked}/correction", json={"label": "4"})
    sample = client.post(f"/api/v1/predictions/{asked}/correction", json={"label": "7"}).json["sample"]
    text = client.get(f"/dataset/digits/{sample}").text
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", text, re.DOTALL)
    assert len(rows) == 4
    assert all(row.count('class="said') == 2 for row in rows), "then and now"
    history = re.findall(r"<li><b>(.*?)</b> (.*?), <time", text)
    assert history == [
        ("1", "the networks’ answer"),
        ("4", "named by its author, about the answer"),
        ("7", "named by its author, about the answer"),
    ]


def test_what_each_version_says_is_a_page_of_its_own(client: FlaskClient, here: Platform) -> None:
    sample = contribute(client)["id"]
    later = learned(here, "b" * 32, 7)
    with here.database.writing() as session:
        registry.activate(session, later, "a test")
    address = f"/dataset/digits/{sample}/versions"
    assert f'href="{address}#versions"' in client.get(f"/dataset/digits/{sample}").text
    text = here_client(client).get(address).text
    rows = re.findall(r"<tr>(.*?)</tr>", text[text.index('id="versions"') :], re.DOTALL)[1:]
    assert [re.search(r"<b>(.*?)</b>", row)[1] for row in rows] == ["1", "2", "7"]
    assert ["answers now" in row for row in rows] == [True, False, True]
    set_status(here, sample, "pending")
    assert here_client(client).get(address).status_code == 403


def test_the_owner_decides_and_stays_on_the_page(client: FlaskClient, here: Platform) -> None:
    sample = contribute(client)["id"]
    csrf = sign_in(client)
    sent = {"csrf": csrf, "sample": sample, "decision": "reject", "on": "drawing", "set": "digits"}
    decided = client.post("/admin/moderate", data=sent)
    assert decided.location == f"/dataset/digits/{sample}"
    assert "rejected by the owner" in client.get(decided.location).text
