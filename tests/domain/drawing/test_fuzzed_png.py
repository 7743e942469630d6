from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.fuzz_png import mutate

ROOT = Path(__file__).parents[3]
SECONDS = 120  # before a release


def test_pictures_changed_at_random_are_drawn_or_refused() -> None:
    mutate(2)


@pytest.mark.long_run
def test_pictures_that_reach_new_lines_are_drawn_or_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.support.fuzz_png", str(tmp_path), str(SECONDS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS * 3, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
