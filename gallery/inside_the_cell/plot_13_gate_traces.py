"""
What the gates do over a year
=============================

An LSTM is explained by its gates: they open to write, shut to forget. Do they?
We take the network that this gallery trained on IBM's price, which forecasts
the next day's *High* from 60 days, and record each of its gates on each day of
the test year. Then we fix all of them at their means and let it forecast
again.

A good score is, as ever, one below that of persistence. But the question here
is another one: how much does the forecast depend on gates that move? For
contrast, a tiny LSTM learns a task in which it comes to rely on them: to
repeat the last marked number in a stream of noise. There, the one to beat is
the baseline that always predicts zero.
"""

# %%
# The network, before and after training
# --------------------------------------
#
# The trained network comes from the cache if it is there. The same seed gives
# the weights that it began with, so we have the network before training too.
# Both read the test year as one long sequence of scaled prices. The last 60
# days of training go ahead of it, so that the states have left zero when the
# year begins.

# sphinx_gallery_thumbnail_number = 3
import rnnedu  # before keras: it keeps TensorFlow's notes off the terminal

import keras
import numpy as np

prices = rnnedu.load_ibm()
print(rnnedu.describe_source(prices))
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(f"test year {windows.test_year}")

trained = rnnedu.train("lstm", windows, seed=0).model
keras.utils.set_random_seed(0)
untrained = rnnedu.build_network("lstm", lookback=60)

run_in = windows.X_test[0, :, 0]
year = np.concatenate([run_in, windows.y_test])[None, :, None]
print(f"(batch, time, features): {year.shape}")

# sphinx_gallery_start_ignore
assert year.shape == (1, 60 + len(windows.test_prices), 1)
assert np.allclose(
    windows.inverse_scale(run_in), windows.train_prices.iloc[-60:], atol=1e-3
), "the page says: the last 60 days of training"
# sphinx_gallery_end_ignore

# %%
# Reading the gates
# -----------------
#
# Keras returns the output of a layer and keeps its gates to itself.
# ``cells.Network.from_keras`` copies the weights into the same network in
# NumPy, whose steps return everything they compute. Its method ``record``
# runs all layers, and returns for each its **recorded states**: all gates and
# states, time step by time step.

from rnnedu import cells

network = cells.Network.from_keras(trained)
after = network.record(year)
before = cells.Network.from_keras(untrained).record(year)
print(f"{len(after)} layers, which record {', '.join(after[0])}")

# %%
# Are these the gates of the Keras network, or of something like it? Each layer
# gets the same sequence in Keras and in our NumPy cell, and the largest
# difference between the outputs is kept. Here is the worst of the four.

lstms = [
    each for each in trained.layers if isinstance(each, keras.layers.LSTM)
]
inputs = [year] + [recorded["h"] for recorded in after[:-1]]
checks = [
    cells.compare_with_keras(layer, x)
    for layer, x in zip(lstms, inputs, strict=True)
]

# sphinx_gallery_start_ignore
assert all(check.difference < 1e-5 for check in checks), (
    "the page takes them for the same"
)
# sphinx_gallery_end_ignore

max(checks, key=lambda check: check.difference)

# %%
# Where they stand, and how far they move
# ---------------------------------------
#
# Keras starts the forget gate's bias at 1 and the two others at 0. A gate that
# is given nothing else then stands at the **sigmoid** of 1, or of 0: the curve
# that takes any number to between 0 and 1. The table has, for each gate, its
# mean over the year and all units; the furthest that any unit's own mean is
# from this initial value; and the widest range that one unit covers in the
# year, before and after training.

import pandas as pd

GATES = {"f": "forget", "i": "input", "o": "output"}
START = {gate: cells.sigmoid(float(gate == "f")) for gate in GATES}
rows = {}
for k, (first, last) in enumerate(zip(before, after, strict=True), 1):
    for gate, name in GATES.items():
        was, now = first[gate][0, 60:], last[gate][0, 60:]  # (days, units)
        rows[f"layer {k}, {name}"] = {
            "initial": START[gate],
            "mean": now.mean(),
            "furthest unit": np.abs(now.mean(axis=0) - START[gate]).max(),
            "range before": np.ptp(was, axis=0).max(),
            "range after": np.ptp(now, axis=0).max(),
        }
table = pd.DataFrame(rows).T
table.round(3)

# %%
# In a figure, with the price above them: a line is the median of a layer's
# 50 units, a band their range, dotted lines the initial values.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.style.use(plots.STYLE)


def draw_gates(ax, x, recorded):
    units = {
        name: recorded[gate][0, -len(x) :].T for gate, name in GATES.items()
    }
    plots.draw_bands(ax, units, x, of="units", legend=False)


# %%

most = table["range after"].max()
count = len(GATES) * sum(recorded["f"].shape[-1] for recorded in after)

fig, axes = plots.figure(
    f"Of {count} gates, none moves by more than {most:.3f}",
    alt="The price of the test year above, and below it, for each of four "
    "layers, median and range over 50 units of the three gates. All are flat.",
    rows=5,
    height=7.5,
    share="x",
    xlabel="day",
    ylabel="High in dollars",
)
axes[0].plot(windows.test_prices, **plots.style_of("true price"))
for k, (ax, recorded) in enumerate(zip(axes[1:], after, strict=True), start=1):
    draw_gates(ax, windows.test_prices.index, recorded)
    for start in set(START.values()):
        ax.axhline(start, **plots.MARK_LINE)
    ax.set(ylim=(0, 1), ylabel=f"layer {k}:\ngates")
axes[1].legend(ncols=3, loc="lower left", fontsize="small")

# sphinx_gallery_start_ignore
plots.describe(
    fig,
    f"The forget gates lie near {START['f']:.2f}, the others near "
    f"{START['i']:.2f}, where they started; the furthest mean of a unit is "
    f"{table['furthest unit'].max():.2f} from there.",
)
assert most < 0.05, "the page says that they hardly move"
assert table["furthest unit"].max() < 0.12, (
    "the page says: where Keras initialised them"
)
assert (table["mean"] - table["initial"]).abs().max() < 0.04
assert (table["range after"] > table["range before"]).all()
assert table["range after"].max() < 0.06
# sphinx_gallery_end_ignore

# %%
# Training has widened the ranges of the table, from very small to small. The
# gates are still about where Keras initialised them. A forget gate that stays
# below 1 forgets at a steady rate, whatever the price does. How fast?

keep = table.loc["layer 1, forget", "mean"]
half = np.log(0.5) / np.log(keep)
print(f"half of what the first layer writes is gone after {half:.1f} days")
print("(along the cell state alone, by its mean forget gate)")

# sphinx_gallery_start_ignore
assert half < 5, "the page says: half is gone within days"
# sphinx_gallery_end_ignore

# %%
# Gates fixed
# -----------
#
# That a gate moves little does not prove that its movement is worth little. So
# we take it away. Each gate of each unit is fixed at its mean over a tenth of
# the training windows. All other weights stay as trained. What is left is a
# network without gates: at every time step it keeps the same share of its cell
# state, writes the same share and outputs the same share.

from dataclasses import replace


def fixed_step(means):
    def step(x, state, weights):
        a = x @ weights.W["g"] + state["h"] @ weights.U["g"] + weights.b["g"]
        c = means["f"] * state["c"] + means["i"] * np.tanh(a)
        return {"c": c, "h": means["o"] * np.tanh(c)}

    return step


def fix_gates(network, sample):
    """Fix each gate of each LSTM at its mean over the sample."""
    *recurrent, dense = network.layers
    layers = []
    for layer, recorded in zip(recurrent, network.record(sample), strict=True):
        means = {gate: recorded[gate].mean(axis=(0, 1)) for gate in GATES}
        layers.append(replace(layer, step=fixed_step(means)))
    return cells.Network((*layers, dense))


# %%
# Its forecast of each test day, from the same 60 true prices:

forecasts = {
    "LSTM": rnnedu.forecast_one_step(trained, windows),
    "LSTM, gates fixed": rnnedu.forecast_one_step(
        fix_gates(network, windows.X_train[::10]), windows
    ),
}
free, fixed = forecasts.values()
gap = fixed - free
print(f"fixed minus free: {gap.mean():+.2f} dollars on average,")
print(f"and {gap.std():.2f} dollars about that average")
scores = rnnedu.score_table(windows, forecasts)
scores.round(2)

# %%
# The two curves are nearly the same.

fig = rnnedu.plot_forecasts(
    windows,
    forecasts,
    f"With its gates fixed, the curve moves by {gap.abs().mean():.2f} dollars "
    "on average",
)

# sphinx_gallery_start_ignore
assert fixed.corr(free) > 0.999, "the page says: nearly the same"
assert gap.std() < 0.1 * scores.loc["LSTM", "RMSE"]
assert (scores["skill"].iloc[1:] < 0).all(), "the page says that both lose"
fig.axes[0].lines[-1].set(**plots.MARK_LINE)  # unlike the other
_ = fig.axes[0].legend()
# sphinx_gallery_end_ignore

# %%
# With gates or without, its RMSE is higher than that of persistence. On this
# series the network has not learnt *when* to write or to forget. What it does
# with the last days hardly needs moving gates.
#
# A task in which gates move
# --------------------------
#
# Now a stream of 30 numbers, sampled between minus one and one. About one in
# ten is marked, the first one always. At every time step the target is the
# number that was marked last. What comes between is noise and must not be
# written; what was written must be kept, then be dropped at the next mark.


def streams(n, seed, steps=30):
    rng = np.random.default_rng(seed)
    number = rng.uniform(-1, 1, size=(n, steps))
    mark = rng.random((n, steps)) < 0.1
    mark[:, 0] = True
    marked_step = np.where(mark, np.arange(steps), 0)
    last = np.maximum.accumulate(marked_step, axis=1)
    target = np.take_along_axis(number, last, axis=1)
    x = np.stack([number, mark], axis=-1)
    return x.astype("float32"), target[..., None].astype("float32")


new, truth = streams(300, seed=100)
print(f"streams {new.shape}, targets {truth.shape}")

# %%
# One unit is enough: one cell state, and one gate of each kind. It is trained
# three times, with other streams and other initial weights each time.

SEEDS = range(3)
samples = {seed: streams(500, seed) for seed in SEEDS}

model = keras.Sequential(
    [
        keras.Input((30, 2)),
        keras.layers.LSTM(1, return_sequences=True),
        keras.layers.Dense(1),
    ]
)
model.compile(keras.optimizers.Adam(0.05), "mean_squared_error")
models, _ = rnnedu.fit_seeds(
    model, samples.get, seeds=SEEDS, epochs=30, batch_size=25
)
learnt = [cells.Network.from_keras(each) for each in models]

# %%
# The same measurement: the error on new streams, with the gates free and with
# each fixed at its mean over the training streams. The two baselines come
# first.


def rmse(predicted):
    return rnnedu.rmse(truth.ravel(), predicted.ravel())


errors = {"always zero": rmse(0 * truth), "the input": rmse(new[..., 0])}
for seed, each in enumerate(learnt):
    errors[f"LSTM(1), seed {seed}"] = rmse(each(new))
    without = fix_gates(each, samples[seed][0])
    errors[f"LSTM(1), seed {seed}, gates fixed"] = rmse(without(new))

# sphinx_gallery_start_ignore
zero = errors["always zero"]
for row, error in errors.items():
    if "fixed" in row:
        assert error > 0.8 * zero, "the page says: hardly better, or worse"
    elif "LSTM" in row:
        assert error < zero / 4, "the page says that it has learnt the task"
# sphinx_gallery_end_ignore

pd.Series(errors).to_frame("RMSE").round(2)

# %%
# The network has learnt the task. With its gates fixed, it is worse than its
# baseline, or hardly better. So this network depends on gates that move.
# (Another, without gates, might solve the task in another way.) These are
# their means at marks and between marks, and the range that each covers. (The
# first time step is left out. It has no cell state to forget.)

at, moves = new[:, 1:, 1] == 1, {}
for seed, each in enumerate(learnt):
    (recorded,) = each.record(new)
    for gate, name in GATES.items():
        values = recorded[gate][:, 1:, 0]
        moves[f"{name}, seed {seed}"] = {
            "at marks": values[at].mean(),
            "between": values[~at].mean(),
            "range": np.ptp(values),
        }
moves = pd.DataFrame(moves).T
moves.round(2)

# %%
# One new stream, as the first of the three networks reads it:

number, marked = new[0, :, 0], new[0, :, 1] == 1
at_marks, between = moves.loc["forget, seed 0", ["at marks", "between"]]
time = np.arange(1, 31)

# %%

fig, (above, below) = plots.figure(
    f"Forget gate: {at_marks:.2f} at marks, {between:.2f} between them",
    alt="Above, thirty numbers of noise, the marked ones as squares; the "
    "target is a staircase that changes at each mark, and the LSTM's line "
    "lies close to it. Below, its three gates.",
    rows=2,
    height=5,
    share="x",
    xlabel="time step (dotted: marked)",
)
above.plot(time, number, ".", color=plots.GREY, label="number")
above.plot(time[marked], number[marked], "s", color="C1", label="marked")
above.step(time, truth[0], where="mid", color=plots.TEXT_COLOR, label="target")
above.plot(time, learnt[0](new)[0], **plots.style_of("LSTM"), label="LSTM(1)")
draw_gates(below, time, learnt[0].record(new[:1])[0])
for ax, name in ((above, "number"), (below, "gate")):
    ax.set_ylabel(name)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize="small")
# sphinx_gallery_start_ignore
for step in time[marked]:
    below.axvline(step, **plots.MARK_LINE)
plots.describe(
    fig,
    f"The forget gate falls at marks, to {at_marks:.2f} on average over all "
    f"new streams, and stands at {between:.2f} between them.",
)
swings = moves[moves.index.str.startswith("forget")]
assert (swings["at marks"] < 0.5).all() and (swings["between"] > 0.9).all()
assert swings["range"].min() > 0.5 > 10 * most, (
    "the page says: most of the way"
)
writes = moves[moves.index.str.startswith("input")]
assert (writes["at marks"] > writes["between"] + 0.1).all()
# sphinx_gallery_end_ignore

# %%
# With every seed the forget gate drops at a mark and stays open between marks,
# and the input gate is wider open at marks than between them. This was learnt
# from the targets alone. The same kind of cell moves its forget gate most of
# the way from end to end where the task requires it.
#
# What to remember
# ----------------
#
# - Gates *can* open and shut. Whether they do is to be looked up, not assumed:
#   it takes a few lines.
# - On the price, training left the gates about where Keras initialised them.
#   Without their movement the forecast is nearly the same curve.
# - That is a finding about this network on this series, trained like this,
#   once and with one seed. A scaled price moves little from day to day, and
#   nothing in it says "write now" as a mark does. It says nothing against
#   gates.
# - To learn what a part does, fix it and see what is lost.
#
# The equations of the cell are in :doc:`/learn/lstm`.
#
# **Sources.** Hochreiter and Schmidhuber (1997), *Long short-term memory*,
# Neural Computation 9(8); Gers, Schmidhuber and Cummins (2000), *Learning to
# forget*, Neural Computation 12(10); Karpathy, Johnson and Fei-Fei (2015),
# *Visualizing and understanding recurrent networks*, arXiv:1506.02078, who
# count how often gates are wide open or shut.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
