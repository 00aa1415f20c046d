"""Forecasts in dollars on dates: one step ahead, or fed with themselves.

A network that is fed its own forecasts applies the same map again and again, from one
window to the next. `window_map_jacobian` and `fixed_points` examine that map.
"""

import functools
import operator

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from scipy.optimize import brentq

from rnnedu import gradients
from rnnedu.cells import Network
from rnnedu.windows import Windows


def forecast_one_step(model: keras.Model | Network, windows: Windows) -> pd.Series:
    """Forecast each test day from the true prices of the days before it.

    Parameters
    ----------
    model : keras.Model or rnnedu.cells.Network
        Maps windows ``(batch, time, features)`` to scaled prices ``(batch, 1)``.
    windows : Windows
        ``X_test`` holds one window per test day.

    Returns
    -------
    pandas.Series
        Dollars, on the test days.

    Raises
    ------
    ValueError
        If the network takes another number of time steps.
    TypeError
        If `model` is no network, a `Trained` for example.

    Examples
    --------
    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm(), lookback=5)
    >>> model = rnnedu.build_network("gru", lookback=5)  # not trained yet
    >>> rnnedu.forecast_one_step(model, windows).index.equals(windows.test_prices.index)
    True
    """
    days = windows.test_days
    _lookback_of(model, windows.X_test)
    # Not by `predict`: TensorFlow takes that of the fifth network for the first one's,
    # traced over and over, and warns.
    starts = range(0, len(windows.X_test), 1024)
    scaled = [_predict(model, windows.X_test[k : k + 1024]) for k in starts]
    return _in_dollars(np.concatenate(scaled), windows, days)


def forecast_recursive(
    model: keras.Model | Network,
    windows: Windows,
    *,
    steps: int | None = None,
    start_windows: np.ndarray | None = None,
) -> pd.Series | np.ndarray:
    """Forecast many steps ahead: each forecast becomes the newest value of the window.

    The first window holds the last `lookback` training days, so that its forecast is for
    the first test day, and no price of the test year is used.

    Parameters
    ----------
    model : keras.Model or rnnedu.cells.Network
        Maps windows ``(batch, time, 1)`` to scaled prices ``(batch, 1)``.
    windows : Windows
        Where the first window, the scaling and the dates come from.
    steps : int, optional
        Steps to forecast; the length of the test year unless given.
    start_windows : numpy.ndarray, shape (starts, time, 1), optional
        Scaled windows to start from instead, one or many: all run at once. From
        ``X_test[k]`` the first forecast is for day k of the test year.

    Returns
    -------
    pandas.Series or numpy.ndarray
        Dollars. Without `start_windows` a series on the first `steps` test days; with
        them an array ``(starts, steps)``, since each start has days of its own.

    Raises
    ------
    ValueError
        If `steps` is below 1, or above the number of test days where these are used, or
        if the windows have another shape than a Keras network takes.
    TypeError
        If `model` is no network, a `Trained` for example.

    Notes
    -----
    Equal to calling ``model.predict`` once per step, within float32 rounding. For a Keras
    network the loop is compiled once by XLA, and later calls cost a small part of the
    first. A small network is faster as `Network.from_keras`, where nothing is compiled.

    Examples
    --------
    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm(), lookback=5)
    >>> model = rnnedu.cells.Network.from_keras(rnnedu.build_network("gru", lookback=5))
    >>> len(rnnedu.forecast_recursive(model, windows, steps=3))
    3
    >>> starts = windows.X_test[[0, 20, 40]]
    >>> rnnedu.forecast_recursive(model, windows, steps=9, start_windows=starts).shape
    (3, 9)
    """
    days = windows.test_days
    steps = len(days) if steps is None else operator.index(steps)
    dated = start_windows is None
    if steps < 1 or (dated and steps > len(days)):
        most = f"to {len(days)}, the days of the test year" if dated else "or more"
        raise ValueError(f"steps is {steps}. Fix: give 1 {most}.")
    start = windows.X_test[:1] if dated else np.asarray(start_windows)
    lookback = _lookback_of(model) or (start.shape[1] if start.ndim == 3 else 0)
    if start.ndim != 3 or start.shape[1:] != (lookback, 1) or not len(start):
        raise ValueError(
            f"the start windows have shape {start.shape}. Fix: give (starts, "
            f"{lookback or 'time'}, 1), one feature and as many time steps as the network "
            "takes."
        )
    if isinstance(model, keras.Model):
        run = _compiled(model, len(start), lookback, steps)
        scaled = run(tf.convert_to_tensor(start, tf.float32)).numpy()
    else:
        scaled = _rollout(model, start, steps)
    prices = windows.inverse_scale(scaled).reshape(scaled.shape)
    if dated:
        return pd.Series(prices[0], index=days[:steps], name=windows.column)
    return prices


def window_map_jacobian(model: keras.Model | Network, window: np.ndarray) -> np.ndarray:
    """Differentiate the map from one window of a recursive forecast to the next.

    The next window is this one, moved by one step, with the forecast at its end. So all
    rows of the Jacobian but the last are those of a shift, and the last is the gradient of
    the forecast. Its spectral radius, the largest absolute eigenvalue, is the factor by
    which a small difference changes per step in the long run.

    Parameters
    ----------
    model : keras.Model or rnnedu.cells.Network
        Maps windows ``(batch, time, 1)`` to scaled prices ``(batch, 1)``.
    window : numpy.ndarray, shape (time, 1)
        A scaled window.

    Returns
    -------
    numpy.ndarray, shape (time, time)

    Raises
    ------
    ValueError
        If the model is a Keras network that `Network.from_keras` cannot copy.

    Examples
    --------
    >>> import numpy as np, rnnedu
    >>> from rnnedu import forecasting
    >>> model = rnnedu.build_network("gru", lookback=5)
    >>> jacobian = forecasting.window_map_jacobian(model, np.full((5, 1), 0.5))
    >>> jacobian[:4].tolist() == np.eye(5, k=1)[:4].tolist()
    True
    """
    window = np.asarray(window, dtype=float)
    jacobian = np.eye(len(window), k=1)  # eq-window-map
    jacobian[-1] = gradients.input_gradient(_in_numpy(model), window[None])[0, :, 0]
    return jacobian


def spectral_radius(matrix: np.ndarray) -> float:
    """Return the largest absolute eigenvalue of a square matrix.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (n, n)

    Returns
    -------
    float

    Examples
    --------
    >>> import numpy as np
    >>> from rnnedu import forecasting
    >>> forecasting.spectral_radius(np.array([[0.0, 2.0], [0.0, 0.5]]))
    0.5
    """
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def fixed_points(
    model: keras.Model | Network,
    lookback: int | None = None,
    *,
    low: float = -0.5,
    high: float = 1.5,
) -> pd.DataFrame:
    """Find the prices at which a recursive forecast comes to rest.

    A fixed point is a window of one constant price that the network predicts again. Many
    prices are tried, and where the forecast changes from above to below its window, or
    back, Brent's method finds the place.

    Parameters
    ----------
    model : keras.Model or rnnedu.cells.Network
        Maps windows ``(batch, time, 1)`` to scaled prices ``(batch, 1)``.
    lookback : int, optional
        Time steps per window; needed where the model is a `Network`.
    low, high : float
        The scaled prices between which to look; training prices lie in [0, 1].

    Returns
    -------
    pandas.DataFrame
        One row per fixed point: ``level`` (scaled) and ``spectral_radius`` (see
        `window_map_jacobian`). Below 1 the fixed point is stable: it attracts windows
        near it. ``windows.inverse_scale(table["level"])`` gives the prices in dollars.

    Raises
    ------
    ValueError
        If the lookback is not known or not the network's own, or if the model is a Keras
        network that `Network.from_keras` cannot copy.

    References
    ----------
    Sussillo and Barak (2013), Opening the black box, Neural Computation 25(3).

    Examples
    --------
    >>> import rnnedu
    >>> from rnnedu import forecasting
    >>> model = rnnedu.build_network("gru", lookback=5)
    >>> list(forecasting.fixed_points(model).columns)
    ['level', 'spectral_radius']
    """
    own, network = _lookback_of(model), _in_numpy(model)
    if lookback and own and lookback != own:
        raise ValueError(f"lookback is {lookback}. Fix: leave it out, or give {own}.")
    lookback = lookback or own
    if not lookback:
        raise ValueError("the lookback is not known. Fix: give it as lookback=.")

    def constant(level):
        return np.full((lookback, 1), level)

    def gap(level):
        return float(network(constant(level)[None])[0, 0] - level)

    levels = np.linspace(low, high, 201)
    gaps = network(np.stack([constant(level) for level in levels]))[:, 0] - levels
    crossed = np.flatnonzero(gaps[:-1] * gaps[1:] < 0)
    found = [brentq(gap, levels[k], levels[k + 1]) for k in crossed]
    found += [level for level, each in zip(levels, gaps, strict=True) if each == 0]
    radii = [spectral_radius(window_map_jacobian(network, constant(p))) for p in found]
    table = pd.DataFrame({"level": found, "spectral_radius": radii}, dtype=float)
    return table.sort_values("level", ignore_index=True)


def _in_numpy(model) -> Network:
    return Network.from_keras(model) if isinstance(model, keras.Model) else model


def _lookback_of(model, windows=None) -> int | None:
    """Return how many time steps a Keras network takes, and check windows against it."""
    if isinstance(model, Network):
        return None
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"a {type(model).__name__} is no network. Fix: give a Keras model or a "
            "cells.Network; what rnnedu.train returned has it as .model."
        )
    own = model.input_shape[1]
    if windows is not None and own not in (None, windows.shape[1]):
        raise ValueError(
            f"the network takes windows of {own} time steps, and these have "
            f"{windows.shape[1]}. Fix: make_windows(..., lookback={own})."
        )
    return own


def _predict(model, x) -> np.ndarray:
    return model(x, training=False) if isinstance(model, keras.Model) else model(x)


def _rollout(network: Network, windows, steps: int) -> np.ndarray:
    """Feed a NumPy network its own output; return ``(starts, steps)``."""
    path = []
    for _ in range(steps):
        price = network(windows)  # (starts, 1)
        windows = np.concatenate([windows[:, 1:], price[:, None]], axis=1)
        path.append(price[:, 0])
    return np.stack(path, axis=1)


@functools.lru_cache(maxsize=4)
def _compiled(model: keras.Model, starts: int, lookback: int, steps: int):
    """Compile the loop that feeds `model` its own output; kept for later calls."""

    # On a GPU Keras calls cuDNN, which XLA cannot compile.
    @tf.function(jit_compile=not tf.config.list_physical_devices("GPU"))
    def run(windows):
        def step(t, windows, path):
            price = model(windows, training=False)  # (starts, 1)
            windows = tf.concat([windows[:, 1:], price[:, None]], axis=1)
            return t + 1, windows, path.write(t, price[:, 0])

        path = tf.TensorArray(tf.float32, size=steps, element_shape=(starts,))
        _, _, path = tf.while_loop(lambda t, *_: t < steps, step, (0, windows, path))
        return tf.transpose(path.stack())  # (starts, steps)

    # The one concrete function, not `run` itself: TensorFlow takes all loops made here for
    # the same function, traced over and over, and warns.
    return run.get_concrete_function(tf.TensorSpec((starts, lookback, 1), tf.float32))


def _in_dollars(scaled, windows: Windows, days: pd.DatetimeIndex) -> pd.Series:
    return pd.Series(windows.inverse_scale(scaled), index=days, name=windows.column)
