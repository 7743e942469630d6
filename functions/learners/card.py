"""Write what ships in ``models/``: networks, squares, the card that tells where they come from, the manifest. No keras."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from functions.learners.sources import ATTRIBUTION, Collection
from functions.learners.squares import save_squares

LICENCE = (
    "The networks: as the code. The squares in rehearsal.npz and holdout.npz: those from MNIST CC BY-SA 3.0, "
    "those from EMNIST as NIST publishes them (a work of the United States government); please cite both."
)


class Finished(Protocol):
    """A finished base network, as ``base.Made`` is one."""

    @property
    def learner(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def weights(self) -> bytes: ...
    @property
    def tflite(self) -> bytes: ...
    @property
    def metrics(self) -> dict[str, Any]: ...


def write_models(
    models: Path, set_name: str, labels: tuple[str, ...], made: Sequence[Finished], collection: Collection, command: str
) -> None:
    """Write everything of one symbol set below ``models`` and enter it in the manifest."""
    folder = models / set_name
    folder.mkdir(parents=True, exist_ok=True)
    save_squares(folder / "rehearsal.npz", collection.rehearsal, ATTRIBUTION)
    save_squares(folder / "holdout.npz", collection.holdout, ATTRIBUTION)
    for network in made:
        (folder / f"{network.learner}.tflite").write_bytes(network.tflite)
        (folder / f"{network.learner}.npz").write_bytes(network.weights)
    card = _card(set_name, labels, made, collection, command)
    (folder / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    (folder / "card.md").write_text(_words(card))
    _enter(models, set_name, labels, made)


def _card(
    set_name: str, labels: tuple[str, ...], made: Sequence[Finished], collection: Collection, command: str
) -> dict[str, Any]:
    return {
        "set": set_name,
        "labels": list(labels),
        "command": command,
        "data": {
            "train": len(collection.train),
            "rehearsal": len(collection.rehearsal),
            "holdout": len(collection.holdout),
            "removed": collection.removed,
            "sources": ATTRIBUTION,
        },
        "versions": {network.learner: {"id": f"{set_name}-{network.version}", "metrics": network.metrics} for network in made},
        "licence": LICENCE,
    }


def _words(card: dict[str, Any]) -> str:
    data = card["data"]
    names = [name for name, figure in next(iter(card["versions"].values()))["metrics"].items() if isinstance(figure, dict)]
    lines = [
        f"# The base networks of `{card['set']}`",
        "",
        f"Made by `{card['command']}`, which prints and writes every figure here. Labels: {' '.join(card['labels'])}.",
        "",
        f"| version | parameters | temperature | {' | '.join(names)} |",
        "|" + " --- |" * (3 + len(names)),
    ]
    for version in card["versions"].values():
        metrics = version["metrics"]
        figures = [
            f"{100 * metrics[n]['accuracy']:.2f} % of {metrics[n]['count']:,} (ECE {100 * metrics[n]['ece']:.2f} %)"
            for n in names
        ]
        lines.append(f"| {version['id']} | {metrics['parameters']:,} | {metrics['temperature']} | {' | '.join(figures)} |")
    lines += [
        "",
        f"Trained on {data['train']:,} squares, with variations of place, size, slant, shape and pen. The rehearsal set",
        f"({data['rehearsal']:,}) and the hold-out ({data['holdout']:,}) were never trained on; the temperature was fitted on",
        "the rehearsal set. Near duplicates taken out before training:",
        "",
        *[f"- {why}: {count:,}" for why, count in data["removed"].items()],
        "",
        f"Data: {data['sources']}",
        "",
        f"Licence: {card['licence']}",
        "",
    ]
    return "\n".join(lines)


def _enter(models: Path, set_name: str, labels: tuple[str, ...], made: Sequence[Finished]) -> None:
    path = models / "manifest.json"
    manifest = json.loads(path.read_text()) if path.exists() else {"sets": {}}

    def entry(name: str) -> dict[str, str]:
        file = f"{set_name}/{name}"
        return {"file": file, "sha256": hashlib.sha256((models / file).read_bytes()).hexdigest()}

    manifest["sets"][set_name] = {
        "labels": list(labels),
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
