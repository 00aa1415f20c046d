"""One step of a simple RNN, an LSTM and a GRU in NumPy, and a step along a sequence.

A comment such as ``eq-lstm-f`` is the label of that line's equation in the course.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Weights:
    """The weights of one cell, one block for each gate or candidate.

    Attributes
    ----------
    W : dict of str to numpy.ndarray, shape (features, units)
        Weights of the input.
    U : dict of str to numpy.ndarray, shape (units, units)
        Weights of the hidden state.
    b : dict of str to numpy.ndarray, shape (units,)
        Biases.
    recurrent_bias : dict of str to numpy.ndarray, shape (units,)
        A second set of biases, added to ``h U``: a GRU with ``reset_after`` has one.

    Examples
    --------
    One feature and two units of a simple RNN, whose only block is called ``h``:

    >>> import numpy as np
    >>> from rnnedu.cells import Weights
    >>> weights = Weights({"h": np.ones((1, 2))}, {"h": np.eye(2)}, {"h": np.zeros(2)})
    >>> weights.units
    2
    """

    W: dict[str, np.ndarray]
    U: dict[str, np.ndarray]
    b: dict[str, np.ndarray]
    recurrent_bias: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def units(self) -> int:
        """The number of units, which is the length of a state."""
        return next(iter(self.U.values())).shape[0]


def sigmoid(a):
    """Map `a` into (0, 1) by ``1 / (1 + exp(-a))``, without overflow.

    Parameters
    ----------
    a : array_like, any shape

    Returns
    -------
    numpy.ndarray, shape of `a`

    Examples
    --------
    >>> from rnnedu.cells import sigmoid
    >>> float(sigmoid(0.0))
    0.5
    """
    return 0.5 * (1.0 + np.tanh(0.5 * a))


def simple_rnn_step(x, state, weights: Weights) -> dict[str, np.ndarray]:
    """Take one step of a simple RNN.

    Parameters
    ----------
    x : numpy.ndarray, shape (batch, features)
        The input of this time step.
    state : dict of str to numpy.ndarray, shape (batch, units)
        The hidden state ``h`` of the time step before.
    weights : Weights
        Block ``h``.

    Returns
    -------
    dict of str to numpy.ndarray, shape (batch, units)
        The new hidden state ``h``.

    References
    ----------
    Elman (1990), Finding structure in time, Cognitive Science 14(2).

    Examples
    --------
    >>> import numpy as np
    >>> from rnnedu.cells import Weights, simple_rnn_step
    >>> weights = Weights({"h": np.array([[0.5]])}, {"h": np.eye(1)}, {"h": np.zeros(1)})
    >>> simple_rnn_step(np.array([[1.0]]), {"h": np.zeros((1, 1))}, weights)["h"].round(4)
    array([[0.4621]])
    """
    h, W, U, b = state["h"], weights.W, weights.U, weights.b
    h = np.tanh(x @ W["h"] + h @ U["h"] + b["h"])  # eq-simple-rnn
    return {"h": h}


def lstm_step(x, state, weights: Weights) -> dict[str, np.ndarray]:
    """Take one step of a long short-term memory with a forget gate.

    Parameters
    ----------
    x : numpy.ndarray, shape (batch, features)
        The input of this time step.
    state : dict of str to numpy.ndarray, shape (batch, units)
        Hidden state ``h`` and cell state ``c`` of the time step before.
    weights : Weights
        Blocks ``i``, ``f``, ``g``, ``o``.

    Returns
    -------
    dict of str to numpy.ndarray, shape (batch, units)
        Gates ``i``, ``f``, ``o``, candidate ``g``, new cell state ``c``, new hidden
        state ``h``.

    References
    ----------
    Hochreiter and Schmidhuber (1997), Neural Computation 9(8); the forget gate was added
    by Gers, Schmidhuber and Cummins (2000), Neural Computation 12(10).

    Examples
    --------
    Without any weights the gates are one half, and half of the cell state is kept:

    >>> import numpy as np
    >>> from rnnedu.cells import Weights, lstm_step
    >>> zero = {gate: np.zeros((1, 1)) for gate in "ifgo"}
    >>> weights = Weights(zero, zero, {gate: np.zeros(1) for gate in "ifgo"})
    >>> state = {"h": np.zeros((1, 1)), "c": np.array([[0.8]])}
    >>> float(lstm_step(np.ones((1, 1)), state, weights)["c"][0, 0])
    0.4
    """
    h, c, W, U, b = state["h"], state["c"], weights.W, weights.U, weights.b
    i = sigmoid(x @ W["i"] + h @ U["i"] + b["i"])  # eq-lstm-i
    f = sigmoid(x @ W["f"] + h @ U["f"] + b["f"])  # eq-lstm-f
    g = np.tanh(x @ W["g"] + h @ U["g"] + b["g"])  # eq-lstm-g
    o = sigmoid(x @ W["o"] + h @ U["o"] + b["o"])  # eq-lstm-o
    c = f * c + i * g  # eq-lstm-c
    h = o * np.tanh(c)  # eq-lstm-h
    return {"i": i, "f": f, "g": g, "o": o, "c": c, "h": h}


def gru_step(
    x, state, weights: Weights, *, reset_after: bool = False
) -> dict[str, np.ndarray]:
    """Take one step of a gated recurrent unit.

    Parameters
    ----------
    x : numpy.ndarray, shape (batch, features)
        The input of this time step.
    state : dict of str to numpy.ndarray, shape (batch, units)
        The hidden state ``h`` of the time step before.
    weights : Weights
        Blocks ``z``, ``r``, ``n``; with `reset_after` in ``recurrent_bias`` too.
    reset_after : bool
        Whether the reset gate acts after the product with ``U``, as in Keras (unless
        told otherwise) and in cuDNN, or before it, as in the paper.

    Returns
    -------
    dict of str to numpy.ndarray, shape (batch, units)
        Update gate ``z``, which keeps the old state, reset gate ``r``, candidate ``n``,
        new hidden state ``h``.

    References
    ----------
    Cho et al. (2014), arXiv:1406.1078, equations 5 to 8.

    Examples
    --------
    Without any weights the update gate is one half, and half of the state is kept:

    >>> import numpy as np
    >>> from rnnedu.cells import Weights, gru_step
    >>> zero = {gate: np.zeros((1, 1)) for gate in "zrn"}
    >>> weights = Weights(zero, zero, {gate: np.zeros(1) for gate in "zrn"})
    >>> float(gru_step(np.ones((1, 1)), {"h": np.array([[0.8]])}, weights)["h"][0, 0])
    0.4
    """
    h, W, U, b = state["h"], weights.W, weights.U, weights.b
    second = weights.recurrent_bias if reset_after else dict.fromkeys("zrn", 0.0)
    z = sigmoid(x @ W["z"] + h @ U["z"] + b["z"] + second["z"])  # eq-gru-z
    r = sigmoid(x @ W["r"] + h @ U["r"] + b["r"] + second["r"])  # eq-gru-r
    if reset_after:
        n = np.tanh(x @ W["n"] + b["n"] + r * (h @ U["n"] + second["n"]))  # eq-gru-after
    else:
        n = np.tanh(x @ W["n"] + b["n"] + (r * h) @ U["n"])  # eq-gru-n
    h = z * h + (1 - z) * n  # eq-gru-h
    return {"z": z, "r": r, "n": n, "h": h}


def run_cell(step: Callable, x, weights: Weights, state=None) -> dict[str, np.ndarray]:
    """Take a step for each element of a sequence, and record what each step computes.

    Parameters
    ----------
    step : callable
        A step of this module; `functools.partial` gives it options.
    x : numpy.ndarray, shape (batch, time, features)
        The sequence.
    weights : Weights
        The weights, the same at every time step.
    state : dict of str to numpy.ndarray, shape (batch, units), optional
        The initial state; zeros unless given.

    Returns
    -------
    dict of str to numpy.ndarray, shape (batch, time, units)
        The recorded states: all that the step computes, at every time step.

    Raises
    ------
    ValueError
        If `x` has other axes than these, or no time step.

    Examples
    --------
    >>> import numpy as np
    >>> from rnnedu.cells import Weights, run_cell, simple_rnn_step
    >>> weights = Weights({"h": np.array([[0.5]])}, {"h": np.eye(1)}, {"h": np.zeros(1)})
    >>> recorded = run_cell(simple_rnn_step, np.ones((1, 3, 1)), weights)
    >>> recorded["h"][0, :, 0].round(3)
    array([0.462, 0.745, 0.847])
    """
    x = np.asarray(x)
    features = next(iter(weights.W.values())).shape[0]
    if x.ndim != 3 or x.shape[1] == 0 or x.shape[2] != features:
        raise ValueError(
            f"the sequence has shape {x.shape}. "
            f"Fix: give (batch, time, {features}), with one time step at least."
        )
    if state is None:
        zeros = np.zeros((len(x), weights.units), dtype=x.dtype)
        state = {"h": zeros, "c": zeros}
    steps = []
    for t in range(x.shape[1]):
        state = step(x[:, t], state, weights)
        steps.append(state)
    return {name: np.stack([each[name] for each in steps], axis=1) for name in steps[0]}


STEPS = {
    "SimpleRNN": ("h", simple_rnn_step),
    "LSTM": ("ifgo", lstm_step),
    "GRU": ("zrn", gru_step),
}
"""The order of the blocks in Keras's weights, and the step, by the name of the layer."""
