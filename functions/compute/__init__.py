"""Maps a function over tasks: in this process, or on the nodes of a Ray cluster. The same function gives the same results.

Only ``ray_driver`` imports Ray, in a process of its own and only if ``INKLOOP_RAY`` is set.
"""

from __future__ import annotations

from functions.compute.mapper import InProcess, TaskMapper
from functions.compute.ray_mapper import RayMapper

__all__ = ["InProcess", "RayMapper", "TaskMapper"]
