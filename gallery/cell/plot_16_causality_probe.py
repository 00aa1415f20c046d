"""
Which outputs know the future?
==============================

A layer that reads a sequence both ways is handed the end together with the
beginning. Is it cheating? It depends on where its outputs stand. Here is a way
to find out that works with any network: push the input of one day and see
which outputs move.

Then the damage is measured. The series is white noise, whose next value cannot
be forecast from the past, and the answer of each day is the input of the next.
The simple rule is to say zero, the mean. It is the one to beat, and an honest
network cannot: any error well below that of zero means that an answer was
read, not forecast.
"""

# %%
# Six networks
# ------------
#
# All read 12 numbers, one a day. Five of them give an output beside each day;
# the fourth of the list reads both ways as well but gives one output, after
# the last day. A **convolution** forms each output from a few neighbouring
# inputs, here three: with the padding called *same*, the days before, on and
# after the day; with *causal*, the day and the two before it. Two of them are
# stacked. Nothing is trained yet.

# sphinx_gallery_thumbnail_number = 3
import rnnedu  # before keras: it keeps TensorFlow's notes off the terminal

import keras
from keras import layers


def lstm(daily=True):
    return layers.LSTM(8, return_sequences=daily)


def convolutions(padding):
    how = {"padding": padding, "activation": "tanh"}
    return [layers.Conv1D(8, 3, **how), layers.Conv1D(8, 3, **how)]


# %%
# By name, each as a recipe for its layers. A weighted sum (*Dense*) ends each
# network. It is applied to each output by itself, so it cannot carry anything
# from one day to another.

NETWORKS = {
    "LSTM": lambda: [lstm()],
    "two LSTMs": lambda: [lstm(), lstm()],
    "both ways, daily": lambda: [layers.Bidirectional(lstm())],
    "both ways, one": lambda: [layers.Bidirectional(lstm(daily=False))],
    "convolution, same": lambda: convolutions("same"),
    "convolution, causal": lambda: convolutions("causal"),
}
DAYS = 12


def network(name):
    head = layers.Dense(1)
    return keras.Sequential([keras.Input((DAYS, 1)), *NETWORKS[name](), head])


for name in NETWORKS:
    print(f"{name:<20} {network(name).output_shape}")

# sphinx_gallery_start_ignore
assert network("both ways, one").output_shape == (None, 1)
assert network("both ways, daily").output_shape == (None, DAYS, 1)
# sphinx_gallery_end_ignore

# %%
# The probe
# ---------
#
# We feed a sequence, and then 12 copies of it, each with another day pushed by
# one. How far an output moves shows whether it looks at that day. For a daily
# output that gives a table of day pushed against day of output. It holds more
# than is needed: what counts is how many days the pushed day lies *after* the
# output. Call that :math:`k`, and keep the largest move for each
# :math:`k`. A positive one is the future.

import numpy as np

MOVED = 1e-6  # less is rounding


def probe(model):
    """Largest move of an output by k, the days from it to the push."""
    x = np.random.default_rng(0).normal(size=(1, DAYS, 1)).astype("float32")
    pushed = x + np.eye(DAYS, dtype="float32")[:, :, None]
    moves = np.abs(np.asarray(model(pushed)) - np.asarray(model(x)))
    moves = moves.reshape(DAYS, -1)  # (day pushed, output)
    stands = np.arange(DAYS)[-moves.shape[1] :]  # one output stands last
    by_k = {}
    for (day, output), move in np.ndenumerate(moves):
        k = day - int(stands[output])
        by_k[k] = max(by_k.get(k, 0), move)
    return by_k


# %%
# Six probes, in the time that it takes to call six networks:

keras.utils.set_random_seed(0)
probes = {name: probe(network(name)) for name in NETWORKS}
sees = {}
for name, by_k in probes.items():
    seen = [k for k, move in by_k.items() if move > MOVED]
    sees[name] = (min(seen), max(seen))
    print(f"{name:<20} sees from {min(seen):+d} to {max(seen):+d} days")

# sphinx_gallery_start_ignore
assert sees == {
    "LSTM": (-11, 0),
    "two LSTMs": (-11, 0),
    "both ways, daily": (-11, 11),
    "both ways, one": (-11, 0),
    "convolution, same": (-2, 2),
    "convolution, causal": (-4, 0),
}
# sphinx_gallery_end_ignore

# %%
# To draw them, a row for each network, dark where an output moves. Grey stands
# where there is nothing to probe, since no day comes after the one output.

reach = np.arange(1 - DAYS, DAYS)
moves = [[p.get(k, np.nan) for k in reach] for p in probes.values()]
shade = np.log10(np.maximum(moves, MOVED))  # -6 for none, 0 for a move of 1
future = [name for name, (_, last) in sees.items() if last > 0]

# %%

import matplotlib.pyplot as plt

from rnnedu import plots

plt.rcParams.update(plots.LOOK)
box = (reach[0] - 0.5, reach[-1] + 0.5, 5.5, -0.5)

fig, ax = plt.subplots(figsize=(7.5, 3))
ax.set_facecolor("#c8c8c8")
drawn = ax.imshow(shade, "Blues", vmin=-6, vmax=0, aspect="auto", extent=box)
bar = fig.colorbar(drawn, ticks=[-6, -3, 0], label="largest move")
bar.ax.set_yticklabels(["none", "0.001", "1"])
ax.axvline(0.5, color="#d55e00", linewidth=2)
ax.grid(visible=False)
ax.set_yticks(range(6), NETWORKS)
ax.set_xlabel("days from the output to the pushed day (past | future)")
ax.set_title(f"{len(future)} of {len(probes)} networks answer to days to come")
# sphinx_gallery_start_ignore
fig.set_label(
    "Six rows, one a network, over the days from the output to the pushed "
    "day. Dark from "
    + "; ".join(
        f"{a:+d} to {b:+d} for {name}" for name, (a, b) in sees.items()
    )
    + ". A line separates past and present from the future."
)
assert future == ["both ways, daily", "convolution, same"]
# sphinx_gallery_end_ignore

# %%
# The LSTM and the stack know the past alone, and so does the causal
# convolution, over the few days that it reads. Read both ways, every day's
# output knows all days. The convolution with *same* padding knows two days to
# come, one for each layer: a leak need not be long.
#
# The one output of the fourth network knows just as much as the daily ones of
# the third. But it stands after all of it. **Over a past window with one
# answer behind it, reading both ways is legal.**
#
# What a leak is worth
# --------------------
#
# Noise, and beside each day its answer, the noise of the next day. On days 1
# to 11 the answer stands in the input, one day further on. On the last day it
# does not: that is the day on which such a network would be used.


def noise(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, DAYS + 1, 1)).astype("float32")
    return x[:, :-1], x[:, 1:]  # days 1 to 12, and the next of each


new, truth = noise(2000, seed=1000)

# %%
# Three trainings each, with other noise and other first weights. To prepare a
# training takes TensorFlow some time. So each network is prepared once. For
# the next seed it gets fresh weights, and its optimiser forgets.


def learn(name, seeds):
    model, adam = network(name), keras.optimizers.Adam(0.02)
    model.compile(adam, "mean_squared_error", steps_per_execution=20)
    said = []
    with rnnedu.native_loops(model):  # the same training in faster loops
        for seed in seeds:
            rnnedu.start_anew(model, seed)
            x, answer = noise(4000, seed)
            answer = answer[:, -1] if name == "both ways, one" else answer
            model.fit(x, answer, epochs=2, batch_size=40, verbose=0)
            said.append(np.asarray(model(new)).reshape(len(new), -1))
    return np.array(said)  # (seed, sequence, output)


# %%
# Errors on new noise: root mean squares over all sequences, for each seed, on
# the days whose answer is in the input and on the last day. The simple rule
# stands first.

said = {"always zero": np.zeros((1, len(new), DAYS))}
said |= {name: learn(name, range(3)) for name in NETWORKS}


def rmse(off):
    return np.sqrt((off**2).mean(axis=(1, 2)))


found = {}
for name, answers in said.items():
    off = answers - truth[:, -answers.shape[-1] :, 0]
    found[name] = {"last day": rmse(off[..., -1:])}
    if answers.shape[-1] == DAYS:
        found[name]["answer in the input"] = rmse(off[..., :-1])

# %%
# As means over the seeds, with their range:

import pandas as pd

COLORS = {"answer in the input": "#e69f00", "last day": plots.INK}


def words(runs):
    return f"{runs.mean():.2f} ({runs.min():.2f} to {runs.max():.2f})"


table = {
    name: {column: words(runs) for column, runs in two.items()}
    for name, two in found.items()
}
pd.DataFrame(table, index=COLORS).transpose().fillna("no output")

# %%
# And as marks, one a seed:

rule = found["always zero"]["last day"][0]
leak = max(found[name]["answer in the input"].max() for name in future)
use = min(found[name]["last day"].min() for name in future)

fig, ax = plt.subplots(figsize=(7.5, 3))
for k, (column, color) in enumerate(COLORS.items()):
    look = {"marker": "os"[k], "color": color, "alpha": 0.8, "ls": "none"}
    for row, name in enumerate(NETWORKS):
        runs = found[name].get(column, [])
        ax.plot(runs, [row - 0.15 + 0.3 * k] * len(runs), **look)
    ax.plot([], [], **look, label=column)
ax.axvline(rule, color=plots.INK, linestyle=":", label="always zero")
ax.set_yticks(range(6), NETWORKS)
ax.set(xlabel="RMSE, a mark for each seed", xlim=(0, 1.2), ylim=(5.5, -0.5))
ax.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize="small")
ax.set_title(
    f"Leaks: at most {leak:.2f} with the answer, at least {use:.2f} without"
)

# sphinx_gallery_start_ignore
fig.set_label(
    "Errors of six networks, three seeds each, with a line at what always "
    f"saying zero scores, {rule:.2f}. The two networks that see days to come "
    f"score {leak:.2f} or less where the answer is in the input. All other "
    "marks lie at the line."
)
for name, two in found.items():
    assert (two["last day"] / rule).min() > 0.995, "nobody beats zero"
    assert (two["last day"] / rule).max() < 1.03, "the page says: all equal"
    if name in future:
        assert two["answer in the input"].max() < 0.2 * rule, "brilliant"
    elif len(two) == 2:
        inner = two["answer in the input"]
        assert abs(inner / rule - 1).max() < 0.05, "the page says: no others"
# sphinx_gallery_end_ignore

# %%
# The networks that the probe found out are those that look brilliant, and no
# others. On the last day all are equal: nobody beats zero.
#
# One of them, looked at closely: what the first of the three networks that
# read both ways answered on 200 sequences, against what was right.

answers = said["both ways, daily"][0]
fig, axes = plt.subplots(1, 2, figsize=(7.5, 3.8), sharex=True, sharey=True)
for ax, days, (column, color) in zip(
    axes, (slice(0, -1), slice(-1, None)), COLORS.items(), strict=True
):
    right, given = truth[:200, days, 0].ravel(), answers[:200, days].ravel()
    r = np.corrcoef(right, given)[0, 1]
    ax.plot(right, given, ".", color=color, alpha=0.5)
    ax.axline((0, 0), slope=1, color=plots.INK, linewidth=0.8)
    ax.set(xlabel="right answer", title=f"{column}: correlation {r:.2f}")
axes[0].set_ylabel("answer of the network")
# sphinx_gallery_start_ignore
inner_r = np.corrcoef(truth[:200, :-1, 0].ravel(), answers[:200, :-1].ravel())
last_r = np.corrcoef(truth[:200, -1, 0], answers[:200, -1])
fig.set_label(
    "Answers of a bidirectional network against the right ones. Left, on days "
    "whose answer is in the input: all dots on the diagonal, correlation "
    f"{inner_r[0, 1]:.2f}. Right, on the last day: a flat band, correlation "
    f"{last_r[0, 1]:.2f}."
)
assert inner_r[0, 1] > 0.97 and abs(last_r[0, 1]) < 0.3
# sphinx_gallery_end_ignore

# %%
# Had the score been taken over all days, eleven in twelve would have been read
# from the input. No split into training and test would have shown it, since
# these sequences *are* new.
#
# What to remember
# ----------------
#
# - Ask two things: what does an output see, and where does it stand? Seeing
#   everything is legal behind a closed window, and a leak beside an answer
#   that lies further on in the input.
# - Where the whole input is there before anything is asked, as with the words
#   of a finished sentence, daily outputs that read both ways are legal too.
# - Not only bidirectional layers leak. A centred convolution does, and so does
#   a centred mean, or a scaling over the whole sequence.
# - The probe needs no training and no data: push, call, compare. It can find a
#   leak, not prove that there is none. A unit that is shut off for one input
#   may open for another, so push more than once.
# - Keep a test on noise at hand. Whoever forecasts it, cheats.
#
# Shapes and options of these layers are taught in :doc:`/learn/deeper`.
#
# **Sources.** Schuster and Paliwal (1997), *Bidirectional recurrent neural
# networks*, IEEE Transactions on Signal Processing 45(11); van den Oord et al.
# (2016), *WaveNet*, arXiv:1609.03499, for causal convolutions; Kaufman,
# Rosset, Perlich and Stitelman (2012), *Leakage in data mining*, ACM
# Transactions on Knowledge Discovery from Data 6(4).

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
