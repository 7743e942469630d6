"""Let twelve people whom no network knows judge 36 characters each, and count what everybody gains.

    python -m benchmarks.twelve_writers                  # two groups of twelve; --group 0 for one of them

The people are UNIPEN's writers who are kept apart (``functions/learners/pretraining/pen_writers.py``). A group visits a fresh
platform in three rounds, through HTTP, each person from an address of their own, in the trust mode ``review``. They confirm right
answers and correct wrong ones. The platform learns after each round. All other people kept apart are the test: the errors of the
networks in their drawings, before and after. The twelve then draw on, and the platform's answers to them are counted, with and
without what it knows of their hand.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import requests
from tqdm import tqdm

from benchmarks.end_to_end import Platform, own_platform
from functions.learners.evaluation.half_decided import credits_of, right_as_one
from functions.learners.litert import infer
from functions.learners.pretraining.characters import CONFUSABLE
from functions.learners.pretraining.pen_writers import PEN_DIGITS, PEN_LETTERS, PenDrawing, read_pen
from functions.learners.squares.shipped import load_shipped

ROOT = Path(__file__).resolve().parent.parent
SET = "characters"
LEARNERS = ("fnn", "cnn")
PEOPLE, ROUNDS, EACH = 12, 3, 12  # people of a group, rounds, and drawings of a person in a round
NEXT = 24  # further drawings of each of them at most, answered with their own hand
OF_A_STRANGER = 40  # drawings of each other person at most: two writers' names stand for many people
KEPT_CASE = frozenset("abdefghnqrt")  # lower-case letters that are labels of their own in EMNIST's 47 merged classes
LIKE = {label: group for group in CONFUSABLE for label in group}
ROLES = ("original", "learned")


@dataclass
class Errors:
    """Wrong answers of ``asked``: strictly, and with confusable labels as one."""

    asked: int = 0
    strict: int = 0
    as_one: int = 0

    def count(self, answer: str | None, truth: str) -> None:
        """Count one answer; None is "not a symbol"."""
        self.asked += 1
        self.strict += answer != truth
        self.as_one += answer is None or answer not in LIKE.get(truth, (truth,))

    def __iadd__(self, other: Errors) -> Errors:
        self.asked, self.strict, self.as_one = (
            self.asked + other.asked,
            self.strict + other.strict,
            self.as_one + other.as_one,
        )
        return self

    def __str__(self) -> str:
        return f"{self.strict} of {self.asked} wrong, {self.as_one} with look-alikes as one"


def people(data: Path, seed: int) -> list[list[PenDrawing]]:
    """Return the drawings of each person kept apart, in random order, the person with the most drawings first."""
    by_writer: dict[str, list[PenDrawing]] = defaultdict(list)
    for name in (PEN_LETTERS, PEN_DIGITS):
        for one in read_pen(data / name, "apart"):
            by_writer[one.writer].append(one)
    rng = np.random.default_rng(seed)
    ordered = sorted(by_writer.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return [[mine[i] for i in rng.permutation(len(mine))] for _writer, mine in ordered]


def label_of(one: PenDrawing) -> str:
    """Return the label in the set of 47 characters."""
    return one.label if one.label in KEPT_CASE else one.label.upper()


def body(one: PenDrawing) -> dict[str, Any]:
    """Return the request for a drawing, enlarged to a canvas of 280 units."""
    points = np.concatenate(one.lines)
    low = points.min(0)
    scale = 200 / max(float((points.max(0) - low).max()), 1e-9)
    strokes = [np.round((line - low) * scale + 40, 1).tolist() for line in one.lines]
    return {"strokes": strokes, "width": 280, "height": 280, "pointer": "pen"}


class Visitor(Platform):
    """One person: a session with its own cookie, and an address of its own."""

    def __init__(self, url: str, number: int) -> None:
        super().__init__(url, SET)
        self.session = requests.Session()
        self.session.headers["X-Forwarded-For"] = f"198.51.{number // 200}.{1 + number % 200}"

    def predict(self, one: PenDrawing, *, consent: bool = False, adapt: bool = True) -> Any:
        return self._post(self.session, f"{self.set}/predictions", {**body(one), "consent": consent, "adapt": adapt})

    def judge(self, one: PenDrawing) -> tuple[str | None, str]:
        """Show a drawing, confirm or correct the answer; return the answer and the sample's status."""
        answer = self.predict(one, consent=True)
        made = self.correct(self.session, answer, label_of(one))
        return answer["answer"]["label"], made["status"]


def networks_on(url: str, drawings: Sequence[PenDrawing], what: str) -> dict[tuple[str, str], Errors]:
    """Count the errors of each network, original and learned, in the drawings of people whom nobody knows."""
    stranger = Visitor(url, 5_000)
    errors: dict[tuple[str, str], Errors] = defaultdict(Errors)
    for one in tqdm(drawings, desc=what, unit="drawing", leave=False):
        for model in stranger.predict(one)["models"]:
            errors[model["learner"], model["role"]].count(model["top"][0]["label"], label_of(one))
    return errors


@dataclass
class Outcome:
    """What one group's visits led to."""

    made: int
    live: int
    refused: list[str]
    judged: Errors
    statuses: dict[str, int]
    others: dict[tuple[str, str], Errors]
    base_answers: Errors  # to the twelve's next drawings, by the original networks, to a stranger
    shared_answers: Errors  # by the learned networks, to a stranger
    own_answers: Errors  # by the learned networks, to the person who draws
    below_base: float  # points on the hold-out, of the worst activated version, look-alikes as one


def visit(url: str, group: list[list[PenDrawing]], others: Sequence[PenDrawing]) -> Outcome:
    """Let a group visit in rounds; then ask about everybody's other drawings."""
    visitors = [Visitor(url, number) for number in range(len(group))]
    further = [mine[ROUNDS * EACH :][:NEXT] for mine in group]
    base, judged, statuses = Errors(), Errors(), defaultdict[str, int](int)
    stranger = Visitor(url, 4_000)
    for mine in further:
        for one in mine:
            base.count(stranger.predict(one)["answer"]["label"], label_of(one))
    for turn in range(ROUNDS):
        for visitor, mine in zip(tqdm(visitors, desc=f"round {turn + 1}", unit="person", leave=False), group, strict=True):
            for one in mine[turn * EACH :][:EACH]:
                answered, status = visitor.judge(one)
                judged.count(answered, label_of(one))
                statuses[status] += 1
        visitors[0].wait_until_learned()
    shared, own = Errors(), Errors()
    for visitor, mine in zip(visitors, further, strict=True):
        for one in mine:
            shared.count(stranger.predict(one)["answer"]["label"], label_of(one))
            own.count(visitor.predict(one)["answer"]["label"], label_of(one))
    runs = [run["result"] for run in visitors[0].runs() if run["state"] == "done"]
    live = [version for result in runs for version in result["activated"]]
    refused = [f"{one['reason']}" for result in runs for one in result["rejected"]]
    return Outcome(
        made=len(live) + len(refused),
        live=len(live),
        refused=refused,
        judged=judged,
        statuses=dict(statuses),
        others=networks_on(url, others, "other people"),
        base_answers=base,
        shared_answers=shared,
        own_answers=own,
        below_base=_below_base(visitors[0], live),
    )


def _below_base(platform: Platform, versions: Sequence[str]) -> float:
    """Return the points that the worst of some versions lost on the frozen hold-out, look-alikes as one."""
    listed = platform.get(f"{platform.set}/versions?limit=200")["versions"]
    base = {one["learner"]: _as_one(platform, one["id"]) for one in listed if one["original"]}
    mine = [one for one in listed if one["id"] in versions]
    return max((100 * (base[one["learner"]] - _as_one(platform, one["id"])) for one in mine), default=0.0)


def _as_one(platform: Platform, version: str) -> float:
    """Return a version's accuracy (0..1) on the frozen hold-out, look-alikes as one, by its own artefact."""
    shipped = load_shipped(ROOT / "models", SET)
    holdout = shipped.holdout()
    artefact = requests.get(f"{platform.base}/versions/{version}/artefact", timeout=30)
    artefact.raise_for_status()
    symbols = holdout.take(holdout.y < len(shipped.labels))
    given = infer(artefact.content, symbols.x)[:, :-1].argmax(1)
    return float(right_as_one(credits_of(shipped.labels, CONFUSABLE), symbols.y, given).mean())


def fewer(before: int, after: int) -> str:
    """Return a change of errors in words."""
    return f"{100 * (before - after) / before:.0f} % fewer" if before else "none before"


def report(outcomes: Sequence[Outcome]) -> None:
    """Print the table of all groups."""
    for number, one in enumerate(outcomes):
        print(f"\ngroup {number}: {one.live} of {one.made} versions live; judged {one.judged}; samples {one.statuses}")
        for reason in one.refused:
            print(f"  kept out: {reason}")
        print(f"  hold-out, worst activated version, look-alikes as one: {one.below_base:.2f} points below the base")
        for learner in LEARNERS:
            before, after = (one.others[learner, role] for role in ROLES)
            print(f"  others, {learner}: {before} -> {after}  ({fewer(before.strict, after.strict)})")
        print(f"  next drawings of the twelve: base {one.base_answers}; learned {one.shared_answers}; own hand {one.own_answers}")
    print()
    made, live = sum(one.made for one in outcomes), sum(one.live for one in outcomes)
    print(f"versions live of versions made: {live} of {made}")
    for learner in LEARNERS:
        before, after = (_sum(one.others[learner, role] for one in outcomes) for role in ROLES)
        print(f"other people's errors, {learner}: {_change(before, after)}")
    base = _sum(one.base_answers for one in outcomes)
    print(f"their own next drawings, to a stranger: {_change(base, _sum(one.shared_answers for one in outcomes))}")
    print(f"their own next drawings, to themselves: {_change(base, _sum(one.own_answers for one in outcomes))}")


def _sum(every: Iterable[Errors]) -> Errors:
    total = Errors()
    for one in every:
        total += one
    return total


def _change(before: Errors, after: Errors) -> str:
    strict, as_one = fewer(before.strict, after.strict), fewer(before.as_one, after.as_one)
    return (
        f"{before.strict} -> {after.strict} of {before.asked}, {strict}; "
        f"with look-alikes as one {before.as_one} -> {after.as_one}, {as_one}"
    )


def main() -> None:
    """Run the benchmark for each group."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--group", type=int, choices=[0, 1], help="only one of the two groups")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not (options.data / PEN_LETTERS).is_file():
        parser.error(f"{options.data / PEN_LETTERS} is missing; docs/models.md names its source.")
    everybody = people(options.data, options.seed)
    chosen = [range(group, 2 * PEOPLE, 2) for group in ([options.group] if options.group is not None else [0, 1])]
    outcomes = []
    for members in chosen:
        group = [everybody[number] for number in members]
        others = [one for number, mine in enumerate(everybody) if number not in members for one in mine[:OF_A_STRANGER]]
        with own_platform(INKLOOP_TRAIN="asked", INKLOOP_PROXIES="1") as url:
            outcomes.append(visit(url, group, others))
    report(outcomes)
    sys.exit(0)


if __name__ == "__main__":
    main()
