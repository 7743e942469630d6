from __future__ import annotations

import hashlib
import io
import json
import threading
import time
import zipfile

import pytest
from flask import Flask

from functions.records.group_commit import PATIENCE
from functions.records.tokens import create_token
from functions.web.api import exports
from functions.web.platform import Platform
from functions.worker.export_runs import export_next
from tests.support.filled_set import fill_set

EXPORTS = "/api/v1/sets/mixed/exports"


def here(app: Flask) -> Platform:
    return app.extensions["inkloop"]


def fill(app: Flask) -> list[str]:
    return fill_set(here(app).database, here(app).store, count=24)


def work(app: Flask) -> None:
    while export_next(here(app).database, here(app).store, "CC0-1.0", threading.Event()):
        pass


def test_the_owner_gets_a_small_export_at_once(app, owner):
    fill(app)
    assert app.test_client().get("/api/v1/sets/mixed/export?format=zip&label=0 A").status_code == 401
    answer = app.test_client().get("/api/v1/sets/mixed/export?format=zip&label=0 A", headers=owner)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="mixed-')
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert {name.split("/")[1] for name in archive.namelist() if name.endswith(".png")} == {"0", "_41"}
    lines = app.test_client().get("/api/v1/sets/mixed/export?format=jsonl&form=raw&split=test", headers=owner)
    assert {json.loads(line)["split"] for line in lines.data.splitlines()} == {"test"}


def test_a_visitor_gets_an_export_if_the_owner_says_so_and_only_what_is_accepted(make_app):
    public = make_app(export="public")
    fill(public)
    visitor = public.test_client()
    assert visitor.get("/api/v1/sets/mixed/export?format=npz").status_code == 200
    assert visitor.get("/api/v1/sets/mixed/export?format=npz&status=pending").status_code == 403
    assert visitor.post(EXPORTS, json={"format": "npz"}).status_code == 401


def test_the_first_use_of_a_token_where_exports_are_public_waits_for_nothing(make_app):
    public = make_app(export="public")
    fill(public)
    with here(public).database.writing() as session:
        headers = {"Authorization": f"Bearer {create_token(session, 'tests')}"}
    begun = time.monotonic()
    assert public.test_client().get("/api/v1/sets/mixed/export?format=npz", headers=headers).status_code == 200
    assert time.monotonic() - begun < PATIENCE / 2  # a request that waits for itself gives up after PATIENCE


def test_a_large_export_is_a_run_whose_files_come_whole_or_in_ranges(app, owner, monkeypatch):
    monkeypatch.setattr(exports, "MOST_AT_ONCE", 5)
    ids = fill(app)
    client = app.test_client()
    refused = client.get("/api/v1/sets/mixed/export?format=zip", headers=owner)
    assert (refused.status_code, refused.json["error"]["code"]) == (413, "too_large")
    asked = client.post(EXPORTS, json={"format": "zip"}, headers=owner)
    assert (asked.status_code, asked.json["kind"], asked.json["state"]) == (202, "export", "queued")
    run = asked.json["id"]
    assert client.get(f"/api/v1/exports/{run}", headers=owner).status_code == 404
    work(app)
    ended = client.get(f"/api/v1/runs/{run}").json
    assert (ended["state"], ended["progress"], ended["step"]) == ("done", 1.0, f"drawings exported: {len(ids) - 2}")
    assert client.get(f"/api/v1/exports/{run}").status_code == 401
    listed = client.get(f"/api/v1/exports/{run}", headers=owner).json
    assert [file["name"] for file in listed["files"]] == ["mixed-00000.zip", "README.md", "card.json"]
    for file in listed["files"]:
        whole = client.get(f"/api/v1/exports/{run}/files/{file['number']}", headers=owner)
        assert (len(whole.data), hashlib.sha256(whole.data).hexdigest()) == (file["bytes"], file["sha256"])
        part = client.get(f"/api/v1/exports/{run}/files/{file['number']}", headers={**owner, "Range": "bytes=10-"})
        assert (part.status_code, part.data) == (206, whole.data[10:])
    assert client.get(f"/api/v1/exports/{run}/files/9", headers=owner).status_code == 404
    behind = client.get(f"/api/v1/exports/{run}/files/0", headers={**owner, "Range": "bytes=99999999-"})
    assert (behind.status_code, behind.json["error"]["code"]) == (416, "range_not_satisfiable")
    assert client.delete(f"/api/v1/exports/{run}").status_code == 401
    assert client.delete(f"/api/v1/exports/{run}", headers=owner).status_code == 200
    assert client.get(f"/api/v1/exports/{run}", headers=owner).status_code == 404
    assert list(here(app).store.keys("exports/")) == []


def test_several_exports_of_a_set_may_wait(app, owner):
    fill(app)
    client = app.test_client()
    runs = {client.post(EXPORTS, json={"format": kind}, headers=owner).json["id"] for kind in ("npz", "idx", "npz")}
    assert len(runs) == 3
    work(app)
    assert {client.get(f"/api/v1/runs/{run}").json["state"] for run in runs} == {"done"}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("format=csv", 400),
        ("format=zip&since=yesterday", 400),
        ("format=zip&status=withdrawn", 400),
        ("format=zip&agreement=101", 400),
        ("format=zip&label=Z", 422),
        ("format=zip&snapshot=abc", 404),
        ("format=zip&since=2026-01-01&until=2026-01-02T10:00:00Z&agreement=50&label=", 200),
    ],
)
def test_a_filter_that_makes_no_sense_is_named(app, owner, query, status):
    fill(app)
    answer = app.test_client().get(f"/api/v1/sets/mixed/export?{query}", headers=owner)
    assert answer.status_code == status, answer.data
