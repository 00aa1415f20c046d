"""
What the gates do over a year
=============================

An LSTM is explained by its gates: they open to write, shut to forget. Do they?
We take the network that this gallery trained on IBM's price, which forecasts
the next day's *High* from 60 days, and write down each of its gates on each
day of the test year. Then we nail all of them fast and let it forecast again.

A good score is, as ever, one below that of yesterday's price. But the question
here is another one: how much of the forecast hangs on gates that move? For
contrast, a tiny LSTM learns a task in which it comes to rely on them: to
repeat the last marked number in a stream of noise. There, whoever always says
zero is the one to beat.
"""

# %%
# The network, before and after
# -----------------------------
#
# The trained network comes from the cache if it is there. The same seed draws
# the weights that it began with, so we have the network before training too.
# Both will read the test year as one long sequence of scaled prices. The last
# 60 days of training go ahead of it, so that the states have left zero when
# the year begins.

# sphinx_gallery_thumbnail_number = 3
import rnnedu  # before keras: it keeps TensorFlow's notes off the terminal

import keras
import numpy as np

prices = rnnedu.load_ibm()
print(rnnedu.provenance_line(prices))
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(f"test year {windows.test_year}")

trained = rnnedu.train("lstm", windows, seed=0).model
keras.utils.set_random_seed(0)
untrained = rnnedu.build("lstm", lookback=60)

run_in = windows.X_test[0, :, 0]
year = np.concatenate([run_in, windows.y_test])[None, :, None]
print(f"(batch, time, features): {year.shape}")

# sphinx_gallery_start_ignore
assert year.shape == (1, 60 + len(windows.test), 1)
assert np.allclose(
    windows.to_dollars(run_in), windows.train.iloc[-60:], atol=1e-3
), "the page says: the last 60 days of training"
# sphinx_gallery_end_ignore

# %%
# Reading the gates
# -----------------
#
# Keras hands out a layer's output and keeps the gates to itself. The
# textbook's step in ``rnnedu.cells`` returns everything it computes. We copy
# the weights over and run it, layer upon layer: each reads the outputs of the
# one below. A **trace** holds all gates and states of a layer, day by day.

from rnnedu import cells


def lstm_layers(model):
    kind = keras.layers.LSTM
    return [layer for layer in model.layers if isinstance(layer, kind)]


def traces_of(model, reads):
    traces = []
    for layer in lstm_layers(model):
        step, weights = cells.from_keras(layer)
        traces.append(cells.run(step, reads, weights))
        reads = traces[-1]["h"]
    return traces


after, before = traces_of(trained, year), traces_of(untrained, year)

# %%
# Are these the gates of the Keras network, or of something like it? Each layer
# is given the same sequence in Keras and in the textbook's code, and the
# largest difference between the outputs is kept. Here is the worst of the
# four.

reads = [year] + [trace["h"] for trace in after[:-1]]
badges = [
    cells.parity(layer, x)
    for layer, x in zip(lstm_layers(trained), reads, strict=True)
]

# sphinx_gallery_start_ignore
assert all(badge.difference < 1e-5 for badge in badges), (
    "the page takes them for the same"
)
# sphinx_gallery_end_ignore

max(badges, key=lambda badge: badge.difference)

# %%
# Where they stand, and how far they move
# ---------------------------------------
#
# Keras starts the forget gate's bias at 1 and the two others at 0. A gate that
# is given nothing else then stands at the **sigmoid** of 1, or of 0: the curve
# that takes any number to between 0 and 1. The table has, for each gate, its
# mean over the year and all units; the furthest that any unit's own mean is
# from this start; and the widest range that one unit covers in the year,
# before and after training.

import pandas as pd

GATES = {"f": "forget", "i": "input", "o": "output"}
START = {gate: cells.sigmoid(float(gate == "f")) for gate in GATES}
rows = {}
for k, (old, new) in enumerate(zip(before, after, strict=True), start=1):
    for gate, name in GATES.items():
        was, now = old[gate][0, 60:], new[gate][0, 60:]  # (days, units)
        rows[f"layer {k}, {name}"] = {
            "start": START[gate],
            "mean": now.mean(),
            "furthest off": np.abs(now.mean(axis=0) - START[gate]).max(),
            "widest, before": np.ptp(was, axis=0).max(),
            "widest, after": np.ptp(now, axis=0).max(),
        }
table = pd.DataFrame(rows).T
table.round(3)

# %%
# Drawn, with the price above them: a line is the mean of a layer's 50 units, a
# band their range, dotted lines the start.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.rcParams.update(plots.LOOK)
LOOKS = {"f": ("#0072b2", "-"), "i": ("#d55e00", "--"), "o": ("#009e73", "-.")}


def draw_gates(ax, axis, trace):
    for gate, (color, line) in LOOKS.items():
        units = trace[gate][0, -len(axis) :]
        mean, low, high = units.mean(1), units.min(1), units.max(1)
        ax.fill_between(axis, low, high, color=color, alpha=0.2)
        ax.plot(axis, mean, color=color, linestyle=line, label=GATES[gate])


# %%

days, most = windows.test.index, table["widest, after"].max()
gates = 3 * sum(layer.units for layer in lstm_layers(trained))

fig, axes = plt.subplots(5, 1, figsize=(7.5, 7.5), sharex=True)
axes[0].plot(windows.test, **plots.STYLES["true price"])
axes[0].set_ylabel("High in dollars")
axes[0].set_title(f"Of {gates} gates, none moves by more than {most:.3f}")
for k, (ax, trace) in enumerate(zip(axes[1:], after, strict=True), start=1):
    draw_gates(ax, days, trace)
    for start in set(START.values()):
        ax.axhline(start, color=plots.INK, linestyle=":", linewidth=1)
    ax.set(ylim=(0, 1), ylabel=f"layer {k}:\ngates")
axes[1].legend(ncols=3, loc="lower left", fontsize="small")
axes[-1].set_xlabel("day")

# sphinx_gallery_start_ignore
fig.set_label(
    "The price of the test year above, and below it, for each of four layers, "
    "mean and range over 50 units of forget, input and output gate. All lines "
    f"are flat. The forget gates lie near {START['f']:.2f}, the others near "
    f"{START['i']:.2f}, where they started; the furthest mean of a unit is "
    f"{table['furthest off'].max():.2f} off."
)
assert most < 0.05, "the page says that they hardly move"
assert table["furthest off"].max() < 0.12, (
    "the page says: where Keras put them"
)
assert (table["mean"] - table["start"]).abs().max() < 0.04
assert (table["widest, after"] > table["widest, before"]).all()
assert table["widest, after"].max() < 0.06
# sphinx_gallery_end_ignore

# %%
# Training has widened the ranges of the table, from very small to small. The
# gates are still about where Keras put them. A forget gate that stays below 1
# forgets at a steady rate, whatever the price does. How fast?

keep = table.loc["layer 1, forget", "mean"]
half = np.log(0.5) / np.log(keep)
print(f"half of what the first layer writes is gone after {half:.1f} days")
print("(along the memory alone, by its mean forget gate)")

# sphinx_gallery_start_ignore
assert half < 5, "the page says: half is gone within days"
# sphinx_gallery_end_ignore

# %%
# Nailed fast
# -----------
#
# That a gate moves little does not prove that its movement is worth little. So
# we take it away. Each gate of each unit is held at its mean over a tenth of
# the training windows. All other weights stay as trained. What is left is a
# network without gates: every day it keeps the same share of its memory,
# writes the same share and shows the same share.


def nailed(means):
    def step(x, carried, w):
        h, c = carried["h"], carried["c"]
        g = np.tanh(x @ w.W["g"] + h @ w.U["g"] + w.b["g"])
        c = means["f"] * c + means["i"] * g
        return {"c": c, "h": means["o"] * np.tanh(c)}

    return step


def forecast_nailed(model, sample, reads):
    traces = traces_of(model, sample)
    for layer, trace in zip(lstm_layers(model), traces, strict=True):
        means = {gate: trace[gate].mean(axis=(0, 1)) for gate in GATES}
        weights = cells.from_keras(layer)[1]
        reads = cells.run(nailed(means), reads, weights)["h"]
    W, b = model.layers[-1].get_weights()
    return reads @ W + b  # (batch, time, 1)


# %%
# Its forecast of each test day, from the same 60 true prices:

said = forecast_nailed(trained, windows.X_train[::10], windows.X_test)[:, -1]
held = pd.Series(windows.to_dollars(said), days)
free = rnnedu.forecast_one_step(trained, windows)
scores = rnnedu.score_table(
    windows, {"LSTM": free, "LSTM, gates nailed": held}
)
gap = held - free
print(f"nailed minus free: {gap.mean():+.2f} dollars on average,")
print(f"and {gap.std():.2f} dollars about that average")
scores.round(2)

# %%
# The two curves are nearly the same.

figure = rnnedu.plot_forecasts(
    windows,
    {"LSTM": free, "LSTM, gates nailed": held},
    f"Gates nailed fast, the curve moves by {gap.abs().mean():.2f} dollars on "
    "average",
)

# sphinx_gallery_start_ignore
assert held.corr(free) > 0.999, "the page says: nearly the same"
assert gap.std() < 0.1 * scores.loc["LSTM", "RMSE"]
assert (scores["skill"].iloc[1:] < 0).all(), "the page says that both lose"
figure.axes[0].lines[-1].set(color="#56b4e9", linestyle=":", linewidth=2)
_ = figure.axes[0].legend()
# sphinx_gallery_end_ignore

# %%
# With gates or without, it loses to yesterday's price. On this series the
# network has not learnt *when* to write or to forget. What it does with the
# last days hardly needs moving gates.
#
# A task in which gates move
# --------------------------
#
# Now a stream of 30 numbers, drawn from minus one to one. About one in ten is
# marked, the first one always. On every day the answer is the number that was
# marked last. What comes between is noise and must not be written; what was
# written must be kept, then be dropped at the next mark.


def streams(n, rng, days=30):
    number = rng.uniform(-1, 1, size=(n, days))
    mark = rng.random((n, days)) < 0.1
    mark[:, 0] = True
    marked_day = np.where(mark, np.arange(days), 0)
    last = np.maximum.accumulate(marked_day, axis=1)
    answer = np.take_along_axis(number, last, axis=1)
    x = np.stack([number, mark], axis=-1)
    return x.astype("float32"), answer[..., None].astype("float32")


new, truth = streams(300, np.random.default_rng(100))
print(f"streams {new.shape}, answers {truth.shape}")

# %%
# One unit will do: one memory, and one gate of each kind. It is trained three
# times, with other streams and other first weights each time.


def learn(seed):
    x, answer = streams(500, np.random.default_rng(seed))
    keras.utils.set_random_seed(seed)
    layers = [
        keras.layers.LSTM(1, return_sequences=True),
        keras.layers.Dense(1),
    ]
    model = keras.Sequential([keras.Input((30, 2)), *layers])
    # Twenty steps at a call: the same training with less waiting between.
    optimizer = keras.optimizers.Adam(0.05)
    loss = "mean_squared_error"
    model.compile(optimizer, loss=loss, steps_per_execution=20)
    with rnnedu.native_loops(model):
        model.fit(x, answer, epochs=30, batch_size=25, verbose=0)
    return model, x


learnt = [learn(seed) for seed in range(3)]

# %%
# The same measurement: the error on new streams, with the gates free and with
# each held at its mean over the training streams. The two simple rules come
# first.


def off(said):
    return rnnedu.rmse(truth.ravel(), np.asarray(said).ravel())


errors = {"always zero": off(0 * truth), "today's number": off(new[..., 0])}
for seed, (model, x) in enumerate(learnt):
    errors[f"LSTM(1), seed {seed}"] = off(model(new))
    without = forecast_nailed(model, x, new)
    errors[f"LSTM(1), seed {seed}, gates nailed"] = off(without)

# sphinx_gallery_start_ignore
zero = errors["always zero"]
for row, error in errors.items():
    if "nailed" in row:
        assert error > 0.8 * zero, "the page says: hardly better, or worse"
    elif "LSTM" in row:
        assert error < zero / 4, "the page says that it has learnt the task"
# sphinx_gallery_end_ignore

pd.Series(errors).to_frame("RMSE").round(2)

# %%
# The network has learnt the task. Nailed fast, it is worse than its simple
# rule, or hardly better. So this network lives on gates that move. (Another,
# without gates, might do the task in another way.) These are their means at
# marks and between marks, and the range that each covers. (The first day is
# left out. It has no memory to forget.)

at, stands = new[:, 1:, 1] == 1, {}
for seed, (model, _) in enumerate(learnt):
    trace = traces_of(model, new)[0]
    for gate, name in GATES.items():
        values = trace[gate][:, 1:, 0]
        stands[f"{name}, seed {seed}"] = {
            "at marks": values[at].mean(),
            "between": values[~at].mean(),
            "range": np.ptp(values),
        }
stands = pd.DataFrame(stands).T
stands.round(2)

# %%
# One new stream, as the first of the three networks reads it:

model, axis = learnt[0][0], np.arange(1, 31)
number, marked = new[0, :, 0], new[0, :, 1] == 1
shut, kept = stands.loc["forget, seed 0", ["at marks", "between"]]
said, ink = np.asarray(model(new[:1]))[0, :, 0], plots.INK

fig, (above, below) = plt.subplots(2, 1, figsize=(7.5, 5), sharex=True)
above.plot(axis, number, "o", color="#767676", ms=4, label="number")
above.plot(axis[marked], number[marked], "s", color=ink, label="marked")
above.step(axis, truth[0], where="mid", color=ink, lw=1, label="answer")
above.plot(axis, said, **plots.STYLES["LSTM"], label="LSTM(1)")
draw_gates(below, axis, traces_of(model, new[:1])[0])
for day in axis[marked]:
    below.axvline(day, color=ink, linestyle=":", linewidth=1)
for ax in (above, below):
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize="small")
above.set(ylabel="number")
below.set(xlabel="day (dotted: marked)", ylabel="gate")
above.set_title(f"Forget gate: {shut:.2f} at marks, {kept:.2f} between them")

# sphinx_gallery_start_ignore
fig.set_label(
    "Above, thirty numbers of noise, the marked ones as squares; the answer "
    "is a staircase that changes at each mark, and the LSTM's line lies close "
    "to it. Below, its three gates: the forget gate falls at marks, to "
    f"{shut:.2f} on average over all new streams, and stands at {kept:.2f} "
    "between them."
)
swings = stands[stands.index.str.startswith("forget")]
assert (swings["at marks"] < 0.5).all() and (swings["between"] > 0.9).all()
assert swings["range"].min() > 0.5 > 10 * most, (
    "the page says: most of the way"
)
writes = stands[stands.index.str.startswith("input")]
assert (writes["at marks"] > writes["between"] + 0.1).all()
# sphinx_gallery_end_ignore

# %%
# With every seed the forget gate drops at a mark and stays open between marks,
# and the input gate is wider open at marks than between them. Nobody told them
# to. The same kind of cell moves its forget gate most of the way from end to
# end where the task asks for it.
#
# What to remember
# ----------------
#
# - Gates *can* open and shut. Whether they do is to be looked up, not assumed:
#   it takes a few lines.
# - On the price, training left the gates about where Keras started them.
#   Without their movement the forecast is nearly the same curve.
# - That is a finding about this network on this series, trained like this,
#   once and with one seed. A scaled price moves little from day to day, and
#   nothing in it says "write now" as a mark does. It says nothing against
#   gates.
# - To learn what a part does, hold it fast and see what is lost.
#
# The equations of the cell stand in :doc:`/learn/lstm`.
#
# **Sources.** Hochreiter and Schmidhuber (1997), *Long short-term memory*,
# Neural Computation 9(8); Gers, Schmidhuber and Cummins (2000), *Learning to
# forget*, Neural Computation 12(10); Karpathy, Johnson and Fei-Fei (2015),
# *Visualizing and understanding recurrent networks*, arXiv:1506.02078, who
# count how often gates are wide open or shut.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
