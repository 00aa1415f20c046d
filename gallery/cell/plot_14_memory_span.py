"""
How many steps does a cell remember?
====================================

A network reads a number, then noise, and is asked for the number. Whoever can
keep one thing in mind has the answer. Over how many steps of noise does a
network *learn* to keep it? We lengthen the noise until it no longer does, for
a simple recurrent layer, an LSTM and a GRU, and for several values that their
gates can start from. Then two numbers have to be kept and added: a test that
the inventors of the LSTM gave it.

The one to beat is whoever always says the mean. We give every error as a share
of that rule's: 1 is what it gets who remembers nothing. A good score is near
0; below one half we call a task learnt.
"""

# %%
# A number, and then noise
# ------------------------
#
# Each step of a sequence is a pair: a number between -1 and 1, drawn at
# random, and a **mark**. The mark is 1 at the number to be kept, here the
# first one, and 0 afterwards. After ``gap`` more steps the network has to say
# what the marked number was. There is nothing in the noise to guess it from.

# sphinx_gallery_thumbnail_number = 2
import numpy as np


def recall(n, gap, seed):
    """Draw pairs ``(n, gap + 1, 2)`` and the first number of each."""
    draw = np.random.default_rng(seed)
    pairs = np.zeros((n, gap + 1, 2), "float32")
    pairs[:, :, 0] = draw.uniform(-1, 1, (n, gap + 1))
    pairs[:, 0, 1] = 1
    return pairs, pairs[:, 0, 0]


pairs, answers = recall(10_000, gap=20, seed=0)
print(f"say the mean: error {answers.std():.3f}, which we call 1")

# sphinx_gallery_start_ignore
assert abs(answers.std() - 3**-0.5) < 0.01, "of numbers between -1 and 1"
# sphinx_gallery_end_ignore

# %%
# This is one of them.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.rcParams.update(plots.LOOK)

numbers, first = pairs[0, :, 0], answers[0]
fig, ax = plt.subplots(figsize=(7.5, 2.6))
ax.vlines(range(21), 0, numbers, color="#767676")
ax.plot(numbers, "o", color="#767676", label="noise")
ax.plot(0, first, "s", color="#d55e00", markersize=9, label="marked")
ax.axhline(0, color=plots.INK, linewidth=0.8)
ax.set(xlabel="step", ylabel="number", xticks=range(0, 21, 5))
ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
ax.set_title(f"After step 20 the right answer is {first:.2f}")
fig.set_label(
    f"The 21 numbers of one sequence. The first, {first:.2f}, is marked; the "
    "others are noise between minus 1 and 1."
)

# %%
# Three cells, and where their gates start
# ----------------------------------------
#
# An LSTM multiplies its memory at each step by a **forget gate**, a GRU its
# state by an **update gate**: factors between 0 and 1, computed from the
# input, the output before and a **bias**. Before anything is learnt, the bias
# has the largest say. At 0 the gate is half shut, and half of what is kept is
# lost with each step. Keras starts the bias of the forget gate at 1 and that
# of the update gate at 0. We set both: to 0 and to 5, where the gate is nearly
# open, the LSTM's to 1 as well. A simple layer has no gate. All have 16 units.

import keras
from keras.layers import GRU, LSTM, Dense, SimpleRNN

import rnnedu

UNITS = 16
CELLS = {"simple RNN": SimpleRNN, "LSTM": LSTM, "GRU": GRU}
BIASES = {"simple RNN": [None], "LSTM": [0, 1, 5], "GRU": [0, 5]}


def network(kind, steps):
    """Pairs ``(batch, steps, 2)`` in, one number ``(batch, 1)`` out."""
    inputs = keras.Input((steps, 2))
    model = keras.Sequential([inputs, CELLS[kind](UNITS), Dense(1)])
    adam = keras.optimizers.Adam(0.01, clipnorm=1.0)
    model.compile(adam, "mean_squared_error", steps_per_execution=50)
    return model


# %%
# ``clipnorm`` is gradient clipping: a gradient longer than 1 is shortened to
# 1, since gradients through many steps can explode as well as vanish.
#
# One run is an anecdote, so each cell is tried with several seeds. To build a
# network takes time. So we build it once for each length and, for each run,
# put it back to the start: new first weights, the bias we want, and an
# optimiser that remembers nothing.

KEEPS = {"LSTM": slice(UNITS, 2 * UNITS), "GRU": slice(0, UNITS)}


def start(model, kind, bias, seed):
    """Put a network back to the start, with the bias we want."""
    rnnedu.start_anew(model, seed)
    if bias is not None:
        cell = model.layers[0]
        *matrices, biases = cell.get_weights()
        biases.flat[KEEPS[kind]] = bias
        cell.set_weights([*matrices, biases])


# sphinx_gallery_start_ignore
for kind, letter in (("LSTM", "f"), ("GRU", "z")):
    from rnnedu import cells

    looked_at = network(kind, 5)
    start(looked_at, kind, bias=7, seed=0)
    for gate, values in cells.from_keras(looked_at.layers[0])[1].b.items():
        assert ((values == 7) == (gate == letter)).all(), "the gate that keeps"
# sphinx_gallery_end_ignore

# %%
# Every batch is new
# ------------------
#
# No sequence is shown twice: every batch of 32 is drawn for itself. So the
# loss on a batch, taken before the network learns from it, is a score on
# sequences it has never seen, and no test set is needed. We note the error
# over each 50 batches. The same seed gives all cells the same sequences.

SEEDS = [0, 1, 2]


def trials(draw, kind, biases, length, batches):
    """Errors over each 50 batches: for each bias, ``(seeds, stretches)``."""
    drawn = [draw(32 * batches, length, seed) for seed in SEEDS]
    model = network(kind, drawn[0][0].shape[1])
    plan = {"epochs": batches // 50, "steps_per_epoch": 50, "shuffle": False}
    errors = {bias: [] for bias in biases}
    with rnnedu.native_loops(model):
        for bias in biases:
            for seed, (X, y) in zip(SEEDS, drawn, strict=True):
                start(model, kind, bias, seed)
                fit = model.fit(X, y, batch_size=32, verbose=0, **plan)
                shares = np.sqrt(fit.history["loss"]) / y.std()
                errors[bias].append(shares)
    return {bias: np.array(shares) for bias, shares in errors.items()}


# %%
# Longer and longer
# -----------------
#
# Each run has a budget of 200 batches. A cell whose middle seed has not
# learnt one length is spared the longer ones.

GAPS = [5, 20, 60, 200]
error = {}
for kind, biases in BIASES.items():
    for gap in GAPS:
        curves = trials(recall, kind, biases, gap, batches=200)
        for bias in biases:
            error[kind, bias, gap] = curves[bias][:, -1]
        biases = [b for b in biases if np.median(curves[b][:, -1]) < 0.5]
        if not biases:
            break

# %%
# The error of the middle seed over the last 50 batches, beside the rule:

import pandas as pd

table = pd.DataFrame({"say the mean": dict.fromkeys(GAPS, 1.0)}).T
for kind, biases in BIASES.items():
    for bias in biases:
        name = kind if bias is None else f"{kind}, bias {bias}"
        for gap in GAPS:
            if (kind, bias, gap) in error:
                table.loc[name, gap] = np.median(error[kind, bias, gap])
reach = {
    name: max((gap for gap in GAPS if row[gap] < 0.5), default=0)
    for name, row in table.iterrows()
}
table.columns.name = "steps of noise"
table.map(lambda share: "" if np.isnan(share) else f"{share:.2f}")

# %%
# And every seed, as a pale mark beside the line through the middle ones.

LOOKS = {None: ("-", "D"), 0: (":", "v"), 1: ("--", "s"), 5: ("-", "o")}
BOLD = {"x": 0.01, "ha": "left", "fontsize": "medium", "weight": "bold"}
fig, axes = plt.subplots(1, 3, figsize=(7.5, 3.6), sharex=True, sharey=True)
for ax, (kind, biases) in zip(axes, BIASES.items(), strict=True):
    color = plots.STYLES[kind]["color"]
    ax.axhline(1, color=plots.STYLES["yesterday's price"]["color"], ls=":")
    for bias in biases:
        tried = [gap for gap in GAPS if (kind, bias, gap) in error]
        seeds = np.array([error[kind, bias, gap] for gap in tried])
        ls, mark = LOOKS[bias]
        middle = np.median(seeds, axis=1)
        ax.plot(tried, middle, color=color, ls=ls, marker=mark)
        ax.plot(tried, seeds, mark, color=color, alpha=0.35)
    ax.set(xlabel="steps of noise", xscale="log", title=kind)

# sphinx_gallery_start_ignore
from matplotlib.lines import Line2D

KEY = [
    Line2D(
        [],
        [],
        color=plots.INK,
        ls=ls,
        marker=mark,
        label="no gate" if bias is None else f"bias {bias}",
    )
    for bias, (ls, mark) in LOOKS.items()
]
BELOW = {"loc": "outside lower center", "ncols": 4, "handlelength": 3}
fig.legend(handles=KEY, **BELOW)
fig.suptitle(
    f"From a bias of 0, the LSTM learns {reach['LSTM, bias 0']} steps and "
    f"the GRU {reach['GRU, bias 0']}; from 5, {reach['LSTM, bias 5']} and "
    f"{reach['GRU, bias 5']}",
    **BOLD,
)
for ax in axes:
    ax.set_xticks(GAPS, GAPS)
    ax.minorticks_off()
axes[0].set_ylabel("error, as a share\nof saying the mean")
fig.set_label(
    "Three panels, one a cell: error by steps of noise on a logarithmic axis, "
    "a line through the middle seed, a point for each. The longest learnt: "
    + "; ".join(f"{name} {gap}" for name, gap in list(reach.items())[1:])
    + ". Beyond, errors are near the dotted line of who says the mean."
)
for kind in ("LSTM", "GRU"):
    for other in ("LSTM", "GRU"):
        assert reach[f"{kind}, bias 0"] < reach[f"{other}, bias 5"], (
            "the page says that the bias decides more than the kind"
        )
assert reach["LSTM, bias 0"] <= reach["LSTM, bias 1"]
assert reach["LSTM, bias 1"] < reach["LSTM, bias 5"]
apart = [reach[f"GRU, bias {b}"] / reach[f"LSTM, bias {b}"] for b in (0, 5)]
moved = [
    reach[f"{k}, bias 5"] / reach[f"{k}, bias 0"] for k in ("LSTM", "GRU")
]
assert max(*apart, *(1 / each for each in apart)) < min(moved), (
    "the page says that the kinds differ less than the biases"
)
assert reach["LSTM, bias 0"] < reach["simple RNN"] < reach["GRU, bias 5"]
assert min(reach[name] for name in list(reach)[1:]) >= 5, "all learn the first"
# sphinx_gallery_end_ignore

# %%
# The shortest noise is no trouble to anyone. After that it is less the kind of
# cell that decides than where its bias starts: the LSTM and the GRU, started
# alike, differ less from each other than each from itself, started otherwise.
# The simple layer, which has no gate, is not the first to fail. And where the
# scale ends, so do our trials, not what a cell may learn.
#
# What is left of a gradient
# --------------------------
#
# Why the bias? Training has to find out that the first step matters, from the
# gradient that comes back to it. On the direct way, along the memory, it is
# multiplied at each step by the gate. At the start that is about the
# **sigmoid** of the bias, the curve that makes a factor between 0 and 1 of
# any number.

sigmoid = {bias: 1 / (1 + np.exp(-bias)) for bias in (0, 1, 5)}
left = pd.DataFrame(
    {gap: {bias: sigmoid[bias] ** gap for bias in sigmoid} for gap in GAPS}
)
left.index.name, left.columns.name = "bias", "steps of noise"

# sphinx_gallery_start_ignore
for (_, bias, gap), shares in error.items():
    if bias is not None and left.loc[bias, gap] < 1e-5:
        assert np.median(shares) > 0.9, "the page says that none learnt it"
# sphinx_gallery_end_ignore

left.map("{:.0e}".format)

# %%
# Where this table holds less than a hundred-thousandth, no middle seed that
# was tried has learnt anything. The reverse need not hold: an open way lets a
# gradient through, and does not say that training finds what to do with it.
#
# Two numbers, to be added
# ------------------------
#
# Hochreiter and Schmidhuber's adding problem: two numbers are marked, and the
# answer is their sum. Here, a sequence has 30 steps; one mark is among the
# first ten, the other between there and the middle. Only the marks tell
# where to look, and the cell has to write, keep, write again and keep. The
# rule is the mean once more.


def adding(n, steps, seed):
    """Draw pairs ``(n, steps, 2)`` and the sums of two marked numbers."""
    draw = np.random.default_rng(seed)
    pairs = np.zeros((n, steps, 2), "float32")
    pairs[:, :, 0] = draw.uniform(-1, 1, (n, steps))
    each = np.arange(n)
    early, late = draw.integers(0, 10, n), draw.integers(10, steps // 2, n)
    pairs[each, early, 1] = pairs[each, late, 1] = 1
    return pairs, pairs[each, early, 0] + pairs[each, late, 0]


curves = {
    (kind, bias): shares
    for kind, biases in BIASES.items()
    for bias, shares in trials(adding, kind, biases, 30, batches=300).items()
}

# %%
# After how many batches a run first has less than half of the rule's error, to
# the next 50:

rows = {"say the mean": ["never"] * len(SEEDS)}
adds = {}
for (kind, bias), shares in curves.items():
    name = kind if bias is None else f"{kind}, bias {bias}"
    below = [list(run < 0.5) for run in shares]
    adds[kind, bias] = [
        50 * run.index(True) + 50 if any(run) else None for run in below
    ]
    rows[name] = [batches or "never" for batches in adds[kind, bias]]
pd.DataFrame(rows, index=[f"seed {seed}" for seed in SEEDS]).transpose()

# %%
# The curves of all runs, by batch.

able = [sum(map(bool, adds["LSTM", b] + adds["GRU", b])) for b in (5, 0)]
fig, axes = plt.subplots(1, 3, figsize=(7.5, 3.6), sharex=True, sharey=True)
for ax, (kind, biases) in zip(axes, BIASES.items(), strict=True):
    ax.axhline(1, color=plots.STYLES["yesterday's price"]["color"], ls=":")
    for bias in biases:
        shares = curves[kind, bias].T
        batches = 50 * np.arange(1, len(shares) + 1)
        ls, mark = LOOKS[bias]
        color = plots.STYLES[kind]["color"]
        ax.plot(batches, shares, mark, ls=ls, color=color, ms=4)
    ax.set(xlabel="batches of 32", title=kind)
fig.suptitle(
    f"From a bias of 5, {able[0]} of {2 * len(SEEDS)} runs learn to add; from "
    f"0, {able[1] or 'none'} of {2 * len(SEEDS)}",
    **BOLD,
)

# sphinx_gallery_start_ignore
fig.legend(handles=KEY, **BELOW)
axes[0].set_ylabel("error, as a share\nof saying the mean")
last = {key: np.median(shares[:, -1]) for key, shares in curves.items()}
fig.set_label(
    "Three panels, one a cell: error in the adding problem by batches, a line "
    "for each run. The middle seed ends at "
    + ", ".join(
        f"{share:.2f} for {kind}{'' if bias is None else f' from {bias}'}"
        for (kind, bias), share in last.items()
    )
    + ". A dotted line at 1 is who says the mean."
)
assert able[0] > able[1] + 2, "the page says that an open gate learns sooner"
for run, batches in [
    pair
    for key, shares in curves.items()
    for pair in zip(shares, adds[key], strict=True)
]:
    assert batches or run.min() > 0.8, "the page says: stay on a plateau"
# sphinx_gallery_end_ignore

# %%
# Runs that do not learn stay on a **plateau**, the error of saying the mean.
#
# What to remember
# ----------------
#
# - No cell has a number of steps that it remembers. The number depends on the
#   weights it starts from, and on how long it is trained.
# - A gate that starts open hands the gradient on. That is why Keras starts
#   the LSTM's forget bias at 1; but 1 does not reach far.
# - "GRU or LSTM?" is the wrong question here. Ask where the gate starts: the
#   GRU is soon lost from the bias of 0 that Keras gives it.
# - Not learnt within this budget is not the same as never: a gradient that is
#   nearly zero is not zero. Nor is an open gate best everywhere. Here there
#   is nothing that had better be forgotten.
#
# How gradients fade is the matter of :doc:`/learn/vanishing_gradients`, what
# the gates are for that of :doc:`/learn/lstm`.
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
