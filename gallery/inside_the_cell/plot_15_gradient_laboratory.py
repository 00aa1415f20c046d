"""
Measure how far back a gradient reaches
=======================================

*Level: advanced. Time: 20 minutes.* We measure how much the last hidden state
of three cells depends on each earlier input, before and after training.
*Finding*: as Keras initialises them, the simple RNN depends most on an early
input. After training, LSTM and GRU depend most on it, and most of them solve a
task that needs it.

First nothing is predicted: we measure untrained layers, and change one setting
at a time. Then trained networks read numbers, some of them marked, and output
the number that was marked last. The one to beat always predicts zero. The
chapter :doc:`/learn/vanishing_gradients` explains why gradients vanish.
"""

# %%
# A task that needs early inputs
# ------------------------------
#
# Each time step has two inputs: a random number, and a mark, which is 1 or 0.
# Marks are 40 to 120 time steps apart. We take 200 sequences to measure
# errors. To measure derivatives, we take the first part of one sequence. It
# ends 60 time steps after the second mark.

# sphinx_gallery_thumbnail_number = 2
import rnnedu  # before keras: it keeps TensorFlow's notes off the terminal
import numpy as np
from rnnedu import tasks

X, y = tasks.repeat_last_marked(200, gap=80, seed=1)
marks = np.flatnonzero(X[0, :, 1])
sequence = X[0, : marks[1] + 61]  # (time, features)
print(f"{len(sequence)} time steps, marked: {marks[:2] + 1}")

# sphinx_gallery_start_ignore
apart = np.concatenate([np.diff(np.flatnonzero(m)) for m in X[..., 1]])
assert apart.min() >= 40 and apart.max() <= 120, "the page says: 40 to 120"
# sphinx_gallery_end_ignore

# %%
# Measure one layer
# -----------------
#
# If the inputs of one time step change a little, how much does the last hidden
# state change? The derivative answers this. With several units it is a matrix,
# the **Jacobian**. Its **spectral norm** tells how much a small change can
# matter. For example, a norm of one hundredth means: the last state changes by
# at most a hundredth of the change in the number, in the mark, or in both.
#
# ``cells.from_keras`` copies the weights of a Keras layer to NumPy, and
# ``gradients.jacobian_norms`` computes the norm for each time step of a
# sequence. These two calls also measure a layer of your own.

import keras
from rnnedu import cells, gradients

keras.utils.set_random_seed(0)
layer = keras.layers.LSTM(8)
layer.build((None, None, 2))  # not needed for a layer of a built model

step, weights = cells.from_keras(layer)
norms = gradients.jacobian_norms(step, sequence, weights)["x"]
for ago in (0, 10, 30, 60):
    print(f"inputs {ago:2} time steps ago: {norms[-1 - ago]:.0e}")

# sphinx_gallery_start_ignore
assert (norms[[-1, -11, -31]] > 2 * norms[[-11, -31, -61]]).all(), "less"
# sphinx_gallery_end_ignore

# %%
# The further back the inputs, the less the last state depends on them. This
# matters for training: an input that hardly changes the last state hardly
# changes the error. So there is almost no gradient to learn from.
#
# One setting at a time
# ---------------------
#
# This LSTM is our starting point. There are three settings: the **recurrent
# scale**, a factor for all recurrent weights; the **forget bias**, which Keras
# starts at 1; and the **cell**. We change one and keep the other two. We
# measure each variant on five layers of 8 units, from different seeds.


def norms_back(step, weights):
    norms = gradients.jacobian_norms(step, sequence, weights)["x"]
    return norms[::-1]  # the last time step first


def untrained(kind, scale=1, forget_bias=None):
    rows = []
    for seed in range(5):
        keras.utils.set_random_seed(seed)
        layer = kind(8)
        layer.build((None, None, 2))
        step, weights = cells.from_keras(layer)
        for block in weights.U:
            weights.U[block] = scale * weights.U[block]
        if forget_bias is not None:
            weights.b["f"][:] = forget_bias
        rows.append(norms_back(step, weights))
    return np.array(rows)


# %%
# The first line is the starting point. In each other line one setting differs.

lines = {
    "LSTM": untrained(keras.layers.LSTM),
    "LSTM, recurrent scale 2": untrained(keras.layers.LSTM, scale=2),
    "LSTM, forget bias 5": untrained(keras.layers.LSTM, forget_bias=5),
    "GRU": untrained(keras.layers.GRU),
    "simple RNN": untrained(keras.layers.SimpleRNN),
}

# %%
# Lines are medians of the five layers, and bands show their range. The axis is
# logarithmic. On a straight line, the norm is multiplied by the same factor at
# each step back. The dotted line is the mark, 60 time steps ago.

from rnnedu import plots

fig, ax = plots.figure(
    "Norm before training: a larger forget bias raises it most",
    alt="Norms of untrained layers by time steps ago, on a logarithmic scale.",
    xlabel="time steps ago",
    ylabel="norm of the derivative",
    yscale="log",
    ylim=(1e-18, 1e2),
)
plots.draw_bands(ax, lines, x=np.arange(len(sequence)), of="layers")
ax.axvline(60, **plots.MARK_LINE)

# sphinx_gallery_start_ignore
at_mark = [each[:, 60] for each in lines.values()]
start, scaled, biased, gru, simple = at_mark
assert np.median(start) < np.median(scaled), "the page says: more arrives"
assert max(np.median(scaled), simple.max()) < biased.min(), "most"
biased = np.median(lines["LSTM, forget bias 5"], axis=0)
assert biased[-1] > 2 * biased[0], "the page says: it even grows"
assert gru.max() < start.max() < simple.min(), "GRU least, simple RNN most"
# sphinx_gallery_end_ignore

# %%
# With a larger recurrent scale or a larger forget bias, a change in an early
# input changes the last state more. With a forget bias of 5 the norm even
# grows on the way back. So gradients in an LSTM can vanish, but they can also
# grow. Of the three cells as Keras initialises them, the simple RNN depends
# most on an early input, and the GRU least.
#
# After training
# --------------
#
# Does the simple RNN therefore learn the task best? The package holds the
# weights of ten training runs for each cell. The networks are small: the
# simple RNN has 8 units, the GRU 2, and the LSTM 1. We measure the norms of
# each trained network as before, and its error (RMSE) on the 200 sequences.

import pandas as pd

rates = {"simple RNN": 0.003, "LSTM": 0.1, "GRU": 0.1}  # learning rates
zero = rnnedu.rmse(y.ravel(), 0 * y.ravel())
errors, trained = pd.DataFrame({"always zero": [zero] * 10}), {}
for name, rate in rates.items():
    kind = name.replace("simple RNN", "SimpleRNN")  # as Keras calls it
    runs = rnnedu.load_task_runs(kind, gap=80, learning_rate=rate)
    errors[name] = [rnnedu.rmse(y.ravel(), run(X).ravel()) for run in runs]
    layers = [run.layers[0] for run in runs]
    rows = [norms_back(each.step, each.weights) for each in layers]
    trained[name] = np.median(rows, axis=0)

table = errors.agg(["min", "median", "max"]).T
table["runs below half"] = (errors < zero / 2).sum()
table.round(2)

# %%
# The last column counts the runs with less than half the error of always zero:
# most runs of the LSTM and of the GRU, and no run of the simple RNN. The next
# figure shows the norms after training. Its axis is linear.

fig, ax = plots.figure(
    "Norm after training: LSTM and GRU depend on the mark",
    alt="Norms by time steps ago. LSTM and GRU peak at the mark.",
    xlabel="time steps ago (the mark is 60 time steps ago)",
    ylabel="norm, median of ten runs",
)
plots.draw_lines(ax, trained, x=np.arange(len(sequence)))

# sphinx_gallery_start_ignore
for name in ("LSTM", "GRU"):
    on_mark, noise = trained[name][60], np.delete(trained[name], [0, 60])
    assert on_mark > 0.1 > 1e3 * trained["simple RNN"][60], "the finding"
    assert noise.max() < on_mark / 10, "the page says: hardly on the noise"
    assert table["runs below half"][name] > 7, "most runs"
assert table["runs below half"]["simple RNN"] == 0, "no run"
# sphinx_gallery_end_ignore

# %%
# Before training, the simple RNN had a larger norm at the mark than the LSTM
# and the GRU as Keras initialises them. After training, the simple RNN depends
# on the last few inputs, and hardly on the mark. The LSTM and the GRU depend
# on the mark, and hardly on the noise after it. The task asks for this.
#
# What a derivative does not tell
# -------------------------------
#
# A norm near zero does not mean that the early input is forgotten. Here is a
# simple RNN with one unit and large weights. It reads 1 or -1, then 59 zeros.

W, U, b = np.array([[5.0]]), np.array([[3.0]]), np.zeros(1)
large = cells.Weights({"h": W}, {"h": U}, {"h": b})
step = cells.simple_rnn_step
for first in (1.0, -1.0):
    x = np.append(first, np.zeros(59))[:, None]
    norm = gradients.jacobian_norms(step, x, large)["x"][0]
    state = cells.run_cell(step, x[None], large)["h"][0, -1, 0]
    print(f"first {first:+.0f}: last state {state:+.2f}, norm {norm:.0e}")

# %%
# The last state still shows which of the two was read, although the norm is
# practically zero. A *small* change of the first input does not arrive, but
# the sign of this input is kept. So the norm tells whether training gets a
# gradient from an early input. How long the cell remembers is another
# question: see :doc:`/auto_gallery/inside_the_cell/plot_14_memory_span`.
#
# Try it yourself
# ---------------
#
# - In ``lines``, set ``scale=4`` in the second entry, and change its name.
#   Does the norm still shrink in all five layers? Look at the band.
# - Measure a layer of your own: give ``cells.from_keras`` one of
#   ``model.layers``. Give ``jacobian_norms`` a sequence that this layer reads.
#
# What to remember
# ----------------
#
# - ``jacobian_norms`` shows whether a gradient reaches an early time step.
# - Weights and biases decide this, so a kind of cell has no fixed reach.
# - Measure before and after training, and compare the errors, too.
# - A norm near zero is no proof that something is forgotten.
#
# **Sources.** Pascanu, Mikolov and Bengio (2013), *On the difficulty of
# training recurrent neural networks*, arXiv:1211.5063.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

assert norm < 1e-50 and state < -0.9, "the page says: kept, norm near zero"
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
