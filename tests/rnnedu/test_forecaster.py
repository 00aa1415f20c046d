"""A forecaster against numbers by hand, from another process, and from broken files."""

import dataclasses
import doctest
import io
import json
import math
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pandas as pd
import pytest

import rnnedu
from rnnedu import Forecaster, load_forecaster, make_windows


def table(*values, first="2001-12-28"):
    days = pd.date_range(first, periods=len(values))
    return pd.DataFrame({"High": values}, index=days, dtype=float)


PRICES = table(110, 120, 115, 130)  # scaled: 0, 0.5, 0.25, 1


def weighted_sum():
    """A network: half the first of two prices, plus the second, plus 0.25."""
    layers = [keras.layers.Flatten(), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((2, 1)), *layers])
    model.set_weights([np.array([[0.5], [1.0]]), np.array([0.25])])
    return model


@pytest.fixture
def forecaster():
    windows = make_windows(PRICES, lookback=2, test_year=None)
    return Forecaster.from_windows(weighted_sum(), windows)


@pytest.fixture
def saved(forecaster, tmp_path):
    forecaster.save(tmp_path / "mine.forecaster")
    return tmp_path / "mine.forecaster"


def test_what_it_takes_from_windows(forecaster):
    assert (forecaster.low, forecaster.high) == (110, 130)
    assert (forecaster.lookback, forecaster.column, forecaster.rows) == (2, "High", 4)
    assert forecaster.first_day == pd.Timestamp("2001-12-28")
    assert forecaster.last_day == pd.Timestamp("2001-12-31")
    with pytest.raises(dataclasses.FrozenInstanceError):
        forecaster.low = 0.0


def test_only_training_prices_count_as_trained_on():
    prices = table(*PRICES["High"], 140, 105)  # the last two days lie in 2002
    windows = make_windows(prices, lookback=2, test_year=2002)
    forecaster = Forecaster.from_windows(weighted_sum(), windows)
    assert (forecaster.high, forecaster.rows) == (130, 4)
    assert forecaster.last_day == pd.Timestamp("2001-12-31")


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        (PRICES, 137.5),  # 0.5 * 0.25 + 1 + 0.25 = 1.375, and 110 + 20 * 1.375
        (PRICES["High"], 137.5),
        (table(140, 105), 125.0),  # 0.5 * 1.5 - 0.25 + 0.25 = 0.75: outside of the range
        (table(999, 140, 105), 125.0),  # the last two rows count
        (table(110, 1110), 1115.0),  # 0.5 * 0 + 50 + 0.25 = 50.25
    ],
)
def test_the_forecast_by_hand(forecaster, prices, expected):
    assert forecaster.forecast_next(prices) == expected
    assert type(forecaster.forecast_next(prices)) is float


def test_a_recurrent_layer_by_hand():
    layers = [keras.layers.SimpleRNN(1), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((2, 1)), *layers])
    weights = [[[0.8]], [[0.5]], [0.0], [[1.5]], [0.1]]
    model.set_weights([np.array(each) for each in weights])
    windows = make_windows(PRICES, lookback=2, test_year=None)
    state = math.tanh(0.8 * 1.0 + 0.5 * math.tanh(0.8 * 0.25))
    expected = 110 + 20 * (1.5 * state + 0.1)
    forecaster = Forecaster.from_windows(model, windows)
    assert forecaster.forecast_next(PRICES) == pytest.approx(expected, rel=1e-6)


def test_it_is_the_one_step_forecast_of_the_day_after(prices):
    windows = make_windows(prices, lookback=5)
    model = rnnedu.build_network("gru", lookback=5)
    forecaster = Forecaster.from_windows(model, windows)
    for day in (0, 100):
        before = prices[prices.index < windows.test_prices.index[day]]
        expected = rnnedu.forecast_one_step(model, windows).iloc[day]
        assert forecaster.forecast_next(before) == pytest.approx(expected, rel=1e-5)


def test_new_windows_are_scaled_as_the_old_ones(forecaster):
    new = table(140, 105, 120)
    windows = make_windows(new, lookback=2, test_year=None, scaler=forecaster.scaler)
    np.testing.assert_array_equal(windows.X_train[0, :, 0], [1.5, -0.25])
    np.testing.assert_array_equal(windows.y_train, [0.5])


def test_another_process_forecasts_the_same_number(prices, tmp_path):
    windows = make_windows(prices, lookback=10)
    trained = rnnedu.train("gru", windows, epochs=1)
    forecaster = Forecaster.from_windows(trained.model, windows)
    path, file = tmp_path / "a gru.forecaster", tmp_path / "new.csv"
    forecaster.save(path)
    prices.tail(12).to_csv(file)
    code = "import sys, rnnedu; forecaster = rnnedu.load_forecaster(sys.argv[1]); "
    code += "prices = rnnedu.load_prices(sys.argv[2]); "
    code += "print(forecaster.forecast_next(prices).hex())"
    run = subprocess.run(
        [sys.executable, "-c", code, path, file], capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.strip() == forecaster.forecast_next(prices).hex()


def test_everything_comes_back(forecaster, saved):
    loaded = load_forecaster(str(saved))
    for field in dataclasses.fields(Forecaster):
        if field.name != "model":
            assert getattr(loaded, field.name) == getattr(forecaster, field.name)
    for old, new in zip(
        forecaster.model.get_weights(), loaded.model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(old, new)
    assert not loaded.model.compiled


def test_odd_prices_come_back_to_the_last_digit(tmp_path):
    windows = make_windows(table(34.1, 100 / 3, 250 / 7, 36.6), lookback=2, test_year=None)
    forecaster = Forecaster.from_windows(weighted_sum(), windows)
    forecaster.save(tmp_path / "x")
    new, loaded = table(31.7, 110 / 3), load_forecaster(tmp_path / "x")
    assert loaded.forecast_next(new) == forecaster.forecast_next(new)
    for attribute in ("scale_", "min_"):
        ours = getattr(forecaster.scaler, attribute)
        assert ours == getattr(windows.scaler, attribute)


def test_the_file_is_two_entries_without_a_pickle(saved):
    with zipfile.ZipFile(saved) as packed:
        assert packed.namelist() == ["forecaster.json", "model.keras"]
        settings = json.loads(packed.read("forecaster.json"))
        network = packed.read("model.keras")
    assert settings == {
        "version": 1,
        "keras": keras.__version__,
        "low": 110.0,
        "high": 130.0,
        "lookback": 2,
        "columns": ["High"],
        "target": "price",
        "first_day": "2001-12-28T00:00:00",
        "last_day": "2001-12-31T00:00:00",
        "rows": 4,
    }
    names = zipfile.ZipFile(io.BytesIO(network)).namelist()
    assert sorted(names) == ["config.json", "metadata.json", "model.weights.h5"]


def test_an_old_file_is_replaced_whole_or_not_at_all(forecaster, saved, monkeypatch):
    old = saved.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match=r"mine\.forecaster: .*disk full.*Fix: "):
            forecaster.save(saved)
    assert saved.read_bytes() == old
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]
    dataclasses.replace(forecaster, rows=5).save(saved)
    assert load_forecaster(saved).rows == 5


@pytest.mark.parametrize("place", ["nowhere/mine.forecaster", "."])
def test_a_place_that_cannot_be_written_is_named(forecaster, tmp_path, place):
    with pytest.raises(OSError, match=r"cannot be written.*Fix: give the name of a file"):
        forecaster.save(tmp_path / place)
    assert list(tmp_path.iterdir()) == []


# What does not fit is refused


def test_too_few_rows_are_counted(forecaster):
    with pytest.raises(ValueError, match=r"1 rows are fewer than the 2 .*Fix: "):
        forecaster.forecast_next(table(120))


def test_a_missing_column_is_named_with_those_that_are_there(forecaster):
    with pytest.raises(ValueError, match=r"no column 'High', only \['Low'\].*Fix: "):
        forecaster.forecast_next(table(120, 121).rename(columns={"High": "Low"}))


def test_prices_below_zero_are_refused_unless_they_are_allowed(forecaster):
    with pytest.raises(ValueError, match=r"High is -90\.0"):
        forecaster.forecast_next(table(110, -90))
    # 0.5 * 0 - 10 + 0.25 = -9.75
    assert forecaster.forecast_next(table(110, -90), positive=False) == -85


def network(*layers, shape=(2, 1), batch=None):
    return keras.Sequential([keras.Input(shape, batch_size=batch), *layers])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lookback": 3}, "not windows"),
        ({"low": math.nan}, "low is nan"),
        ({"low": 131.0}, "low is 131.0"),
        ({"high": "130"}, "high is '130'"),
        ({"rows": 0}, "lookback and rows"),
        ({"rows": 2.5}, "lookback and rows"),
    ],
)
def test_parts_that_do_not_fit_are_refused(forecaster, change, words):
    with pytest.raises(ValueError, match=rf"{words}.*Fix: "):
        dataclasses.replace(forecaster, **change)


@pytest.mark.parametrize(
    "build",
    [
        lambda: network(keras.layers.GRU(1), shape=(2, 4)),
        lambda: network(keras.layers.GRU(2)),
        lambda: network(keras.layers.GRU(1, return_sequences=True)),
        lambda: network(keras.layers.GRU(1, stateful=True), batch=1),
    ],
    ids=["four features", "two outputs", "an output per time step", "stateful"],
)
def test_a_network_for_something_else_is_refused(forecaster, build):
    with pytest.raises(ValueError, match=r"not windows .*Fix: .*without stateful layers"):
        dataclasses.replace(forecaster, model=build())


def test_any_length_of_windows_fits(forecaster):
    model = network(keras.layers.GRU(1), shape=(None, 1))
    assert dataclasses.replace(forecaster, model=model).lookback == 2


def test_what_is_no_network_is_refused(prices):
    windows = make_windows(prices, lookback=5)
    trained = rnnedu.train("gru", windows, epochs=1)
    with pytest.raises(TypeError, match=r"a Trained is no Keras network.*\.model"):
        Forecaster.from_windows(trained, windows)


def test_a_scaler_that_two_prices_do_not_describe_is_refused(forecaster):
    windows = make_windows(PRICES, lookback=2, test_year=None)
    windows.scaler.feature_range = (-1, 1)
    with pytest.raises(ValueError, match=r"two prices do not describe.*Fix: "):
        Forecaster.from_windows(weighted_sum(), windows)


# Files that are none


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    for path, words in [(tmp_path / "no", "no such file"), (tmp_path, "is a folder")]:
        with pytest.raises(FileNotFoundError, match=rf"{path}: .*{words}.*Fix: "):
            load_forecaster(path)


def repacked(path, **changes):
    """Write the file again with other settings; None leaves one out."""
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    settings = json.loads(parts["forecaster.json"]) | changes
    settings = {key: value for key, value in settings.items() if value is not None}
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("forecaster.json", json.dumps(settings))
        packed.writestr("model.keras", parts["model.keras"])


@pytest.mark.parametrize("data", [b"", b"PK", b"Date,High\n" * 99, bytes(range(256))])
def test_another_file_is_refused(tmp_path, data):
    (tmp_path / "other").write_bytes(data)
    with pytest.raises(ValueError, match=r"other: this is no file that Forecaster.*Fix: "):
        load_forecaster(tmp_path / "other")


def test_a_network_alone_is_refused_with_what_it_lacks(tmp_path):
    weighted_sum().save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match=r"a network alone.*Fix: .*from_windows"):
        load_forecaster(tmp_path / "m.keras")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_damaged(saved, share):
    data = saved.read_bytes()
    saved.write_bytes(data[: int(share * len(data))])
    with pytest.raises(ValueError, match=r"mine\.forecaster: the file is damaged.*Fix: "):
        load_forecaster(saved)


def test_a_changed_byte_is_never_taken_for_a_good_file(forecaster, saved, random_seed):
    data = saved.read_bytes()
    expected = forecaster.forecast_next(PRICES)
    for at in np.random.default_rng(random_seed).choice(len(data), 30, replace=False):
        broken = bytearray(data)
        broken[at] ^= 0x55
        saved.write_bytes(broken)
        try:
            assert load_forecaster(saved).forecast_next(PRICES) == expected  # a date, say
        except ValueError as error:
            assert "Fix: " in str(error) and str(saved) in str(error)


@pytest.mark.parametrize(
    "changes",
    [{"low": None}, {"low": "a"}, {"lookback": 3}, {"version": "a"}, {"first_day": "x"}],
)
def test_settings_that_are_none_are_damage(saved, changes):
    repacked(saved, **changes)
    with pytest.raises(ValueError, match=r"the file is damaged.*Fix: "):
        load_forecaster(saved)


def test_a_newer_version_is_named(saved):
    repacked(saved, version=2, something_new=1)
    with pytest.raises(ValueError, match=r"version 2, .*up to 1.*Fix: install a newer"):
        load_forecaster(saved)


def test_settings_of_a_later_minor_version_do_no_harm(saved):
    repacked(saved, something_new=1)
    assert load_forecaster(saved).forecast_next(PRICES) == 137.5


def test_a_network_with_code_of_its_own_is_refused(tmp_path):
    twice = keras.layers.Lambda(lambda x: 2 * x[:, -1])
    windows = make_windows(PRICES, lookback=2, test_year=None)
    path = tmp_path / "code.forecaster"
    Forecaster.from_windows(network(twice), windows).save(path)
    with pytest.raises(ValueError, match=r"cannot load the network.*Fix: .*register"):
        load_forecaster(path)


@pytest.mark.parametrize("method", ["from_windows", "forecast_next", "save"])
def test_the_examples_of_the_methods_run(method):
    finder = doctest.DocTestFinder(recurse=False)
    (example,) = finder.find(getattr(Forecaster, method), method, globs={})
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(example).failed == 0 < runner.tries


# -- Networks that predict changes ----------------------------------------------------

TWO = pd.DataFrame(
    {"Close": [108.0, 119, 114], "High": [110.0, 120, 116]},
    index=pd.date_range("2001-12-29", periods=3),
)


def change_network():
    """The change is half of (Close - High) of the last day, plus a tenth of its window."""
    layers = [keras.layers.Flatten(), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((2, 2)), *layers])
    weights = [[0.1], [0.0], [0.0], [0.5]]  # High and Close of each day
    model.set_weights([np.array(weights), np.array([0.25])])
    return model


def test_a_change_is_added_to_the_last_price():
    columns = ["High", "Close"]
    forecaster = Forecaster.from_changes(change_network(), TWO, 4.0, columns)
    # Window 120, 119, 116, 114: (120 - 116) / 4 = 1 and (114 - 116) / 4 = -0.5, so
    # 0.1 * 1 - 0.5 * 0.5 + 0.25 = 0.1, and 116 + 4 * 0.1.
    assert forecaster.forecast_next(TWO) == pytest.approx(116.4)
    assert (forecaster.column, forecaster.lookback, forecaster.rows) == ("High", 2, 3)
    assert forecaster.forecast_next(TWO + 50) == pytest.approx(166.4), "at any level"
    with pytest.raises(ValueError, match=r"reads changes.*Fix: use forecast_next"):
        _ = forecaster.scaler


def test_a_forecaster_of_changes_is_loaded_as_it_was_saved(tmp_path):
    kept = Forecaster.from_changes(change_network(), TWO, 4.0, ("High", "Close"))
    kept.save(tmp_path / "changes.forecaster")
    loaded = load_forecaster(tmp_path / "changes.forecaster")
    assert (loaded.columns, loaded.target) == (("High", "Close"), "change")
    assert loaded.forecast_next(TWO) == kept.forecast_next(TWO)


@pytest.mark.parametrize("usual_change", [0, -1.0, float("nan")])
def test_a_change_that_divides_nothing_is_refused(usual_change):
    with pytest.raises(ValueError, match=r"usual_change is .*Fix: "):
        Forecaster.from_changes(change_network(), TWO, usual_change, ("High", "Close"))


def test_columns_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"maps \(None, 2, 2\).*Fix: give the windows"):
        Forecaster.from_changes(change_network(), TWO, 4.0)
    with pytest.raises(ValueError, match="'Volume'"):
        Forecaster.from_changes(change_network(), TWO, 4.0, ("High", "Volume"))


def test_another_target_is_refused(forecaster):
    with pytest.raises(ValueError, match=r"target is 'ratio'\. Fix: "):
        dataclasses.replace(forecaster, target="ratio")


def test_a_network_of_changes_among_windows_of_prices_is_told(caplog):
    days = 60
    prices = table(*(100 + 10 * np.sin(np.arange(days) / 5)), first="2001-10-01")
    windows = make_windows(prices, lookback=2, test_year=None)
    model = weighted_sum()
    model.set_weights([np.array([[0.0], [1.0]]), np.array([0.0])])  # the last price
    Forecaster.from_windows(model, windows)
    assert not caplog.records
    model.set_weights([np.array([[-1.0], [1.0]]), np.array([0.0])])  # the last change
    Forecaster.from_windows(model, windows)
    assert "Does it predict changes? Then use Forecaster.from_changes." in caplog.text
