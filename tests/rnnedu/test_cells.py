"""The textbook's cells against steps by hand and against Keras."""

import math

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnedu import cells

KINDS = {
    "elman": (keras.layers.SimpleRNN, {}),
    "lstm": (keras.layers.LSTM, {}),
    "gru": (keras.layers.GRU, {"reset_after": False}),
    "gru, reset after": (keras.layers.GRU, {"reset_after": True}),
}


def layer_of(kind, units, features, seed=0):
    cls, options = KINDS[kind]
    layer = cls(units, return_sequences=True, **options)
    layer.build((None, None, features))
    random = np.random.default_rng(seed)
    # As large as Keras draws them. Far larger ones make a chaotic map, in which no two
    # orders of summation agree for long.
    scale = 0.8 / units**0.5
    layer.set_weights([random.normal(0, scale, w.shape) for w in layer.get_weights()])
    return layer


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(
    units=st.integers(1, 48),
    features=st.integers(1, 10),
    batch=st.integers(1, 4),
    time=st.integers(1, 80),
    seed=st.integers(0, 1000),
)
def test_equal_to_keras(kind, units, features, batch, time, seed):
    layer = layer_of(kind, units, features, seed)
    x = np.random.default_rng(seed + 1).normal(size=(batch, time, features))
    x = x.astype(np.float32)
    step, weights = cells.from_keras(layer)
    trace = cells.run(step, x, weights)
    assert trace["h"].dtype == np.float32
    np.testing.assert_allclose(trace["h"], layer(x), rtol=0, atol=1e-6)


def scalar(**blocks):
    """Weights of one unit and one feature: W, U, b and the second bias by block."""
    parts = zip(*blocks.values(), strict=True)
    shapes = [(1, 1), (1, 1), (1,), (1,)]
    return cells.Weights(
        *(
            {name: np.full(shape, float(v)) for name, v in zip(blocks, part, strict=True)}
            for part, shape in zip(parts, shapes, strict=True)
        )
    )


def test_an_elman_step_by_hand():
    w = scalar(h=(0.5, -1, 0.25, 0))
    h = cells.elman_step(np.array([[2.0]]), {"h": np.array([[0.5]])}, w)["h"]
    assert h == pytest.approx(math.tanh(0.5 * 2 - 0.5 + 0.25))


def test_an_lstm_step_by_hand():
    w = scalar(i=(1, 0, 0, 0), f=(0, 1, 1, 0), g=(0, 0, 0.5, 0), o=(0, 0, -1, 0))
    out = cells.lstm_step(np.array([[2.0]]), {k: np.array([[0.5]]) for k in "hc"}, w)
    i, f, o = (1 / (1 + math.exp(-a)) for a in (2, 1.5, -1))
    c = f * 0.5 + i * math.tanh(0.5)
    assert out["i"] == pytest.approx(i)
    assert out["f"] == pytest.approx(f)
    assert out["c"] == pytest.approx(c)
    assert out["h"] == pytest.approx(o * math.tanh(c))


def test_a_gru_step_by_hand_in_both_forms():
    w = scalar(z=(1, 0, 0, 0.5), r=(0, 0, -1, 0.5), n=(1, 2, 0.25, 0.75))
    x, carried = np.array([[1.0]]), {"h": np.array([[0.5]])}
    z, r = (1 / (1 + math.exp(-a)) for a in (1, -1))
    n = math.tanh(1 + 2 * (r * 0.5) + 0.25)
    assert cells.gru_step(x, carried, w)["h"] == pytest.approx(z * 0.5 + (1 - z) * n)
    z, r = (1 / (1 + math.exp(-a)) for a in (1.5, -0.5))
    n = math.tanh(1 + r * (2 * 0.5 + 0.75) + 0.25)
    out = cells.gru_step_reset_after(x, carried, w)
    assert out["h"] == pytest.approx(z * 0.5 + (1 - z) * n)


def test_a_full_forget_gate_and_a_shut_input_gate_keep_the_memory():
    big = 800.0
    w = scalar(i=(0, 0, -big, 0), f=(0, 0, big, 0), g=(1, 1, 0, 0), o=(0, 0, 0, 0))
    start = {"h": np.zeros((1, 1)), "c": np.full((1, 1), 0.3)}
    trace = cells.run(cells.lstm_step, np.ones((1, 60, 1)), w, start)
    np.testing.assert_array_equal(trace["c"], 0.3)


def test_a_trace_has_every_gate_on_every_day():
    step, weights = cells.from_keras(layer_of("lstm", 4, 2))
    trace = cells.run(step, np.zeros((3, 7, 2)), weights)
    assert {name: values.shape for name, values in trace.items()} == dict.fromkeys(
        ["i", "f", "g", "o", "c", "h"], (3, 7, 4)
    )


def test_a_run_can_be_continued():
    step, weights = cells.from_keras(layer_of("lstm", 4, 2))
    x = np.random.default_rng(0).normal(size=(3, 8, 2))
    whole = cells.run(step, x, weights)
    first = cells.run(step, x[:, :5], weights)
    rest = cells.run(step, x[:, 5:], weights, {k: first[k][:, -1] for k in "hc"})
    np.testing.assert_array_equal(whole["h"][:, 5:], rest["h"])


@given(st.floats(-1e6, 1e6))
def test_the_sigmoid_stays_within_its_bounds(a):
    assert 0 <= cells.sigmoid(a) <= 1
    assert cells.sigmoid(a) + cells.sigmoid(-a) == pytest.approx(1)
    assert cells.sigmoid(0.0) == 0.5


@pytest.mark.parametrize("shape", [(3, 2), (3, 0, 2), (3, 4, 5)])
def test_other_shapes_are_refused(shape):
    step, weights = cells.from_keras(layer_of("elman", 4, 2))
    with pytest.raises(ValueError, match=r"sequence has shape.*Mend: "):
        cells.run(step, np.zeros(shape), weights)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (keras.layers.Dense(2), "Dense is no"),
        (keras.layers.LSTM(2), "has no weights yet"),
        (keras.layers.LSTM(2, activation="relu"), "relu"),
        (keras.layers.GRU(2, recurrent_activation="hard_sigmoid"), "hard_sigmoid"),
        (keras.layers.SimpleRNN(2, use_bias=False), "use_bias=False"),
    ],
)
def test_other_layers_are_refused(layer, words):
    with pytest.raises(ValueError, match=rf"{words}.*Mend: "):
        cells.from_keras(layer)


def test_numpy_is_all_that_is_imported():
    import subprocess
    import sys

    code = "import sys, rnnedu.cells; print({'tensorflow', 'keras'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.stdout == "set()\n"


@pytest.mark.parametrize("sequences", [True, False])
def test_the_badge_says_how_far_keras_is_away(sequences):
    keras.utils.set_random_seed(0)
    layer = keras.layers.GRU(4, return_sequences=sequences)
    x = np.random.default_rng(0).normal(size=(2, 7, 3)).astype("float32")
    badge = cells.parity(layer, x)
    assert badge.layer == "GRU(4)"
    assert badge.shape == ((2, 7, 4) if sequences else (2, 4))
    assert 0 < badge.difference < 1e-6
    assert f"{badge.difference:.1e}" in badge._repr_html_()
    step, w = cells.from_keras(layer)
    bent = cells.run(step, x + np.float32(0.1), w)["h"]
    apart = np.abs(bent - cells.run(step, x, w)["h"]).max()
    assert apart > 100 * badge.difference, "a difference that matters would show"
