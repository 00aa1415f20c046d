"""Where prices come from, what is checked in them, and what they say of their origin.

`load_ibm` finds IBM's daily prices, `load_prices` reads a file of the reader's own.
Both go through one door, so that what leaves this module has its days in order, once
each, and a finite positive price on every one of them.
"""

import csv
import hashlib
import io
import logging
import os
from pathlib import Path

import numpy as np
import pandas as pd

from rnnedu import _download

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
        return _parse(data, FILE_NAME, "High", source)
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
    return _parse(path.read_bytes(), str(path), column, "file")


def provenance_line(prices: pd.DataFrame) -> str:
    """Say in one short line what the prices are and where they come from.

    Parameters
    ----------
    prices : pandas.DataFrame
        What `load_ibm` or `load_prices` returned.
    """
    about = prices.attrs
    return (
        f"{about['rows']:,} days, {about['first']} to {about['last']}, "
        f"source: {about['source']}, sha256: {about['sha256'][:12]}"
    )


def check_column(prices: pd.DataFrame, column: str) -> None:
    """Raise ValueError unless `column` has a finite positive price on every day."""
    name = prices.attrs.get("name", "the table")
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
    prices = _parse(path.read_bytes(), str(path), "High", "folder")
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
    return _parse(csv_bytes, "bokeh_sampledata IBM", "High", "embedded")


def _parse(data: bytes, name: str, column: str, source: str) -> pd.DataFrame:
    """Turn the bytes of a CSV file into checked prices, or say what is wrong where."""

    def bad(what, mend, line=None):
        place = name if line is None else f"{name}, line {line}"
        return ValueError(f"{place}: {what}. Mend: {mend}.")

    if not data.strip():
        raise bad("the file is empty", "download or export it again")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise bad("this is not UTF-8 text", "save the file as UTF-8", line) from None
    if "\0" in text:
        raise bad("this is not UTF-8 text", "save the file as UTF-8", 1)
    if text.lstrip().startswith("<"):
        raise bad(
            "this is a web page, not a CSV table",
            "download the raw file instead of the page that shows it",
            1,
        )

    reader = csv.reader(io.StringIO(text, newline=""))
    header, rows, lines = None, [], []
    try:
        for row in reader:
            if not row:
                continue
            if header is None:
                header = [field.strip() for field in row]
                continue
            if len(row) != len(header):
                raise bad(
                    f"{len(row)} fields where the header has {len(header)}, as in a "
                    "file that was cut short",
                    "download or export it again, or correct the line",
                    reader.line_num,
                )
            rows.append(row)
            lines.append(reader.line_num)
    except csv.Error as error:
        raise bad(str(error), "correct the line", reader.line_num) from None

    for needed in ("Date", column):
        if needed not in header:
            raise bad(
                f"there is no column {needed!r}, only {header}",
                "name the column so, or choose another",
                1,
            )
        if header.count(needed) > 1:
            raise bad(f"{needed!r} names two columns", "rename one of them", 1)
    if not rows:
        raise bad("there is a header and no prices", "download or export it again")

    table = pd.DataFrame(rows, columns=header, dtype=object)
    days = table.pop("Date").str.strip().str.extract(r"^(\d{4}-\d\d-\d\d)(?:[ T].*)?$")
    dates = pd.DatetimeIndex(
        pd.to_datetime(days[0], format="%Y-%m-%d", errors="coerce"), name="Date"
    )
    if dates.isna().any():
        at = dates.isna().argmax()
        raise bad(
            f"{rows[at][header.index('Date')]!r} is not a date",
            "write dates as YYYY-MM-DD",
            lines[at],
        )
    late = dates[1:] <= dates[:-1]
    if late.any():
        at = late.argmax() + 1
        twice = dates[at] == dates[at - 1]
        raise bad(
            f"{dates[at]:%Y-%m-%d} "
            + ("stands twice" if twice else f"comes after {dates[at - 1]:%Y-%m-%d}"),
            "keep one row a day" if twice else "sort the rows by date",
            lines[at],
        )

    numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(float)
    wrong = ~(np.isfinite(numbers) & (numbers > 0))
    if wrong.any():
        at = wrong.argmax()
        raise bad(
            f"{column} is {table[column].iloc[at]!r}, not a finite positive price",
            "correct or drop the line, or choose another column",
            lines[at],
        )
    for label in table:
        raw = table[label].str.strip()
        as_numbers = pd.to_numeric(raw.where(raw != ""), errors="coerce")
        if (as_numbers.isna() == (raw == "")).all():
            table[label] = as_numbers
    table.index = dates
    digest = hashlib.sha256(data).hexdigest()
    table.attrs = {
        "source": source,
        "name": name,
        "sha256": digest,
        "known": source == "embedded" or digest in _download.KNOWN,
        "rows": len(table),
        "first": f"{dates[0]:%Y-%m-%d}",
        "last": f"{dates[-1]:%Y-%m-%d}",
    }
    return table
