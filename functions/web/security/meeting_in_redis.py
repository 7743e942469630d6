"""Redis as the place where processes add up what each has counted. Imported only where there is one: redis-py takes 0.1 s."""

from __future__ import annotations

import time
from typing import cast

from redis import Redis
from redis.exceptions import RedisError

from functions.web.security.meeting_places import Away, Counts

PATIENCE = 1.0  # seconds that a Redis gets: a request may wait for it
PREFIX = "inkloop:limit:"


class InRedis:
    """Counts in a Redis, which forgets each by itself when it ends."""

    name = "Redis"

    def __init__(self, url: str, redis: Redis | None = None) -> None:
        self._redis = redis or Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)

    def add(self, counts: Counts) -> Counts:
        """Add to some counts in one transaction."""
        moment = time.time()
        try:
            with self._redis.pipeline(transaction=True) as pipe:
                for key, (more, ends) in counts.items():
                    pipe.set(PREFIX + key, 0, px=max(1, round(1000 * (ends - moment))), nx=True)
                    pipe.incrby(PREFIX + key, more)
                    pipe.pttl(PREFIX + key)
                answers = cast(list[int], pipe.execute())
        except RedisError as error:
            raise Away(type(error).__name__) from error
        pairs = zip(answers[1::3], answers[2::3], strict=True)
        return {key: (count, moment + left / 1000) for key, (count, left) in zip(counts, pairs, strict=True)}
