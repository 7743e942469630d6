"""An environment of requirements-web.txt alone, without TensorFlow, in which everything but learning works."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from functions.dataset.exchange.export import FORMATS
from tests import servers
from tests.support.http_client import answers
from tests.support.sample_drawings import SEVEN
from tests.support.sample_lines import line
from tests.torture.installation import wait

pytestmark = [pytest.mark.long_run, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[1]
SET = "/api/v1/sets/digits"


@pytest.fixture(scope="module")
def python() -> Path:
    """The Python of the environment, which is made once for each content of the file."""
    wanted = (ROOT / "requirements-web.txt").read_bytes()
    folder = servers.cache() / f"web-only-{hashlib.sha256(wanted).hexdigest()[:12]}"
    if not (folder / "made").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        install = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "-r", "requirements-web.txt"]
        subprocess.run(install, cwd=ROOT, check=True)
        (folder / "made").touch()
    return folder / "bin" / "python"


@pytest.fixture
def environ(python: Path, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": f"{python.parent}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "INKLOOP_HOME": str(tmp_path / "home"),
        "ADMIN_PASSWORD": "only for these tests",
        "INKLOOP_EXPORT": "public",
        "PORT": str(servers.free_port()),
    }


@pytest.fixture
def address(python: Path, environ: dict[str, str]) -> Iterator[str]:
    """The address of a web server, beside a worker that only delivers."""
    commands = [
        [python, "-m", "gunicorn", "--config", "deploy/gunicorn.py", "main:app"],
        [python, "-m", "functions.worker", "--no-learning"],
    ]
    running = [subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL) for command in commands]
    try:
        found = f"http://127.0.0.1:{environ['PORT']}"
        assert answers(f"{found}/readyz", 120)
        yield found
    finally:
        for process in running:
            process.terminate()
        assert [process.wait(60) for process in running] == [0, 0]


def test_everything_but_learning_works_without_tensorflow(address: str, tmp_path: Path) -> None:
    web = requests.Session()
    predicted = web.post(f"{address}{SET}/predictions", json={**SEVEN, "consent": True}, timeout=60).json()
    assert len(predicted["models"]) == 4
    given = web.post(f"{address}{SET}/samples", json={**SEVEN, "label": "7"}, timeout=60)
    assert given.status_code == 201
    read = web.post(f"{address}{SET}/readings", json=line("17"), timeout=60)
    assert (read.status_code, len(read.json()["glyphs"])) == (200, 2)
    assert (
        web.post(f"{address}/api/v1/predictions/{predicted['id']}/correction", json={"label": "7"}, timeout=60).status_code == 202
    )
    of_sets = [f"/{page}/digits" for page in ("recognise", "read", "contribute", "models", "dataset")]
    of_sets += ["/models/digits/compare", f"/dataset/digits/{given.json()['id']}"]
    for page in ("/", *of_sets, "/mine", "/about", "/networks", "/reference", "/admin/login"):
        assert web.get(f"{address}{page}", timeout=60).status_code == 200, page
    objects = tmp_path / "home" / "objects" / "samples"
    wait(lambda: len(list(objects.rglob("*.png"))) == 2, 60)


def test_the_owners_pages_work_without_tensorflow(address: str) -> None:
    web = requests.Session()
    asked = web.post(f"{address}{SET}/predictions", json=SEVEN, timeout=60).json()
    form = web.get(f"{address}/admin/login", timeout=60).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', form)
    signed_in = web.post(
        f"{address}/admin/login", data={"password": "only for these tests", "csrf": csrf.group(1) if csrf else ""}, timeout=60
    )
    assert signed_in.status_code == 200 and "/admin/login" not in signed_in.url
    version = asked["models"][0]["version"]
    of_sets = [f"{page}/digits" for page in ("moderation", "runs", "versions", "sets")]
    for page in ("", "audit", "contributors", "settings", "tokens", "webhooks", "sets", *of_sets, f"versions/digits/{version}"):
        answer = web.get(f"{address}/admin/{page}", timeout=60)
        assert (answer.status_code, "/admin/login" in answer.url) == (200, False), page


def test_every_format_is_exported_at_once_and_by_a_worker_that_only_delivers(
    address: str, python: Path, environ: dict[str, str]
) -> None:
    web = requests.Session()
    assert web.post(f"{address}{SET}/samples", json={**SEVEN, "label": "7"}, timeout=60).status_code == 201
    made = subprocess.run(
        [python, "-m", "functions.cli", "token", "tests"], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    web.headers["Authorization"] = f"Bearer {made.stdout.strip()}"
    for form in FORMATS:
        answer = web.get(f"{address}{SET}/export", params={"format": form}, timeout=60)
        started = web.post(f"{address}{SET}/exports", json={"format": form}, timeout=60)
        if form == "parquet":
            for refused in (answer, started):
                assert refused.status_code == 503
                assert "pip install -r requirements-parquet.txt" in refused.json()["error"]["message"]
            continue
        assert answer.status_code == 200 and answer.content, answer.text[:200]
        assert started.status_code == 202, form
        run = started.json()["id"]
        wait(lambda run=run: web.get(f"{address}/api/v1/runs/{run}", timeout=60).json()["state"] == "done")  # type: ignore[misc]
        files = web.get(f"{address}/api/v1/exports/{run}", timeout=60).json()["files"]
        assert {"README.md", "card.json"} <= {file["name"] for file in files}, form
        first = web.get(f"{address}/api/v1/exports/{run}/files/0", timeout=60)
        assert hashlib.sha256(first.content).hexdigest() == files[0]["sha256"], form


def test_tensorflow_is_not_there_and_the_owners_tool_works_without_it(python: Path, environ: dict[str, str]) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([python, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True)

    assert run("-c", "import tensorflow").returncode == 1
    assert run("-m", "functions.cli", "migrate").returncode == 0
    checked = run("-m", "functions.cli", "check")
    assert checked.returncode == 0, checked.stdout
    assert "learning  unused TensorFlow is not installed" in checked.stdout
    assert run("-m", "functions.cli", "doctor").returncode == 0
