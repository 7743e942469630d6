"""The command ``evaluate``: any version against any labelled file."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any, get_args

from sqlalchemy.orm import Session

from functions import registry
from functions.cli.evaluate_many import EvaluatedVersion, evaluate_many, table
from functions.domain.answer import LEARNERS, Learner
from functions.errors import Malformed, UnknownVersion
from functions.learners.evaluation.metrics import Evaluation
from functions.learners.evaluation.readers.entries import ReadOptions
from functions.learners.evaluation.readers.read import Labelled, read_labelled, unread_lines
from functions.learners.evaluation.report import report
from functions.learners.litert import NoNetwork, output_count
from functions.records.database import Database
from functions.records.tables import Version
from functions.settings import Settings
from functions.store import open_store
from functions.training.cluster import open_cluster, require_ray

WORST = 60  # mistakes on the contact sheet
DEFAULT_SET = "digits"
PRINTED = "-"  # the file of --json without one
ABOUT = "evaluate a version on a labelled file"


def add_commands(subparsers: Any) -> None:
    """Add ``evaluate``; it sets ``command``, which takes the parsed arguments, the settings and the database."""
    parser = subparsers.add_parser("evaluate", help=ABOUT, description=ABOUT.capitalize() + ".")
    parser.add_argument(
        "version",
        nargs="+",
        help="a version's id, live:cnn, original:fnn, or the path of a .tflite or .npz file; several are compared",
    )
    parser.add_argument(
        "file", type=Path, help="npz, IDX (one of the two files), a folder of PNGs (folder/<label>/*.png), or strokes as JSON"
    )
    parser.add_argument("--set", default=None, help=f"symbol set of live:, original: and .tflite paths ({DEFAULT_SET})")
    parser.add_argument(
        "--json", nargs="?", const=PRINTED, metavar="FILE", help="every figure as JSON: printed, or written to FILE"
    )
    parser.add_argument("--picture", type=Path, help="PNG to write: the confusion matrix")
    parser.add_argument("--reliability", type=Path, help="PNG to write: the reliability diagram")
    parser.add_argument("--worst", type=Path, help="PNG to write: the worst mistakes")
    parser.add_argument("--limit", type=_count, help="evaluate only so many drawings, the first ones")
    parser.add_argument("--part", choices=("test", "train"), default="test", help="of an npz that has both (test)")
    parser.add_argument("--names", type=_names, help="the labels of a file's numbers 0, 1, 2...: 'ABC' or 'alpha beta'")
    parser.add_argument("--writers", type=_range, help="of strokes: only these writers, such as 13-30, by first appearance")
    parser.add_argument("--normalise", action="store_true", help="normalise pictures of any size as the platform does")
    parser.add_argument("--transposed", action="store_true", help="pictures lie on their side, as in EMNIST's own IDX files")
    parser.add_argument("--foreign", action="store_true", help='labels that the version lacks count as "not a symbol"')
    parser.set_defaults(command=run)


def run(chosen: argparse.Namespace, settings: Settings, database: Database) -> None:
    """Evaluate a version, print the figures, and write the requested files.

    Raises a Situation if the version, the file or an output folder cannot be used; the message says why.
    """
    file = None if chosen.json in (None, PRINTED) else Path(chosen.json)
    for path in (file, chosen.picture, chosen.reliability, chosen.worst):
        if path and not path.absolute().parent.is_dir():  # before minutes of inference
            raise Malformed(f"{path} cannot be written: there is no such folder.")
    with database.reading() as session:
        versions = [find(session, settings, named, chosen.set) for named in chosen.version]
    options = ReadOptions(
        chosen.part, chosen.names, chosen.writers, chosen.normalise, chosen.transposed, chosen.foreign, chosen.limit
    )
    if len(versions) > 1:
        _compare(chosen, settings, versions, options)
        return
    (version,) = versions
    read = read_labelled(chosen.file, version.labels, options)
    evaluation = Evaluation(version.labels, version.infer(read.squares.x), read.squares.y)
    left_out = {"unknown": read.unknown, "unread": [vars(one) for one in read.unread], "notes": list(read.notes)}
    figures = {"version": version.name, "file": chosen.file.name, **evaluation.figures(), **left_out}
    try:
        _tell(chosen, figures, [f"{version.name} on {chosen.file.name}\n\n{report(figures)}", *_remarks(read)])
        _write(chosen, evaluation, read, figures)
    except OSError as error:
        raise Malformed(f"{error.filename} cannot be written: {error.strerror}.") from None


def _compare(chosen: argparse.Namespace, settings: Settings, versions: list[EvaluatedVersion], options: ReadOptions) -> None:
    if chosen.picture or chosen.reliability or chosen.worst:
        raise Malformed("Pictures are of one version; of several there are a table and --json.")
    if settings.ray is not None:
        require_ray()
    figures = evaluate_many(versions, lambda labels: read_labelled(chosen.file, labels, options), open_cluster(settings))
    every = [{"version": version.name, "file": chosen.file.name, **one} for version, one in zip(versions, figures, strict=True)]
    _tell(chosen, every, [f"{chosen.file.name}\n", *table(versions, figures)])


def _tell(chosen: argparse.Namespace, figures: Any, lines: list[str]) -> None:
    if chosen.json == PRINTED:
        print(json.dumps(figures))
        return
    print("\n".join(lines))
    if chosen.json:
        Path(chosen.json).write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def find(session: Session, settings: Settings, named: str, set_name: str | None) -> EvaluatedVersion:
    """Return the version ``named`` (an id, ``live:cnn`` or ``original:fnn`` of a set, or a file), or raise a Situation."""
    role, colon, learner = named.partition(":")
    if colon and role in ("live", "original"):
        return _stored(_by_role(session, role, learner, set_name or DEFAULT_SET), settings)
    path = Path(named)
    if path.suffix in (".tflite", ".npz"):
        return _of_file(session, path, set_name or DEFAULT_SET)
    version = registry.version(session, named)
    if set_name not in (None, version.set_name):
        raise Malformed(f"Version {version.id} belongs to the set {version.set_name!r}, not to {set_name!r}.")
    return _stored(version, settings)


def _by_role(session: Session, role: str, learner: str, set_name: str) -> Version:
    if learner not in LEARNERS:
        raise Malformed(f"{role}: goes with {' or '.join(get_args(Learner))}, not with {learner!r}.")
    registry.symbol_set(session, set_name)
    versions = (registry.live if role == "live" else registry.original)(session, set_name)
    if learner not in versions:
        raise UnknownVersion(f"The set {set_name!r} has no {'live' if role == 'live' else 'shipped'} {learner.upper()}.")
    return versions[learner]


def _stored(version: Version, settings: Settings) -> EvaluatedVersion:
    tflite = registry.Artefacts(open_store(settings), settings.models).read(version, "tflite")
    return _exported(version.id, tuple(version.labels), tflite)


def _of_file(session: Session, path: Path, set_name: str) -> EvaluatedVersion:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise NoNetwork(f"{path} cannot be read: {error.strerror}.") from None
    if path.suffix == ".tflite":
        return _exported(path.name, registry.symbol_set(session, set_name).labels, body)
    from functions.learners.networks.export import inference_from_weights  # loads TensorFlow, which only weights need

    return EvaluatedVersion(path.name, inference_from_weights(body)[0], weights=body)


def _exported(name: str, labels: tuple[str, ...], tflite: bytes) -> EvaluatedVersion:
    try:
        count = output_count(tflite)
    except NoNetwork as problem:
        raise NoNetwork(f"{name}: {problem}") from None
    if count != len(labels) + 1:
        raise NoNetwork(
            f"{name} gives {count} numbers; with the {len(labels)} labels {' '.join(labels)} it would be {len(labels) + 1}: "
            "one for each, and the rejection. --set names another set."
        )
    return EvaluatedVersion(name, labels, tflite)


def _remarks(read: Labelled) -> list[str]:
    lines = [f"\nNote: {note}" for note in read.notes]
    if read.unknown:
        labels = ", ".join(f"{label!r} ({count:,})" for label, count in read.unknown.items())
        lines.append(f"\nLeft out, {sum(read.unknown.values()):,} with labels that this version does not know: {labels}")
    if read.unread:
        lines += [f"\nLeft out, {len(read.unread):,} that cannot be read:", *unread_lines(read.unread)]
    return lines


def _write(chosen: argparse.Namespace, evaluation: Evaluation, read: Labelled, figures: dict[str, Any]) -> None:
    if not (chosen.picture or chosen.reliability or chosen.worst):
        return
    from functions.learners.evaluation import plots  # matplotlib takes a second to load

    if chosen.picture:
        plots.confusion_picture(chosen.picture, evaluation.seen_confusion(), evaluation.labels)
    if chosen.reliability:
        plots.reliability_diagram(chosen.reliability, figures["reliability"])
    if chosen.worst:
        wrong, p = evaluation.mistakes(WORST)
        labels = (*evaluation.labels, plots.NOT_A_SYMBOL_NAME)
        true, given = evaluation.y[wrong], evaluation.seen[wrong]
        plots.worst_mistakes(chosen.worst, read.squares.x[wrong], [labels[i] for i in true], [labels[i] for i in given], p)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of drawings")
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split()) if len(text.split()) > 1 else tuple(text.strip())


def _range(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", text, re.ASCII)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last:
        raise argparse.ArgumentTypeError(f"{text!r} is no range of writers such as 13-30")
    return first, last
