"""Play a hundred hostile campaigns against the platform, with and without its defences, and count their effect.

    python -m benchmarks.adversarial --json campaigns.json --plot campaigns.png
    python -m benchmarks.adversarial --campaigns 12 --controls 2 --learner fnn      # a first look
    python -m benchmarks.adversarial --json campaigns.json --go-on                  # after an interruption
    python -m benchmarks.adversarial --campaigns 4 --controls 0 --learner fnn --nodes 2     # the same on two local Ray nodes
    python -m benchmarks.adversarial --set characters --campaigns 12 --controls 2   # E as F, and 0 as O, which look alike

The whole platform runs in this process or in a few processes: real verbs, real trainers, one database for each campaign.
Writers whom no network knows are the visitors, honest and hostile. A hidden test scores the versions: test pictures from forms
and the drawings of further writers (``scenes.py``). Neither the gate nor the replay contains a square of the hidden test.
``attack_plans.py`` defines the campaigns, ``results.py`` the counts.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


from tqdm import tqdm

from benchmarks.adversarial.plot import plot
from benchmarks.adversarial.results import CampaignResult, check_targets, read_results, table
from benchmarks.adversarial.runner import play, play_on_node, start_worker
from benchmarks.adversarial.scenes import SCENES
from functions.compute import RayMapper

ROOT = Path(__file__).resolve().parents[2]


def describe(one: CampaignResult) -> str:
    """Return one line about a campaign."""
    versions = " ".join(f"{version.learner}{'+' if version.activated else '-'}" for version in one.versions)
    return (
        f"{one.number:4} {one.kind:22} {one.variant:36} {one.defences:4} honest {one.corrections!s:>15}, "
        f"lies accepted {one.lies!s:>15}, lost {one.worst.right:5.2f}, recall {one.worst.recall:5.2f}, "
        f"credit {one.worst.credit:5.2f}  {versions}"
    )


def _played(options: argparse.Namespace, numbers: Sequence[int], stack: ExitStack) -> Iterable[list[CampaignResult]]:
    """Play campaigns, in a few processes or on a cluster; the results are the same."""
    if options.nodes:
        from tests.support.ray_cluster import cluster

        options.ray = stack.enter_context(cluster(options.nodes)).address
    if options.ray:
        return RayMapper(options.ray).map(play_on_node, [(options, number) for number in numbers], lambda *_: None)
    pool = stack.enter_context(ProcessPoolExecutor(options.workers, get_context("spawn"), start_worker, (options,)))
    return pool.map(play, numbers)


def main() -> None:
    """Run the benchmark; the exit status is 0 if all targets are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--campaigns", type=int, default=100)
    parser.add_argument("--controls", type=int, default=20, help="further campaigns without attackers")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--learner", choices=["fnn", "cnn"], default="", help="the only learner that is trained")
    parser.add_argument("--set", choices=sorted(SCENES), default="digits")
    parser.add_argument("--defended-only", action="store_true", help="replay no campaign without the defences")
    parser.add_argument("--gate-alone", action="store_true", help="also replay campaigns with the gate as the only defence")
    parser.add_argument("--seed", type=int, default=1, help="the rules were developed with 0")
    parser.add_argument("--workers", type=int, default=2, help="processes; each needs 1.5 GB")
    parser.add_argument("--ray", help="play the campaigns on the nodes of a Ray cluster: auto, host:6379 or ray://host:10001")
    parser.add_argument("--nodes", type=int, default=0, help="play them on so many Ray nodes of this machine, to compare")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--json", type=Path, help="write every figure")
    parser.add_argument("--go-on", action="store_true", help="play only what --json lacks, with the options of its first run")
    parser.add_argument("--plot", type=Path, help="draw the losses, with and without the defences")
    options = parser.parse_args()
    for name in SCENES[options.set].files:
        if not (options.data / name).is_file():
            parser.error(f"{options.data / name} is missing; docs/models.md names the source of each collection.")
    results = read_results(options.json) if options.go_on and options.json and options.json.is_file() else []
    played = {one.number for one in results}
    numbers = [number for number in range(options.campaigns + options.controls) if number not in played]
    began = time.monotonic()
    with ExitStack() as stack:
        for found in tqdm(_played(options, numbers, stack), total=len(numbers), desc="campaigns", unit="campaign"):
            results += found
            for one in found:
                tqdm.write(describe(one))
            if options.json:  # an interrupted benchmark keeps its results
                options.json.write_text(json.dumps([one.as_dict() for one in results], indent=1))
    print(f"{len(numbers)} campaigns in {(time.monotonic() - began) / 60:.1f} minutes")
    print("\n" + "\n".join(table(results)))
    targets = check_targets(results)
    for reached, words in targets:
        print(f"{'reached' if reached else 'NOT reached':12} {words}")
    if options.plot:
        plot(results, options.plot)
    sys.exit(0 if all(reached for reached, _words in targets) else 1)


if __name__ == "__main__":
    main()
