"""Errors of a forecast, alone and relative to a baseline."""

import numpy as np
import pandas as pd
from scipy import linalg


def rmse(truth, forecast) -> float:
    """Compute the root mean squared error.

    Parameters
    ----------
    truth, forecast : array_like, shape (n,)
        Prices in dollars of the same days; two Series must have the same index.

    Returns
    -------
    float
        Dollars.

    Raises
    ------
    ValueError
        If lengths or days differ, or a value is not finite.

    Examples
    --------
    >>> import rnnedu
    >>> round(rnnedu.rmse([1.0, 2.0], [4.0, 6.0]), 3)  # errors of 3 and 4
    3.536
    """
    errors = errors_of(truth, forecast)
    return float(linalg.norm(errors) / np.sqrt(len(errors)))  # no square overflows


def mae(truth, forecast) -> float:
    """Compute the mean absolute error.

    Parameters
    ----------
    truth, forecast : array_like, shape (n,)
        As in `rmse`, which raises the same errors.

    Returns
    -------
    float
        Dollars.

    Examples
    --------
    >>> import rnnedu
    >>> rnnedu.mae([1.0, 2.0], [4.0, 6.0])
    3.5
    """
    errors = errors_of(truth, forecast)
    return float(np.sum(np.abs(errors) / len(errors)))  # no sum overflows


def mase(truth, forecast, train) -> float:
    """Compute the mean absolute scaled error: `mae` in units of a usual daily change.

    Parameters
    ----------
    truth, forecast : array_like, shape (n,)
        As in `rmse`.
    train : array_like, shape (m,)
        Training prices. Their mean absolute change from day to day is the unit.

    Returns
    -------
    float
        Without a unit; 1 if the error is as large as the usual daily change.

    Raises
    ------
    ValueError
        As `rmse`; also if the training prices never change.

    References
    ----------
    Hyndman and Koehler (2006), Another look at measures of forecast accuracy.
    International Journal of Forecasting 22(4), section 3.

    Examples
    --------
    >>> import rnnedu
    >>> rnnedu.mase([1.0, 2.0], [2.0, 3.0], train=[10.0, 12.0, 10.0])
    0.5
    """
    train = _floats(train)
    if train.ndim != 1:
        raise ValueError(
            f"the training prices have shape {train.shape}. Fix: give one price per day."
        )
    changes = np.abs(np.diff(train))
    change = np.mean(changes) if len(changes) else np.nan
    if not (np.isfinite(change) and change > 0):
        raise ValueError(
            "the training prices never change, or not all are numbers. "
            "Fix: use `mae` for these."
        )
    return mae(truth, forecast) / float(change)


def skill(truth, forecast, baseline) -> float:
    """Compute the share of the baseline's RMSE that a forecast saves: ``1 - RMSE / base``.

    One for a perfect forecast, zero for one no better than the baseline, negative for
    one that is worse.

    Parameters
    ----------
    truth, forecast, baseline : array_like, shape (n,)
        Prices and two forecasts in dollars, of the same days.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As `rmse`; also if the baseline makes no error.

    Examples
    --------
    >>> import rnnedu
    >>> rnnedu.skill([1.0, 2.0], forecast=[1.5, 2.5], baseline=[2.0, 3.0])
    0.5
    """
    base = rmse(truth, baseline)
    if base == 0:
        raise ValueError(
            "the baseline makes no error, so no share of it can be saved. "
            "Fix: score a series that changes."
        )
    return 1.0 - rmse(truth, forecast) / base


def errors_of(truth, forecast) -> np.ndarray:
    """Return forecast minus truth, or raise ValueError if they cannot be compared."""
    dated = isinstance(truth, pd.Series) and isinstance(forecast, pd.Series)
    if dated and not truth.index.equals(forecast.index):
        raise ValueError(
            "truth and forecast are for different days. Fix: score them on the same ones."
        )
    a, b = _floats(truth), _floats(forecast)
    if a.shape != b.shape or a.ndim != 1 or not len(a):
        raise ValueError(
            f"truth has shape {a.shape} and forecast {b.shape}. "
            "Fix: give one number per day, for the same days."
        )
    with np.errstate(over="ignore"):  # what overflows is not finite
        errors = b - a
    if not np.isfinite(errors).all():
        raise ValueError(
            f"the error of day {np.isfinite(errors).argmin()} is not finite. "
            "Fix: score only days with a price and a forecast."
        )
    return errors


def _floats(values) -> np.ndarray:
    """Return an array of floats; what a mask hides is no number."""
    return np.ma.filled(np.ma.asanyarray(values, dtype=float), np.nan)
