"""How gunicorn serves the web: ``gunicorn --config deploy/gunicorn.py main:app``."""

import errno
import gc
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from functions.errors import BadSettings
from functions.settings import Settings
from functions.supervise import LISTENER, READY
from functions.web_settings import bind_once, why_not_bound

try:
    settings = Settings.from_env(os.environ)
    bind_once(settings.host, settings.port)
except BadSettings as problem:
    print(problem, file=sys.stderr)
    sys.exit(2)
except OSError as error:
    # gunicorn waits for a port that another program leaves, and reads this file again at a HUP.
    if error.errno != errno.EADDRINUSE:
        print(why_not_bound(settings.host, settings.port, error), file=sys.stderr)
        sys.exit(2)

COUNTS = "PROMETHEUS_MULTIPROC_DIR"  # where the processes share their counts; prometheus-client reads it when it is imported
if COUNTS not in os.environ:
    os.environ[COUNTS] = tempfile.mkdtemp(prefix="inkloop-counts-")
    ours = Path(os.environ[COUNTS])
else:
    ours = None

if LISTENER in os.environ:  # from ``python main.py``
    bind = f"fd://{os.environ[LISTENER]}"
else:
    bind = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
workers = settings.web_workers
threads = settings.web_threads
worker_class = "functions.web.server.worker.Worker"  # gthread, but slow clients hold no thread
worker_connections = 800  # of a process, below the usual limit of 1,024 open files
sendfile = False  # an answer is in memory until it is sent; the largest static file has 230 kB
preload_app = True  # processes share what was loaded; each opens its own database connections and watches for new versions itself
timeout = 60  # seconds without a sign of life from a process; its threads may take as long as they need
graceful_timeout = 20  # seconds for requests under way when it is told to stop; one that waits for a locked database takes longer
keepalive = 5  # seconds; a page that follows a run asks again well before
# The app itself reads what declared proxies say (INKLOOP_PROXIES). By default gunicorn believes anybody on this machine.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
control_socket_disable = True  # nothing here talks to it
errorlog = "-"
loglevel = "warning"


def when_ready(server: Any) -> None:
    """Keep the garbage collector away from what was loaded: it would write to the memory that the processes share."""
    gc.collect()
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """Give each process its own files of counts."""
    from functions.web.request_counts import ROOM  # after PROMETHEUS_MULTIPROC_DIR is set

    ROOM.share(Path(os.environ[COUNTS]), os.getpid())


def post_worker_init(worker: Any) -> None:
    """Tell ``python main.py`` that a new process can serve, so that the old one may go."""
    if READY in os.environ:
        with suppress(OSError):  # it was told before, by another process
            os.write(int(os.environ[READY]), b"1")


def on_exit(server: Any) -> None:
    """Remove the files of the counts."""
    if ours is not None:
        shutil.rmtree(ours, ignore_errors=True)
