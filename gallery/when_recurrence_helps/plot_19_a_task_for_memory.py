"""
A task for memory: which way is the switch?
===========================================

At each time step a number comes in, and now and then a pulse, up or down. A
pulse sets a switch, and the switch stays until the next one. The target is the
number itself while the switch is up, and the number with its sign changed
while it is down. The state of the switch is not in the input of that time
step: it has to be remembered.

The errors of a network are given as shares of the error of a baseline that
always predicts the mean. That baseline is the first to beat, a linear model
the second. A good score is near zero: there is no noise, and a network that
knows the switch makes no error at all.
"""

# %%
# The task
# --------
#
# The numbers lie between -1 and 1. The first step has a pulse, so that there
# is something to know; after it, one step in ten has one, up (1) or down (-1)
# with equal probability. Sequences have 30 steps, and every step has a target.

# sphinx_gallery_thumbnail_number = 3
import numpy as np

STEPS = 30  # in a sequence


def sample(n, steps, pulses, seed):
    """Sample inputs ``(n, steps, 2)``, targets, the switch and its age."""
    rng = np.random.default_rng(seed)
    number = rng.uniform(-1, 1, (n, steps))
    pulse = rng.choice([-1, 1], (n, steps))
    comes = rng.random((n, steps)) < pulses
    comes[:, 0] = True
    time = np.arange(steps)
    last = np.maximum.accumulate(np.where(comes, time, 0), axis=1)
    switch = np.take_along_axis(pulse, last, axis=1)
    inputs = np.stack([number, np.where(comes, pulse, 0)], axis=2)
    return inputs.astype("float32"), number * switch, switch, time - last


# %%
# We sample some. Each step has two inputs, the number and the pulse, and the
# second is zero where none comes.

inputs, targets, switch, age = sample(3000, STEPS, pulses=0.1, seed=0)
print(f"inputs: {inputs.shape}, targets: {targets.shape}")

# sphinx_gallery_start_ignore
assert (np.abs(inputs[:, 0, 1]) == 1).all() and age.max() == STEPS - 1
assert (inputs[..., 1][age == 0] == switch[age == 0]).all()
assert (inputs[..., 1][age > 0] == 0).all()
assert (switch[:, 1:] == switch[:, :-1])[age[:, 1:] > 0].all(), "it stays"
assert np.allclose(targets, inputs[..., 0] * switch, atol=1e-6)
# sphinx_gallery_end_ignore

# %%
# This is one of them: above, the inputs; below, the switch and the targets.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.style.use(plots.STYLE)

one = int(np.argmax((np.diff(switch) != 0).sum(axis=1) == 3))
number, pulse = inputs[one].T
turned = int((switch[one] < 0).sum())
time = np.arange(STEPS)

# %%

fig, (above, below) = plots.figure(
    f"In {turned} of {STEPS} steps the target has its sign changed",
    alt="Above, the numbers of one sequence, with arrowheads where a pulse "
    "goes up or down; below, the switch and the target: the number where it "
    "is up, minus the number where it is down.",
    rows=2,
    share="x",
    xlabel="time step",
)
above.vlines(time, 0, number, color=plots.GREY)
above.plot(number, "o", color=plots.GREY, label="number")
for way, mark in ((1, "C1^"), (-1, "C1v")):
    at = time[pulse == way]
    above.plot(at, 1.4 * way + 0 * at, mark, label="pulse" * (way > 0))
below.step(time, switch[one], "C1-", where="post", label="switch")
below.vlines(time, 0, targets[one], color=plots.TEXT_COLOR)
below.plot(targets[one], "o", color=plots.TEXT_COLOR, label="target")
for ax in (above, below):
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
# sphinx_gallery_start_ignore
above.set(ylabel="inputs", ylim=(-1.8, 1.8))
below.set(ylabel="switch, target", ylim=(-1.3, 1.3))
flips = int((np.diff(switch[one]) != 0).sum())
plots.describe(
    fig,
    f"There are {int((pulse != 0).sum())} pulses, which change the switch "
    f"{flips} times.",
)
# sphinx_gallery_end_ignore

# %%
# What a linear model can do
# --------------------------
#
# A linear model gets the last 30 steps, so the whole sequence up to now: 60
# inputs, with zeros for what was before the first step. It multiplies each by
# a weight and adds up.
#
# It cannot do better than the mean, whatever its weights. Change the signs of
# all pulses: every target changes its sign, and this sequence is as likely as
# the other. So no number goes with the target on average. Change the signs of
# all numbers instead, and the same follows for the pulses. The target is
# **uncorrelated** with each of the inputs, and a linear model uses nothing but
# correlations. A fit confirms this.
#
# Somebody who knows the task would help it: give it the *products* of the
# present number with each of the pulses. They stand in the last row.

import pandas as pd
from sklearn.linear_model import LinearRegression


def in_windows(inputs):
    """Cut the last 30 steps before each target: ``(n steps, 30, 2)``."""
    zeros = np.zeros((len(inputs), STEPS - 1, 2), "float32")
    padded = np.concatenate([zeros, inputs], axis=1)
    cut = np.lib.stride_tricks.sliding_window_view(padded, STEPS, axis=1)
    return cut.swapaxes(2, 3).reshape(-1, STEPS, 2)


def products(windows):
    return windows[:, -1, :1] * windows[:, :, 1]


def flat(windows):
    return windows.reshape(len(windows), -1)


# sphinx_gallery_start_ignore
few = in_windows(inputs[:3])
assert few.shape == (3 * STEPS, STEPS, 2)
assert (few[STEPS - 1] == inputs[0]).all() and (few[0, :-1] == 0).all()
# sphinx_gallery_end_ignore

# %%
# All are tried on new sequences of two kinds: like those they were fitted to,
# and **longer** ones of 300 steps with a pulse in one step of fifty.

tests = {
    "30 steps": sample(1000, STEPS, pulses=0.1, seed=98),
    "300 steps": sample(100, 10 * STEPS, pulses=0.02, seed=99),
}


def share(predicted, test):
    """Root mean squared error over that of the mean."""
    error = predicted.reshape(test[1].shape) - test[1]
    return np.sqrt((error**2).mean() / test[1].var())


# %%
# The scores of the baseline and of the linear models, as shares of the error
# of the mean:

windows = in_windows(inputs)
rows = {"the mean": {name: 1.0 for name in tests}}
for name, features in (("linear", flat), ("linear, on products", products)):
    linear = LinearRegression().fit(features(windows), targets.ravel())
    rows[name] = {
        t: share(linear.predict(features(in_windows(test[0]))), test)
        for t, test in tests.items()
    }
# sphinx_gallery_start_ignore
for test in tests:
    assert abs(rows["linear"][test] - 1) < 0.02, "the page says: the mean"
assert rows["linear, on products"]["30 steps"] < 0.75, "it says: helps"
assert rows["linear, on products"]["30 steps"] > 0.5, "and: stays far off"
# sphinx_gallery_end_ignore

pd.DataFrame(rows).T.round(2)

# %%
# The linear model is no better than the mean. The products help, and their
# error stays large: an old pulse counts only if no other has come since, and a
# fixed weight cannot know that.
#
# Three networks
# --------------
#
# Two are recurrent, a **GRU** and a **simple RNN** of 16 units. They read a
# sequence step by step and have an output at each. The third is **dense**,
# with no state: it gets the same windows as the linear model, has two layers
# of 64 units and several times as many parameters. A small dense layer behind
# the recurrent ones forms the product; what they have to do is remember.

import keras
from keras import layers

CELLS = {"simple RNN": layers.SimpleRNN, "GRU": layers.GRU}


def network(kind):
    """Sequences ``(batch, time, 2)`` in, or windows for the dense one."""
    if kind == "dense network":
        stack = [keras.Input((STEPS, 2)), layers.Flatten()]
        stack += [layers.Dense(64, activation="relu") for _ in range(2)]
    else:
        cell = CELLS[kind](16, return_sequences=True)
        stack = [keras.Input((None, 2)), cell]
        stack += [layers.Dense(16, activation="tanh")]
    model = keras.Sequential([*stack, layers.Dense(1)])
    adam = keras.optimizers.Adam(0.005, clipnorm=1.0)
    model.compile(adam, "mean_squared_error", steps_per_execution=25)
    return model


# %%
# One training run is an anecdote, so each is trained with three seeds. All get
# the same 400 batches of 32 new sequences. The dense network may go through
# them three times, which is more than its fair share.

import rnnedu

SEEDS = [0, 1, 2]


def prepared(kind, inputs, targets):
    """Inputs, targets and batch size of 32 sequences."""
    if kind == "dense network":
        return in_windows(inputs), targets.reshape(-1, 1), 32 * STEPS
    return inputs, targets[..., None], 32


# %%
# An epoch has 25 batches here. In the first 16 epochs every batch is new, so
# its loss, taken before the network learns from it, is a score on sequences
# never seen. From all this come the networks, a curve of errors for each seed,
# and their predictions for both tests.


def fit(kind, passes):
    """Train; return networks, curves ``(seeds, epochs)``, predictions."""

    def data(seed):
        new = sample(32 * 400, STEPS, pulses=0.1, seed=1 + seed)
        return prepared(kind, *new[:2])[:2]

    size = prepared(kind, inputs, targets)[2]
    plan = {"epochs": 16 * passes, "steps_per_epoch": 25, "shuffle": False}
    networks, history = rnnedu.fit_seeds(
        network(kind), data, seeds=SEEDS, batch_size=size, **plan
    )
    loss = history.pivot(index="seed", columns="epoch", values="loss")
    X = {t: prepared(kind, *tests[t][:2])[0] for t in tests}
    predictions = [
        {t: np.asarray(each(X[t])) for t in tests} for each in networks
    ]
    return networks, np.sqrt(loss.to_numpy()) / targets.std(), predictions


# %%

trained = {
    "dense network": fit("dense network", passes=3),
    "simple RNN": fit("simple RNN", passes=1),
    "GRU": fit("GRU", passes=1),
}

# %%
# The scores, under those of the linear models. A network has three seeds, and
# so a mean, a lowest and a highest error.

for name, (networks, _, predictions) in trained.items():
    print(f"{name}: {networks[0].count_params():,} parameters")
    rows[name] = {
        t: [share(each[t], tests[t]) for each in predictions] for t in tests
    }

table = pd.DataFrame(
    {
        (test, column): {
            name: getattr(np, column)(row[test]) for name, row in rows.items()
        }
        for test in tests
        for column in ("mean", "min", "max")
    }
)
# sphinx_gallery_start_ignore
for test in tests:
    best, worst = table[test]["min"], table[test]["max"]
    assert worst["GRU"] < 0.2, "the page says that every GRU learns it"
    assert worst["GRU"] < best["dense network"], "it says: before"
    assert best["simple RNN"] < best["dense network"], "it says: so can it"
assert table["30 steps"]["max"]["dense network"] < best["linear, on products"]
assert table["300 steps"]["min"]["dense network"] > 0.5, "it says: fails"
# sphinx_gallery_end_ignore

table.round(2)

# %%
# With every seed, the GRU is more accurate than the dense network, which has
# more parameters and was trained for longer. On the long sequences the dense
# one is hardly of use. The simple RNN can do it as well, as its best seed
# shows, and it has no gate. Here are the curves of all training runs: the
# median of the seeds, and their range.

means = table["30 steps", "mean"]
fig, ax = plots.figure(
    f"Left of the mean's error: {means['GRU']:.0%} by the GRU, "
    f"{means['dense network']:.0%} by the dense network",
    alt="Error as a share of that of the mean, by epoch of training.",
    height=3.6,
    xlabel="epoch of 25 batches",
    ylabel="error, as a share\nof that of the mean",
    yscale="log",
)
plots.draw_bands(
    ax, {name: curves for name, (_, curves, _) in trained.items()}
)
plots.draw_baseline(ax, 1, "the mean")
ax.legend(loc="lower right", ncols=2)

# sphinx_gallery_start_ignore
shown = [1, 0.5, 0.2, 0.1, 0.05]
ax.set_yticks(shown, shown)
ax.minorticks_off()
ends = "; ".join(
    f"{name} {curves[:, -1].min():.2f} to {curves[:, -1].max():.2f}"
    for name, (_, curves, _) in trained.items()
)
plots.describe(fig, f"The ranges at the end: {ends}.")
dense = trained["dense network"][1]
assert (dense[:, -4:].mean(1) < dense[:, 12:16].mean(1)).all(), (
    "the page says that the dense network still gained"
)
# sphinx_gallery_end_ignore

# %%
# The error of the dense network still fell after its first pass. In principle
# it can learn, for each place where the last pulse may be, what then follows;
# but it has to learn that for each place anew. A recurrent network does the
# same at every step and learns it once.
#
# Longer than anything seen in training
# -------------------------------------
#
# A network with a state reads a sequence of 300 steps as it is: it goes on. A
# window can only be moved along; it does not grow. So we sort the steps of the
# long sequences by the age of the switch, the steps since its pulse.

EDGES = [0, 1, 2, 4, 7, 11, 16, 22, 30, 40, 55, 75, 100, 140]
_, truth, _, old = tests["300 steps"]
group = np.digitize(old, EDGES) - 1


def by_age(predicted):
    squares = (predicted.reshape(truth.shape) - truth) ** 2 / truth.var()
    return [np.sqrt(squares[group == k].mean()) for k in range(len(EDGES))]


aged = {
    name: np.array([by_age(each["300 steps"]) for each in predictions])
    for name, (_, _, predictions) in trained.items()
}

# %%
# Training never had a switch of an age to the right of the grey band.

middle = [old[group == k].mean() for k in range(len(EDGES))]
fig, ax = plots.figure(
    f"Past {STEPS} steps the window has lost the switch; "
    "the GRU still has it past 100",
    alt="Error by the age of the switch, with a grey band over the ages that "
    f"training had, up to {STEPS - 1}.",
    height=3.6,
    xlabel="age of the switch in time steps",
    ylabel="error, as a share\nof that of the mean",
    ylim=(0, 1.25),
)
ax.axvspan(0, STEPS - 1, color=plots.GREY, alpha=0.2)
plots.draw_bands(ax, aged, middle)
plots.draw_baseline(ax, 1, "the mean")
ax.legend(loc="center right")

# sphinx_gallery_start_ignore
beyond = np.array(EDGES) >= STEPS
assert (aged["dense network"][:, beyond] > 0.9).all(), "the title says: lost"
assert (aged["GRU"][:, np.array(EDGES) >= 100] < 0.2).all(), "and: has it"
for young in (0, EDGES.index(16)):
    oldest, younger = aged["GRU"][:, -1], aged["GRU"][:, young]
    assert (oldest < 1.3 * younger).all(), "the page says: does not grow"
ranges = "; ".join(
    f"{name} has {each[:, beyond].min():.2f} to {each[:, beyond].max():.2f}"
    for name, each in aged.items()
)
plots.describe(fig, f"Beyond the band, {ranges}.")
# sphinx_gallery_end_ignore

# %%
# What is not in the window cannot be known, by any network of any size. The
# GRU's error does not grow with the age of the switch. So its state does not
# lose a share of the pulse at each step. How does it keep the pulse?
#
# A look at the state
# -------------------
#
# We run the last GRU as :doc:`our NumPy cell </learn/gru>`, which records its
# states and gates, and choose the unit that goes with the switch most closely.
# Beside it stands the **update gate**, the share of its old state that a unit
# keeps.

from rnnedu import cells

gru = cells.Network.from_keras(trained["GRU"][0][-1])
long, _, long_switch, _ = tests["300 steps"]
(recorded,) = gru.record(long)
h, z = recorded["h"], recorded["z"]


def agreement(unit):
    return np.corrcoef(h[..., unit].ravel(), long_switch.ravel())[0, 1]


unit = max(range(16), key=lambda k: abs(agreement(k)))
print(f"unit {unit} and the switch: correlation {agreement(unit):+.2f}")
print(f"mean update gate where a pulse comes: {z[old == 0].mean():.2f}")
print(f"mean update gate at all other steps:  {z[old > 0].mean():.2f}")
print(f"of a state kept by it, 30 steps leave {z.mean() ** 30:.0e}")
most = z.mean((0, 1)).max()
print(f"the gate of the unit that keeps most: {most:.2f}, {most**30:.0e}")

# sphinx_gallery_start_ignore
assert abs(agreement(unit)) > 0.9, "the page says: follows the switch"
assert most < 0.9, "the page says that no gate keeps it by itself"
assert abs(z[old == 0].mean() - z[old > 0].mean()) < 0.15, "it says: hardly"
# sphinx_gallery_end_ignore

# %%
# So it is not the gate, in any unit. Its mean hardly depends on whether a
# pulse comes, and on its own it would have let the state fade long since. To
# find what does keep it, we start the GRU from 60 states sampled at random and
# give it nothing to read: no pulse, and every number zero.

from scipy.cluster.hierarchy import fclusterdata

layer = gru.layers[0]
start = np.random.default_rng(0).uniform(-1, 1, (60, 16))
alone = cells.run_cell(
    layer.step, np.zeros((60, 300, 2)), layer.weights, state={"h": start}
)["h"]
place = fclusterdata(alone[:, -1], 0.1, "distance")  # nearer is the same
print(f"after 300 steps, the 60 states are at {place.max()} points")

# sphinx_gallery_start_ignore
assert place.max() == 2, "the page says: two"
assert min(np.bincount(place)[1:]) > 3, "and that states go to both"
# sphinx_gallery_end_ignore

# %%
# On the left, the unit over 100 steps of a long sequence, with the switch
# drawn at the height of the two points; on the right, the same unit as the 60
# states converge.

turns = (np.diff(long_switch[:, :100]) != 0).sum(axis=1)
example = int(np.argmin(np.abs(turns - 4)))
sign = np.sign(agreement(unit))  # drawn so that up is up
state, paths = sign * h[example, :100, unit], sign * alone[..., unit]
low, high = sorted(paths[place == k, -1].mean() for k in (1, 2))
is_up = long_switch[example, :100] > 0

# %%

fig, (left, right) = plots.figure(
    f"{len(paths)} states converge to {place.max()} fixed points, "
    "and a pulse moves the state from one to the other",
    alt=f"Left, the state of unit {unit} over 100 time steps, high where the "
    "switch is up and low where it is down.",
    columns=2,
    height=3.6,
    share="y",
    ratios={"width_ratios": (2, 1)},
    ylabel=f"state of unit {unit}",
    ylim=(-1, 1),
)
switch_drawn = np.where(is_up, high, low)
left.step(range(100), switch_drawn, "C1-", where="post", label="switch")
left.plot(state, **plots.AXIS_LINE, label=f"unit {unit}")
left.legend(loc="lower left", bbox_to_anchor=(0, 0.15))
left.set_xlabel("time step")
right.plot(paths[:, :60].T, color=plots.TEXT_COLOR, **plots.THIN_LINE)
right.set_xlabel("time step, no input")
# sphinx_gallery_start_ignore
near = np.abs(state[:, None] - (low, high)).argmin(axis=1) == 1
assert high - low > 0.3, "two places, seen in this unit"
assert (near == is_up).mean() > 0.9, "the title says that it moves with pulses"
plots.describe(
    fig,
    f"The switch changes {turns[example]} times.",
    f"Right, {len(paths)} random states without input: they converge to "
    f"{high:.2f} and {low:.2f}.",
)
# sphinx_gallery_end_ignore

# %%
# There are two stable fixed points, one for up and one for down, and the state
# stays at each of them. A number coming in moves it a little, and it returns;
# a pulse moves it to the other fixed point. Engineers call such a thing a
# **flip-flop**. It was not built in; it was learnt.
#
# It needs no gate, so a simple RNN can have one too. And its error did not
# grow as far as we have tried: a state at a fixed point stays where it is.
# This works for a switch because it has only two positions. A number that may
# be anything would need a fixed point for each value.
#
# What to remember
# ----------------
#
# - Recurrence helps where what matters may lie any number of steps back, and
#   where the same rule holds at each step.
# - Try a linear model before you praise a network for a task. Here it cannot
#   win, and we can say why.
# - To remember does not require a gate that stays open. This GRU keeps a pulse
#   as a fixed point of its state; another task may need the gate.
# - Here every step has a target, so training has young switches as well as old
#   ones, and there are only two things to keep. One target at the end, and any
#   number to be kept, is another question: see *How many steps does a cell
#   remember?*
#
# **Sources.** Elman (1990), *Finding structure in time*, Cognitive Science
# 14(2), for the simple RNN; Cho et al. (2014), arXiv:1406.1078, for the GRU;
# Sussillo and Barak (2013), *Opening the black box: low-dimensional dynamics
# in high-dimensional recurrent neural networks*, Neural Computation 25(3),
# who look into a network that has learnt flip-flops.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
