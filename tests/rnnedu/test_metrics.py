"""Scores against numbers by hand, scikit-learn's, and published ones."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

import rnnedu


@pytest.fixture
def windows():
    days = pd.date_range("2001-12-28", periods=7)
    prices = pd.DataFrame({"High": [10.0, 20, 15, 30, 40, 36, 39]}, index=days)
    return rnnedu.make_windows(prices, lookback=2, test_year=2002)


def on_test_days(windows, values):
    return pd.Series(values, index=windows.test.index, dtype=float)


def test_by_hand():
    truth, forecast = [1, 2, 3], [1, 4, 2]
    assert rnnedu.rmse(truth, forecast) == pytest.approx((5 / 3) ** 0.5)
    assert rnnedu.mae(truth, forecast) == 1
    # Training changes by 2, 1 and 3: two a day.
    assert rnnedu.mase(truth, forecast, [5, 7, 6, 9]) == 0.5
    assert rnnedu.skill(truth, forecast, [2, 3, 4]) == pytest.approx(1 - (5 / 3) ** 0.5)


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=50)
)
def test_equal_to_scikit_learn(pairs):
    truth, forecast = np.array(pairs).T
    assert rnnedu.rmse(truth, forecast) == pytest.approx(
        root_mean_squared_error(truth, forecast)
    )
    assert rnnedu.mae(truth, forecast) == pytest.approx(
        mean_absolute_error(truth, forecast)
    )


def test_baselines(windows):
    assert rnnedu.yesterdays_price(windows).tolist() == [30, 40, 36]
    assert rnnedu.last_training_price(windows).tolist() == [30, 30, 30]
    for baseline in (rnnedu.yesterdays_price, rnnedu.last_training_price):
        assert baseline(windows).index.equals(windows.test.index)


def test_yesterdays_price_stands_in_the_first_row(windows):
    half = on_test_days(windows, [35, 38, 37.5])  # half of each of yesterday's errors
    scores = rnnedu.score_table(windows, {"half": half, "right": windows.test})
    assert list(scores.index) == ["yesterday's price", "half", "right"]
    assert list(scores.columns) == ["RMSE", "MAE", "skill"]
    yesterday = ((100 + 16 + 9) / 3) ** 0.5
    assert scores["RMSE"].tolist() == pytest.approx([yesterday, yesterday / 2, 0])
    assert scores["MAE"].tolist() == pytest.approx([17 / 3, 17 / 6, 0])
    assert scores["skill"].tolist() == pytest.approx([0, 0.5, 1])


def test_a_free_run_is_measured_against_the_price_held(windows):
    scores = rnnedu.score_table(
        windows, {"mean": on_test_days(windows, [38] * 3)}, free_running=True
    )
    assert list(scores.index) == ["yesterday's price", "last training price, held", "mean"]
    held = ((100 + 36 + 81) / 3) ** 0.5
    assert scores.loc["mean", "skill"] == pytest.approx(1 - (9 / 3) ** 0.5 / held)
    assert scores["skill"].iloc[1] == 0


def test_a_verdict_names_the_baseline_and_both_numbers(windows):
    worse = rnnedu.score_table(windows, {"X": on_test_days(windows, [20, 20, 20])})
    assert rnnedu.verdict(worse, "X") == (
        "X loses to yesterday's price:\n"
        "RMSE 18.41 dollars against 6.45, 2.85 times as much."
    )
    free = rnnedu.score_table(windows, {"X": windows.test}, free_running=True)
    tie = rnnedu.verdict(free, "last training price, held")
    assert tie.startswith("last training price, held equals last")
    assert rnnedu.verdict(free, "X").startswith("X beats last training price, held:")


def test_the_published_score_of_yesterdays_price(notebook_file):
    windows = rnnedu.make_windows(rnnedu.load_prices(notebook_file))
    scores = rnnedu.score_table(windows, {})
    assert round(scores["RMSE"].iloc[0], 3) == 1.539


def test_the_notebooks_scores_stand_beside_their_baselines(notebook_file):
    windows = rnnedu.make_windows(rnnedu.load_prices(notebook_file))
    yesterday, held = rnnedu.score_table(windows, {}, free_running=True)["RMSE"]
    for name, own in [("lstm", yesterday), ("gru", yesterday), ("sequence", held)]:
        line = rnnedu.notebook_line(name)
        assert f"reported {rnnedu.NOTEBOOK_RMSE[name]:.2f} for 2017" in line
        assert line.endswith(f"scores {own:.2f}.")


def test_what_the_notebook_printed():
    printed = {"lstm": 5.17, "gru": 3.32, "sequence": 10.89}
    assert {k: round(v, 2) for k, v in rnnedu.NOTEBOOK_RMSE.items()} == printed


@pytest.mark.parametrize(
    ("truth", "forecast", "words"),
    [
        ([1, 2], [1], "shape"),
        ([], [], "shape"),
        ([[1]], [[1]], "shape"),
        ([1, 2, 3], [1, np.nan, 3], "error of day 1"),
        ([1, np.inf], [1, 2], "error of day 1"),
        (pd.Series([1.0], [0]), pd.Series([1.0], [1]), "different days"),
    ],
)
def test_what_cannot_be_scored_is_refused(truth, forecast, words):
    for score in (rnnedu.rmse, rnnedu.mae):
        with pytest.raises(ValueError, match=rf"{words}.*Mend: "):
            score(truth, forecast)


@pytest.mark.parametrize("train", [[5, 5, 5], [5], [], [5, np.nan, 6]])
def test_a_series_that_never_changes_has_no_unit(train):
    with pytest.raises(ValueError, match="never change"):
        rnnedu.mase([1, 2], [1, 2], train)


def test_no_skill_where_the_baseline_makes_no_error():
    with pytest.raises(ValueError, match=r"no error.*Mend: "):
        rnnedu.skill([1, 2], [1, 3], [1, 2])


def test_a_baseline_cannot_be_replaced(windows):
    for name, free in [("yesterday's price", False), ("last training price, held", True)]:
        with pytest.raises(ValueError, match=r"baseline's name.*Mend: "):
            rnnedu.score_table(windows, {name: windows.test}, free_running=free)
