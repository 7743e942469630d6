"""A Ray cluster of small nodes on this machine's loopback address."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from functions.settings import ROOT

OBJECTS = 100 * 2**20  # bytes of a node's object store: Ray's own choice would be a third of the memory
ENVIRON = {
    "PYTHONPATH": str(ROOT),  # so that a node finds this package
    "RAY_memory_monitor_refresh_ms": "0",  # other programs of this machine must not count as the nodes' memory
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # so that a driver, too, stays at the loopback address
}


@contextmanager
def cluster(nodes: int = 2, **head: Any) -> Iterator[Any]:
    """Run a head and further nodes with a processor each; ``head`` are more arguments of the head."""
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": OBJECTS, "node_ip_address": "127.0.0.1"}
    with patch.dict(os.environ, ENVIRON):
        made = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False, **head})
        try:
            for _ in range(nodes - 1):
                made.add_node(**node)
            made.wait_for_nodes()
            yield made
        finally:
            made.shutdown()
