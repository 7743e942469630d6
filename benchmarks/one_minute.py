"""Train a network for one minute on two idle cores: MNIST's training set, tested on MNIST's test set.

    python -m benchmarks.one_minute
    python -m benchmarks.one_minute --test-on training    # for development: tested on the last 10,000 training digits

The benchmark uses the platform's own trainer, augmentation and moving average of weights, with a smaller network than the shipped
ones. The minute is 60 seconds from the first step to the kept weights; to read the data and to compile the step are not counted.
A first training, which is thrown away, measures how many steps fit. A busy machine has fewer steps, and its figure means nothing.
``--steps`` repeats a training with a fixed number of steps.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from keras import layers
from tqdm import tqdm

from functions.learners.calibration import targets
from functions.learners.networks.architectures import BN_MOMENTUM
from functions.learners.networks.pixel_augment import Strength
from functions.learners.networks.training import Recipe, StepInfo, Trainer, predict_logits, shuffled
from functions.learners.pretraining.sources import read_mnist
from functions.learners.squares import Squares

ROOT = Path(__file__).resolve().parents[1]

DATA = ROOT.parent / "shared" / "data"
DIGITS = 10
SECONDS = 60.0
TIMED = 60  # steps whose duration is measured
HELD = 10_000  # training digits that test with ``--test-on training``
CAREFUL = 0.85  # planned share of the minute, because steps differ in length
# Only four or five epochs fit: too few to gain from strong augmentation.
SLIGHT = Strength(turn=0.15, scale=0.1, stretch=0.12, slant=0.2, shift=1.0, bend=0.8, pen=0.0)
RECIPE = Recipe(steps=0, batch=128, rate=6e-3, warm=0.2, decay=1e-3, average=0.99, strength=SLIGHT)


Body = tuple[tuple[int, int, int, str], ...]  # filters, size, strides and padding of each convolution
# A third of the shipped CNN's products for each square, so that three times as many squares are seen in a minute.
SMALL: Body = ((16, 5, 2, "same"), (32, 3, 1, "same"), (32, 3, 2, "same"), (48, 3, 1, "valid"), (64, 3, 1, "valid"))


@dataclass(frozen=True)
class Minute:
    """The result of one training."""

    steps: int
    seconds: float
    accuracy: float  # percent


def small(outputs: int, *, seed: int, body: Body = SMALL, dropout: float = 0.0) -> Any:
    """Return a network like the shipped CNN, but with less work: (n, 28, 28, 1) squares to (n, outputs) logits."""
    seeds = keras.random.SeedGenerator(seed)
    squares = keras.Input((28, 28, 1))
    x = squares
    for filters, size, strides, padding in body:
        first = keras.initializers.HeNormal(seed=seeds)
        x = layers.Conv2D(filters, size, strides, padding, use_bias=False, kernel_initializer=first)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=BN_MOMENTUM)(x))
    x = layers.Flatten()(x)
    if dropout:
        x = layers.Dropout(dropout, seed=seed)(x)
    return keras.Model(squares, layers.Dense(outputs, kernel_initializer=keras.initializers.HeNormal(seed=seeds))(x))


def train_for(seconds: float, train: Squares, test: Squares, *, seed: int = 0, steps: int | None = None) -> Minute:
    """Train on ``train`` for some seconds, or ``steps``, and test on ``test``."""
    network = small(DIGITS, seed=seed)
    first = network.get_weights()
    batch = shuffled(train.x, targets(train.y, DIGITS), RECIPE.batch, seed=seed)
    trainer = Trainer(network, RECIPE)
    if steps is None:
        steps = max(1, int(CAREFUL * seconds / _seconds_a_step(trainer, batch)))
    network.set_weights(first)
    recipe = replace(RECIPE, steps=steps)
    with tqdm(total=steps, desc="one minute", unit="step") as bar:

        def on_step(moment: StepInfo) -> None:
            bar.set_postfix(loss=f"{moment.loss:.3f}", accuracy=f"{moment.accuracy:.3f}", refresh=False)
            bar.update()

        began = time.perf_counter()
        trainer.fit(recipe, batch, seed=seed, on_step=on_step)
        took = time.perf_counter() - began
    right = predict_logits(network, test.x).argmax(1) == test.y
    return Minute(steps, took, 100 * float(right.mean()))


def _seconds_a_step(trainer: Trainer, batch: Any) -> float:
    trainer.fit(replace(RECIPE, steps=5), batch, seed=0)  # compiles
    began = time.perf_counter()
    trainer.fit(replace(RECIPE, steps=TIMED), batch, seed=0)
    return (time.perf_counter() - began) / TIMED


def one_minute(data: Path) -> float:
    """Return the right answers in percent on MNIST's test digits; ``data`` is the folder with ``mnist.npz``."""
    return train_for(SECONDS, *read_mnist(data / "mnist.npz")).accuracy


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder with mnist.npz")
    parser.add_argument("--test-on", choices=("test", "training"), default="test")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--steps", type=int, help="train a fixed number of steps")
    arguments = parser.parse_args()
    train, test = read_mnist(arguments.data / "mnist.npz")
    if arguments.test_on == "training":
        train, test = Squares(train.x[:-HELD], train.y[:-HELD]), Squares(train.x[-HELD:], train.y[-HELD:])
    made = train_for(arguments.seconds, train, test, seed=arguments.seed, steps=arguments.steps)
    print(
        f"{made.accuracy:.2f} % of MNIST's {arguments.test_on} digits after {made.seconds:.1f} s of training, {made.steps} steps"
    )
    if arguments.steps is None and made.seconds > arguments.seconds:
        print("The machine became slower on the way: this took longer than it should have. Run it on idle cores.")
    print(f"python {' '.join(sys.argv)}")


if __name__ == "__main__":
    main()
