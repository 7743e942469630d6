"""What a browser needs to install the platform and to use it without a connection."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from functions.settings import ROOT
from functions.web.pages.offline import RELEASE_HEADER, release


def facts(client: FlaskClient, prefix: str = "") -> dict[str, object]:
    text = client.get(f"{prefix}/service-worker.js").text
    found: dict[str, object] = json.loads(text.split("\n", 1)[0].removeprefix("const RELEASE = ").removesuffix(";"))
    return found


def test_the_manifest_describes_the_app_in_the_visitors_language(client: FlaskClient) -> None:
    answer = client.get("/manifest.webmanifest", headers={"Accept-Language": "ru"})
    assert answer.mimetype == "application/manifest+json"
    told = answer.json
    assert (told["lang"], told["start_url"], told["scope"], told["display"]) == ("ru", "/", "/", "standalone")
    for icon in told["icons"]:
        with Image.open(ROOT / icon["src"].lstrip("/")) as picture:
            assert icon["sizes"] == "x".join(map(str, picture.size))
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}
    assert client.get("/").text.count('rel="manifest"') == 1


def test_the_service_worker_keeps_the_files_that_pages_load_and_can_be_replaced(client: FlaskClient) -> None:
    answer = client.get("/service-worker.js")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    told = facts(client)
    assert told["id"] == release()
    files = told["files"]
    assert isinstance(files, list)
    assert all(client.get(file).status_code == 200 for file in files)
    for path in ("/", "/contribute"):
        page = re.sub("<noscript>.*?</noscript>", "", client.get(path).text, flags=re.DOTALL)
        loaded = re.findall(r'"(/static/[^"]+)"', page)
        assert loaded and set(loaded) <= set(files)
    assert not [name for name in files if "litert" in name], "the large runtime is kept only where it was wanted"
    again = client.get("/service-worker.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_page_names_its_release(client: FlaskClient) -> None:
    assert client.get("/contribute").headers[RELEASE_HEADER] == release()
    assert RELEASE_HEADER not in client.get("/api/v1/sets").headers


def test_below_a_prefix_all_addresses_have_it(make_app: Callable[..., Flask]) -> None:
    client = make_app(prefix="/ink").test_client()
    told = facts(client, "/ink")
    assert told["root"] == "/ink"
    assert isinstance(told["files"], list) and all(file.startswith("/ink/") for file in told["files"])
    assert client.get("/ink/manifest.webmanifest").json["scope"] == "/ink/"


def test_the_page_without_a_connection_leads_to_what_works(client: FlaskClient) -> None:
    text = client.get("/offline").text
    assert "There is no connection" in text
    assert 'href="/contribute"' in text
