"""The state of a sample in its author's words."""

from __future__ import annotations

from typing import Literal

from functions.records.tables import Sample

State = Literal["rejected", "waiting", "taught", "judges", "kept", "teaches"]


def state_of(sample: Sample) -> State:
    """Return whether a sample waits, was rejected, has taught a network, will teach one, judges networks, or is only kept."""
    if sample.status == "rejected":
        return "rejected"
    if sample.status != "accepted":
        return "waiting"
    if sample.taught_to is not None:
        return "taught"
    return "judges" if sample.split in ("validation", "test") else "kept" if sample.split == "unused" else "teaches"
