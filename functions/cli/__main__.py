"""The owner's tool: ``python -m functions.cli --help``, or ``bin/inkloop`` from any folder."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from functions.errors import BadSettings, Situation, Unavailable

# A command loads its own module alone: to import all of them takes a second.
MODULES = {
    "access": ("token", "tokens", "revoke-token", "sign-out", "password"),
    "backup": ("backup", "restore"),
    "base_models": ("train-base", "near-duplicates", "fetch-mnist"),
    "check": ("check",),
    "completion": ("completion",),
    "doctor": ("doctor",),
    "drawings": ("predict", "contribute"),
    "evaluate": ("evaluate",),
    "exchange": ("export", "import"),
    "moderation": ("moderate", "retract"),
    "object_store": ("reindex", "audit", "sweep"),
    "symbol_sets": ("set",),
    "versions": ("migrate", "runs", "learn", "train", "versions", "activate", "rollback", "retrain"),
    "webhooks": ("webhooks", "webhook"),
}
DONE, AGAIN, REFUSED, STOPPED = 0, 1, 2, 130
ABOUT = "The owner's tool."
ENDINGS = (
    "Exit status: 0 done; 1 not now, because the database or the object store is away, a run failed, or doctor and check found "
    "something; 2 refused, because a setting, a name, a file or an option is wrong; 130 stopped by Ctrl-C."
)


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run one command and return the exit status; an error is one sentence on stderr."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    chosen = parser_of(given[0] if given else None).parse_args(given)
    try:
        return _run(chosen, environ)
    except Unavailable as problem:
        print(problem, file=sys.stderr)
        return AGAIN
    except (BadSettings, Situation) as problem:
        print(problem, file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return STOPPED


def parser_of(command: str | None) -> argparse.ArgumentParser:
    """Return a parser that knows the commands of one command's module, or all commands where there is no such command."""
    parser = argparse.ArgumentParser(prog="inkloop", description=ABOUT, epilog=ENDINGS)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in [name for name, names in MODULES.items() if command in names] or MODULES:
        import_module(f"functions.cli.{module}").add_commands(commands)
    return parser


def _run(chosen: argparse.Namespace, environ: Mapping[str, str]) -> int:
    if hasattr(chosen, "check"):  # tries the settings itself, without a database that answers
        return int(chosen.check(chosen, environ))
    if not hasattr(chosen, "command"):
        chosen.environ = environ
        return int(chosen.run(chosen) or DONE)  # the learners' commands need no database
    from sqlalchemy.exc import DBAPIError

    from functions import registry
    from functions.records.database import why_away, why_refused
    from functions.settings import Settings

    try:
        settings = Settings.from_env(environ)
        return int(chosen.command(chosen, settings, registry.bootstrap(settings)) or DONE)
    except DBAPIError as error:
        refused = why_refused(error)
        print(refused or why_away(error), file=sys.stderr)
        return AGAIN if refused is None else REFUSED


if __name__ == "__main__":
    sys.exit(main())
