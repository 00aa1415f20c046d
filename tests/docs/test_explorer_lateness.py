"""Explorer *Is my forecast only late?*: what it reads, what it refuses, what it says."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import SITE
from scipy import stats

import rnnedu

pytestmark = pytest.mark.site

ROOT = "document.getElementById('explorer-lateness')"
FAULT = ".explorer-fault:not([hidden])"
FILE = "#explorer-lateness input[type=file]"
NUMBERS = f"""() => {{
  const of = {ROOT}.frame.numbers
  return of && {{...of, tests: of.tests.map(each => each && [each.statistic, each.p])}}
}}"""
SCORES = """async ([truth, forecast]) => {
  const series = [truth, forecast].map(each => Float64Array.from(each, v => v ?? NaN))
  const of = await rnnedu.lateness.scoresOf({truth: series[0], forecast: series[1]})
  return {...of, tests: of.tests.map(each => each && [each.statistic, each.p])}
}"""
DROP = """files => {
  const data = new DataTransfer()
  for (const [name, text] of files) data.items.add(new File([text], name))
  const options = {dataTransfer: data, bubbles: true, cancelable: true}
  for (const kind of ["dragover", "drop"])
    document.querySelector("#explorer-lateness .drop").dispatchEvent(
      new DragEvent(kind, options))
}"""


@pytest.fixture(scope="module")
def page(browser):
    """One page for all files of this module: after a bad one the next is read as well."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    errors = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on(
        "console", lambda line: errors.append(line.text) if line.type == "error" else 0
    )
    opened.goto((SITE / "explore" / "lateness.html").as_uri(), wait_until="load")
    opened.wait_for_selector(".explorer-check:not([hidden])", timeout=60_000)
    yield opened
    opened.close()
    assert errors == []


def give(page, content, name="mine.csv"):
    """Choose a file with this content, and wait until it has been read or refused."""
    data = content if isinstance(content, bytes) else content.encode()
    page.set_input_files(FILE, {"name": name, "mimeType": "text/csv", "buffer": data})
    wait(page)


def wait(page):
    page.wait_for_function(
        f"{ROOT}.frame.numbers || !{ROOT}.frame.fault.hidden"
        f" || {ROOT}.innerText.includes('Choose below.')"
    )


def refusal(page, content, name="mine.csv"):
    """Return the sentences with which a file is refused."""
    give(page, content, name)
    assert not page.evaluate(NUMBERS)
    assert not page.locator("#explorer-lateness .verdict").is_visible()
    return page.inner_text(FAULT)


def series_of(seed, n=60, late=0, noise=0.5, bias=0.0):
    """Return a random walk and a forecast that is late."""
    rng = np.random.default_rng(seed)
    truth = pd.Series(np.round(100 + np.cumsum(rng.normal(size=n)), 2))
    forecast = truth.shift(late).bfill() + bias + rng.normal(scale=noise, size=n)
    return truth, forecast.round(2)


def text_of(truth, forecast, names="date,truth,forecast", separator=",", decimal="."):
    """Return a CSV file of two series, with dates."""
    days = pd.date_range("2024-01-01", periods=len(truth))
    table = pd.DataFrame({"truth": truth.to_numpy(), "forecast": forecast.to_numpy()}, days)
    body = table.to_csv(header=False, sep=separator, decimal=decimal)
    return names.replace(",", separator) + "\n" + body


GOOD = text_of(*series_of(1))


def expected(truth, forecast):
    """Return the scores by rnnedu, on the rows that the page says are scored."""
    base = truth.shift(1)
    scored = (truth.notna() & forecast.notna() & base.notna()).to_numpy()
    true, own, base = truth[scored], forecast[scored], base[scored]
    known = np.all([truth.shift(k).notna() for k in range(11)], axis=0) & scored
    bias = float((own - true).mean())
    # Where a value is missing, the series has no lags for rnnedu: row by row instead.
    by_lag = [np.std((forecast - truth.shift(k))[known]) for k in range(11)]
    if truth.notna().all():
        python = rnnedu.error_by_lag(truth, forecast[known])
        np.testing.assert_allclose(by_lag, python, rtol=1e-9, atol=1e-9)
        assert rnnedu.lateness(truth, forecast[known]) == int(np.argmin(by_lag))
    return {
        "rows": np.flatnonzero(scored).tolist(),
        "rmse": rnnedu.rmse(true, own),
        "base": rnnedu.rmse(true, base),
        "skill": rnnedu.skill(true, own, base),
        "bias": bias,
        "spread": rnnedu.rmse(true, own - bias),
        "rest": rnnedu.skill(true, own - bias, base),
        "correlation": (own - base).corr(true - base),
        "tests": [
            rnnedu.diebold_mariano(true, own, base, lags=lags)[1:]
            if lags < len(own)
            else None
            for lags in (0, 20)
        ],
        "lateness": int(np.argmin(by_lag)) if known.sum() >= 10 else None,
        "byLag": by_lag,
    }


def assert_same(found, python):
    """All scores of the page are those of the package, within 1e-5."""
    assert found["rows"] == python["rows"]
    own = found["forecast"]
    close = {"rel": 1e-7, "abs": 1e-9}
    for name in ("rmse", "skill", "bias", "spread", "rest"):
        assert own[name] == pytest.approx(python[name], **close), name
    assert found["persistence"]["rmse"] == pytest.approx(python["base"], **close)
    assert found["correlation"] == pytest.approx(python["correlation"], **close)
    for ours, theirs in zip(found["tests"], python["tests"], strict=True):
        assert (ours is None) == (theirs is None)
        if theirs:
            assert ours == pytest.approx(theirs, rel=1e-6, abs=1e-12)
    late = found["lateness"]
    assert (None if late is None or np.isnan(late) else late) == python["lateness"]
    if python["lateness"] is not None:
        assert found["byLag"] == pytest.approx(python["byLag"], **close)


# -- Scores --------------------------------------------------------------------------------


def test_all_scores_of_random_series_are_those_of_the_package(page):
    """Late, biased, short, long, large and small ones; p from far below 1e-6 to near 1."""
    p_values = []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(22, 400))
        truth, forecast = series_of(
            seed, n, late=seed % 12, noise=rng.uniform(0.02, 2), bias=rng.normal()
        )
        if seed % 2:  # about as accurate as persistence
            change = truth.diff().fillna(0)
            noise = rng.normal(scale=rng.uniform(0, 0.6), size=n)
            forecast = (truth - change + rng.normal(0.1, 0.1) * change + noise).round(4)
        size = 10.0 ** rng.integers(-6, 9)
        truth, forecast = truth * size, forecast * size
        if seed % 3 == 0:  # the forecast begins later
            forecast[: rng.integers(0, min(30, n - 21))] = np.nan
        found = page.evaluate(SCORES, [json_list(truth), json_list(forecast)])
        scaled = expected(truth / size, forecast / size)
        for name in ("rmse", "base", "bias", "spread"):
            scaled[name] *= size
        scaled["byLag"] = [each * size for each in scaled["byLag"]]
        assert_same(found, scaled)
        p_values += [test[1] for test in found["tests"] if test]
    assert min(p_values) < 1e-6 and max(p_values) > 0.9


def json_list(series):
    return [None if np.isnan(v) else v for v in series]


def test_missing_values_are_left_out(page):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        truth, forecast = series_of(seed, 300)
        truth[rng.integers(0, 300, 3)] = np.nan
        forecast[rng.integers(0, 300, 20)] = np.nan
        found = page.evaluate(SCORES, [json_list(truth), json_list(forecast)])
        assert_same(found, expected(truth, forecast))


def test_p_values_are_those_of_students_t(page):
    freedoms = [1, 2, 3, 7, 19, 20, 99, 250, 1000, 49_999]
    p_values = [
        1.0,
        1 - 1e-9,
        0.999,
        0.9,
        0.5,
        0.1,
        0.05,
        1e-2,
        1e-3,
        1e-4,
        1e-5,
        1e-6,
        1e-12,
    ]
    cases = [
        (float(stats.t.isf(p / 2, freedom)), freedom)
        for freedom in freedoms
        for p in p_values
    ]
    found = page.evaluate(
        "cases => cases.map(([t, freedom]) => rnnedu.lateness.studentP(t, freedom))", cases
    )
    python = [2 * stats.t.sf(t, freedom) for t, freedom in cases]
    np.testing.assert_allclose(found, python, rtol=1e-7, atol=0)


# -- Files that are read -------------------------------------------------------------------

TRUTH, FORECAST = series_of(2, 50, late=2)
PLAIN = text_of(TRUTH, FORECAST)
ROWS = PLAIN.splitlines()[1:]


def dated(form):
    days = pd.date_range("2024-01-01", periods=len(ROWS))
    fields = [row.partition(",")[2] for row in ROWS]
    pairs = zip(days, fields, strict=True)
    return "\n".join(["date,truth,forecast", *(f"{d:{form}},{rest}" for d, rest in pairs)])


READ = {
    "plain": PLAIN,
    "without dates": text_of(TRUTH, FORECAST).replace("date", "day of it"),
    "semicolons": text_of(TRUTH, FORECAST, separator=";"),
    "semicolons and decimal comma": text_of(TRUTH, FORECAST, separator=";", decimal=","),
    "tabs and decimal comma": text_of(TRUTH, FORECAST, separator="\t", decimal=","),
    "byte order mark": "\ufeff" + PLAIN,
    "CRLF": PLAIN.replace("\n", "\r\n"),
    "CR": PLAIN.replace("\n", "\r"),
    "blank lines at the end": PLAIN + "\n\r\n,,\n  \n",
    "no line break at the end": PLAIN.rstrip(),
    "quoted": "\n".join(
        ",".join(f'"{field}"' for field in line.split(",")) for line in PLAIN.splitlines()
    ),
    "quoted text with a comma and a quote": "note,truth,forecast\n"
    + "\n".join('"so, ""so"""' + row[row.index(",") :] for row in ROWS),
    "other names": PLAIN.replace("date,truth,forecast", "Timestamp,Actual,y_pred"),
    "Prophet": PLAIN.replace("date,truth,forecast", "ds,y,yhat"),
    "names with spaces": PLAIN.replace(
        "date,truth,forecast", "DATE, True Price ,My Forecast"
    ),
    "spaces around": PLAIN.replace(",", " , "),
    "day first": dated("%d.%m.%Y"),
    "month first": dated("%m/%d/%Y"),
    "day first with slashes": dated("%d/%m/%Y"),
    "compact": dated("%Y%m%d"),
    "with a time": dated("%Y-%m-%d %H:%M:%S"),
    "with a zone": dated("%Y-%m-%dT%H:%M:%S+02:00"),
}


@pytest.mark.parametrize("way", READ)
def test_a_file_is_read_as_it_was_meant(way, page):
    give(page, READ[way])
    assert page.locator(FAULT).count() == 0
    assert_same(page.evaluate(NUMBERS), expected(TRUTH, FORECAST))


def test_grouped_digits_and_a_minus_sign(page):
    truth, forecast = series_of(3)
    truth, forecast = truth * 100, forecast * 100
    rows = "\n".join(f'"{t:,.2f}";"{f:,.2f}"' for t, f in zip(truth, forecast, strict=True))
    for given in (rows, rows.translate(str.maketrans(",.", ".,"))):
        give(page, "truth;forecast\n" + given)
        assert_same(page.evaluate(NUMBERS), expected(truth, forecast))
    rows = "\n".join(
        f"{-t:.2f},{-f:.2f}".replace("-", "−") for t, f in zip(truth, forecast, strict=True)
    )
    give(page, "truth,forecast\n" + rows)
    assert_same(page.evaluate(NUMBERS), expected(-truth, -forecast))


@pytest.mark.parametrize("missing", ["", "NaN", "n/a", "-", "null"])
def test_a_forecast_may_begin_later(missing, page):
    own = [missing] * 12 + [f"{v}" for v in FORECAST[12:]]
    rows = [f"{t},{f}" for t, f in zip(TRUTH, own, strict=True)]
    give(page, "\n".join(["truth,forecast", *rows]))
    late = FORECAST.where(FORECAST.index >= 12)
    assert_same(page.evaluate(NUMBERS), expected(TRUTH, late))
    said = page.inner_text("#explorer-lateness")
    assert "The forecasts begin on line 14." in said and "38 rows are scored" in said
    assert "missing" not in said


def test_missing_values_elsewhere_are_named(page):
    lines = GOOD.splitlines()
    for at in (29, 33, 35):
        lines[at] = lines[at].rpartition(",")[0] + ","
    day, _, own = lines[49].split(",")
    lines[49] = f"{day},,{own}"
    give(page, "\n".join(lines))
    said = page.inner_text("#explorer-lateness")
    assert "The forecast is missing on lines 30, 34, 36." in said
    assert "The true value is missing on line 50." in said
    assert "54 rows are scored, from 2024-01-02 to 2024-02-29" in said
    many = [
        line.rpartition(",")[0] + "," if k % 3 == 0 else line
        for k, line in enumerate(lines)
    ]
    give(page, "\n".join([lines[0], *many[1:]]))
    assert "and 17 more." in page.inner_text("#explorer-lateness")


# -- Files that are refused ----------------------------------------------------------------


def with_line(number, line):
    lines = GOOD.splitlines()
    lines[number - 1] = line
    return "\n".join(lines)


def constant(truth, forecast):
    rows = [f"{truth},{forecast}"] * 40
    return "\n".join(["truth,forecast", *rows])


HEADER = "Add a first line, such as date,truth,forecast."
BAD = {  # content, and the sentences after the name of the file
    "empty": ("", ": it is empty. Begin with a header, such as date,truth,forecast."),
    "blank": ("\n  \n\r\n", ": it is empty. Begin with"),
    "only a header": ("date,truth,forecast\n", ": there is only a header. Add the rows"),
    "no header": (
        "\n".join(ROWS),
        f", line 1: there are numbers where the names of the columns should be. {HEADER}",
    ),
    "no header, decimal comma": (
        "\n".join(ROWS).replace(",", ";").replace(".", ","),
        ", line 1: there are numbers where",
    ),
    "no header, history": (
        "2024-01-01,3.5,\n" + "\n".join(ROWS),
        ", line 1: there are numb",
    ),
    "one column": (
        "truth\n1\n2",
        ", line 1: there is only one column here. Begin with a line",
    ),
    "a title above": ("My forecast\n" + GOOD, ", line 1: there is only one column here."),
    "text for a number": (
        with_line(30, "2024-01-29,about 97,99"),
        ", line 30: “about 97” in the column “truth” is no number. Write a number as in",
    ),
    "text for a forecast": (
        with_line(31, "2024-01-30,97,x" + "y" * 60),
        f", line 31: “x{'y' * 39}…” in the column “forecast” is no number.",
    ),
    "decimal comma": (
        with_line(30, '2024-01-29,"97,25",99'),
        ", line 30: “97,25” in the column “truth” is no number. Write a decimal point, or",
    ),
    "missing field": (
        with_line(12, "2024-01-11,97"),
        ", line 12: it has 2 fields, and the header has 3. Add what is missing",
    ),
    "one field": (with_line(12, "97"), ", line 12: it has 1 field, and the header"),
    "cut short": (GOOD.rstrip().rpartition(",")[0], ", line 61: it has 2 fields, and the"),
    "too many fields": (
        with_line(12, "2024-01-11,97,98,99"),
        ", line 12: it has 4 fields, and the header has 3. Correct the line, or put quotes",
    ),
    "too many by decimal commas": (
        GOOD.replace(".", ","),
        ", line 2: it has 5 fields, and the header has 3. Correct",
    ),
    "open quote": (
        with_line(12, '2024-01-11,"97,98'),
        ", line 12: a quote opens here, and does not close at the end of its field. Clo",
    ),
    "dates not in order": (
        with_line(30, "2024-01-02,97,98"),
        ", line 30: “2024-01-02” in the column “date” is earlier than the one before it.",
    ),
    "newest first": (
        "\n".join([PLAIN.splitlines()[0], *ROWS[::-1]]),
        ", line 3: “2024-02-18” in the column “date” is earlier than the one before it.",
    ),
    "a date twice": (
        with_line(30, "2024-01-28,97,98"),
        ", line 30: “2024-01-28” in the column “date” stands there twice. Keep one row",
    ),
    "no date": (
        with_line(30, "soon,97,98"),
        ", line 30: “soon” in the column “date” is no date, or is not written as those",
    ),
    "a date in another way": (
        with_line(30, "29.01.2024,97,98"),
        ", line 30: “29.01.2024” in the column “date” is no date, or is not written as",
    ),
    "a missing date": (
        with_line(30, ",97,98"),
        ", line 30: “” in the column “date” is no date",
    ),
    "constant": (
        constant(5, 6),
        ": the true values never change, so that persistence makes no",
    ),
    "19 rows": (
        "\n".join(GOOD.splitlines()[:21]),
        ": only 19 rows can be scored: those with a true value, a forecast, and a true val",
    ),
    "no forecast": (
        "\n".join(["truth,forecast", *[f"{k}," for k in range(50)]]),
        ": only 0 rows can be scored",
    ),
    "infinite": (
        with_line(30, "2024-01-29,inf,99"),
        ", line 30: “inf” in the column “truth” is infinite or too large. Correct it, or",
    ),
    "infinite by its exponent": (
        with_line(30, "2024-01-29,98,1e999"),
        ", line 30: “1e999” in the column “forecast” is infinite or too large.",
    ),
    "huge": (
        with_line(30, "2024-01-29,98,-2e15"),
        ", line 30: “-2e15” in the column “foreca",
    ),
    "xlsx": (
        b"PK\x03\x04\x14\0xl/",
        ": this is a spreadsheet or an archive, not a CSV table.",
    ),
    "xls": (
        b"\xd0\xcf\x11\xe0\xa1",
        ": this is a spreadsheet or an archive, not a CSV table.",
    ),
    "gzip": (b"\x1f\x8b\x08\0", ", line 1: this is not UTF-8 text. Save the table as “CSV"),
    "UTF-16": (
        GOOD.encode("utf-16"),
        ": this is UTF-16, or no text at all, not a CSV table.",
    ),
    "UTF-16 without a mark": (
        GOOD.encode("utf-16-le"),
        ": this is UTF-16, or no text at all",
    ),
    "Latin 1": (
        with_line(30, "2024-01-29,97,98 \xe9").encode("latin-1"),
        ", line 30: this is not UTF-8 text. Save the table as “CSV UTF-8”",
    ),
    "JSON": (
        '{"truth": [1, 2]}',
        ": this is JSON, not a CSV table. Write it as CSV; in pandas",
    ),
    "JSON list": (' [{"truth": 1}]', ": this is JSON, not a CSV table."),
    "HTML": (
        "\n<!DOCTYPE html><p>1,2",
        ": this is a web page, not a CSV table. Download the",
    ),
    "HTML table": ("<table><tr><td>1", ": this is a web page, not a CSV table."),
    "too many lines": (
        "truth,forecast\n" + "1,2\n" * 20_000,
        ": these are more than 20000",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_refused_in_a_sentence_and_the_next_one_is_read(kind, page):
    content, sentence = BAD[kind]
    said = refusal(page, content)
    assert said.startswith("“mine.csv”" + sentence), said
    assert said.endswith(".") and "undefined" not in said
    assert "Nothing has been scored." in page.inner_text("#explorer-lateness")
    assert page.text_content("#explorer-lateness .explorer-spoken") == ""
    give(page, GOOD)
    assert page.locator(FAULT).count() == 0
    assert page.locator("#explorer-lateness .verdict").is_visible()


def test_two_files_at_once(page):
    page.evaluate(DROP, [["a.csv", GOOD], ["b.csv", GOOD]])
    wait(page)
    assert page.inner_text(FAULT) == (
        "“a.csv”: this is one of 2 files. Give one; it may hold several forecasts, each in "
        "a column."
    )


def test_a_file_that_is_too_large_is_not_read(page):
    page.evaluate(
        "() => { const read = Blob.prototype.arrayBuffer; window.reads = 0;"
        " Blob.prototype.arrayBuffer = function () { reads += 1; return read.call(this) } }"
    )
    large = b"date,truth,forecast\n" + b"2024-01-01,1.00,2.00\n" * 250_000
    said = refusal(page, large, "large.csv")
    assert said == (
        "“large.csv”: it has 5.3 MB, and 5 MB are possible here. Keep the columns and rows "
        "that are needed."
    )
    assert page.evaluate("reads") == 0
    give(page, GOOD)
    assert page.evaluate("reads") == 1


DROP_MINE = """() => {
  const data = new DataTransfer()
  data.items.add(window.mine)
  document.querySelector("#explorer-lateness .drop").dispatchEvent(
    new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}))
}"""


def test_a_file_of_ten_thousand_rows_keeps_the_page_free(page, longest_task):
    truth, forecast = series_of(5, 10_000, late=3)
    given = "text => { window.mine = new File([text], 'mine.csv') }"
    page.evaluate(given, text_of(truth, forecast))
    frame = "document.getElementById('explorer-lateness').frame"

    def drop():
        page.evaluate(f"{frame}.numbers = null")
        page.evaluate(DROP_MINE)
        page.wait_for_function(f"{frame}.numbers || !{frame}.fault.hidden")
        page.wait_for_timeout(300)

    assert longest_task(page, drop) <= 50
    assert_same(page.evaluate(NUMBERS), expected(truth, forecast))
    page.select_option("#lateness-last", "all")
    assert page.locator(FAULT).count() == 0
    page.select_option("#lateness-last", "100")


# -- Ways to give a table ------------------------------------------------------------------


def test_drop(page):
    page.evaluate(DROP, [["dropped.csv", PLAIN]])
    wait(page)
    assert_same(page.evaluate(NUMBERS), expected(TRUTH, FORECAST))
    assert "“dropped.csv”: 50 rows" in page.inner_text("#explorer-lateness")


def test_paste_and_correct_by_keyboard_alone(explorer):
    page = explorer("lateness")
    page.focus(FILE)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "lateness-pasted"
    broken = PLAIN.replace(ROWS[-1], ROWS[-1] + "x")
    page.keyboard.insert_text(broken)
    page.keyboard.press("Control+A")
    page.keyboard.press("Control+X")
    page.keyboard.press("Control+V")
    page.wait_for_selector(FAULT)
    said = page.inner_text(FAULT)
    assert said.startswith("The pasted text, line 51: “") and "is no number" in said
    page.keyboard.press("Control+End")
    for _ in range(len("\nx")):
        page.keyboard.press("Backspace")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Read the pasted lines"
    page.keyboard.press("Enter")
    page.wait_for_function(f"{ROOT}.frame.numbers")
    assert page.locator(FAULT).count() == 0
    assert_same(page.evaluate(NUMBERS), expected(TRUTH, FORECAST))
    page.focus("#lateness-lag")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert "moved back by 2 rows" in page.inner_text("#explorer-lateness")
    assert page.inner_text("#explorer-lateness .explorer-spoken").startswith("At lag 2,")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "lateness-last"
    assert page.errors == []


def test_no_request_leaves_the_page_while_a_file_is_read(explorer):
    page = explorer("lateness")
    page.wait_for_selector(".explorer-check:not([hidden])", timeout=60_000)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    give(page, GOOD)
    give(page, "nonsense")
    page.evaluate(DROP, [["a.csv", GOOD]])
    wait(page)
    page.fill("#lateness-pasted", GOOD)
    page.click("text=Read the pasted lines")
    wait(page)
    page.wait_for_timeout(500)
    # Chromium asks for the icon of this site again whenever the address changes.
    assert [each for each in asked if not each.endswith("_static/logo.svg")] == []


# -- Columns -------------------------------------------------------------------------------


def test_columns_are_asked_for_where_names_say_nothing(page):
    give(page, text_of(TRUTH, FORECAST, "date,a,b"))
    assert page.evaluate(NUMBERS) is None
    assert "Choose below." in page.inner_text("#explorer-lateness")
    options = page.locator("#lateness-truth option").all_inner_texts()
    assert options == ["choose one", "a", "b"]
    page.focus("#lateness-truth")
    page.keyboard.press("ArrowDown")  # by keyboard
    page.wait_for_function("document.querySelector('#lateness-truth').value === '1'")
    assert page.evaluate(NUMBERS) is None
    assert "do not tell which holds the forecast. Choose" in page.inner_text(
        "#explorer-lateness"
    )
    page.select_option("#lateness-forecast", label="a")
    page.wait_for_selector(FAULT)
    assert "are the same column. Choose two columns." in page.inner_text(FAULT)
    page.select_option("#lateness-forecast", label="b")
    page.wait_for_function(f"{ROOT}.frame.numbers")
    assert page.locator(FAULT).count() == 0
    assert_same(page.evaluate(NUMBERS), expected(TRUTH, FORECAST))


def test_several_forecasts_in_one_file(page):
    other = series_of(9, 50)[1]
    days = pd.date_range("2024-01-01", periods=50)
    columns = {"price": TRUTH, "volume": 7, "forecast A": FORECAST, "forecast B": other}
    give(page, pd.DataFrame(columns).set_index(days).to_csv(index_label="Date"))
    assert_same(page.evaluate(NUMBERS), expected(TRUTH, FORECAST))
    page.select_option("#lateness-forecast", label="forecast B")
    page.wait_for_function(f"{ROOT}.innerText.includes('forecasts from “forecast B”')")
    assert_same(page.evaluate(NUMBERS), expected(TRUTH, other))
    give(page, PLAIN)
    assert not page.locator("#lateness-forecast").is_visible()


# -- What it says --------------------------------------------------------------------------


def verdict(page, truth, forecast):
    give(page, text_of(truth, forecast))
    return page.inner_text("#explorer-lateness .verdict"), page.inner_text(
        "#explorer-lateness .explorer-body"
    )


def test_persistence_itself(page):
    truth, _ = series_of(4)
    title, text = verdict(page, truth, truth.shift(1))
    assert title == "This forecast is persistence."
    assert "so there is nothing to test" in text
    assert "Diebold-Mariano, independent rows: nothing to test" in text
    assert "Lag of best fit: 1 row" in text
    assert "Correlation of changes: not defined" in text


def test_a_shifted_persistence_has_no_correlation_of_changes(page):
    truth, _ = series_of(4)
    _, text = verdict(page, truth, (truth.shift(1) + 5.1).round(2))
    assert "Correlation of changes: not defined" in text
    assert "Most of its squared error is bias: it is 5." in text and "too high." in text
    assert "Next: measure the bias on rows before these" in text


@pytest.mark.parametrize("seed", range(25))
def test_a_verdict_claims_what_the_tests_bear_out(seed, page):
    """A gain of some size on rows of some number; the package decides."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(25, 300))
    truth, _ = series_of(seed, n)
    share = rng.uniform(-0.3, 0.5)
    own = truth.shift(1).bfill() + share * truth.diff().fillna(0)
    forecast = (own + rng.normal(scale=rng.uniform(0, 0.6), size=n)).round(4)
    python = expected(truth, forecast)
    title, text = verdict(page, truth, forecast)
    sure = max(test[1] for test in python["tests"]) < 0.05
    if python["skill"] <= 0:
        assert title == "Not better than persistence."
        assert ("It is worse, by more than chance" in text) == sure
    elif sure:
        assert title == "Better than persistence on these rows, by more than chance."
        assert "Next: make sure that no value of its own row" in text
    else:
        assert title == "Better than persistence, but perhaps by chance."
        assert "Next: score it on more rows" in text


def test_late_early_and_in_between(page):
    truth, _ = series_of(6, 200)
    for lag, words in {
        0: "Its best fit is to the true values of its own rows, so it is not late.",
        1: "Its best fit is to the true values one row earlier, as for persistence.",
        4: "Its best fit is to the true values 4 rows earlier, so it is late.",
        10: "10 rows earlier, the largest lag that is tried, so it is late.",
    }.items():
        noise = np.random.default_rng(1).normal(scale=0.2, size=200)
        _, text = verdict(page, truth, (truth.shift(lag) + noise).round(2))
        assert words in text
    noise = np.random.default_rng(1).normal(scale=60, size=200)
    _, text = verdict(page, truth, (truth + noise).round(2))
    assert "fit almost as well." in text


def test_a_forecast_without_error_is_suspected(page):
    truth, _ = series_of(6)
    title, text = verdict(page, truth, truth)
    assert title.startswith("Better than persistence on these rows")
    assert "Find out whether the true values were copied into it." in text


def test_a_gain_that_is_the_same_everywhere(page):
    truth = pd.Series([0.0, 1.0] * 20)
    title, text = verdict(page, truth, truth)
    assert title == "Better than persistence, but perhaps by chance."
    assert "The gain is the same in all rows" in text


def test_few_rows(page):
    truth, forecast = series_of(8, 21)
    _, text = verdict(page, truth, forecast)
    assert "Diebold-Mariano, correlated rows: needs more rows" in text
    assert_same(page.evaluate(NUMBERS), expected(truth, forecast))
    truth[::8] = np.nan
    truth, forecast = pd.concat([truth] * 3), pd.concat([forecast] * 3)
    _, text = verdict(page, truth.reset_index(drop=True), forecast.reset_index(drop=True))
    assert "Lag of best fit: not known" in text
    assert "Too few forecasts have 10 true values before them to tell a lag." in text


# -- The example, and what the page says ---------------------------------------------------


def example_of(page):
    with page.expect_download() as download:
        page.click("text=Download the example")
    assert download.value.suggested_filename == "example_forecast.csv"
    with open(download.value.path(), "rb") as file:
        return file.read()


def test_the_example_can_be_had_as_a_file(page):
    give(page, "nonsense")
    page.click("text=Try the example")
    wait(page)
    assert page.input_value(FILE) == ""  # not the name of a file that is not shown
    content = example_of(page)
    table = pd.read_csv(io.BytesIO(content))
    assert list(table) == ["date", "truth", "LSTM forecast", "linear forecast"]
    python = expected(table["truth"], table["LSTM forecast"])
    assert_same(page.evaluate(NUMBERS), python)
    give(page, content)
    assert_same(page.evaluate(NUMBERS), python)


def test_what_the_page_says_to_try(explorer):
    page = explorer("lateness", "example=1")
    page.wait_for_function(f"{ROOT}.frame.numbers")
    assert page.inner_text("#explorer-lateness .verdict") == "Not better than persistence."
    numbers = page.evaluate(NUMBERS)
    assert numbers["lateness"] >= 3
    assert numbers["forecast"]["rest"] < 0  # not better without its bias
    page.click("article a[href*='lag=3']")
    page.wait_for_function(f"{ROOT}.innerText.includes('moved back by 3 rows')")
    page.select_option("#lateness-forecast", label="linear forecast")
    page.wait_for_function(f"{ROOT}.innerText.includes('from “linear forecast”')")
    assert page.evaluate(NUMBERS)["forecast"]["skill"] > numbers["forecast"]["skill"]
    table = pd.read_csv(io.BytesIO(example_of(page)))
    table["linear forecast"] = (table["linear forecast"] + table["truth"]) / 2
    give(page, table.to_csv(index=False))
    page.select_option("#lateness-forecast", label="linear forecast")
    page.wait_for_function(f"{ROOT}.innerText.includes('from “linear forecast”')")
    assert page.inner_text("#explorer-lateness .verdict").startswith(
        "Better than persistence on these rows"
    )
    assert page.errors == []


def test_a_lag_between_two_rows_is_rounded(explorer):
    page = explorer("lateness", "lag=2.6")
    page.wait_for_function(f"{ROOT}.frame.numbers")
    assert "moved back by 3 rows" in page.inner_text("#explorer-lateness")
    assert "no number" not in page.inner_text("#explorer-lateness")


def test_long_names_do_not_widen_a_phone(explorer):
    page = explorer("lateness", width=390)
    name = "forecast_" + "x" * 80
    for content in (text_of(TRUTH, FORECAST, f"date,truth,{name}"), "a,b\n1"):
        give(page, content, "y" * 80 + ".csv")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    give(page, text_of(TRUTH * 1e11, FORECAST * 1e12, f"date,{name},truth_{name}"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_back_returns_to_the_file_of_the_reader(explorer):
    page = explorer("lateness")
    page.wait_for_selector(".explorer-check:not([hidden])", timeout=60_000)
    give(page, PLAIN)
    page.wait_for_function("location.hash === '#lateness:example=0'")
    page.click("article a[href*='lag=3']")
    page.wait_for_function(f"{ROOT}.innerText.includes('The example: ')")
    page.go_back()
    page.wait_for_function(f"{ROOT}.innerText.includes('“mine.csv”: 50 rows')")
    assert_same(page.evaluate(NUMBERS), expected(TRUTH, FORECAST))


def test_an_address_without_the_example_waits_for_a_file(explorer):
    page = explorer("lateness", "example=0")
    page.wait_for_timeout(500)
    assert "Nothing has been read yet." in page.inner_text("#explorer-lateness")
    give(page, PLAIN)
    assert_same(page.evaluate(NUMBERS), expected(TRUTH, FORECAST))


def test_without_its_numbers_a_file_is_read_all_the_same(browser):
    page = browser.new_page()
    page.route("**/data/lateness.js", lambda route: route.abort())
    page.goto((SITE / "explore" / "lateness.html").as_uri())
    page.wait_for_selector(FAULT)
    assert "“lateness” could not be loaded" in page.inner_text(FAULT)
    give(page, PLAIN)
    assert page.locator(FAULT).count() == 0
    assert_same(page.evaluate(NUMBERS), expected(TRUTH, FORECAST))
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_state(scheme, explorer):
    page = explorer("lateness", scheme=scheme)
    for content in ("nonsense", text_of(TRUTH, FORECAST, "date,a,b"), PLAIN):
        give(page, content)
        found = Axe().run(page, context="#explorer-lateness").response["violations"]
        assert not [(each["id"], each["nodes"][0]["html"][:200]) for each in found]


def test_it_needs_no_cells():
    assert "recurrent.js" not in (SITE / "explore" / "lateness.html").read_text()


def test_the_file_of_numbers_holds_what_the_check_needs():
    text = (SITE / "_static/explore/data/lateness.js").read_text()
    file = json.loads(text.removeprefix('rnnedu.receive("lateness", ').removesuffix(");\n"))
    assert len(file["meta"]["lengths"]) == 12
    shapes = {each["key"]: each["shape"] for each in file["arrays"]}
    assert shapes["expected"] == [14, 22]
