"""
Open, High, Low, Close and Volume
=================================

The source notebook looks at one column, *High*. Each day of the file has four
more: the first price, the lowest, the last, and how many shares changed hands.
Does a network forecast the next day's High better if it may see them all?

A small LSTM reads ten days of all five columns and forecasts the change of
High. Persistence, yesterday's price, is the one to beat; the same network on
High alone shows what the other columns add; and a linear model of yesterday's
five values shows whether it takes a network. A good score is below all three.
"""

# %%
# Five columns, filled and scaled
# -------------------------------
#
# A missing value is **filled forward**: the value of the day before stands in
# for it. Filling it with the mean of both neighbours would let a day know its
# tomorrow.

# sphinx_gallery_thumbnail_number = 1
import numpy as np
import pandas as pd

import rnnedu

COLUMNS = ["Open", "High", "Low", "Close", "Volume"]
prices = rnnedu.load_ibm()
print(rnnedu.describe_source(prices))
windows = rnnedu.make_windows(prices, column="High", lookback=10)
print(f"test year {windows.test_year}")
past, days = windows.train_prices.index, windows.test_prices.index

print("missing:", prices[COLUMNS].isna().sum().to_dict())
table = prices[COLUMNS].ffill().loc[past[0] : days[-1]]

# sphinx_gallery_start_ignore
assert not table.isna().any(axis=None), "nothing is missing at the start"
assert table.index.equals(past.append(days))
# sphinx_gallery_end_ignore

# %%
# Dollars and millions of shares cannot stand side by side in one network, so
# each column is scaled by itself: less its mean, divided by its standard
# deviation, both of the training years alone. This is how far the columns then
# reach in those years, in standard deviations.


def scaled(columns):
    known = columns.loc[past]
    return (columns - known.mean()) / known.std()


levels = scaled(table)
change = table["High"].diff()
usual = change[past].std()  # the target is scaled as well
levels.loc[past].agg(["min", "max"]).round(2)

# %%
# The baselines
# -------------
#
# First without any network. Persistence needs nothing. Yesterday's *Close*,
# plus how far the next High lay above it in the training years on average, is
# a later price and so a sharper baseline (see *Predicting the change, not the
# price*). The **linear model** adds up yesterday's five values, each times a
# weight, plus a constant. Its weights have the smallest sum of squared errors
# in the training years: this is **linear regression**.

yesterday = rnnedu.persistence_forecast(windows)


def linear_forecast(columns):
    A = columns.shift(1).assign(constant=1.0)
    weights = np.linalg.lstsq(A.loc[past[1:]], change[past[1:]], rcond=None)[0]
    return yesterday + A.loc[days] @ weights


later = (table["High"] - table["Close"].shift(1))[past].mean()
simple = {
    "yesterday's Close, moved": table["Close"].shift(1)[days] + later,
    "linear model": linear_forecast(levels),
}
simple_scores = rnnedu.score_table(windows, simple)
# sphinx_gallery_start_ignore
line = simple_scores.loc["linear model", "skill"]
assert line > 0.05, "the page says that the linear model beats persistence"
moved = simple_scores.loc["yesterday's Close, moved", "skill"]
assert abs(line - moved) < 0.03
# sphinx_gallery_end_ignore

simple_scores.round(3)

# %%
# The linear model does beat persistence, and hardly differs from the Close
# with a constant. So there is something in the columns. Will a network find
# it?
#
# The network
# -----------
#
# An LSTM of 8 units and a weighted sum. It is given windows
# ``(batch, time, features)``, where the features are the columns.


def cut(columns):
    """Windows of 10 days, each of them before the day it is to forecast."""
    view = np.lib.stride_tricks.sliding_window_view
    rows = columns.to_numpy(dtype="float32")
    X = view(rows, windows.lookback, axis=0)[:-1].transpose(0, 2, 1)
    return X[: -len(days)], X[-len(days) :]


y = (change / usual)[past[windows.lookback :]].to_numpy(dtype="float32")
X, X_new = cut(levels)
print(f"training windows {X.shape}, targets {y.shape}, test {X_new.shape}")

# sphinx_gallery_start_ignore
assert len(X) == len(y)
assert np.allclose(
    X_new[:, -1, 1], levels["High"].shift(1)[days], atol=1e-5
), "the last day of a window is yesterday"
assert np.allclose(X[0, -1], levels.iloc[windows.lookback - 1], atol=1e-5)
# sphinx_gallery_end_ignore

# %%
# It is trained from several seeds, in a few passes.

import keras

SEEDS = range(3)


def build_network(features):
    layers = [keras.layers.LSTM(8), keras.layers.Dense(1)]
    shape = (windows.lookback, features)
    model = keras.Sequential([keras.Input(shape), *layers])
    model.compile(keras.optimizers.Adam(0.005), loss="mean_squared_error")
    return model


def predict(network, X_new):
    """Changes of the High in dollars."""
    return np.asarray(network(X_new))[:, 0] * usual


# %%
# As they stand in the file
# -------------------------
#
# One network sees High, the other all five columns, as scaled above. One row
# is one seed.

runs = {}


def try_out(name, columns):
    """Train from each seed; keep the forecasts, and return the networks."""
    X, X_new = cut(columns)
    model = build_network(X.shape[-1])
    plan = {"epochs": 6, "batch_size": 128}
    networks, _ = rnnedu.fit_seeds(model, X, y, SEEDS, **plan)
    for seed, network in zip(SEEDS, networks, strict=True):
        runs[f"{name}, seed {seed}"] = yesterday + predict(network, X_new)
    return networks


for name, columns in (("High", levels[["High"]]), ("five columns", levels)):
    try_out(name, columns)
level_scores = rnnedu.score_table(windows, simple | runs)
# sphinx_gallery_start_ignore
assert level_scores["skill"].iloc[3:].max() < line / 2, "it says: they miss it"
# sphinx_gallery_end_ignore

level_scores.round(3)

# %%
# The linear model found something in yesterday's five values, and the network,
# which was shown the same five, missed it in this training. Why?
#
# A small signal in large columns
# -------------------------------
#
# What helps is how far the Close lies below the High. But scaling has measured
# each column by the width of all its years, and beside that a day's gap is
# next to nothing. Least squares takes the difference of two nearly equal
# numbers without effort: it computes the best weights at once. A network that
# moves its weights in small steps has to build the difference first.

gap = table["Close"] - table["High"]
for form, values in (("levels", table), ("changes", table.diff())):
    close, high = values.loc[past, "Close"], values.loc[past, "High"]
    spread = (close - high).std() / high.std()
    print(f"{form}: Close and High correlate at {close.corr(high):.4f},")
    print(f"   their difference spreads {spread:.0%} as wide as High")

# sphinx_gallery_start_ignore
assert gap[past].std() < 0.1 * table["High"][past].std(), "next to nothing"
assert gap.diff()[past].std() > 0.3 * table["High"].diff()[past].std()
assert (
    table["Close"][past].corr(table["High"][past])
    > table["Close"].diff()[past].corr(change[past]) + 0.05
)
# sphinx_gallery_end_ignore

# %%
# Written as changes
# ------------------
#
# So we write each column as its change from the day before, scaled by itself
# as before. Nothing is added. What the gap moves by now stands out, and the
# same network, training and seeds are tried again.

changes = scaled(table.diff().fillna(0.0))
try_out("change of High", changes[["High"]])
networks = try_out("five changes", changes)

scores = rnnedu.score_table(windows, simple | runs)
of_seeds = scores.groupby(lambda row: row.split(", seed")[0], sort=False)
summary = of_seeds["RMSE"].agg(["mean", "min", "max"]).add_prefix("RMSE, ")
summary["skill, mean"] = of_seeds["skill"].mean()
summary.round(3)

# %%
# Here is a dot for each seed.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.style.use(plots.STYLE)
skill = summary["skill, mean"]
base, line, found = skill[["persistence", "linear model", "five changes"]]
names = summary.index[3:]
dots = {f"LSTM on {n}": of_seeds.get_group(n)["skill"] for n in names}

fig, ax = plots.figure(
    f"Five changes bring {found:.3f}, the linear model has {line:.3f}",
    alt="Skill against persistence, a dot per seed, a row per input.",
    height=3.2,
    xlabel="skill (dotted: persistence; dashed: linear model)",
)
plots.draw_runs(ax, dots)
plots.draw_baseline(ax, base, vertical=True)
plots.draw_baseline(ax, line, "linear model", vertical=True)

# sphinx_gallery_start_ignore
ranges = [f"{n} {e.min():.3f} to {e.max():.3f}" for n, e in dots.items()]
plots.describe(fig, f"Ranges of the rows: {'; '.join(ranges)}.")
least = of_seeds["skill"].min()
most = of_seeds["skill"].max()
assert least["five changes"] > 0.04, "the page says: every seed finds it"
assert least["five changes"] > most[names[:3]].max() + 0.02
assert most["change of High"] < 0.03, "the page says: the other columns"
assert skill["five changes"] < line + 0.01, "it says: no gain over it"
# sphinx_gallery_end_ignore

# %%
# The other columns do carry something, as High alone gets next to nothing in
# either form. How they are written decides whether this network finds it. And
# what it finds, the linear model had already, from one day instead of ten and
# without a single gradient step.
#
# Which columns carry it?
# -----------------------
#
# There are two ways to ask. From the linear model we leave a column out and
# fit it again: how much larger is the error? For the network we **permute** a
# column: its ten days are moved to another test window at random, so that they
# still look the same but belong to another day. We do so ten times for each
# column and each network, in one long batch.

rng = np.random.default_rng(0)
truth, (_, X_changes) = windows.test_prices, cut(changes)
left_out = {
    name: rnnedu.rmse(truth, linear_forecast(levels.drop(columns=name)))
    for name in COLUMNS
}
permuted = np.tile(X_changes, (len(COLUMNS), 10, 1, 1, 1))
for column, copies in enumerate(permuted):
    for copy in copies:
        order = rng.permutation(len(copy))
        copy[:, :, column] = X_changes[order, :, column]

# %%
# The errors of the permuted windows are averaged over permutations, for each
# network, and then over networks.

batch = permuted.reshape(-1, *X_changes.shape[1:])
moves = np.stack([predict(network, batch) for network in networks])
by_copy = moves.reshape(-1, *permuted.shape[:3])
error = by_copy + (yesterday - truth).to_numpy()
of_column = np.sqrt((error**2).mean(axis=-1)).mean(axis=(0, 2))

whole = summary["RMSE, mean"]
cost = pd.DataFrame(
    {
        "linear model, left out": pd.Series(left_out) - whole["linear model"],
        "LSTM, permuted": of_column - whole["five changes"],
    },
    index=COLUMNS,
)
cost.round(3)

# %%
# The two lists as bars. Each panel has a scale of its own.

first, second = cost.idxmax()
fig, axes = plots.figure(
    f"Left out, {first} costs most; permuted, {second} costs most",
    alt="Bars of the RMSE in dollars that is added, a row per column.",
    columns=2,
    height=3,
    ylabel="column",
    share="y",
)
colors = (plots.GREY, plots.BLUE)
for ax, (name, each), color in zip(axes, cost.items(), colors, strict=True):
    bars = ax.barh(each.index, each, color=color, height=0.6)
    ax.bar_label(bars, fmt="%+.3f", padding=3, fontsize="small")
    ax.axvline(0, **plots.AXIS_LINE)
    ax.margins(x=0.25)
    ax.grid(visible=False)
    ax.set_xlabel(f"RMSE added, dollars\n({name})")
axes[0].invert_yaxis()

# sphinx_gallery_start_ignore
for name, each in cost.items():
    values = ", ".join(f"{column} {v:+.3f}" for column, v in each.items())
    plots.describe(fig, f"The panel {name}: {values}.")
assert (cost.idxmax() == "Close").all(), (
    "the page says that the Close carries it"
)
assert cost.loc["Volume"].abs().max() < 0.03, "it says: Volume hardly counts"
# sphinx_gallery_end_ignore

# %%
# The Close carries it, in both. Volume hardly counts. The bars of the two
# panels are not to be compared with each other: a column that is left out is
# gone, and the rest may step in for it, while one that is permuted tells the
# network lies. Nor do bars add up to a whole, as a shuffled High beside a true
# Close makes days that never were. They rank columns, no more.
#
# How much is left with two columns?

pair = {
    "linear model, High and Close": linear_forecast(levels[["High", "Close"]])
}
pair_scores = rnnedu.score_table(windows, simple | pair)
skills = pair_scores["skill"]
share = skills["linear model, High and Close"] / skills["linear model"]
print(f"two columns keep {share:.0%} of the skill of five")

# sphinx_gallery_start_ignore
assert share > 0.75, "the page says: most of it"
# sphinx_gallery_end_ignore

pair_scores.round(3)

# %%
# Most of it, and the Close with a constant is about as good. The skill comes
# mostly from one fact: the Close is a later price than the High.
#
# What to remember
# ----------------
#
# - More columns can carry more. Measure it against the same network without
#   them, and against a linear model of the same values.
# - This network did not see what scaling had made small. Here changes helped,
#   where levels hid the gap between two columns.
# - Leave a column out, or permute it, before saying what a forecast lives on.
# - A network that finds what a linear model had found is no reason to prefer
#   the network. And a skill for the High is not yet a profit: see *Predicting
#   the change, not the price*.
#
# To try: train on levels for ten times as many passes. How near does the
# network come to the linear model, and with every seed?
#
# **Sources.** Breiman (2001), *Random forests*, Machine Learning 45(1), and
# Fisher, Rudin and Dominici (2019), Journal of Machine Learning Research
# 20(177), arXiv:1801.01489, for permuting a column; Hewamalage, Ackermann and
# Bergmeir (2023), *Forecast evaluation for data scientists*, Data Mining and
# Knowledge Discovery 37, for baselines. More on scaling and leaks:
# :doc:`/learn/time_series`.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
