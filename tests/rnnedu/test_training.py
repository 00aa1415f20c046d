"""Training repeats, is kept by all that determines it, and repairs what is damaged."""

import dataclasses
import inspect
import io
import json
import logging
import os
import random
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnedu
from rnnedu import _custom_gradients, _weights_cache, keras_speedups, models, training

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
    return sorted(cache.glob("*.npz"))


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


def test_an_entry_holds_arrays_and_text_and_nothing_to_unpickle(windows, cache):
    trained = rnnedu.train("tiny", windows)
    (entry,) = entries(cache)
    with np.load(entry, allow_pickle=False) as arrays:
        record = json.loads(arrays["record"].tobytes())
        assert record["key"]["seed"] == 0
        for n, variable in enumerate(trained.model.variables):
            np.testing.assert_array_equal(arrays[f"network_{n}"], variable)
    left = [path for path in cache.iterdir() if path.suffix not in (".npz", ".lock")]
    assert left == []


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
    for module in (_weights_cache.keras, _weights_cache.tensorflow):
        monkeypatch.setattr(module, "__version__", "0")
        assert not rnnedu.train("tiny", windows).from_cache
    assert len(entries(cache)) == 10


def edited(monkeypatch, change):
    """Let the code that trains be another one, as far as the cache can see."""
    source = inspect.getsource
    monkeypatch.setattr(inspect, "getsource", lambda each: change(source(each)))


def test_the_code_that_trains_counts_and_its_wording_does_not(windows, monkeypatch):
    code = keras_speedups, _custom_gradients, training.train
    assert _weights_cache.code_digests(*code) == training.CODE
    with monkeypatch.context() as patch:
        edited(patch, lambda source: source.replace('"""', "'''") + "# so\n")
        assert _weights_cache.code_digests(*code) == training.CODE
    with monkeypatch.context() as patch:
        edited(patch, lambda source: source.replace("verbose=0", "verbose=2"))
        other = _weights_cache.code_digests(*code)
        assert other != training.CODE
    rnnedu.train("tiny", windows)
    with monkeypatch.context() as patch:
        edited(patch, lambda source: source.replace("verbose=0", "verbose=2"))
        assert rnnedu.train("tiny", windows).from_cache, "this process runs the old code"
    monkeypatch.setattr(training, "CODE", other)
    assert not rnnedu.train("tiny", windows).from_cache


def test_code_without_words_keeps_every_statement():
    source = '''
def area(r):
    """Return the area."""  # of a circle
    factor = 3.14

    return factor*r ** 2

class Empty:
    """Only words."""
'''
    plain = _weights_cache.code_without_words(source)
    names = {}
    exec(plain, names)
    assert names["area"](2) == 3.14 * 4
    assert "Return" not in plain and "#" not in plain
    other = _weights_cache.code_without_words(source.replace("3.14", "3.15"))
    assert other != plain


class Doubling(keras.layers.Layer):
    def call(self, x):
        return 2 * x


def test_the_code_of_a_layer_of_ones_own_counts(windows, monkeypatch):
    def network(lookback, features):
        stack = [keras.Input((lookback, features)), Doubling(), keras.layers.LSTM(2)]
        return keras.Sequential([*stack, keras.layers.Dense(1)])

    recipe = dataclasses.replace(TINY, network=network)
    rnnedu.train(recipe, windows)
    assert rnnedu.train(recipe, windows).from_cache
    edited(monkeypatch, lambda source: source.replace("return 2 * x", "return 3 * x"))
    assert not rnnedu.train(recipe, windows).from_cache


def test_a_recipe_of_ones_own_is_trained_as_one_of_the_table(windows):
    named, own = rnnedu.train("tiny", windows), rnnedu.train(TINY, windows)
    assert same(named, own)
    assert own.name == "lambda"  # `TINY` is built by one
    assert rnnedu.train(TINY, windows).from_cache
    longer = rnnedu.train(dataclasses.replace(TINY, loss="mean_absolute_error"), windows)
    assert not same(own, longer)


def test_an_ensemble_predicts_the_mean_of_its_members(windows, monkeypatch):
    monkeypatch.setitem(models.RECIPES, "other", dataclasses.replace(TINY, batch_size=32))
    monkeypatch.setitem(models.RECIPES, "both", models.Ensemble(("tiny", "other")))
    both = rnnedu.train("both", windows, seed=2)
    alone = [rnnedu.train(name, windows, seed=2) for name in ("tiny", "other")]
    predictions = [each.model.predict(windows.X_test, verbose=0) for each in alone]
    np.testing.assert_allclose(
        both.model.predict(windows.X_test, verbose=0),
        np.mean(predictions, axis=0),
        atol=1e-6,
    )
    losses = [each.history["loss"] for each in alone]
    assert both.history["loss"] == pytest.approx(np.mean(losses, axis=0))
    assert all(each.from_cache for each in alone)
    with pytest.raises(ValueError, match=r"'both' is an average.*Fix: "):
        models.build_network("both")


def test_a_seed_may_be_a_numpy_number(windows):
    rnnedu.train("tiny", windows, seed=np.int64(3))
    assert rnnedu.train("tiny", windows, seed=3).from_cache


def cut(entry, **_):
    entry.write_bytes(entry.read_bytes()[:-100])


def flip_a_byte(entry, **_):
    data = bytearray(entry.read_bytes())
    data[len(data) // 3] ^= 1
    entry.write_bytes(data)


def empty(entry, **_):
    entry.write_bytes(b"")


def other_text(entry, **_):
    entry.write_text("weights")


def dangling_link(entry, **_):
    entry.unlink()
    entry.symlink_to(entry.with_name("gone"))


def forbidden(entry, monkeypatch, **_):
    """Reading fails for a reason that is no damage, such as too many open files."""

    def load(*args, **options):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(np, "load", load)


def rewritten(change):
    """Return a damage that changes the arrays of an entry, and nothing else."""

    def damage(entry, **_):
        with np.load(entry) as old:
            arrays = dict(old)
        np.savez(entry, **change(arrays))

    return damage


def with_record(**changes):
    def change(arrays):
        record = json.loads(arrays["record"].tobytes()) | changes
        text = json.dumps(record).encode()
        return arrays | {"record": np.frombuffer(text, np.uint8)}

    return rewritten(change)


def bomb(entry, **_):
    """A file of 200 KB that unpacks to 200 MB."""
    with zipfile.ZipFile(entry, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("network_0.npy", bytes(200_000_000))


def pickled(arrays):
    objects = np.empty(arrays["network_0"].shape, object)
    return arrays | {"network_0": objects}


DAMAGES = {
    "cut": cut,
    "a byte": flip_a_byte,
    "empty": empty,
    "other text": other_text,
    "a dangling link": dangling_link,
    "cannot be read": forbidden,
    "a bomb": bomb,
    "pickled": rewritten(pickled),
    "no record": rewritten(lambda a: {k: v for k, v in a.items() if k != "record"}),
    "no weights": rewritten(lambda a: {k: v for k, v in a.items() if k != "network_0"}),
    "an array more": rewritten(lambda a: a | {"network_99": a["network_0"]}),
    "another shape": rewritten(lambda a: a | {"network_0": a["network_0"].T}),
    "larger": rewritten(lambda a: a | {"network_0": np.ones((999, 999), "float32")}),
    "another type": rewritten(lambda a: a | {"network_0": a["network_0"].view("int32")}),
    "no numbers": rewritten(lambda a: a | {"network_0": a["network_0"] * np.nan}),
    "infinite": rewritten(lambda a: a | {"network_0": a["network_0"] + np.inf}),
    "a record without a key": with_record(key=None),
    "a record of another seed": with_record(key={"seed": 1}),
    "no history": with_record(history={}),
    "a short history": with_record(history={"loss": [0.1]}),
    "a history of words": with_record(history={"loss": ["low", "lower"]}),
    "a history that is none": with_record(history=3),
    "a record that is no JSON": rewritten(lambda a: a | {"record": np.array([123])}),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_an_entry_that_cannot_be_used_is_trained_again_with_a_warning(
    windows, cache, damage, caplog, monkeypatch
):
    first = rnnedu.train("tiny", windows)
    (entry,) = entries(cache)
    with monkeypatch.context() as patch:
        damage(entry, monkeypatch=patch)
        before = entry.read_bytes() if entry.exists() else None
        with caplog.at_level(logging.WARNING):
            repaired = rnnedu.train("tiny", windows)
    assert not repaired.from_cache
    assert f"{entry} cannot be used" in caplog.text
    assert same(first, repaired)
    again = rnnedu.train("tiny", windows)
    assert again.from_cache
    assert same(first, again)
    if damage is forbidden:
        assert entry.stat().st_size == len(before), "what is good stays good"


def test_an_array_that_is_too_large_is_not_even_read(windows, cache, caplog, monkeypatch):
    rnnedu.train("tiny", windows)
    (entry,) = entries(cache)
    DAMAGES["larger"](entry)
    monkeypatch.setattr(np, "load", lambda *_, **__: pytest.fail("was read"))
    with caplog.at_level(logging.WARNING):
        assert not rnnedu.train("tiny", windows).from_cache
    assert "network_0.npy is larger than it can be" in caplog.text


@pytest.fixture(scope="module")
def kept_entry(tmp_path_factory):
    """An entry's bytes, and a network and a key that it belongs to."""
    folder = tmp_path_factory.mktemp("entry")
    model = models.build_network(TINY, 5, 1)
    key = _weights_cache.key(model, (np.ones(3),), {"epochs": 2}, [])
    model.optimizer.build(model.trainable_variables)
    _weights_cache.write(folder / "entry.npz", model, {"loss": [0.2, 0.1]}, key)
    return folder / "damaged.npz", (folder / "entry.npz").read_bytes(), model, key


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_no_byte_that_is_changed_gives_other_weights_or_an_error(kept_entry, data):
    path, content, model, key = kept_entry
    at = data.draw(st.integers(0, len(content) - 1))
    bits = data.draw(st.integers(1, 255))
    damaged = bytearray(content)
    damaged[at] ^= bits
    path.write_bytes(damaged)
    before = model.get_weights()
    history = _weights_cache.read(path, model, key)
    assert history in (None, {"loss": [0.2, 0.1]})
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_memory_that_runs_out_is_no_damage(windows, cache, monkeypatch):
    rnnedu.train("tiny", windows)
    (entry,) = entries(cache)
    before = entry.read_bytes()

    def load(*args, **options):
        raise MemoryError

    monkeypatch.setattr(np, "load", load)
    with pytest.raises(MemoryError):
        rnnedu.train("tiny", windows)
    assert entry.read_bytes() == before


def test_a_folder_where_the_entry_belongs_costs_only_the_keeping(windows, cache, caplog):
    first = rnnedu.train("tiny", windows)
    (entry,) = entries(cache)
    entry.unlink()
    (entry / "things").mkdir(parents=True)
    with caplog.at_level(logging.WARNING):
        assert same(first, rnnedu.train("tiny", windows))
    assert "cannot be kept" in caplog.text
    assert (entry / "things").is_dir()


def test_an_interrupted_training_leaves_nothing_behind(windows, cache, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    for broken in ("numpy.savez", "os.replace", "keras.Model.fit"):
        with monkeypatch.context() as patch:
            patch.setattr(broken, stop)
            with pytest.raises(KeyboardInterrupt):
                rnnedu.train("tiny", windows)
        assert [path.suffix for path in cache.iterdir()] == [".lock"]
    assert not rnnedu.train("tiny", windows).from_cache


def test_a_disk_that_is_full_afterwards_loses_no_training(
    windows, cache, monkeypatch, caplog
):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr("os.replace", full)
        trained = rnnedu.train("tiny", windows)
    assert "cannot be kept" in caplog.text and "No space left" in caplog.text
    assert [path.suffix for path in cache.iterdir()] == [".lock"]
    assert same(trained, rnnedu.train("tiny", windows))


def test_a_cache_that_is_deleted_meanwhile_loses_no_training(
    windows, cache, monkeypatch, caplog
):
    fit = keras.Model.fit

    def fit_and_delete(*args, **options):
        shutil.rmtree(cache)
        return fit(*args, **options)

    monkeypatch.setattr(keras.Model, "fit", fit_and_delete)
    with caplog.at_level(logging.WARNING):
        trained = rnnedu.train("tiny", windows)
    assert not trained.from_cache
    assert "cannot be kept" in caplog.text


LIMITED = """
import resource, signal
import rnnedu
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
windows = rnnedu.make_windows(rnnedu.load_ibm().loc["2010":])
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    rnnedu.train("gru", windows, epochs=1)
except OSError as error:
    print(error)
"""


def test_a_disk_without_room_is_found_out_before_training(tmp_path):
    result = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True)
    assert "the cache cannot be written. Fix: set RNNEDU_CACHE_DIR" in result.stdout
    assert "File too large" in result.stdout
    assert result.returncode == 0, result.stderr


def test_a_training_that_diverged_is_returned_and_not_kept(windows, cache, caplog):
    wild = dataclasses.replace(TINY, optimizer=lambda: keras.optimizers.SGD(1e30))
    for _ in range(2):
        with caplog.at_level(logging.WARNING):
            trained = rnnedu.train(wild, windows)
        assert not trained.from_cache
        assert "is not kept: the training diverged" in caplog.text
        assert not all(np.isfinite(each).all() for each in trained.model.get_weights())
    assert entries(cache) == []


def test_what_a_killed_process_left_is_cleared_away_after_a_day(windows, cache):
    cache.mkdir(parents=True)
    old, new = cache / ".rnnedu-partial-old", cache / ".rnnedu-partial-new"
    for path, age in ((old, 90_000), (new, 80_000)):
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age,) * 2)
    rnnedu.train("tiny", windows)
    assert not old.exists()
    assert new.exists()


def test_a_name_cannot_leave_the_cache(windows, cache, tmp_path, monkeypatch):
    monkeypatch.setitem(models.RECIPES, "../../../outside", TINY)
    rnnedu.train("../../../outside", windows)
    (entry,) = entries(cache)
    assert entry.name.startswith("outside-")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"seed": 1.5}, "seed is 1.5"),
        ({"seed": True}, "seed is True"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**32}, "seed is 4294967296"),
        ({"seed": "1"}, "seed is '1'"),
        ({"epochs": 1.5}, "epochs is 1.5"),
        ({"epochs": 0}, "epochs is 0"),
        ({"epochs": True}, "epochs is True"),
    ],
)
def test_numbers_that_are_not_whole_are_refused(windows, options, words):
    with pytest.raises(ValueError, match=rf"{words}.*Fix: give"):
        rnnedu.train("tiny", windows, **options)


def test_no_window_is_no_training(windows):
    none = dataclasses.replace(windows, X_train=windows.X_train[:0])
    with pytest.raises(ValueError, match=r"no training window.*Fix: "):
        rnnedu.train("tiny", none)


def test_the_same_bits_of_another_type_are_other_data(windows, cache):
    rnnedu.train("tiny", windows)
    integers = dataclasses.replace(windows, y_train=windows.y_train.view("int32"))
    assert not rnnedu.train("tiny", integers).from_cache


def test_random_numbers_of_the_caller_go_on_as_before(windows):
    for _ in range(2):  # trained, then read
        random.seed(1), np.random.seed(1)
        expected = random.random(), np.random.random()
        random.seed(1), np.random.seed(1)
        rnnedu.train("tiny", windows)
        assert (random.random(), np.random.random()) == expected


def test_threads_do_not_mix_their_seeds(windows, monkeypatch, tmp_path):
    alone = [rnnedu.train("tiny", windows, seed=seed) for seed in range(3)]
    monkeypatch.setenv("RNNEDU_CACHE_DIR", str(tmp_path / "threads"))
    with ThreadPoolExecutor(3) as pool:
        together = list(
            pool.map(lambda seed: rnnedu.train("tiny", windows, seed=seed), range(3))
        )
    assert not any(each.from_cache for each in together)
    assert all(map(same, alone, together))


def test_whoever_waits_for_the_same_weights_says_so(windows, cache, caplog):
    rnnedu.train("tiny", windows)
    (entry,) = entries(cache)
    code = f"import time, filelock; lock = filelock.FileLock({str(entry) + '.lock'!r})"
    code += "; lock.acquire(); print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    holder.stdout.readline()
    killing = threading.Timer(1, holder.kill)  # the lock of the dead is free
    killing.start()
    with caplog.at_level(logging.WARNING):
        assert rnnedu.train("tiny", windows).from_cache
    holder.communicate()
    assert "tiny, seed 0: waiting for another training" in caplog.text


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
    [({"recipe": "ltsm"}, "'ltsm'"), ({"recipe": "tiny", "epochs": 0}, "epochs is 0")],
)
def test_what_cannot_be_trained_is_refused(windows, arguments, words):
    with pytest.raises(ValueError, match=rf"{words}.*Fix: "):
        rnnedu.train(windows=windows, **arguments)


TRAIN = """
import rnnedu
windows = rnnedu.make_windows(rnnedu.load_ibm().loc["2010":])
trained = rnnedu.train("gru_rmsprop", windows, epochs=1)
print(trained.from_cache, trained.model.get_weights()[0].sum())
"""


def test_two_processes_that_want_the_same_weights_train_them_once(cache):
    started = [
        subprocess.Popen([sys.executable, "-c", TRAIN], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    results = [process.communicate()[0].split() for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert sorted(from_cache for from_cache, _ in results) == ["False", "True"]
    assert len({weights for _, weights in results}) == 1
    assert len(entries(cache)) == 1


# -- Many seeds ----------------------------------------------------------------------


def small():
    model = keras.Sequential(
        [
            keras.Input((5, 1)),
            keras.layers.GRU(3),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model


OPTIONS = {"epochs": 2, "batch_size": 64}


def test_each_seed_trains_as_a_network_built_and_trained_alone(windows):
    X, y = windows.X_train, windows.y_train
    networks, history = rnnedu.fit_seeds(small(), X, y, seeds=[4, 9], **OPTIONS)
    for network, seed in zip(networks, [4, 9], strict=True):
        keras.utils.set_random_seed(seed)
        alone = small()
        with keras_speedups.fast_training(alone):
            fit = alone.fit(X, y, verbose=0, **OPTIONS)
        for one, other in zip(network.get_weights(), alone.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
        own = history[history["seed"] == seed]
        assert own["epoch"].tolist() == [1, 2]
        assert own["loss"].tolist() == pytest.approx(fit.history["loss"], rel=1e-5)


def test_the_networks_of_the_seeds_are_networks_of_their_own(windows):
    model = small()
    X, y = windows.X_train, windows.y_train
    (one, other), _ = rnnedu.fit_seeds(model, X, y, seeds=[0, 1], epochs=1)
    before = [network.get_weights()[0].copy() for network in (one, other)]
    assert not np.array_equal(*before)
    model.fit(X, y, verbose=0)
    for network, kept in zip((one, other), before, strict=True):
        np.testing.assert_array_equal(network.get_weights()[0], kept)


def test_a_loss_of_ones_own_is_trained():
    """Keras does not find it by its name where it copies a network."""

    def twice_the_error(y, prediction):
        return 2 * keras.ops.square(y - prediction)

    x = np.ones((16, 5, 1), "float32")
    y = np.ones(16, "float32")
    histories = []
    for loss in ("mse", twice_the_error):
        model = keras.Sequential([keras.Input((5, 1)), keras.layers.GRU(1)])
        model.compile(keras.optimizers.SGD(0.0), loss)
        networks, history = rnnedu.fit_seeds(model, x, y, seeds=[0, 1], epochs=1)
        assert model.compiled and not any(each.compiled for each in networks)
        histories.append(history["loss"])
    assert histories[1].tolist() == pytest.approx(2 * histories[0])


def test_data_may_be_sampled_for_each_seed_and_weights_set_after_the_reset():
    seen = []

    def data(seed):
        rng = np.random.default_rng(seed)
        return rng.normal(size=(32, 5, 1)).astype("float32"), np.full(32, seed, "float32")

    def initialize(model, seed):
        seen.append(seed)
        *rest, bias = model.layers[-1].get_weights()
        model.layers[-1].set_weights([*rest, bias + 100])

    networks, _ = rnnedu.fit_seeds(
        small(), data, seeds=range(3), initialize=initialize, epochs=1
    )
    assert seen == [0, 1, 2]
    for network in networks:
        assert network.layers[-1].get_weights()[1][0] > 90


def test_what_fit_takes_is_passed_on_and_what_it_reports_is_kept(windows):
    X, y = windows.X_train, windows.y_train
    _, history = rnnedu.fit_seeds(
        small(), X, y, seeds=[0], validation_data=(X[:50], y[:50]), epochs=2
    )
    assert list(history.columns) == ["seed", "epoch", "loss", "val_loss"]


def test_a_name_or_a_recipe_brings_its_settings(windows):
    networks, history = rnnedu.fit_seeds(
        "tiny", windows.X_train, windows.y_train, seeds=[3]
    )
    assert len(history) == TINY.epochs
    trained = rnnedu.train("tiny", windows, seed=3)
    for one, other in zip(
        networks[0].get_weights(), trained.model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_as_many_steps_are_made_as_asked(windows):
    model = small()
    X, y = windows.X_train[:64], windows.y_train[:64]
    options = {"epochs": 2, "steps_per_epoch": 5, "batch_size": 4, "shuffle": False}
    made = []
    count = keras.callbacks.LambdaCallback(
        on_train_end=lambda logs: made.append(int(model.optimizer.iterations))
    )
    rnnedu.fit_seeds(model, X, y, seeds=[0], callbacks=[count], **options)
    assert made == [10]


def test_the_network_itself_and_its_optimiser_stay_as_they_were(windows):
    model, X, y = small(), windows.X_train[:64], windows.y_train[:64]
    model.fit(X, y, verbose=0)

    def variables():
        return [v.numpy() for v in [*model.variables, *model.optimizer.variables]]

    before = variables()
    rnnedu.fit_seeds(model, X, y, seeds=[0, 1], epochs=1)
    for kept, now in zip(before, variables(), strict=True):
        np.testing.assert_array_equal(kept, now)


def test_every_batch_is_validated_after_an_evaluation_before_and_after():
    """Keras keeps what it compiled for another number of steps per call."""
    x = np.arange(160, dtype="float32").reshape(32, 5, 1)
    y = np.arange(32, dtype="float32")
    model, whole = small(), {"verbose": 0, "batch_size": 1}

    def mean_squared_error(network):
        return np.mean((np.asarray(network(x))[:, 0] - y) ** 2)

    assert model.evaluate(x, y, **whole) == pytest.approx(
        mean_squared_error(model), rel=1e-4
    )
    options = {"validation_data": (x, y), "validation_batch_size": 1, "epochs": 1}
    (network,), history = rnnedu.fit_seeds(model, x, y, seeds=[0], **options)
    assert history["val_loss"].iloc[-1] == pytest.approx(
        mean_squared_error(network), rel=1e-4
    )
    assert model.evaluate(x, y, **whole) == pytest.approx(
        mean_squared_error(model), rel=1e-4
    )


def test_the_model_is_left_with_its_own_settings(windows):
    model = small()
    model.steps_per_execution = 3
    rnnedu.fit_seeds(model, windows.X_train, windows.y_train, seeds=[0], epochs=1)
    assert model.steps_per_execution == 3
    assert "inner_loop" not in vars(model.layers[0])


def test_many_seeds_show_their_progress_at_a_terminal(windows, monkeypatch, capfd):
    X, y = windows.X_train, windows.y_train
    rnnedu.fit_seeds(small(), X, y, seeds=range(2), epochs=1)
    assert "seed" not in capfd.readouterr().err, "a page sees nothing"
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    rnnedu.fit_seeds(small(), X, y, seeds=range(2), epochs=1)
    assert "2/2" in terminal.getvalue()


def test_no_seed_and_no_optimiser_are_refused(windows):
    X, y = windows.X_train, windows.y_train
    with pytest.raises(ValueError, match=r"no seed.*Fix: "):
        rnnedu.fit_seeds(small(), X, y, seeds=[])
    for inputs in (X, windows):
        with pytest.raises(ValueError, match=r"no targets.*Fix: "):
            rnnedu.fit_seeds(small(), inputs)
    with pytest.raises(ValueError, match=r"not compiled.*Fix: "):
        rnnedu.fit_seeds(keras.Sequential([keras.layers.Dense(1)]), X, y, seeds=[0])
