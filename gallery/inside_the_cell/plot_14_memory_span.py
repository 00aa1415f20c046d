"""
Which cell remembers for how long?
==================================

*Level: intermediate. Time: 20 minutes.* Two runs of a cell start from opposite
states and read the same noise. How long do they differ? We compare simple RNN,
LSTM and GRU. *Finding*: this depends on the weights, above all on the bias of
one gate. A state can last while the gradient vanishes. Training needs both.

Nothing is trained or forecast here, so there is no good score. We measure how
much of an initial state is left after 100 time steps, and how much of the
gradient is left after it has gone back over these steps. We compare with the
simple RNN as Keras initialises it, which has no gate. The page rests on
:doc:`/learn/vanishing_gradients`, :doc:`/learn/lstm` and :doc:`/learn/gru`.
"""

# %%
# Two runs from opposite states
# -----------------------------
#
# One run of a cell starts from a state :math:`s`, the other from :math:`-s`.
# Both runs read the same input, so only the start makes them differ. While
# they differ, the cell remembers its start. At each time step we measure the
# distance between the two states, and divide it by the distance at the start.
#
# By *state* we mean the cell state ``c`` of an LSTM, and the hidden state
# ``h`` of the other cells. The input comes from a task in :doc:`/learn/lstm`,
# *repeat the last marked number*: a marked number has to be output until the
# next mark. Here we read only numbers without a mark, the noise of this task.

# sphinx_gallery_thumbnail_number = 1
import rnnedu  # before keras: it keeps TensorFlow's notes off the terminal
import numpy as np
from rnnedu import cells, tasks

STEPS = 100
X, _ = tasks.repeat_last_marked(10, gap=2 * STEPS + 2, steps=STEPS + 1)
noise = X[:, 1:]  # the gap is so long that only the first step is marked


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
# If such a gate is near 1, it keeps the old state. Keras starts the bias of
# the forget gate at 1, so this gate starts at about three quarters. The bias
# of the update gate starts at 0, so this gate starts at about one half. Then
# we set both biases to 1, to 3 and to 5. With a bias of 5, both gates start at
# more than 99 percent.

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
# Last, we take networks that were trained on the task, with marks 80 time
# steps apart on average. The package holds the weights of ten trained networks
# of each kind. We show all ten, also those that did not learn the task. The
# simple RNNs have 8 units, the LSTMs 1 and the GRUs 2.

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
    assert 5 < learnt < 10, "most of them learnt it, some failed"
# sphinx_gallery_end_ignore

# %%
# How long they remember
# ----------------------
#
# A line is the median over the seeds or trained networks, and a band is their
# range. The simple RNN has no gate, so it is missing in the panel with bias 5.

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
    plots.draw_bands(ax, curves, floor=1e-9, legend=title == shown[0])

# %%
# As initialised, the simple RNN remembers longest and the GRU forgets first.
# In the second panel (bias 5), LSTM and GRU keep far more than the simple RNN
# in the first. In the LSTM the distance even grows, because the two runs also
# write different numbers into their cell states. In the third panel, the lines
# of LSTM and GRU stay near 1 on this axis, and the line of the simple RNN
# falls. The bands overlap there, because some networks did not learn the task.
#
# Remembering and learning
# ------------------------
#
# Training needs more than a state that lasts. A **gradient** tells training
# what the cell should keep: by how much does the last hidden state change if
# an early state changes a little? ``jacobian_norms`` returns the size of this
# derivative for each time step. We divide the first size by the second-to-last
# one, because the last one is always 0 for a cell state. So 1 means that
# nothing is lost on the way back. Above 1, the gradient grows.
#
# One more cell keeps its state but loses its gradient. In a simple RNN we set
# the recurrent matrix by hand, to 3 times the identity. Each unit feeds its
# own state back so strongly that the state stays near 1 or -1, whatever the
# noise does. The tanh is almost flat there: the unit is **saturated**.

from rnnedu import gradients

step, weights = new_cell("simple RNN", seed=0)
weights.U["h"][:] = 3 * np.eye(16)
groups["saturated"] = {"simple RNN": [(step, weights)]}


def gradient(step, weights):
    """Return the share of the gradient that comes back to the first state."""
    norms = gradients.jacobian_norms(step, noise[0], weights)
    norms = norms.get("c", norms["h"])
    return norms[0] / norms[-2]  # last but one


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
for column in table if STEPS == 100 else []:
    of = {title: table.loc[title, column] for title in groups}
    start, high, last = (of[title] for title in shown)
    assert start.idxmax() == "simple RNN" and start.idxmin() == "GRU"
    assert start.max() < 0.01 < 0.2 < high.min(), "they keep far more"
    assert last["simple RNN"] < 0.2 < 0.4 < last.drop("simple RNN").min()
    kinds = [of[x]["LSTM"] / of[x]["GRU"] for x in titles[1:4]]
    assert min(kinds) > 1 and max(kinds) < 1e3, "less than a thousand"
    assert min(of["bias 5"] / of["bias 1"]) > 1e6, "more than a million"
    assert of["bias 5"]["LSTM"] > 1, "the page says: it even grows"
    assert (start["LSTM"] == of["bias 1"]["LSTM"]).all(), "equal rows"
held = table.loc["saturated", "simple RNN"]
if weights.U["h"][0, 0] == 3:
    assert held["distance"] > 1.9 > 1e-50 > held["gradient"], "no gradient"
lost = table.loc["trained", "simple RNN"]
assert lost["distance"] > 1e4 * lost["gradient"], "the page says: do not agree"
# sphinx_gallery_end_ignore

table.map("{:.1g}".format)

# %%
# From bias 1 to bias 5, both numbers of LSTM and GRU grow by a factor of more
# than a million. The kind of cell matters less: at the same bias, LSTM and GRU
# differ by a factor of less than a thousand. Keras starts the forget gate at a
# bias of 1, so the LSTM rows *as initialised* and *bias 1* are equal.
#
# In most rows the two columns agree: where the state is lost, the gradient is
# lost, too. They do not agree for the simple RNN after training, and least of
# all for the saturated cell. The two runs of this cell start at 1/2 and -1/2,
# and end near 1 and -1. So their distance doubles and then stays. But the
# gradient of this cell is practically zero: a small change of the first state
# changes nothing later. Each unit can store the answer to a yes-or-no
# question, but no gradient tells training which answer to store.
#
# As initialised, the gradient of LSTM and GRU over 100 time steps is tiny. But
# most trained LSTMs and GRUs learnt the task. A likely reason: the error is
# taken at every time step. Just after a mark, the gradient has a short way.
#
# Try it yourself
# ---------------
#
# - Set ``STEPS`` to 300. Which untrained cells still keep something? The table
#   shows a distance of 0 if the two runs agree in all digits.
# - Replace the 3 of the saturated cell by 1. Its units are then hardly
#   saturated. How do the two numbers in the last row of the table change?
#
# What to remember
# ----------------
#
# - How long a cell remembers depends on its weights, not only on its kind.
# - The bias of the gate that keeps the old state decides most before training.
# - A state that lasts is not enough. To learn over a long gap, the gradient
#   has to last, too. Gates near 1 keep both. Saturation keeps only the state.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
