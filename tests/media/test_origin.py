"""Trails: what files say of where they come from, and what strangers may write there."""

import json

import pytest

from media.makers import TRAIL
from vivavoce.media.origin import Step, digest, from_json, merge, to_json


def test_a_trail_comes_back_and_is_ascii():
    assert from_json(to_json(TRAIL)) == TRAIL
    assert to_json(TRAIL).isascii()
    assert from_json(to_json(())) == ()
    odd = (Step(engine="😀\ud800", failure="line\nbreak"),)
    assert from_json(to_json(odd)) == odd


def wrapped(step):
    return json.dumps({"generator": "vivavoce", "steps": [step]})


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "[]",
        "null",
        "5",
        "{}",
        '{"generator": "other", "steps": []}',
        '{"generator": "vivavoce"}',
        '{"generator": "vivavoce", "steps": 5}',
        "[" * 100_000,
        '{"generator":' * 50_000,
        wrapped(5),
        wrapped({}),
        wrapped([]),
        wrapped({"engine": "x", "unknown": 1}),
        wrapped({"engine": "x", "seconds": "many"}),
        wrapped({"engine": "x", "inputs": 5}),
        wrapped({"engine": "x", "parameters": [1]}),
        wrapped({"engine": "x", "confidence": []}),
        " " * 2_000_000 + to_json(TRAIL),
    ],
)
def test_what_is_no_trail_is_an_empty_one(line):
    assert from_json(line) == ()


def test_fields_of_other_types_become_the_right_ones():
    (step,) = from_json(wrapped({"engine": 5, "seconds": "1.5", "parameters": {"a": 1}, "inputs": [7]}))
    assert step == Step(engine="5", seconds=1.5, parameters={"a": "1"}, inputs=("7",))


def test_merging_keeps_each_step_once_and_in_order():
    one, two = Step(engine="one"), Step(engine="two")
    assert merge([(one, two), (one,), (two,)]) == (one, two)


def test_digests_tell_shape_and_type_apart():
    import numpy as np

    zeros = np.zeros((2, 3), np.float32)
    assert (
        len({digest(zeros), digest(zeros.T), digest(zeros.view(np.int32)), digest(zeros.ravel()), digest("a", "b")})
        == 5
    )
    assert digest(np.zeros((4, 4))[:, :2]) == digest(np.zeros((4, 2)))
