"""
Does an output depend on its own future?
========================================

*Level: intermediate. Time: 20 minutes.* We change one input at a time and see
which outputs change, for an LSTM, a bidirectional LSTM, and an LSTM that reads
moving means. Then all three forecast random numbers. *Finding*: the two
networks whose outputs depend on later inputs have a small error, but not at
the last time step.

Each random number is sampled independently, with mean 0 and variance 1. At
each time step, the target is the number at the next time step. The numbers
before the target tell nothing about it, so the best forecast is always zero.
If a network has a good score here, there is a mistake: it reads the target.
Bidirectional layers are explained in the chapter :doc:`/learn/deeper`.
"""

# %%
# The probe
# ---------
#
# An LSTM reads 8 numbers and gives an output at each time step. An output
# should depend only on the inputs up to its own time step. If it depends on a
# later input, the network has a **leak**. To find a leak, we increase the
# input of one time step by 1 and leave the other inputs as they are. Then we
# compare the outputs before and after. We call this a **probe**. The function
# ``probes.output_changes`` does it for each time step in turn.
#
# Our function ``build`` adds a dense layer, which turns the hidden state of
# each time step into an output. The probe needs no training.

import rnnedu  # before keras: it keeps TensorFlow's notes off the terminal

import keras
import numpy as np
from keras import layers
from rnnedu import probes

STEPS = 8
keras.utils.set_random_seed(0)


def build(*inner):
    end = layers.Dense(1)
    model = keras.Sequential([keras.Input((STEPS, 1)), *inner, end])
    model.compile(keras.optimizers.Adam(0.1), "mean_squared_error")
    return model


lstm = build(layers.LSTM(8, return_sequences=True))

# %%
# We give the probe five random sequences. It returns a table with a row for
# each input and a column for each output. An entry is the largest change of
# the output over the five sequences. We print row 4, the row of input 4.

x = np.random.default_rng(0).normal(size=(5, STEPS, 1)).astype("float32")
changes = probes.output_changes(lstm, x)
print(changes[3].round(3))  # row 4: Python counts from 0

# sphinx_gallery_start_ignore
assert (changes[3, :3] == 0).all() and (changes[3, 3:] > 1e-6).all()
# sphinx_gallery_end_ignore

# %%
# Input 4 changes the outputs from time step 4 on, but not the three outputs
# before it. This is right: no output depends on a later input.
#
# The future is below the diagonal
# --------------------------------
#
# The entry in row 4 and column 3 is below the diagonal of the table, and input
# 4 comes later than output 3. The same is true for each entry below the
# diagonal. If all these entries are zero, the probe has found no leak.
# ``np.tril`` keeps only them, and we print the largest for three networks:
#
# - the LSTM from above;
# - a **bidirectional** LSTM: it has a second LSTM, which reads from the end;
# - an LSTM behind a **centred mean**. This mean replaces each number by the
#   mean of three numbers: the one before, the number itself, and the one
#   after. At both ends, only two numbers are left for the mean.

networks = {
    "LSTM": lstm,
    "bidirectional": build(
        layers.Bidirectional(layers.LSTM(8, return_sequences=True))
    ),
    "centred mean, LSTM": build(
        layers.AveragePooling1D(3, strides=1, padding="same"),
        layers.LSTM(8, return_sequences=True),
    ),
}
probed = {}
for name, model in networks.items():
    probed[name] = probes.output_changes(model, x)
    largest = np.tril(probed[name], k=-1).max()
    print(f"{name}: largest change below the diagonal {largest:.3f}")

# %%
# The LSTM passes, and the other two networks do not. In the third network, the
# leak is before the LSTM: the mean at a time step contains the next number.
# **So probe the whole path, from the raw numbers to the output.** Suppose that
# your function ``prepare`` smooths the numbers for the network ``model``. Then
# probe a function that returns ``model(prepare(x))``.
#
# In the figure, a square is coloured if the input of its row changes the
# output of its column. A dark square is a leak: its input comes later.

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
    shade = 1 * changed + np.tril(changed, k=-1)  # 1: coloured, 2: dark
    ax.imshow(shade, "Blues", vmin=0, vmax=2, extent=edges)
    ax.set_title(name)

# sphinx_gallery_start_ignore
for ax in axes:
    ax.set(xticks=range(1, STEPS + 1), yticks=range(1, STEPS + 1))
    ax.grid(visible=False)
counts = {k: int(np.tril(c > 1e-6, -1).sum()) for k, c in probed.items()}
plots.describe(fig, f"Dark squares below the diagonal: {counts}.")
ends = np.asarray(networks["centred mean, LSTM"].layers[0](x))[:, -1]
assert counts["centred mean, LSTM"] > 7 or np.allclose(ends, x[:, -2:].mean(1))
assert list(counts.values()) in ([0, 28, 7], [0, 28, 13]), "see Try it"
# sphinx_gallery_end_ignore

# %%
# In the bidirectional network, each output depends on all inputs. Behind the
# centred mean, each output but the last depends on one later input: the next
# number. This one input is enough for a leak, because it is the target.
#
# What a leak does to the score
# -----------------------------
#
# Now the networks learn to forecast. The function ``noise`` makes sequences of
# 9 random numbers: numbers 1 to 8 are the inputs, and numbers 2 to 9 are the
# targets. For example, number 5 is the target of time step 4 and the input of
# time step 5. Only the last target, number 9, is not among the inputs.
#
# ``score`` computes two RMSEs (roots of the mean squared error) on new random
# numbers: over all time steps, and at the last time step alone.

import pandas as pd


def noise(seed):
    x = np.random.default_rng(seed).normal(size=(1000, STEPS + 1, 1))
    return x[:, :-1], x[:, 1:]


def score(name, output):
    last = rnnedu.rmse(target[:, -1, 0], output[:, -1, 0])
    return [name, rnnedu.rmse(target.ravel(), output.ravel()), last]


# %%
# ``fit_seeds`` calls ``noise`` with three seeds, and trains a network on each
# result. The table shows the mean of each RMSE over the three training runs.

x_new, target = noise(seed=1000)  # new numbers for the scores
rows = [score("always zero", 0 * target)]
for name, model in networks.items():
    options = {"seeds": range(3), "epochs": 1, "batch_size": 25}
    trained, _ = rnnedu.fit_seeds(model, noise, **options)
    rows += [score(name, np.asarray(each(x_new))) for each in trained]

columns = ["network", "RMSE, all time steps", "RMSE, last time step"]
scores = pd.DataFrame(rows, columns=columns).groupby("network", sort=False)

# sphinx_gallery_start_ignore
low, high = scores.min(), scores.max()
zero, honest, both, smoothed = low.index
whole, last = columns[1:]
assert abs(low.loc[honest] / low.loc[zero] - 1).max() < 0.02, "as always zero"
assert high.loc[both, whole] < 0.5 * low.loc[zero, whole], "the finding"
assert high.loc[smoothed, whole] < 0.9 * low.loc[zero, whole], "the finding"
assert low[last].min() > 0.99 * low.loc[zero, last], "nobody beats zero in use"
if counts["centred mean, LSTM"] == 7:  # as on the page
    assert low.loc[smoothed, last] > 1.1 * low.loc[zero, last], "even worse"
# sphinx_gallery_end_ignore

scores.mean().round(2)

# %%
# Over all time steps, the LSTM is as accurate as always zero. The two networks
# with a leak are clearly more accurate, although the numbers are new. So
# testing on new data does not reveal this leak.
#
# The last time step reveals the leak: there, no network is more accurate than
# always zero. The network behind the centred mean is even less accurate. It
# has probably learnt to compute the next number from the means. But the last
# mean does not contain the next number, so the network computes a wrong one.
#
# How to remove the leak
# ----------------------
#
# We replace the centred mean by a mean of the *last* three numbers. The layer
# ``ZeroPadding1D`` puts two zeros before the sequence, so that each number has
# two numbers before it. This network passes the probe:

past_mean = [layers.ZeroPadding1D((2, 0)), layers.AveragePooling1D(3, 1)]
repaired = build(*past_mean, layers.LSTM(8, return_sequences=True))
changes = probes.output_changes(repaired, x)
print(f"largest change below the diagonal {np.tril(changes, k=-1).max():.3f}")

# %%
# The bidirectional network leaks because it has an output at each time step.
# Without ``return_sequences=True``, it has one output, after the last input.
# Let its target be the number after the last input. Then it has no leak.
#
# Try it yourself
# ---------------
#
# - Let the centred mean take 5 numbers: ``AveragePooling1D(5, ...)``. Which
#   squares of the figure are dark now?
# - Probe a scaling: call ``output_changes(f, x[:1], change=1e-2)``, where
#   ``f`` is a function that returns ``x / abs(x).max(axis=1, keepdims=True)``.
#   Only one input changes outputs at other time steps. Why this input?
#
# What to remember
# ----------------
#
# - Change one input, and see which outputs change. In the table of
#   ``output_changes``, each entry below the diagonal should be zero.
# - Probe the whole path from the raw numbers to the output.
# - The probe can find a leak. It cannot prove that there is none: with other
#   input values, an output might change. So probe with several sequences.
# - Let your network forecast random numbers. If its error is clearly below the
#   error of always zero, there is a leak.
#
# **Sources.** Kaufman, Rosset, Perlich and Stitelman (2012), *Leakage in data
# mining*, ACM Transactions on Knowledge Discovery from Data 6(4).

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

assert not np.tril(changes, k=-1).any(), "the page says that it passes"
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
