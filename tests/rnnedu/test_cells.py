"""The NumPy cells and networks against steps by hand and against Keras."""

import math
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnedu import cells

KINDS = {
    "simple rnn": (keras.layers.SimpleRNN, {}),
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
    recorded = cells.run_cell(step, x, weights)
    assert recorded["h"].dtype == np.float32
    np.testing.assert_allclose(recorded["h"], layer(x), rtol=0, atol=1e-6)


def scalar(**blocks):
    """Weights of one unit and one feature: W, U, b and the recurrent bias by block."""
    parts = zip(*blocks.values(), strict=True)
    shapes = [(1, 1), (1, 1), (1,), (1,)]
    return cells.Weights(
        *(
            {name: np.full(shape, float(v)) for name, v in zip(blocks, part, strict=True)}
            for part, shape in zip(parts, shapes, strict=True)
        )
    )


def test_a_simple_rnn_step_by_hand():
    weights = scalar(h=(0.5, -1, 0.25, 0))
    h = cells.simple_rnn_step(np.array([[2.0]]), {"h": np.array([[0.5]])}, weights)["h"]
    assert h == pytest.approx(math.tanh(0.5 * 2 - 0.5 + 0.25))


def test_an_lstm_step_by_hand():
    weights = scalar(i=(1, 0, 0, 0), f=(0, 1, 1, 0), g=(0, 0, 0.5, 0), o=(0, 0, -1, 0))
    out = cells.lstm_step(np.array([[2.0]]), {k: np.array([[0.5]]) for k in "hc"}, weights)
    i, f, o = (1 / (1 + math.exp(-a)) for a in (2, 1.5, -1))
    c = f * 0.5 + i * math.tanh(0.5)
    assert out["i"] == pytest.approx(i)
    assert out["f"] == pytest.approx(f)
    assert out["c"] == pytest.approx(c)
    assert out["h"] == pytest.approx(o * math.tanh(c))


def test_a_gru_step_by_hand_in_both_forms():
    weights = scalar(z=(1, 0, 0, 0.5), r=(0, 0, -1, 0.5), n=(1, 2, 0.25, 0.75))
    x, state = np.array([[1.0]]), {"h": np.array([[0.5]])}
    z, r = (1 / (1 + math.exp(-a)) for a in (1, -1))
    n = math.tanh(1 + 2 * (r * 0.5) + 0.25)
    assert cells.gru_step(x, state, weights)["h"] == pytest.approx(z * 0.5 + (1 - z) * n)
    z, r = (1 / (1 + math.exp(-a)) for a in (1.5, -0.5))
    n = math.tanh(1 + r * (2 * 0.5 + 0.75) + 0.25)
    out = cells.gru_step(x, state, weights, reset_after=True)
    assert out["h"] == pytest.approx(z * 0.5 + (1 - z) * n)


def test_a_full_forget_gate_and_a_shut_input_gate_keep_the_cell_state():
    big = 800.0
    weights = scalar(i=(0, 0, -big, 0), f=(0, 0, big, 0), g=(1, 1, 0, 0), o=(0, 0, 0, 0))
    start = {"h": np.zeros((1, 1)), "c": np.full((1, 1), 0.3)}
    recorded = cells.run_cell(cells.lstm_step, np.ones((1, 60, 1)), weights, start)
    np.testing.assert_array_equal(recorded["c"], 0.3)


def test_every_gate_is_recorded_at_every_time_step():
    step, weights = cells.from_keras(layer_of("lstm", 4, 2))
    recorded = cells.run_cell(step, np.zeros((3, 7, 2)), weights)
    assert {name: values.shape for name, values in recorded.items()} == dict.fromkeys(
        ["i", "f", "g", "o", "c", "h"], (3, 7, 4)
    )


def test_a_run_can_be_continued():
    step, weights = cells.from_keras(layer_of("lstm", 4, 2))
    x = np.random.default_rng(0).normal(size=(3, 8, 2))
    whole = cells.run_cell(step, x, weights)
    first = cells.run_cell(step, x[:, :5], weights)
    rest = cells.run_cell(step, x[:, 5:], weights, {k: first[k][:, -1] for k in "hc"})
    np.testing.assert_array_equal(whole["h"][:, 5:], rest["h"])


@given(st.floats(-1e6, 1e6))
def test_the_sigmoid_stays_within_its_bounds(a):
    assert 0 <= cells.sigmoid(a) <= 1
    assert cells.sigmoid(a) + cells.sigmoid(-a) == pytest.approx(1)
    assert cells.sigmoid(0.0) == 0.5


@pytest.mark.parametrize("shape", [(3, 2), (3, 0, 2), (3, 4, 5)])
def test_other_shapes_are_refused(shape):
    step, weights = cells.from_keras(layer_of("simple rnn", 4, 2))
    with pytest.raises(ValueError, match=r"sequence has shape.*Fix: "):
        cells.run_cell(step, np.zeros(shape), weights)


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
    with pytest.raises(ValueError, match=rf"{words}.*Fix: "):
        cells.from_keras(layer)


def test_numpy_is_all_that_is_imported():
    import subprocess
    import sys

    code = "import sys, rnnedu.cells; print({'tensorflow', 'keras'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "set()\n"


@pytest.mark.parametrize("sequences", [True, False])
def test_the_comparison_is_the_largest_difference(sequences):
    keras.utils.set_random_seed(0)
    layer = keras.layers.GRU(4, return_sequences=sequences)
    x = np.random.default_rng(0).normal(size=(2, 7, 3)).astype("float32")
    comparison = cells.compare_with_keras(layer, x)
    assert comparison.layer == "GRU(4)"
    assert comparison.shape == ((2, 7, 4) if sequences else (2, 4))
    assert 0 < comparison.difference < 1e-6
    assert f"{comparison.difference:.1e}" in comparison._repr_html_()
    step, weights = cells.from_keras(layer)
    bent = cells.run_cell(step, x + np.float32(0.1), weights)["h"]
    apart = np.abs(bent - cells.run_cell(step, x, weights)["h"]).max()
    assert apart > 100 * comparison.difference, "a difference that matters would show"


def test_a_comparison_gives_the_largest_difference(monkeypatch):
    def bent(*args):
        """Be wrong by 0.5 in one place."""
        states = cells.run_cell(*args)
        states["h"][0, 1, 2] += 0.5
        return states

    monkeypatch.setattr("rnnedu.cells.network.run_cell", bent)
    x = np.random.default_rng(0).normal(size=(2, 7, 3)).astype("float32")
    layer = keras.layers.GRU(4, return_sequences=True)
    comparison = cells.compare_with_keras(layer, x)
    assert comparison.difference == pytest.approx(0.5, abs=1e-6)


# -- Whole networks ------------------------------------------------------------------


def network_of(kinds, units, features, bidirectional, sequences, seed):
    """A stack of recurrent layers of these kinds in Keras, with a dense layer on top."""
    keras.utils.set_random_seed(seed)
    stack = [keras.Input((None, features))]
    for number, kind in enumerate(kinds):
        cls, options = KINDS[kind]
        last = number == len(kinds) - 1
        layer = cls(units, return_sequences=sequences or not last, **options)
        stack.append(keras.layers.Bidirectional(layer) if bidirectional else layer)
        stack.append(keras.layers.Dropout(0.5))
    activation = ["linear", "tanh", "sigmoid", "relu", "softmax"][seed % 5]
    model = keras.Sequential([*stack, keras.layers.Dense(2, activation=activation)])
    random = np.random.default_rng(seed)
    scale = 0.8 / units**0.5
    model.set_weights([random.normal(0, scale, w.shape) for w in model.get_weights()])
    return model


@settings(max_examples=20, deadline=None)
@given(
    kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=3),
    units=st.integers(1, 12),
    features=st.integers(1, 3),
    bidirectional=st.booleans(),
    sequences=st.booleans(),
    seed=st.integers(0, 999),
)
def test_a_network_equals_keras(kinds, units, features, bidirectional, sequences, seed):
    model = network_of(kinds, units, features, bidirectional, sequences, seed)
    x = np.random.default_rng(seed).normal(size=(3, 11, features)).astype("float32")
    network = cells.Network.from_keras(model)
    np.testing.assert_allclose(network(x), model(x, training=False), rtol=0, atol=1e-6)
    recorded = network.record(x)
    assert len(recorded) == len(kinds)
    for kind, states in zip(kinds, recorded, strict=True):
        for one in states if bidirectional else [states]:
            assert set(one) == set(
                "h" if kind == "simple rnn" else "ifgoch" if kind == "lstm" else "zrnh"
            )
            assert all(values.shape == (3, 11, units) for values in one.values())


def test_what_is_recorded_of_a_layer_is_what_the_next_one_reads():
    model = network_of(["lstm", "gru, reset after"], 4, 2, False, False, 0)
    x = np.random.default_rng(0).normal(size=(3, 7, 2)).astype("float32")
    first, second = cells.Network.from_keras(model).record(x)
    inner = keras.Model(model.inputs[0], [model.layers[0].output, model.layers[2].output])
    for states, output in zip((first["h"], second["h"][:, -1]), inner(x), strict=True):
        np.testing.assert_allclose(states, output, rtol=0, atol=1e-6)


def test_a_network_computes_in_the_precision_of_its_input():
    network = cells.Network.from_keras(network_of(["gru"], 4, 2, False, False, 0))
    assert network(np.zeros((1, 5, 2))).dtype == np.float64
    assert network(np.zeros((1, 5, 2), "float32")).dtype == np.float32


def test_a_network_that_reads_codes():
    stack = [keras.layers.Embedding(7, 3), keras.layers.GRU(4, return_sequences=True)]
    model = keras.Sequential([*stack, keras.layers.Dense(7, activation="softmax")])
    codes = np.random.default_rng(0).integers(7, size=(2, 9))
    network = cells.Network.from_keras(keras.Sequential([keras.Input((9,)), *model.layers]))
    np.testing.assert_allclose(network(codes), model(codes), rtol=0, atol=1e-6)
    assert network.record(codes)[0]["z"].shape == (2, 9, 4)


def test_a_layer_that_reads_backwards():
    layer = keras.layers.LSTM(3, go_backwards=True, return_sequences=True)
    model = keras.Sequential([keras.Input((6, 1)), layer])
    x = np.random.default_rng(0).normal(size=(2, 6, 1)).astype("float32")
    network = cells.Network.from_keras(model)
    np.testing.assert_allclose(network(x), model(x), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (keras.layers.Flatten(), "Flatten"),
        (keras.layers.Dense(2, activation="elu"), "Dense"),
        (
            keras.layers.Bidirectional(keras.layers.GRU(2), merge_mode="sum"),
            "Bidirectional",
        ),
        (keras.layers.LSTM(2, use_bias=False), "use_bias=False"),
    ],
)
def test_a_layer_that_cannot_be_copied_is_named(layer, words):
    model = keras.Sequential([keras.Input((5, 2)), layer])
    with pytest.raises(ValueError, match=rf"{words}.*Fix: "):
        cells.Network.from_keras(model)


# -- Lines name the equations that they are ------------------------------------------

ROOT = Path(__file__).parents[2]


def test_lines_name_equations_that_stand_in_the_course():
    course = "".join(path.read_text() for path in (ROOT / "docs" / "learn").glob("*.md"))
    labels = set(re.findall(r"^\$\$ \((eq-[\w-]+)\)$", course, re.M))
    named = {}
    for path in (ROOT / "rnnedu").rglob("*.py"):
        named[path.name] = re.findall(r"#.*?(eq-[\w-]+)", path.read_text())
    assert {"eq-simple-rnn", "eq-gru-after"} <= set(named["steps.py"])
    assert {each for names in named.values() for each in names} <= labels
    for step, equations in [("lstm", "ifgoch"), ("gru", "zrnh")]:
        wanted = {f"eq-{step}-{letter}" for letter in equations}
        assert wanted <= set(named["steps.py"]), "every equation of the step is named"
