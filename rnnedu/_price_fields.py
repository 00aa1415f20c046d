"""Fields of a price file as days and numbers, in whichever way a file writes them."""

import re

import pandas as pd

MISSING = {"", "-", ".", "nan", "na", "n/a", "null", "none"}

DATE_FORMATS = {
    "%Y-%m-%d": "YYYY-MM-DD",
    "%Y%m%d": "YYYYMMDD",
    "%Y/%m/%d": "YYYY/MM/DD",
    "%Y.%m.%d": "YYYY.MM.DD",
    "%d.%m.%Y": "DD.MM.YYYY",
    "%m/%d/%Y": "MM/DD/YYYY",
    "%d/%m/%Y": "DD/MM/YYYY",
    "%m-%d-%Y": "MM-DD-YYYY",
    "%d-%m-%Y": "DD-MM-YYYY",
    "%d-%b-%Y": "DD-Mon-YYYY",
    "%d %b %Y": "DD Mon YYYY",
    "%b %d, %Y": "Mon DD, YYYY",
}
STAMP = re.compile(
    r"(?P<day>.+?)(?:[T ]\s*(?P<time>(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)"
    r"\s*(?P<offset>Z|UTC|[+-]\d\d:?\d\d)?)?"
)
CURRENCY = re.compile(r"^([-+]?)\s*[$€£¥]\s*|\s*[$€£¥]$")
DECIMAL_POINT = re.compile(r"[-+]?(\d{1,3}([,\s'’]\d{3})+|\d*)(\.\d*)?([eE][-+]?\d+)?")
DECIMAL_COMMA = re.compile(r"[-+]?(\d{1,3}([.\s'’]\d{3})+|\d*)(,\d*)?([eE][-+]?\d+)?")


def days_of(
    fields: pd.Series, date_format: str | None = None
) -> tuple[pd.DatetimeIndex, pd.DataFrame, list[str]]:
    """Read dates, in the one format that fits them all.

    Parameters
    ----------
    fields : pandas.Series of str
    date_format : str, optional
        The format, as in ``datetime.strptime``; found out unless given.

    Returns
    -------
    days : pandas.DatetimeIndex
        NaT where a field is no date in the format that fits most.
    stamps : pandas.DataFrame
        Columns ``time`` and ``offset``: what stood behind each day, or NaN.
    formats : list of str
        The formats that fit; more than one where the file leaves open which number is
        the month.
    """
    fields = fields.str.strip()
    parts = {field: STAMP.fullmatch(field) for field in fields.unique()}
    stamps = pd.DataFrame(
        [match.groupdict() if match else {} for match in parts.values()],
        columns=["day", "time", "offset"],
        index=list(parts),
    )
    best, formats = pd.Series(pd.NaT, index=stamps.index), []
    for form in [date_format] if date_format else DATE_FORMATS:
        days = pd.to_datetime(stamps["day"], format=form, errors="coerce")
        days = days.where(days.dt.year >= 1000)  # 0019 is a year cut short
        if days.notna().all():
            formats.append(form)
        if days.notna().sum() > best.notna().sum():
            best = days
    days = pd.DatetimeIndex(fields.map(best), name="Date")
    return days, stamps.loc[fields, ["time", "offset"]].reset_index(drop=True), formats


def is_missing(fields: pd.Series) -> pd.Series:
    """Tell which fields say that there is no value."""
    return fields.str.strip().str.lower().isin(MISSING)


def decimal_mark(table: pd.DataFrame, separator: str) -> str | None:
    """Return ``"."`` or ``","``; None where the numbers allow both.

    ``1,234`` may be a little more than one or more than a thousand: it depends on the
    other numbers. Only columns count in which every field may be a number.
    """
    marked = set()
    for label in table:
        values = _bare(table[label][~is_missing(table[label])])
        if values.str.fullmatch(r"[-+\d.,eE\s'’]+").all():
            marked |= set(values[values.str.contains("[.,]")])
    point = all(DECIMAL_POINT.fullmatch(value) for value in marked)
    comma = all(DECIMAL_COMMA.fullmatch(value) for value in marked)
    if point and comma and marked:
        commas = any("," in value for value in marked)
        return None if commas or separator == ";" else "."
    return "," if comma and not point else "."


def numbers_of(fields: pd.Series, decimal: str) -> pd.Series:
    """Read numbers with this decimal mark; NaN where a field is none."""
    shape = DECIMAL_COMMA if decimal == "," else DECIMAL_POINT
    plain = _bare(fields)
    plain = plain.where(plain.str.fullmatch(shape), "")
    grouping = "." if decimal == "," else ","
    plain = plain.str.replace(rf"[{grouping}\s'’]", "", regex=True)
    return pd.to_numeric(plain.str.replace(decimal, "."), errors="coerce")


def _bare(fields: pd.Series) -> pd.Series:
    return fields.str.strip().str.replace(CURRENCY, r"\1", regex=True)
