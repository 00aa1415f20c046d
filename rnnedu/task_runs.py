"""Ten recorded training runs each of small networks on *repeat the last marked number*.

Training one of these networks takes some seconds, ten of them a minute. So the weights
that the runs ended with are kept in ``task_runs.csv``, and a page computes with them. The
file is written by ``python -m rnnedu task_runs``, and a test repeats a part of it.
"""

from dataclasses import asdict, astuple, dataclass
from importlib import resources

import keras
import numpy as np
import pandas as pd

from rnnedu import cells, tasks
from rnnedu._cache import expanded, make_writable, write_whole
from rnnedu.training import fit_seeds

SEEDS = range(10)
EPOCHS = 30
COLUMNS = ["layer", "units", "gap", "learning_rate", "seed", "losses", "weights"]


@dataclass(frozen=True)
class Setting:
    """A network with one recurrent layer and a dense layer, and how it is trained.

    Attributes
    ----------
    layer : str
        The name of the recurrent layer in Keras: SimpleRNN, LSTM or GRU.
    units : int
        Of this layer.
    gap : int
        The mean number of time steps between two marks.
    learning_rate : float
        Of the optimiser, Adam.

    Examples
    --------
    >>> from rnnedu.task_runs import Setting
    >>> Setting("LSTM", units=1, gap=80, learning_rate=0.1).layer
    'LSTM'
    """

    layer: str
    units: int
    gap: int
    learning_rate: float


SETTINGS = (
    Setting("SimpleRNN", 8, 5, 0.01),
    Setting("SimpleRNN", 8, 20, 0.01),
    Setting("SimpleRNN", 8, 80, 0.01),
    Setting("SimpleRNN", 8, 80, 0.003),
    Setting("LSTM", 1, 80, 0.1),
    Setting("GRU", 2, 80, 0.1),
)


def load_task_runs(layer: str, *, gap: int, learning_rate: float) -> list[cells.Network]:
    """Return ten networks that were trained on the task, one for each seed from 0 to 9.

    Each has been trained for 30 epochs on 500 sequences, in batches of 50, with Adam and
    the mean squared error. Only the initial weights and the order of the batches differ.

    Parameters
    ----------
    layer : str
        The recurrent layer: "SimpleRNN" (8 units), "LSTM" (1 unit) or "GRU" (2 units).
    gap : int
        The mean number of time steps between two marks in its sequences.
    learning_rate : float
        Of the optimiser.

    Returns
    -------
    list of rnnedu.cells.Network
        The trained networks in NumPy, in the order of the seeds.

    Raises
    ------
    ValueError
        If there is no such run in the file.

    Examples
    --------
    >>> import rnnedu
    >>> from rnnedu import tasks
    >>> networks = rnnedu.load_task_runs("LSTM", gap=80, learning_rate=0.1)
    >>> X, y = tasks.repeat_last_marked(200, gap=80, seed=1)
    >>> rnnedu.rmse(y.ravel(), networks[0](X).ravel()) < 0.2
    True
    """
    known = {(each.layer, each.gap, each.learning_rate): each for each in SETTINGS}
    setting = known.get((layer, gap, learning_rate))
    if setting is None:
        fix = "; ".join(f'"{a}", gap={b}, learning_rate={c}' for a, b, c in known)
        raise ValueError(
            f'no run is recorded for "{layer}", gap={gap}, learning_rate={learning_rate}.'
            f" Fix: take one of these: {fix}; or train with rnnedu.fit_seeds."
        )
    model, networks = build_task_network(setting), []
    shapes = [weights.shape for weights in model.get_weights()]
    ends = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
    for row in runs_of(setting).itertuples():
        parts = np.split(np.array(row.weights.split(), dtype="float32"), ends)
        model.set_weights([a.reshape(b) for a, b in zip(parts, shapes, strict=True)])
        networks.append(cells.Network.from_keras(model))
    return networks


def runs_of(setting: Setting) -> pd.DataFrame:
    """Return the recorded runs of one setting, in the order of the seeds.

    Parameters
    ----------
    setting : Setting
        One of `SETTINGS`.

    Returns
    -------
    pandas.DataFrame
        One row per seed. The columns ``losses`` (the mean squared error of each epoch) and
        ``weights`` (in the order of Keras) hold numbers separated by spaces.

    Examples
    --------
    >>> from rnnedu import task_runs
    >>> runs = task_runs.runs_of(task_runs.SETTINGS[0])
    >>> len(runs), len(runs["losses"][0].split())
    (10, 30)
    """
    with (resources.files("rnnedu") / "task_runs.csv").open(encoding="utf-8") as file:
        rows = pd.read_csv(file)
    for name, value in asdict(setting).items():
        rows = rows[rows[name] == value]
    return rows.sort_values("seed").reset_index(drop=True)


def build_task_network(setting: Setting) -> keras.Model:
    """Return the network of a setting, compiled and not yet trained.

    Parameters
    ----------
    setting : Setting

    Returns
    -------
    keras.Model

    Examples
    --------
    >>> from rnnedu import task_runs
    >>> task_runs.build_task_network(task_runs.SETTINGS[0]).count_params()
    97
    """
    network = keras.Sequential(
        [
            keras.Input(shape=(None, 2)),
            getattr(keras.layers, setting.layer)(setting.units, return_sequences=True),
            keras.layers.Dense(1),
        ]
    )
    network.compile(keras.optimizers.Adam(setting.learning_rate), "mse")
    return network


def train_task_network(
    setting: Setting, seeds=SEEDS, epochs: int = EPOCHS
) -> tuple[list[keras.Model], pd.DataFrame]:
    """Train the network of a setting from several seeds.

    Parameters
    ----------
    setting : Setting
    seeds : iterable of int
    epochs : int

    Returns
    -------
    networks : list of keras.Model
    history : pandas.DataFrame
        Both as `rnnedu.fit_seeds` returns them.

    Examples
    --------
    >>> from rnnedu import task_runs
    >>> lstm = task_runs.Setting("LSTM", units=1, gap=2, learning_rate=0.1)
    >>> networks, history = task_runs.train_task_network(lstm, seeds=[0], epochs=1)
    >>> len(networks), len(history)
    (1, 1)
    """
    X, y = tasks.repeat_last_marked(500, gap=setting.gap, seed=0)
    model = build_task_network(setting)
    return fit_seeds(model, X, y, seeds=seeds, epochs=epochs, batch_size=50)


def record_task_runs(path) -> None:
    """Train every network of `SETTINGS` from ten seeds, and write the file.

    Parameters
    ----------
    path : str or path-like
        Replaced when all runs have ended, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written. This is found out before training.
    """
    path, rows = expanded(path), []
    make_writable(path.parent, "no file can be written here. Fix: choose another folder")
    for setting in SETTINGS:
        networks, history = train_task_network(setting, SEEDS, EPOCHS)
        for seed, network in zip(SEEDS, networks, strict=True):
            losses = history.loc[history["seed"] == seed, "loss"]
            weights = np.concatenate([each.ravel() for each in network.get_weights()])
            rows.append(
                [
                    *astuple(setting),
                    seed,
                    " ".join(f"{value:.6g}" for value in losses),
                    " ".join(f"{value:.9g}" for value in weights),
                ]
            )
    table = pd.DataFrame(rows, columns=COLUMNS).to_csv(index=False, lineterminator="\n")
    write_whole(path, table.encode())
