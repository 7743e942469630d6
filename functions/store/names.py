"""Keys of objects.

A bucket contains ``samples/<set>/<label>/<id>.png`` and ``.json``, ``drawings/<set>/<id>.png`` and ``.json`` (kept with consent,
not labelled yet), ``sets/<set>.json``, ``exports/<set>/<run>/<file>``, ``imports/<set>/<run>/<part>``, and
``versions/<set>/<id>.tflite`` and ``.npz``.
"""

from __future__ import annotations

import hashlib
import re

NOT_A_SYMBOL_FOLDER = "_not-a-symbol"  # no escape starts with "_n", so no label is written like this
LONGEST_LABEL = 100  # written out; a file's name may have 255 bytes, and an object's key 1024


def escape(label: str | None) -> str:
    """Return a label as a folder's name: ``a``-``z``, ``0``-``9`` and ``-`` unchanged, every other byte as ``_`` and its hex.

    Different labels have different names, also in a file system that ignores case ("a" is ``a``, "A" is ``_41``).
    """
    if label is None:
        return NOT_A_SYMBOL_FOLDER
    name = re.sub(rb"[^a-z0-9-]", lambda byte: b"_" + byte[0].hex().encode(), label.encode()).decode() or "_"
    if len(name) <= LONGEST_LABEL:
        return name
    return f"{name[: LONGEST_LABEL // 2]}_sha256-{hashlib.sha256(label.encode()).hexdigest()[:32]}"


def picture_key(set_name: str, label: str | None, sample_id: str) -> str:
    """Return the key of a sample's picture."""
    return f"samples/{set_name}/{escape(label)}/{sample_id}.png"


def facts_key(set_name: str, label: str | None, sample_id: str) -> str:
    """Return the key of a sample's facts."""
    return f"samples/{set_name}/{escape(label)}/{sample_id}.json"


def drawing_key(set_name: str, drawing_id: str) -> str:
    """Return the key of the picture of a drawing without a label."""
    return f"drawings/{set_name}/{drawing_id}.png"


def drawing_facts_key(set_name: str, drawing_id: str) -> str:
    """Return the key of the facts of a drawing without a label."""
    return f"drawings/{set_name}/{drawing_id}.json"


def export_key(set_name: str, run_id: str, name: str) -> str:
    """Return the key of a file of an export; of an empty name, the beginning of all its keys."""
    return f"exports/{set_name}/{run_id}/{name}"


def import_key(set_name: str, run_id: str, name: str) -> str:
    """Return the key of a part or of the report of an import; of an empty name, the beginning of all its keys."""
    return f"imports/{set_name}/{run_id}/{name}"


def set_key(set_name: str) -> str:
    """Return the key of a symbol set's facts."""
    return f"sets/{set_name}.json"
