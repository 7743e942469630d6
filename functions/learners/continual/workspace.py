"""What a run works with: one network, and the squares for rehearsal, selection and the test."""

from __future__ import annotations

from dataclasses import dataclass

import keras

from functions.learners.calibration import Logits, rejection_log_odds
from functions.learners.continual.expand_head import Features
from functions.learners.continual.logit_cache import LogitCache
from functions.learners.continual.weight_averaging import SHARES, Trial, mixed, symbol_accuracy, trial
from functions.learners.networks.architectures import Network
from functions.learners.networks.export import ModelHeader
from functions.learners.networks.training import Trainer, predict_logits
from functions.learners.squares import Squares, Weights, joined
from functions.learners.squares.sampling import HeldOut, recoded


@dataclass(frozen=True)
class ShippedSquares:
    """The squares of one symbol set that ship, with the classes of ``labels``; ``select`` never teach, ``holdout`` only judge."""

    labels: tuple[str, ...]
    rehearse: Squares
    select: Squares
    holdout: Squares


@dataclass(frozen=True)
class Workspace:
    """A network with K + 1 outputs and squares of classes 0..K.

    Of those that choose and of those that judge, what was collected comes after what ships.
    """

    labels: tuple[str, ...]
    trainer: Trainer
    cache: LogitCache
    rehearse: Squares
    select: Squares
    holdout: Squares
    shipped: tuple[int, int]  # so many that choose ship, and so many that judge
    fixed_select: int | None  # the former; None where no symbol is among them
    fixed_holdout: int  # so many of the latter are symbols

    @property
    def network(self) -> Network:
        """The network, with whatever weights it has just now."""
        return self.trainer.network

    def logits(self, squares: Squares) -> Logits:
        """Return the network's logits (n, K + 1)."""
        return self.cache.logits(self.network, squares.x)

    def select_logits(self) -> Logits:
        """Return those for the squares that choose."""
        return self.cache.logits(self.network, self.select.x, lasting=self.shipped[0])

    def holdout_logits(self) -> Logits:
        """Return those for the squares that judge."""
        return self.cache.logits(self.network, self.holdout.x, lasting=self.shipped[1])

    def features(self, squares: Squares) -> Features:
        """Return what the network's last layer sees (n, d)."""
        return predict_logits(keras.Model(self.network.inputs, self.network.layers[-1].input), squares.x)

    def known_accuracy(self) -> float:
        """Return the network's accuracy (0..1) on the symbols that select; on those that ship where some do."""
        return symbol_accuracy(self.select_logits()[: self.fixed_select], self.select.y[: self.fixed_select])

    def negatives_rejected(self, threshold: float) -> float:
        """Return the share (0..1) of what is no symbol, among the squares that select, that lies above ``threshold``."""
        others = self.select_logits()[self.select.y == len(self.labels)]
        return float((rejection_log_odds(others) >= threshold).mean()) if len(others) else 0.0

    def tries(self, live: Weights, learned: Weights, new: Squares, count: int, about: ModelHeader) -> list[Trial]:
        """Judge every mix of ``live`` and ``learned`` on the selection squares and on ``new`` ones, which stand for ``count``.

        The temperature and the threshold are those of ``about``. The network is left with the last mix.
        """
        trials = []
        for share in SHARES:
            self.network.set_weights(mixed(live, learned, share))
            known, fresh = (self.select_logits(), self.select.y), (self.logits(new), new.y)
            trials.append(
                trial(share, known, fresh, count, about.temperature, threshold=about.threshold, fixed=self.fixed_select)
            )
        return trials


def open_workspace(
    trainer: Trainer, cache: LogitCache, labels: tuple[str, ...], shipped: ShippedSquares, apart: HeldOut
) -> Workspace:
    """Return a workspace for ``labels``: the ``shipped`` squares in their order, and collected ones that are kept ``apart``."""
    rehearse, select, holdout = (
        recoded(part, shipped.labels, labels) for part in (shipped.rehearse, shipped.select, shipped.holdout)
    )
    return Workspace(
        labels,
        trainer,
        cache,
        rehearse,
        joined([select, apart.select]),
        joined([holdout, apart.holdout]),
        shipped=(len(select), len(holdout)),
        fixed_select=len(select) if (select.y < len(labels)).any() else None,
        fixed_holdout=int((holdout.y < len(labels)).sum()),
    )
