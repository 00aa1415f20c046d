"""
Which cell remembers for how long?
==================================

*Level: intermediate. Time: 20 minutes.* Two runs of a cell start from opposite
states and read the same noise. How long do they differ? We ask simple RNN,
LSTM and GRU. *Finding*: the bias of a gate decides more than the choice
between LSTM and GRU. And a cell can remember without a gradient to learn from.

No price is read here and nothing is trained. We measure how much of an initial
state is left after 100 time steps, and how much of the gradient comes back
over them. The one to beat is the simple RNN as Keras initialises it, which has
no gate. The chapters :doc:`/learn/vanishing_gradients`, :doc:`/learn/lstm` and
:doc:`/learn/gru` each tell a part. Here all parts stand in one table.
"""

# %%
# Two runs from opposite states
# -----------------------------
#
# One run of a cell starts from a state :math:`s`, the other from :math:`-s`.
# Both read the same input, so they can differ only because of where they
# started. While they differ, the cell remembers. Once they are equal, it has
# forgotten. We measure the distance between the two states at each time step,
# and divide it by the distance at the start.
#
# By *state* we mean the cell state ``c`` of an LSTM, and the hidden state
# ``h`` of the other cells. The input is the noise of the task *repeat the last
# marked number* from :doc:`/learn/lstm`: numbers that are not marked.

# sphinx_gallery_thumbnail_number = 1
import rnnedu  # before keras: it keeps TensorFlow's notes off the terminal
import numpy as np
from rnnedu import cells, tasks

STEPS = 100
X, _ = tasks.repeat_last_marked(10, gap=2 * STEPS + 2, steps=STEPS + 1)
noise = X[:, 1:]  # only the first time step is marked


def distance(step, weights):
    """Return how far two runs differ at each time step; 1 at the start."""
    signs = np.random.default_rng(0).choice([-1, 1], size=weights.units)
    s, runs = np.tile(0.5 * signs, (len(noise), 1)), []  # (sequences, units)
    for start in (s, -s):
        states = cells.run_cell(step, noise, weights, {"h": start, "c": start})
        runs.append(states.get("c", states["h"]))
    apart = np.linalg.norm(runs[0] - runs[1], axis=-1).mean(axis=0)
    return apart / np.linalg.norm(2 * s[0])


# %%
# Untrained cells
# ---------------
#
# First we take layers of 16 units as Keras initialises them. The **forget
# gate** of the LSTM and the **update gate** of the GRU multiply the old state.
# A gate near 1 keeps it. Keras starts the bias of the forget gate at 1, so the
# gate starts at about three quarters. It starts the bias of the update gate at
# 0, so that gate starts at about one half.
#
# Then we set the bias of both gates to 1, to 3 and to 5. With a bias of 5 they
# start at more than 99 percent. The simple RNN has no gate.

import keras

KINDS = {"simple RNN": "SimpleRNN", "LSTM": "LSTM", "GRU": "GRU"}
GATE = {"LSTM": "f", "GRU": "z"}  # the gate that keeps the old state


def new_cell(kind, seed, bias=None):
    """Return step and weights of an untrained layer."""
    keras.utils.set_random_seed(seed)
    layer = getattr(keras.layers, KINDS[kind])(16)
    layer.build((None, None, 2))  # two features: number and mark
    step, weights = cells.from_keras(layer)
    if bias is not None:
        weights.b[GATE[kind]][:] = bias
    return step, weights


# %%
# Trained cells
# -------------
#
# Last, we take networks that were trained on that task, with marks 80 time
# steps apart on average. The package holds the weights of ten training runs of
# each kind. All ten are shown, also those that failed. The simple RNNs have 8
# units, the LSTMs 1 and the GRUs 2.

titles = ["as initialised", "bias 1", "bias 3", "bias 5", "trained"]
groups = {title: {} for title in titles}
SEEDS = range(3)
for kind in GATE:
    for bias in (1, 3, 5):
        each = [new_cell(kind, seed, bias) for seed in SEEDS]
        groups[f"bias {bias}"][kind] = each
RATES = {"simple RNN": 0.003, "LSTM": 0.1, "GRU": 0.1}  # of the training runs
for kind, name in KINDS.items():
    groups["as initialised"][kind] = [new_cell(kind, seed) for seed in SEEDS]
    runs = rnnedu.load_task_runs(name, gap=80, learning_rate=RATES[kind])
    layers = [run.layers[0] for run in runs]
    groups["trained"][kind] = [(each.step, each.weights) for each in layers]

# sphinx_gallery_start_ignore
for setting in rnnedu.task_runs.SETTINGS[-2:]:  # LSTM and GRU
    losses = rnnedu.task_runs.runs_of(setting)["losses"]
    learnt = sum(float(each.split()[-1]) < 0.02 for each in losses)
    assert 5 < learnt < 10, (
        "the page says: most of them learnt it, some failed"
    )
# sphinx_gallery_end_ignore

# %%
# How long they remember
# ----------------------
#
# A line is the median over the seeds or runs, and a band is their range.

from rnnedu import plots

fig, axes = plots.figure(
    "How long a cell remembers: the weights decide",
    alt="Three panels: distance of two runs by time step, logarithmic.",
    columns=3,
    share=True,
    xlabel="time step",
    ylabel="distance (start: 1)",
    yscale="log",
    ylim=(1e-6, 30),
)
shown = ["as initialised", "bias 5", "trained"]
for ax, title in zip(axes, shown, strict=True):
    ax.set_title(title, loc="left")
    curves = {
        kind: [distance(*cell) for cell in each]
        for kind, each in groups[title].items()
    }
    plots.draw_bands(ax, curves, floor=1e-9, legend=title == "trained")

# %%
# As initialised, the simple RNN remembers longest and the GRU forgets first.
# With a bias of 5, LSTM and GRU keep far more than the simple RNN does in the
# first panel. In the LSTM the distance even grows, because the two runs also
# write different numbers into their cell states. In the third panel, the
# typical LSTM and GRU have kept most of the distance, and the typical simple
# RNN has lost most of it. The wide bands come from runs that failed.
#
# So there is no fixed number of time steps that an LSTM or a GRU remembers. It
# depends on the weights, and before training mostly on one bias.
#
# Remembering and learning
# ------------------------
#
# Training needs more than a state that lasts. It finds out what to keep from a
# **gradient**: by how much does the last hidden state change if an early state
# changes a little? ``jacobian_norms`` returns the size of this derivative for
# each time step. We divide the first one by the last but one, so that 1 means
# that nothing is lost on the way back.
#
# One more cell shows the difference. It is a simple RNN whose recurrent matrix
# we choose by hand: 3 times the identity. Each unit feeds its own state back
# so strongly that the state stays near 1 or near -1, whatever the noise does.
# There the tanh is almost flat. Such a unit is called **saturated**.

from rnnedu import gradients

step, weights = new_cell("simple RNN", seed=0)
weights.U["h"][:] = 3 * np.eye(16)
groups["saturated"] = {"simple RNN": [(step, weights)]}


def gradient(step, weights):
    """Return the share of the gradient that comes back to the first state."""
    norms = gradients.jacobian_norms(step, noise[0], weights)
    norms = norms.get("c", norms["h"])
    return norms[0] / norms[-2]


# %%
# The table has the medians after 100 time steps.

import pandas as pd

rows = {
    (title, kind): {
        "distance": np.median([distance(*cell)[-1] for cell in each]),
        "gradient": np.median([gradient(*cell) for cell in each]),
    }
    for title, group in groups.items()
    for kind, each in group.items()
}
table = pd.DataFrame(rows).T

# sphinx_gallery_start_ignore
for column in table:
    of = {title: table.loc[title, column] for title in groups}
    start, high, last = (of[title] for title in shown)
    assert start.idxmax() == "simple RNN" and start.idxmin() == "GRU"
    assert start.max() < 0.01 < 0.2 < high.min(), "they keep far more"
    assert last["simple RNN"] < 0.2 < 0.4 < last.drop("simple RNN").min()
    kinds = [np.log(x["LSTM"] / x["GRU"]) for x in list(of.values())[1:4]]
    biases = np.log(of["bias 5"] / of["bias 1"])
    assert max(kinds) < min(biases) / 2, "the bias changes more than the kind"
assert (table.loc["bias 5", "LSTM"] > 1).all(), "the page says: it even grows"
held = table.loc["saturated", "simple RNN"]
assert held["distance"] > 1 > 1e-50 > held["gradient"], "and yet no gradient"
# sphinx_gallery_end_ignore

table.map("{:.1g}".format)

# %%
# Compare LSTM and GRU at the same bias, and then one of them at two biases:
# the bias changes more than the kind of cell. In most rows the two columns
# agree: where the state is lost, the gradient is lost too.
#
# The last row is different. The saturated cell never forgets, since its two
# runs stay as far apart as they can. But its gradient is practically zero: a
# small change of the first state changes nothing later. Each unit can store
# the answer to a yes-or-no question, but no gradient tells training which
# answer to store.
#
# The rows of untrained cells show where training starts, and those of trained
# cells where it can get to. As initialised, the gradient of LSTM and GRU over
# 100 time steps is tiny as well, and yet most of these runs learnt the task.
# They began with the time steps just after a mark, where the gradient is still
# large. If only the last output counts, there is no such help. A higher bias
# then lets the gradient through from the beginning of training.
#
# Try it yourself
# ---------------
#
# - Set ``STEPS`` to 300. Which untrained cells still keep something?
# - Replace the 3 of the saturated cell by 1. Its units are then hardly
#   saturated. What happens to the distance, and what to the gradient?
#
# What to remember
# ----------------
#
# - Ask how long a cell remembers *with which weights*.
# - At the same bias, LSTM and GRU are more alike than one cell at two biases.
# - A state that lasts is not enough. To learn over a long gap, the gradient
#   has to come back too: gates near 1 do both, saturation does only one.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
