"""The states of a simple RNN and of a GRU, each with a gradient derived by hand.

A name such as ``dh`` is the derivative of the loss with respect to ``h``.
"""

import tensorflow as tf


@tf.custom_gradient
def simple_states(x, h0, R):
    """Return all states of a simple RNN, ``h' = tanh(x + h R)``, with their gradient.

    Parameters
    ----------
    x : tensor, shape (time, batch, units)
        Inputs times the input weights, plus the bias.
    h0 : tensor, shape (batch, units)
        The initial state.
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

    def gradient(dh_output):
        R_transposed = tf.transpose(R)

        def backward(t, dh, da):
            da_t = tf.raw_ops.TanhGrad(y=h[t], dy=dh + dh_output[t])
            return t - 1, tf.matmul(da_t, R_transposed), da.write(t, da_t)

        start = (steps - 1, tf.zeros_like(h0), tf.TensorArray(x.dtype, steps))
        _, dh0, da = tf.while_loop(lambda t, *_: t >= 0, backward, start)
        da = da.stack()
        previous_h = tf.concat([h0[None], h[:-1]], axis=0)
        return da, dh0, tf.tensordot(previous_h, da, axes=[[0, 1], [0, 1]])

    return h, gradient


@tf.custom_gradient
def gru_states(x, h0, R, bias):
    """Return all states of a GRU, with their gradient.

    With ``a = h R + bias`` and the three blocks of x and a: ``z = σ(x_z + a_z)``,
    ``r = σ(x_r + a_r)``, ``n = tanh(x_n + r a_n)``, ``h' = n + z (h - n)``.

    Parameters
    ----------
    x : tensor, shape (time, batch, 3 units)
        Inputs times the input weights, plus their bias; blocks z, r, n.
    h0 : tensor, shape (batch, units)
        The initial state.
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

    def forward(t, h, recorded):
        a, x_t = tf.matmul(h, R), x[t]
        gates = tf.sigmoid(x_t[:, : 2 * units] + a[:, : 2 * units] + gate_bias)
        z, r = gates[:, :units], gates[:, units:]
        a_n = a[:, 2 * units :] + candidate_bias
        n = tf.tanh(x_t[:, 2 * units :] + r * a_n)
        h = n + z * (h - n)
        recorded = [
            array.write(t, v) for array, v in zip(recorded, (h, gates, n, a_n), strict=True)
        ]
        return t + 1, h, recorded

    arrays = [tf.TensorArray(x.dtype, steps) for _ in range(4)]
    *_, arrays = tf.while_loop(lambda t, *_: t < steps, forward, (0, h0, arrays))
    h, gates, n, a_n = (array.stack() for array in arrays)

    def gradient(dh_output):
        previous_h = tf.concat([h0[None], h[:-1]], axis=0)
        R_transposed = tf.transpose(R)

        # TanhGrad is dy (1 - y y), SigmoidGrad is dy y (1 - y): each is the derivative
        # with respect to the pre-activation.
        def backward(t, dh, da, dn_all):
            dh, gates_t, n_t = dh + dh_output[t], gates[t], n[t]
            z, r = gates_t[:, :units], gates_t[:, units:]
            through = dh * z
            dn = tf.raw_ops.TanhGrad(y=n_t, dy=dh - through)
            dgates = tf.concat([dh * (previous_h[t] - n_t), dn * a_n[t]], axis=1)
            dgates = tf.raw_ops.SigmoidGrad(y=gates_t, dy=dgates)
            da_t = tf.concat([dgates, dn * r], axis=1)
            dh = through + tf.matmul(da_t, R_transposed)
            return t - 1, dh, da.write(t, da_t), dn_all.write(t, dn)

        da, dn = (tf.TensorArray(x.dtype, steps) for _ in range(2))
        start = (steps - 1, tf.zeros_like(h0), da, dn)
        _, dh0, da, dn = tf.while_loop(lambda t, *_: t >= 0, backward, start)
        da, dn = da.stack(), dn.stack()
        dx = tf.concat([da[:, :, : 2 * units], dn], axis=2)
        dR = tf.tensordot(previous_h, da, axes=[[0, 1], [0, 1]])
        return dx, dh0, dR, tf.reduce_sum(da, axis=[0, 1])

    return h, gradient
