"""Situations with names. ``web.errors`` maps each one to a status code; nothing else knows about HTTP."""


class Situation(Exception):
    """Something that a person or a client can be told. The message is a full sentence, without paths or internals."""


class Malformed(Situation):
    """The request cannot be understood: wrong type, unknown field, missing field."""


class BrokenPicture(Malformed):
    """The bytes are not a PNG that can be read to its end."""


class BadStrokes(Malformed):
    """The strokes are not lists of finite points inside the limits' form."""


class TooLarge(Situation):
    """More bytes, pixels, strokes or points than a drawing may have."""


class WrongType(Situation):
    """A picture or a body of a kind that is not accepted."""


class EmptyDrawing(Situation):
    """Nothing is drawn."""


class BadLabel(Situation):
    """The label does not belong to the symbol set."""


class NotFound(Situation):
    """Something that was asked for by name is not there."""


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
    """Nobody with that id ever gave anything."""


class MissingObject(NotFound):
    """The object store has nothing under that key."""


class Conflict(Situation):
    """The request contradicts what is already recorded."""


class NothingLearned(Situation):
    """The symbol set has no networks yet: what it is to learn from is still being collected."""


class NotAllowed(Situation):
    """The caller is known, and may not do this."""


class NotSignedIn(Situation):
    """The caller must say who it is first."""


class Unavailable(Situation):
    """A part that is needed is not reachable just now; trying again later is right."""


class StoreUnavailable(Unavailable):
    """The object store cannot be reached, refuses the keys, or cannot write."""


class BrokenArtefact(Unavailable):
    """A version's file is missing, or its SHA-256 is not the recorded one; it must not answer."""


class LeaseLost(Exception):
    """A worker's claim on a run was taken over; whatever it still holds must not be published."""


class BadSettings(Exception):
    """The platform cannot start with these settings; the message is one clear sentence for the owner."""


class BadSet(Situation, BadSettings):
    """A symbol set that cannot be: told to the owner who defines it, and a reason not to start where it is shipped."""
