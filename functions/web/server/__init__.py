"""How requests reach the app: gunicorn's threads, behind a poller that waits for slow clients.

- ``framing``: how many bytes of a request have arrived.
- ``connection``: one client's socket, with what came and what must still go.
- ``turns``: whose request is next, and how many are under way.
- ``waits``: the bounded waits for a database or a bucket, during which a request gives its place to another.
- ``worker``: gunicorn's worker class.
"""
