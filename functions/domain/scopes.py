"""What a token may do: its scopes, and the scopes that a scope contains."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from functions.errors import Malformed


class Scope(StrEnum):
    """A right that a token has; ``contained`` lists the scopes that come with it."""

    CONTRIBUTE = "contribute"
    READ = "read"
    MODERATE = "moderate"
    ADMIN = "admin"

    @property
    def contained(self) -> frozenset[Scope]:
        """This scope, and those that come with it: who decides about waiting drawings must see them."""
        if self is Scope.ADMIN:
            return frozenset(Scope)
        return frozenset((self, Scope.READ)) if self is Scope.MODERATE else frozenset((self,))


EVERYTHING = frozenset(Scope)


def scopes_of(names: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes of that names, with those that they contain; raise Malformed for no name or an unknown one."""
    try:
        named = [Scope(name) for name in names]
    except ValueError as error:
        raise Malformed(f"The scopes are {', '.join(Scope)}.") from error
    if not named:
        raise Malformed(f"A token needs a scope: {', '.join(Scope)}.")
    return frozenset().union(*(scope.contained for scope in named))


def as_text(scopes: Iterable[Scope]) -> str:
    """Return the scopes as text, in their order, without those that another one contains."""
    held = set(scopes)
    return " ".join(one for one in Scope if one in held and not any(one in other.contained for other in held - {one}))
