"""The only reader of the environment."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast, get_args

from functions import service_urls, web_settings
from functions.domain.prompts import Ask
from functions.domain.trust import Mode
from functions.errors import BadSettings

Log = Literal["requests", "problems", "json"]  # what is logged: a sentence for each request, none, or all as JSON
Exports = Literal["owner", "public"]  # who may take the dataset out
Webhooks = Literal["public", "any"]  # whether webhooks may reach private addresses
Train = Literal["grown", "asked"]  # a full retraining starts when a set has grown by a tenth, or only on request

ROOT = Path(__file__).resolve().parent.parent
# A PaaS sets one of these. Every deploy erases its disk, so the laptop defaults would lose drawings.
PAAS_MARKS = (
    *("DYNO", "RENDER", "FLY_APP_NAME", "RAILWAY_ENVIRONMENT", "K_SERVICE", "VCAP_APPLICATION", "WEBSITE_INSTANCE_ID"),
    *("SPACE_ID", "KUBERNETES_SERVICE_HOST"),  # Hugging Face Spaces, Kubernetes
)
LONGEST_LICENCE = 200  # characters: a name, or a sentence
REDIS = ("redis://", "rediss://")


@dataclass(frozen=True)
class Bucket:
    """An S3 bucket and the keys to it; ``endpoint`` is None for Amazon's own."""

    name: str
    endpoint: str | None = None
    prefix: str = ""
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    region: str = "us-east-1"


@dataclass(frozen=True)
class Settings:
    """The parsed settings. Without a ``bucket`` the store is a folder; without a ``redis_url`` the database shares limits."""

    home: Path
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    bucket: Bucket | None = None
    redis_url: str | None = field(default=None, repr=False)
    admin_password: str | None = field(default=None, repr=False)
    metrics_token: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 5000
    learn_after: float = 0.5
    train: Train = "grown"
    trust: Mode = "review"
    ask: Ask = "mixed"
    limits: bool = True
    log: Log = "requests"
    proxies: int = 0
    proxies_declared: bool = True  # by the owner, not only by the marks of a PaaS
    prefix: str = ""
    origins: tuple[str, ...] | None = None
    web_workers: int = 2
    web_threads: int = 4
    outbox_rows: int = 500_000  # 250,000 drawings: more than an hour of 50 a second
    outbox_megabytes: int = 4096
    licence: str = ""
    source_url: str = ""
    webhooks: Webhooks = "public"
    export: Exports = "owner"
    ray: str | None = None
    traces: bool = False
    sentry_dsn: str | None = field(default=None, repr=False)
    models: Path = ROOT / "models"
    given: frozenset[str] = field(default=frozenset(), repr=False)  # the names that the environment has, without their values

    @property
    def objects(self) -> Path:
        """The folder store's folder."""
        return self.home / "objects"

    @property
    def used_home(self) -> Path | None:
        """``home`` if the database or the objects are there, else None."""
        return self.home if self.bucket is None or self.database_url.startswith(f"sqlite:///{self.home}") else None

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings; create ``INKLOOP_HOME`` and the secret key if something is to be kept there and they are missing.

        Raises BadSettings if a value cannot be used, or if a PaaS would run with the laptop defaults.
        """
        home = Path(environ.get("INKLOOP_HOME") or "var").resolve()
        bucket = _bucket(environ)
        database_url = _database_url(environ.get("DATABASE_URL"), home)
        if _choice(environ, "INKLOOP_DISK", ("lasts", "erased"), "erased" if _paas(environ) else "lasts") == "erased":
            _refuse_laptop_defaults(environ, bucket)
        if bucket is None or not environ.get("DATABASE_URL") or not environ.get("SECRET_KEY"):
            _make_home(home)
        return cls(
            home=home,
            database_url=database_url,
            bucket=bucket,
            redis_url=_redis_url(environ),
            secret_key=web_settings.secret_key(environ.get("SECRET_KEY") or _kept_secret(home)),
            admin_password=web_settings.owner_password(environ.get("ADMIN_PASSWORD") or ""),
            metrics_token=web_settings.metrics_token(environ.get("INKLOOP_METRICS_TOKEN") or ""),
            host=service_urls.host(environ.get("INKLOOP_HOST") or "127.0.0.1"),
            port=_number(environ, "PORT", 5000),
            learn_after=_seconds(environ, "INKLOOP_LEARN_AFTER", 0.5),
            train=cast(Train, _choice(environ, "INKLOOP_TRAIN", get_args(Train), "grown")),
            trust=cast(Mode, _choice(environ, "INKLOOP_TRUST", get_args(Mode), "review")),
            ask=cast(Ask, _choice(environ, "INKLOOP_ASK", get_args(Ask), "mixed")),
            log=cast(Log, _choice(environ, "INKLOOP_LOG", get_args(Log), "requests")),
            limits=_choice(environ, "INKLOOP_LIMITS", ("on", "off"), "on") == "on",
            proxies=_number(environ, "INKLOOP_PROXIES", 1 if _paas(environ) else 0, least=0, most=5),  # a PaaS has one proxy
            proxies_declared=bool(environ.get("INKLOOP_PROXIES")),
            prefix=web_settings.prefix(environ.get("INKLOOP_PREFIX") or ""),
            origins=web_settings.origins(environ.get("INKLOOP_ORIGINS") or "any"),
            web_workers=_number(environ, "WEB_WORKERS", 2),
            web_threads=_number(environ, "WEB_THREADS", 4),
            outbox_rows=_number(environ, "INKLOOP_OUTBOX_ROWS", 500_000, most=10**9),
            outbox_megabytes=_number(environ, "INKLOOP_OUTBOX_MB", 4096, most=10**6),
            licence=_licence(environ.get("INKLOOP_LICENCE", "").strip()),
            source_url=web_settings.source_url(environ.get("INKLOOP_SOURCE_URL", "").strip()),
            webhooks=cast(Webhooks, _choice(environ, "INKLOOP_WEBHOOKS", get_args(Webhooks), "public")),
            export=cast(Exports, _choice(environ, "INKLOOP_EXPORT", get_args(Exports), "owner")),
            ray=service_urls.ray_address(environ["INKLOOP_RAY"]) if environ.get("INKLOOP_RAY") else None,
            traces=_traces(environ),
            sentry_dsn=service_urls.sentry_dsn(environ["SENTRY_DSN"]) if environ.get("SENTRY_DSN") else None,
            models=Path(environ.get("INKLOOP_MODELS") or ROOT / "models").resolve(),
            given=frozenset(name for name, value in environ.items() if value),
        )


def _database_url(url: str | None, home: Path) -> str:
    return service_urls.database_url(url) if url else f"sqlite:///{home / 'inkloop.sqlite'}"


def _redis_url(environ: Mapping[str, str]) -> str | None:
    if url := environ.get("REDIS_URL"):
        return service_urls.redis_url(url)
    # Earlier versions shared the rate limits through QUEUE_URL, if it named a Redis.
    earlier = environ.get("QUEUE_URL", "")
    return earlier if earlier.startswith(REDIS) else None


def _bucket(environ: Mapping[str, str]) -> Bucket | None:
    def first(*names: str) -> str | None:
        return next((environ[name] for name in names if environ.get(name)), None)

    # Heroku's Bucketeer and Fly's Tigris set names of their own.
    name = first("S3_BUCKET", "BUCKETEER_BUCKET_NAME", "BUCKET_NAME")
    if name is None:
        return None
    endpoint = first("S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
    return Bucket(
        name=service_urls.bucket_name(name),
        endpoint=service_urls.endpoint_url(endpoint) if endpoint else None,
        prefix=(first("S3_PREFIX") or "").strip("/"),
        access_key=first("AWS_ACCESS_KEY_ID", "BUCKETEER_AWS_ACCESS_KEY_ID"),
        secret_key=first("AWS_SECRET_ACCESS_KEY", "BUCKETEER_AWS_SECRET_ACCESS_KEY"),
        region=first("AWS_REGION", "BUCKETEER_AWS_REGION") or "us-east-1",
    )


def _traces(environ: Mapping[str, str]) -> bool:
    """Tell whether OpenTelemetry's own variables ask for traces. It reads the variables itself."""
    asked = environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    off = environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none"
    return bool(asked) and not off


def _paas(environ: Mapping[str, str]) -> str | None:
    return next((mark for mark in PAAS_MARKS if environ.get(mark)), None)


def _refuse_laptop_defaults(environ: Mapping[str, str], bucket: Bucket | None) -> None:
    missing = [name for name in ("DATABASE_URL", "SECRET_KEY", "ADMIN_PASSWORD") if not environ.get(name)]
    if bucket is None:
        missing.append("S3_BUCKET")
    if missing:
        names = ", ".join(missing)
        why = f"{mark} is set" if (mark := _paas(environ)) else "INKLOOP_DISK=erased"
        raise BadSettings(
            f"This platform erases its disk ({why}): set {names} before starting. "
            "If INKLOOP_HOME is on a volume that lasts, set INKLOOP_DISK=lasts."
        )


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        raise BadSettings(f"INKLOOP_HOME ({home}) cannot be written: {error.strerror or error}. Name another folder.") from None


def _kept_secret(home: Path) -> str:
    path = home / "secret_key"
    try:
        if not path.exists():
            made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
            made.touch(mode=0o600)
            made.write_text(secrets.token_urlsafe(48))
            # A link appears complete or not at all: if two processes start at once, both read the same key.
            with suppress(FileExistsError):
                path.hardlink_to(made)
            made.unlink()
        return path.read_text()
    except OSError as error:
        raise BadSettings(f"The secret key in INKLOOP_HOME ({path}) cannot be kept or read: {error.strerror or error}.") from None


def _licence(text: str) -> str:
    if len(text) > LONGEST_LICENCE or not text.isprintable():
        raise BadSettings(f"INKLOOP_LICENCE must be the name of a licence, one line of at most {LONGEST_LICENCE} characters.")
    return text


def _number(environ: Mapping[str, str], name: str, default: int, least: int = 1, most: int = 65535) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise BadSettings(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name) or str(default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise BadSettings(f"{name} must be seconds from 0 to 86400, not {text!r}.")
    return seconds


def _choice(environ: Mapping[str, str], name: str, choices: tuple[str, ...], default: str) -> str:
    text = environ.get(name) or default
    if text not in choices:
        raise BadSettings(f"{name} must be one of {', '.join(choices)}, not {text!r}.")
    return text
