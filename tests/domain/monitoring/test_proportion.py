from __future__ import annotations

import pytest
from scipy.stats import binomtest

from functions.domain.monitoring import Proportion, wilson_interval


def test_a_share_knows_its_interval() -> None:
    share = Proportion(196, 200)
    # By hand: p = 0.98, z = 1.96; the middle is (0.98 + 0.009604) / 1.019208, half the width 0.020617.
    assert (share.share, share.low, share.high) == (0.98, pytest.approx(0.949721, abs=2e-5), pytest.approx(0.992186, abs=2e-5))


def test_of_nothing_nothing_is_known() -> None:
    nothing = Proportion()
    assert (nothing.successes, nothing.count, nothing.share, nothing.low, nothing.high) == (0, 0, None, None, None)


@pytest.mark.parametrize(("share", "low", "high"), [(0.0, 0.0, 0.793460), (1.0, 0.206540, 1.0)])
def test_one_answer_proves_almost_nothing(share: float, low: float, high: float) -> None:
    assert wilson_interval(share, 1) == (pytest.approx(low, abs=1e-5), pytest.approx(high, abs=1e-5))


@pytest.mark.parametrize(("some", "count"), [(0, 1), (1, 1), (3, 7), (0, 40), (196, 200), (4_999, 5_000)])
def test_the_interval_is_wilsons_as_scipy_computes_it(some: int, count: int) -> None:
    oracle = binomtest(some, count).proportion_ci(0.95, method="wilson")
    assert wilson_interval(some / count, count, z=1.959964) == pytest.approx((oracle.low, oracle.high), abs=1e-7)
