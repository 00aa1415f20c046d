"""The baselines, and tables of scores that begin with them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rnnedu.metrics.errors import mae, rmse, skill
from rnnedu.windows import Windows

NOTEBOOK_RMSE = {
    "lstm": 5.1719587568926935,
    "gru": 3.3195475066654283,
    "sequence": 10.885092347608268,
}
"""RMSE in dollars that the source notebook printed, one run each, for 2017."""

# What the baselines score on the same file and year: numbers for comparison, tested.
_NOTEBOOK_BASELINES = {
    "lstm": ("persistence", 1.539),
    "gru": ("persistence", 1.539),
    "sequence": ("the last value held", 14.657),
}

PERSISTENCE = "persistence"
LAST_VALUE = "last value held"


def persistence_forecast(windows: Windows) -> pd.Series:
    """Forecast each test day by the true price of the trading day before it: persistence.

    Parameters
    ----------
    windows : Windows
        Where the true prices come from.

    Returns
    -------
    pandas.Series
        Dollars, on the test days.

    Examples
    --------
    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm())
    >>> forecast = rnnedu.persistence_forecast(windows)
    >>> bool(forecast.iloc[1] == windows.test_prices.iloc[0])
    True
    """
    days = windows.test_days
    known = np.concatenate(
        [windows.train_prices.to_numpy()[-1:], windows.test_prices.to_numpy()[:-1]]
    )
    return pd.Series(known, index=days, name=PERSISTENCE)


def last_value_forecast(windows: Windows) -> pd.Series:
    """Forecast every test day by the last training price: a naive constant forecast.

    Parameters
    ----------
    windows : Windows
        Where the last training price and the test days come from.

    Returns
    -------
    pandas.Series
        Dollars, on the test days.

    Examples
    --------
    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm())
    >>> bool((rnnedu.last_value_forecast(windows) == windows.train_prices.iloc[-1]).all())
    True
    """
    return pd.Series(windows.train_prices.iloc[-1], windows.test_days, name=LAST_VALUE)


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
        Whether the forecasts used no price of the test year. Then the last training
        price, held constant, is their baseline and stands in the second row.

    Returns
    -------
    pandas.DataFrame
        A row per forecast, persistence first. Columns RMSE and MAE in dollars, and
        skill: one minus the RMSE over that of the baseline (see `skill`).

    Raises
    ------
    ValueError
        If a forecast is for other days than the test year's, is not finite, or has the
        name of a baseline; if the baseline makes no error.

    Examples
    --------
    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm())
    >>> mean = windows.prices.shift(1).rolling(5).mean()[windows.test_prices.index]
    >>> scores = rnnedu.score_table(windows, {"mean of 5 days": mean})
    >>> list(scores.index), list(scores.columns)
    (['persistence', 'mean of 5 days'], ['RMSE', 'MAE', 'skill'])
    """
    rows = {PERSISTENCE: persistence_forecast(windows)}
    baseline = PERSISTENCE
    if free_running:
        rows[LAST_VALUE] = last_value_forecast(windows)
        baseline = LAST_VALUE
    taken = {PERSISTENCE, LAST_VALUE} & forecasts.keys()
    if taken:
        raise ValueError(f"{taken.pop()!r} is a baseline's name. Fix: choose another.")
    rows |= forecasts
    return pd.DataFrame(
        {
            name: {
                "RMSE": rmse(windows.test_prices, forecast),
                "MAE": mae(windows.test_prices, forecast),
                "skill": skill(windows.test_prices, forecast, rows[baseline]),
            }
            for name, forecast in rows.items()
        }
    ).T


def compare_to_baseline(scores: pd.DataFrame, name: str) -> str:
    """Compare a row of a score table with its baseline, in two lines of text.

    Parameters
    ----------
    scores : pandas.DataFrame
        What `score_table` returned.
    name : str
        A row of it.

    Returns
    -------
    str
        Whether it beats the baseline, and both RMSEs in dollars.

    Raises
    ------
    ValueError
        If there is no such row.

    Examples
    --------
    >>> import pandas as pd, rnnedu
    >>> scores = pd.DataFrame({"RMSE": {"persistence": 1.5, "GRU": 3.0}})
    >>> print(rnnedu.compare_to_baseline(scores, "GRU"))
    GRU loses to persistence:
    RMSE 3.00 dollars against 1.50, 2.00 times as much.
    """
    baseline = LAST_VALUE if LAST_VALUE in scores.index else PERSISTENCE
    if name not in scores.index:
        raise ValueError(f"there is no row {name!r}. Fix: choose of {list(scores.index)}.")
    own, base = scores.loc[name, "RMSE"], scores.loc[baseline, "RMSE"]
    word = "beats" if own < base else "loses to" if own > base else "equals"
    digits = 2 if own == base or f"{own:.2f}" != f"{base:.2f}" else 6
    return (
        f"{name} {word} {baseline}:\n"
        f"RMSE {own:.{digits}f} dollars against {base:.{digits}f}, "
        f"{own / base:.{digits}f} times as much."
    )


def notebook_score_text(name: str) -> str:
    """Return what the source notebook printed, beside what its baseline scores there.

    Parameters
    ----------
    name : str
        A key of `NOTEBOOK_RMSE`.

    Returns
    -------
    str
        One sentence, both RMSEs in dollars.

    Examples
    --------
    >>> import rnnedu
    >>> rnnedu.notebook_score_text("lstm")
    "The notebook's RMSE for 2017 is 5.17 dollars, that of persistence is 1.54."
    """
    baseline, score = _NOTEBOOK_BASELINES[name]
    return (
        f"The notebook's RMSE for 2017 is {NOTEBOOK_RMSE[name]:.2f} dollars, "
        f"that of {baseline} is {score:.2f}."
    )
