"""How far off a forecast is, and how far off the simplest ones are.

A score without a baseline says nothing. `score_table` puts yesterday's price into its
first row whether it is asked to or not.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rnnedu.windows import Windows

NOTEBOOK_RMSE = {
    "lstm": 5.1719587568926935,
    "gru": 3.3195475066654283,
    "sequence": 10.885092347608268,
}
"""RMSE in dollars that the source notebook printed, one run each, for 2017."""

# What the baselines score on the same file and year: numbers for comparison, tested.
_NOTEBOOK_BASELINES = {
    "lstm": ("yesterday's price", 1.539),
    "gru": ("yesterday's price", 1.539),
    "sequence": ("the last training price, held,", 14.657),
}

YESTERDAY = "yesterday's price"
HELD = "last training price, held"


def rmse(truth, forecast) -> float:
    """Root mean squared error.

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
    """
    return float(np.sqrt(np.mean(_errors(truth, forecast) ** 2)))


def mae(truth, forecast) -> float:
    """Mean absolute error, in dollars. Arguments and errors as in `rmse`."""
    return float(np.mean(np.abs(_errors(truth, forecast))))


def mase(truth, forecast, train) -> float:
    """Mean absolute scaled error: `mae`, as a multiple of what a day brings.

    Parameters
    ----------
    truth, forecast : array_like, shape (n,)
        As in `rmse`.
    train : array_like, shape (m,)
        Training prices. Their mean absolute change from day to day is the unit.

    References
    ----------
    Hyndman and Koehler (2006), Another look at measures of forecast accuracy.
    International Journal of Forecasting 22(4), section 3.
    """
    changes = np.abs(np.diff(np.asarray(train, dtype=float)))
    change = np.mean(changes) if len(changes) else np.nan
    if not (np.isfinite(change) and change > 0):
        raise ValueError(
            "the training prices never change, or not all are numbers. "
            "Mend: use `mae` for these."
        )
    return mae(truth, forecast) / float(change)


def skill(truth, forecast, baseline) -> float:
    """Share of the baseline's RMSE that the forecast saves: ``1 - RMSE / RMSE_base``.

    One for a perfect forecast, zero for one no better than the baseline, negative for
    one that is worse. Arguments and errors as in `rmse`; ValueError too if the baseline
    makes no error.
    """
    base = rmse(truth, baseline)
    if base == 0:
        raise ValueError(
            "the baseline makes no error, so that no share of it can be saved. "
            "Mend: score a series that changes."
        )
    return 1.0 - rmse(truth, forecast) / base


def yesterdays_price(windows: Windows) -> pd.Series:
    """Forecast each test day by the true price of the trading day before it.

    Parameters
    ----------
    windows : Windows
        Where the true prices come from.

    Returns
    -------
    pandas.Series
        Dollars, on the test days.
    """
    known = np.concatenate([windows.train.to_numpy()[-1:], windows.test.to_numpy()[:-1]])
    return pd.Series(known, index=windows.test.index, name=YESTERDAY)


def last_training_price(windows: Windows) -> pd.Series:
    """Forecast every test day by the last training price, as one who sees no more.

    Parameters
    ----------
    windows : Windows
        Where the last training price and the test days come from.

    Returns
    -------
    pandas.Series
        Dollars, on the test days.
    """
    return pd.Series(windows.train.iloc[-1], index=windows.test.index, name=HELD)


def score_table(
    windows: Windows, forecasts: Mapping[str, pd.Series], *, free_running: bool = False
) -> pd.DataFrame:
    """Score forecasts of the test year beside the baselines they must beat.

    Parameters
    ----------
    windows : Windows
        The true prices of the test year.
    forecasts : mapping of str to pandas.Series
        Forecasts in dollars on the test days, by name.
    free_running : bool
        Whether the forecasts saw no price of the test year. Then the last training
        price, held, is their baseline and stands in the second row.

    Returns
    -------
    pandas.DataFrame
        A row a forecast, yesterday's price first. Columns RMSE and MAE in dollars, and
        skill: one minus the RMSE over that of the baseline (see `skill`).

    Raises
    ------
    ValueError
        If a forecast is for other days than the test year's, is not finite, or has the
        name of a baseline; if the baseline makes no error.
    """
    rows = {YESTERDAY: yesterdays_price(windows)}
    baseline = YESTERDAY
    if free_running:
        rows[HELD] = last_training_price(windows)
        baseline = HELD
    taken = rows.keys() & forecasts.keys()
    if taken:
        raise ValueError(f"{taken.pop()!r} is a baseline's name. Mend: choose another.")
    rows |= forecasts
    return pd.DataFrame(
        {
            name: {
                "RMSE": rmse(windows.test, forecast),
                "MAE": mae(windows.test, forecast),
                "skill": skill(windows.test, forecast, rows[baseline]),
            }
            for name, forecast in rows.items()
        }
    ).T


def verdict(scores: pd.DataFrame, name: str) -> str:
    """Say in two lines how a row of a score table does against its baseline.

    Parameters
    ----------
    scores : pandas.DataFrame
        What `score_table` returned.
    name : str
        A row of it.
    """
    baseline = HELD if HELD in scores.index else YESTERDAY
    own, base = scores.loc[name, "RMSE"], scores.loc[baseline, "RMSE"]
    word = "beats" if own < base else "loses to" if own > base else "equals"
    return (
        f"{name} {word} {baseline}:\n"
        f"RMSE {own:.2f} dollars against {base:.2f}, {own / base:.2f} times as much."
    )


def notebook_line(name: str) -> str:
    """Say what the source notebook printed, beside what its baseline scores there.

    Parameters
    ----------
    name : str
        A key of `NOTEBOOK_RMSE`.
    """
    baseline, score = _NOTEBOOK_BASELINES[name]
    return (
        f"The notebook reported {NOTEBOOK_RMSE[name]:.2f} for 2017, "
        f"where {baseline} scores {score:.2f}."
    )


def _errors(truth, forecast) -> np.ndarray:
    dated = isinstance(truth, pd.Series) and isinstance(forecast, pd.Series)
    if dated and not truth.index.equals(forecast.index):
        raise ValueError(
            "truth and forecast are for different days. Mend: score them on the same ones."
        )
    a, b = np.asarray(truth, dtype=float), np.asarray(forecast, dtype=float)
    if a.shape != b.shape or a.ndim != 1 or not len(a):
        raise ValueError(
            f"truth has shape {a.shape} and forecast {b.shape}. "
            "Mend: give one number a day, for the same days."
        )
    errors = b - a
    if not np.isfinite(errors).all():
        raise ValueError(
            f"the error of day {np.isfinite(errors).argmin()} is not finite. "
            "Mend: score only days with a price and a forecast."
        )
    return errors
