"""The server's worker class with deadlines that a test can wait for."""

from functions.web.server.worker import Worker


class QuickWorker(Worker):
    """Waits a second or two where the platform's waits ten or thirty."""

    head, body, answer, queued, leftovers = 1.0, 2.0, 2.0, 2.0, 1.0
