"""The mapper for a Ray cluster, without a cluster; tests/test_ray_cluster.py has one."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from functions.compute import RayMapper
from functions.settings import ROOT
from tests.servers import free_port
from tests.support.ray_tasks import refuse


class Stopped(Exception):
    """The worker stops."""


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
