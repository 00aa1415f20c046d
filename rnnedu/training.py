"""Training with a seed, and a cache of trained weights so that it is done once."""

import hashlib
import inspect
import json
import logging
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import filelock
import keras
import tensorflow
from tqdm.keras import TqdmCallback
from tqdm.std import tqdm

import rnnedu
from rnnedu import _loops, fast, models
from rnnedu._cache import cache_dir
from rnnedu.windows import Windows

log = logging.getLogger(__name__)

WEIGHTS, RECORD = "model.weights.h5", "record.json"
STEPS_A_CALL = 16
"""Gradient steps that TensorFlow makes at a call: the same steps, less time in Python."""


@dataclass(frozen=True)
class Trained:
    """A trained network and how it came to be.

    Attributes
    ----------
    name : str
        The recipe's name.
    seed : int
        What weights, dropout and the order of batches were drawn from.
    model : keras.Model
        The network, weights as after the last epoch.
    history : dict of str to list of float
        The loss (mean squared error of scaled prices) by epoch.
    from_cache : bool
        Whether the weights were trained before and only read now.
    """

    name: str
    seed: int
    model: keras.Model
    history: dict[str, list[float]]
    from_cache: bool


def train(
    name: str, windows: Windows, *, seed: int = 0, epochs: int | None = None
) -> Trained:
    """Train a network on the training windows, or read what such a training left.

    Weights are kept by everything that determines them. At a terminal a bar shows
    progress and the time that is left; elsewhere nothing is printed.

    Parameters
    ----------
    name : str
        A key of `RECIPES`.
    windows : Windows
        ``X_train`` of shape ``(batch, time, features)`` and ``y_train`` ``(batch,)``.
    seed : int
        For weights, dropout and the order of batches: the same seed repeats the run
        bit for bit on one machine.
    epochs : int, optional
        The recipe's own unless given.

    Returns
    -------
    Trained

    Raises
    ------
    ValueError
        If there is no network of that name, or no epoch to train.
    OSError
        If the cache cannot be written. This is found out before training.
    """
    recipe = models.recipe(name)
    seed, epochs = int(seed), int(recipe.epochs if epochs is None else epochs)
    if epochs < 1:
        raise ValueError(f"epochs is {epochs}. Mend: train for one at least.")
    _, lookback, features = windows.X_train.shape
    model = _fresh(name, lookback, features, seed)
    determinants = _determinants(name, model, windows, seed, epochs)
    entry = cache_dir("weights") / f"{name}-{_digest(determinants)[:20]}"

    # Whoever needs the same weights at the same time waits for them here.
    with filelock.FileLock(f"{entry}.lock"):
        history = _read(entry, model)
        if history is not None:
            return Trained(name, seed, model, history, from_cache=True)
        model = _fresh(name, lookback, features, seed)  # reading may have left traces
        # disable=None: a bar at a terminal, silence in a page, a file or a pipe.
        bar = TqdmCallback(
            epochs, verbose=0, tqdm_class=tqdm, disable=None, desc=f"{name}, seed {seed}"
        )
        model.steps_per_execution = STEPS_A_CALL
        with fast.native_loops(model):
            fit = model.fit(
                windows.X_train,
                windows.y_train,
                epochs=epochs,
                batch_size=recipe.batch_size,
                verbose=0,
                callbacks=[bar],
            )
        model.steps_per_execution = 1
        history = {key: [float(v) for v in run] for key, run in fit.history.items()}
        _write(entry, model, history, determinants)
    return Trained(name, seed, model, history, from_cache=False)


def _fresh(name: str, lookback: int, features: int, seed: int) -> keras.Model:
    keras.utils.set_random_seed(seed)
    return models.build(name, lookback, features)


def _determinants(name, model, windows: Windows, seed: int, epochs: int) -> dict:
    """Collect what the trained weights follow from, on one kind of machine."""
    data = hashlib.sha256()
    for array in (windows.X_train, windows.y_train):
        data.update(repr(array.shape).encode())
        data.update(array.tobytes())
    return {
        "model": name,
        "layers": _nameless(model.get_config()),
        "optimizer": _nameless(model.optimizer.get_config()),
        "batch_size": models.recipe(name).batch_size,
        "data": data.hexdigest(),
        "seed": seed,
        "epochs": epochs,
        "keras": keras.__version__,
        "tensorflow": tensorflow.__version__,
        "rnnedu": rnnedu.__version__,
        # The version alone would not see an edit: these modules decide the weights.
        "source": _digest(
            [
                inspect.getsource(each)
                for each in (models, fast, _loops, sys.modules[__name__])
            ]
        ),
    }


def _nameless(config):
    """Drop the names that Keras counts up with every layer it makes."""
    if isinstance(config, dict):
        return {k: _nameless(v) for k, v in config.items() if k != "name"}
    if isinstance(config, list | tuple):
        return [_nameless(value) for value in config]
    return config


def _digest(value) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _read(entry: Path, model: keras.Model) -> dict[str, list[float]] | None:
    """Put an entry's weights into `model` and return its history; None if there is none.

    A damaged entry is reported, removed and taken as none.
    """
    if not entry.is_dir():
        return None
    try:
        record = json.loads((entry / RECORD).read_text())
        weights = (entry / WEIGHTS).read_bytes()
        if hashlib.sha256(weights).hexdigest() != record["weights_sha256"]:
            raise ValueError("the weights are not those that were written")
        history = {key: [float(v) for v in run] for key, run in record["history"].items()}
        model.optimizer.build(model.trainable_variables)  # its state is kept as well
        model.load_weights(entry / WEIGHTS)
    except Exception as error:  # whatever the damage is, training mends it
        log.warning("%s is damaged (%s): training again.", entry, error)
        shutil.rmtree(entry)
        return None
    return history


def _write(entry: Path, model: keras.Model, history: dict, determinants: dict) -> None:
    """Write weights, history and what they follow from, as one folder or not at all."""
    scratch = Path(tempfile.mkdtemp(dir=entry.parent, prefix=".partial-"))
    try:
        model.save_weights(scratch / WEIGHTS)
        record = {
            "determinants": determinants,
            "history": history,
            "weights_sha256": hashlib.sha256((scratch / WEIGHTS).read_bytes()).hexdigest(),
        }
        (scratch / RECORD).write_text(json.dumps(record, indent=1))
        os.replace(scratch, entry)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
