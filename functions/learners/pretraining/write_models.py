"""Write the shipped files in ``models/``: networks, squares, the card with its plots, the manifest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.learners.evaluation.plots import confusion_picture, reliability_diagram, training_curves, worst_mistakes
from functions.learners.pretraining.collection import Collection
from functions.learners.pretraining.sources import ATTRIBUTION
from functions.learners.squares import save_squares

if TYPE_CHECKING:
    from functions.learners.pretraining.pretrain import PretrainedNetwork

LICENCE = (
    "The networks: as the code. The squares in rehearsal.npz and holdout.npz: those from MNIST CC BY-SA 3.0, those from EMNIST "
    "as NIST publishes them (a work of the United States government), those of tablet writers and of UNIPEN's writers CC BY 4.0; "
    "please cite all four."
)


def write_models(models: Path, set_name: str, made: Sequence[PretrainedNetwork], collection: Collection, command: str) -> None:
    """Write the files of one symbol set below ``models`` and enter them in the manifest."""
    folder = models / set_name
    folder.mkdir(parents=True, exist_ok=True)
    save_squares(folder / "rehearsal.npz", collection.rehearsal, ATTRIBUTION)
    save_squares(folder / "holdout.npz", collection.holdout, ATTRIBUTION)
    for network in made:
        (folder / f"{network.learner}.tflite").write_bytes(network.tflite)
    _write_card(folder, set_name, made, collection, command)
    _enter(models, set_name, made, collection)


def write_reference(folder: Path, name: str, made: Sequence[PretrainedNetwork], collection: Collection, command: str) -> None:
    """Write the weights, the card and the plots of networks that only serve for comparison."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_card(folder, name, made, collection, command)


def _write_card(folder: Path, set_name: str, made: Sequence[PretrainedNetwork], collection: Collection, command: str) -> None:
    for network in made:
        (folder / f"{network.learner}.npz").write_bytes(network.weights)
        training_curves(folder / f"curves-{network.learner}.png", network.history)
        confusion_picture(folder / f"confusion-{network.learner}.png", network.confusion, collection.labels)
        worst_mistakes(folder / f"worst-{network.learner}.png", *network.worst)
        if any(one["count"] for one in network.metrics["reliability"]):
            reliability_diagram(folder / f"reliability-{network.learner}.png", network.metrics["reliability"])
    card = _card(set_name, made, collection, command)
    (folder / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    (folder / "card.md").write_text(_markdown(card, folder))


def _card(set_name: str, made: Sequence[PretrainedNetwork], collection: Collection, command: str) -> dict[str, Any]:
    return {
        "set": set_name,
        "labels": list(collection.labels),
        "confusable": [list(group) for group in collection.confusable],
        "command": command,
        "data": {
            "train": {pool.name: {"squares": len(pool.squares), "share": pool.share} for pool in collection.pools},
            "rehearsal": len(collection.rehearsal),
            "holdout": len(collection.holdout),
            "removed": collection.removed,
            "sources": ATTRIBUTION,
        },
        "versions": {
            network.learner: {"id": f"{set_name}-{network.version}", "continued_from": network.start, "metrics": network.metrics}
            for network in made
        },
        "licence": LICENCE,
    }


def _markdown(card: dict[str, Any], folder: Path) -> str:
    data, versions = card["data"], card["versions"].values()
    starts = [version["continued_from"] or "" for version in versions]
    lines = [
        f"# The base networks of `{card['set']}`",
        "",
        f"Made by `{card['command']}`, which prints and writes every figure here. Labels: {' '.join(card['labels'])}.",
        "",
        f"| | {' | '.join(version['id'] for version in versions)} |",
        "|" + " --- |" * (1 + len(versions)),
        *([_row("continued from", starts)] if any(starts) else []),
        _row("parameters", [f"{version['metrics']['parameters']:,}" for version in versions]),
        _row("steps", [f"{version['metrics']['steps']:,} in {version['metrics']['seconds']:,} s" for version in versions]),
        _row("temperature, threshold", [f"{v['metrics']['temperature']}, {v['metrics']['threshold']}" for v in versions]),
    ]
    first = next(iter(versions))["metrics"]
    scores = {name: [_figure(v["metrics"][name]) for v in versions] for name in first if isinstance(first[name], dict)}
    lines += [_row(name, figures) for name, figures in scores.items() if any(figures)]
    lines += ["", "Trained on, each square varied every time it is seen:", ""]
    lines += [
        f"- {name}: {pool['squares']:,} squares, {100 * pool['share']:.3g} % of each batch"
        for name, pool in data["train"].items()
    ]
    if data["holdout"]:
        lines += [
            "",
            f"Never trained on: the rehearsal set ({data['rehearsal']:,} squares; part of it chose temperature and threshold),",
            f"the hold-out ({data['holdout']:,}), and what the figures above were measured on.",
        ]
    if data["removed"]:
        lines += ["", "Taken out before training:", "", *[f"- {why}: {count:,}" for why, count in data["removed"].items()]]
    for picture in sorted(folder.glob("*.png")):
        lines += ["", f"![{picture.stem}]({picture.name})"]
    return "\n".join([*lines, "", f"Data: {data['sources']}", "", f"Licence: {card['licence']}", ""])


def _row(name: str, figures: list[str]) -> str:
    return f"| {name} | {' | '.join(figures)} |"


def _figure(score: dict[str, Any]) -> str:
    """Return the figures of a ``Score`` as text."""
    parts = []
    if score["count"]:
        ece, lost = 100 * score["ece"], 100 * score["false_rejects"]
        alike = f", {100 * score['alike_as_one']:.2f} % with look-alikes as one" if "alike_as_one" in score else ""
        parts.append(f"{100 * score['accuracy']:.2f} % of {score['count']:,}{alike} (ECE {ece:.2f} %, {lost:.2f} % rejected)")
    if score.get("others"):
        parts.append(f"{100 * score['rejected']:.1f} % of {score['others']:,} that are no symbol rejected")
    return "; ".join(parts)


def _enter(models: Path, set_name: str, made: Sequence[PretrainedNetwork], collection: Collection) -> None:
    path = models / "manifest.json"
    manifest = json.loads(path.read_text()) if path.exists() else {"sets": {}}

    def entry(name: str) -> dict[str, str]:
        file = f"{set_name}/{name}"
        return {"file": file, "sha256": hashlib.sha256((models / file).read_bytes()).hexdigest()}

    manifest["sets"][set_name] = {
        "labels": list(collection.labels),
        "confusable": [list(group) for group in collection.confusable],
        "rehearsal": entry("rehearsal.npz"),
        "holdout": entry("holdout.npz"),
        "card": entry("card.json"),
        "versions": {
            network.learner: {
                "id": f"{set_name}-{network.version}",
                "tflite": entry(f"{network.learner}.tflite"),
                "weights": entry(f"{network.learner}.npz"),
                "metrics": network.metrics,
            }
            for network in made
        },
    }
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
