"""The owner's commands of this room. Importing it loads no keras; running them does."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

SHARED = Path("../shared/data")


def add_commands(subparsers: Any) -> None:
    """Add ``train-base``, ``near-duplicates`` and ``fetch-mnist``; each sets ``run``, which takes the parsed arguments."""
    train = subparsers.add_parser("train-base", help="train the base networks of a symbol set and write models/")
    train.add_argument("set", choices=["digits"])
    train.add_argument(
        "--data", type=Path, default=SHARED, help="folder with mnist.npz and, if there is one, emnist_train_digits.npz"
    )
    train.add_argument("--models", type=Path, default=Path("models"), help="folder to write to")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--effort", type=float, default=1.0, help="share of the full number of steps, for trying things out")
    train.add_argument("--kept", type=int, default=5_000, help="squares of the hold-out and of the rehearsal set, each")
    train.set_defaults(run=train_base)
    near = subparsers.add_parser(
        "near-duplicates", help="count EMNIST's copies of MNIST's test digits and show pairs as a picture"
    )
    near.add_argument("--data", type=Path, default=SHARED)
    near.add_argument("--picture", type=Path, default=None, help="PNG to write: pairs around the threshold")
    near.set_defaults(run=near_duplicates)
    fetch = subparsers.add_parser("fetch-mnist", help="download MNIST and check it")
    fetch.add_argument("folder", type=Path, nargs="?", default=SHARED)
    fetch.add_argument("--url", default=None, help="another address of the same file")
    fetch.set_defaults(run=fetch_mnist)


def train_base(arguments: argparse.Namespace) -> int:
    """Train, judge and write the base networks."""
    from functions.learners.base import DIGITS, make_all
    from functions.learners.card import write_models
    from functions.learners.screen import screen_squares
    from functions.learners.sources import collect_digits

    collection = collect_digits(arguments.data, arguments.seed, print, kept=arguments.kept)
    made = make_all(collection, screen_squares(arguments.data), seed=arguments.seed, effort=arguments.effort)
    command = f"python -m functions.cli train-base {arguments.set} --seed {arguments.seed}"
    command += "" if arguments.effort == 1 else f" --effort {arguments.effort:g}"
    command += "" if arguments.kept == 5_000 else f" --kept {arguments.kept}"
    write_models(arguments.models, arguments.set, DIGITS, made, collection, command)
    print((arguments.models / arguments.set / "card.md").read_text())
    return 0


def near_duplicates(arguments: argparse.Namespace) -> int:
    """Show how many EMNIST digits are copies of MNIST's test digits, and how that was decided."""
    from functions.learners.duplicates_report import report

    print(report(arguments.data, arguments.picture))
    return 0


def fetch_mnist(arguments: argparse.Namespace) -> int:
    """Download MNIST."""
    from functions.learners.fetch import MNIST_URL, fetch

    print(f"MNIST is in {fetch(arguments.url or MNIST_URL, arguments.folder)}.")
    return 0
