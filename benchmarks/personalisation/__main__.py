"""Measure how much a visitor's own corrections improve the visitor's own answers at once (personalisation), on tablet digits.

    .venv/bin/python -m benchmarks.personalisation              # test: writers 13 to 30, and corrections by strangers
    .venv/bin/python -m benchmarks.personalisation --choose     # how its two constants were chosen, on writers 1 to 12

Each network answers each drawing once; ``functions/domain/personalisation.py`` does the rest, and nothing is trained. There are
two pairs of networks: the shipped networks, which were trained on tablet drawings and make few errors, and the networks of
``mnist_alone``, which were not.

*After n corrections*: the visitor has corrected n random wrong answers; all other drawings are answered with and without
personalisation. *A visit*: drawings come in random order, and wrong answers are corrected (or every answer is corrected or
confirmed). *A slip*: the visitor also labelled one rightly answered drawing wrongly. *All of one label*: the visitor contributed
drawings of one label only, and now draws other labels. *Strangers*: corrections of characters by many people. In these two
scenarios nothing can be gained, and the losses are counted. *36 characters judged*: a person confirms or corrects so many
answers, and then draws on.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks.personalisation.personal_model import Head, Seen, see
from benchmarks.personalisation.scenarios import AFTER, after, choose, judged, one_sided, seconds, strangers, visits
from functions.domain.answer import LEARNERS
from functions.learners.pretraining.characters import CONFUSABLE
from functions.learners.pretraining.digits import rendered
from functions.learners.pretraining.pen_squares import coded, plain_squares
from functions.learners.pretraining.pen_writers import PEN_DIGITS, PEN_LETTERS, read_pen
from functions.learners.pretraining.sources import STROKES, read_emnist, read_writers
from functions.learners.squares.shipped import load_shipped

ROOT = Path(__file__).resolve().parents[2]
FEWEST, MOST = 20, 150  # drawings of a person


def mnist_alone() -> list[bytes]:
    """Return the exported networks that were trained on MNIST alone."""
    from functions.learners.networks.architectures import build
    from functions.learners.networks.export import export
    from functions.learners.weights_file import unpack

    made = []
    for learner in LEARNERS:
        weights, about = unpack((ROOT / "benchmarks" / "mnist_alone" / f"{learner}.npz").read_bytes())
        network = build(learner, len(about.labels) + 1)
        network.set_weights(weights)
        made.append(export(network, about.temperature, about.threshold))
    return made


def shipped(name: str) -> list[bytes]:
    """Return the shipped networks of a set."""
    return [load_shipped(ROOT / "models", name).artefact(learner, "tflite") for learner in LEARNERS]


def characters(data: Path) -> tuple[Seen, Head]:
    """Return the shipped networks' outputs for EMNIST's test characters, and the head with the set's look-alikes."""
    test = read_emnist(data / "emnist_test.npz")
    labels = load_shipped(ROOT / "models", "characters").labels
    alike = np.eye(len(labels) + 1)
    for group in CONFUSABLE:
        places = [labels.index(label) for label in group]
        alike[np.ix_(places, places)] = 1
    return see(shipped("characters"), test.squares), Head(alike)


def pen_writers(data: Path) -> list[Seen]:
    """Return the shipped networks' outputs for the characters of each person who is kept apart and drew at least twenty."""
    labels, drawn = load_shipped(ROOT / "models", "characters").labels, defaultdict(list)
    for name in (PEN_LETTERS, PEN_DIGITS):
        for one in read_pen(data / name, "apart"):
            drawn[one.writer].append(one)
    people = [mine[:MOST] for _writer, mine in sorted(drawn.items()) if len(mine) >= FEWEST]
    return [see(shipped("characters"), plain_squares(coded(mine, labels))) for mine in people]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--choose", action="store_true", help="try the constants on writers 1 to 12 instead")
    arguments = parser.parse_args()
    drawn = [rendered([one]) for one in read_writers(arguments.data / STROKES)]
    if arguments.choose:
        print("mnist_alone, writers 1 to 12, after 1, 3 and 10 corrections together:", flush=True)
        networks = mnist_alone()
        choose([see(networks, one) for one in drawn[:12]])
        return
    head = Head(np.eye(11))
    bases = {"mnist_alone": mnist_alone(), "shipped": shipped("digits")}
    for first, last, name in ((13, 24, "mnist_alone"), (13, 24, "shipped"), (25, 30, "mnist_alone"), (25, 30, "shipped")):
        writers = [see(bases[name], one) for one in drawn[first - 1 : last]]
        print(f"{name}, writers {first} to {last}:", flush=True)
        for corrections in AFTER:
            print(f"  after {corrections:2} corrections  {after(writers, head, corrections)}", flush=True)
        print(f"  after  3, and a slip  {after(writers, head, 3, slip=True)}", flush=True)
        print(f"  a visit, the wrong    {visits(writers, head, everything=False)}", flush=True)
        print(f"  a visit, everything   {visits(writers, head, everything=True)}", flush=True)
        print(f"  all of one label      {one_sided(writers, head)}", flush=True)
    for line in seconds(writers[0], head):
        print(f"  {line}", flush=True)
    seen, careful = characters(arguments.data)
    people = pen_writers(arguments.data)
    print(
        f"shipped characters, {len(people)} of UNIPEN's writers who are kept apart, 36 characters judged, the next 24:",
        flush=True,
    )
    print(f"  strictly              {judged(people, careful, as_one=False)}", flush=True)
    print(f"  confusable as one     {judged(people, careful, as_one=True)}", flush=True)
    print("shipped characters, corrections by strangers:", flush=True)
    for corrections in AFTER:
        print(f"  after {corrections:2} corrections  {strangers(seen, careful, corrections)}", flush=True)


if __name__ == "__main__":
    main()
