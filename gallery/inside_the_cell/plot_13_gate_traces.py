"""
What the gates do on a share price
==================================

*Level: intermediate. Time: 20 minutes.* We record every gate of the four-layer
LSTM while it reads a year of IBM's prices. *Finding*: the gates hardly move,
and with constant gates the forecast keeps its shape. In a network that has
something to remember, the same gates open and close.

The network predicts the next day's *High* from the 60 days before. A good
score would be an error below that of persistence, which is yesterday's price.
Here we ask what the gates contribute to the score. Their jobs are explained in
:doc:`/learn/lstm`, together with the small task that serves as a contrast.
"""

# %%
# A year as one sequence
# ----------------------
#
# The trained network comes from the cache if it is there. It was trained on
# windows of 60 days, but a recurrent layer can read a sequence of any length.
# So we give it the whole test year as one sequence of scaled prices, of shape
# ``(batch, time, features)``. The states start at zero. The 60 days before the
# year come first, so that the states have left zero when the year begins.

# sphinx_gallery_thumbnail_number = 2
import rnnedu
import numpy as np

windows = rnnedu.make_windows(rnnedu.load_ibm(), column="High", lookback=60)
trained = rnnedu.train("lstm", windows, seed=0).model
year = np.concatenate([windows.X_test[0, :, 0], windows.y_test])[None, :, None]

# %%
# Record the gates
# ----------------
#
# Keras returns the output of a layer but not its gates.
# ``cells.Network.from_keras`` copies the weights into the same network in
# NumPy. Its method ``record`` returns a dictionary for each recurrent layer:
# the gates ``f`` (forget), ``i`` (input) and ``o`` (output), the candidate
# ``g``, and the states ``c`` and ``h``. These two lines also work for a
# network of your own that consists of recurrent and dense layers.

from rnnedu import cells

network = cells.Network.from_keras(trained)
layers = network.record(year)
print(f"{len(layers)} layers, forget gates {layers[0]['f'].shape} in each")

# %%
# Plot them
# ---------
#
# A recorded gate has the shape ``(batch, time, units)``. For the figure we
# take the one sequence, leave out the 60 days before the year, and transpose
# the rest: one row per unit. ``draw_bands`` draws the median over the units as
# a line, and the range from the lowest unit to the highest as a band.

from rnnedu import plots

GATES = {"f": "forget gate", "i": "input gate", "o": "output gate"}

fig, axes = plots.figure(
    "On the price, the gates of all four layers are nearly constant",
    alt="Four panels, one for each layer: three flat lines, by trading day.",
    rows=2,
    columns=2,
    height=4.6,
    share=True,
    xlabel="trading day of the test year",
    ylabel="gate",
    ylim=(0, 1),
)
for k, (ax, states) in enumerate(zip(axes.flat, layers, strict=True), 1):
    ax.set_title(f"layer {k}", loc="left")
    units = {name: states[gate][0, 60:].T for gate, name in GATES.items()}
    plots.draw_bands(ax, units, of="units", legend=k == 1)

# %%
# The lines are flat. Those of the input and the output gate nearly coincide. A
# band has a width because the units of a layer differ from each other. How far
# does a single unit move? In the table, *initial* is the sigmoid of the bias
# with which Keras starts the gate: 1 for the forget gate, 0 for the others.
# The *range* is the largest value in the year minus the smallest one, for the
# unit that moves most.

import pandas as pd

rows = {}
for k, states in enumerate(layers, start=1):
    for gate, name in GATES.items():
        values = states[gate][0, 60:]  # (days, units)
        rows[f"layer {k}, {name}"] = {
            "initial": cells.sigmoid(gate == "f"),
            "mean": values.mean(),
            "range": np.ptp(values, axis=0).max(),
        }
table = pd.DataFrame(rows).T

# sphinx_gallery_start_ignore
assert np.ptp(windows.y_test) > 0.05, "the page says: the price moves"
assert table["range"].max() < 0.06, "the page says: hardly move"
assert (table["mean"] - table["initial"]).abs().max() < 0.05, "close to it"
# sphinx_gallery_end_ignore

table.round(3)

# %%
# The price moves over the year, and the gates hardly do. Their means are still
# close to the initial values. Training has changed the weights of this
# network, but it has not taught the gates when to open or to close.
#
# Gates that have something to do
# -------------------------------
#
# For contrast we record a network from :doc:`/learn/lstm`. It reads numbers,
# some of which are marked, and has to output the number that was marked last.
# Between marks it has to keep that number, and at a mark it has to replace it.
# The package holds the weights of ten training runs, and this is the first.
# Its forget gate stands in the lower panel, over one sequence of the task.

from rnnedu import tasks

task_network = rnnedu.load_task_runs("LSTM", gap=80, learning_rate=0.1)[0]
X, y = tasks.repeat_last_marked(200, gap=80, seed=1)
(states,) = task_network.record(X)  # one LSTM layer, with one unit

fig, axes = plots.figure(
    "The forget gate: flat on the price, but it falls at each mark",
    alt="Above, the forget gates of layer 1. Below, that of the task.",
    rows=2,
    xlabel="time step (dotted: marked)",
    ylabel=["gate on the price", "gate in the task"],
    ylim=(0, 1.05),
)
for ax, gate in zip(
    axes, (layers[0]["f"][0, 60:], states["f"][0]), strict=True
):
    plots.draw_bands(ax, {"forget gate": gate.T}, of="units", legend=False)
plots.draw_marks(axes[1], X[0])

# sphinx_gallery_start_ignore
at_marks, forget = X[:, 1:, 1] == 1, states["f"][:, 1:, 0]
assert forget[at_marks].mean() < 0.3 < 0.95 < forget[~at_marks].mean()
assert np.ptp(forget) > 0.7, "the page says: most of the way"
# sphinx_gallery_end_ignore

# %%
# In the task, the gate moves most of the way between 0 and 1. It stays near 1
# between marks, which keeps the stored number, and it erases the number at the
# next mark.
#
# Does the small movement matter?
# -------------------------------
#
# Even a gate that moves little could matter. So we make each gate constant and
# look at the error. The trick: a gate whose input weights ``W`` and recurrent
# weights ``U`` are zero is the sigmoid of its bias ``b``. We choose the bias
# for which this is the mean of the gate over training sequences. Candidates
# and the dense layer stay as they were trained.


def fix_gates(network, sample):
    """Make each gate of each unit constant, at its mean over a sample."""
    recorded = network.record(sample)  # of each LSTM, not of the dense layer
    for layer, states in zip(network.layers, recorded, strict=False):
        for gate in GATES:
            mean = states[gate].mean(axis=(0, 1))
            layer.weights.W[gate][:] = layer.weights.U[gate][:] = 0
            layer.weights.b[gate][:] = np.log(mean / (1 - mean))


# %%
# This changes a network in place, so we give it a new copy.

constant = cells.Network.from_keras(trained)
fix_gates(constant, windows.X_train[::10])
forecasts = {
    "LSTM": rnnedu.forecast_one_step(trained, windows),
    "LSTM, constant gates": rnnedu.forecast_one_step(constant, windows),
}
scores = rnnedu.score_table(windows, forecasts)
free, held = forecasts.values()
print(f"correlation {free.corr(held):.4f}, shift {(held - free).mean():+.2f}")

# sphinx_gallery_start_ignore
assert held.corr(free) > 0.999, "the page says: the same shape"
assert (held - free).std() < 0.1 * abs(held - windows.test_prices).mean()
assert (scores["skill"].iloc[1:] < 0).all(), "the page says that both lose"
# sphinx_gallery_end_ignore

scores.round(2)

# %%
# With constant gates the forecast has the same shape: the correlation of the
# two is almost 1. The whole curve is shifted, by the number of dollars printed
# above, and the RMSE changes with it. Both forecasts lose to persistence.
#
# Now we do the same in the task, where the baseline always predicts 0.

without = rnnedu.load_task_runs("LSTM", gap=80, learning_rate=0.1)[0]
fix_gates(without, tasks.repeat_last_marked(200, gap=80, seed=0)[0])
errors = {
    "always 0": rnnedu.rmse(y.ravel(), 0 * y.ravel()),
    "LSTM": rnnedu.rmse(y.ravel(), task_network(X).ravel()),
    "LSTM, constant gates": rnnedu.rmse(y.ravel(), without(X).ravel()),
}

# sphinx_gallery_start_ignore
zero, learnt, lost = errors.values()
assert learnt < zero / 4 < 1.1 * zero < lost, "the page says: worse than 0"
# sphinx_gallery_end_ignore

pd.DataFrame({"RMSE": errors}).round(2)

# %%
# Without moving gates, the task network is worse than its baseline. What it
# has learnt depends on gates that move. The shape of the price forecast does
# not: every day, each layer keeps the same share of its cell state and adds
# the same share of what is new.
#
# Why did training not teach these gates to move? At a mark, a gate that falls
# lowers the error of the task. In the prices there is no such signal: apart
# from yesterday's price, the past holds little that helps to predict the next
# one (:doc:`/learn/forecasting`). So there is little to gain from keeping one
# day for longer than another. All this is one training run on one series.
#
# Try it yourself
# ---------------
#
# - Set ``trained`` to ``rnnedu.train("gru", windows, seed=0).model``. A GRU
#   has the gates ``z`` (update) and ``r`` (reset): change ``GATES`` too, and
#   stop before the second figure. Do they move more?
# - Take another training run of the task, ``[6]`` in place of ``[0]``. It is
#   one that failed. What does its forget gate do at the marks?
#
# What to remember
# ----------------
#
# - ``cells.Network.from_keras(model).record(x)`` returns the gates of a Keras
#   network at every time step.
# - Gates *can* open and close. They learn it only where that lowers the loss.
# - To find out whether a part matters, make it constant and compare the error.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
