from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from functions.settings import ROOT
from tests.support import tiny_models

SERVE = """
import sys
from pathlib import Path
from functions.app import create_app
from functions.settings import Settings

home, models = map(Path, sys.argv[1:])
settings = Settings(home=home, database_url=f"sqlite:///{home / 'inkloop.sqlite'}", secret_key="x" * 32, models=models)
client = create_app(settings).test_client()
drawing = {"strokes": [[[60, 60], [220, 60], [130, 230]]], "width": 280, "height": 280}
predicted = client.post("/api/v1/sets/digits/predictions", json={**drawing, "consent": True})
assert predicted.status_code == 200, predicted.text
corrected = client.post(f"/api/v1/predictions/{predicted.json['id']}/correction", json={"label": "7"})
assert corrected.status_code == 202, corrected.text
heavy = ("tensorflow", "keras", "matplotlib", "boto3", "redis", "opentelemetry")
heavy += ("functions.learners.networks.training", "functions.learners.continual.fine_tuner")
print([name for name in heavy if name in sys.modules])
"""


def test_a_web_process_that_has_served_has_loaded_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    models, home = tmp_path / "models", tmp_path / "home"
    tiny_models.ship(models)
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", SERVE, str(home), str(models)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
