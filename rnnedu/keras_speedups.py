"""Faster training of plain Keras layers: equal up to rounding, and never needed.

Keras runs a recurrent layer as a loop of small TensorFlow operations and lets TensorFlow
differentiate it, operation by operation. Here the LSTM runs as the one fused kernel that
TensorFlow has for it. The GRU and the simple RNN run as loops with gradients of their own,
see `rnnedu._custom_gradients`, so that all products with weights outside the recurrence
are computed at once.

The layers stay stock Keras layers: their weights, what is saved, and everything outside
training are untouched.

This is the one module that relies on what Keras and TensorFlow do not promise: the method
``inner_loop`` of Keras's layers, the module ``keras.src``, and of TensorFlow the raw
operations and the context.
`problem` tries all of it once in a process. Where it is gone, or computes something else,
training runs in stock Keras, with one warning.
"""

import contextlib
import functools
import random
import re
import warnings

import keras
import numpy as np
import tensorflow as tf

from rnnedu._custom_gradients import gru_states, simple_states


@contextlib.contextmanager
def fast_training(model: keras.Model):
    """Let the recurrent layers of a model train in faster loops inside this context.

    `fit` waits less in it as well: the state of the optimiser is made beforehand, and
    arrays are fed without the tuner of ``tf.data``. Batches and their order stay the same.

    Layers that the loops do not cover run as always: those with other activations than
    tanh and sigmoid, dropout inside the layer, a mask, no bias, a state kept between
    batches, other numbers than float32, a GRU with ``reset_after=False``, an LSTM in a
    network compiled with ``jit_compile=True``. So does everything where there is a GPU,
    for which Keras has a loop of its own, and where this version of Keras or TensorFlow is
    not what this module was written for.

    Parameters
    ----------
    model : keras.Model
        Its layers take sequences ``(batch, time, features)`` of a fixed length in time.

    Warns
    -----
    RuntimeWarning
        Once in a process, if training has to run in stock Keras.

    Examples
    --------
    >>> import keras, numpy as np, rnnedu
    >>> model = keras.Sequential(
    ...     [keras.Input((5, 1)), keras.layers.GRU(3), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> X, y = np.ones((8, 5, 1), "float32"), np.ones(8, "float32")
    >>> with rnnedu.fast_training(model):
    ...     fit = model.fit(X, y, verbose=0)
    >>> len(fit.history["loss"])
    1
    """
    if model.compiled and not model.optimizer.built:
        # Else made while the first step is traced, and TensorFlow traces it again.
        model.optimizer.build(model.trainable_variables)
    if problem():
        yield
        return
    on_gpu = bool(tf.config.list_physical_devices("GPU"))
    chosen = [] if on_gpu else [layer for layer in _recurrent(model) if _covered(layer)]
    if chosen and getattr(model, "jit_compile", None) is True:  # XLA has no such kernel
        chosen = [layer for layer in chosen if type(layer) is not keras.layers.LSTM]
    for layer in chosen:
        layer.inner_loop = functools.partial(_LOOPS[type(layer)], layer)
    model.train_function = None  # what `fit` compiled before has only the stock loops
    try:
        with _untuned_batches():
            yield
    finally:
        model.train_function = None
        for layer in chosen:
            del layer.inner_loop


def set_seed(seed: int) -> None:
    """Call ``keras.utils.set_random_seed`` and let TensorFlow keep what it has compiled.

    When its seed is set, TensorFlow also forgets its compiled operations, because one that
    samples, such as ``tf.random.normal`` outside a function, keeps its place in the random
    sequence there. `fit` samples inside functions alone, and to prepare all operations
    again takes about as long as a small training.

    Parameters
    ----------
    seed : int

    Examples
    --------
    >>> import numpy as np
    >>> from rnnedu import keras_speedups
    >>> keras_speedups.set_seed(1)
    >>> first = np.random.normal()
    >>> keras_speedups.set_seed(1)
    >>> first == np.random.normal()
    True
    """
    with contextlib.nullcontext() if problem() else _nothing_is_forgotten():
        keras.utils.set_random_seed(seed)


@contextlib.contextmanager
def _nothing_is_forgotten():
    """Let TensorFlow's context keep its compiled operations."""
    from tensorflow.python.eager.context import pywrap_tfe

    forget = pywrap_tfe.TFE_ContextClearCaches
    pywrap_tfe.TFE_ContextClearCaches = lambda context: None
    try:
        yield
    finally:
        pywrap_tfe.TFE_ContextClearCaches = forget


@functools.cache
def problem() -> str:
    """Return what is wrong with the inside of this Keras, or nothing; warn the first time.

    Each loop is run on a small layer, and its values and gradients are compared with those
    of the stock layer.

    Returns
    -------
    str
        Empty where all is as it should be.

    Warns
    -----
    RuntimeWarning
        Once in a process, with what is wrong.

    Examples
    --------
    >>> from rnnedu import keras_speedups
    >>> keras_speedups.problem()
    ''
    """
    kept = random.getstate()  # Keras draws seeds from it for every layer that is made
    try:
        with _untuned_batches(), _nothing_is_forgotten():
            pass
        for kind in _LOOPS:
            _try_loop(kind)
    except Exception as error:  # whatever has changed, stock Keras still trains
        words = re.sub(r"\x1b\[\d+m", "", str(error)).split()  # Keras writes in colours
        found = " ".join([f"{type(error).__name__}:", *words])[:300]
        warnings.warn(
            f"rnnedu trains in stock Keras, which is slower and gives the same numbers: "
            f"Keras {keras.__version__} with TensorFlow {tf.__version__} is not what "
            f"rnnedu.keras_speedups was written for ({found}). Fix: install the versions "
            "of constraints.txt, or ignore this.",
            RuntimeWarning,
            stacklevel=4,
        )
        return found
    finally:
        random.setstate(kept)
    return ""


def _try_loop(kind) -> None:
    """Raise unless a loop agrees with the stock one, in values and gradients."""
    x = tf.constant(np.linspace(-1, 1, 12).reshape(2, 3, 2).astype("float32"))
    layer = kind(2)
    layer.build(x.shape)
    for k, weights in enumerate(layer.trainable_variables):
        size = int(np.prod(weights.shape))
        weights.assign(0.5 * np.cos(k + np.arange(size)).reshape(weights.shape))

    def values_and_gradients():
        with tf.GradientTape() as tape:
            h = layer(x, training=True)
        return [h, *tape.gradient(h, layer.trainable_variables)]

    stock = values_and_gradients()
    calls = []

    def loop(*arguments, **options):
        calls.append(1)
        return _LOOPS[kind](layer, *arguments, **options)

    layer.inner_loop = loop
    fast = values_and_gradients()
    apart = max(float(np.abs(a - b).max()) for a, b in zip(stock, fast, strict=True))
    if not calls or not apart < 1e-5:
        raise AssertionError(
            f"the fast loop of {kind.__name__} "
            + (f"is off by {apart:.1e}" if calls else "is not called")
        )


@contextlib.contextmanager
def _untuned_batches():
    """Let `fit` feed arrays without tf.data's tuner.

    The tuner is a thread that sleeps longer each time. Told to end, after an epoch, it
    may miss that and sleep on, and the epoch waits for it: 0.8 s for one of 1.7 s on a
    busy machine. Batches and their order are the same without it. Keras has no public
    place to say so.
    """
    from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

    tuned = ArrayDataAdapter.get_tf_dataset
    options = tf.data.Options()
    options.autotune.enabled = False
    ArrayDataAdapter.get_tf_dataset = lambda self: tuned(self).with_options(options)
    try:
        yield
    finally:
        ArrayDataAdapter.get_tf_dataset = tuned


def _recurrent(model):
    """Yield the layers of a model, both of a bidirectional one."""
    for layer in model.layers:
        if type(layer) is keras.layers.Bidirectional:
            yield from (layer.forward_layer, layer.backward_layer)
        else:
            yield layer


def _covered(layer) -> bool:
    return (
        type(layer) in _LOOPS
        and "inner_loop" not in vars(layer)  # an outer context has it already
        and layer.compute_dtype == "float32"
        and layer.activation is keras.activations.tanh
        and getattr(layer, "recurrent_activation", keras.activations.sigmoid)
        is keras.activations.sigmoid
        and layer.use_bias
        and not (layer.dropout or layer.recurrent_dropout)
        and not (layer.stateful or layer.unroll)
        and getattr(layer, "reset_after", True)
    )


def _stock(layer, sequences, initial_state, mask, training):
    return type(layer).inner_loop(
        layer, sequences, initial_state=initial_state, mask=mask, training=training
    )


def _lstm(layer, sequences, initial_state, mask, training=False):
    """Run an LSTM layer as TensorFlow's ``BlockLSTM``.

    Its gates stand in the order i, c, f, o where Keras has i, f, c, o; time comes first.
    ``BlockLSTMV2``, which has Keras's order, has a wrong gradient in TensorFlow 2.21.
    """
    if not training or mask is not None:
        return _stock(layer, sequences, initial_state, mask, training)
    cell = layer.cell

    def reorder(weights):
        i, f, c, o = tf.split(tf.convert_to_tensor(weights), 4, axis=-1)
        return tf.concat([i, c, f, o], axis=-1)

    h, c = initial_state
    no_peephole = tf.zeros([layer.units])
    run = tf.raw_ops.BlockLSTM(
        seq_len_max=tf.cast(tf.shape(sequences)[1], tf.int64),
        x=_time_first(layer, sequences),
        cs_prev=c,
        h_prev=h,
        w=tf.concat([reorder(cell.kernel), reorder(cell.recurrent_kernel)], axis=0),
        wci=no_peephole,
        wcf=no_peephole,
        wco=no_peephole,
        b=reorder(cell.bias),
        forget_bias=0.0,
        cell_clip=-1.0,
        use_peephole=False,
    )
    return _results(layer, run.h, [run.h[-1], run.cs[-1]])


def _simple_rnn(layer, sequences, initial_state, mask, training=False):
    """Run a SimpleRNN layer with the gradient of `simple_states`."""
    if not training or mask is not None or sequences.shape[1] is None:
        return _stock(layer, sequences, initial_state, mask, training)
    cell = layer.cell
    x = _products(_time_first(layer, sequences), cell.kernel) + cell.bias
    states = simple_states(
        x,
        tf.nest.flatten(initial_state)[0],
        tf.convert_to_tensor(cell.recurrent_kernel),
    )
    return _results(layer, states, [states[-1]])


def _gru(layer, sequences, initial_state, mask, training=False):
    """Run a GRU layer (``reset_after=True``) with the gradient of `gru_states`."""
    if not training or mask is not None or sequences.shape[1] is None:
        return _stock(layer, sequences, initial_state, mask, training)
    cell = layer.cell
    input_bias, recurrent_bias = tf.unstack(tf.convert_to_tensor(cell.bias))
    x = _products(_time_first(layer, sequences), cell.kernel) + input_bias
    states = gru_states(
        x,
        tf.nest.flatten(initial_state)[0],
        tf.convert_to_tensor(cell.recurrent_kernel),
        recurrent_bias,
    )
    return _results(layer, states, [states[-1]])


def _time_first(layer, sequences):
    """Put time before batch, and the end first where the layer reads backwards."""
    time_first = tf.transpose(sequences, [1, 0, 2])
    return tf.reverse(time_first, axis=[0]) if layer.go_backwards else time_first


def _products(time_first, kernel):
    """Multiply the inputs of all time steps by the input weights.

    As one product of two matrices: with three axes TensorFlow would make one a time step.
    """
    return tf.tensordot(time_first, tf.convert_to_tensor(kernel), axes=1)


def _results(layer, outputs, states):
    """Return what Keras expects of a loop: last output, all outputs, states."""
    outputs = tf.transpose(outputs if layer.return_sequences else outputs[-1:], [1, 0, 2])
    return states[0], outputs, states


_LOOPS = {
    keras.layers.LSTM: _lstm,
    keras.layers.GRU: _gru,
    keras.layers.SimpleRNN: _simple_rnn,
}
