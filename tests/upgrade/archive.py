"""A platform's home as one small file."""

from __future__ import annotations

import io
import lzma
import tarfile
from pathlib import Path

# Weights are floats of four bytes, among which xz finds more when it is told so.
FLOATS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 2, "lp": 2, "pb": 2}]


def pack(folder: Path, archive: Path) -> None:
    """Write the files of ``folder`` into ``archive``, a tar.xz without owners and times."""
    with lzma.open(archive, "wb", filters=FLOATS) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for path in sorted((one for one in folder.rglob("*") if one.is_file()), key=lambda one: (one.suffix, one)):
            body = path.read_bytes()
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))


def unpack(archive: Path, folder: Path) -> None:
    """Write the files of ``archive`` into ``folder``."""
    with tarfile.open(archive, "r:xz") as tar:
        tar.extractall(folder, filter="data")
