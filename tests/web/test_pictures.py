"""What strangers may send as a drawing: whatever it is, the answer is none of ours that failed."""

from __future__ import annotations

from itertools import chain

import numpy as np
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.domain.drawing import from_png
from functions.errors import BrokenPicture, EmptyDrawing, Situation, TooLarge, WrongType
from tests.support.examples import before_release, examples
from tests.support.png_corpus import broken, good, hostile

PREDICTIONS, SAMPLES = "/api/v1/sets/digits/predictions", "/api/v1/sets/digits/samples"


def test_every_good_picture_is_drawn() -> None:
    for name, picture in good():
        assert np.isfinite(from_png(picture).square).all(), name


def test_a_broken_or_hostile_picture_is_drawn_or_refused_in_words() -> None:
    some = list(good())[:: 1 if before_release() else 4]
    for name, picture in chain(hostile(), chain.from_iterable(broken(picture) for _, picture in some)):
        try:
            assert np.isfinite(from_png(picture).square).all(), name
        except Situation as situation:
            assert isinstance(situation, BrokenPicture | TooLarge | WrongType | EmptyDrawing), name
            assert str(situation).endswith("."), name


def test_no_picture_makes_the_platform_fail(client: FlaskClient) -> None:
    pictures = [*good(), *hostile(), *(one for _, picture in list(good())[-1:] for one in broken(picture))]
    for name, picture in pictures if before_release() else pictures[::5]:
        answer = client.post(PREDICTIONS, data=picture, content_type="image/png")
        assert answer.status_code in (200, 400, 413, 415), (name, answer.status_code)
        assert b"NaN" not in answer.data, name


numbers = st.one_of(
    st.floats(-300, 600),
    st.integers(-300, 600),
    st.sampled_from(["1e308", "-1e308", "1e999", "NaN", "Infinity", "-0.0", "null", "true", '"1"', "[]", "1e-320", "9" * 400]),
).map(str)
points = st.lists(numbers, max_size=5).map(lambda parts: f"[{','.join(parts)}]")
lines = st.lists(points | numbers, max_size=6).map(lambda parts: f"[{','.join(parts)}]")
many = st.builds(
    lambda part, times: f"[{','.join([part] * times)}]", points | lines | st.just("[]"), st.sampled_from([1, 199, 201, 9999])
)
sides = st.sampled_from(["280", "1", "0.001", "100000", "1e5", "0", "-1", "null", '"280"', "1e308", "9" * 400])


@settings(parent=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strokes=many | st.lists(lines, max_size=4).map(lambda parts: f"[{','.join(parts)}]"), width=sides, height=sides)
def test_no_strokes_make_the_platform_fail(client: FlaskClient, strokes: str, width: str, height: str) -> None:
    body = f'{{"strokes": {strokes}, "width": {width}, "height": {height}, "label": "7"}}'
    answer = client.post(SAMPLES, data=body, content_type="application/json")
    assert answer.status_code in (201, 400, 413, 422), answer.json
