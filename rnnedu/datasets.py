"""Where prices come from, what is checked in them, and how their source is described.

`load_ibm` finds IBM's daily prices, `load_prices` reads a file of the reader's own.
Both go through one door, so that what leaves this module has its days in order, once
each, and a finite positive price on every one of them. `load_course_text` reads text.
"""

import logging
import os
import re
import warnings
from importlib import resources
from pathlib import Path

import pandas as pd

from rnnedu import _download, _price_checks, _price_csv, _price_text
from rnnedu._cache import existing_file, expanded
from rnnedu._price_checks import check_prices  # noqa: F401 (its public place is here)

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
        return _from_folder(expanded(folder))
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


def load_prices(
    path,
    column: str = "High",
    *,
    positive: bool = True,
    decimal: str | None = None,
    date_format: str | None = None,
) -> pd.DataFrame:
    r"""Load daily prices from a CSV file of the reader's own.

    Fields may be separated by commas, semicolons or tabs; numbers may have decimal commas,
    thousands marks and a currency; dates stand in one of the usual formats, oldest or
    newest first. What cannot be read whole is refused: nothing is guessed or dropped.

    Parameters
    ----------
    path : str or path-like
        A CSV file in UTF-8 with a line of column names, among them ``Date`` and `column`.
    column : str
        The column that must hold a finite price on every day.
    positive : bool
        Whether a price must be above zero. False is for series that may be zero or
        negative, such as temperatures or spreads.
    decimal : str, optional
        What stands before decimals, ``"."`` or ``","``. Found out unless given; it is
        needed where every number could be read either way, such as ``1,234``.
    date_format : str, optional
        As in ``datetime.strptime``, such as ``"%d/%m/%Y"``. Found out unless given;
        it is needed where the day could be the month.

    Returns
    -------
    pandas.DataFrame
        As from `load_ibm`, oldest first; other columns that hold numbers are numbers, with
        NaN where a value is missing. ``attrs["warnings"]`` holds the texts of warnings.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not such a table. The message names file, line and fix.

    Warns
    -----
    UserWarning
        If days are missing, lie on weekends where others do not, or if the price jumps as
        it does when a share is split.

    Examples
    --------
    >>> import pathlib, rnnedu, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "mine.csv"
    ...     text = "Date;High\n03.01.2020;10,75\n02.01.2020;10,5\n"
    ...     size = path.write_text(text)
    ...     rnnedu.load_prices(path)["High"].tolist()
    [10.5, 10.75]
    """
    if re.match(r"\w+://", str(path)):
        raise FileNotFoundError(
            f"{path} is an address, not a file. Fix: download it first, and give the name "
            "of the file."
        )
    path = existing_file(path)
    if decimal not in (None, ".", ","):
        raise ValueError(f"decimal is {decimal!r}. Fix: give '.' or ','.")
    prices = _price_csv.read(
        _price_text.read_bytes(path),
        str(path),
        column,
        "file",
        positive=positive,
        decimal=decimal,
        date_format=date_format,
    )
    # They are kept with the prices, so that `make_windows` need not say them again.
    odd = _price_checks.oddities(prices[column], str(path), positive)
    prices.attrs["warnings"] = odd
    for text in odd:
        warnings.warn(text, stacklevel=2)
    return prices


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
