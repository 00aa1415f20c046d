"""Price files as people have them: read whole, or named for what they are."""

import csv
import gzip
import io
import re
import sqlite3
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnedu
from rnnedu import load_prices, make_windows

DAYS = pd.bdate_range("2019-01-01", "2020-12-31")
CLOSE = np.round(100 + 5 * np.sin(np.arange(len(DAYS)) / 9) + np.arange(len(DAYS)) / 50, 2)
EXPECTED = pd.Series(CLOSE, index=DAYS.rename("Date"), name="Close")


def rows(date="%Y-%m-%d", price="{:.2f}", sep=",", header="Date,Close", days=DAYS):
    """Return the lines of a file; what the prices are, is known from outside it."""
    lines = [header.replace(",", sep)]
    for day, value in zip(days, CLOSE, strict=False):
        lines.append(f"{day.strftime(date)}{sep}{price.format(value)}")
    return lines


def text(*args, **options):
    return "\n".join(rows(*args, **options)) + "\n"


def german(value, decimals=2):
    return f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


@pytest.fixture
def load(tmp_path):
    """Write content to a file and load its column Close."""

    def load(content, column="Close", **options):
        path = tmp_path / "mine.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_prices(path, column, **options)

    return load


HEAD = text().partition("\n")[2]  # the rows alone
READ = {
    "semicolons": text(sep=";"),
    "tabs": text(sep="\t"),
    "bars": text(sep="|"),
    "decimal commas between semicolons": text(sep=";").replace(".", ","),
    "decimal commas between tabs": text(sep="\t").replace(".", ","),
    "decimal commas in quotes": re.sub(r",(\d+)\.(\d+)", r',"\1,\2"', text()),
    "the sep line of Excel": "sep=,\n" + text(),
    "the sep line of Excel, semicolons": "sep=;\n" + text(sep=";"),
    "titles before the header": "ACME Corp.\nAll prices in dollars, closing\n\n" + text(),
    "stooq": text("%Y%m%d", header="<DATE>,<CLOSE>"),
    "stooq with a ticker": text()
    .replace("Date,", "<TICKER>,<DATE>,<CLOSE>\n", 1)
    .replace("Close\n", "")
    .replace("\n20", "\nA.US,20"),
    "capitals": text(header="DATE,CLOSE"),
    "small letters": text(header="date,close"),
    "spaces after commas": text().replace(",", ", "),
    "all quoted": re.sub(r"^(.*),(.*)$", r'"\1","\2"', text(), flags=re.MULTILINE),
    "yfinance": text().replace("Date,Close\n", "Price,Close\nTicker,ACME\nDate,\n"),
    "yfinance, ticker first": text().replace(
        "Date,Close\n", "Ticker,ACME\nPrice,Close\nDate,\n"
    ),
    "a line of units": text().replace("Date,Close\n", "Date,Close\n,USD\n"),
    "midnights": text("%Y-%m-%d 00:00:00"),
    "midnights with an offset": text("%Y-%m-%d 00:00:00-05:00"),
    "midnights in ISO 8601": text("%Y-%m-%dT00:00:00Z"),
    "a closing time": text("%Y-%m-%d 16:00:00"),
    "dates of Google Finance": text("%m/%d/%Y 16:00:00"),
    "YYYYMMDD": text("%Y%m%d"),
    "slashes, year first": text("%Y/%m/%d"),
    "dots, year first": text("%Y.%m.%d"),
    "dots, day first": text("%d.%m.%Y"),
    "American dates": text("%m/%d/%Y"),
    "British dates": text("%d/%m/%Y"),
    "dashes, day first": text("%d-%m-%Y"),
    "names of months": text("%d-%b-%Y"),
    "names of months, in words": re.sub(
        r"^(\w{3} \d\d, \d{4})", r'"\1"', text("%b %d, %Y"), flags=re.MULTILINE
    ),
    "dollars": text(price="${:.2f}"),
    "dollars after a sign": text(price="+${:.2f}"),
    "euros behind": text(price="{:.2f} €"),
    "newest first": "\n".join([rows()[0], *rows()[:0:-1]]),
    "nasdaq.com": "\n".join([rows()[0], *rows("%m/%d/%Y", "${:.2f}")[:0:-1]]),
    "an empty column at the end": text().replace("\n", ",\n"),
    "old line ends": text().replace("\n", "\r"),
    "blank lines": text().replace("\n", "\n\n"),
    "exponents": text(price="{:.4e}"),
}


@pytest.mark.parametrize("content", READ.values(), ids=READ)
def test_other_ways_to_write_the_same_prices_are_read_whole(load, content):
    prices = load(content)
    pd.testing.assert_series_equal(prices["Close"], EXPECTED, check_freq=False)
    assert prices.attrs["rows"] == len(DAYS)
    assert make_windows(prices, "Close").test_year == 2020


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1,234.50", 1234.5),
        ("$1,234.50", 1234.5),
        ("1,234,567", 1234567),
        ("1 234.50", 1234.5),
        ("1’234.50", 1234.5),
        ("1234.5", 1234.5),
        ("£999", 999),
        (".5", 0.5),
        ("1e3", 1000),
    ],
)
def test_marks_in_numbers(load, written, value):
    content = f'Date,Close,Other\n2019-01-02,"{written}",0.5\n2019-01-03,"{written}",1.25\n'
    assert load(content)["Close"].tolist() == [value, value]


@pytest.mark.parametrize(
    ("written", "value"),
    [("1.234,50", 1234.5), ("1 234,50", 1234.5), ("1'234,5", 1234.5), ("1234", 1234)],
)
def test_marks_in_numbers_with_decimal_commas(load, written, value):
    content = f"Date;Close;Other\n2019-01-02;{written};0,5\n2019-01-03;{written};1,25\n"
    assert load(content)["Close"].tolist() == [value, value]


quoting = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 10**9), min_size=3, max_size=12),
    st.sampled_from([(",", "."), (";", ","), (";", "."), ("\t", ",")]),
    st.booleans(),
    st.booleans(),
    quoting,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%d %b %Y"]),
)
@pytest.mark.filterwarnings("ignore:.*jumps on:UserWarning")  # random prices do
def test_what_is_written_in_any_dialect_is_read_back(
    cents, marks, newest_first, thousands, quote, line_end, date
):
    separator, decimal = marks
    days = pd.bdate_range("2019-01-01", periods=len(cents))
    expected = pd.Series([each / 100 for each in cents], index=days)
    table = []
    for day, value in expected.items():
        number = f"{value:{',' if thousands else ''}.2f}"
        if decimal == ",":
            number = number.translate(str.maketrans(",.", ".,"))
        table.append([day.strftime(date), number])
    file = io.StringIO()
    writer = csv.writer(file, delimiter=separator, quoting=quote, lineterminator=line_end)
    writer.writerows([["Date", "Close"], *(table[::-1] if newest_first else table)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "dialect.csv")
        path.write_text(file.getvalue(), "utf-8", newline="")
        prices = load_prices(path, "Close")["Close"]
    assert prices.tolist() == expected.tolist()
    assert prices.index.tolist() == days.tolist()


def archive(name):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(name, "content")
    return file.getvalue()


def database():
    with sqlite3.connect(":memory:") as memory:
        memory.execute("create table prices (date text)")
        return memory.serialize()


STACKED = (
    text(header="Date,Close,Name").replace("\n", ",AAA\n").replace(",Name,AAA", ",Name")
)
STACKED += STACKED.partition("\n")[2].replace("AAA", "BBB")
BY_DAY = "\n".join(
    ["Date,Name,Close"]
    + [f"{day:%Y-%m-%d},{name},{10 + n}" for day in DAYS for n, name in enumerate("AB")]
)
HOURLY = "Date,Close\n" + "\n".join(
    f"{day:%Y-%m-%d} {hour}:30:00,{100 + hour}" for day in DAYS for hour in range(10, 16)
)
TWO_TICKERS = text().replace("Date,Close\n", "Price,Close,Close\nTicker,AAA,BBB\nDate,,\n")
TWO_TICKERS = re.sub(r"(,[\d.]+)$", r"\1\1", TWO_TICKERS, flags=re.MULTILINE)
LINE_5 = rows()[4]

REFUSED = {
    "a quote that never closes": (
        text().replace(LINE_5, LINE_5 + '"', 1),
        "line 5: Close is '101.70\"'",
    ),
    "a quote that opens": (
        text().replace(LINE_5, LINE_5.replace(",", ',"'), 1),
        "line 5: a quote opens here",
    ),
    "a quote that opens and closes far below": (
        text()
        .replace(LINE_5, LINE_5.replace(",", ',"'), 1)
        .replace("2020-03-02,", '2020-03-02",'),
        "line 5: a quote opens here",
    ),
    "a quoted file cut short": (
        re.sub(r"^(.*),(.*)$", r'"\1","\2"', text(), flags=re.MULTILINE)[:-4],
        rf"line {len(DAYS) + 1}: a quote opens here",
    ),
    "a quote in the header": ('Date,"Close\n' + HEAD, "line 1: a quote opens here"),
    "a row cut short": (text()[:-8], rf"line {len(DAYS) + 1}: 1 fields.*cut short"),
    "a row too long": (text().replace(LINE_5, LINE_5 + ",1"), "line 5: 3 fields"),
    "decimal commas without quotes": (
        text().replace(".", ","),
        "line 2: 3 fields.*quotes around",
    ),
    "an hour stamp": (
        HOURLY.replace("Date,", "Datetime,"),
        "several rows a day, at different times.*index_col='Datetime'",
    ),
    "a footer": (text() + "Source: ACME\n", rf"line {len(DAYS) + 2}: 1 fields"),
    "a second header": (text() + text(), rf"line {len(DAYS) + 2}: 'Date' is not a date"),
    "a zip": (archive("prices.csv"), "a zip archive.*unpack"),
    "a spreadsheet": (archive("xl/workbook.xml"), "a spreadsheet.*read_excel"),
    "an open document": (archive("mimetype.opendocument"), "a spreadsheet"),
    "an old spreadsheet": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99),
        "a spreadsheet",
    ),
    "gzip": (gzip.compress(text().encode()), "a gzip archive.*unpack"),
    "a database": (database(), "a database.*read_sql"),
    "a PDF": (b"%PDF-1.7\n", "a PDF"),
    "Parquet": (b"PAR1" + bytes(99), "a Parquet file.*read_parquet"),
    "HDF5": (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    "JSON": ('{"Date": ["2019-01-01"]}', "JSON.*read_json"),
    "a list in JSON": ('[["2019-01-01", 1]]', "JSON"),
    "a web page": ("<!DOCTYPE html><html>", "line 1: this is a web page"),
    "a web page without its type": ("<html><body>Date,Close", "line 1: this is a web page"),
    "a table of a web page": ("<table><tr><td>Date", "line 1: this is a web page"),
    "XML": ('<?xml version="1.0"?><prices/>', "line 1: this is a web page"),
    "UTF-16": (text().encode("utf-16"), "line 1: this is not UTF-8"),
    "a NUL in line 5": (text().replace(LINE_5, LINE_5 + "\0"), "line 5: this is not UTF-8"),
    "nothing": ("", "is empty"),
    "line ends alone": ("\n\r\n\n", "is empty"),
    "a header alone": ("Date,Close\n", "no prices"),
    "no header": (HEAD, "line 1: there is no column 'Date'"),
    "an unnamed first column": (text(header=",Close"), "line 1: there is no column 'Date'"),
    "no such column": (text(header="Date,Last"), "no column 'Close', only .*column='Last'"),
    "the column of nasdaq.com": (
        text(header="Date,Close/Last"),
        "no column 'Close', only .*column='Close/Last'",
    ),
    "no such column below a title": (
        "ACME\n\n" + text(header="Date,Last"),
        "line 3: there is no column 'Close'",
    ),
    "a column twice": (
        re.sub(r"(,[\d.]+)$", r"\1\1", text(header="Date,Close,Close"), flags=re.MULTILINE),
        "'Close' names two columns",
    ),
    "several series below each other": (
        STACKED,
        "several rows a day.*'Name': AAA, BBB.*choose",
    ),
    "several series day by day": (
        BY_DAY,
        "line 3: there are several rows a day.*'Name': A, B",
    ),
    "several series with numbers": (
        BY_DAY.replace(",A,", ",1,").replace(",B,", ",2,").replace("Name", "store"),
        "several rows a day.*'store': 1, 2",
    ),
    "several series side by side": (TWO_TICKERS, "2 series.*AAA, BBB.*xs"),
    "hours": (HOURLY, r"several rows a day, at different times.*last of each day"),
    "hours in a column of their own": (
        HOURLY.replace("Date,", "Date,Time,").replace(" 1", ",1"),
        "several rows a day, at different times",
    ),
    "a day twice": (
        text().replace(LINE_5, LINE_5 + "\n" + LINE_5),
        "line 6: .* stands twice",
    ),
    "two days swapped": (
        text()
        .replace(LINE_5, "\n".join([rows()[5], LINE_5]), 1)
        .replace(f"{LINE_5}\n{rows()[5]}", LINE_5),
        "line 6: 2019-01-04 comes after 2019-01-07",
    ),
    "sessions of Seoul in UTC": (
        text("%Y-%m-%d 15:00:00+00:00", days=DAYS - pd.Timedelta(days=1)),
        "line 2: .* is a time with an offset.*tz_convert",
    ),
    "day or month first": (
        "Date,Close\n01/02/2019,1\n01/03/2019,1.1\n01/04/2019,1.2\n",
        "line 2: '01/02/2019' may be MM/DD/YYYY or DD/MM/YYYY.*date_format",
    ),
    "an impossible hour": (
        text().replace("2019-01-04", "2019-01-04 99:99"),
        "line 5: .* is not a d",
    ),
    "the hour 25": (
        text().replace("2019-01-04", "2019-01-04 25:00"),
        "line 5: .* is not a date",
    ),
    "rubbish after a time": (
        text().replace("2019-01-04", "2019-01-04 10:00rubbish"),
        "line 5: .* is not a date",
    ),
    "the year 0": (text().replace("2019-01-04", "0000-01-04"), "line 5: .* is not a date"),
    "a year too many": (
        text().replace("2019-01-04", "12019-01-04"),
        "line 5: .* is not a d",
    ),
    "no date": (text().replace("2019-01-04", ""), "line 5: '' is not a date"),
    "two kinds of date": (
        text().replace("2019-01-04", "04.01.2019"),
        "line 5: .* is not a",
    ),
    "one kind or thousands": (
        "Date;Close\n2019-01-02;1,234\n2019-01-03;1,235\n",
        "'1,234' may be .*decimal",
    ),
    "one kind or thousands, in quotes": (
        'Date,Close\n2019-01-02,"1,234"\n2019-01-03,"1,235"\n',
        "'1,234' may be .*decimal",
    ),
    "a point among commas": (
        text(sep=";").replace(".", ",").replace("2019-01-04;101,", "2019-01-04;101."),
        "line 2: Close is '100,00'",
    ),
    "words": (text().replace(LINE_5, "2019-01-04,closed"), "line 5: Close is 'closed'"),
    "a dash": (text().replace(LINE_5, "2019-01-04,-"), "line 5: Close is '-'"),
    "infinity": (text().replace(LINE_5, "2019-01-04,inf"), "line 5: Close is 'inf'"),
    "a huge number": (
        text().replace(LINE_5, "2019-01-04,1e999"),
        "line 5: Close is '1e999'",
    ),
    "hexadecimal": (text().replace(LINE_5, "2019-01-04,0x10"), "line 5: Close is '0x10'"),
    "two numbers": (text().replace(LINE_5, "2019-01-04,10 50"), "line 5: Close is '10 50'"),
    "zero": (text().replace(LINE_5, "2019-01-04,0.00"), "line 5: .*positive=False"),
    "a negative price": (
        text().replace(LINE_5, "2019-01-04,-37.63"),
        "line 5: .*positive=F",
    ),
    "a price in brackets": (
        text().replace(LINE_5, "2019-01-04,(37.63)"),
        "line 5: Close is",
    ),
}


@pytest.mark.parametrize(("content", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_read_is_named_with_its_line_and_a_fix(load, content, words):
    with pytest.raises(ValueError, match=f"(?s)mine.csv.*{words}") as refusal:
        load(content)
    assert "Fix: " in str(refusal.value)


def test_a_file_too_large_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "ticks.csv"
    with path.open("wb") as file:
        file.truncate(100_000_000)  # a sparse file: it takes no room
    with pytest.raises(ValueError, match=r"ticks.csv: 100 MB are too much.*Fix: "):
        load_prices(path)


def test_an_address_has_to_be_downloaded_first():
    with pytest.raises(FileNotFoundError, match=r"is an address.*Fix: download it"):
        load_prices("http://127.0.0.1/prices.csv")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"this is a folder.*Fix: "):
        load_prices(tmp_path)


def test_the_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine.csv").write_text(text())
    assert len(load_prices("~/mine.csv", "Close")) == len(DAYS)


def test_other_columns_keep_what_they_hold(load):
    content = (
        "Date;Close;Volume;Adj Close;Note;Change\n"
        "2019-01-02;1.234,50;1.000;2,5;first;1,5%\n"
        "2019-01-03;1.234,75;900;;;-0,1%\n"
    )
    prices = load(content)
    assert prices["Volume"].tolist() == [1000, 900]
    assert prices["Volume"].dtype == "int64"
    assert prices["Adj Close"].isna().tolist() == [False, True]
    assert prices["Note"].tolist() == ["first", ""]
    assert prices["Change"].tolist() == ["1,5%", "-0,1%"]


def test_a_series_that_may_be_negative_is_read_when_asked_for(load):
    content = text().replace(rows()[4], "2019-01-04,-37.63")
    prices = load(content, positive=False)
    assert prices["Close"].min() == -37.63
    with pytest.raises(ValueError, match=r"2019-01-04: Close is -37.63.*positive=False"):
        make_windows(prices, "Close")
    windows = make_windows(prices, "Close", positive=False)
    assert windows.scaler.data_min_ == -37.63
    assert windows.X_train.min() == 0


# What the messages advise works when it is followed to the letter.


def test_the_advice_for_several_series_works(tmp_path):
    kaggle = STACKED.replace("Date,Close", "date,close")
    european = "Prices\nof two shares\n" + STACKED.replace(",", ";")
    dotted = re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\3.\2.\1", european)
    compact = re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\1\2\3", STACKED)
    contents = [STACKED, TWO_TICKERS, BY_DAY, kaggle, european, dotted, compact]
    for content in contents:
        expected = 10 if content is BY_DAY else CLOSE
        path = tmp_path / "mine.csv"
        path.write_text(content)
        with pytest.raises(ValueError, match="Fix: ") as refusal:
            load_prices(path, "Close")
        windows = follow(refusal, column="Close")
        train = windows.train_prices
        np.testing.assert_array_equal(
            train, np.broadcast_to(expected, len(DAYS))[: len(train)]
        )


def test_the_advice_for_hours_and_offsets_works(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(HOURLY)
    with pytest.raises(ValueError, match="Fix: ") as refusal:
        load_prices(path, "Close")
    assert set(follow(refusal).prices) == {115}  # the last of 10:30 to 15:30
    days = DAYS - pd.Timedelta(days=1)
    path.write_text(text("%Y-%m-%d 15:00:00+00:00", days=days))
    with pytest.raises(ValueError, match="Fix: ") as refusal:
        load_prices(path, "Close")
    windows = follow(refusal, zone="Asia/Seoul")
    pd.testing.assert_series_equal(windows.prices, EXPECTED, check_freq=False)


@pytest.mark.parametrize("written", ["%d/%m/%Y", "%m/%d/%Y"])
def test_the_advice_for_day_or_month_first_works(tmp_path, written):
    days = pd.date_range("2019-01-01", "2020-12-01", freq="MS")
    path = tmp_path / "mine.csv"
    path.write_text(text(written, days=days))
    with pytest.raises(ValueError, match="may be MM/DD/YYYY or DD/MM/YYYY") as refusal:
        load_prices(path, "Close")
    call = re.search(r"rnnedu.load_prices\(.*?\)", str(refusal.value))[0]
    assert f"date_format={written!r}" in str(refusal.value)
    call = re.sub("date_format='.*?'", f"date_format={written!r}", call)
    prices = eval(call, {"rnnedu": rnnedu})
    assert prices.index.tolist() == days.tolist()


@pytest.mark.parametrize("decimal", [",", "."])
def test_the_advice_for_decimals_or_thousands_works(tmp_path, decimal):
    path = tmp_path / "mine.csv"
    path.write_text("sep=;\nDate;Close\n02.01.2019;1,234\n03.01.2019;1,235\n")
    with pytest.raises(ValueError, match="may be a number with three decimals") as refusal:
        load_prices(path, "Close")
    call = re.search(r"rnnedu.load_prices\(.*?\)", str(refusal.value))[0]
    assert f"decimal='{decimal}'" in str(refusal.value)
    prices = eval(call.replace("decimal=','", f"decimal='{decimal}'"), {"rnnedu": rnnedu})
    assert prices["Close"].tolist() == ([1.234, 1.235] if decimal == "," else [1234, 1235])
    with pytest.raises(ValueError, match=r"decimal is ';'.*Fix: "):
        load_prices(path, "Close", decimal=";")


def test_a_format_that_is_given_must_fit(load):
    with pytest.raises(ValueError, match="line 2: '2019-01-01' is not a date"):
        load(text(), date_format="%d/%m/%Y")
    unusual = load(text("%y|%j"), date_format="%y|%j")
    pd.testing.assert_series_equal(unusual["Close"], EXPECTED, check_freq=False)


def test_the_advice_for_rows_out_of_order_works(tmp_path):
    path = tmp_path / "mine.csv"
    lines = rows(header="DATE,close", sep=";")
    path.write_text("\n".join([lines[0], *lines[9:], *lines[1:9]]))
    with pytest.raises(ValueError, match="comes after") as refusal:
        load_prices(path, "Close")
    windows = follow(refusal)
    pd.testing.assert_series_equal(
        windows.prices, EXPECTED, check_freq=False, check_names=False
    )


@pytest.mark.parametrize("as_text", [False, True])
def test_the_advice_for_a_spreadsheet_works(tmp_path, as_text):
    pytest.importorskip("openpyxl")
    path = tmp_path / "mine.xlsx"
    table = EXPECTED.to_frame()
    if as_text:
        table.index = table.index.strftime("%Y-%m-%d").rename("Date")
    table.to_excel(path)
    with pytest.raises(ValueError, match="a spreadsheet") as refusal:
        load_prices(path, "Close")
    code = re.search(r"prices = (.*), then (.*)\. \(Recipes", str(refusal.value))
    prices = eval(code[1], {"pandas": pd})
    windows = eval(code[2], {"rnnedu": rnnedu, "prices": prices})
    pd.testing.assert_series_equal(windows.prices, EXPECTED, check_freq=False)


def follow(refusal, **names):
    """Run the code of a message as a reader would, and return what it makes."""
    code = str(refusal.value).split("Fix: ")[1]
    code = code.split(" (Recipes")[0]
    code = re.sub(r"^[a-z ]+[:,] (such as )?", "", code).rstrip(".")
    code = code.replace(", where zone is that of the exchange, such as 'Asia/Seoul'", "")
    *lines, last = re.split(r"; (?:then )?|, then ", code)
    space = {"pandas": pd, "rnnedu": rnnedu} | names
    for line in lines:
        exec(line, space)
    return eval(last, space)
