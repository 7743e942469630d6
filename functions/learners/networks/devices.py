"""The devices of a training: the processor or one GPU, all GPUs of a machine, or several machines.

Each of several machines runs the same command with its own ``TF_CONFIG`` in the environment, as
https://www.tensorflow.org/guide/distributed_training describes. All machines train; only the chief may write files.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Strategy = Any  # tf.distribute.Strategy, which carries no types


def strategy() -> Strategy:
    """Choose a strategy for the available devices. Call it before anything else of TensorFlow; build networks in its scope."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        # By default a GPU adds in any order, and no training could be reproduced.
        tf.config.experimental.enable_op_determinism()
    if tf.distribute.cluster_resolver.TFConfigClusterResolver().cluster_spec().jobs:
        return tf.distribute.MultiWorkerMirroredStrategy()
    return tf.distribute.MirroredStrategy() if len(gpus) > 1 else tf.distribute.get_strategy()


def on_processor() -> bool:
    """Tell whether a training runs on the processor: there is no GPU."""
    return not tf.config.list_physical_devices("GPU")


def is_chief(strategy: Strategy) -> bool:
    """Tell whether this process may write files; a single process may."""
    if not _machines(strategy):
        return True
    here = strategy.cluster_resolver
    first = "chief" if "chief" in here.cluster_spec().jobs else "worker"
    return bool(here.task_type == first and here.task_id == 0)


def from_chief(strategy: Strategy, arrays: list[NDArray[Any]]) -> list[NDArray[Any]]:
    """Return the chief's ``arrays`` on every machine; each machine gives arrays of the same shapes."""
    if not _machines(strategy):
        return arrays
    sent = [np.asarray(array, np.float64) * is_chief(strategy) for array in arrays]  # float64 holds every weight and count

    def everywhere() -> Any:
        here = tf.distribute.get_replica_context()
        first = tf.cast(here.replica_id_in_sync_group == 0, tf.float64)  # the chief may have several devices
        return here.all_reduce(tf.distribute.ReduceOp.SUM, [tf.constant(array) * first for array in sent])

    received = tf.function(lambda: [strategy.experimental_local_results(one)[0] for one in strategy.run(everywhere)])()
    return [one.numpy().astype(array.dtype) for one, array in zip(received, arrays, strict=True)]


def _machines(strategy: Strategy) -> bool:
    return isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy) and bool(strategy.cluster_resolver.cluster_spec().jobs)
