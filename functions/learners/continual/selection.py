"""What comes after the fitting, in every kind of run: choose how much of it to keep, calibrate, ask the gate, export."""

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
from functions.learners.evaluation.metrics import Evaluation, score
from functions.learners.evaluation.reliability import reliability_bins
from functions.learners.gate.decide import GateVerdict, check_export, refuse
from functions.learners.gate.rules import recalls
from functions.learners.networks.export import ModelHeader, export, export_difference, pack
from functions.learners.squares import Classes, Squares, Weights, no_squares

COMPARED = 200  # squares on which Keras and the export must agree


@dataclass(frozen=True)
class EvaluatedOn:
    """What a version answers to the squares kept apart, to those that the run is about and to those of earlier runs."""

    holdout: Evaluation
    recent: Evaluation
    earlier: Evaluation


@dataclass(frozen=True)
class Choice:
    """Between which weights to choose, and by what."""

    live: Weights
    learned: Weights
    about: ModelHeader  # of the line, with the temperature and the threshold of ``live``
    new: Squares  # what was to be learned
    validation: Squares  # the new squares that choose; they stand for all of ``new``
    floor: float  # accuracy (0..1) on the workspace's selection squares that must be kept
    few_new: bool  # somebody waits to see each of ``new`` come out right
    verdict: Callable[[EvaluatedOn], GateVerdict]  # the gate's word on what a mix answers
    earlier: Squares = field(default_factory=no_squares)  # what earlier runs were about
    # The share (0..1) of non-symbols among the selection squares that must stay rejected when a label joins.
    negatives_rejected: float | None = None
    new_line: bool = False  # what later versions are held against is this one, not what the line started from


def select(workspace: Workspace, choice: Choice, metrics: dict[str, Any], on_progress: OnProgress) -> Candidate:
    """Return what the run has made; ``metrics`` are the figures that are known already, ``began`` among them."""
    began = metrics.pop("began")
    on_progress(0.8, Step("selecting"))
    trials = workspace.tries(choice.live, choice.learned, choice.validation, len(choice.new), choice.about)
    on_progress(0.9, Step("testing"))
    verdict = refuse("no_share")
    share, about, looked = 0.0, choice.about, False
    for chosen in choose(trials, choice.floor, few_new=choice.few_new):
        share = chosen.share
        workspace.network.set_weights(mixed(choice.live, choice.learned, share))
        about = _calibrated(choice, workspace.select_logits(), workspace.select)
        verdict, looked = choice.verdict(evaluated_on(workspace, about, choice.new, choice.earlier)), True
        if verdict.accepted:
            break
    if not looked:
        workspace.network.set_weights(choice.live)
    test_logits = workspace.holdout_logits()
    if choice.new_line:
        about = _first_of_a_line(workspace, about, test_logits)
    symbols = workspace.holdout.y < len(workspace.labels)
    p = answers(test_logits[symbols], about.temperature, about.threshold)[:, :-1]
    new_after = score(workspace.logits(choice.new), choice.new.y, about.temperature, about.threshold)
    after = score(test_logits, workspace.holdout.y, about.temperature, about.threshold)
    metrics["holdout"] = {**metrics.get("holdout", {}), "after": after.figures()}
    metrics["new"] = {**metrics.get("new", {}), "after": new_after.figures()}
    metrics |= {
        "reliability": reliability_bins(p, workspace.holdout.y[symbols]),
        "share": share,
        "trials": [vars(t) for t in trials],
        "temperature": round(about.temperature, 4),
        "threshold": round(about.threshold, 4),
    }
    return _publishable(workspace, about, verdict, metrics, began)


def evaluated_on(workspace: Workspace, about: ModelHeader, recent: Squares, earlier: Squares) -> EvaluatedOn:
    """Return what the workspace's network answers as it is now, with the temperature and the threshold of ``about``.

    It may know fewer labels than ``recent`` and ``earlier`` have classes.
    """
    holdout = judgement(about.labels, workspace.holdout_logits(), workspace.holdout.y, about)
    others = (judgement(about.labels, workspace.logits(squares), squares.y, about) for squares in (recent, earlier))
    return EvaluatedOn(holdout, *others)


def judgement(labels: tuple[str, ...], logits: Logits, y: Classes, about: ModelHeader) -> Evaluation:
    """Return the answers that ``logits`` are with a version's temperature and threshold, beside the true classes ``y``."""
    return Evaluation(labels, answers(logits, about.temperature, about.threshold).astype(np.float32), y)


def _calibrated(choice: Choice, logits: Logits, select: Squares) -> ModelHeader:
    temperature, threshold = fit_temperature(logits, select.y), rejection_threshold(logits, select.y)
    if choice.negatives_rejected is not None:
        threshold = min(
            threshold, max(highest_rejection_threshold(logits, select.y, choice.negatives_rejected), choice.about.threshold)
        )
    return replace(choice.about, temperature=temperature, threshold=threshold)


def _first_of_a_line(workspace: Workspace, about: ModelHeader, test_logits: Logits) -> ModelHeader:
    """Return ``about`` with what later versions are held against; nothing where no symbol ships: collected ones change."""
    if not workspace.fixed_holdout:
        return replace(about, anchor=None, known=None, recalls=None)
    symbols = np.flatnonzero(workspace.holdout.y < len(workspace.labels))[: workspace.fixed_holdout]
    test_logits, y = test_logits[symbols], workspace.holdout.y[symbols]
    return replace(
        about,
        anchor=symbol_accuracy(test_logits, y),
        known=workspace.known_accuracy(),
        recalls=recalls(workspace.labels, y, test_logits[:, :-1].argmax(1) == y),
    )


def _publishable(
    workspace: Workspace, about: ModelHeader, verdict: GateVerdict, metrics: dict[str, Any], began: float
) -> Candidate:
    tflite = export(workspace.network, about.temperature, about.threshold)
    expected = answers(workspace.select_logits()[:COMPARED], about.temperature, about.threshold)
    verdict = check_export(verdict, export_difference(tflite, workspace.select.x[:COMPARED], expected))
    metrics["parity"] = verdict.figures["parity"]
    metrics["seconds"] = round(time.monotonic() - began, 2)
    body = pack(workspace.network.get_weights(), about)
    return Candidate(workspace.labels, body, tflite, hashlib.sha256(tflite).hexdigest(), metrics, verdict.as_dict())
