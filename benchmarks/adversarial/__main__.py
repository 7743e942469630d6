"""Play a hundred hostile campaigns against the platform, with trust and gate and without, and count what they did.

    python -m benchmarks.adversarial --json hostile.json --picture hostile.png
    python -m benchmarks.adversarial --campaigns 12 --controls 2 --learner fnn      # a first look

The whole platform runs in this process, or in a few of them: real verbs, real teachers, a database for each campaign. Tablet
writers 13 to 24 are the visitors, honest and hostile; versions are judged on a hidden test that neither gate nor rehearsal
knows: MNIST's test and writers 25 to 30. ``hostile_plans`` tells who does what, ``hostile_account`` what is counted how.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from tqdm import tqdm

from benchmarks.adversarial.attack_plans import Campaign, campaigns
from benchmarks.adversarial.hidden_evaluation import Judge
from benchmarks.adversarial.people import gather
from benchmarks.adversarial.platform import House, Taught, make_template, pupils
from benchmarks.adversarial.plot import picture
from benchmarks.adversarial.results import Account, Walls, account, table, verdicts
from benchmarks.adversarial.scores import Loss
from benchmarks.adversarial.without_defences import Credulous
from functions.domain.answer import LEARNERS
from functions.domain.symbols import SymbolSet
from functions.domain.trust import Mode
from functions.learners.pretraining.digits import DIGITS
from functions.learners.pretraining.sources import STROKES
from functions.learners.squares.shipped import load_shipped
from functions.training.trainer_pool import ShippedTrainerPool

ROOT = Path(__file__).resolve().parents[2]


class Field:
    """Where campaigns are played, and what all of them share: drawings, teachers, a judge, a database to begin with."""

    def __init__(self, options: argparse.Namespace) -> None:
        logging.getLogger("absl").setLevel(logging.ERROR)  # it warns of its own plans
        self._home = tempfile.TemporaryDirectory()
        self._models = options.models
        self._begin = make_template(Path(self._home.name), options.models)
        self._judge = Judge(options.models, options.data)
        people = gather(options.data, self._judge, options.seed)
        self._drawings = people.drawings
        rehearsal = load_shipped(options.models, "digits").rehearsal()
        self._teachers: Mapping[str, Any] = ShippedTrainerPool(options.models).teachers(SymbolSet("digits", DIGITS))
        self._credulous = {learner: Credulous(learner, DIGITS, rehearsal) for learner in LEARNERS}
        self._again: tuple[Walls, ...] = ("gate", "none") if options.gate_alone else ("none",)
        self._campaigns = list(
            campaigns(people.pool, options.campaigns, options.controls, options.rounds, options.seed, options.learner)
        )

    def play(self, number: int) -> list[Account]:
        """Play a campaign with trust and gate and, where that is planned, again with less."""
        campaign = self._campaigns[number]
        again = self._again if campaign.replayed else ()
        return [self._played(campaign, walls) for walls in ("both", *again)]

    def _played(self, campaign: Campaign, walls: Walls) -> Account:
        rng = np.random.default_rng([campaign.seed, campaign.number, 7])
        teachers = pupils(campaign, self._credulous if walls == "none" else self._teachers)
        mode: Mode = "review" if walls == "both" else "open"
        house = House(Path(self._home.name) / "house", self._begin, self._models, self._drawings, teachers, mode)
        try:
            told, lessons = [], []
            for visits in campaign.rounds:
                told.append([one for visit in visits for one in house.receive(visit, rng)])
                house.look_again()
                lessons.append([(one, self._loss(one)) for one in house.learn()])
            ended = house.now_of([one.sample for some in told for one in some])
            return account(campaign, walls, told, ended, lessons)
        finally:
            house.close()

    def _loss(self, one: Taught) -> Loss | None:
        if not one.activated:
            return None
        return self._judge.standing(one.learner, one.weights).below(self._judge.shipped(one.learner))


field: list[Field] = []  # of a worker process: what takes long to make is made once


def begin(options: argparse.Namespace) -> None:
    """Make a worker's field."""
    field.append(Field(options))


def play(number: int) -> list[Account]:
    """Play a campaign on the worker's field."""
    return field[0].play(number)


def told(one: Account) -> str:
    """Return one line about a campaign."""
    lessons = " ".join(f"{lesson.learner}{'+' if lesson.activated else '-'}" for lesson in one.lessons)
    return (
        f"{one.number:4} {one.kind:22} {one.manner:36} {one.walls:4} honest {one.corrections!s:>15}, "
        f"lies let in {one.lies!s:>15}, lost {one.worst.right:5.2f}, recall {one.worst.recall:5.2f}  {lessons}"
    )


def main() -> None:
    """Run the benchmark; the exit status tells whether everything is shown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--campaigns", type=int, default=100)
    parser.add_argument("--controls", type=int, default=20, help="campaigns without enemies, beside these")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--learner", choices=["fnn", "cnn"], default="", help="the only one that learns, in all campaigns")
    parser.add_argument(
        "--gate-alone", action="store_true", help="play the campaigns that are replayed behind the gate alone, too"
    )
    parser.add_argument("--seed", type=int, default=1, help="the rules were looked at with 0")
    parser.add_argument("--workers", type=int, default=2, help="processes that play side by side; each needs 1.5 GB")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--json", type=Path, help="write every figure")
    parser.add_argument("--picture", type=Path, help="draw what was lost, with trust and gate and without")
    options = parser.parse_args()
    for name in ("mnist.npz", STROKES):
        if not (options.data / name).is_file():
            parser.error(f"{options.data / name} is missing; docs/models.md names the source of each collection.")
    accounts: list[Account] = []
    count = options.campaigns + options.controls
    with ProcessPoolExecutor(options.workers, get_context("spawn"), begin, (options,)) as pool:
        for found in tqdm(pool.map(play, range(count)), total=count, desc="campaigns", unit="campaign"):
            accounts += found
            for one in found:
                tqdm.write(told(one))
            if options.json:  # an interrupted run keeps what it has
                options.json.write_text(json.dumps([one.as_dict() for one in accounts], indent=1))
    print("\n" + "\n".join(table(accounts)))
    shown = verdicts(accounts)
    for reached, words in shown:
        print(f"{'reached' if reached else 'NOT reached':12} {words}")
    if options.picture:
        picture(accounts, options.picture)
    sys.exit(0 if all(reached for reached, _words in shown) else 1)


if __name__ == "__main__":
    main()
