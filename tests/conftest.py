"""What the tests of several rooms share: real servers, fresh databases, buckets and settings."""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session as Boto
from redis import Redis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine, make_url

from functions import jobs
from functions.learners.squares.shipped import ShippedSet, load_shipped
from functions.records.database import Database, open_database
from functions.records.migrate import migrate
from functions.records.tables import now
from functions.registry import Artefacts
from functions.settings import ROOT, Bucket, Settings
from functions.store import FolderStore, Store
from functions.store.s3 import S3Store
from functions.verbs.learn import learn
from tests import servers
from tests.support import examples  # noqa: F401  (Hypothesis must know the profile before it chooses one)
from tests.support.fake_trainers import FakeTrainer

XLA_CACHE = 256_000_000  # bytes; one state of the code needs about 15 million
MEMORY = Path("/dev/shm")  # a file system in memory, which Linux has
TEMPORARY = 2_000_000_000  # bytes that the tests may keep in temporary files; a whole run needs a quarter


def pytest_configure(config: pytest.Config) -> None:
    """Keep temporary files in memory, and let XLA keep the steps that it compiles, also for later runs.

    A killed process loses nothing that it wrote, on a disk or in memory, but a disk lets every transaction wait.
    Where tests run side by side, each process computes on one core: two that both want all of them keep each other waiting.
    """
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > TEMPORARY:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # let tempfile read TMPDIR again
    if getattr(config.option, "numprocesses", None):
        for threads in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"):
            os.environ.setdefault(threads, "1")
    if not hasattr(config, "workerinput") and "TF_XLA_FLAGS" not in os.environ:
        # This run's other processes inherit it.
        os.environ["TF_XLA_FLAGS"] = f"--tf_xla_persistent_cache_directory={_xla_cache()}"


def _xla_cache() -> Path:
    """Return the folder of what XLA compiles, one for the packages and the processor: compiled code fits no others."""
    cpu = Path("/proc/cpuinfo")
    flags = next((line for line in cpu.read_text().splitlines() if line.startswith("flags")), "") if cpu.exists() else ""
    facts = [
        platform.machine(),
        platform.processor(),
        flags,
        (ROOT / "requirements.txt").read_text(),
        (ROOT / "requirements-web.txt").read_text(),
    ]
    folder = servers.cache() / f"xla-{hashlib.sha256(repr(facts).encode()).hexdigest()[:12]}"
    if folder.exists() and sum(path.stat().st_size for path in folder.glob("*")) > XLA_CACHE:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(exist_ok=True)
    return folder


@pytest.hookimpl(wrapper=True, tryfirst=True)  # marks before pytest chooses by markers, and sorts what it chose
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Leave PostgreSQL to the long run where a file is ``above_sql``; let files begin in the order that keeps all processes busy.

    SQL itself is tested on every database each time: records, jobs, registry, and the verbs with their locks. A file that is
    ``above_sql`` tests what is decided with rows that were read, and each query below it has such a test.
    """
    for item in items:
        chosen = getattr(item, "callspec", None)
        if item.get_closest_marker("above_sql") and chosen and chosen.params.get("database_url") == "postgres":
            item.add_marker(pytest.mark.long_run)
    yield
    later = {item.path for item in items if _wants_minio(item)}  # in a fresh home it is still being built
    items.sort(key=lambda item: (item.path in later, item.get_closest_marker("starts_early") is None))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Get a browser before the first test, whose time is limited, and only if a test wants it."""
    if not session.config.option.collectonly and any("chromium" in getattr(item, "fixturenames", ()) for item in session.items):
        servers.chromium()


@pytest.hookimpl(wrapper=True, tryfirst=True)  # before the time of the test begins
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Wait for MinIO, which takes minutes to build, before the first test that wants it."""
    if _wants_minio(item):
        servers.minio_binary()
    return (yield)


def _wants_minio(item: pytest.Item) -> bool:
    if os.environ.get("S3_TEST_ENDPOINT"):
        return False
    chosen = getattr(item, "callspec", None)
    return "minio" in getattr(item, "fixturenames", ()) or bool(chosen and chosen.params.get("store") == "s3")


@pytest.fixture
def settings(tmp_path: Path) -> Callable[..., Settings]:
    """A factory of settings with a home of their own; whatever is given by name replaces a default."""
    home = tmp_path / "home"
    home.mkdir()
    plain = Settings(home=home, database_url=f"sqlite:///{home / 'inkloop.sqlite'}", secret_key="for tests only " * 3)
    return lambda **changes: replace(plain, **changes)


@pytest.fixture(scope="session")
def seeds() -> ShippedSet:
    """What ships in ``models/`` for the digits."""
    return load_shipped(ROOT / "models", "digits")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium."""
    return servers.chromium()


# --- S3 ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def s3_server() -> Iterator[Bucket]:
    """An S3 server: where it is and the keys to it (the bucket's name is still empty)."""
    if endpoint := os.environ.get("S3_TEST_ENDPOINT"):
        user = os.environ.get("AWS_ACCESS_KEY_ID", "minioadmin")
        yield Bucket("", endpoint=endpoint, access_key=user, secret_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "minioadmin"))
        return
    server = servers.Held("minio")
    yield Bucket("", **server.facts)
    server.stop()


@pytest.fixture(scope="session")
def s3_owner(s3_server: Bucket) -> object:
    """A plain boto3 client with the server's keys, for what the store itself never does."""
    boto = Boto(s3_server.access_key, s3_server.secret_key, region_name=s3_server.region)
    return boto.client("s3", endpoint_url=s3_server.endpoint)


@pytest.fixture
def minio(s3_server: Bucket, s3_owner: object) -> Iterator[Bucket]:
    """A fresh bucket on a real S3 server."""
    bucket = replace(s3_server, name=f"inkloop-{secrets.token_hex(6)}")
    s3_owner.create_bucket(Bucket=bucket.name)
    yield bucket
    if os.environ.get("S3_TEST_ENDPOINT"):  # our own server goes as a whole
        store = S3Store(bucket)
        for key in list(store.keys()):
            store.delete(key)
        s3_owner.delete_bucket(Bucket=bucket.name)


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Every object store in turn, empty."""
    if request.param == "folder":
        return FolderStore(tmp_path / "objects")
    return S3Store(request.getfixturevalue("minio"))


# --- databases --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Engine]:
    """A connection with the right to make databases on a PostgreSQL server."""
    held = None if os.environ.get("DATABASE_TEST_URL") else servers.Held("postgres")
    url = make_url(held.facts["url"] if held else os.environ["DATABASE_TEST_URL"]).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()
    if held:
        held.stop()


def _made_database(server: Engine, template: str = "template1") -> str:
    name = f"inkloop_{secrets.token_hex(6)}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    return name


def _url(server: Engine, name: str) -> str:
    return server.url.set(database=name).render_as_string(hide_password=False)


def _drop(server: Engine, name: str) -> None:
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def postgres_url(postgres_server: Engine) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh database on a real PostgreSQL, without tables."""
    name = _made_database(postgres_server)
    yield _url(postgres_server, name)
    _drop(postgres_server, name)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: Engine) -> Iterator[str]:
    """The name of a migrated, empty database that others are copied from: ten times faster than migrating each."""
    name = _made_database(postgres_server)
    database = open_database(_url(postgres_server, name))
    migrate(database)
    database.engine.dispose()  # a template must have no visitors
    yield name
    _drop(postgres_server, name)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file that others are copied from."""
    path = tmp_path_factory.mktemp("migrated") / "inkloop.sqlite"
    database = open_database(f"sqlite:///{path}")
    migrate(database)
    database.engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database of every kind in turn."""
    if request.param == "sqlite":
        path = tmp_path / "inkloop.sqlite"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    server: Engine = request.getfixturevalue("postgres_server")
    name = _made_database(server, request.getfixturevalue("migrated_postgres"))
    yield _url(server, name)
    _drop(server, name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated database of every kind in turn."""
    opened = open_database(database_url)
    yield opened
    opened.engine.dispose()


# --- Redis ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a Redis of this process's own."""
    server = servers.Held("redis")
    yield server.facts["url"]
    server.stop()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of an empty Redis."""
    with Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


# --- runs -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def trainers() -> dict[str, FakeTrainer]:
    """Trainers of both learners, without TensorFlow."""
    return {"fnn": FakeTrainer(), "cnn": FakeTrainer()}


@pytest.fixture
def do_run(database: Database, tmp_path: Path, trainers: dict[str, FakeTrainer]) -> Callable[..., tuple[Any, Any]]:
    """Lease a run and do it, with the trainers ``by`` if they are given: a run of a kind, or the run that is due."""

    def do(kind: str | None = None, set_name: str = "digits", by: Any = None, kinds: Any = jobs.KINDS) -> tuple[Any, Any]:
        if kind is not None:
            with database.writing() as session:
                jobs.request(session, set_name, kind)
        claim = jobs.lease(database, now() + timedelta(seconds=1), kinds=kinds)
        artefacts = Artefacts(FolderStore(tmp_path / "objects"), tmp_path / "models")
        return claim, learn(database, artefacts, claim, by or trainers, lambda progress, step: None)

    return do
