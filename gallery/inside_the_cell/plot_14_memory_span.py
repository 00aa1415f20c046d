"""
How many steps does a cell remember?
====================================

A network reads a number, then noise, and its target is that number: it has to
keep one number, and no more. Over how many steps of noise does a network
*learn* to keep it? We lengthen the noise until it no longer does, for a simple
RNN, an LSTM and a GRU, and for several biases that their gates can start from.
Then two numbers have to be kept and added: a test that the inventors of the
LSTM gave it.

The one to beat always predicts the mean. We give every error as a share of the
error of that baseline: a network that remembers nothing scores 1. A good score
is near 0; below one half we call a task learnt.
"""

# %%
# A number, and then noise
# ------------------------
#
# Each step of a sequence is a pair: a number between -1 and 1, sampled at
# random, and a **mark**. The mark is 1 at the number to be kept, here the
# first one, and 0 afterwards. After ``gap`` more steps the network has to
# output the marked number. There is nothing in the noise to guess it from.

# sphinx_gallery_thumbnail_number = 2
import numpy as np


def recall(n, gap, seed):
    """Sample pairs ``(n, gap + 1, 2)`` and the first number of each."""
    rng = np.random.default_rng(seed)
    pairs = np.zeros((n, gap + 1, 2), "float32")
    pairs[:, :, 0] = rng.uniform(-1, 1, (n, gap + 1))
    pairs[:, 0, 1] = 1
    return pairs, pairs[:, 0, 0]


pairs, targets = recall(10_000, gap=20, seed=0)
print(f"predict the mean: error {targets.std():.3f}, which we call 1")

# sphinx_gallery_start_ignore
assert abs(targets.std() - 3**-0.5) < 0.01, "of numbers between -1 and 1"
# sphinx_gallery_end_ignore

# %%
# This is one of them.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.style.use(plots.STYLE)

numbers, first = pairs[0, :, 0], targets[0]
fig, ax = plots.figure(
    f"After step 20 the target is {first:.2f}",
    alt=f"The 21 numbers of one sequence. The first, {first:.2f}, is marked.",
    height=2.6,
    xlabel="time step",
    ylabel="number",
)
ax.vlines(range(21), 0, numbers, color=plots.GREY)
ax.plot(numbers, "o", color=plots.GREY, label="noise")
ax.plot(0, first, "s", color="C1", label="marked")
ax.set_xticks(range(0, 21, 5))
ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
# sphinx_gallery_start_ignore
plots.describe(fig, "The others are noise between minus 1 and 1.")
# sphinx_gallery_end_ignore

# %%
# Three cells, and where their gates start
# ----------------------------------------
#
# An LSTM multiplies its cell state at each step by a **forget gate**, a GRU
# its hidden state by an **update gate**: factors between 0 and 1, computed
# from the input, the hidden state before and a **bias**. Before anything is
# learnt, the bias has the largest influence. At 0 the gate is half shut, and
# half of what is kept is lost with each step. Keras initialises the bias of
# the forget gate with 1 and that of the update gate with 0. We set both: to 0
# and to 5, where the gate is nearly open, the LSTM's to 1 as well. A simple
# RNN has no gate. All have 16 units.

import keras
from keras.layers import GRU, LSTM, Dense, SimpleRNN

import rnnedu

UNITS = 16
LAYERS = {"simple RNN": SimpleRNN, "LSTM": LSTM, "GRU": GRU}
CASES = [("simple RNN", "none"), ("LSTM", 0), ("LSTM", 1), ("LSTM", 5)]
CASES += [("GRU", 0), ("GRU", 5)]  # cell and bias of its gate


def network(cell, steps):
    """Pairs ``(batch, steps, 2)`` in, one number ``(batch, 1)`` out."""
    inputs = keras.Input((steps, 2))
    model = keras.Sequential([inputs, LAYERS[cell](UNITS), Dense(1)])
    adam = keras.optimizers.Adam(0.01, clipnorm=1.0)
    model.compile(adam, "mean_squared_error", steps_per_execution=50)
    return model


# %%
# ``clipnorm`` is gradient clipping: a gradient longer than 1 is shortened to
# 1, since gradients through many steps can explode as well as vanish.
#
# One training run is an anecdote, so each case is tried with several seeds.
# ``rnnedu.fit_seeds`` trains a network once for each. After it has sampled the
# initial weights it calls a function of ours, which sets the bias.

from functools import partial

SEEDS = [0, 1, 2]
GATE = {"LSTM": slice(UNITS, 2 * UNITS), "GRU": slice(0, UNITS)}


def set_bias(cell, bias, model, seed):
    """Set the bias of the forget gate, or of the update gate."""
    if cell in GATE:
        layer = model.layers[0]
        *matrices, biases = layer.get_weights()
        biases.flat[GATE[cell]] = bias
        layer.set_weights([*matrices, biases])


# sphinx_gallery_start_ignore
for cell, block in (("LSTM", "f"), ("GRU", "z")):
    from rnnedu import cells

    checked = network(cell, 5)
    set_bias(cell, 7, checked, seed=0)
    for gate, values in cells.from_keras(checked.layers[0])[1].b.items():
        assert ((values == 7) == (gate == block)).all(), "the gate that keeps"
# sphinx_gallery_end_ignore

# %%
# Every batch is new
# ------------------
#
# No sequence is shown twice: every batch of 32 is sampled for itself. So the
# loss on a batch, taken before the network learns from it, is a score on
# sequences it has never seen, and no test set is needed. An epoch has 50
# batches here. The same seed gives all cells the same sequences.


def error_by_epoch(task, cell, bias, length, batches):
    """Errors ``(seeds, epochs)``, as shares of that of the mean."""
    samples = {seed: task(32 * batches, length, seed) for seed in SEEDS}
    model = network(cell, samples[0][0].shape[1])
    _, history = rnnedu.fit_seeds(
        model,
        samples.get,
        seeds=SEEDS,
        initialize=partial(set_bias, cell, bias),
        batch_size=32,
        epochs=batches // 50,
        steps_per_epoch=50,
        shuffle=False,
    )
    loss = history.pivot(index="seed", columns="epoch", values="loss")
    spread = [y.std() for _, y in samples.values()]
    return np.sqrt(loss.to_numpy()) / np.reshape(spread, (-1, 1))


# %%
# Longer and longer
# -----------------
#
# Each training run has a budget of 200 batches. A case whose median over the
# seeds has not learnt one length is spared the longer ones.

GAPS = [5, 20, 60, 200]
errors = {case: [] for case in CASES}  # by gap, one of each seed
for cell, bias in CASES:
    for gap in GAPS:
        curves = error_by_epoch(recall, cell, bias, gap, batches=200)
        errors[cell, bias].append(curves[:, -1])
        if np.median(curves[:, -1]) > 0.5:
            break

# %%
# The median error of the last 50 batches, beside the baseline:

import pandas as pd

middle = {case: np.median(each, axis=1) for case, each in errors.items()}
table = pd.DataFrame({("the mean", "none"): [1.0] * len(GAPS)}, index=GAPS).T
for case in CASES:
    table.loc[case, GAPS[: len(middle[case])]] = middle[case]
reach = {
    case: max((gap for gap in GAPS if table.loc[case, gap] < 0.5), default=0)
    for case in CASES
}
table.columns.name = "steps of noise"
table.rename_axis(index=["cell", "bias"]).map(
    lambda share: "" if np.isnan(share) else f"{share:.2f}"
)

# %%
# In a figure, a panel for each bias, with the simple RNN in all of them: a
# line for the median, a band from the lowest of the seeds to the highest.


def of_bias(values, bias):
    """The cells that were tried with a bias, and the simple RNN."""
    return {
        cell: each
        for (cell, tried), each in values.items()
        if tried in (bias, "none")
    }


# %%

fig, axes = plots.figure(
    "From a bias of 0, the LSTM learns {} steps and the GRU {}; from 5, {} "
    "and {}".format(*(reach[c, b] for b in (0, 5) for c in ("LSTM", "GRU"))),
    alt="Three panels, one for each bias: error by steps of noise.",
    columns=3,
    height=3.6,
    share=True,
    xlabel="steps of noise",
    ylabel="error, as a share\nof that of the mean",
    xscale="log",
)
for ax, bias in zip(axes, (0, 1, 5), strict=True):
    ax.set_title(f"bias {bias}")
    plots.describe(fig, f"One panel has the bias {bias}.")
    for cell, each in of_bias(errors, bias).items():
        plots.draw_bands(ax, {cell: np.transpose(each)}, GAPS[: len(each)])
    plots.draw_baseline(ax, 1, "the mean")


# sphinx_gallery_start_ignore
def one_legend(fig):
    """Replace the legends of the panels by one below them."""
    for ax in fig.axes:
        ax.get_legend().remove()
    named = fig.axes[0].get_legend_handles_labels()
    fig.legend(*named, loc="outside lower center", ncols=4)


one_legend(fig)
axes[0].set_xticks(GAPS, GAPS)
axes[0].minorticks_off()
longest = ", ".join(
    f"{gap} for {cell}" + ("" if bias == "none" else f" from {bias}")
    for (cell, bias), gap in reach.items()
)
plots.describe(fig, f"The longest learnt: {longest}.")
LSTM_0, LSTM_1, LSTM_5, GRU_0, GRU_5 = [reach[case] for case in CASES[1:]]
assert max(LSTM_0, GRU_0) < min(LSTM_5, GRU_5), (
    "the page says that the bias decides more than the kind"
)
assert LSTM_0 <= LSTM_1 < LSTM_5
apart = [GRU_0 / LSTM_0, GRU_5 / LSTM_5]
moved = [LSTM_5 / LSTM_0, GRU_5 / GRU_0]
assert max(*apart, *(1 / each for each in apart)) < min(moved), (
    "the page says that the kinds differ less than the biases"
)
assert LSTM_0 < reach["simple RNN", "none"] < GRU_5
assert min(reach.values()) >= 5, "all learn the first"
# sphinx_gallery_end_ignore

# %%
# All learn the shortest noise. After that it is less the kind of cell that
# decides than the bias it starts from: the LSTM and the GRU, started with the
# same bias, differ less from each other than each from itself with another
# bias. The simple RNN, which has no gate, is not the first to fail. And where
# the scale ends, so do our trials, not what a cell may learn.
#
# What is left of a gradient
# --------------------------
#
# Why the bias? Training has to find out that the first step matters, from the
# gradient that comes back to it. On the direct path, along the state, it is
# multiplied at each step by the gate. At the start that is about the
# **sigmoid** of the bias, the curve that makes a factor between 0 and 1 of
# any number.

sigmoid = {bias: 1 / (1 + np.exp(-bias)) for bias in (0, 1, 5)}
left = pd.DataFrame(
    {gap: {bias: sigmoid[bias] ** gap for bias in sigmoid} for gap in GAPS}
)
left.index.name, left.columns.name = "bias", "steps of noise"

# sphinx_gallery_start_ignore
for (_, bias), each in middle.items():
    for gap, share in zip(GAPS, each, strict=False):
        if bias != "none" and left.loc[bias, gap] < 1e-5:
            assert share > 0.9, "the page says that none learnt it"
# sphinx_gallery_end_ignore

left.map("{:.0e}".format)

# %%
# Where this table holds less than a hundred-thousandth, no median of what was
# tried has learnt anything. The reverse need not hold: an open path lets a
# gradient through, and does not guarantee that training finds a solution.
#
# Two numbers, to be added
# ------------------------
#
# Hochreiter and Schmidhuber's adding problem: two numbers are marked, and the
# target is their sum. Here, a sequence has 30 steps; one mark is among the
# first ten, the other between there and the middle. Only the marks tell
# where to look, and the cell has to write, keep, write again and keep. The
# baseline is the mean once more.


def adding(n, steps, seed):
    """Sample pairs ``(n, steps, 2)`` and the sums of two marked numbers."""
    rng = np.random.default_rng(seed)
    pairs = np.zeros((n, steps, 2), "float32")
    pairs[:, :, 0] = rng.uniform(-1, 1, (n, steps))
    each = np.arange(n)
    early, late = rng.integers(0, 10, n), rng.integers(10, steps // 2, n)
    pairs[each, early, 1] = pairs[each, late, 1] = 1
    return pairs, pairs[each, early, 0] + pairs[each, late, 0]


adding_errors = {
    (cell, bias): error_by_epoch(adding, cell, bias, length=30, batches=300)
    for cell, bias in CASES
}

# %%
# After how many batches the error of a training run is first below half of
# the baseline's, to the next 50:

first_below = {
    case: [
        50 * int(np.argmax(run < 0.5)) + 50 if (run < 0.5).any() else "never"
        for run in runs
    ]
    for case, runs in adding_errors.items()
}
columns = [f"seed {seed}" for seed in SEEDS]
rows = {("the mean", "none"): ["never"] * len(SEEDS)} | first_below
pd.DataFrame(rows, index=columns).T.rename_axis(["cell", "bias"])

# %%
# Their errors by batch, again with a panel for each bias.

able = {
    bias: sum(n != "never" for c in GATE for n in first_below[c, bias])
    for bias in (5, 0)
}
fig, axes = plots.figure(
    f"From a bias of 5, {able[5]} of {2 * len(SEEDS)} training runs learn to "
    f"add; from 0, {able[0] or 'none'} of {2 * len(SEEDS)}",
    alt="Three panels, one for each bias: error in the adding problem.",
    columns=3,
    height=3.6,
    share=True,
    xlabel="batches of 32",
    ylabel="error, as a share\nof that of the mean",
)
for ax, bias in zip(axes, (0, 1, 5), strict=True):
    ax.set_title(f"bias {bias}")
    plots.describe(fig, f"One panel has the bias {bias}.")
    plots.draw_bands(ax, of_bias(adding_errors, bias), range(50, 301, 50))
    plots.draw_baseline(ax, 1, "the mean")

# sphinx_gallery_start_ignore
one_legend(fig)
assert able[5] > able[0] + 2, "the page says that an open gate learns sooner"
for case, runs in adding_errors.items():
    for run, batches in zip(runs, first_below[case], strict=True):
        assert batches != "never" or run.min() > 0.8, "it says: a plateau"
# sphinx_gallery_end_ignore

# %%
# Training runs that do not learn stay on a **plateau**, the error of the mean.
#
# What to remember
# ----------------
#
# - No cell has a number of steps that it remembers. The number depends on the
#   weights it starts from, and on how long it is trained.
# - A gate that starts open passes the gradient on. That is why Keras starts
#   the LSTM's forget bias at 1; but 1 does not reach far.
# - "GRU or LSTM?" is the wrong question here. Ask where the gate starts: the
#   GRU soon fails with the bias of 0 that Keras gives it.
# - Not learnt within this budget is not the same as never: a gradient that is
#   nearly zero is not zero. Nor is an open gate best everywhere. Here there
#   is nothing that had better be forgotten.
#
# How gradients fade is explained in :doc:`/learn/vanishing_gradients`, what
# the gates are for in :doc:`/learn/lstm`.
#
# **Sources.** Hochreiter and Schmidhuber (1997), *Long short-term memory*,
# Neural Computation 9(8), with the adding problem; their LSTM had no forget
# gate, as if it were always open. Bengio, Simard and Frasconi (1994),
# *Learning long-term dependencies with gradient descent is difficult*, IEEE
# Transactions on Neural Networks 5(2). Jozefowicz, Zaremba and Sutskever
# (2015), *An empirical exploration of recurrent network architectures*, ICML,
# on the forget bias. Tallec and Ollivier (2018), *Can recurrent neural
# networks warp time?*, arXiv:1804.11188, on biases for a given span.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
