"""The verbs *backup* and *restore*: the database and the objects in one file, and back into an empty platform.

The rows are those of one moment, also while people draw. The objects are copied afterwards: a picture of those rows is in the
store by then, or its bytes are among the rows of the outbox. An object that is deleted meanwhile was withdrawn.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table

from functions.dataset.exchange.image_folder import json_line
from functions.dataset.exchange.zip_stream import ExportFile, zipped
from functions.errors import Conflict, Malformed, MissingObject
from functions.records import table_dump
from functions.records.database import Database
from functions.records.migrate import newest
from functions.store import Store

FORMAT = "inkloop-backup-1"
ABOUT = "backup.json"
OBJECTS = "objects/"
NO_OBJECTS = ("exports/", "imports/")  # they can be made again
TYPES = {"png": "image/png", "json": "application/json", "tflite": "application/vnd.tflite", "npz": "application/x-npz"}


@dataclass
class Copied:
    """The numbers of rows and objects."""

    rows: int = 0
    objects: int = 0


def backup(database: Database, store: Store, file: Path, on_object: Callable[[int], None] = lambda count: None) -> Copied:
    """Write everything into ``file``, which appears when it is complete; the platform may go on meanwhile."""
    done = Copied()
    unfinished = file.with_name(f"{file.name}.unfinished")
    with unfinished.open("wb") as written:
        for piece in zipped(_files(database, store, done, on_object)):
            written.write(piece)
    unfinished.replace(file)
    return done


def restore(database: Database, store: Store, file: Path, on_object: Callable[[int], None] = lambda count: None) -> Copied:
    """Bring back what ``file`` has; a repeated call after a kill goes on.

    Raises:
        Malformed: the file is no complete backup; nothing was changed.
        Conflict: somebody has drawn for this platform already, or the backup is of another release.
    """
    done = Copied()
    try:
        with zipfile.ZipFile(file) as archive:
            about = json.loads(archive.read(ABOUT))
            if about.get("format") != FORMAT or archive.testzip() is not None:
                raise Malformed("The file is no backup, or is damaged.")
            if about["revision"] != newest():
                raise Conflict("The backup is of another release. Restore it with that release, then start this one.")
            with database.reading() as session:
                if not table_dump.is_unused(session):
                    raise Conflict("This platform has drawings already; restore into an empty one.")
            # The objects first: if this is interrupted, the platform is still empty, and the same call does it again.
            for name in archive.namelist():
                if name.startswith(OBJECTS):
                    ending = name.rpartition(".")[2]
                    store.put(name.removeprefix(OBJECTS), archive.read(name), TYPES.get(ending, "application/octet-stream"))
                    done.objects += 1
                    on_object(1)
            with database.writing() as session:
                table_dump.clear(session)
                for table in table_dump.tables():
                    with archive.open(f"tables/{table.name}.jsonl") as lines:
                        done.rows += table_dump.load(session, table, (json.loads(line) for line in lines))
                table_dump.go_on_counting(session)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        raise Malformed(f"The file is no complete backup ({type(error).__name__}).") from None
    return done


def _files(database: Database, store: Store, done: Copied, on_object: Callable[[int], None]) -> Iterator[ExportFile]:
    yield ExportFile(ABOUT, json.dumps({"format": FORMAT, "revision": newest()}).encode())
    with table_dump.one_moment(database) as connection:
        for table in table_dump.tables():
            yield ExportFile(f"tables/{table.name}.jsonl", _lines(connection, table, done))
    for key in store.keys(""):
        if not key.startswith(NO_OBJECTS):
            with suppress(MissingObject):
                yield ExportFile(f"{OBJECTS}{key}", store.get(key))
                done.objects += 1
                on_object(1)


def _lines(connection: Connection, table: Table, done: Copied) -> Iterator[bytes]:
    for row in table_dump.dump(connection, table):
        done.rows += 1
        yield json_line(row)
