"""Tell whether a forecast is only late, and whether two differ by more than chance."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from rnnedu.metrics.errors import errors_of


def error_by_lag(prices: pd.Series, forecast: pd.Series, max_lag: int = 10) -> pd.Series:
    """Compare a forecast with the prices of its own day and of the days before it.

    The error at lag k is the standard deviation of forecast minus price of k days before.
    A constant bias does not count: a forecast may be biased and on time.

    Parameters
    ----------
    prices : pandas.Series
        The true prices, with at least `max_lag` days before the first forecast, such as
        `Windows.prices`.
    forecast : pandas.Series
        Forecasts for some of the days of `prices`.
    max_lag : int
        The largest lag, in rows of `prices`.

    Returns
    -------
    pandas.Series
        Dollars, by lag from 0 to `max_lag`.

    Raises
    ------
    ValueError
        If one of them is no series, a day of the forecast is not in `prices`, or too few
        days lie before it.

    Examples
    --------
    Persistence is one day late by construction:

    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm())
    >>> error = rnnedu.error_by_lag(windows.prices, rnnedu.persistence_forecast(windows))
    >>> float(error[1])
    0.0
    """
    if not (isinstance(prices, pd.Series) and isinstance(forecast, pd.Series)):
        raise ValueError(
            "prices and forecast are not two series with dates. Fix: give windows.prices "
            "and a pandas.Series, such as pandas.Series(forecast, index=days)."
        )
    lags = pd.RangeIndex(max_lag + 1, name="lag")
    places = prices.index.get_indexer(forecast.index)
    if not len(places) or places.min() < max_lag:
        raise ValueError(
            f"the prices do not reach from {max_lag} days before the forecast to its end. "
            "Fix: give a longer series, such as windows.prices, or a smaller max_lag."
        )
    values, own = prices.to_numpy(float), forecast.to_numpy(float)
    return pd.Series([float(np.std(own - values[places - k])) for k in lags], lags)


def lateness(prices: pd.Series, forecast: pd.Series, max_lag: int = 10) -> int:
    """Return by how many days a forecast lags: where `error_by_lag` is smallest.

    Parameters
    ----------
    prices, forecast : pandas.Series
        As for `error_by_lag`, which raises the same errors.
    max_lag : int
        The largest lag that is tried.

    Returns
    -------
    int
        Days; 0 for a forecast that is on time, 1 for persistence; `max_lag` means that many
        at least.

    Examples
    --------
    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm())
    >>> rnnedu.lateness(windows.prices, rnnedu.persistence_forecast(windows))
    1
    """
    return int(error_by_lag(prices, forecast, max_lag).idxmin())


class DieboldMariano(NamedTuple):
    """The result of a Diebold-Mariano test.

    Attributes
    ----------
    mean_gain : float
        Mean over the days of the baseline's squared error minus the forecast's: positive
        where the forecast is more accurate.
    statistic : float
        The mean gain over its standard error, of the same sign.
    p_value : float
        How often chance alone would bring a mean gain at least as far from zero, on
        either side.
    """

    mean_gain: float
    statistic: float
    p_value: float


def diebold_mariano(truth, forecast, baseline, *, lags: int = 0) -> DieboldMariano:
    """Test whether two forecasts one step ahead differ by more than chance.

    Parameters
    ----------
    truth, forecast, baseline : array_like, shape (n,)
        Prices and two forecasts of the same days, as in `rmse`.
    lags : int
        The gains of how many days apart may be correlated. Their autocovariances are
        added to the variance of the mean with the weights of Newey and West. With 0 the
        days count as independent, which the errors of a late or biased forecast are not:
        then try 20, about a month.

    Returns
    -------
    DieboldMariano
        A positive statistic speaks for `forecast`, a negative one for `baseline`: with a
        small p-value the forecast is significantly better, or worse.

    Raises
    ------
    ValueError
        As `rmse`; also if `lags` is negative or not below the number of days, or if both
        forecasts make the same errors.

    References
    ----------
    Diebold and Mariano (1995), Comparing predictive accuracy, Journal of Business and
    Economic Statistics 13(3); the correction for small samples is of Harvey, Leybourne
    and Newbold (1997), International Journal of Forecasting 13(2); Newey and West (1987),
    Econometrica 55(3).

    Examples
    --------
    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm())
    >>> truth, yesterday = windows.test_prices, rnnedu.persistence_forecast(windows)
    >>> test = rnnedu.diebold_mariano(truth, yesterday + 5, baseline=yesterday, lags=20)
    >>> test.statistic < 0, test.p_value < 0.001
    (True, True)
    """
    gain = errors_of(truth, baseline) ** 2 - errors_of(truth, forecast) ** 2
    n = len(gain)
    if not 0 <= lags < n:
        raise ValueError(f"lags is {lags}. Fix: give 0 to {n - 1}, for {n} days.")
    deviation = gain - gain.mean()
    variance = deviation @ deviation / n
    for k in range(1, lags + 1):
        variance += 2 * (1 - k / (lags + 1)) * (deviation[k:] @ deviation[:-k]) / n
    if variance <= 0:
        raise ValueError(
            "the gain is the same on all days, so that there is no chance to test against. "
            "Fix: compare two forecasts that differ."
        )
    statistic = gain.mean() / np.sqrt(variance / n) * np.sqrt((n - 1) / n)
    p_value = 2 * stats.t.sf(abs(statistic), n - 1)
    return DieboldMariano(float(gain.mean()), float(statistic), float(p_value))
