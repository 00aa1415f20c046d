"""From prices to lookback windows: split by time, scaled on the training years alone."""

import hashlib
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.preprocessing import MinMaxScaler

from rnnedu._price_checks import WEEK, holes, oddities, usual_step
from rnnedu.datasets import check_prices


@dataclass(frozen=True)
class Windows:
    """Windows of past prices, each with its target, the price of the day after it.

    Attributes
    ----------
    column : str
        The price forecast.
    lookback : int
        Days per window.
    train_prices, test_prices : pandas.Series
        The prices in dollars, on their days: all years before the test year, and the
        test year. Without a test year, all prices are training prices.
    scaler : sklearn.preprocessing.MinMaxScaler
        Fitted on `train_prices` alone: its lowest price is 0, its highest 1. Or the one
        that `make_windows` was given.
    X_train : numpy.ndarray, shape (n_train - lookback, lookback, 1), float32
        Scaled windows ``(batch, time, features)`` that lie wholly in the training years.
    y_train : numpy.ndarray, shape (n_train - lookback,), float32
        The scaled price of the day after each training window.
    X_test : numpy.ndarray, shape (n_test, lookback, 1), float32
        Scaled windows whose targets are the test days. The first ones reach back into
        the training years; ``X_test[0]`` is the last `lookback` training days.
    y_test : numpy.ndarray, shape (n_test,), float32
        The scaled prices of the test days. They may leave [0, 1].

    Examples
    --------
    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm(), lookback=60)
    >>> windows.X_train.shape[1:]
    (60, 1)
    >>> bool(windows.scaler.data_max_[0] == windows.train_prices.max())
    True
    """

    column: str
    lookback: int
    train_prices: pd.Series
    test_prices: pd.Series
    scaler: MinMaxScaler
    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray

    @property
    def prices(self) -> pd.Series:
        """The prices of the training years and the test year, in dollars."""
        return pd.concat([self.train_prices, self.test_prices])

    @property
    def test_year(self) -> int | None:
        """The calendar year of the test days; None if there are none."""
        return int(self.test_prices.index[0].year) if len(self.test_prices) else None

    @property
    def test_days(self) -> pd.DatetimeIndex:
        """The days of the test year; a ValueError if there are none."""
        if not len(self.test_prices):
            raise ValueError(
                "these windows have no test year, so there is no day to forecast. Fix: "
                "give make_windows a test_year, or forecast the day after the last price "
                "with rnnedu.Forecaster."
            )
        return self.test_prices.index

    def inverse_scale(self, scaled) -> np.ndarray:
        """Undo the scaling.

        Parameters
        ----------
        scaled : array_like
            Scaled prices, of any shape; ``(n, 1)`` as ``model.predict`` returns them.

        Returns
        -------
        numpy.ndarray, float64
            The same prices in dollars, of the same shape; ``(n,)`` for ``(n, 1)``.
        """
        values = np.asarray(scaled, dtype=float)
        shape = values.shape[:1] if values.shape[1:] == (1,) else values.shape
        return self.scaler.inverse_transform(values.reshape(-1, 1)).reshape(shape)


def last_full_year(days: pd.DatetimeIndex) -> int:
    """Return the last calendar year that `days` cover from end to end.

    A year counts as covered when there is a day within a week of its first day and one
    within a week of its last (a month, for a series of months), and none of its weeks are
    missing. The notebook's file ends with a full 2017; a file that breaks off in March is
    tested on the year before.

    Parameters
    ----------
    days : pandas.DatetimeIndex
        Trading days, in order.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If no year is covered.

    Examples
    --------
    >>> import pandas as pd, rnnedu
    >>> rnnedu.last_full_year(pd.bdate_range("2015-01-01", "2017-03-01"))
    2016
    """
    edge, gaps = max(WEEK, usual_step(days)), holes(days)
    for year in range(days[-1].year, days[0].year - 1, -1):
        held = days[days.year == year]
        if (
            len(held)
            and held[0] < pd.Timestamp(year, 1, 1) + edge
            and held[-1] > pd.Timestamp(year, 12, 31) - edge
            and not any(before.year == year == after.year for before, after in gaps)
        ):
            return year
    first, last = days[0], days[-1]
    more = "bring a longer series: a test year, and years before it to train on"
    fix = f"give test_year={last.year}, or {more}" if first.year < last.year else more
    raise ValueError(
        f"no calendar year is covered whole between {first:%Y-%m-%d} and {last:%Y-%m-%d}. "
        f"Fix: {fix}."
    )


def make_windows(
    prices: pd.DataFrame | pd.Series,
    column: str = "High",
    lookback: int = 60,
    test_year: int | str | None = "last",
    *,
    positive: bool = True,
    scaler: MinMaxScaler | None = None,
) -> Windows:
    """Cut a price series into windows, tested on one year, trained on those before it.

    A network that is trained already needs the scaler of the windows that it was trained
    on. A new scaler, fitted on other prices, would turn the same price into another number,
    and the network's output into other dollars.

    Parameters
    ----------
    prices : pandas.DataFrame or pandas.Series
        Daily prices in dollars, days in order, as `load_ibm` returns them; or a frame as
        yfinance returns it, or a Series. `check_prices` says what it must be like.
    column : str
        The price to forecast. The values of a Series go by this name.
    lookback : int
        Days in a window.
    test_year : int, "last" or None
        The year to test on; ``"last"`` is the last full calendar year. Later days are left
        out. With None there is no test year: all windows are for training, as is wanted for
        the last training before a network is used.
    positive : bool
        Whether a price must be above zero. False is for series that may be zero or
        negative.
    scaler : sklearn.preprocessing.MinMaxScaler, optional
        The `scaler` of earlier windows. Unless given, one is fitted on the training prices.
        Scaled prices may leave [0, 1] where prices leave its range.

    Returns
    -------
    Windows
        Read-only views of one scaled array: windows do not copy prices.

    Raises
    ------
    ValueError
        If there are too few days for a training window, its target and a test day, none
        in the test year, too few before it, a price that is missing or not positive, or
        days out of order; or if the scaler is none.

    Warns
    -----
    UserWarning
        If days are missing, lie on weekends where others do not, if the price jumps as it
        does when a share is split, or if a later year than the test year has a hole.

    Examples
    --------
    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm(), column="Close", lookback=20)
    >>> len(windows.X_test) == len(windows.test_prices)
    True

    The last hundred rows, all for training, scaled as before:

    >>> recent = rnnedu.load_ibm().tail(100)
    >>> new = rnnedu.make_windows(
    ...     recent, "Close", 20, test_year=None, scaler=windows.scaler)
    >>> new.X_train.shape, new.test_year
    ((80, 20, 1), None)
    """
    if not _is_whole(lookback) or lookback < 1:
        raise ValueError(f"lookback is {lookback!r}. Fix: give a whole number, 1 or more.")
    _check_year_and_scaler(test_year, scaler)
    series = check_prices(prices, column, positive=positive)
    days, name = series.index, prices.attrs.get("name", "the table")
    try:
        year = last_full_year(days) if test_year == "last" else test_year
    except ValueError as error:
        without = "Without a test year: give test_year=None."
        raise ValueError(f"{name}: {error} {without}") from None
    beside = 1 if year is None else 2  # the target, and a test day
    if len(series) < lookback + beside:
        need = " and its target" if year is None else ", its target and a test day"
        raise ValueError(
            f"{name}: {len(series)} days are fewer than the {lookback + beside} that a "
            f"window of {lookback}{need} need. "
            f"Fix: {_shorter(len(series) - beside, year)}."
        )
    is_test = days.year == year  # of no day, if there is no test year
    train = series if year is None else series[days.year < year]
    test = series[is_test]
    if year is not None and test.empty:
        raise ValueError(
            f"{name}: there is no day in {year}. Fix: choose a test_year between "
            f"{days[0].year} and {days[-1].year}."
        )
    if len(train) < lookback + 1:
        raise ValueError(
            f"{name}: {len(train)} days before {year} are fewer than the {lookback + 1} "
            f"that one training window and its target need. "
            f"Fix: {_shorter(len(train) - 1, year)}."
        )
    odd = set(oddities(series, name, positive)) - set(prices.attrs.get("warnings", ()))
    if test_year == "last" and any(after.year > year for _, after in holes(days)):
        odd.add(
            f"{name}: days are missing after {year}, so that {year} is the last full year "
            f"and the test year. Fix: add the days, or test on the "
            f"{sum(days.year == days[-1].year)} days of {days[-1].year} that there are, by "
            f"test_year={days[-1].year}."
        )
    for text in sorted(odd):
        warnings.warn(text, stacklevel=2)
    if scaler is None:
        scaler = MinMaxScaler().fit(train.to_numpy()[:, None])
    both = np.concatenate([train.to_numpy(), test.to_numpy()])
    with np.errstate(over="ignore"):
        scaled = scaler.transform(both[:, None])[:, 0].astype(np.float32)
    if not np.isfinite(scaled).all():
        day = days[np.isfinite(scaled).argmin()]
        raise ValueError(
            f"{name}, {day:%Y-%m-%d}: {column} is too far from the prices of the scaler to "
            "be scaled. Fix: correct that price, or leave the day out."
        )
    runs = sliding_window_view(scaled, lookback + 1)
    X, y = runs[:, :lookback, None], runs[:, lookback]
    n_train = len(train) - lookback
    return Windows(
        column=column,
        lookback=lookback,
        train_prices=train,
        test_prices=test,
        scaler=scaler,
        X_train=X[:n_train],
        y_train=y[:n_train],
        X_test=X[n_train:],
        y_test=y[n_train:],
    )


def data_digest(windows: Windows) -> str:
    """Return a hash of the prices, by which a recorded run says what it was trained on.

    Parameters
    ----------
    windows : Windows
        Their training and test prices, in dollars and with their dates, are hashed.

    Returns
    -------
    str
        A sha256, as 64 hexadecimal digits.

    Examples
    --------
    >>> import rnnedu
    >>> from rnnedu.windows import data_digest
    >>> len(data_digest(rnnedu.make_windows(rnnedu.load_ibm())))
    64
    """
    return hashlib.sha256(windows.prices.to_csv().encode()).hexdigest()


def _check_year_and_scaler(test_year, scaler) -> None:
    if not (test_year is None or test_year == "last" or _is_whole(test_year)):
        raise ValueError(
            f"test_year is {test_year!r}. Fix: give a year such as 2017, 'last' for the "
            "last full year, or None for no test year."
        )
    is_one = isinstance(scaler, MinMaxScaler) and getattr(scaler, "n_features_in_", 0) == 1
    if scaler is not None and not is_one:
        raise ValueError(
            f"{scaler!r} is no fitted scaler of one column. Fix: give that of the windows "
            "which the network was trained on, scaler=windows.scaler."
        )


def _is_whole(number) -> bool:
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


def _shorter(longest: int, year: int | None) -> str:
    if longest < 1:
        other = ", or test on a later year" if year is not None else ""
        return f"bring a longer series{other}"
    return f"bring a longer series, or give a lookback of at most {longest}"
