"""Read any labelled file into what can be judged. What cannot be read is counted and told, never dropped. No keras here."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from functions.errors import Situation
from functions.learners.evaluation.readers.arrays import idx_entries, is_idx, is_npz, npz_entries
from functions.learners.evaluation.readers.drawings import folder_entries, stroke_entries, unpacked
from functions.learners.evaluation.readers.entries import BadCollection, Entries, ReadOptions, Unread
from functions.learners.squares import Squares

__all__ = ["BadCollection", "Labelled", "ReadOptions", "Unread", "read_labelled"]


@dataclass(frozen=True)
class Labelled:
    """What a file holds: squares whose class is the place of their label, or ``len(labels)`` for "not a symbol"."""

    squares: Squares
    where: tuple[str, ...]  # (n,), each square's place in the file
    unknown: Mapping[str, int]  # labels that the set does not have, and how often
    unread: tuple[Unread, ...]
    notes: tuple[str, ...]  # what else should be known, in words


def read_labelled(path: Path, labels: tuple[str, ...], ways: ReadOptions | None = None) -> Labelled:
    """Read a labelled file: npz, IDX (one of the two files), a folder of PNGs, or strokes as JSON lines or one JSON list.

    The kind is seen from the contents, not from the name. Shows a progress bar when it takes long.

    Raises:
        BadCollection: there is nothing there, it is none of these, or nothing in it can be judged.
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
        if is_npz(body):
            kind, entries = "npz", npz_entries(body, path.name, labels, ways)
        elif is_idx(body):
            kind, entries = "IDX", idx_entries(path, body, labels, ways)
        else:
            return stroke_entries(body, path.name, ways)
    if ways.writers is not None:
        raise BadCollection(f"Only strokes name their writers; {path.name} is {kind}.")
    return entries


def _nothing(path: Path, unknown: Counter[str], unread: list[Unread]) -> str:
    reasons = [f"nothing in {path.name} can be judged"]
    if unknown:
        shown = ", ".join(repr(label) for label, _ in unknown.most_common(5))
        reasons.append(f"{unknown.total()} drawings have labels that are not in the set ({shown})")
    reasons += [f"{len(unread)} cannot be read ({unread[0].where}: {unread[0].why.rstrip('.')})"] if unread else []
    words = "; ".join(reasons)
    return f"{words[0].upper()}{words[1:]}."


def unread_lines(unread: tuple[Unread, ...], most: int = 10) -> list[str]:
    """Return lines that tell what could not be read and why; the first ``most`` one by one."""
    lines = [f"  {one.where}: {one.why}" for one in itertools.islice(unread, most)]
    return lines + ([f"  and {len(unread) - most} more"] if len(unread) > most else [])
