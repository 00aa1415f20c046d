"""Keras layers and networks read into the NumPy ones of `rnnedu.cells`."""

from collections.abc import Callable
from functools import partial

import numpy as np

from rnnedu.cells.network import Bidirectional, Dense, Embedding, Recurrent
from rnnedu.cells.steps import STEPS, Weights, sigmoid


def _softmax(a):
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


_ACTIVATIONS = {
    "linear": lambda a: a,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "relu": lambda a: np.maximum(a, 0),
    "softmax": _softmax,
}
_WITHOUT_EFFECT = {"InputLayer", "Dropout"}  # on a forecast


def read_layer(layer) -> tuple[Callable, Weights]:
    """Read one recurrent layer, see `rnnedu.cells.from_keras`."""
    kind = type(layer).__name__
    if kind not in STEPS:
        raise ValueError(
            f"{kind} is no SimpleRNN, LSTM or GRU. Fix: give one of these; for a whole "
            "network use cells.Network.from_keras."
        )
    blocks, step = STEPS[kind]
    activations = [layer.activation.__name__]
    if kind != "SimpleRNN":
        activations.append(layer.recurrent_activation.__name__)
    if activations != ["tanh", "sigmoid"][: len(activations)] or not layer.use_bias:
        raise ValueError(
            f"the {kind} has activations {activations} and use_bias={layer.use_bias}. "
            "Fix: use tanh, sigmoid and a bias."
        )
    if len(layer.get_weights()) != 3:
        raise ValueError(f"the {kind} has no weights yet. Fix: call it once, or build it.")
    kernel, recurrent_kernel, bias = layer.get_weights()

    def split(weights):
        return dict(zip(blocks, np.split(weights, len(blocks), axis=-1), strict=True))

    W, U = split(kernel), split(recurrent_kernel)
    if bias.ndim == 1:
        return step, Weights(W, U, split(bias))
    return partial(step, reset_after=True), Weights(W, U, *map(split, bias))


def read_network(model) -> tuple:
    """Read all layers of a network, see `rnnedu.cells.Network.from_keras`."""
    layers = [_read(layer) for layer in model.layers]
    return tuple(layer for layer in layers if layer is not None)


def _read(layer):
    kind = type(layer).__name__
    if kind in _WITHOUT_EFFECT:
        return None
    if kind in STEPS:
        return Recurrent(*read_layer(layer), layer.return_sequences, layer.go_backwards)
    if kind == "Bidirectional" and layer.merge_mode == "concat":
        return Bidirectional(_read(layer.forward_layer), _read(layer.backward_layer))
    if kind == "Embedding" and not layer.mask_zero:
        return Embedding(layer.get_weights()[0])
    if kind == "Dense" and layer.activation.__name__ in _ACTIVATIONS:
        kernel, *bias = layer.get_weights()
        return Dense(
            kernel,
            bias[0] if bias else np.zeros(kernel.shape[1], kernel.dtype),
            _ACTIVATIONS[layer.activation.__name__],
        )
    raise ValueError(
        f"the layer {layer.name} ({kind}) cannot be copied into NumPy. Fix: use SimpleRNN, "
        "LSTM and GRU, Bidirectional with merge_mode='concat', Dense with "
        f"{', '.join(_ACTIVATIONS)}, Embedding without a mask, and Dropout."
    )
