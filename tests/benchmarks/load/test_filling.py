"""What benchmarks/load/measure.py fills a platform with must be as whole as what people leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from benchmarks.load.filling import CORRECTED, HELD, OF_A_RUN, WITHDRAWN, fill, patterns
from functions import registry
from functions.app import open_platform
from functions.records.kept_counts import differing
from functions.records.label_counts import FEW_ROWS, counts_by_label
from functions.records.metrics import CorrectionsCache
from functions.records.runs import lineage
from functions.records.tables import EvidenceRow, Run, Sample, Version
from functions.settings import Settings
from functions.training import lanes, training_set
from functions.web.platform import Platform
from tests.support import tiny_models
from tests.support.sample_drawings import ONE, SEVEN

SAMPLES = 230


@pytest.fixture
def filled(settings: Callable[..., Settings], tmp_path: Path) -> Platform:
    tiny_models.ship(tmp_path / "models")
    platform = open_platform(settings(models=tmp_path / "models"))
    some = [{"strokes": one["strokes"], "box": [280, 280], "label": label} for one, label in ((ONE, "1"), (SEVEN, "7"))]
    fill(platform, SAMPLES, patterns(some))
    return platform


def test_a_filled_platform_is_whole_and_answers_with_its_newest_versions(filled: Platform) -> None:
    with filled.database.reading() as session:
        statuses = Counter(session.scalars(select(Sample.status)))
        withdrawn = len(range(0, SAMPLES, WITHDRAWN))
        held = len([number for number in range(1, SAMPLES, HELD) if number % WITHDRAWN])
        assert statuses == {"accepted": SAMPLES - withdrawn - held, "withdrawn": withdrawn, "pending": held}
        assert differing(session) == []
        accepted = select(Sample.label).where(Sample.status == "accepted")
        assert counts_by_label(session, "digits") == Counter(session.scalars(accepted))
        runs = session.scalar(select(func.count()).select_from(Run))
        assert runs == -(-SAMPLES // OF_A_RUN)
        live = registry.live(session, "digits")
        assert all(len(lineage(session, version)) == runs for version in live.values())
        assert session.scalar(select(func.count()).where(Version.original)) == len(live)
        corrections = [number for number in range(0, SAMPLES, CORRECTED) if number % WITHDRAWN and number % HELD != 1]
        assert len(CorrectionsCache().newest(session, "digits").labelled) == len(corrections)
        assert 0 < (session.scalar(select(func.count()).select_from(EvidenceRow)) or 0) < FEW_ROWS
        read = training_set.gather(session, registry.symbol_set(session, "digits"), tuple(live["cnn"].labels), lanes.FULL, seed=1)
        assert set(read.given) == {"1", "7"}
        assert set(read.squares.new.y.tolist()) == {1, 7}
    filled.runtime.refresh()
    answered = filled.runtime.ask("digits", read.squares.new.x[0] / 255)
    assert {opinion.version for opinion in answered if opinion.role == "learned"} == {version.id for version in live.values()}
