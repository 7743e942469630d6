"""How well the shipped networks learn from people, without a server: the teacher alone, on digits drawn on a tablet.

    python benchmarks/learning.py                       # chosen on: writers 1 to 8 teach, 9 to 12 judge
    python benchmarks/learning.py --teach 13-24 --judge 25-30

Prints, for each learner: single corrections (is the same drawing answered rightly afterwards, and accepted?), rounds of
corrections (accuracy on the judging writers and on the hold-out afterwards), and a retrain on everything at the end.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402

from functions.learners.asking import ask  # noqa: E402
from functions.learners.digits import as_drawn  # noqa: E402
from functions.learners.seeds import Seeds, load_seeds  # noqa: E402
from functions.learners.sources import STROKES, read_writers  # noqa: E402
from functions.learners.squares import Squares, joined  # noqa: E402
from functions.learners.teacher import Teacher  # noqa: E402

TAUGHT = 500  # squares of earlier rounds that join the rehearsal, as the platform does it


def accuracy(tflite: bytes, squares: Squares) -> float:
    """Return the share of right answers in percent."""
    given = ask(tflite, squares.x)[:, :-1]
    symbols = squares.y < given.shape[1]
    return 100 * float((given.argmax(1) == squares.y)[symbols].mean())


def singles(teacher: Teacher, live: bytes, tflite: bytes, pool: Squares, counts: list[int], tries: int) -> None:
    """Correct few drawings that are answered wrongly, each time from the shipped version."""
    wrong = pool.take(np.flatnonzero(ask(tflite, pool.x)[:, :-1].argmax(1) != pool.y))
    rng = np.random.default_rng(0)
    for count in counts:
        found = []
        for seed in range(tries):
            new = wrong.take(rng.choice(len(wrong), count, replace=False))
            made = teacher.fine_tune(live, new, seed=seed, on_progress=quiet)
            holdout = made.metrics["holdout"]
            change = 100 * (holdout["after"]["accuracy"] - holdout["before"]["accuracy"])
            right = made.metrics["new"]["after"]["accuracy"]
            found.append((right, made.gate["accepted"], right * made.gate["accepted"], change, made.metrics["seconds"]))
        right, accepted, both, change, seconds = np.mean(np.array(found, float), 0)
        print(
            f"  {count:3} corrected: {100 * right:5.1f} % answered rightly, {100 * accepted:5.1f} % accepted, "
            f"{100 * both:5.1f} % both; hold-out {change:+.3f} points; {seconds:.1f} s",
            flush=True,
        )


def rounds(teacher: Teacher, seeds: Seeds, learner: str, pool: Squares, judges: Squares, size: int) -> None:
    """Teach ``pool`` in rounds of ``size``, each from the version before, then retrain on all of it."""
    live, tflite = seeds.artefact(learner, "weights"), seeds.artefact(learner, "tflite")
    start = accuracy(tflite, judges)
    print(f"  rounds of {size}: {start:.2f} % of the judging writers' {len(judges)} drawings at the start", flush=True)
    rng, taught, seconds, refused = np.random.default_rng(0), [], [], 0
    for begin in range(0, len(pool), size):
        new = pool.take(np.arange(begin, min(begin + size, len(pool))))
        known = joined(taught)
        some = known.take(rng.permutation(len(known))[:TAUGHT]) if taught else None
        made = teacher.fine_tune(live, new, seed=begin, on_progress=quiet, taught=some)
        seconds.append(made.metrics["seconds"])
        if made.gate["accepted"]:
            live, tflite = made.weights, made.tflite
            taught.append(new)
        else:
            refused += 1
    report("after the rounds", start, tflite, judges, seeds)
    print(f"    {refused} of {len(seconds)} rounds refused; {np.mean(seconds):.1f} s a round, {max(seconds):.1f} s the longest")
    made = teacher.train(live, pool, seed=1, on_progress=quiet)
    report("after a retrain on all", start, made.tflite, judges, seeds)
    print(f"    accepted: {made.gate['accepted']} ({made.gate['reason']}) in {made.metrics['seconds']:.1f} s", flush=True)


def report(what: str, start: float, tflite: bytes, judges: Squares, seeds: Seeds) -> None:
    """Print accuracy, errors cut, and the hold-out."""
    now = accuracy(tflite, judges)
    cut = 100 * (now - start) / (100 - start)
    print(f"    {what}: {now:.2f} %, errors cut by {cut:.0f} %; hold-out {accuracy(tflite, seeds.holdout()):.2f} %", flush=True)


def quiet(progress: float, step: str) -> None:
    """Tell nobody."""


def span(text: str) -> slice:
    """Return the writers of "1-8", counted from one, both ends included."""
    first, last = text.split("-")
    return slice(int(first) - 1, int(last))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--learners", nargs="+", default=["fnn", "cnn"])
    parser.add_argument("--teach", type=span, default=span("1-8"))
    parser.add_argument("--judge", type=span, default=span("9-12"))
    parser.add_argument("--round", type=int, nargs="*", default=[60, 300], help="corrections in a round")
    parser.add_argument("--singles", type=int, nargs="*", default=[1, 5, 20], help="how many corrections at once")
    parser.add_argument("--tries", type=int, default=20)
    arguments = parser.parse_args()
    seeds = load_seeds(arguments.models, "digits")
    writers = read_writers(arguments.data / STROKES)
    pool, judges = as_drawn(writers[arguments.teach]), as_drawn(writers[arguments.judge])
    pool = pool.take(np.random.default_rng(0).permutation(len(pool)))
    for learner in arguments.learners:
        teacher = Teacher(learner, seeds.labels, seeds.rehearsal(), seeds.holdout())
        teacher.warm_up()
        tflite = seeds.artefact(learner, "tflite")
        print(f"{learner}: hold-out {accuracy(tflite, seeds.holdout()):.2f} %", flush=True)
        singles(teacher, seeds.artefact(learner, "weights"), tflite, pool, arguments.singles, arguments.tries)
        for size in arguments.round:
            rounds(teacher, seeds, learner, pool, judges, size)


if __name__ == "__main__":
    main()
