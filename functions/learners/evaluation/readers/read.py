"""Read any labelled file into squares. Entries that cannot be read are counted and reported."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from functions.errors import Situation
from functions.learners.evaluation.readers.arrays import IDX, NPZ, idx_entries, npz_entries
from functions.learners.evaluation.readers.drawings import folder_entries, stroke_entries, unpacked
from functions.learners.evaluation.readers.entries import BadCollection, Entries, ReadOptions, Unread
from functions.learners.squares import Squares


@dataclass(frozen=True)
class Labelled:
    """The squares of a file; their class is the position of the label, or ``len(labels)`` for "not a symbol"."""

    squares: Squares
    where: tuple[str, ...]  # (n,), each square's place in the file
    unknown: Mapping[str, int]  # labels that the set does not have, and how often
    unread: tuple[Unread, ...]
    notes: tuple[str, ...]  # further sentences about the file


def read_labelled(path: Path, labels: tuple[str, ...], ways: ReadOptions | None = None) -> Labelled:
    """Read a labelled file: npz, IDX (one of the two files), a folder of PNGs, or strokes as JSON lines or one JSON list.

    The kind follows from the contents, not from the name. A slow read shows a progress bar.

    Raises:
        BadCollection: the file is missing, it has another format, or no entry can be evaluated.
    """
    ways = ways or ReadOptions()
    entries = _entries(path, labels, ways)
    classes = {label: i for i, label in enumerate(labels)} | {None: len(labels)}
    squares, found, where, unknown, unread = [], [], [], Counter[str](), []
    with tqdm(total=entries.count, desc="reading", unit="drawing", delay=1, disable=None) as bar:
        for entry in entries.entries:
            bar.update()
            if isinstance(entry, Unread):
                unread.append(entry)
                continue
            if entry.label not in classes and not ways.foreign:
                unknown[str(entry.label)] += 1
                continue
            try:
                squares.append(entry.square())
            except Situation as problem:
                unread.append(Unread(entry.where, str(problem)))
                continue
            found.append(classes.get(entry.label, len(labels)))
            where.append(entry.where)
            if len(found) == ways.limit:
                break
    if not squares:
        raise BadCollection(_nothing(path, unknown, unread))
    x = np.stack(squares)
    return Labelled(Squares(x, np.array(found, np.int64)), tuple(where), dict(unknown), tuple(unread), entries.notes)


def _entries(path: Path, labels: tuple[str, ...], ways: ReadOptions) -> Entries:
    if path.is_dir():
        kind, entries = "a folder of pictures", folder_entries(path, labels)
    else:
        try:
            body = unpacked(path.read_bytes(), path.name)
        except OSError as error:
            raise BadCollection(f"{path} cannot be read: {error.strerror or 'it is damaged'}.") from None
        if body.startswith(NPZ):
            kind, entries = "npz", npz_entries(body, path.name, labels, ways)
        elif body.startswith(IDX):
            kind, entries = "IDX", idx_entries(path, body, labels, ways)
        else:
            return stroke_entries(body, path.name, ways)
    if ways.writers is not None:
        raise BadCollection(f"Only strokes name their writers; {path.name} is {kind}.")
    return entries


def _nothing(path: Path, unknown: Counter[str], unread: list[Unread]) -> str:
    reasons = [f"nothing in {path.name} can be evaluated"]
    if unknown:
        shown = ", ".join(repr(label) for label, _ in unknown.most_common(5))
        reasons.append(f"{unknown.total()} drawings have labels that are not in the set ({shown})")
    reasons += [f"{len(unread)} cannot be read ({unread[0].where}: {unread[0].why.rstrip('.')})"] if unread else []
    words = "; ".join(reasons)
    return f"{words[0].upper()}{words[1:]}."


def unread_lines(unread: tuple[Unread, ...], most: int = 10) -> list[str]:
    """Return lines about the entries that could not be read; the first ``most`` one by one."""
    lines = [f"  {one.where}: {one.why}" for one in itertools.islice(unread, most)]
    return lines + ([f"  and {len(unread) - most} more"] if len(unread) > most else [])
