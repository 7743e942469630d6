"""The commands of the guides work in the order of the page, and the other blocks of the documentation can be read."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.cli import __main__
from functions.records.database import Database, open_database
from functions.records.tables import new_id
from functions.verbs.contribute import Contribution, contribute
from tests.support.factories import seeded
from tests.support.sample_drawings import ONE, SEVEN, drawing, png
from tests.support.tiny_models import ship
from tests.test_docs import PAGES, ROOT, SHELL, name_of

GUIDES = ("docs/how-to.md", "docs/tutorial.md")
TOOL = ["python", "-m", "functions.cli"]
NOT_RUN = {  # a command, and why it is not run here
    "check": "it looks at this machine's port and at the real networks; tests/cli/test_check.py runs it",
}
FOUND = {"doctor": 1}  # a command that may also end with this status: it found something to do
JSON = re.compile(r"^```json\n(.*?)^```", re.DOTALL | re.MULTILINE)


def commands(page: str) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Yield the owner's-tool commands of a page's shell blocks: the variables in front, and the words."""
    for block in SHELL.findall((ROOT / page).read_text()):
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            words = shlex.split(line, comments=True)
            for start in range(len(words)):
                if words[start : start + 3] == TOOL:
                    yield dict(word.split("=", 1) for word in words[:start] if "=" in word), words[start + 3 :]


class Home:
    """A platform of somebody who follows a guide: drawings wait, and another version was live before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "home").mkdir()
        self.environ = {"INKLOOP_HOME": str(folder / "home"), "INKLOOP_MODELS": str(folder / "models")}
        self.database: Database = open_database(f"sqlite:///{folder / 'home' / 'inkloop.sqlite'}")
        seeded(self.database, folder / "models")
        ship(folder / "models", release="2")
        seeded(self.database, folder / "models")
        self.somebody = new_id()
        self.waiting = contribute(self.database, "moderated", Contribution("digits", "1", drawing(), self.somebody)).sample
        for label, fields in (("1", ONE), ("7", SEVEN)):
            (folder / "folder" / label).mkdir(parents=True)
            (folder / "folder" / label / "one.png").write_bytes(png(fields))

    def call(self, variables: dict[str, str], words: list[str]) -> int:
        """Run a command of a guide; what it restores goes into an empty home."""
        if words[0] == "restore":
            variables = variables | {"INKLOOP_HOME": str(self.folder / new_id())}
        return __main__.main([self.value(word, words[0]) for word in words], self.environ | variables)

    def value(self, word: str, command: str) -> str:
        """Return what somebody would write for a word of the guide in capitals."""
        if word == "ID":
            return {"moderate": self.waiting, "retract": self.somebody}.get(command) or self.token()
        return {"VERSION": "digits-cnn-1", "FOLDER": "folder", "URL": "https://h.example/x"}.get(word, word)

    def token(self) -> str:
        """Return the id of a token that was made before."""
        with self.database.engine.connect() as connection:
            return str(connection.exec_driver_sql("SELECT id FROM tokens").scalars().first())


@pytest.mark.parametrize("page", GUIDES)
def test_the_commands_of_a_guide_work_one_after_the_other(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    home = Home(tmp_path)
    wrong = []
    for variables, words in commands(page):
        if words[0] in NOT_RUN:
            continue
        status = home.call(variables, words)
        complaint = capsys.readouterr().err
        if status not in (0, FOUND.get(words[0])):
            wrong.append((words, status, complaint))
    assert not wrong


def test_a_guide_has_the_commands_that_are_said_not_to_run():
    named = {words[0] for page in GUIDES for _, words in commands(page)}
    assert set(NOT_RUN) | set(FOUND) <= named
    assert len(named) > 15


@pytest.mark.parametrize("page", [page for page in PAGES if SHELL.search(page.read_text())], ids=name_of)
def test_a_shell_can_read_every_block_of_a_page(page):
    for block in SHELL.findall(page.read_text()):
        read = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True)
        assert (read.returncode, read.stderr) == (0, ""), block


@pytest.mark.parametrize("page", [page for page in PAGES if JSON.search(page.read_text())], ids=name_of)
def test_every_block_of_json_is_json_but_for_what_it_leaves_out(page):
    for block in JSON.findall(page.read_text()):
        whole = re.sub(r"\{…[^}]*\}", "{}", block)
        json.loads(re.sub(r",\s*…", "", whole))
