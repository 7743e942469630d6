"""The trainer of one learner: fine-tuning, retraining, added labels and first versions."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from functions.domain.answer import Learner
from functions.domain.run_step import Step
from functions.learners.calibration import Logits, without_label_prior
from functions.learners.continual import bootstrap, rehearsal_batches
from functions.learners.continual.expand_head import expand_head, replace_head
from functions.learners.continual.logit_cache import LogitCache
from functions.learners.continual.protocol import Candidate, OnProgress, TrainingSquares
from functions.learners.continual.selection import Choice, Evaluations, evaluate, first_of_a_line, select
from functions.learners.continual.workspace import ShippedSquares, Workspace, open_workspace
from functions.learners.evaluation.half_decided import LabelGroups
from functions.learners.evaluation.metrics import Evaluation, score
from functions.learners.gate.decide import (
    ADDED_LABEL_MARGIN,
    FirstVersion,
    GateVerdict,
    compare,
    decide_added_labels,
    decide_first,
)
from functions.learners.gate.line import ConfusableFigures
from functions.learners.gate.rules import NEGATIVES_REJECTED_FALL, recalls
from functions.learners.networks.architectures import Network, build, trainable_in_fine_tuning
from functions.learners.networks.devices import on_processor
from functions.learners.networks.pixel_augment import GENTLE
from functions.learners.networks.training import Recipe, Trainer, predict_logits
from functions.learners.squares import Squares, Weights, joined, no_squares
from functions.learners.squares.sampling import HeldOut, recoded, split_selection
from functions.learners.weights_file import ModelHeader, pack, unpack

RATES = {"fnn": 0.03, "cnn": 0.05}  # chosen on writers 1 to 12 of the tablet, with a base that was trained without them
SLOW = 0.6  # share of these rates for a retraining, which trains the whole network for longer
EPOCHS = 12  # how often a retraining sees each collected square; more epochs improve nothing
MOST_STEPS = 6_000  # about five minutes
EMBEDDED = 1_000  # known squares that determine the output of an added label: their mean is stable
REPORT_EVERY = 10  # steps


def recipe_of(learner: Learner) -> Recipe:
    """Return the recipe of a quick run."""
    return Recipe(
        steps=rehearsal_batches.STEPS,
        batch=2 * rehearsal_batches.HALF,
        rate=RATES[learner],
        warm=0.1,
        momentum=0.9,
        average=0.0,
        freeze_statistics=True,
        strength=GENTLE,
    )


class ContinualTrainer:
    """Trains one learner of one symbol set. Compiled networks serve every later run. Not thread-safe.

    ``rehearsal`` squares keep the accuracy on the known labels; two fifths of them are never learned but choose the share of
    the learned weights. Only the gate uses ``holdout`` squares. Both have the classes of ``labels``, then "not a symbol". No
    label ships for a set of the owner's, so its shipped squares all have class 0. The squares of a run have the classes of the
    labels that the version knows afterwards. ``confusable`` are groups of labels that look alike, for the gate. Several
    trainers may share a ``cache``.
    """

    def __init__(
        self,
        learner: Learner,
        labels: tuple[str, ...],
        rehearsal: Squares,
        holdout: Squares,
        *,
        confusable: LabelGroups = (),
        cache: LogitCache | None = None,
    ) -> None:
        self._learner, self._confusable = learner, confusable
        self._shipped = ShippedSquares(labels, *split_selection(rehearsal), holdout)
        self._recipe = recipe_of(learner)
        self._networks: dict[int, Network] = {}
        self._trainers: dict[tuple[int, bool], Trainer] = {}
        self._caches = {False: cache or LogitCache(), True: LogitCache(features=0)}  # by whether the whole network is trained

    def warm_up(self) -> None:
        """Compile everything with shipped squares, so that the first correction need not wait; nothing if no label ships."""
        labels, rehearse = self._shipped.labels, self._shipped.rehearse
        if labels:
            live = pack(self._trainer(labels).network.get_weights(), ModelHeader(self._learner, labels, 1.0))
            some = rehearse.take(np.arange(min(8, len(rehearse))))
            self._tune(live, TrainingSquares(some), replace(self._recipe, steps=2), 0, lambda _progress, _step: None)

    def fine_tune(self, live: bytes, squares: TrainingSquares, *, seed: int, on_progress: OnProgress) -> Candidate:
        """Learn new squares in 100 small steps of the upper layers from the weights ``live``."""
        return self._tune(live, squares, self._recipe, seed, on_progress)

    def retrain(self, live: bytes, squares: TrainingSquares, *, seed: int, on_progress: OnProgress) -> Candidate:
        """Learn all collected squares several times, with the whole network, from the weights ``live``.

        Labels with more squares than others are not more probable afterwards.
        """
        steps = int(np.clip(EPOCHS * len(squares.new) / rehearsal_batches.HALF, 300, MOST_STEPS))
        recipe = replace(self._recipe, steps=steps, rate=SLOW * self._recipe.rate)
        return self._tune(live, squares, recipe, seed, on_progress, whole=True)

    def admit(self, live: bytes, trained: bytes, squares: TrainingSquares, *, seed: int, on_progress: OnProgress) -> Candidate:
        """Compare ``trained`` weights, which ``retrain`` made of the same squares and seed, with the weights ``live``.

        The training may have started from other weights. The share of the trained weights in the mix with ``live`` is chosen
        again, and the gate decides again.
        """
        recipe, weights = replace(self._recipe, steps=0), unpack(trained)[0]
        return self._tune(live, squares, recipe, seed, on_progress, whole=True, trained=weights)

    def add_labels(
        self, live: bytes, labels: tuple[str, ...], squares: TrainingSquares, *, seed: int, on_progress: OnProgress
    ) -> Candidate:
        """Learn labels that the weights ``live`` lack: ``labels`` are theirs, then the added ones, each with new squares.

        Raises:
            ValueError: ``labels`` do not begin with those of ``live``, none is added, or one has no squares.
        """
        began, new, held_out = time.monotonic(), squares.new, squares.held_out
        weights, header = unpack(live)
        knew, added = header.labels, labels[len(header.labels) :]
        if labels[: len(knew)] != knew or not added or not set(range(len(knew), len(labels))) <= set(new.y.tolist()):
            raise ValueError(f"A network of {knew} cannot grow to {labels} by squares of {sorted(set(new.y.tolist()))}.")
        known_parts = (recoded(part, labels, knew) for part in (held_out.select, held_out.holdout))
        old = self._workspace(knew, HeldOut(*known_parts))
        old.network.set_weights(weights)
        header = self._measured(header, old)
        earlier = squares.earlier or no_squares()
        before = evaluate(old, header, new, earlier)
        known, rejected = old.known_credit(), old.negatives_rejected(header.threshold)
        first, _ = self._first(old, header, before)
        start = self._expanded(old, weights, labels, new, earlier, seed)
        workspace = self._workspace(labels, held_out)
        workspace.network.set_weights(start)
        rehearse = _without_added(workspace.rehearse, workspace.logits(workspace.rehearse), len(knew))
        plan = _plan(squares, rehearse, seed)
        learned = self._fit(workspace, start, plan, self._recipe, seed, on_progress)
        choice = Choice(
            live=start,
            learned=learned,
            header=replace(header, labels=labels),
            new=new,
            validation=joined([plan.validation, held_out.select.take(held_out.select.y >= len(knew))]),
            floor=known.mean - ADDED_LABEL_MARGIN / 2,
            small_run=False,
            verdict=self._gate(decide_added_labels, before, first),
            earlier=earlier,
            negatives_rejected=max(0.0, rejected - NEGATIVES_REJECTED_FALL),
            new_line=True,
        )
        metrics = {"began": began, "steps": self._recipe.steps, "seed": seed, "added": list(added)}
        return select(workspace, choice, metrics, on_progress)

    def bootstrap(
        self, foundation: bytes, labels: tuple[str, ...], squares: TrainingSquares, *, seed: int, on_progress: OnProgress
    ) -> Candidate:
        """Make a first network of ``labels`` from all collected squares, on the features of another set's weights."""
        began, new = time.monotonic(), squares.new
        workspace = self._workspace(labels, squares.held_out)
        start = replace_head(unpack(foundation)[0], len(labels), np.random.default_rng(seed))
        on_step = _reporter(on_progress)
        head, body = bootstrap.bootstrap(workspace.network, start, new, workspace.rehearse, seed=seed, on_step=on_step)
        choice = Choice(
            live=head,
            learned=body,
            header=ModelHeader(self._learner, labels, 1.0),
            new=new,
            validation=no_squares(),
            floor=0.0,
            small_run=False,
            verdict=lambda after: decide_first(after.holdout),
            new_line=True,
        )
        return select(workspace, choice, {"began": began, "steps": bootstrap.STEPS, "seed": seed}, on_progress)

    def _tune(
        self,
        live: bytes,
        squares: TrainingSquares,
        recipe: Recipe,
        seed: int,
        on_progress: OnProgress,
        *,
        whole: bool = False,
        trained: Weights | None = None,
    ) -> Candidate:
        """Learn new squares of labels that the weights ``live`` know, with the ``whole`` network or its upper layers.

        ``trained`` weights have learned them already.
        """
        began, new = time.monotonic(), squares.new
        weights, header = unpack(live)
        workspace = self._workspace(header.labels, squares.held_out, whole=whole)
        workspace.network.set_weights(weights)
        header = self._measured(header, workspace)
        plan = _plan(squares, workspace.rehearse, seed, whole=whole)
        # A retraining learns drawings of earlier runs only.
        recent, earlier = (no_squares(), new) if whole else (new, squares.earlier or no_squares())
        before, known = evaluate(workspace, header, recent, earlier), workspace.known_credit()
        first, header = self._first(workspace, header, before)
        metrics: dict[str, Any] = {"began": began, "steps": recipe.steps, "seed": seed}
        for name, logits, y in (
            ("holdout", workspace.holdout_logits(), workspace.holdout.y),
            ("new", workspace.logits(new), new.y),
        ):
            metrics[name] = {"before": score(logits, y, header.temperature, header.threshold).figures()}
        learned = trained or self._fit(workspace, weights, plan, recipe, seed, on_progress)
        if whole and not trained:
            # A retraining is long enough to learn the frequencies of the labels, too.
            frequencies = rehearsal_batches.frequencies(plan, len(header.labels) + 1)
            learned = [*learned[:-1], without_label_prior(learned[-1], frequencies)]
        choice = Choice(
            live=weights,
            learned=learned,
            header=header,
            new=new,
            validation=plan.validation,
            floor=rehearsal_batches.floor(known, _known_at_first(header), small_run=plan.small_run),
            small_run=plan.small_run,
            verdict=self._gate(compare, before, first),
            earlier=earlier,
        )
        return select(workspace, choice, metrics, on_progress)

    def _measured(self, header: ModelHeader, workspace: Workspace) -> ModelHeader:
        """Return the header of the live version, with figures of its line on the squares that ship now.

        Another release may ship other squares. The line then continues from the figures of its live version on these: those
        of its first version cannot be compared, and no later version could pass.
        """
        if header.anchor is not None and header.squares != self._shipped.digest:
            header = first_of_a_line(workspace, header, workspace.holdout_logits())
        return replace(header, squares=self._shipped.digest)

    def _first(self, workspace: Workspace, header: ModelHeader, live: Evaluations) -> tuple[FirstVersion, ModelHeader]:
        """Return the figures of the line's first version, and ``header`` with them; missing ones are those of ``live``."""
        fixed = workspace.fixed_holdout
        if self._confusable and fixed:
            figures = ConfusableFigures.read(header.confusable, self._confusable)
            figures = figures or ConfusableFigures.of(live.holdout, fixed, workspace.known_credit().mean, self._confusable)
            return figures.first_version(fixed), replace(header, confusable=figures.as_dict())
        if header.recalls is None:
            header = replace(header, recalls=_shipped_recalls(live.holdout, fixed))
        return FirstVersion(header.anchor, fixed, header.recalls), replace(header, confusable=None)

    def _gate(
        self, decide: Callable[..., GateVerdict], before: Evaluations, first: FirstVersion
    ) -> Callable[[Evaluations], GateVerdict]:
        """Return the gate that compares a version's answers with those of the live version, ``before``."""
        return lambda after: decide(
            before.holdout,
            after.holdout,
            first=first,
            confusable=self._confusable,
            recent=(before.recent, after.recent),
            earlier=(before.earlier, after.earlier),
        )

    def _fit(
        self,
        workspace: Workspace,
        start: Weights,
        plan: rehearsal_batches.RehearsalPlan,
        recipe: Recipe,
        seed: int,
        on_progress: OnProgress,
    ) -> Weights:
        workspace.network.set_weights(start)
        logits = predict_logits(workspace.network, plan.rehearse.x)  # not cached: each run rehearses other squares
        known = predict_logits(workspace.network, plan.train.x)
        batches = rehearsal_batches.RehearsalBatches(
            plan, len(workspace.labels) + 1, logits, seed=seed, new_logits=known, credit=workspace.credit
        )
        report = _reporter(on_progress)
        return workspace.trainer.fit(recipe, batches, seed=seed, on_step=lambda info: report(info.step, info.steps))

    def _expanded(
        self, old: Workspace, weights: Weights, labels: tuple[str, ...], new: Squares, earlier: Squares, seed: int
    ) -> Weights:
        """Return ``weights`` with an output for each added label."""
        known = joined([old.rehearse, recoded(joined([earlier, new]), labels, old.labels)])
        known = known.take(known.y < len(old.labels))
        if not len(known):
            known = new  # all older samples of the set were withdrawn
        known = known.take(np.random.default_rng(seed).permutation(len(known))[:EMBEDDED])
        added = [old.features(new.take(new.y == place)) for place in range(len(old.labels), len(labels))]
        return expand_head(weights, added, old.features(known))

    def _workspace(self, labels: tuple[str, ...], held_out: HeldOut, *, whole: bool = False) -> Workspace:
        trainer, cache = self._trainer(labels, whole=whole), self._caches[whole]
        return open_workspace(trainer, cache, labels, self._shipped, held_out, self._confusable)

    def _trainer(self, labels: tuple[str, ...], *, whole: bool = False) -> Trainer:
        outputs = len(labels) + 1
        if outputs not in self._networks:
            keras.utils.set_random_seed(0)
            self._networks[outputs] = build(self._learner, outputs)
        if (outputs, whole) not in self._trainers:
            network = self._networks[outputs]
            variables = None if whole else trainable_in_fine_tuning(network)
            self._trainers[outputs, whole] = Trainer(network, self._recipe, variables=variables, fused=on_processor())
        return self._trainers[outputs, whole]


def _plan(squares: TrainingSquares, rehearse: Squares, seed: int, *, whole: bool = False) -> rehearsal_batches.RehearsalPlan:
    rehearsed = None if whole else rehearsal_batches.REHEARSED
    return rehearsal_batches.plan_rehearsal(
        squares.new, rehearse, squares.earlier, seed=seed, rehearsed=rehearsed, augmented=squares.augmented
    )


def _reporter(on_progress: OnProgress) -> Callable[[int, int], None]:
    """Return a function that reports a step and the number of steps: the training is 0.8 of a run's progress."""

    def report(step: int, steps: int) -> None:
        if step % REPORT_EVERY == 0 or step == steps:
            on_progress(0.8 * step / steps, Step.of("fitting", step=step, steps=steps))

    return report


def _known_at_first(header: ModelHeader) -> float | None:
    return header.confusable["known"] if header.confusable else header.known


def _shipped_recalls(holdout: Evaluation, fixed: int) -> dict[str, float]:
    """Return the recall of each label, 0..1, on the shipped symbols."""
    y, given = holdout.y[holdout.symbols][:fixed], holdout.given[holdout.symbols][:fixed]
    return recalls(holdout.labels, y, given == y)


def _without_added(rehearse: Squares, logits: Logits, knew: int) -> Squares:
    """Leave out the negatives that look like an added label, one after the first ``knew`` labels.

    An A was a negative until the owner added the label. ``logits`` (n, K + 1) are those of the expanded network.
    """
    none = logits.shape[1] - 1
    return rehearse.take((rehearse.y < none) | (logits[:, :-1].argmax(1) < knew))
