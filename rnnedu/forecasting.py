"""Forecasts in dollars on dates: one day ahead, or fed with themselves."""

import functools
import operator
from collections.abc import Sequence

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from rnnedu.windows import Windows


def forecast_one_step(model: keras.Model, windows: Windows) -> pd.Series:
    """Forecast each test day from the true prices of the days before it.

    Parameters
    ----------
    model : keras.Model
        Maps windows ``(batch, time, features)`` to scaled prices ``(batch, 1)``.
    windows : Windows
        ``X_test`` holds one window a test day.

    Returns
    -------
    pandas.Series
        Dollars, on the test days.
    """
    # Not by `predict`: TensorFlow takes that of the fifth network for the first one's,
    # traced over and over, and warns.
    starts = range(0, len(windows.X_test), 1024)
    scaled = [model(windows.X_test[k : k + 1024], training=False) for k in starts]
    return _in_dollars(np.concatenate(scaled), windows, windows.test.index)


def generate(
    model: keras.Model,
    windows: Windows,
    *,
    steps: int | None = None,
    first_window: np.ndarray | None = None,
) -> pd.Series:
    """Let the network run free: each forecast becomes the newest day of its window.

    No price of the test year is seen. The first window is the last `lookback` training
    days, so that its forecast is for the first test day.

    Parameters
    ----------
    model : keras.Model
        Maps a window ``(1, time, 1)`` to one scaled price ``(1, 1)``.
    windows : Windows
        Where the first window, the scaling and the dates come from.
    steps : int, optional
        Days to generate; the whole test year unless given.
    first_window : numpy.ndarray, shape (1, time, 1), optional
        Another scaled window to start from.

    Returns
    -------
    pandas.Series
        Dollars, on the first `steps` test days.

    Raises
    ------
    ValueError
        If `steps` is not between 1 and the number of test days, or the window has
        another shape.

    Notes
    -----
    Equal to calling ``model.predict`` once a day, within float32 rounding; the loop is
    compiled once by XLA, and later calls cost a small part of the first.
    """
    days = windows.test.index
    steps = len(days) if steps is None else operator.index(steps)
    if not 1 <= steps <= len(days):
        raise ValueError(f"steps is {steps}. Mend: give 1 to {len(days)}, the test days.")
    window = windows.X_test[:1] if first_window is None else first_window
    if np.shape(window) != (1, windows.lookback, 1):
        raise ValueError(
            f"the first window has shape {np.shape(window)}. "
            f"Mend: give (1, {windows.lookback}, 1), scaled prices in order."
        )
    scaled = _free_run(model, steps)(tf.constant(window, dtype=tf.float32))
    return _in_dollars(scaled.numpy(), windows, days[:steps])


def averaged(networks: Sequence[keras.Model]) -> keras.Model:
    """Join networks into one that answers with the mean of their answers.

    Parameters
    ----------
    networks : sequence of keras.Model
        Each maps windows ``(batch, time, features)`` to scaled prices ``(batch, 1)``.

    Returns
    -------
    keras.Model
        Maps the same; running free, it is fed with the mean.
    """
    if len(networks) == 1:
        return networks[0]
    window = keras.Input(networks[0].input_shape[1:])
    answers = [network(window) for network in networks]
    return keras.Model(window, keras.layers.Average()(answers))


@functools.lru_cache(maxsize=4)
def _free_run(model: keras.Model, steps: int):
    """Compile the loop that feeds `model` its own output; kept for later calls."""

    # On a GPU Keras calls cuDNN, which XLA cannot compile.
    @tf.function(jit_compile=not tf.config.list_physical_devices("GPU"))
    def run(window):
        def step(day, window, path):
            price = model(window, training=False)  # (1, 1)
            window = tf.concat([window[:, 1:], price[:, None]], axis=1)
            return day + 1, window, path.write(day, price[0])

        path = tf.TensorArray(tf.float32, size=steps, element_shape=(1,))
        _, _, path = tf.while_loop(lambda day, *_: day < steps, step, (0, window, path))
        return path.stack()  # (steps, 1)

    return run


def _in_dollars(scaled, windows: Windows, days: pd.DatetimeIndex) -> pd.Series:
    return pd.Series(windows.to_dollars(scaled), index=days, name=windows.column)
