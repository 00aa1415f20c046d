"""Gradients by hand against finite differences, and Jacobians against their product."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnedu import cells, gradients

STEPS = {
    "elman": (cells.elman_step, "h"),
    "lstm": (cells.lstm_step, "ifgo"),
    "gru": (cells.gru_step, "zrn"),
    "gru, reset after": (cells.gru_step_reset_after, "zrn"),
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
    carried = {name: rng.normal(size=(batch, units)) for name in "hc"}
    if kind != "lstm":
        carried.pop("c")
    pull = rng.normal(size=(batch, time, units))

    def loss():
        return float(np.sum(pull * cells.run(step, x, w, carried)["h"]))

    by = gradients.backward(step, x, w, pull, carried)
    pairs = [(x, by.x), *((carried[name], by.carried[name]) for name in carried)]
    parts = ["W", "U", "b"] + ["b_U"] * (kind == "gru, reset after")
    for part in parts:
        ours = getattr(by.weights, part)
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


def test_an_elman_network_multiplies_its_jacobians():
    step, w, x, _ = example("elman", 5, 2, 1, 12, 0)
    h = cells.run(step, x, w)["h"][0]
    product, expected = np.eye(5), [1.0]
    for day in range(11, 0, -1):
        product = product @ (np.diag(1 - h[day] ** 2) @ w.U["h"].T)
        expected.append(np.linalg.svd(product)[1][0])
    norms = gradients.sensitivities(step, x[0], w)
    np.testing.assert_allclose(norms["h"], expected[::-1], rtol=1e-10)


@pytest.mark.parametrize("kind", STEPS)
def test_sensitivities_are_norms_of_finite_differences(kind):
    step, w, x, _ = example(kind, 3, 2, 1, 5, 4)
    norms = gradients.sensitivities(step, x[0], w)
    for day in range(5):
        jacobian = np.zeros((3, 2))
        for feature in range(2):
            ends = []
            for shift in (1e-5, -1e-5):
                moved = x.copy()
                moved[0, day, feature] += shift
                ends.append(cells.run(step, moved, w)["h"][0, -1])
            jacobian[:, feature] = (ends[0] - ends[1]) / 2e-5
        assert norms["x"][day] == pytest.approx(np.linalg.norm(jacobian, 2), abs=1e-6)
    assert norms["h"][-1] == pytest.approx(1)


def test_a_norm_below_one_makes_an_elman_network_forget():
    step, w, x, _ = example("elman", 8, 1, 1, 40, 1)
    w.U["h"][:] *= 0.5 / np.linalg.norm(w.U["h"], 2)
    norms = gradients.sensitivities(step, x[0], w)["h"]
    assert np.all(norms[::-1] <= 0.5 ** np.arange(40) * (1 + 1e-9))


def test_an_open_forget_gate_carries_the_memory_back_undiminished():
    step, w, x, _ = example("lstm", 1, 1, 1, 30, 2)
    for part in (w.W, w.U, w.b):
        for block in part.values():
            block[:] = 0
    w.b["f"][:] = 800.0
    norms = gradients.sensitivities(step, x[0], w)
    # h = o tanh(c), o = 1/2, c stays 0: the derivative by any day's memory is one half.
    np.testing.assert_allclose(norms["c"][:-1], 0.5)


def test_another_shape_is_refused():
    step, w, x, _ = example("gru", 3, 2, 2, 4, 0)
    with pytest.raises(ValueError, match=r"dh has shape \(2, 3\).*Mend: .*\(2, 4, 3\)"):
        gradients.backward(step, x, w, np.zeros((2, 3)))
