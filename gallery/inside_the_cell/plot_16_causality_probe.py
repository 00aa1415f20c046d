"""
Does an output depend on its own future?
========================================

*Level: intermediate. Time: 20 minutes.* We change one input at a time and see
which outputs change, for an LSTM, a bidirectional LSTM, and an LSTM that reads
a centred mean. Then all three forecast noise. *Finding*: the two that read
later inputs have a small error, but not at the last time step.

The numbers are random. At each time step, the target is the number at the next
time step. The one to beat always predicts zero, the mean of such numbers. No
honest forecast can beat it, so a good score here is the sign of a mistake. The
chapter :doc:`/learn/deeper` explains when bidirectional layers are allowed.
"""

# %%
# The probe
# ---------
#
# An output is allowed to depend on the past. If it depends on an input that is
# known only later, the forecast has a **leak**. To find a leak, we increase
# the input of one time step by 1, leave the others as they are, and compare
# the outputs before and after. We call this a **probe**.
# ``probes.output_changes`` does this for each time step. Its argument
# ``change`` replaces the 1 by another number.
#
# We probe an LSTM that reads 8 numbers and gives an output at each time step.
# The LSTM is not trained yet: the probe needs no training.

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
# One sequence may not show the change, so we give the probe five random
# sequences. It returns the largest change over all of them.

x = np.random.default_rng(0).normal(size=(5, STEPS, 1)).astype("float32")
changes = probes.output_changes(lstm, x)
print("input 4 changes the outputs by", changes[3].round(3))

# sphinx_gallery_start_ignore
assert (changes[3, :3] == 0).all() and (changes[3, 3:] > 1e-6).all()
# sphinx_gallery_end_ignore

# %%
# The first three outputs stay as they were. From time step 4 on, all change.
# This is right: each output depends on the inputs up to its own time step.
#
# The future is below the diagonal
# --------------------------------
#
# The table ``changes`` has a row for each input and a column for each output.
# Below its diagonal, the input comes later than the output. If all changes
# there are zero, the probe has found no leak. We print the largest of them for
# three networks. A **bidirectional** layer has a second LSTM, which reads from
# the end. The third network smooths its inputs first: a **centred mean**
# replaces each number by the mean of three numbers: the one before, the number
# itself, and the one after.

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
# **So probe the whole path, from the raw numbers to the output.** Suppose that
# your function ``prepare`` smooths or scales the data for the network. Then
# probe a function that returns ``model(prepare(x))``.
#
# In the figure, a square is coloured if the output changes with the input. The
# square is dark if, in addition, the input comes later than the output.

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
assert list(counts.values()) in ([0, 28, 7], [0, 28, 13]), "see Try it"
# sphinx_gallery_end_ignore

# %%
# In the bidirectional network each output depends on all inputs. Behind the
# centred mean, an output depends on one later input: the next number. This one
# input is enough for a leak, because it is the target.
#
# What a leak does to the score
# -----------------------------
#
# Now the networks learn to forecast the next number. At the first seven time
# steps, the next number is also an input, one time step later. At the last
# time step it is not an input. In use, only the last step is a real forecast:
# its target does not exist yet. Each network is trained three times, with
# different numbers and different initial weights, and scored on new numbers.
# For each run, ``fit_seeds`` calls our function ``noise`` with a seed, and
# trains on the inputs and targets that ``noise`` returns.

import pandas as pd


def noise(seed):
    x = np.random.default_rng(seed).normal(size=(1000, STEPS + 1, 1))
    return x[:, :-1], x[:, 1:]


x_new, target = noise(seed=1000)


def score(name, output):
    last = rnnedu.rmse(target[:, -1, 0], output[:, -1, 0])
    return [name, rnnedu.rmse(target.ravel(), output.ravel()), last]


# %%
# The table shows the RMSE over all time steps, and at the last time step
# alone: smallest, mean and largest of the three runs.

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
assert low.loc[both, whole] > 0.125**0.5, "the page says: nearly the best"
assert high.loc[smoothed, whole] < 0.9 * low.loc[zero, whole], "the finding"
assert low[last].min() > 0.99 * low.loc[zero, last], "nobody beats zero in use"
if counts["centred mean, LSTM"] == 7:  # as on the page
    assert low.loc[smoothed, last] > 1.1 * low.loc[zero, last], "even worse"
# sphinx_gallery_end_ignore

# %%
# Over all time steps, the LSTM scores like always zero, as it should. The two
# networks with a leak have a much smaller error. The error is small even on
# new numbers. So testing on new data does not reveal this leak.
#
# The bidirectional network can read seven of the eight targets. For the last
# target, its best output is zero. So its best possible RMSE is about
# :math:`\sqrt{1/8}`, a little over a third, and the table shows nearly this.
#
# The last time step does show the leak. There the bidirectional network is no
# better than always zero, and the network with the centred mean is worse. A
# likely reason: its LSTM has learnt to find the next number in each mean. At
# the last time step, the mean has no next number.
#
# How to remove the leak
# ----------------------
#
# The remedy depends on where the leak is. Here we replace the centred mean by
# a mean of the *last* three numbers, and the network passes:

past_mean = [layers.ZeroPadding1D((2, 0)), layers.AveragePooling1D(3, 1)]
mended = network(*past_mean, layers.LSTM(8, return_sequences=True))
changes = probes.output_changes(mended, x)
print(f"{np.tril(changes, k=-1).max():.3f} from the future")

# %%
# A bidirectional layer may read the last 60 days and forecast the next day. It
# is allowed if all its inputs are known when the output is needed.
#
# Try it yourself
# ---------------
#
# - Let the centred mean take 5 numbers: ``AveragePooling1D(5, ...)``. How many
#   dark squares do most columns of the figure have now?
# - Probe a scaling: call ``output_changes(f, x[:1], change=1e-2)``, where
#   ``f`` is a function that returns ``x / abs(x).max(axis=1, keepdims=True)``.
#   Only one input changes the outputs of other time steps. Which number of the
#   sequence is it?
#
# What to remember
# ----------------
#
# - Change one input, and see which outputs change. In the table of
#   ``output_changes``, inputs below the diagonal come from the future.
# - Probe the whole path from the raw numbers to the output.
# - The probe can find a leak. It cannot prove that there is none, because an
#   output may change only for other inputs. So use several sequences, and more
#   than one ``change``.
# - Try your forecast on noise. If its error is clearly below the error of
#   always zero, there is a leak.
#
# **Sources.** Kaufman, Rosset, Perlich and Stitelman (2012), *Leakage in data
# mining*, ACM Transactions on Knowledge Discovery from Data 6(4).

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

assert (np.tril(changes, k=-1) == 0).all(), "the page says that it passes"
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
