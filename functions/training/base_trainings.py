"""Train the base networks of a symbol set on the nodes of a cluster, as many learners at once as it has processors for.

A node does what ``train-base`` does in its own process, so a seed gives the same networks. It reads the squares of the pools from
the object store, and keeps the state of an interrupted training in its folder of temporary files.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from functions.compute.mapper import TellStep, TellTask
from functions.domain.answer import Learner
from functions.domain.run_step import Step
from functions.learners.squares import Weights, no_squares
from functions.store import StoreAddress, open_store
from functions.training.shared_squares import Part, read_part, written
from functions.training.trials import Cluster, code_and_libraries, require_same_release

if TYPE_CHECKING:  # it loads TensorFlow, which the process that talks to the cluster does not need
    from functions.learners.networks.training import StepInfo
    from functions.learners.pretraining.mixture import Pool
    from functions.learners.pretraining.pretrain import Training


@dataclass(frozen=True)
class SharedPool:
    """A pool as the ``keys`` of its files."""

    name: str
    share: float
    keys: tuple[str, ...]


@dataclass(frozen=True)
class BaseTask:
    """One training for a node: what a ``Training`` is made of, and the release that it must have."""

    set_name: str
    learner: Learner
    seed: int
    effort: float
    start: tuple[str, Weights] | None
    labels: tuple[str, ...]
    store: StoreAddress
    pools: tuple[SharedPool, ...]
    release: Mapping[str, str]


def train_base_on_nodes(cluster: Cluster, trainings: Sequence[Training], tell: TellTask) -> None:
    """Do trainings of one collection that are not done yet; each leaves its file here, as ``Training.run`` does.

    Raises:
        StoreUnavailable: the squares cannot be written, or a node cannot read them.
        Unavailable: a node has another release.
    """
    left = [training for training in trainings if not training.file.exists()]
    if not left:
        return
    pools = left[0].collection.pools
    with written(cluster.store, [Part(pool.squares, pool.weights) for pool in pools]) as keys:
        shared = tuple(SharedPool(pool.name, pool.share, some) for pool, some in zip(pools, keys, strict=True))
        tasks = [_task(training, cluster.store, shared) for training in left]
        bodies = cluster.mapper.map(train_base_on_node, tasks, tell)
    for training, body in zip(left, bodies, strict=True):
        part = training.file.with_suffix(".part")
        part.write_bytes(body)
        part.replace(training.file)


def _task(training: Training, store: StoreAddress, pools: tuple[SharedPool, ...]) -> BaseTask:
    start = (training.start.version, training.start.weights) if training.start else None
    about = training.set_name, training.learner, training.seed, training.effort, start, training.collection.labels
    return BaseTask(*about, store, pools, code_and_libraries())


def train_base_on_node(task: BaseTask, tell: TellStep) -> bytes:
    """Do a training in a process of a cluster; return the bytes of its file."""
    require_same_release(code_and_libraries(), task.release)
    from functions.learners.networks.devices import strategy
    from functions.learners.pretraining.collection import Collection
    from functions.learners.pretraining.pretrain import Start, Training

    here = strategy()
    collection = Collection(task.labels, _pools(task), no_squares(), no_squares(), {})
    start = Start(*task.start) if task.start else None
    work = Path(tempfile.gettempdir()) / f"inkloop-training-{os.getuid()}"
    work.mkdir(mode=0o700, exist_ok=True)
    training = Training(task.set_name, task.learner, collection, task.seed, task.effort, work, start)

    def tell_step(info: StepInfo) -> None:
        tell(info.step / info.steps, Step.of("fitting", step=info.step, steps=info.steps))

    training.run(here, tell_step)
    body = training.file.read_bytes()
    for file in training.files:
        file.unlink(missing_ok=True)
    return body


def _pools(task: BaseTask) -> tuple[Pool, ...]:
    from functions.learners.pretraining.mixture import Pool

    store = open_store(task.store)
    parts = [read_part(store, pool.keys) for pool in task.pools]
    return tuple(Pool(pool.name, part.squares, pool.share, part.weights) for pool, part in zip(task.pools, parts, strict=True))
