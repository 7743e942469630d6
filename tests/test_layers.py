"""Imports point downwards only, in the one order that the map gives, and heavy libraries stay in their packages."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import functions

ROOT = Path(__file__).resolve().parents[1]
# The one list: the docstring of ``functions``. Everything else is compared with it.
ORDER = re.findall(r"^- ``(\w+)``:", functions.__doc__ or "", flags=re.M)
# Inside a package, where its modules have an order worth holding: from the top down.
INSIDE = {
    "learners": [
        *("continual", "pretraining", "gate", "evaluation", "networks"),
        *("layers_model", "calibration", "litert", "weights_file", "layer_table", "squares"),
    ],
    "web": ["pages", "api", "security"],
}
ONLY = {
    "flask": {"app", "web", "cli"},
    "keras": {"learners"},
    "tensorflow": {"learners"},
    "boto3": {"store"},
    "ray": {"compute"},
    "opentelemetry": {"telemetry", "web"},
    "sentry_sdk": {"telemetry"},
    "botocore": {"store"},
    "gunicorn": {"web"},
}
WITH_KERAS = {"networks", "continual", "pretraining"}  # packages of ``learners``
PURE = {"domain", "errors"}
NOT_PURE = {"flask", "sqlalchemy", "requests", "socket", "subprocess", "threading", "os", "pathlib", "boto3", "random", "time"}

FILES = sorted([ROOT / "main.py", *(ROOT / "functions").rglob("*.py")])
NAMES = [str(path.relative_to(ROOT)) for path in FILES]


def imported(path: Path, *, at_the_top: bool = False) -> set[str]:
    """Return the dotted names that a file imports anywhere in it, or only when it is itself imported."""
    tree = ast.parse(path.read_text())
    names: set[str] = set()
    for node in tree.body if at_the_top else ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} uses a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def part(name: str, depth: int = 1) -> str:
    """Return the package or module of a file at a depth below ``functions``; "" where the file is higher up."""
    parts = name.removesuffix(".py").split("/")
    return parts[depth] if len(parts) > depth and parts[depth] != "__init__" else ""


def known(name: str, modules: Mapping[str, str]) -> str:
    """Return the module that an imported name belongs to; "" where it is none of ours."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


def parts(names: set[str], package: str = "functions") -> set[str]:
    return {name.removeprefix(f"{package}.").split(".")[0] for name in names if name.startswith(f"{package}.")}


@pytest.mark.parametrize("name", [name for name in NAMES if part(name)])
def test_imports_point_downwards(name):
    rank = {one: place for place, one in enumerate(ORDER)}
    here = part(name)
    above = {other for other in parts(imported(ROOT / name)) if rank[other] < rank[here]}
    assert above == set(), f"{name} imports from above: {sorted(above)}"


def test_the_map_in_the_documentation_is_the_same_list():
    table = (ROOT / "docs" / "architecture.md").read_text().split("## The map")[1].split("## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, flags=re.M) == ORDER


def test_every_package_is_on_the_map():
    assert {part(name) for name in NAMES if part(name)} == {*ORDER}


def test_few_modules_lie_directly_in_the_package():
    assert len([name for name in NAMES if name.count("/") == 1 and part(name)]) <= 6


def test_no_modules_import_each_other_in_a_circle():
    modules = {name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): name for name in NAMES}
    graph = {module: {known(one, modules) for one in imported(ROOT / name)} - {module, ""} for module, name in modules.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize(("name", "package"), [(n, p) for p in INSIDE for n in NAMES if part(n) == p and part(n, 2) in INSIDE[p]])
def test_imports_inside_a_package_point_downwards(name, package):
    rank = {one: place for place, one in enumerate(INSIDE[package])}
    inside = parts(imported(ROOT / name), f"functions.{package}") & set(rank)
    above = {other for other in inside if rank[other] < rank[part(name, 2)]}
    assert above == set(), f"{name} imports from above: {sorted(above)}"


@pytest.mark.parametrize("name", [name for name in NAMES if part(name) == "verbs" and part(name, 2)])
def test_verbs_do_not_import_each_other(name):
    assert parts(imported(ROOT / name), "functions.verbs") == set()


@pytest.mark.parametrize("name", [name for name in NAMES if part(name) in ORDER])
def test_heavy_libraries_stay_in_their_packages(name):
    outside = {module.split(".")[0] for module in imported(ROOT / name)}
    misplaced = {library for library in outside & set(ONLY) if part(name) not in ONLY[library]}
    assert misplaced == set()


@pytest.mark.parametrize("name", [name for name in NAMES if part(name) in PURE])
def test_pure_packages_do_nothing_but_compute(name):
    assert {module.split(".")[0] for module in imported(ROOT / name)} & NOT_PURE == set()


def test_only_one_file_speaks_to_buckets():
    speaking = {name for name in NAMES if {module.split(".")[0] for module in imported(ROOT / name)} & {"boto3", "botocore"}}
    assert speaking == {"functions/store/s3.py"}


def test_one_place_reads_the_environment():
    reading = {name for name in NAMES if "os.environ" in (ROOT / name).read_text() or "getenv" in (ROOT / name).read_text()}
    # The others hand the whole environment to Settings.from_env, or to a child process, without looking inside.
    whole = {"main.py", "functions/worker/__main__.py", "functions/cli/__main__.py", "functions/training/trainer_pool.py"}
    assert reading - whole <= {"functions/settings.py"}
