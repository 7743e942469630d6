"""The symbol sets, their versions and activations, and the files of versions."""

from functions.registry.artefacts import CONTENT_TYPES, Artefacts, artefact_key
from functions.registry.restore import RestoredVersions, restore_versions
from functions.registry.seed import bootstrap, seed
from functions.registry.stored_versions import expected_versions, send_versions_again
from functions.registry.sweep import SAFE_AGE, sweep
from functions.registry.symbol_sets import origins, sets_in_order, symbol_set, symbol_sets
from functions.registry.version_facts import activation_key
from functions.registry.versions import (
    activate,
    answered,
    ever_live,
    is_of_older_form,
    latest_activation,
    live,
    newest_ids,
    original,
    shipped,
    version,
    versions,
)

__all__ = [
    "CONTENT_TYPES",
    "SAFE_AGE",
    "Artefacts",
    "RestoredVersions",
    "activate",
    "activation_key",
    "answered",
    "artefact_key",
    "bootstrap",
    "ever_live",
    "expected_versions",
    "is_of_older_form",
    "latest_activation",
    "live",
    "newest_ids",
    "original",
    "origins",
    "restore_versions",
    "seed",
    "send_versions_again",
    "sets_in_order",
    "shipped",
    "sweep",
    "symbol_set",
    "symbol_sets",
    "version",
    "versions",
]
