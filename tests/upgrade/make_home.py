"""Make the home of a used platform: ``python -m tests.upgrade.make_home [FOLDER]``. README.md beside this tells more.

It uses the owner's tool and the HTTP API, and counts rows in the database. So it works with every version of the code.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from tests.upgrade import facts
from tests.upgrade.archive import pack
from tests.upgrade.client import Owner, Visitor
from tests.upgrade.people import People

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SURE, DOUBTFUL = 22, 28  # writers whose digits are asked about at the end; only the second one's were learned
AN_HOUR = "3600"  # seconds until a run begins by itself: this script begins them before


def until(condition: Callable[[], Any], seconds: float = 600.0) -> Any:
    """Wait for something that another process brings about, and return it."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.2)
    return found


class Platform:
    """A home and the processes of the Procfile that work on it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            self.port = trial.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        own = {"INKLOOP_HOME": str(home), "PORT": str(self.port), "WEB_WORKERS": "1", "PYTHONPATH": str(ROOT)}
        ways = {"INKLOOP_LIMITS": "off", "INKLOOP_PROXIES": "1", "INKLOOP_LEARN_AFTER": AN_HOUR, "INKLOOP_TRAIN": "asked"}
        self.environ = {**os.environ, **own, **ways}
        self._running: list[subprocess.Popen[bytes]] = []

    def command(self, *arguments: str) -> str:
        """Use the owner's tool and return what it prints."""
        command = [sys.executable, "-m", "functions.cli", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.environ, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def start(self, trust: str = "review", *, learns: bool = False) -> None:
        """Start web and worker and wait until they are ready."""
        worker = ["-m", "functions.worker", "--cold" if learns else "--no-learning"]
        for arguments in (["-m", "gunicorn", "--config", "deploy/gunicorn.py", "main:app"], worker):
            environ = {**self.environ, "INKLOOP_TRUST": trust}
            self._running.append(subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environ))
        until(self._ready)

    def stop(self) -> None:
        """Stop both."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait()
        self._running.clear()

    def _ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=60).ok
        except requests.RequestException:
            return False

    def ask(self, question: str) -> int:
        """Count something in the database."""
        with sqlite3.connect(f"file:{self.home / 'inkloop.sqlite'}?mode=ro", uri=True) as database:
            return int(database.execute(question).fetchone()[0])

    def settle(self) -> None:
        """Wait until every object is delivered and every pending sample was looked at again."""
        until(lambda: self.ask("select count(*) from outbox") == 0)
        due = "select count(*) from traces where waiting and looked_at < datetime('now', '-21 seconds')"
        time.sleep(22)
        until(lambda: self.ask(due) == 0)
        until(lambda: self.ask("select count(*) from outbox") == 0)

    def learn(self, people: People, set_name: str, meanwhile: Callable[[], Any] = lambda: None) -> dict[str, Any]:
        """Have a set's new samples learned, do something ``meanwhile``, and return the run when it has ended."""
        return self.ended(people, self.command("learn", set_name).split()[1], meanwhile)

    def ended(self, people: People, run: str, meanwhile: Callable[[], Any] = lambda: None) -> dict[str, Any]:
        """Return a run when it has ended; do something ``meanwhile``."""
        until(lambda: people.owner.get(f"/runs/{run}")["state"] != "queued")
        meanwhile()
        states = ("done", "failed", "cancelled")
        found = until(lambda: (one := people.owner.get(f"/runs/{run}"))["state"] in states and one, 3600)
        print(found["set"], found["kind"], found["state"], found["step"], found["result"], flush=True)
        return found


def make(platform: Platform) -> dict[str, Any]:
    """Let people use the platform, and return what it answers in the end."""
    password = platform.command("password")
    token = platform.command("token", "upgrade test")
    platform.command("set", "create", "runes", "--labels", "ᚠ ᚢ")
    people = People(platform.url, token)
    platform.start("open")
    people.in_open_mode()
    platform.stop()
    platform.start("moderated")
    people.in_moderated_mode(Owner(platform.url, password))
    platform.stop()
    platform.start("review")
    people.first_round()
    platform.settle()
    platform.stop()
    platform.start("review", learns=True)
    run = platform.learn(people, "digits")
    shipped = people.fnn(original=True)
    people.second_round()
    _let_a_run_fail(platform, people, run["result"]["activated"])
    platform.learn(people, "digits", meanwhile=lambda: people.activate(shipped))
    _wrong_corrections(people)
    platform.settle()
    platform.ended(people, people.forget("eve"))
    people.activate(shipped)
    people.new_label(platform.command)
    for name in ("runes", "digits"):
        platform.learn(people, name)
    people.uncorrected_predictions()
    platform.settle()
    assert platform.ask("select count(*) from runs where state in ('queued', 'running')") == 0
    found = _facts(platform, people, password, token)
    platform.stop()
    return found


def _let_a_run_fail(platform: Platform, people: People, live: list[str]) -> None:
    """Let a run fail because a file is missing."""
    weights = next(platform.home.glob(f"objects/versions/digits/{live[0]}.npz"))
    weights.rename(platform.home / "away")
    platform.learn(people, "digits")
    (platform.home / "away").rename(weights)


def _wrong_corrections(people: People) -> None:
    """Let people call a 4 a 9 in three rounds; each activation begins a round."""
    shipped, learned = (people.fnn(original=original) for original in (True, False))
    for number, version in enumerate((learned, shipped, learned)):
        people.activate(version)
        people.five_wrong_corrections(number)
    people.activate(shipped)
    people.one_wrong_correction_more()


def _facts(platform: Platform, people: People, password: str, token: str) -> dict[str, Any]:
    stranger, cem = Visitor(platform.url, "10.99.0.1"), people.by_name["cem"]
    told = facts.told(stranger)
    return {
        "password": password,
        "token": token,
        "cookie": cem.cookie,
        "kept": people.kept,
        "answers": facts.answers(stranger, SURE),
        "learned": facts.answers(stranger, DOUBTFUL),
        "adapted": facts.answers(cem, DOUBTFUL),
        "reasons": facts.reasons(platform.home),
        "runs": [[run["kind"], run["state"], run["step"]] for run in told["/sets/digits/runs"]["runs"]],
        "activations": [[one["learner"], one["version"]] for one in told["/sets/digits/metrics"]["activations"]],
        "samples": {one["name"]: facts.samples(stranger, one["name"]) for one in told["/sets"]["sets"]},
        "told": told,
    }


def small(platform: Platform, told: dict[str, Any]) -> None:
    """Remove free pages of the database and files of versions that ship or do not answer.

    The weights of the live version go too: only a run needs them, and 1.3 MB of floats cannot be packed.
    """
    live = {version for one in told["/sets"]["sets"] for version in one["live"].values()}
    for path in platform.home.glob("objects/versions/*/*"):
        version, ending = path.name.split(".", 1)
        if ending == "npz" or (ending == "tflite" and (version not in live or "-" in version)):
            path.unlink()
    for name in ("inkloop.sqlite", "queue.sqlite"):
        database = sqlite3.connect(platform.home / name)
        database.execute("pragma journal_mode = delete")
        database.execute("vacuum")
        database.close()


def write(platform: Platform, found: dict[str, Any], folder: Path) -> None:
    """Write two files into ``folder``: the home with long answers of the API, and short facts."""
    small(platform, found["told"])
    long = {name: found.pop(name) for name in ("samples", "told")}
    (platform.home.parent / "told.json").write_text(json.dumps(long, sort_keys=True))
    pack(platform.home.parent, folder / "home.tar.xz")
    (folder / "home.json").write_text(_lines(found))
    print(*(row for row in found["reasons"]), (folder / "home.tar.xz").stat().st_size, sep="\n")


def _lines(found: dict[str, Any]) -> str:
    """Return JSON with a line for each fact."""

    def written(value: Any) -> str:
        rows = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in value) if isinstance(value, list) else ""
        return f"[\n{rows}\n ]" if rows else json.dumps(value, ensure_ascii=False)

    return "{\n" + ",\n".join(f' "{name}": {written(value)}' for name, value in found.items()) + "\n}\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(Path(folder) / "home")
        try:
            found = make(platform)
        finally:
            platform.stop()
        write(platform, found, Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
