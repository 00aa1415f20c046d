"""
What the gates do on a share price
==================================

*Level: intermediate. Time: 20 minutes.* We record every gate of the four-layer
LSTM while it reads a year of IBM's prices. *Finding*: the gates hardly move.
If we make them constant, the forecast changes by much less than its RMSE. In
another network, which has to store a number, the forget gate opens and closes.

The network predicts the next day's *High* from the 60 days before. A good
score is a root mean squared error (RMSE) below that of persistence, which
predicts the last known price again. We ask: does the forecast change much if
the gates cannot move? The chapter :doc:`/learn/lstm` explains the gates.
"""

# %%
# A year as one sequence
# ----------------------
#
# Training takes some minutes, but only once: then the network is stored. The
# network was trained on windows of 60 days, but a recurrent layer can read a
# sequence of any length. So we give the network the whole test year as one
# sequence, of shape ``(batch, time, features)``. We put the 60 days before the
# year in front, so that the states are no longer zero when the year begins.

# sphinx_gallery_thumbnail_number = 2
import copy
import rnnedu
import numpy as np

prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.describe_source(prices), "test year", windows.test_year)
trained = rnnedu.train("lstm", windows, seed=0).model
days_before = windows.X_test[0, :, 0]  # the window of the first test day
year = np.concatenate([days_before, windows.y_test])[None, :, None]

# %%
# Record the gates
# ----------------
#
# Keras returns the output of a layer but not its gates. So we use
# ``cells.Network.from_keras``. It returns a network in NumPy with the same
# layers and the same weights. The method ``record`` of this network returns a
# dictionary for each recurrent layer: the gates ``f`` (forget), ``i`` (input)
# and ``o`` (output), the candidate ``g`` for new content, and the states ``c``
# and ``h``. Each of these arrays has the shape ``(batch, time, units)``.

from rnnedu import cells

network = cells.Network.from_keras(trained)
layers = network.record(year)
print(f"{len(layers)} layers, shape of each array: {layers[0]['h'].shape}")

# %%
# Plot the gates
# --------------
#
# For the figure we leave out the 60 days before the year, and transpose each
# array: one row per unit, one column per day. ``draw_bands`` draws the median
# over the units as a line. The band goes from the lowest unit to the highest.

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
# The lines are flat; those of the input and the output gate nearly coincide.
# The next table has one row for each gate of each layer, and three columns:
#
# - *initial* is the sigmoid of the bias before training. Keras starts this
#   bias at 1 for the forget gate and at 0 for the other gates.
# - *mean* is the mean of the gate over all days and units.
# - *range* is the largest value in the year minus the smallest, for the unit
#   whose gate moves most.

import pandas as pd

rows = {}
for k, states in enumerate(layers, start=1):
    for gate, name in GATES.items():
        values = states[gate][0, 60:]  # (days, units)
        rows[f"layer {k}, {name}"] = {
            "initial": cells.sigmoid(1.0 if gate == "f" else 0.0),
            "mean": values.mean(),
            "range": np.ptp(values, axis=0).max(),
        }
table = pd.DataFrame(rows).T

# sphinx_gallery_start_ignore
assert table["range"].max() < 0.06, "the page says: hardly move"
assert (table["mean"] - table["initial"]).abs().max() < 0.05, "close to it"
# sphinx_gallery_end_ignore

table.round(3)

# %%
# The gates hardly move, and their means are still close to the initial values.
#
# A task that needs the gates
# ---------------------------
#
# Now we record another network, from :doc:`/learn/lstm`. At each time step it
# reads a number and a mark, which is 1 or 0. It has to output the number that
# was marked last. Between marks it has to keep this number, and at a mark it
# has to replace it. Marks are 80 time steps apart on average (``gap=80``). The
# package holds the weights of ten training runs. We take the first run and
# make 200 sequences that were not used in training. The figure shows the
# forget gate over the first of these sequences.

from rnnedu import tasks

task_runs = rnnedu.load_task_runs("LSTM", gap=80, learning_rate=0.1)
task_network = task_runs[0]  # an LSTM layer with one unit, and a dense layer
X, y = tasks.repeat_last_marked(200, gap=80, seed=1)
(states,) = task_network.record(X)

fig, ax = plots.figure(
    "In the task, the forget gate falls at each mark",
    alt="The forget gate by time step: near 1, and low at each dotted line.",
    xlabel="time step (dotted: marked)",
    ylim=(0, 1.05),
)
plots.draw_lines(ax, {"forget gate": states["f"][0, :, 0]})
plots.draw_marks(ax, X[0])

# sphinx_gallery_start_ignore
at_marks, forget = X[:, 1:, 1] == 1, states["f"][:, 1:, 0]
assert forget[at_marks].mean() < 0.3 < 0.95 < forget[~at_marks].mean()
# sphinx_gallery_end_ignore

# %%
# Between marks, the forget gate of the task network stays near 1 and keeps the
# number. At a mark, the gate falls and erases the number.
#
# Make the gates constant
# -----------------------
#
# The gates of the price network move little, but even this could matter. So we
# make each gate constant and compare the forecasts. A gate is the sigmoid of
# ``x W + h U + b``, with input weights ``W``, recurrent weights ``U`` and bias
# ``b``. We set ``W`` and ``U`` to zero. Then the gate is the sigmoid of ``b``
# at every time step. We choose ``b`` so that this constant is the mean ``m``
# of the gate over training sequences. This needs the inverse of the sigmoid:
# ``b = log(m / (1 - m))``. All other weights stay as they were trained.


def with_constant_gates(network, sample):
    """Return a copy of a network with each gate at its mean over a sample."""
    recorded = network.record(sample)
    network = copy.deepcopy(network)
    lstms = network.layers[:-1]  # the last layer is dense: no gates
    for layer, states in zip(lstms, recorded, strict=True):
        for gate in GATES:
            mean = states[gate].mean(axis=(0, 1))  # one mean per unit
            layer.weights.W[gate][:] = 0
            layer.weights.U[gate][:] = 0
            layer.weights.b[gate][:] = np.log(mean / (1 - mean))
    return network


# %%
# For the price network we take every tenth training window as the sample.

constant = with_constant_gates(network, windows.X_train[::10])
forecasts = {
    "LSTM": rnnedu.forecast_one_step(trained, windows),
    "LSTM, constant gates": rnnedu.forecast_one_step(constant, windows),
}
scores = rnnedu.score_table(windows, forecasts)
change = rnnedu.rmse(*forecasts.values())
print(f"The two LSTM forecasts differ by {change:.2f} dollars (RMSE)")

# sphinx_gallery_start_ignore
best, moving, still = scores["RMSE"]
assert change < min(moving, still) / 3, "much less than its error"
assert best < min(moving, still), "the page says: both have a larger RMSE"
# sphinx_gallery_end_ignore

scores[["RMSE"]].round(2)

# %%
# The table has the RMSE in dollars. The line above it has the RMSE between the
# two LSTM forecasts. It is much smaller than the RMSE of either LSTM. So the
# movement of the gates matters little. (Both LSTMs lose to persistence.)
#
# Now we do the same with the task network, and take its training sequences as
# the sample. The baseline always predicts 0.

training_sequences, _ = tasks.repeat_last_marked(500, gap=80, seed=0)
constant = with_constant_gates(task_network, training_sequences)
outputs = {"always 0": 0 * y, "LSTM": task_network(X)}
outputs["LSTM, constant gates"] = constant(X)
errors = {k: rnnedu.rmse(y.ravel(), o.ravel()) for k, o in outputs.items()}

# sphinx_gallery_start_ignore
zero, learnt, lost = errors.values()
assert learnt < zero / 4 < 1.1 * zero < lost, "larger than the baseline"
# sphinx_gallery_end_ignore

pd.DataFrame({"RMSE": errors}).round(2)

# %%
# With constant gates, the task network has a larger RMSE than the baseline. So
# the task network needs gates that move.
#
# Why do the gates of the price network hardly move? Perhaps there is nothing
# to select: apart from the last known price, the past holds little that helps
# to predict the next price (:doc:`/learn/forecasting`). Or the scaled prices
# change too little within a year. We tested neither reason, and looked at one
# training run on one series.
#
# Try it yourself
# ---------------
#
# - Set ``trained`` to ``rnnedu.train("gru", windows, seed=0).model``, and
#   ``GATES`` to ``{"z": "update gate", "r": "reset gate"}``. Run the page up
#   to the first table. Do the gates of the GRU move?
# - Replace ``task_runs[0]`` by ``task_runs[6]``, a training run that failed.
#   What does its forget gate do?
#
# What to remember
# ----------------
#
# - ``cells.Network.from_keras(model).record(x)`` returns the gates of a Keras
#   network at every time step.
# - A gate *can* open and close, but not every trained gate does.
# - To see whether a part matters, make it constant and compare the outputs.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
