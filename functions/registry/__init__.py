"""Which symbol sets and versions exist, which version answers, and the files of each."""

from functions.registry.versions import (
    CONTENT_TYPES,
    activate,
    artefact,
    artefact_key,
    is_of_older_form,
    latest_activation,
    live,
    original,
    origins,
    seed,
    symbol_set,
    symbol_sets,
    version,
    versions,
)

__all__ = [
    "CONTENT_TYPES",
    "activate",
    "artefact",
    "artefact_key",
    "is_of_older_form",
    "latest_activation",
    "live",
    "original",
    "origins",
    "seed",
    "symbol_set",
    "symbol_sets",
    "version",
    "versions",
]
