"""A year of visitors: ten rounds of a hundred drawings each by writers whom no network knows, and what others make of it.

    .venv/bin/python -m benchmarks.continual   # both learners, from both bases: a quarter of an hour on 2 cores
    .venv/bin/python -m benchmarks.continual --turns --ways        # everybody visits once and judges twice: a quarter of an hour
    .venv/bin/python -m benchmarks.continual --turns --ways --themselves    # the same, but everybody's own other drawings judge
    .venv/bin/python -m benchmarks.continual --one-by-one          # each round is a single writer's
    .venv/bin/python -m benchmarks.continual --wrong-only  # only drawings that were answered wrongly, as far as there are such
    .venv/bin/python -m benchmarks.continual --picture year.png

In a round ten writers of UCI's pen-based digits, 13 to 22, give ten of their drawings each, with their labels: they correct what
was answered wrongly and confirm the rest, as visitors do. Writers 23 to 30 only judge. With ``--turns`` all writers whom a base
does not know are divided into three groups; each visits once, while both others judge, and errors are added up. With
``--themselves`` visitors give one half of their drawings and the other half judges: what those notice who stay, without and with
what adapts to their own hands (``functions/domain/personalisation.py``, from each one's newest drawings).

The platform's own ``Teacher`` learns each round and its gate decides; what it keeps out does not answer,
and its drawings are offered again with the next round. Both
learners share what was taught, as on a platform. Beside it, from the same base with the same drawings:

a   one step of Adam for each drawing, as demos of online learning do it
b   the platform's fine-tuning on the new drawings alone
c   with rehearsal, but what was learned answers whole: no averaging, no gate
d   a retrain from the base on all drawings at once, thirty times over; with ``--scratch`` also one from nothing
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

from benchmarks.continual.baselines import Ways
from benchmarks.continual.bases import Base, mnist_alone, shipped
from benchmarks.continual.comparison import ALONE, ONE_STEP, WHOLE, Player
from benchmarks.continual.plots import draw, gallery
from benchmarks.continual.rounds import Hands, Ledger, Year, apart, halved, span, turns
from benchmarks.continual.strategies import HEAD, Course, asks, together
from functions.domain.answer import LEARNERS, Learner
from functions.learners.networks.export import unpack
from functions.learners.pretraining.digits import TAUGHT_BY, as_drawn
from functions.learners.pretraining.sources import STROKES, read_writers
from functions.learners.squares import Squares, joined

ROOT = Path(__file__).resolve().parents[2]

BASES = ("shipped", "mnist")
WAYS = {"a": ONE_STEP, "b": ALONE, "c": WHOLE}
KNOWN = {"shipped": TAUGHT_BY + 2, "mnist": 0}  # writers who are in what a base was made with, the first ones
WRITERS = 30


def play(
    base: Base, bench: dict[Learner, Ways], year: Year, hands: Hands, judging: Sequence[Squares], options: argparse.Namespace
) -> list[Course]:
    """Go through one base's year, round by round, printing each; return all courses."""
    others = [WAYS[way] for way in options.ways if way in WAYS]
    players = [Player(base, learner, ways, others, joined(judging)) for learner, ways in bench.items()]

    def wrong(squares: Squares) -> NDArray[np.bool_]:
        return np.any([one.wrong(squares) for one in players], 0)

    ledger, drawings = Ledger(), []
    for number in range(1, options.rounds + 1):
        new = year.next_round(wrong)
        if not len(new):
            print(f"{base.name}: no drawing is left that is answered wrongly", flush=True)
            break
        drawings.append(new)
        told = ", ".join(f"{int(one.wrong(new).sum())} by the {one.learner}" for one in players)
        print(f"{base.name}, round {number}: {len(new)} drawings, answered wrongly: {told}", flush=True)
        seed = 1000 * options.seed + number
        offered, taught = ledger.offer(new), ledger.rehearsed(seed)
        varied = None if options.as_drawn else hands.vary(offered)
        answering = [one.learn(new, offered, taught, varied, seed) for one in players]  # all, whatever the first one says
        ledger.close(accepted=any(answering))
        visits = year.visits(judging) if options.themselves else ()
        for one in players:
            one.measure(sum(map(len, drawings)), visits)
    for one in players:
        one.end()
        if "d" in options.ways:
            one.retrain(joined(drawings), options.seed)
        if options.scratch:
            one.train_from_nothing(joined(drawings), options.data, options.scratch, options.seed)
    return [course for one in players for course in one.courses.values()]


def told(writers: Sequence[int]) -> str:
    """Return writers as people say them: "1-10, 21-30"."""
    begins = [one for one in writers if one - 1 not in writers]
    ends = [one for one in writers if one + 1 not in writers]
    return ", ".join(f"{first}-{last}" for first, last in zip(begins, ends, strict=True))


def main() -> None:
    """Run the benchmark; ends with 1 where something that was asked for is not reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared" / "data", help="the folder with MNIST, EMNIST and strokes"
    )
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--learner", nargs="+", choices=LEARNERS, default=list(LEARNERS))
    parser.add_argument("--base", nargs="+", choices=BASES, default=list(BASES))
    parser.add_argument("--visitors", type=span, default=span("13-22"), help="writers who teach")
    parser.add_argument("--judges", type=span, default=span("23-30"), help="writers who judge and never teach")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--size", type=int, default=100, help="drawings in a round")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--turns", action="store_true", help="each third of a base's new writers visits once, the others judge")
    parser.add_argument("--themselves", action="store_true", help="visitors' own other drawings judge, not other people's")
    parser.add_argument("--one-by-one", action="store_true", help="each round is one writer's, who stays for all of it")
    parser.add_argument("--wrong-only", action="store_true", help="only drawings that a live network answers wrongly")
    parser.add_argument("--as-drawn", action="store_true", help="lessons see drawings as they are, not as other hands draw them")
    parser.add_argument("--ways", nargs="*", choices=("a", "b", "c", "d"), default=["a", "b", "c", "d"], help="to compare with")
    parser.add_argument("--scratch", type=float, default=0.0, help="also train from nothing, this share of the base's steps")
    parser.add_argument("--quick", action="store_true", help="two rounds of 20 drawings, one writer judges: to see that it runs")
    parser.add_argument("--picture", type=Path, help="save the errors over the rounds as a picture")
    parser.add_argument("--gallery", type=Path, help="save what the first base answers wrongly before the year, as a picture")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.size = 2, 20
        options.visitors, options.judges = options.visitors[:2], options.judges[:1]
    if options.themselves and options.wrong_only:
        parser.error("--wrong-only does not tell whose a drawing is, which --themselves has to know.")
    known = max(KNOWN[name] for name in options.base)
    try:
        apart(options.visitors, options.judges, known)
    except ValueError as problem:
        parser.error(str(problem))
    writers = read_writers(options.data / STROKES)
    drawn = {one: as_drawn([writers[one - 1]]) for one in range(1, WRITERS + 1)}
    bench = {learner: Ways(learner, 10) for learner in options.learner}
    courses: list[Course] = []
    for name in options.base:
        if name == "shipped":
            base = shipped(options.models, options.data, list(bench))
        else:
            answering = {learner: ways.logits for learner, ways in bench.items()}
            base = mnist_alone(ROOT / "benchmarks" / "mnist_alone", options.models, options.data, answering)
        if options.gallery and name == options.base[0]:
            shown, owners = joined([drawn[one] for one in options.judges]), [len(drawn[one]) for one in options.judges]
            given = {
                learner: ways.logits(unpack(base.weights[learner])[0], shown)[:, :-1].argmax(1) for learner, ways in bench.items()
            }
            gallery(shown, np.repeat(options.judges, owners), given, options.gallery)
        years = []
        for visitors, judges in turns(KNOWN[name], WRITERS) if options.turns else [(options.visitors, options.judges)]:
            giving, judging = [drawn[one] for one in visitors], [drawn[one] for one in judges]
            if options.themselves:
                giving, judging = halved(giving, options.seed)
            whose = "their other drawings" if options.themselves else told(judges)
            print(f"{name}: writers {told(visitors)} visit, {whose} judge", flush=True)
            year = Year(giving, options.size, options.seed, one_by_one=options.one_by_one, wrong_only=options.wrong_only)
            hands = Hands(writers[one - 1] for one in visitors)
            years.append(play(base, bench, year, hands, judging, options))
        courses += together(years)
    print(f"\n{HEAD}")
    for course in courses:
        print(course)
    found = asks(courses)
    print("\n" + "\n".join(map(str, found)))
    print(f"python {' '.join(sys.argv)}")
    if options.picture:
        draw(courses, options.picture)
    sys.exit(0 if all(ask.met for ask in found) else 1)


if __name__ == "__main__":
    main()
