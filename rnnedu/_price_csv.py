"""Read the bytes of a price table, or say what is wrong with them, and where."""

import csv
import hashlib
import io

import numpy as np
import pandas as pd

MISSING = {"", "nan", "na", "n/a", "null", "none"}


def read(data: bytes, name: str, column: str, source: str, known=()) -> pd.DataFrame:
    """Turn the bytes of a CSV file into checked prices that say where they come from.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What it is called in errors.
    column : str
        The column that must hold a finite positive price on every day.
    source : str
        Where it comes from: a key of ``rnnedu.datasets.SOURCES``.
    known : collection of str
        The sha256 of files on record.

    Raises
    ------
    ValueError
        If the bytes are not such a table. The message names file, line and fix.
    """

    def bad(what, fix, line=None):
        place = name if line is None else f"{name}, line {line}"
        return ValueError(f"{place}: {what}. Fix: {fix}.")

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

    if header is None:
        raise bad("the file is empty", "download or export it again")
    if column == "Date":
        raise bad("'Date' is no price", "choose another column")
    for needed in ("Date", column):
        if needed not in header:
            raise bad(
                f"there is no column {needed!r}, only {header}",
                "name the column so, or choose another",
                1,
            )
    twice = next((each for each in header if header.count(each) > 1), None)
    if twice is not None:
        raise bad(f"{twice!r} names two columns", "rename or drop one of them", 1)
    if not rows:
        raise bad("there is a header and no prices", "download or export it again")

    table = pd.DataFrame(rows, columns=header, dtype=object)
    days = (
        table.pop("Date")
        .str.strip()
        .str.extract(r"^(\d{4}-\d\d-\d\d)(?:[ T]\d\d:\d\d.*)?$")
    )
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
            "keep one row per day" if twice else "sort the rows by date",
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
        missing = raw.str.lower().isin(MISSING)
        as_numbers = pd.to_numeric(raw.where(~missing), errors="coerce")
        if (as_numbers.isna() == missing).all():
            table[label] = as_numbers
    table.index = dates
    digest = hashlib.sha256(data).hexdigest()
    table.attrs = {
        "source": source,
        "name": name,
        "sha256": digest,
        "known": source == "embedded" or digest in known,
        "rows": len(table),
        "first": f"{dates[0]:%Y-%m-%d}",
        "last": f"{dates[-1]:%Y-%m-%d}",
    }
    return table
