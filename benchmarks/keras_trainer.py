"""Compare the project's trainer with ``keras.Model.fit``: seconds until the first and for all steps of repeated trainings.

``python -m benchmarks.keras_trainer`` trains the CNN several times in one process, as a worker does: the weights are set anew,
the recipe stays. Keras has the same optimizer, clipping, rate and batches; the augmentation is left out on both sides.
"""

from __future__ import annotations

import argparse
import time

import keras
import numpy as np

from functions.learners.calibration import targets
from functions.learners.networks.architectures import Network, build
from functions.learners.networks.pixel_augment import Strength
from functions.learners.networks.training import LONGEST_GRADIENT, Recipe, StepInfo, Trainer, shuffled
from functions.learners.squares import Pixels

PLAIN = Strength(turn=0, scale=0, stretch=0, slant=0, shift=0, bend=0, pen=0)


def with_trainer(network: Network, trainer: Trainer, recipe: Recipe, x: Pixels, wanted: np.ndarray) -> tuple[float, float]:
    """Return the seconds until the first step is done, and until all are."""
    began, first = time.monotonic(), 0.0

    def on_step(step: StepInfo) -> None:
        nonlocal first
        first = first or time.monotonic() - began

    trainer.fit(recipe, shuffled(x, wanted, recipe.batch, seed=0), seed=0, on_step=on_step)
    return first, time.monotonic() - began


def with_keras(network: Network, recipe: Recipe, x: Pixels, wanted: np.ndarray) -> tuple[float, float]:
    """Return the same for ``Model.fit``; a fresh optimizer forgets the momentum, and so the step is compiled again."""
    began, first = time.monotonic(), 0.0

    class First(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: object = None) -> None:
            nonlocal first
            first = first or time.monotonic() - began

    optimizer = keras.optimizers.SGD(recipe.rate, momentum=0.9, nesterov=True, global_clipnorm=LONGEST_GRADIENT)
    network.compile(optimizer, keras.losses.CategoricalCrossentropy(from_logits=True))
    count = recipe.steps * recipe.batch
    squares = np.resize(x, (count, 28, 28))[..., None] / np.float32(255)
    data = np.resize(wanted, (count, wanted.shape[1]))
    network.fit(squares, data, batch_size=recipe.batch, epochs=1, shuffle=False, verbose=0, callbacks=[First()])
    return first, time.monotonic() - began


def main() -> None:
    """Print a table of repeated trainings."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.keras_trainer", description=__doc__)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (64 * 20, 28, 28), np.uint8), rng.integers(0, 11, 64 * 20)
    wanted = targets(y, 11)
    recipe = Recipe(steps=arguments.steps, batch=64, rate=0.01, average=0.0, momentum=0.9, freeze_statistics=True, strength=PLAIN)
    ours, theirs = build("cnn", 11), build("cnn", 11)
    trainer = Trainer(ours, recipe)
    print("training  trainer: first step, all    Model.fit: first step, all    (seconds)")
    for repeat in range(arguments.repeats):
        first, whole = with_trainer(ours, trainer, recipe, x, wanted)
        keras_first, keras_whole = with_keras(theirs, recipe, x, wanted)
        print(f"{repeat + 1:8}  {first:19.2f} {whole:6.2f}  {keras_first:23.2f} {keras_whole:6.2f}")


if __name__ == "__main__":
    main()
