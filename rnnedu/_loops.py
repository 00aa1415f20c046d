"""The states of a simple RNN and of a GRU, each with its gradient written down by hand.

A name with d in front is the derivative of the loss by what the rest of it names.
"""

import tensorflow as tf


@tf.custom_gradient
def simple_states(x, h0, R):
    """All states of a simple RNN, ``h' = tanh(x + h R)``, and their gradient by hand.

    Parameters
    ----------
    x : tensor, shape (time, batch, units)
        Inputs times the input weights, plus the bias.
    h0 : tensor, shape (batch, units)
        The first state.
    R : tensor, shape (units, units)
        The recurrent weights.

    Returns
    -------
    tensor, shape (time, batch, units)

    Notes
    -----
    Elman (1990), doi:10.1207/s15516709cog1402_1.
    """
    steps = x.shape[0]

    def forward(t, h, states):
        h = tf.tanh(x[t] + tf.matmul(h, R))
        return t + 1, h, states.write(t, h)

    states = tf.TensorArray(x.dtype, steps)
    *_, states = tf.while_loop(lambda t, *_: t < steps, forward, (0, h0, states))
    h = states.stack()

    def gradient(dh_outside):
        R_transposed = tf.transpose(R)

        def backward(t, dh, da):
            da_t = tf.raw_ops.TanhGrad(y=h[t], dy=dh + dh_outside[t])
            return t - 1, tf.matmul(da_t, R_transposed), da.write(t, da_t)

        start = (steps - 1, tf.zeros_like(h0), tf.TensorArray(x.dtype, steps))
        _, dh0, da = tf.while_loop(lambda t, *_: t >= 0, backward, start)
        da = da.stack()
        h_before = tf.concat([h0[None], h[:-1]], axis=0)
        return da, dh0, tf.tensordot(h_before, da, axes=[[0, 1], [0, 1]])

    return h, gradient


@tf.custom_gradient
def gru_states(x, h0, R, bias):
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
