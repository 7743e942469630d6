"""A drawing with a label that a person gave it, and who sent the label."""

from __future__ import annotations

from dataclasses import dataclass

from functions.domain.answer import ModelPrediction
from functions.domain.drawing import Square
from functions.domain.symbols import SymbolSet
from functions.domain.trust import Source


@dataclass(frozen=True)
class Sender:
    """The sender of a label: ``block`` is a keyed hash of the address block, None where it is not known."""

    block: str | None = None
    from_owner: bool = False


@dataclass(frozen=True)
class LabelledDrawing:
    """A drawing with the label that a person gave it; a ``label`` or ``answered`` of None is "not a symbol".

    ``predictions`` are empty where no network could answer; ``answered`` is the label of the combined answer.
    ``prediction_id`` is the prediction that a correction is about.
    """

    symbols: SymbolSet
    label: str | None
    source: Source
    contributor: str
    square: Square
    png: bytes
    predictions: tuple[ModelPrediction, ...]
    answered: str | None
    prediction_id: str | None = None
    idempotency: str | None = None  # the hash by which a repeated request finds its sample
