"""The owner's page of versions."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from functions import registry
from functions.records.tables import Version
from functions.web.pages.admin_versions import ROWS_ON_PAGE
from functions.web.platform import Platform
from tests.support.pages import sign_in


def test_the_owner_makes_a_version_live_from_the_page(client: FlaskClient) -> None:
    csrf = sign_in(client)
    assert client.post("/admin/activate", data={"csrf": csrf, "version": "digits-cnn-1"}).status_code == 303
    assert client.post("/admin/activate", data={"csrf": csrf, "version": "\x00"}).status_code == 404
    late = {"csrf": csrf, "version": "digits-cnn-1", "replaces": "another"}  # the page was older than the last activation
    assert client.post("/admin/activate", data=late).status_code == 409


def another(here: Platform) -> str:
    """Add a version with the CNN's network, and return its id."""
    with here.database.writing() as session:
        like = registry.live(session, "digits")["cnn"]
        session.add(Version(id="second", set_name="digits", learner="cnn", sha256=like.sha256, labels=like.labels, card={}))
    artefacts = registry.Artefacts(here.store, here.settings.models)
    with here.database.reading() as session:
        body = artefacts.read(registry.version(session, "digits-cnn-1"), "tflite")
    here.store.put("versions/digits/second.tflite", body, "application/octet-stream")
    return "second"


def test_before_a_version_goes_live_the_page_asks_and_afterwards_it_offers_the_way_back(
    client: FlaskClient, here: Platform
) -> None:
    csrf, version = sign_in(client), another(here)
    assert f'href="/admin/versions/digits/{version}"' in client.get("/admin/versions").text
    asked = client.get(f"/admin/versions/digits/{version}").text
    assert "Answers now" in asked
    assert "Would answer" in asked
    fields = dict(re.findall(r'name="(version|replaces)" value="([^"]*)"', asked))
    assert fields == {"version": version, "replaces": "digits-cnn-1"}
    told = client.post("/admin/activate", data={"csrf": csrf, **fields}, follow_redirects=True).text
    assert "CNN, version second, answers now." in told
    back = dict(re.findall(r'name="(version|replaces)" value="([^"]*)"', told))
    assert back == {"version": "digits-cnn-1", "replaces": version}
    assert client.post("/admin/activate", data={"csrf": csrf, **back}).status_code == 303
    with here.database.reading() as session:
        assert registry.live(session, "digits")["cnn"].id == "digits-cnn-1"


def test_earlier_versions_are_a_page_away(client: FlaskClient, here: Platform) -> None:
    with here.database.writing() as session:
        session.add_all(
            Version(id=f"{number:032x}", set_name="digits", learner="cnn", sha256="0" * 64, labels=["0", "1"], card={})
            for number in range(ROWS_ON_PAGE)
        )
    sign_in(client)
    newest = client.get("/admin/versions/digits").text
    link = re.search(r'rel="next" href="([^"]+)"', newest)
    assert link is not None
    earlier = client.get(link[1].replace("&amp;", "&")).text
    shown = [set(re.findall(r'/models/digits/versions/([^"]+)"', page)) for page in (newest, earlier)]
    assert len(shown[0] | shown[1]) == ROWS_ON_PAGE + 2
    assert 'rel="next"' not in earlier
