from __future__ import annotations

import hashlib
import io
import json
import zipfile

import numpy as np
from PIL import Image

from functions.dataset.exchange.label_folders import folder_of
from tests.support.filled_set import LABELS, picture


def test_each_picture_lies_in_the_folder_of_its_label_and_its_line_says_the_rest(export):
    archive = zipfile.ZipFile(io.BytesIO(b"".join(export("zip").one_file())))
    assert archive.testzip() is None
    lines = [
        (name.split("/")[0], json.loads(line))
        for name in archive.namelist()
        if name.endswith("metadata.jsonl")
        for line in archive.read(name).splitlines()
    ]
    assert len(lines) == 55
    assert {split for split, _ in lines} == {"train", "validation", "test"}
    for split, line in lines:
        png = archive.read(f"{split}/{line['file_name']}")
        assert line["file_name"] == f"{folder_of(line['label'])}/{line['id']}.png"
        assert (line["split"], line["sha256"]) == (split, hashlib.sha256(png).hexdigest())
        assert np.asarray(Image.open(io.BytesIO(png))).shape == (280, 280)
    assert {line["label"] for _, line in lines} == {*LABELS, None}
    drawn = [line for _, line in lines if line["strokes"] is not None]
    assert 0 < len(drawn) < len(lines)
    assert all(line["pointer"] == "pen" and line["width"] == 280 for line in drawn)
    assert picture(0)["strokes"] in [line["strokes"] for line in drawn]


def test_every_path_of_the_archive_stays_inside_it(export):
    names = zipfile.ZipFile(io.BytesIO(b"".join(export("zip").one_file()))).namelist()
    assert all(part not in ("", ".", "..") for name in names for part in name.split("/"))
    assert all(name.isascii() for name in names)
