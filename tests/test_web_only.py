"""An environment of requirements-web.txt alone, without TensorFlow, in which everything but learning works."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests import servers
from tests.support.http_client import answers
from tests.support.sample_drawings import SEVEN
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


def test_everything_but_learning_works_without_tensorflow(address: str, environ: dict[str, str], tmp_path: Path) -> None:
    web = requests.Session()
    predicted = web.post(f"{address}{SET}/predictions", json={**SEVEN, "consent": True}, timeout=60).json()
    assert len(predicted["models"]) == 4
    assert web.post(f"{address}{SET}/samples", json={**SEVEN, "label": "7"}, timeout=60).status_code == 201
    assert (
        web.post(f"{address}/api/v1/predictions/{predicted['id']}/correction", json={"label": "7"}, timeout=60).status_code == 202
    )
    for page in ("/recognise/digits", "/contribute/digits", "/models/digits", "/admin/login"):
        assert web.get(f"{address}{page}", timeout=60).status_code == 200, page
    form = web.get(f"{address}/admin/login", timeout=60).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', form)
    signed_in = web.post(
        f"{address}/admin/login", data={"password": "only for these tests", "csrf": csrf.group(1) if csrf else ""}, timeout=60
    )
    assert signed_in.status_code == 200 and "/admin/login" not in signed_in.url
    exported = web.get(f"{address}{SET}/export?format=jsonl", timeout=60)
    assert exported.status_code == 200, exported.text[:200]
    assert exported.content
    if exported.content[:2] == b"PK":
        assert zipfile.ZipFile(io.BytesIO(exported.content)).namelist()
    objects = tmp_path / "home" / "objects" / "samples"
    wait(lambda: len(list(objects.rglob("*.png"))) == 2, 60)


def test_tensorflow_is_not_there_and_the_owners_tool_works_without_it(python: Path, environ: dict[str, str]) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([python, *arguments], cwd=ROOT, env=environ, capture_output=True, text=True)

    assert run("-c", "import tensorflow").returncode == 1
    assert run("-m", "functions.cli", "migrate").returncode == 0
    checked = run("-m", "functions.cli", "check")
    assert checked.returncode == 0, checked.stdout
    assert "learning  unused TensorFlow is not installed" in checked.stdout
    assert run("-m", "functions.cli", "doctor").returncode == 0
