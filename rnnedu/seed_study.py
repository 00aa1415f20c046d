"""Every network from many seeds: train, score, keep a row; continue where it stopped.

A run is one network from one seed. It is scored one day ahead and as a recursive forecast,
and kept as a row of a table with what it follows from: seed, data, versions. Both of its
forecasts are kept in a second file. Runs do not depend on each other, so joblib spreads
them over the cores of a machine or the workers of a Dask cluster, and the rows are the same
however many there are.
"""

import functools
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import resources
from importlib.metadata import version

import joblib
import numpy as np
import pandas as pd
from tqdm.std import tqdm

import rnnedu
from rnnedu import (
    _seed_study_csv,
    _seed_study_forecasts,
    _seed_study_workers,
    forecasting,
    metrics,
    training,
)
from rnnedu._cache import existing_file, expanded
from rnnedu.models import RECIPES, find_recipe
from rnnedu.windows import Windows, data_digest, make_windows


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
    """Train each network from each seed, and keep one row per run in a CSV file.

    The forecasts of the runs are kept beside it: for ``study.csv`` in
    ``study_forecasts.npz``. What both files hold already is not run again. They are
    replaced after every run, whole or not at all, so that an interrupted study continues
    where it stopped. Rows that something else adds meanwhile are kept. A second study on
    the same file waits for the end of the first.

    Parameters
    ----------
    prices : pandas.DataFrame
        Daily prices in dollars, as `load_ibm` returns them.
    networks : sequence of str
        Keys of `RECIPES`.
    seeds : int
        Seeds 0 to ``seeds - 1``.
    path : str or path-like
        The CSV file, made if it is not there.
    epochs : int
        Passes over the training windows, the same for every network, so that the rows can
        be compared; the source notebook makes 50.
    jobs : int
        Processes of one thread each on this machine; -1 for one per core.
    scheduler : str, optional
        The address of a Dask scheduler, whose workers then do the work. What a worker
        that ends has not finished is done again by another.

    Returns
    -------
    pandas.DataFrame
        All rows of the file, sorted by network and seed. RMSE and bias (the mean error)
        in dollars; skill against persistence and, for ``free_skill``, against the last
        training price, held.

    Raises
    ------
    ValueError
        If a network is not known, there is no seed, or the file is damaged or holds
        rows of other data, versions or epochs; at the end, if a training diverged.
    OSError
        If the file cannot be written. This is found out before training.
    ConnectionError
        If there is no scheduler at that address.

    Examples
    --------
    >>> import rnnedu, tempfile
    >>> prices = rnnedu.load_ibm().loc["2010":]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows = rnnedu.run_study(
    ...         prices, ["gru"], seeds=1, path=f"{folder}/study.csv", epochs=1, jobs=1)
    >>> rows[["network", "seed", "epochs"]].to_numpy().tolist()
    [['gru', 0, 1]]
    """
    networks = list(dict.fromkeys(networks))
    for name in networks:
        find_recipe(name)
    if seeds < 1 or epochs < 1 or not networks:
        raise ValueError(
            f"{len(networks)} networks, {seeds} seeds, {epochs} epochs: there is nothing "
            "to run. Fix: give at least one of each."
        )
    path = expanded(path).resolve()  # of a link, the file that it names
    windows = make_windows(prices)
    origin = _origin(windows, epochs)
    task = _run_alone if scheduler else functools.partial(_run_until_killed, os.getpid())
    with _seed_study_csv.alone(path):
        rows = _seed_study_csv.read(path, RECIPES, origin)
        done = set(zip(rows["network"], rows["seed"], strict=True))
        beside = _seed_study_forecasts.beside(path)
        forecasts = _seed_study_forecasts.read(beside, RECIPES, origin)
        done &= set(_seed_study_forecasts.runs_of(forecasts))
        missing = [(n, s) for s in range(seeds) for n in networks if (n, s) not in done]
        diverged = []
        with _seed_study_workers.engine(scheduler):
            runs = joblib.Parallel(jobs, batch_size=1, return_as="generator_unordered")(
                joblib.delayed(task)(name, seed, prices, epochs) for name, seed in missing
            )
            bar = tqdm(runs, total=len(missing), disable=None, desc="runs", smoothing=0)
            for row in bar:
                if "diverged" in row:
                    diverged.append(f"{row['network']} with seed {row['seed']}")
                    continue
                key = row["network"], row["seed"]
                made = {kind: row.pop(kind) for kind in _seed_study_forecasts.KINDS}
                # The row last: where a study is killed in between, the run is done again.
                _seed_study_forecasts.add(
                    key, made, windows.test_prices.index, beside, RECIPES, origin
                )
                new = pd.DataFrame([row | origin])
                rows = pd.concat([rows, new]) if len(rows) else new
                rows = _seed_study_csv.add(rows, path, RECIPES, origin)
    if diverged:
        raise ValueError(
            f"{', '.join(sorted(diverged))} diverged: a forecast is no number. The other "
            f"{len(rows)} runs are in {path}. Fix: leave these networks out, or train them "
            "with a smaller learning rate."
        )
    return rows


def run(name: str, seed: int, prices: pd.DataFrame, epochs: int = 50) -> dict:
    """Train one network from one seed and score it, in one thread.

    Parameters
    ----------
    name, seed, prices, epochs
        As in `run_study`.

    Returns
    -------
    dict
        Network, seed, scores, the first and last epoch's loss (of an ensemble, the mean
        over its members), the seconds it took, and two lists of forecasts in dollars, one
        per day of the test year: ``one_step`` and ``free_running``. Of a training that
        diverged, so that a forecast is no number: network, seed, and ``diverged``, which
        is true.
    """
    _seed_study_workers.use_one_thread()
    started, windows = time.perf_counter(), make_windows(prices)
    trained = training.train(name, windows, seed=seed, epochs=epochs)
    losses, truth = trained.history["loss"], windows.test_prices
    row = {"network": name, "seed": seed}
    forecasts = {}
    one_step = forecasting.forecast_one_step, metrics.persistence_forecast
    free_running = forecasting.forecast_recursive, metrics.last_value_forecast
    for prefix, kind, (forecast_by, baseline) in (
        ("", "one_step", one_step),
        ("free_", "free_running", free_running),
    ):
        forecast = forecast_by(trained.model, windows)
        if not np.isfinite(forecast).all():
            return {"network": name, "seed": seed, "diverged": True}
        forecasts[kind] = [float(value) for value in forecast]
        row[f"{prefix}rmse"] = metrics.rmse(truth, forecast)
        row[f"{prefix}bias"] = float((forecast - truth).mean())
        row[f"{prefix}skill"] = metrics.skill(truth, forecast, baseline(windows))
    row |= {
        "first_loss": losses[0],
        "last_loss": losses[-1],
        "seconds": round(time.perf_counter() - started, 1),
    }
    return row | forecasts


def load_study() -> pd.DataFrame:
    """Return the study that comes with the package, as `run_study` returned it.

    Returns
    -------
    pandas.DataFrame

    Examples
    --------
    >>> import rnnedu
    >>> study = rnnedu.load_study()
    >>> int(study.groupby("network").size().min())
    20
    """
    data = (resources.files("rnnedu") / "seed_study.csv").read_bytes()
    return _seed_study_csv.parse(data, "seed_study.csv", RECIPES)


def read_study(path) -> pd.DataFrame:
    """Read what `run_study` has written.

    Parameters
    ----------
    path : str or path-like
        The CSV file.

    Returns
    -------
    pandas.DataFrame
        As `run_study` returned it.

    Raises
    ------
    ValueError
        If it is not such a file, holds a run twice, or a number is missing.

    Examples
    --------
    >>> import rnnedu, tempfile
    >>> with tempfile.NamedTemporaryFile(suffix=".csv") as file:
    ...     rnnedu.load_study().to_csv(file.name, index=False)
    ...     len(rnnedu.read_study(file.name)) == len(rnnedu.load_study())
    True
    """
    path = expanded(path)
    return _seed_study_csv.parse(path.read_bytes(), str(path), RECIPES)


def load_study_forecasts() -> pd.DataFrame:
    """Return the forecasts of all runs of `load_study`, which come with the package.

    Returns
    -------
    pandas.DataFrame
        As `read_study_forecasts` returns it.

    Examples
    --------
    >>> import rnnedu
    >>> forecasts = rnnedu.load_study_forecasts()
    >>> forecasts["free_running"]["lstm"].shape[1]
    20
    """
    name = "seed_study_forecasts.npz"
    data = (resources.files("rnnedu") / name).read_bytes()
    return _seed_study_forecasts.parse(data, name, RECIPES)


def read_study_forecasts(path) -> pd.DataFrame:
    """Read the forecasts that `run_study` has kept beside its rows.

    Parameters
    ----------
    path : str or path-like
        The CSV file of the study, as given to `run_study`.

    Returns
    -------
    pandas.DataFrame
        In dollars, as float32, by date of the test year. The columns have three levels:
        the kind, ``one_step`` or ``free_running``; the network; the seed. So
        ``forecasts["one_step"]["gru"][0]`` is one series. The hash of the prices is in
        ``attrs["data_sha256"]``; compare it with `windows.data_digest` before you draw
        these forecasts over prices.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged.

    Examples
    --------
    >>> import rnnedu, tempfile
    >>> prices = rnnedu.load_ibm().loc["2010":]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/study.csv"
    ...     rows = rnnedu.run_study(prices, ["gru"], seeds=1, path=path, epochs=1, jobs=1)
    ...     forecasts = rnnedu.read_study_forecasts(path)
    >>> forecasts.columns.tolist()
    [('one_step', 'gru', 0), ('free_running', 'gru', 0)]
    """
    path = existing_file(_seed_study_forecasts.beside(expanded(path)))
    return _seed_study_forecasts.parse(path.read_bytes(), str(path), RECIPES)


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


def _run_until_killed(parent: int, *arguments) -> dict:
    """Do as `run`, in a worker that ends when `parent` does."""
    _seed_study_workers.end_with(parent)
    return run(*arguments)


def _run_alone(name: str, seed: int, prices: pd.DataFrame, epochs: int) -> dict:
    """Do as `run`, in a process of its own.

    Keras takes its seeds from Python's random numbers, and the threads of a Dask worker
    share them; so rows would come out different now and then.
    """
    worker = subprocess.run(
        [sys.executable, "-m", "rnnedu.seed_study", name, str(seed), str(epochs)],
        input=prices.to_csv(),
        capture_output=True,
        text=True,
    )
    if worker.returncode:
        raise RuntimeError(f"{name}, seed {seed}, ended early: {worker.stderr[-2000:]}")
    return json.loads(worker.stdout.splitlines()[-1])


if __name__ == "__main__":  # what `_run_alone` starts: prices come in, a row goes out
    _name, _seed, _epochs = sys.argv[1:]
    _prices = pd.read_csv(
        sys.stdin, index_col=0, parse_dates=True, float_precision="round_trip"
    )
    print(json.dumps(run(_name, int(_seed), _prices, int(_epochs))))
