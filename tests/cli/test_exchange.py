from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from functions import registry
from functions.cli.__main__ import main
from functions.settings import Settings
from functions.store import open_store
from functions.worker.export_runs import export_next
from tests.support.filled_set import fill_set


@pytest.fixture
def environ(tmp_path: Path, migrated_sqlite: Path) -> dict[str, str]:
    """The environment of a home with a filled set."""
    environ = {"INKLOOP_HOME": str(tmp_path / "home")}
    (tmp_path / "home").mkdir()
    shutil.copyfile(migrated_sqlite, tmp_path / "home" / "inkloop.sqlite")
    settings = Settings.from_env(environ)
    database = registry.bootstrap(settings)
    fill_set(database, open_store(settings))
    database.engine.dispose()
    return environ


def test_export_writes_a_folder_or_a_file_and_says_what(environ, tmp_path, capsys):
    assert main(["export", "mixed", str(tmp_path / "out"), "--format", "parquet", "--split", "test"], environ) == 0
    said = capsys.readouterr().out
    assert "15 samples of mixed are in" in said and "no licence is chosen" in said
    assert [path.name for path in (tmp_path / "out" / "data").iterdir()] == ["test-00000.parquet"]
    npz = str(tmp_path / "mixed.npz")
    assert main(["export", "mixed", npz, "--format", "npz", "--labels", "0 1", "--json"], environ) == 0
    assert json.loads(capsys.readouterr().out)["samples"] == 10
    with np.load(npz) as arrays:
        assert set(arrays["y_train"]) <= {0, 1}


def test_export_into_the_bucket_is_done_by_a_worker(environ, capsys):
    settings = Settings.from_env(environ)
    stop = threading.Event()
    database, store = registry.bootstrap(settings), open_store(settings)

    def work():
        while not stop.wait(0.05):
            export_next(database, store, "", stop)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        assert main(["export", "mixed", "bucket:", "--format", "jsonl", "--json"], environ) == 0
    finally:
        stop.set()
        worker.join()
    said = json.loads(capsys.readouterr().out)
    assert said["state"] == "done"
    assert said["result"]["samples"] > 0
    assert any(".jsonl" in key for key in store.keys(said["folder"]))


def test_export_names_the_ending_that_a_format_has(environ, tmp_path, capsys):
    assert main(["export", "mixed", str(tmp_path / "mixed.zip"), "--format", "npz"], environ) == 2
    assert "is a .npz" in capsys.readouterr().err


def test_export_of_a_wrong_set_or_label_is_one_sentence(environ, tmp_path, capsys):
    assert main(["export", "nothing", str(tmp_path / "out")], environ) == 2
    assert main(["export", "mixed", str(tmp_path / "out"), "--labels", "Z"], environ) == 2
    assert "is not a label" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_import_says_what_would_happen_and_then_does_it(environ, tmp_path, capsys):
    assert main(["export", "mixed", str(tmp_path / "out.npz"), "--format", "npz"], environ) == 0
    other = {"INKLOOP_HOME": str(tmp_path / "other")}
    (tmp_path / "other").mkdir()
    shutil.copyfile(tmp_path / "home" / "inkloop.sqlite", tmp_path / "other" / "inkloop.sqlite")
    capsys.readouterr()
    arguments = ["import", "mixed", str(tmp_path / "out.npz"), "--licence", "CC0-1.0"]
    assert main([*arguments, "--dry-run"], other) == 0
    assert "would be imported into mixed" in capsys.readouterr().out
    assert main([*arguments, "--json"], other) == 0
    assert json.loads(capsys.readouterr().out)["read"] == 51
    assert main(["import", "mixed", str(tmp_path / "nothing.zip"), "--licence", "x"], other) == 2
    assert capsys.readouterr().err.strip().endswith("There is no such file or folder.")


@pytest.mark.long_run
def test_a_backup_comes_back_on_another_machine(environ, tmp_path, capsys):
    kept = str(tmp_path / "all.zip")
    assert main(["backup", kept], environ) == 0
    assert "rows and" in capsys.readouterr().out
    assert main(["restore", kept], environ) == 2
    assert "restore into an empty one" in capsys.readouterr().err
    assert main(["restore", kept], {"INKLOOP_HOME": str(tmp_path / "other")}) == 0
    assert main(["set", "show", "mixed"], {"INKLOOP_HOME": str(tmp_path / "other")}) == 0
    assert "drawings" in capsys.readouterr().out
