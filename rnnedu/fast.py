"""Faster loops for training plain Keras layers: equal up to rounding, less waiting.

Keras runs a recurrent layer as a loop of small TensorFlow operations and lets
TensorFlow differentiate it, operation by operation. Here the LSTM runs as the one fused
kernel that TensorFlow carries for it, and the GRU as a loop whose gradient is written
down by hand, so that all products with weights outside the recurrence are done at once.

The layers stay stock Keras layers: their weights, what is saved, and everything outside
training are untouched.
"""

import contextlib
import functools

import keras
import tensorflow as tf


@contextlib.contextmanager
def native_loops(model: keras.Model):
    """Let a model's LSTM and GRU layers train in faster loops inside this context.

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
    try:
        yield
    finally:
        model.train_function = None
        for layer in chosen:
            del layer.inner_loop


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
        and layer.recurrent_activation is keras.activations.sigmoid
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


def _gru(layer, sequences, initial_state, mask, training=False):
    """Run a GRU layer (``reset_after=True``) with the gradient of `_gru_states`."""
    if not training or mask is not None or sequences.shape[1] is None:
        return _stock(layer, sequences, initial_state, mask, training)
    cell = layer.cell
    input_bias, recurrent_bias = tf.unstack(tf.convert_to_tensor(cell.bias))
    time_first = _time_first(layer, sequences)
    # One product of two matrices: with three axes TensorFlow would make one for each day.
    x = tf.tensordot(time_first, tf.convert_to_tensor(cell.kernel), axes=1) + input_bias
    states = _gru_states(
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


def _results(layer, outputs, states):
    """Return what Keras wants of a loop: last output, all outputs, states."""
    outputs = tf.transpose(outputs if layer.return_sequences else outputs[-1:], [1, 0, 2])
    return states[0], outputs, states


@tf.custom_gradient
def _gru_states(x, h0, R, bias):
    """All states of a GRU, and their gradient by hand.

    With ``a = h R + bias`` and the three blocks of x and a: ``z = σ(x_z + a_z)``,
    ``r = σ(x_r + a_r)``, ``n = tanh(x_n + r a_n)``, ``h' = n + z (h - n)``.

    Parameters
    ----------
    x : tensor, shape (time, batch, 3 units)
        Inputs times the input weights, plus their bias; blocks z, r, n.
    h0 : tensor, shape (batch, units)
        The first state.
    R : tensor, shape (units, 3 units)
        The recurrent weights.
    bias : tensor, shape (3 units,)
        The recurrent bias.

    Returns
    -------
    tensor, shape (time, batch, units)

    Notes
    -----
    Cho et al. (2014), arXiv:1406.1078, equations 5 to 8, in the form with the reset gate
    after the product that cuDNN and Keras use.
    """
    steps, units = x.shape[0], R.shape[0]
    gate_bias, candidate_bias = bias[: 2 * units], bias[2 * units :]

    def forward(t, h, kept):
        a, x_t = tf.matmul(h, R), x[t]
        gates = tf.sigmoid(x_t[:, : 2 * units] + a[:, : 2 * units] + gate_bias)
        z, r = gates[:, :units], gates[:, units:]
        a_n = a[:, 2 * units :] + candidate_bias
        n = tf.tanh(x_t[:, 2 * units :] + r * a_n)
        h = n + z * (h - n)
        kept = [
            array.write(t, v) for array, v in zip(kept, (h, gates, n, a_n), strict=True)
        ]
        return t + 1, h, kept

    arrays = [tf.TensorArray(x.dtype, steps) for _ in range(4)]
    *_, arrays = tf.while_loop(lambda t, *_: t < steps, forward, (0, h0, arrays))
    h, gates, n, a_n = (array.stack() for array in arrays)

    def gradient(dh_outside):
        h_before = tf.concat([h0[None], h[:-1]], axis=0)
        R_transposed = tf.transpose(R)

        # A name with d is the derivative of the loss by it. TanhGrad is dy (1 - y y),
        # SigmoidGrad is dy y (1 - y): both lead to before the activation.
        def backward(t, dh, da, dn_all):
            dh, gates_t, n_t = dh + dh_outside[t], gates[t], n[t]
            z, r = gates_t[:, :units], gates_t[:, units:]
            through = dh * z
            dn = tf.raw_ops.TanhGrad(y=n_t, dy=dh - through)
            dgates = tf.concat([dh * (h_before[t] - n_t), dn * a_n[t]], axis=1)
            dgates = tf.raw_ops.SigmoidGrad(y=gates_t, dy=dgates)
            da_t = tf.concat([dgates, dn * r], axis=1)
            dh = through + tf.matmul(da_t, R_transposed)
            return t - 1, dh, da.write(t, da_t), dn_all.write(t, dn)

        da, dn = (tf.TensorArray(x.dtype, steps) for _ in range(2))
        start = (steps - 1, tf.zeros_like(h0), da, dn)
        _, dh0, da, dn = tf.while_loop(lambda t, *_: t >= 0, backward, start)
        da, dn = da.stack(), dn.stack()
        dx = tf.concat([da[:, :, : 2 * units], dn], axis=2)
        dR = tf.tensordot(h_before, da, axes=[[0, 1], [0, 1]])
        return dx, dh0, dR, tf.reduce_sum(da, axis=[0, 1])

    return h, gradient


_LOOPS = {keras.layers.LSTM: _lstm, keras.layers.GRU: _gru}
