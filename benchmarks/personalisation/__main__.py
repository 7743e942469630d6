"""What a visitor's own corrections are worth to them at once: the personal head, on digits drawn on a tablet.

    .venv/bin/python -m benchmarks.personalisation              # judged: writers 13 to 30, and corrections by strangers
    .venv/bin/python -m benchmarks.personalisation --choose     # how its two constants were chosen, on writers 1 to 12

Every drawing is looked at once by each network; the rest is ``functions/domain/personalisation.py`` itself. Nothing is
taught. Two bases: the shipped networks, which have seen tablets and make few errors to correct, and those of ``mnist_alone``,
which never saw one.

*After n corrections*: the visitor has corrected n wrong answers, drawn at random; all their other drawings are asked about, with
and without. *A visit*: drawings come in any order, and whatever is answered wrongly is corrected (or everything is judged, right
or wrong). *A slip*: besides, they once took a wrong button, and said of a drawing that was answered rightly that it is something
else. *All of one label*: they contributed nothing else, and draw other labels now. *Strangers*: corrections by many hands, of the
characters. In these two nothing is to be gained, and what is lost is told.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks.personalisation.personal_model import Head, Seen, see
from benchmarks.personalisation.scenarios import AFTER, after, choose, one_sided, seconds, strangers, visits
from functions.domain.answer import LEARNERS
from functions.learners.pretraining.characters import CONFUSABLE
from functions.learners.pretraining.digits import rendered
from functions.learners.pretraining.sources import STROKES, read_emnist, read_writers
from functions.learners.squares.shipped import load_shipped

ROOT = Path(__file__).resolve().parents[2]


def mnist_alone() -> list[bytes]:
    """Return the networks that never saw a tablet, exported."""
    from functions.learners.networks.architectures import build
    from functions.learners.networks.export import export, unpack

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
    """Return EMNIST's test characters as the shipped networks see them, and the head with the set's look-alikes."""
    test = read_emnist(data / "emnist_test.npz")
    labels = load_shipped(ROOT / "models", "characters").labels
    alike = np.eye(len(labels) + 1)
    for group in CONFUSABLE:
        places = [labels.index(label) for label in group]
        alike[np.ix_(places, places)] = 1
    return see(shipped("characters"), test.squares), Head(alike)


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
    print("shipped characters, corrections by strangers:", flush=True)
    for corrections in AFTER:
        print(f"  after {corrections:2} corrections  {strangers(seen, careful, corrections)}", flush=True)


if __name__ == "__main__":
    main()
