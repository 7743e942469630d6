"""The files of the platforms (Heroku, Render, Fly, Docker, Compose, Kubernetes) agree with each other and with the settings."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from functions.settings import PAAS_MARKS, Settings

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
KNOWN = set(re.findall(r'"([A-Z][A-Z0-9]*_[A-Z0-9_]+|PORT)"', (ROOT / "functions" / "settings.py").read_text())) - set(PAAS_MARKS)
# What a platform, a program or an image reads itself.
THEIRS = {"PYTHON_VERSION", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "MPLCONFIGDIR", "PATH", "PYTHONPATH"}
NEEDED = {"DATABASE_URL", "SECRET_KEY", "ADMIN_PASSWORD"}  # without these the platform starts nowhere but on a laptop
OURS = {"migrate", "web", "worker"}
MANIFESTS = sorted(path for path in (ROOT / "deploy" / "kubernetes").rglob("*.yaml") if path.stem != "kustomization")


def text(name: str) -> str:
    return (ROOT / name).read_text()


def procfile() -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text("Procfile").splitlines())


def compose() -> dict[str, Any]:
    return yaml.safe_load(text("compose.yaml"))


def render() -> dict[str, Any]:
    return yaml.safe_load(text("render.yaml"))


def manifests() -> list[dict[str, Any]]:
    return [one for path in MANIFESTS for one in yaml.safe_load_all(path.read_text())]


def pods() -> dict[str, dict[str, Any]]:
    return {
        one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in manifests() if one["kind"] in ("Deployment", "Job")
    }


def dockerfile(instruction: str) -> list[str]:
    """Return what follows an instruction, each time it is there."""
    lines = text("Dockerfile").replace("\\\n", " ").splitlines()
    return [line.removeprefix(f"{instruction} ").strip() for line in lines if line.startswith(f"{instruction} ")]


def commands() -> Iterator[tuple[str, str]]:
    """Yield every command that a platform's file starts, with where it stands."""
    yield from ((f"Procfile {name}", command) for name, command in procfile().items())
    yield from (
        (f"compose.yaml {name}", one["command"])
        for name, one in compose()["services"].items()
        if name in OURS and "command" in one
    )
    for service in render()["services"]:
        yield from ((f"render.yaml {key}", service[key]) for key in ("startCommand", "preDeployCommand") if key in service)
    fly = tomllib.loads(text("fly.toml"))
    yield from ((f"fly.toml {name}", command) for name, command in fly["processes"].items())
    yield "fly.toml release", fly["deploy"]["release_command"]
    yield from ((f"kubernetes {name}", shlex.join(pod["containers"][0]["command"])) for name, pod in pods().items())
    yield from (
        ("Dockerfile", shlex.join(json.loads(command)))
        for command in dockerfile("CMD")
        if "gunicorn" in command or "main.py" in command
    )


def variables() -> Iterator[tuple[str, str]]:
    """Yield every variable that a platform's file sets for the platform's processes, with where it stands."""
    yield from (("app.json", name) for name in json.loads(text("app.json"))["env"])
    yield from (("compose.yaml", name) for one in OURS for name in compose()["services"][one]["environment"])
    yield from (("render.yaml", one["key"]) for service in render()["services"] for one in service["envVars"])
    yield from (("fly.toml", name) for name in tomllib.loads(text("fly.toml"))["env"])
    yield from (
        ("Dockerfile", name)
        for line in dockerfile("ENV")
        for name in re.findall(r"(?:^|\s)([A-Z_]+)=", line)
        if name[:3] != "PIP"
    )
    for one in manifests():
        yield from (("kubernetes", name) for name in one.get("data", {}))
    yield from (("kubernetes", one["name"]) for pod in pods().values() for one in pod["containers"][0].get("env", ()))
    yield from (("kubernetes", name) for name in re.findall(r"--from-literal=(\w+)=", text("deploy/kubernetes/settings.yaml")))


@pytest.mark.parametrize(("place", "name"), sorted(set(variables())))
def test_a_platforms_file_sets_only_settings_that_there_are(place: str, name: str) -> None:
    assert name in KNOWN | THEIRS


def test_every_setting_is_in_the_table_of_the_documentation() -> None:
    table = text("docs/running.md").split("## Settings")[1].split("\n## ")[0]
    assert {name for name in KNOWN if f"`{name}`" not in table and not name.startswith("BUCKETEER_")} == set()


@pytest.mark.parametrize(("place", "command"), sorted(set(commands())))
def test_a_platforms_command_starts_something_that_there_is(place: str, command: str) -> None:
    words = shlex.split(command)
    if words[0] == "gunicorn":
        assert words[-1] == "main:app"
        assert (ROOT / words[words.index("--config") + 1]).is_file()
    elif words[0] == "ray":
        assert words[1] == "start" and {"--head", "--address"} & set(words)
    elif words[1] == "-m":
        module = ROOT / Path(*words[2].split("."))
        assert module.with_suffix(".py").is_file() or (module / "__main__.py").is_file()
    else:
        assert (ROOT / words[1]).is_file()


def test_every_platform_migrates_before_a_release_starts() -> None:
    migrating = {place.split()[0] for place, command in commands() if command.endswith("functions.cli migrate")}
    assert migrating == {"Procfile", "compose.yaml", "render.yaml", "fly.toml", "kubernetes"}


def test_every_file_names_the_port_that_the_image_listens_on() -> None:
    fly = tomllib.loads(text("fly.toml"))
    port = re.search(r"PORT=(\d+)", text("Dockerfile")).group(1)
    ports = {fly["env"]["PORT"], str(fly["http_service"]["internal_port"]), *dockerfile("EXPOSE")}
    ports |= set(re.findall(r"WEB_PORT:(\d+)", text("deploy/compose/Caddyfile")))
    ports |= {str(one["containerPort"]) for one in pods()["inkloop-web"]["containers"][0]["ports"]}
    ports |= set(re.findall(r"^app_port: (\d+)$", text("deploy/huggingface/README.md"), re.MULTILINE))
    assert ports == {port}


def test_a_platform_asks_the_paths_that_answer() -> None:
    web = pods()["inkloop-web"]["containers"][0]
    alive = {web[probe]["httpGet"]["path"] for probe in ("livenessProbe", "startupProbe")}
    ready = {
        web["readinessProbe"]["httpGet"]["path"],
        *(one["path"] for one in tomllib.loads(text("fly.toml"))["http_service"]["checks"]),
    }
    ready |= {service["healthCheckPath"] for service in render()["services"] if service["type"] == "web"}
    # A process whose database is away is alive: to start it again would help nobody.
    assert (alive, ready) == ({"/healthz"}, {"/readyz"})
    assert "/healthz" in text("Dockerfile").split("HEALTHCHECK")[1]


def test_what_must_be_set_is_set_or_asked_for_everywhere() -> None:
    for service in render()["services"]:
        assert {one["key"] for one in service["envVars"]} >= NEEDED | {"S3_BUCKET"}
    for name in OURS:
        assert set(compose()["services"][name]["environment"]) >= NEEDED | {"S3_BUCKET"}
    assert set(json.loads(text("app.json"))["env"]) >= NEEDED - {"DATABASE_URL"}  # the add-on sets that one
    named = set(re.findall(r"--from-literal=(\w+)=", text("deploy/kubernetes/settings.yaml")))
    assert named | set(manifests()[0].get("data", {})) >= NEEDED
    assert all(f"{name}=" in text("docs/deploy.md") for name in NEEDED)


def test_compose_gives_settings_that_the_platform_accepts(tmp_path: Path) -> None:
    given = {
        "SECRET_KEY": "k" * 48,
        "ADMIN_PASSWORD": "only for these tests",
        "POSTGRES_PASSWORD": "of32letters",
        "MINIO_PASSWORD": "of32letters",
    }

    def filled(value: str) -> str:
        return re.sub(r"\$\{(\w+)(?::[-?]([^}]*))?\}", lambda found: given.get(found[1], found[2] or ""), value)

    environment = {name: filled(value) for name, value in compose()["services"]["web"]["environment"].items()}
    settings = Settings.from_env(environment | {"INKLOOP_HOME": str(tmp_path / "none")})
    assert settings.bucket is not None and settings.bucket.endpoint == "http://minio:9000"
    assert (settings.proxies, settings.redis_url) == (1, "redis://redis:6379")
    assert not (tmp_path / "none").exists()


def test_compose_has_no_password_of_its_own() -> None:
    used = re.findall(r"\$\{(\w*(?:PASSWORD|SECRET|KEY)\w*)(:?[-?]?)", text("compose.yaml"))
    assert {name for name, _ in used} == {"SECRET_KEY", "ADMIN_PASSWORD", "POSTGRES_PASSWORD", "MINIO_PASSWORD"}
    assert {how for _, how in used} == {":?"}  # Compose starts nothing without them
    assert all(f"{name}=$(openssl rand" in text("docs/deploy.md") for name, _ in used)


def test_containers_may_do_nothing_that_they_need_not() -> None:
    for name, pod in pods().items():
        container = pod["containers"][0]
        security = container["securityContext"]
        assert security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"], name
        assert security["capabilities"] == {"drop": ["ALL"]} and pod["securityContext"]["runAsNonRoot"], name
        assert "memory" in container["resources"]["limits"], name
    for name in OURS:
        service = compose()["services"][name]
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["tmpfs"] == ["/tmp"], name
    assert dockerfile("USER") == ["1000:1000"]


def test_a_process_gets_more_time_to_stop_than_it_takes() -> None:
    from functions.supervise import GRACE

    times = [pods()[name]["terminationGracePeriodSeconds"] for name in ("inkloop-web", "inkloop-worker")]
    times += [int(compose()["services"][name]["stop_grace_period"].removesuffix("s")) for name in ("web", "worker")]
    times += [service["maxShutdownDelaySeconds"] for service in render()["services"]]
    times.append(int(tomllib.loads(text("fly.toml"))["kill_timeout"].removesuffix("s")))
    assert min(times) > GRACE


def test_the_image_gets_every_file_that_it_copies_and_nothing_else() -> None:
    sent = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
    copied = {line.split()[0] for line in dockerfile("COPY") if not line.startswith("--from")}
    assert {one if "requirements" not in one else "requirements*.txt" for one in copied} == sent
    assert all((ROOT / one).exists() for one in copied)


@pytest.mark.parametrize(
    ("extras", "installed"),
    [("", []), ("telemetry parquet", ["requirements-telemetry.txt", "requirements-parquet.txt"]), ("tracing parquet", None)],
    ids=["none", "two", "an unknown one"],
)
def test_an_image_gets_the_options_that_are_named(tmp_path: Path, extras: str, installed: list[str] | None) -> None:
    (command,) = (line for line in dockerfile("RUN") if "EXTRAS" in line)
    fake = tmp_path / "pip"
    fake.write_text('#!/bin/sh\ntest -f "$3" && basename "$3"\n')
    fake.chmod(0o755)
    environ = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "EXTRAS": extras}
    command = command.replace("/build", str(ROOT))
    done = subprocess.run(["/bin/sh", "-c", command], env=environ, capture_output=True, text=True)
    if installed is None:
        assert done.returncode != 0
    else:
        assert (done.returncode, done.stdout.split()) == (0, installed)


def test_the_web_image_gets_no_tensorflow() -> None:
    stages = text("Dockerfile").split("\nFROM ")
    web = next(stage for stage in stages if stage.startswith("app AS web"))
    packages = next(stage for stage in stages if " AS packages-web" in stage)
    assert "--from=packages-web" in web
    assert "requirements.txt" not in packages and "requirements-web.txt" in packages
    assert not any("tensorflow" in line for line in text("requirements-web.txt").splitlines() if not line.startswith("#"))


def test_a_worker_and_the_nodes_of_its_cluster_are_one_image_and_find_the_package() -> None:
    stage = next(stage for stage in text("Dockerfile").split("\nFROM ") if stage.startswith("app AS ray"))
    assert "--from=packages-ray" in stage and "PYTHONPATH=/app" in stage
    (head,) = (pod["containers"][0] for name, pod in pods().items() if name == "inkloop-ray-head")
    (node,) = (pod["containers"][0] for name, pod in pods().items() if name == "inkloop-ray-node")
    (service,) = (one for one in manifests() if one["kind"] == "Service" and one["metadata"]["name"] == "inkloop-ray")
    ports = {one["name"]: str(one["port"]) for one in service["spec"]["ports"]}
    assert head["command"][head["command"].index("--ray-client-server-port") + 1] == ports["client"]
    assert node["command"][node["command"].index("--address") + 1] == f"inkloop-ray:{ports['gcs']}"
    assert head["image"] == node["image"] == "inkloop-ray"
    assert f"INKLOOP_RAY=ray://inkloop-ray:{ports['client']}" in text("docs/deploy.md")


def test_the_python_is_the_one_that_the_tests_run_on() -> None:
    version = text(".python-version").strip()
    assert {line.split()[0] for line in dockerfile("FROM") if line.startswith("python")} == {f"python:{version}-slim-bookworm"}
    assert {
        one["value"].rpartition(".")[0]
        for service in render()["services"]
        for one in service["envVars"]
        if one["key"] == "PYTHON_VERSION"
    } == {version}


def test_the_dashboard_and_the_alerts_ask_for_metrics_that_are_documented() -> None:
    asked = set(re.findall(r"inkloop_\w+", text("deploy/grafana/inkloop.json") + text("deploy/prometheus/alerts.yml")))
    told = set(re.findall(r"`(inkloop_\w+)", text("docs/monitoring.md")))
    assert {name.removesuffix("_bucket") for name in asked} == told - {"inkloop_outbox_bytes"}
    assert {"inkloop_requests_total", "inkloop_samples", "inkloop_gate_decisions"} <= asked


@pytest.mark.long_run
@pytest.mark.parametrize(
    "command",
    [
        ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"],
        ["check-jsonschema", "--schemafile", "tests/support/heroku_app.schema.json", "app.json"],
        ["kubernetes-validate", "--strict", *(str(path.relative_to(ROOT)) for path in MANIFESTS)],
        ["hadolint", "Dockerfile"],
    ],
    ids=["compose", "heroku", "kubernetes", "dockerfile"],
)
def test_the_files_follow_the_published_schemas(command: list[str]) -> None:
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
