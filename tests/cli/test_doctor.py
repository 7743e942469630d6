"""The command ``doctor``."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.cli.__main__ import main
from tests.support.tiny_models import ship


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    ship(tmp_path / "models")
    return {"INKLOOP_HOME": str(tmp_path / "home"), "INKLOOP_MODELS": str(tmp_path / "models")}


def test_a_healthy_platform_is_a_table_and_status_0(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--all"], environ) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        [part, "ok"] for part in ("clock", "runs", "outbox", "counts", "versions", "drawings", "objects")
    ]


def test_something_to_do_is_status_1(environ: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stranger = tmp_path / "home" / "objects" / "versions" / "digits" / "unknown.tflite"
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(b"x")
    assert main(["doctor"], environ) == 1
    assert (
        "objects   look 1 objects (of sets and versions) were looked up; 1 have no row, such as versions/digits/unknown.tflite"
        in capsys.readouterr().out
    )
