"""The prompt policy: which labels to ask a contributor for next, and why. Pure; docs/asking.md explains it.

A *prompt* is a label that a contributor is asked to draw. The policy mixes three goals: equally many samples of every label
(``lacking``), more samples of labels that the networks get wrong or are unsure about (``doubt``), and many different people for
each label (``hands``). Each goal divides the next drawings among the labels; prompts follow the mixed shares. Shares are kept for
each contributor separately, so that a long session covers all labels evenly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Ask = Literal["mixed", "balance", "random"]
Reason = Literal["lacking", "doubt", "hands", "pair"]
Shares = dict[str, float]

MIX: Mapping[Reason, float] = {"lacking": 0.5, "doubt": 0.3, "hands": 0.2}  # the weight of each goal
AHEAD = 0.5  # of all samples: so many more drawings should make the labels even; a smaller value leaves no room for doubt
PRIOR = 10.0  # drawings of average doubt added to each label's own, because one bad drawing says little
SMALLEST = 0.01  # doubt of a label; where the networks are never wrong, all labels are equal
LARGEST_SHARE = 0.25  # of a contributor's drawings: the largest share of any label
ONE_IN = 3  # each contributor draws a label at least once for every three drawings of its look-alike
NOTABLE = 1.25  # times an even share: from here on a goal is a reason
FEW_PEOPLE = 5  # from here on, "few people" would not be true


class Chance(Protocol):
    """The part of ``random.Random`` that the policy needs."""

    def random(self) -> float:
        """Return a number, 0 <= number < 1."""


@dataclass(frozen=True)
class LabelStatistics:
    """The statistics of a label for one contributor.

    ``accepted`` counts its samples in the dataset. ``doubt`` (0..1, 1 is wrong) is the mean over ``seen`` drawings; wrong answers
    were mostly ``taken_for``. ``people`` counts other people who drew it lately, ``own`` the contributor's latest drawings of it.
    """

    label: str
    accepted: int = 0
    seen: int = 0
    doubt: float = 0.0
    taken_for: str | None = None
    people: int = 0
    own: int = 0


@dataclass(frozen=True)
class Prompt:
    """A label to draw; ``reason`` is None where there is no particular reason.

    ``other`` is a look-alike that the contributor drew (``pair``), or the label that the networks confuse it with (``doubt``).
    """

    label: str
    reason: Reason | None = None
    other: str | None = None


def next_labels(
    statistics: Sequence[LabelStatistics],
    chance: Chance,
    count: int,
    *,
    ask: Ask = "mixed",
    confusable: Sequence[Sequence[str]] = (),
    after: str | None = None,
) -> list[Prompt]:
    """Return ``count`` prompts, in order; ``statistics`` has at least one label.

    ``confusable`` are groups of labels that look alike; ``after`` is the label of the prompt before. No label follows itself,
    unless it is the only one.
    """
    choose = _CHOOSE[ask](statistics, chance, confusable)
    prompts: list[Prompt] = []
    for _ in range(count):
        prompt = choose(after)
        prompts.append(prompt)
        after = prompt.label
    return prompts


def shares(statistics: Sequence[LabelStatistics]) -> Shares:
    """Return the share of each label in the next drawings: the shares sum to 1, and none is above ``LARGEST_SHARE``."""
    goals = _goals(statistics)
    mixed = {row.label: sum(MIX[reason] * goal[row.label] for reason, goal in goals.items()) for row in statistics}
    return _capped(mixed, max(LARGEST_SHARE, 2 / len(statistics)))


Choose = Callable[[str | None], Prompt]


def _mixed(statistics: Sequence[LabelStatistics], chance: Chance, confusable: Sequence[Sequence[str]]) -> Choose:
    wanted, goals = shares(statistics), _goals(statistics)
    by_label = {row.label: row for row in statistics}
    own = {row.label: row.own for row in statistics}

    def choose(after: str | None) -> Prompt:
        to_come = sum(own.values()) + 1
        due = {label: share * to_come - own[label] for label, share in wanted.items()}
        lagging = _lagging(own, confusable)
        for label in lagging:
            due[label] = max(due[label], 0.0) + 1.0  # as if one more drawing of it were due
        label = _drawn(due, chance, after)
        own[label] += 1
        if label in lagging:
            return Prompt(label, "pair", lagging[label])
        return _with_reason(by_label[label], goals)

    return choose


def _balance(statistics: Sequence[LabelStatistics], chance: Chance, confusable: Sequence[Sequence[str]]) -> Choose:
    counts = {row.label: row.accepted for row in statistics}

    def choose(after: str | None) -> Prompt:
        others = [label for label in counts if label != after] or list(counts)
        fewest, most = min(counts[label] for label in others), max(counts.values())
        label = _drawn({one: float(counts[one] == fewest) for one in others}, chance, after)
        counts[label] += 1
        return Prompt(label, "lacking" if fewest < most else None)

    return choose


def _random(statistics: Sequence[LabelStatistics], chance: Chance, confusable: Sequence[Sequence[str]]) -> Choose:
    even = dict.fromkeys((row.label for row in statistics), 1.0)
    return lambda after: Prompt(_drawn(even, chance, after))


_CHOOSE: Mapping[Ask, Callable[[Sequence[LabelStatistics], Chance, Sequence[Sequence[str]]], Choose]] = {
    "mixed": _mixed,
    "balance": _balance,
    "random": _random,
}


def _goals(statistics: Sequence[LabelStatistics]) -> dict[Reason, Shares]:
    return {
        "lacking": _lacking(statistics),
        "doubt": _parts({label: max(doubt, SMALLEST) for label, doubt in _doubts(statistics).items()}),
        "hands": _parts({row.label: 1 / (1 + row.people) for row in statistics}),
    }


def _lacking(statistics: Sequence[LabelStatistics]) -> Shares:
    """Divide the next drawings so that the labels become as even as possible (water-filling)."""
    counts = sorted(row.accepted for row in statistics)
    total = max(len(counts), AHEAD * sum(counts))
    level, below = 0.0, 0
    for place, count in enumerate(counts, start=1):
        below += count
        level = (total + below) / place
        if place == len(counts) or level <= counts[place]:
            break
    return _parts({row.label: max(level - row.accepted, 0.0) for row in statistics})


def _doubts(statistics: Sequence[LabelStatistics]) -> Shares:
    seen = sum(row.seen for row in statistics)
    average = sum(row.seen * row.doubt for row in statistics) / seen if seen else 1.0
    return {row.label: (row.seen * row.doubt + PRIOR * average) / (row.seen + PRIOR) for row in statistics}


def _parts(weights: Shares) -> Shares:
    whole = sum(weights.values())
    return {label: weight / whole for label, weight in weights.items()}


def _capped(parts: Shares, most: float) -> Shares:
    """Return the shares with the excess above ``most`` divided among the other labels."""
    high: set[str] = set()
    while more := {label for label, part in parts.items() if part > most and label not in high}:
        high |= more
        rest = sum(part for label, part in parts.items() if label not in high)
        left = 1 - most * len(high)
        parts = {label: most if label in high else part * left / rest for label, part in parts.items()}
    return parts


def _lagging(own: Mapping[str, int], confusable: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return labels that this contributor has drawn far less often than a look-alike, with this look-alike."""
    found = {}
    for group in confusable:
        there = [label for label in group if label in own]
        most = max(there, key=lambda label: own[label], default=None)
        if most is not None:
            found.update({label: most for label in there if ONE_IN * own[label] < own[most]})
    return found


def _drawn(weights: Mapping[str, float], chance: Chance, after: str | None) -> str:
    """Draw a label with a probability proportional to its weight; without positive weights, one with the largest weight."""
    others = [label for label in weights if label != after] or list(weights)
    up = {label: max(weights[label], 0.0) for label in others}
    whole = sum(up.values())
    if whole <= 0:
        up = {label: float(weights[label] == max(weights[one] for one in others)) for label in others}
        whole = sum(up.values())
    point = chance.random() * whole
    for label, weight in up.items():
        point -= weight
        if point < 0:
            return label
    return max(up, key=lambda label: up[label])  # rounding: the point can lie at the very end


def _with_reason(row: LabelStatistics, goals: Mapping[Reason, Shares]) -> Prompt:
    even = NOTABLE / len(goals["lacking"])
    reasons = [reason for reason, goal in goals.items() if goal[row.label] >= even and _holds(reason, row)]
    reason = max(reasons, key=lambda reason: MIX[reason] * goals[reason][row.label], default=None)
    return Prompt(row.label, reason, row.taken_for if reason == "doubt" else None)


def _holds(reason: Reason, row: LabelStatistics) -> bool:
    """Tell whether a reason is true of a label."""
    return (reason != "hands" or row.people < FEW_PEOPLE) and (reason != "doubt" or row.seen > 0)
