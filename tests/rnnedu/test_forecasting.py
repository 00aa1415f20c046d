"""Forecasts against networks whose outputs are known, and against model.predict."""

import keras
import numpy as np
import pytest

import rnnedu
from rnnedu import forecasting
from rnnedu.cells import Network


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
    assert forecast.index.equals(windows.test_prices.index)
    expected = np.append(windows.train_prices.iloc[-1], windows.test_prices.iloc[:-1])
    np.testing.assert_allclose(forecast, expected, rtol=1e-6)


def test_one_step_beyond_the_test_year_is_refused(windows):
    model = rnnedu.build_network("gru", *windows.X_train.shape[1:])
    days = len(windows.test_prices)
    assert len(rnnedu.forecast_recursive(model, windows, steps=days)) == days
    with pytest.raises(ValueError, match=rf"steps is {days + 1}. Fix: give 1 to {days}"):
        rnnedu.forecast_recursive(model, windows, steps=days + 1)


def test_a_network_that_adds_a_tenth_climbs_in_steps_of_a_tenth(windows):
    climb = linear(5, [0, 0, 0, 0, 1], 0.1)
    path = rnnedu.forecast_recursive(climb, windows, steps=20)
    span = windows.train_prices.max() - windows.train_prices.min()
    expected = windows.train_prices.iloc[-1] + 0.1 * span * np.arange(1, 21)
    np.testing.assert_allclose(path, expected, rtol=1e-5)
    assert path.index.equals(windows.test_prices.index[:20])


def test_the_oldest_day_leaves_the_window_first(windows):
    oldest = linear(5, [1, 0, 0, 0, 0], 0.0)
    path = rnnedu.forecast_recursive(oldest, windows, steps=12)
    last_five = windows.train_prices.iloc[-5:].to_numpy()
    np.testing.assert_allclose(path, np.tile(last_five, 3)[:12], rtol=1e-6)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_generation_equals_a_loop_of_predict(name, prices):
    windows = rnnedu.make_windows(prices)
    keras.utils.set_random_seed(1)
    model = rnnedu.build_network(name)
    window, expected = windows.X_test[:1].copy(), []
    for _ in range(25):
        price = model.predict(window, verbose=0)
        expected.append(price[0, 0])
        window = np.concatenate([window[:, 1:], price[:, None]], axis=1)
    dollars = rnnedu.forecast_recursive(model, windows, steps=25)
    span, low = windows.scaler.data_range_[0], windows.scaler.data_min_[0]
    np.testing.assert_allclose((dollars - low) / span, expected, rtol=0, atol=1e-5)


def test_both_ways_agree_on_the_first_day(windows):
    keras.utils.set_random_seed(0)
    model = rnnedu.build_network("gru", lookback=5)
    path = rnnedu.forecast_recursive(model, windows, steps=3)
    one_step = rnnedu.forecast_one_step(model, windows)
    assert path.iloc[0] == pytest.approx(one_step.iloc[0], rel=1e-6)


def test_another_first_window_may_be_given(windows):
    oldest = linear(5, [1, 0, 0, 0, 0], 0.0)
    path = rnnedu.forecast_recursive(
        oldest, windows, steps=5, start_windows=windows.X_train[-1:]
    )
    assert path.shape == (1, 5)
    np.testing.assert_allclose(path[0], windows.train_prices.iloc[-6:-1], rtol=1e-6)


def test_new_weights_are_seen_by_the_compiled_loop(windows):
    model = linear(5, [0, 0, 0, 0, 1], 0.0)
    flat = rnnedu.forecast_recursive(model, windows, steps=2)
    model.set_weights([model.get_weights()[0], np.array([0.5])])
    assert rnnedu.forecast_recursive(model, windows, steps=2).iloc[0] > flat.iloc[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"steps": -1}, "steps is -1"),
        ({"steps": 0}, "steps is 0"),
        ({"steps": 10_000}, "steps is 10000"),
        ({"start_windows": np.zeros((1, 4, 1))}, r"shape \(1, 4, 1\)"),
        ({"start_windows": np.zeros(5)}, r"shape \(5,\)"),
        ({"start_windows": np.zeros((0, 5, 1))}, r"shape \(0, 5, 1\)"),
        ({"start_windows": np.zeros((2, 5, 1)), "steps": 0}, "steps is 0"),
    ],
)
def test_what_cannot_be_generated_is_refused(windows, arguments, words):
    with pytest.raises(ValueError, match=rf"{words}.*Fix: "):
        rnnedu.forecast_recursive(linear(5, [0] * 5, 0.0), windows, **arguments)


# -- Many starts, and networks in NumPy -----------------------------------------------


def small_gru(lookback=5, seed=0):
    keras.utils.set_random_seed(seed)
    stack = [keras.Input((lookback, 1)), keras.layers.GRU(6), keras.layers.Dense(1)]
    return keras.Sequential(stack)


def test_many_starts_run_as_each_would_alone(windows):
    model, starts = small_gru(), windows.X_test[[0, 7, 30]]
    together = rnnedu.forecast_recursive(model, windows, steps=9, start_windows=starts)
    assert together.shape == (3, 9)
    for path, start in zip(together, starts, strict=True):
        alone = rnnedu.forecast_recursive(
            model, windows, steps=9, start_windows=start[None]
        )
        np.testing.assert_allclose(path, alone[0], rtol=1e-6)
    dated = rnnedu.forecast_recursive(model, windows, steps=9)
    np.testing.assert_allclose(together[0], dated, rtol=1e-6)


def test_from_start_windows_one_may_go_beyond_the_test_year(windows):
    steps = len(windows.test_prices) + 10
    path = rnnedu.forecast_recursive(
        linear(5, [0, 0, 0, 0, 1], 0.0),
        windows,
        steps=steps,
        start_windows=windows.X_test[:1],
    )
    np.testing.assert_allclose(path[0], windows.train_prices.iloc[-1], rtol=1e-5)


def test_a_network_in_numpy_forecasts_as_in_keras(windows):
    model = small_gru()
    network = Network.from_keras(model)
    for forecast in (rnnedu.forecast_one_step, rnnedu.forecast_recursive):
        ours, keras_s = forecast(network, windows), forecast(model, windows)
        np.testing.assert_allclose(ours, keras_s, rtol=1e-5)
        assert ours.index.equals(keras_s.index)


# -- The map from one window to the next ---------------------------------------------


def test_the_jacobian_is_that_of_finite_differences():
    model = small_gru()
    network, window = Network.from_keras(model), np.linspace(0.2, 0.9, 5)[:, None]
    jacobian = forecasting.window_map_jacobian(model, window)

    def following(window):
        return np.append(window[1:, 0], network(window[None])[0, 0])

    for k in range(5):
        ends = []
        for shift in (1e-6, -1e-6):
            moved = window.copy()
            moved[k] += shift
            ends.append(following(moved))
        numeric = (ends[0] - ends[1]) / 2e-6
        np.testing.assert_allclose(jacobian[:, k], numeric, rtol=0, atol=1e-8)


def test_the_spectral_radius_is_the_largest_absolute_eigenvalue():
    rotation = np.array([[0.0, -3.0], [3.0, 0.0]])  # eigenvalues 3i and -3i
    assert forecasting.spectral_radius(rotation) == pytest.approx(3)
    assert forecasting.spectral_radius(np.diag([0.5, -2.0])) == pytest.approx(2)


def test_fixed_points_are_where_a_constant_window_is_predicted_again():
    # An untrained GRU with zero weights has h = 0, so that it predicts its last bias.
    model = small_gru()
    model.set_weights([*(0 * w for w in model.get_weights()[:-1]), np.array([0.6])])
    table = forecasting.fixed_points(model)
    assert table["level"].tolist() == pytest.approx([0.6], abs=1e-7)
    assert table["spectral_radius"].tolist() == pytest.approx([0.0], abs=1e-9)
    assert forecasting.fixed_points(model, high=0.5).empty


def test_a_trained_free_run_ends_at_a_fixed_point_at_the_speed_of_its_radius(windows):
    model = small_gru(seed=1)
    model.compile("adam", "mse")
    model.fit(windows.X_train, windows.y_train, epochs=3, verbose=0)
    network = Network.from_keras(model)
    table = forecasting.fixed_points(model)
    stable = table[table["spectral_radius"] < 1]
    assert len(stable)
    level, radius = stable.iloc[0]
    np.testing.assert_allclose(network(np.full((1, 5, 1), level))[0, 0], level, atol=1e-9)
    start = np.full((1, 5, 1), level + 1e-2)
    path = rnnedu.forecast_recursive(network, windows, steps=25, start_windows=start)
    off = np.abs(path[0] - windows.inverse_scale([level])[0])
    windowed = np.array([off[k : k + 5].max() for k in range(20)])  # of whole windows
    assert (windowed[18] / windowed[6]) ** (1 / 12) == pytest.approx(radius, rel=0.05)


def test_a_network_that_does_not_say_how_much_it_reads_is_asked():
    with pytest.raises(ValueError, match=r"lookback is not known.*Fix: "):
        forecasting.fixed_points(Network.from_keras(small_gru()))


def test_many_networks_and_lengths_are_compiled_without_a_word(windows, caplog):
    for seed in range(3):
        model = small_gru(seed=seed)
        for steps in (2, 3):
            rnnedu.forecast_recursive(model, windows, steps=steps)
    assert "retracing" not in caplog.text


def test_windows_of_another_length_are_refused(windows):
    with pytest.raises(ValueError, match=r"windows of 7 time steps.*these have 5.*Fix: "):
        rnnedu.forecast_one_step(small_gru(lookback=7), windows)
    with pytest.raises(ValueError, match=r"lookback is 9. Fix: leave it out, or give 5"):
        forecasting.fixed_points(small_gru(), lookback=9)


def test_what_training_returned_is_no_network(windows):
    trained = rnnedu.Trained("gru", 0, small_gru(), {}, from_cache=False)
    for forecast in (rnnedu.forecast_one_step, rnnedu.forecast_recursive):
        with pytest.raises(TypeError, match=r"Trained is no network.*Fix: .*\.model"):
            forecast(trained, windows)
    with pytest.raises(TypeError, match=r"Trained is no network"):
        forecasting.fixed_points(trained)
