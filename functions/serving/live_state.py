"""The live networks of a process, as values: replaced as a whole, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from functions.domain.answer import Learner, Role
from functions.domain.problem import Problem
from functions.domain.symbols import SymbolSet

Place = tuple[Learner, Role]


@dataclass(frozen=True)
class Network:
    """One version's network as bytes, with its embedding as an output if it has one, and the labels of its outputs.

    The output after the labels is the rejection probability.
    """

    version: str
    labels: tuple[str, ...]
    tflite: bytes = field(repr=False)


@dataclass(frozen=True)
class LiveSet:
    """The live networks of one symbol set; it answers if each of its ``places``, at least one, has a network.

    ``instead_of`` has the live version of each place where another version answers, because the live one cannot be loaded.
    """

    symbols: SymbolSet
    places: int
    networks: Mapping[Place, Network]
    instead_of: Mapping[Place, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether each place has a network; a set without versions needs none."""
        return len(self.networks) == self.places


@dataclass(frozen=True)
class Live:
    """All live networks of this process."""

    activation: int
    sets: Mapping[str, LiveSet]
    missing: tuple[str, ...] = ()  # sentences about live versions that cannot be loaded

    @property
    def complete(self) -> bool:
        """Whether every set has its networks."""
        return all(live.complete for live in self.sets.values())

    @property
    def symbols(self) -> frozenset[SymbolSet]:
        """The symbol sets at the time of loading."""
        return frozenset(live.symbols for live in self.sets.values())

    @property
    def substitutes(self) -> tuple[str, ...]:
        """Sentences about the versions that answer instead of live ones."""
        found = {
            Problem("version_substituted", version=live.networks[place].version, wanted=wanted)
            for live in self.sets.values()
            for place, wanted in live.instead_of.items()
        }
        return tuple(sorted(found))

    def versions(self) -> set[str]:
        """Return the ids of the loaded versions."""
        return {network.version for live in self.sets.values() for network in live.networks.values()}


NOTHING = Live(-1, MappingProxyType({}))
