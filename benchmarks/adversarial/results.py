"""Count the effect of a campaign, and check the targets of all campaigns. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import TypeAdapter

from benchmarks.adversarial.attack_plans import CONTROL, KINDS, Campaign
from benchmarks.adversarial.platform import Submission, TrainedVersion
from benchmarks.adversarial.scores import Decline

MOST_ACCURACY, MOST_RECALL = 0.5, 3.0  # points that an activated version may lose on the hidden test: accuracy, recall of a label
LEAST_HONEST = 0.85  # share of honest corrections that must be accepted
MOST_BLOCKED = 0.2  # share of harmless rounds that may lead to no activated version


# Trust rules and gate; the gate alone; or neither of them, and no selection of weights.
Defences = Literal["both", "gate", "none"]
WITH_LESS: dict[str, str] = {"gate": "with the gate alone", "none": "with neither"}


@dataclass(frozen=True)
class Count:
    """``of`` out of ``asked``."""

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
class VersionResult:
    """One trained version: its round, gate decision, training samples and decline (None if it was not activated)."""

    round: int
    learner: str
    activated: bool
    reason: str
    samples: int
    lies: int
    decline: Decline | None


class WorstDecline(NamedTuple):
    """The largest losses in points: accuracy, recall and credit of any label, and share of symbols that are rejected.

    Accuracy and recall count confusable labels as one, a credit counts them half.
    """

    right: float
    recall: float
    rejected: float
    credit: float


@dataclass(frozen=True)
class CampaignResult:
    """The counts of one campaign, played with some ``defences``.

    An honest *correction* states the true label of a wrong answer; a *confirmation* states the label of the answer. The status
    after all rounds and rechecks decides what counts as accepted; ``at_once`` counts corrections that were accepted at once.
    ``lies`` and ``mistakes`` count those that were accepted. ``blocked`` counts harmless rounds without an activated version,
    for each learner.
    """

    kind: str
    variant: str
    number: int
    learners: tuple[str, ...]
    defences: Defences
    corrections: Count
    at_once: Count
    confirmations: Count
    lies: Count
    mistakes: Count
    blocked: Count
    held: dict[str, int] = field(default_factory=dict)  # honest corrections that were not accepted, by status and reason
    versions: tuple[VersionResult, ...] = ()

    @property
    def worst(self) -> WorstDecline:
        """The largest losses of an activated version."""
        return worst(self.versions)

    def as_dict(self) -> dict[str, Any]:
        """Return every figure."""
        return asdict(self)


def read_results(file: Path) -> list[CampaignResult]:
    """Read what a run has written, a list of ``CampaignResult.as_dict()``."""
    found: list[CampaignResult] = TypeAdapter(list[CampaignResult]).validate_json(file.read_bytes())
    return found


def worst(versions: Iterable[VersionResult]) -> WorstDecline:
    """Return the largest losses of activated versions; 0 if no version lost anything."""
    declines = [version.decline for version in versions if version.activated and version.decline is not None]
    return WorstDecline(*(max([0.0, *(getattr(decline, name) for decline in declines)]) for name in WorstDecline._fields))


def summarise(
    campaign: Campaign,
    defences: Defences,
    submissions: Sequence[Sequence[Submission]],
    ended: Mapping[str, tuple[str, str]],
    versions: Sequence[Sequence[tuple[TrainedVersion, Decline | None]]],
) -> CampaignResult:
    """Count one campaign from each round's submissions and versions; ``ended`` has the last (status, reason) of each sample."""
    submitted = [one for some in submissions for one in some]
    corrections = [one for one in submitted if one.statement.honest and one.differs]
    lies = {one.sample for one in submitted if one.statement.lie}
    learned = tuple(
        VersionResult(place, one.learner, one.activated, one.reason, len(one.samples), len(one.samples & lies), decline)
        for place, some in enumerate(versions)
        for one, decline in some
    )
    let_in = {(one.round, one.learner) for one in learned if one.activated}
    harmless = [(place, learner) for place in campaign.harmless if submissions[place] for learner in campaign.learners]
    held: dict[str, int] = {}
    for one in corrections:
        status, reason = ended[one.sample]
        if status != "accepted":
            held[f"{status}: {reason}"] = held.get(f"{status}: {reason}", 0) + 1
    return CampaignResult(
        kind=campaign.kind,
        variant=campaign.variant,
        number=campaign.number,
        learners=campaign.learners,
        defences=defences,
        corrections=_accepted(corrections, ended),
        at_once=Count(sum(one.status == "accepted" for one in corrections), len(corrections)),
        confirmations=_accepted([one for one in submitted if one.statement.honest and not one.differs], ended),
        lies=_accepted([one for one in submitted if one.statement.lie], ended),
        mistakes=_accepted([one for one in submitted if not one.statement.honest and not one.statement.lie], ended),
        blocked=Count(sum(place not in let_in for place in harmless), len(harmless)),
        held=held,
        versions=learned,
    )


def _accepted(some: Sequence[Submission], ended: Mapping[str, tuple[str, str]]) -> Count:
    return Count(sum(ended[one.sample][0] == "accepted" for one in some), len(some))


def table(results: Sequence[CampaignResult]) -> list[str]:
    """Return the table of all kinds: with all defences, and beside them the same campaigns with fewer."""
    others = [defences for defences in ("gate", "none") if any(one.defences == defences for one in results)]
    head = (
        f"{'':24}{'campaigns':>9} {'honest corrections':>18} {'lies accepted':>17} {'worst loss':>10} {'recall':>6} {'reject':>7}"
    )
    lines = [
        head
        + "".join(
            f" | {WITH_LESS[defences]:19} {'worst loss':>10} {'recall':>6} {'reject':>7} {'median':>6}" for defences in others
        )
    ]
    for kind in [*KINDS, CONTROL, ""]:
        mine = [one for one in results if kind in (one.kind, "")]
        whole = [one for one in mine if one.defences == "both"]
        if not whole:
            continue
        line = f"{kind or 'all':24}{len(whole):9} {total(whole, 'corrections')!s:>18} {total(whole, 'lies')!s:>17} "
        line += _decline_cells(whole)
        for defences in others:
            some = [one for one in mine if one.defences == defences]
            line += f" | {len(some):19} {_decline_cells(some)} {_median(some):6.2f}"
        lines.append(line)
    return lines


def _median(results: Sequence[CampaignResult]) -> float:
    recalls = sorted(one.worst.recall for one in results)
    return recalls[len(recalls) // 2] if recalls else 0.0


def _decline_cells(results: Sequence[CampaignResult]) -> str:
    most = worst([version for one in results for version in one.versions])
    return f"{most.right:10.2f} {most.recall:6.2f} {most.rejected:7.2f}"


def total(results: Iterable[CampaignResult], name: str) -> Count:
    """Return one count over all accounts."""
    return sum((getattr(one, name) for one in results), Count())


def check_targets(results: Sequence[CampaignResult]) -> list[tuple[bool, str]]:
    """Return each target: whether it is met, and the figures."""
    defended = [one for one in results if one.defences == "both"]
    most = worst([version for one in defended for version in one.versions])
    honest, blocked = total(defended, "corrections"), total(defended, "blocked")
    answered = sum(version.activated for one in defended for version in one.versions)
    return [
        (
            most.right <= MOST_ACCURACY,
            f"{answered} activated versions; the worst lost {most.right:.2f} points (allowed: {MOST_ACCURACY})",
        ),
        (most.recall <= MOST_RECALL, f"and {most.recall:.2f} points of a label's recall (allowed: {MOST_RECALL})"),
        (honest.share >= LEAST_HONEST, f"honest corrections accepted: {honest} (wanted: {100 * LEAST_HONEST:.0f} %)"),
        (blocked.share <= MOST_BLOCKED, f"harmless rounds blocked: {blocked} (allowed: {100 * MOST_BLOCKED:.0f} %)"),
    ]
