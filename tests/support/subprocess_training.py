"""A small training with batch norm, for tests that train in other processes: killed ones, and several devices.

``python -m tests.support.subprocess_training`` takes one of these:

- ``killed FOLDER`` dies in the middle of the training;
- ``mirrored FOLDER RECIPE ...`` trains on two devices;
- ``machine FOLDER NUMBER`` trains as one of the machines of a ``TF_CONFIG``.

The last two leave their weights in FOLDER.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
LONG, DIES_AT, WRITTEN = 540, 520, 500  # steps of the training that is killed, where it is, and what is written by then
FEW = 12  # steps of the trainings on several devices


def start(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """Start this module in a process of its own."""
    here = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3", **environment}
    command = [sys.executable, "-m", "tests.support.subprocess_training", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=here, stdout=subprocess.DEVNULL)


def ends(*processes: subprocess.Popen[bytes]) -> list[int]:
    """Return how the processes ended; none is left behind, also not one that waits for another for ever."""
    try:
        return [process.wait(timeout=200) for process in processes]
    finally:
        for process in processes:
            process.kill()


def network():
    import keras
    from keras import layers

    squares = keras.Input((28, 28, 1))
    first = keras.initializers.HeNormal(seed=keras.random.SeedGenerator(3))
    x = layers.Conv2D(4, 5, strides=4, use_bias=False, kernel_initializer=first)(squares)
    x = layers.Flatten()(layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x)))
    return keras.Model(squares, layers.Dense(2, kernel_initializer=first)(x))


def batch(step: int, size: int = 15) -> tuple[np.ndarray, np.ndarray]:
    """Squares that are dark above (0) or below (1), an odd number of them."""
    rng = np.random.default_rng(step)
    y = rng.integers(0, 2, size)
    x = rng.integers(0, 150, (size, 2, 14, 28))
    x[np.arange(size), y] += 100
    return x.reshape(size, 28, 28).astype(np.uint8), np.eye(2, dtype=np.float32)[y]


def few(step: int) -> tuple[np.ndarray, np.ndarray]:
    return batch(step, 2)


def recipes():
    """What is trained on several devices: alike without chance and live statistics, nearly so with them."""
    from functions.learners.networks.pixel_augment import Strength
    from functions.learners.networks.training import Recipe

    still = Strength(turn=0, scale=0, stretch=0, slant=0, shift=0, bend=0, pen=0)
    return {
        "adam": Recipe(steps=FEW, rate=0.01, average=0.9, freeze_statistics=True, strength=still),
        "plain": Recipe(steps=FEW, rate=0.3, average=0.0, momentum=0.9, freeze_statistics=True, strength=still),
        "live": Recipe(steps=FEW, rate=0.01, average=0.9, strength=still),
        "varied": Recipe(steps=40, rate=0.02, average=0.9),
    }


def long_recipe():
    from functions.learners.networks.training import Recipe

    return Recipe(steps=LONG, batch=2)


def learned(name: str, strategy=None, checkpoint: Path | None = None) -> dict[str, np.ndarray]:
    """Train by one of the recipes; return weights, losses, and how far a network's copies on the devices were ever apart."""
    import tensorflow as tf

    from functions.learners.networks.training import StepInfo, Trainer

    strategy = strategy or tf.distribute.get_strategy()
    with strategy.scope():
        fresh = network()
    losses, apart = [], [0.0]

    def on_step(moment: StepInfo) -> None:
        losses.append(moment.loss)
        for weight in fresh.weights:
            copies = [copy.numpy() for copy in strategy.experimental_local_results(weight.value)]
            apart.extend(float(np.abs(copy - copies[0]).max()) for copy in copies)

    trainer = Trainer(fresh, recipes()[name], strategy)
    kept = trainer.fit(recipes()[name], batch, seed=1, on_step=on_step, checkpoint=checkpoint)
    weights = {f"{name} {place}": array for place, array in enumerate(kept)}
    return {**weights, f"{name} losses": np.array(losses), f"{name} apart": np.array(max(apart))}


def _killed(folder: Path) -> None:
    from functions.learners.networks.training import StepInfo, Trainer

    def on_step(moment: StepInfo) -> None:
        if moment.step == DIES_AT:
            os._exit(9)  # as by kill -9: nothing is tidied up

    Trainer(network(), long_recipe()).fit(long_recipe(), few, seed=1, on_step=on_step, checkpoint=folder / "state")


def _mirrored(folder: Path, *names: str) -> None:
    import tensorflow as tf

    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], halves)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    found = {key: value for name in names for key, value in learned(name, strategy).items()}
    np.savez(folder / "mirrored.npz", **found)


def _machine(folder: Path, number: str) -> None:
    from functions.learners.networks import devices

    strategy = devices.strategy()
    said = [np.array(7 + int(number)), np.full(3, 0.1 + int(number), np.float32)]
    count, weight = devices.from_chief(strategy, said)
    found = learned("plain", strategy, checkpoint=folder / number / "state") | learned("live", strategy)
    chief = devices.is_chief(strategy)
    np.savez(folder / f"machine-{number}.npz", **found, count=count, weight=weight, chief=chief)


if __name__ == "__main__":
    {"killed": _killed, "mirrored": _mirrored, "machine": _machine}[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
