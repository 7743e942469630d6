"""The commands about single drawings: ask the networks, and contribute."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions import registry
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
    asking = commands.add_parser("predict", help=about, description=about)
    asking.add_argument("file", nargs="+", type=Path)
    asking.add_argument("--set", default="digits", help="the symbol set (digits)")
    asking.set_defaults(command=_predict)
    about = "add labelled PNGs as the owner's samples; the same file twice makes one sample"
    giving = commands.add_parser("contribute", help=about, description=about)
    giving.add_argument("set")
    giving.add_argument("label")
    giving.add_argument("file", nargs="+", type=Path)
    giving.set_defaults(command=_contribute)
    for parser in (asking, giving):
        parser.add_argument("--json", action="store_true", help="as JSON, one line for each file")


def _predict(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    from functions.verbs.predict import predict

    runtime = _networks(settings, database)
    for path in chosen.file:
        try:
            drawing: Drawing | None = _read(path)
        except EmptyDrawing:
            drawing = None
        answer = predict(database, runtime, set_name=chosen.set, drawing=drawing).answer
        others = [(one.label, round(one.p, 4)) for one in answer.alternatives]
        if chosen.json:
            facts = {"file": str(path), "status": answer.status, "label": answer.label, "p": answer.p}
            print(json.dumps({**facts, "alternatives": [{"label": label, "p": p} for label, p in others]}))
            continue
        alternatives = "".join(f", or {label} ({p:.0%})" for label, p in others)
        print(f"{path}: {answer.label or answer.status.replace('_', ' ')} ({answer.p or 0:.0%}, {answer.status}){alternatives}")


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
        if chosen.json:
            facts = {"sample": done.sample, "label": done.label, "status": done.status, "new": done.new}
            print(json.dumps({"file": str(path), **facts}))
        else:
            print(f"{path}: sample {done.sample}, {done.status}{'' if done.new else ', which was there already'}")


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
