"""The commands about base models. Importing this module does not load keras; running a command does."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.cli.command import add_command, tell
from functions.domain.answer import LEARNERS

if TYPE_CHECKING:
    from functions.learners.pretraining.collection import Collection
    from functions.learners.pretraining.pretrain import Training
    from functions.training.trials import Cluster

SHARED = Path("../shared/data")


def add_commands(subparsers: Any) -> None:
    """Add ``train-base``, ``near-duplicates`` and ``fetch-mnist``; each sets ``run``, which takes the parsed arguments."""
    about = "train the base networks of a symbol set and write models/"
    train = add_command(subparsers, "train-base", None, about)
    train.add_argument("set", choices=["digits", "characters", "mnist"], help="mnist: only MNIST, to compare with the literature")
    train.add_argument("--data", type=Path, default=SHARED, help="folder with the collections; docs/models.md says which")
    train.add_argument("--models", type=Path, default=Path("models"), help="folder to write to")
    train.add_argument("--work", type=Path, default=Path("var/training"), help="folder for the state of an interrupted training")
    train.add_argument("--learner", choices=["fnn", "cnn"], help="train only this network; models/ is written after both")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument(
        "--start",
        type=Path,
        default=None,
        help="continue from the networks in this folder, such as models: fewer steps, lower rates",
    )
    train.add_argument("--effort", type=float, default=1.0, help="share of the full number of steps, for trying things out")
    train.add_argument("--kept", type=int, default=None, help="squares of the hold-out and of the rehearsal set, each")
    train.add_argument("--scribbled", type=int, default=None, help="drawings of nonsense to train on")
    train.set_defaults(run=train_base, environ={})
    about = "count EMNIST's copies of MNIST's test digits and show pairs as a picture"
    near = add_command(subparsers, "near-duplicates", None, about)
    near.add_argument("--data", type=Path, default=SHARED)
    near.add_argument("--picture", type=Path, default=None, help="PNG to write: pairs around the threshold")
    near.set_defaults(run=near_duplicates)
    fetch = add_command(subparsers, "fetch-mnist", None, "download MNIST and check it")
    fetch.add_argument("folder", type=Path, nargs="?", default=SHARED)
    fetch.add_argument("--url", default=None, help="another address of the same file")
    fetch.set_defaults(run=fetch_mnist)


def train_base(arguments: argparse.Namespace) -> int:
    """Train, evaluate and write the base networks."""
    cluster = _cluster(arguments.environ)
    from functions.learners.networks.devices import is_chief, strategy
    from functions.learners.pretraining.pretrain import Training, shipped_start
    from functions.learners.pretraining.write_models import write_models, write_reference

    here = strategy()
    same = {"seed": arguments.seed, "kept": arguments.kept}
    starts = {one: arguments.start and shipped_start(arguments.start, arguments.set, one, **same) for one in LEARNERS}
    collection = _collect(arguments)
    arguments.work.mkdir(parents=True, exist_ok=True)
    trainings = [
        Training(arguments.set, one, collection, arguments.seed, arguments.effort, arguments.work, start)
        for one, start in starts.items()
    ]
    chosen = [training for training in trainings if arguments.learner in (None, training.learner)]
    if cluster is None:
        for training in chosen:
            training.run(here)
    else:
        _train_on_nodes(cluster, chosen)
    if not is_chief(here):
        return 0
    missing = [training.learner for training in trainings if not training.file.exists()]
    if missing:
        said = f"{' and '.join(missing).upper()} not trained yet: nothing was written to {arguments.models}."
        tell(arguments, {"missing": missing}, said)
        return 0
    made = [training.evaluated() for training in trainings]
    if arguments.set == "mnist":
        write_reference(arguments.models, arguments.set, made, collection, _command(arguments))
        folder = arguments.models
    else:
        write_models(arguments.models, arguments.set, made, collection, _command(arguments))
        folder = arguments.models / arguments.set
    tell(arguments, json.loads((folder / "card.json").read_text()), (folder / "card.md").read_text())
    return 0


def _cluster(environ: Mapping[str, str]) -> Cluster | None:
    """Return the cluster of ``INKLOOP_RAY``, or None. The other settings, which name its store, matter only with one."""
    if not environ.get("INKLOOP_RAY"):
        return None
    from functions.settings import Settings
    from functions.training.cluster import open_cluster, require_ray

    settings = Settings.from_env(environ)
    require_ray()
    return open_cluster(settings)


def _train_on_nodes(cluster: Cluster, trainings: Sequence[Training]) -> None:
    from functions.cli.progress import progress_bar
    from functions.training.base_trainings import train_base_on_nodes

    left = [training for training in trainings if not training.file.exists()]
    with ExitStack() as stack:
        bars = [stack.enter_context(progress_bar(f"{one.set_name} {one.learner}", place)) for place, one in enumerate(left)]
        train_base_on_nodes(cluster, left, lambda place, progress, step: bars[place](progress, step))


def _collect(arguments: argparse.Namespace) -> Collection:
    from functions.learners.pretraining.characters import collect_characters
    from functions.learners.pretraining.digits import collect_digits, collect_mnist

    if arguments.set == "mnist":
        return collect_mnist(arguments.data)
    collect = collect_digits if arguments.set == "digits" else collect_characters
    sizes = {name: getattr(arguments, name) for name in ("kept", "scribbled") if getattr(arguments, name) is not None}
    return collect(arguments.data, arguments.seed, partial(print, file=sys.stderr), **sizes)


def _command(arguments: argparse.Namespace) -> str:
    """Return the command line, without the options that do not change the networks."""
    command = f"python -m functions.cli train-base {arguments.set} --seed {arguments.seed}"
    command += "" if arguments.effort == 1 else f" --effort {arguments.effort:g}"
    for name in ("kept", "scribbled", "start"):
        command += "" if getattr(arguments, name) is None else f" --{name} {getattr(arguments, name)}"
    return command


def near_duplicates(arguments: argparse.Namespace) -> int:
    """Show how many EMNIST digits are copies of MNIST's test digits, with the evidence."""
    from functions.learners.pretraining.near_duplicates import duplicates_report

    tell(arguments, *duplicates_report(arguments.data, arguments.picture))
    return 0


def fetch_mnist(arguments: argparse.Namespace) -> int:
    """Download MNIST."""
    from functions.learners.pretraining import sources

    path = sources.fetch_mnist(arguments.url or sources.MNIST_URL, arguments.folder)
    tell(arguments, {"file": path}, f"MNIST is in {path}.")
    return 0
