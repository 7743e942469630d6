"""Correct a few errors of the shipped networks: are the drawings answered rightly afterwards, and does the gate accept it?

    python -m benchmarks.correction_retention  # both learners, 1, 5 and 20 corrections at once: five minutes on 2 cores

The drawings are the shipped network's errors among the drawings of tablet writers 13 to 30, who are not in its training set.
Twenty such drawings at once are a harder run than the runs of most visitors. Each run starts from the shipped version. Only the
trainer takes part, no server.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks.continual.rounds import StrokeAugmenter, span
from functions.domain.answer import LEARNERS
from functions.learners.continual.fine_tuner import ContinualTrainer
from functions.learners.continual.protocol import TrainingSquares
from functions.learners.litert import infer
from functions.learners.pretraining.digits import rendered
from functions.learners.pretraining.sources import STROKES, read_writers
from functions.learners.squares import Squares
from functions.learners.squares.shipped import load_shipped

ROOT = Path(__file__).resolve().parents[1]


def correct(trainer: ContinualTrainer, live: bytes, wrong: Squares, augmenter: StrokeAugmenter, count: int, tries: int) -> str:
    """Correct ``count`` of the ``wrong`` drawings, ``tries`` times from the version ``live``; return the means as text."""
    rng = np.random.default_rng(count)
    found = []
    for seed in range(tries):
        new = wrong.take(rng.choice(len(wrong), count, replace=False))
        made = trainer.fine_tune(
            live, TrainingSquares(new, augmented=augmenter.augment(new)), seed=seed, on_progress=lambda _progress, _step: None
        )
        holdout = made.metrics["holdout"]
        change = 100 * (holdout["after"]["accuracy"] - holdout["before"]["accuracy"])
        right, accepted = made.metrics["new"]["after"]["accuracy"], made.gate["accepted"]
        found.append((100 * right, 100 * accepted, 100 * right * accepted, change, made.metrics["seconds"]))
    right, accepted, both, change, seconds = np.mean(found, 0)
    return (
        f"{count:3} corrected: {right:5.1f} % answered rightly, {accepted:5.1f} % of runs accepted, {both:5.1f} % both; "
        f"hold-out {change:+.3f} points; {seconds:.1f} s"
    )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="the folder with the strokes")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--learner", nargs="+", choices=LEARNERS, default=list(LEARNERS))
    parser.add_argument("--writers", type=span, default=span("13-30"))
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 5, 20], help="how many corrections at once")
    parser.add_argument("--tries", type=int, default=12)
    options = parser.parse_args()
    seeds = load_shipped(options.models, "digits")
    writers = read_writers(options.data / STROKES)
    chosen = [writers[one - 1] for one in options.writers]
    drawings, augmenter = rendered(chosen), StrokeAugmenter(chosen)
    for learner in options.learner:
        trainer = ContinualTrainer(learner, seeds.labels, seeds.rehearsal(), seeds.holdout())
        trainer.warm_up()
        wrong = drawings.take(infer(seeds.artefact(learner, "tflite"), drawings.x)[:, :-1].argmax(1) != drawings.y)
        print(f"{learner}: {len(wrong)} of {len(drawings)} drawings are answered wrongly", flush=True)
        for count in options.counts:
            if count <= len(wrong):
                line = correct(trainer, seeds.artefact(learner, "weights"), wrong, augmenter, count, options.tries)
                print(f"  {line}", flush=True)


if __name__ == "__main__":
    main()
