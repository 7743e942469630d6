"""How often an answer stays the same when the same digit is drawn elsewhere, larger or smaller, with another pen.

    .venv/bin/python -m benchmarks.invariance

Every drawing is put once as it is (in the middle, half as large as the canvas, with a pen of 1/28 of the canvas) and then as
variants: at any place, 0.4 to 1.6 times that size, with a pen half to twice as thick whatever the size, on canvases of 200 to
1000 pixels, in colours. An answer is unchanged when the best label is the same as for the drawing as it is, right or wrong.

Three sources: digits drawn on a tablet by writers 13 to 30 as PNG pictures (drawn by Pillow, not by the platform's own
renderer) and as strokes (size and place change; the pen is the server's), and MNIST's test digits as pictures.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from tqdm import tqdm

from functions.domain.drawing import from_png, from_strokes, parse_strokes
from functions.learners.litert import open_network, probabilities

ROOT = Path(__file__).resolve().parent.parent

DATA = ROOT.parent / "shared" / "data"
DIGITS = 10  # a network may have one more number, for what is no symbol; the label is the best of the first ten
TRIED_ON = 12  # writers that were looked at while the recipe was made; the others judge
SIZE = 0.5  # of the canvas: the longest side of a drawing as it is, its pen not counted
PEN = 1 / 28  # of the canvas: the pen as it is, 10 pixels of 280
SMALLEST, LARGEST = 0.4, 1.6
THINNEST, THICKEST = 0.5, 2.0
CANVASES = (200, 1000)
FINER = 4  # what Pillow draws is made smaller by that much, which softens its edges
LOOKS = (  # ink and paper; the last has a transparent paper, as a canvas has
    ((0, 0, 0), (255, 255, 255)),
    ((51, 51, 51), (255, 255, 255)),
    ((22, 62, 160), (255, 255, 255)),
    ((190, 30, 45), (250, 246, 235)),
    ((255, 255, 255), (0, 0, 0)),
    ((230, 232, 240), (24, 26, 34)),
    ((20, 20, 20), None),
)

Line = np.ndarray  # (n, 2) points x, y
Colour = tuple[int, int, int]
Networks = Mapping[str, bytes]  # name and .tflite
Say = Callable[[str], None]


@dataclass(frozen=True)
class Variant:
    """How a drawing is put on a canvas: ``across`` and ``down`` 0..1 say where in the room that is left."""

    canvas: int = 280
    scale: float = 1.0
    pen: float = 1.0
    across: float = 0.5
    down: float = 0.5
    look: int = 0

    @property
    def corner(self) -> str:
        """Return which corner of sizes and pens this is: the two in which a pen suits a size least, or neither."""
        ratio = self.pen / self.scale
        return "thick pen, small" if ratio > 2 else "thin pen, large" if ratio < 0.5 else "others"


@dataclass(frozen=True)
class Row:
    """How many of ``asked`` answers of one network stayed the same."""

    network: str
    path: str
    part: str
    unchanged: int
    asked: int

    @property
    def share(self) -> float:
        return self.unchanged / self.asked

    def interval(self, z: float = 1.96) -> tuple[float, float]:
        """Return the 95 % interval of the share (Wilson 1927)."""
        p, n = self.share, self.asked
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return middle - half, middle + half


def any_variant(rng: np.random.Generator) -> Variant:
    """Draw a variant: sizes and pens evenly by ratio, everything independently."""
    return Variant(
        int(rng.integers(CANVASES[0], CANVASES[1] + 1)),
        float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST)))),
        float(np.exp(rng.uniform(np.log(THINNEST), np.log(THICKEST)))),
        float(rng.uniform()),
        float(rng.uniform()),
        int(rng.integers(len(LOOKS))),
    )


def placed(lines: list[Line], variant: Variant) -> list[Line]:
    """Put strokes on the variant's canvas, in its pixels."""
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    size = SIZE * variant.canvas * variant.scale / max(float((high - low).max()), 1e-9)
    pen = PEN * variant.canvas * variant.pen
    room = variant.canvas - (high - low) * size - pen - 2  # a pixel of paper all around
    corner = pen / 2 + 1 + room * (variant.across, variant.down)
    return [(line - low) * size + corner for line in lines]


def cover_of_strokes(lines: list[Line], variant: Variant) -> np.ndarray:
    """Draw strokes with Pillow, round ends and joints; (canvas, canvas) uint8, 255 ink."""
    radius = PEN * variant.canvas * variant.pen * FINER / 2
    paths = [line * FINER for line in placed(lines, variant)]
    ends = np.concatenate(paths)
    # Only the drawing's part of a large canvas is drawn finely.
    low = np.maximum((ends.min(axis=0) - radius) // FINER - 1, 0).astype(int)
    high = np.minimum((ends.max(axis=0) + radius) // FINER + 2, variant.canvas).astype(int)
    fine = Image.new("L", tuple(((high - low) * FINER).tolist()))
    pen = ImageDraw.Draw(fine)
    for path in paths:
        points = [tuple(point) for point in (path - low * FINER).tolist()]
        pen.line(points, fill=255, width=max(1, round(2 * radius)))
        for x, y in points:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    cover = np.zeros((variant.canvas, variant.canvas), np.uint8)
    small = fine.resize(tuple((high - low).tolist()), Image.Resampling.BOX)
    cover[low[1] : high[1], low[0] : high[0]] = np.asarray(small)
    return cover


def cover_of_picture(digit: np.ndarray, variant: Variant) -> np.ndarray:
    """Enlarge a digit (28, 28) as a scan is enlarged, pen and all; (canvas, canvas) uint8, 255 ink."""
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    part = np.pad(digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 2)
    scale = SIZE * variant.canvas * variant.scale / (max(part.shape) - 4)
    size = [max(1, round(length * scale)) for length in part.shape[::-1]]
    large = np.asarray(Image.fromarray(part).resize(tuple(size), Image.Resampling.BICUBIC))
    x, y = (max(0, round((variant.canvas - size[i]) * (variant.across, variant.down)[i])) for i in (0, 1))
    cover = np.zeros((variant.canvas, variant.canvas), np.uint8)
    cover[y : y + large.shape[0], x : x + large.shape[1]] = large[: variant.canvas - y, : variant.canvas - x]
    return cover


def picture(cover: np.ndarray, look: int) -> bytes:
    """Write ink (n, n; 255 ink) in a look's colours as a PNG."""
    ink, paper = LOOKS[look]
    part = cover[:, :, None].astype(np.float32) / 255
    if paper is None:
        pixels = np.concatenate([np.broadcast_to(np.uint8(ink), (*cover.shape, 3)), cover[:, :, None]], axis=2)
    else:
        pixels = np.round(part * ink + (1 - part) * paper).astype(np.uint8)
    body = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(body, "PNG", compress_level=1)
    return body.getvalue()


def square_of_png(lines: list[Line], variant: Variant) -> np.ndarray:
    """Return what a network sees of a picture of strokes."""
    return from_png(picture(cover_of_strokes(lines, variant), variant.look)).square


def square_of_strokes(lines: list[Line], variant: Variant) -> np.ndarray:
    """Return what a network sees of strokes sent as strokes."""
    points = [line.tolist() for line in placed(lines, variant)]
    return from_strokes(parse_strokes(points, variant.canvas, variant.canvas)).square


def square_of_scan(digit: np.ndarray, variant: Variant) -> np.ndarray:
    """Return what a network sees of an enlarged digit."""
    return from_png(picture(cover_of_picture(digit, variant), variant.look)).square


def tablet_digits(file: Path) -> list[list[Line]]:
    """Return the drawings of the writers that judge, each a list of strokes."""
    writers: dict[str, list[list[Line]]] = {}
    with gzip.open(file, "rt") as rows:
        for row in map(json.loads, rows):
            writers.setdefault(row["writer"], []).append([np.array(line, float) for line in row["strokes"]])
    return [drawing for drawings in list(writers.values())[TRIED_ON:] for drawing in drawings]


def mnist_digits(file: Path) -> list[np.ndarray]:
    """Return MNIST's test digits (28, 28)."""
    with np.load(file, allow_pickle=False) as arrays:
        return list(arrays["x_test"])


def invariance(networks: Networks, data: Path = DATA, *, drawings: int = 500, each: int = 3, seed: int = 0) -> list[Row]:
    """Count unchanged answers of ``networks`` (name and .tflite) on each path: in all, and by how well pen and size agree.

    ``drawings`` of each source are taken at random, ``each`` times varied.
    """
    asked = {name: open_network(tflite) for name, tflite in networks.items()}
    sources: dict[str, tuple[list, Callable]] = {
        "tablet, PNG": (tablet_digits(data / "screen_strokes.jsonl.gz"), square_of_png),
        "tablet, strokes": (tablet_digits(data / "screen_strokes.jsonl.gz"), square_of_strokes),
        "MNIST, PNG": (mnist_digits(data / "mnist.npz"), square_of_scan),
    }
    counts: dict[tuple[str, str, str], list[int]] = {}
    for path, (pool, see) in sources.items():
        for variant, first, second in _pairs(path, pool, see, drawings, each, seed):
            # A scan's pen grows with it, and the stroke path's pen is the server's.
            parts = ("all", variant.corner) if path == "tablet, PNG" else ("all",)
            for name, network in asked.items():
                same = label(network, first) == label(network, second)
                for part in parts:
                    count = counts.setdefault((name, path, part), [0, 0])
                    count[0] += same
                    count[1] += 1
    return [Row(*key, *count) for key, count in sorted(counts.items())]


def _pairs(
    path: str, pool: list, see: Callable, drawings: int, each: int, seed: int
) -> Iterator[tuple[Variant, np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(pool), min(drawings, len(pool)), replace=False)
    for index in tqdm(chosen, desc=path, unit="drawing", leave=False):
        as_it_is = see(pool[index], Variant())
        for _ in range(each):
            variant = any_variant(rng)
            yield variant, as_it_is, see(pool[index], variant)


def label(network: object, square: np.ndarray) -> int:
    """Return the best label, whether or not the network would rather say that it is no symbol."""
    return int(probabilities(network, square)[:DIGITS].argmax())


def table(rows: list[Row]) -> str:
    """Return the rows as lines of text."""
    lines = []
    for row in rows:
        low, high = row.interval()
        lines.append(
            f"{row.network:4} {row.path:16} {row.part:17} {100 * row.share:6.2f} % unchanged "
            f"[{100 * low:5.2f}, {100 * high:5.2f}]  {row.asked - row.unchanged:4d} of {row.asked} changed"
        )
    return "\n".join(lines)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of screen_strokes.jsonl.gz and mnist.npz")
    parser.add_argument("--cnn", type=Path, default=ROOT / "models" / "digits" / "cnn.tflite")
    parser.add_argument("--fnn", type=Path, default=ROOT / "models" / "digits" / "fnn.tflite")
    parser.add_argument("--drawings", type=int, default=500, help="of each source")
    parser.add_argument("--each", type=int, default=3, help="variants of each drawing")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    networks = {"cnn": given.cnn.read_bytes(), "fnn": given.fnn.read_bytes()}
    print(table(invariance(networks, given.data, drawings=given.drawings, each=given.each, seed=given.seed)))


if __name__ == "__main__":
    main()
