from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from functions.errors import BadSettings
from functions.settings import PAAS_MARKS, Bucket, Settings

PLATFORM = {
    "DYNO": "web.1",
    "DATABASE_URL": "postgres://u:p@h/d",
    "SECRET_KEY": "s" * 32,
    "ADMIN_PASSWORD": "only for these tests",
    "S3_BUCKET": "b",
}


def read(home: Path, **environ: str) -> Settings:
    return Settings.from_env({"INKLOOP_HOME": str(home), **environ})


def test_a_laptop_needs_nothing(tmp_path: Path) -> None:
    settings = read(tmp_path / "home")
    assert settings.database_url == f"sqlite:///{tmp_path / 'home' / 'inkloop.sqlite'}"
    assert (settings.bucket, settings.redis_url, settings.admin_password) == (None, None, None)
    assert (settings.port, settings.learn_after, settings.trust, settings.limits) == (5000, 0.5, "review", True)
    assert (settings.web_workers, settings.web_threads, settings.proxies) == (2, 4, 0)
    assert (settings.outbox_rows, settings.outbox_megabytes) == (500_000, 4096)


def test_the_secret_key_is_made_once_and_is_nobody_elses_business(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: read(tmp_path).secret_key, range(16)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 48
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_both_spellings_of_postgresql_are_accepted(tmp_path: Path, scheme: str) -> None:
    assert read(tmp_path, DATABASE_URL=f"{scheme}://u:p@h/d").database_url == "postgresql+psycopg://u:p@h/d"


def test_a_bucket_may_be_given_under_either_name(tmp_path: Path) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "eu-west-1"}
    bucket = read(tmp_path, S3_BUCKET="b", S3_PREFIX="/x/", S3_ENDPOINT_URL="http://h", **keys).bucket
    assert bucket == Bucket("b", "http://h", "x", "a", "s", "eu-west-1")
    assert read(tmp_path, **{f"BUCKETEER_{k}": v for k, v in keys.items()}, BUCKETEER_BUCKET_NAME="b").bucket == Bucket(
        "b", None, "", "a", "s", "eu-west-1"
    )


def test_a_bucket_that_fly_made_is_used_as_it_is(tmp_path: Path) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "auto"}
    made = {"BUCKET_NAME": "b", "AWS_ENDPOINT_URL_S3": "https://fly.storage.tigris.dev"}
    assert read(tmp_path, **made, **keys).bucket == Bucket("b", "https://fly.storage.tigris.dev", "", "a", "s", "auto")


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    shown = repr(read(tmp_path, **{**PLATFORM, "SECRET_KEY": "hidden-1" * 4, "ADMIN_PASSWORD": "hidden-2 hidden-2"}))
    keys = repr(Bucket("b", access_key="hidden-3", secret_key="hidden-4"))
    assert "hidden" not in shown + keys


@pytest.mark.parametrize("mark", PAAS_MARKS)
@pytest.mark.parametrize("missing", [name for name in PLATFORM if name != "DYNO"])
def test_a_platform_is_refused_the_laptops_defaults(tmp_path: Path, mark: str, missing: str) -> None:
    environ = {name: value for name, value in PLATFORM.items() if name not in (missing, "DYNO")}
    with pytest.raises(BadSettings, match=missing):
        read(tmp_path / "home", **environ, **{mark: "1"})
    assert not (tmp_path / "home").exists()


def test_a_platform_with_a_volume_that_lasts_may_keep_everything_there(tmp_path: Path) -> None:
    settings = read(tmp_path / "home", SPACE_ID="a/b", INKLOOP_DISK="lasts")
    assert (settings.bucket, settings.proxies) == (None, 1)
    with pytest.raises(BadSettings, match="INKLOOP_DISK"):
        read(tmp_path / "other", INKLOOP_DISK="erased")


def test_a_home_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadSettings, match="INKLOOP_HOME"):
        read(tmp_path / "file" / "home")
    (tmp_path / "home" / "secret_key").mkdir(parents=True)
    with pytest.raises(BadSettings, match="secret key"):
        read(tmp_path / "home")


def test_a_platform_that_keeps_nothing_at_home_needs_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    everything = PLATFORM | {"DATABASE_URL": "postgres://u:p@h/d"}
    assert Settings.from_env(everything | {"INKLOOP_HOME": str(tmp_path / "file" / "home")}).bucket is not None


def test_a_platform_with_everything_starts_and_has_one_proxy(tmp_path: Path) -> None:
    settings = read(tmp_path, **PLATFORM)
    assert (settings.proxies, settings.proxies_declared) == (1, False)
    declared = read(tmp_path, **PLATFORM, INKLOOP_PROXIES="2")
    assert (declared.proxies, declared.proxies_declared) == (2, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("PORT", "²"),
        ("WEB_WORKERS", "-1"),
        ("WEB_THREADS", "1.5"),
        ("INKLOOP_LEARN_AFTER", "soon"),
        ("INKLOOP_LEARN_AFTER", "-1"),
        ("INKLOOP_LEARN_AFTER", "nan"),
        ("INKLOOP_LEARN_AFTER", "inf"),
        ("INKLOOP_TRUST", "everybody"),
        ("INKLOOP_TRAIN", "sometimes"),
        ("INKLOOP_EXPORT", "friends"),
        ("INKLOOP_LICENCE", "CC-BY\n4.0"),
        ("INKLOOP_LIMITS", "maybe"),
        ("INKLOOP_LOG", "everything"),
        ("INKLOOP_PROXIES", "-1"),
        ("INKLOOP_PROXIES", "many"),
        ("INKLOOP_PREFIX", "ink"),
        ("INKLOOP_ORIGINS", "*"),
        ("SECRET_KEY", "sk"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=name):
        read(tmp_path, **{name: value})


def test_every_value_can_be_set(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        PORT="8000",
        INKLOOP_HOST="0.0.0.0",
        INKLOOP_LEARN_AFTER="2.5",
        INKLOOP_TRUST="open",
        INKLOOP_TRAIN="asked",
        INKLOOP_LICENCE="CC-BY-4.0",
        INKLOOP_EXPORT="public",
        INKLOOP_SOURCE_URL="https://git.example/ink/loop",
        INKLOOP_LIMITS="off",
        WEB_WORKERS="3",
        INKLOOP_PREFIX="/ink",
        INKLOOP_ORIGINS="https://a.example",
    )
    assert (settings.host, settings.port, settings.learn_after, settings.trust) == ("0.0.0.0", 8000, 2.5, "open")
    assert (settings.licence, settings.export) == ("CC-BY-4.0", "public")
    assert settings.source_url == "https://git.example/ink/loop"
    assert (settings.limits, settings.web_workers, settings.train) == (False, 3, "asked")
    assert (settings.prefix, settings.origins) == ("/ink", ("https://a.example",))


def test_a_kept_secret_key_that_somebody_has_shortened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("short")
    with pytest.raises(BadSettings, match="SECRET_KEY is too short"):
        read(tmp_path)
