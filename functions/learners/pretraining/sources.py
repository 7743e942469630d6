"""Read the public collections for pretraining, and download MNIST."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from functions.domain.drawing.ink import Line
from functions.errors import BadSettings
from functions.learners.squares import Squares

ATTRIBUTION = (
    "MNIST: Yann LeCun, Corinna Cortes and Christopher J. C. Burges, CC BY-SA 3.0. "
    "EMNIST: Gregory Cohen, Saeed Afshar, Jonathan Tapson and Andre van Schaik, 'EMNIST: an extension of MNIST to "
    "handwritten letters' (2017, arXiv:1702.05373), from NIST Special Database 19. "
    "Digits drawn on a tablet: Ethem Alpaydin and Fevzi Alimoglu, 'Pen-Based Recognition of Handwritten Digits' "
    "(1998, UCI Machine Learning Repository), CC BY 4.0. "
    "Digits and letters of many tablets: UNIPEN train_r01_v07 (International Unipen Foundation 1999, "
    "doi:10.5281/zenodo.1195803), CC BY 4.0; Isabelle Guyon, Lambert Schomaker, Rejean Plamondon, Mark Liberman and Stan Janet, "
    "'UNIPEN project of on-line data exchange and recognizer benchmarks' (1994, International Conference on Pattern Recognition)."
)
STROKES = "screen_strokes.jsonl.gz"
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"  # the address that keras.datasets.mnist uses
# Of the arrays x_train, y_train, x_test, y_test: independent of the compression.
MNIST_SHA256 = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"


@dataclass(frozen=True)
class WriterDrawing:
    """One drawing of a tablet's writer: its strokes and the index of its digit."""

    lines: tuple[Line, ...]
    y: int


@dataclass(frozen=True)
class Emnist:
    """EMNIST's pictures by its 47 merged classes; ``case`` is the class among 62, or -1 if the case is not known."""

    squares: Squares
    case: NDArray[np.int64]  # (n,)
    names: tuple[str, ...]  # of the 47 classes

    def take(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> Emnist:
        """Return the pictures at ``index`` (positions or a mask)."""
        return Emnist(self.squares.take(index), self.case[index], self.names)


def read_mnist(path: Path) -> tuple[Squares, Squares]:
    """Return MNIST's (training, test) squares from an npz as Keras distributes it.

    Raises:
        BadSettings: there is no such file.
    """
    if not path.exists():
        raise BadSettings(f"{path} is missing; `python -m functions.cli fetch-mnist {path.parent}` downloads it.")
    with np.load(path, allow_pickle=False) as arrays:
        return (
            Squares(arrays["x_train"], arrays["y_train"].astype(np.int64)),
            Squares(arrays["x_test"], arrays["y_test"].astype(np.int64)),
        )


def read_emnist(*paths: Path) -> Emnist:
    """Return EMNIST's pictures from npz files with ``images``, ``labels_47``, ``labels_62`` and ``class_names_47``.

    Raises:
        BadSettings: a file is missing.
    """
    images, merged, case = [], [], []
    names: tuple[str, ...] = ()
    for path in paths:
        if not path.exists():
            raise BadSettings(f"{path} is missing; docs/models.md says what it has to hold.")
        with np.load(path, allow_pickle=False) as arrays:
            images.append(arrays["images"])
            merged.append(arrays["labels_47"].astype(np.int64))
            case.append(arrays["labels_62"].astype(np.int64))
            names = tuple(str(name) for name in arrays["class_names_47"])
    return Emnist(Squares(np.concatenate(images), np.concatenate(merged)), np.concatenate(case), names)


def read_writers(path: Path) -> list[list[WriterDrawing]]:
    """Return each writer's drawings in order of the writers' first appearance; none where the file is missing."""
    writers: dict[str, list[WriterDrawing]] = {}
    if path.exists():
        with gzip.open(path, "rt") as lines:
            for line in lines:
                row = json.loads(line)
                strokes = tuple(np.array(stroke, np.float64)[:, :2] for stroke in row["strokes"])
                writers.setdefault(str(row["writer"]), []).append(WriterDrawing(strokes, int(row["label"])))
    return list(writers.values())


def fetch_mnist(url: str, folder: Path, sha256: str = MNIST_SHA256) -> Path:
    """Download ``mnist.npz`` into ``folder`` unless the right file is there, and return its path.

    Raises:
        BadSettings: the download failed, or the file is not MNIST.
    """
    path = folder / "mnist.npz"
    if path.exists() and _contents(path) == sha256:
        return path
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    try:
        if not url.startswith(("https://", "http://", "file://")):
            raise OSError("not an address")
        with urllib.request.urlopen(url, timeout=60) as answer, partial.open("wb") as file:  # noqa: S310 - the owner's own words
            size = int(answer.headers.get("Content-Length") or 0) or None
            with tqdm.wrapattr(answer, "read", total=size, desc=path.name, delay=1, disable=None) as body:
                shutil.copyfileobj(body, file)
        if _contents(partial) != sha256:
            raise BadSettings(f"What {url} gave is not MNIST; nothing was kept.")
        partial.replace(path)
    except OSError as error:
        raise BadSettings(f"{url} could not be downloaded: {error}.") from None
    finally:
        partial.unlink(missing_ok=True)
    return path


def _contents(path: Path) -> str:
    """Return the SHA-256 of the arrays, not of the file; empty if the file is something else."""
    digest = hashlib.sha256()
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for name in ("x_train", "y_train", "x_test", "y_test"):
                digest.update(np.ascontiguousarray(arrays[name], np.uint8).tobytes())
    except (OSError, ValueError, KeyError):
        return ""
    return digest.hexdigest()


def emnist_files(folder: Path) -> Sequence[Path]:
    """Return the two files of EMNIST's training pictures."""
    return folder / "emnist_train_digits.npz", folder / "emnist_train_letters.npz"
