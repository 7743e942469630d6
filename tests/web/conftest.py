"""The real app on SQLite and a folder, with tiny networks; workers are not there, so the tests drain and run by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from functions.app import create_app, open_platform
from functions.records.tokens import create_token
from functions.registry import Artefacts
from functions.serving.live_models import LiveModels
from functions.settings import Settings
from functions.web.platform import Platform
from functions.web.readiness import Readiness
from tests.support import tiny_models


class StillRuntime(LiveModels):
    """A runtime without a thread: a test looks for newer versions when it wants to."""

    def watch(self) -> None:
        """Do nothing."""


class CompiledTemplates(BytecodeCache):
    """The compiled templates of this process: each app would compile them anew, in a tenth of a second."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket; Jinja compares the checksum of the template's text."""
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a bucket."""
        self._compiled[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


class CompiledRule(Rule):
    """A rule of addresses whose builders this process compiles once: each app would compile them anew, half its time."""

    _compiled: ClassVar[dict[Any, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if key not in self._compiled:
            self._compiled[key] = super()._compile_builder(append_unknown)
        return self._compiled[key]


@pytest.fixture
def make_app(settings: Callable[..., Settings], tmp_path: Path, migrated_sqlite: Path) -> Iterator[Callable[..., Flask]]:
    """A factory of apps; whatever is given by name replaces a setting."""
    tiny_models.ship(tmp_path / "models")
    opened: list[Platform] = []

    def make(**changes: Any) -> Flask:
        chosen = settings(**{"models": tmp_path / "models", "admin_password": "the owner's password", "limits": False, **changes})
        shutil.copyfile(migrated_sqlite, chosen.home / "inkloop.sqlite")  # twice as fast as migrating each
        real = open_platform(chosen)
        runtime = StillRuntime(real.database, Artefacts(real.store, chosen.models))
        runtime.refresh()
        opened.append(replace(real, runtime=runtime, readiness=Readiness(kept=0)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Flask, "url_rule_class", CompiledRule)
            app = create_app(chosen, opened[-1])
        app.jinja_env.bytecode_cache = COMPILED
        return app

    yield make
    for platform in opened:
        platform.database.engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The app with the laptop's settings."""
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor's browser."""
    return app.test_client()


@pytest.fixture
def here(app: Flask) -> Platform:
    """The collaborators of ``app``."""
    return app.extensions["inkloop"]


@pytest.fixture
def owner(here: Platform) -> dict[str, str]:
    """The headers of an owner's token."""
    with here.database.writing() as session:
        return {"Authorization": f"Bearer {create_token(session, 'tests')}"}
