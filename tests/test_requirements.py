from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent

OPTIONAL = {"pygments", "setuptools", "xxhash"}  # others use them where they are installed, and do without elsewhere

ANSWER = """
import json, os, sys
sys.modules["opentelemetry"] = None  # installed for tests of traces; Redis's client would load it
from functions.app import create_app
from functions.settings import Settings
client = create_app(Settings.from_env(os.environ)).test_client()
body = {"strokes": [[[20, 20], [200, 220]]], "width": 280, "height": 280, "consent": True}
assert client.post("/api/v1/sets/digits/predictions", json=body).status_code == 200
assert client.get("/models/digits").status_code == 200
print(json.dumps(sorted({name.partition(".")[0] for name, module in sys.modules.items() if module is not None})))
"""


def installed_by(file: str) -> set[str]:
    """Return the names of the distributions that a requirements file installs, with what they need."""
    waiting = [Requirement(line) for line in (ROOT / file).read_text().splitlines() if line and line[0] not in "#-"]
    found: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        name = wanted.name.lower().replace("_", "-")
        if name not in found:
            found.add(name)
            needs = [Requirement(line) for line in requires(name) or ()]
            extras = ({"extra": extra} for extra in ("", *wanted.extras))
            environments = list(extras)
            waiting += [one for one in needs if one.marker is None or any(one.marker.evaluate(extra) for extra in environments)]
    return found


def test_a_web_process_needs_only_what_its_requirements_install(tmp_path: Path) -> None:
    environ = {"INKLOOP_HOME": str(tmp_path), "ADMIN_PASSWORD": "only for these tests", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", ANSWER], cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    distributions, allowed = packages_distributions(), installed_by("requirements-web.txt")
    loaded = {
        owner.lower().replace("_", "-")
        for module in json.loads(done.stdout.splitlines()[-1])
        for owner in distributions.get(module, ())
    }
    assert {"flask", "ai-edge-litert"} <= loaded
    assert not {"tensorflow", "tensorflow-cpu", "keras", "matplotlib"} & allowed
    assert loaded - OPTIONAL <= allowed
