"""The WSGI app ``app`` for a server, and ``python main.py``: the whole platform on one machine, web and worker."""

from __future__ import annotations

import errno
import http.client
import logging
import math
import os
import signal
import socket
import sys
import threading
import time
from functools import partial
from types import FrameType
from typing import Any

from sqlalchemy.exc import DBAPIError

from functions import registry, telemetry
from functions.errors import BadSettings
from functions.records.database_outage import outlast
from functions.records.password import make_password
from functions.settings import ROOT, Settings
from functions.store.outage_log import OutageLog
from functions.supervise import REFUSED, Child, Renewal, supervise
from functions.web_settings import why_not_bound

DATABASE_PATIENCE = 25.0  # seconds in which a database may come up after its web process; a PaaS gives a start a minute
PORT_PATIENCE = 5.0  # seconds until a port counts as taken: a platform that was killed needs a moment to let it go
log = logging.getLogger("inkloop")


def __getattr__(name: str) -> Any:
    """Make ``app`` when a server asks for it; ``python main.py`` does not need it in its own process."""
    if name != "app":
        raise AttributeError(name)
    globals()["app"] = app = make_app(DATABASE_PATIENCE)
    return app


def make_app(patience: float = math.inf) -> Any:
    """Return the app, within ``patience`` seconds if the database is away, or end the process with a sentence."""
    from functions.app import create_app

    try:
        settings = Settings.from_env(os.environ)
        telemetry.start(settings, "web")
        return outlast(partial(create_app, settings), OutageLog(log), threading.Event(), patience)
    except BadSettings as problem:
        print(problem, file=sys.stderr, flush=True)
        sys.exit(REFUSED)
    except DBAPIError:
        sys.exit(1)


def main() -> int:
    """Run web and worker until Ctrl-C or SIGTERM; return the exit status."""
    stop, renew = threading.Event(), threading.Event()
    terminals = [number for number in range(3) if os.isatty(number)]

    def told(number: int, frame: FrameType | None) -> None:
        # SIGHUP also comes when the terminal closes in which the platform was started.
        lost = terminals and not any(map(os.isatty, terminals))
        (renew if number == signal.SIGHUP and not lost else stop).set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, told)
    try:
        settings = Settings.from_env(os.environ)
        listener = _take_port(settings, stop)
        _require_libraries(settings)
        password = outlast(partial(_prepare, settings), OutageLog(log), stop)
    except BadSettings as problem:
        print(problem, file=sys.stderr)
        return REFUSED
    if password is not None:
        print(f"The owner's password, shown only now: {password}", flush=True)
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environ = {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
    web = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.py"), "main:make_app()"]
    worker = [sys.executable, "-m", "functions.worker"]
    migrate = [sys.executable, "-m", "functions.cli", "migrate"]
    children = [Child("web", web, environ, listener), Child("worker", worker, environ)]
    herald, renewal = Herald(settings), Renewal(children, migrate, environ, renew)

    def look() -> None:
        herald()
        renewal()

    status = supervise(children, stop, look)
    print("Inkloop has stopped.", flush=True)
    return status


class Herald:
    """Says once where the platform is, as soon as it can serve."""

    def __init__(self, settings: Settings) -> None:
        self._host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
        self._port = settings.port
        self._said = False

    def __call__(self) -> None:
        """Ask whether it can serve, until it has been said."""
        if self._said or not self._ready():
            return
        self._said = True
        host = f"[{self._host}]" if ":" in self._host else self._host
        print(f"Inkloop is ready: http://{host}:{self._port} (Ctrl-C stops it)", flush=True)

    def _ready(self) -> bool:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):  # not listening yet
            return False
        finally:
            connection.close()


def _prepare(settings: Settings) -> str | None:
    """Bring tables and shipped versions up to date; return the owner's password if it was made just now.

    Raises:
        BadSettings: ``models/`` is not whole.
        DBAPIError: the database does not answer, or refuses.
    """
    database = registry.bootstrap(settings)
    try:
        with database.writing() as session:
            return None if settings.admin_password else make_password(session)
    finally:
        database.engine.dispose()


def _require_libraries(settings: Settings) -> None:
    """Raise BadSettings if a library is missing without which a child process would not start."""
    telemetry.require(settings)
    if settings.ray is not None:
        from functions.training.cluster import require_ray

        require_ray()


def _take_port(settings: Settings, stop: threading.Event) -> socket.socket:
    """Return a socket at the port, as soon as the port is free. Nobody can connect until a web server listens.

    Raises:
        BadSettings: it is taken, or may not be used.
    """
    until = time.monotonic() + PORT_PATIENCE
    while True:
        listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((settings.host, settings.port))
            return listener
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE or time.monotonic() > until or stop.is_set():
                raise BadSettings(why_not_bound(settings.host, settings.port, error)) from error
        stop.wait(0.2)


if __name__ == "__main__":
    sys.exit(main())
