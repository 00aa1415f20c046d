"""Windows against an example made by hand, and what must hold for every series."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import rnnedu
from rnnedu import last_full_year, load_ibm, load_prices, make_windows


def series(*parts):
    """Prices on consecutive days, each part from a first day on."""
    days, values = [], []
    for first, numbers in parts:
        days.extend(pd.date_range(first, periods=len(numbers)))
        values.extend(numbers)
    return pd.DataFrame({"High": values}, index=pd.DatetimeIndex(days), dtype=float)


def test_windows_by_hand():
    prices = series(("2001-12-28", [110, 120, 115, 130]), ("2002-01-01", [140, 105]))
    windows = make_windows(prices, lookback=2, test_year=2002)
    # Scaled on the training years alone: (price - 110) / (130 - 110).
    np.testing.assert_allclose(windows.X_train[:, :, 0], [[0, 0.5], [0.5, 0.25]])
    np.testing.assert_allclose(windows.y_train, [0.25, 1])
    np.testing.assert_allclose(windows.X_test[:, :, 0], [[0.25, 1], [1, 1.5]])
    np.testing.assert_allclose(windows.y_test, [1.5, -0.25])
    assert windows.train_prices.tolist() == [110, 120, 115, 130]
    assert windows.test_prices.tolist() == [140, 105]
    assert windows.test_year == 2002
    assert windows.X_train.shape == (2, 2, 1)
    assert windows.X_train.dtype == windows.y_test.dtype == np.float32


def test_without_a_test_year_all_windows_are_for_training():
    prices = series(("2001-12-28", [110, 120, 115, 130]), ("2002-01-01", [140, 110]))
    windows = make_windows(prices, lookback=2, test_year=None)
    # (price - 110) / (140 - 110)
    np.testing.assert_allclose(windows.X_train[-1, :, 0], [2 / 3, 1], rtol=1e-6)
    np.testing.assert_allclose(windows.y_train, [1 / 6, 2 / 3, 1, 0], rtol=1e-6)
    assert windows.X_train.shape == (4, 2, 1)
    assert windows.X_test.shape == (0, 2, 1)
    assert windows.y_test.shape == (0,)
    assert windows.test_year is None
    assert windows.test_prices.empty
    assert windows.prices.tolist() == windows.train_prices.tolist() == [*prices["High"]]


def test_without_a_test_year_one_window_and_its_target_are_enough(prices):
    prices.attrs["name"] = "mine.csv"
    windows = make_windows(prices.tail(61), test_year=None)
    assert windows.X_train.shape == (1, 60, 1)
    with pytest.raises(
        ValueError,
        match=r"mine\.csv: 60 days .* the 61 .*60 and its target.*lookback of at most 59",
    ):
        make_windows(prices.tail(60), test_year=None)
    with pytest.raises(ValueError, match=r"2 that .*Fix: bring a longer series\.$"):
        make_windows(prices.tail(1), test_year=None, lookback=1)


def test_a_series_without_a_full_year_is_told_of_windows_without_one(prices):
    with pytest.raises(ValueError, match=r"give test_year=None\.$"):
        make_windows(prices.loc["2001-02":"2001-10"], lookback=5)


@pytest.mark.parametrize("year", ["2003", "first", True, 2003.0])
def test_a_test_year_is_a_year_the_last_or_none(prices, year):
    with pytest.raises(ValueError, match=r"test_year is .*'last'.* or None"):
        make_windows(prices, test_year=year)


@pytest.mark.parametrize(
    "scaler",
    [
        MinMaxScaler(),
        MinMaxScaler().fit(np.eye(2)),
        StandardScaler().fit(np.ones((3, 1))),
        (110, 130),
    ],
    ids=["not fitted", "of two columns", "another kind", "two numbers"],
)
def test_what_is_no_scaler_of_windows_is_refused(prices, scaler):
    with pytest.raises(
        ValueError, match=r"no fitted scaler.*Fix: .*scaler=windows\.scaler"
    ):
        make_windows(prices, scaler=scaler)


prices_of_two_years = st.tuples(
    st.lists(st.floats(0.5, 5e4), min_size=9, max_size=80),
    st.lists(st.floats(0.5, 5e4), min_size=1, max_size=40),
    st.integers(1, 8),
)
# Prices at random jump, and these have no days between their two years.
any_calendar = pytest.mark.filterwarnings("ignore:the table. :UserWarning")


@any_calendar
def test_windows_of_new_prices_with_the_scaler_of_the_old_ones():
    old = series(("2001-12-28", [110, 120, 115, 130]), ("2002-01-01", [140, 105]))
    scaler = make_windows(old, lookback=2, test_year=2002).scaler
    new = series(("2003-12-30", [150, 130]), ("2004-01-01", [125, 90, 1110]))
    windows = make_windows(new, lookback=1, test_year=2004, scaler=scaler)
    # (price - 110) / (130 - 110), as before; what lies far outside is scaled all the same.
    np.testing.assert_allclose(windows.X_train[:, :, 0], [[2]])
    np.testing.assert_allclose(windows.y_train, [1])
    np.testing.assert_allclose(windows.y_test, [0.75, -1, 50])
    np.testing.assert_allclose(windows.inverse_scale([2, -1]), [150, 90])
    assert windows.scaler is scaler


@any_calendar
@settings(deadline=None)
@given(prices_of_two_years)
def test_shapes_answers_and_dates(example):
    train, test, lookback = example
    prices = series(("2001-01-01", train), ("2002-01-01", test))
    windows = make_windows(prices, lookback=lookback, test_year=2002)
    assert windows.X_train.shape == (len(train) - lookback, lookback, 1)
    assert windows.X_test.shape == (len(test), lookback, 1)
    assert windows.y_train.shape == (len(train) - lookback,)
    everything = np.concatenate([windows.X_train[0, :, 0], windows.y_train, windows.y_test])
    for n, window in enumerate(np.concatenate([windows.X_train, windows.X_test])):
        np.testing.assert_array_equal(window[:, 0], everything[n : n + lookback])
    assert windows.test_prices.index[0] == pd.Timestamp("2002-01-01")


@any_calendar
@settings(deadline=None)
@given(prices_of_two_years, st.floats(0.1, 10))
def test_no_test_price_enters_training(example, factor):
    train, test, lookback = example
    others = [price * factor for price in test]
    one, two = (
        make_windows(
            series(("2001-01-01", train), ("2002-01-01", year)),
            lookback=lookback,
            test_year=2002,
        )
        for year in (test, others)
    )
    np.testing.assert_array_equal(one.X_train, two.X_train)
    np.testing.assert_array_equal(one.y_train, two.y_train)
    assert one.scaler.data_max_ == two.scaler.data_max_ == max(train)
    assert one.scaler.data_min_ == two.scaler.data_min_ == min(train)


@any_calendar
@settings(deadline=None)
@given(prices_of_two_years)
def test_scaling_is_undone(example):
    train, test, lookback = example
    prices = series(("2001-01-01", train), ("2002-01-01", test))
    windows = make_windows(prices, lookback=lookback, test_year=2002)
    span = max(train) - min(train) or 1.0
    # float32 keeps seven digits of the scaled price.
    tolerance = 1e-6 * (span + max(np.abs(np.array(test) - min(train))))
    np.testing.assert_allclose(windows.inverse_scale(windows.y_test), test, atol=tolerance)
    assert windows.y_train.min() >= 0
    assert windows.y_train.max() <= 1 + 1e-6


def test_windows_are_views_of_one_array(prices):
    windows = make_windows(prices, lookback=60)
    assert np.shares_memory(windows.X_train, windows.X_test)
    assert windows.X_train.base is not None
    assert not windows.X_train.flags.writeable


@pytest.mark.parametrize(
    ("first", "last", "year"),
    [
        ("2000-03-01", "2013-03-01", 2012),  # the embedded series
        ("2006-01-03", "2017-12-29", 2017),  # the notebook's file
        ("2010-01-04", "2011-12-23", 2010),
        ("2010-01-04", "2011-12-26", 2011),
        ("2010-01-11", "2011-11-30", None),
    ],
)
def test_the_last_full_year(first, last, year):
    days = pd.bdate_range(first, last)
    if year is None:
        with pytest.raises(ValueError, match=r"no calendar year.*Fix: "):
            last_full_year(days)
    else:
        assert last_full_year(days) == year


def test_a_year_that_is_not_there_is_passed_over():
    days = pd.bdate_range("2001-01-01", "2001-12-31").append(
        pd.bdate_range("2003-03-03", "2003-05-01")
    )
    assert last_full_year(days) == 2001


def test_the_embedded_series_is_tested_on_2012():
    windows = make_windows(load_ibm())
    assert windows.test_year == 2012
    assert len(windows.test_prices) == 250
    assert windows.train_prices.index[-1] == pd.Timestamp("2011-12-30")


def test_the_notebooks_windows(notebook_file):
    windows = make_windows(load_prices(notebook_file))
    assert windows.X_train.shape == (2709, 60, 1)
    assert windows.X_test.shape == (251, 60, 1)
    assert windows.train_prices.max() == 215.90
    assert (windows.test_prices.min(), windows.test_prices.max()) == (140.42, 182.79)


def test_one_day_short_is_refused_and_one_day_more_is_not(prices):
    prices.attrs["name"] = "mine.csv"
    day = prices.index.get_loc(prices.loc["2003"].index[0])
    enough = prices.iloc[day - 61 : day + 1]
    assert len(make_windows(enough, lookback=60, test_year=2003).X_train) == 1
    for short in (enough.iloc[1:], enough.iloc[:-1]):
        with pytest.raises(ValueError, match=r"mine\.csv: 61 days are fewer.*Fix: "):
            make_windows(short, lookback=60, test_year=2003)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lookback": 0}, "lookback is 0"),
        ({"column": "Close"}, "no column 'Close'"),
        ({"test_year": 1999}, "no day in 1999"),
        ({"test_year": 2001}, "0 days before 2001"),
        ({"lookback": 600}, "days before 2003 are fewer than the 601"),
    ],
)
def test_what_cannot_be_cut_is_refused(prices, change, words):
    with pytest.raises(ValueError, match=words) as refusal:
        make_windows(prices, **change)
    assert "Fix: " in str(refusal.value)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (lambda p: p.iloc[::-1], "not in order"),
        (lambda p: pd.concat([p, p.iloc[-1:]]), "2 rows on 2003-12-31"),
        (lambda p: p.reset_index(drop=True), "rows are not days"),
        (lambda p: p.iloc[:0], "rows are not days"),
    ],
    ids=["newest first", "a day twice", "numbered rows", "empty"],
)
def test_days_that_are_not_in_order_are_refused(prices, table, words):
    with pytest.raises(ValueError, match=rf"{words}.*Fix: "):
        make_windows(table(prices), test_year=2003)


def test_a_gap_in_another_column_is_found_when_it_is_chosen(prices):
    prices["Low"] = prices["High"] - 1
    prices.loc["2002-05-06", "Low"] = np.nan
    make_windows(prices)
    with pytest.raises(ValueError, match="2002-05-06: Low is nan"):
        make_windows(prices, column="Low")


@pytest.mark.parametrize(
    ("first", "last", "is_covered"),
    [
        ("2015-01-07", "2015-12-25", True),
        ("2015-01-08", "2015-12-31", False),
        ("2015-01-01", "2015-12-24", False),
    ],
)
def test_a_year_is_covered_from_its_first_week_to_its_last(first, last, is_covered):
    days = pd.date_range(first, last)
    if is_covered:
        assert last_full_year(days) == 2015
    else:
        with pytest.raises(ValueError, match=r"no calendar year.*Fix: "):
            last_full_year(days)


def test_one_training_window_is_enough_and_none_is_not(prices):
    train = prices[prices.index.year < 2003]
    enough = make_windows(prices, lookback=len(train) - 1, test_year=2003)
    assert len(enough.X_train) == 1
    with pytest.raises(ValueError, match=r"fewer than.*Fix: "):
        make_windows(prices, lookback=len(train), test_year=2003)


def test_prices_are_those_of_the_training_years_and_of_the_test_year(prices):
    windows = make_windows(prices, lookback=5)
    pd.testing.assert_series_equal(windows.prices, prices["High"], check_freq=False)


# Frames and series as people have them


@pytest.mark.parametrize("names", ["ABC", [1, 2, 3]], ids=["letters", "numbers"])
def test_series_below_each_other_are_named_and_one_can_be_chosen(prices, names):
    table = pd.concat(
        [prices.assign(Name=n, High=prices["High"] + k) for k, n in enumerate(names)]
    )
    for stacked in (table, table.sort_index(kind="stable")):
        with pytest.raises(
            ValueError, match=rf"3 rows .* different 'Name': {names[0]}, "
        ) as refusal:
            make_windows(stacked)
        code = re.search(r"prices = .*\]", str(refusal.value))[0]
        space = {"prices": stacked}
        exec(code, space)
        np.testing.assert_array_equal(make_windows(space["prices"]).prices, prices["High"])


def test_a_series_is_taken_as_the_column(prices):
    expected = make_windows(prices, "High", lookback=5)
    windows = make_windows(prices["High"], lookback=5)
    np.testing.assert_array_equal(windows.X_test, expected.X_test)
    assert make_windows(prices["High"].rename("Last"), "Last").column == "Last"


def two_levels(prices, tickers, *, swap=False):
    """Return a frame with the header of yfinance: the price's name, then the ticker."""
    labels = [(name, ticker) for ticker in tickers for name in ("High", "Low")]
    table = pd.concat([prices["High"], prices["High"] - 1] * len(tickers), axis=1)
    table.columns = pd.MultiIndex.from_tuples(labels, names=["Price", "Ticker"])
    return table.swaplevel(axis=1) if swap else table


@pytest.mark.parametrize("swap", [False, True])
def test_a_frame_with_two_header_levels(prices, swap):
    windows = make_windows(two_levels(prices, ["ACME"], swap=swap), "Low", lookback=5)
    np.testing.assert_array_equal(windows.prices, prices["High"] - 1)
    assert windows.column == windows.prices.name == "Low"


def test_of_several_tickers_one_has_to_be_chosen(prices):
    table = two_levels(prices, ["AAA", "BBB"])
    with pytest.raises(ValueError, match=r"2 series.*AAA, BBB.*Fix: choose one") as refusal:
        make_windows(table, "Low")
    call = str(refusal.value).split("such as ")[1].split(". (Recipes")[0]
    import rnnedu

    windows = eval(call, {"rnnedu": rnnedu, "prices": table})
    np.testing.assert_array_equal(windows.prices, prices["High"] - 1)
    with pytest.raises(ValueError, match=r"no column 'Last', only \['AAA', 'BBB', 'High'"):
        make_windows(table, "Last")


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Asia/Seoul"])
def test_midnights_in_a_time_zone_are_days(prices, zone):
    windows = make_windows(prices.tz_localize(zone), lookback=5)
    pd.testing.assert_series_equal(windows.prices, prices["High"], check_freq=False)


def test_a_time_of_day_is_dropped(prices):
    windows = make_windows(prices.set_axis(prices.index + pd.Timedelta(hours=16)))
    pd.testing.assert_series_equal(windows.prices, prices["High"], check_freq=False)


def test_the_advice_for_times_in_another_zone_works(prices):
    table = prices.tz_localize("America/New_York").tz_convert("UTC")
    with pytest.raises(ValueError, match=r"times in the zone UTC.*tz_convert") as refusal:
        make_windows(table)
    code = re.search(r"prices\.index = .*None\)", str(refusal.value))[0]
    exec(code, {"prices": table, "zone": "America/New_York"})
    pd.testing.assert_series_equal(
        make_windows(table).prices, prices["High"], check_freq=False
    )


@pytest.mark.parametrize(
    "table",
    [
        lambda p: p.reset_index(),
        lambda p: p.reset_index().assign(Date=lambda t: t["Date"].dt.strftime("%Y-%m-%d")),
        lambda p: p.set_axis(p.index.strftime("%Y-%m-%d")),
        lambda p: p.set_axis(p.index.strftime("%Y%m%d").astype(int)),
        lambda p: p.set_axis(p.index.date),
        lambda p: p.to_period("D"),
        lambda p: p.iloc[::-1],
        lambda p: pd.concat([p - 1, p]).sort_index(kind="stable"),
    ],
    ids=[
        "a column",
        "text",
        "text index",
        "integers",
        "dates",
        "periods",
        "newest first",
        "twice",
    ],
)
def test_the_advice_for_an_index_works(prices, table):
    space = {"prices": table(prices), "pandas": pd}
    with pytest.raises(ValueError, match="Fix: ") as refusal:
        make_windows(space["prices"])
    code = re.search(r"prices(\.index)? = [^;]*", str(refusal.value))[0]
    exec(code.split(". (Recipes")[0], space)
    windows = make_windows(space["prices"])
    np.testing.assert_array_equal(windows.prices, prices["High"])
    assert windows.prices.index.tolist() == prices.index.tolist()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (lambda p: p["High"].tolist(), "a list is no table"),
        (lambda p: p["High"].to_numpy(), "a ndarray is no table"),
        (lambda p: None, "a NoneType is no table"),
        (lambda p: pd.concat([p, p], axis=1), "'High' names 2 columns"),
        (lambda p: p.astype(complex), "2001-01-01: High is"),
        (lambda p: p.assign(High=p.index), "2001-01-01: High is 2001"),
        (lambda p: p.assign(High="closed"), "2001-01-01: High is 'closed'"),
        (lambda p: p.assign(High=[None, *p["High"][1:]]), "2001-01-01: High is"),
        (lambda p: p.assign(High=np.inf), "2001-01-01: High is inf"),
        (
            lambda p: p.assign(High=p["High"] * 0),
            "2001-01-01: High is 0.0, not a finite positive",
        ),
        (lambda p: -p, "2001-01-01: High is -50.0"),
        (lambda p: p.set_axis([pd.NaT, *p.index[1:]]), "row 0 has no date"),
        (lambda p: p.sample(frac=1, random_state=0), "days are not in order"),
    ],
)
def test_tables_that_are_no_prices_are_refused(prices, table, words):
    with pytest.raises(ValueError, match=rf"{words}.*Fix: "):
        make_windows(table(prices))


def test_text_that_is_numbers_is_taken(prices):
    windows = make_windows(prices.astype(str))
    np.testing.assert_array_equal(windows.prices, prices["High"])


def test_a_series_with_zero_and_below(prices):
    table = prices - 60
    windows = make_windows(table, positive=False)
    np.testing.assert_array_equal(windows.prices, table["High"])
    np.testing.assert_allclose(
        windows.inverse_scale(windows.y_test), windows.test_prices, atol=1e-5
    )


@pytest.mark.parametrize("lookback", [0, -1, 1.5, True, "60", None])
def test_a_lookback_is_a_whole_number(prices, lookback):
    with pytest.raises(ValueError, match=r"lookback is .*Fix: give a whole number"):
        make_windows(prices, lookback=lookback)


# What is unusual in a calendar is said, with the days


def test_a_hole_in_the_last_year_is_named_and_that_year_is_not_the_test_year(prices):
    table = prices.drop(prices.loc["2003-02-03":"2003-11-28"].index)
    with (
        pytest.warns(UserWarning, match="no row between 2003-01-31 and 2003-12-01"),
        pytest.warns(UserWarning, match=r"2002 is the last full year.*test_year=2003"),
    ):
        assert make_windows(table).test_year == 2002
    with pytest.warns(UserWarning, match="no row between 2003-01-31 and 2003-12-01"):
        assert make_windows(table, test_year=2003).test_year == 2003


def test_who_chooses_the_year_is_not_told_which_would_be_taken(prices, recwarn):
    table = prices.drop(prices.loc["2003-02-03":"2003-11-28"].index)
    make_windows(table, test_year=2002)
    assert ["no row between" in str(each.message) for each in recwarn] == [True]


def test_a_hole_in_the_training_years_is_named(prices):
    table = prices.drop(prices.loc["2002-02-04":"2002-02-15"].index)
    with pytest.warns(UserWarning, match="between 2002-02-01 and 2002-02-18"):
        assert make_windows(table).test_year == 2003


def test_holidays_are_no_holes(prices):
    make_windows(prices.drop(prices.loc["2002-02-11":"2002-02-15"].index))  # no warning


def test_a_few_weekend_days_are_named(prices):
    saturday = pd.DataFrame({"High": [52.0]}, index=[pd.Timestamp("2001-03-03")])
    table = pd.concat([prices, saturday]).sort_index()
    with pytest.warns(
        UserWarning, match=r"1 of 784 rows are on a weekend: 2001-03-03. Fix: drop"
    ):
        make_windows(table)


def test_every_session_on_the_day_before_is_noticed(prices):
    table = prices.set_axis(prices.index - pd.Timedelta(days=1))
    with pytest.warns(
        UserWarning, match=r"on a weekend: 2000-12-31, .*none is on a Friday.*zone"
    ):
        make_windows(table)


def test_a_series_of_all_days_has_weekends():
    days = pd.date_range("2001-01-01", "2002-12-31")
    make_windows(pd.Series(50 + np.arange(len(days)) % 7, index=days))  # no warning


@pytest.mark.parametrize(
    ("factor", "is_named"),
    [(0.1, True), (0.5, True), (2, True), (10, True), (0.8, False), (1.25, False)],
)
def test_a_split_is_named(prices, factor, is_named, recwarn):
    table = prices.copy()
    table.loc["2002-06-10":] *= factor
    make_windows(table)
    messages = [str(each.message) for each in recwarn]
    assert [("jumps on 2002-06-10" in each) for each in messages] == [True] * is_named


def test_what_was_said_on_loading_is_not_said_again(prices, tmp_path):
    prices.loc["2002-06-10":] *= 10
    path = tmp_path / "mine.csv"
    prices.to_csv(path)
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("default")
        make_windows(load_prices(path))
    assert len(shown) == 1


def test_months_have_full_years_and_no_holes():
    days = pd.date_range("1949-01-01", "1960-12-01", freq="MS")
    series = pd.Series(100.0 + np.arange(len(days)) % 12, index=days)
    windows = make_windows(series, lookback=12)
    assert (windows.test_year, len(windows.test_prices)) == (1960, 12)
    with pytest.warns(UserWarning, match="between 1955-02-01 and 1955-04-01"):
        make_windows(series.drop(pd.Timestamp("1955-03-01")), lookback=12)


def test_five_days_are_no_full_year(prices):
    few = prices.loc["2003"].iloc[[0, 60, 130, 200, -1]]
    table = pd.concat([prices.loc[:"2002"], few])
    with (
        pytest.warns(UserWarning, match="between 2003-"),
        pytest.warns(UserWarning, match="2002 is the last full year"),
    ):
        assert make_windows(table).test_year == 2002


def test_one_year_alone_needs_another(prices):
    with pytest.raises(ValueError, match="Fix: bring a longer series: a test year, and"):
        make_windows(prices.loc["2001-02":"2001-10"], lookback=5)


def test_the_advice_for_a_short_series_works(prices):
    table = prices.loc["2002-11":"2003-03"]
    with pytest.raises(ValueError, match=r"Fix: give test_year=2003") as refusal:
        make_windows(table, lookback=60)
    with pytest.raises(ValueError, match=r"lookback of at most \d+") as refusal:
        make_windows(table, lookback=60, test_year=2003)
    lookback = int(re.search(r"at most (\d+)", str(refusal.value))[1])
    windows = make_windows(table, lookback=lookback, test_year=2003)
    assert len(windows.X_train) == 1


@any_calendar
def test_a_price_too_far_away_is_named(prices):
    table = prices.copy()
    table.loc["2003-05-06"] = 1e300
    with pytest.raises(ValueError, match=r"2003-05-06: High is too far.*Fix: "):
        make_windows(table)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((), ()), ((3,), (3,)), ((3, 1), (3,)), ((3, 2), (3, 2)), ((2, 3, 1), (2, 3, 1))],
)
def test_the_shape_of_prices_is_kept_when_they_are_scaled_back(prices, shape, expected):
    windows = make_windows(prices)
    scaled = np.linspace(0, 1, max(1, int(np.prod(shape)))).reshape(shape)
    low, high = windows.train_prices.min(), windows.train_prices.max()
    dollars = low + (high - low) * scaled.reshape(expected)
    assert windows.inverse_scale(scaled).shape == expected
    np.testing.assert_allclose(windows.inverse_scale(scaled), dollars)


def test_without_a_test_year_a_forecast_of_it_is_refused(prices):
    windows = make_windows(prices, lookback=5, test_year=None)
    model = rnnedu.build_network("gru", lookback=5)
    for forecast in (
        lambda: rnnedu.forecast_one_step(model, windows),
        lambda: rnnedu.forecast_recursive(model, windows),
        lambda: rnnedu.persistence_forecast(windows),
        lambda: rnnedu.last_value_forecast(windows),
    ):
        with pytest.raises(ValueError, match=r"no test year.*Fix: give make_"):
            forecast()
