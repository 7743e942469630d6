"""Write this folder's pages from the code: ``python docs/reference/make.py``. A test compares the pages with the code."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

from api_page import api  # noqa: E402

from functions.cli import __main__ as tool  # noqa: E402
from functions.cli.command import JSON  # noqa: E402
from functions.settings import Bucket, Settings  # noqa: E402
from functions.web.pages.admin_settings import GROUPS, Described  # noqa: E402

DEFAULTS = {  # where a value alone would say too little
    "INKLOOP_DISK": "`lasts`; `erased` on a PaaS",
    "INKLOOP_PROXIES": "`0`; `1` on a PaaS",
    "SECRET_KEY": "made once, kept in `INKLOOP_HOME`",
    "ADMIN_PASSWORD": "made once, printed at the first start",
}
MADE = "<!-- Made by `python docs/reference/make.py`; a test compares it with the code. -->\n"


def pages() -> dict[str, str]:
    """Return the text of each page by its name."""
    return {"api.md": MADE + api(), "cli.md": MADE + cli(), "settings.md": MADE + settings()}


def settings() -> str:
    """Return the page of settings, with the words of the owner's page."""
    words = json.loads((ROOT / "functions" / "web" / "pages" / "words" / "en.json").read_text())
    lines = ["# Settings", "", "Environment variables; none is needed on one machine."]
    lines += ["[running.md](../running.md#settings) says more. The owner's page *Settings* shows a running process's values.", ""]
    for group, described in GROUPS.items():
        lines += [f"## {group.capitalize()}", "", "| variable | meaning | default |", "| --- | --- | --- |"]
        for one in described:
            names = ", ".join(f"`{name}`" for name in (one.name, *one.aliases))
            secret = " Secret." if one.secret else ""
            lines.append(f"| {names} | {words[f'settings.of.{one.name}']}{secret} | {default(one)} |")
        lines.append("")
    return "\n".join(lines)


def default(one: Described) -> str:
    """Return what holds where a variable is not set."""
    if one.name in DEFAULTS:
        return DEFAULTS[one.name]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve()
        alone = Settings.from_env({"INKLOOP_HOME": str(home)})
        value = one.value(alone) or one.value(replace(alone, bucket=Bucket("")))
    return f"`{value.replace(str(home), 'var').replace(f'{ROOT}/', '')}`" if value else "none"


def cli() -> str:
    """Return the page of the owner's tool: every command with its usage."""
    lines = ["# Command line", "", "`python -m functions.cli COMMAND`; `bin/inkloop` is the same from any folder.", ""]
    lines += [
        f"Each command has `--help`, and each with `[--json]` prints facts {JSON}.",
        "[running.md](../running.md#the-owners-tool) has the exit statuses.",
        "",
    ]
    for name, about, parser in commands(tool.parser_of(None)):
        lines += [f"## {name}", "", f"{about[:1].upper()}{about[1:]}.", "", "```text", usage(name, parser), "```", ""]
        options = [action for action in parser._actions if action.help and action.dest != "help"]
        for action in (one for one in options if not isinstance(one, argparse._SubParsersAction) and one.help != JSON):
            shown = ", ".join(action.option_strings) or action.metavar or action.dest
            lines.append(f"- `{shown}`: {action.help % {**vars(action), 'prog': parser.prog}}")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def usage(name: str, parser: argparse.ArgumentParser) -> str:
    """Return one line of usage; argparse's own differs between releases of Python."""
    words = [f"inkloop {name}"]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) or action.dest == "help":
            continue
        value = f" {action.metavar or action.dest.upper()}" if action.nargs != 0 else ""
        if action.choices:
            value = f" {'|'.join(map(str, action.choices))}"
        value = f" [{value.strip()}]" if action.option_strings and action.nargs == "?" else value
        named = f"{action.option_strings[-1]}{value}" if action.option_strings else value.strip()
        words.append(named if action.required and action.nargs != "?" else f"[{named}]")
    return " ".join(words)


def commands(parser: argparse.ArgumentParser, before: str = "") -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Yield each command's name, what it does, and its parser; the commands of a command after it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            about = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, sub in action.choices.items():
                if name in about:
                    yield f"{before}{name}", about[name].rstrip("."), sub
                    yield from commands(sub, f"{before}{name} ")


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (HERE / name).write_text(text)


if __name__ == "__main__":
    main()
