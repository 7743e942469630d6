"""Print the compressed size of what Heroku makes of the project, and refuse more than it allows.

    python -m benchmarks.slug_size                           # requirements.txt, as Heroku installs it
    python -m benchmarks.slug_size requirements-web.txt

The tracked files, without those of ``.slugignore``, and the packages of a requirements file are put into one archive, compressed
with gzip as Heroku's slugs are. Python itself takes about 30 MB more.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST = 500  # MB, Heroku's limit
PYTHON = 30  # MB, compressed


def main() -> int:
    """Run the benchmark; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", default="requirements.txt")
    file = parser.parse_args().file
    with tempfile.TemporaryDirectory() as folder:
        target, slug = Path(folder, "packages"), Path(folder, "slug.tgz")
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--target", str(target), "-r", file]
        subprocess.run(install, cwd=ROOT, check=True)
        with tarfile.open(slug, "w:gz", compresslevel=6) as archive:
            archive.add(target, "packages")
            for name in _sent():
                archive.add(ROOT / name, name)
        size = slug.stat().st_size / 2**20
    print(f"{file}: a slug of {size:,.0f} MB, and about {PYTHON} MB of Python; Heroku allows {MOST} MB.")
    return 0 if size + PYTHON < MOST else 1


def _sent() -> list[str]:
    """Return the tracked files that are not in ``.slugignore``."""
    ignored = tuple(line.strip("/") + "/" for line in (ROOT / ".slugignore").read_text().splitlines())
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in tracked if not name.startswith(ignored)]


if __name__ == "__main__":
    sys.exit(main())
