"""
Measure how far back a gradient reaches
=======================================

*Level: advanced. Time: 20 minutes.* How much does the last hidden state of
three cells depend on each input, before and after training? *Finding*: as
initialised by Keras, the simple RNN depends more on early inputs than LSTM and
GRU. After training, these two depend most on the input that their task needs.

First we measure untrained layers, and change one setting at a time. Then we
measure networks that were trained on a task. The baseline always predicts
zero. A good score is a root mean squared error (RMSE) below a quarter of the
baseline's: then the network *solves* the task. The chapter
:doc:`/learn/vanishing_gradients` explains why gradients vanish.
"""

# %%
# A task that needs early inputs
# ------------------------------
#
# Each time step has two inputs: a random number, and a mark, which is 1 or 0.
# The output should be the number that was marked last. Marks are 40 to 120
# time steps apart. We make 200 sequences to measure errors. To measure
# derivatives, we cut a piece out of the first sequence: a marked time step, 40
# time steps before it, and 60 after it. There is no other mark in this piece.

# sphinx_gallery_thumbnail_number = 2
import rnnedu  # before keras: it keeps TensorFlow's notes off the terminal
import numpy as np
from rnnedu import tasks

X, y = tasks.repeat_last_marked(200, gap=80, seed=1)
mark = np.flatnonzero(X[0, :, 1])[1]  # the second mark of the first sequence
sequence = X[0, mark - 40 : mark + 61]  # (time, features)

# sphinx_gallery_start_ignore
apart = np.concatenate([np.diff(np.flatnonzero(m)) for m in X[..., 1]])
assert apart.min() >= 40 and apart.max() <= 120, "the page says: 40 to 120"
assert np.flatnonzero(sequence[:, 1]).tolist() == [40], "one mark"
# sphinx_gallery_end_ignore

# %%
# Measure one layer
# -----------------
#
# If the inputs of one time step change a little, how much does the last hidden
# state change? The derivative answers this. With several units it is a matrix,
# the **Jacobian**. Its **spectral norm** is the largest factor by which it can
# multiply a small change. For example, if the norm is one hundredth, the last
# state changes by at most a hundredth of the change in the inputs.
#
# ``cells.from_keras`` copies the weights of a Keras layer to NumPy, and
# ``gradients.jacobian_norms`` computes the norm for each time step of a
# sequence. Its entry ``"x"`` has the derivatives with respect to the inputs.

import keras
from rnnedu import cells, gradients

keras.utils.set_random_seed(0)
layer = keras.layers.LSTM(8)
layer.build((None, None, 2))  # not needed for a layer of a built model
step, weights = cells.from_keras(layer)
norms = gradients.jacobian_norms(step, sequence, weights)["x"]
for ago in (0, 10, 30, 60):
    print(f"inputs {ago:2} time steps ago: norm {norms[-1 - ago]:.0e}")

# %%
# The further back the inputs, the smaller the norm. This matters for training.
# If an input hardly changes the last state, it hardly changes the error. Then
# there is almost no gradient from which the layer could learn to use it.
#
# One setting at a time
# ---------------------
#
# This LSTM is our starting point. In each variant we change one setting: the
# **recurrent scale**, a factor for all recurrent weights; the **forget bias**,
# which Keras starts at 1; or the **cell**, a GRU or a simple RNN in place of
# the LSTM. For each variant we measure five layers of 8 units.


def norms_back(step, weights):
    norms = gradients.jacobian_norms(step, sequence, weights)["x"]
    return norms[::-1]  # the last time step first


def untrained(kind, scale=1, forget_bias=None):
    """Return the norms of five layers, one row per layer."""
    rows = []
    for seed in range(5):
        keras.utils.set_random_seed(seed)
        layer = kind(8)
        layer.build((None, None, 2))
        step, weights = cells.from_keras(layer)
        for name in weights.U:  # the gates and the candidate
            weights.U[name] = scale * weights.U[name]
        if forget_bias is not None:
            weights.b["f"][:] = forget_bias
        rows.append(norms_back(step, weights))
    return np.array(rows)


# %%
# The first entry of ``lines`` is the starting point. A line in the figure is
# the median of the five layers, and a band is their range. The axis is
# logarithmic. The dotted line is at the marked time step.

from rnnedu import plots

lines = {
    "LSTM": untrained(keras.layers.LSTM),
    "LSTM, recurrent scale 2": untrained(keras.layers.LSTM, scale=2),
    "LSTM, forget bias 5": untrained(keras.layers.LSTM, forget_bias=5),
    "GRU": untrained(keras.layers.GRU),
    "simple RNN": untrained(keras.layers.SimpleRNN),
}
fig, ax = plots.figure(
    "Before training, a larger forget bias raises the norm most",
    alt="Norms of untrained layers by time steps ago, on a logarithmic scale.",
    xlabel="time steps ago",
    ylabel="norm of the derivative",
    yscale="log",
    ylim=(1e-18, 1e2),
)
plots.draw_bands(ax, lines, x=np.arange(len(sequence)), of="layers")
ax.axvline(60, **plots.MARK_LINE)

# sphinx_gallery_start_ignore
assert (norms[[-1, -11, -31]] > 2 * norms[[-11, -31, -61]]).all(), "less"
start, scaled, biased, gru, simple = (x[:, 60] for x in lines.values())
assert np.median(start) < np.median(scaled), "the page says: larger"
assert max(np.median(scaled), simple.max()) < biased.min(), "most"
biased = np.median(lines["LSTM, forget bias 5"], axis=0)
assert biased.min() > biased[0] / 20, "the page says: it does not vanish"
assert gru.max() < start.max() < simple.min(), "GRU least, simple RNN most"
# sphinx_gallery_end_ignore

# %%
# With a larger recurrent scale or a larger forget bias, the norm at an early
# time step is larger. With a forget bias of 5, the norm does not vanish at all
# over these time steps. Of the three cells as Keras initialises them, the
# simple RNN has the largest norm at the mark, and the GRU the smallest.
#
# After training
# --------------
#
# Does the simple RNN therefore learn the task best? The package holds the
# weights of ten training runs for each cell. As in the chapters, the LSTM has
# 1 unit, which is enough to store one number. The GRU has 2 units and the
# simple RNN has 8. We measure the norms of each trained network as before, and
# its RMSE on the 200 sequences. The table has the smallest, the median and the
# largest RMSE of the ten runs, the number of runs that solve the task, and the
# *peak*: how many time steps ago the median norm is largest.

import pandas as pd

rates = {"simple RNN": 0.003, "LSTM": 0.1, "GRU": 0.1}  # learning rates
zero = rnnedu.rmse(y.ravel(), 0 * y.ravel())
errors = pd.DataFrame({"always zero": [zero] * 10})
trained = {}  # the median norms of each cell
for name, rate in rates.items():
    kind = name.replace("simple RNN", "SimpleRNN")  # as Keras calls it
    runs = rnnedu.load_task_runs(kind, gap=80, learning_rate=rate)
    errors[name] = [rnnedu.rmse(y.ravel(), run(X).ravel()) for run in runs]
    layers = [run.layers[0] for run in runs]
    rows = [norms_back(each.step, each.weights) for each in layers]
    trained[name] = np.median(rows, axis=0)

table = errors.agg(["min", "median", "max"]).T
table["solved"] = (errors < zero / 4).sum()
table["peak"] = pd.Series({k: row.argmax() for k, row in trained.items()})
table.round(2)

# %%
# Most runs of the LSTM and of the GRU solve the task, and no run of the simple
# RNN does. The next figure shows the norms after training, on a linear axis.

fig, ax = plots.figure(
    "After training, LSTM and GRU have a large norm at the mark",
    alt="Norms by time steps ago. LSTM and GRU peak at the mark.",
    xlabel="time steps ago (the mark is 60 time steps ago)",
    ylabel="norm, median of ten runs",
)
plots.draw_lines(ax, trained, x=np.arange(len(sequence)))

# sphinx_gallery_start_ignore
for name in ("LSTM", "GRU"):
    on_mark, noise = trained[name][60], np.delete(trained[name], 60)
    assert on_mark > 0.1 > 1e3 * trained["simple RNN"][60], "the finding"
    assert noise.max() < on_mark / 10, "the page says: small at all others"
    assert table["solved"][name] > 7 and table["peak"][name] == 60, "most"
assert table["solved"]["simple RNN"] == 0, "no run"
# sphinx_gallery_end_ignore

# %%
# The sizes changed between the two figures, and in the second figure they
# differ from cell to cell. So we compare only at which time steps each cell
# has a large norm. Before training, the simple RNN had a larger norm at the
# mark than the LSTM and the GRU as Keras initialises them. After training, the
# simple RNN has a large norm only at the last few time steps. The LSTM and the
# GRU have a large norm at the mark, and a small norm at all others.
#
# What a derivative does not tell
# -------------------------------
#
# A norm near zero does not mean that the early input is forgotten. An example:
# a simple RNN has one unit, the input weight 5 and the recurrent weight 3. It
# reads 1 or -1, then 59 zeros. We print its last state and the norm at the
# first time step.

W, U, b = np.array([[5.0]]), np.array([[3.0]]), np.zeros(1)
large = cells.Weights({"h": W}, {"h": U}, {"h": b})
step = cells.simple_rnn_step
for first in (1.0, -1.0):
    x = np.append(first, np.zeros(59))[:, None]
    norm = gradients.jacobian_norms(step, x, large)["x"][0]
    state = cells.run_cell(step, x[None], large)["h"][0, -1, 0]
    print(f"first {first:+.0f}: last state {state:+.2f}, norm {norm:.0e}")

# %%
# The last state has the sign of the first input, so the cell still remembers
# this sign. But the norm is practically zero: a *small* change of the first
# input does not change the last state. So the norm tells whether training gets
# a gradient from an early input. It does not tell how long a cell remembers:
# see :doc:`/auto_gallery/inside_the_cell/plot_14_memory_span`.
#
# Try it yourself
# ---------------
#
# - In ``lines``, set ``scale=4`` in the second entry, and change its name.
#   Does the norm still shrink in all five layers? Look at the band.
# - Measure a layer of your own model, on a sequence that this layer reads.
#
# What to remember
# ----------------
#
# - ``jacobian_norms`` shows whether a gradient reaches an early time step.
# - This depends on the weights and biases, not only on the kind of cell.
# - Measure before and after training, and compare the errors, too.
# - A norm near zero does not prove that something is forgotten.
#
# **Sources.** Pascanu, Mikolov and Bengio (2013), *On the difficulty of
# training recurrent neural networks*, arXiv:1211.5063.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

assert norm < 1e-50 and state < -0.9, "the page says: kept, norm near zero"
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
