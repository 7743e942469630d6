"""Measure how many numbers are read exactly, from strokes and from pictures of them.

    .venv/bin/python -m benchmarks.readings
    .venv/bin/python -m benchmarks.readings --tune 100   # search better weights, by the other writers

Two kinds of numbers: the 349 that people wrote as a whole (UNIPEN), and numbers composed of single digits of one writer, of two
to six digits, where one number in five has neighbours that touch. A third of the writers of whole numbers, by a hash, tune the
weights; the others are reported. The base networks train on single digits of some UNIPEN writers. So the reported composed
numbers are of writers kept apart, and whole numbers of other writers who also gave single digits are not reported.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from benchmarks.readings.measure import Tally, network, read_all, tuned, writing
from benchmarks.readings.numbers import Number, composed_numbers, digit_writers, is_tuned_by, own_numbers
from functions.domain.reading.read import PICTURE, STROKES, ask_all
from functions.learners.pretraining.pen_writers import pen_part

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=DATA, help="folder of pen_numbers_strokes.jsonl.gz and pen_digits_strokes.jsonl.gz"
    )
    parser.add_argument("--cnn", type=Path, default=ROOT / "models" / "digits" / "cnn.tflite")
    parser.add_argument("--composed", type=int, default=500, help="composed numbers")
    parser.add_argument("--tune", type=int, default=0, metavar="STEPS", help="search weights instead")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    ask = network(given.cnn)
    apart = [writer for writer in digit_writers(given.data) if pen_part(writer) == "apart"]
    reported = [writer for writer in apart if not is_tuned_by(writer)]
    if given.tune:
        numbers = _to_tune_by(given.data, reported, given.composed, given.seed + 1)
        for name, weights in (("STROKES", STROKES), ("PICTURE", PICTURE)):
            asked = [(number, ask_all(writing(number, name == "PICTURE"), ask)) for number in numbers]
            found, score = tuned(asked, weights, given.tune, given.seed)
            print(f"{name} = {found}  # score {score:.4f}")
        return
    known = set(digit_writers(given.data)) - set(apart)
    whole = [number for number in own_numbers(given.data) if not is_tuned_by(number.writer) and number.writer not in known]
    composed = composed_numbers(given.data, reported, given.composed, given.seed)
    print(
        "| numbers | from | exactly read | cut into as many digits | five digits take, median |\n| --- | --- | --- | --- | --- |"
    )
    for name, numbers in (("whole, as people wrote them", whole), ("composed", composed)):
        for pictured in (False, True):
            print(_row(name, pictured, read_all(numbers, ask, pictured=pictured)))


def _to_tune_by(data: Path, reported: list[str], composed: int, seed: int) -> list[Number]:
    whole = [number for number in own_numbers(data) if is_tuned_by(number.writer)]
    others = [writer for writer in digit_writers(data) if writer not in reported]
    return whole + composed_numbers(data, others, composed, seed)


def _row(name: str, pictured: bool, tally: Tally) -> str:
    share = [f"{100 * found / tally.count:.1f} %" for found in (tally.right, tally.cut)]
    five = f"{np.median(tally.times[5]):.0f} ms" if 5 in tally.times else "-"
    return f"| {tally.count} {name} | {'PNG' if pictured else 'strokes'} | {share[0]} | {share[1]} | {five} |"


if __name__ == "__main__":
    main()
