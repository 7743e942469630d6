"""Recognises drawings that a set has already: the same picture to the byte, or one that looks almost the same."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from functions.domain.trust import SAME

BANDS = ((0, 22), (22, 21), (43, 21))  # first bit and width: of two hashes that differ in two bits, one of three bands is equal
AT_ONCE = 4_096  # new drawings that are compared one by one, before they are sorted in
Keys = NDArray[np.uint64]


class KnownDrawings:
    """The SHA-256 and perceptual hashes of drawings, some forty bytes for each."""

    def __init__(self, pictures: Iterable[str] = (), looks: Iterable[int] = ()) -> None:
        self._pictures = _sorted(np.fromiter((_prefix(one) for one in pictures), np.uint64))
        self._looks = np.fromiter((one & (2**64 - 1) for one in looks), np.uint64)
        self._new_pictures: set[int] = set()
        self._new_looks: list[int] = []
        self._bands = self._sorted_bands()

    def has_picture(self, png_sha256: str) -> bool:
        """Tell whether a picture is there to the byte."""
        wanted = _prefix(png_sha256)
        if wanted in self._new_pictures:
            return True
        place = int(np.searchsorted(self._pictures, np.uint64(wanted)))
        return place < len(self._pictures) and int(self._pictures[place]) == wanted

    def has_look(self, look: int) -> bool:
        """Tell whether a drawing is there whose perceptual hash differs in two bits at most."""
        wanted = np.uint64(look & (2**64 - 1))
        if self._new_looks and _near(np.array(self._new_looks, np.uint64), wanted):
            return True
        for (first, width), band in zip(BANDS, self._bands, strict=True):
            key = _band(np.array([wanted]), first, width)[0]
            low, high = np.searchsorted(band, [key << np.uint64(32), (key + np.uint64(1)) << np.uint64(32)])
            if low < high and _near(self._looks[(band[low:high] & np.uint64(2**32 - 1)).astype(np.int64)], wanted):
                return True
        return False

    def add(self, png_sha256: str, look: int) -> None:
        """Add a drawing."""
        self._new_pictures.add(_prefix(png_sha256))
        self._new_looks.append(look & (2**64 - 1))
        if len(self._new_looks) >= AT_ONCE:
            self._pictures = _sorted(np.concatenate([self._pictures, np.array(list(self._new_pictures), np.uint64)]))
            self._looks = np.concatenate([self._looks, np.array(self._new_looks, np.uint64)])
            self._new_pictures, self._new_looks = set(), []
            self._bands = self._sorted_bands()

    def _sorted_bands(self) -> list[Keys]:
        # The place of a hash stands behind its band in one number, so that sorting takes no second array.
        places = np.arange(len(self._looks), dtype=np.uint64)
        return [_sorted(_band(self._looks, first, width) << np.uint64(32) | places) for first, width in BANDS]


def _prefix(sha256: str) -> int:
    return int(sha256[:16], 16)


def _sorted(keys: Keys) -> Keys:
    return np.sort(keys)


def _band(looks: Keys, first: int, width: int) -> Keys:
    return (looks >> np.uint64(first)) & np.uint64(2**width - 1)


def _near(looks: Keys, wanted: np.uint64) -> bool:
    return bool((np.bitwise_count(looks ^ wanted) <= SAME).any())
