"""The symbol sets, their versions and activations, and the files of versions."""

from functions.registry.artefacts import CONTENT_TYPES, Artefacts, artefact_key
from functions.registry.seed import bootstrap, seed
from functions.registry.symbol_sets import origins, symbol_set, symbol_sets
from functions.registry.versions import (
    activate,
    answered,
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
    "Artefacts",
    "activate",
    "answered",
    "artefact_key",
    "bootstrap",
    "is_of_older_form",
    "latest_activation",
    "live",
    "newest_ids",
    "original",
    "origins",
    "seed",
    "shipped",
    "symbol_set",
    "symbol_sets",
    "version",
    "versions",
]
