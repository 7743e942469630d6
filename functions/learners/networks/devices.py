"""Where a training runs: on the processor or one GPU, on all GPUs of a machine, or on several machines.

On more than one machine every machine runs the same command with its own ``TF_CONFIG`` in the environment, as
https://www.tensorflow.org/guide/distributed_training describes. All of them train; only the chief may write files.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Strategy = Any  # tf.distribute.Strategy, which carries no types


def strategy() -> Strategy:
    """Choose a strategy for the devices at hand. Call it before anything else of TensorFlow; build networks in its scope."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        # Sums on a GPU come in any order by default, and then no training repeats.
        tf.config.experimental.enable_op_determinism()
    if tf.distribute.cluster_resolver.TFConfigClusterResolver().cluster_spec().jobs:
        return tf.distribute.MultiWorkerMirroredStrategy()
    return tf.distribute.MirroredStrategy() if len(gpus) > 1 else tf.distribute.get_strategy()


def on_processor() -> bool:
    """Tell whether a training runs on the processor, because there is no GPU."""
    return not tf.config.list_physical_devices("GPU")


def is_chief(strategy: Strategy) -> bool:
    """Tell whether this process is the one that writes files; where there is one process, it is."""
    if not _machines(strategy):
        return True
    here = strategy.cluster_resolver
    first = "chief" if "chief" in here.cluster_spec().jobs else "worker"
    return bool(here.task_type == first and here.task_id == 0)


def from_chief(strategy: Strategy, arrays: list[NDArray[Any]]) -> list[NDArray[Any]]:
    """Return the chief's ``arrays`` on every machine; each machine gives arrays of the same shapes."""
    if not _machines(strategy):
        return arrays
    said = [np.asarray(array, np.float64) * is_chief(strategy) for array in arrays]  # float64 holds every weight and count

    def everywhere() -> Any:
        here = tf.distribute.get_replica_context()
        first = tf.cast(here.replica_id_in_sync_group == 0, tf.float64)  # the chief may have several devices
        return here.all_reduce(tf.distribute.ReduceOp.SUM, [tf.constant(array) * first for array in said])

    heard = tf.function(lambda: [strategy.experimental_local_results(one)[0] for one in strategy.run(everywhere)])()
    return [one.numpy().astype(array.dtype) for one, array in zip(heard, arrays, strict=True)]


def _machines(strategy: Strategy) -> bool:
    return isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy) and bool(strategy.cluster_resolver.cluster_spec().jobs)
