"""The second half of every training: choose the share of the learned weights, calibrate, ask the gate, export."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from functions.domain.run_step import Step
from functions.learners.calibration import Logits, answers, fit_temperature
from functions.learners.continual.protocol import Candidate, OnProgress
from functions.learners.continual.rehearsal_batches import highest_rejection_threshold, rejection_threshold
from functions.learners.continual.weight_averaging import choose, mixed, symbol_accuracy
from functions.learners.continual.workspace import Workspace
from functions.learners.evaluation.half_decided import as_one_figure
from functions.learners.evaluation.metrics import Evaluation, score
from functions.learners.evaluation.reliability import reliability_bins
from functions.learners.gate.decide import GateVerdict, check_export, refuse
from functions.learners.gate.rules import recalls
from functions.learners.networks.export import export, export_difference
from functions.learners.squares import Squares, Weights, no_squares
from functions.learners.weights_file import ModelHeader, pack

COMPARED = 200  # squares on which Keras and the export must agree


@dataclass(frozen=True)
class Evaluations:
    """A version's answers to the hold-out, to the drawings of this run and to those of earlier runs."""

    holdout: Evaluation
    recent: Evaluation
    earlier: Evaluation


@dataclass(frozen=True)
class Choice:
    """The weights between which a training chooses, and the criteria."""

    live: Weights
    learned: Weights
    header: ModelHeader  # of the line, with the temperature and the threshold of ``live``
    new: Squares  # the new squares
    validation: Squares  # the new squares that choose the share, a sample of ``new``
    floor: float  # mean credit (0..1) on the workspace's selection squares that must be kept
    small_run: bool  # somebody waits to see each of ``new`` answered rightly
    verdict: Callable[[Evaluations], GateVerdict]  # the gate
    earlier: Squares = field(default_factory=no_squares)  # the drawings of earlier runs
    # The share (0..1) of negatives among the selection squares that must stay rejected when a label is added.
    negatives_rejected: float | None = None
    new_line: bool = False  # later versions are compared with this version, not with the first one of the line


def select(workspace: Workspace, choice: Choice, metrics: dict[str, Any], on_progress: OnProgress) -> Candidate:
    """Return the candidate of a training. ``metrics`` are the figures so far, and when the training ``began``."""
    began = metrics.pop("began")
    on_progress(0.8, Step("selecting"))
    trials = workspace.trials(choice.live, choice.learned, choice.validation, len(choice.new), choice.header)
    on_progress(0.9, Step("testing"))
    verdict, share, header = refuse("no_share"), 0.0, choice.header
    mixes = choose(trials, choice.floor, small_run=choice.small_run)
    for mix in mixes:
        share = mix.share
        workspace.network.set_weights(mixed(choice.live, choice.learned, share))
        header = _calibrated(choice, workspace.select_logits(), workspace.select)
        verdict = choice.verdict(evaluate(workspace, header, choice.new, choice.earlier))
        if verdict.accepted:
            break
    if not mixes:
        workspace.network.set_weights(choice.live)
    test_logits = workspace.holdout_logits()
    if choice.new_line:
        header = first_of_a_line(workspace, header, test_logits)
    symbols = workspace.holdout.y < len(workspace.labels)
    p = answers(test_logits[symbols], header.temperature, header.threshold)[:, :-1]
    for name, logits, y in (
        ("holdout", test_logits, workspace.holdout.y),
        ("new", workspace.logits(choice.new), choice.new.y),
    ):
        after = score(logits, y, header.temperature, header.threshold).figures()
        after |= as_one_figure(workspace.credit, y, logits[:, :-1].argmax(1))
        metrics[name] = {**metrics.get(name, {}), "after": after}
    metrics |= {
        "reliability": reliability_bins(p, workspace.holdout.y[symbols]),
        "share": share,
        "trials": [vars(t) for t in trials],
        "temperature": round(header.temperature, 4),
        "threshold": round(header.threshold, 4),
    }
    return _candidate(workspace, header, verdict, metrics, began)


def evaluate(workspace: Workspace, header: ModelHeader, recent: Squares, earlier: Squares) -> Evaluations:
    """Return the answers of the workspace's network, with the temperature and the threshold of ``header``.

    It may know fewer labels than ``recent`` and ``earlier`` have classes.
    """
    asked = (workspace.holdout_logits(), workspace.holdout.y), *((workspace.logits(one), one.y) for one in (recent, earlier))
    return Evaluations(
        *(
            Evaluation(header.labels, answers(logits, header.temperature, header.threshold).astype(np.float32), y)
            for logits, y in asked
        )
    )


def _calibrated(choice: Choice, logits: Logits, select: Squares) -> ModelHeader:
    temperature, threshold = fit_temperature(logits, select.y), rejection_threshold(logits, select.y)
    if choice.negatives_rejected is not None:
        highest = highest_rejection_threshold(logits, select.y, choice.negatives_rejected)
        threshold = min(threshold, max(highest, choice.header.threshold))
    return replace(choice.header, temperature=temperature, threshold=threshold)


def first_of_a_line(workspace: Workspace, header: ModelHeader, test_logits: Logits) -> ModelHeader:
    """Return ``header`` with the figures that later versions are compared with; without them if no symbol ships.

    Collected squares change, so figures on them cannot be compared later.
    """
    if not workspace.fixed_holdout:
        return replace(header, anchor=None, known=None, recalls=None, confusable=None)
    symbols = np.flatnonzero(workspace.holdout.y < len(workspace.labels))[: workspace.fixed_holdout]
    test_logits, y = test_logits[symbols], workspace.holdout.y[symbols]
    return replace(
        header,
        anchor=symbol_accuracy(test_logits, y),
        known=workspace.known_accuracy(),
        recalls=recalls(workspace.labels, y, test_logits[:, :-1].argmax(1) == y),
        confusable=None,  # the next run takes them from this version
    )


def _candidate(
    workspace: Workspace, header: ModelHeader, verdict: GateVerdict, metrics: dict[str, Any], began: float
) -> Candidate:
    tflite = export(workspace.network, header.temperature, header.threshold)
    expected = answers(workspace.select_logits()[:COMPARED], header.temperature, header.threshold)
    verdict = check_export(verdict, export_difference(tflite, workspace.select.x[:COMPARED], expected))
    metrics["parity"] = verdict.figures["parity"]
    metrics["seconds"] = round(time.monotonic() - began, 2)
    weights = pack(workspace.network.get_weights(), header)
    return Candidate(workspace.labels, weights, tflite, hashlib.sha256(tflite).hexdigest(), metrics, verdict.as_dict())
