"""The API of prompts: which symbols a contributor should draw next, and why."""

from __future__ import annotations

import random

from flask import Response

from functions import registry
from functions.domain.prompts import next_labels
from functions.records.prompt_statistics import label_statistics
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_query
from functions.web.api.present import json_response
from functions.web.api.request_schemas import PromptsQuery
from functions.web.api.response_schemas import PromptsOut
from functions.web.api.samples import api
from functions.web.platform import platform
from functions.web.security import identity


@api.get("/sets/<set_name>/prompts")
@Operation("What to draw next, for this contributor, and why", PromptsOut, query=PromptsQuery, errors=(400, 401, 404, 422))
def prompts(set_name: str) -> Response:
    """Return the labels to draw next."""
    here, query, who = platform(), read_query(PromptsQuery), identity.caller()
    with here.database.reading() as session:
        symbols = registry.symbol_set(session, set_name)
        if query.after is not None:
            symbols.index(query.after)
        statistics = label_statistics(session, symbols, who.contributor if who.known else None)
    ask = query.ask or here.settings.ask
    found = next_labels(statistics, random.SystemRandom(), query.limit, ask=ask, confusable=symbols.confusable, after=query.after)
    response = json_response(PromptsOut.model_validate({"set": set_name, "ask": ask, "prompts": found, "next": None}))
    response.cache_control.no_store = True  # prompts differ each time, and for each contributor
    return response
