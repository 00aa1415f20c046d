"""Trained weights by everything that determines them: keys, and entries read and written.

An entry is one file of NumPy arrays (``.npz``): the weights, the state of the optimiser,
and a record in JSON. It cannot refer to other files, and nothing is ever unpickled.
"""

import ast
import hashlib
import inspect
import io
import json
import logging
import textwrap
import zipfile
from pathlib import Path

import keras
import numpy as np
import tensorflow

from rnnedu._cache import write_whole

log = logging.getLogger(__name__)

RECORD = "record"
MOST_BYTES_OF_RECORD = 10_000_000


def key(model: keras.Model, data, settings: dict, code: list[str]) -> dict:
    """Collect what trained weights follow from, on one kind of machine.

    Parameters
    ----------
    model : keras.Model
        Compiled; its layers, optimiser and loss count.
    data : sequence of numpy.ndarray
        What it is trained on.
    settings : dict
        Seed, epochs and the like.
    code : list of str
        Digests of the code that trains it, see `code_digests`.

    Returns
    -------
    dict
        Can be written as JSON.
    """
    contents = hashlib.sha256()
    for array in data:
        contents.update(repr((array.shape, array.dtype.str)).encode())
        contents.update(array.tobytes())
    own = {type(layer) for layer in model.layers}  # layers that are not Keras's
    own = {kind for kind in own if not kind.__module__.startswith("keras.")}
    return settings | {
        "layers": _nameless(model.get_config()),
        "optimizer": _nameless(model.optimizer.get_config()),
        "loss": str(model.loss),
        "data": contents.hexdigest(),
        "keras": keras.__version__,
        "tensorflow": tensorflow.__version__,
        "code": code + code_digests(*sorted(own, key=lambda kind: kind.__qualname__)),
    }


def code_digests(*modules_or_functions) -> list[str]:
    """Hash the code of each; comments, docstrings and layout do not count."""
    sources = [inspect.getsource(each) for each in modules_or_functions]
    return [digest(code_without_words(source)) for source in sources]


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


def read(entry: Path, model: keras.Model, key: dict) -> dict[str, list[float]] | None:
    """Put an entry's weights into `model` and return its history; None if there is none.

    What cannot be used, for whatever reason, is reported and left where it is: the next
    `write` replaces it.
    """
    if not (entry.exists() or entry.is_symlink()):
        return None
    model.optimizer.build(model.trainable_variables)  # its state is kept as well
    variables = _variables(model)
    try:
        record, values = _checked(entry, variables)
        if record["key"] != json.loads(json.dumps(key)):
            raise ValueError("it follows from something else")
        history = {name: [float(v) for v in run] for name, run in record["history"].items()}
        if not history or {len(run) for run in history.values()} != {key["epochs"]}:
            raise ValueError("its history is not that of its epochs")
    except MemoryError:
        raise
    except Exception as error:  # whatever the reason is, training again is the remedy
        log.warning("%s cannot be used (%s): training again.", entry, error)
        return None
    for name, variable in variables.items():
        variable.assign(values[name])
    return history


def _checked(entry: Path, variables: dict) -> tuple[dict, dict]:
    """Return record and arrays of an entry; check names and sizes before reading."""
    with zipfile.ZipFile(entry) as packed:
        sizes = {each.filename: each.file_size for each in packed.infolist()}
    expected = {f"{name}.npy": _bytes_of(each) for name, each in variables.items()}
    if sizes.keys() != expected.keys() | {f"{RECORD}.npy"}:
        raise ValueError("its arrays are not those of the network")
    header = 1000  # at most, of each array
    for name, size in sizes.items():
        if size > expected.get(name, MOST_BYTES_OF_RECORD) + header:
            raise ValueError(f"{name} is larger than it can be")
    with np.load(entry, allow_pickle=False) as arrays:  # compares checksums
        values = {name: arrays[name] for name in arrays.files}
    record = json.loads(values.pop(RECORD).tobytes())
    for name, variable in variables.items():
        value = values[name]
        if value.shape != tuple(variable.shape) or value.dtype != variable.dtype:
            raise ValueError(f"{name} has another shape or type than in the network")
        if not np.isfinite(value).all():
            raise ValueError(f"{name} is not finite")
    return record, values


def write(entry: Path, model: keras.Model, history: dict, key: dict) -> None:
    """Keep weights, history and what they follow from, whole or not at all.

    A training that diverged is not kept, and one that cannot be kept is not lost: both
    are reported, and the caller still has the network.
    """
    values = {name: np.asarray(each) for name, each in _variables(model).items()}
    if not all(np.isfinite(value).all() for value in values.values()):
        log.warning("%s is not kept: the training diverged.", entry.name)
        return
    record = json.dumps({"key": key, "history": history}).encode()
    file = io.BytesIO()
    np.savez(file, **values, **{RECORD: np.frombuffer(record, np.uint8)})
    try:
        write_whole(entry, file.getvalue())
    except OSError as error:
        log.warning("%s cannot be kept (%s).", entry, error)


def size_of(model: keras.Model) -> int:
    """Return about how many bytes an entry will take at the most.

    An optimiser such as Adam keeps two numbers for each weight; the record is small.
    """
    return 100_000 + 3 * sum(_bytes_of(each) for each in model.variables)


def _variables(model: keras.Model) -> dict:
    kinds = {"network": model.variables, "optimizer": model.optimizer.variables}
    return {
        f"{kind}_{n}": each for kind, all_ in kinds.items() for n, each in enumerate(all_)
    }


def _bytes_of(variable) -> int:
    return int(np.prod(variable.shape)) * np.dtype(variable.dtype).itemsize
