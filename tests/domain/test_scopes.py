from __future__ import annotations

import pytest

from functions.domain.scopes import EVERYTHING, Scope, as_text, scopes_of
from functions.errors import Malformed


def test_admin_contains_everything_and_moderate_contains_read() -> None:
    assert scopes_of(["admin"]) == EVERYTHING
    assert scopes_of(["moderate"]) == {Scope.MODERATE, Scope.READ}
    assert scopes_of(["contribute"]) == {Scope.CONTRIBUTE}


def test_text_leaves_out_what_another_scope_contains() -> None:
    assert as_text(EVERYTHING) == "admin"
    assert as_text(scopes_of(["read", "moderate", "contribute"])) == "contribute moderate"


@pytest.mark.parametrize("names", [[], ["root"], ["read", "Admin"]])
def test_a_token_without_a_known_scope_is_refused(names: list[str]) -> None:
    with pytest.raises(Malformed, match="contribute, read, moderate, admin"):
        scopes_of(names)
