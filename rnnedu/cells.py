"""The Elman, LSTM and GRU step in NumPy, as the textbook writes them.

A step takes the input of one day and what was carried from the day before, and returns
everything it computes, by name. `run` takes the steps of a whole sequence and returns the
trace: every gate and every state on every day. `from_keras` reads the weights of a Keras
layer, so that both can be held against each other.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Weights:
    """The weights of one cell, a block for each gate or candidate.

    Attributes
    ----------
    W : dict of str to numpy.ndarray, shape (features, units)
        From the input of the day.
    U : dict of str to numpy.ndarray, shape (units, units)
        From the output of the day before.
    b : dict of str to numpy.ndarray, shape (units,)
        Biases.
    b_U : dict of str to numpy.ndarray, shape (units,)
        A second row of biases, added to ``h U``: a GRU with ``reset_after`` has one.
    """

    W: dict[str, np.ndarray]
    U: dict[str, np.ndarray]
    b: dict[str, np.ndarray]
    b_U: dict[str, np.ndarray]


def sigmoid(a):
    """Squash `a` into (0, 1): ``1 / (1 + exp(-a))``, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * a))


def elman_step(x, carried, w: Weights) -> dict[str, np.ndarray]:
    """One step of a simple recurrent network.

    Parameters
    ----------
    x : numpy.ndarray, shape (batch, features)
        The input of the day.
    carried : dict of str to numpy.ndarray, shape (batch, units)
        ``h``, the output of the day before.
    w : Weights
        Block ``h``.

    Returns
    -------
    dict of str to numpy.ndarray, shape (batch, units)
        ``h``.

    References
    ----------
    Elman (1990), Finding structure in time, Cognitive Science 14(2).
    """
    h = carried["h"]
    h = np.tanh(x @ w.W["h"] + h @ w.U["h"] + w.b["h"])
    return {"h": h}


def lstm_step(x, carried, w: Weights) -> dict[str, np.ndarray]:
    """One step of a long short-term memory with a forget gate.

    Parameters
    ----------
    x : numpy.ndarray, shape (batch, features)
        The input of the day.
    carried : dict of str to numpy.ndarray, shape (batch, units)
        ``h`` and ``c``, output and memory of the day before.
    w : Weights
        Blocks ``i``, ``f``, ``g``, ``o``.

    Returns
    -------
    dict of str to numpy.ndarray, shape (batch, units)
        Gates ``i``, ``f``, ``o``, candidate ``g``, memory ``c``, output ``h``.

    References
    ----------
    Hochreiter and Schmidhuber (1997), Neural Computation 9(8); the forget gate is of
    Gers, Schmidhuber and Cummins (2000), Neural Computation 12(10).
    """
    h, c = carried["h"], carried["c"]
    i = sigmoid(x @ w.W["i"] + h @ w.U["i"] + w.b["i"])
    f = sigmoid(x @ w.W["f"] + h @ w.U["f"] + w.b["f"])
    g = np.tanh(x @ w.W["g"] + h @ w.U["g"] + w.b["g"])
    o = sigmoid(x @ w.W["o"] + h @ w.U["o"] + w.b["o"])
    c = f * c + i * g
    h = o * np.tanh(c)
    return {"i": i, "f": f, "g": g, "o": o, "c": c, "h": h}


def gru_step(x, carried, w: Weights) -> dict[str, np.ndarray]:
    """One step of a gated recurrent unit, the reset gate before the product.

    Parameters
    ----------
    x : numpy.ndarray, shape (batch, features)
        The input of the day.
    carried : dict of str to numpy.ndarray, shape (batch, units)
        ``h``, the output of the day before.
    w : Weights
        Blocks ``z``, ``r``, ``n``.

    Returns
    -------
    dict of str to numpy.ndarray, shape (batch, units)
        Update gate ``z``, which keeps the old state, reset gate ``r``, candidate ``n``,
        output ``h``.

    References
    ----------
    Cho et al. (2014), arXiv:1406.1078, equations 5 to 8.
    """
    h = carried["h"]
    z = sigmoid(x @ w.W["z"] + h @ w.U["z"] + w.b["z"])
    r = sigmoid(x @ w.W["r"] + h @ w.U["r"] + w.b["r"])
    n = np.tanh(x @ w.W["n"] + (r * h) @ w.U["n"] + w.b["n"])
    h = z * h + (1 - z) * n
    return {"z": z, "r": r, "n": n, "h": h}


def gru_step_reset_after(x, carried, w: Weights) -> dict[str, np.ndarray]:
    """One step of a gated recurrent unit, the reset gate after the product.

    This is what Keras does unless told otherwise, and what cuDNN computes. Parameters,
    return value and source as for `gru_step`; there is a second row of biases.
    """
    h = carried["h"]
    z = sigmoid(x @ w.W["z"] + h @ w.U["z"] + w.b["z"] + w.b_U["z"])
    r = sigmoid(x @ w.W["r"] + h @ w.U["r"] + w.b["r"] + w.b_U["r"])
    n = np.tanh(x @ w.W["n"] + r * (h @ w.U["n"] + w.b_U["n"]) + w.b["n"])
    h = z * h + (1 - z) * n
    return {"z": z, "r": r, "n": n, "h": h}


def run(step: Callable, x, w: Weights, carried=None) -> dict[str, np.ndarray]:
    """Take the steps of a whole sequence.

    Parameters
    ----------
    step : callable
        One of the steps of this module.
    x : numpy.ndarray, shape (batch, time, features)
        The sequence.
    w : Weights
        The weights, the same on every day.
    carried : dict of str to numpy.ndarray, shape (batch, units), optional
        What the first step is given; zeros unless given.

    Returns
    -------
    dict of str to numpy.ndarray, shape (batch, time, units)
        The trace: all that the step computes, on every day.

    Raises
    ------
    ValueError
        If `x` has other axes than these, or no day.
    """
    x = np.asarray(x)
    features = next(iter(w.W.values())).shape[0]
    if x.ndim != 3 or x.shape[1] == 0 or x.shape[2] != features:
        raise ValueError(
            f"the sequence has shape {x.shape}. "
            f"Mend: give (batch, time, {features}), one day at least."
        )
    if carried is None:
        zeros = np.zeros((len(x), next(iter(w.U.values())).shape[0]), dtype=x.dtype)
        carried = {"h": zeros, "c": zeros}
    days = []
    for day in range(x.shape[1]):
        carried = step(x[:, day], carried, w)
        days.append(carried)
    return {name: np.stack([day[name] for day in days], axis=1) for name in days[0]}


def from_keras(layer) -> tuple[Callable, Weights]:
    """Read step and weights from a Keras layer.

    Parameters
    ----------
    layer : keras.layers.SimpleRNN, keras.layers.LSTM or keras.layers.GRU
        A layer that has its weights, with a bias and Keras's own activations.

    Returns
    -------
    step : callable
        The step that the layer takes.
    weights : Weights

    Raises
    ------
    ValueError
        If the layer is of another kind, is not built yet, or has other activations.
    """
    kind = type(layer).__name__
    blocks = {"SimpleRNN": "h", "LSTM": "ifgo", "GRU": "zrn"}.get(kind)
    if blocks is None:
        raise ValueError(f"{kind} is no SimpleRNN, LSTM or GRU. Mend: give one of these.")
    activations = [layer.activation.__name__]
    if kind != "SimpleRNN":
        activations.append(layer.recurrent_activation.__name__)
    if activations != ["tanh", "sigmoid"][: len(activations)] or not layer.use_bias:
        raise ValueError(
            f"the {kind} has activations {activations} and use_bias={layer.use_bias}. "
            "Mend: use tanh, sigmoid and a bias."
        )
    if len(layer.get_weights()) != 3:
        raise ValueError(f"the {kind} has no weights yet. Mend: call it once, or build it.")
    kernel, recurrent, bias = layer.get_weights()

    def split(weights):
        return dict(zip(blocks, np.split(weights, len(blocks), axis=-1), strict=True))

    bias, second = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
    step = {
        "SimpleRNN": elman_step,
        "LSTM": lstm_step,
        "GRU": gru_step_reset_after if getattr(layer, "reset_after", False) else gru_step,
    }[kind]
    return step, Weights(split(kernel), split(recurrent), split(bias), split(second))


@dataclass(frozen=True)
class Parity:
    """How far a Keras layer and the textbook's cell with its weights are apart.

    Attributes
    ----------
    layer : str
        The layer, as it is written in code.
    shape : tuple of int
        The outputs compared: ``(batch, time, units)``, or ``(batch, units)``.
    difference : float
        The largest difference between two of them.
    """

    layer: str
    shape: tuple[int, ...]
    difference: float

    def __str__(self):
        """Say the same in a line."""
        return (
            f"textbook = {self.layer}: largest difference "
            f"{self.difference:.1e} over {np.prod(self.shape):,} outputs"
        )

    def _repr_html_(self):
        return f'<span class="parity-badge">{self}</span>'


def parity(layer, x) -> Parity:
    """Compare what a Keras layer and the textbook's cell make of a sequence.

    Parameters
    ----------
    layer : keras.layers.SimpleRNN, keras.layers.LSTM or keras.layers.GRU
        As for `from_keras`.
    x : numpy.ndarray, shape (batch, time, features), float32
        The sequence.

    Returns
    -------
    Parity
        Which a page shows as a badge.
    """
    theirs = np.asarray(layer(x))  # which builds a layer that has no weights yet
    step, w = from_keras(layer)
    ours = run(step, x, w)["h"]
    ours = ours if theirs.ndim == 3 else ours[:, -1]
    return Parity(
        f"{type(layer).__name__}({layer.units})",
        theirs.shape,
        float(np.abs(ours - theirs).max()),
    )
