"""The platform's way of learning from people, with a protocol's network, optimizer and number of steps instead of its own.

What is the platform's, called and not copied: half new and half rehearsed, every label rehearsed as often as any other, the
former network's own answers wanted where it was right (``fine_tuning.Mixture``); a fifth of what is new does not teach but
chooses (``fine_tuning.plan_lesson``); an output for each label that joins (``growing.grown``); old and new weights mixed and the
share chosen on squares that never teach (``averaging.trial``, ``averaging.choose``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from benchmarks.protocols_memory import Balanced, Memory, Sampled
from benchmarks.protocols_tasks import Task
from functions.learners import fine_tuning
from functions.learners.augment import Strength, augment
from functions.learners.averaging import SHARES, Trial, Weights, choose, mixed, symbol_accuracy, trial
from functions.learners.calibration import Targets, evened, targets
from functions.learners.gate import GROWTH
from functions.learners.growing import grown
from functions.learners.squares import Pixels, Squares
from functions.learners.training import Batch, predict_logits, shuffled

AT_ONCE = 200  # steps that run in the graph without Python between them
BATCH = 128
EMBEDDED = 1_000  # squares that say where a new label's output looks from, as in a lesson


class Adam:
    """Adam (Kingma and Ba 2015), one operation a variable: Keras's own takes as long as the gradients of so small a network."""

    def __init__(self, rate: float) -> None:
        self._rate, self._before, self._after = rate, 0.9, 0.999

    def build(self, variables: Sequence[Any]) -> None:
        """Take the variables that ``apply`` will move."""
        self._means, self._squares = ([tf.Variable(tf.zeros_like(v.value)) for v in variables] for _ in range(2))
        self._step = tf.Variable(0.0)

    def forget(self) -> None:
        """Begin anew."""
        for variable in (*self._means, *self._squares, self._step):
            variable.assign(tf.zeros_like(variable))

    def apply(self, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        """Move ``variables`` one step."""
        self._step.assign_add(1.0)
        for variable, mean, square, gradient in zip(variables, self._means, self._squares, gradients, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=variable.value.handle,
                m=mean.handle,
                v=square.handle,
                beta1_power=self._before**self._step,
                beta2_power=self._after**self._step,
                lr=self._rate,
                beta1=self._before,
                beta2=self._after,
                epsilon=1e-8,
                grad=gradient,
            )


class Descent:
    """Plain gradient descent, which remembers nothing."""

    def __init__(self, rate: float) -> None:
        self._rate = rate

    def build(self, variables: Sequence[Any]) -> None:
        """Take the variables that ``apply`` will move."""

    def forget(self) -> None:
        """Begin anew."""

    def apply(self, gradients: Sequence[Any], variables: Sequence[Any]) -> None:
        """Move ``variables`` one step."""
        for variable, gradient in zip(variables, gradients, strict=True):
            variable.assign_sub(self._rate * gradient)


@dataclass(frozen=True)
class Pace:
    """A protocol's network and how it learns a task."""

    widths: tuple[int, ...]
    optimizer: Callable[[], Adam | Descent]
    steps: int | None  # for each task; None: until every new square was seen once
    batch: int = BATCH
    beside: bool = False  # rehearsed squares come beside a whole batch of new ones; otherwise they are half of it
    strength: Strength | None = None  # how squares are varied; None: not at all


@dataclass
class Told:
    """What happened in the lessons of one stream."""

    shares: list[float] = field(default_factory=list)  # of the new weights, in each lesson after the first
    below: int = 0  # lessons after which the platform would have stayed with what it had


def mlp(outputs: int, widths: tuple[int, ...], seed: int) -> Any:
    """Return a network of (n, 28, 28, 1) squares to (n, outputs) logits, fully connected; the last output is "not a symbol"."""
    seeds = keras.random.SeedGenerator(seed)
    squares = keras.Input((28, 28, 1))
    x = layers.Flatten()(squares)
    for width in widths:
        x = layers.Dense(width, activation="relu", kernel_initializer=keras.initializers.GlorotUniform(seeds))(x)
    return keras.Model(squares, layers.Dense(outputs, kernel_initializer=keras.initializers.GlorotUniform(seeds))(x))


class Loop:
    """Trains one network; what is compiled is kept. Stands where the platform's ``Trainer`` does, many steps in one call."""

    def __init__(self, outputs: int, pace: Pace) -> None:
        self.network = mlp(outputs, pace.widths, 0)
        self._optimizer, self._strength = pace.optimizer(), pace.strength
        self._optimizer.build(self.network.trainable_variables)
        self._many = tf.function(
            self._steps,
            input_signature=[
                tf.TensorSpec((None, None, 28, 28), tf.uint8),
                tf.TensorSpec((None, None, outputs), tf.float32),
                tf.TensorSpec((2,), tf.int32),
            ],
        )

    def start(self, weights: Weights) -> Loop:
        """Give the network these weights."""
        self.network.set_weights(weights)
        return self

    def fit(self, batch: Batch, steps: int, *, seed: int, fresh: bool = True) -> Weights:
        """Train from the network's present weights and return what it has then; ``fresh``: the optimizer remembers nothing."""
        if fresh:
            self._optimizer.forget()
        for start in range(0, steps, AT_ONCE):
            parts = [batch(step) for step in range(start, min(start + AT_ONCE, steps))]
            x, wanted = (np.stack([part[which] for part in parts]) for which in (0, 1))
            self._many(x, wanted, np.array([seed % 2**31, start], np.int32))
        return [np.array(weight) for weight in self.network.get_weights()]

    def _steps(self, x: Any, wanted: Any, seed: Any) -> None:
        for step in tf.range(tf.shape(x)[0]):
            self._step(x[step], wanted[step], seed + tf.stack([0, step]))

    def _step(self, x: Any, wanted: Any, seed: Any) -> None:
        squares = tf.cast(x, tf.float32) / 255.0
        if self._strength is not None:
            squares = augment(squares, seed, self._strength)
        with tf.GradientTape() as tape:
            logits = self.network(squares[..., None], training=True)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(wanted, logits))
        self._optimizer.apply(tape.gradient(loss, self.network.trainable_variables), self.network.trainable_variables)


class Loops:
    """One loop for each number of outputs."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.begun: dict[tuple[tuple[str, ...], int], Weights] = {}  # after a first lesson, which no budget changes
        self._made: dict[int, Loop] = {}

    def of(self, labels: tuple[str, ...]) -> Loop:
        """Return the loop whose network has an output for each of ``labels`` and one more."""
        outputs = len(labels) + 1
        if outputs not in self._made:
            self._made[outputs] = Loop(outputs, self.pace)
        return self._made[outputs]

    def first(self, labels: tuple[str, ...], seed: int) -> Weights:
        """Return weights that have learned nothing yet."""
        return list(mlp(len(labels) + 1, self.pace.widths, seed).get_weights())

    def answers(self, labels: tuple[str, ...], weights: Weights, judges: Iterable[Squares]) -> float:
        """Return the mean accuracy (percent) of ``weights`` over ``judges``: one head over all of ``labels``."""
        network = self.of(labels).network
        network.set_weights(weights)
        return 100 * float(np.mean([symbol_accuracy(predict_logits(network, judge.x), judge.y) for judge in judges]))


def ours(
    loops: Loops, tasks: Iterable[Task], keeper: Balanced | Sampled, *, seed: int, even: bool = False
) -> tuple[Weights, Told]:
    """Learn ``tasks`` one after the other as the platform does, with nothing of former tasks but what ``keeper`` kept.

    ``even``: how often a lesson's labels came is then taken out of the last layer, as the base training does it.
    """
    told, labels = Told(), ()
    weights: Weights = []
    for turn, task in enumerate(tasks):
        lesson = fine_tuning.plan_lesson(task.train, keeper.memory.rehearse, None, seed=seed + turn)
        if weights:
            weights = _further(loops, labels, weights, task, lesson, keeper.memory, seed + turn, even, told)
        else:
            if (task.labels, seed) not in loops.begun:
                loops.begun[task.labels, seed] = _fit(loops, task.labels, loops.first(task.labels, seed), lesson, seed)
            weights = loops.begun[task.labels, seed]
        labels = task.labels
        keeper.keep(lesson.teach, lesson.judge)
    return weights, told


def plain(loops: Loops, labels: tuple[str, ...], parts: Iterable[Squares], *, seed: int) -> Weights:
    """Learn ``parts`` one after the other with right answers and nothing else."""
    loop = loops.of(labels)
    loop.start(loops.first(labels, seed))
    weights: Weights = []
    for turn, part in enumerate(parts):
        batch = shuffled(part.x, targets(part.y, len(labels) + 1, smoothing=0.0), loops.pace.batch, seed=seed + turn)
        weights = loop.fit(batch, loops.pace.steps or len(part) // loops.pace.batch, seed=seed + turn, fresh=turn == 0)
    return weights


def _further(
    loops: Loops,
    knew: tuple[str, ...],
    weights: Weights,
    task: Task,
    lesson: fine_tuning.Lesson,
    memory: Memory,
    seed: int,
    even: bool,
    told: Told,
) -> Weights:
    old, new = loops.of(knew).network, loops.of(task.labels).network
    old.set_weights(weights)
    known = symbol_accuracy(predict_logits(old, memory.select.x), memory.select.y)
    joins = len(task.labels) > len(knew)
    start = _grown(old, weights, task.labels, knew, lesson, seed) if joins else weights
    learned = _fit(loops, task.labels, start, lesson, seed)
    if even:
        learned = [*learned[:-1], evened(learned[-1], frequencies(lesson, len(task.labels) + 1))]
    trials = tries(new, start, learned, memory.select, lesson.judge, len(task.train))
    # The platform would rather stay with what it had than fall below its floor. A protocol's network has to learn every task.
    best = choose(trials, 0.0, few=False)[0]
    floor = known - GROWTH / 2 if joins else fine_tuning.floor(known, None, few=False)
    told.shares.append(best.share)
    told.below += best.known < floor
    return mixed(start, learned, best.share)


def frequencies(lesson: fine_tuning.Lesson, classes: int) -> NDArray[np.float64]:
    """Return how often each class (classes,) is taught in a lesson's batches: new ones as they came, rehearsed ones evenly."""
    new, old = (np.bincount(squares.y, minlength=classes) for squares in (lesson.teach, lesson.rehearse))
    return np.asarray(new / new.sum() + (old > 0) / (old > 0).sum()) / 2


def tries(network: Any, start: Weights, learned: Weights, select: Squares, judge: Squares, count: int) -> list[Trial]:
    """Judge every mix on ``select`` of what was known and on ``judge`` of what is new, which stand for ``count`` squares."""
    found = []
    for share in SHARES:
        network.set_weights(mixed(start, learned, share))
        known, fresh = ((predict_logits(network, squares.x), squares.y) for squares in (select, judge))
        found.append(trial(share, known, fresh, count, temperature=1.0))
    return found


def _fit(loops: Loops, labels: tuple[str, ...], start: Weights, lesson: fine_tuning.Lesson, seed: int) -> Weights:
    loop, pace = loops.of(labels), loops.pace
    loop.start(start)
    remembered = predict_logits(loop.network, lesson.rehearse.x)
    mixture = fine_tuning.Mixture(lesson, len(labels) + 1, remembered, seed=seed)
    whole = pace.beside or not len(lesson.rehearse)
    deals = pace.batch // (fine_tuning.HALF if whole else 2 * fine_tuning.HALF)
    steps = pace.steps or len(lesson.teach) // (deals * fine_tuning.HALF)
    return loop.fit(several(mixture, deals), steps, seed=seed)


def several(batch: Batch, deals: int) -> Batch:
    """Return batches of so many deals of ``batch``: a lesson's own are of 32 new squares and 32 rehearsed ones."""

    def larger(step: int) -> tuple[Pixels, Targets]:
        dealt = [batch(step * deals + deal) for deal in range(deals)]
        return np.concatenate([x for x, _ in dealt]), np.concatenate([wanted for _, wanted in dealt])

    return larger


def _grown(
    network: Any, weights: Weights, labels: tuple[str, ...], knew: tuple[str, ...], lesson: fine_tuning.Lesson, seed: int
) -> Weights:
    seen_by_head = keras.Model(network.inputs, network.layers[-1].input)
    some = np.random.default_rng(seed).permutation(len(lesson.rehearse))[:EMBEDDED]
    new = [lesson.teach.x[lesson.teach.y == place] for place in range(len(knew), len(labels))]
    return grown(weights, [predict_logits(seen_by_head, x) for x in new], predict_logits(seen_by_head, lesson.rehearse.x[some]))
