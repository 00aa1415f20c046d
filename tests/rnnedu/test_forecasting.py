"""Forecasts against a network whose answers are known, and against model.predict."""

import keras
import numpy as np
import pytest

import rnnedu


@pytest.fixture
def windows(prices):
    return rnnedu.make_windows(prices, lookback=5)


def linear(lookback, weights, bias):
    """A network without a secret: the weighted sum of its window, plus a bias."""
    model = keras.Sequential(
        [keras.Input((lookback, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    model.set_weights([np.reshape(weights, (lookback, 1)), np.array([bias])])
    return model


def test_one_step_forecasts_are_in_dollars_on_the_test_days(windows):
    yesterday = linear(5, [0, 0, 0, 0, 1], 0.0)
    forecast = rnnedu.forecast_one_step(yesterday, windows)
    assert forecast.index.equals(windows.test.index)
    expected = np.append(windows.train.iloc[-1], windows.test.iloc[:-1])
    np.testing.assert_allclose(forecast, expected, rtol=1e-6)


def test_a_network_that_adds_a_tenth_climbs_in_steps_of_a_tenth(windows):
    climb = linear(5, [0, 0, 0, 0, 1], 0.1)
    path = rnnedu.generate(climb, windows, steps=20)
    span = windows.train.max() - windows.train.min()
    expected = windows.train.iloc[-1] + 0.1 * span * np.arange(1, 21)
    np.testing.assert_allclose(path, expected, rtol=1e-5)
    assert path.index.equals(windows.test.index[:20])


def test_the_oldest_day_leaves_the_window_first(windows):
    oldest = linear(5, [1, 0, 0, 0, 0], 0.0)
    path = rnnedu.generate(oldest, windows, steps=12)
    last_five = windows.train.iloc[-5:].to_numpy()
    np.testing.assert_allclose(path, np.tile(last_five, 3)[:12], rtol=1e-6)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_generation_equals_a_loop_of_predict(name, prices):
    windows = rnnedu.make_windows(prices)
    keras.utils.set_random_seed(1)
    model = rnnedu.build(name)
    window, expected = windows.X_test[:1].copy(), []
    for _ in range(25):
        price = model.predict(window, verbose=0)
        expected.append(price[0, 0])
        window = np.concatenate([window[:, 1:], price[:, None]], axis=1)
    dollars = rnnedu.generate(model, windows, steps=25)
    span, low = windows.scaler.data_range_[0], windows.scaler.data_min_[0]
    np.testing.assert_allclose((dollars - low) / span, expected, rtol=0, atol=1e-5)


def test_both_ways_agree_on_the_first_day(windows):
    keras.utils.set_random_seed(0)
    model = rnnedu.build("gru", lookback=5)
    path = rnnedu.generate(model, windows, steps=3)
    one_step = rnnedu.forecast_one_step(model, windows)
    assert path.iloc[0] == pytest.approx(one_step.iloc[0], rel=1e-6)


def test_another_first_window_may_be_given(windows):
    oldest = linear(5, [1, 0, 0, 0, 0], 0.0)
    path = rnnedu.generate(oldest, windows, steps=5, first_window=windows.X_train[-1:])
    np.testing.assert_allclose(path, windows.train.iloc[-6:-1], rtol=1e-6)


def test_new_weights_are_seen_by_the_compiled_loop(windows):
    model = linear(5, [0, 0, 0, 0, 1], 0.0)
    flat = rnnedu.generate(model, windows, steps=2)
    model.set_weights([model.get_weights()[0], np.array([0.5])])
    assert rnnedu.generate(model, windows, steps=2).iloc[0] > flat.iloc[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"steps": -1}, "steps is -1"),
        ({"steps": 0}, "steps is 0"),
        ({"steps": 10_000}, "steps is 10000"),
        ({"first_window": np.zeros((1, 4, 1))}, r"shape \(1, 4, 1\)"),
        ({"first_window": np.zeros(5)}, r"shape \(5,\)"),
    ],
)
def test_what_cannot_be_generated_is_refused(windows, arguments, words):
    with pytest.raises(ValueError, match=rf"{words}.*Mend: "):
        rnnedu.generate(linear(5, [0] * 5, 0.0), windows, **arguments)
