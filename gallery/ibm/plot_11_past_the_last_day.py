"""
Past the last day
=================

So far every forecast had its target in the file. What people ask for is the
one that has none: the days after the last. Small networks, trained on all
years there are, forecast recursively from the last window, each with another
seed. Beside them stands the one to beat: the last value, held, with a
**prediction interval** made of what prices have done in as many days before.

A forecast of the future has no score yet. The same procedure has one if it is
gone through a year earlier, where the targets are known. A good score would
be an error below that of the last value and, for an interval that is to cover
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
print(rnnedu.describe_source(prices))

train, test = windows.train_prices.to_numpy(), windows.test_prices.to_numpy()
both = windows.prices.to_numpy()
begin = np.arange(len(train), len(both) - AHEAD + 1)
seen = sliding_window_view(both, DAYS)[begin - DAYS]  # (starts, DAYS)
truth = sliding_window_view(both, AHEAD)[begin]  # (starts, AHEAD)
last_value = seen[:, -1:]  # (starts, 1)
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
# A GRU of 16 units that reads ten days and predicts the next one.

import keras

model = keras.Sequential(
    [keras.Input((DAYS, 1)), keras.layers.GRU(16), keras.layers.Dense(1)]
)
model.compile(keras.optimizers.Adam(0.005), loss="mean_squared_error")

# %%
# The procedure, as a function of the prices that are known: scale them, cut
# them into windows, train nine networks. It will be called twice, once for the
# test and once for the future, and so the test is one of the very procedure
# that is used. (For the future the networks are trained up to the last day. In
# the test they stay as they were at the year's beginning, for starts late in
# the year as well.)

from sklearn.preprocessing import MinMaxScaler


def train_on(known):
    """Train from nine seeds on all windows of the known prices."""
    scaler = MinMaxScaler().fit(known[:, None])
    scaled = scaler.transform(known[:, None])[:, 0].astype("float32")
    pairs = sliding_window_view(scaled, DAYS + 1)
    X, y = pairs[:, :DAYS, None], pairs[:, DAYS]
    networks, _ = rnnedu.fit_seeds(
        model, X, y, seeds=range(9), epochs=5, batch_size=128
    )
    return networks, scaler


# %%
# In a recursive forecast each prediction becomes the newest day of the next
# window. ``forecast_recursive`` does this from all starts at once. It takes
# from the windows how a price is unscaled, so they get the new scaling.

from dataclasses import replace

from rnnedu import cells


def run_free(networks, scaler, seen):
    """Dollars (seeds, starts, AHEAD), from windows (starts, DAYS)."""
    starts = scaler.transform(seen.reshape(-1, 1)).reshape(*seen.shape, 1)
    unscaling = replace(windows, scaler=scaler)
    options = {"steps": AHEAD, "start_windows": starts}
    copies = [cells.Network.from_keras(network) for network in networks]
    return np.array(
        [rnnedu.forecast_recursive(f, unscaling, **options) for f in copies]
    )


networks, scaler = train_on(train)
rollouts = run_free(networks, scaler, seen)

# sphinx_gallery_start_ignore
by_keras = scaler.transform(seen[:3].reshape(-1, 1)).reshape(3, -1)
for _ in range(3):
    window = by_keras[:, -DAYS:, None].astype("float32")
    by_keras = np.c_[by_keras, np.asarray(networks[-1](window))]
in_dollars = scaler.inverse_transform(by_keras[:, -3:])
assert np.abs(in_dollars - rollouts[-1, :3, :3]).max() < 1e-2, "as by Keras"
# sphinx_gallery_end_ignore

# %%
# The score of the networks
# -------------------------
#
# All starts and all days ahead in one number. Persistence, yesterday's price,
# stands in the first row and shows what it would be worth to see each new day;
# nobody who looks past the last day does. The last value held is the one to
# beat, and skill is measured against it. The best and the worst seed can be
# named only afterwards.

import pandas as pd


def error(forecast):
    return np.sqrt(np.mean((forecast - truth) ** 2))


by_seed = np.array([error(path) for path in rollouts])
errors = {
    "persistence": error(both[begin[:, None] + np.arange(AHEAD) - 1]),
    "last value held": error(last_value),
    "mean of the seeds": error(rollouts.mean(axis=0)),
    "best seed": by_seed.min(),
    "worst seed": by_seed.max(),
}
scores = pd.DataFrame({"RMSE in dollars": errors})
scores["skill"] = 1 - scores / errors["last value held"]

# sphinx_gallery_start_ignore
better = int((by_seed < errors["last value held"]).sum())
assert errors["mean of the seeds"] > errors["last value held"], "it loses"
assert better < len(by_seed) / 2, "the page says that most lose"
# sphinx_gallery_end_ignore
scores.round(2)

# %%
# The mean of the seeds loses, and so do most of them alone, if not all. In
# this year the forecast of such a network was mostly worth less than a flat
# line.
#
# Two intervals
# -------------
#
# **The interval of the seeds** reaches from the lowest of the nine forecasts
# to the highest. How much would it cover, if the truth were sampled like them?
# Of ten such samples each is as likely to be the lowest as any other, or the
# highest. So the tenth would lie outside the range of the nine in two cases of
# ten.
#
# **The interval of past moves** knows no network. For each number of days
# ahead it takes all moves over as many days in the years that are known, as
# shares of the price, and cuts off the lowest and the highest tenth. Its
# **nominal coverage** is eight in ten as well, and it is kept if the days to
# come are like those that were.

ahead = np.arange(1, AHEAD + 1)


def past_moves(known):
    """Shares (2, AHEAD): the lower and the upper edge, by days ahead."""
    moves = [known[k:] / known[:-k] - 1 for k in ahead]
    return np.array([np.quantile(each, [0.1, 0.9]) for each in moves]).T


lower, upper = past_moves(train)
intervals = {
    "past moves": (last_value * (1 + lower), last_value * (1 + upper)),
    "seeds": (rollouts.min(axis=0), rollouts.max(axis=0)),
}

# %%
# Both are drawn in the same way here and for the future.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.style.use(plots.STYLE)


def draw_intervals(ax, days, edges, paths, flat):
    for name, (low, high) in edges.items():
        ax.fill_between(days, low, high, alpha=0.2, label=name)
    ax.plot(days, paths.T, color="C1", **plots.THIN_LINE)
    flat_line = np.full(AHEAD, flat)
    held = "last value held"
    ax.plot(days, flat_line, **plots.style_of(held), label=held)
    ax.legend(loc="upper left", ncols=2)


# %%
# This is how it looked on the eve of the test year, with the days that came.

before, after = windows.train_prices[-60:], windows.test_prices[:AHEAD]
eve = {name: (low[0], high[0]) for name, (low, high) in intervals.items()}
inside = {
    name: np.mean((low < after) & (after < high))
    for name, (low, high) in eve.items()
}
fig, ax = plots.figure(
    f"Of the first {AHEAD} days past moves cover {inside['past moves']:.0%}, "
    f"the seeds {inside['seeds']:.0%}",
    alt=f"The price of 60 days before the test year and of its first {AHEAD} "
    "days, over a wide interval of past moves around the last value and nine "
    "forecasts of networks.",
    xlabel="day",
    ylabel="High in dollars",
)
ax.plot(pd.concat([before, after]), **plots.style_of("true price"))
draw_intervals(ax, after.index, eve, rollouts[:, 0], last_value[0, 0])
# sphinx_gallery_start_ignore
plots.describe(
    fig,
    f"The interval of past moves covers {inside['past moves']:.0%} of the "
    f"days, the range of the nine forecasts {inside['seeds']:.0%}.",
)
# sphinx_gallery_end_ignore

# %%
# The coverage of a year
# ----------------------
#
# One start says little. The share of days that lie in an interval is its
# **empirical coverage**. Here it is for all starts, by days ahead.

coverage = {
    name: ((low <= truth) & (truth <= high)).mean(axis=0)
    for name, (low, high) in intervals.items()
}
mean = {name: each.mean() for name, each in coverage.items()}
fig, ax = plots.figure(
    f"Nominal is {0.8:.0%}. Past moves cover {mean['past moves']:.0%}, "
    f"the seeds {mean['seeds']:.0%}",
    alt="Share of days that each interval covers, by days ahead.",
    height=3.4,
    xlabel="days ahead",
    ylabel="share of days covered",
    ylim=(0, 1.02),
)
plots.draw_baseline(ax, 0.8, "nominal coverage")
plots.draw_lines(ax, coverage)
ax.yaxis.set_major_formatter("{x:.0%}")
# sphinx_gallery_start_ignore
assert max(mean["seeds"], coverage["seeds"][0]) < 0.6, (
    "the page says that the seeds cover far less"
)
assert mean["past moves"] > mean["seeds"] + 0.2, "the page says: far nearer"
assert abs(mean["past moves"] - 0.8) < abs(mean["seeds"] - 0.8)
# sphinx_gallery_end_ignore

# %%
# The seeds cover far less than eight in ten, from the first day on. They were
# never samples of the future. They are nine predictions from the same prices,
# and what sets them apart is chance in their initial weights and in the order
# of their batches. If they agree, they may agree on what is wrong. None of
# them adds what a price adds each day: something new.
#
# The interval of past moves comes far nearer to its nominal coverage. But was
# that the interval, or the year? It needs no training, so it can be evaluated
# on every year that has some others before it, each time from those alone.
# Beside it we note how **volatile** the year was: the spread of its daily
# moves, as a multiple of that of the years before.

covered, volatility = {}, {}
for year in np.unique(prices.index.year):
    known = prices.loc[prices.index.year < year, "High"].to_numpy(float)
    here = prices.loc[prices.index.year == year, "High"].to_numpy(float)
    if len(known) < 700 or len(here) < 2 * AHEAD:
        continue
    joined = np.concatenate([known, here])
    starts = np.arange(len(known), len(joined) - AHEAD + 1)
    share = sliding_window_view(joined, AHEAD)[starts]
    share = share / joined[starts - 1, None] - 1
    low, high = past_moves(known)
    covered[int(year)] = ((low <= share) & (share <= high)).mean()
    spreads = [np.diff(np.log(each)).std() for each in (here, known)]
    volatility[int(year)] = spreads[0] / spreads[1]
by_year = pd.Series(covered)
goes_with = by_year.corr(pd.Series(volatility))
print(f"correlation of coverage and volatility: {goes_with:.2f}")

# sphinx_gallery_start_ignore
assert abs(by_year[windows.test_year] - mean["past moves"]) < 1e-9
assert len(by_year) > 5
assert goes_with < -0.4, "the page says: less in volatile years"
# sphinx_gallery_end_ignore

# %%

fig, ax = plots.figure(
    f"Past moves cover {by_year.min():.0%} to {by_year.max():.0%} of the days "
    f"of a year, {by_year.mean():.0%} on average",
    alt="Bars of the share of days that the interval of past moves covers.",
    height=3,
    xlabel="year",
    ylabel="share of days covered",
    ylim=(0, 1.25),
    xticks=by_year.index,
    yticks=[0, 0.2, 0.4, 0.6, 0.8, 1],
)
ax.bar(by_year.index, by_year, width=0.6)
plots.draw_baseline(ax, 0.8, "nominal coverage")
ax.yaxis.set_major_formatter("{x:.0%}")
ax.legend(loc="upper right")
# sphinx_gallery_start_ignore
assert np.ptp(by_year) > 0.1, "the page says that it differs from year to year"
plots.describe(
    fig,
    f"The bars lie between {by_year.min():.0%} in {by_year.idxmin()} and "
    f"{by_year.max():.0%} in {by_year.idxmax()}.",
)
# sphinx_gallery_end_ignore

# %%
# The more volatile a year is, measured by those before it, the less of it the
# interval covers: this is what the negative correlation says. An interval of
# past moves can be right on average over many years, if the years ahead are no
# more volatile than those it was made from. And part of what we see is chance:
# a year has only a few stretches of that length that share no day.
#
# The days that have no target
# ----------------------------
#
# Now the procedure moves to the end of the file. The networks are trained
# anew, on all days there are, since the latest ones are the last we would want
# to leave out. With that the test days are used up. The scores of this page
# remain those of the procedure; the nine new networks have none of their own.
#
# The dates are the weekdays after the last day. Holidays of the exchange are
# not known here, so dates may be some days early.

every = prices["High"].astype(float)
values, last = every.to_numpy(), every.iloc[-1]
future = pd.bdate_range(every.index[-1] + pd.Timedelta(days=1), periods=AHEAD)
ahead_of_all = run_free(*train_on(values), values[None, -DAYS:])[:, 0]
edges = {
    "past moves": tuple(last * (1 + past_moves(values))),
    "seeds": (ahead_of_all.min(axis=0), ahead_of_all.max(axis=0)),
}

# sphinx_gallery_start_ignore
assert future[0] > every.index[-1] and len(future) == AHEAD
assert future.day_of_week.max() < 5, "the page says: weekdays"
# sphinx_gallery_end_ignore

# %%

span = {name: high[-1] - low[-1] for name, (low, high) in edges.items()}
fig, ax = plots.figure(
    f"After {AHEAD} days past moves span {span['past moves']:.0f} dollars, "
    f"nine seeds {span['seeds']:.0f}",
    alt=f"The last 90 days of the file and, from {future[0]:%d %B %Y} to "
    f"{future[-1]:%d %B %Y}, a flat line at {last:.0f} dollars.",
    xlabel="day",
    ylabel="High in dollars",
)
ax.plot(every[-90:], **plots.style_of("true price"))
draw_intervals(ax, future, edges, ahead_of_all, last)
# sphinx_gallery_start_ignore
plots.describe(
    fig,
    "Around it lie the interval of past moves, "
    f"{span['past moves']:.0f} dollars wide at its end, and nine forecasts of "
    f"networks that end between {edges['seeds'][0][-1]:.0f} and "
    f"{edges['seeds'][1][-1]:.0f} dollars.",
)
# sphinx_gallery_end_ignore

# %%
# In numbers, for some of the days:

some = [0, 19, AHEAD - 1]
print(f"{every.index[-1]:%Y-%m-%d}, the last day: {last:.2f} dollars")
print(
    pd.DataFrame(
        {
            "last value": last,
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
# The flat line is the forecast, and the interval of past moves says how little
# it knows. The nine forecasts are shown because they are what one gets from a
# network; the width of their range says how much depends on the seed. It may
# be narrower than the other interval or wider. It means something else.
#
# What to remember
# ----------------
#
# - Past the last day there is no score. Test the procedure where the targets
#   are known, then fit once more on everything.
# - The forecast to beat is the last value held, with an interval made of past
#   moves. The coverage of an interval can be checked; a line has none.
# - A range over seeds is one of networks. That of the future is another one.
# - Coverage in one year is one sample. Look at many.
#
# **On your own.** Give the networks an interval that is meant for the future:
# collect their errors by days ahead in a year they were not trained on, and
# put the quantiles of these around their mean. Is it narrower than the
# interval of past moves? The end of :doc:`/learn/forecasting` does the like
# one day ahead.
#
# **Sources.** Tashman (2000), *Out-of-sample tests of forecasting accuracy*,
# International Journal of Forecasting 16(4), on looking ahead from many
# starts; Christoffersen (1998), *Evaluating interval forecasts*, International
# Economic Review 39(4); Lakshminarayanan, Pritzel and Blundell (2017),
# arXiv:1612.01474, on what networks of several seeds can say about doubt.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
