"""TensorFlow.js under node: what a layers model at an address answers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import playwright
from numpy.typing import NDArray

NODE = Path(playwright.__file__).parent / "driver" / "node"
HERE = Path(__file__).parent


def answers_of(address: str, squares: NDArray[np.float32], folder: Path) -> NDArray[np.float64]:
    """Return the answers of the model at ``address`` to ``squares`` (n, 28, 28); ``folder`` takes a file."""
    file = folder / "squares.bin"
    file.write_bytes(np.ascontiguousarray(squares, "<f4").tobytes())
    done = subprocess.run([NODE, HERE / "answer.js", address, file], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return np.array(json.loads(done.stdout))
