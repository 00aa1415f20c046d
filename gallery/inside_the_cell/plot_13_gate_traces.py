"""
What the gates do on a share price
==================================

*Level: intermediate. Time: 20 minutes.* We record every gate of the four-layer
LSTM while it reads a year of IBM's prices. *Finding*: the gates hardly move,
and constant gates change the forecast by much less than its error. In another
network, which has something to remember, the forget gate opens and closes.

The network predicts the next day's *High* from the 60 days before. The one to
beat is persistence, which repeats the last known price. We ask: does the score
of the network depend on gates that move? The chapter :doc:`/learn/lstm`
explains the gates. It also explains the small task that we use for comparison.
"""

# %%
# A year as one sequence
# ----------------------
#
# Training takes some minutes, but only once: then the network is stored. It
# was trained on windows of 60 days, but a recurrent layer can read a sequence
# of any length. So we give it the whole test year as one sequence, of shape
# ``(batch, time, features)`` and scaled as in training. It begins with the 60
# days before the year, so the states are no longer zero when the year begins.

# sphinx_gallery_thumbnail_number = 2
import rnnedu
import numpy as np

prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.describe_source(prices), "test year", windows.test_year)
trained = rnnedu.train("lstm", windows, seed=0).model
year = np.concatenate([windows.X_test[0, :, 0], windows.y_test])[None, :, None]

# %%
# Record the gates
# ----------------
#
# Keras returns the output of a layer but not its gates.
# ``cells.Network.from_keras`` copies the weights into the same network in
# NumPy. The method ``record`` returns a dictionary for each recurrent layer:
# the gates ``f`` (forget), ``i`` (input) and ``o`` (output), the candidate
# ``g`` for new content, and the states ``c`` and ``h``. Each of these arrays
# has the shape ``(batch, time, units)``. You can also record a network of your
# own, if it consists of recurrent and dense layers.

from rnnedu import cells

network = cells.Network.from_keras(trained)
layers = network.record(year)
print(f"{len(layers)} layers, shape of each array: {layers[0]['h'].shape}")

# %%
# Plot them
# ---------
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
# The lines are flat. The lines of the input gate and the output gate nearly
# coincide. How far does a single unit move? In the table, *initial* is the
# sigmoid of the bias before training. Keras starts this bias at 1 for the
# forget gate and at 0 for the others. The *mean* is over all days and units.
# The *range* of a unit is its largest value in the year minus its smallest.
# The table shows the range of the unit that moves most.

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
# Training has not taught the gates when to open or to close.
#
# Gates that have something to do
# -------------------------------
#
# Now we record another network, from :doc:`/learn/lstm`. It reads numbers,
# some of which are marked. It has to output the number that was marked last.
# Between marks it has to keep this number, and at a mark it has to replace it.
# The package holds the weights of ten training runs. We take the first run,
# and plot its forget gate over one sequence of the task.

from rnnedu import tasks

RUN = 0
task_runs = rnnedu.load_task_runs("LSTM", gap=80, learning_rate=0.1)
X, y = tasks.repeat_last_marked(200, gap=80, seed=1)
(states,) = task_runs[RUN].record(X)  # one LSTM layer, with one unit

fig, axes = plots.figure(
    "The forget gate: flat on the price, but it falls at each mark",
    alt="Left, the forget gates of layer 1. Right, that of the task.",
    columns=2,
    xlabel=["trading day (price)", "time step (task; dotted: marked)"],
    ylabel="forget gate",
    ylim=(0, 1.05),
)
both = [layers[0]["f"][0, 60:], states["f"][0]]  # (time, units)
for ax, gate in zip(axes, both, strict=True):
    plots.draw_bands(ax, {"forget gate": gate.T}, of="units", legend=False)
plots.draw_marks(axes[1], X[0])

# sphinx_gallery_start_ignore
at_marks, forget = X[:, 1:, 1] == 1, states["f"][:, 1:, 0]
if RUN == 0:  # the run of the page
    assert forget[at_marks].mean() < 0.3 < 0.95 < forget[~at_marks].mean()
    assert np.ptp(forget) > 0.7, "the page says: most of the way"
# sphinx_gallery_end_ignore

# %%
# In the task, the gate moves most of the way between 0 and 1. Between marks it
# stays near 1 and keeps the number. At a mark it falls and erases this number.
#
# Does the small movement matter?
# -------------------------------
#
# Even a gate that moves little could matter. So we make each gate constant and
# look at the error. We set the input weights ``W`` and the recurrent weights
# ``U`` of a gate to zero. Then the gate is the sigmoid of its bias ``b``. We
# choose the bias so that the constant gate equals its mean over training
# sequences. The candidates and the dense layer stay as they were trained.


def fix_gates(network, sample):
    """Make each gate of each unit constant, at its mean over a sample."""
    recorded = network.record(sample)
    lstms = network.layers[:-1]  # the last layer is dense: no gates
    for layer, states in zip(lstms, recorded, strict=True):
        for gate in GATES:
            mean = states[gate].mean(axis=(0, 1))
            layer.weights.W[gate][:] = layer.weights.U[gate][:] = 0
            layer.weights.b[gate][:] = np.log(mean / (1 - mean))


# %%
# ``fix_gates`` changes the network that it gets, so we give it a new copy.

constant = cells.Network.from_keras(trained)
fix_gates(constant, windows.X_train[::10])
forecasts = {
    "LSTM": rnnedu.forecast_one_step(trained, windows),
    "LSTM, constant gates": rnnedu.forecast_one_step(constant, windows),
}
scores = rnnedu.score_table(windows, forecasts)
change = forecasts["LSTM, constant gates"] - forecasts["LSTM"]
print(f"change: mean {change.mean():+.2f}, std {change.std():.2f} dollars")

# sphinx_gallery_start_ignore
best, moving, still = scores["RMSE"]
assert rnnedu.rmse(change, 0 * change) < moving / 3, "much less than its error"
assert abs(moving - still) < (min(moving, still) - best) / 3, "both lose"
# sphinx_gallery_end_ignore

scores.round(2)

# %%
# The table has the RMSE and the mean absolute error (MAE) in dollars. The
# *skill* is 1 minus the RMSE divided by the RMSE of persistence. It is below
# zero for both networks, so both lose to persistence. Compare the mean and the
# standard deviation (std) of the change with the MAE: constant gates change
# the forecast by much less than its error. The RMSE changes by less than a
# third of the difference between the network's RMSE and that of persistence.
# So it matters little that the gates move.
#
# Now we do the same in the task. Its baseline always predicts 0.

outputs = {"always 0": 0 * y, "LSTM": task_runs[RUN](X)}
fix_gates(task_runs[RUN], tasks.repeat_last_marked(200, gap=80, seed=0)[0])
outputs["LSTM, constant gates"] = task_runs[RUN](X)
errors = {k: rnnedu.rmse(y.ravel(), o.ravel()) for k, o in outputs.items()}

# sphinx_gallery_start_ignore
zero, learnt, lost = errors.values()
worse = learnt < zero / 4 < 1.1 * zero < lost
assert worse or RUN, "the page says: worse than its baseline"
# sphinx_gallery_end_ignore

pd.DataFrame({"RMSE": errors}).round(2)

# %%
# With constant gates, the task network is worse than this baseline. What the
# network has learnt depends on gates that move.
#
# Why do the gates of the price network hardly move? A likely reason: apart
# from the last known price, the past holds little that helps to predict the
# next price (:doc:`/learn/forecasting`). So the network gains little by
# keeping one day longer than another. We did not test this reason. We looked
# at one training run on one series.
#
# Try it yourself
# ---------------
#
# - Set ``trained`` to ``rnnedu.train("gru", windows, seed=0).model``. Change
#   ``GATES``, too: a GRU has ``z`` and ``r``. Stop after the first table.
# - Set ``RUN`` to 6, a training run that failed. What does its forget gate do?
#
# What to remember
# ----------------
#
# - ``cells.Network.from_keras(model).record(x)`` returns the gates of a Keras
#   network at every time step.
# - Gates *can* open and close. They learn this only if it lowers the loss.
# - To see whether a part matters, make it constant and compare the errors.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
