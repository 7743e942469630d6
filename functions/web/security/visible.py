"""Who may see a drawing: everybody once it is accepted, before that its author and the owner."""

from __future__ import annotations

from functions.domain.scopes import Scope
from functions.errors import NotAllowed, UnknownSample
from functions.records.tables import Sample
from functions.web.security import access, identity

TOLD = f"Until it is accepted, only its author, the owner and tokens with the scope '{Scope.READ}' may see this drawing."


def visible(sample: Sample) -> Sample:
    """Return a sample whose drawing the caller may see.

    Raises:
        UnknownSample: it was withdrawn.
        NotAllowed: it is not accepted, and the caller is neither its author nor the owner.
    """
    if sample.status == "withdrawn":
        raise UnknownSample("This drawing was withdrawn.")
    if sample.status != "accepted" and not access.may() and identity.caller().contributor != sample.contributor_id:
        raise NotAllowed(TOLD, Scope.READ)
    return sample
