"""Backpropagation through time by hand: gradients and Jacobian norms of the NumPy cells.

Each ``_..._back`` undoes one step of `rnnedu.cells`: from the derivative of a loss with
respect to what the step returned to its derivative with respect to what the step was
given. `backpropagate` goes back through a whole sequence, `input_gradient` through a whole
network, and `jacobian_norms` measures how much the last hidden state still depends on each
time step before.

A name such as ``da`` is the derivative of the loss with respect to ``a``, here the
pre-activations, by block.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from rnnedu import cells
from rnnedu.cells import Weights


@dataclass(frozen=True)
class Gradients:
    """Derivatives of a loss, each of the shape of what it is taken with respect to.

    Attributes
    ----------
    x : numpy.ndarray, shape (batch, time, features)
        With respect to the inputs.
    state : dict of str to numpy.ndarray, shape (batch, units)
        With respect to the initial state.
    weights : Weights
        With respect to the weights, summed over batch and time, since all time steps
        share them.
    """

    x: np.ndarray
    state: dict[str, np.ndarray]
    weights: Weights


def _simple_rnn_back(x, previous, current, weights, dstate):
    da = {"h": dstate["h"] * (1 - current["h"] ** 2)}  # eq-bptt
    grads = _to_weights(x, previous["h"], da)  # eq-bptt-weights
    return _to_inputs(da, weights), {"h": _to_states(da, weights)}, grads


def _lstm_back(x, previous, current, weights, dstate):
    i, f, g, o = (current[name] for name in "ifgo")
    tanh_c = np.tanh(current["c"])
    dc = dstate["c"] + dstate["h"] * o * (1 - tanh_c**2)
    da = {
        "i": dc * g * i * (1 - i),
        "f": dc * previous["c"] * f * (1 - f),
        "g": dc * i * (1 - g**2),
        "o": dstate["h"] * tanh_c * o * (1 - o),
    }
    dprevious = {"h": _to_states(da, weights), "c": dc * f}
    return _to_inputs(da, weights), dprevious, _to_weights(x, previous["h"], da)


def _gru_back(x, previous, current, weights, dstate, *, reset_after=False):
    (z, r, n), h, U_n = (current[name] for name in "zrn"), previous["h"], weights.U["n"]
    dn = dstate["h"] * (1 - z) * (1 - n**2)
    if reset_after:
        recurrent_n = h @ U_n + weights.recurrent_bias["n"]
        da_r, through_reset = dn * recurrent_n * r * (1 - r), (dn * r) @ U_n.T
    else:
        drh = dn @ U_n.T
        da_r, through_reset = drh * h * r * (1 - r), drh * r
    da = {"z": dstate["h"] * (h - n) * z * (1 - z), "r": da_r, "n": dn}
    gates = {name: da[name] for name in "zr"}
    dh = dstate["h"] * z + through_reset + _to_states(gates, weights)
    grads = _to_weights(x, h, da)
    if reset_after:
        recurrent = _to_weights(x, h, da | {"n": dn * r})
        grads = Weights(grads.W, recurrent.U, grads.b, recurrent.b)
    else:
        grads.U["n"] = (r * h).T @ dn
    return _to_inputs(da, weights), {"h": dh}, grads


_BACK = {
    cells.simple_rnn_step: _simple_rnn_back,
    cells.lstm_step: _lstm_back,
    cells.gru_step: _gru_back,
}


def _back_of(step):
    """Return what undoes a step, with the options that `functools.partial` gave it."""
    options = step.keywords if isinstance(step, partial) else {}
    return partial(_BACK[getattr(step, "func", step)], **options)


def backpropagate(step, x, weights: Weights, dh, state=None) -> Gradients:
    """Go back through a whole sequence: backpropagation through time.

    Parameters
    ----------
    step : callable
        A step of `rnnedu.cells`.
    x : numpy.ndarray, shape (batch, time, features)
        The sequence.
    weights : Weights
        The weights.
    dh : numpy.ndarray, shape (batch, time, units)
        The derivative of the loss with respect to the hidden state of every time step;
        zeros but for the last one where only that one enters the loss.
    state : dict of str to numpy.ndarray, shape (batch, units), optional
        The initial state; zeros unless given.

    Returns
    -------
    Gradients

    Raises
    ------
    ValueError
        If `dh` is not of the shape of the hidden states.

    References
    ----------
    Werbos (1990), Backpropagation through time, Proceedings of the IEEE 78(10).

    Examples
    --------
    One unit without input weights: each step back multiplies by U (1 - h²).

    >>> import numpy as np
    >>> from rnnedu import cells, gradients
    >>> weights = cells.Weights(
    ...     {"h": np.zeros((1, 1))}, {"h": np.array([[0.9]])}, {"h": np.zeros(1)})
    >>> dh = np.array([0.0, 1.0]).reshape(1, 2, 1)  # the loss is the last hidden state
    >>> grads = gradients.backpropagate(
    ...     cells.simple_rnn_step, np.zeros((1, 2, 1)), weights, dh)
    >>> grads.state["h"].round(2)
    array([[0.81]])
    """
    x = np.asarray(x)
    recorded = cells.run_cell(step, x, weights, state)
    if np.shape(dh) != recorded["h"].shape:
        raise ValueError(
            f"dh has shape {np.shape(dh)}. Fix: give that of the hidden states, "
            f"{recorded['h'].shape}."
        )
    names = [name for name in "hc" if name in recorded]
    zeros = np.zeros_like(recorded["h"][:, 0])
    initial = dict.fromkeys(names, zeros) if state is None else state
    back, dstate = _back_of(step), dict.fromkeys(names, zeros)
    dx, total = np.zeros(x.shape), None
    for t in reversed(range(x.shape[1])):
        current = {name: values[:, t] for name, values in recorded.items()}
        previous = {name: recorded[name][:, t - 1] for name in names} if t else initial
        dstate = dstate | {"h": dstate["h"] + dh[:, t]}
        dx[:, t], dstate, grads = back(x[:, t], previous, current, weights, dstate)
        total = grads if total is None else _sum(total, grads)
    return Gradients(dx, dstate, total)


def input_gradient(network: cells.Network, x) -> np.ndarray:
    """Differentiate the output of a network with respect to its input.

    Parameters
    ----------
    network : rnnedu.cells.Network
        Recurrent layers, then dense ones without an activation; one number comes out.
    x : numpy.ndarray, shape (batch, time, features)
        The input.

    Returns
    -------
    numpy.ndarray, shape (batch, time, features)

    Raises
    ------
    ValueError
        If the network has an activation behind its recurrent layers.

    Examples
    --------
    The network returns three times its only input, so its gradient is three:

    >>> import numpy as np
    >>> from rnnedu import cells, gradients
    >>> dense = cells.Dense(np.array([[3.0]]), np.zeros(1), lambda a: a)
    >>> gradients.input_gradient(cells.Network((dense,)), np.ones((1, 1, 1)))
    array([[[3.]]])
    """
    inputs = []
    for layer in network.layers:
        inputs.append(x)
        x, _ = layer.run(x)
    dy = np.ones_like(x)
    for layer, given in zip(reversed(network.layers), reversed(inputs), strict=True):
        dy = _through(layer, given, dy)
    return dy


def _through(layer, x, dy):
    """Return the derivative with respect to the input of one layer."""
    if isinstance(layer, cells.Dense):
        if not np.allclose(layer.activation(np.array([-2.0, 3.0])), [-2.0, 3.0]):
            raise ValueError(
                "a dense layer has an activation. Fix: give a network whose dense layers "
                "have none."
            )
        return dy @ layer.kernel.T
    if isinstance(layer, cells.Bidirectional):
        units = layer.forward.weights.units
        forward, backward = dy[..., :units], dy[..., units:]
        if layer.backward.return_sequences:
            backward = backward[:, ::-1]
        return _through(layer.forward, x, forward) + _through(layer.backward, x, backward)
    if not layer.return_sequences:
        last, dy = dy, np.zeros((*x.shape[:2], layer.weights.units))
        dy[:, -1] = last
    order = slice(None, None, -1 if layer.go_backwards else 1)
    return backpropagate(layer.step, x[:, order], layer.weights, dy).x[:, order]


def jacobian_norms(step, x, weights: Weights) -> dict[str, np.ndarray]:
    """Measure how much the last hidden state depends on each time step before it.

    Parameters
    ----------
    step : callable
        A step of `rnnedu.cells`.
    x : numpy.ndarray, shape (time, features)
        One sequence; the initial state is zero.
    weights : Weights
        The weights.

    Returns
    -------
    dict of str to numpy.ndarray, shape (time,)
        Spectral norms (largest singular values) of Jacobians, by time step t: ``h`` of
        ``dh_T / dh_t``, which is 1 at the last step, ``x`` of ``dh_T / dx_t`` and, for an
        LSTM, ``c`` of ``dh_T / dc_t``, with hidden and cell state taken as two variables.

    References
    ----------
    Pascanu, Mikolov and Bengio (2013), arXiv:1211.5063, section 2.

    Examples
    --------
    Without inputs the states stay zero, and each step back multiplies by U:

    >>> import numpy as np
    >>> from rnnedu import cells, gradients
    >>> weights = cells.Weights(
    ...     {"h": np.zeros((1, 2))}, {"h": 0.5 * np.eye(2)}, {"h": np.zeros(2)})
    >>> gradients.jacobian_norms(cells.simple_rnn_step, np.zeros((3, 1)), weights)["h"]
    array([0.25, 0.5 , 1.  ])
    """
    units = weights.units
    # One copy for each unit of the last state: going back gives the rows of its Jacobian.
    x = np.repeat(np.asarray(x)[None], units, axis=0)
    recorded = cells.run_cell(step, x, weights)
    names, back = [name for name in "hc" if name in recorded], _back_of(step)
    norms = {name: np.zeros(x.shape[1]) for name in ["x", *names]}
    dstate = {name: np.eye(units) * (name == "h") for name in names}
    for t in reversed(range(x.shape[1])):
        for name in names:
            norms[name][t] = np.linalg.norm(dstate[name], 2)
        current = {name: values[:, t] for name, values in recorded.items()}
        previous = {n: recorded[n][:, t - 1] if t else 0 * recorded[n][:, 0] for n in names}
        dx, dstate, _ = back(x[:, t], previous, current, weights, dstate)
        norms["x"][t] = np.linalg.norm(dx, 2)
    return norms


def _to_inputs(da, weights):
    return sum(da[name] @ weights.W[name].T for name in da)


def _to_states(da, weights):
    return sum(da[name] @ weights.U[name].T for name in da)


def _to_weights(x, h, da) -> Weights:
    bias = {name: value.sum(axis=0) for name, value in da.items()}
    return Weights(
        {name: x.T @ value for name, value in da.items()},
        {name: h.T @ value for name, value in da.items()},
        bias,
        bias,
    )


def _sum(one: Weights, other: Weights) -> Weights:
    return Weights(
        *(
            {
                name: getattr(one, part)[name] + block
                for name, block in getattr(other, part).items()
            }
            for part in ("W", "U", "b", "recurrent_bias")
        )
    )
