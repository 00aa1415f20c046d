"""Gradients by hand against finite differences, and Jacobians against their product."""

from functools import partial

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnedu import cells, gradients

STEPS = {
    "simple rnn": (cells.simple_rnn_step, "h"),
    "lstm": (cells.lstm_step, "ifgo"),
    "gru": (cells.gru_step, "zrn"),
    "gru, reset after": (partial(cells.gru_step, reset_after=True), "zrn"),
}


def example(kind, units, features, batch, time, seed):
    step, blocks = STEPS[kind]
    rng = np.random.default_rng(seed)

    def random(*shape):
        return {name: rng.normal(0, 0.8, shape) for name in blocks}

    w = cells.Weights(
        random(features, units), random(units, units), random(units), random(units)
    )
    return step, w, rng.normal(size=(batch, time, features)), rng


@pytest.mark.parametrize("kind", STEPS)
@settings(max_examples=10, deadline=None)
@given(
    units=st.integers(1, 4),
    features=st.integers(1, 3),
    batch=st.integers(1, 3),
    time=st.integers(1, 6),
    seed=st.integers(0, 1000),
)
def test_equal_to_finite_differences(kind, units, features, batch, time, seed):
    step, w, x, rng = example(kind, units, features, batch, time, seed)
    state = {name: rng.normal(size=(batch, units)) for name in "hc"}
    if kind != "lstm":
        state.pop("c")
    pull = rng.normal(size=(batch, time, units))

    def loss():
        return float(np.sum(pull * cells.run_cell(step, x, w, state)["h"]))

    grads = gradients.backpropagate(step, x, w, pull, state)
    pairs = [(x, grads.x), *((state[name], grads.state[name]) for name in state)]
    parts = ["W", "U", "b"] + ["recurrent_bias"] * (kind == "gru, reset after")
    for part in parts:
        ours = getattr(grads.weights, part)
        pairs += [(block, ours[name]) for name, block in getattr(w, part).items()]
    for array, gradient in pairs:
        numeric = np.zeros_like(array)
        for at in np.ndindex(array.shape):
            kept, around = array[at], []
            for shift in (1e-5, -1e-5):
                array[at] = kept + shift
                around.append(loss())
            array[at] = kept
            numeric[at] = (around[0] - around[1]) / 2e-5
        scale = max(1.0, np.abs(numeric).max())
        np.testing.assert_allclose(gradient, numeric, rtol=0, atol=1e-6 * scale)


def test_a_simple_rnn_multiplies_its_jacobians():
    step, w, x, _ = example("simple rnn", 5, 2, 1, 12, 0)
    h = cells.run_cell(step, x, w)["h"][0]
    product, expected = np.eye(5), [1.0]
    for t in range(11, 0, -1):
        product = product @ (np.diag(1 - h[t] ** 2) @ w.U["h"].T)
        expected.append(np.linalg.svd(product)[1][0])
    norms = gradients.jacobian_norms(step, x[0], w)
    np.testing.assert_allclose(norms["h"], expected[::-1], rtol=1e-10)


@pytest.mark.parametrize("kind", STEPS)
def test_jacobian_norms_are_norms_of_finite_differences(kind):
    step, w, x, _ = example(kind, 3, 2, 1, 5, 4)
    norms = gradients.jacobian_norms(step, x[0], w)
    for t in range(5):
        jacobian = np.zeros((3, 2))
        for feature in range(2):
            ends = []
            for shift in (1e-5, -1e-5):
                moved = x.copy()
                moved[0, t, feature] += shift
                ends.append(cells.run_cell(step, moved, w)["h"][0, -1])
            jacobian[:, feature] = (ends[0] - ends[1]) / 2e-5
        assert norms["x"][t] == pytest.approx(np.linalg.norm(jacobian, 2), abs=1e-6)
    assert norms["h"][-1] == pytest.approx(1)


def test_a_norm_below_one_makes_a_simple_rnn_forget():
    step, w, x, _ = example("simple rnn", 8, 1, 1, 40, 1)
    w.U["h"][:] *= 0.5 / np.linalg.norm(w.U["h"], 2)
    norms = gradients.jacobian_norms(step, x[0], w)["h"]
    assert np.all(norms[::-1] <= 0.5 ** np.arange(40) * (1 + 1e-9))


def test_an_open_forget_gate_carries_the_cell_state_back_undiminished():
    step, w, x, _ = example("lstm", 1, 1, 1, 30, 2)
    for part in (w.W, w.U, w.b):
        for block in part.values():
            block[:] = 0
    w.b["f"][:] = 800.0
    norms = gradients.jacobian_norms(step, x[0], w)
    # h = o tanh(c) with o = 1/2, and c stays 0: dh_T / dc_t is one half.
    np.testing.assert_allclose(norms["c"][:-1], 0.5)


def test_another_shape_is_refused():
    step, w, x, _ = example("gru", 3, 2, 2, 4, 0)
    with pytest.raises(ValueError, match=r"dh has shape \(2, 3\).*Fix: .*\(2, 4, 3\)"):
        gradients.backpropagate(step, x, w, np.zeros((2, 3)))


@pytest.mark.parametrize("bidirectional", [False, True])
@settings(max_examples=6, deadline=None)
@given(
    kinds=st.lists(st.sampled_from(["SimpleRNN", "LSTM", "GRU"]), min_size=1, max_size=3),
    seed=st.integers(0, 999),
)
def test_the_gradient_of_a_network_equals_finite_differences(bidirectional, kinds, seed):
    keras.utils.set_random_seed(seed)
    stack = []
    for number, kind in enumerate(kinds):
        layer = getattr(keras.layers, kind)(3, return_sequences=number < len(kinds) - 1)
        stack.append(keras.layers.Bidirectional(layer) if bidirectional else layer)
    stack = [keras.Input((5, 2)), *stack, keras.layers.Dense(4), keras.layers.Dense(1)]
    network = cells.Network.from_keras(keras.Sequential(stack))
    x = np.random.default_rng(seed).normal(size=(2, 5, 2))
    numeric = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        for shift in (1e-5, -1e-5):
            moved = x.copy()
            moved[at] += shift
            numeric[at] += np.sign(shift) * network(moved).sum() / 2e-5
    np.testing.assert_allclose(
        gradients.input_gradient(network, x), numeric, rtol=0, atol=1e-8
    )


def test_an_activation_behind_the_recurrent_layers_is_refused():
    dense = cells.Dense(np.ones((1, 1)), np.zeros(1), np.tanh)
    with pytest.raises(ValueError, match=r"activation.*Fix: "):
        gradients.input_gradient(cells.Network((dense,)), np.ones((1, 3, 1)))
