"""Every benchmark explains itself on the command line."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = [path.stem for path in (ROOT / "benchmarks").glob("*.py")]
PACKAGES = [path.parent.name for path in (ROOT / "benchmarks").glob("*/__main__.py")]
BENCHMARKS = sorted(MODULES + PACKAGES)


def test_the_list_of_benchmarks_names_each_of_them() -> None:
    page = (ROOT / "benchmarks" / "README.md").read_text()
    assert len(BENCHMARKS) >= 15
    assert [name for name in BENCHMARKS if f"`python -m benchmarks.{name}`" not in page] == []


@pytest.mark.filterwarnings("ignore:.*found in sys.modules")  # an earlier benchmark imported this one
@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_prints_its_help_and_names_its_command(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", [name, "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(f"benchmarks.{name}", run_name="__main__", alter_sys=False)
    assert ended.value.code == 0
    assert f"python -m benchmarks.{name}" in capsys.readouterr().out
