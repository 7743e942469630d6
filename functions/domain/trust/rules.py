"""The trust rules in order; the first rule that returns a decision decides.

One mistake of the networks looks like one false label. But the networks mostly find a true label plausible (``PLAUSIBLE``), so
honest surprising labels are few: of one contributor, from one address block, for one pair, in one round. A few are therefore
accepted at once, and more of them wait. A contributor of almost only surprising labels looks hostile.
"""

from __future__ import annotations

from collections.abc import Callable

from functions.domain.trust.evidence import DailyCounts, Decision, Evidence, GoldRecord, Mode
from functions.domain.trust.reason_codes import Figures

CAP_AN_HOUR = 600  # of one contributor; a session has two hundred drawings, so an honest contributor stays far below
BLOCK_AN_HOUR = 6_000  # of one address block; a class of thirty, each with a session
REPEATS = 10  # of almost the same picture by one contributor; among two hundred drawings, a quick writer makes some five
CONTRIBUTOR_CAP = 3  # surprising labels of one contributor accepted in a day, plus the share below
BLOCK_CAP = 6  # the same from one address block: two strangers behind one router
SHARE = 0.05  # of a contributor's plausible labels: a hundred of them allow five more surprising labels
EARNED = 5  # factor for a contributor who answered gold questions rightly
PAIR_CAP = 5  # surprising ones of one (answered -> corrected) pair accepted in a round; enough to learn a style from
PAIR_CAP_A_DAY = 15  # and in a day, however many rounds it has
PAIR_OF_BLOCK = 20  # plausible ones of one pair and one address block in a round
VOUCHED_FACTOR = 2  # the caps of a pair and a round for labels that others confirm; "others" may be one person
# Surprising ones in a round: six, or a twentieth of all that was accepted; of honest ones 1 % are.
ROUND_CAP, ROUND_SHARE = 6, 0.05
HOSTILE, HOSTILE_BLOCK, MOSTLY = 8, 16, 0.6  # surprising labels of a day, and their share, that look hostile
KNOWN, WRONGLY = 3, 0.4  # wrong answers to gold questions, and their share, from which a contributor is not trusted

Rule = Callable[[Evidence], Decision | None]


def decide(mode: Mode, evidence: Evidence) -> Decision:
    """Return the first status of a sample under the owner's trust mode, with the reason."""
    if evidence.from_owner:
        return Decision("accepted", "owner", {"action": "given"})
    if mode == "moderated":
        return Decision("pending", "moderated")
    if mode == "open":
        return Decision("accepted", "open")
    decisions = (rule(evidence) for rule in RULES)
    return next(decision for decision in decisions if decision is not None)


def failed_gold_questions(evidence: Evidence) -> Decision | None:
    """Hold everything from contributors who answered gold questions wrongly."""
    record = evidence.record
    if failed(record):
        return Decision("quarantined", "bad_record", {"wrong": record.wrong, "asked": record.right + record.wrong})
    return None


def rate_cap(evidence: Evidence) -> Decision | None:
    """Cap the samples of one contributor, and of one address block, within an hour."""
    if evidence.accepted_this_hour >= CAP_AN_HOUR:
        return Decision("pending", "flood", {"of": "contributor", "most": CAP_AN_HOUR})
    if evidence.block_this_hour >= BLOCK_AN_HOUR:
        return Decision("pending", "flood", {"of": "block", "most": BLOCK_AN_HOUR})
    return None


def hostile(evidence: Evidence) -> Decision | None:
    """Hold labels that contradict the networks, from a contributor or address block with almost only surprising labels."""
    for given, least, who in ((evidence.contributor, HOSTILE, "contributor"), (evidence.block, HOSTILE_BLOCK, "block")):
        if given.surprising < least or given.surprising <= MOSTLY * given.count:
            continue
        figures: Figures = {"of": who, "surprising": given.surprising, "count": given.count}
        if evidence.surprising:
            return Decision("quarantined", "hostile", figures)
        if evidence.differs:
            return Decision("pending", "hostile", figures)
    return None


def repeated(evidence: Evidence) -> Decision | None:
    """Cap the samples with almost the same picture."""
    if evidence.near.repeats >= REPEATS:
        return Decision("pending", "repeated", {"times": evidence.near.repeats})
    return None


def plausible(evidence: Evidence) -> Decision | None:
    """Accept plausible labels, but cap the same correction from one address block."""
    if evidence.surprising:
        return None
    if evidence.differs and evidence.pair.from_block >= PAIR_OF_BLOCK:
        return _repeated_pair(evidence, "block_and_round", evidence.pair.from_block)
    if not evidence.asked:
        return Decision("accepted", "unknown_label", {"unknown": "set"})
    if evidence.belief is None:
        return Decision("accepted", "unknown_label", {"unknown": "label"})
    return Decision("accepted", "imaginable" if evidence.differs else "agreed")


def contradicted(evidence: Evidence) -> Decision | None:
    """Hold a surprising label if other people gave another label to similar drawings."""
    if evidence.near.differ > evidence.near.agree:
        return Decision("pending", "contradicted", {"blocks": evidence.near.differ})
    return None


def supported(evidence: Evidence) -> Decision | None:
    """Accept a surprising label that two other address blocks gave to similar drawings, up to a cap."""
    if evidence.near.agree >= 2 and not vouched_cap(evidence):
        return Decision("accepted", "confirmed", {"by": "look_alikes", "rechecked": False, "blocks": evidence.near.agree})
    return None


def contributor_cap(evidence: Evidence) -> Decision | None:
    """Cap the surprising labels of one contributor and of one address block in a day."""
    if evidence.contributor.accepted_surprising >= allowance(evidence.contributor, CONTRIBUTOR_CAP, evidence.record):
        return Decision("pending", "many_by_hand", {"of": "contributor", "accepted": evidence.contributor.accepted_surprising})
    if evidence.block.accepted_surprising >= allowance(evidence.block, BLOCK_CAP):
        return Decision("pending", "many_by_hand", {"of": "block", "accepted": evidence.block.accepted_surprising})
    return None


def confusion_pair_cap(evidence: Evidence, times: int = 1) -> Decision | None:
    """Cap the surprising labels of one (answered -> corrected) pair by all contributors, at ``times`` the caps."""
    if evidence.pair.accepted_surprising >= times * PAIR_CAP:
        return _repeated_pair(evidence, "round", evidence.pair.accepted_surprising)
    if evidence.pair.accepted_surprising_today >= times * PAIR_CAP_A_DAY:
        return _repeated_pair(evidence, "day", evidence.pair.accepted_surprising_today)
    return None


def round_cap(evidence: Evidence, times: int = 1) -> Decision | None:
    """Cap the share of surprising labels in one round, at ``times`` the cap."""
    if evidence.round.accepted_surprising >= times * max(ROUND_CAP, ROUND_SHARE * evidence.round.accepted):
        return Decision("pending", "many_in_round", {"accepted": evidence.round.accepted_surprising})
    return None


def vouched_cap(evidence: Evidence) -> bool:
    """Tell whether the higher caps for confirmed surprising labels are reached."""
    full = confusion_pair_cap(evidence, VOUCHED_FACTOR) or round_cap(evidence, VOUCHED_FACTOR)
    return evidence.surprising and full is not None


def accept_rest(evidence: Evidence) -> Decision | None:
    """Accept the rest: networks learn most from a few surprising labels."""
    return Decision("accepted", "surprising")


RULES: tuple[Rule, ...] = (
    failed_gold_questions,
    rate_cap,
    hostile,
    repeated,
    plausible,
    contradicted,
    supported,
    contributor_cap,
    confusion_pair_cap,
    round_cap,
    accept_rest,
)


def allowance(given: DailyCounts, least: int, record: GoldRecord = GoldRecord()) -> float:  # noqa: B008 - frozen
    """Return the cap of surprising labels: ``least``, plus a share of the plausible labels, times more for a good record."""
    return (least + SHARE * (given.count - given.surprising)) * (EARNED if earned(record) else 1)


def failed(record: GoldRecord) -> bool:
    """Tell whether a contributor answered too many gold questions wrongly; one in a hundred is unclear, and people slip."""
    return record.wrong >= KNOWN and record.wrong >= WRONGLY * (record.right + record.wrong)


def earned(record: GoldRecord) -> bool:
    """Tell whether a contributor answered enough gold questions rightly."""
    return record.right >= EARNED and record.right >= 9 * record.wrong


def _repeated_pair(evidence: Evidence, within: str, times: int) -> Decision:
    pair = {"answered": evidence.answered, "label": evidence.label}
    return Decision("pending", "repeated_pair", {"within": within, **pair, "times": times})
