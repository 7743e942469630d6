from __future__ import annotations

import base64
import json

from functions.domain.drawing import quick_draw
from tests.support.filled_set import picture


def lines(export, form):
    return [json.loads(line) for line in b"".join(export("jsonl", form=form).one_file()).splitlines()]


def test_a_line_has_every_fact_and_an_upload_has_its_picture(export):
    found = lines(export, "facts")
    assert len(found) == 55
    uploads = [line for line in found if line["strokes"] is None]
    assert len(uploads) == 5
    assert all(base64.b64decode(line["image"]).startswith(b"\x89PNG") for line in uploads)
    assert not any("image" in line for line in found if line["strokes"] is not None)
    assert picture(7)["strokes"] in [line["strokes"] for line in found]


def test_the_forms_of_quick_draw_hold_the_symbols_that_were_drawn(export):
    drawn = [line for line in lines(export, "facts") if line["strokes"] is not None and line["label"] is not None]
    for form, convert in (("raw", quick_draw.raw), ("simplified", quick_draw.simplified)):
        found = lines(export, form)
        assert [line["key_id"] for line in found] == [line["id"] for line in drawn]
        assert [line["drawing"] for line in found] == [convert(line["strokes"]) for line in drawn]
        assert [line["word"] for line in found] == [line["label"] for line in drawn]


def test_a_label_that_looks_like_a_formula_is_a_json_string(export):
    assert "=1+1" in [line["label"] for line in lines(export, "facts")]
