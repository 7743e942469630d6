"""The command ``check``: tries everything that the platform needs before it starts, and says what to set."""

from __future__ import annotations

import argparse
import errno
import importlib.util
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from functions import telemetry
from functions.cli.command import add_command, tell
from functions.compute.ray_mapper import unreachable
from functions.errors import BadSettings, MissingObject, StoreUnavailable
from functions.learners.squares.shipped import load_shipped, shipped_sets
from functions.records.database import open_database, why_away, why_refused
from functions.records.migrate import newest, revision_of
from functions.records.tables import new_id
from functions.records.write_health import FULL, LEAST_FREE
from functions.registry.first_start import UNREACHABLE, try_redis
from functions.settings import Settings
from functions.store import delete_checked, open_store, put_checked
from functions.training.cluster import require_ray
from functions.web_settings import bind_once, why_not_bound

State = Literal["ok", "unused", "away", "wrong"]
LONGEST = 4.0  # seconds in which all checks end; with the start of Python, the command takes less than five
WRONG, AWAY = 2, 1  # exit statuses


@dataclass(frozen=True)
class Finding:
    """What a check found: ``wrong`` needs a change, ``away`` may come back by itself."""

    part: str
    state: State
    said: str


def add_commands(commands: Any) -> None:
    """Add ``check`` to the parser's subcommands."""
    about = "try the settings, the database, the store, Redis and the address, and say what to set"
    add_command(commands, "check", None, about).set_defaults(check=check)


def check(chosen: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print the findings as a table; return the exit status: 2 if something is wrong, 1 if something is only away."""
    findings = look(environ)
    for one in findings:
        tell(chosen, asdict(one), f"{one.part:9} {one.state:6} {one.said}")
    states = {one.state for one in findings}
    return WRONG if "wrong" in states else AWAY if "away" in states else 0


def look(environ: Mapping[str, str], seconds: float = LONGEST) -> list[Finding]:
    """Check everything at once, within ``seconds``; if a setting cannot be read, nothing else can be tried."""
    try:
        settings = Settings.from_env(environ)
    except BadSettings as problem:
        return [Finding("settings", "wrong", str(problem))]
    until = time.monotonic() + seconds
    begun = {part: _begun(part, try_it, settings) for part, (try_it, _) in CHECKS.items()}
    found = [Finding("settings", "ok", "All can be read.")]
    for part, future in begun.items():
        try:
            found.append(future.result(max(0.0, until - time.monotonic())))
        except TimeoutError:
            found.append(Finding(part, "away", f"No answer within {seconds:.0f} s. {CHECKS[part][1]}".strip()))
    return found


def _begun(part: str, try_it: Callable[[Settings], tuple[State, str]], settings: Settings) -> Future[Finding]:
    """Try in a thread that does not keep the command from ending: a server that drops packets answers after minutes."""
    future: Future[Finding] = Future()

    def run() -> None:
        try:
            future.set_result(Finding(part, *try_it(settings)))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def _folder(settings: Settings) -> tuple[State, str]:
    if settings.used_home is None:
        return "unused", "Database and objects are elsewhere."
    free = shutil.disk_usage(settings.used_home).free
    if free < LEAST_FREE:
        return "wrong", FULL
    return "ok", f"{settings.used_home} can be written; {free / 2**30:,.1f} GiB are free."


def _networks(settings: Settings) -> tuple[State, str]:
    try:
        names = sorted(shipped_sets(settings.models))
        for name in names:
            shipped = load_shipped(settings.models, name)
            for learner in shipped.entry["versions"]:
                shipped.artefact(learner, "tflite")
    except BadSettings as problem:
        return "wrong", str(problem)
    return "ok", f"The shipped networks of {', '.join(names)} are whole."


def _database(settings: Settings) -> tuple[State, str]:
    database = open_database(settings.database_url)
    try:
        with database.engine.connect().execution_options(reading=True) as connection:
            connection.execute(text("SELECT 1"))
        revision = revision_of(database)
    except DBAPIError as error:
        refused = why_refused(error)
        return ("away", why_away(error)) if refused is None else ("wrong", refused)
    finally:
        database.engine.dispose()
    if revision is None:
        return "ok", "It has no tables yet; the first process makes them."
    if revision < newest():
        return "ok", f"Its tables are of migration {revision}; the first process brings them to {newest()}."
    later = ", which a later release made" if revision > newest() else ""
    return "ok", f"Its tables are of migration {revision}{later}."


def _store(settings: Settings) -> tuple[State, str]:
    where = "The folder of INKLOOP_HOME" if settings.bucket is None else f"The bucket {settings.bucket.name}"
    key = f"checks/{new_id()}"
    try:
        store = open_store(settings)
        put_checked(store, key, b"check", "text/plain")
        store.get(key)
        next(iter(store.keys("checks/")), None)
        delete_checked(store, key)
    except (StoreUnavailable, MissingObject) as error:
        advice = getattr(error, "advice", "")
        elsewhere = "See INKLOOP_HOME." if settings.bucket is None else "See S3_BUCKET and S3_ENDPOINT_URL."
        said = f"{error} {advice or elsewhere}"
        return ("away" if any(name in said for name in UNREACHABLE) else "wrong"), said
    except ValueError as error:  # boto3 refuses a setting before it asks anybody
        return "wrong", f"{error} See S3_ENDPOINT_URL and AWS_REGION."
    return "ok", f"{where} can be written, read, listed and cleared."


def _redis(settings: Settings) -> tuple[State, str]:
    if settings.redis_url is None:
        return "unused", "Rate limits are shared through the database; REDIS_URL names a Redis."
    return try_redis(settings.redis_url)


def _address(settings: Settings) -> tuple[State, str]:
    where = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
    try:
        bind_once(settings.host, settings.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return "ok", f"A program listens at {where}; if that is not this platform, change PORT."
        return "wrong", why_not_bound(settings.host, settings.port, error)
    return "ok", f"{where} is free{f', below {settings.prefix}' if settings.prefix else ''}."


def _learning(settings: Settings) -> tuple[State, str]:
    if importlib.util.find_spec("tensorflow") is None:
        return "unused", "TensorFlow is not installed: web processes and `worker --no-learning` need none."
    return "ok", "TensorFlow is installed: a worker can learn here."


def _ray(settings: Settings) -> tuple[State, str]:
    if settings.ray is None:
        return "unused", "Workers train in their own processes; INKLOOP_RAY names a Ray cluster."
    try:
        require_ray()
    except BadSettings as problem:
        return "wrong", str(problem)
    if (why := unreachable(settings.ray)) is not None:
        return "away", f"The Ray cluster cannot be used: {why}. See INKLOOP_RAY. Full runs wait for it; all else goes on."
    if settings.bucket is None:
        return "ok", "Its port answers. The drawings are in a folder: its nodes must see the same folder, or set S3_BUCKET."
    return "ok", "Its port answers." if settings.ray != "auto" else "A worker will look for it on this machine."


def _telemetry(settings: Settings) -> tuple[State, str]:
    if not settings.traces and settings.sentry_dsn is None:
        return "unused", "OTEL_EXPORTER_OTLP_ENDPOINT would ask for traces, SENTRY_DSN for reports of errors."
    try:
        telemetry.require(settings)
    except BadSettings as problem:
        return "wrong", str(problem)
    return "ok", "The libraries of what is asked for are installed."


CHECKS: dict[str, tuple[Callable[[Settings], tuple[State, str]], str]] = {  # with what to look at if there is no answer
    "folder": (_folder, "See INKLOOP_HOME."),
    "networks": (_networks, "See INKLOOP_MODELS."),
    "database": (_database, "See DATABASE_URL."),
    "store": (_store, "See S3_ENDPOINT_URL."),
    "redis": (_redis, "See REDIS_URL."),
    "address": (_address, "See INKLOOP_HOST."),
    "learning": (_learning, ""),
    "ray": (_ray, "See INKLOOP_RAY."),
    "telemetry": (_telemetry, "See OTEL_EXPORTER_OTLP_ENDPOINT and SENTRY_DSN."),
}
