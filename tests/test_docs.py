"""The documentation's links lead somewhere, and the modules and commands that it names exist."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    ROOT / "README.md",
    *sorted(ROOT.glob("C*.md")),
    ROOT / "benchmarks" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
CODE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
MODULE = re.compile(r"`((?:functions|benchmarks|tests|deploy)/[\w/]*(?:\.\w+)?)`")
COMMAND = re.compile(r"python -m ((?:functions|benchmarks)(?:\.\w+)*)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def name_of(page: Path) -> str:
    """Return a page's path in the project."""
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """Return a page's text without its blocks of code."""
    return CODE.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    found: list[str] = []
    for heading in HEADING.findall(prose(page)):
        plain = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.append(plain if plain not in found else f"{plain}-{found.count(plain)}")
    return set(found)


def names(page: Path) -> list[str]:
    """Return the relative links of a page."""
    return [link for link in LINK.findall(prose(page)) if "://" not in link]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    broken = []
    for link in names(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert not broken


def test_every_page_of_the_documentation_can_be_reached_from_the_readme() -> None:
    reached, left = {PAGES[0]}, [PAGES[0]]
    while left:
        page = left.pop()
        targets = {(page.parent / link.partition("#")[0]).resolve() for link in names(page) if link.partition("#")[0]}
        new = {target for target in targets if target.suffix == ".md" and target not in reached}
        reached |= new
        left += new
    assert set(PAGES) <= reached


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    assert not [path for path in MODULE.findall(page.read_text()) if not (ROOT / path).exists()]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_that_a_page_names_can_be_run(page: Path) -> None:
    modules = [ROOT / Path(*name.split(".")) for name in COMMAND.findall(page.read_text())]
    assert not [module for module in modules if not (module.with_suffix(".py").exists() or (module / "__main__.py").exists())]


SHELL = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
TOOL = re.compile(r"python -m functions\.cli +([^#`|&;)>]+)")
PLACES = {
    "NAME": "name",
    "ID": "1",
    "SET": "digits",
    "VERSION": "live:cnn",
    "FILE": "file.npz",
    "FOLDER": "folder",
    "URL": "https://h.example/x",
}
NOT_RUN = {  # a text of a block, and why the block is compiled but not run here
    "network.npz": "it needs the weights of a version; tests/web/api/test_network_files.py downloads and opens them",
    "seven.png": "it needs a running platform; tests/test_api_examples.py runs it",
}


def tool_lines() -> list[tuple[str, str]]:
    """Return the commands of the owner's tool in the shell blocks of all pages, with their pages."""
    found = []
    for page in PAGES:
        for block in SHELL.findall(page.read_text()):
            lines = re.sub(r"\\\n\s*", " ", block).splitlines()
            found += [(name_of(page), match[1].strip()) for line in lines if (match := TOOL.search(re.split(r"\s{2,}", line)[0]))]
    return found


@pytest.mark.parametrize(("page", "command"), tool_lines())
def test_the_owners_tool_takes_every_command_of_the_documentation(page: str, command: str) -> None:
    from functions.cli.__main__ import parser_of

    words = [PLACES.get(word, word) for word in shlex.split(command)]
    parser_of(None).parse_args(words)  # leaves with a message if it cannot be read


@pytest.mark.parametrize("page", [page for page in PAGES if PYTHON.search(page.read_text())], ids=name_of)
def test_every_block_of_python_runs(page: Path) -> None:
    for block in PYTHON.findall(page.read_text()):
        code = compile(block, str(page), "exec")
        if not any(mark in block for mark in NOT_RUN):
            exec(code, {})


def test_the_reference_is_that_of_the_code() -> None:
    described = importlib.util.spec_from_file_location("make_reference", ROOT / "docs" / "reference" / "make.py")
    assert described is not None and described.loader is not None
    make = importlib.util.module_from_spec(described)
    described.loader.exec_module(make)
    for name, text in make.pages().items():
        assert (ROOT / "docs" / "reference" / name).read_text() == text, "run: python docs/reference/make.py"
