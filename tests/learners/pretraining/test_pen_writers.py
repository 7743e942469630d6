import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from functions.learners.pretraining.pen_writers import pen_part, read_pen


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pen.jsonl.gz"
    with gzip.open(path, "wt") as out:
        for number in range(40):
            strokes = [[[0, 0], [3, 20]], [[1, 1], [2, 2]]]
            out.write(json.dumps({"label": "g", "writer": f"w{number:03}", "strokes": strokes}) + "\n")
    return path


def test_a_third_of_the_writers_is_kept_apart_and_most_others_are_for_training() -> None:
    parts = Counter(pen_part(f"writer {number}") for number in range(3_000))
    assert parts["apart"] == pytest.approx(1_000, abs=90)
    assert parts["holdout"] == pytest.approx(270, abs=60)
    assert parts["replay"] == pytest.approx(270, abs=60)
    assert parts["train"] == pytest.approx(1_460, abs=100)


def test_the_part_of_a_writer_never_changes() -> None:
    parts = ["apart", "train", "train", "apart", "apart", "apart", "train", "holdout"]
    assert [pen_part(f"w{number:03}") for number in range(8)] == parts


def test_the_parts_of_a_file_share_no_writer_and_are_the_whole_file(file: Path) -> None:
    writers = [{one.writer for one in read_pen(file, part)} for part in ("apart", "holdout", "replay", "train")]
    assert sum(map(len, writers)) == len(set.union(*writers)) == len(read_pen(file)) == 40
    assert {one.writer for one in read_pen(file, "holdout", "replay")} == writers[1] | writers[2]


def test_a_drawing_has_its_label_and_strokes(file: Path) -> None:
    drawing = read_pen(file)[0]
    assert (drawing.label, drawing.writer) == ("g", "w000")
    assert [line.tolist() for line in drawing.lines] == [[[0, 0], [3, 20]], [[1, 1], [2, 2]]]


def test_without_the_file_there_are_no_drawings(tmp_path: Path) -> None:
    assert read_pen(tmp_path / "none.jsonl.gz", "train") == []
