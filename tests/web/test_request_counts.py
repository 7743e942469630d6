"""The counts of requests: of one process here, of several in tests/web/test_metrics_page.py."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from prometheus_client.mmap_dict import MmapedDict

from functions.errors import Unavailable
from functions.web import request_counts
from functions.web.request_counts import Room, counted, failures
from tests.support.sample_drawings import SEVEN


def count(name: str, **labels: str) -> float:
    found = [one for metric in counted() for one in metric.samples if one.name == name]
    return sum(one.value for one in found if labels.items() <= one.labels.items())


@pytest.mark.parametrize(
    ("path", "view", "status"),
    [("/api/v1/sets", "api.sets", "200"), ("/nothing/here", "none", "404"), ("/api/v1/sets/runes/samples", "api.samples", "404")],
)
def test_each_request_counts_once_by_view_and_status(client: FlaskClient, path: str, view: str, status: str) -> None:
    before = count("inkloop_requests_total", view=view, status=status), count("inkloop_request_seconds_count", view=view)
    client.get(path)
    after = count("inkloop_requests_total", view=view, status=status), count("inkloop_request_seconds_count", view=view)
    assert after == (before[0] + 1, before[1] + 1)


def test_a_prediction_counts_by_its_answer(client: FlaskClient) -> None:
    before = count("inkloop_answers_total", set="digits")
    answer = client.post("/api/v1/sets/digits/predictions", json=SEVEN).json["answer"]
    assert count("inkloop_answers_total", set="digits") == before + 1
    assert count("inkloop_answers_total", set="digits", status=answer["status"], label=answer["label"] or "") >= 1


def test_what_strangers_write_makes_no_new_counts(client: FlaskClient) -> None:
    client.get("/api/v1/sets/hidden-name/samples")
    client.get("/hidden-path")
    assert not [one for metric in counted() for one in metric.samples if "hidden" in str(one.labels)]


@pytest.mark.parametrize("error", [OSError("File too large"), ValueError("cannot mmap an empty file")])
def test_a_request_is_answered_although_there_is_no_room_for_counts(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def full(*labels: str) -> None:
        raise error

    for counts in (request_counts.REQUESTS, request_counts.SECONDS, request_counts.ANSWERS):
        monkeypatch.setattr(counts, "labels", full)
    assert client.post("/api/v1/sets/digits/predictions", json=SEVEN).status_code == 200
    assert client.get("/about").status_code == 200


def test_files_of_counts_have_their_blocks_before_they_are_mapped(tmp_path: Path) -> None:
    for _ in range(2):  # a later process with the same number finds the files of the first
        room = Room()
        room.share(tmp_path, 7)
        assert room.found()
        files = sorted(tmp_path.iterdir())
        assert [file.name for file in files] == ["counter_7.db", "histogram_7.db"]
        for file in files:
            kept = MmapedDict(str(file))  # what prometheus-client opens
            kept.write_value("a", kept.read_value("a")[0] + 1.0, 0.0)
            kept.close()
            assert file.stat().st_size == request_counts.BYTES
            assert file.stat().st_blocks * 512 >= request_counts.BYTES
    assert [value for _, value, _, _ in MmapedDict.read_all_values_from_file(str(files[0]))] == [2.0]


def test_a_process_without_room_counts_nothing_and_looks_again_after_a_minute(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = [100.0]
    monkeypatch.setattr(request_counts, "time", SimpleNamespace(monotonic=lambda: moments[-1], perf_counter=time.perf_counter))
    room = Room()
    room.share(tmp_path / "counts", 7)
    monkeypatch.setattr(request_counts, "ROOM", room)
    before = count("inkloop_requests_total", view="api.sets")
    assert client.get("/api/v1/sets").status_code == 200  # the files cannot be made: their folder is not there
    assert count("inkloop_requests_total", view="api.sets") == before
    (tmp_path / "counts").mkdir()
    assert not room.found()
    moments.append(100.0 + request_counts.AGAIN)
    assert client.get("/api/v1/sets").status_code == 200
    assert count("inkloop_requests_total", view="api.sets") == before + 1


def test_the_servers_own_errors_are_counted_and_not_those_of_visitors_or_probes(app: Flask, client: FlaskClient) -> None:
    def fails() -> Response:
        raise (RuntimeError("a bug") if len(raised) else Unavailable("not now"))

    raised: list[int] = []
    before = failures()
    app.view_functions["pages.about"] = app.view_functions["health.readyz"] = fails
    for status in (503, 500, 500):
        assert client.get("/about").status_code == status
        raised.append(status)
    client.get("/nothing/here")
    assert client.get("/readyz").status_code == 500
    after = failures()
    assert (after.errors - before.errors, after.unavailable - before.unavailable) == (2, 1)
