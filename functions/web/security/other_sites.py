"""Whether a page of another site sent a request: then no cookie counts for a change."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


def from_another_site() -> bool:
    """Tell whether a page of another origin sent the request, also of a sibling domain; a client that is no browser did not.

    Browsers say so in ``Sec-Fetch-Site``, except over plain http to another machine, and old ones. These send ``Origin``.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc.lower() != request.host.lower()
    except ValueError:
        return True
