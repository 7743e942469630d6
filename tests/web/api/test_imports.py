"""Imports by the API: a file in parts, a dry run, and files that nobody should import."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile

import numpy as np
import pytest
from flask import Flask

from functions.records.tables import Sample
from functions.verbs.import_run import PART
from functions.web.platform import Platform
from functions.worker.export_runs import export_next
from tests.support.filled_set import fill_set

IMPORTS = "/api/v1/sets/empty/imports"


@pytest.fixture
def here(app: Flask) -> Platform:
    found = app.extensions["inkloop"]
    fill_set(found.database, found.store, count=12)
    fill_set(found.database, found.store, name="empty", count=0)
    return found


def bring(client, owner, here, name, body, query=""):
    """Send a file in parts, let a worker import it, and return its run."""
    facts = {"name": name, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest(), "licence": "CC0-1.0"}
    started = client.post(IMPORTS + query, json=facts, headers=owner)
    assert started.status_code == 202, started.text
    run = started.json["run"]["id"]
    for number in range(started.json["parts"]):
        piece = body[number * PART : (number + 1) * PART]
        sent = client.post(
            f"/api/v1/imports/{run}/parts/{number}", data=piece, content_type="application/octet-stream", headers=owner
        )
        assert sent.status_code == 200, sent.text
    while export_next(here.database, here.store, "", threading.Event()):
        pass
    return client.get(f"/api/v1/runs/{run}").json


def count(here):
    with here.database.reading() as session:
        return session.query(Sample).filter_by(set_name="empty").count()


def test_an_export_of_one_set_is_imported_into_another(client, owner, here):
    body = client.get("/api/v1/sets/mixed/export?format=zip", headers=owner).data
    tried = bring(client, owner, here, "mixed.zip", body, "?dry_run=true")
    assert (tried["kind"], tried["state"], tried["result"]["added"], tried["result"]["dry_run"]) == ("import", "done", 11, True)
    assert count(here) == 0
    done = bring(client, owner, here, "mixed.zip", body)
    assert (done["result"]["added"], count(here)) == (11, 11)
    again = bring(client, owner, here, "mixed.zip", body)
    assert (again["result"]["already"], count(here)) == (11, 11)
    report = client.get(f"/api/v1/imports/{done['id']}", headers=owner).json
    assert sum(one["count"] for one in report["labels"]) == 11
    assert client.get(f"/api/v1/imports/{done['id']}").status_code == 401


def test_a_file_of_several_parts_is_put_together(client, owner, here):
    squares = np.random.default_rng(1).integers(0, 255, (3_000, 28, 28), np.uint8)
    file = io.BytesIO()
    np.savez(file, x_train=squares, y_train=np.zeros(3_000, np.uint8), labels=np.array(["0"]))
    assert len(file.getvalue()) > 2 * PART
    tried = bring(client, owner, here, "many.npz", file.getvalue(), "?dry_run=true")
    assert (tried["state"], tried["result"]["read"]) == ("done", 3_000), tried


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return file.getvalue()


def with_objects() -> bytes:
    file = io.BytesIO()
    np.savez(file, x_train=np.array([{"a": 1}], dtype=object), y_train=np.array([0]))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("out.zip", zipped(**{"../0/a.png": b"x"})),
        ("windows.zip", zipped(**{"C:\\0\\a.png": b"x"})),
        ("objects.npz", with_objects()),
        (
            "short.zip",
            zipped(**{"train-images-idx3-ubyte": b"\0\0\x08\x03\0\0\0\x09", "train-labels-idx1-ubyte": b"\0\0\x08\x01"}),
        ),
        ("nothing.parquet", b"PAR1"),
        ("nothing.zip", b"PK"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_in_a_sentence_and_changes_nothing(client, owner, here, name, body):
    run = bring(client, owner, here, name, body)
    refused = run["result"].get("reason") or run["result"].get("refused")
    assert refused, run
    assert "/" not in str(refused).replace("../0/a.png", ""), "no path of the worker is told"
    assert count(here) == 0


def test_what_is_declared_is_checked(client, owner, here):
    facts = {"name": "a.zip", "bytes": 10, "sha256": "0" * 64}
    assert client.post(IMPORTS, json=facts).status_code == 401
    for odd in ({"name": "a.exe"}, {"name": "../a.zip"}, {"bytes": 2**31}, {"sha256": "x"}, {"path": "/etc/passwd"}):
        assert client.post(IMPORTS, json={**facts, **odd}, headers=owner).status_code == 400, odd
    assert client.post("/api/v1/sets/none/imports", json=facts, headers=owner).status_code == 404
    run = client.post(IMPORTS, json=facts, headers=owner).json["run"]["id"]
    part, octets = f"/api/v1/imports/{run}/parts/0", {"content_type": "application/octet-stream", "headers": owner}
    assert client.post(part, json={}, headers=owner).status_code == 415
    assert client.post(part, data=b"123", **octets).status_code == 400
    assert client.post(part, data=b"0" * (PART + 1), **octets).status_code == 413
    assert client.post(part, data=b"0123456789").status_code == 401
