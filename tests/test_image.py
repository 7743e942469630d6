"""The image's steps one after the other, and what they made as a container runs it: not root, on files that may only be read."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from sqlalchemy.engine import make_url

from functions.settings import Bucket
from functions.store.s3 import S3Store
from tests.servers import free_port
from tests.support.http_client import answers
from tests.support.relay import Relay
from tests.support.sample_drawings import SEVEN
from tests.test_deploy import ROOT, dockerfile, procfile, text
from tests.torture.installation import wait

pytestmark = [pytest.mark.long_run, pytest.mark.timeout(900)]
# A root of what an image has: the system, Python, the packages and the files, all to be read; /tmp in memory; /data if there is a
# volume. Every process is user 1000 without capabilities. Its arguments: the root, Python, the packages, the files, the volume.
CONTAINER = """
set -e
root=$1; python=$2; packages=$3; files=$4; volume=$5; shift 5
to_read() { mkdir -p "$root$2"; mount --bind "$1" "$root$2"; mount -o remount,bind,ro "$root$2"; }
mount -t tmpfs -o mode=755 tmpfs "$root"
for one in bin etc lib lib64 sbin usr; do
    if [ -L "/$one" ]; then cp -P "/$one" "$root/"; elif [ -d "/$one" ]; then to_read "/$one" "/$one"; fi
done
mkdir "$root/tmp" "$root/dev" "$root/proc" "$root/data"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir -m 1777 "$root/dev/shm"
for one in full null random urandom zero; do touch "$root/dev/$one"; mount --bind "/dev/$one" "$root/dev/$one"; done
mount --rbind /proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
to_read "$python" "$python"
to_read "$packages" "$packages"
to_read "$files" /app
[ -z "$volume" ] || mount --bind "$volume" "$root/data"
mount -o remount,ro "$root"
exec chroot "$root" setpriv --reuid 1000 --regid 1000 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \\
    sh -c 'cd /app && exec "$@"' sh "$@"
"""
LEARNING = 400.0  # seconds; an idle machine needs half a minute after the worker's start
SET = "/api/v1/sets/digits"
WRITES = "import pathlib, sys; [pathlib.Path(one, 'written').touch() for one in sys.argv[1:]]"


def steps(stage: str) -> list[str]:
    """Return the commands that a stage of the image runs."""
    (found,) = (one for one in text("Dockerfile").split("\nFROM ") if one.split("\n")[0].endswith(f" AS {stage}"))
    return re.findall(r"^RUN (.+)$", found, re.MULTILINE)


def copied_files(image: Path) -> None:
    """Put the files into a folder that the image gets."""
    for line in dockerfile("COPY"):
        source, target = line.split()[0], line.split()[-1]
        if not line.startswith("--from") and not source.startswith("requirements"):
            place = image / target / Path(source).name if target in ("./", "deploy/") else image / target
            place.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copyfile
            copy(ROOT / source, place, **({"ignore": shutil.ignore_patterns("__pycache__")} if copy is shutil.copytree else {}))


@dataclass(frozen=True)
class Image:
    """What the steps made: the files and the packages."""

    files: Path
    packages: Path

    @property
    def environ(self) -> dict[str, str]:
        """Return the variables that the image sets."""
        lines = " ".join(dockerfile("ENV")).replace("/opt/venv", str(self.packages)).replace("$PATH", os.environ["PATH"])
        return dict(re.findall(r"([A-Z_]+)=(\S+)", lines)) | {"INKLOOP_HOST": "127.0.0.1"}

    def command(self, command: list[str], volume: Path | None) -> list[str]:
        """Return a command inside a container; ``volume`` is its /data."""
        root = self.files.parent / "root"
        root.mkdir(exist_ok=True)
        given = [root, sys.base_prefix, self.packages, self.files, volume or ""]
        return ["unshare", "--mount", "sh", "-c", CONTAINER, "sh", *map(str, given), *command]


@contextmanager
def running(commands: list[list[str]], environ: dict[str, str], cwd: Path = ROOT) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run processes, and tell them to stop in the end."""
    processes = [subprocess.Popen(command, cwd=cwd, env=environ) for command in commands]
    try:
        yield processes
    finally:
        for process in processes:
            process.terminate()
        assert [process.wait(60) for process in processes] == [0] * len(processes)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image: made step by step. Its web stage must serve before the packages of the next stage are there."""
    folder = tmp_path_factory.mktemp("image")
    made = Image(folder / "app", folder / "venv")
    copied_files(made.files)
    of_pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))} | {"EXTRAS": "telemetry"}
    for stage in ("packages-web", "packages"):
        for step in steps(stage):
            step = step.replace("/opt/venv", str(made.packages)).replace("/build", str(ROOT))
            done = subprocess.run(["/bin/sh", "-c", step], env=made.environ | of_pip, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr[-2000:]
        if stage == "packages-web":
            (compiling,) = (step for step in steps("app") if "compileall" in step)
            subprocess.run(["/bin/sh", "-c", compiling], env=made.environ, cwd=made.files, check=True)
            assert any((made.files / "functions/__pycache__").iterdir())
            serve(made, "gunicorn", folder / "data")
    return made


def serve(image: Image, program: str, home: Path) -> None:
    """Let a command of the image answer, on the files as they lie there."""
    (command,) = (json.loads(one) for one in dockerfile("CMD") if program in one)
    # As on Hugging Face, with a volume.
    more = {"INKLOOP_HOME": str(home), "INKLOOP_DISK": "lasts", "SPACE_ID": "owner/inkloop", "PORT": str(free_port())}
    with running([command], image.environ | more, image.files):
        assert answers(f"http://127.0.0.1:{more['PORT']}/readyz", 120)


def test_the_steps_one_after_the_other_make_what_serves_and_write_nothing_beside_themselves(image: Image, tmp_path: Path) -> None:
    before = {path.relative_to(image.files) for path in image.files.rglob("*")}
    serve(image, "main.py", tmp_path / "data")
    assert {path.relative_to(image.files) for path in image.files.rglob("*")} == before
    checked = subprocess.run([image.packages / "bin" / "pip", "check"], env=image.environ, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.fixture
def volume(image: Image, tmp_path: Path) -> Path:
    """A volume of user 1000; the machine must let us mount."""
    made = tmp_path / "volume"
    made.mkdir()
    if shutil.which("unshare") is None or os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"]).returncode != 0:
        pytest.skip("only root may mount, where it may")
    os.chown(made, 1000, 1000)
    return made


def learns(address: str) -> None:
    """Predict, keep and correct a drawing, and wait for the new versions that a run makes of it."""
    web = requests.Session()
    assert answers(f"{address}/readyz", 180)
    predicted = web.post(f"{address}{SET}/predictions", json={**SEVEN, "consent": True}, timeout=60).json()
    assert len(predicted["models"]) == 4
    assert web.post(f"{address}{SET}/samples", json={**SEVEN, "label": "7"}, timeout=60).status_code == 201
    corrected = web.post(f"{address}/api/v1/predictions/{predicted['id']}/correction", json={"label": "7"}, timeout=60)
    assert corrected.status_code == 202, corrected.text
    until = time.monotonic() + LEARNING
    while all(one["original"] for one in web.get(f"{address}{SET}/versions", timeout=60).json()["versions"]):
        assert time.monotonic() < until
        time.sleep(1)


def is_nobody(pid: int) -> bool:
    """Tell whether a process is user 1000 and may do nothing that such a user may not."""
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
    return status["Uid"].split()[:2] == ["1000", "1000"] and not int(status["CapEff"], 16) and not int(status["CapBnd"], 16)


def test_nothing_but_the_volume_and_the_temporary_folder_can_be_written(image: Image, volume: Path) -> None:
    def written(*folders: str) -> int:
        command = image.command([str(image.packages / "bin" / "python"), "-c", WRITES, *folders], volume)
        return subprocess.run(command, env=image.environ, stderr=subprocess.DEVNULL).returncode

    assert written("/tmp", "/data") == 0
    assert [written(one) for one in ("/", "/app", "/etc", "/usr", str(image.packages))] == [1] * 5


def test_the_whole_platform_learns_as_a_user_who_may_write_only_into_the_volume(image: Image, volume: Path) -> None:
    environ = image.environ | {"INKLOOP_TRUST": "open", "INKLOOP_LIMITS": "off", "PORT": str(free_port())}
    with running([image.command(["python", "main.py"], volume)], environ) as (platform,):
        learns(f"http://127.0.0.1:{environ['PORT']}")
        assert is_nobody(platform.pid)
    assert len(list((volume / "objects" / "samples").rglob("*.png"))) == 2


def test_web_and_worker_with_a_database_and_a_bucket_write_nowhere(
    image: Image, volume: Path, postgres_url: str, minio: Bucket
) -> None:
    database = Relay(make_url(postgres_url))  # the server's own socket is in a folder of ours
    environ = image.environ | {
        "DATABASE_URL": database.url.replace("+psycopg", ""),
        "S3_BUCKET": minio.name,
        "S3_ENDPOINT_URL": minio.endpoint or "",
        "AWS_ACCESS_KEY_ID": minio.access_key or "",
        "AWS_SECRET_ACCESS_KEY": minio.secret_key or "",
        "SECRET_KEY": "as long as a secret must be",
        "ADMIN_PASSWORD": "only for these tests",
        "INKLOOP_TRUST": "open",
        "INKLOOP_LIMITS": "off",
        "PORT": str(free_port()),
    }
    commands = {name: one.replace("--bind 0.0.0.0:$PORT ", "").split() for name, one in procfile().items()}
    with database:
        database.open()
        done = subprocess.run(image.command(commands["release"], None), env=environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        with running([image.command(commands[name], None) for name in ("web", "worker")], environ) as processes:
            learns(f"http://127.0.0.1:{environ['PORT']}")
            assert all(is_nobody(process.pid) for process in processes)
            wait(lambda: len([key for key in S3Store(minio).keys("samples/") if key.endswith(".png")]) == 2, 60)
