"""Compare the answers on the device with the server's, in Firefox: 200 drawings with the networks that ship.

    apt-get install firefox-esr
    .venv/bin/python -m benchmarks.device_in_firefox

Chromium is compared by ``tests/browser/test_device_answers.py``. Firefox is driven by its own protocol, Marionette.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from flask import Flask
from werkzeug.serving import make_server

from functions.app import create_app
from functions.settings import Settings
from tests.browser.test_device_answers import ANSWERS, DRAWN, PAD

PORT = 2828  # Marionette's
PATIENCE = 120  # seconds
START = 0.2  # seconds between two looks whether Firefox listens


class Firefox:
    """A connection to a Firefox that runs with ``--marionette``: JSON messages after their length in bytes."""

    def __init__(self, connection: socket.socket) -> None:
        self._file = connection.makefile("rwb")
        self._number = 0
        self._read()

    def do(self, command: str, **given: Any) -> Any:
        """Return the result of a command of WebDriver."""
        self._number += 1
        message = json.dumps([0, self._number, command, given]).encode()
        self._file.write(str(len(message)).encode() + b":" + message)
        self._file.flush()
        _, _, error, result = self._read()
        if error:
            raise RuntimeError(f"{command}: {error['message']}")
        return result

    def _read(self) -> Any:
        length = b""
        while (digit := self._file.read(1)) != b":":
            length += digit
        return json.loads(self._file.read(int(length)))


@contextmanager
def firefox(program: str) -> Iterator[Firefox]:
    """Run a Firefox without a window and with a new profile."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, "--headless", "--marionette", "--no-remote", "--profile", profile]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, env={**os.environ, "HOME": profile}, **quiet)  # type: ignore[call-overload]
        try:
            yield Firefox(_connected(process))
        finally:
            process.terminate()
            process.wait()


def _connected(process: subprocess.Popen[bytes]) -> socket.socket:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", PORT))
            connection.settimeout(PATIENCE)
            return connection
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(START)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an app; return its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firefox", default=shutil.which("firefox-esr") or "firefox")
    parser.add_argument("--set", default="digits")
    given = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as home:
        app = create_app(Settings.from_env({"INKLOOP_HOME": home, "INKLOOP_LIMITS": "off"}))
        with served(app) as address, firefox(given.firefox) as browser:
            version = browser.do("WebDriver:NewSession", capabilities={})["capabilities"]["browserVersion"]
            here = answers_of(browser, f"{address}/recognise/{given.set}", given.set)
        client = app.test_client()
        bodies = [{"strokes": strokes, "width": PAD, "height": PAD, "square": True} for strokes in DRAWN]
        there = [client.post(f"/api/v1/sets/{given.set}/predictions", json=body).json for body in bodies]
    print(f"Firefox {version}, {given.set}: {here['time']:.1f} ms an answer")
    for name, figure in compared(here["predictions"], there).items():
        print(f"{name}: {figure}")


def answers_of(browser: Firefox, page: str, set_name: str) -> Mapping[str, Any]:
    """Return the predictions of the device for the drawings, and the mean time in milliseconds."""
    browser.do("WebDriver:SetTimeouts", script=1000 * PATIENCE)
    browser.do("WebDriver:Navigate", url=page)
    told = "then(done, (error) => done({ error: String(error.cause ?? error) }))"
    script = f"const [given, done] = arguments; ({ANSWERS})(given).{told};"
    given = ["/static/js", "/api/v1", set_name, DRAWN]
    found: dict[str, Any] = browser.do("WebDriver:ExecuteAsyncScript", script=script, args=[given])["value"]
    if "error" in found:
        raise RuntimeError(found["error"])
    return found


def compared(here: list[dict[str, Any]], there: list[dict[str, Any]]) -> dict[str, str]:
    """Return how well the predictions of the device agree with the server's."""
    squares = [np.array([one["square"] for one in side]) for side in (here, there)]  # (n, 784)
    ink = (squares[0] > 0) | (squares[1] > 0)
    differences = [
        255 * np.abs(one - other)[drawn].mean() for one, other, drawn in zip(*squares, ink, strict=True) if drawn.any()
    ]
    same = sum(_answer(one) == _answer(other) for one, other in zip(here, there, strict=True))
    surest = [
        abs(guess["p"] - other["p"])
        for one, another in zip(here, there, strict=True)
        for model, same_model in zip(one["models"], another["models"], strict=True)
        for guess, other in zip(model["top"], same_model["top"], strict=True)
        if other["p"] > 0.5
    ]
    return {
        "squares: largest mean difference over a drawing's ink": f"{max(differences):.2f} of 255",
        "same answer": f"{same} of {len(here)}",
        "largest difference of a probability above one half": f"{max(surest):.4f}",
    }


def _answer(prediction: Mapping[str, Any]) -> tuple[str, str | None]:
    return prediction["answer"]["status"], prediction["answer"]["label"]


if __name__ == "__main__":
    main()
