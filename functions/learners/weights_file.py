"""The weights of a version in one file, an npz, from which training continues and other programs rebuild the network.

TensorFlow is not needed.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from functions.domain.answer import Learner
from functions.learners.squares import Weights


@dataclass(frozen=True)
class ModelHeader:
    """The facts stored beside weights; ``labels`` in the order of the outputs, "not a symbol" after the last."""

    learner: Learner
    labels: tuple[str, ...]
    temperature: float
    threshold: float = 0.0  # a square with at least these log-odds of "not a symbol" is rejected
    # Figures of the first version of the line:
    anchor: float | None = None  # accuracy (0..1) on the hold-out
    known: float | None = None  # accuracy (0..1) on the selection squares
    recalls: dict[str, float] | None = None  # recall (0..1) of each label on the shipped hold-out
    squares: str | None = None  # the digest of the shipped squares with which these figures were measured
    confusable: dict[str, Any] | None = None  # the figures where confusable labels are not wrong (gate.line.ConfusableFigures)


def pack(weights: Weights, about: ModelHeader) -> bytes:
    """Return the weights as npz bytes; the same weights give the same bytes. Half precision is used where it loses nothing."""
    arrays: dict[str, Any] = {}
    for i, w in enumerate(weights):
        half = w.astype(np.float16)
        arrays[f"w{i:03}"] = half if np.array_equal(half.astype(np.float32), w) else np.asarray(w, np.float32)
    body = io.BytesIO()
    np.savez_compressed(body, about=np.array(json.dumps(asdict(about), sort_keys=True)), **arrays)
    return body.getvalue()


def unpack(body: bytes) -> tuple[Weights, ModelHeader]:
    """Read what ``pack`` wrote."""
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        about = json.loads(str(arrays["about"]))
        about["labels"] = tuple(about["labels"])
        return [arrays[name].astype(np.float32) for name in sorted(arrays.files) if name != "about"], ModelHeader(**about)
