"""The one set of checks on prices: columns, days, values and calendar."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from rnnedu._price_text import refusal

WEEK = pd.Timedelta(days=7)
HOLE = pd.Timedelta(days=14)  # longer than any holiday of an exchange
JUMP = 1.5  # a price that changes by this factor from one row to the next is suspect
WEEKENDS = 0.05  # fewer weekend days than this share are a mistake, not a market


def check_prices(prices, column: str = "High", *, positive: bool = True) -> pd.Series:
    """Return one column as floats on days, or raise ValueError with the fix.

    Parameters
    ----------
    prices : pandas.DataFrame or pandas.Series
        Indexed by dates in order, once each. The time of day is dropped, and a time zone
        where its stamps are midnights. Of two levels of column names, as yfinance returns
        them, the one that holds `column` counts.
    column : str
        The column of prices. The values of a Series are that column.
    positive : bool
        Whether a price must be above zero.

    Returns
    -------
    pandas.Series of float
        Named `column`; its index has no time of day and no time zone.

    Raises
    ------
    ValueError
        If rows are no days, days are out of order or there twice, the column is missing
        or there twice, or a price is not finite, or not positive. The message has the fix.

    Examples
    --------
    >>> import rnnedu
    >>> from rnnedu.datasets import check_prices
    >>> check_prices(rnnedu.load_ibm(), "High").iloc[0].item()
    105.5
    """
    name = getattr(prices, "attrs", {}).get("name", "the table")
    if isinstance(prices, pd.Series):
        prices = prices.to_frame(column)
    if not isinstance(prices, pd.DataFrame):
        raise refusal(
            name,
            f"a {type(prices).__name__} is no table of prices",
            "give a pandas.DataFrame, or a pandas.Series, whose index are dates",
        )
    days = _days_of_index(prices, column, name)
    labels = list(prices.columns)
    if prices.columns.nlevels > 1:
        labels = flat_names(labels, column, name, "prices")
    if column not in labels:
        raise no_such_column(labels, column, name)
    if labels.count(column) > 1:
        raise refusal(
            name, f"{column!r} names {labels.count(column)} columns", "rename or drop one"
        )
    raw = prices.iloc[:, labels.index(column)]
    values = np.full(len(raw), np.nan)
    if not np.iscomplexobj(raw) and not pd.api.types.is_datetime64_any_dtype(raw):
        values = pd.to_numeric(raw, errors="coerce").to_numpy(float, na_value=np.nan)
    check_values(values, raw, column, positive, name, lambda at: f"{days[at]:%Y-%m-%d}")
    return pd.Series(values, index=days, name=column)


def flat_names(labels: list[tuple], column: str, name: str, table: str) -> list[str]:
    """Return, of several levels of column names, the level that holds `column`.

    `table` is the Python expression for the table, to be named in the fix.
    """
    levels = list(zip(*labels, strict=True))
    chosen = next((level for level in levels if column in level), None)
    if chosen is None:
        raise no_such_column(
            sorted({str(each) for level in levels for each in level}), column, name
        )
    if chosen.count(column) > 1:
        at = next(n for n, level in enumerate(levels) if level is not chosen)
        series = [label[at] for label in labels if column in label]
        raise refusal(
            name,
            f"there are {len(series)} series with a column {column!r}: {few(series)}",
            f"choose one, such as rnnedu.make_windows({table}.xs({series[0]!r}, axis=1, "
            f"level={at}), {column!r})",
        )
    return [str(each) for each in chosen]


def no_such_column(labels: list, column: str, name: str, place: str = "") -> ValueError:
    """Return the error for a table without the column that is asked for."""
    others = [label for label in labels if label != "Date"]
    like = [label for label in others if column.lower() in str(label).lower()] or others
    fix = f"choose one of these, such as column={like[0]!r}" if like else "add it"
    return refusal(name, f"there is no column {column!r}, only {others}", fix, place)


def check_values(
    values, raw: pd.Series, column: str, positive: bool, name: str, place: Callable
) -> None:
    """Raise ValueError unless each price is finite, and positive if it must be.

    `raw` is what stood there before it was made a number, and ``place(at)`` says where.
    """
    values = np.asarray(values, dtype=float)
    bad = ~np.isfinite(values)
    wrong, fix = "not a finite number", "correct or drop that row, or choose another column"
    if positive:
        bad |= ~(values > 0)
        wrong = "not a finite positive price"
        fix += (
            "; for a series that may be zero or negative, give positive=False to "
            "load_prices and to make_windows"
        )
    if bad.any():
        at = int(bad.argmax())
        shown = raw.iloc[at]
        shown = repr(shown) if isinstance(shown, str) else shown
        raise refusal(name, f"{column} is {shown}, {wrong}", fix, place(at))


def _days_of_index(prices: pd.DataFrame, column: str, name: str) -> pd.DatetimeIndex:
    index = prices.index
    if not isinstance(index, pd.DatetimeIndex) or not len(index):
        raise refusal(name, "the rows are not days", _how_to_date(prices))
    if index.isna().any():
        raise refusal(
            name,
            f"row {int(index.isna().argmax())} has no date",
            "drop it: prices[prices.index.notna()]",
        )
    days = index.normalize()
    if index.tz is not None:
        if not (index == days).all():
            raise refusal(
                name,
                f"the rows are times in the zone {index.tz}, such as {index[0]}, which may "
                "lie on another day than at the exchange",
                "give days there: prices.index = prices.index.tz_convert(zone).normalize()"
                ".tz_localize(None), where zone is that of the exchange, such as "
                "'Asia/Seoul' or 'America/New_York'",
            )
        days = days.tz_localize(None)
    if not days.is_unique:
        day = days[days.duplicated()][0]
        what = f"there are {int((days == day).sum())} rows on {day:%Y-%m-%d}"
        others = prices.drop(columns=column, errors="ignore")
        apart = what_tells_apart(others, days)
        if apart:
            label, series = apart
            raise refusal(
                name,
                f"{what}, with different {label!r}: {few(series)}",
                f"choose one: prices = prices[prices[{label!r}] == {series[0]!r}]",
            )
        raise refusal(
            name,
            what,
            "if they are times of one series, keep the last: prices = "
            "prices.groupby(prices.index.normalize()).last(); if they are different "
            "series, choose one first",
        )
    if not days.is_monotonic_increasing:
        raise refusal(
            name, "the days are not in order", "sort them: prices = prices.sort_index()"
        )
    return days


def _how_to_date(prices: pd.DataFrame) -> str:
    if not len(prices):
        return "give at least one row"
    if isinstance(prices.index, pd.PeriodIndex):
        return "prices.index = prices.index.to_timestamp()"
    date = next((c for c in prices.columns if str(c).lower() in ("date", "datetime")), None)
    if date is not None:
        return (
            "make the dates the index: prices = "
            f"prices.set_index(pandas.to_datetime(prices[{date!r}]))"
        )
    if isinstance(prices.index, pd.RangeIndex):
        return "make dates the index: prices.index = pandas.to_datetime(the_dates)"
    dates = "pandas.to_datetime(prices.index.astype(str))"
    return f"make dates of the index: prices.index = {dates}"


def what_tells_apart(others: pd.DataFrame, days: pd.DatetimeIndex):
    """Return the column, and its values, that names the series stacked in one table.

    None if no column of `others` does: with a day, it must tell every row from the others,
    and hold few values, each of them often.
    """
    most = pd.Series(1, days).groupby(level=0).size().max()
    for label in others:
        series = others[label].unique().tolist()
        pairs = pd.DataFrame({"day": days, "series": others[label].to_numpy()})
        often = 2 <= len(series) <= 2 * most and 2 * len(series) <= len(others)
        if often and str(label).lower() != "time" and not pairs.duplicated().any():
            return label, series
    return None


def usual_step(days: pd.DatetimeIndex) -> pd.Timedelta:
    """Return the median time from one row to the next: a day, a week, a month."""
    return pd.Timedelta((days[1:] - days[:-1]).median()) if len(days) > 1 else WEEK


def holes(days: pd.DatetimeIndex) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the last day before and the first day after each stretch that is missing."""
    step = usual_step(days)
    limit = HOLE if step < pd.Timedelta(days=4) else 1.5 * step
    at = np.flatnonzero(days[1:] - days[:-1] > limit)
    return [(days[n], days[n + 1]) for n in at]


def oddities(series: pd.Series, name: str, positive: bool = True) -> list[str]:
    """Return what is unusual in the calendar or between two rows, naming the days."""
    days, values, found = series.index, series.to_numpy(), []
    missing = [f"{a:%Y-%m-%d} and {b:%Y-%m-%d}" for a, b in holes(days)]
    if missing:
        found.append(
            f"{name}: there is no row between {few(missing)}. Windows reach across that "
            "as if no time had passed. Fix: add the rows, or use only the days before or "
            "after it, whichever are enough."
        )
    weekend = [f"{day:%Y-%m-%d}" for day in days[days.day_of_week >= 5]]
    said = f"{name}: {len(weekend)} of {len(days):,} rows are on a weekend: {few(weekend)}"
    if _is_a_day_early(days):
        found.append(
            f"{said}, and none is on a Friday. Each session may have the date of the day "
            "before. Fix: convert the times to the exchange's own zone, then take the days."
        )
    elif 0 < len(weekend) < WEEKENDS * len(days):
        found.append(f"{said}. Fix: drop these rows if the exchange was closed.")
    if positive:
        ratio = values[1:] / values[:-1]
        at = np.flatnonzero((ratio > JUMP) | (ratio < 1 / JUMP)) + 1
        jumps = [f"{days[n]:%Y-%m-%d} ({values[n - 1]:g} to {values[n]:g})" for n in at]
        if jumps:
            found.append(
                f"{name}: {series.name} jumps on {few(jumps)}. If that is a split of the "
                "share, no money was won or lost. Fix: use prices that are adjusted for "
                "splits, such as a column 'Adj Close'."
            )
    return found


def _is_a_day_early(days: pd.DatetimeIndex) -> bool:
    """Tell rows on Sundays and never on Fridays: sessions of Monday to Friday in UTC."""
    per_day = days.day_of_week.value_counts()
    return per_day.get(6, 0) > 0.1 * len(days) and per_day.get(4, 0) == 0


def few(items: list) -> str:
    """Name the first three, and how many more there are."""
    text = ", ".join(str(item) for item in items[:3])
    return text + (f" and {len(items) - 3} more" if len(items) > 3 else "")
