"""Measure the accuracy of networks that are trained on ten drawings of each digit, without pretraining.

    .venv/bin/python -m benchmarks.few_labels                     # 100 labels, five draws, MNIST's test set
    .venv/bin/python -m benchmarks.few_labels --unlabelled        # also with unlabelled digits
    .venv/bin/python -m benchmarks.few_labels --test-on training    # for choosing the recipe: tested on training digits

Each seed draws ten digits of each label from MNIST's 60,000 training digits. Every picture is first made upright. The drawings of
a label are morphed towards each other (``benchmarks/few_labels/morphing.py``) and strongly augmented (``pixel_augment.py``).
Three small networks are trained on them with the platform's trainer, and their mean answer counts.

With ``--unlabelled`` there is a second figure (pseudo-labels): the networks label the other training digits, whose true labels
are
not used. A new network is trained on the 100 digits and on the most confident pseudo-labels. This happens twice, the second time
with more pseudo-labels.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks.few_labels.train import SEEDS, each_draw

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder with mnist.npz")
    parser.add_argument("--test-on", choices=("test", "training"), default="test")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(SEEDS)), help="one draw of ten a label each")
    parser.add_argument("--unlabelled", action="store_true", help="learn from the other training digits too, without labels")
    arguments = parser.parse_args()
    made = each_draw(arguments.data, seeds=arguments.seeds, on=arguments.test_on, unlabelled=arguments.unlabelled)
    figures = {"100 labels, nothing else": [one.labelled for one in made]}
    if arguments.unlabelled:
        figures["100 labels, others unlabelled"] = [one.unlabelled for one in made if one.unlabelled is not None]
    for name, values in figures.items():
        spread = f" +- {np.std(values, ddof=1):.2f}" if len(values) > 1 else ""
        each = ", ".join(f"{value:.2f}" for value in values)
        print(f"{name}: {np.mean(values):.2f} %{spread} of MNIST's {arguments.test_on} digits ({each})")
    print(f"python {' '.join(sys.argv)}")


if __name__ == "__main__":
    main()
