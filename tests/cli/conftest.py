"""The owner's tool on a laptop's home with tiny networks."""

from __future__ import annotations

import pytest

from functions.cli import __main__
from functions.records.database import open_database
from tests.support.factories import seeded
from tests.support.tiny_models import ship


@pytest.fixture
def call(tmp_path, capsys):
    """Call a command, and return its status, answer and complaint."""
    ship(tmp_path / "models")
    environ = {"INKLOOP_HOME": str(tmp_path / "home"), "INKLOOP_MODELS": str(tmp_path / "models")}

    def do(*arguments: str, **more: str) -> tuple[int, str, str]:
        status = __main__.main(arguments, environ | more)
        return status, *capsys.readouterr()

    return do


@pytest.fixture
def database(tmp_path):
    (tmp_path / "home").mkdir()
    return seeded(open_database(f"sqlite:///{tmp_path / 'home' / 'inkloop.sqlite'}"), tmp_path / "models")
