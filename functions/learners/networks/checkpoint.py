"""The state of a training in one file, so that an interrupted training continues instead of starting again."""

from __future__ import annotations

import hashlib
import io
import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHECKPOINT_STEPS = 500  # steps between two checkpoints: half a minute of the CNN on 2 cores; to write takes a hundredth of it
DIGEST_BYTES = 32  # bytes of the SHA-256 in front

State = list[NDArray[Any]]

log = logging.getLogger(__name__)


def save(path: Path, fingerprint: str, step: int, state: State) -> None:
    """Write the state after ``step`` steps, whole or not at all. ``fingerprint`` identifies the training."""
    body = io.BytesIO()
    arrays: dict[str, Any] = {str(place): array for place, array in enumerate(state)}
    np.savez(body, fingerprint=np.array(fingerprint), step=np.array(step), **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".unfinished")
    with unfinished.open("wb") as file:
        # The checksum detects a file that was damaged by a power cut.
        file.write(hashlib.sha256(body.getbuffer()).digest() + body.getbuffer())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def load(path: Path, fingerprint: str) -> tuple[int, State] | None:
    """Return the number of steps and the state; None if there is no usable file, which is logged."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    if hashlib.sha256(content[DIGEST_BYTES:]).digest() != content[:DIGEST_BYTES]:
        log.warning("%s is broken: starting again", path)
        return None
    with np.load(io.BytesIO(content[DIGEST_BYTES:])) as arrays:
        if str(arrays["fingerprint"]) != fingerprint:
            log.warning("%s is of another training: starting again", path)
            return None
        step = int(arrays["step"])
        log.info("continuing from step %d of %s", step, path)
        return step, [arrays[str(place)] for place in range(len(arrays.files) - 2)]
