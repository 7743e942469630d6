"""Play what Contribute asks for, by each way of asking, in a small made-up world, and print what comes of it.

    python -m benchmarks.prompt_policy

The world has ten labels of which unevenly many drawings were collected, some by few people, and networks that are wrong about
some labels far more often than about others; the more drawings of a label they have seen, and by the more people, the less.
Visitors come one after the other, each with a sitting of their own length, and draw what is asked for. It takes seconds: nothing
is trained. The way of asking is the platform's own (``functions.domain.prompts``).
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
COLLECTED = dict(zip(LABELS, (120, 200, 90, 60, 12, 150, 110, 25, 80, 40), strict=True))  # before anybody is asked
HANDS_SO_FAR = dict(zip(LABELS, (12, 18, 9, 3, 4, 11, 9, 6, 8, 2), strict=True))
HARD = dict(zip(LABELS, (0.3, 0.2, 0.3, 0.4, 0.8, 0.4, 0.3, 1.2, 0.5, 0.8), strict=True))  # wrong at first
ALIKE = (("1", "7"),)
AT_ONCE = 10  # prompts that the page asks for in advance
SITTINGS = (3, 5, 8, 10, 15, 20, 30, 60, 200)


@dataclass
class World:
    """What was collected, and what the networks made of it."""

    collected: Counter[str] = field(default_factory=lambda: Counter(COLLECTED))
    drawn: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=NEWEST))  # (label, hand), the newest
    doubts: deque[tuple[str, float]] = field(default_factory=lambda: deque(maxlen=NEWEST_ANSWERS))
    people: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for label in LABELS:
            hands = [f"earlier {number}" for number in range(HANDS_SO_FAR[label])]
            self.people[label] = set(hands)
            self.drawn.extend((label, hands[number % len(hands)]) for number in range(COLLECTED[label]))

    def error(self, label: str) -> float:
        """Return how often the networks are wrong about a new drawing of a label: as errors fall in practice, by the root."""
        worth = self.collected[label] * sqrt(len(self.people[label]) / 10)
        return min(1.0, HARD[label] / sqrt(1 + worth / 10))

    def statistics(self, hand: str, own: Counter[str]) -> list[LabelStatistics]:
        """Return what the platform would know."""
        looked_at = Counter(label for label, _ in self.drawn)
        hands = Counter(label for label, one in set(self.drawn) if one != hand)
        seen, doubt = Counter(label for label, _ in self.doubts), Counter[str]()
        for label, one in self.doubts:
            doubt[label] += one  # type: ignore[assignment]
        return [
            LabelStatistics(
                label,
                accepted=self.collected[label],
                seen=seen[label],
                doubt=doubt[label] / seen[label] if seen[label] else 0.0,
                people=hands[label] + (0 if looked_at[label] >= ENOUGH_DRAWINGS else self.collected[label] - looked_at[label]),
                own=own[label],
            )
            for label in LABELS
        ]

    def draw(self, label: str, hand: str, chance: Random) -> None:
        """Let a hand draw a label, and the networks say what they see."""
        wrong = chance.random() < self.error(label)
        self.doubts.append((label, 1.0 if wrong else 0.1 * self.error(label)))
        self.collected[label] += 1
        self.people[label].add(hand)
        self.drawn.append((label, hand))


@dataclass(frozen=True)
class Outcome:
    """What came of a way of asking: how even the dataset is (1 is even), and what the networks are wrong about."""

    evenness: float
    fewest: int
    weak: float  # the share of the drawings that were of the three labels the networks are worst at
    error: float
    worst: float
    hands: int  # that drew the label which fewest people drew
    longest: int  # of one label in a row
    most: float  # of one label in a sitting of two hundred, as a share


def play(ask: Ask, drawings: int, seed: int = 0) -> Outcome:
    """Let visitors make a number of drawings."""
    chance, world, made = Random(seed), World(), Counter[str]()
    longest, most, hand = 1, 0.0, 0
    while made.total() < drawings:
        hand += 1
        sitting = _sit(world, ask, f"hand {hand}", chance.choice(SITTINGS), chance)
        made.update(sitting)
        longest = max(longest, *(len(list(run)) for _, run in groupby(sitting)))
        if len(sitting) == max(SITTINGS):
            most = max(most, Counter(sitting).most_common(1)[0][1] / len(sitting))
    shares = [world.collected[label] / world.collected.total() for label in LABELS]
    weak = sorted(LABELS, key=lambda label: -HARD[label])[:3]
    errors = [world.error(label) for label in LABELS]
    return Outcome(
        evenness=-sum(share * log(share) for share in shares) / log(len(LABELS)),
        fewest=min(world.collected.values()),
        weak=sum(made[label] for label in weak) / made.total(),
        error=sum(errors) / len(errors),
        worst=max(errors),
        hands=min(map(len, world.people.values())),
        longest=longest,
        most=most,
    )


def _sit(world: World, ask: Ask, hand: str, length: int, chance: Random) -> list[str]:
    """Return what a visitor drew."""
    sitting: list[str] = []
    while len(sitting) < length:
        statistics = world.statistics(hand, Counter(sitting[-OWN:]))
        after = sitting[-1] if sitting else None
        for prompt in next_labels(
            statistics, chance, min(AT_ONCE, length - len(sitting)), ask=ask, confusable=ALIKE, after=after
        ):
            world.draw(prompt.label, hand, chance)
            sitting.append(prompt.label)
    return sitting


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawings", type=int, nargs="+", default=[200, 1000, 3000])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(f"{'':18}{'even':>7}{'fewest':>8}{'weak 3':>8}{'error':>8}{'worst':>8}{'hands':>7}{'in a row':>10}{'of 200':>8}")
    for drawings in options.drawings:
        for ask in get_args(Ask):
            one = play(ask, drawings, options.seed)
            print(
                f"{drawings:>7,} {ask:10}{one.evenness:7.3f}{one.fewest:8}{one.weak:8.1%}{one.error:8.1%}{one.worst:8.1%}"
                f"{one.hands:7}{one.longest:10}{one.most:8.1%}"
            )


if __name__ == "__main__":
    main()
