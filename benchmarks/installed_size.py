"""Print how much disk an installation takes.

    python -m benchmarks.installed_size                      # what a web process needs, and what one machine needs
    python -m benchmarks.installed_size requirements-web.txt

Each requirements file is installed into a virtual environment of its own in a temporary folder.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", default=["requirements-web.txt", "requirements.txt"])
    for file in parser.parse_args().files:
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            install = [f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "--no-compile", "-r", file]
            subprocess.run(install, cwd=ROOT, check=True)
            size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink())
        print(f"{file}: {size / 2**20:,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
