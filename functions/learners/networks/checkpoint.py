"""A training's state as one file, so that a training that was interrupted goes on instead of starting anew."""

from __future__ import annotations

import hashlib
import io
import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHECKPOINT_STEPS = 500  # steps between two writings: half a minute of the CNN on 2 cores, and a hundredth of that to write
DIGEST_BYTES = 32  # bytes of the SHA-256 in front

State = list[NDArray[Any]]

log = logging.getLogger(__name__)


def save(path: Path, fingerprint: str, step: int, state: State) -> None:
    """Write what is reached after ``step`` steps, whole or not at all. ``fingerprint`` says which training it belongs to."""
    body = io.BytesIO()
    arrays: dict[str, Any] = {str(place): array for place, array in enumerate(state)}
    np.savez(body, fingerprint=np.array(fingerprint), step=np.array(step), **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    with unfinished.open("wb") as file:
        # The checksum is for what a file system may do to a file after a power cut, which no parser should meet.
        file.write(hashlib.sha256(body.getbuffer()).digest() + body.getbuffer())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def load(path: Path, fingerprint: str) -> tuple[int, State] | None:
    """Return the steps done and the state; None, and a word in the log, where there is nothing to go on from."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    if hashlib.sha256(content[DIGEST_BYTES:]).digest() != content[:DIGEST_BYTES]:
        log.warning("%s is broken: starting anew", path)
        return None
    with np.load(io.BytesIO(content[DIGEST_BYTES:])) as arrays:
        if str(arrays["fingerprint"]) != fingerprint:
            log.warning("%s is of another training: starting anew", path)
            return None
        step = int(arrays["step"])
        log.info("going on from step %d of %s", step, path)
        return step, [arrays[str(place)] for place in range(len(arrays.files) - 2)]


def remove(path: Path) -> None:
    """Remove what :func:`save` wrote."""
    path.unlink(missing_ok=True)
