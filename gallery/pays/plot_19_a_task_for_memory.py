"""
A task for memory: which way is the switch?
===========================================

At each step a number comes in, and now and then a pulse, up or down. A pulse
sets a switch, and the switch stays until the next one. The answer is the
number itself while the switch is up, and the number with its sign turned while
it is down. Nobody says how the switch stands. One has to remember.

The errors of a network are given as shares of the error of a rule that always
answers the mean. That rule is the first to beat, a linear model the second. A
good score is near zero: there is no noise, and whoever knows the switch makes
no error at all.
"""

# %%
# The task
# --------
#
# The numbers lie between -1 and 1. The first step has a pulse, so that there
# is something to know; after it, one step in ten has one, up (1) or down (-1)
# as a coin falls. Sequences have 30 steps, and every step wants an answer.

# sphinx_gallery_thumbnail_number = 3
import numpy as np

STEPS = 30  # in a sequence


def draw(n, steps, pulses, seed):
    """Draw what is seen ``(n, steps, 2)``, answers, switch and its age."""
    dice = np.random.default_rng(seed)
    number = dice.uniform(-1, 1, (n, steps))
    pulse = dice.choice([-1, 1], (n, steps))
    comes = dice.random((n, steps)) < pulses
    comes[:, 0] = True
    step = np.arange(steps)
    last = np.maximum.accumulate(np.where(comes, step, 0), axis=1)
    switch = np.take_along_axis(pulse, last, axis=1)
    seen = np.stack([number, np.where(comes, pulse, 0)], axis=2)
    return seen.astype("float32"), number * switch, switch, step - last


# %%
# We draw some. Each step has two inputs, the number and the pulse, and the
# second is zero where none comes.

seen, answers, switch, age = draw(3000, STEPS, pulses=0.1, seed=0)
print(f"what is seen: {seen.shape}, answers: {answers.shape}")

# sphinx_gallery_start_ignore
assert (np.abs(seen[:, 0, 1]) == 1).all() and age.max() == STEPS - 1
assert (seen[..., 1][age == 0] == switch[age == 0]).all()
assert (seen[..., 1][age > 0] == 0).all()
assert (switch[:, 1:] == switch[:, :-1])[age[:, 1:] > 0].all(), "it stays"
assert np.allclose(answers, seen[..., 0] * switch, atol=1e-6)
# sphinx_gallery_end_ignore

# %%
# This is one of them: above, what is seen; below, what is to be said.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.rcParams.update(plots.LOOK)

one = int(np.argmax((np.diff(switch) != 0).sum(axis=1) == 3))
step, up = np.arange(STEPS), switch[one] > 0
number, pulse = seen[one].T
fig, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(7.5, 4))
above.vlines(step, 0, number, color="#767676")
above.plot(step, number, "o", color="#767676", ms=5, label="number")
for way, mark in ((1, "^"), (-1, "v")):
    at = step[pulse == way]
    above.plot(at, 1.4 * way + 0 * at, mark, color="#d55e00", ms=10)
below.step(step, switch[one], where="post", color="#d55e00", label="switch")
below.vlines(step, 0, answers[one], color=plots.INK)
below.plot(step, answers[one], "o", color=plots.INK, ms=5, label="answer")
turned = int((~up).sum())
above.set_title(f"In {turned} of {STEPS} steps the answer has its sign turned")
# sphinx_gallery_start_ignore
above.set(ylabel="seen: number, pulse", ylim=(-1.8, 1.8))
below.set(xlabel="step", ylabel="switch, answer", ylim=(-1.3, 1.3))
above.plot([], [], "^", color="#d55e00", ms=9, label="pulse")
OUTSIDE = {"loc": "center left", "bbox_to_anchor": (1, 0.5)}
above.legend(**OUTSIDE)
below.legend(**OUTSIDE)
flips = int((np.diff(switch[one]) != 0).sum())
fig.set_label(
    "Above, the numbers of one sequence, with arrowheads where a pulse goes "
    f"up or down, {int((pulse != 0).sum())} in all; below, the switch, which "
    f"turns over {flips} times, and the answer: the number where it is up, "
    f"minus the number in the {turned} steps where it is down."
)
# sphinx_gallery_end_ignore

# %%
# What a linear model can do
# --------------------------
#
# A linear model sees the last 30 steps, so the whole sequence up to now: 60
# inputs, with zeros for what was before the first step. It multiplies each by
# a weight and adds up.
#
# It cannot do better than the mean, whatever its weights. Turn the signs of
# all pulses: every answer changes its sign, and this turned sequence is as
# likely as the other. So no number goes with the answer on average. Turn the
# signs of all numbers instead, and the same follows for the pulses. The
# answer is **uncorrelated** with each of the inputs, and a linear model has
# nothing but correlations to go by. Fitted, it shows.
#
# Somebody who knows the task would help it: give it the *products* of the
# present number with each of the pulses. They stand in the last row.

import pandas as pd
from sklearn.linear_model import LinearRegression


def in_windows(seen):
    """Cut the last 30 steps before each answer: ``(n steps, 30, 2)``."""
    zeros = np.zeros((len(seen), STEPS - 1, 2), "float32")
    padded = np.concatenate([zeros, seen], axis=1)
    cut = np.lib.stride_tricks.sliding_window_view(padded, STEPS, axis=1)
    return cut.swapaxes(2, 3).reshape(-1, STEPS, 2)


def products(windows):
    return windows[:, -1, :1] * windows[:, :, 1]


def flat(windows):
    return windows.reshape(len(windows), -1)


# sphinx_gallery_start_ignore
few = in_windows(seen[:3])
assert few.shape == (3 * STEPS, STEPS, 2)
assert (few[STEPS - 1] == seen[0]).all() and (few[0, :-1] == 0).all()
# sphinx_gallery_end_ignore

# %%
# All are tried on fresh sequences of two kinds: like those they were fitted
# to, and **longer** ones of 300 steps with a pulse in one step of fifty.

tests = {
    "30 steps": draw(1000, STEPS, pulses=0.1, seed=98),
    "300 steps": draw(100, 10 * STEPS, pulses=0.02, seed=99),
}


def share(said, test):
    """Root mean squared error over that of the mean."""
    error = said.reshape(test[1].shape) - test[1]
    return np.sqrt((error**2).mean() / test[1].var())


# %%
# The rules' scores, as shares of the error of the mean:

windows = in_windows(seen)
rows = {"the mean": {name: 1.0 for name in tests}}
for name, features in (("linear", flat), ("linear, on products", products)):
    model = LinearRegression().fit(features(windows), answers.ravel())
    rows[name] = {
        test: share(model.predict(features(in_windows(what[0]))), what)
        for test, what in tests.items()
    }
# sphinx_gallery_start_ignore
for test in tests:
    assert abs(rows["linear"][test] - 1) < 0.02, "the page says: the mean"
assert rows["linear, on products"]["30 steps"] < 0.75, "it says: helps"
assert rows["linear, on products"]["30 steps"] > 0.5, "and: stays far off"
# sphinx_gallery_end_ignore

pd.DataFrame(rows).T.round(2)

# %%
# As said: no better than the mean. The products help, and stay far off: an
# old pulse counts only if no other has come since, and a fixed weight cannot
# know that.
#
# Three networks
# --------------
#
# Two are recurrent, a **GRU** and a **simple RNN** of 16 units. They read a
# sequence step by step and answer at each. The third is **dense**, with no
# state: it gets the same windows as the linear model, has two layers of 64
# units and several times as many weights. A small dense layer behind the
# recurrent ones forms the product; what they have to do is remember.

import keras
from keras import layers

CELLS = {"simple RNN": layers.SimpleRNN, "GRU": layers.GRU}


def network(kind):
    """Sequences ``(batch, time, 2)`` in, or windows for the dense one."""
    if kind == "dense":
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
# One run is an anecdote, so each is trained with three seeds. All get the
# same 400 batches of 32 new sequences. The dense network may go through them
# three times, which is more than its fair share.
#
# To build a network takes time. So each is built once and put back to the
# start for each seed: new first weights, and an optimiser that remembers
# nothing.

import rnnedu

SEEDS = [0, 1, 2]


def prepared(kind, seen, answers):
    """Inputs, answers and batch size of 32 sequences."""
    if kind == "dense":
        return in_windows(seen), answers.reshape(-1, 1), 32 * STEPS
    return seen, answers[..., None], 32


# %%
# Training, with the loss noted over each 25 batches. In the first pass every
# batch is new, so its loss, taken before the network learns from it, is a
# score on sequences never seen.


def curve(model, kind, seed, passes):
    """Train, and return the error over each 25 batches."""
    new = draw(32 * 400, STEPS, pulses=0.1, seed=1 + seed)
    X, y, size = prepared(kind, *new[:2])
    plan = {"epochs": 16, "steps_per_epoch": 25, "shuffle": False}
    loss = []
    for _ in range(passes):
        fit = model.fit(X, y, batch_size=size, verbose=0, **plan)
        loss += fit.history["loss"]
    return np.sqrt(loss) / y.std()


# %%
# Then the answers to both tests. The last network trained is kept: we want to
# look into it.


def runs(kind, passes):
    """Curves ``(seeds, stretches)``, answers for each seed, a network."""
    model, curves, said = network(kind), [], []
    with rnnedu.native_loops(model):  # the same training in faster loops
        for seed in SEEDS:
            rnnedu.start_anew(model, seed)
            curves.append(curve(model, kind, seed, passes))
            asked = {t: prepared(kind, *tests[t][:2])[0] for t in tests}
            said.append({t: np.asarray(model(X)) for t, X in asked.items()})
    return np.array(curves), said, model


trained = {
    "dense": runs("dense", passes=3),
    "simple RNN": runs("simple RNN", passes=1),
    "GRU": runs("GRU", passes=1),
}

# %%
# The scores, under those of the rules. A network has three seeds, and so a
# mean, a lowest and a highest error.

for name, (_, said, model) in trained.items():
    print(f"{name}: {model.count_params():,} weights")
    rows[name] = {
        t: [share(each[t], tests[t]) for each in said] for t in tests
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
    assert worst["GRU"] < best["dense"], "it says: before"
    assert best["simple RNN"] < best["dense"], "it says: so can it"
assert table["30 steps"]["max"]["dense"] < best["linear, on products"]
assert table["300 steps"]["min"]["dense"] > 0.5, "it says: fails on these"
# sphinx_gallery_end_ignore

table.round(2)

# %%
# With every seed, the GRU comes before the dense network, which has more
# weights and was trained for longer. On the long sequences the dense one is
# hardly of use. The simple RNN can do it as well, as its best seed shows, and
# it has no gate. Here are the curves of all runs.

LOOKS = {
    "dense": {"color": "#56b4e9", "linewidth": 2.2},
    "simple RNN": plots.STYLES["simple RNN"],
    "GRU": plots.STYLES["GRU"],
}
fig, ax = plt.subplots(figsize=(7.5, 3.6))
for name, (curves, *_) in trained.items():
    batches = 25 * np.arange(1, curves.shape[1] + 1)
    lines = ax.plot(batches, curves.T, **LOOKS[name])
    lines[0].set_label(name)
ax.axhline(1, **plots.STYLES["yesterday's price"], label="the mean")
ax.set(xlabel="batches", ylabel="error, as a share\nof that of the mean")
ax.set_yscale("log")
left = table["30 steps", "mean"]
ax.set_title(
    f"Left of the mean's error: {left['GRU']:.0%} by the GRU, "
    f"{left['dense']:.0%} by the dense network"
)
ax.legend(loc="lower right", ncols=2)

# sphinx_gallery_start_ignore
shown = [1, 0.5, 0.2, 0.1, 0.05]
ax.set_yticks(shown, shown)
ax.minorticks_off()
fig.set_label(
    "Error as a share of that of the mean, on a logarithmic axis, by batches "
    "of training, a line for each run. At the end: "
    + "; ".join(
        f"{name} {curves[:, -1].min():.2f} to {curves[:, -1].max():.2f}"
        for name, (curves, *_) in trained.items()
    )
    + "."
)
dense = trained["dense"][0]
assert (dense[:, -4:].mean(1) < dense[:, 12:16].mean(1)).all(), (
    "the page says that the dense network still gained"
)
# sphinx_gallery_end_ignore

# %%
# The dense network still gained after its first pass. In principle it can say,
# for each place where the last pulse may be, what then follows; but it has to
# learn that for each place anew. A recurrent network does the same at every
# step and learns it once.
#
# Longer than anything seen in training
# -------------------------------------
#
# To a sequence of 300 steps a network with a state is put as it is: it goes
# on. A window can only be moved along; it does not grow. So we sort the steps
# of the long sequences by the age of the switch, the steps since its pulse.

EDGES = [0, 1, 2, 4, 7, 11, 16, 22, 30, 40, 55, 75, 100, 140]
_, truth, _, old = tests["300 steps"]
group = np.digitize(old, EDGES) - 1


def by_age(said):
    squares = (said.reshape(truth.shape) - truth) ** 2 / truth.var()
    return [np.sqrt(squares[group == k].mean()) for k in range(len(EDGES))]


aged = {
    name: np.array([by_age(each["300 steps"]) for each in said])
    for name, (_, said, _) in trained.items()
}

# %%
# Training never saw a switch of an age to the right of the grey band.

middle = [old[group == k].mean() for k in range(len(EDGES))]
fig, ax = plt.subplots(figsize=(7.5, 3.6))
ax.axvspan(0, STEPS - 1, color="#767676", alpha=0.2)
for name, runs_of in aged.items():
    lines = ax.plot(middle, runs_of.T, **LOOKS[name])
    lines[0].set_label(name)
ax.axhline(1, **plots.STYLES["yesterday's price"], label="the mean")
ax.set(xlabel="age of the switch in steps", ylim=(0, 1.25))
ax.set_ylabel("error, as a share\nof that of the mean")
ax.legend(loc="center right")
ax.set_title(
    f"Past {STEPS} steps the window has lost the switch; "
    "the GRU still has it past 100"
)

# sphinx_gallery_start_ignore
beyond = np.array(EDGES) >= STEPS
assert (aged["dense"][:, beyond] > 0.9).all(), "the title says: lost"
assert (aged["GRU"][:, np.array(EDGES) >= 100] < 0.2).all(), "and: has it"
for young in (0, EDGES.index(16)):
    oldest, younger = aged["GRU"][:, -1], aged["GRU"][:, young]
    assert (oldest < 1.3 * younger).all(), "the page says: does not grow"
fig.set_label(
    "Error by the age of the switch, a line for each run, with a grey band "
    f"over the ages that training had, up to {STEPS - 1}. Beyond it, "
    + "; ".join(
        f"{name} has {runs_of[:, beyond].min():.2f} to "
        f"{runs_of[:, beyond].max():.2f}"
        for name, runs_of in aged.items()
    )
    + "."
)
# sphinx_gallery_end_ignore

# %%
# What is not in the window cannot be known, by any network of any size. The
# GRU's error does not grow with the age of the switch. It does not keep the
# pulse the way one keeps a warm drink, a little less of it at each step. So
# how does it keep it?
#
# A look at the state
# -------------------
#
# We run the last GRU with :doc:`the textbook's cell </learn/gru>`, which shows
# its insides, and pick the unit that goes with the switch most closely. Beside
# it stands the **update gate**, the share of its old state that a unit keeps.

from rnnedu import cells

gru_step, weights = cells.from_keras(trained["GRU"][2].layers[0])
long, _, way, old = tests["300 steps"]
trace = cells.run(gru_step, long, weights)


def agreement(unit):
    return np.corrcoef(trace["h"][..., unit].ravel(), way.ravel())[0, 1]


unit = max(range(16), key=lambda k: abs(agreement(k)))
z = trace["z"]
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
# So it is not the gate, in any unit. On the mean it hardly cares whether a
# pulse comes, and on its own it would have let the state fade long since. To
# find what does keep it, we start the GRU from 60 states drawn at random and
# leave it alone: no pulse, and every number zero.

from scipy.cluster.hierarchy import fclusterdata

start = np.random.default_rng(0).uniform(-1, 1, (60, 16))
alone = cells.run(
    gru_step, np.zeros((60, 300, 2)), weights, carried={"h": start}
)["h"]
place = fclusterdata(alone[:, -1], 0.1, "distance")  # nearer is the same
print(f"after 300 steps, the 60 states stand in {place.max()} places")

# sphinx_gallery_start_ignore
assert place.max() == 2, "the page says: two"
assert min(np.bincount(place)[1:]) > 3, "and that states go to both"
# sphinx_gallery_end_ignore

# %%
# On the left, the unit over 100 steps of a long sequence, with the switch
# drawn at the height of the two places; on the right, the same unit as the 60
# states come to rest.

one = int(np.argmin(np.abs((np.diff(way[:, :100]) != 0).sum(axis=1) - 4)))
sign = np.sign(agreement(unit))  # drawn so that up is up
state, rests = sign * trace["h"][one, :100, unit], sign * alone[..., unit]
heights = sorted(rests[place == k, -1].mean() for k in (1, 2))

fig, (left, right) = plt.subplots(
    1, 2, sharey=True, figsize=(7.5, 3.6), width_ratios=[2, 1]
)
drawn = np.where(way[one, :100] > 0, heights[1], heights[0])
left.step(range(100), drawn, where="post", color="#d55e00", label="switch")
left.plot(state, color=plots.INK, linewidth=1.2, label=f"unit {unit}")
right.plot(rests[:, :60].T, color=plots.INK, linewidth=0.6)
# sphinx_gallery_start_ignore
left.set(xlabel="step", ylabel=f"state of unit {unit}")
left.legend(loc="lower left", bbox_to_anchor=(0, 0.15))
right.set(xlabel="step, nothing coming in", ylim=(-1, 1))
fig.suptitle(
    f"{len(rests)} states come to rest in {place.max()} places, "
    "and a pulse moves the state from one to the other",
    **{"x": 0.01, "ha": "left", "size": "medium", "weight": "bold"},
)
near = np.abs(state[:, None] - heights).argmin(axis=1) == 1
ups = way[one, :100] > 0
assert heights[1] - heights[0] > 0.3, "two places, seen in this unit"
assert (near == ups).mean() > 0.9, "the title says that it moves with pulses"
fig.set_label(
    f"Left, the state of unit {unit} over 100 steps, high where the switch is "
    f"up and low where it is down; the switch turns over "
    f"{int((np.diff(ups.astype(int)) != 0).sum())} times. Right, {len(rests)} "
    f"random states without input: they come to rest at {heights[1]:.2f} and "
    f"{heights[0]:.2f}."
)
# sphinx_gallery_end_ignore

# %%
# Two places, one for up and one for down, in each of which the state holds
# itself. A number coming in shakes it a little, and it falls back; a pulse
# pushes it over to the other place. Engineers call such a thing a
# **flip-flop**. Nobody built one in; it was learnt.
#
# It needs no gate, so a simple RNN can have one too. And it did not wear out
# as far as we have tried: a state at rest stays where it is. This works for a
# switch because it has only two positions. A number that may be anything would
# need a place for each value.
#
# What to remember
# ----------------
#
# - Recurrence pays where what matters may lie any number of steps back, and
#   where the same rule holds at each step.
# - Before a network is praised for a task, a linear model should have tried.
#   Here it cannot win, and one can say why.
# - Memory is not the same as a gate that stays open. This GRU keeps a pulse
#   as a place to rest in; another task may need the gate.
# - Here every step wants an answer, so training meets young switches as well
#   as old ones, and there are only two things to keep. One answer at the end,
#   and any number to be kept, is another question: see *How many steps does a
#   cell remember?*
#
# **Sources.** Elman (1990), *Finding structure in time*, Cognitive Science
# 14(2), for the simple RNN; Cho et al. (2014), arXiv:1406.1078, for the GRU;
# Sussillo and Barak (2013), *Opening the black box: low-dimensional dynamics
# in high-dimensional recurrent neural networks*, Neural Computation 25(3),
# who look into a network that has learnt flip-flops.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
