"""What is counted about a campaign that was played, and what all of them must show. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple

from benchmarks.adversarial.attack_plans import CONTROL, KINDS, Campaign
from benchmarks.adversarial.platform import Taught, Told
from benchmarks.adversarial.scores import Loss

MOST_LOST, MOST_RECALL = 0.5, 3.0  # points that no activated version may lose on the hidden test: in all, of any label's recall
LEAST_HONEST = 0.85  # share of honest corrections that must be accepted
MOST_BLOCKED = 0.2  # share of harmless rounds from which nothing may be learned


# Behind which walls a campaign is played: trust and gate, the gate alone, or neither, nor any choice of what to keep.
Walls = Literal["both", "gate", "none"]
LEFT: dict[str, str] = {"gate": "with the gate alone", "none": "with neither"}


@dataclass(frozen=True)
class Count:
    """How many of ``asked``."""

    of: int = 0
    asked: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.of + other.of, self.asked + other.asked)

    @property
    def share(self) -> float:
        """The share, 0..1; 0 of nothing."""
        return self.of / self.asked if self.asked else 0.0

    def __str__(self) -> str:
        return f"{100 * self.share:5.1f} % of {self.asked:,}" if self.asked else "none"


@dataclass(frozen=True)
class Learned:
    """One lesson: its round, whether it answers now, what was in it, and what the version lost (None where it was not judged)."""

    round: int
    learner: str
    activated: bool
    reason: str
    samples: int
    lies: int
    loss: Loss | None


class Worst(NamedTuple):
    """Points lost at most: in all, of any label's recall; and points of digits that are refused more often."""

    right: float
    recall: float
    refused: float


@dataclass(frozen=True)
class Account:
    """One campaign as it was played behind some ``walls``.

    An honest *correction* says the truth where the answer was another; a *confirmation* says what was answered. Both are
    counted as accepted once and for all, after second looks and all rounds; ``at_once`` counts corrections only. ``lies`` and
    ``slips`` count those that were accepted. ``blocked`` counts harmless lessons: one for each learner and harmless round in
    which anything was said.
    """

    kind: str
    manner: str
    number: int
    learners: tuple[str, ...]
    walls: Walls
    corrections: Count
    at_once: Count
    confirmations: Count
    lies: Count
    slips: Count
    blocked: Count
    held: dict[str, int] = field(default_factory=dict)  # honest corrections that were not accepted, by reason
    lessons: tuple[Learned, ...] = ()

    @property
    def worst(self) -> Worst:
        """What was lost at most by a version that answered."""
        return worst(self.lessons)

    def as_dict(self) -> dict[str, Any]:
        """Return every figure."""
        return asdict(self)


def worst(lessons: Iterable[Learned]) -> Worst:
    """Return what was lost at most by versions that answered; 0 where none lost any."""
    losses = [lesson.loss for lesson in lessons if lesson.activated and lesson.loss is not None]
    return Worst(*(max([0.0, *(getattr(loss, name) for loss in losses)]) for name in Worst._fields))


def account(
    campaign: Campaign,
    walls: Walls,
    told: Sequence[Sequence[Told]],
    ended: Mapping[str, tuple[str, str]],
    lessons: Sequence[Sequence[tuple[Taught, Loss | None]]],
) -> Account:
    """Count one campaign: what was ``told`` in each round, how each sample ``ended`` (status, reason), each round's lessons."""
    said = [one for some in told for one in some]
    corrections = [one for one in said if one.word.honest and one.differs]
    lies = {one.sample for one in said if one.word.lie}
    learned = tuple(
        Learned(place, one.learner, one.activated, one.reason, len(one.samples), len(one.samples & lies), loss)
        for place, some in enumerate(lessons)
        for one, loss in some
    )
    let_in = {(one.round, one.learner) for one in learned if one.activated}
    harmless = [(place, learner) for place in campaign.harmless if told[place] for learner in campaign.learners]
    held: dict[str, int] = {}
    for one in corrections:
        status, reason = ended[one.sample]
        if status != "accepted":
            held[f"{status}: {reason}"] = held.get(f"{status}: {reason}", 0) + 1
    return Account(
        kind=campaign.kind,
        manner=campaign.manner,
        number=campaign.number,
        learners=campaign.learners,
        walls=walls,
        corrections=_accepted(corrections, ended),
        at_once=Count(sum(one.status == "accepted" for one in corrections), len(corrections)),
        confirmations=_accepted([one for one in said if one.word.honest and not one.differs], ended),
        lies=_accepted([one for one in said if one.word.lie], ended),
        slips=_accepted([one for one in said if not one.word.honest and not one.word.lie], ended),
        blocked=Count(sum(place not in let_in for place in harmless), len(harmless)),
        held=held,
        lessons=learned,
    )


def _accepted(some: Sequence[Told], ended: Mapping[str, tuple[str, str]]) -> Count:
    return Count(sum(ended[one.sample][0] == "accepted" for one in some), len(some))


def table(accounts: Sequence[Account]) -> list[str]:
    """Return the table of all kinds: with trust and gate, and beside it the same campaigns with less."""
    others = [walls for walls in ("gate", "none") if any(one.walls == walls for one in accounts)]
    head = (
        f"{'':24}{'campaigns':>9} {'honest corrections':>18} {'lies let in':>17} {'worst loss':>10} {'recall':>6} {'refused':>7}"
    )
    lines = [
        head + "".join(f" | {LEFT[walls]:19} {'worst loss':>10} {'recall':>6} {'refused':>7} {'median':>6}" for walls in others)
    ]
    for kind in [*KINDS, CONTROL, ""]:
        mine = [one for one in accounts if kind in (one.kind, "")]
        whole = [one for one in mine if one.walls == "both"]
        if not whole:
            continue
        line = f"{kind or 'all':24}{len(whole):9} {total(whole, 'corrections')!s:>18} {total(whole, 'lies')!s:>17} {_lost(whole)}"
        for walls in others:
            some = [one for one in mine if one.walls == walls]
            line += f" | {len(some):19} {_lost(some)} {_median(some):6.2f}"
        lines.append(line)
    return lines


def _median(accounts: Sequence[Account]) -> float:
    recalls = sorted(one.worst.recall for one in accounts)
    return recalls[len(recalls) // 2] if recalls else 0.0


def _lost(accounts: Sequence[Account]) -> str:
    most = worst([lesson for one in accounts for lesson in one.lessons])
    return f"{most.right:10.2f} {most.recall:6.2f} {most.refused:7.2f}"


def total(accounts: Iterable[Account], name: str) -> Count:
    """Return one count over all accounts."""
    return sum((getattr(one, name) for one in accounts), Count())


def verdicts(accounts: Sequence[Account]) -> list[tuple[bool, str]]:
    """Return what must be shown, whether it is, and the figures."""
    guarded = [one for one in accounts if one.walls == "both"]
    most = worst([lesson for one in guarded for lesson in one.lessons])
    honest, blocked = total(guarded, "corrections"), total(guarded, "blocked")
    answered = sum(lesson.activated for one in guarded for lesson in one.lessons)
    return [
        (most.right <= MOST_LOST, f"{answered} versions answered; the worst lost {most.right:.2f} points (allowed: {MOST_LOST})"),
        (most.recall <= MOST_RECALL, f"and {most.recall:.2f} points of a label's recall (allowed: {MOST_RECALL})"),
        (honest.share >= LEAST_HONEST, f"honest corrections accepted: {honest} (wanted: {100 * LEAST_HONEST:.0f} %)"),
        (blocked.share <= MOST_BLOCKED, f"harmless rounds blocked: {blocked} (allowed: {100 * MOST_BLOCKED:.0f} %)"),
    ]
