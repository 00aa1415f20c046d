"""Windows against an example made by hand, and what must hold for every series."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnedu import last_full_year, load_ibm, load_prices, make_windows


def series(*parts):
    """Prices on consecutive days, each part from a first day on."""
    days, values = [], []
    for first, numbers in parts:
        days.extend(pd.date_range(first, periods=len(numbers)))
        values.extend(numbers)
    return pd.DataFrame({"High": values}, index=pd.DatetimeIndex(days), dtype=float)


def test_windows_by_hand():
    prices = series(("2001-12-28", [10, 20, 15, 30]), ("2002-01-01", [40, 5]))
    windows = make_windows(prices, lookback=2, test_year=2002)
    # Scaled on the training years alone: (price - 10) / (30 - 10).
    np.testing.assert_allclose(windows.X_train[:, :, 0], [[0, 0.5], [0.5, 0.25]])
    np.testing.assert_allclose(windows.y_train, [0.25, 1])
    np.testing.assert_allclose(windows.X_test[:, :, 0], [[0.25, 1], [1, 1.5]])
    np.testing.assert_allclose(windows.y_test, [1.5, -0.25])
    assert windows.train_prices.tolist() == [10, 20, 15, 30]
    assert windows.test_prices.tolist() == [40, 5]
    assert windows.test_year == 2002
    assert windows.X_train.shape == (2, 2, 1)
    assert windows.X_train.dtype == windows.y_test.dtype == np.float32


prices_of_two_years = st.tuples(
    st.lists(st.floats(0.5, 5e4), min_size=9, max_size=80),
    st.lists(st.floats(0.5, 5e4), min_size=1, max_size=40),
    st.integers(1, 8),
)


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
        (lambda p: pd.concat([p, p.iloc[-1:]]), "not in order"),
        (lambda p: p.reset_index(drop=True), "rows are not days"),
        (lambda p: p.tz_localize("UTC"), "rows are not days"),
        (lambda p: p.iloc[:0], "rows are not days"),
    ],
    ids=["newest first", "a day twice", "numbered rows", "a time zone", "empty"],
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
