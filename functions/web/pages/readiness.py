"""How close a symbol set is to the training of its new labels. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Readiness:
    """The ``labels`` that no network knows yet, and how many of the ``needed`` drawings of each are missing."""

    labels: tuple[str, ...]
    missing: Mapping[str, int]
    needed: int

    @property
    def drawings(self) -> int:
        """The number of missing drawings of all labels."""
        return sum(self.missing.values())

    @property
    def done(self) -> int:
        """The number of labels with enough drawings."""
        return len(self.labels) - len(self.missing)

    @property
    def progress(self) -> float:
        """The share of the needed drawings that the set has, 0..1."""
        return 1 - self.drawings / (self.needed * len(self.labels)) if self.labels else 1.0
