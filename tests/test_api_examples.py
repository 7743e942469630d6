"""The examples of docs/api.md "In a program", run as they stand there against a real server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from functions.domain.drawing import from_strokes, parse_strokes, to_png
from functions.settings import ROOT
from tests.support.sample_drawings import SEVEN
from tests.web.conftest import app, make_app  # noqa: F401 - fixtures

RUNS = {
    "sh": lambda code: ["bash", "-c", code],
    "python": lambda code: [sys.executable, "-c", code],
    "js": lambda code: ["node", "--input-type=module", "-e", code],
}


@pytest.fixture
def address(app: Flask) -> Iterator[str]:  # noqa: F811
    """The address of the API of a server."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api/v1"
    server.shutdown()
    thread.join()


@pytest.mark.parametrize("language", RUNS)
def test_an_example_prints_the_answer(language: str, address: str, app: Flask, tmp_path: Path) -> None:  # noqa: F811
    section = (ROOT / "docs" / "api.md").read_text().split("## In a program")[1].split("\n## ")[0]
    (code,) = re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)
    png = to_png(from_strokes(parse_strokes(SEVEN["strokes"], SEVEN["width"], SEVEN["height"], None)).ink)
    (tmp_path / "seven.png").write_bytes(png)
    run: Callable[[str], list[str]] = RUNS[language]
    done = subprocess.run(
        run(code), cwd=tmp_path, env={**os.environ, "API": address}, capture_output=True, text=True, check=False, timeout=120
    )
    wanted = app.test_client().post("/api/v1/sets/digits/predictions", data=png, content_type="image/png").json
    assert (done.stdout.strip(), done.stderr) == (str(wanted["answer"]["label"]), "")
