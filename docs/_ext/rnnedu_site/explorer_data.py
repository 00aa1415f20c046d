"""What a page's cell calls to give numbers to an explorer: arrays, packed for a browser."""

import base64
import json

import numpy as np

from rnnedu import cells


class provide:
    """Arrays under a name; as the last expression of a cell they go to the explorers.

    Parameters
    ----------
    name : str
        By which a script loads them.
    meta : object
        What JSON can hold: words, names, shapes.
    **arrays : array_like
        Kept as float32.
    """

    def __init__(self, name: str, meta=None, **arrays):
        """Pack the arrays, and sum their bytes so that damage can be found."""
        packed = {key: np.asarray(each, "<f4") for key, each in arrays.items()}
        for key, each in packed.items():
            if not np.isfinite(each).all():
                raise ValueError(f"{name}: {key} is not finite.")
        data = b"".join(each.tobytes() for each in packed.values())
        self.name = name
        self.file = {
            "meta": meta,
            "arrays": [{"key": k, "shape": list(v.shape)} for k, v in packed.items()],
            "checksum": checksum(data),
            "data": base64.b64encode(data).decode(),
        }

    def __repr__(self):
        """Say what it is, for a notebook."""
        return f"<numbers of the explorer {self.name}>"

    def _repr_html_(self):
        text = json.dumps(self.file).replace("</", "<\\/")
        return (
            f'<script type="application/json" data-explorer="{self.name}">{text}</script>'
        )


def checksum(data: bytes) -> int:
    """Return the sum that frame.js computes, too: Fowler, Noll and Vo's FNV-1a, 32 bits."""
    total = 0x811C9DC5
    for byte in data:
        total = (total ^ byte) * 0x01000193 & 0xFFFFFFFF
    return total


def keras_arrays(model) -> tuple[list, dict]:
    """Return the recurrent layers and the dense layer of a Keras network.

    Returns
    -------
    layers : list of dict
        ``kind``, ``features`` and ``units`` of each recurrent layer.
    arrays : dict
        Kernel, recurrent kernel and bias of layer 0 as ``0.0``, ``0.1``, ``0.2`` and so on;
        ``dense.0`` and ``dense.1``.
    """
    layers, arrays = [], {}
    for layer in model.layers:
        kind, weights = type(layer).__name__, layer.get_weights()
        if kind in cells.steps.STEPS:
            place = str(len(layers))
            features, units = weights[0].shape[0], weights[1].shape[0]
            layers.append({"kind": kind, "features": features, "units": units})
        elif kind == "Dense":
            place = "dense"
        else:
            continue
        arrays |= {f"{place}.{k}": each for k, each in enumerate(weights)}
    return layers, arrays
