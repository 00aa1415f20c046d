"""A losing network, improved one change at a time, and the recorded runs of each step.

Training all steps takes many minutes, so their scores on three validation years are kept in
``improvement_runs.csv``. The file is written by ``python -m rnnedu improvements``, and a
test repeats a part of it.
"""

import time
from dataclasses import dataclass, replace
from importlib import resources

import keras
import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from rnnedu._cache import expanded, make_writable, write_whole
from rnnedu.metrics import rmse, skill
from rnnedu.models import lstm_network
from rnnedu.training import fit_seeds
from rnnedu.windows import last_full_year

BATCH_SIZE = 32
VALIDATION_YEARS = 3


@dataclass(frozen=True)
class Step:
    """One network, what it reads and predicts, and how it is trained.

    Attributes
    ----------
    name : str
        What this step changes.
    seeds : int
        How many training runs are recorded.
    network : str
        ``"LSTM"`` for the four layers of the notebook, ``"GRU"`` for one layer of 8 units,
        ``"linear"`` for a linear regression on the same inputs.
    lookback : int
        Days in a window.
    target : str
        ``"price"``, scaled to [0, 1], or ``"change"`` from the window's last day.
    inputs : str
        ``"price"``, scaled to [0, 1], or ``"difference"`` from the window's last High.
    columns : tuple of str
        The prices that it reads. What it predicts is the High.
    epochs : int
        Passes over the training windows.
    cosine : bool
        Whether the learning rate falls to 0, from twice its usual value.
    average_last : int
        Over how many of the last epochs the weights are averaged; 0 for none.

    Examples
    --------
    >>> from rnnedu.improvements import STEPS
    >>> STEPS[0].network, STEPS[0].lookback
    ('LSTM', 60)
    """

    name: str
    seeds: int = 5
    network: str = "LSTM"
    lookback: int = 60
    target: str = "price"
    inputs: str = "price"
    columns: tuple[str, ...] = ("High",)
    epochs: int = 50
    cosine: bool = False
    average_last: int = 0


def _steps():
    step = Step("the notebook's network", seeds=3)
    yield step
    for name, change in {
        "one small layer": {"network": "GRU", "lookback": 10, "seeds": 5},
        "predict the change": {"target": "change"},
        "subtract the last price": {"inputs": "difference"},
        "read the Close, too": {"columns": ("High", "Close")},
        "stop early": {"epochs": 12},
        "lower the learning rate": {"cosine": True},
        "average the weights": {"average_last": 4},
    }.items():
        step = replace(step, name=name, **change)
        yield step
        if name == "read the Close, too":
            without = replace(step, name="the Close without subtracting", inputs="price")
    yield without
    yield replace(step, name="linear regression", network="linear", seeds=1)


STEPS = tuple(_steps())
"""The steps in order. Each adds one change to the step before it, except the last two: one
reads the Close as the fifth does, but does not subtract the last price; the other is no
network, but a linear regression on the inputs of the step with averaged weights."""


@dataclass(frozen=True)
class StepData:
    """Inputs and targets of one step, and the way back from a prediction to dollars.

    Attributes
    ----------
    X : numpy.ndarray, shape (days, lookback, columns), float32
        The windows.
    y : numpy.ndarray, shape (days,), float32
        Their targets.
    days : pandas.DatetimeIndex
        The days that are predicted.
    price, last_price : numpy.ndarray, shape (days,)
        The High of that day and of the day before, in dollars. The second is the
        forecast of persistence.
    offset : numpy.ndarray or float
        In dollars: what has to be added to a prediction that is multiplied by `scale`.
    scale : float
        Dollars in one unit of the target.

    Examples
    --------
    >>> import rnnedu
    >>> from rnnedu.improvements import STEPS, inputs_and_targets
    >>> examples = inputs_and_targets(rnnedu.load_ibm(), STEPS[4], train_until=2009)
    >>> examples.X.shape[1:]
    (10, 2)
    >>> float(abs(examples.to_dollars(examples.y) - examples.price).max()) < 1e-4
    True
    """

    X: np.ndarray
    y: np.ndarray
    days: pd.DatetimeIndex
    price: np.ndarray
    last_price: np.ndarray
    offset: np.ndarray | float
    scale: float

    def to_dollars(self, predicted) -> np.ndarray:
        """Return the prices that predictions of the target stand for.

        Parameters
        ----------
        predicted : array_like, shape (days,) or (days, 1)
            What a network outputs for `X`.

        Returns
        -------
        numpy.ndarray, shape (days,)
            In dollars.
        """
        return self.offset + self.scale * np.asarray(predicted, dtype=float).reshape(-1)


def inputs_and_targets(prices: pd.DataFrame, step: Step, train_until: int) -> StepData:
    """Cut prices into the windows and targets of one step.

    Parameters
    ----------
    prices : pandas.DataFrame
        As `rnnedu.load_ibm` returns them.
    step : Step
        What it reads and predicts.
    train_until : int
        Everything that is measured for scaling is measured before this year.

    Returns
    -------
    StepData
        A window for each day that has a whole window before it, in all years.

    Examples
    --------
    >>> import rnnedu
    >>> from rnnedu.improvements import STEPS, inputs_and_targets
    >>> inputs_and_targets(rnnedu.load_ibm(), STEPS[0], train_until=2009).X.shape[1:]
    (60, 1)
    """
    past = prices.loc[prices.index.year < train_until, "High"]
    lowest, spread = past.min(), past.max() - past.min()
    usual_change = past.diff().std()
    read = prices[list(step.columns)].to_numpy(dtype=float)
    windows = sliding_window_view(read[:-1], step.lookback, axis=0).transpose(0, 2, 1)
    high = prices["High"].to_numpy(dtype=float)
    price, last_price = high[step.lookback :], high[step.lookback - 1 : -1]
    if step.inputs == "price":
        X = (windows - lowest) / spread
    else:
        X = (windows - last_price[:, None, None]) / usual_change
    offset, scale = (
        (lowest, spread) if step.target == "price" else (last_price, usual_change)
    )
    return StepData(
        X=X.astype("float32"),
        y=((price - offset) / scale).astype("float32"),
        days=prices.index[step.lookback :],
        price=price,
        last_price=last_price,
        offset=offset,
        scale=float(scale),
    )


class AverageWeights(keras.callbacks.Callback):
    """Give a network the mean of the weights that it had after each of its last epochs.

    Parameters
    ----------
    last : int
        How many epochs.

    Examples
    --------
    >>> import keras, numpy as np
    >>> from rnnedu.improvements import AverageWeights
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> X = np.ones((4, 1))
    >>> fit = model.fit(X, X, epochs=3, verbose=0, callbacks=[AverageWeights(2)])
    >>> len(fit.history["loss"])
    3
    """

    def __init__(self, last: int):
        super().__init__()
        self.last = last

    def on_train_begin(self, logs=None):
        """Forget the run before."""
        self.kept = []

    def on_epoch_end(self, epoch, logs=None):
        """Keep a copy of the weights, if this is one of the last epochs."""
        if epoch >= self.params["epochs"] - self.last:
            self.kept.append(self.model.get_weights())

    def on_train_end(self, logs=None):
        """Replace the weights by the mean of the copies."""
        self.model.set_weights(
            [np.mean(each, axis=0) for each in zip(*self.kept, strict=True)]
        )


def build_step(step: Step, updates: int):
    """Return the network of a step, compiled and not yet trained.

    Parameters
    ----------
    step : Step
        One with a network.
    updates : int
        Gradient steps of the whole training: the learning rate may fall to 0 over them.

    Returns
    -------
    keras.Model

    Examples
    --------
    >>> from rnnedu.improvements import STEPS, build_step
    >>> build_step(STEPS[0], updates=100).count_params()
    71051
    >>> build_step(STEPS[4], updates=100).count_params()
    297
    """
    if step.network == "LSTM":
        model = lstm_network(step.lookback, len(step.columns))
    else:
        model = keras.Sequential(
            [
                keras.Input((step.lookback, len(step.columns))),
                keras.layers.GRU(8),
                keras.layers.Dense(1),
            ]
        )
    rate = keras.optimizers.schedules.CosineDecay(0.002, updates) if step.cosine else 0.001
    model.compile(keras.optimizers.RMSprop(rate), "mse")
    return model


def predict_step(step: Step, examples: StepData, is_past, seed: int) -> np.ndarray:
    """Train the network of a step from one seed, or fit the regression, and predict.

    Parameters
    ----------
    step : Step
    examples : StepData
        From `inputs_and_targets`.
    is_past : numpy.ndarray of bool, shape (days,)
        Which days to train on.
    seed : int

    Returns
    -------
    numpy.ndarray, shape (days,)
        Dollars, for all days of `examples`.

    Examples
    --------
    >>> import rnnedu
    >>> from rnnedu.improvements import STEPS, inputs_and_targets, predict_step
    >>> examples = inputs_and_targets(rnnedu.load_ibm(), STEPS[-1], train_until=2009)
    >>> is_past = examples.days.year < 2009
    >>> forecast = predict_step(STEPS[-1], examples, is_past, seed=0)
    >>> forecast.shape == examples.price.shape
    True
    """
    X, y = examples.X[is_past], examples.y[is_past]
    if step.network == "linear":
        rows = np.c_[np.ones(len(examples.X)), examples.X.reshape(len(examples.X), -1)]
        weights = np.linalg.lstsq(rows[is_past], y, rcond=None)[0]
        return examples.to_dollars(rows @ weights)
    batches = -(-len(X) // BATCH_SIZE)
    (network,), _ = fit_seeds(
        build_step(step, updates=batches * step.epochs),
        X,
        y,
        seeds=[seed],
        epochs=step.epochs,
        batch_size=BATCH_SIZE,
        callbacks=[AverageWeights(step.average_last)] if step.average_last else [],
    )
    return examples.to_dollars(network.predict(examples.X, verbose=0))


def run_step(step: Step, seed: int, prices: pd.DataFrame) -> pd.DataFrame:
    """Train one step from one seed and score it on the validation years.

    They are the three years before the test year, which is the last full year of the
    prices. The training years end before them.

    Parameters
    ----------
    step : Step
    seed : int
    prices : pandas.DataFrame
        As `rnnedu.load_ibm` returns them.

    Returns
    -------
    pandas.DataFrame
        A row for each validation year and one for all of them together: columns ``step``,
        ``seed``, ``years``, ``rmse``, ``persistence`` (its RMSE), ``skill`` and ``seconds``
        (of computing, on one core or several).

    Examples
    --------
    >>> import rnnedu
    >>> from rnnedu.improvements import STEPS, run_step
    >>> rows = run_step(STEPS[-1], 0, rnnedu.load_ibm())
    >>> list(rows["years"]), bool(rows["skill"].iloc[-1] > 0)
    (['2009', '2010', '2011', '2009-2011'], True)
    """
    test_year = last_full_year(prices.index)
    first = test_year - VALIDATION_YEARS
    examples = inputs_and_targets(prices, step, train_until=first)
    year = examples.days.year
    begin = time.process_time()
    forecast = predict_step(step, examples, year < first, seed)
    seconds = time.process_time() - begin
    rows = []
    periods = {str(each): year == each for each in range(first, test_year)}
    periods[f"{first}-{test_year - 1}"] = (year >= first) & (year < test_year)
    for years, which in periods.items():
        truth, base = examples.price[which], examples.last_price[which]
        rows.append(
            {
                "step": step.name,
                "seed": seed,
                "years": years,
                "rmse": rmse(truth, forecast[which]),
                "persistence": rmse(truth, base),
                "skill": skill(truth, forecast[which], base),
                "seconds": round(seconds, 1),
            }
        )
    return pd.DataFrame(rows)


def load_improvement_runs() -> pd.DataFrame:
    """Return the recorded runs of all steps, on the prices of the source notebook.

    Returns
    -------
    pandas.DataFrame
        The rows of `run_step` for every step of `STEPS` and every seed, in that order. The
        networks were trained on the years before 2014 and scored on 2014 to 2016.

    Examples
    --------
    >>> import rnnedu
    >>> runs = rnnedu.load_improvement_runs()
    >>> runs["years"].unique().tolist()
    ['2014', '2015', '2016', '2014-2016']
    """
    path = resources.files("rnnedu") / "improvement_runs.csv"
    with path.open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype={"years": str})


def record_improvement_runs(path, prices: pd.DataFrame, steps=None) -> None:
    """Run every step from each of its seeds, and write the file.

    Parameters
    ----------
    path : str or path-like
        Replaced when all runs have ended, whole or not at all.
    prices : pandas.DataFrame
        As `rnnedu.load_ibm` returns them.
    steps : iterable of Step, optional
        All of `STEPS` unless given, which takes ten minutes or more.

    Raises
    ------
    OSError
        If the file cannot be written. This is found out before training.

    Examples
    --------
    >>> import pathlib, rnnedu, tempfile
    >>> from rnnedu.improvements import STEPS, record_improvement_runs
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "runs.csv"
    ...     record_improvement_runs(path, rnnedu.load_ibm(), steps=STEPS[-1:])
    ...     path.read_text().split(",", 1)[0]
    'step'
    """
    path = expanded(path)
    make_writable(path.parent, "no file can be written here. Fix: choose another folder")
    runs = [
        run_step(step, seed, prices)
        for step in steps or STEPS
        for seed in range(step.seeds)
    ]
    table = pd.concat(runs).to_csv(index=False, lineterminator="\n", float_format="%.6g")
    write_whole(path, table.encode())
