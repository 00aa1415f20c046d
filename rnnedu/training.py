"""Training: one recipe with a seed, kept in a cache; or one network over many seeds."""

import contextlib
import random
import re
import threading
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd
from tqdm.std import TqdmWarning, tqdm

from rnnedu import _custom_gradients, _weights_cache, keras_speedups, models
from rnnedu._cache import cache_dir, locked
from rnnedu.models import Ensemble, Recipe
from rnnedu.windows import Windows

with warnings.catch_warnings():
    # In Jupyter without widgets tqdm warns of its own bar, which is not used here.
    warnings.simplefilter("ignore", TqdmWarning)
    from tqdm.keras import TqdmCallback

STEPS_PER_CALL = 16
"""Gradient steps that TensorFlow makes per call: the same steps, less time in Python."""


@dataclass(frozen=True)
class Trained:
    """A trained network and how it was trained.

    Attributes
    ----------
    name : str
        The recipe's name; for a recipe of one's own, that of the function which builds it.
    seed : int
        What weights, dropout and the order of batches were sampled from.
    model : keras.Model
        The network, weights as after the last epoch.
    history : dict of str to list of float
        The loss (mean squared error of scaled prices) by epoch; for an ensemble the mean
        over its members.
    from_cache : bool
        Whether the weights were trained before and only read now.
    """

    name: str
    seed: int
    model: keras.Model
    history: dict[str, list[float]]
    from_cache: bool


def train(
    recipe: str | Recipe | Ensemble,
    windows: Windows,
    *,
    seed: int = 0,
    epochs: int | None = None,
) -> Trained:
    """Train a network on the training windows, or read what such a training left.

    Weights are kept in the cache by everything that determines them. At a terminal a bar
    shows progress and the time that is left; elsewhere nothing is printed.

    Parameters
    ----------
    recipe : str, Recipe or Ensemble
        A key of `RECIPES`, or a recipe of one's own.
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
        If there is no network of that name, no epoch or no window to train, or the seed is
        no whole number from 0 to ``2**32 - 1``.
    OSError
        If the cache cannot be written, or the disk is full. This is found out before
        training. If the weights cannot be kept afterwards, they are still returned.

    Examples
    --------
    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm(), lookback=5)
    >>> trained = rnnedu.train("gru", windows, seed=0, epochs=1)
    >>> len(trained.history["loss"])
    1
    """
    chosen = models.find_recipe(recipe)
    if isinstance(chosen, Ensemble):
        return _train_ensemble(chosen, windows, seed, epochs)
    seed = _whole_number("seed", seed, least=0, most=2**32 - 1)
    epochs = _whole_number("epochs", chosen.epochs if epochs is None else epochs, least=1)
    if not len(windows.X_train):
        raise ValueError("there is no training window. Fix: give a longer series.")
    own = getattr(chosen.network, "__name__", "network")
    name = _file_name(recipe if isinstance(recipe, str) else own)
    settings = {"batch_size": chosen.batch_size, "seed": seed, "epochs": epochs}
    data = windows.X_train, windows.y_train
    with _one_at_a_time():
        model = models.build_network(chosen, *windows.X_train.shape[1:])
        key = _weights_cache.key(model, data, settings, CODE)
        folder = cache_dir("weights", _weights_cache.size_of(model))
        entry = folder / f"{name}-{_weights_cache.digest(key)[:20]}.npz"
        # Another thread or process that needs the same weights waits for them here.
        with locked(f"{entry}.lock", f"{name}, seed {seed}: waiting for another training."):
            history = _weights_cache.read(entry, model, key)
            if history is not None:
                return Trained(name, seed, model, history, from_cache=True)
            keras.utils.set_random_seed(seed)
            model = models.build_network(chosen, *windows.X_train.shape[1:])
            # disable=None: a bar at a terminal, silence in a page, a file or a pipe.
            bar = TqdmCallback(
                epochs,
                verbose=0,
                tqdm_class=tqdm,
                disable=None,
                desc=f"{name}, seed {seed}",
            )
            model.steps_per_execution = STEPS_PER_CALL
            with keras_speedups.fast_training(model):
                fit = model.fit(
                    windows.X_train,
                    windows.y_train,
                    epochs=epochs,
                    batch_size=chosen.batch_size,
                    verbose=0,
                    callbacks=[bar],
                )
            model.steps_per_execution = 1
            history = {key: [float(v) for v in run] for key, run in fit.history.items()}
            _weights_cache.write(entry, model, history, key)
    return Trained(name, seed, model, history, from_cache=False)


# Of the code that this process runs: the files may be edited while it does.
CODE = _weights_cache.code_digests(keras_speedups, _custom_gradients, train)
_LOCK = threading.RLock()


@contextlib.contextmanager
def _one_at_a_time():
    """Let one thread train, since seeds belong to the process; give it back its seeds."""
    with _LOCK:
        of_python, of_numpy = random.getstate(), np.random.get_state()
        try:
            yield
        finally:
            random.setstate(of_python)
            np.random.set_state(of_numpy)


def _whole_number(what: str, value, least: int, most: float = np.inf) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise ValueError(f"{what} is {value!r}. Fix: give a whole number.")
    if not least <= value <= most:
        upper = f" and at most {most}" if most < np.inf else ""
        raise ValueError(f"{what} is {value}. Fix: give at least {least}{upper}.")
    return int(value)


def _file_name(name: str) -> str:
    """Return the name of a network without what does not belong into a file's name."""
    return re.sub(r"\W", "", name)


def _train_ensemble(ensemble: Ensemble, windows: Windows, seed, epochs) -> Trained:
    """Train each member and average their predictions."""
    members = [train(each, windows, seed=seed, epochs=epochs) for each in ensemble.members]
    loss = np.mean([each.history["loss"] for each in members], axis=0)
    return Trained(
        "+".join(each.name for each in members),
        int(seed),
        models.average_models([each.model for each in members]),
        {"loss": [float(value) for value in loss]},
        from_cache=all(each.from_cache for each in members),
    )


def fit_seeds(
    model: keras.Model | str | Recipe,
    X,
    y=None,
    seeds: Iterable[int] | int = range(5),
    *,
    initialize: Callable[[keras.Model, int], None] | None = None,
    **options,
) -> tuple[list[keras.Model], pd.DataFrame]:
    """Train one network from several seeds: the evidence that one run cannot give.

    The network is compiled once. For each seed it gets new initial weights, an optimiser
    without a past, and its own order of batches. Afterwards it has the weights that it had
    before. At a terminal a bar shows progress.

    Parameters
    ----------
    model : keras.Model, str or Recipe
        A compiled network, a key of `RECIPES` or a recipe of one's own. A recipe brings
        its number of epochs and its batch size.
    X : numpy.ndarray, shape (batch, time, features), or callable
        Inputs. A callable is given the seed and returns the pair ``(X, y)`` that this run
        is trained on.
    y : numpy.ndarray, shape (batch, ...), optional
        Targets, unless `X` is a callable.
    seeds : iterable of int, or int
        One training run for each: ``range(5)`` for five. A number alone is one seed.
    initialize : callable, optional
        ``initialize(model, seed)`` is called after the weights have been sampled, to set
        a bias for example.
    **options
        Passed on to ``model.fit``: ``epochs``, ``batch_size``, ``validation_data`` and the
        others.

    Returns
    -------
    networks : list of keras.Model
        The trained networks, in the order of the seeds. They are not compiled: before
        ``evaluate`` or further training, call ``compile``.
    history : pandas.DataFrame
        One row per seed and epoch: columns ``seed``, ``epoch`` (from 1), ``loss`` and
        whatever else `fit` reports.

    Raises
    ------
    ValueError
        If the model is not compiled, there is no seed, or no target.

    Examples
    --------
    >>> import keras, numpy as np, rnnedu
    >>> model = keras.Sequential(
    ...     [keras.Input((5, 1)), keras.layers.GRU(3), keras.layers.Dense(1)])
    >>> model.compile("adam", "mse")
    >>> X, y = np.ones((8, 5, 1), "float32"), np.ones(8, "float32")
    >>> networks, history = rnnedu.fit_seeds(model, X, y, seeds=[0, 1], epochs=3)
    >>> len(networks), list(history.columns), len(history)
    (2, ['seed', 'epoch', 'loss'], 6)
    """
    seeds = [seeds] if isinstance(seeds, int | np.integer) else seeds
    seeds = [_whole_number("seed", seed, least=0, most=2**32 - 1) for seed in seeds]
    if not seeds:
        raise ValueError("there is no seed. Fix: give one at least, such as range(5).")
    if y is None and not callable(X):
        raise ValueError(
            "there are no targets. Fix: give y, as in fit_seeds(model, windows.X_train, "
            "windows.y_train), or a function of the seed that returns X and y."
        )
    data_of = X if callable(X) else lambda seed: (X, y)
    if not isinstance(model, keras.Model):
        recipe, (inputs, _) = models.find_recipe(model), data_of(seeds[0])
        model = models.build_network(recipe, *inputs.shape[1:])
        options = {"epochs": recipe.epochs, "batch_size": recipe.batch_size} | options
    if not model.compiled:
        raise ValueError(f"{model.name} is not compiled. Fix: call compile() first.")
    networks, histories = [], []
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    variables = [*model.variables, *model.optimizer.variables]
    before = [variable.numpy() for variable in variables]
    steps_per_call = model.steps_per_execution
    if "steps_per_epoch" not in options:  # Keras would round that up to whole calls
        _set_steps_per_call(model, max(steps_per_call, STEPS_PER_CALL))
    try:
        with _LOCK, keras_speedups.fast_training(model):
            for seed in tqdm(seeds, disable=None, desc=model.name, unit="seed"):
                inputs, targets = data_of(seed)
                models.reset_weights(model, seed)
                if initialize is not None:
                    initialize(model, seed)
                fit = model.fit(inputs, targets, **{"verbose": 0} | options)
                networks.append(models.copy_network(model))
                run = pd.DataFrame(fit.history)
                run.insert(0, "seed", seed)
                run.insert(1, "epoch", np.arange(1, len(run) + 1))
                histories.append(run)
    finally:
        _set_steps_per_call(model, steps_per_call)
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
    return networks, pd.concat(histories, ignore_index=True)


def _set_steps_per_call(model: keras.Model, steps: int) -> None:
    """Set it, and drop what Keras compiled for another number: that skips batches."""
    model.steps_per_execution = steps
    model.train_function = model.test_function = model.predict_function = None
