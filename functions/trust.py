"""Whether a labelled drawing may teach at once. Pure: evidence in, judgement with its reason out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal["open", "review", "moderated"]
Source = Literal["contribution", "correction", "import"]
SampleStatus = Literal["pending", "accepted", "quarantined", "rejected", "withdrawn"]

CAP_AN_HOUR = 600  # one contributor; a sitting is two hundred drawings, so an honest hand stays far below


@dataclass(frozen=True)
class Evidence:
    """What is known about a labelled drawing when it arrives."""

    source: Source
    accepted_this_hour: int
    from_owner: bool = False


@dataclass(frozen=True)
class Judgement:
    """The status a sample starts with and the reason in words."""

    status: SampleStatus
    reason: str


def judge(mode: Mode, evidence: Evidence) -> Judgement:
    """Decide with which status a sample starts under the owner's trust mode."""
    if evidence.from_owner:
        return Judgement("accepted", "given by the owner")
    if mode == "moderated":
        return Judgement("pending", "waits for the owner")
    if mode == "open":
        return Judgement("accepted", "every drawing may teach")
    if evidence.accepted_this_hour >= CAP_AN_HOUR:
        return Judgement("pending", f"more than {CAP_AN_HOUR} drawings by one contributor within an hour")
    return Judgement("accepted", "within the contributor's hourly cap")
