"""Faster loops for training plain Keras layers: equal up to rounding, less waiting.

Keras runs a recurrent layer as a loop of small TensorFlow operations and lets
TensorFlow differentiate it, operation by operation. Here the LSTM runs as the one fused
kernel that TensorFlow carries for it. The GRU and the simple RNN run as loops whose
gradients are written down by hand, so that all products with weights outside the
recurrence are done at once.

The layers stay stock Keras layers: their weights, what is saved, and everything outside
training are untouched.
"""

import contextlib
import functools

import keras
import tensorflow as tf
from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

from rnnedu._loops import gru_states, simple_states


@contextlib.contextmanager
def native_loops(model: keras.Model):
    """Let a model's recurrent layers train in faster loops inside this context.

    `fit` waits less in it as well: the optimiser's state is made beforehand, and arrays
    are fed without the tuner of ``tf.data``. Batches and their order stay the same.

    Layers that the loops do not cover run as always: those with other activations than
    tanh and sigmoid, dropout inside the layer, a mask, no bias, a state kept between
    batches, other numbers than float32, a GRU with ``reset_after=False``. So does
    everything where there is a GPU, for which Keras has a loop of its own.

    Parameters
    ----------
    model : keras.Model
        Its layers take sequences ``(batch, time, features)`` of a fixed length in time.
    """
    on_gpu = bool(tf.config.list_physical_devices("GPU"))
    chosen = [] if on_gpu else [layer for layer in _recurrent(model) if _covered(layer)]
    for layer in chosen:
        layer.inner_loop = functools.partial(_LOOPS[type(layer)], layer)
    model.train_function = None  # what `fit` compiled before knows only the stock loops
    if model.compiled and not model.optimizer.built:
        # Else made while the first step is traced, and TensorFlow traces it again.
        model.optimizer.build(model.trainable_variables)
    try:
        with _untuned_batches():
            yield
    finally:
        model.train_function = None
        for layer in chosen:
            del layer.inner_loop


@contextlib.contextmanager
def _untuned_batches():
    """Let `fit` feed arrays without tf.data's tuner.

    The tuner is a thread that sleeps longer each time. Told to end, after an epoch, it
    may miss that and sleep on, and the epoch waits for it: 0.8 s for one of 1.7 s on a
    machine with little to spare. Batches and their order are the same without it. Keras
    has no public place to say so.
    """
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
    """Put time before batch, its end first where the layer reads backwards."""
    time_first = tf.transpose(sequences, [1, 0, 2])
    return tf.reverse(time_first, axis=[0]) if layer.go_backwards else time_first


def _products(time_first, kernel):
    """Multiply all days' inputs by the input weights.

    As one product of two matrices: with three axes TensorFlow would make one for each day.
    """
    return tf.tensordot(time_first, tf.convert_to_tensor(kernel), axes=1)


def _results(layer, outputs, states):
    """Return what Keras wants of a loop: last output, all outputs, states."""
    outputs = tf.transpose(outputs if layer.return_sequences else outputs[-1:], [1, 0, 2])
    return states[0], outputs, states


_LOOPS = {
    keras.layers.LSTM: _lstm,
    keras.layers.GRU: _gru,
    keras.layers.SimpleRNN: _simple_rnn,
}
