"""Where prices come from, what is checked in them, and how their source is described.

`load_ibm` finds IBM's daily prices, `load_prices` reads a file of the reader's own.
Both go through one door, so that what leaves this module has its days in order, once
each, and a finite positive price on every one of them. `load_course_text` reads text.
"""

import logging
import os
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from rnnedu import _download, _price_csv

log = logging.getLogger(__name__)

FILE_NAME = "IBM_2006-01-01_to_2018-01-01.csv"
SOURCES = {
    "folder": "the folder named by RNNEDU_DATA_DIR",
    "cache": "a download kept in the cache",
    "download": "a public copy, downloaded and checked by its hash",
    "embedded": "the series embedded in the package bokeh_sampledata",
    "file": "a file of the reader's own",
}


def load_ibm() -> pd.DataFrame:
    """Load IBM's daily prices, from the first place that has them.

    The places, in this order: the folder ``RNNEDU_DATA_DIR``, the download cache, the
    public copies of the source notebook's file, the series embedded in the package
    ``bokeh_sampledata``. With ``RNNEDU_DATA=notebook`` the last one is refused, with
    ``RNNEDU_DATA=embedded`` it is the only one.

    Returns
    -------
    pandas.DataFrame
        One row a trading day, columns Open, High, Low, Close (US dollars) and Volume
        (shares). ``attrs`` says where it comes from: ``source`` (a key of
        ``SOURCES``), ``name``, ``sha256``, ``rows``, ``first``, ``last`` and
        ``known``, which is true for a copy whose hash this project has on record.

    Raises
    ------
    FileNotFoundError
        If the folder has no such file, or if the notebook's file cannot be had and
        the embedded series is refused.
    ValueError
        If the file is damaged, or if ``RNNEDU_DATA`` is none of its three values.

    Notes
    -----
    The file is part of the Kaggle data set "DJIA 30 Stock Time Series" (CC0).

    Examples
    --------
    >>> import rnnedu
    >>> prices = rnnedu.load_ibm()
    >>> list(prices.columns)
    ['Open', 'High', 'Low', 'Close', 'Volume']
    """
    series = os.environ.get("RNNEDU_DATA", "")
    if series not in ("", "notebook", "embedded"):
        raise ValueError(
            f"RNNEDU_DATA is {series!r}. Fix: set it to 'notebook' or 'embedded', "
            "or leave it unset."
        )
    if series == "embedded":
        return _embedded()
    folder = os.environ.get("RNNEDU_DATA_DIR")
    if folder:
        return _from_folder(Path(folder).expanduser())
    source, data = _download.fetch(FILE_NAME)
    if data is not None:
        return _price_csv.read(data, FILE_NAME, "High", source, _download.KNOWN)
    if series == "notebook":
        raise FileNotFoundError(
            f"{FILE_NAME} could not be had from any public copy, and "
            "RNNEDU_DATA=notebook refuses the embedded series. Fix: set "
            "RNNEDU_DATA_DIR to a folder that holds the file, or try again online."
        )
    log.warning(
        "%s could not be had: using the embedded series (bokeh_sampledata), which "
        "covers other years. For the notebook's years set RNNEDU_DATA_DIR.",
        FILE_NAME,
    )
    return _embedded()


def load_prices(path, column: str = "High") -> pd.DataFrame:
    r"""Load daily prices from a CSV file of the reader's own.

    Parameters
    ----------
    path : str or path-like
        A CSV file in UTF-8 with a header line, a column ``Date`` (YYYY-MM-DD, in
        order, once each) and the column `column`.
    column : str
        The column that must hold a finite positive price on every day.

    Returns
    -------
    pandas.DataFrame
        As from `load_ibm`; other columns that hold numbers are numbers, with NaN
        where a value is missing.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not such a table. The message names file, line and fix.

    Examples
    --------
    >>> import pathlib, rnnedu, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "mine.csv"
    ...     text = "Date,High\n2020-01-02,10.5\n2020-01-03,10.75\n"
    ...     size = path.write_text(text)
    ...     rnnedu.load_prices(path)["High"].tolist()
    [10.5, 10.75]
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: there is no such file. Fix: check the name and the folder "
            f"(looked in {path.parent.absolute()})."
        )
    return _price_csv.read(path.read_bytes(), str(path), column, "file")


def load_course_text() -> str:
    """Load a text of this project's own course, for networks that generate text.

    Returns
    -------
    str
        Lower-case letters, spaces, full stops and commas.

    Examples
    --------
    >>> import rnnedu
    >>> rnnedu.load_course_text().isupper()
    False
    """
    return (resources.files("rnnedu") / "course_text.txt").read_text("utf-8").strip()


def describe_source(prices: pd.DataFrame) -> str:
    """Describe in one short line what the prices are and where they come from.

    Parameters
    ----------
    prices : pandas.DataFrame
        What `load_ibm` or `load_prices` returned, or some of its rows. The hash is that
        of the whole file.

    Returns
    -------
    str
        Days, dates, source, and the first twelve digits of the sha256.

    Examples
    --------
    >>> import rnnedu
    >>> rnnedu.describe_source(rnnedu.load_ibm()).startswith("3,270 days, 2000-03-01 to")
    True
    """
    about, days = prices.attrs, prices.index
    return (
        f"{len(days):,} days, {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}, "
        f"source: {about.get('source', 'unknown')}, "
        f"sha256: {about.get('sha256', 'unknown')[:12]}"
    )


def check_prices(prices: pd.DataFrame, column: str) -> None:
    """Raise ValueError unless days are in order and `column` has a price on each.

    Parameters
    ----------
    prices : pandas.DataFrame
        Indexed by dates without a time zone.
    column : str
        The column of prices.

    Raises
    ------
    ValueError
        If rows are no days, days are out of order or there twice, the column is missing,
        or a price is not finite and positive. The message has the fix.

    Examples
    --------
    >>> import rnnedu
    >>> from rnnedu.datasets import check_prices
    >>> check_prices(rnnedu.load_ibm(), "High")
    """
    name = prices.attrs.get("name", "the table")
    days = prices.index
    if not (isinstance(days, pd.DatetimeIndex) and days.tz is None and len(days)):
        raise ValueError(
            f"{name}: the rows are not days. Fix: give the table an index of dates "
            "without a time zone, by pandas.to_datetime say."
        )
    if not (days.is_monotonic_increasing and days.is_unique):
        raise ValueError(
            f"{name}: the days are not in order, once each. Fix: sort the table by its "
            "index and keep one row per day."
        )
    if column not in prices:
        raise ValueError(
            f"{name}: there is no column {column!r}, only {list(prices.columns)}. "
            "Fix: choose one of these."
        )
    values = pd.to_numeric(prices[column], errors="coerce").to_numpy(float)
    bad = ~(np.isfinite(values) & (values > 0))
    if bad.any():
        day = prices.index[bad.argmax()]
        raise ValueError(
            f"{name}, {day:%Y-%m-%d}: {column} is {prices[column].loc[day]}, not a "
            "finite positive price. Fix: correct or drop that day, or choose "
            "another column."
        )


def _from_folder(folder: Path) -> pd.DataFrame:
    path = folder / FILE_NAME
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: RNNEDU_DATA_DIR names a folder that does not hold this file. "
            "Fix: put the file there, name another folder, or unset the variable."
        )
    data = path.read_bytes()
    prices = _price_csv.read(data, str(path), "High", "folder", _download.KNOWN)
    if not prices.attrs["known"]:
        log.warning(
            "%s is not the notebook's file (sha256 %s): every number that follows is "
            "about these prices, not the notebook's.",
            path,
            prices.attrs["sha256"],
        )
    return prices


def _embedded() -> pd.DataFrame:
    from bokeh_sampledata.stocks import IBM

    columns = ["Open", "High", "Low", "Close", "Volume"]
    table = pd.DataFrame({name: IBM[name.lower()] for name in ["date", *columns]})
    table.columns = ["Date", *columns]
    csv_bytes = table.to_csv(index=False, lineterminator="\n").encode()
    return _price_csv.read(csv_bytes, "bokeh_sampledata IBM", "High", "embedded")
