"""The counts of requests: of one process here, of several in tests/web/test_metrics_page.py."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from functions.web import request_counts
from functions.web.request_counts import counted
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
