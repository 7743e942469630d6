from __future__ import annotations

import pytest

from functions.domain.monitoring import Proportion, interval, proportion_of


def test_a_share_knows_its_interval() -> None:
    share = proportion_of([True] * 196 + [False] * 4)
    assert share == Proportion(196, 200)
    # By hand: p = 0.98, z = 1.96; the middle is (0.98 + 0.009604) / 1.019208, half the width 0.020617.
    assert (share.share, share.low, share.high) == (0.98, pytest.approx(0.949721, abs=2e-5), pytest.approx(0.992186, abs=2e-5))


def test_of_nothing_nothing_is_known() -> None:
    nothing = proportion_of([])
    assert (nothing.successes, nothing.count, nothing.share, nothing.low, nothing.high) == (0, 0, None, None, None)


@pytest.mark.parametrize(("share", "low", "high"), [(0.0, 0.0, 0.793460), (1.0, 0.206540, 1.0)])
def test_one_answer_proves_almost_nothing(share: float, low: float, high: float) -> None:
    assert interval(share, 1) == (pytest.approx(low, abs=1e-5), pytest.approx(high, abs=1e-5))
