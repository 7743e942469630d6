"""Where a lesson takes place: one network, and the squares that it rehearses, that choose and that judge."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from functions.learners.architectures import Network
from functions.learners.artefact import About
from functions.learners.averaging import SHARES, Trial, Weights, mixed, symbol_accuracy, trial
from functions.learners.calibration import Logits, reject_odds
from functions.learners.growing import Features
from functions.learners.recall import Recall
from functions.learners.rehearsal import Apart, recoded
from functions.learners.squares import Squares, joined
from functions.learners.training import Trainer, predict_logits


@dataclass(frozen=True)
class Material:
    """The squares of one symbol set that ship, with the classes of ``labels``; ``select`` never teach, ``holdout`` only judge."""

    labels: tuple[str, ...]
    rehearse: Squares
    select: Squares
    holdout: Squares


@dataclass(frozen=True)
class Desk:
    """A network with K + 1 outputs and squares of classes 0..K. What was collected comes after what ships, in both."""

    labels: tuple[str, ...]
    trainer: Trainer
    recall: Recall
    rehearse: Squares
    select: Squares
    holdout: Squares
    fixed_select: int | None  # so many of them ship; None where no symbol does
    fixed_holdout: int  # so many symbols of them ship

    @property
    def network(self) -> Network:
        """The network, with whatever weights it has just now."""
        return self.trainer.network

    def logits(self, squares: Squares) -> Logits:
        """Return the network's logits (n, K + 1)."""
        return self.recall.logits(self.network, squares.x)

    def features(self, squares: Squares) -> Features:
        """Return what the network's last layer sees (n, d)."""
        return predict_logits(keras.Model(self.network.inputs, self.network.layers[-1].input), squares.x)

    def known_accuracy(self) -> float:
        """Return the network's accuracy (0..1) on the symbols that select; on those that ship where some do."""
        some = self.select.take(np.arange(len(self.select))[: self.fixed_select])
        return symbol_accuracy(self.logits(some), some.y)

    def found(self, threshold: float) -> float:
        """Return the share (0..1) of what is no symbol, among the squares that select, that lies above ``threshold``."""
        others = self.select.take(self.select.y == len(self.labels))
        return float((reject_odds(self.logits(others)) >= threshold).mean()) if len(others) else 0.0

    def tries(self, live: Weights, learned: Weights, new: Squares, count: int, about: About) -> list[Trial]:
        """Judge every mix of ``live`` and ``learned`` on the selection squares and on ``new`` ones, which stand for ``count``.

        The temperature and the threshold are those of ``about``. The network is left with the last mix.
        """
        found = []
        for share in SHARES:
            self.network.set_weights(mixed(live, learned, share))
            known, fresh = (self.logits(self.select), self.select.y), (self.logits(new), new.y)
            found.append(trial(share, known, fresh, count, about.temperature, threshold=about.threshold, fixed=self.fixed_select))
        return found


def set_up(trainer: Trainer, recall: Recall, labels: tuple[str, ...], shipped: Material, apart: Apart) -> Desk:
    """Return a desk for ``labels``: the ``shipped`` squares in their order, and collected ones that are kept ``apart``."""
    rehearse, select, holdout = (
        recoded(part, shipped.labels, labels) for part in (shipped.rehearse, shipped.select, shipped.holdout)
    )
    return Desk(
        labels,
        trainer,
        recall,
        rehearse,
        joined([select, apart.select]),
        joined([holdout, apart.holdout]),
        fixed_select=len(select) if (select.y < len(labels)).any() else None,
        fixed_holdout=int((holdout.y < len(labels)).sum()),
    )
