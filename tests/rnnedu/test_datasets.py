"""Prices: where they come from, what is refused and with which words."""

import hashlib
import logging
import re
from pathlib import Path

import pandas as pd
import pytest

from rnnedu import datasets, describe_source, load_course_text, load_ibm, load_prices

ROOT = Path(__file__).parents[2]
GOOD = b"""Date,Open,High,Low,Close,Volume,Name
2006-01-03,82.45,82.55,80.81,82.06,11715200,IBM
2006-01-04,82.20,82.50,,81.95,9840600,IBM
2006-01-05,81.40,82.90,81.00,82.50,7213500,IBM
"""
LF = "91cbf31153bc397720a79bb4fb516f7ecc2e6440bc6b6591cfff6f02799ab169"
CRLF = "21ac5471fa68f438dbfc8bf2a9588816bbbdc6cc92e9f119b453459b54103219"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_bytes(GOOD)
    return path


def test_a_good_file_is_read_as_it_stands(file):
    prices = load_prices(file)
    assert list(prices.columns) == ["Open", "High", "Low", "Close", "Volume", "Name"]
    assert prices["High"].tolist() == [82.55, 82.50, 82.90]
    assert prices["Volume"].tolist() == [11715200, 9840600, 7213500]
    assert prices["Name"].tolist() == ["IBM"] * 3
    assert prices["Low"].isna().tolist() == [False, True, False]
    assert prices.index.equals(
        pd.DatetimeIndex(["2006-01-03", "2006-01-04", "2006-01-05"], name="Date")
    )


def test_provenance_goes_with_the_prices(file):
    prices = load_prices(file)
    assert prices.attrs == {
        "source": "file",
        "name": str(file),
        "sha256": hashlib.sha256(GOOD).hexdigest(),
        "known": False,
        "rows": 3,
        "first": "2006-01-03",
        "last": "2006-01-05",
        "warnings": [],
    }
    line = describe_source(prices)
    assert "3 days, 2006-01-03 to 2006-01-05" in line
    assert prices.attrs["sha256"][:12] in line


@pytest.mark.parametrize(
    "same",
    [
        GOOD.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + GOOD,
        GOOD.rstrip(),
        GOOD + b"\n\n",
        GOOD.replace(b"2006-01-04", b"2006-01-04 00:00:00-05:00"),
    ],
    ids=["crlf", "byte order mark", "no last line end", "blank lines", "time of day"],
)
def test_other_ways_of_writing_the_same_table(file, same):
    expected = load_prices(file)
    file.write_bytes(same)
    pd.testing.assert_frame_equal(load_prices(file), expected)


def put(old, new):
    assert old in GOOD
    return GOOD.replace(old, new, 1)


BAD = {
    "empty": (b"", "empty"),
    "blank": (b" \n\n", "empty"),
    "html": (b"<!DOCTYPE html>\n<html></html>", "line 1: this is a web page"),
    "header only": (GOOD.split(b"\n")[0], "no prices"),
    "cut short": (GOOD[: GOOD.rindex(b"82.50,7")], "line 4: 5 fields .* header has 7"),
    "cut in the middle": (GOOD[: len(GOOD) - 40], "line 4: .* cut short"),
    "a field too many": (put(b"9840600,IBM", b"9840600,IBM,1"), "line 3: 8 fields"),
    "no price column": (put(b"High", b"Top"), "line 1: there is no column 'High'"),
    "no dates": (put(b"Date", b"Day"), "line 1: there is no column 'Date'"),
    "a column twice": (put(b"Low", b"High"), "line 1: 'High' names two columns"),
    "text": (put(b"82.50", b"n/a"), "line 3: High is 'n/a'"),
    "gap": (put(b"82.50", b""), "line 3: High is ''"),
    "nan": (put(b"82.50", b"NaN"), "line 3: High is 'NaN'"),
    "infinity": (put(b"82.50", b"inf"), "line 3: High is 'inf'"),
    "zero": (put(b"82.50", b"0"), "line 3: High is '0'"),
    "negative": (put(b"82.50", b"-82.50"), "line 3: High is '-82.50'"),
    "unordered": (
        put(b"2006-01-04", b"2006-01-02"),
        "line 3: 2006-01-02 comes after 2006-01-03",
    ),
    "doubled": (put(b"2006-01-04", b"2006-01-03"), "line 3: 2006-01-03 stands twice"),
    "other dates": (put(b"2006-01-04", b"01/04/2006"), "line 3: '01/04/2006' is not a d"),
    "no such day": (put(b"2006-01-04", b"2006-02-30"), "line 3: '2006-02-30' is not a d"),
    "latin-1": (put(b"9840600,IBM", b"9840600,\xe9\xe8"), "line 3: .* not UTF-8"),
    "utf-16": (GOOD.decode().encode("utf-16"), "line 1: .* not UTF-8"),
    "utf-16 without mark": (GOOD.decode().encode("utf-16-le"), "line 1: .* not UTF-8"),
    "byte order mark alone": (b"\xef\xbb\xbf", "is empty"),
    "unnamed columns": (
        b"Date,High,,\n2006-01-03,1,2,3\n",
        "line 1: '' names two columns",
    ),
    "words after a date": (
        put(b"2006-01-04", b"2006-01-04 or so"),
        "line 3: .* not a date",
    ),
    "binary": (bytes(range(256)) * 8, "line 2: .* not UTF-8"),
}


@pytest.mark.parametrize(("content", "words"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_by_name_place_and_mend(file, content, words):
    file.write_bytes(content)
    with pytest.raises(ValueError, match=words) as refusal:
        load_prices(file)
    assert str(file) in str(refusal.value)
    assert "Fix: " in str(refusal.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"gone\.csv.*Fix: "):
        load_prices(tmp_path / "gone.csv")


@pytest.mark.parametrize("nothing", [b"NaN", b"null", b"N/A", b"NA"])
def test_words_for_missing_are_missing_in_other_columns(file, nothing):
    file.write_bytes(put(b"81.95", nothing))
    assert load_prices(file)["Close"].isna().tolist() == [False, True, False]


def test_the_dates_are_no_price(file):
    with pytest.raises(ValueError, match=r"'Date' is no price.*Fix: "):
        load_prices(file, column="Date")


def test_the_provenance_of_some_rows_counts_those_rows(file):
    line = describe_source(load_prices(file).loc["2006-01-04":])
    assert line.startswith("2 days, 2006-01-04 to 2006-01-05, source: file")
    bare = pd.DataFrame({"High": [1.0]}, index=pd.DatetimeIndex(["2001-01-01"]))
    assert "source: unknown" in describe_source(bare)


def test_another_column_may_be_the_price(file):
    assert load_prices(file, column="Close").attrs["rows"] == 3
    with pytest.raises(ValueError, match="line 3: Low is ''"):
        load_prices(file, column="Low")


def test_the_embedded_series_is_what_its_package_says():
    prices = load_ibm()
    assert (len(prices), prices.attrs["source"]) == (3270, "embedded")
    assert (prices.attrs["first"], prices.attrs["last"]) == ("2000-03-01", "2013-03-01")
    assert not prices.isna().any().any()
    assert prices["High"].iloc[:2].tolist() == [105.5, 105.44]


def test_the_notebooks_file(notebook_file, monkeypatch, caplog):
    monkeypatch.setenv("RNNEDU_DATA", "notebook")
    monkeypatch.setenv("RNNEDU_DATA_DIR", str(notebook_file.parent))
    prices = load_ibm()
    assert prices.attrs["source"] == "folder"
    assert prices.attrs["sha256"] == LF
    assert prices.attrs["known"]
    assert len(prices) == 3020
    gaps = prices.isna()
    assert gaps.sum()[["Open", "High", "Low", "Close"]].tolist() == [1, 0, 1, 0]
    assert prices.index[gaps.any(axis=1)].tolist() == [pd.Timestamp("2017-07-31")]
    assert not caplog.records


def test_the_notebooks_file_with_other_line_ends_is_known_too(
    notebook_file, monkeypatch, tmp_path
):
    monkeypatch.delenv("RNNEDU_DATA")
    monkeypatch.setenv("RNNEDU_DATA_DIR", str(tmp_path))
    crlf = notebook_file.read_bytes().replace(b"\n", b"\r\n")
    (tmp_path / datasets.FILE_NAME).write_bytes(crlf)
    prices = load_ibm()
    assert (prices.attrs["sha256"], prices.attrs["known"]) == (CRLF, True)


def test_both_series_agree_but_for_three_days(notebook_file):
    embedded = load_ibm()["High"]
    notebook = load_prices(notebook_file)["High"]
    both = embedded.index.intersection(notebook.index)
    differ = both[(embedded[both] - notebook[both]).abs() > 0.01]  # a cent
    assert len(both) == 1802
    assert [f"{day:%Y-%m-%d}" for day in differ] == [
        "2006-05-05",
        "2006-06-28",
        "2006-07-18",
    ]


def test_a_folder_without_the_file_is_an_error(monkeypatch, tmp_path):
    monkeypatch.delenv("RNNEDU_DATA")
    monkeypatch.setenv("RNNEDU_DATA_DIR", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"RNNEDU_DATA_DIR.*Fix: "):
        load_ibm()


def test_another_file_in_the_folder_is_used_and_said(monkeypatch, tmp_path, caplog):
    monkeypatch.delenv("RNNEDU_DATA")
    monkeypatch.setenv("RNNEDU_DATA_DIR", str(tmp_path))
    (tmp_path / datasets.FILE_NAME).write_bytes(GOOD)
    with caplog.at_level(logging.WARNING):
        prices = load_ibm()
    assert prices.attrs["source"] == "folder"
    assert not prices.attrs["known"]
    assert "is not the notebook's file" in caplog.text


def test_the_embedded_series_is_asked_for_before_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("RNNEDU_DATA_DIR", str(tmp_path))
    assert load_ibm().attrs["source"] == "embedded"


def test_an_unknown_series_is_refused(monkeypatch):
    monkeypatch.setenv("RNNEDU_DATA", "notbook")
    with pytest.raises(ValueError, match=r"'notbook'.*Fix: "):
        load_ibm()


def test_the_course_text_is_in_the_words_of_the_course():
    text = load_course_text()
    assert len(text) > 40_000
    assert set(text) == set("abcdefghijklmnopqrstuvwxyz .,")
    glossary = (ROOT / "docs" / "reference" / "glossary.md").read_text().lower()
    of_glossary = set(re.findall("[a-z]{3,}", glossary))
    of_text = set(re.findall("[a-z]{3,}", text))
    assert len(of_glossary & of_text) > 0.75 * len(of_glossary), "it follows the course"
