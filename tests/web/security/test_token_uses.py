from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import event

from functions.records.tokens import list_tokens
from functions.web.platform import Platform


def test_many_requests_with_a_token_write_once(client: FlaskClient, here: Platform, owner: dict[str, str]) -> None:
    writes = []

    @event.listens_for(here.database.engine, "before_cursor_execute")
    def note(connection, cursor, statement, *rest) -> None:
        if statement.startswith("UPDATE tokens"):
            writes.append(statement)

    for _ in range(20):
        assert client.get("/api/v1/samples/none.png", headers=owner).status_code == 404
        assert client.post("/api/v1/sets/none/runs", headers=owner).status_code in (400, 404)
    assert len(writes) == 1
    with here.database.reading() as session:
        assert list_tokens(session)[0].used is not None
