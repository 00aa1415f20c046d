"""
Past the last day
=================

So far every forecast had its answer in the file. What people ask for is the
one that has none: the days after the last. Small networks, taught on all years
there are, run free from the last window, each with another seed; and beside
them stands the one to beat, the last price, held, with a fan of what prices
have done in as many days before.

A forecast of the future has no score yet. The same procedure has one if it is
gone through a year earlier, where the answers are known. A good score would
be an error below that of the price held and, for a fan that promises to hold
eight days in ten, eight days in ten.
"""

# %%
# A year earlier
# --------------
#
# We stand before the test year and know only the years before it. Then we
# stand on the next day, and the next, and look ahead each time over 60 trading
# days, about a quarter of a year. ``begin`` says on which day the look ahead
# begins; ``seen`` are the last days before, ``truth`` those that came.

# sphinx_gallery_thumbnail_number = 4
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

import rnnedu

DAYS, AHEAD = 10, 60
prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=DAYS)
print(rnnedu.provenance_line(prices))

train, test = windows.train.to_numpy(), windows.test.to_numpy()
both = np.concatenate([train, test])
begin = np.arange(len(train), len(both) - AHEAD + 1)
seen = sliding_window_view(both, DAYS)[begin - DAYS]  # (starts, DAYS)
truth = sliding_window_view(both, AHEAD)[begin]  # (starts, AHEAD)
held = seen[:, -1:]  # (starts, 1)
print(f"{len(begin)} starts in {windows.test_year}, {AHEAD} days ahead each")
print(f"stretches that share no day: {len(test) // AHEAD}")

# sphinx_gallery_start_ignore
assert np.array_equal(seen[0], train[-DAYS:]) and truth[0, 0] == test[0]
assert truth[-1, -1] == test[-1] and len(begin) > 100
# sphinx_gallery_end_ignore

# %%
# Neighbouring starts share nearly all of their days. However many they are,
# they hold little more than the few stretches of the last line.
#
# Nine networks
# -------------
#
# A GRU of 16 units that reads ten days and answers with the next one. It is
# built and compiled once; for each seed it gets fresh weights, and the
# optimiser forgets what it has seen.

import keras

SEEDS = range(9)
model = keras.Sequential(
    [keras.Input((DAYS, 1)), keras.layers.GRU(16), keras.layers.Dense(1)]
)
model.compile(keras.optimizers.Adam(0.005), loss="mean_squared_error")

# %%
# The procedure, as a function of the prices that are known: scale them, cut
# them into windows, teach nine networks. It will be called twice, once for the
# test and once for the future, and so the test is one of the very procedure
# that is used. (For the future the networks are taught up to the last day. In
# the test they stay as they were at the year's beginning, for starts late in
# the year as well.) What is kept of a network is its cell, as ``rnnedu.cells``
# has it.

from rnnedu import cells


def teach(known):
    """Networks by seed, taught on all windows of the known prices."""
    low, width = known.min(), np.ptp(known)
    scaled = ((known - low) / width).astype("float32")
    pairs = sliding_window_view(scaled, DAYS + 1)
    X, y = pairs[:, :DAYS, None], pairs[:, DAYS]
    taught = []
    with rnnedu.native_loops(model):  # the same training, in a faster loop
        for seed in SEEDS:
            rnnedu.start_anew(model, seed)
            model.fit(X, y, epochs=5, batch_size=128, verbose=0)
            gru, dense = model.layers
            taught.append((*cells.from_keras(gru), *dense.get_weights()))
    return low, width, taught


# %%
# To run free is to take one's own answers for prices: each becomes the newest
# day of the next window.


def run_free(networks, seen):
    """Dollars (seeds, starts, AHEAD), from windows (starts, DAYS)."""
    low, width, taught = networks
    paths = []
    for step, weights, kernel, bias in taught:
        window, path = (seen - low) / width, []
        for _ in range(AHEAD):
            h = cells.run(step, window[:, :, None], weights)["h"][:, -1]
            price = h @ kernel + bias  # (starts, 1)
            window = np.concatenate([window[:, 1:], price], axis=1)
            path.append(price[:, 0])
        paths.append(low + width * np.array(path).T)
    return np.array(paths)


networks = teach(train)
dreamt = run_free(networks, seen)

# sphinx_gallery_start_ignore
by_keras = (seen[:3] - networks[0]) / networks[1]
for _ in range(3):  # the last seed's weights are still in the model
    said = np.asarray(model(by_keras[:, -DAYS:, None].astype("float32")))
    by_keras = np.concatenate([by_keras, said], axis=1)
said = networks[0] + networks[1] * by_keras[:, -3:]
assert np.abs(said - dreamt[-1, :3, :3]).max() < 1e-2, "Keras says the same"
# sphinx_gallery_end_ignore

# %%
# The score of the lines
# ----------------------
#
# All starts and all days ahead in one number. Yesterday's price stands in the
# first row and shows what it would be worth to see each new day; nobody who
# looks past the last day does. The price held is the one to beat, and skill
# is measured against it. The best and the worst seed can be named only
# afterwards.

import pandas as pd


def error(forecast):
    return np.sqrt(np.mean((forecast - truth) ** 2))


by_seed = np.array([error(path) for path in dreamt])
table = {
    "yesterday's price": error(both[begin[:, None] + np.arange(AHEAD) - 1]),
    "last price, held": error(held),
    "mean of the seeds": error(dreamt.mean(axis=0)),
    "best seed": by_seed.min(),
    "worst seed": by_seed.max(),
}
scores = pd.DataFrame({"RMSE in dollars": table})
scores["skill"] = 1 - scores / table["last price, held"]

# sphinx_gallery_start_ignore
better = int((by_seed < table["last price, held"]).sum())
assert table["mean of the seeds"] > table["last price, held"], "it loses"
assert better < len(by_seed) / 2, "the page says that most lose"
# sphinx_gallery_end_ignore
scores.round(2)

# %%
# The mean of the seeds loses, and so do most of them alone, if not all. In
# this year a line drawn by such a network was mostly worth less than a flat
# one.
#
# Two fans
# --------
#
# **The fan of the seeds** reaches from the lowest of the nine lines to the
# highest. What would it promise, if the truth were a draw like them? Of ten
# such draws each is as likely to be the lowest as any other, or the highest.
# So the tenth would lie outside the range of the nine in two cases of ten.
#
# **The fan of past moves** knows no network. For each number of days ahead it
# takes all moves over as many days in the years that are known, as shares of
# the price, and cuts off the lowest and the highest tenth. That promises eight
# in ten as well, if the days to come are like those that were.

ahead = np.arange(1, AHEAD + 1)


def past_moves(known):
    """Shares (2, AHEAD): the lower and the upper edge, by days ahead."""
    moves = [known[days:] / known[:-days] - 1 for days in ahead]
    return np.array([np.quantile(each, [0.1, 0.9]) for each in moves]).T


lower, upper = past_moves(train)
fans = {
    "past moves": (held * (1 + lower), held * (1 + upper)),
    "seeds": (dreamt.min(axis=0), dreamt.max(axis=0)),
}

# %%
# Both are drawn in the same way here and for the future.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.rcParams.update(plots.LOOK | {"date.converter": "concise"})
COLORS = {"past moves": "#cc79a7", "seeds": "#d55e00"}
HELD = plots.STYLES["last training price, held"]


def draw_fans(ax, days, edges, lines, flat):
    for name, (low, high) in edges.items():
        color = COLORS[name]
        ax.fill_between(days, low, high, color=color, alpha=0.2, label=name)
    ax.plot(days, lines.T, color=COLORS["seeds"], linewidth=0.8)
    ax.plot(days, np.full(AHEAD, flat), **HELD, label="last price, held")
    ax.set(xlabel="day", ylabel="High in dollars")
    ax.legend(loc="upper left", ncols=2)


# %%
# This is how it looked on the eve of the test year, with the days that came.

before, after = windows.train[-60:], windows.test[:AHEAD]
edges = {name: (low[0], high[0]) for name, (low, high) in fans.items()}
inside = {
    n: np.mean((low < after) & (after < high))
    for n, (low, high) in edges.items()
}
fig, ax = plt.subplots()
ax.plot(pd.concat([before, after]), **plots.STYLES["true price"])
draw_fans(ax, after.index, edges, dreamt[:, 0], held[0, 0])
title = ax.set_title(
    f"Of the first {AHEAD} days past moves held {inside['past moves']:.0%}, "
    f"seeds {inside['seeds']:.0%}"
)
# sphinx_gallery_start_ignore
fig.set_label(
    "The price of 60 days before the test year and of its first "
    f"{AHEAD} days, over a wide fan of past moves around the last price and "
    "nine lines of networks. The fan of past moves holds "
    f"{inside['past moves']:.0%} of the days, the range of the nine lines "
    f"{inside['seeds']:.0%}."
)
# sphinx_gallery_end_ignore

# %%
# Was the promise kept?
# ---------------------
#
# One start says little. The share of days that lie in a fan is its
# **coverage**. Here it is for all starts, by days ahead.

coverage = {
    name: ((low <= truth) & (truth <= high)).mean(axis=0)
    for name, (low, high) in fans.items()
}
mean = {name: each.mean() for name, each in coverage.items()}
fig, ax = plt.subplots(figsize=(7.5, 3.4))
for (name, each), line in zip(coverage.items(), ("-", "-."), strict=True):
    ax.plot(ahead, each, color=COLORS[name], linestyle=line, label=name)
ax.axhline(0.8, color=plots.INK, linestyle=":", label="promised")
ax.set(xlabel="days ahead", ylabel="share of days held", ylim=(0, 1.02))
ax.yaxis.set_major_formatter("{x:.0%}")
ax.legend(loc="center right")
title = ax.set_title(
    f"Promised are {0.8:.0%}. Past moves held {mean['past moves']:.0%}, "
    f"seeds {mean['seeds']:.0%}"
)
# sphinx_gallery_start_ignore
assert max(mean["seeds"], coverage["seeds"][0]) < 0.6, (
    "the page says that the seeds break their promise"
)
assert mean["past moves"] > mean["seeds"] + 0.2, "the page says: far nearer"
assert abs(mean["past moves"] - 0.8) < abs(mean["seeds"] - 0.8)
fig.set_label(
    "Share of days that each fan held, by days ahead, with a dotted line at "
    f"the promised {0.8:.0%}. Past moves: {coverage['past moves'][0]:.0%} a "
    f"day ahead and {coverage['past moves'][-1]:.0%} after {AHEAD} days; "
    f"seeds: {coverage['seeds'][0]:.0%} and {coverage['seeds'][-1]:.0%}."
)
# sphinx_gallery_end_ignore

# %%
# The seeds break the promise by far, from the first day on. They were never
# draws of the future. They are nine answers to one question about the same
# prices, and what sets them apart is chance in the weights they began with and
# in the order of their lessons. If they agree, they may agree on what is
# wrong. None of them adds what a price adds each day: something new.
#
# The fan of past moves comes far nearer to its promise. But was that the fan,
# or the year? It needs no training, so it can be asked about every year that
# has some others before it, each time from those alone. Beside it we note how
# wild the year was: the spread of its daily moves, as a multiple of that of
# the years before.

table, wild = {}, {}
for year in np.unique(prices.index.year):
    known = prices.loc[prices.index.year < year, "High"].to_numpy(float)
    here = prices.loc[prices.index.year == year, "High"].to_numpy(float)
    if len(known) < 700 or len(here) < 2 * AHEAD:
        continue
    line = np.concatenate([known, here])
    days = np.arange(len(known), len(line) - AHEAD + 1)
    share = sliding_window_view(line, AHEAD)[days] / line[days - 1, None] - 1
    low, high = past_moves(known)
    table[int(year)] = ((low <= share) & (share <= high)).mean()
    wild[int(year)] = (
        np.diff(np.log(here)).std() / np.diff(np.log(known)).std()
    )
by_year = pd.Series(table)
goes_with = by_year.corr(pd.Series(wild))
print(f"correlation of coverage and wildness: {goes_with:.2f}")

# sphinx_gallery_start_ignore
assert abs(by_year[windows.test_year] - mean["past moves"]) < 1e-9
assert len(by_year) > 5
assert goes_with < -0.4, "the page says: less in wilder years"
# sphinx_gallery_end_ignore

# %%

fig, ax = plt.subplots(figsize=(7.5, 3))
ax.bar(by_year.index, by_year, color=COLORS["past moves"], width=0.6)
ax.axhline(0.8, color=plots.INK, linestyle=":", label="promised")
ax.set(xlabel="year", ylabel="share of days held", ylim=(0, 1.25))
ax.set_xticks(by_year.index)
ax.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1])
ax.yaxis.set_major_formatter("{x:.0%}")
ax.legend(loc="upper right")
title = ax.set_title(
    f"Past moves held {by_year.min():.0%} to {by_year.max():.0%} of the days "
    f"of a year, {by_year.mean():.0%} on the mean"
)
# sphinx_gallery_start_ignore
assert np.ptp(by_year) > 0.1, "the page says that it differs from year to year"
fig.set_label(
    "Bars of the share of days that the fan of past moves held, by year, with "
    f"a dotted line at the promised {0.8:.0%}: between {by_year.min():.0%} in "
    f"{by_year.idxmin()} and {by_year.max():.0%} in {by_year.idxmax()}."
)
# sphinx_gallery_end_ignore

# %%
# The wilder a year is, measured by those before it, the less of it the fan
# holds: that is what the negative correlation says. A fan of past moves can be
# right on the mean of many years, if the years ahead are no wilder than those
# it was made from. And part of what we see is chance: a year has only a few
# stretches of that length that share no day.
#
# The days that have no answer
# ----------------------------
#
# Now the procedure moves to the end of the file. The networks are taught anew,
# on all days there are, since the latest ones are the last we would want to
# leave out. With that the test days are used up. The scores of this page
# remain those of the procedure; the nine new networks have none of their own.
#
# The dates are the weekdays after the last day. Holidays of the exchange are
# not known here, so dates may be some days early.

every = prices["High"].astype(float)
last = every.iloc[-1]
future = pd.bdate_range(every.index[-1] + pd.Timedelta(days=1), periods=AHEAD)
lines = run_free(teach(every.to_numpy()), every.to_numpy()[None, -DAYS:])[:, 0]
moves = past_moves(every.to_numpy())
edges = {
    "past moves": tuple(last * (1 + moves)),
    "seeds": (lines.min(axis=0), lines.max(axis=0)),
}

# sphinx_gallery_start_ignore
assert future[0] > every.index[-1] and len(future) == AHEAD
assert future.day_of_week.max() < 5, "the page says: weekdays"
# sphinx_gallery_end_ignore

# %%

span = {name: high[-1] - low[-1] for name, (low, high) in edges.items()}
fig, ax = plt.subplots()
ax.plot(every[-90:], **plots.STYLES["true price"])
draw_fans(ax, future, edges, lines, last)
title = ax.set_title(
    f"After {AHEAD} days past moves span {span['past moves']:.0f} dollars, "
    f"nine seeds {span['seeds']:.0f}"
)
# sphinx_gallery_start_ignore
fig.set_label(
    f"The last 90 days of the file and, from {future[0]:%d %B %Y} to "
    f"{future[-1]:%d %B %Y}, a flat line at {last:.0f} dollars with a fan of "
    f"past moves, {span['past moves']:.0f} dollars wide at its end, and nine "
    f"lines of networks that end between {edges['seeds'][0][-1]:.0f} and "
    f"{edges['seeds'][1][-1]:.0f} dollars."
)
# sphinx_gallery_end_ignore

# %%
# In numbers, for some of the days:

some = [0, 19, AHEAD - 1]
print(f"{every.index[-1]:%Y-%m-%d}, the last day: {last:.2f} dollars")
print(
    pd.DataFrame(
        {
            "held": last,
            "past moves from": edges["past moves"][0][some],
            "to": edges["past moves"][1][some],
            "seeds from": edges["seeds"][0][some],
            "to ": edges["seeds"][1][some],
        },
        index=[f"{day:%Y-%m-%d}" for day in future[some]],
    )
    .round(2)
    .to_string()
)

# %%
# The flat line is the forecast, and the fan of past moves says how little it
# knows. The nine lines are shown because they are what one gets from a
# network; the width of their fan says how much depends on the seed. It may be
# narrower than the other fan or wider. It means something else.
#
# What to remember
# ----------------
#
# - Past the last day there is no score. Test the procedure where the answers
#   are known, then fit once more on everything.
# - The forecast to beat is the last price, held, with a range made of past
#   moves. A range makes a promise that can be checked; a line makes none.
# - A fan of seeds is a fan of networks. That of the future is another one.
# - Coverage in one year is one draw. Look at many.
#
# **On your own.** Give the networks a fan that is meant for the future:
# collect their errors by days ahead in a year they were not taught on, and put
# the quantiles of these around their mean. Is it narrower than the fan of past
# moves? The end of :doc:`/learn/forecasting` does the like one day
# ahead.
#
# **Sources.** Tashman (2000), *Out-of-sample tests of forecasting accuracy*,
# International Journal of Forecasting 16(4), on looking ahead from many
# starts; Christoffersen (1998), *Evaluating interval forecasts*, International
# Economic Review 39(4); Lakshminarayanan, Pritzel and Blundell (2017),
# arXiv:1612.01474, on what networks of several seeds can say about doubt.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
