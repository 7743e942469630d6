"""Count the samples that a label still needs before it is learned for the first time."""

from __future__ import annotations

from sqlalchemy.orm import Session

from functions import registry
from functions.domain.run_step import Step
from functions.domain.symbols import SymbolSet
from functions.records import training_samples as records

NEEDED = 30  # accepted samples of a label before it is learned for the first time; some of them are held out
LABELS_IN_SENTENCE = 40  # labels in a sentence: as many as most alphabets have


def missing(session: Session, symbols: SymbolSet, knew: tuple[str, ...] | None = None) -> dict[str, int]:
    """Return the number of accepted samples that each unknown label still needs; labels with enough samples are left out.

    A label is unknown if it is not in ``knew``, by default the labels that every live version knows.
    """
    if knew is None:
        live = [set(version.labels) for version in registry.live(session, symbols.name).values()]
        knew = tuple(set.intersection(*live)) if live else ()
    counts = {
        label: records.still_needed(session, symbols.name, label, NEEDED) for label in symbols.labels if label not in set(knew)
    }
    return {label: count for label, count in counts.items() if count}


def lacking_step(lacking: dict[str, int]) -> Step:
    """Return the last step of a run that lacks samples: it names the first labels and counts the others."""
    shown = dict(list(lacking.items())[:LABELS_IN_SENTENCE])
    return Step.of("lacking", missing=shown, others=len(lacking) - len(shown))
