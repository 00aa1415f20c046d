"""One network, many seeds: train, score, write down; go on where it stopped.

A run is one network from one seed. It is scored one day ahead and running free, and kept
as a row of a table with what it follows from: seed, data, versions. Runs know nothing of
each other, so joblib spreads them over the cores of a machine or the workers of a Dask
cluster, and the rows are the same however many there are.
"""

import contextlib
import hashlib
import json
import logging
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import resources
from importlib.metadata import version
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from tqdm.std import tqdm

import rnnedu
from rnnedu import _study_csv, metrics
from rnnedu.windows import Windows, make_windows

log = logging.getLogger(__name__)

NETWORKS = {
    "lstm": ("lstm",),
    "gru": ("gru",),
    "lstm_sgd": ("lstm_sgd",),
    "gru_rmsprop": ("gru_rmsprop",),
    "simple_rnn": ("simple_rnn",),
    "bidirectional": ("bidirectional",),
    "lstm_under_gru": ("lstm_under_gru",),
    "lstm_gru_mean": ("lstm", "gru"),
}
"""What can be studied, and the recipes whose forecasts are averaged for it."""


def run_study(
    prices: pd.DataFrame,
    networks: Sequence[str],
    seeds: int,
    path,
    *,
    epochs: int = 50,
    jobs: int = -1,
    scheduler: str | None = None,
) -> pd.DataFrame:
    """Run each network from each seed, and keep a row a run in a CSV file.

    Rows that the file holds already are not run again. The file is written anew after
    every run, whole or not at all, so that an interrupted study goes on where it stopped.

    Parameters
    ----------
    prices : pandas.DataFrame
        Daily prices in dollars, as `load_ibm` returns them.
    networks : sequence of str
        Keys of ``NETWORKS``.
    seeds : int
        Seeds 0 to ``seeds - 1``.
    path : str or path-like
        The CSV file, made if it is not there.
    epochs : int
        Passes over the training windows; the source notebook makes 50.
    jobs : int
        Processes of one thread each on this machine; -1 for one a core.
    scheduler : str, optional
        The address of a Dask scheduler, whose workers then do the work. What a worker
        that ends has not finished is done again by another.

    Returns
    -------
    pandas.DataFrame
        All rows of the file, sorted by network and seed. RMSE and bias (the mean error)
        in dollars; skill against yesterday's price and, for ``free_skill``, against the
        last training price, held.

    Raises
    ------
    ValueError
        If a network is not known, there is no seed, or the file is damaged or holds
        rows of other data, versions or epochs.
    ConnectionError
        If there is no scheduler at that address.
    """
    for name in networks:
        if name not in NETWORKS:
            raise ValueError(
                f"there is no network called {name!r}. Mend: choose among "
                f"{', '.join(NETWORKS)}."
            )
    if seeds < 1 or epochs < 1 or not networks:
        raise ValueError(
            f"{len(networks)} networks, {seeds} seeds, {epochs} epochs: there is nothing "
            "to run. Mend: give at least one of each."
        )
    path, origin = Path(path), _origin(make_windows(prices), epochs)
    rows = read_study(path) if path.is_file() else pd.DataFrame(columns=_study_csv.COLUMNS)
    _study_csv.check_origin(rows, origin, path)
    done = set(zip(rows["network"], rows["seed"], strict=True))
    missing = [(n, s) for s in range(seeds) for n in networks if (n, s) not in done]
    path.parent.mkdir(parents=True, exist_ok=True)
    task = run if scheduler is None else _run_alone
    with _workers(scheduler):
        runs = joblib.Parallel(jobs, batch_size=1, return_as="generator_unordered")(
            joblib.delayed(task)(name, seed, prices, epochs) for name, seed in missing
        )
        for row in tqdm(runs, total=len(missing), disable=None, desc="runs", smoothing=0):
            rows.loc[len(rows)] = row | origin
            _study_csv.write(rows, path, NETWORKS)
    return read_study(path)


def run(name: str, seed: int, prices: pd.DataFrame, epochs: int = 50) -> dict:
    """Train one network from one seed and score it, in one thread.

    Parameters
    ----------
    name, seed, prices, epochs
        As in `run_study`.

    Returns
    -------
    dict
        Network, seed, scores, the first and last epoch's loss (the mean over networks
        that are averaged), and the seconds it took.
    """
    # Late, since it loads TensorFlow, which a study only needs where its runs are.
    import tensorflow as tf

    from rnnedu import forecasting, training

    if not tf.config.list_physical_devices("GPU"):
        _one_thread(tf)
    began, windows = time.perf_counter(), make_windows(prices)
    trained = [
        training.train(each, windows, seed=seed, epochs=epochs) for each in NETWORKS[name]
    ]
    model = forecasting.averaged([each.model for each in trained])
    forecasts = {
        "": (forecasting.forecast_one_step(model, windows), metrics.yesterdays_price),
        "free_": (forecasting.generate(model, windows), metrics.last_training_price),
    }
    scores = {}
    for kind, (forecast, baseline) in forecasts.items():
        scores[f"{kind}rmse"] = metrics.rmse(windows.test, forecast)
        scores[f"{kind}bias"] = float((forecast - windows.test).mean())
        scores[f"{kind}skill"] = metrics.skill(windows.test, forecast, baseline(windows))
    losses = np.mean([each.history["loss"] for each in trained], axis=0)
    return {
        "network": name,
        "seed": seed,
        **scores,
        "first_loss": float(losses[0]),
        "last_loss": float(losses[-1]),
        "seconds": round(time.perf_counter() - began, 1),
    }


def load_study() -> pd.DataFrame:
    """Return the study that comes with the package, as `run_study` returned it."""
    data = (resources.files("rnnedu") / "study.csv").read_bytes()
    return _study_csv.parse(data, "study.csv", NETWORKS)


def read_study(path) -> pd.DataFrame:
    """Read what `run_study` has written.

    Parameters
    ----------
    path : str or path-like
        The CSV file.

    Raises
    ------
    ValueError
        If it is not such a file, holds a run twice, or a number is missing.
    """
    return _study_csv.parse(Path(path).read_bytes(), str(path), NETWORKS)


def data_digest(windows: Windows) -> str:
    """Return the hash of the prices of a study, which each of its rows carries.

    Parameters
    ----------
    windows : Windows
        Their training and test prices, in dollars and with their dates, are hashed.

    Returns
    -------
    str
        A sha256, as 64 hexadecimal digits.
    """
    days = pd.concat([windows.train, windows.test])
    return hashlib.sha256(days.to_csv().encode()).hexdigest()


def _origin(windows: Windows, epochs: int) -> dict:
    """Collect what all rows of one file have in common."""
    return {
        "data_sha256": data_digest(windows),
        "test_year": windows.test_year,
        "epochs": epochs,
        "python": platform.python_version(),
        "tensorflow": version("tensorflow"),
        "keras": version("keras"),
        "rnnedu": rnnedu.__version__,
    }


def _one_thread(tf) -> None:
    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:  # TensorFlow has begun already; the same up to rounding
        log.debug("this process has begun with several threads")


@contextlib.contextmanager
def _workers(scheduler: str | None):
    """Let joblib use the workers of a Dask cluster, or those of this machine."""
    if scheduler is None:
        yield
        return
    try:
        from dask.distributed import Client
    except ImportError:
        raise ValueError(
            "Dask is not installed. Mend: pip install 'rnnedu[dask]'."
        ) from None
    try:
        client = Client(scheduler, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConnectionError(
            f"there is no Dask scheduler at {scheduler} ({error}). Mend: start one with "
            "`dask scheduler`, and give the address that it prints."
        ) from None
    with client, joblib.parallel_config("dask", client=client):
        yield


def _run_alone(name: str, seed: int, prices: pd.DataFrame, epochs: int) -> dict:
    """Do as `run`, in a process of its own.

    Keras takes its seeds from Python's random numbers, and the threads of a Dask worker
    draw from the same ones; so rows would come out different now and then.
    """
    told = subprocess.run(
        [sys.executable, "-m", "rnnedu.study", name, str(seed), str(epochs)],
        input=prices.to_csv(),
        capture_output=True,
        text=True,
    )
    if told.returncode:
        raise RuntimeError(f"{name}, seed {seed}, ended early: {told.stderr[-2000:]}")
    return json.loads(told.stdout.splitlines()[-1])


if __name__ == "__main__":  # what `_run_alone` starts: prices come in, a row goes out
    _name, _seed, _epochs = sys.argv[1:]
    _prices = pd.read_csv(
        sys.stdin, index_col=0, parse_dates=True, float_precision="round_trip"
    )
    print(json.dumps(run(_name, int(_seed), _prices, int(_epochs))))
