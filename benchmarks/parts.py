"""Time the parts of an answer, one after the other, on one core.

    python -m benchmarks.parts

It prints the median processor time of each part, and of whole requests, over drawings of tablet writers who are in no training
set, the bytes of the picture, and what importing the rasteriser costs. ``--data`` is the folder with the collections that
docs/models.md names.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from werkzeug.test import create_environ

from benchmarks.accuracy import ROOT, test_drawings
from functions.app import create_app
from functions.domain.answer import LEARNERS
from functions.domain.drawing import INK_SIDE, from_png, from_strokes, parse_strokes, to_json, to_png
from functions.domain.drawing.normalise import square_from_ink, square_from_segments
from functions.domain.drawing.strokes import ink_of, segments
from functions.learners.litert import infer_square_and_embedding, open_network
from functions.serving.embedding_output import with_embedding
from functions.settings import Settings

DRAWINGS = 300
DRAWING_SIDE = 160  # ink pixels of the longest side: over half of the canvas, as people draw
CLIENT = {"REMOTE_ADDR": "127.0.0.1"}
IMPORT = """
import time, PIL.Image, numpy
def kilobytes(): return int(open("/proc/self/statm").read().split()[1]) * 4
before, began = kilobytes(), time.process_time()
import celiagg, contourpy
print(f"{1000 * (time.process_time() - began):.1f} ms, {(kilobytes() - before) / 1024:.1f} MB")
"""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--drawings", type=int, default=DRAWINGS, help="drawings that each part is timed on")
    options: Any = parser.parse_args()
    everything = test_drawings(options.data)
    bodies = [canvas(one.lines) for one in everything[:: max(1, len(everything) // options.drawings)]]
    strokes = [parse_strokes(body, INK_SIDE, INK_SIDE) for body in bodies]
    paths = [segments(one) for one in strokes]
    inks = [ink_of(path) for path in paths]
    pictures = [to_png(ink) for ink in inks]
    squares = [square_from_segments(path) for path in paths]
    show("reading strokes", lambda body: parse_strokes(body, INK_SIDE, INK_SIDE), bodies)
    show("strokes as facts", to_json, strokes)
    show("the visible path", segments, strokes)
    show("square from a path", square_from_segments, paths)
    show("square from strokes, whole", from_strokes, strokes)
    show("ink from a path", ink_of, paths)
    show("PNG of an ink", to_png, inks, f"{statistics.mean(map(len, pictures)):,.0f} bytes")
    show("square from an ink", square_from_ink, inks)
    show("square from a PNG, whole", from_png, pictures)
    for learner in LEARNERS:
        network = open_network(with_embedding((ROOT / "models" / "digits" / f"{learner}.tflite").read_bytes()))
        show(learner.upper(), lambda square, network=network: infer_square_and_embedding(network, square), squares)
    with tempfile.TemporaryDirectory() as home:
        ask = answers_in(Path(home))
        sent = [json.dumps({"strokes": body, "width": INK_SIDE, "height": INK_SIDE}).encode() for body in bodies]
        show("a request for an answer", lambda body: ask("application/json", body), sent)
        show("the same with a PNG", lambda picture: ask("image/png", picture), pictures)
        show("one that is refused", lambda body: ask("application/json", body), [b"{}"] * len(bodies))
    imported = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=False).stdout.strip()
    print(f"{'importing the rasteriser':28} {imported or 'cannot be measured here'}")


def answers_in(home: Path) -> Callable[[str, bytes], None]:
    """Return what asks a new platform's app as a server does, both networks, without a network or another thread."""
    app = create_app(Settings.from_env({"INKLOOP_HOME": str(home), "INKLOOP_LOG": "problems"}))

    def ask(content_type: str, body: bytes) -> None:
        environ = create_environ(
            "/api/v1/sets/digits/predictions", method="POST", data=body, content_type=content_type, environ_base=CLIENT
        )
        for _ in app(environ, lambda *_: None):  # type: ignore[arg-type, return-value]
            pass

    return ask


def canvas(lines: Sequence[np.ndarray]) -> list[list[list[float]]]:
    """Return a writer's strokes as a page sends them, in the middle of a canvas of 280 x 280."""
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = DRAWING_SIDE / float((high - low).max())
    return [((line - (low + high) / 2) * scale + INK_SIDE / 2).tolist() for line in lines]


def show(name: str, part: Callable[[Any], object], inputs: Sequence[Any], note: str = "") -> None:
    """Print the median processor time of ``part``."""
    part(inputs[0])  # what is only done once is done
    times = []
    for one in inputs:
        began = time.thread_time()
        part(one)
        times.append(1000 * (time.thread_time() - began))
    print(f"{name:28} {statistics.median(times):6.3f} ms  {note}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
