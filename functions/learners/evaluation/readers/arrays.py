"""Read labelled pictures from arrays: npz and IDX. Pictures of 28 x 28 pixels are not changed.

A damaged or incomplete file is a ``BadCollection``.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from functions.domain.drawing import from_png, square_to_bytes
from functions.learners.evaluation.readers.drawings import unpacked
from functions.learners.evaluation.readers.entries import BadCollection, Entries, Entry, ReadOptions
from functions.learners.squares import Pixels
from functions.store.names import NOT_A_SYMBOL_FOLDER

NPZ, IDX = b"PK\x03\x04", b"\0\0"  # how the files begin
IDX_IMAGES, IDX_LABELS = b"\0\0\x08\x03", b"\0\0\x08\x01"  # two zeros, bytes, so many dimensions
SAMPLED_PICTURES = 2_000  # pictures that are examined for the form of all pictures
USUAL_LONGEST_SIDE = (17.0, 23.0)  # pixels: the mean of the longest sides, MNIST's is 20 and EMNIST's 22

Numbers = NDArray[Any]  # (n,), whole numbers or names


def npz_entries(body: bytes, name: str, labels: tuple[str, ...], ways: ReadOptions) -> Entries:
    """Read ``x`` and ``y`` (places in ``labels``), ``x_test`` and ``y_test`` (Keras), or ``images`` and ``labels`` (EMNIST).

    EMNIST's ``labels_47`` or ``labels_62`` go with ``class_names_47`` or ``class_names_62``, plain ones with ``class_names``."""
    try:
        with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
            has = set(arrays.files)
            pairs = [("images", f"labels{scheme}", f"class_names{scheme}") for scheme in ("_47", "_62", "")]
            pairs += [(f"x_{ways.part}", f"y_{ways.part}", "class_names"), ("x", "y", "class_names")]
            pair = next((pair for pair in pairs if set(pair[:2]) <= has), None)
            if pair is None:
                raise BadCollection(f"{name} has neither x and y, nor x_{ways.part} and y_{ways.part}, nor images and labels.")
            images, numbers = arrays[pair[0]], arrays[pair[1]]
            names = tuple(str(label) for label in arrays[pair[2]].ravel()) if pair[2] in has else None
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
        raise BadCollection(f"{name} is damaged, or holds something other than plain arrays.") from None
    if pair[0] == "x":
        names = names or (*labels, NOT_A_SYMBOL_FOLDER)
    return _pictures(images, _written(numbers, ways.names or names, labels, name), name, ways)


def idx_entries(path: Path, body: bytes, labels: tuple[str, ...], ways: ReadOptions) -> Entries:
    """Read IDX pictures and their labels, given either of the two files; the other file lies beside it under its usual name."""
    first = _idx(body, path.name)
    other_path = _other_idx(path, first.ndim == 3)
    other = _idx(unpacked(other_path.read_bytes(), other_path.name), other_path.name)
    images, numbers = (first, other) if first.ndim == 3 else (other, first)
    if (images.ndim, numbers.ndim) != (3, 1):
        raise BadCollection(f"{path.name} and {other_path.name} are not pictures and their labels.")
    return _pictures(images, _written(numbers, ways.names, labels, path.name), path.name, ways)


def _idx(body: bytes, name: str) -> Pixels:
    if body[:4] not in (IDX_IMAGES, IDX_LABELS):
        raise BadCollection(f"{name} is not an IDX file of pictures (bytes, three dimensions) or labels (bytes, one).")
    start = 4 + 4 * body[3]
    shape = tuple(int(side) for side in np.frombuffer(body[4:start], ">u4"))
    if len(shape) != body[3] or len(body) - start != math.prod(shape):
        raise BadCollection(f"{name} is cut short or too long: {shape} bytes were announced, {len(body) - start} are there.")
    return np.frombuffer(body, np.uint8, offset=start).reshape(shape)


def _other_idx(path: Path, given_images: bool) -> Path:
    """Return the path of ``train-labels-idx1-ubyte`` for ``train-images-idx3-ubyte``, and vice versa, compressed or not."""
    here, there = (("images", "idx3"), ("labels", "idx1")) if given_images else (("labels", "idx1"), ("images", "idx3"))
    plain = re.sub(r"\.gz$", "", path.name)
    name = plain.replace(here[0], there[0]).replace(here[1], there[1])
    for candidate in (name, f"{name}.gz"):
        if name != plain and (path.parent / candidate).is_file():
            return path.parent / candidate
    raise BadCollection(
        f"{path.name} holds only {here[0]}; {name if name != plain else f'a file of {there[0]}'} is not beside it."
    )


def _written(numbers: Numbers, names: tuple[str, ...] | None, labels: tuple[str, ...], name: str) -> list[str | None]:
    """Return the label of each of ``numbers``: by ``names``; without names "7" for 7 if all are labels, else by position."""
    numbers = numbers.reshape(-1) if numbers.ndim == 2 and numbers.shape[1] == 1 else numbers
    if numbers.ndim != 1 or numbers.dtype.kind not in "iuU":
        raise BadCollection(f"The labels in {name} are {numbers.dtype} {numbers.shape}, not one number or name for each picture.")
    if numbers.dtype.kind == "U":
        return [None if label == NOT_A_SYMBOL_FOLDER else str(label) for label in numbers]
    values = [int(number) for number in numbers]
    if names is None:
        plain = {str(value) for value in set(values)} <= set(labels)
        names = tuple(str(i) for i in range(max(values, default=0) + 1)) if plain else (*labels, NOT_A_SYMBOL_FOLDER)
    labels_of = {value: names[value] if 0 <= value < len(names) else f"number {value}" for value in set(values)}
    return [None if labels_of[value] == NOT_A_SYMBOL_FOLDER else labels_of[value] for value in values]


def _pictures(images: Pixels, written: Sequence[str | None], name: str, ways: ReadOptions) -> Entries:
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[:, :, :, 0]
    if images.ndim == 2 and images.shape[1] == 784:
        images = images.reshape(-1, 28, 28)
    if images.ndim != 3 or images.dtype != np.uint8 or 0 in images.shape[1:]:
        raise BadCollection(f"The pictures in {name} are {images.dtype} {images.shape}, not bytes (uint8) with n, height, width.")
    if len(images) != len(written):
        raise BadCollection(f"{name} has {len(images)} pictures and {len(written)} labels.")
    if ways.transposed:
        images = images.transpose(0, 2, 1)
    light = bool(np.median(images[:SAMPLED_PICTURES]) > 127) if len(images) else False  # paper is most of it
    if ways.normalise:
        return Entries(len(images), _entries(images, written, name, partial(_normalised, paper=255 if light else 0)))
    if images.shape[1:] != (28, 28):
        size = f"{images.shape[1]} x {images.shape[2]}"
        raise BadCollection(f"The pictures in {name} are {size}, not 28 x 28; --normalise brings them into that form.")
    if light:
        raise BadCollection(f"The pictures in {name} are dark on light, networks know light on dark; --normalise turns them.")
    return Entries(len(images), _entries(images, written, name, np.array), _notes(images, name))


def _entries(images: Pixels, written: Sequence[str | None], name: str, square: Any) -> Iterator[Entry]:
    for i, (image, label) in enumerate(zip(images, written, strict=True)):
        yield Entry(f"{name}[{i}]", label, partial(square, image))


def _normalised(image: Pixels, *, paper: int) -> Pixels:
    """Normalise a picture (h, w) like a visitor's upload.

    A margin of paper is added: drawings of some collections touch the edge, which determines the colour of the paper.
    """
    body = io.BytesIO()
    margin = max(2, max(image.shape) // 4)
    Image.fromarray(np.pad(image, margin, constant_values=paper)).save(body, "PNG", compress_level=1)
    return np.frombuffer(square_to_bytes(from_png(body.getvalue()).square), np.uint8).reshape(28, 28)


def _notes(images: Pixels, name: str) -> tuple[str, ...]:
    """Return a note if drawings have another size than MNIST's, whose longest side fills 20 of 28 pixels."""
    inked = images[:SAMPLED_PICTURES] > 127
    longest = np.maximum(inked.any(2).sum(1), inked.any(1).sum(1))  # (n,)
    mean = float(longest[longest > 0].mean()) if longest.any() else 20.0
    if USUAL_LONGEST_SIDE[0] <= mean <= USUAL_LONGEST_SIDE[1]:
        return ()
    return (f"The drawings in {name} fill {mean:.1f} of 28 pixels, MNIST's fill 20; --normalise brings them into that form.",)
