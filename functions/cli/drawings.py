"""The commands about single drawings: ask the networks, and contribute."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions import registry
from functions.cli.command import add_command, tell
from functions.domain.drawing import Drawing, from_png
from functions.errors import EmptyDrawing, Malformed, Situation
from functions.records.database import Database
from functions.settings import Settings

if TYPE_CHECKING:
    from functions.serving.live_models import LiveModels

# One contributor for all drawings of the command line, so that their split and their history stay together.
CONTRIBUTOR = hashlib.sha256(b"the owner's tool").hexdigest()[:32]


def add_commands(commands: Any) -> None:
    """Add ``predict`` and ``contribute``."""
    about = "ask the live networks what PNGs show; nothing is kept"
    asking = add_command(commands, "predict", _predict, about)
    asking.add_argument("file", nargs="+", type=Path)
    asking.add_argument("--set", default="digits", help="the symbol set (digits)")
    about = "add labelled PNGs as the owner's samples; the same file twice makes one sample"
    add_command(commands, "contribute", _contribute, about, "set", "label").add_argument("file", nargs="+", type=Path)


def _predict(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    from functions.verbs.predict import predict

    runtime = _networks(settings, database)
    for path in chosen.file:
        try:
            drawing: Drawing | None = _read(path)
        except EmptyDrawing:
            drawing = None
        answer = predict(database, runtime, set_name=chosen.set, drawing=drawing).answer
        others = [{"label": one.label, "p": round(one.p, 4)} for one in answer.alternatives]
        alternatives = "".join(f", or {one.label} ({one.p:.0%})" for one in answer.alternatives)
        tell(
            chosen,
            {"file": path, "status": answer.status, "label": answer.label, "p": answer.p, "alternatives": others},
            f"{path}: {answer.label or answer.status.replace('_', ' ')} ({answer.p or 0:.0%}, {answer.status}){alternatives}",
        )


def _contribute(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    from functions.dataset.labelled_drawing import Sender
    from functions.records.idempotency import GivenKey
    from functions.verbs.contribute import Contribution, contribute

    networks = _networks(settings, database)
    drawings = [(path, _read(path)) for path in chosen.file]  # a file that cannot be read adds none of them
    for path, drawing in drawings:
        same = hashlib.sha256(f"{chosen.set}\n{chosen.label}\n".encode() + path.read_bytes())
        key = GivenKey(same.hexdigest(), CONTRIBUTOR, named=True)
        asked = Contribution(chosen.set, chosen.label, drawing, CONTRIBUTOR, key)
        done = contribute(
            database, settings.trust, asked, Sender(from_owner=True), networks=networks, learn_after=settings.learn_after
        )
        facts = {"file": path, "sample": done.sample, "label": done.label, "status": done.status, "new": done.new}
        tell(chosen, facts, f"{path}: sample {done.sample}, {done.status}{'' if done.new else ', which was there already'}")


def _networks(settings: Settings, database: Database) -> LiveModels:
    from functions.serving.live_models import LiveModels
    from functions.store import open_store

    runtime = LiveModels(database, registry.Artefacts(open_store(settings), settings.models))
    runtime.refresh()
    return runtime


def _read(path: Path) -> Drawing:
    """Return the drawing of a PNG; raise Malformed with the file's name for what cannot be read."""
    try:
        return from_png(path.read_bytes())
    except EmptyDrawing:
        raise
    except OSError as error:
        raise Malformed(f"{path} cannot be read ({error.strerror}).") from None
    except Situation as error:
        raise Malformed(f"{path}: {error}") from None
