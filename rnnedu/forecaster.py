"""A trained network with all that it needs to forecast elsewhere, kept in one file.

The file is a zip archive of two entries: settings in JSON, and the network as Keras saves
it. It holds no code, and nothing is ever unpickled.
"""

import io
import json
import logging
import math
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from sklearn.preprocessing import MinMaxScaler

from rnnedu._cache import existing_file, expanded, write_whole
from rnnedu._price_checks import check_prices
from rnnedu.windows import Windows

SETTINGS, NETWORK = "forecaster.json", "model.keras"
VERSION = 1  # of the file; to be raised when its parts or their meaning change
_HEADER = 30  # bytes before the name of the first entry of a zip archive
DAYS = ("first_day", "last_day")
SAVED = ("low", "high", "lookback", "columns", "target", *DAYS, "rows")
TARGETS = ("price", "change")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Forecaster:
    """A trained network, and what it takes to forecast with it: scaling, window, columns.

    A network of *prices* reads ``(price - low) / (high - low)`` and returns the next price
    in the same scale. A network of *changes* reads ``(price - last) / (high - low)``, where
    ``last`` is the last price of its window, and returns the change from there.

    Attributes
    ----------
    model : keras.Model
        Maps windows ``(batch, lookback, columns)`` to ``(batch, 1)``, both scaled.
    low, high : float
        The price that is scaled to 0, and that to 1; of changes, 0 and the change that is
        scaled to 1.
    lookback : int
        Time steps in a window.
    columns : tuple of str
        What it reads. The first one is the price forecast.
    target : {"price", "change"}
        What the network predicts.
    first_day, last_day : pandas.Timestamp
        Of the prices that the network was trained on.
    rows : int
        How many prices these were.

    Raises
    ------
    TypeError
        If `model` is no Keras network.
    ValueError
        If it takes other windows, or a setting is none.

    See Also
    --------
    Forecaster.from_windows, Forecaster.from_changes

    Examples
    --------
    >>> import rnnedu
    >>> prices = rnnedu.load_ibm()
    >>> windows = rnnedu.make_windows(prices, lookback=10, test_year=None)
    >>> trained = rnnedu.train("gru", windows, epochs=1)
    >>> forecaster = rnnedu.Forecaster.from_windows(trained.model, windows)
    >>> bool(forecaster.low == prices["High"].min()), forecaster.rows == len(prices)
    (True, True)
    """

    model: keras.Model
    low: float
    high: float
    lookback: int
    columns: tuple[str, ...]
    target: str
    first_day: pd.Timestamp
    last_day: pd.Timestamp
    rows: int

    def __post_init__(self):
        """Refuse a network that does not fit, and settings that are none."""
        if not isinstance(self.model, keras.Model):
            raise TypeError(
                f"a {type(self.model).__name__} is no Keras network. Fix: give a "
                "keras.Model; what rnnedu.train returned has it as .model."
            )
        takes, gives = (getattr(self.model, f"{end}_shape") for end in ("input", "output"))
        features = len(self.columns)
        fitting = [(None, n, features) for n in (None, self.lookback)]
        if takes not in fitting or gives != (None, 1):
            raise ValueError(
                f"the network maps {takes} to {gives}, not windows (None, {self.lookback}, "
                f"{features}) to one price (None, 1). Fix: give the windows or the columns "
                "that it was trained on, and a network without stateful layers."
            )
        if self.target not in TARGETS:
            raise ValueError(f"target is {self.target!r}. Fix: give one of {TARGETS}.")
        numbers = isinstance(self.low, float) and isinstance(self.high, float)
        if not (numbers and math.isfinite(self.high - self.low) and self.low <= self.high):
            raise ValueError(
                f"low is {self.low!r} and high is {self.high!r}. Fix: give the lowest and "
                "the highest price that the network was trained on, as floats."
            )
        counts = (self.lookback, self.rows)
        if not all(isinstance(each, int) and each > 0 for each in counts):
            raise ValueError(f"lookback and rows are {counts}. Fix: give whole numbers.")

    @classmethod
    def from_windows(cls, model: keras.Model, windows: Windows) -> "Forecaster":
        """Take everything but the network from the windows that it was trained on.

        Parameters
        ----------
        model : keras.Model
            The trained network.
        windows : Windows
            Those whose ``X_train`` and ``y_train`` it was trained on.

        Returns
        -------
        Forecaster

        Raises
        ------
        ValueError
            If their scaler does more than to map two prices to 0 and 1.

        Warns
        -----
        In the log, if the network is further from the last training prices than their mean
        is: then it was trained on something else, such as changes, or not at all.

        Examples
        --------
        >>> import rnnedu
        >>> windows = rnnedu.make_windows(rnnedu.load_ibm(), lookback=5)
        >>> model = rnnedu.build_network("gru", lookback=5)  # not trained yet
        >>> rnnedu.Forecaster.from_windows(model, windows).column
        'High'
        """
        scaler, days = windows.scaler, windows.train_prices.index
        if tuple(scaler.feature_range) != (0, 1) or scaler.clip:
            raise ValueError(
                f"the scaler is {scaler}, which two prices do not describe. Fix: use "
                "MinMaxScaler() without options, as make_windows does."
            )
        forecaster = cls(
            model=model,
            low=float(scaler.data_min_[0]),
            high=float(scaler.data_max_[0]),
            lookback=int(windows.lookback),
            columns=(windows.column,),
            target="price",
            first_day=days[0],
            last_day=days[-1],
            rows=len(days),
        )
        X, y = windows.X_train[-250:], windows.y_train[-250:]
        error = np.sqrt(np.mean((np.asarray(model(X, training=False))[:, 0] - y) ** 2))
        if not error <= max(np.std(y), 0.01):  # a constant series has no deviation
            log.warning(
                "The network is further from the last %d training prices than their mean "
                "is. Does it predict changes? Then use Forecaster.from_changes.",
                len(y),
            )
        return forecaster

    @classmethod
    def from_changes(
        cls,
        model: keras.Model,
        prices: pd.DataFrame,
        usual_change: float,
        columns: Sequence[str] = ("High",),
    ) -> "Forecaster":
        """Keep a network that predicts the change from the last price of its window.

        It reads each column minus the last price of the first column, divided by
        `usual_change`, and its output is the next price minus the last, likewise divided.

        Parameters
        ----------
        model : keras.Model
            The trained network, from windows ``(batch, lookback, columns)`` to
            ``(batch, 1)``.
        prices : pandas.DataFrame
            The prices that it was trained on.
        usual_change : float
            By what inputs and targets were divided, in the unit of the prices.
        columns : sequence of str
            What it reads, in this order; the first is what it forecasts.

        Returns
        -------
        Forecaster

        Raises
        ------
        ValueError
            If `usual_change` is not above zero, or a column is missing.

        Examples
        --------
        >>> import keras, rnnedu
        >>> prices = rnnedu.load_ibm()
        >>> layers = [keras.Input((10, 2)), keras.layers.GRU(4), keras.layers.Dense(1)]
        >>> model = keras.Sequential(layers)  # not trained yet
        >>> forecaster = rnnedu.Forecaster.from_changes(
        ...     model, prices, usual_change=1.5, columns=["High", "Close"])
        >>> abs(forecaster.forecast_next(prices) - prices["High"].iloc[-1]) < 10
        True
        """
        if not (math.isfinite(usual_change) and usual_change > 0):
            raise ValueError(
                f"usual_change is {usual_change!r}. Fix: give a number above zero, such as "
                "the standard deviation of the changes that the network was trained on."
            )
        table = _columns_of(prices, tuple(columns))
        return cls(
            model=model,
            low=0.0,
            high=float(usual_change),
            lookback=int(model.input_shape[1]),
            columns=tuple(columns),
            target="change",
            first_day=table.index[0],
            last_day=table.index[-1],
            rows=len(table),
        )

    @property
    def column(self) -> str:
        """The price forecast."""
        return self.columns[0]

    @property
    def scaler(self) -> MinMaxScaler:
        """The scaler of the training prices, for ``make_windows(..., scaler=)``.

        Raises ValueError for a network of changes, whose inputs no such scaler makes.
        """
        if self.target == "change":
            raise ValueError(
                "this network reads changes, which no scaler of prices makes. Fix: use "
                "forecast_next, which prepares its windows."
            )
        return MinMaxScaler().fit(np.array([[self.low], [self.high]]))

    def forecast_next(self, prices: pd.DataFrame | pd.Series, *, positive=True) -> float:
        """Forecast the price of the time step after the last row.

        Parameters
        ----------
        prices : pandas.DataFrame or pandas.Series
            As for `make_windows`: days in order, with the columns that the network was
            trained on. The last `lookback` rows are used.
        positive : bool
            Whether a price must be above zero, as in `make_windows`.

        Returns
        -------
        float
            In the unit of the prices: dollars.

        Raises
        ------
        ValueError
            If there are fewer rows than `lookback`, the column is missing, or
            `check_prices` refuses the table.

        Examples
        --------
        >>> import rnnedu
        >>> prices = rnnedu.load_ibm()
        >>> windows = rnnedu.make_windows(prices, lookback=5)
        >>> model = rnnedu.build_network("gru", lookback=5)  # not trained yet
        >>> forecaster = rnnedu.Forecaster.from_windows(model, windows)
        >>> whole, short = map(forecaster.forecast_next, (prices, prices.tail(5)))
        >>> whole == short
        True
        """
        table = _columns_of(prices, self.columns, positive=positive)
        if len(table) < self.lookback:
            name = prices.attrs.get("name", "the table")
            raise ValueError(
                f"{name}: {len(table)} rows are fewer than the {self.lookback} that a "
                f"window needs. Fix: give the last {self.lookback} days, or more."
            )
        window = table.to_numpy()[-self.lookback :]
        zero = window[-1, 0] if self.target == "change" else self.low
        unit = self.high - self.low or 1.0  # as MinMaxScaler does with a constant series
        X = ((window - zero) / unit).astype(np.float32)[None]  # (1, lookback, columns)
        scaled = np.asarray(self.model(X, training=False), dtype=float)[0, 0]
        return float(zero + unit * scaled)

    def save(self, path) -> None:
        """Write all of it into one file, whole or not at all.

        Parameters
        ----------
        path : str or path-like
            Where to. A file of that name is replaced.

        Raises
        ------
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> import pathlib, rnnedu, tempfile
        >>> windows = rnnedu.make_windows(rnnedu.load_ibm(), lookback=5)
        >>> model = rnnedu.build_network("gru", lookback=5)  # not trained yet
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "ibm.forecaster"
        ...     rnnedu.Forecaster.from_windows(model, windows).save(path)
        ...     rnnedu.load_forecaster(path).lookback
        5
        """
        path, file = expanded(path), io.BytesIO()
        settings = {name: getattr(self, name) for name in SAVED}
        days = {name: settings[name].isoformat() for name in DAYS}
        about = {"version": VERSION, "keras": keras.__version__}
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(file, "w") as packed:
            network = Path(folder) / NETWORK
            self.model.save(network)
            packed.writestr(SETTINGS, json.dumps(about | settings | days, indent=2))
            packed.write(network, NETWORK)
        try:
            write_whole(path, file.getvalue())
        except OSError as error:
            raise OSError(
                f"{path}: the forecaster cannot be written ({error}). Fix: give the name "
                "of a file in a folder that exists and can be written to."
            ) from error


def load_forecaster(path) -> Forecaster:
    """Load what `Forecaster.save` has written, in this process or another.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    Forecaster
        It forecasts the same numbers. Its network is not compiled, since it is for use.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is another one, is damaged, or was written by a newer version.

    Examples
    --------
    >>> import pathlib, rnnedu, tempfile
    >>> prices = rnnedu.load_ibm()
    >>> windows = rnnedu.make_windows(prices, lookback=5)
    >>> model = rnnedu.build_network("gru", lookback=5)  # not trained yet
    >>> forecaster = rnnedu.Forecaster.from_windows(model, windows)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "ibm.forecaster"
    ...     forecaster.save(path)
    ...     loaded = rnnedu.load_forecaster(path)
    >>> loaded.forecast_next(prices) == forecaster.forecast_next(prices)
    True
    """
    path = existing_file(path)
    settings, network = _unpack(path)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / NETWORK
        file.write_bytes(network)
        try:
            model = keras.models.load_model(file, compile=False, safe_mode=True)
        except Exception as error:  # whatever Keras meets in a file
            reason = str(error).strip().splitlines()[0] if str(error).strip() else error
            raise ValueError(
                f"{path}: this Keras ({keras.__version__}) cannot load the network inside "
                f"({type(error).__name__}: {reason}). Fix: if it has layers of your own, "
                "register them with keras.saving.register_keras_serializable, and import "
                f"them here; or use the Keras that wrote it, {settings.get('keras')}."
            ) from error
    try:
        days = {name: pd.Timestamp(settings[name]) for name in DAYS}
        settings["columns"] = tuple(settings["columns"])
        return Forecaster(model, **{name: settings[name] for name in SAVED} | days)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, error) from error


def _columns_of(prices, columns: tuple[str, ...], *, positive=True) -> pd.DataFrame:
    """Return columns side by side, each of them checked."""
    checked = [check_prices(prices, column, positive=positive) for column in columns]
    return pd.concat(checked, axis=1, keys=columns)


def _unpack(path: Path) -> tuple[dict, bytes]:
    """Return settings and network of a file, both compared with their checksums."""
    name = SETTINGS.encode()
    with open(path, "rb") as file:
        is_ours = file.read(_HEADER + len(name))[_HEADER:] == name
    if not is_ours:
        also = " It may be a network alone, as model.save writes it." * _is_zip(path)
        raise ValueError(
            f"{path}: this is no file that Forecaster.save has written.{also} Fix: give "
            "such a file, or write one with "
            "rnnedu.Forecaster.from_windows(model, windows).save(path)."
        )
    data = path.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            settings, network = json.loads(packed.read(SETTINGS)), packed.read(NETWORK)
        is_newer = settings["version"] > VERSION
    except Exception as error:  # whatever a damaged archive leads to
        raise _damaged(path, error) from error
    if not is_newer:
        return settings, network
    raise ValueError(
        f"{path}: the file has version {settings['version']}, and this rnnedu reads "
        f"versions up to {VERSION}. Fix: install a newer rnnedu, or save the forecaster "
        "again with this one."
    )


def _is_zip(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _damaged(path: Path, error: Exception) -> ValueError:
    return ValueError(
        f"{path}: the file is damaged ({error}). Fix: copy it again, in binary mode, or "
        "save the forecaster again."
    )
