"""The owner's page of samples that wait for a decision."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from functions.records.tables import Report, Sample
from functions.web.pages.admin_moderation import ROWS_ON_PAGE
from functions.web.platform import Platform
from tests.support.factories import add_sample
from tests.support.pages import sign_in
from tests.support.sample_drawings import SEVEN


def test_the_owner_decides_about_samples_that_wait(make_app: Callable[..., Flask]) -> None:
    app = make_app(trust="moderated")
    visitor, client = app.test_client(), app.test_client()
    given = [visitor.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).json["id"] for _ in range(2)]
    csrf = sign_in(client)
    assert all(sample in client.get("/admin/moderation/digits").text for sample in given)
    for sample, decision, status in ((given[0], "accept", "accepted"), (given[1], "reject", "rejected")):
        answer = client.post("/admin/moderate", data={"csrf": csrf, "sample": sample, "decision": decision})
        assert answer.status_code == 303
        assert client.get(f"/api/v1/samples/{sample}").json["status"] == status
    assert client.post("/admin/moderate", data={"csrf": csrf, "sample": given[0], "decision": "x"}).status_code == 400


def test_the_owner_sees_why_samples_wait_and_decides_about_all_of_a_contributor(app: Flask, client: FlaskClient) -> None:
    hostile, other = app.test_client(), app.test_client()

    def give(visitor: FlaskClient, number: int) -> str:
        drawn = {**SEVEN, "strokes": [[[20 + 9 * number, 30], [250 - 7 * number, 260]], [[30, 20 * number], [260, 140]]]}
        return visitor.post("/api/v1/sets/digits/samples", json={**drawn, "label": "9"}).json["id"]

    given = [give(hostile, number) for number in range(12)]
    waits = given[3:]  # three surprises are believed
    csrf = sign_in(client)
    page = client.get("/admin/moderation/digits").text
    assert "these look hostile" in page
    assert "by this contributor look wrong to both networks" in page
    assert "surprising to both networks; such drawings by this contributor accepted today: 3" in page
    with app.extensions["inkloop"].database.reading() as session:
        contributor = session.get_one(Sample, waits[0]).contributor_id
    assert f'Reject <span data-waiting="{contributor}">{len(waits)}</span>' in page
    kept = give(other, 13)
    fields = {"csrf": csrf, "set": "digits", "contributor": contributor}
    assert client.post("/admin/moderate", data={**fields, "decision": "x"}).status_code == 400
    assert client.post("/admin/moderate", data={**fields, "decision": "reject"}).status_code == 303
    assert {client.get(f"/api/v1/samples/{sample}").json["status"] for sample in waits} == {"rejected"}
    assert client.get(f"/api/v1/samples/{given[0]}").json["status"] == "accepted"
    assert client.get(f"/api/v1/samples/{kept}").json["status"] != "rejected"


def test_a_decision_is_undone_from_the_news_and_a_script_gets_json(make_app: Callable[..., Flask]) -> None:
    app = make_app(trust="moderated")
    client = app.test_client()
    sample = client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "7"}).json["id"]
    fields = {"csrf": sign_in(client), "sample": sample, "set": "digits"}
    page = client.post("/admin/moderate", data={**fields, "decision": "reject"}, follow_redirects=True).text
    undo = re.search(r'name="undo" value="([^"]+)"', page)[1]
    assert client.post("/admin/moderate/undo", data={**fields, "undo": undo + "x"}).status_code == 400
    client.post("/admin/moderate/undo", data={**fields, "undo": undo})
    assert f'id="s-{sample}"' in client.get("/admin/moderation").text
    json = {"Accept": "application/json"}
    changed = client.post("/admin/moderate", data={**fields, "decision": "relabel", "label": "1"}, headers=json).json
    assert sample not in client.get("/admin/moderation").text
    waits = client.post("/admin/moderate/undo", data={**fields, **changed}, headers=json).json["sample"]
    assert f'id="s-{waits}"' in client.get("/admin/moderation").text


def test_what_does_not_fit_the_page_is_counted_and_a_link_away(client: FlaskClient, here: Platform) -> None:
    with here.database.writing() as session:
        waiting = [add_sample(session, "7", "pending").id for _ in range(ROWS_ON_PAGE + 2)]
        for place in range(ROWS_ON_PAGE + 1):
            sample = add_sample(session, "7").id
            session.add_all(Report(sample_id=sample, reporter=f"{one}", set_name="digits") for one in range(3 if place else 1))
    sign_in(client)
    page = client.get("/admin/moderation/digits").text
    pending, reported = re.findall(r'href="(\S+before=[^"#]+)#queue">Next drawings \(([0-9]+) more\)</a>', page)[::-1]
    assert (pending[1], reported[1]) == ("2", "1")
    rest = client.get(pending[0].replace("&amp;", "&")).text
    assert set(re.findall(r'id="s-(\w+)"', rest)) == set(sorted(waiting)[:2])
    assert 'href="/admin/moderation/digits#queue">Everything that waits</a>' in rest
    assert client.get(reported[0].replace("&amp;", "&")).text.count('class="queue-row"') == 1
    assert client.get("/admin/moderation/digits?status=pending&before=%00").status_code == 200
