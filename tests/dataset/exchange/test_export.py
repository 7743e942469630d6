from __future__ import annotations

import gzip
import json

import pytest

from functions.dataset.exchange import export as module
from functions.dataset.exchange.card import Tally
from functions.dataset.exchange.export import FORMATS, read_request, written_request


def taken(files):
    return {file.name: b"".join(file.pieces()) for file in files}


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_of_nothing_has_a_card(export, format):
    files = taken(export(format, snapshot="f" * 64).files())
    assert json.loads(files["card.json"])["samples"] == 0


@pytest.mark.parametrize("format", FORMATS)
def test_one_file_and_many_hold_the_same_samples(export, format):
    one, many = export(format), export(format)
    assert b"".join(one.one_file())
    taken(many.files())
    assert one.tally.by_split == many.tally.by_split
    assert one.tally.samples == 55


def test_an_export_in_parts_can_be_stopped_between_any_two(export, monkeypatch):
    monkeypatch.setattr(module, "PART_SIZES", {"jsonl": 20})
    whole = export("jsonl")
    expected = taken(whole.files())
    assert [name for name in expected if name.endswith("gz")] == [f"mixed-{part:05}.jsonl.gz" for part in range(3)]
    found, kept = {}, {"tally": Tally().as_dict(), "parts": 0, "place": "", "done": False}
    while not kept["done"]:
        step = export("jsonl")
        step.created = whole.created
        step.tally, step.parts, step.place = Tally.of_dict(json.loads(json.dumps(kept["tally"]))), kept["parts"], kept["place"]
        found |= taken(step.part())
        kept = {"tally": step.tally.as_dict(), "parts": step.parts, "place": step.place, "done": step.done}
    found |= taken(step.card())
    assert found == expected


def test_a_filter_chooses_by_label_split_source_status_and_day(export, filled):
    def of(**wanted):
        body = b"".join(export("jsonl", **wanted).one_file())
        return [json.loads(line) for line in body.splitlines()]

    assert {line["label"] for line in of(labels=("A", None))} == {"A", None}
    assert {line["split"] for line in of(splits=("test",))} == {"test"}
    assert len(of(splits=("test",))) == 15
    assert {line["source"] for line in of(sources=("correction",))} == {"correction"}
    assert {line["status"] for line in of(statuses=("pending",))} == {"pending"}
    everything = of()
    days = sorted(line["created"] for line in everything)
    middle = module.datetime.fromisoformat(days[len(days) // 2])
    early, late = of(until=middle), of(since=middle)
    assert len(early) + len(late) == len(everything)
    assert max(line["created"] for line in early) < min(line["created"] for line in late)


def test_a_request_can_be_kept_in_a_row(export):
    request = export("parquet", labels=("1", None), splits=("train",), agreement=0.5, since=module.now()).request
    assert read_request(json.loads(json.dumps(written_request(request)))) == request


def test_lines_are_complete_in_every_part(export):
    parts = [gzip.decompress(body) for name, body in taken(export("jsonl").files()).items() if name.endswith("gz")]
    assert all(json.loads(line) for part in parts for line in part.splitlines())
