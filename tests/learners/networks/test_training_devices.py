"""Trainings on two devices and on two machines, all of them processors of this one, beside the same on one device."""

import json
import socket
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from functions.learners.networks.training import Trainer
from tests.support import subprocess_training

Found = dict[str, np.ndarray]
CLOSE = 1e-4  # float32 sums in another order, over a dozen steps


def on_two(folder: Path, *names: str) -> Found:
    """Train by the recipes of these names on two devices."""
    assert subprocess_training.ends(subprocess_training.start("mirrored", str(folder), *names)) == [0]
    return dict(np.load(folder / "mirrored.npz"))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What two devices learn by the recipes that only a release tries."""
    return on_two(tmp_path_factory.mktemp("mirrored"), "plain", "live", "varied")


def farthest(name: str, one: Found, other: Found) -> float:
    """How far two trainings' weights are apart where they are farthest."""
    weights = [key for key in one if key.split()[0] == name and key.split()[1].isdigit()]
    assert len(weights) == 7
    return max(float(np.abs(one[key] - other[key]).max()) for key in weights)


@pytest.mark.long_run
def test_two_devices_learn_the_same_as_one(tmp_path: Path) -> None:
    expect_same("adam", on_two(tmp_path, "adam"))


@pytest.mark.long_run
def test_two_devices_learn_the_same_as_one_by_plain_descent(two: Found) -> None:
    expect_same("plain", two)


def expect_same(name: str, two: Found) -> None:
    one = subprocess_training.learned(name)
    assert farthest(name, one, two) < CLOSE
    assert np.allclose(one[f"{name} losses"], two[f"{name} losses"], atol=CLOSE)


@pytest.mark.long_run
def test_statistics_of_batch_norm_are_those_of_all_devices(two: Found) -> None:
    one = subprocess_training.learned("live")
    # Each device knows the spread of its own squares only, so the variances are near, not the same.
    assert farthest("live", one, two) < 0.05
    assert two["live apart"] == 0


@pytest.mark.long_run
def test_two_devices_augment_squares_differently_and_learn(two: Found) -> None:
    assert two["varied apart"] == 0
    assert two["varied losses"][-5:].mean() < 0.8 * two["varied losses"][:5].mean()


def test_a_network_that_was_built_elsewhere_is_refused() -> None:
    network = subprocess_training.network()
    with pytest.raises(ValueError, match="in the scope"):
        Trainer(network, subprocess_training.long_recipe(), tf.distribute.OneDeviceStrategy("CPU:0"))


@pytest.mark.long_run
def test_two_machines_learn_the_same_as_one_and_only_the_chief_writes(tmp_path: Path) -> None:
    ports = [free_port(), free_port()]
    cluster = {"worker": [f"localhost:{port}" for port in ports]}
    tasks = [json.dumps({"cluster": cluster, "task": {"type": "worker", "index": number}}) for number in (0, 1)]
    machines = [
        subprocess_training.start("machine", str(tmp_path), str(number), TF_CONFIG=task) for number, task in enumerate(tasks)
    ]
    assert subprocess_training.ends(*machines) == [0, 0]
    first, second = (dict(np.load(tmp_path / f"machine-{number}.npz")) for number in (0, 1))
    assert (first["chief"], second["chief"]) == (True, False)
    one = subprocess_training.learned("plain")
    assert farthest("plain", one, first) < CLOSE
    assert farthest("plain", first, second) == 0
    # Statistics of batch norm are averaged over the machines: near what one computes, and the same on both.
    assert farthest("live", subprocess_training.learned("live"), first) < 0.05
    assert farthest("live", first, second) == 0
    # Where they start is what the chief says.
    assert second["count"] == 7
    assert second["weight"].tolist() == first["weight"].tolist() == [np.float32(0.1)] * 3


def free_port() -> int:
    with socket.socket() as some:
        some.bind(("localhost", 0))
        return int(some.getsockname()[1])
