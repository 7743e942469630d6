"""``python main.py``: one command starts everything, keeps it running and stops all of it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests
from sqlalchemy.engine import make_url

from functions.supervise import Child, supervise
from main import DATABASE_PATIENCE
from tests.support.http_client import answers
from tests.support.load import Load
from tests.support.relay import Relay
from tests.support.tiny_models import ship

pytestmark = pytest.mark.starts_early
ROOT = Path(__file__).resolve().parent.parent


def until(condition, seconds: float = 120.0):
    """Wait for something that another process brings about, and return it."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found


def gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"


class Platform:
    """A started ``main.py`` and what it has printed."""

    def __init__(self, tmp_path: Path, stdin: int | None = None, **more: str) -> None:
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            self.port = more.pop("PORT", None) or str(trial.getsockname()[1])
        ship(tmp_path / "models")
        own = {"INKLOOP_HOME": str(tmp_path / "home"), "INKLOOP_MODELS": str(tmp_path / "models"), "PORT": self.port}
        environ = {"PATH": os.environ["PATH"], "WEB_WORKERS": "1", **own, **more}
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py")],
            env=environ,
            cwd=tmp_path,
            text=True,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.said: list[str] = []
        self.complained: list[str] = []
        for stream, lines in ((self.process.stdout, self.said), (self.process.stderr, self.complained)):
            threading.Thread(target=lambda stream=stream, lines=lines: lines.extend(stream), daemon=True).start()

    def line(self, pattern: str, lines: list[str] | None = None) -> re.Match[str]:
        """Wait for a line and return the match."""
        where = self.said if lines is None else lines
        return until(lambda: next((found for line in list(where) if (found := re.search(pattern, line))), None))

    def children(self) -> list[int]:
        """Return the processes that it has started."""
        told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True).stdout
        return [int(pid) for pid in told.split()]


@pytest.fixture
def platform(tmp_path):
    started: list[Platform] = []

    def start(stdin: int | None = subprocess.DEVNULL, **more: str) -> Platform:
        started.append(Platform(tmp_path, stdin, **more))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


def test_one_command_starts_everything_and_one_signal_stops_it(platform):
    here = platform()
    password = here.line(r"password, shown only now: (\S+)")[1]
    address = here.line(r"is ready: (\S+) ")[1]
    assert address == f"http://127.0.0.1:{here.port}"
    assert requests.get(f"{address}/readyz", timeout=30).status_code == 200
    children = here.children()
    assert len(children) == 2

    # The password that was printed is the one that lets the owner in.
    login = {"data": {"password": password}, "headers": {"Origin": address}, "timeout": 30, "allow_redirects": False}
    assert requests.post(f"{address}/admin/login", **login).status_code == 303

    # A process that dies is started again.
    web = next(pid for pid in children if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(web, signal.SIGKILL)
    here.line(r"web process ended \(killed by SIGKILL\)", here.complained)
    until(lambda: len(here.children()) == 2 and web not in here.children())

    here.process.send_signal(signal.SIGINT)
    assert here.process.wait(60) == 0
    until(lambda: all(gone(pid) for pid in children))
    here.line("has stopped")

    # The password was shown once: another start does not make another.
    again = platform(PORT=here.port)
    again.line(r"is ready")
    assert not any("password" in line for line in again.said)

    # Children do not outlive a parent that is killed without a word.
    children = again.children()
    again.process.kill()
    until(lambda: all(gone(pid) for pid in children))


@pytest.mark.long_run
@pytest.mark.timeout(600)
def test_a_hang_up_renews_web_and_worker_and_no_request_fails(platform, tmp_path):
    here = platform(INKLOOP_LIMITS="off", WEB_WORKERS="2")
    address = here.line(r"is ready: (\S+) ")[1]
    with Load([address], pause=0.02) as load:
        before, answered = here.children(), load.count()
        here.process.send_signal(signal.SIGHUP)
        until(lambda: all(gone(pid) for pid in before))
        until(lambda: len(here.children()) == 2)
        until(lambda: load.count() > answered + 50)
        renewed, answered = here.children(), load.count()
        (tmp_path / "models" / "manifest.json").rename(tmp_path / "aside.json")  # a release that cannot start
        here.process.send_signal(signal.SIGHUP)
        here.line("could not be prepared", here.complained)
        until(lambda: load.count() > answered + 50)
        assert here.children() == renewed
    assert load.errors == []
    assert set(load.statuses) == {("samples", 201), ("predictions", 200)}
    here.process.send_signal(signal.SIGTERM)
    assert here.process.wait(60) == 0
    assert not [line for line in here.complained if " process ended" in line]


@pytest.mark.long_run
def test_a_platform_stops_when_the_terminal_that_started_it_closes(platform):
    terminal, its = os.openpty()
    here = platform(stdin=its)
    os.close(its)
    here.line(r"is ready")
    os.close(terminal)
    here.process.send_signal(signal.SIGHUP)
    assert here.process.wait(60) == 0


def test_a_new_process_that_cannot_start_leaves_the_old_one(capsys, tmp_path):
    stop, program, runs = threading.Event(), tmp_path / "program.py", tmp_path / "runs"
    program.write_text(f"import pathlib, time; pathlib.Path({str(runs)!r}).touch(); time.sleep(600)")
    with socket.socket() as listener:
        child = Child("web", [sys.executable, str(program)], dict(os.environ), listener)
        child.keep_up()
        first = child.pid
        until(runs.exists)
        program.write_text("raise SystemExit(3)")
        child.renew()
        said: list[str] = []

        def look() -> None:
            said.extend(capsys.readouterr().err.splitlines())
            if said:
                assert child.pid == first
                stop.set()

        assert supervise([child], stop, look) == 0
    assert said == ["The new web process ended (status 3); the old one goes on."]
    assert child.pid is None


def test_a_taken_port_is_told_in_one_sentence(platform):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        here = platform(PORT=str(taken.getsockname()[1]))
        assert here.process.wait(60) == 2
    assert here.line("choose another", here.complained)
    assert here.complained == [f"Port {here.port} on 127.0.0.1 is taken by another program; choose another with PORT.\n"]


def test_bad_settings_are_told_in_one_sentence(platform):
    here = platform(INKLOOP_TRUST="everyone")
    assert here.process.wait(60) == 2
    here.line("INKLOOP_TRUST must be one of open, review, moderated", here.complained)
    assert len(here.complained) == 1


def test_the_procfile_starts_what_there_is():
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert lines == {
        "web": "gunicorn --config deploy/gunicorn.py --bind 0.0.0.0:$PORT main:app",
        "worker": "python -m functions.worker",
        "release": "python -m functions.cli migrate",
    }
    assert (ROOT / "deploy" / "gunicorn.py").exists()


def test_a_child_that_dies_again_and_again_is_started_ever_later(capsys):
    stop = threading.Event()
    child = Child("short", [sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ))
    said: list[str] = []

    def look() -> None:
        said.extend(capsys.readouterr().err.splitlines())
        if len(said) >= 2:
            stop.set()

    assert supervise([child], stop, look) == 0
    assert said[:2] == [
        "The short process ended (status 3); it is started again in 1 s.",
        "The short process ended (status 3); it is started again in 2 s.",
    ]
    assert child.pid is None


def test_a_child_whose_settings_cannot_be_used_ends_all_of_them(capsys):
    forever = Child("other", [sys.executable, "-c", "import time; time.sleep(600)"], dict(os.environ))
    refused = Child("short", [sys.executable, "-c", "raise SystemExit(2)"], dict(os.environ))
    assert supervise([forever, refused], threading.Event()) == 2
    assert (forever.pid, refused.pid, capsys.readouterr().err) == (None, None, "")


def test_a_child_that_ran_before_is_started_again_whatever_its_status(capsys, monkeypatch):
    monkeypatch.setattr("functions.supervise.SETTLED", 0.0)  # it counts as healthy at once
    stop, said = threading.Event(), []
    child = Child("short", [sys.executable, "-c", "raise SystemExit(2)"], dict(os.environ))

    def look() -> None:
        said.extend(capsys.readouterr().err.splitlines())
        if said:
            stop.set()

    assert supervise([child], stop, look) == 0
    assert said == ["The short process ended (status 2); it is started again in 1 s."]


@pytest.mark.long_run
def test_a_database_that_is_away_is_waited_for_and_told_once(platform):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # a port that refuses
        here = platform(DATABASE_URL=f"postgres://u@127.0.0.1:{nobody.getsockname()[1]}/d")
        here.line("The database cannot be used: The database at DATABASE_URL does not answer", here.complained)
        time.sleep(4)  # it tries again after one second, and two more
        assert here.process.poll() is None
        here.process.send_signal(signal.SIGTERM)
        assert here.process.wait(30) == 0
    assert len(here.complained) == 1


@pytest.mark.long_run
def test_a_platform_starts_when_its_database_comes_and_a_web_process_waits_for_it(platform, postgres_url):
    with Relay(make_url(postgres_url)) as relay:
        here = platform(DATABASE_URL=relay.url.replace("+psycopg", ""))
        here.line("The database cannot be used", here.complained)
        relay.open()
        here.line("The database can be used again", here.complained)
        here.line("is ready")
        web = next(pid for pid in here.children() if b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes())
        relay.close()
        os.kill(web, signal.SIGKILL)
        here.line(r"web process ended \(killed by SIGKILL\)", here.complained)
        until(lambda: sum("The database cannot be used" in line and " worker " not in line for line in here.complained) == 2)
        time.sleep(DATABASE_PATIENCE + 5)  # a web process by itself has given up by then
        assert sum("web process ended" in line for line in here.complained) == 1
        assert sum("The database cannot be used" in line and " worker " not in line for line in here.complained) == 2
        relay.open()
        until(lambda: answers(f"http://127.0.0.1:{here.port}/readyz", 1))
