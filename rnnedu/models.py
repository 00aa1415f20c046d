"""The networks and the settings they are trained with, in one table: `RECIPES`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
from keras import layers

from rnnedu import keras_speedups


def lstm_network(lookback: int = 60, features: int = 1) -> keras.Model:
    """Build four LSTM layers of 50 units, dropout after each, and one linear output.

    Parameters
    ----------
    lookback, features : int
        Inputs are ``(batch, lookback, features)``.

    Returns
    -------
    keras.Sequential
        Not compiled; output ``(batch, 1)``.

    Examples
    --------
    >>> import rnnedu
    >>> rnnedu.lstm_network(lookback=60).count_params()
    71051
    """
    return keras.Sequential(
        [
            keras.Input((lookback, features)),
            layers.LSTM(50, return_sequences=True),
            layers.Dropout(0.2),
            layers.LSTM(50, return_sequences=True),
            layers.Dropout(0.2),
            layers.LSTM(50, return_sequences=True),
            layers.Dropout(0.2),
            layers.LSTM(50),
            layers.Dropout(0.2),
            layers.Dense(1),
        ],
        name="lstm",
    )


def gru_network(lookback: int = 60, features: int = 1) -> keras.Model:
    """Build four GRU layers of 50 units, dropout after each, and one linear output.

    Parameters
    ----------
    lookback, features : int
        Inputs are ``(batch, lookback, features)``.

    Returns
    -------
    keras.Sequential
        Not compiled; output ``(batch, 1)``.

    Examples
    --------
    >>> import rnnedu
    >>> rnnedu.gru_network(lookback=60).output_shape
    (None, 1)
    """
    return keras.Sequential(
        [
            keras.Input((lookback, features)),
            layers.GRU(50, return_sequences=True),
            layers.Dropout(0.2),
            layers.GRU(50, return_sequences=True),
            layers.Dropout(0.2),
            layers.GRU(50, return_sequences=True),
            layers.Dropout(0.2),
            layers.GRU(50),
            layers.Dropout(0.2),
            layers.Dense(1),
        ],
        name="gru",
    )


def simple_rnn_network(lookback: int = 60, features: int = 1) -> keras.Model:
    """Build four SimpleRNN layers of 50 units, with dropout and one linear output.

    Parameters
    ----------
    lookback, features : int
        Inputs are ``(batch, lookback, features)``.

    Returns
    -------
    keras.Sequential
        Not compiled; output ``(batch, 1)``.
    """
    stack = [
        layers.SimpleRNN(50, return_sequences=True),
        layers.SimpleRNN(50, return_sequences=True),
        layers.SimpleRNN(50, return_sequences=True),
        layers.SimpleRNN(50),
    ]
    return _stacked("simple_rnn", stack, lookback, features)


def bidirectional_network(lookback: int = 60, features: int = 1) -> keras.Model:
    """Build four bidirectional LSTM layers, with dropout and one linear output.

    There are 25 units in each direction, so that a layer returns 50 numbers per time
    step, as many as those of the other networks.

    Parameters
    ----------
    lookback, features : int
        Inputs are ``(batch, lookback, features)``.

    Returns
    -------
    keras.Sequential
        Not compiled; output ``(batch, 1)``.
    """
    stack = [
        layers.Bidirectional(layers.LSTM(25, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(25, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(25, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(25)),
    ]
    return _stacked("bidirectional", stack, lookback, features)


def lstm_gru_stack_network(lookback: int = 60, features: int = 1) -> keras.Model:
    """Build two LSTM layers below two GRU layers of 50 units, dropout and one output.

    Parameters
    ----------
    lookback, features : int
        Inputs are ``(batch, lookback, features)``.

    Returns
    -------
    keras.Sequential
        Not compiled; output ``(batch, 1)``.
    """
    stack = [
        layers.LSTM(50, return_sequences=True),
        layers.LSTM(50, return_sequences=True),
        layers.GRU(50, return_sequences=True),
        layers.GRU(50),
    ]
    return _stacked("lstm_gru_stack", stack, lookback, features)


def _stacked(name: str, stack: list, lookback: int, features: int) -> keras.Model:
    with_dropout = [each for layer in stack for each in (layer, layers.Dropout(0.2))]
    whole = [keras.Input((lookback, features)), *with_dropout, layers.Dense(1)]
    return keras.Sequential(whole, name=name)


@dataclass(frozen=True)
class Recipe:
    """A network and the settings it is trained with.

    Attributes
    ----------
    network : callable
        ``network(lookback, features)`` builds the layers: windows
        ``(batch, lookback, features)`` in, one scaled price ``(batch, 1)`` out.
    optimizer : callable
        Makes a new optimiser: a class such as ``keras.optimizers.Adam``, or a function
        without arguments, ``lambda: keras.optimizers.Adam(0.01)``.
    batch_size, epochs : int
        Windows per gradient step; passes over the training windows.
    loss : str
        What is minimised, by its name in Keras.

    Examples
    --------
    A recipe of one's own goes wherever the name of one goes:

    >>> import keras, rnnedu
    >>> def small(lookback, features):
    ...     return keras.Sequential(
    ...         [keras.Input((lookback, features)), keras.layers.GRU(8),
    ...          keras.layers.Dense(1)], name="small_gru")
    >>> recipe = rnnedu.Recipe(small, keras.optimizers.Adam, batch_size=32, epochs=5)
    >>> rnnedu.build_network(recipe, lookback=10).count_params()
    273
    """

    network: Callable[[int, int], keras.Model]
    optimizer: Callable[[], keras.optimizers.Optimizer]
    batch_size: int
    epochs: int
    loss: str = "mean_squared_error"


@dataclass(frozen=True)
class Ensemble:
    """Networks that are trained alone, and whose forecasts are averaged.

    Attributes
    ----------
    members : tuple of str or Recipe
        Keys of `RECIPES`, or recipes of one's own.

    Examples
    --------
    >>> import rnnedu
    >>> rnnedu.RECIPES["lstm_gru_average"].members
    ('lstm', 'gru')
    """

    members: tuple[str | Recipe, ...]


def _sgd() -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(learning_rate=0.01, momentum=0.9)


_RMSPROP = {"optimizer": keras.optimizers.RMSprop, "batch_size": 32, "epochs": 50}
_SGD = {"optimizer": _sgd, "batch_size": 150, "epochs": 50}

RECIPES: dict[str, Recipe | Ensemble] = {
    "lstm": Recipe(lstm_network, **_RMSPROP),
    "gru": Recipe(gru_network, **_SGD),
    "lstm_sgd": Recipe(lstm_network, **_SGD),
    "gru_rmsprop": Recipe(gru_network, **_RMSPROP),
    "simple_rnn": Recipe(simple_rnn_network, **_RMSPROP),
    "bidirectional": Recipe(bidirectional_network, **_RMSPROP),
    "lstm_gru_stack": Recipe(lstm_gru_stack_network, **_RMSPROP),
    "lstm_gru_average": Ensemble(("lstm", "gru")),
}
"""All networks by name. ``lstm`` and ``gru`` have the source notebook's own settings, which
differ in optimiser and batch size as well; ``lstm_sgd`` and ``gru_rmsprop`` have each
other's. The others have those of ``lstm``. A network that is added here can be trained,
studied over seeds and scored by its name."""


def find_recipe(recipe: str | Recipe | Ensemble) -> Recipe | Ensemble:
    """Return the recipe of that name, or the recipe that was given.

    Parameters
    ----------
    recipe : str, Recipe or Ensemble

    Returns
    -------
    Recipe or Ensemble

    Raises
    ------
    ValueError
        If there is no network of that name. The message lists those there are.

    Examples
    --------
    >>> from rnnedu import models
    >>> models.find_recipe("gru").batch_size
    150
    """
    if isinstance(recipe, Recipe | Ensemble):
        return recipe
    try:
        return RECIPES[recipe]
    except (KeyError, TypeError):
        raise ValueError(
            f"there is no network called {recipe!r}. Fix: choose one of "
            f"{', '.join(sorted(RECIPES))}, or give a Recipe."
        ) from None


def build_network(
    recipe: str | Recipe, lookback: int = 60, features: int = 1
) -> keras.Model:
    """Build a network, ready to be trained.

    Parameters
    ----------
    recipe : str or Recipe
        A key of `RECIPES`, or a recipe of one's own.
    lookback, features : int
        Time steps per window and numbers per time step, so that inputs are
        ``(batch, lookback, features)``.

    Returns
    -------
    keras.Model
        Compiled, with initial weights sampled from Keras's global seed. Output
        ``(batch, 1)``.

    Raises
    ------
    ValueError
        If there is no network of that name, or it is an `Ensemble`.

    Examples
    --------
    >>> import rnnedu
    >>> rnnedu.build_network("lstm", lookback=30, features=5).input_shape
    (None, 30, 5)
    """
    chosen = find_recipe(recipe)
    if isinstance(chosen, Ensemble):
        raise ValueError(
            f"{recipe!r} is an average of other networks. Fix: build its members."
        )
    model = chosen.network(lookback, features)
    model.compile(optimizer=chosen.optimizer(), loss=chosen.loss)
    return model


def reset_weights(model: keras.Model, seed: int) -> None:
    """Give a compiled network new initial weights, sampled from a seed.

    For many short trainings of one network: what TensorFlow has compiled for it is kept.
    A stack of layers then trains as one that is built and compiled after
    ``keras.utils.set_random_seed(seed)``; only the two layers of a bidirectional one get
    other weights than there.

    Parameters
    ----------
    model : keras.Model
        Its weights are sampled anew by each layer's own rule, the state of its optimiser
        is cleared, and dropout begins again.
    seed : int
        Determines weights, dropout and the order of batches.

    Raises
    ------
    ValueError
        If the model is not compiled.
    TypeError
        If a layer of one's own cannot be copied: its ``__init__`` has to pass further
        options on to ``keras.layers.Layer``.

    Examples
    --------
    >>> import numpy as np, rnnedu
    >>> model = rnnedu.build_network("gru", lookback=10)
    >>> rnnedu.reset_weights(model, seed=1)
    >>> first = model.get_weights()[0]
    >>> rnnedu.reset_weights(model, seed=1)
    >>> np.array_equal(first, model.get_weights()[0])
    True
    """
    if not model.compiled:
        raise ValueError(f"{model.name} is not compiled. Fix: call compile() first.")
    keras_speedups.set_seed(seed)
    fresh = _copy_layers(model)
    optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
    for each in (optimizer, model.optimizer):
        if not each.built:
            each.build(model.trainable_variables)
    for old, new in ((model, fresh), (model.optimizer, optimizer)):
        for variable, initial in zip(old.variables, new.variables, strict=True):
            variable.assign(initial)


def copy_network(model: keras.Model) -> keras.Model:
    """Return a network with the same layers and weights, not compiled.

    ``keras.models.clone_model`` compiles the copy of a compiled network as well, for which
    it looks up the loss by its name; it would not find a function of the reader's own.

    Parameters
    ----------
    model : keras.Model
        Compiled or not; it stays as it is.

    Returns
    -------
    keras.Model
        It has the shapes of `model` and predicts the same.

    Raises
    ------
    TypeError
        If a layer of one's own cannot be copied: its ``__init__`` has to pass further
        options on to ``keras.layers.Layer``.

    Examples
    --------
    >>> import rnnedu
    >>> from rnnedu.models import copy_network
    >>> copy_network(rnnedu.build_network("gru", lookback=10)).compiled
    False
    """
    copy = _copy_layers(model)
    copy.set_weights(model.get_weights())
    return copy


def _copy_layers(model: keras.Model) -> keras.Model:
    """Return a network with the same layers and new initial weights, not compiled."""
    compiled, model.compiled = model.compiled, False
    try:
        return keras.models.clone_model(model)
    finally:
        model.compiled = compiled


def average_models(networks: Sequence[keras.Model]) -> keras.Model:
    """Join networks into one that predicts the mean of their predictions.

    Parameters
    ----------
    networks : sequence of keras.Model
        Each maps windows ``(batch, time, features)`` to scaled prices ``(batch, 1)``.

    Returns
    -------
    keras.Model
        Maps the same; in a recursive forecast it is fed the mean. It holds copies: the
        networks may be of one kind, and what is done to them later does not change it.

    Examples
    --------
    >>> import rnnedu
    >>> networks = [rnnedu.build_network(name, lookback=10) for name in ("lstm", "gru")]
    >>> rnnedu.average_models(networks).output_shape
    (None, 1)
    """
    if len(networks) == 1:
        return networks[0]
    window = keras.Input(networks[0].input_shape[1:])
    predictions = []
    for number, network in enumerate(networks):
        member = copy_network(network)
        member.name = f"{network.name}_{number}"  # Keras wants each name once
        predictions.append(member(window))
    return keras.Model(window, keras.layers.Average()(predictions))
