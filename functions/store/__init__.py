"""The object store, a folder or an S3 bucket, and the names of its objects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from functions.settings import Bucket, Settings
from functions.store.base import Store, delete_checked, put_checked
from functions.store.local import FolderStore

__all__ = ["FolderStore", "Store", "StoreAddress", "delete_checked", "open_store", "put_checked"]


@dataclass(frozen=True)
class StoreAddress:
    """What a process of another machine needs to open the store: the ``bucket`` with its keys, or the folder ``objects``."""

    bucket: Bucket | None
    objects: Path


def open_store(settings: Settings | StoreAddress, *, patience: float | None = None) -> Store:
    """Return the bucket that the settings name, or the folder store where they name none.

    With ``patience``, a request to the bucket gets so many seconds, and is repeated once at most.
    """
    if settings.bucket is None:
        return FolderStore(settings.objects)
    from functions.store.s3 import S3Store  # boto3 takes a quarter of a second and 40 MB, so it is loaded only for buckets

    return S3Store(settings.bucket, patience=patience)
