"""Every format of labelled files, and the errors in them."""

from __future__ import annotations

import gzip
import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from functions.domain.drawing import square_to_bytes
from functions.learners.evaluation.readers.read import BadCollection, Labelled, ReadOptions, read_labelled, unread_lines
from functions.learners.squares import Squares, save_squares
from tests.support.sample_drawings import BLANK, ONE, SEVEN, drawing, png

DIGITS = tuple("0123456789")
ROOT = Path(__file__).resolve().parents[4]


def of(fields: dict) -> np.ndarray:
    """The square of a client's strokes."""
    return np.frombuffer(square_to_bytes(drawing(fields).square), np.uint8).reshape(28, 28)


X = np.stack([of(SEVEN), of(ONE), of(SEVEN)])
Y = np.array([7, 1, 7], np.uint8)


def npz(path: Path, **arrays: object) -> Path:
    np.savez(path, **arrays)
    return path


def idx(path: Path, array: np.ndarray) -> Path:
    """Write an IDX file, compressed if its name ends in gz."""
    body = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()
    path.write_bytes(gzip.compress(body) if path.suffix == ".gz" else body)
    return path


def lines(path: Path, *rows: object) -> Path:
    body = b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)
    path.write_bytes(gzip.compress(body) if path.suffix == ".gz" else body)
    return path


def read(path: Path, labels: tuple[str, ...] = DIGITS, **ways: object) -> Labelled:
    return read_labelled(path, labels, ReadOptions(**ways))


# --- arrays -----------------------------------------------------------------------------------------------------------


def test_our_own_squares_come_back_with_those_that_are_no_symbols(tmp_path: Path) -> None:
    save_squares(tmp_path / "holdout.npz", Squares(X, np.array([7, 1, 10])), "ours")
    found = read(tmp_path / "holdout.npz")
    assert np.array_equal(found.squares.x, X)
    assert found.squares.y.tolist() == [7, 1, 10]
    assert found.where == ("holdout.npz[0]", "holdout.npz[1]", "holdout.npz[2]")
    assert (found.unknown, found.unread, found.notes) == ({}, (), ())


def test_the_chosen_part_of_a_keras_file_is_read(tmp_path: Path) -> None:
    path = npz(tmp_path / "mnist.npz", x_train=X, y_train=Y, x_test=X[1:], y_test=Y[1:])
    assert read(path).squares.y.tolist() == [1, 7]
    assert read(path, part="train").squares.y.tolist() == [7, 1, 7]


def test_numbers_are_the_labels_that_they_write_where_all_are_labels(tmp_path: Path) -> None:
    path = npz(tmp_path / "mnist.npz", x_test=X, y_test=Y)
    assert read(path, tuple("9876543210")).squares.y.tolist() == [2, 8, 2]
    assert read(path, tuple("abcdefgh")).squares.y.tolist() == [7, 1, 7]  # and places where they are not


def test_emnists_numbers_are_named_in_the_file(tmp_path: Path) -> None:
    names = np.array(list("0A7"))
    path = npz(
        tmp_path / "e.npz", images=X, labels_47=np.array([2, 1, 0]), class_names_47=names, labels_62=Y, class_names_62=DIGITS
    )
    found = read(path)
    assert found.squares.y.tolist() == [7, 0]
    assert found.unknown == {"A": 1}
    assert read(path, tuple("A70")).squares.y.tolist() == [1, 0, 2]


def test_numbers_without_a_label_are_reported(tmp_path: Path) -> None:
    path = npz(tmp_path / "e.npz", images=X, labels=np.array([7, -1, 12]), class_names=np.array(DIGITS))
    found = read(path)
    assert found.squares.y.tolist() == [7]
    assert found.unknown == {"number -1": 1, "number 12": 1}


def test_the_numbers_can_be_given_names(tmp_path: Path) -> None:
    path = npz(tmp_path / "x.npz", images=X, labels=np.array([0, 1, 0]))
    assert read(path, names=("7", "1")).squares.y.tolist() == [7, 1, 7]


def test_labels_may_be_written_out(tmp_path: Path) -> None:
    path = npz(tmp_path / "x.npz", x=X, y=np.array(["7", "1", "_not-a-symbol"]))
    assert read(path).squares.y.tolist() == [7, 1, 10]


def test_labels_of_other_sets_can_count_as_no_symbols(tmp_path: Path) -> None:
    path = npz(tmp_path / "x.npz", x=X, y=np.array(["7", "Q", "R"]))
    assert read(path).unknown == {"Q": 1, "R": 1}
    found = read(path, foreign=True)
    assert found.squares.y.tolist() == [7, 10, 10]
    assert found.unknown == {}


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("given", ["images-idx3", "labels-idx1"])
def test_idx_files_find_each_other(tmp_path: Path, packed: str, given: str) -> None:
    idx(tmp_path / f"t10k-images-idx3-ubyte{packed}", X)
    idx(tmp_path / f"t10k-labels-idx1-ubyte{packed}", Y)
    found = read(tmp_path / f"t10k-{given}-ubyte{packed}")
    assert np.array_equal(found.squares.x, X)
    assert found.squares.y.tolist() == [7, 1, 7]


def test_one_of_two_idx_files_may_be_packed(tmp_path: Path) -> None:
    path = idx(tmp_path / "train-images.idx3-ubyte.gz", X)
    idx(tmp_path / "train-labels.idx1-ubyte", Y)
    assert len(read(path).squares) == 3


def test_emnists_own_idx_pictures_lie_on_their_side(tmp_path: Path) -> None:
    path = idx(tmp_path / "emnist-digits-test-images-idx3-ubyte", X.transpose(0, 2, 1))
    idx(tmp_path / "emnist-digits-test-labels-idx1-ubyte", Y)
    assert np.array_equal(read(path, transposed=True).squares.x, X)


def test_smaller_pictures_are_normalised_when_that_is_wanted(tmp_path: Path) -> None:
    """As in USPS: 16 x 16, and the drawing touches the edge."""
    small = np.stack([np.asarray(Image.fromarray(x[4:25, 4:25]).resize((16, 16), Image.Resampling.BOX)) for x in X])
    path = npz(tmp_path / "usps.npz", x_test=small, y_test=Y)
    with pytest.raises(BadCollection, match=r"The pictures in usps.npz are 16 x 16, not 28 x 28; --normalise brings them"):
        read(path)
    found = read(path, normalise=True).squares.x
    for a, b in zip(found.astype(float), X.astype(float), strict=True):
        assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.8


def test_dark_pictures_on_light_paper_are_turned_when_normalised(tmp_path: Path) -> None:
    path = npz(tmp_path / "x.npz", x=255 - X, y=Y)
    with pytest.raises(BadCollection, match="dark on light"):
        read(path)
    turned = read(path, normalise=True).squares.x
    assert np.array_equal(turned, read(npz(tmp_path / "y.npz", x=X, y=Y), normalise=True).squares.x)


def test_pictures_that_fill_the_whole_square_are_noted(tmp_path: Path) -> None:
    large = np.stack([np.asarray(Image.fromarray(x[4:25, 4:25]).resize((28, 28))) for x in X])
    (note,) = read(npz(tmp_path / "x.npz", x=large, y=Y)).notes
    assert "of 28 pixels, MNIST's fill 20; --normalise" in note


def test_blank_pictures_are_reported_when_normalised(tmp_path: Path) -> None:
    found = read(npz(tmp_path / "x.npz", x=np.stack([X[0], X[0] * 0]), y=Y[:2]), normalise=True)
    assert unread_lines(found.unread) == ["  x.npz[1]: Nothing is drawn."]


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"pictures": X}, "has neither x and y, nor x_test and y_test, nor images and labels"),
        ({"x": X, "y": Y[:2]}, "has 3 pictures and 2 labels"),
        ({"x": X / 255, "y": Y}, "are float64 (3, 28, 28), not bytes (uint8)"),
        ({"x": X[0], "y": Y}, "are uint8 (28, 28), not bytes (uint8) with n, height, width"),
        ({"x": X, "y": Y / 2}, "The labels in x.npz are float64 (3,), not one number or name"),
        ({"x": X, "y": np.array([None, 1, 2])}, "holds something other than plain arrays"),
        ({"x": X[:0], "y": Y[:0]}, "Nothing in x.npz can be evaluated."),
        ({"x": X, "y": np.array(list("QRQ"))}, "evaluated; 3 drawings have labels that are not in the set ('Q', 'R')."),
    ],
)
def test_arrays_that_do_not_fit_are_refused_with_a_sentence(tmp_path: Path, arrays: dict, said: str) -> None:
    with pytest.raises(BadCollection) as problem:
        read(npz(tmp_path / "x.npz", **arrays))
    assert said in str(problem.value)


def test_a_damaged_npz_is_refused(tmp_path: Path) -> None:
    body = npz(tmp_path / "x.npz", x=X, y=Y).read_bytes()
    (tmp_path / "x.npz").write_bytes(body[: len(body) // 2])
    with pytest.raises(BadCollection, match="damaged"):
        read(tmp_path / "x.npz")


def test_idx_files_that_are_not_whole_are_refused(tmp_path: Path) -> None:
    path = idx(tmp_path / "a-images-idx3-ubyte", X)
    with pytest.raises(BadCollection, match="a-labels-idx1-ubyte is not beside it"):
        read(path)
    idx(tmp_path / "a-labels-idx1-ubyte", Y[:2])
    with pytest.raises(BadCollection, match="has 3 pictures and 2 labels"):
        read(path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(BadCollection, match="cut short"):
        read(path)
    path.write_bytes(b"\0\0\x0d\x03" + bytes(12))
    with pytest.raises(BadCollection, match="not an IDX file of pictures"):
        read(path)


def test_a_damaged_gzip_is_refused(tmp_path: Path) -> None:
    path = idx(tmp_path / "a-images-idx3-ubyte.gz", X)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(BadCollection, match="gzip does not end as it should"):
        read(path)


# --- a folder of PNGs ------------------------------------------------------------------------------------------------


def put(folder: Path, name: str, body: bytes) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(body)


def test_folders_are_named_as_in_the_bucket_or_plainly(tmp_path: Path) -> None:
    for folder in ("7", "_41", "B", "%C3%84", "_d0_96", "_not-a-symbol"):
        put(tmp_path, f"{folder}/one.png", png(SEVEN))
    found = read(tmp_path, ("7", "A", "B", "Ä", "Ж"))
    assert sorted(found.squares.y.tolist()) == [0, 1, 2, 3, 4, 5]
    assert np.abs(found.squares.x[0].astype(int) - of(SEVEN)).max() < 64  # a picture knows the path to within a pen's edge


def test_a_file_that_is_no_picture_is_reported_with_its_place(tmp_path: Path) -> None:
    put(tmp_path, "7/good.png", png(SEVEN))
    put(tmp_path, "7/good.json", b"{}")  # facts, as in the bucket
    put(tmp_path, "7/.hidden", b"")
    put(tmp_path, "7/bad.png", png(SEVEN)[:200])
    put(tmp_path, "7/other.jpg", b"\xff\xd8\xff")
    put(tmp_path, "runes/x.png", png(SEVEN))
    put(tmp_path, "stray.png", png(SEVEN))
    found = read(tmp_path)
    assert found.where == ("7/good.png",)
    assert found.unknown == {"runes": 1}
    assert {one.where for one in found.unread} == {"7/bad.png", "7/other.jpg", "stray.png"}


def test_a_folders_labels_take_turns(tmp_path: Path) -> None:
    for label in "17":
        for name in "abc":
            put(tmp_path, f"{label}/{name}.png", png(ONE if label == "1" else SEVEN))
    assert read(tmp_path, limit=4).where == ("1/a.png", "7/a.png", "1/b.png", "7/b.png")


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "one.png", png(SEVEN))
    with pytest.raises(BadCollection, match="no folders named after labels"):
        read(tmp_path)


# --- strokes ---------------------------------------------------------------------------------------------------------

BOXED = {"label": "1", "box": [280, 280], "strokes": ONE["strokes"]}


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_strokes_come_one_a_line(tmp_path: Path, name: str) -> None:
    path = lines(tmp_path / name, {"label": "7", **SEVEN}, b"", BOXED, {"label": None, **SEVEN}, {"label": 7, **SEVEN})
    found = read(path)
    assert found.squares.y.tolist() == [7, 1, 10, 7]
    assert np.array_equal(found.squares.x[:2], [of(SEVEN), of(ONE)])
    assert found.where == tuple(f"{name}:{line}" for line in (1, 3, 4, 5))


def test_strokes_come_as_one_list_too(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([BOXED, {"label": "7", **SEVEN}]))
    assert read(tmp_path / "a.json").squares.y.tolist() == [1, 7]
    ours = read(ROOT / "tests" / "strokes.json.gz")
    assert len(ours.squares) == 60
    assert set(ours.squares.y.tolist()) == set(range(10))


def test_wrong_lines_are_reported_with_their_numbers(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "a.jsonl", BOXED, b"{", {"label": "1"}, {"label": ["1"], **ONE}, {"label": "1", **BLANK},
        {"label": "1", "strokes": ONE["strokes"]}, {"label": "1", **ONE, "width": "wide"}, [1], {"label": "Q", **ONE},
    )  # fmt: skip
    found = read(path)
    assert (len(found.squares), found.unknown) == (1, {"Q": 1})
    assert unread_lines(found.unread) == [
        "  a.jsonl:2: It is no JSON.",
        "  a.jsonl:3: It is no object with label and strokes.",
        "  a.jsonl:4: Its label is neither text nor null.",
        "  a.jsonl:5: Nothing is drawn.",
        "  a.jsonl:6: Strokes need the canvas's width.",
        "  a.jsonl:7: The canvas's width: coordinates are numbers.",
        "  a.jsonl:8: It is no object with label and strokes.",
    ]
    assert unread_lines(found.unread, most=2)[2:] == ["  and 5 more"]


def test_writers_are_counted_as_they_appear(tmp_path: Path) -> None:
    rows = [{**BOXED, "writer": writer, "label": label} for writer, label in (("z", "1"), ("a", "2"), ("z", "3"), ("m", "4"))]
    path = lines(tmp_path / "a.jsonl", *rows, BOXED)
    assert read(path, writers=(1, 1)).squares.y.tolist() == [1, 3]
    found = read(path, writers=(2, 3))
    assert found.squares.y.tolist() == [2, 4]
    assert unread_lines(found.unread) == ["  a.jsonl:5: It names no writer."]
    with pytest.raises(
        BadCollection, match=r"Nothing in a.jsonl can be evaluated; 1 cannot be read \(a.jsonl:5: It names no writer\)"
    ):
        read(path, writers=(4, 9))


def test_only_strokes_have_writers(tmp_path: Path) -> None:
    with pytest.raises(BadCollection, match=r"Only strokes name their writers; x.npz is npz"):
        read(npz(tmp_path / "x.npz", x=X, y=Y), writers=(1, 2))


def test_a_limit_takes_the_first_drawings_that_can_be_read(tmp_path: Path) -> None:
    assert read(lines(tmp_path / "a.jsonl", b"{", BOXED, BOXED, BOXED), limit=2).where == ("a.jsonl:2", "a.jsonl:3")


@pytest.mark.parametrize("body", [b"", b"just words\n", b"\x89PNG\r\n\x1a\n", b"[1, 2", b"\xff" * 50])
def test_another_format_is_refused(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "x").write_bytes(body)
    with pytest.raises(BadCollection):
        read(tmp_path / "x")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCollection, match=r"cannot be read: No such file or directory\."):
        read(tmp_path / "nowhere.npz")


def test_the_same_drawing_is_the_same_square_in_every_format(tmp_path: Path) -> None:
    png_bytes = io.BytesIO(png(SEVEN)).getvalue()
    put(tmp_path / "pictures", "7/a.png", png_bytes)
    by_strokes = read(lines(tmp_path / "a.jsonl", {"label": "7", **SEVEN})).squares.x[0]
    assert np.array_equal(by_strokes, read(npz(tmp_path / "a.npz", x=X[:1], y=Y[:1])).squares.x[0])
    by_picture = read(tmp_path / "pictures").squares.x[0]
    assert np.corrcoef(by_strokes.ravel(), by_picture.ravel())[0, 1] > 0.98
