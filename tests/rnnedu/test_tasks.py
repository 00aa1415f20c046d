"""The task *repeat the last marked number*, against its definition read aloud."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnedu import tasks


@given(gap=st.integers(2, 30), steps=st.integers(1, 80), seed=st.integers(0, 2**32 - 1))
def test_the_target_is_the_number_marked_last(gap, steps, seed):
    X, y = tasks.repeat_last_marked(3, gap, steps, seed)
    assert (X.shape, y.shape) == ((3, steps, 2), (3, steps, 1))
    assert X.dtype == y.dtype == np.float32
    for numbers, marks, targets in zip(X[..., 0], X[..., 1], y[..., 0], strict=True):
        assert marks[0] == 1
        for number, mark, target in zip(numbers, marks, targets, strict=True):
            assert mark in (0, 1)
            kept = number if mark else kept  # noqa: F821 (the first is marked)
            assert target == kept
        assert (np.abs(numbers) <= 1).all()
        apart = np.diff(np.flatnonzero(marks))
        assert ((apart >= gap - gap // 2) & (apart <= gap + gap // 2)).all()
        assert steps - np.flatnonzero(marks)[-1] <= gap + gap // 2, "no mark is left out"


@pytest.mark.parametrize("gap", [2, 5, 40])
def test_marks_are_a_gap_apart_on_average_and_every_distance_occurs(gap):
    X, y = tasks.repeat_last_marked(50, gap, 200 * gap)
    apart = np.concatenate([np.diff(np.flatnonzero(marks)) for marks in X[..., 1]])
    assert apart.mean() == pytest.approx(gap, rel=0.02)
    assert set(apart) == set(range(gap - gap // 2, gap + gap // 2 + 1))
    assert y.std() == pytest.approx(np.sqrt(1 / 3), rel=0.02)  # of numbers in [-1, 1]


def test_sequences_follow_the_seed_and_last_three_gaps_by_default():
    first, again, other = (tasks.repeat_last_marked(4, 5, seed=s)[0] for s in (1, 1, 2))
    assert first.shape == (4, 15, 2)
    assert (first == again).all() and not (first == other).any(axis=(0, 1))[0]


@pytest.mark.parametrize(("sequences", "gap", "steps"), [(0, 5, 9), (1, 1, 9), (1, 5, 0)])
def test_what_cannot_be_made_is_refused(sequences, gap, steps):
    with pytest.raises(ValueError, match=r"cannot be made\. Fix: "):
        tasks.repeat_last_marked(sequences, gap, steps)
