"""The owner's tool."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from werkzeug.security import check_password_hash

from functions import registry
from functions.cli import __main__
from functions.errors import StoreUnavailable
from functions.records.outbox import drain
from functions.records.owner_sessions import is_open, open_session
from functions.records.password import NAME
from functions.records.snapshots import keep_snapshot
from functions.records.tables import DrawingRow, Run, Sample, Setting, Token, Version, new_id
from functions.records.tokens import find_token
from functions.settings import ROOT
from functions.store import FolderStore
from functions.verbs.contribute import Contribution, contribute
from tests.support.factories import add_sample, seeded
from tests.support.sample_drawings import ONE, drawing, upload
from tests.support.tiny_models import ship


def test_a_token_is_shown_once_and_kept_as_a_hash(call, database):
    status, token, _ = call("token", "a script")
    assert status == 0
    with database.reading() as session:
        assert find_token(session, token.strip()).name == "a script"
        assert token.strip() not in session.scalar(select(Token.sha256))


def test_a_token_that_is_revoked_opens_nothing(call, database):
    texts = [call("token", name)[1].strip() for name in ("laptop", "stolen")]
    listed = call("tokens")[1].splitlines()
    assert [line.split()[-1] for line in listed] == ["stolen", "laptop"]
    assert not [text for text in texts if text in "".join(listed)]
    assert call("revoke-token", listed[0].split()[0])[0] == 0
    with database.reading() as session:
        assert find_token(session, texts[1]) is None
        assert find_token(session, texts[0]).name == "laptop"
    assert len(call("tokens")[1].splitlines()) == 1
    assert call("revoke-token", "none") == (2, "", "There is no token with that id.\n")


def test_the_owner_is_signed_out_everywhere(call, database):
    with database.writing() as session:
        opened = open_session(session, timedelta(hours=1))
    assert call("sign-out")[0] == 0
    with database.reading() as session:
        assert not is_open(session, opened)


def test_a_new_password_replaces_the_old_one(call, database):
    call("password")
    _, password, _ = call("password")
    with database.reading() as session:
        assert check_password_hash(session.get_one(Setting, NAME).value, password.strip())
    assert call("password", ADMIN_PASSWORD="only for these tests") == (
        2,
        "",
        "ADMIN_PASSWORD is set, so that is the owner's password.\n",
    )


def test_runs_are_asked_for_and_listed(call, database):
    _, said, _ = call("train", "digits")
    with database.reading() as session:
        run = session.scalars(select(Run)).one()
    assert said == f"Run {run.id} waits for a worker.\n"
    assert (run.kind, run.state) == ("train", "queued")
    _, listed, _ = call("runs", "digits")
    assert listed.startswith(f"{run.id}  ")
    assert "queued" in listed


def test_a_rollback_is_one_command(call, database, tmp_path):
    ship(tmp_path / "models", release="2")
    seeded(database, tmp_path / "models")
    status, said, _ = call("activate", "digits-cnn-1")
    assert (status, said) == (0, "Version digits-cnn-1 answers for the CNN of digits within a second.\n")
    with database.reading() as session:
        assert registry.live(session, "digits")["cnn"].id == "digits-cnn-1"
    _, listed, _ = call("versions", "digits")
    assert [line.split()[0] for line in listed.splitlines() if " live " in line] == ["digits-fnn-2", "digits-cnn-1"]


def test_a_contributor_is_retracted_and_forgotten_by_one_command(call, database):
    with database.writing() as session:
        sample = add_sample(session)
        session.get_one(DrawingRow, sample.drawing_id).contributor_id = sample.contributor_id
        keep_snapshot(session, "digits", "5" * 64, [sample.id])
        card = {"set_name": "digits", "learner": "cnn", "sha256": "0", "labels": [], "snapshot_id": "5" * 64}
        session.add(Version(id="b" * 32, parent_id="digits-cnn-1", **card))
    status, said, _ = call("retract", sample.contributor_id, "--forget")
    with database.reading() as session:
        run = session.scalars(select(Run)).one()
        assert session.get_one(Sample, sample.id).reason_figures == {"action": "retracted"}
    assert (run.kind, run.forget) == ("train", [sample.contributor_id])
    assert (status, said.splitlines()) == (
        0,
        [
            "1 drawings are withdrawn, 1 of them samples. Their objects are deleted within a minute.",
            "These versions learned from withdrawn samples of this contributor:",
            f"  {'b' * 32}",
            f"Run {run.id} waits for a worker, to unlearn the samples. Until it ends, the present versions stay live.",
        ],
    )
    assert call("retract", "nobody") == (2, "", "There is no contributor with that id.\n")


def test_mistakes_are_one_sentence(call, database):
    assert call("activate", "nothing") == (2, "", "There is no version with that id.\n")
    assert call("learn", "runes") == (2, "", "There is no symbol set called 'runes'.\n")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 0


def test_a_database_that_is_away_is_one_sentence(call):
    status, said, complaint = call("migrate", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert (status, said) == (1, "")
    assert complaint.startswith("The database at DATABASE_URL does not answer (connection failed: ")
    assert len(complaint.splitlines()) == 1


def test_an_empty_store_reindexes_to_nothing(call):
    status, said, _ = call("reindex")
    assert (status, said) == (0, "0 samples and 0 drawings were added; 0 objects cannot be read.\n")


def test_objects_that_reindex_cannot_use_are_told_with_the_reason(call, tmp_path):
    FolderStore(tmp_path / "home" / "objects").put("samples/digits/7/1.json", b"{", "application/json")
    _, said, _ = call("reindex")
    assert "1 objects cannot be read" in said
    assert "  samples/digits/7/1.json: These are not the facts of an object" in said


def test_an_audit_sends_again_what_the_store_lacks_and_says_so(call, database, tmp_path):
    store = FolderStore(tmp_path / "home" / "objects")
    for drawn in (drawing(), upload(ONE)):
        contribute(database, "open", Contribution("digits", "7", drawn, new_id()))
    drain(database, store)
    drain(database, store)
    assert call("audit")[1] == "2 drawings were compared; 0 objects were missing or different and are sent again.\n"
    for key in list(store.keys("samples/")):
        store.delete(key)
    _, said, _ = call("audit")
    assert said.splitlines() == [
        "2 drawings were compared; 3 objects were missing or different and are sent again.",
        "1 pictures are missing and cannot be made again to the byte; --remake makes them from the rows.",
    ]
    drain(database, store)
    assert "1 pictures are squares of 28 x 28 pixels, enlarged." in call("audit", "--remake")[1]


def test_files_of_runs_that_were_killed_are_deleted(call, database, tmp_path):
    store = FolderStore(tmp_path / "home" / "objects")
    store.put(f"versions/digits/{new_id()}.tflite", b"of a run that was killed", "x/y")
    assert call("sweep")[1] == "0 files are deleted within a minute.\n"
    assert call("sweep", "--hours", "0")[1].startswith("1 files are deleted within a minute.\n  versions/digits/")
    drain(database, store)
    drain(database, store)
    assert [key for key in store.keys("versions/") if "digits-" not in key] == []


def test_every_command_has_its_help(capsys):
    with pytest.raises(SystemExit) as end:
        __main__.main(["--help"])
    assert end.value.code == 0
    told = capsys.readouterr().out
    assert all(
        name in told
        for name in (
            "migrate",
            "token",
            "tokens",
            "revoke-token",
            "sign-out",
            "password",
            "reindex",
            "audit",
            "sweep",
            "runs",
            "learn",
            "train",
            "versions",
            "activate",
            "retract",
            "set",
            "predict",
            "contribute",
            "moderate",
            "rollback",
            "webhooks",
            "completion",
        )
    )


def test_what_nobody_taught_here_is_not_taught_again(call, database):
    status, _, complaint = call("retrain", "digits-cnn-1")
    assert status == 2
    assert "That version was shipped" in complaint


@pytest.mark.long_run
def test_a_command_loads_no_module_of_another_one():
    script = "import sys; from functions.cli.__main__ import main; main(['token', '--help'])"
    loaded = "import sys, atexit; atexit.register(lambda: print(*sys.modules)); " + script
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True, timeout=120)
    assert not {"redis", "boto3", "keras", "tensorflow", "functions.cli.exchange"} & set(done.stdout.split())


def test_the_tool_runs_from_any_folder(tmp_path):
    (tmp_path / "inkloop").symlink_to(ROOT / "bin" / "inkloop")
    environ = {**os.environ, "INKLOOP_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [tmp_path / "inkloop", "tokens"], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_what_may_work_later_has_another_status_than_what_is_wrong(call, database, monkeypatch):
    def away(*_):
        raise StoreUnavailable("The object store cannot be reached.")

    monkeypatch.setattr(FolderStore, "keys", away)
    assert call("sweep")[0] == 1
    assert call("versions", "runes")[0] == 2
