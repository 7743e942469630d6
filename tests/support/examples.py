"""How much a test tries: little each time, much before a release (``make test-long``)."""

from __future__ import annotations

from hypothesis import settings

LONGER = 10  # times as many examples before a release

# `make test-long` chooses this profile with --hypothesis-profile; tests/conftest.py imports this module before that.
settings.register_profile("long", deadline=None, max_examples=100 * LONGER)


def before_release() -> bool:
    """Return whether the tests run with the profile ``long``."""
    return settings.get_current_profile_name() == "long"


def examples(few: int) -> settings:
    """Return a decorator that tries ``few`` examples, ten times as many before a release. No example has a deadline."""
    return settings(max_examples=few * (LONGER if before_release() else 1), deadline=None)
