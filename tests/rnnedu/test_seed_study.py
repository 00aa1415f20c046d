"""The study over seeds: rows by hand, going on, several engines, damaged files."""

import contextlib
import http.server
import io
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from importlib import resources
from pathlib import Path

import distributed
import joblib
import keras
import numpy as np
import pandas as pd
import psutil
import pytest

import rnnedu
from rnnedu.__main__ import main
from rnnedu._seed_study_csv import SCORES
from rnnedu._seed_study_forecasts import KINDS, digest
from rnnedu.seed_study import read_study, run, run_study
from rnnedu.windows import data_digest

FAST = ["lstm_sgd", "gru"]  # batches of 150: few steps an epoch


def study(prices, path, *, networks=FAST, seeds=2, **options):
    return run_study(prices, networks, seeds, path, epochs=1, **options)


def timeless(rows):
    return rows.drop(columns="seconds")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A study of two networks and two seeds on made-up prices, and the prices."""
    days = pd.bdate_range("2001-01-01", "2003-12-31", name="Date")
    t = np.arange(len(days))
    prices = pd.DataFrame({"High": 50 + 0.05 * t + 5 * np.sin(t / 20)}, index=days)
    folder = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RNNEDU_CACHE_DIR", str(folder / "cache"))
        study(prices, folder / "seed_study.csv", jobs=2)
    return prices, folder


@pytest.fixture
def path(recorded, tmp_path):
    """A copy of that study's table, and of its forecasts beside it."""
    for name in ("seed_study.csv", "seed_study_forecasts.npz"):
        shutil.copy(recorded[1] / name, tmp_path)
    return tmp_path / "seed_study.csv"


def test_a_row_is_what_training_and_scoring_by_hand_give(recorded, path):
    prices, _ = recorded
    rows = read_study(path).set_index(["network", "seed"])
    assert sorted(rows.index) == [("gru", 0), ("gru", 1), ("lstm_sgd", 0), ("lstm_sgd", 1)]
    windows = rnnedu.make_windows(prices)
    keras.utils.set_random_seed(1)
    model = rnnedu.build_network("lstm_sgd")
    model.fit(windows.X_train, windows.y_train, batch_size=150, verbose=0)
    low, high = windows.train_prices.min(), windows.train_prices.max()
    truth = windows.test_prices.to_numpy()
    lag = np.r_[windows.train_prices.iloc[-1], truth[:-1]]
    forecast = model.predict(windows.X_test, verbose=0)[:, 0] * (high - low) + low
    row = rows.loc[("lstm_sgd", 1)]
    rmse = np.sqrt(np.mean((forecast - truth) ** 2))
    assert row["rmse"] == pytest.approx(rmse, rel=1e-4)
    assert row["bias"] == pytest.approx(np.mean(forecast - truth), abs=1e-3)
    assert row["skill"] == pytest.approx(
        1 - rmse / np.sqrt(np.mean((lag - truth) ** 2)), rel=1e-4
    )
    window, free = windows.X_test[:1], []
    for _ in range(5):
        free.append(model.predict(window, verbose=0)[0, 0])
        window = np.append(window[:, 1:], [[[free[-1]]]], axis=1)
    free = np.array(free) * (high - low) + low
    kept = rnnedu.read_study_forecasts(path)
    assert kept.index.equals(windows.test_prices.index)
    np.testing.assert_allclose(kept["one_step"]["lstm_sgd"][1], forecast, atol=1e-3)
    np.testing.assert_allclose(kept["free_running"]["lstm_sgd"][1][:5], free, atol=1e-3)
    held = np.sqrt(np.mean((windows.train_prices.iloc[-1] - truth) ** 2))
    assert row["free_skill"] == pytest.approx(1 - row["free_rmse"] / held, rel=1e-6)
    assert np.isfinite(row[SCORES].to_numpy(float)).all()


def test_what_is_there_is_not_run_again(recorded, path, monkeypatch):
    before = path.stat().st_mtime_ns
    monkeypatch.setattr("rnnedu.seed_study.run", None)  # whoever calls it fails
    rows = study(recorded[0], path)
    assert len(rows) == 4
    assert path.stat().st_mtime_ns == before


def test_it_goes_on_where_it_stopped_and_comes_out_the_same(recorded, path):
    prices, _ = recorded
    before = read_study(path)
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    rows = study(prices, path, jobs=1)
    pd.testing.assert_frame_equal(timeless(rows), timeless(before))
    kept = rows["network"].ne("lstm_sgd") | rows["seed"].ne(1)
    assert (rows["seconds"] == before["seconds"])[kept].all(), "what was there is kept"


def test_a_run_without_forecasts_is_run_again_and_its_row_replaced(
    prices, tmp_path, instant_runs, monkeypatch
):
    path = tmp_path / "s.csv"
    study(prices, path, networks=["gru"], seeds=2, jobs=1)
    forecasts = rnnedu.read_study_forecasts(path)
    first = forecasts.loc[:, (slice(None), "gru", [0])]
    (tmp_path / "s_forecasts.npz").unlink()
    study(prices, path, networks=["gru"], seeds=1, jobs=1)
    assert rnnedu.read_study_forecasts(path).equals(first)
    monkeypatch.setattr(
        "rnnedu.seed_study.run", lambda *run: instant(*run) | {"first_loss": 9.0}
    )
    rows = study(prices, path, networks=["gru"], seeds=2, jobs=1)
    assert rows["first_loss"].tolist() == [0.2, 9.0]
    assert rnnedu.read_study_forecasts(path).equals(forecasts)


def test_a_study_that_is_killed_between_its_two_files_runs_again(
    prices, tmp_path, instant_runs, monkeypatch
):
    path = tmp_path / "s.csv"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("rnnedu._seed_study_csv.add", interrupt)
        study(prices, path, networks=["gru"], seeds=1, jobs=1)
    assert not path.exists()
    assert len(study(prices, path, networks=["gru"], seeds=1, jobs=1)) == 1
    assert rnnedu.read_study_forecasts(path).shape[1] == len(KINDS)


def interrupt(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: data[: len(data) // 2], "no forecasts of a study"),
        (lambda data: b"", "no forecasts of a study"),
        (lambda data: saved(data, one_step=np.zeros((4, 261), np.float32)), "its digest"),
        (lambda data: saved(data, seed=np.array(["a", None])), "no forecasts of a study"),
        (
            lambda data: signed(data, network=np.array(["lstm_foo"] * 4)),
            "called 'lstm_foo'",
        ),
        (lambda data: signed(data, data_sha256=np.array("0")), "of other prices"),
    ],
)
def test_damaged_or_foreign_forecasts_are_named_and_left_as_they_are(
    recorded, path, damage, words
):
    file = path.with_name("seed_study_forecasts.npz")
    damaged = damage(file.read_bytes())
    file.write_bytes(damaged)
    with pytest.raises(ValueError, match=words) as error:
        study(recorded[0], path)
    assert str(file) in str(error.value) and "Fix:" in str(error.value)
    assert file.read_bytes() == damaged


def saved(data, **others):
    """Return a file's bytes with other arrays in it."""
    with np.load(io.BytesIO(data)) as file:
        arrays = dict(file) | others
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def signed(data, **others):
    """Return a file's bytes with other arrays and the digest of those."""
    with np.load(io.BytesIO(data)) as file:
        arrays = dict(file) | others
    return saved(data, **others, sha256=np.array(digest(arrays)))


def test_networks_averaged_answer_with_the_mean(prices):
    windows = rnnedu.make_windows(prices)
    pair = [rnnedu.build_network(name) for name in FAST]
    both = rnnedu.average_models(pair)
    each = [model.predict(windows.X_test[:5], verbose=0) for model in pair]
    np.testing.assert_allclose(
        both.predict(windows.X_test[:5], verbose=0), np.mean(each, axis=0), atol=1e-6
    )
    assert rnnedu.average_models(pair[:1]) is pair[0]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda text: text[: len(text) // 2], "line"),
        (lambda text: text[:-1], "line 5: the file ends within this line"),
        (lambda text: text.splitlines()[0], "line 1: the file ends within this line"),
        (lambda text: text[:-3], "line 5: the file ends within this line"),
        (lambda text: "what\x00is this", "columns"),
        (lambda text: "", "no table of runs"),
        (lambda text: text + text.splitlines()[-1] + "\n", "there twice"),
        (lambda text: text.replace("lstm_sgd", "lstm_foo", 1), "unknown network"),
        (lambda text: text.replace("tensorflow", "theano", 1), "columns"),
        (lambda text: text.replace(",2003,", ",2002,"), "test_year 2002"),
        (lambda text: text.replace(f",{keras.__version__},", ",1.0,"), "keras 1.0"),
    ],
)
def test_a_damaged_or_foreign_file_is_named_and_left_as_it_is(
    recorded, path, damage, words
):
    damaged = damage(path.read_text())
    path.write_text(damaged)
    with pytest.raises(ValueError, match=words) as error:
        study(recorded[0], path)
    assert str(path) in str(error.value) and "Fix:" in str(error.value)
    assert path.read_text() == damaged


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seeds", "0"], "nothing to run"),
        (["--models", "lstm,transformer"], "no network called 'transformer'"),
        (["--epochs", "0"], "nothing to run"),
        (["--backend", "dask"], "go together"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_runs(
    arguments, words, tmp_path, capsys
):
    output = tmp_path / "seed_study.csv"
    assert main(["study", "--output", str(output), *arguments]) == 1
    assert words in capsys.readouterr().err
    assert not output.exists()


# Runs that take no time, for what happens around them


def instant(name, seed, prices=None, epochs=1):
    """Return a row as `run` does, without training."""
    scores = dict.fromkeys(SCORES, 0.5) | {"rmse": 1.0 + seed, "free_rmse": 2.0}
    losses = {"first_loss": 0.2, "last_loss": 0.1, "seconds": 0.0}
    days = 0 if prices is None else len(rnnedu.make_windows(prices).test_prices)
    forecasts = {kind: [seed + 0.5] * days for kind in KINDS}
    return {"network": name, "seed": seed} | scores | losses | forecasts


@pytest.fixture
def instant_runs(monkeypatch):
    monkeypatch.setattr("rnnedu.seed_study.run", instant)


def runs_of(path):
    rows = read_study(path)
    return sorted(zip(rows["network"], rows["seed"], strict=True))


DAMAGED_ROWS = {
    "a negative error": ("rmse", -5.0),
    "a seed and a half": ("seed", 1.5),
    "a seed below zero": ("seed", -3),
    "an error that is no number": ("rmse", "1.5x"),
    "an infinite error": ("free_rmse", np.inf),
    "a bias above its error": ("bias", 99.0),
    "a loss below zero": ("last_loss", -0.1),
    "no versions": ("keras", np.nan),
    "time that ran back": ("seconds", -1.0),
    "half an epoch": ("epochs", 0.5),
}


@pytest.mark.parametrize(("column", "value"), DAMAGED_ROWS.values(), ids=DAMAGED_ROWS)
@pytest.mark.parametrize("blank_lines", [0, 2])
def test_a_row_that_cannot_be_is_named_by_its_line(path, column, value, blank_lines):
    rows = pd.read_csv(path, dtype=object)
    rows.loc[2, column] = value
    lines = rows.to_csv(index=False).splitlines()
    lines[2:2] = [""] * blank_lines
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match=rf"line {4 + blank_lines}: .*Fix: delete"):
        read_study(path)


def test_a_name_given_twice_is_run_once(monkeypatch, prices, tmp_path):
    ran = []

    def run(name, seed, *others):
        ran.append((name, seed))
        return instant(name, seed, *others)

    monkeypatch.setattr("rnnedu.seed_study.run", run)
    rows = study(prices, tmp_path / "s.csv", networks=["gru", "gru"], seeds=2, jobs=1)
    assert rows["seed"].tolist() == [0, 1]
    assert ran == runs_of(tmp_path / "s.csv") == [("gru", 0), ("gru", 1)]


def test_names_may_come_one_by_one(instant_runs, prices, tmp_path):
    study(prices, tmp_path / "s.csv", networks=(n for n in FAST), seeds=1, jobs=1)
    assert runs_of(tmp_path / "s.csv") == [("gru", 0), ("lstm_sgd", 0)]


def test_a_run_that_diverges_is_named_and_the_others_are_kept(
    monkeypatch, prices, tmp_path
):
    def run(name, seed, *others):
        if (name, seed) == ("gru", 1):
            return {"network": name, "seed": seed, "diverged": True}
        return instant(name, seed, *others)

    monkeypatch.setattr("rnnedu.seed_study.run", run)
    for _ in range(2):  # the second time too
        with pytest.raises(ValueError, match=r"gru with seed 1 diverged.*Fix: "):
            study(prices, tmp_path / "s.csv", seeds=3, jobs=1)
        assert runs_of(tmp_path / "s.csv") == sorted(
            (name, seed) for name in FAST for seed in range(3) if (name, seed) != ("gru", 1)
        )


def test_weights_that_are_no_numbers_are_a_run_that_diverged(monkeypatch, prices):
    model = rnnedu.build_network("gru")
    model.set_weights([np.full_like(each, np.nan) for each in model.get_weights()])
    trained = rnnedu.Trained("gru", 0, model, {"loss": [0.1]}, from_cache=False)
    monkeypatch.setattr("rnnedu.training.train", lambda *args, **options: trained)
    assert run("gru", 0, prices) == {"network": "gru", "seed": 0, "diverged": True}


def test_what_others_add_meanwhile_is_kept(monkeypatch, prices, tmp_path, instant_runs):
    """Another program, which knows nothing of our lock."""
    path, other = tmp_path / "s.csv", tmp_path / "other.csv"
    study(prices, other, networks=["lstm_sgd"], seeds=2, jobs=1)

    def run(name, seed, *others):
        if seed == 1:
            path.write_bytes(other.read_bytes())
        return instant(name, seed, *others)

    monkeypatch.setattr("rnnedu.seed_study.run", run)
    rows = study(prices, path, networks=["gru"], seeds=3, jobs=1)
    expected = [("gru", 0), ("gru", 1), ("gru", 2), ("lstm_sgd", 0), ("lstm_sgd", 1)]
    assert runs_of(path) == expected
    assert len(rows) == 5


ROUNDS = 50
TWO_STUDIES = f"""
import pathlib, sys, time
import pandas as pd
sys.path.insert(0, {str(Path(__file__).parent)!r})
from rnnedu import seed_study
from test_seed_study import instant
seed_study.run = instant
folder, own, other = pathlib.Path(sys.argv[1]), *sys.argv[2:]
days = pd.bdate_range("2001-01-01", "2003-12-31", name="Date")
prices = pd.DataFrame({{"High": [50 + n % 7 for n in range(len(days))]}}, index=days)
for n in range({ROUNDS}):
    (folder / f"{{n}}-{{own}}").touch()
    while not (folder / f"{{n}}-{{other}}").exists():
        time.sleep(0.001)
    seed_study.run_study(prices, [own], 3, folder / f"{{n}}.csv", epochs=1, jobs=1)
"""


def test_two_studies_on_one_file_lose_no_row(tmp_path):
    pairs = [("gru", "lstm"), ("lstm", "gru")]
    both = [
        subprocess.Popen(
            [sys.executable, "-c", TWO_STUDIES, str(tmp_path), *pair],
            stderr=subprocess.PIPE,
            text=True,
        )
        for pair in pairs
    ]
    said = [process.communicate(timeout=300)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    expected = [(name, seed) for name in ("gru", "lstm") for seed in range(3)]
    assert [runs_of(tmp_path / f"{n}.csv") for n in range(ROUNDS)] == [expected] * ROUNDS


def test_a_second_study_waits_and_says_so(prices, tmp_path, instant_runs, caplog):
    path = tmp_path / "s.csv"
    held = f"lock = filelock.FileLock({str(tmp_path / '.s.csv.lock')!r}); lock.acquire()"
    code = f"import time, filelock; {held}; print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    holder.stdout.readline()
    killing = threading.Timer(1, holder.kill)  # the lock of the dead is free
    killing.start()
    with caplog.at_level(logging.WARNING):
        study(prices, path, networks=["gru"], seeds=1, jobs=1)
    holder.communicate()
    assert holder.returncode == -signal.SIGKILL, "it has waited"
    assert f"Another study writes {path}: waiting" in caplog.text
    assert runs_of(path) == [("gru", 0)]


def test_a_link_stays_a_link_and_permissions_stay(prices, tmp_path, instant_runs):
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    study(prices, real, networks=["gru"], seeds=1, jobs=1)
    assert real.stat().st_mode & 0o777 == 0o666 & ~umask()
    real.chmod(0o640)
    link.symlink_to(real)
    study(prices, link, networks=["gru"], seeds=2, jobs=1)
    assert link.is_symlink()
    assert runs_of(real) == [("gru", 0), ("gru", 1)]
    assert real.stat().st_mode & 0o777 == 0o640


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("kind", ["folder", "fifo", "device", "below a file"])
def test_what_cannot_be_written_is_refused_before_the_first_run(
    prices, tmp_path, monkeypatch, kind
):
    monkeypatch.setattr("rnnedu.seed_study.run", None)  # whoever calls it fails
    path = tmp_path / "s.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/null")
    else:
        path.write_text("")
        path = path / "s.csv"
    with pytest.raises(OSError, match=r"Fix: choose another"):
        study(prices, path, networks=["gru"], seeds=1, jobs=1)


def test_killed_studies_leave_no_worker(tmp_path):
    code = "import sys; from rnnedu.__main__ import main; sys.exit(main(sys.argv[1:]))"
    output = str(tmp_path / "s.csv")
    options = ["--models", "lstm", "--jobs", "2", "--output", output]
    process = subprocess.Popen(
        [sys.executable, "-c", code, "study", *options],
        env=os.environ | {"RNNEDU_CACHE_DIR": str(tmp_path)},
    )

    def workers():
        return [p for p in psutil.process_iter() if is_worker(p)]

    def is_worker(each):
        with contextlib.suppress(psutil.Error):
            return process.pid in [p.pid for p in each.parents()]

    deadline = time.monotonic() + 120
    while len(heavy := [p for p in workers() if p.memory_info().rss > 7e8]) < 2:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.2)
    process.kill()
    process.wait()
    gone, alive = psutil.wait_procs(heavy, timeout=30)
    assert not alive and len(gone) >= 2


@pytest.fixture
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        yield cluster


def test_a_cluster_gives_the_same_rows_whoever_is_killed_on_the_way(
    recorded, path, cluster, tmp_path
):
    prices, _ = recorded
    victim = next(iter(cluster.workers.values())).pid
    killed = []

    class Killing(joblib.Parallel):
        """Kill a worker as soon as the first run has come back."""

        def __call__(self, tasks):
            for result in super().__call__(tasks):
                if not killed:
                    os.kill(victim, signal.SIGKILL)
                    killed.append(victim)
                yield result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rnnedu.seed_study.joblib.Parallel", Killing)
        patch.setenv("RNNEDU_CACHE_DIR", str(tmp_path))
        rows = study(prices, tmp_path / "other.csv", scheduler=cluster.scheduler_address)
    assert killed
    pd.testing.assert_frame_equal(timeless(rows), timeless(read_study(path)))


@pytest.fixture
def mute_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def web_server():
    handler = http.server.SimpleHTTPRequestHandler
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("tcp://127.0.0.1:9", "Timed out trying to connect"),
        ("tcp://127.0.0.1:{mute_port}", "no answer within 2 s"),
        ("tcp://127.0.0.1:{web_server}", "no answer within 2 s"),
        ("tls://127.0.0.1:{mute_port}", "TLS"),
        ("http://127.0.0.1:{web_server}", "unknown address scheme"),
        ("nonsense", "missing port"),
    ],
)
# The connection that is given up is left to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_scheduler_that_is_not_there_is_named(
    prices, tmp_path, address, reason, mute_port, web_server, monkeypatch
):
    if "no answer" in reason:
        monkeypatch.setattr("rnnedu._seed_study_workers.ANSWER_WITHIN", 2)
    address = address.format(mute_port=mute_port, web_server=web_server)
    with pytest.raises(ConnectionError, match=rf"{address} \(.*{reason}.*Fix: start"):
        study(prices, tmp_path / "seed_study.csv", scheduler=address)
    assert not (tmp_path / "seed_study.csv").exists()


def test_the_recorded_study_is_of_the_notebooks_prices(notebook_file):
    rows = rnnedu.load_study()
    prices = pd.read_csv(notebook_file, index_col="Date", parse_dates=True)["High"]
    assert set(rows["test_year"]) == {prices.index[-1].year}
    test = prices[prices.index.year == prices.index[-1].year].to_numpy()
    lag = prices.to_numpy()[-len(test) - 1 : -1]
    persistence = np.sqrt(np.mean((lag - test) ** 2))
    np.testing.assert_allclose(1 - rows["rmse"] / persistence, rows["skill"], atol=1e-9)
    held = np.sqrt(np.mean((lag[0] - test) ** 2))
    np.testing.assert_allclose(1 - rows["free_rmse"] / held, rows["free_skill"], atol=1e-9)


def test_recorded_forecasts_have_the_recorded_scores(notebook_file):
    forecasts, study = rnnedu.load_study_forecasts(), rnnedu.load_study()
    assert set(study["data_sha256"]) == {forecasts.attrs["data_sha256"]}
    prices = pd.read_csv(notebook_file, index_col="Date", parse_dates=True)["High"]
    errors = forecasts.astype(float).sub(prices[forecasts.index], axis=0)
    rows = study.set_index(["network", "seed"])
    for kind, prefix in (("one_step", ""), ("free_running", "free_")):
        rmse = np.sqrt((errors[kind] ** 2).mean())
        scores = rows.loc[rmse.index]
        # Of forecasts near 150 dollars, float32 keeps five decimals.
        np.testing.assert_allclose(rmse, scores[f"{prefix}rmse"], atol=1e-5)
        np.testing.assert_allclose(errors[kind].mean(), scores[f"{prefix}bias"], atol=1e-5)
    assert list(forecasts["one_step"].columns) == list(rows.index)


def test_recorded_forecasts_are_a_small_file():
    assert (resources.files("rnnedu") / "seed_study_forecasts.npz").stat().st_size < 400_000


def test_recorded_runs_begin_as_they_are_recorded(
    notebook_file, monkeypatch, tmp_path, random_seed
):
    """The first epoch of a run, another one each time."""
    monkeypatch.setenv("RNNEDU_CACHE_DIR", str(tmp_path))
    prices = rnnedu.load_prices(notebook_file)
    chosen = rnnedu.load_study().sample(1, random_state=random_seed)
    for _, row in chosen.iterrows():
        result = run(row["network"], row["seed"], prices, epochs=1)
        # Training the simple RNN is chaotic: another machine's rounding shows at once.
        exact = 0.1 if row["network"] == "simple_rnn" else 1e-4
        assert result["first_loss"] == pytest.approx(row["first_loss"], rel=exact), row


def test_the_digest_of_prices_follows_each_price_and_date(prices):
    def digest(prices):
        return data_digest(rnnedu.make_windows(prices))

    one = digest(prices)
    assert one == digest(prices.copy()) and len(one) == 64
    dearer = prices.copy()
    dearer.iloc[7, 0] += 0.01
    later = prices.set_axis(prices.index + pd.Timedelta(days=1))
    assert len({one, digest(dearer), digest(later)}) == 3
    assert one == digest(prices.assign(Low=1.0)), "what is not forecast does not count"
