"""Keras networks in NumPy: the same numbers, with every gate of every layer recorded."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnnedu.cells.steps import Weights, run_cell


@dataclass(frozen=True)
class Recurrent:
    """A recurrent layer: a step, its weights, and how a sequence goes through it.

    Attributes
    ----------
    step : callable
        A step of `rnnedu.cells`.
    weights : Weights
    return_sequences : bool
        Whether the layer returns the hidden states of all time steps, or the last one.
    go_backwards : bool
        Whether it reads the sequence from its end.
    """

    step: Callable
    weights: Weights
    return_sequences: bool = False
    go_backwards: bool = False

    def run(self, x):
        """Return the output for `x` ``(batch, time, features)``, and the recorded states.

        Both have their time steps in the order in which the layer reads them.
        """
        recorded = run_cell(self.step, x[:, ::-1] if self.go_backwards else x, self.weights)
        h = recorded["h"]
        return (h if self.return_sequences else h[:, -1]), recorded


@dataclass(frozen=True)
class Bidirectional:
    """Two recurrent layers that read a sequence in both directions, side by side.

    Attributes
    ----------
    forward, backward : Recurrent
        Their outputs are concatenated, each time step with itself.
    """

    forward: Recurrent
    backward: Recurrent

    def run(self, x):
        """As `Recurrent.run`; the recorded states are those of both, in this order."""
        (one, recorded), (other, backwards) = self.forward.run(x), self.backward.run(x)
        if self.backward.return_sequences:
            other = other[:, ::-1]
        return np.concatenate([one, other], axis=-1), (recorded, backwards)


@dataclass(frozen=True)
class Dense:
    """A dense layer: ``activation(x kernel + bias)``, at each time step by itself.

    Attributes
    ----------
    kernel : numpy.ndarray, shape (features, units)
    bias : numpy.ndarray, shape (units,)
    activation : callable
    """

    kernel: np.ndarray
    bias: np.ndarray
    activation: Callable

    def run(self, x):
        """Return the output for `x` ``(..., features)``, and no recorded states."""
        return self.activation(x @ self.kernel + self.bias), None


@dataclass(frozen=True)
class Embedding:
    """A table with one row of weights for each code, such as a character.

    Attributes
    ----------
    table : numpy.ndarray, shape (codes, features)
    """

    table: np.ndarray

    def run(self, x):
        """Return the rows for codes ``(batch, time)``, and no recorded states."""
        return self.table[np.asarray(x)], None


@dataclass(frozen=True)
class Network:
    """A stack of layers in NumPy, which records every gate of every layer.

    Attributes
    ----------
    layers : tuple of Embedding, Recurrent, Bidirectional or Dense
        From the input to the output.

    Examples
    --------
    >>> import keras, numpy as np
    >>> from rnnedu.cells import Network
    >>> model = keras.Sequential(
    ...     [keras.Input((5, 1)), keras.layers.GRU(3), keras.layers.Dense(1)])
    >>> network, x = Network.from_keras(model), np.ones((2, 5, 1))
    >>> network(x).shape
    (2, 1)
    >>> gru, = network.record(x)
    >>> gru["z"].shape  # the update gate: (batch, time, units)
    (2, 5, 3)
    """

    layers: tuple

    @classmethod
    def from_keras(cls, model) -> "Network":
        """Copy the weights of a Keras network.

        Parameters
        ----------
        model : keras.Model
            A sequence of embedding, recurrent, bidirectional and dense layers. What changes
            nothing in a forecast, such as dropout, is left out.

        Returns
        -------
        Network
            Computes the same as `model`, in the precision of its input.

        Raises
        ------
        ValueError
            If a layer is of another kind or has options that are not covered here.
        """
        from rnnedu.cells import _from_keras  # late, since only this needs to know Keras

        return cls(_from_keras.read_network(model))

    def __call__(self, x) -> np.ndarray:
        """Return the output for `x` ``(batch, time, features)``."""
        for layer in self.layers:
            x, _ = layer.run(x)
        return x

    def record(self, x) -> list:
        """Return the recorded states of each recurrent layer, from input to output.

        Parameters
        ----------
        x : numpy.ndarray, shape (batch, time, features)

        Returns
        -------
        list of dict of str to numpy.ndarray, shape (batch, time, units)
            As from `run_cell`; a pair of them for a bidirectional layer.
        """
        recorded = []
        for layer in self.layers:
            x, states = layer.run(x)
            recorded.append(states)
        return [states for states in recorded if states is not None]


def from_keras(layer) -> tuple[Callable, Weights]:
    """Read step and weights from one Keras layer.

    Parameters
    ----------
    layer : keras.layers.SimpleRNN, keras.layers.LSTM or keras.layers.GRU
        A layer that has its weights, with a bias and Keras's own activations.

    Returns
    -------
    step : callable
        The step that the layer takes.
    weights : Weights

    Raises
    ------
    ValueError
        If the layer is of another kind, is not built yet, or has other activations.

    Examples
    --------
    >>> import keras
    >>> from rnnedu import cells
    >>> layer = keras.layers.LSTM(4)
    >>> layer.build((None, 10, 1))
    >>> step, weights = cells.from_keras(layer)
    >>> step.__name__, weights.units
    ('lstm_step', 4)
    """
    from rnnedu.cells import _from_keras

    return _from_keras.read_layer(layer)


@dataclass(frozen=True)
class Comparison:
    """How far a Keras layer and our NumPy cell with its weights are apart.

    Attributes
    ----------
    layer : str
        The layer, as it is written in code.
    shape : tuple of int
        The outputs compared: ``(batch, time, units)``, or ``(batch, units)``.
    difference : float
        The largest difference between two of them.
    """

    layer: str
    shape: tuple[int, ...]
    difference: float

    def __str__(self):
        """Return the same as one line of text."""
        return (
            f"NumPy cell and {self.layer} of Keras: largest difference "
            f"{self.difference:.1e} over {np.prod(self.shape):,} outputs"
        )

    def _repr_html_(self):
        return f'<span class="keras-check">{self}</span>'


def compare_with_keras(layer, x) -> Comparison:
    """Compare what a Keras layer and our NumPy cell compute for a sequence.

    Parameters
    ----------
    layer : keras.layers.SimpleRNN, keras.layers.LSTM or keras.layers.GRU
        As for `from_keras`.
    x : numpy.ndarray, shape (batch, time, features), float32
        The sequence.

    Returns
    -------
    Comparison
        Which a page shows as one line.

    Examples
    --------
    >>> import keras, numpy as np
    >>> from rnnedu import cells
    >>> x = np.ones((2, 5, 1), "float32")
    >>> cells.compare_with_keras(keras.layers.GRU(3), x).difference < 1e-6
    True
    """
    from_layer = np.asarray(layer(x))  # which builds a layer that has no weights yet
    step, weights = from_keras(layer)
    ours = run_cell(step, x, weights)["h"]
    ours = ours if from_layer.ndim == 3 else ours[:, -1]
    return Comparison(
        f"{type(layer).__name__}({layer.units})",
        from_layer.shape,
        float(np.abs(ours - from_layer).max()),
    )
