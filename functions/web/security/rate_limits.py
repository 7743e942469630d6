"""Rate limits for each contributor and each address, shared by all processes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from flask import Flask, request
from werkzeug.exceptions import TooManyRequests

from functions.web.platform import Platform
from functions.web.security.addresses import client_address, counted_as, site_of
from functions.web.security.identity import SAFE_METHODS, cookie_contributor
from functions.web.security.keys import keyed_hash
from functions.web.security.meeting_places import InDatabase, MeetingPlace
from functions.web.security.shared_counts import Limit, SharedCounts

MINUTE, HOUR = 60, 3600  # seconds


def _client() -> str:
    return counted_as(client_address())


def _site() -> str | None:
    """Return the /48 of IPv6 that one site has; None for IPv4."""
    client = _client()
    return None if (site := site_of(client)) == client else site


def _contributor() -> str | None:
    """Return the contributor of the cookie. A visitor without a cookie is counted by the address alone."""
    return cookie_contributor()


def _stranger() -> str | None:
    """Return the client of a request without a contributor's cookie."""
    return None if _contributor() else _client()


def _strangers_site() -> str | None:
    """Return the site of a request without a contributor's cookie."""
    return None if _contributor() else _site()


Who = Callable[[], str | None]
Limits = tuple[tuple[Who, Limit], ...]
SITES: dict[Who, Who] = {_client: _site, _stranger: _strangers_site}
SITE_SHARE = 5  # times a client's limit: what all clients of one site may do together


def _keeps(per_minute: int) -> Limits:
    """Return the limits of what keeps a drawing or a label. Its answer gives a visitor a cookie, so few requests have none."""
    return (
        (_contributor, Limit(10, 1)),
        (_contributor, Limit(per_minute, MINUTE)),
        (_stranger, Limit(2 * per_minute, MINUTE)),
        (_client, Limit(10 * per_minute, MINUTE)),
    )


# A session has two hundred drawings, and the page asks for predictions while the pen moves. A classroom shares one address,
# and its visitors have no cookie as long as nothing is kept. A visitor who deletes the cookie is still counted by the address.
PREDICTIONS: Limits = ((_contributor, Limit(20, 1)), (_contributor, Limit(300, MINUTE)), (_client, Limit(3000, MINUTE)))
# A reading costs up to a second, and keeps up to thirty drawings. An explanation asks the CNN more than a hundred times. To ask
# all versions about a drawing reads and opens some sixteen networks; to compare two asks both two thousand times, once.
# ``server/waits.py`` bounds how many compute at once; a classroom of thirty reads every two seconds.
COSTLY: Limits = ((_contributor, Limit(5, 1)), (_contributor, Limit(120, MINUTE)), (_client, Limit(900, MINUTE)))
LIMITS: dict[str, Limits] = {
    "api.predict": PREDICTIONS,
    "pages.recognise_picture": COSTLY,  # its page has an explanation
    "api.read": COSTLY,
    "api.explain": COSTLY,
    "api.answers": COSTLY,
    "pages.drawing_versions": COSTLY,
    "pages.compare": COSTLY,
    "api.cut_again": _keeps(120),
    "api.contribute": _keeps(120),
    "api.correct": _keeps(120),
    "api.report": _keeps(10),
    "api.export": ((_client, Limit(30, MINUTE)),),  # each takes a second or two
    "api.run": ((_client, Limit(6000, MINUTE)),),  # each page that learns asks twice a second
    "admin.login": (
        (_client, Limit(10, MINUTE, strict=True)),
        (_client, Limit(50, HOUR, strict=True)),
        (_site, Limit(200, HOUR, strict=True)),
    ),
}
ELSEWHERE: Limits = ((_client, Limit(1200, MINUTE)),)  # each other view
FREE = ("health.healthz", "health.readyz", "static")  # a platform's own probes are never refused
ONLY_CHANGES = ("admin.login",)  # to look at the form is no attempt


def install(app: Flask, here: Platform) -> None:
    """Count requests, and answer 429 to too many."""
    if not here.settings.limits:
        return
    counts = SharedCounts(meeting_places(here))

    @app.before_request
    def refuse_too_many() -> None:
        endpoint = request.endpoint or "none"
        if endpoint in FREE or request.method == "OPTIONS":
            return
        limits = LIMITS.get(endpoint, ELSEWHERE)
        if endpoint in ONLY_CHANGES and request.method in SAFE_METHODS:
            endpoint, limits = "elsewhere", ELSEWHERE
        for who, limit in with_sites(limits):
            if (name := who()) is None:
                continue
            key = keyed_hash("limit", f"{endpoint} {who.__name__} {limit.seconds} {name}".encode())[:32]
            if (wait := counts.wait(key, limit)) is not None:
                raise TooManyRequests(retry_after=max(1, math.ceil(wait)))


@cache
def with_sites(limits: Limits) -> Limits:
    """Return limits, and those of the sites of the clients, unless they name one."""
    if any(who is _site for who, _ in limits):
        return limits
    sites = ((SITES[who], replace(limit, most=SITE_SHARE * limit.most)) for who, limit in limits if who in SITES)
    return (*limits, *sites)


def meeting_places(here: Platform) -> list[MeetingPlace]:
    """Return where the processes add up their counts: in Redis where it is set, and in the database while it is away."""
    places: list[MeetingPlace] = [InDatabase(here.database)]
    if here.settings.redis_url:
        from functions.web.security.meeting_in_redis import InRedis

        places.insert(0, InRedis(here.settings.redis_url))
    return places
