"""An app under gunicorn, as ``deploy/gunicorn.py`` serves it, in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.load.honest_clients import ask

ROOT = Path(__file__).resolve().parents[2]
QUICK = "tests.support.quick_worker.QuickWorker"


class WebServer:
    """A running gunicorn: its port, its process, and what it has written."""

    def __init__(self, folder: Path, app: str, *, worker_class: str | None, environ: dict[str, str]) -> None:
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            self.port: int = trial.getsockname()[1]
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / "log"
        own = {"PORT": str(self.port), "INKLOOP_HOME": str(folder), "INKLOOP_LIMITS": "off", "WEB_WORKERS": "1"}
        chosen = ["--worker-class", worker_class] if worker_class else []
        command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.py", *chosen, app]
        with self._log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **own, **environ}, stdout=log, stderr=log)

    @property
    def log(self) -> str:
        """What it has written."""
        return self._log.read_text()

    def connect(self, timeout: float = 20.0) -> socket.socket:
        """Return a new connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def children(self) -> list[int]:
        """Return the ids of its worker processes."""
        told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True).stdout
        return [int(pid) for pid in told.split()]


@contextmanager
def web_server(folder: Path, app: str, *, worker_class: str | None = None, **environ: str) -> Iterator[WebServer]:
    """Serve an app until the block ends; tests must not leave it running."""
    server = WebServer(folder, app, worker_class=worker_class, environ=environ)
    try:
        until = time.monotonic() + 60
        while True:
            assert server.process.poll() is None and time.monotonic() < until, server.log
            with suppress(OSError), server.connect(1) as connection:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                if connection.recv(100).startswith(b"HTTP/1.1 200"):
                    break
            time.sleep(0.05)
        yield server
    finally:
        server.process.send_signal(signal.SIGTERM)
        try:
            server.process.wait(30)
        finally:
            server.process.kill()


def until_loaded(server: WebServer) -> None:
    """Wait until the server predicts."""
    end = time.monotonic() + 60
    while ask(server.port, 0.1, clients=1).failed:
        assert time.monotonic() < end, server.log
        time.sleep(0.1)
