"""The verb *collected*: how many drawings each label of a symbol set has, and how many are missing."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from functions import registry
from functions.domain.symbols import Origin, SymbolSet
from functions.records.label_counts import counts_by_label
from functions.training.readiness import NEEDED, missing

__all__ = ["NEEDED", "Collected", "collected", "missing"]


@dataclass(frozen=True)
class Collected:
    """The accepted samples of each label of a symbol set, and what is missing before new labels can be learned."""

    symbols: SymbolSet
    origin: Origin
    counts: dict[str, int]
    missing: dict[str, int]  # number of missing samples, only of labels that no network knows and that cannot be learned yet
    unlearned: tuple[str, ...]  # labels that not every network knows; the next run learns those without missing samples

    @property
    def drawings(self) -> int:
        """The number of missing samples of all labels."""
        return sum(self.missing.values())

    @property
    def done(self) -> int:
        """The number of unlearned labels with enough samples."""
        return len(self.unlearned) - len(self.missing)

    @property
    def progress(self) -> float:
        """The share of the samples that the unlearned labels need and have, 0..1."""
        return 1 - self.drawings / (NEEDED * len(self.unlearned)) if self.unlearned else 1.0

    @property
    def wanted(self) -> int:
        """The number of samples that the owner's goal is, for all labels; 0 without a goal."""
        return self.symbols.goal * len(self.symbols.labels)

    @property
    def towards_goal(self) -> int:
        """The number of samples that count for the goal: what a label has above its goal does not make up for others."""
        return sum(min(count, self.symbols.goal) for count in self.counts.values())

    @property
    def at_goal(self) -> int:
        """The number of labels that have reached the goal."""
        return sum(count >= self.symbols.goal for count in self.counts.values())


def collected(session: Session, name: str) -> Collected:
    """Return what is collected for a symbol set, or raise UnknownSet."""
    symbols = registry.symbol_set(session, name)
    counts = counts_by_label(session, name)
    known = [set(version.labels) for version in registry.live(session, name).values()]
    return Collected(
        symbols,
        registry.origins(session)[name],
        {label: counts.get(label, 0) for label in symbols.labels},
        missing(session, symbols),
        tuple(label for label in symbols.labels if not known or any(label not in one for one in known)),
    )
