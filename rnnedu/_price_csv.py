"""Read the bytes of a price file, or say what is wrong with them, and where."""

import hashlib

import pandas as pd

from rnnedu import _price_checks, _price_fields
from rnnedu._price_text import DATE_NAMES, Rows, clean, read_rows, refusal

USUAL = ("Open", "High", "Low", "Close", "Volume")  # names whose case does not matter


def read(
    data: bytes,
    name: str,
    column: str,
    source: str,
    known=(),
    *,
    positive: bool = True,
    decimal: str | None = None,
    date_format: str | None = None,
) -> pd.DataFrame:
    """Turn the bytes of a CSV file into checked prices that say where they come from.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What it is called in errors.
    column : str
        The column that must hold a finite price on every day.
    source : str
        Where it comes from: a key of ``rnnedu.datasets.SOURCES``.
    known : collection of str
        The sha256 of files on record.
    positive : bool
        Whether a price must be above zero.
    decimal, date_format : str, optional
        Found out unless given.

    Raises
    ------
    ValueError
        If the bytes are not such a table. The message names file, line and fix.
    """
    rows = read_rows(data, name, column)
    table = _named_columns(rows, column, name)
    days = _check_days(table, _PandasWay(name, column, rows), date_format)
    if days[0] > days[-1]:  # newest first
        days, table = days[::-1], table[::-1]
    fields = table.drop(columns="Date")
    decimal = decimal or _price_fields.decimal_mark(fields, rows.separator)
    if decimal is None:
        raise _ambiguous_decimals(fields, column, name)
    numbers = {label: _price_fields.numbers_of(fields[label], decimal) for label in fields}
    _price_checks.check_values(
        numbers[column],
        fields[column],
        column,
        positive,
        name,
        lambda at: f"line {fields.index[at]}",
    )
    for label, values in numbers.items():
        if (values.isna() == _price_fields.is_missing(fields[label])).all():
            fields[label] = values
    fields.index = days
    digest = hashlib.sha256(data).hexdigest()
    fields.attrs = {
        "source": source,
        "name": name,
        "sha256": digest,
        "known": source == "embedded" or digest in known,
        "rows": len(fields),
        "first": f"{days[0]:%Y-%m-%d}",
        "last": f"{days[-1]:%Y-%m-%d}",
    }
    return fields


def _named_columns(rows: Rows, column: str, name: str) -> pd.DataFrame:
    """Return the fields as a table: one name per column, the line of each row as index."""
    if column == "Date":
        raise refusal(name, "'Date' is no price", "choose another column")
    labels = [each[0] for each in rows.columns]
    if len(rows.columns[0]) > 1:
        file = f"pandas.read_csv({name!r}, header=[0, 1], index_col=0, parse_dates=True)"
        labels = _price_checks.flat_names(rows.columns, column, name, file)
    table = pd.DataFrame(rows.fields, index=rows.lines, columns=range(len(labels)))
    keep = [n for n, label in enumerate(labels) if label or (table[n] != "").any()]
    table = table[keep].set_axis([labels[n] for n in keep], axis=1).astype(object)
    labels, place = list(table.columns), f"line {rows.before + 1}"
    for wanted in ("Date", column, *USUAL):
        others = DATE_NAMES if wanted == "Date" else (wanted.lower(),)
        like = [label for label in labels if label.lower() in others]
        if wanted not in labels and len(like) == 1:
            labels[labels.index(like[0])] = wanted
    if "Date" not in labels:
        raise refusal(
            name,
            f"there is no column 'Date', only {labels}",
            "name the column of days Date",
            place,
        )
    if column not in labels:
        raise _price_checks.no_such_column(labels, column, name, place)
    twice = next((each for each in labels if labels.count(each) > 1), None)
    if twice is not None:
        raise refusal(
            name, f"{twice!r} names two columns", "rename or drop one of them", place
        )
    if not len(table):
        raise refusal(
            name, "there is a header and no prices", "download or export it again"
        )
    return table.set_axis(labels, axis=1)


class _PandasWay:
    """How to read the file with pandas, for the fix in a message.

    Attributes
    ----------
    name, column : str
        The file, and the column that is wanted.
    reading : str
        The call that reads it.
    """

    def __init__(self, name: str, column: str, rows: Rows):
        self.name, self.column = name, column
        self._header = {clean(label).lower(): label for label in rows.header}
        date = next(self._header[each] for each in DATE_NAMES if each in self._header)
        options = f", sep={rows.separator!r}" * (rows.separator != ",")
        options += f", skiprows={rows.before}" * (rows.before > 0)
        self.reading = (
            f"pandas.read_csv({name!r}{options}, index_col={date!r}, parse_dates=True)"
        )

    def add_date_format(self, date_format: str) -> None:
        """Add to the call how dates are written, unless pandas reads them without."""
        if date_format != "%Y-%m-%d":
            self.reading = f"{self.reading[:-1]}, date_format={date_format!r})"

    @property
    def windows(self) -> str:
        """Return the call that makes windows of the table ``prices``."""
        return self.windows_of("prices")

    def label(self, name: str) -> str:
        """Return a column's name as it stands in the file."""
        return self._header.get(name.lower(), name)

    def windows_of(self, table: str) -> str:
        """Return the call that makes windows of this expression."""
        return f"rnnedu.make_windows({table}, {self.label(self.column)!r})"


def _check_days(table, way: _PandasWay, date_format: str | None) -> pd.DatetimeIndex:
    """Return the days of the rows, all in order or all in the opposite order."""
    raw, lines = table["Date"], table.index
    days, stamps, formats = _price_fields.days_of(raw, date_format)
    if days.isna().any():
        at = int(days.isna().argmax())
        raise refusal(
            way.name,
            f"{raw.iloc[at]!r} is not a date",
            "correct or drop the line; write dates as YYYY-MM-DD",
            f"line {lines[at]}",
        )
    if len(formats) > 1:
        written = [_price_fields.DATE_FORMATS[form] for form in formats]
        raise refusal(
            way.name,
            f"{raw.iloc[0]!r} may be {' or '.join(written)}",
            f"say which: rnnedu.load_prices({way.name!r}, {way.column!r}, "
            f"date_format={formats[0]!r}) or date_format={formats[1]!r}",
            f"line {lines[0]}",
        )
    if stamps["time"].isna().all():
        way.add_date_format(formats[0])
    if not days.is_unique:
        raise _several_rows_a_day(table, days, stamps, way)
    abroad = stamps["offset"].notna() & ~stamps["time"].fillna("").str.startswith("00:00")
    if abroad.any():
        at = int(abroad.argmax())
        raise refusal(
            way.name,
            f"{raw.iloc[at]!r} is a time with an offset, which may lie on another day at "
            "the exchange",
            f"convert the times: prices = {way.reading}; prices.index = "
            "pandas.to_datetime(prices.index, utc=True).tz_convert(zone).normalize()"
            ".tz_localize(None), where zone is that of the exchange, such as "
            f"'Asia/Seoul'; then {way.windows}",
            f"line {lines[at]}",
        )
    if not (days.is_monotonic_increasing or days.is_monotonic_decreasing):
        late = days[1:] < days[:-1]
        at = int(late.argmax()) + 1
        raise refusal(
            way.name,
            f"{days[at]:%Y-%m-%d} comes after {days[at - 1]:%Y-%m-%d}",
            f"sort the rows by date: prices = {way.reading}.sort_index(), then "
            f"{way.windows}",
            f"line {lines[at]}",
        )
    return days


def _several_rows_a_day(table, days, stamps, way: _PandasWay) -> ValueError:
    """Say why: several series in one file, several times a day, or a row there twice."""
    at = int(days.duplicated().argmax())
    place = f"line {table.index[at]}"
    apart = _price_checks.what_tells_apart(table.drop(columns=["Date", way.column]), days)
    if apart:
        label, series = apart
        own = f"prices[prices[{way.label(label)!r}].astype(str) == {series[0]!r}]"
        return refusal(
            way.name,
            f"there are several rows a day, with different {label!r}: "
            f"{_price_checks.few(series)}",
            f"choose one: prices = {way.reading}; {way.windows_of(own)}",
            place,
        )
    if stamps["time"].nunique() > 1 or "time" in {label.lower() for label in table}:
        return refusal(
            way.name,
            f"there are several rows a day, at different times, as on {days[at]:%Y-%m-%d}",
            f"keep the last of each day: prices = {way.reading}; prices = "
            f"prices.groupby(prices.index.normalize()).last(); then {way.windows}",
            place,
        )
    return refusal(
        way.name,
        f"{days[at]:%Y-%m-%d} stands twice",
        "keep one row per day; where the file holds several series, choose one",
        place,
    )


def _ambiguous_decimals(fields, column: str, name: str) -> ValueError:
    marked = fields.stack()
    marked = marked[marked.str.contains("[.,]")].iloc[0]
    return refusal(
        name,
        f"{marked!r} may be a number with three decimals, or one above a thousand",
        f"say which mark stands before decimals: rnnedu.load_prices({name!r}, {column!r}, "
        "decimal=',') or decimal='.'",
    )
