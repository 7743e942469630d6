"""Priorities of the worker's threads: requests come first where web and worker share a machine."""

from __future__ import annotations

import os
import sys
import threading

LEARNING = 10  # a niceness; TensorFlow's threads inherit it from the thread that starts them
DELIVERING = 5  # a busy machine must go on delivering: between 5 and 0, Linux shares a core as 1 to 3, between 10 and 0 as 1 to 9


def lower_priority(niceness: int) -> None:
    """Set the niceness of this thread and of the threads that it starts. Does nothing where threads have none (not on Linux)."""
    if sys.platform.startswith("linux"):
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, max(niceness, os.getpriority(os.PRIO_PROCESS, thread)))
