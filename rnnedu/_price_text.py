"""The bytes of a price file as rows of text, or the kind of file that they are instead."""

import csv
import re
from pathlib import Path
from typing import NamedTuple

MAX_BYTES = 64_000_000
"""A hundred years of daily prices have 3 MB; above this the file is something else."""

DATE_NAMES = ("date", "datetime", "timestamp")
SEPARATORS = ",;\t|"
HEADER_WITHIN = 50  # lines: how much text may stand before the header

SPREADSHEET = (
    "save its sheet as 'CSV UTF-8', or read it with pandas and openpyxl: "
    "prices = pandas.read_excel({name!r}, index_col='Date', parse_dates=True), then "
    "rnnedu.make_windows(prices, {column!r})"
)
UNPACK = "unpack it and load the file inside"
BY_PANDAS = (
    "read it with pandas.{reader}, make the dates its index, and give the frame to "
    "rnnedu.make_windows"
)
KINDS = {  # the first bytes of a file that is not text
    b"\xd0\xcf\x11\xe0": ("a spreadsheet of old Excel", "save its sheet as 'CSV UTF-8'"),
    b"\x1f\x8b": ("a gzip archive", UNPACK),
    b"BZh": ("a bzip2 archive", UNPACK),
    b"\xfd7zXZ": ("an xz archive", UNPACK),
    b"(\xb5/\xfd": ("a zstd archive", UNPACK),
    b"7z\xbc\xaf": ("a 7z archive", UNPACK),
    b"Rar!": ("a RAR archive", UNPACK),
    b"%PDF": ("a PDF", "download the table as CSV"),
    b"PAR1": ("a Parquet file", BY_PANDAS.format(reader="read_parquet")),
    b"\x89HDF": ("an HDF5 file", BY_PANDAS.format(reader="read_hdf")),
    b"SQLite": ("a database", BY_PANDAS.format(reader="read_sql")),
    b"{": ("JSON", BY_PANDAS.format(reader="read_json")),
    b"[": ("JSON", BY_PANDAS.format(reader="read_json")),
}


class Rows(NamedTuple):
    """A table of text.

    Attributes
    ----------
    columns : list of tuple of str
        The names of each column: one, or one per header line.
    fields : list of list of str
        The rows.
    lines : list of int
        On which line of the file each row stands, from 1.
    separator : str
    header : list of str
        The line of column names as it stands in the file.
    before : int
        How many lines stand above it.
    """

    columns: list[tuple[str, ...]]
    fields: list[list[str]]
    lines: list[int]
    separator: str
    header: list[str]
    before: int


def refusal(name: str, what: str, fix: str, place: str = "") -> ValueError:
    """Return the error that says what is wrong, where, and how to fix it."""
    where = f"{name}, {place}" if place else name
    return ValueError(f"{where}: {what}. Fix: {fix}. (Recipes: the page 'Your own data'.)")


def clean(name: str) -> str:
    """Return a column's name without spaces around it and the brackets of ``<DATE>``."""
    return name.strip().removeprefix("<").removesuffix(">").strip()


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file, if there are not too many for a table of prices."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise refusal(
            str(path),
            f"{size / 1e6:,.0f} MB are too much for a table of daily prices",
            "write the days and columns that you need to a file of their own",
        )
    return path.read_bytes()


def read_rows(data: bytes, name: str, column: str) -> Rows:
    """Return the table in `data`; raise ValueError naming file, line and fix.

    `column` is the one that is wanted, to be named in a fix. Strict as RFC 4180: a quote
    must close, and all rows have the fields of the header.
    """
    lines = _text(data, name, column).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at, separator = _find_header(lines)

    def split(number):
        try:
            return _split(lines[number], separator)
        except csv.Error as error:
            what = f"this is no row of a table ({error})"
            if "unexpected end" in str(error):
                what = "a quote opens here and does not close on its line"
            raise refusal(
                name,
                what,
                "close or delete the quote, or, where the file ends here, download or "
                "export it again",
                f"line {number + 1}",
            ) from None

    raw = split(at)
    header = [clean(field) for field in raw]
    date = next((n for n, field in enumerate(header) if field.lower() in DATE_NAMES), None)
    levels, fields, numbers = [header], [], []
    for number in range(at + 1, len(lines)):
        if not lines[number].strip():
            continue
        row = split(number)
        if len(row) != len(header):
            raise _ragged(name, number, row, header, separator)
        if not fields and date is not None and _is_header(row, date):
            levels.append([clean(field) for field in row])
        else:
            fields.append(row)
            numbers.append(number + 1)
    if date is not None and len(header) > 1 and not any(_others(header, date)):
        # As yfinance is written to CSV: the names stand above the line of the date.
        above = [split(number) for number in range(at) if lines[number].strip()]
        above = [[clean(f) for f in row] for row in above if len(row) == len(header)]
        levels = above + levels
    levels = [level for level in levels if any(_others(level, date))] or [header]
    columns = [tuple(level[n] for level in levels) for n in range(len(header))]
    if date is not None:
        columns[date] = ("Date",) * len(levels)
    return Rows(columns, fields, numbers, separator, raw, at)


def _text(data: bytes, name: str, column: str) -> str:
    if not data.strip():
        raise refusal(name, "the file is empty", "download or export it again")
    if data.startswith(b"PK\x03\x04"):
        if b"xl/" in data or b"opendocument" in data:
            fix = SPREADSHEET.format(name=name, column=column)
            raise refusal(name, "this is a spreadsheet", fix)
        raise refusal(name, "this is a zip archive", UNPACK)
    for start, (kind, fix) in KINDS.items():
        if data.lstrip().startswith(start):
            raise refusal(name, f"this is {kind}, not a CSV table", fix)
    try:
        text = data.decode("utf-8-sig")
        wrong = data.find(b"\0")
    except UnicodeDecodeError as error:
        wrong = error.start
    if wrong >= 0:
        line = 1 + data.count(b"\n", 0, wrong)
        fix = "save the file as UTF-8; in Excel, as 'CSV UTF-8'"
        raise refusal(name, "this is not UTF-8 text", fix, f"line {line}")
    if not text.strip():
        raise refusal(name, "the file is empty", "download or export it again")
    first = text.lstrip().split("\n", 1)[0]
    if re.match(r"<(?!\w+>)|<(html|head|body|table)>", first, re.IGNORECASE):
        raise refusal(
            name,
            "this is a web page, not a CSV table",
            "download the raw file instead of the page that shows it",
            "line 1",
        )
    return text


def _find_header(lines: list[str]) -> tuple[int, str]:
    """Return the first line that names a column Date, and what separates its fields.

    Before it may stand titles and the ``sep=`` of Excel. Without such a line it is the
    first, separated by whatever gives most fields.
    """
    for at, line in enumerate(lines[:HEADER_WITHIN]):
        for separator in SEPARATORS:
            try:
                names = {clean(field).lower() for field in _split(line, separator)}
            except csv.Error:
                continue
            if not names.isdisjoint(DATE_NAMES):
                return at, separator if len(names) > 1 else ","
    at = next(n for n, line in enumerate(lines) if line.strip())
    return at, max(SEPARATORS, key=lines[at].count)


def _split(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator, strict=True), [""])


def _others(row: list[str], date: int | None) -> list[str]:
    return [field for n, field in enumerate(row) if n != date]


def _is_header(row: list[str], date: int) -> bool:
    """Tell a line of tickers or units below the header from one with a date or numbers."""
    return not re.search(r"\d", row[date]) and not any(
        re.fullmatch(r"[-+$€£\s\d.,]*\d[\d.,\s]*", field) for field in row
    )


def _ragged(name, number, row, header, separator) -> ValueError:
    what = f"{len(row)} fields where the header has {len(header)}"
    if len(row) < len(header):
        what += ", as in a file that was cut short"
        fix = "download or export it again, or correct the line"
    else:
        fix = f"correct the line; put quotes around a field that has a {separator!r} in it"
    return refusal(name, what, fix, f"line {number + 1}")
