"""Fetch LiteRT.js from npm into ``static/vendor/litert``: python deploy/vendor_litert.py (needs npm and requirements-dev.txt).

The two packages are checked against ``PACKAGES``, whose SHA-256 a new version changes; ``static/vendor/VERSIONS`` gets the sums
of the files as served. Three changes are made. The import between the two packages becomes relative. Lines that name source maps
go. The runtime is compressed with Brotli (9.3 MB become 2 MB), the only form kept; ``functions/web/static_files.py`` serves it.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import distribution
from pathlib import Path

import brotli

VENDOR = Path(__file__).resolve().parents[1] / "static" / "vendor"
FOLDER = VENDOR / "litert"
VERSION = "2.5.3"
PACKAGES = {
    "core": "a97660833e9e7e1063c95e12016718881240b14f7438728a2f62785e912d30fd",
    "wasm-utils": "ce2a1f8379c067be49e59752e5a7f40db6be09f6e497f0f11e59f17b515366a7",
}
# The one build without relaxed SIMD, which Safari lacks, and without threads, which need headers that forbid other sites' frames.
RUNTIME = "litert_wasm_compat_internal"


def main() -> None:
    """Fetch, check, change and write the files, and list them."""
    core, utils = (files_of(name, sha256) for name, sha256 in PACKAGES.items())
    made = {
        "core.js": script(core["dist/index.js"]).replace(b'from "@litertjs/wasm-utils"', b'from "./wasm-utils.js"'),
        "wasm-utils.js": script(utils["dist/index.js"]),
        f"{RUNTIME}.js.br": compressed(core[f"wasm/{RUNTIME}.js"]),
        f"{RUNTIME}.wasm.br": compressed(core[f"wasm/{RUNTIME}.wasm"]),
        "LICENSE": licence(),
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        (FOLDER / name).write_bytes(data)
    sums = [f"{hashlib.sha256(data).hexdigest()}  litert/{name}" for name, data in sorted(made.items())]
    kept = (VENDOR / "VERSIONS").read_text().split("\n@litertjs/core ")[0].rstrip("\n")
    (VENDOR / "VERSIONS").write_text("\n".join([kept, "", f"@litertjs/core {VERSION} Apache-2.0", *sums]) + "\n")


def files_of(package: str, sha256: str) -> dict[str, bytes]:
    """Return the files of a package of npm by their paths in it; end with an error if it is not the known one."""
    with tempfile.TemporaryDirectory() as folder:
        command = [shutil.which("npm") or "npm", "pack", "--silent", f"@litertjs/{package}@{VERSION}"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - the command is written here
        archive = next(Path(folder).iterdir()).read_bytes()
    if (found := hashlib.sha256(archive).hexdigest()) != sha256:
        sys.exit(f"@litertjs/{package} {VERSION} has the SHA-256 {found}, not {sha256}.")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        members = ((one.name, tar.extractfile(one)) for one in tar if one.isfile())
        return {name.removeprefix("package/"): file.read() for name, file in members if file is not None}


def script(source: bytes) -> bytes:
    """Return a script without the line that names its source map."""
    return re.sub(rb"^//# sourceMappingURL=.*\n?", b"", source, flags=re.MULTILINE)


def compressed(data: bytes) -> bytes:
    """Return the best Brotli form of ``data``."""
    return bytes(brotli.compress(data, quality=11, lgwin=24))


def licence() -> bytes:
    """Return LiteRT's licence, which the packages of npm leave out: it comes with LiteRT's package for Python."""
    files = distribution("ai-edge-litert").files or []
    return next(Path(str(file.locate())) for file in files if file.name == "LICENSE").read_bytes()


if __name__ == "__main__":
    main()
