"""The verb *read*: a whole number or word becomes glyphs, each answered by both networks; they are stored only with consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from functions.dataset.continued_readings import earlier_reading, found_again
from functions.dataset.predicted import Examples
from functions.dataset.readings import Reading, ReadingNetworks, answer_glyph, glyphs_to_keep, store
from functions.domain.reading import Writing
from functions.domain.reading import read as cut_into_glyphs
from functions.records.database import Database
from functions.records.idempotency import RequestKey


def read(
    database: Database,
    runtime: ReadingNetworks,
    *,
    set_name: str,
    writing: Writing,
    contributor: str | None = None,
    examples: Examples | None = None,
    key: RequestKey | None = None,
    continues: Sequence[str] = (),
) -> Reading:
    """Read a line of writing.

    A ``contributor`` is given only with consent: then each glyph is stored as a drawing of its own, with its strokes and its own
    prediction, all in one transaction. Stored glyphs of a request with the same ``key`` are returned again. A line that
    ``continues`` the reading of kept predictions keeps only those glyphs that are not kept already.

    Raises:
        UnknownSet: there is no such symbol set.
        NothingLearned: the set has no networks yet.
        TooLarge: there are more than thirty glyphs.
        KeyReused: the key was used for another request.
    """
    with runtime.cnn(set_name) as ask:
        cut = cut_into_glyphs(writing, ask)
    answered = [answer_glyph(runtime, set_name, glyph, examples) for glyph in cut.glyphs()]
    for number, group in enumerate(cut.groups):
        if group in cut.read_as and not answered[number].predicted.adapted:
            part = answer_glyph(runtime, set_name, cut.writing.glyph(cut.read_as[group]), None)
            answered[number] = replace(answered[number], label=part.label)
    if contributor is None:
        return Reading(tuple(one.shown() for one in answered))
    earlier = None
    if continues:
        with database.reading() as session:
            earlier = earlier_reading(session, set_name, contributor, continues)
    if earlier is not None:
        answered = found_again(answered, earlier)
    return store(database, answered, glyphs_to_keep(answered, contributor, earlier.id if earlier else None), key)
