"""How good a network is after one minute of training on two idle cores: MNIST's training set, MNIST's test set.

    .venv/bin/python -m benchmarks.one_minute
    .venv/bin/python -m benchmarks.one_minute --test-on training    # chosen on: the last 10,000 training digits judge

The platform's own trainer, variations and running mean of weights, with a smaller network than the shipped ones. A minute is
60 seconds on the clock from the first step to the weights that are kept; reading the data and compiling the step come before it.
How many steps fit is measured on the spot (of a training that is thrown away), so on a busy machine there are fewer, and the
figure says nothing. ``--steps`` repeats a training whatever the clock says.
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
TIMED = 60  # steps that tell how many fit
HELD = 10_000  # training digits that judge with ``--test-on training``
CAREFUL = 0.85  # share of the minute that is planned: steps are not all equally long
# Four or five rounds through the digits: there is no time to learn what strong variations would teach.
SLIGHT = Strength(turn=0.15, scale=0.1, stretch=0.12, slant=0.2, shift=1.0, bend=0.8, pen=0.0)
RECIPE = Recipe(steps=0, batch=128, rate=6e-3, warm=0.2, decay=1e-3, average=0.99, strength=SLIGHT)


Body = tuple[tuple[int, int, int, str], ...]  # filters, size, strides and padding of each convolution
# A third of the shipped CNN's products for each square: what is lost by it, three times as many squares bring back.
SMALL: Body = ((16, 5, 2, "same"), (32, 3, 1, "same"), (32, 3, 2, "same"), (48, 3, 1, "valid"), (64, 3, 1, "valid"))


@dataclass(frozen=True)
class Minute:
    """What one training reached."""

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


def train_for(seconds: float, train: Squares, judge: Squares, *, seed: int = 0, steps: int | None = None) -> Minute:
    """Train on ``train`` for that long, or ``steps``, and judge on ``judge``."""
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
    right = predict_logits(network, judge.x).argmax(1) == judge.y
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
    parser.add_argument("--steps", type=int, help="train so many steps, however long they take")
    arguments = parser.parse_args()
    train, judge = read_mnist(arguments.data / "mnist.npz")
    if arguments.test_on == "training":
        train, judge = Squares(train.x[:-HELD], train.y[:-HELD]), Squares(train.x[-HELD:], train.y[-HELD:])
    made = train_for(arguments.seconds, train, judge, seed=arguments.seed, steps=arguments.steps)
    print(f"{made.accuracy:.2f} % of MNIST's {arguments.test_on} digits after {made.seconds:.1f} s of training, {made.steps} steps")
    if arguments.steps is None and made.seconds > arguments.seconds:
        print("The machine became slower on the way: this took longer than it should have. Run it on idle cores.")
    print(f"python {' '.join(sys.argv)}")


if __name__ == "__main__":
    main()
