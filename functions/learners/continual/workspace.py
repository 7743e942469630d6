"""The workspace of a run: one network, and the squares for rehearsal, selection and the test."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import keras

from functions.learners.calibration import Logits, rejection_log_odds
from functions.learners.continual.expand_head import Features
from functions.learners.continual.logit_cache import LogitCache
from functions.learners.continual.weight_averaging import (
    SHARES,
    KnownCredit,
    Trial,
    known_credit,
    mixed,
    symbol_accuracy,
    symbol_scores,
    trial,
)
from functions.learners.evaluation.half_decided import Credits, LabelGroups, credits_of
from functions.learners.networks.architectures import Network
from functions.learners.networks.training import Trainer, predict_logits
from functions.learners.squares import Squares, Weights, digest_of, joined
from functions.learners.squares.sampling import HeldOut, recoded
from functions.learners.weights_file import ModelHeader


@dataclass(frozen=True)
class ShippedSquares:
    """The shipped squares of one symbol set, with the classes of ``labels``; only ``rehearse`` squares are learned."""

    labels: tuple[str, ...]
    rehearse: Squares
    select: Squares
    holdout: Squares

    @cached_property
    def digest(self) -> str:
        """A digest of the squares with which the figures of a line's first version are measured."""
        return digest_of(self.select, self.holdout)


@dataclass(frozen=True)
class Workspace:
    """A network with K + 1 outputs and squares of classes 0..K; ``select`` and ``holdout`` begin with the shipped squares."""

    labels: tuple[str, ...]
    trainer: Trainer
    cache: LogitCache
    rehearse: Squares
    select: Squares
    holdout: Squares
    shipped: tuple[int, int]  # the numbers of shipped squares in ``select`` and in ``holdout``
    fixed_select: int | None  # the first of these numbers; None if no symbol is among them
    fixed_holdout: int  # the number of symbols among the shipped squares of ``holdout``
    credit: Credits  # (K + 1, K + 1), the credit of each answer

    @property
    def network(self) -> Network:
        """The network with its present weights."""
        return self.trainer.network

    def logits(self, squares: Squares) -> Logits:
        """Return the network's logits (n, K + 1)."""
        return self.cache.logits(self.network, squares.x)

    def select_logits(self) -> Logits:
        """Return the network's logits for the selection squares."""
        return self.cache.logits(self.network, self.select.x, lasting=self.shipped[0])

    def holdout_logits(self) -> Logits:
        """Return the network's logits for the hold-out."""
        return self.cache.logits(self.network, self.holdout.x, lasting=self.shipped[1])

    def features(self, squares: Squares) -> Features:
        """Return the input of the network's last layer, (n, d)."""
        return predict_logits(keras.Model(self.network.inputs, self.network.layers[-1].input), squares.x)

    def known_accuracy(self) -> float:
        """Return the network's accuracy (0..1) on the symbols of the selection squares; only on the shipped ones, if any."""
        return symbol_accuracy(self.select_logits()[: self.fixed_select], self.select.y[: self.fixed_select])

    def known_credit(self) -> KnownCredit:
        """Return the mean credit of the network's answers to the same symbols, and its standard error."""
        return known_credit(
            symbol_scores(self.select_logits()[: self.fixed_select], self.select.y[: self.fixed_select], self.credit)
        )

    def negatives_rejected(self, threshold: float) -> float:
        """Return the share (0..1) of the negatives among the selection squares that lies above ``threshold``."""
        negatives = self.select_logits()[self.select.y == len(self.labels)]
        return float((rejection_log_odds(negatives) >= threshold).mean()) if len(negatives) else 0.0

    def trials(self, live: Weights, learned: Weights, new: Squares, count: int, header: ModelHeader) -> list[Trial]:
        """Return the figures of every mix of ``live`` and ``learned``; ``new`` squares are a sample of ``count``.

        The temperature and the threshold are those of ``header``. The network keeps the last mix.
        """
        found = []
        for share in SHARES:
            self.network.set_weights(mixed(live, learned, share))
            known, fresh = (self.select_logits(), self.select.y), (self.logits(new), new.y)
            temperature, threshold, fixed = header.temperature, header.threshold, self.fixed_select
            found.append(trial(share, known, fresh, count, temperature, threshold=threshold, fixed=fixed, credit=self.credit))
        return found


def open_workspace(
    trainer: Trainer,
    cache: LogitCache,
    labels: tuple[str, ...],
    shipped: ShippedSquares,
    held_out: HeldOut,
    confusable: LabelGroups = (),
) -> Workspace:
    """Return a workspace for ``labels``, with the ``shipped`` squares and the collected ``held_out`` squares."""
    rehearse, select, holdout = (
        recoded(part, shipped.labels, labels) for part in (shipped.rehearse, shipped.select, shipped.holdout)
    )
    return Workspace(
        labels,
        trainer,
        cache,
        rehearse,
        joined([select, held_out.select]),
        joined([holdout, held_out.holdout]),
        shipped=(len(select), len(holdout)),
        fixed_select=len(select) if (select.y < len(labels)).any() else None,
        fixed_holdout=int((holdout.y < len(labels)).sum()),
        credit=credits_of(labels, confusable),
    )
