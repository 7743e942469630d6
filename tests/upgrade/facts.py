"""What a running platform answers about everything in its home: the same questions before and after an upgrade."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from functions.domain.trust.reason_codes import in_words
from tests.upgrade.client import Visitor
from tests.upgrade.people import by

STATUSES = ("accepted", "pending", "quarantined", "rejected", "withdrawn")


def told(visitor: Visitor) -> dict[str, Any]:
    """Return what the API tells of all sets, samples, versions, runs and metrics, by its address."""
    found: dict[str, Any] = {"/sets": visitor.get("/sets")}
    for one in found["/sets"]["sets"]:
        for path in ("versions", "runs", "metrics"):
            found[f"/sets/{one['name']}/{path}"] = visitor.get(f"/sets/{one['name']}/{path}")
        for version in found[f"/sets/{one['name']}/versions"]["versions"]:
            found[f"/versions/{version['id']}"] = visitor.get(f"/versions/{version['id']}")
    return found


def samples(visitor: Visitor, set_name: str) -> dict[str, list[list[str | None]]]:
    """Return the id, label and source of every sample of a set by its status, newest first."""
    found: dict[str, list[list[str | None]]] = {}
    for status in STATUSES:
        found[status], cursor = [], ""
        while cursor is not None:
            page = visitor.get(f"/sets/{set_name}/samples", status=status, limit=200, **({"cursor": cursor} if cursor else {}))
            found[status] += [[one["id"], one["label"], one["source"]] for one in page["samples"]]
            cursor = page["next"]
    return found


def reasons(home: Path) -> list[list[str | int]]:
    """Return how many samples have each status and reason, as the owner reads it: [set, status, sentence, count]."""
    counted = "select set_name, status, reason, reason_figures, count(*) from samples group by 1, 2, 3, 4"
    found = rows(home, counted)
    return sorted([name, status, in_words(code, json.loads(figures)), count] for name, status, code, figures, count in found)


def rows(home: Path, question: str) -> list[tuple[Any, ...]]:
    """Return what the database of a home answers."""
    with sqlite3.connect(f"file:{home / 'inkloop.sqlite'}?mode=ro", uri=True) as database:
        return database.execute(question).fetchall()


def answers(visitor: Visitor, writer: int) -> list[dict[str, Any]]:
    """Return what is answered about a writer's digits, and who says what: [learner, role, version, label, p]."""
    found = []
    for label in "0123456789":
        told = visitor.predict(by(writer, label), consent=False)
        opinions = [
            [one["learner"], one["role"], one["version"], one["top"][0]["label"], one["top"][0]["p"]] for one in told["models"]
        ]
        answer = [told["answer"][name] for name in ("status", "label", "p")]
        found.append({"drawn": label, "answer": answer, "adapted": told["adapted"], "opinions": opinions})
    return found
