"""The networks, each as the source notebook writes it, to be built by name."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
from keras import layers


def lstm_network(lookback: int = 60, features: int = 1) -> keras.Model:
    """Four LSTM layers of 50 units, dropout after each, and one linear output."""
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
    """Four GRU layers of 50 units, dropout after each, and one linear output."""
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
    """Four SimpleRNN layers of 50 units, dropout after each, and one linear output."""
    stack = [
        layers.SimpleRNN(50, return_sequences=True),
        layers.SimpleRNN(50, return_sequences=True),
        layers.SimpleRNN(50, return_sequences=True),
        layers.SimpleRNN(50),
    ]
    return _stacked("simple_rnn", stack, lookback, features)


def bidirectional_network(lookback: int = 60, features: int = 1) -> keras.Model:
    """Four bidirectional LSTM layers, 25 units each way, dropout and one linear output.

    Each layer hands on 50 numbers a day, as many as those of the other networks.
    """
    stack = [
        layers.Bidirectional(layers.LSTM(25, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(25, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(25, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(25)),
    ]
    return _stacked("bidirectional", stack, lookback, features)


def lstm_under_gru_network(lookback: int = 60, features: int = 1) -> keras.Model:
    """Two LSTM layers under two GRU layers of 50 units, dropout and one linear output."""
    stack = [
        layers.LSTM(50, return_sequences=True),
        layers.LSTM(50, return_sequences=True),
        layers.GRU(50, return_sequences=True),
        layers.GRU(50),
    ]
    return _stacked("lstm_under_gru", stack, lookback, features)


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
        Makes a fresh optimiser.
    batch_size, epochs : int
        Windows per gradient step; passes over the training windows.
    """

    network: Callable[[int, int], keras.Model]
    optimizer: Callable[[], keras.optimizers.Optimizer]
    batch_size: int
    epochs: int


def _sgd() -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD(learning_rate=0.01, momentum=0.9)


_RMSPROP = {"optimizer": keras.optimizers.RMSprop, "batch_size": 32, "epochs": 50}
_SGD = {"optimizer": _sgd, "batch_size": 150, "epochs": 50}

RECIPES: dict[str, Recipe] = {
    "lstm": Recipe(lstm_network, **_RMSPROP),
    "gru": Recipe(gru_network, **_SGD),
    "lstm_sgd": Recipe(lstm_network, **_SGD),
    "gru_rmsprop": Recipe(gru_network, **_RMSPROP),
    "simple_rnn": Recipe(simple_rnn_network, **_RMSPROP),
    "bidirectional": Recipe(bidirectional_network, **_RMSPROP),
    "lstm_under_gru": Recipe(lstm_under_gru_network, **_RMSPROP),
}
"""Networks by name. ``lstm`` and ``gru`` have the source notebook's own settings, which
differ in optimiser and batch size as well; ``lstm_sgd`` and ``gru_rmsprop`` have each
other's. The others have those of ``lstm``."""


def recipe(name: str) -> Recipe:
    """Return the recipe called `name`, or raise ValueError with the names there are."""
    try:
        return RECIPES[name]
    except KeyError:
        raise ValueError(
            f"there is no network called {name!r}. Mend: choose one of "
            f"{', '.join(sorted(RECIPES))}."
        ) from None


def build(name: str, lookback: int = 60, features: int = 1) -> keras.Model:
    """Build a network by name, ready to be trained on the mean squared error.

    Parameters
    ----------
    name : str
        A key of `RECIPES`.
    lookback, features : int
        Days in a window and numbers a day, so that inputs are
        ``(batch, lookback, features)``.

    Returns
    -------
    keras.Model
        Compiled, with fresh weights drawn from Keras's global seed. Output
        ``(batch, 1)``.

    Raises
    ------
    ValueError
        If there is no network of that name.
    """
    chosen = recipe(name)
    model = chosen.network(lookback, features)
    model.compile(optimizer=chosen.optimizer(), loss="mean_squared_error")
    return model


def start_anew(model: keras.Model, seed: int) -> None:
    """Put a compiled network back to the start, with first weights drawn from a seed.

    For many short trainings of one network: what TensorFlow has prepared for it is kept.
    A stack of layers then trains as one that is built and compiled after
    ``keras.utils.set_random_seed(seed)``; only the two layers of a bidirectional one draw
    other weights than there.

    Parameters
    ----------
    model : keras.Model
        Its weights are drawn anew by each layer's own rule, its optimiser forgets, and
        dropout begins again.
    seed : int
        What weights, dropout and the order of batches are drawn from.

    Raises
    ------
    ValueError
        If the model is not compiled.
    TypeError
        If a layer of one's own cannot be copied: its ``__init__`` has to hand further
        options on to ``keras.layers.Layer``.
    """
    if not model.compiled:
        raise ValueError(f"{model.name} is not compiled. Mend: call compile() first.")
    keras.utils.set_random_seed(seed)
    fresh = keras.models.clone_model(model)
    optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
    for each in (optimizer, model.optimizer):
        if not each.built:
            each.build(model.trainable_variables)
    for old, new in ((model, fresh), (model.optimizer, optimizer)):
        for variable, at_first in zip(old.variables, new.variables, strict=True):
            variable.assign(at_first)
