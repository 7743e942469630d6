"""Simulate the prompts of the page Contribute under each policy, and print the resulting datasets.

    python -m benchmarks.prompt_policy

The simulation has ten labels with unequal numbers of drawings, some by few people. The networks are wrong about some labels far
more often than about others, but less often with more drawings by more people. Visitors come one after the other, each with a
session of another length, and draw the prompts. It takes seconds, because nothing is trained. The policies are those of the
platform (``functions.domain.prompts``).
"""

from __future__ import annotations

import argparse
from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import groupby
from math import log, sqrt
from random import Random
from typing import get_args

from functions.domain.prompts import Ask, LabelStatistics, next_labels
from functions.records.prompt_statistics import ENOUGH_DRAWINGS, NEWEST, NEWEST_ANSWERS, OWN

LABELS = "0123456789"
COLLECTED = dict(zip(LABELS, (120, 200, 90, 60, 12, 150, 110, 25, 80, 40), strict=True))  # before the first prompt
PEOPLE_SO_FAR = dict(zip(LABELS, (12, 18, 9, 3, 4, 11, 9, 6, 8, 2), strict=True))
HARD = dict(zip(LABELS, (0.3, 0.2, 0.3, 0.4, 0.8, 0.4, 0.3, 1.2, 0.5, 0.8), strict=True))  # the error rate at first
ALIKE = (("1", "7"),)
AT_ONCE = 10  # prompts in one request of the page
SESSIONS = (3, 5, 8, 10, 15, 20, 30, 60, 200)  # drawings


@dataclass
class World:
    """The collected drawings and the networks' doubts about them."""

    collected: Counter[str] = field(default_factory=lambda: Counter(COLLECTED))
    drawn: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=NEWEST))  # (label, person), the newest
    doubts: deque[tuple[str, float]] = field(default_factory=lambda: deque(maxlen=NEWEST_ANSWERS))
    people: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for label in LABELS:
            people = [f"earlier {number}" for number in range(PEOPLE_SO_FAR[label])]
            self.people[label] = set(people)
            self.drawn.extend((label, people[number % len(people)]) for number in range(COLLECTED[label]))

    def error(self, label: str) -> float:
        """Return the networks' error rate on new drawings of a label, which falls with the square root of the drawings."""
        worth = self.collected[label] * sqrt(len(self.people[label]) / 10)
        return min(1.0, HARD[label] / sqrt(1 + worth / 10))

    def statistics(self, person: str, own: Counter[str]) -> list[LabelStatistics]:
        """Return the statistics that the platform would have for a person."""
        looked_at = Counter(label for label, _ in self.drawn)
        people = Counter(label for label, one in set(self.drawn) if one != person)
        seen, doubt = Counter(label for label, _ in self.doubts), Counter[str]()
        for label, one in self.doubts:
            doubt[label] += one  # type: ignore[assignment]
        return [
            LabelStatistics(
                label,
                accepted=self.collected[label],
                seen=seen[label],
                doubt=doubt[label] / seen[label] if seen[label] else 0.0,
                people=people[label] + (0 if looked_at[label] >= ENOUGH_DRAWINGS else self.collected[label] - looked_at[label]),
                own=own[label],
            )
            for label in LABELS
        ]

    def draw(self, label: str, person: str, chance: Random) -> None:
        """Let a person draw a label, and the networks answer."""
        wrong = chance.random() < self.error(label)
        self.doubts.append((label, 1.0 if wrong else 0.1 * self.error(label)))
        self.collected[label] += 1
        self.people[label].add(person)
        self.drawn.append((label, person))


@dataclass(frozen=True)
class Outcome:
    """The result of a policy: the evenness of the dataset (1 is even) and the error rates of the networks."""

    evenness: float
    fewest: int
    weak: float  # share of the drawings of the three hardest labels
    error: float
    worst: float
    people: int  # who drew the label that fewest people drew
    longest: int  # run of one label in a row
    most: float  # largest share of one label in a session of two hundred


def play(ask: Ask, drawings: int, seed: int = 0) -> Outcome:
    """Let visitors draw a number of drawings."""
    chance, world, made = Random(seed), World(), Counter[str]()
    longest, most, visitor = 1, 0.0, 0
    while made.total() < drawings:
        visitor += 1
        session = _session(world, ask, f"hand {visitor}", chance.choice(SESSIONS), chance)
        made.update(session)
        longest = max(longest, *(len(list(run)) for _, run in groupby(session)))
        if len(session) == max(SESSIONS):
            most = max(most, Counter(session).most_common(1)[0][1] / len(session))
    shares = [world.collected[label] / world.collected.total() for label in LABELS]
    weak = sorted(LABELS, key=lambda label: -HARD[label])[:3]
    errors = [world.error(label) for label in LABELS]
    return Outcome(
        evenness=-sum(share * log(share) for share in shares) / log(len(LABELS)),
        fewest=min(world.collected.values()),
        weak=sum(made[label] for label in weak) / made.total(),
        error=sum(errors) / len(errors),
        worst=max(errors),
        people=min(map(len, world.people.values())),
        longest=longest,
        most=most,
    )


def _session(world: World, ask: Ask, person: str, length: int, chance: Random) -> list[str]:
    """Return the labels that a person drew in one session."""
    drawn: list[str] = []
    while len(drawn) < length:
        statistics = world.statistics(person, Counter(drawn[-OWN:]))
        after, count = drawn[-1] if drawn else None, min(AT_ONCE, length - len(drawn))
        for prompt in next_labels(statistics, chance, count, ask=ask, confusable=ALIKE, after=after):
            world.draw(prompt.label, person, chance)
            drawn.append(prompt.label)
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawings", type=int, nargs="+", default=[200, 1000, 3000])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(f"{'':18}{'even':>7}{'fewest':>8}{'weak 3':>8}{'error':>8}{'worst':>8}{'people':>7}{'in a row':>10}{'of 200':>8}")
    for drawings in options.drawings:
        for ask in get_args(Ask):
            one = play(ask, drawings, options.seed)
            print(
                f"{drawings:>7,} {ask:10}{one.evenness:7.3f}{one.fewest:8}{one.weak:8.1%}{one.error:8.1%}{one.worst:8.1%}"
                f"{one.people:7}{one.longest:10}{one.most:8.1%}"
            )


if __name__ == "__main__":
    main()
