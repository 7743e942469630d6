"""A real Ray cluster of two nodes here: trials, base networks, evaluations, and nodes, drivers and clusters that go away.

All tests but the last one share a cluster. Each map is a driver of its own there, whose tasks get processes of their own.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from functions.cli.evaluate_many import EvaluatedVersion, evaluate_many
from functions.compute import InProcess, RayMapper
from functions.domain.symbols import SymbolSet
from functions.errors import Unavailable
from functions.learners.continual.protocol import Candidate, TrainingSquares
from functions.learners.evaluation.readers.read import Labelled
from functions.learners.pretraining.collection import Collection
from functions.learners.pretraining.digits import DIGITS
from functions.learners.squares import no_squares
from functions.learners.squares.sampling import HeldOut
from functions.settings import ROOT
from functions.store import StoreAddress, open_store
from functions.training.base_trainings import train_base_on_nodes
from functions.training.lanes import FULL
from functions.training.trainer_pool import ShippedTrainerPool
from functions.training.trials import Cluster, Trial, train_here, train_on_nodes
from tests.servers import free_port
from tests.support.ray_cluster import OBJECTS, cluster
from tests.support.ray_tasks import ENOUGH, Slow, begun, crash, refuse, work
from tests.support.stroke_squares import stroke_squares
from tests.torture.installation import wait

pytestmark = [pytest.mark.long_run, pytest.mark.timeout(600)]
PATIENCE = 120.0  # seconds for what takes a few on a free machine
LONG = 300.0  # seconds of a task that something ends earlier
MODELS, SET = ROOT / "models", SymbolSet("digits", DIGITS)
CLIENT_PORT = free_port()
CLIENT = f"ray://127.0.0.1:{CLIENT_PORT}"  # the cluster as a worker elsewhere reaches it


class Stopped(Exception):
    """The worker stops."""


def drivers() -> set[int]:
    """Return the driver processes that this process has started."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command, status = path.read_bytes(), (path.parent / "stat").read_text()
        except OSError:
            continue
        if b"functions.compute.ray_driver" in command and int(status.rpartition(")")[2].split()[1]) == os.getpid():
            found.add(int(path.parent.name))
    return found


def quiet(place: int, progress: float, step: Any) -> None:
    pass


@contextmanager
def mapping(mapper: RayMapper, tasks: list[Slow], tell: Any = quiet) -> Iterator[Future[Any]]:
    """Map in a thread, which ends with the block."""
    over = threading.Event()

    def tell_or_stop(*news: Any) -> None:
        if over.is_set():
            raise Stopped
        tell(*news)

    with ThreadPoolExecutor(1) as thread:
        try:
            yield thread.submit(mapper.map, work, tasks, tell_or_stop)
        finally:
            over.set()


@pytest.fixture
def address(tmp_path: Path) -> StoreAddress:
    return StoreAddress(None, tmp_path / "objects")


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[Any]:
    with cluster(2, ray_client_server_port=CLIENT_PORT) as made:
        yield made


class TestOnTwoNodes:
    def test_results_are_those_of_this_process(self, two_nodes, tmp_path):
        tasks = [Slow(number, tmp_path, 0.6) for number in range(4)]
        told = []
        found = RayMapper(two_nodes.address).map(work, tasks, lambda *news: told.append(news))
        assert found == InProcess().map(work, [Slow(number, tmp_path, 0.0) for number in range(4)], quiet)
        assert "fitting" in {step.code for _, _, step in told}
        assert drivers() == set()

    def test_an_error_of_a_task_is_raised_here(self, two_nodes):
        with pytest.raises(Unavailable, match="The task 1 cannot be done"):
            RayMapper(two_nodes.address).map(refuse, [0, 1, 2], quiet)
        with pytest.raises(RuntimeError, match="the words"):
            RayMapper(two_nodes.address).map(crash, [0], quiet)

    def test_what_progress_raises_ends_the_tasks_on_the_nodes(self, two_nodes, tmp_path):
        def tell(place, progress, step):
            if begun(tmp_path, 0):
                raise Stopped

        with pytest.raises(Stopped):
            RayMapper(two_nodes.address).map(work, [Slow(0, tmp_path, LONG)], tell)
        assert drivers() == set()
        wait(lambda: is_still(tmp_path / "0"), PATIENCE)

    def test_tasks_of_a_killed_node_are_done_by_another_node(self, two_nodes, tmp_path):
        third = two_nodes.add_node(num_cpus=1, object_store_memory=100 * 2**20, node_ip_address="127.0.0.1")
        tasks = [Slow(number, tmp_path, LONG) for number in range(3)]
        with mapping(RayMapper(two_nodes.address), tasks) as future:
            wait(lambda: all(begun(tmp_path, number) for number in range(3)), PATIENCE)
            two_nodes.remove_node(third, allow_graceful=False)
            wait(lambda: any(is_still(tmp_path / str(number)) for number in range(3)), PATIENCE)  # its task is dead
            (tmp_path / ENOUGH).touch()  # frees a processor for its second try
            assert future.result(PATIENCE) == [(0, 0), (1, 1), (2, 4)]
        assert sum(begun(tmp_path, number) for number in range(3)) > 3

    def test_a_killed_driver_is_replaced_and_finished_tasks_are_not_repeated(self, two_nodes, tmp_path):
        tasks = [Slow(0, tmp_path, 0.2), Slow(1, tmp_path, LONG)]
        done, steps = threading.Event(), set()

        def tell(place, progress, step):
            steps.add(step.code)
            if (place, progress) == (0, 1.0):
                done.set()

        with mapping(RayMapper(two_nodes.address, again=1.0), tasks, tell) as future:
            assert done.wait(PATIENCE)
            wait(lambda: begun(tmp_path, 1) == 1, PATIENCE)
            (driver,) = drivers()
            os.kill(driver, signal.SIGKILL)
            wait(lambda: begun(tmp_path, 1) == 2, PATIENCE)
            (tmp_path / ENOUGH).touch()
            assert future.result(PATIENCE) == [(0, 0), (1, 1)]
        assert (begun(tmp_path, 0), begun(tmp_path, 1)) == (1, 2)
        assert "waiting_for_cluster" in steps

    def test_a_killed_worker_leaves_no_driver_and_no_task(self, two_nodes, tmp_path):
        script = (
            "import sys; from pathlib import Path; from functions.compute import RayMapper\n"
            "from tests.support.ray_tasks import Slow, work\n"
            "RayMapper(sys.argv[1]).map(work, [Slow(0, Path(sys.argv[2]), 300.0)], lambda *_: None)"
        )
        worker = subprocess.Popen([sys.executable, "-c", script, two_nodes.address, str(tmp_path)], cwd=ROOT)
        try:
            wait(lambda: begun(tmp_path, 0) == 1, PATIENCE)
        finally:
            worker.kill()
            worker.wait()
        wait(lambda: is_still(tmp_path / "0"), PATIENCE)


def outcome(candidate: Candidate) -> dict[str, Any]:
    """Return everything of a candidate but the time that it took."""
    return {**vars(candidate), "metrics": {name: one for name, one in candidate.metrics.items() if name != "seconds"}}


def is_still(path: Path) -> bool:
    """Tell whether a file stays as it is for a second."""
    before = path.stat().st_size
    time.sleep(1.0)
    return path.stat().st_size == before


def test_two_nodes_make_the_same_versions_as_this_process(two_nodes, address, seeds):
    every = stroke_squares()
    held_out = HeldOut(every.take(np.arange(40, 50)), every.take(np.arange(50, 60)))
    squares = TrainingSquares(every.take(np.arange(40)), held_out=held_out)
    trials = [Trial("fnn", "warm", seeds.artefact("fnn", "weights"), squares, seed) for seed in (7, 8)]
    here = train_here(ShippedTrainerPool(MODELS).trainers(SET, FULL), trials, quiet)
    steps = []
    there = train_on_nodes(Cluster(RayMapper(CLIENT), address, MODELS), SET, trials, lambda *news: steps.append(news))
    assert [outcome(one) for one in there] == [outcome(one) for one in here]
    assert here[0].sha256 != here[1].sha256
    assert "fitting" in {step.code for _, _, step in steps}
    assert list(open_store(address).keys()) == []


def test_a_trial_whose_node_is_killed_is_trained_again_to_the_same_version(two_nodes, address, seeds):
    every = stroke_squares()
    squares = TrainingSquares(
        every.take(np.arange(40)), held_out=HeldOut(every.take(np.arange(40, 50)), every.take(np.arange(50, 60)))
    )
    trial = Trial("fnn", "warm", seeds.artefact("fnn", "weights"), squares, 7)
    (here,) = train_here(ShippedTrainerPool(MODELS).trainers(SET, FULL), [trial], quiet)

    def add_node():
        return two_nodes.add_node(num_cpus=2, object_store_memory=OBJECTS, node_ip_address="127.0.0.1")

    nodes, before, after = [add_node()], [], []  # no other node has two processors

    def tell(place, progress, step):
        (before if len(nodes) == 1 else after).append(progress)
        if step.code == "fitting" and progress > 0.05 and len(nodes) == 1:  # it has left its beginning
            two_nodes.remove_node(nodes[0], allow_graceful=False)
            nodes.append(add_node())

    (there,) = train_on_nodes(Cluster(RayMapper(CLIENT, cpus=2.0), address, MODELS), SET, [trial], tell)
    two_nodes.remove_node(nodes[1])
    assert (there.sha256, outcome(there)) == (here.sha256, outcome(here))
    assert len(nodes) == 2 and min(after) < max(before)  # it began again
    assert list(open_store(address).keys()) == []


def test_a_node_trains_the_same_base_network_as_this_process(two_nodes, address, tmp_path):
    from functions.learners.networks.devices import strategy
    from functions.learners.pretraining.mixture import Pool
    from functions.learners.pretraining.pretrain import Training

    every = stroke_squares()
    pools = Pool("drawings", every, 0.7, np.linspace(0.1, 1, len(every))), Pool("the first of them", every.take(every.y < 3), 0.3)
    collection = Collection(DIGITS, pools, no_squares(), no_squares(), {})
    here, there = (Training("digits", "fnn", collection, 3, 0.0005, tmp_path / name) for name in ("here", "there"))
    for training in (here, there):
        training.work.mkdir()
    here.run(strategy())
    train_base_on_nodes(Cluster(RayMapper(CLIENT), address, MODELS), [there], quiet)
    assert there.file.name == here.file.name
    with np.load(here.file) as ours, np.load(there.file) as theirs:
        weights = [name for name in ours.files if name != "about"]
        assert len(weights) > 4
        assert all(np.array_equal(ours[name], theirs[name]) for name in weights)
    assert list(open_store(address).keys()) == []


def test_two_nodes_evaluate_versions_as_this_process_does(two_nodes, address, seeds):
    every = stroke_squares()
    versions = [
        EvaluatedVersion(f"{learner} {kind}", DIGITS, **{kind: seeds.artefact(learner, kind)})
        for learner in ("fnn", "cnn")
        for kind in ("tflite", "weights")
    ]

    def read(labels):
        return Labelled(every, (), {}, (), ())

    here = evaluate_many(versions, read, None)
    there = evaluate_many(versions, read, Cluster(RayMapper(CLIENT), address, MODELS))
    assert there == here
    assert {one["count"] for one in here} == {len(every)}
    assert min(one["accuracy"] for one in here) > 0.9
    assert list(open_store(address).keys()) == []


@pytest.mark.parametrize(
    ("way", "serves"), [("", "gcs_server_port"), ("ray://", "ray_client_server_port")], ids=["node", "client"]
)
def test_a_run_goes_on_when_the_cluster_is_back(tmp_path, caplog, way, serves):
    port, steps = free_port(), []
    tasks = [Slow(0, tmp_path, 0.2), Slow(1, tmp_path, LONG), Slow(2, tmp_path, 0.2)]
    mapper = RayMapper(f"{way}127.0.0.1:{port}", again=1.0)

    def tell(place, progress, step):
        steps.append((place, progress, step.code))

    with caplog.at_level(logging.WARNING), mapping(mapper, tasks, tell) as future:
        wait(lambda: len(steps) > 2, PATIENCE)
        with cluster(1, **{serves: port}):
            wait(lambda: (0, 1.0) in {step[:2] for step in steps} and begun(tmp_path, 1) == 1, PATIENCE)
            before = len(steps)
        wait(lambda: "waiting_for_cluster" in {code for _, _, code in steps[before:]}, PATIENCE)
        (tmp_path / ENOUGH).touch()
        with cluster(1, **{serves: port}):
            assert future.result(PATIENCE) == [(0, 0), (1, 1), (2, 4)]
    assert begun(tmp_path, 0) == 1
    said = [record.getMessage().split(":")[0] for record in caplog.records if record.name == "inkloop.worker"]
    assert said[0] == "The Ray cluster cannot be used"
    assert [line.partition(",")[0] for line in said].count("The Ray cluster can be used again") == 2
