"""The WSGI app ``app`` for a server, and ``python main.py``: the whole platform on one machine, web and worker."""

from __future__ import annotations

import errno
import http.client
import os
import signal
import socket
import sys
import threading
import time
from types import FrameType
from typing import Any

from sqlalchemy.exc import DBAPIError

from functions import registry
from functions.errors import BadSettings
from functions.records.database import why_away, why_refused
from functions.records.password import make_password
from functions.settings import ROOT, Settings
from functions.supervise import Child, supervise

DATABASE_PATIENCE = 25.0  # seconds in which a database may come up after its web process; a PaaS gives a start a minute
PORT_PATIENCE = 5.0  # seconds until a port counts as taken: a platform that was killed needs a moment to let it go


def __getattr__(name: str) -> Any:
    """Make ``app`` when a server asks for it; ``python main.py`` does not need it in its own process."""
    if name != "app":
        raise AttributeError(name)
    from functions.app import create_app

    until, said = time.monotonic() + DATABASE_PATIENCE, False
    while True:
        try:
            globals()["app"] = app = create_app(Settings.from_env(os.environ))
            return app
        except BadSettings as problem:
            print(problem, file=sys.stderr, flush=True)
            sys.exit(2)
        except DBAPIError as error:
            if (refused := why_refused(error)) is not None:
                print(refused, file=sys.stderr, flush=True)
                sys.exit(2)
            if not said:
                print(why_away(error), file=sys.stderr, flush=True)
                said = True
            if time.monotonic() > until:
                sys.exit(1)
        time.sleep(2)


def main() -> int:
    """Run web and worker until Ctrl-C or SIGTERM; return the exit status."""
    stop = threading.Event()

    def told(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, told)
    try:
        settings = Settings.from_env(os.environ)
        _wait_for_port(settings, stop)
        password = _prepare(settings)
    except BadSettings as problem:
        print(problem, file=sys.stderr)
        return 2
    if password is not None:
        print(f"The owner's password, shown only now: {password}", flush=True)
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environ = {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
    web = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.py"), "main:app"]
    worker = [sys.executable, "-m", "functions.worker"]
    children = [Child("web", web, environ), Child("worker", worker, environ)]
    supervise(children, stop, Herald(settings))
    print("Inkloop has stopped.", flush=True)
    return 0


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
        BadSettings: the database does not answer, or ``models/`` is not whole.
    """
    try:
        database = registry.bootstrap(settings)
        try:
            with database.writing() as session:
                return None if settings.admin_password else make_password(session)
        finally:
            database.engine.dispose()
    except DBAPIError as error:
        raise BadSettings(why_refused(error) or why_away(error)) from error


def _wait_for_port(settings: Settings, stop: threading.Event) -> None:
    """Return when the port is free.

    Raises:
        BadSettings: it is taken, or may not be used.
    """
    until = time.monotonic() + PORT_PATIENCE
    while True:
        try:
            family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
            with socket.socket(family) as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                trial.bind((settings.host, settings.port))
            return
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > until or stop.is_set():
                why = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
                raise BadSettings(f"Port {settings.port} on {settings.host} {why}; choose another with PORT.") from error
        stop.wait(0.2)


if __name__ == "__main__":
    sys.exit(main())
