"""What an output depends on, against functions of which it is known."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnedu import cells, probes

STEPS = 7


def sequences(batch=2, features=1, seed=0):
    return np.random.default_rng(seed).normal(size=(batch, STEPS, features))


def shifted(x, by):
    """Return each sequence `by` time steps late; early, if it is negative."""
    return np.roll(x, by, axis=1)


@given(by=st.integers(-STEPS + 1, STEPS - 1), change=st.sampled_from([-2.0, 0.5, 1.0]))
def test_a_shift_depends_on_one_input_each(by, change):
    moved = probes.output_changes(lambda x: shifted(x, by), sequences(), change)
    assert moved == pytest.approx(abs(change) * np.roll(np.eye(STEPS), by, axis=1))


def test_a_linear_map_moves_by_its_weights():
    matrix = np.random.default_rng(1).normal(size=(STEPS, 3))
    moved = probes.output_changes(lambda x: x[..., 0] @ matrix, sequences())
    assert moved == pytest.approx(np.abs(matrix))


def test_the_largest_of_batch_and_features_counts():
    def second_feature_of_second_sequence(x):
        out = np.zeros_like(x)
        out[1, :, 1] = 3 * x[1, :, 1]
        return out

    x = sequences(features=2)
    moved = probes.output_changes(second_feature_of_second_sequence, x)
    assert moved == pytest.approx(3 * np.eye(STEPS))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_input_is_left_as_it_was(dtype):
    x = sequences().astype(dtype)
    kept = x.copy()
    probes.output_changes(lambda x: x, x)
    assert x.dtype == dtype and (x == kept).all()


def network(*layers):
    return keras.Sequential([keras.Input((STEPS, 1)), *layers])


def lstm(every_step=True):
    return keras.layers.LSTM(3, return_sequences=every_step)


def test_an_lstm_reads_the_past_and_a_bidirectional_one_everything():
    past = np.triu(np.ones((STEPS, STEPS), bool))
    x = sequences().astype("float32")
    one_way = probes.output_changes(network(lstm()), x)
    both_ways = probes.output_changes(network(keras.layers.Bidirectional(lstm())), x)
    assert ((one_way > 1e-7) == past).all() and (one_way[~past] == 0).all()
    assert (both_ways > 1e-7).all()


def test_one_output_after_the_sequence_makes_one_column():
    model = network(lstm(False), keras.layers.Dense(1))
    x = sequences()
    by_keras = probes.output_changes(model, x)
    by_numpy = probes.output_changes(cells.Network.from_keras(model), x)
    assert by_keras.shape == (STEPS, 1)
    assert by_keras == pytest.approx(by_numpy, abs=1e-6)


@pytest.mark.parametrize(
    ("function", "x", "fix"),
    [
        (lambda x: x, np.zeros((4, STEPS)), "give sequences"),
        (lambda x: x.mean(), sequences(), "let it return"),
        (lambda x: x[0], sequences(), "let it return"),
        (lambda x: x * np.nan, sequences(), "fill the gaps"),
    ],
)
def test_what_cannot_be_probed_is_refused(function, x, fix):
    with pytest.raises(ValueError, match=f"Fix: {fix}"):
        probes.output_changes(function, x)
