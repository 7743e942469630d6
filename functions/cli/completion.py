"""The command that prints what a shell needs to complete commands and options."""

from __future__ import annotations

import argparse
from typing import Any

from functions.errors import Malformed


def add_commands(commands: Any) -> None:
    """Add ``completion``, which needs no settings."""
    about = 'print a completion script for a shell: eval "$(inkloop completion bash)"'
    parser = commands.add_parser("completion", help=about, description=about)
    parser.add_argument("shell", choices=["bash", "zsh", "tcsh"])
    parser.set_defaults(run=_completion)


def _completion(chosen: argparse.Namespace) -> None:
    from functions.cli.__main__ import parser_of

    try:
        import shtab
    except ImportError:
        raise Malformed("Completion needs shtab: pip install -r requirements.txt.") from None
    print(shtab.complete(parser_of(None), chosen.shell))
