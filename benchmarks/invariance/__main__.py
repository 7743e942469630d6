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
