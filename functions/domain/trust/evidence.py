"""The evidence about a labelled drawing, and the decision of the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from functions.domain.trust.reason_codes import Figures, ReasonCode

Mode = Literal["open", "review", "moderated"]
Source = Literal["contribution", "correction", "import"]
SampleStatus = Literal["pending", "accepted", "quarantined", "rejected", "withdrawn"]

# The networks' probability from which a label is plausible. Of the tablet digits that the shipped networks get wrong, 85 to 89 %
# reach it with their true label; with a wrong label at random 1 to 2 % do, and 6 to 9 % of the 4s called 9.
PLAUSIBLE = 0.01
# Below this a label is far-fetched: agreement of other people alone does not accept it. 92 to 97 % of the true labels reach it.
CONCEIVABLE = 0.001
# The same for "not a symbol", whose threshold lies at 0.5 by construction. Of the scribbles and letters that the shipped networks
# take for digits 83 % and 94 % reach these; of digits that are called no symbol 8 % and 15 % do.
PLAUSIBLE_REJECT, CONCEIVABLE_REJECT = 0.1, 0.05


@dataclass(frozen=True)
class Decision:
    """The status that a sample gets, and the reason as a code with figures."""

    status: SampleStatus
    code: ReasonCode
    figures: Figures = field(default_factory=dict)


@dataclass(frozen=True)
class DailyCounts:
    """The samples of a contributor or an address block in a day: all, the surprising, and the accepted surprising ones."""

    count: int = 0
    surprising: int = 0
    accepted_surprising: int = 0


@dataclass(frozen=True)
class GoldRecord:
    """The numbers of a contributor's right and wrong answers to gold questions."""

    right: int = 0
    wrong: int = 0


@dataclass(frozen=True)
class PairCounts:
    """The other corrections of the same (answered -> corrected) pair.

    ``accepted_surprising`` are surprising ones that were accepted in this round (since the last activation). ``from_block`` are
    all that were accepted from this address block in this round. ``agreeing_blocks`` counts the other address blocks from which
    the same correction came lately.
    """

    accepted_surprising: int = 0
    accepted_surprising_today: int = 0
    from_block: int = 0
    agreeing_blocks: int = 0


@dataclass(frozen=True)
class RoundCounts:
    """The numbers of accepted, and of accepted surprising, samples since the last activation."""

    accepted: int = 0
    accepted_surprising: int = 0


@dataclass(frozen=True)
class NearDuplicates:
    """Near duplicates among the latest drawings.

    ``repeats`` are almost the same picture with the same label, by the same contributor or address block. Similar drawings from
    other address blocks: ``agree`` counts the blocks with the same label, ``differ`` the blocks with another label.
    """

    repeats: int = 0
    agree: int = 0
    differ: int = 0


@dataclass(frozen=True)
class Evidence:
    """The evidence about a labelled drawing. A ``label`` or ``answered`` of None is "not a symbol".

    ``asked`` tells that networks answered. ``belief`` is the label's plausibility, 0..1; None where no network knows the label.
    ``alike`` tells that the set declares answer and label confusable.
    """

    source: Source
    label: str | None = None
    answered: str | None = None
    asked: bool = False
    belief: float | None = None
    alike: bool = False
    from_owner: bool = False
    accepted_this_hour: int = 0
    block_this_hour: int = 0
    contributor: DailyCounts = DailyCounts()
    block: DailyCounts = DailyCounts()
    record: GoldRecord = GoldRecord()
    pair: PairCounts = PairCounts()
    round: RoundCounts = RoundCounts()
    near: NearDuplicates = NearDuplicates()

    @property
    def differs(self) -> bool:
        """Tell whether the label contradicts the answer."""
        return self.asked and self.label != self.answered and not self.alike

    @property
    def surprising(self) -> bool:
        """Tell whether both networks, each in its original or its live version, find the label implausible."""
        threshold = PLAUSIBLE if self.label is not None else PLAUSIBLE_REJECT
        return self.differs and self.belief is not None and self.belief < threshold

    @property
    def far_fetched(self) -> bool:
        """Tell whether the label is so implausible that agreement on the pair alone must not accept it."""
        return self.surprising and not conceivable(self.label, self.belief)


def conceivable(label: str | None, belief: float | None) -> bool:
    """Tell whether a label is not far-fetched, or no network knows it."""
    return belief is None or belief >= (CONCEIVABLE if label is not None else CONCEIVABLE_REJECT)
