"""Named situations; ``web.errors`` maps each one to an HTTP status."""


class Situation(Exception):
    """An error that people or clients may read about. The message is a full sentence, without paths or internals."""

    @property
    def problem(self) -> str:
        """The message; a ``domain.problem.Problem`` where pages have it in other languages."""
        message: str = self.args[0] if self.args else ""
        return message


class Malformed(Situation):
    """The request cannot be understood: wrong type, unknown field, missing field."""


class BrokenPicture(Malformed):
    """The bytes are not a PNG that can be read to its end."""


class BadStrokes(Malformed):
    """The strokes are not lists of finite points."""


class TooLarge(Situation):
    """More bytes, pixels, strokes or points than a drawing may have."""


class WrongType(Situation):
    """A picture or a body of a kind that is not accepted."""


class EmptyDrawing(Situation):
    """Nothing is drawn."""


class BadLabel(Situation):
    """The label does not belong to the symbol set."""


class NotFound(Situation):
    """The requested object does not exist."""


class UnknownSet(NotFound):
    """No symbol set has that name."""


class UnknownSample(NotFound):
    """No sample has that id, or it was withdrawn."""


class UnknownPrediction(NotFound):
    """No prediction has that id."""


class UnknownVersion(NotFound):
    """No version has that id."""


class UnknownRun(NotFound):
    """No run has that id."""


class UnknownContributor(NotFound):
    """No contributor has that id."""


class UnknownToken(NotFound):
    """No token has that id."""


class MissingObject(NotFound):
    """The object store has nothing under that key."""


class Conflict(Situation):
    """The request contradicts what is already recorded."""


class InProgress(Conflict):
    """An equal request is being answered now; the client should send its request again later."""


class KeyReused(Situation):
    """An Idempotency-Key belongs to another request."""


class NothingLearned(Situation):
    """The symbol set has no networks yet: its first samples are still being collected."""


class NotAllowed(Situation):
    """The caller is known, and may not do this; ``scope`` is the scope of a token that may, "" where none is lacking."""

    def __init__(self, message: str = "", scope: str = "") -> None:
        super().__init__(message)
        self.scope = scope


class NotSignedIn(Situation):
    """The caller must say who it is first."""


class Unavailable(Situation):
    """A necessary part is not reachable now; the client should try again later."""


class TooManyWait(Unavailable):
    """So many requests wait for the database in this process that no more may."""

    def __init__(self, message: str = "Too many wait for the database; try again.") -> None:
        super().__init__(message)


class StoreUnavailable(Unavailable):
    """The object store cannot be reached, refuses the keys, or cannot write; ``advice`` is for the owner's log alone."""

    def __init__(self, message: str = "", advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice

    @property
    def for_owner(self) -> str:
        """The message and the advice."""
        return f"{self} {self.advice}".strip()


class OutboxFull(Unavailable):
    """So much waits for the object store that nothing more is accepted."""


class BrokenArtefact(Unavailable):
    """A version's file is missing, or its SHA-256 is not the recorded one, so the version cannot be loaded."""


class LeaseLost(Exception):
    """Another worker has taken the run over, so this worker must not publish its results."""


class BadSettings(Exception):
    """The platform cannot start with these settings; the message is one clear sentence for the owner."""


class BadSet(Situation, BadSettings):
    """An invalid symbol set: of the owner's definition, or shipped, and then the platform does not start."""
