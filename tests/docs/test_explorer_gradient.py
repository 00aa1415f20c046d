"""Explorer *Gradient through time*: its norms, its factors and its bound are Python's."""

from functools import partial

import numpy as np
import pytest

from rnnedu import cells, gradients

pytestmark = pytest.mark.site

KINDS = {"SimpleRNN": "h", "LSTM": "ifgo", "GRU": "zrn"}
MAKE = """([kind, features, units, parts, x, activation]) => {
  const layer = rnnedu.makeLayer(kind, features, units, "z" in parts.recurrentBias)
  for (const [part, blocks] of Object.entries(parts))
    for (const [block, values] of Object.entries(blocks)) layer[part][block].set(values)
  layer.activation = activation
  const sequence = Float64Array.from(x)
  const norms = rnnedu.jacobianNorms(layer, sequence).h
  return [...norms, ...rnnedu.factorNorms(layer, sequence)]
}"""


def layer_of(kind, units, seed, second=False):
    """Return step and weights of a random layer with two inputs, and a sequence."""
    rng = np.random.default_rng(seed)
    _, step = cells.steps.STEPS[kind]
    blocks = KINDS[kind]
    weights = cells.Weights(
        {block: rng.normal(size=(2, units)) for block in blocks},
        {block: rng.normal(size=(units, units)) for block in blocks},
        {block: rng.normal(size=units) for block in blocks},
        {block: rng.normal(size=units) for block in blocks} if second else {},
    )
    step = partial(step, reset_after=True) if second else step
    return step, weights, rng.normal(size=(20, 2))


def in_the_page(page, kind, weights, x, activation="tanh"):
    """Return what the script finds: norms of the products, and of the factors."""
    parts = {
        part: {block: np.ravel(each).tolist() for block, each in blocks.items()}
        for part, blocks in (
            ("W", weights.W), ("U", weights.U), ("b", weights.b),
            ("recurrentBias", weights.recurrent_bias),
        )
    }  # fmt: skip
    given = [kind, 2, weights.units, parts, np.ravel(x).tolist(), activation]
    found = np.array(page.evaluate(MAKE, given))
    return found[: len(x)], found[len(x) :]


@pytest.mark.parametrize(
    ("kind", "second"),
    [("SimpleRNN", False), ("LSTM", False), ("GRU", False), ("GRU", True)],
)
def test_the_norms_are_those_of_the_python_code(kind, second, explorer):
    page = explorer("gradient")
    for seed in range(25):
        step, weights, x = layer_of(kind, 1 + seed % 8, seed, second)
        expected = gradients.jacobian_norms(step, x, weights)["h"]
        found, _ = in_the_page(page, kind, weights, x)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_factor_is_the_norm_of_the_jacobian_of_one_step(kind, explorer):
    """By finite differences of the step itself, over hidden and cell state together."""
    step, weights, x = layer_of(kind, 4, seed=3)
    names = ["h", "c"] if kind == "LSTM" else ["h"]
    states = cells.run_cell(step, x[None], weights)
    _, found = in_the_page(explorer("gradient"), kind, weights, x)
    for t in (0, 7, 18):
        old = np.concatenate([states[name][0, t] for name in names])

        def new(state, t=t):
            split = dict(zip(names, np.split(state[None], len(names), axis=1), strict=True))
            after = step(x[t + 1 : t + 2], split, weights)
            return np.concatenate([after[name][0] for name in names])

        size = 1e-6
        J = [
            (new(old + size * e) - new(old - size * e)) / (2 * size)
            for e in np.eye(len(old))
        ]
        assert found[t] == pytest.approx(np.linalg.norm(np.array(J), 2), rel=1e-5)


@pytest.mark.parametrize("activation", ["linear", "relu", "sigmoid"])
def test_other_activations_of_the_simple_rnn(activation, explorer):
    """The product of diag(f') U', step by step, written out."""
    of, slope = {
        "linear": (lambda a: a, lambda h: np.ones_like(h)),
        "relu": (lambda a: np.maximum(a, 0), lambda h: (h > 0) * 1.0),
        "sigmoid": (lambda a: 1 / (1 + np.exp(-a)), lambda h: h * (1 - h)),
    }[activation]
    _, weights, x = layer_of("SimpleRNN", 5, seed=1)
    h, slopes = np.zeros(5), []
    for each in x:
        h = of(each @ weights.W["h"] + h @ weights.U["h"] + weights.b["h"])
        slopes.append(slope(h))
    product, expected = np.eye(5), [1.0]
    for each in slopes[:0:-1]:
        product = weights.U["h"] @ np.diag(each) @ product
        expected.append(np.linalg.norm(product, 2))
    found, factors = in_the_page(explorer("gradient"), "SimpleRNN", weights, x, activation)
    np.testing.assert_allclose(found[::-1], expected, rtol=1e-5, atol=1e-12)
    assert (np.cumprod(factors[::-1]) >= np.array(expected[1:]) * (1 - 1e-9)).all()


def test_what_the_page_says_to_try(explorer):
    """Each task of the page ends as its question suggests."""

    def left(settings):
        page = explorer("gradient", settings)
        page.wait_for_function("document.getElementById('explorer-gradient').frame.numbers")
        norms, bound = page.evaluate(
            "(({norms, bound}) => [[...norms], bound])"
            "(document.getElementById('explorer-gradient').frame.numbers)"
        )
        return norms[-1], bound[-1]

    assert left("cell=SimpleRNN&scale=1")[0] < 0.1
    assert left("cell=SimpleRNN&scale=1.25")[0] < 1 < left("cell=SimpleRNN&scale=1.3")[0]
    assert left("cell=SimpleRNN&scale=4")[0] < 0.1, "the page says: it vanishes again"
    norm, bound = left("cell=SimpleRNN&scale=1.2")
    assert bound > 1 > norm
    norm, bound = left("cell=SimpleRNN&scale=1.2&activation=linear")
    # 59 factors of orthogonal float32 weights: each is 1.2 up to a few times 1e-7.
    assert norm == pytest.approx(bound, rel=3e-5) and norm > 100
    assert left("cell=LSTM&bias=5")[0] > 100 * left("cell=LSTM&bias=1")[0]
    assert left("cell=GRU&bias=5")[0] > 100 * left("cell=GRU&bias=1")[0]
