"""Measure how often an answer stays the same when a digit is drawn at another place, in another size, with another pen.

    .venv/bin/python -m benchmarks.invariance

The reference of a drawing lies in the middle, is half as large as the canvas, and has a pen of 1/28 of the canvas. Its variants
lie
anywhere, are 0.4 to 1.6 times as large, have a pen 0.5 to 2 times as thick, a canvas of 200 to 1000 pixels, and other colours. An
answer is unchanged if the best label is the label of the reference, right or wrong.

There are three sources: tablet digits by writers 13 to 30 as PNG pictures (drawn by Pillow, not by the platform's renderer), the
same digits as strokes (size and place change; the server chooses the pen), and MNIST's test digits as pictures.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.invariance.measure import invariance, table

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"


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
