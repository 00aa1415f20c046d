"""Trained weights by everything that determines them: keys, and entries read and written.

An entry is a folder with the weights and a record in JSON. Nothing is ever unpickled.
"""

import ast
import hashlib
import inspect
import json
import logging
import os
import shutil
import tempfile
import textwrap
from pathlib import Path

import keras
import tensorflow

log = logging.getLogger(__name__)

WEIGHTS, RECORD = "model.weights.h5", "record.json"


def key(model: keras.Model, data, settings: dict, code) -> dict:
    """Collect what trained weights follow from, on one kind of machine.

    Parameters
    ----------
    model : keras.Model
        Compiled; its layers, optimiser and loss count.
    data : sequence of numpy.ndarray
        What it is trained on.
    settings : dict
        Seed, epochs and the like.
    code : sequence of module or function
        What trains it. Comments, docstrings and layout do not count.

    Returns
    -------
    dict
        Can be written as JSON.
    """
    contents = hashlib.sha256()
    for array in data:
        contents.update(repr(array.shape).encode())
        contents.update(array.tobytes())
    own = {type(layer) for layer in model.layers}  # layers that are not Keras's
    own = {kind for kind in own if not kind.__module__.startswith("keras.")}
    trained_by = [*code, *sorted(own, key=lambda kind: kind.__qualname__)]
    return settings | {
        "layers": _nameless(model.get_config()),
        "optimizer": _nameless(model.optimizer.get_config()),
        "loss": str(model.loss),
        "data": contents.hexdigest(),
        "keras": keras.__version__,
        "tensorflow": tensorflow.__version__,
        "code": [
            digest(code_without_words(inspect.getsource(each))) for each in trained_by
        ],
    }


def code_without_words(source: str) -> str:
    r"""Return Python code without comments, docstrings, and its layout.

    Examples
    --------
    >>> from rnnedu._weights_cache import code_without_words
    >>> code_without_words('def f(x):\n    "Double x."\n    return 2*x  # so')
    'def f(x):\n    return 2 * x'
    """
    tree = ast.parse(textwrap.dedent(source))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and len(body) > 1 and _is_text(body[0]):
            del body[0]
    return ast.unparse(tree)


def _is_text(node) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _nameless(config):
    """Drop the names that Keras counts up with every layer it makes."""
    if isinstance(config, dict):
        return {k: _nameless(v) for k, v in config.items() if k != "name"}
    if isinstance(config, list | tuple):
        return [_nameless(value) for value in config]
    return config


def digest(value) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def read(entry: Path, model: keras.Model) -> dict[str, list[float]] | None:
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
    except Exception as error:  # whatever the damage is, training again repairs it
        log.warning("%s is damaged (%s): training again.", entry, error)
        shutil.rmtree(entry)
        return None
    return history


def write(entry: Path, model: keras.Model, history: dict, key: dict) -> None:
    """Write weights, history and what they follow from, as one folder or not at all."""
    partial = Path(tempfile.mkdtemp(dir=entry.parent, prefix=".partial-"))
    try:
        model.save_weights(partial / WEIGHTS)
        record = {
            "key": key,
            "history": history,
            "weights_sha256": hashlib.sha256((partial / WEIGHTS).read_bytes()).hexdigest(),
        }
        (partial / RECORD).write_text(json.dumps(record, indent=1))
        os.replace(partial, entry)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
