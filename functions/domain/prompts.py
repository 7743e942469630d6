"""Which symbols to ask a contributor for next, and why. Pure; docs/asking.md explains it.

A *prompt* is a label that somebody is asked to draw. Three wishes are mixed: the dataset should hold as much of every label
(balance); the networks should see more of what they are wrong or unsure about (doubt); many people should draw each label
(hands). Each wish divides the drawings to come among the labels, and what is asked for follows the mixed shares of them - for
each contributor by themselves, so that a long sitting is a good spread of all labels and never one of them over and over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Ask = Literal["mixed", "balance", "random"]
Reason = Literal["lacking", "doubt", "hands", "pair"]
Shares = dict[str, float]

MIX: Mapping[Reason, float] = {"lacking": 0.5, "doubt": 0.3, "hands": 0.2}  # the parts of each wish
AHEAD = 0.5  # of all that was collected is to come until the labels should be even; less would leave no room for doubt
EVEN = 10.0  # drawings of average doubt that are added to what was seen of a label: one bad drawing says little
SMALLEST = 0.01  # doubt; where the networks are never wrong, every label is asked for alike
MOST = 0.25  # of a contributor's drawings: no label is asked for more often, whatever speaks for it
ONE_IN = 3  # of labels that look alike everybody draws both: one at least for each three of the other
NOTABLE = 1.25  # times an even share, from which a wish is told as the reason
FEW_HANDS = 5  # people; of more nobody would say that they are few


class Chance(Protocol):
    """What is needed of ``random.Random``."""

    def random(self) -> float:
        """Return a number, 0 <= number < 1."""


@dataclass(frozen=True)
class LabelStatistics:
    """What is known about a label.

    ``accepted`` samples of it are in the dataset. About ``seen`` drawings of it the networks had the mean ``doubt`` (0..1, 1 is
    wrong), and where they were wrong they mostly saw ``taken_for``. ``hands`` people other than this contributor drew it lately,
    and ``own`` of the contributor's latest drawings are of it.
    """

    label: str
    accepted: int = 0
    seen: int = 0
    doubt: float = 0.0
    taken_for: str | None = None
    hands: int = 0
    own: int = 0


@dataclass(frozen=True)
class Prompt:
    """A label that is asked for; ``reason`` is None where nothing special speaks for it.

    ``other`` is the label that the contributor drew and that looks like it (``pair``), or that it is taken for (``doubt``).
    """

    label: str
    reason: Reason | None = None
    other: str | None = None


def next_labels(
    standings: Sequence[LabelStatistics],
    chance: Chance,
    count: int,
    *,
    ask: Ask = "mixed",
    alike: Sequence[Sequence[str]] = (),
    after: str | None = None,
) -> list[Prompt]:
    """Return ``count`` prompts for the labels of ``standings``, at least one, in the order in which they should be asked.

    ``alike`` are groups of labels that are hard to tell apart; ``after`` is what was asked for just before. No label is asked for
    twice in a row, unless there is only one.
    """
    choose = _CHOOSE[ask](standings, chance, alike)
    prompts: list[Prompt] = []
    for _ in range(count):
        prompt = choose(after)
        prompts.append(prompt)
        after = prompt.label
    return prompts


def shares(standings: Sequence[LabelStatistics]) -> Shares:
    """Return how the drawings to come should be divided among the labels: parts of 1, none above ``MOST``."""
    wishes = _wishes(standings)
    mixed = {one.label: sum(MIX[reason] * wish[one.label] for reason, wish in wishes.items()) for one in standings}
    return _capped(mixed, max(MOST, 2 / len(standings)))


Choose = Callable[[str | None], Prompt]


def _mixed(standings: Sequence[LabelStatistics], chance: Chance, alike: Sequence[Sequence[str]]) -> Choose:
    wanted, wishes = shares(standings), _wishes(standings)
    by_label = {one.label: one for one in standings}
    own = {one.label: one.own for one in standings}

    def choose(after: str | None) -> Prompt:
        to_come = sum(own.values()) + 1
        due = {label: share * to_come - own[label] for label, share in wanted.items()}
        beside = _lagging(own, alike)
        for label in beside:
            due[label] = max(due[label], 0.0) + 1.0  # as if a whole drawing of it were owed
        label = _drawn(due, chance, after)
        own[label] += 1
        if label in beside:
            return Prompt(label, "pair", beside[label])
        return _with_reason(by_label[label], wishes)

    return choose


def _balance(standings: Sequence[LabelStatistics], chance: Chance, alike: Sequence[Sequence[str]]) -> Choose:
    counts = {one.label: one.accepted for one in standings}

    def choose(after: str | None) -> Prompt:
        others = [label for label in counts if label != after] or list(counts)
        fewest, most = min(counts[label] for label in others), max(counts.values())
        label = _drawn({one: float(counts[one] == fewest) for one in others}, chance, after)
        counts[label] += 1
        return Prompt(label, "lacking" if fewest < most else None)

    return choose


def _random(standings: Sequence[LabelStatistics], chance: Chance, alike: Sequence[Sequence[str]]) -> Choose:
    even = dict.fromkeys((one.label for one in standings), 1.0)
    return lambda after: Prompt(_drawn(even, chance, after))


_CHOOSE: Mapping[Ask, Callable[[Sequence[LabelStatistics], Chance, Sequence[Sequence[str]]], Choose]] = {
    "mixed": _mixed,
    "balance": _balance,
    "random": _random,
}


def _wishes(standings: Sequence[LabelStatistics]) -> dict[Reason, Shares]:
    return {
        "lacking": _lacking(standings),
        "doubt": _parts({label: max(doubt, SMALLEST) for label, doubt in _doubts(standings).items()}),
        "hands": _parts({one.label: 1 / (1 + one.hands) for one in standings}),
    }


def _lacking(standings: Sequence[LabelStatistics]) -> Shares:
    """Divide what is to come so that the labels are as even as can be afterwards: like water poured over uneven ground."""
    counts = sorted(one.accepted for one in standings)
    water = max(len(counts), AHEAD * sum(counts))
    level, below = 0.0, 0
    for place, count in enumerate(counts, start=1):
        below += count
        level = (water + below) / place
        if place == len(counts) or level <= counts[place]:
            break
    return _parts({one.label: max(level - one.accepted, 0.0) for one in standings})


def _doubts(standings: Sequence[LabelStatistics]) -> Shares:
    seen = sum(one.seen for one in standings)
    average = sum(one.seen * one.doubt for one in standings) / seen if seen else 1.0
    return {one.label: (one.seen * one.doubt + EVEN * average) / (one.seen + EVEN) for one in standings}


def _parts(weights: Shares) -> Shares:
    whole = sum(weights.values())
    return {label: weight / whole for label, weight in weights.items()}


def _capped(parts: Shares, most: float) -> Shares:
    """Return the parts with what is above ``most`` divided among the others."""
    high: set[str] = set()
    while more := {label for label, part in parts.items() if part > most and label not in high}:
        high |= more
        rest = sum(part for label, part in parts.items() if label not in high)
        left = 1 - most * len(high)
        parts = {label: most if label in high else part * left / rest for label, part in parts.items()}
    return parts


def _lagging(own: Mapping[str, int], alike: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return the labels that this contributor has drawn far less of than of one that looks like it, with that one."""
    found = {}
    for group in alike:
        there = [label for label in group if label in own]
        most = max(there, key=lambda label: own[label], default=None)
        if most is not None:
            found.update({label: most for label in there if ONE_IN * own[label] < own[most]})
    return found


def _drawn(weights: Mapping[str, float], chance: Chance, after: str | None) -> str:
    """Draw a label with a probability that goes with its weight; what is owed nothing only where nothing is owed at all."""
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
    return max(up, key=lambda label: up[label])  # the last bit of the sum


def _with_reason(one: LabelStatistics, wishes: Mapping[Reason, Shares]) -> Prompt:
    even = NOTABLE / len(wishes["lacking"])
    speaking = [reason for reason, wish in wishes.items() if wish[one.label] >= even and _holds(reason, one)]
    reason = max(speaking, key=lambda reason: MIX[reason] * wishes[reason][one.label], default=None)
    return Prompt(one.label, reason, one.taken_for if reason == "doubt" else None)


def _holds(reason: Reason, one: LabelStatistics) -> bool:
    """Tell whether a reason can be said of a label as it is."""
    return (reason != "hands" or one.hands < FEW_HANDS) and (reason != "doubt" or one.seen > 0)
