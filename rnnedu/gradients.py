"""Backward through the textbook's cells by hand: gradients, Jacobians, sensitivities.

Each ``..._back`` undoes one step of `rnnedu.cells`: from the derivative of a loss by what
the step returned to its derivative by what the step was given. `backward` goes back
through a whole sequence; `sensitivities` measures how much the last output still depends
on each day before.
"""

from dataclasses import dataclass

import numpy as np

from rnnedu import cells
from rnnedu.cells import Weights


@dataclass(frozen=True)
class Gradients:
    """Derivatives of a loss, each of the shape of what it is by.

    Attributes
    ----------
    x : numpy.ndarray, shape (batch, time, features)
        By the inputs.
    carried : dict of str to numpy.ndarray, shape (batch, units)
        By what the first step was given.
    weights : Weights
        By the weights, summed over batch and time: they are the same on every day.
    """

    x: np.ndarray
    carried: dict[str, np.ndarray]
    weights: Weights


def _elman_back(x, before, now, w, d):
    da = {"h": d["h"] * (1 - now["h"] ** 2)}
    return _to_inputs(da, w), {"h": _to_states(da, w)}, _to_weights(x, before["h"], da)


def _lstm_back(x, before, now, w, d):
    i, f, g, o = (now[name] for name in "ifgo")
    tanh_c = np.tanh(now["c"])
    dc = d["c"] + d["h"] * o * (1 - tanh_c**2)
    da = {
        "i": dc * g * i * (1 - i),
        "f": dc * before["c"] * f * (1 - f),
        "g": dc * i * (1 - g**2),
        "o": d["h"] * tanh_c * o * (1 - o),
    }
    carried = {"h": _to_states(da, w), "c": dc * f}
    return _to_inputs(da, w), carried, _to_weights(x, before["h"], da)


def _gru_back(x, before, now, w, d):
    (z, r, n), h = (now[name] for name in "zrn"), before["h"]
    dn = d["h"] * (1 - z) * (1 - n**2)
    drh = dn @ w.U["n"].T
    da = {"z": d["h"] * (h - n) * z * (1 - z), "r": drh * h * r * (1 - r), "n": dn}
    gates = {name: da[name] for name in "zr"}
    dh = d["h"] * z + drh * r + _to_states(gates, w)
    by = _to_weights(x, h, da)
    by.U["n"] = (r * h).T @ dn
    return _to_inputs(da, w), {"h": dh}, by


def _gru_reset_after_back(x, before, now, w, d):
    (z, r, n), h = (now[name] for name in "zrn"), before["h"]
    dn = d["h"] * (1 - z) * (1 - n**2)
    a_n = h @ w.U["n"] + w.b_U["n"]
    da = {"z": d["h"] * (h - n) * z * (1 - z), "r": dn * a_n * r * (1 - r), "n": dn}
    behind_reset = da | {"n": dn * r}
    dh = d["h"] * z + _to_states(behind_reset, w)
    by, second = _to_weights(x, h, da), _to_weights(x, h, behind_reset)
    return _to_inputs(da, w), {"h": dh}, Weights(by.W, second.U, by.b, second.b)


_BACK = {
    cells.elman_step: _elman_back,
    cells.lstm_step: _lstm_back,
    cells.gru_step: _gru_back,
    cells.gru_step_reset_after: _gru_reset_after_back,
}


def backward(step, x, w: Weights, dh, carried=None) -> Gradients:
    """Go back through a whole sequence (backpropagation through time).

    Parameters
    ----------
    step : callable
        A step of `rnnedu.cells`.
    x : numpy.ndarray, shape (batch, time, features)
        The sequence.
    w : Weights
        The weights.
    dh : numpy.ndarray, shape (batch, time, units)
        The derivative of the loss by the output of every day; zeros but for the last day
        where only that one enters the loss.
    carried : dict of str to numpy.ndarray, shape (batch, units), optional
        What the first step was given; zeros unless given.

    Returns
    -------
    Gradients

    Raises
    ------
    ValueError
        If `dh` is not of the shape of the outputs.

    References
    ----------
    Werbos (1990), Backpropagation through time, Proceedings of the IEEE 78(10).
    """
    trace = cells.run(step, x, w, carried)
    if np.shape(dh) != trace["h"].shape:
        raise ValueError(
            f"dh has shape {np.shape(dh)}. Mend: give that of the outputs, "
            f"{trace['h'].shape}."
        )
    states = [name for name in "hc" if name in trace]
    zeros = np.zeros_like(trace["h"][:, 0])
    if carried is None:
        carried = dict.fromkeys(states, zeros)
    d = dict.fromkeys(states, zeros)
    dx, total = np.zeros_like(x), None
    for day in reversed(range(x.shape[1])):
        now = {name: values[:, day] for name, values in trace.items()}
        before = {s: trace[s][:, day - 1] for s in states} if day else carried
        d = d | {"h": d["h"] + dh[:, day]}
        dx[:, day], d, by = _BACK[step](x[:, day], before, now, w, d)
        total = by if total is None else _sum(total, by)
    return Gradients(dx, d, total)


def sensitivities(step, x, w: Weights) -> dict[str, np.ndarray]:
    """Measure how much the last output depends on each day before it.

    Parameters
    ----------
    step : callable
        A step of `rnnedu.cells`.
    x : numpy.ndarray, shape (time, features)
        One sequence; what the first step is given is zero.
    w : Weights
        The weights.

    Returns
    -------
    dict of str to numpy.ndarray, shape (time,)
        Largest singular values (spectral norms) of Jacobians, by day t: ``h`` of
        ``dh_T / dh_t``, which is 1 on the last day, ``x`` of ``dh_T / dx_t`` and, for an
        LSTM, ``c`` of ``dh_T / dc_t``, with output and memory taken as two variables.

    References
    ----------
    Pascanu, Mikolov and Bengio (2013), arXiv:1211.5063, section 2.
    """
    units = next(iter(w.U.values())).shape[0]
    # One copy for each unit of the last output: going back gives its Jacobian's rows.
    x = np.repeat(x[None], units, axis=0)
    trace = cells.run(step, x, w)
    states = [name for name in "hc" if name in trace]
    norms = {name: np.zeros(x.shape[1]) for name in ["x", *states]}
    d = {
        name: np.eye(units) if name == "h" else np.zeros((units, units)) for name in states
    }
    for day in reversed(range(x.shape[1])):
        for name in states:
            norms[name][day] = np.linalg.norm(d[name], 2)
        now = {name: values[:, day] for name, values in trace.items()}
        before = {s: trace[s][:, day - 1] if day else 0 * trace[s][:, 0] for s in states}
        dx, d, _ = _BACK[step](x[:, day], before, now, w, d)
        norms["x"][day] = np.linalg.norm(dx, 2)
    return norms


def _to_inputs(da, w):
    return sum(da[name] @ w.W[name].T for name in da)


def _to_states(da, w):
    return sum(da[name] @ w.U[name].T for name in da)


def _to_weights(x, h, da) -> Weights:
    bias = {name: value.sum(axis=0) for name, value in da.items()}
    return Weights(
        {name: x.T @ value for name, value in da.items()},
        {name: h.T @ value for name, value in da.items()},
        bias,
        bias,
    )


def _sum(one: Weights, other: Weights) -> Weights:
    parts = ("W", "U", "b", "b_U")
    return Weights(
        *(
            {
                name: getattr(one, part)[name] + block
                for name, block in getattr(other, part).items()
            }
            for part in parts
        )
    )
