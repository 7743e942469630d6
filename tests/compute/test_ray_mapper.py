"""The mapper for a Ray cluster: nodes, drivers and clusters that go away."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from functions.compute import InProcess, RayMapper
from functions.errors import Unavailable
from functions.settings import ROOT
from tests.support.ray_cluster import cluster
from tests.support.ray_tasks import Slow, begun, crash, refuse, work
from tests.torture.installation import wait

PATIENCE = 120.0  # seconds for what takes a few on a free machine


class Stopped(Exception):
    """The worker stops."""


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


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


def test_nothing_that_is_imported_before_a_run_loads_ray():
    script = "import sys, functions.worker.__main__, functions.cli.__main__; sys.exit('ray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


def test_a_run_waits_for_a_cluster_that_is_away_and_says_so(caplog):
    steps = []

    def tell(place, progress, step):
        steps.append((place, progress, step.code))
        if len(steps) == 6:
            raise Stopped

    with caplog.at_level(logging.WARNING), pytest.raises(Stopped):
        RayMapper(f"ray://127.0.0.1:{free_port()}").map(refuse, [0, 1], tell)
    assert set(steps) == {(0, 0.0, "waiting_for_cluster"), (1, 0.0, "waiting_for_cluster")}
    (line,) = (record.getMessage() for record in caplog.records)
    assert line.startswith("The Ray cluster cannot be used: nothing answers at 127.0.0.1:")


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[Any]:
    with cluster(2) as made:
        yield made


@pytest.mark.long_run
@pytest.mark.timeout(600)
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
            RayMapper(two_nodes.address).map(work, [Slow(0, tmp_path, 300.0)], tell)
        assert drivers() == set()
        wait(lambda: is_still(tmp_path / "0"), PATIENCE)

    def test_tasks_of_a_killed_node_are_done_by_another_node(self, two_nodes, tmp_path):
        third = two_nodes.add_node(num_cpus=1, object_store_memory=100 * 2**20, node_ip_address="127.0.0.1")
        tasks = [Slow(number, tmp_path, 8.0) for number in range(3)]
        with mapping(RayMapper(two_nodes.address), tasks) as future:
            wait(lambda: all(begun(tmp_path, number) for number in range(3)), PATIENCE)
            two_nodes.remove_node(third, allow_graceful=False)
            assert future.result(PATIENCE) == [(0, 0), (1, 1), (2, 4)]
        assert sum(begun(tmp_path, number) for number in range(3)) > 3

    def test_a_killed_driver_is_replaced_and_finished_tasks_are_not_repeated(self, two_nodes, tmp_path):
        tasks = [Slow(0, tmp_path, 0.2), Slow(1, tmp_path, 8.0)]
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


def is_still(path: Path) -> bool:
    """Tell whether a file stays as it is for a second."""
    before = path.stat().st_size
    time.sleep(1.0)
    return path.stat().st_size == before


@pytest.mark.long_run
@pytest.mark.timeout(600)
def test_a_run_goes_on_when_the_cluster_is_back(tmp_path, caplog):
    port, steps = free_port(), []
    tasks = [Slow(0, tmp_path, 0.2), Slow(1, tmp_path, 30.0), Slow(2, tmp_path, 0.2)]
    mapper = RayMapper(f"127.0.0.1:{port}", again=1.0)

    def tell(place, progress, step):
        steps.append((place, progress, step.code))

    with caplog.at_level(logging.WARNING), mapping(mapper, tasks, tell) as future:
        wait(lambda: len(steps) > 2, PATIENCE)
        with cluster(1, gcs_server_port=port):
            wait(lambda: (0, 1.0) in {step[:2] for step in steps} and begun(tmp_path, 1) == 1, PATIENCE)
            before = len(steps)
        wait(lambda: "waiting_for_cluster" in {code for _, _, code in steps[before:]}, PATIENCE)
        (tmp_path / "1").unlink()
        with cluster(2, gcs_server_port=port):
            assert future.result(PATIENCE) == [(0, 0), (1, 1), (2, 4)]
    assert begun(tmp_path, 0) == 1
    said = [record.getMessage().split(":")[0] for record in caplog.records if record.name == "inkloop.worker"]
    assert said[0] == "The Ray cluster cannot be used"
    assert [line.partition(",")[0] for line in said].count("The Ray cluster can be used again") == 2
