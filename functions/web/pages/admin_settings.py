"""The owner's page of settings: each with its value, where it comes from, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import make_url

from functions.settings import Settings
from functions.web.pages.admin import admin
from functions.web.pages.owner_page import page
from functions.web.platform import platform


@dataclass(frozen=True)
class Described:
    """A setting. ``value`` is None where nothing is set; ``kept`` is where a missing secret comes from; ``aliases`` work too."""

    name: str
    value: Callable[[Settings], str | None]
    secret: bool = False
    kept: str = "default"
    aliases: tuple[str, ...] = ()

    def source(self, settings: Settings) -> str:
        """Return where the value comes from: ``environment``, ``file``, ``database`` or ``default``."""
        return "environment" if {self.name, *self.aliases} & settings.given else self.kept


def _database(settings: Settings) -> str:
    return make_url(settings.database_url).render_as_string(hide_password=True)


def _redis(settings: Settings) -> str | None:
    if settings.redis_url is None:
        return None
    parts = urlsplit(settings.redis_url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _of_bucket(name: str) -> Callable[[Settings], str | None]:
    return lambda settings: None if settings.bucket is None else getattr(settings.bucket, name) or None


def _set(name: str) -> Callable[[Settings], str | None]:
    """Return whether a secret is set: its value never leaves the settings."""
    return lambda settings: "" if getattr(settings, name) is not None else None


def _kept(settings: Settings) -> str:
    return ""


GROUPS: dict[str, tuple[Described, ...]] = {
    "learning": (
        Described("INKLOOP_TRUST", lambda settings: settings.trust),
        Described("INKLOOP_LEARN_AFTER", lambda settings: f"{settings.learn_after:g}"),
        Described("INKLOOP_TRAIN", lambda settings: settings.train),
        Described("INKLOOP_RAY", lambda settings: settings.ray),
        Described("INKLOOP_ASK", lambda settings: settings.ask),
        Described("INKLOOP_LICENCE", lambda settings: settings.licence or None),
        Described("INKLOOP_SOURCE_URL", lambda settings: settings.source_url or None),
        Described("INKLOOP_EXPORT", lambda settings: settings.export),
    ),
    "storage": (
        Described("INKLOOP_HOME", lambda settings: str(settings.home)),
        Described("INKLOOP_DISK", lambda settings: "lasts" if settings.used_home else None),
        Described("INKLOOP_MODELS", lambda settings: str(settings.models)),
        Described("DATABASE_URL", _database),
        Described("S3_BUCKET", _of_bucket("name"), aliases=("BUCKETEER_BUCKET_NAME", "BUCKET_NAME")),
        Described("S3_ENDPOINT_URL", _of_bucket("endpoint"), aliases=("AWS_ENDPOINT_URL_S3",)),
        Described("S3_PREFIX", _of_bucket("prefix")),
        Described("AWS_REGION", _of_bucket("region"), aliases=("BUCKETEER_AWS_REGION",)),
        Described("AWS_ACCESS_KEY_ID", _of_bucket("access_key"), secret=True, aliases=("BUCKETEER_AWS_ACCESS_KEY_ID",)),
        Described("AWS_SECRET_ACCESS_KEY", _of_bucket("secret_key"), secret=True, aliases=("BUCKETEER_AWS_SECRET_ACCESS_KEY",)),
        Described("REDIS_URL", _redis, aliases=("QUEUE_URL",)),
        Described("INKLOOP_OUTBOX_ROWS", lambda settings: str(settings.outbox_rows)),
        Described("INKLOOP_OUTBOX_MB", lambda settings: str(settings.outbox_megabytes)),
    ),
    "web": (
        Described("INKLOOP_HOST", lambda settings: settings.host),
        Described("PORT", lambda settings: str(settings.port)),
        Described("INKLOOP_PREFIX", lambda settings: settings.prefix or None),
        Described("INKLOOP_PROXIES", lambda settings: str(settings.proxies)),
        Described(
            "INKLOOP_ORIGINS", lambda settings: "any" if settings.origins is None else " ".join(settings.origins) or "none"
        ),
        Described("INKLOOP_WEBHOOKS", lambda settings: settings.webhooks),
        Described("INKLOOP_LIMITS", lambda settings: "on" if settings.limits else "off"),
        Described("INKLOOP_LOG", lambda settings: settings.log),
        Described(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            lambda settings: "on" if settings.traces else None,
            aliases=("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_SDK_DISABLED", "OTEL_TRACES_EXPORTER"),
        ),
        Described("WEB_WORKERS", lambda settings: str(settings.web_workers)),
        Described("WEB_THREADS", lambda settings: str(settings.web_threads)),
    ),
    "secrets": (
        Described("SECRET_KEY", _kept, secret=True, kept="file"),
        Described("ADMIN_PASSWORD", _kept, secret=True, kept="database"),
        Described("INKLOOP_METRICS_TOKEN", _set("metrics_token"), secret=True),
        Described("SENTRY_DSN", _set("sentry_dsn"), secret=True),
    ),
}


@admin.get("/settings")
def settings() -> str:
    """Show every setting of this process."""
    used = platform().settings
    groups = {group: [_row(one, used) for one in described] for group, described in GROUPS.items()}
    return page("settings.html", groups=groups)


def _row(one: Described, used: Settings) -> dict[str, object]:
    value = one.value(used)
    return {
        "name": one.name,
        "value": None if one.secret else value,
        "hidden": one.secret and value is not None,
        "source": one.source(used),
    }
