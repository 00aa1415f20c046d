"""Where prices come from, what is checked in them, and what they say of their origin.

`load_ibm` finds IBM's daily prices, `load_prices` reads a file of the reader's own.
Both go through one door, so that what leaves this module has its days in order, once
each, and a finite positive price on every one of them. `load_prose` reads words.
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
    """
    wish = os.environ.get("RNNEDU_DATA", "")
    if wish not in ("", "notebook", "embedded"):
        raise ValueError(
            f"RNNEDU_DATA is {wish!r}. Mend: set it to 'notebook' or 'embedded', "
            "or leave it unset."
        )
    if wish == "embedded":
        return _embedded()
    folder = os.environ.get("RNNEDU_DATA_DIR")
    if folder:
        return _from_folder(Path(folder).expanduser())
    source, data = _download.fetch(FILE_NAME)
    if data is not None:
        return _price_csv.read(data, FILE_NAME, "High", source, _download.KNOWN)
    if wish == "notebook":
        raise FileNotFoundError(
            f"{FILE_NAME} could not be had from any public copy, and "
            "RNNEDU_DATA=notebook refuses the embedded series. Mend: set "
            "RNNEDU_DATA_DIR to a folder that holds the file, or try again online."
        )
    log.warning(
        "%s could not be had: using the embedded series (bokeh_sampledata), which "
        "covers other years. For the notebook's years set RNNEDU_DATA_DIR.",
        FILE_NAME,
    )
    return _embedded()


def load_prices(path, column: str = "High") -> pd.DataFrame:
    """Load daily prices from a CSV file of the reader's own.

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
        If the file is not such a table. The message names file, line and mend.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: there is no such file. Mend: check the name and the folder "
            f"(looked in {path.parent.absolute()})."
        )
    return _price_csv.read(path.read_bytes(), str(path), column, "file")


def load_prose() -> str:
    """Load the words of this project's own course, to learn to write from.

    Returns
    -------
    str
        Lower-case letters, spaces, full stops and commas.
    """
    return (resources.files("rnnedu") / "prose.txt").read_text("utf-8").strip()


def provenance_line(prices: pd.DataFrame) -> str:
    """Say in one short line what the prices are and where they come from.

    Parameters
    ----------
    prices : pandas.DataFrame
        What `load_ibm` or `load_prices` returned, or some of its rows. The hash is that
        of the whole file.
    """
    about, days = prices.attrs, prices.index
    return (
        f"{len(days):,} days, {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}, "
        f"source: {about.get('source', 'unknown')}, "
        f"sha256: {about.get('sha256', 'unknown')[:12]}"
    )


def check_prices(prices: pd.DataFrame, column: str) -> None:
    """Raise ValueError unless days are in order and `column` has a price on each."""
    name = prices.attrs.get("name", "the table")
    days = prices.index
    if not (isinstance(days, pd.DatetimeIndex) and days.tz is None and len(days)):
        raise ValueError(
            f"{name}: the rows are not days. Mend: give the table an index of dates "
            "without a time zone, by pandas.to_datetime say."
        )
    if not (days.is_monotonic_increasing and days.is_unique):
        raise ValueError(
            f"{name}: the days are not in order, once each. Mend: sort the table by its "
            "index and keep one row a day."
        )
    if column not in prices:
        raise ValueError(
            f"{name}: there is no column {column!r}, only {list(prices.columns)}. "
            "Mend: choose one of these."
        )
    values = pd.to_numeric(prices[column], errors="coerce").to_numpy(float)
    bad = ~(np.isfinite(values) & (values > 0))
    if bad.any():
        day = prices.index[bad.argmax()]
        raise ValueError(
            f"{name}, {day:%Y-%m-%d}: {column} is {prices[column].loc[day]}, not a "
            "finite positive price. Mend: correct or drop that day, or choose "
            "another column."
        )


def _from_folder(folder: Path) -> pd.DataFrame:
    path = folder / FILE_NAME
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: RNNEDU_DATA_DIR names a folder that does not hold this file. "
            "Mend: put the file there, name another folder, or unset the variable."
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
