"""
Does an output depend on its own future?
========================================

*Level: intermediate. Time: 20 minutes.* We change one input at a time and see
which outputs change: of an LSTM, a bidirectional one, and one behind a centred
mean. Then they forecast noise. *Finding*: the two that read later inputs have
a small error, but not where a real forecast is needed.

The numbers are random, and the target at each time step is the number of the
next. The one to beat always predicts zero, their mean. No honest forecast can
beat it, so a good score here is the sign of a mistake. The chapter
:doc:`/learn/deeper` explains bidirectional layers, and when they are allowed.
"""

# %%
# The probe
# ---------
#
# An output may depend on the past. If it depends on an input that is known
# only later, the forecast has a **leak**. To find out, we increase the input
# of one time step by 1, leave the others as they are, and compare the outputs
# before and after. ``probes.output_changes`` does this for each time step.
#
# We try it on an LSTM that reads 8 numbers and gives an output at each time
# step. It is not trained yet: the probe needs no training.

# sphinx_gallery_thumbnail_number = 1
import rnnedu  # before keras: it keeps TensorFlow's notes off the terminal

import keras
import numpy as np
from keras import layers
from rnnedu import probes

STEPS = 8
keras.utils.set_random_seed(0)


def network(*parts):
    end = layers.Dense(1)
    model = keras.Sequential([keras.Input((STEPS, 1)), *parts, end])
    model.compile(keras.optimizers.Adam(0.1), "mean_squared_error")
    return model


lstm = network(layers.LSTM(8, return_sequences=True))

# %%
# The inputs are five sequences of random numbers. The probe returns the
# largest change over all of them.

x = np.random.default_rng(0).normal(size=(5, STEPS, 1)).astype("float32")
changes = probes.output_changes(lstm, x)
print("input 4 changes the outputs by", changes[3].round(3))

# sphinx_gallery_start_ignore
assert (changes[3, :3] == 0).all() and (changes[3, 3:] > 1e-6).all()
# sphinx_gallery_end_ignore

# %%
# The first three outputs stay exactly as they were. From time step 4 on, all
# outputs change. That is how it should be: each output depends on the inputs
# up to its own time step.
#
# The future is below the diagonal
# --------------------------------
#
# The table ``changes`` has a row for each input and a column for each output.
# Below its diagonal, the input comes later than the output. So one number
# answers our question: the largest change below the diagonal. We compute it
# for three networks. A **bidirectional** layer has a second LSTM, which reads
# from the end. The third network smooths its inputs first: a **centred mean**
# replaces each number by the mean of the number before it, itself, and the
# number after it.

networks = {
    "LSTM": lstm,
    "bidirectional": network(
        layers.Bidirectional(layers.LSTM(8, return_sequences=True))
    ),
    "centred mean, LSTM": network(
        layers.AveragePooling1D(3, strides=1, padding="same"),
        layers.LSTM(8, return_sequences=True),
    ),
}
probed = {}
for name, model in networks.items():
    probed[name] = probes.output_changes(model, x)
    print(f"{name}: {np.tril(probed[name], k=-1).max():.3f} from the future")

# %%
# The LSTM passes, and the other two do not. The LSTM behind the centred mean
# does not look ahead itself, but its inputs already contain the next number.
# **So probe the whole path, from the raw numbers to the output.** If your
# function ``prepare`` smooths or scales the data before the network reads it,
# probe a function that returns ``model(prepare(x))``.
#
# In the figure, a coloured square means that the output changes with the
# input. Where the square is dark, the input comes later than the output.

from rnnedu import plots

fig, axes = plots.figure(
    "Outputs that change with an input; dark: the input comes later",
    alt="Three grids with a row per input and a column per output.",
    columns=3,
    height=3.2,
    share=True,
    xlabel="time step of the output",
    ylabel="time step of the input",
)
edges = (0.5, STEPS + 0.5, STEPS + 0.5, 0.5)
for ax, (name, changes) in zip(axes, probed.items(), strict=True):
    changed = changes > 1e-6  # less is rounding
    picture = 1 * changed + np.tril(changed, k=-1)  # the future counts twice
    ax.imshow(picture, "Blues", vmin=0, vmax=2, extent=edges)
    ax.set_title(name)

# sphinx_gallery_start_ignore
for ax in axes:
    ax.set(xticks=range(1, STEPS + 1), yticks=range(1, STEPS + 1))
    ax.grid(visible=False)
future = {k: np.tril(each > 1e-6, k=-1) for k, each in probed.items()}
counts = {name: int(each.sum()) for name, each in future.items()}
plots.describe(fig, f"Dark squares below the diagonal: {counts}.")
assert list(counts.values()) == [0, 28, 7], "none, all, the next"
# sphinx_gallery_end_ignore

# %%
# In the bidirectional network each output depends on all inputs. Behind the
# centred mean it depends on one later input, the next one. This is enough, if
# the next number is the target.
#
# What a leak does to the score
# -----------------------------
#
# Now the networks learn to forecast the next number. At each time step but the
# last, this target is among the inputs, one time step later. At the last time
# step it is not. This is the step that counts in use, since there the next
# number does not exist yet. Each network is trained three times, with other
# numbers and other initial weights, and scored on new numbers.

import pandas as pd


def noise(seed):
    x = np.random.default_rng(seed).normal(size=(1000, STEPS + 1, 1))
    return x[:, :-1], x[:, 1:]


x_new, target = noise(seed=1000)


def score(name, output):
    last = rnnedu.rmse(target[:, -1, 0], output[:, -1, 0])
    return [name, rnnedu.rmse(target.ravel(), output.ravel()), last]


# %%
# The table shows the RMSE over all time steps and at the last one alone: the
# smallest, the mean and the largest of the three runs.

rows = [score("always zero", 0 * target)]
for name, model in networks.items():
    options = {"seeds": range(3), "epochs": 1, "batch_size": 25}
    runs, _ = rnnedu.fit_seeds(model, noise, **options)
    rows += [score(name, np.asarray(each(x_new))) for each in runs]

columns = ["network", "all time steps", "last time step"]
scores = pd.DataFrame(rows, columns=columns).groupby("network", sort=False)
scores.agg(["min", "mean", "max"]).round(2)

# sphinx_gallery_start_ignore
low, high = scores.min(), scores.max()
zero, honest, both, smoothed = low.index
whole, last = columns[1:]
assert abs(low.loc[honest] / low.loc[zero] - 1).max() < 0.02, "as always zero"
assert high.loc[both, whole] < 0.5 * low.loc[zero, whole], "the finding"
assert high.loc[smoothed, whole] < 0.8 * low.loc[zero, whole], "the finding"
assert low[last].min() > 0.99 * low.loc[zero, last], "nobody beats zero in use"
assert low.loc[smoothed, last] > 1.1 * low.loc[zero, last], "even worse"
# sphinx_gallery_end_ignore

# %%
# The same in a figure, with a dot for each training run and a line for their
# mean:

fig, axes = plots.figure(
    "RMSE: with a leak it is small, except at the last time step",
    alt="Dots of three runs for always zero and for each network.",
    columns=2,
    height=3,
    share=True,
    xlabel=[f"RMSE, {column}" for column in columns[1:]],
    xlim=(0, 1.4),
)
for ax, column in zip(axes, columns[1:], strict=True):
    plots.draw_runs(ax, {name: runs[column] for name, runs in scores})

# %%
# Over all time steps, the LSTM scores like always zero, as it should. The two
# networks with a leak have a much smaller error. These are new numbers, so a
# split into training and test data does not show the leak. The last time step
# does: there the bidirectional network is no better than always zero, and the
# one with the centred mean is worse.
#
# How to remove it
# ----------------
#
# The remedy depends on where the leak is. Replace the centred mean by a mean
# of the *last* three numbers, and the network passes:

past_mean = [layers.ZeroPadding1D((2, 0)), layers.AveragePooling1D(3, 1)]
mended = network(*past_mean, layers.LSTM(8, return_sequences=True))
changes = probes.output_changes(mended, x)
print(f"{np.tril(changes, k=-1).max():.3f} from the future")

# %%
# A bidirectional layer is allowed where each output comes after all inputs,
# for example one output after a window of the past.
#
# Try it yourself
# ---------------
#
# - Let the centred mean take 5 numbers: ``AveragePooling1D(5, ...)``. How many
#   dark squares has each column?
# - Probe a scaling: give ``output_changes`` a function that divides ``x`` by
#   ``abs(x).max(axis=1, keepdims=True)``, and ``x[:1]``, a single sequence.
#   Which inputs change all outputs?
#
# What to remember
# ----------------
#
# - Change one input, and see which outputs change. Below the diagonal of
#   ``output_changes`` is the future.
# - Probe the whole path from the raw numbers to the output.
# - The probe can find a leak. It cannot prove that there is none, so use
#   several sequences and more than one ``change``.
# - Try your forecast on noise. A score better than always zero means a leak.
#
# **Sources.** Kaufman, Rosset, Perlich and Stitelman (2012), *Leakage in data
# mining*, ACM Transactions on Knowledge Discovery from Data 6(4).

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

assert (np.tril(changes, k=-1) == 0).all(), "the page says that it passes"
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
