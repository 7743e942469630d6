"""A filled set on SQLite and a folder, and what the database itself says about it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from functions import registry
from functions.dataset.exchange.export import Export, ExportRequest
from functions.records.database import Database, open_database
from functions.records.exported_samples import ExportFilter
from functions.store import FolderStore
from tests.support.filled_set import fill_set


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[tuple[Database, FolderStore]]:
    """The filled set, which no test changes."""
    home = tmp_path_factory.mktemp("filled")
    shutil.copyfile(migrated_sqlite, home / "inkloop.sqlite")
    database, store = open_database(f"sqlite:///{home / 'inkloop.sqlite'}"), FolderStore(home / "objects")
    fill_set(database, store)
    yield database, store
    database.engine.dispose()


@pytest.fixture
def export(filled: tuple[Database, FolderStore]) -> Callable[..., Export]:
    """A factory of exports of the filled set."""
    database, store = filled

    def make(format: str, *, form: str = "facts", licence: str = "CC-BY-4.0", **wanted: object) -> Export:
        with database.reading() as session:
            symbols = registry.symbol_set(session, "mixed")
        return Export(database, store, symbols, ExportRequest(format, ExportFilter(**wanted), form), licence)

    return make
