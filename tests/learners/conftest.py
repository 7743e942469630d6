"""What ships in ``models/``, for the tests of the learners."""

from pathlib import Path

import pytest

from functions.learners.squares.shipped import Seeds, load_seeds

MODELS = Path(__file__).resolve().parents[2] / "models"


@pytest.fixture(scope="session")
def seeds() -> Seeds:
    return load_seeds(MODELS, "digits")
