"""Learning from people: the only class that the worker sees."""

from __future__ import annotations

import time
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
from functions.learners.continual.selection import Choice, evaluated_on, select
from functions.learners.continual.workspace import ShippedSquares, Workspace, open_workspace
from functions.learners.evaluation.metrics import Evaluation, score
from functions.learners.gate.decide import ADDED_LABEL_MARGIN, FirstVersion, compare, decide_added_labels, decide_first
from functions.learners.gate.paired import LabelGroups
from functions.learners.gate.rules import NEGATIVES_REJECTED_FALL, recalls
from functions.learners.networks.architectures import Network, build, trainable_in_fine_tuning
from functions.learners.networks.devices import on_processor
from functions.learners.networks.export import ModelHeader, pack, unpack
from functions.learners.networks.pixel_augment import GENTLE
from functions.learners.networks.training import Recipe, StepInfo, Trainer, predict_logits
from functions.learners.squares import Squares, Weights, joined, no_squares
from functions.learners.squares.sampling import HeldOut, recoded, split_selection

__all__ = ["Candidate", "ContinualTrainer", "HeldOut", "Squares", "recipe_of"]

RATES = {"fnn": 0.03, "cnn": 0.05}  # chosen on a tablet's writers 1 to 12, by a base that knew none of them
SLOW = 0.6  # of these rates where the whole network learns, for longer
EPOCHS = 12  # how often a retrain sees each collected square; later ones add nothing
MOST_STEPS = 6_000  # about five minutes
EMBEDDED = 1_000  # known squares that say where a new label's output looks from: the mean of so many is steady


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
    """Trains one learner of one symbol set. What is compiled once serves every later run. Not thread-safe.

    ``rehearsal`` squares keep the network right about what it knew; two fifths of them never teach but choose how much is
    learned. ``holdout`` squares are only for the gate. Both have the classes of ``labels`` and, after the last, "not a symbol";
    for a set of the owner's no label ships, so all of theirs are of class 0. The squares of a lesson have the classes of the
    labels that the version knows afterwards. ``confusable``
    are groups of labels that look alike, for the gate. Several teachers may share a ``recall``, which bounds what they hold.
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
        self._caches = {False: cache or LogitCache(), True: LogitCache(features=0)}  # by whether the whole network learns

    def warm_up(self) -> None:
        """Compile everything once with squares at hand, so that the first correction need not wait for it.

        Where no label ships there is nothing to compile for yet.
        """
        labels, rehearse = self._shipped.labels, self._shipped.rehearse
        if labels:
            live = pack(self._trainer(labels).network.get_weights(), ModelHeader(self._learner, labels, 1.0))
            some = rehearse.take(np.arange(min(8, len(rehearse))))
            self._further(live, TrainingSquares(some), replace(self._recipe, steps=2), 0, lambda _progress, _step: None)

    def fine_tune(self, live: bytes, squares: TrainingSquares, *, seed: int, on_progress: OnProgress) -> Candidate:
        """Learn new squares in 100 small steps of the upper layers from the weights ``live``."""
        return self._further(live, squares, self._recipe, seed, on_progress)

    def retrain(self, live: bytes, squares: TrainingSquares, *, seed: int, on_progress: OnProgress) -> Candidate:
        """Learn everything that was collected, several times over and with the whole network, from the weights ``live``.

        Labels that came more often than others are not more probable afterwards.
        """
        steps = int(np.clip(EPOCHS * len(squares.new) / rehearsal_batches.HALF, 300, MOST_STEPS))
        recipe = replace(self._recipe, steps=steps, rate=SLOW * self._recipe.rate)
        return self._further(live, squares, recipe, seed, on_progress, whole=True)

    def admit(self, live: bytes, trained: bytes, squares: TrainingSquares, *, seed: int, on_progress: OnProgress) -> Candidate:
        """Compare ``trained`` weights, which ``retrain`` made of the same squares and seed, with the weights ``live``.

        The trained weights may have begun elsewhere. Their share in the mix with ``live`` is chosen anew, and the
        gate decides again.
        """
        recipe, ready = replace(self._recipe, steps=0), unpack(trained)[0]
        return self._further(live, squares, recipe, seed, on_progress, whole=True, ready=ready)

    def add_labels(
        self, live: bytes, labels: tuple[str, ...], squares: TrainingSquares, *, seed: int, on_progress: OnProgress
    ) -> Candidate:
        """Learn labels that the weights ``live`` lack: ``labels`` are theirs, then the added ones, each with new squares.

        Raises:
            ValueError: ``labels`` do not begin with those of ``live``, none is added, or one has no squares.
        """
        began, new, taught, apart = time.monotonic(), squares.new, squares.earlier, squares.held_out
        weights, about = unpack(live)
        knew, added = about.labels, labels[len(about.labels) :]
        if labels[: len(knew)] != knew or not added or not set(range(len(knew), len(labels))) <= set(new.y.tolist()):
            raise ValueError(f"A network of {knew} cannot grow to {labels} by squares of {sorted(set(new.y.tolist()))}.")
        old = self._workspace(knew, HeldOut(recoded(apart.select, labels, knew), recoded(apart.holdout, labels, knew)))
        old.network.set_weights(weights)
        earlier = taught or no_squares()
        before = evaluated_on(old, about, new, earlier)
        known, rejected = old.known_accuracy(), old.negatives_rejected(about.threshold)
        start = self._grown(old, weights, labels, new, taught, seed)
        workspace = self._workspace(labels, apart)
        workspace.network.set_weights(start)
        rehearse = _no_newcomers(workspace.rehearse, workspace.logits(workspace.rehearse), len(knew))
        plan = rehearsal_batches.plan_rehearsal(
            new, rehearse, taught, seed=seed, rehearsed=rehearsal_batches.REHEARSED, varied=squares.augmented
        )
        learned = self._fit(workspace, start, plan, self._recipe, seed, on_progress)
        choice = Choice(
            live=start,
            learned=learned,
            about=replace(about, labels=labels),
            new=new,
            validation=joined([plan.validation, apart.select.take(apart.select.y >= len(knew))]),
            floor=known - ADDED_LABEL_MARGIN / 2,
            few_new=False,
            verdict=lambda after: decide_added_labels(
                before.holdout,
                after.holdout,
                first=FirstVersion(about.anchor, workspace.fixed_holdout),
                confusable=self._confusable,
                recent=(before.recent, after.recent),
                earlier=(before.earlier, after.earlier),
            ),
            earlier=earlier,
            negatives_rejected=max(0.0, rejected - NEGATIVES_REJECTED_FALL),
            new_line=True,
        )
        metrics = {"began": began, "steps": self._recipe.steps, "seed": seed, "added": list(added)}
        return select(workspace, choice, metrics, on_progress)

    def bootstrap(
        self, foundation: bytes, labels: tuple[str, ...], squares: TrainingSquares, *, seed: int, on_progress: OnProgress
    ) -> Candidate:
        """Make a first network of ``labels`` from all that was collected, on the features of another set's weights."""
        began, collected = time.monotonic(), squares.new
        workspace = self._workspace(labels, squares.held_out)
        start = replace_head(unpack(foundation)[0], len(labels), np.random.default_rng(seed))

        def on_step(step: int) -> None:
            if step % 10 == 0 or step == bootstrap.STEPS:
                on_progress(0.8 * step / bootstrap.STEPS, Step.of("fitting", step=step, steps=bootstrap.STEPS))

        head, all_of_it = bootstrap.bootstrap(workspace.network, start, collected, workspace.rehearse, seed=seed, on_step=on_step)
        choice = Choice(
            live=head,
            learned=all_of_it,
            about=ModelHeader(self._learner, labels, 1.0),
            new=collected,
            validation=no_squares(),
            floor=0.0,
            few_new=False,
            verdict=lambda after: decide_first(after.holdout),
            new_line=True,
        )
        return select(workspace, choice, {"began": began, "steps": bootstrap.STEPS, "seed": seed}, on_progress)

    def _further(
        self,
        live: bytes,
        squares: TrainingSquares,
        recipe: Recipe,
        seed: int,
        on_progress: OnProgress,
        *,
        whole: bool = False,
        ready: Weights | None = None,
    ) -> Candidate:
        """Learn new squares of labels that the weights ``live`` know, with the ``whole`` network or its upper layers.

        With ``ready`` weights that is done already.
        """
        began, new, taught = time.monotonic(), squares.new, squares.earlier
        weights, about = unpack(live)
        workspace = self._workspace(about.labels, squares.held_out, whole=whole)
        workspace.network.set_weights(weights)
        rehearsed = None if whole else rehearsal_batches.REHEARSED
        plan = rehearsal_batches.plan_rehearsal(
            new, workspace.rehearse, taught, seed=seed, rehearsed=rehearsed, varied=squares.augmented
        )
        # What a retrain is about are people's earlier drawings.
        about_new, earlier = (no_squares(), new) if whole else (new, taught or no_squares())
        before, known = evaluated_on(workspace, about, about_new, earlier), workspace.known_accuracy()
        about = about if about.recalls is not None else replace(about, recalls=_recalls(before.holdout, workspace.fixed_holdout))
        metrics: dict[str, Any] = {"began": began, "steps": recipe.steps, "seed": seed}
        for name, logits, y in (
            ("holdout", workspace.holdout_logits(), workspace.holdout.y),
            ("new", workspace.logits(new), new.y),
        ):
            metrics[name] = {"before": score(logits, y, about.temperature, about.threshold).figures()}
        learned = ready or self._fit(workspace, weights, plan, recipe, seed, on_progress)
        if whole and not ready:
            # A retrain is long enough to learn how often each label came, too.
            learned = [
                *learned[:-1],
                without_label_prior(learned[-1], rehearsal_batches.frequencies(plan, len(about.labels) + 1)),
            ]
        choice = Choice(
            live=weights,
            learned=learned,
            about=about,
            new=new,
            validation=plan.validation,
            floor=rehearsal_batches.floor(known, about.known, few_new=plan.few_new),
            few_new=plan.few_new,
            verdict=lambda after: compare(
                before.holdout,
                after.holdout,
                first=FirstVersion(about.anchor, workspace.fixed_holdout, about.recalls),
                confusable=self._confusable,
                recent=(before.recent, after.recent),
                earlier=(before.earlier, after.earlier),
            ),
            earlier=earlier,
        )
        return select(workspace, choice, metrics, on_progress)

    def _fit(
        self,
        workspace: Workspace,
        start: Weights,
        plan: rehearsal_batches.RehearsalPlan,
        recipe: Recipe,
        seed: int,
        on_progress: OnProgress,
    ) -> Weights:
        def on_step(moment: StepInfo) -> None:
            if moment.step % 10 == 0 or moment.step == moment.steps:
                on_progress(0.8 * moment.step / moment.steps, Step.of("fitting", step=moment.step, steps=moment.steps))

        workspace.network.set_weights(start)
        remembered = predict_logits(workspace.network, plan.rehearse.x)  # other squares in each run: not worth remembering
        batches = rehearsal_batches.RehearsalBatches(plan, len(workspace.labels) + 1, remembered, seed=seed)
        return workspace.trainer.fit(recipe, batches, seed=seed, on_step=on_step)

    def _grown(
        self, old: Workspace, weights: Weights, labels: tuple[str, ...], new: Squares, taught: Squares | None, seed: int
    ) -> Weights:
        known = joined([old.rehearse, recoded(joined([taught or no_squares(), new]), labels, old.labels)])
        known = known.take(known.y < len(old.labels))
        if not len(known):
            known = new  # a set whose older samples were all withdrawn
        known = known.take(np.random.default_rng(seed).permutation(len(known))[:EMBEDDED])
        added = [old.features(new.take(new.y == place)) for place in range(len(old.labels), len(labels))]
        return expand_head(weights, added, old.features(known))

    def _workspace(self, labels: tuple[str, ...], apart: HeldOut, *, whole: bool = False) -> Workspace:
        return open_workspace(self._trainer(labels, whole=whole), self._caches[whole], labels, self._shipped, apart)

    def _trainer(self, labels: tuple[str, ...], *, whole: bool = False) -> Trainer:
        outputs = len(labels) + 1
        if outputs not in self._networks:
            keras.utils.set_random_seed(0)
            self._networks[outputs] = build(self._learner, outputs)
        if (outputs, whole) not in self._trainers:
            network = self._networks[outputs]
            self._trainers[outputs, whole] = Trainer(
                network, self._recipe, learns=None if whole else trainable_in_fine_tuning(network), fused=on_processor()
            )
        return self._trainers[outputs, whole]


def _recalls(holdout: Evaluation, fixed: int) -> dict[str, float]:
    """Return each label's recall, 0..1, on the symbols that ship."""
    y, given = holdout.y[holdout.symbols][:fixed], holdout.given[holdout.symbols][:fixed]
    return recalls(holdout.labels, y, given == y)


def _no_newcomers(rehearse: Squares, logits: Logits, knew: int) -> Squares:
    """Leave out what was rehearsed as no symbol and looks like a label that joins, after ``knew`` ones.

    An A was none as long as nobody had named it. ``logits`` (n, K + 1) are the grown network's.
    """
    none = logits.shape[1] - 1
    return rehearse.take((rehearse.y < none) | (logits[:, :-1].argmax(1) < knew))
