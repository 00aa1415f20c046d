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
    prices = pd.DataFrame({"High": [110.0, 120, 115, 130, 140, 136, 139]}, index=days)
    return rnnedu.make_windows(prices, lookback=2, test_year=2002)


def on_test_days(windows, values):
    return pd.Series(values, index=windows.test_prices.index, dtype=float)


def test_by_hand():
    truth, forecast = [1, 2, 3], [1, 4, 2]
    assert rnnedu.rmse(truth, forecast) == pytest.approx((5 / 3) ** 0.5)
    assert rnnedu.mae(truth, forecast) == 1
    # Training changes by 2, 1 and 6: three a day on the mean, two as the median.
    assert rnnedu.mase(truth, forecast, [5, 7, 6, 12]) == pytest.approx(1 / 3)
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


@pytest.mark.parametrize("size", [1e-200, 1e200, 1e307])
def test_very_small_and_very_large_errors_are_numbers(size):
    truth, forecast = np.zeros(4), np.array([3, 3, -3, 3]) * size
    for score in (rnnedu.rmse, rnnedu.mae):
        assert score(truth, forecast) == pytest.approx(3 * size)
    assert rnnedu.skill(truth, forecast, 2 * forecast) == pytest.approx(0.5)


def test_training_prices_are_one_a_day():
    with pytest.raises(ValueError, match=r"shape \(3, 1\).*Fix: "):
        rnnedu.mase([1, 2], [2, 3], [[5.0], [7], [6]])
    hidden = np.ma.array([5.0, 7, 6], mask=[0, 1, 0])
    with pytest.raises(ValueError, match="not all are numbers"):
        rnnedu.mase([1, 2], [2, 3], hidden)


def test_baselines(windows):
    assert rnnedu.persistence_forecast(windows).tolist() == [130, 140, 136]
    assert rnnedu.last_value_forecast(windows).tolist() == [130, 130, 130]
    for baseline in (rnnedu.persistence_forecast, rnnedu.last_value_forecast):
        assert baseline(windows).index.equals(windows.test_prices.index)


def test_persistence_stands_in_the_first_row(windows):
    half = on_test_days(windows, [135, 138, 137.5])  # half of each of yesterday's errors
    scores = rnnedu.score_table(windows, {"half": half, "right": windows.test_prices})
    assert list(scores.index) == ["persistence", "half", "right"]
    assert list(scores.columns) == ["RMSE", "MAE", "skill"]
    yesterday = ((100 + 16 + 9) / 3) ** 0.5
    assert scores["RMSE"].tolist() == pytest.approx([yesterday, yesterday / 2, 0])
    assert scores["MAE"].tolist() == pytest.approx([17 / 3, 17 / 6, 0])
    assert scores["skill"].tolist() == pytest.approx([0, 0.5, 1])


def test_a_recursive_forecast_is_measured_against_the_last_value(windows):
    scores = rnnedu.score_table(
        windows, {"mean": on_test_days(windows, [138] * 3)}, free_running=True
    )
    assert list(scores.index) == ["persistence", "last value held", "mean"]
    held = ((100 + 36 + 81) / 3) ** 0.5
    assert scores.loc["mean", "skill"] == pytest.approx(1 - (9 / 3) ** 0.5 / held)
    assert scores["skill"].iloc[1] == 0


def test_a_comparison_names_the_baseline_and_both_numbers(windows):
    worse = rnnedu.score_table(windows, {"X": on_test_days(windows, [120, 120, 120])})
    assert rnnedu.compare_to_baseline(worse, "X") == (
        "X loses to persistence:\nRMSE 18.41 dollars against 6.45, 2.85 times as much."
    )
    free = rnnedu.score_table(windows, {"X": windows.test_prices}, free_running=True)
    tie = rnnedu.compare_to_baseline(free, "last value held")
    assert tie.startswith("last value held equals last")
    best = rnnedu.compare_to_baseline(free, "X")
    assert best.startswith("X beats last value held:")


def test_a_comparison_shows_the_digits_that_differ():
    scores = pd.DataFrame({"RMSE": {"persistence": 1.5402, "X": 1.5401}})
    assert rnnedu.compare_to_baseline(scores, "X") == (
        "X beats persistence:\n"
        "RMSE 1.540100 dollars against 1.540200, 0.999935 times as much."
    )
    with pytest.raises(ValueError, match=r"no row 'Y'.*Fix: choose of"):
        rnnedu.compare_to_baseline(scores, "Y")


@pytest.mark.parametrize("name", ["persistence", "last value held"])
@pytest.mark.parametrize("free_running", [False, True])
def test_no_forecast_goes_by_the_name_of_a_baseline(windows, name, free_running):
    forecasts = {name: windows.test_prices}
    with pytest.raises(ValueError, match=rf"'{name}' is a baseline's name.*Fix: "):
        rnnedu.score_table(windows, forecasts, free_running=free_running)


def test_the_published_score_of_persistence(notebook_file):
    windows = rnnedu.make_windows(rnnedu.load_prices(notebook_file))
    scores = rnnedu.score_table(windows, {})
    assert round(scores["RMSE"].iloc[0], 3) == 1.539


def test_the_notebooks_scores_stand_beside_their_baselines(notebook_file):
    windows = rnnedu.make_windows(rnnedu.load_prices(notebook_file))
    yesterday, held = rnnedu.score_table(windows, {}, free_running=True)["RMSE"]
    for name, own in [("lstm", yesterday), ("gru", yesterday), ("sequence", held)]:
        line = rnnedu.notebook_score_text(name)
        assert f"for 2017 is {rnnedu.NOTEBOOK_RMSE[name]:.2f} dollars" in line
        assert line.endswith(f"is {own:.2f}.")


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
        (np.ma.array([1, 2.0], mask=[0, 1]), [1, 2], "error of day 1"),
        ([1.7e308, 1], [-1.7e308, 1], "error of day 0"),
        (pd.Series([1.0], [0]), pd.Series([1.0], [1]), "different days"),
    ],
)
def test_what_cannot_be_scored_is_refused(truth, forecast, words):
    for score in (rnnedu.rmse, rnnedu.mae):
        with pytest.raises(ValueError, match=rf"{words}.*Fix: "):
            score(truth, forecast)


@pytest.mark.parametrize("train", [[5, 5, 5], [5], [], [5, np.nan, 6]])
def test_a_series_that_never_changes_has_no_unit(train):
    with pytest.raises(ValueError, match="never change"):
        rnnedu.mase([1, 2], [1, 2], train)


def test_no_skill_where_the_baseline_makes_no_error():
    with pytest.raises(ValueError, match=r"no error.*Fix: "):
        rnnedu.skill([1, 2], [1, 3], [1, 2])


def test_a_baseline_cannot_be_replaced(windows):
    for name, free in [("persistence", False), ("last value held", True)]:
        with pytest.raises(ValueError, match=r"baseline's name.*Fix: "):
            rnnedu.score_table(windows, {name: windows.test_prices}, free_running=free)


# -- Late, or different by more than chance ------------------------------------------


def walk(days, seed=0):
    rng = np.random.default_rng(seed)
    index = pd.bdate_range("2001-01-01", periods=days)
    return pd.Series(100 + rng.normal(size=days).cumsum(), index=index)


@pytest.mark.parametrize("days", [0, 1, 4])
@pytest.mark.parametrize("bias", [0.0, -7.0])
def test_a_copy_of_an_old_price_is_late_by_its_age_whatever_its_bias(days, bias):
    prices = walk(300)
    copy = (prices.shift(days) + bias).iloc[50:]
    assert rnnedu.lateness(prices, copy) == days
    error = rnnedu.error_by_lag(prices, copy, max_lag=6)
    assert list(error.index) == list(range(7))
    assert error[days] == pytest.approx(0, abs=1e-9)
    # Two copies k days apart differ by the sum of k steps: by hand, from the same prices.
    apart = (copy - prices.shift(6)[copy.index]).to_numpy()
    assert error[6] == pytest.approx(np.sqrt(np.mean((apart - apart.mean()) ** 2)))


def test_a_mean_of_past_days_is_as_late_as_its_middle():
    prices = walk(2000)
    mean = prices.shift(1).rolling(5).mean().iloc[50:]
    assert rnnedu.lateness(prices, mean) == 3


def test_lags_need_prices_from_before_the_forecast():
    prices = walk(100)
    for forecast in (prices.iloc[5:], prices.set_axis(prices.index.shift(1000))):
        with pytest.raises(ValueError, match=r"do not reach.*Fix: "):
            rnnedu.error_by_lag(prices, forecast, max_lag=10)


def test_lags_need_dates():
    prices = walk(100)
    for pair in ((prices, prices.to_numpy()), (prices.to_frame(), prices)):
        with pytest.raises(ValueError, match=r"not two series with dates.*Fix: "):
            rnnedu.lateness(*pair)


@pytest.mark.parametrize("lags", [0, 1, 7])
def test_the_statistic_is_that_of_a_regression_on_a_constant(lags):
    """With the variance of Newey and West, as statsmodels computes it."""
    import statsmodels.api as sm

    rng = np.random.default_rng(0)
    truth = rng.normal(size=120)
    one, other = truth + rng.normal(size=120), truth + 1.3 * rng.normal(size=120)
    gain = (other - truth) ** 2 - (one - truth) ** 2
    kinds = {"cov_type": "HAC", "cov_kwds": {"maxlags": lags, "use_correction": False}}
    fit = sm.OLS(gain, np.ones(120)).fit(**kinds)
    test = rnnedu.diebold_mariano(truth, one, other, lags=lags)
    assert test.mean_gain == pytest.approx(gain.mean())
    # Harvey, Leybourne and Newbold's correction one step ahead: sqrt((n - 1) / n).
    assert test.statistic == pytest.approx(fit.tvalues[0] * np.sqrt(119 / 120))


def test_the_sign_says_which_forecast_is_more_accurate():
    truth = walk(300).to_numpy()
    rng = np.random.default_rng(1)
    good, bad = truth + 0.1 * rng.normal(size=300), truth + rng.normal(size=300)
    better = rnnedu.diebold_mariano(truth, good, baseline=bad)
    worse = rnnedu.diebold_mariano(truth, bad, baseline=good)
    assert better.statistic > 0 > worse.statistic
    assert better.statistic == pytest.approx(-worse.statistic)
    assert better.p_value == pytest.approx(worse.p_value)
    assert better.p_value < 0.01


def test_chance_alone_is_significant_in_one_test_of_twenty():
    p_values = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        truth, one, other = rng.normal(size=(3, 100))
        p_values.append(rnnedu.diebold_mariano(truth, one, other).p_value)
    assert 0.02 < np.mean(np.array(p_values) < 0.05) < 0.09
    assert 0.45 < np.mean(p_values) < 0.55


@pytest.mark.parametrize("lags", [-1, 5, 100])
def test_lags_below_zero_or_beyond_the_series_are_refused(lags):
    with pytest.raises(ValueError, match=rf"lags is {lags}.*Fix: give 0 to 4"):
        rnnedu.diebold_mariano(np.zeros(5), np.arange(5.0), np.ones(5), lags=lags)


def test_two_equal_forecasts_cannot_be_compared():
    with pytest.raises(ValueError, match=r"same on all days.*Fix: "):
        rnnedu.diebold_mariano([1, 2, 3], [2, 3, 4], [2, 3, 4])
