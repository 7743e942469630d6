"""Progress of commands: bars for a terminal alone, and runs that are followed."""

from __future__ import annotations

import io
import json
import sys
import threading

import pytest

from functions import jobs
from functions.cli.progress import CountBar, progress_bar


class Terminal(io.StringIO):
    """What a terminal would show."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "shown"), [(Terminal, True), (io.StringIO, False)])
def test_a_bar_is_shown_only_on_a_terminal(monkeypatch, stream, shown):
    monkeypatch.setattr(sys, "stderr", stream())
    with CountBar("samples") as bar:
        bar.add(3)
        bar.reach(5)
    with progress_bar() as show:
        show(0.5, "half")
    assert ("5 samples" in sys.stderr.getvalue(), "half" in sys.stderr.getvalue()) == (shown, shown)


@pytest.mark.parametrize(("state", "status"), [("done", 0), ("failed", 1)])
def test_a_run_is_followed_to_its_end(call, database, state, status):
    ended = threading.Event()

    def work():
        while not ended.wait(0.05):
            with database.writing() as session:
                for run in jobs.runs(session, "digits", limit=1):
                    run.state, run.progress, run.result = state, 1.0, {"activated": ["v"]}
                    ended.set()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        found, said, complaint = call("train", "digits", "--wait", "--json")
    finally:
        ended.set()
        worker.join()
    assert found == status
    assert (json.loads(said)["state"], json.loads(said)["result"]) == (state, {"activated": ["v"]})
    assert "Ctrl-C leaves it waiting" in complaint
