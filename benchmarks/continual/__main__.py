"""Fine-tune for ten rounds on a hundred drawings each by unknown writers, and compare with other methods.

    python -m benchmarks.continual                       # both learners, both bases: a quarter of an hour on 2 cores
    python -m benchmarks.continual --turns --baselines   # each writer visits once and tests twice, no other methods
    python -m benchmarks.continual --turns --baselines --own-drawings  # the same, tested with the visitors' other drawings
    python -m benchmarks.continual --one-by-one          # each round has a single writer
    python -m benchmarks.continual --wrong-only          # only drawings that a live network answers wrongly
    python -m benchmarks.continual --plot errors.png

In each round ten writers of UCI's pen-based digits, 13 to 22, give ten drawings each with their labels: they correct wrong
answers and confirm right ones, as visitors do. Writers 23 to 30 only test. With ``--turns`` all writers who are unknown to a base
are divided into three groups. Each group visits once while the other two test; the errors are summed. With ``--own-drawings``
visitors give one half of their drawings and the other half tests: the result for people who stay, with and without
personalisation (``functions/domain/personalisation.py``) from each visitor's newest drawings.

The platform's own ``ContinualTrainer`` learns each round and its gate decides. A rejected version does not answer; its drawings
are offered again in the next round. Both learners share the training history, as on a platform. The same drawings also train
other methods from the same base:

a   one step of Adam for each drawing, as demos of online learning do
b   the platform's fine-tuning on the new drawings alone
c   fine-tuning with replay, but without weight averaging and gate
d   one retraining from the base on all drawings, thirty epochs; with ``--scratch`` also one from random weights
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks.continual.baselines import BaselineTrainer
from benchmarks.continual.bases import Base, mnist_alone, shipped
from benchmarks.continual.comparison import ALONE, ONE_STEP, WHOLE, LearnerComparison
from benchmarks.continual.plots import gallery, plot_errors
from benchmarks.continual.rounds import RoundSchedule, StrokeAugmenter, TrainingHistory, halved, require_separate, span, turns
from benchmarks.continual.strategies import HEADER, StrategyResult, check_targets, combined
from functions.domain.answer import LEARNERS, Learner
from functions.learners.pretraining.digits import TRAINING_WRITERS, rendered
from functions.learners.pretraining.sources import STROKES, read_writers
from functions.learners.squares import Squares, joined
from functions.learners.weights_file import unpack

ROOT = Path(__file__).resolve().parents[2]

BASES = ("shipped", "mnist")
BASELINES = {"a": ONE_STEP, "b": ALONE, "c": WHOLE}
KNOWN = {"shipped": TRAINING_WRITERS + 2, "mnist": 0}  # writers who are in what a base was made with, the first ones
WRITERS = 30


def play(
    base: Base,
    trainers: dict[Learner, BaselineTrainer],
    schedule: RoundSchedule,
    augmenter: StrokeAugmenter,
    testing: Sequence[Squares],
    options: argparse.Namespace,
) -> list[StrategyResult]:
    """Run all rounds of one base and print each; return all results."""
    others = [BASELINES[strategy] for strategy in options.baselines if strategy in BASELINES]
    comparisons = [
        LearnerComparison(base, learner, baselines, others, joined(testing)) for learner, baselines in trainers.items()
    ]

    def wrong(squares: Squares) -> NDArray[np.bool_]:
        return np.any([one.wrong(squares) for one in comparisons], 0)

    history, drawings = TrainingHistory(), []
    for number in range(1, options.rounds + 1):
        new = schedule.next_round(wrong)
        if not len(new):
            print(f"{base.name}: no drawing is left that is answered wrongly", flush=True)
            break
        drawings.append(new)
        wrongly = ", ".join(f"{int(one.wrong(new).sum())} by the {one.learner}" for one in comparisons)
        print(f"{base.name}, round {number}: {len(new)} drawings, answered wrongly: {wrongly}", flush=True)
        seed = 1000 * options.seed + number
        offered, earlier = history.offer(new), history.rehearsed(seed)
        augmented = None if options.no_augmentation else augmenter.augment(offered)
        answering = [
            one.learn(new, offered, earlier, augmented, seed) for one in comparisons
        ]  # no short-circuit: all learners train
        history.close(accepted=any(answering))
        visits = schedule.visits(testing) if options.own_drawings else ()
        for one in comparisons:
            one.measure(sum(map(len, drawings)), visits)
    for one in comparisons:
        one.end()
        if "d" in options.baselines:
            one.retrain(joined(drawings), options.seed)
        if options.scratch:
            one.train_from_nothing(joined(drawings), options.data, options.scratch, options.seed)
    return [result for one in comparisons for result in one.results.values()]


def spans(writers: Sequence[int]) -> str:
    """Return the numbers of writers as spans: "1-10, 21-30"."""
    begins = [one for one in writers if one - 1 not in writers]
    ends = [one for one in writers if one + 1 not in writers]
    return ", ".join(f"{first}-{last}" for first, last in zip(begins, ends, strict=True))


def main() -> None:
    """Run the benchmark; the exit status is 0 if all targets are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared" / "data", help="the folder with MNIST, EMNIST and strokes"
    )
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--learner", nargs="+", choices=LEARNERS, default=list(LEARNERS))
    parser.add_argument("--base", nargs="+", choices=BASES, default=list(BASES))
    parser.add_argument("--visitors", type=span, default=span("13-22"), help="writers whose drawings train")
    parser.add_argument("--test-writers", type=span, default=span("23-30"), help="writers whose drawings test and never train")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--size", type=int, default=100, help="drawings in a round")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--turns", action="store_true", help="each third of a base's new writers visits once, the others test")
    parser.add_argument("--own-drawings", action="store_true", help="test with the visitors' other drawings")
    parser.add_argument("--one-by-one", action="store_true", help="each round has the drawings of one writer")
    parser.add_argument("--wrong-only", action="store_true", help="only drawings that a live network answers wrongly")
    parser.add_argument("--no-augmentation", action="store_true", help="train on drawings without augmented copies")
    parser.add_argument(
        "--baselines", nargs="*", choices=("a", "b", "c", "d"), default=["a", "b", "c", "d"], help="other methods to compare with"
    )
    parser.add_argument(
        "--scratch", type=float, default=0.0, help="also train from random weights, this share of the base's steps"
    )
    parser.add_argument("--quick", action="store_true", help="two rounds of 20 drawings, one test writer: a smoke test")
    parser.add_argument("--plot", type=Path, help="save a plot of the errors over the rounds")
    parser.add_argument("--gallery", type=Path, help="save a picture of the drawings that the first base answers wrongly")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.size = 2, 20
        options.visitors, options.test_writers = options.visitors[:2], options.test_writers[:1]
    if options.own_drawings and options.wrong_only:
        parser.error("--own-drawings needs the writer of each drawing, which --wrong-only does not keep.")
    known = max(KNOWN[name] for name in options.base)
    try:
        require_separate(options.visitors, options.test_writers, known)
    except ValueError as problem:
        parser.error(str(problem))
    writers = read_writers(options.data / STROKES)
    drawn = {one: rendered([writers[one - 1]]) for one in range(1, WRITERS + 1)}
    trainers = {learner: BaselineTrainer(learner, 10) for learner in options.learner}
    results: list[StrategyResult] = []
    for name in options.base:
        if name == "shipped":
            base = shipped(options.models, options.data, list(trainers))
        else:
            answering = {learner: baselines.logits for learner, baselines in trainers.items()}
            base = mnist_alone(ROOT / "benchmarks" / "mnist_alone", options.models, options.data, answering)
        if options.gallery and name == options.base[0]:
            shown, owners = (
                joined([drawn[one] for one in options.test_writers]),
                [len(drawn[one]) for one in options.test_writers],
            )
            given = {
                learner: baselines.logits(unpack(base.weights[learner])[0], shown)[:, :-1].argmax(1)
                for learner, baselines in trainers.items()
            }
            gallery(shown, np.repeat(options.test_writers, owners), given, options.gallery)
        groups = []
        for visitors, testers in turns(KNOWN[name], WRITERS) if options.turns else [(options.visitors, options.test_writers)]:
            giving, testing = [drawn[one] for one in visitors], [drawn[one] for one in testers]
            if options.own_drawings:
                giving, testing = halved(giving, options.seed)
            whose = "their other drawings" if options.own_drawings else spans(testers)
            print(f"{name}: writers {spans(visitors)} visit, {whose} test", flush=True)
            schedule = RoundSchedule(
                giving, options.size, options.seed, one_by_one=options.one_by_one, wrong_only=options.wrong_only
            )
            augmenter = StrokeAugmenter(writers[one - 1] for one in visitors)
            groups.append(play(base, trainers, schedule, augmenter, testing, options))
        results += combined(groups)
    print(f"\n{HEADER}")
    for result in results:
        print(result)
    found = check_targets(results)
    print("\n" + "\n".join(map(str, found)))
    print(f"python {' '.join(sys.argv)}")
    if options.plot:
        plot_errors(results, options.plot)
    sys.exit(0 if all(target.met for target in found) else 1)


if __name__ == "__main__":
    main()
