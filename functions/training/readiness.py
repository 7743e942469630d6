"""How many samples a label still needs before it is learned for the first time."""

from __future__ import annotations

from sqlalchemy.orm import Session

from functions import registry
from functions.domain.run_step import Step
from functions.domain.symbols import SymbolSet
from functions.records import training_samples as records

NEEDED = 30  # accepted samples of a label before it is learned for the first time: a few dozen, of which some only judge
LABELS_IN_SENTENCE = 40  # labels in a sentence: as many as most alphabets have


def missing(session: Session, symbols: SymbolSet, knew: tuple[str, ...] | None = None) -> dict[str, int]:
    """Return how many accepted samples each label still needs that is not known and cannot be learned yet.

    Known are the labels in ``knew``; by default those that every live version knows.
    """
    if knew is None:
        live = [set(version.labels) for version in registry.live(session, symbols.name).values()]
        knew = tuple(set.intersection(*live)) if live else ()
    counts = {
        label: records.still_needed(session, symbols.name, label, NEEDED) for label in symbols.labels if label not in set(knew)
    }
    return {label: count for label, count in counts.items() if count}


def lacking_step(lacking: dict[str, int]) -> Step:
    """Return how a run ends that waits for samples: with many labels it names the first few, and how many there are."""
    shown = dict(list(lacking.items())[:LABELS_IN_SENTENCE])
    return Step.of("lacking", missing=shown, others=len(lacking) - len(shown))
