"""Open the cluster that the settings name."""

from __future__ import annotations

import importlib.util

from functions.compute import RayMapper
from functions.errors import BadSettings
from functions.settings import Settings
from functions.store import StoreAddress
from functions.training.trials import Cluster


def open_cluster(settings: Settings) -> Cluster | None:
    """Return the cluster of ``INKLOOP_RAY``; None if trials are computed in this process. Nothing is connected yet."""
    if settings.ray is None:
        return None
    return Cluster(RayMapper(settings.ray), StoreAddress(settings.bucket, settings.objects), settings.models)


def require_ray() -> None:
    """Raise BadSettings if Ray, or what writes the files for its nodes, is not installed."""
    for module, name in (("ray", "Ray"), ("pyarrow", "pyarrow")):
        if importlib.util.find_spec(module) is None:
            raise BadSettings(
                f"INKLOOP_RAY is set, but {name} is not installed: pip install -r requirements-ray.txt, or unset it."
            )
