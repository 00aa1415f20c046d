"""Training repeats, is kept by all that determines it, and mends what is damaged."""

import dataclasses
import inspect
import io
import json
import logging
import sys

import keras
import numpy as np
import pytest

import rnnedu
from rnnedu import models, training

TINY = models.Recipe(
    lambda lookback, features: keras.Sequential(
        [keras.Input((lookback, features)), keras.layers.LSTM(3), keras.layers.Dense(1)]
    ),
    lambda: keras.optimizers.SGD(0.1, momentum=0.9),
    batch_size=64,
    epochs=2,
)


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setitem(models.RECIPES, "tiny", TINY)


@pytest.fixture
def windows(prices):
    return rnnedu.make_windows(prices, lookback=5)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache" / "weights"


def entries(cache):
    return sorted(path for path in cache.iterdir() if path.is_dir())


def same(one, two):
    return all(
        np.array_equal(a, b)
        for a, b in zip(one.model.get_weights(), two.model.get_weights(), strict=True)
    )


def test_training_lowers_the_loss_and_keeps_its_history(windows):
    trained = rnnedu.train("tiny", windows, epochs=5)
    assert list(trained.history) == ["loss"]
    assert len(trained.history["loss"]) == 5
    assert trained.history["loss"][-1] < trained.history["loss"][0]
    assert (trained.name, trained.seed, trained.from_cache) == ("tiny", 0, False)
    # The last reported loss is the mean over the last epoch; the trained network's own
    # error is of the same size.
    error = trained.model.predict(windows.X_train, verbose=0)[:, 0] - windows.y_train
    assert np.mean(error**2) == pytest.approx(trained.history["loss"][-1], rel=0.5)


def test_the_same_seed_repeats_bit_for_bit(windows, monkeypatch, tmp_path):
    first = rnnedu.train("tiny", windows, seed=3)
    monkeypatch.setenv("RNNEDU_CACHE_DIR", str(tmp_path / "another"))
    again = rnnedu.train("tiny", windows, seed=3)
    assert not again.from_cache
    assert same(first, again)
    assert first.history == again.history
    assert not same(first, rnnedu.train("tiny", windows, seed=4))


def test_a_second_training_is_read(windows, cache):
    first = rnnedu.train("tiny", windows)
    second = rnnedu.train("tiny", windows)
    assert second.from_cache
    assert same(first, second)
    assert first.history == second.history
    assert len(entries(cache)) == 1


def test_an_entry_holds_weights_and_text_and_nothing_to_unpickle(windows, cache):
    rnnedu.train("tiny", windows)
    (entry,) = entries(cache)
    weights, record = sorted(entry.iterdir())
    assert (weights.name, record.name) == ("model.weights.h5", "record.json")
    assert weights.read_bytes().startswith(b"\x89HDF")
    assert json.loads(record.read_text())["determinants"]["seed"] == 0


def test_whatever_determines_the_weights_makes_another_entry(
    windows, prices, cache, monkeypatch
):
    rnnedu.train("tiny", windows)
    other_data = rnnedu.make_windows(prices**1.1, lookback=5)
    rnnedu.train("tiny", windows, seed=1)
    rnnedu.train("tiny", windows, epochs=1)
    rnnedu.train("tiny", other_data)
    rnnedu.train("tiny", rnnedu.make_windows(prices, lookback=6))
    monkeypatch.setitem(models.RECIPES, "small", TINY)
    rnnedu.train("small", windows)
    for change in ({"batch_size": 32}, {"optimizer": lambda: keras.optimizers.SGD(0.2)}):
        monkeypatch.setitem(models.RECIPES, "tiny", dataclasses.replace(TINY, **change))
        assert not rnnedu.train("tiny", windows).from_cache
    monkeypatch.setitem(models.RECIPES, "tiny", TINY)
    assert rnnedu.train("tiny", windows).from_cache
    for module in (rnnedu, training.keras, training.tensorflow):
        monkeypatch.setattr(module, "__version__", "0")
        assert not rnnedu.train("tiny", windows).from_cache
    source = inspect.getsource
    monkeypatch.setattr(inspect, "getsource", lambda module: source(module) + "\n")
    assert not rnnedu.train("tiny", windows).from_cache
    assert len(entries(cache)) == 12


def test_a_seed_may_be_a_numpy_number(windows):
    rnnedu.train("tiny", windows, seed=np.int64(3))
    assert rnnedu.train("tiny", windows, seed=3).from_cache


def damage_weights(entry):
    path = entry / "model.weights.h5"
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_byte(entry):
    path = entry / "model.weights.h5"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def empty_the_record(entry):
    (entry / "record.json").write_text("")


def lose_the_record(entry):
    (entry / "record.json").unlink()


def lose_the_weights(entry):
    (entry / "model.weights.h5").unlink()


@pytest.mark.parametrize(
    "damage",
    [damage_weights, flip_a_byte, empty_the_record, lose_the_record, lose_the_weights],
)
def test_a_damaged_entry_is_trained_again_with_a_warning(windows, cache, damage, caplog):
    first = rnnedu.train("tiny", windows)
    (entry,) = entries(cache)
    damage(entry)
    with caplog.at_level(logging.WARNING):
        mended = rnnedu.train("tiny", windows)
    assert not mended.from_cache
    assert "is damaged" in caplog.text
    assert same(first, mended)
    assert rnnedu.train("tiny", windows).from_cache


def test_an_interrupted_training_leaves_nothing_behind(windows, cache, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "save_weights", stop)
        with pytest.raises(KeyboardInterrupt):
            rnnedu.train("tiny", windows)
    assert entries(cache) == []
    assert not rnnedu.train("tiny", windows).from_cache


def test_a_cache_that_cannot_be_written_is_found_out_before_training(
    windows, tmp_path, monkeypatch
):
    (tmp_path / "a file").write_text("no folder")
    monkeypatch.setenv("RNNEDU_CACHE_DIR", str(tmp_path / "a file"))
    monkeypatch.setattr(keras.Model, "fit", lambda *_, **__: pytest.fail("was trained"))
    with pytest.raises(OSError, match=r"a file.*RNNEDU_CACHE_DIR"):
        rnnedu.train("tiny", windows)


def test_training_can_be_continued_from_what_was_read(windows):
    first = rnnedu.train("tiny", windows)
    second = rnnedu.train("tiny", windows)
    assert second.from_cache
    for trained in (first, second):
        trained.model.fit(
            windows.X_train, windows.y_train, verbose=0, shuffle=False, batch_size=512
        )
    assert same(first, second)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_person_at_a_terminal_sees_a_bar_with_the_time_left(windows, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    rnnedu.train("tiny", windows, epochs=3)
    assert "tiny, seed 0" in terminal.getvalue()
    assert "3/3" in terminal.getvalue()
    assert "<" in terminal.getvalue()  # elapsed<remaining


def test_a_page_sees_nothing(windows, capfd):
    rnnedu.train("tiny", windows)
    out, err = capfd.readouterr()
    assert out == ""
    assert "epoch" not in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"name": "ltsm"}, "'ltsm'"), ({"name": "tiny", "epochs": 0}, "epochs is 0")],
)
def test_what_cannot_be_trained_is_refused(windows, arguments, words):
    with pytest.raises(ValueError, match=rf"{words}.*Mend: "):
        rnnedu.train(windows=windows, **arguments)
