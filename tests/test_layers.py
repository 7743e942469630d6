"""Imports point downwards only, and heavy libraries stay in their rooms."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
VERBS = {
    "contribute",
    "predict",
    "correct",
    "learn",
    "withdraw",
    "moderate",
    "sets",
    "reindex",
    "export",
    "second_look",
    "check",
    "repeat",
}
LAYERS = (
    {"errors", "symbols", "answer", "personal", "trust", "settings", "drawing", "supervise", "watching", "prompts"},
    {"learners", "store", "records"},
    {
        "registry",
        "runtime",
        "litert",
        "embedding",
        "visitors_hands",
        "wake",
        "jobs",
        "heartbeat",
        "sides",
        "slow",
        "classroom",
        "growth",
        "ahead",
        "keeping",
        "lessons",
        "forgetting",
        "tasks",
        "pictures",
        "weighing",
        "known",
    },
    VERBS,
    {"school", "working", "web", "judging"},
    {"app", "worker", "cli"},
    {"main"},
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
ONLY = {
    "flask": {"app", "web", "cli"},
    "keras": {"learners"},
    "tensorflow": {"learners"},
    "boto3": {"store"},
    "botocore": {"store"},
    "huey": {"wake", "worker"},
    "gunicorn": set(),
}
PURE = {"errors", "symbols", "answer", "personal", "trust", "drawing", "watching", "prompts"}
NOT_PURE = {
    "flask",
    "sqlalchemy",
    "requests",
    "socket",
    "subprocess",
    "threading",
    "os",
    "pathlib",
    "huey",
    "boto3",
    "random",
    "time",
}
WITHOUT_KERAS = {
    "functions/learners/seeds.py",
    "functions/learners/squares.py",
    "functions/learners/gate.py",
    "functions/learners/gate_rules.py",
    "functions/learners/gate_words.py",
    "functions/learners/paired.py",
    "functions/learners/commands.py",
    "functions/learners/asking.py",
    "functions/learners/judgement.py",
    "functions/learners/labelled.py",
    "functions/learners/pictures.py",
    "functions/learners/reliability.py",
    "functions/judging.py",
}

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


def room(name: str) -> str:
    """Return the room of a file: the module, or the package, right below ``functions``."""
    return "main" if name == "main.py" else re.sub(r"\.py$", "", name.split("/")[1])


def rooms(names: set[str]) -> set[str]:
    return {name.split(".")[1] for name in names if name.startswith("functions.")}


@pytest.mark.parametrize("name", NAMES)
def test_imports_point_downwards(name):
    here = room(name)
    if here == "__init__":
        return
    assert here in RANK, f"{here} has no place in the layers yet"
    above = {other for other in rooms(imported(ROOT / name)) if RANK[other] > RANK[here]}
    assert above == set(), f"{name} imports from above: {sorted(above)}"


@pytest.mark.parametrize("name", [name for name in NAMES if room(name) in VERBS])
def test_verbs_do_not_import_each_other(name):
    assert rooms(imported(ROOT / name)) & VERBS - {room(name)} == set()


@pytest.mark.parametrize("name", NAMES)
def test_heavy_libraries_stay_in_their_rooms(name):
    outside = {module.split(".")[0] for module in imported(ROOT / name)}
    misplaced = {library for library in outside & set(ONLY) if room(name) not in ONLY[library]}
    assert misplaced == set()


@pytest.mark.parametrize("name", [name for name in NAMES if room(name) in PURE])
def test_pure_rooms_do_nothing_but_compute(name):
    assert {module.split(".")[0] for module in imported(ROOT / name)} & NOT_PURE == set()


def test_only_one_file_speaks_to_buckets():
    speaking = {name for name in NAMES if {module.split(".")[0] for module in imported(ROOT / name)} & {"boto3", "botocore"}}
    assert speaking == {"functions/store/s3.py"}


@pytest.mark.parametrize("name", sorted(WITHOUT_KERAS))
def test_what_serving_needs_of_the_learners_loads_no_keras(name):
    def reach(path: Path, seen: set[Path]) -> set[str]:
        outside: set[str] = set()
        for module in imported(path, at_the_top=True):
            outside.add(module.split(".")[0])
            parts = module.split(".")
            for end in range(2, len(parts) + 1):
                file = ROOT / Path(*parts[:end]).with_suffix(".py")
                if file.exists() and file not in seen:
                    outside |= reach(file, seen | {file})
        return outside

    assert reach(ROOT / name, set()) & {"keras", "tensorflow"} == set()


def test_one_place_reads_the_environment():
    reading = {name for name in NAMES if "os.environ" in (ROOT / name).read_text() or "getenv" in (ROOT / name).read_text()}
    # The others hand the whole environment to Settings.from_env, or to a child process, without looking inside.
    assert reading - {"main.py", "functions/worker.py", "functions/cli.py", "functions/school.py"} <= {"functions/settings.py"}
