"""
Past the last day of the file
=============================

*Level: intermediate. Time: 20 minutes.* Small networks forecast the 20 days
after the end of IBM's file. The same steps, one year earlier, are checked
against known prices. *Finding*: in that year, repeating the last price is more
accurate than any network, and the range of the networks misses most prices.

The networks read five days of the *High* and predict the next one. Then they
go on from their own predictions. The file holds no prices after its last day,
so we cannot score this forecast. But we can score a forecast that starts one
year earlier. The one to beat is the **last value held**: the last known price,
repeated for all 20 days. We also give an interval that is meant to contain
eight in ten prices, and count how many it contains. The methods are explained
in the chapters :doc:`/learn/free_running` and :doc:`/learn/several_steps`.
"""

# %%
# Go back one year
# ----------------
#
# ``make_windows`` sets aside a **test year**, the last full calendar year of
# the file. Only the years before it count as known (``windows.train_prices``).
# The function also scales the prices: those of the known years lie between 0
# and 1. Its *scaler* later converts predictions back to dollars.

# sphinx_gallery_thumbnail_number = 2
import rnnedu

AHEAD = 20
prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=5)
print(rnnedu.describe_source(prices))  # days, dates, origin, checksum
print(f"test year: {windows.test_year}")

# %%
# Train the networks
# ------------------
#
# We train a GRU of 16 units from three seeds. A seed determines the initial
# weights and the order of the batches.

import keras

layers = [keras.Input((5, 1)), keras.layers.GRU(16), keras.layers.Dense(1)]
model = keras.Sequential(layers)
model.compile(keras.optimizers.Adam(0.01), loss="mean_squared_error")
training = {"seeds": range(3), "epochs": 5, "batch_size": 128}
networks, _ = rnnedu.fit_seeds(
    model, windows.X_train, windows.y_train, **training
)

# %%
# In a recursive forecast, each prediction becomes the newest price of the next
# window. ``forecast_recursive`` does this for many start windows at once, and
# ``run_ahead`` calls it for each network. The first start window,
# ``X_test[0]``, ends just before the test year. So its forecast begins on the
# first day of that year. Each further forecast begins one day later.

import numpy as np


def run_ahead(networks, starts):
    paths = []
    for network in networks:
        path = rnnedu.forecast_recursive(
            network, windows, steps=AHEAD, start_windows=starts
        )
        paths.append(path)
    return np.array(paths)  # (networks, starts, AHEAD)


n_starts = len(windows.test_prices) - AHEAD + 1  # each has 20 true prices
paths = run_ahead(networks, windows.X_test[:n_starts])

# %%
# An interval without a network
# -----------------------------
#
# The last value held is one number. How far may the price be from it after
# three days? We look at all periods of three days in the known years. Suppose
# that the price fell by more than 3 % in a tenth of them, and rose by more
# than 4 % in another tenth. Then for a last price of 100 dollars, the interval
# of the third day goes from 97 to 104 dollars. Eight in ten of the past
# changes lie inside. This share is the **nominal coverage** of the interval.
#
# ``interval_ahead`` computes this interval for each day ahead and each start,
# from the last price before the start.


def interval_ahead(known, last):
    lines = []
    for days in range(1, AHEAD + 1):
        fall, rise = known.pct_change(days).quantile([0.1, 0.9])
        lines.append([last * (1 + fall), last, last * (1 + rise)])
    return np.transpose(lines, (1, 2, 0))  # (3, starts, AHEAD)


last = rnnedu.persistence_forecast(windows).to_numpy()[:n_starts]
low, held, high = interval_ahead(windows.train_prices, last)

# %%
# The figure shows the first start, index 0, and so the first 20 days of the
# test year. The last value held is a line, and its interval is a band. For the
# GRU, the line is the median of three forecasts. The band is their **range**,
# from the lowest to the highest.

from rnnedu import plots

shown = windows.prices.iloc[: len(windows.train_prices) + AHEAD]
fig, ax = plots.figure(
    "High in dollars: a forecast that can be checked",
    alt="The price, a flat line in a band that grows wider, and forecasts.",
    xlabel="day",
    ylabel="High in dollars",
)
plots.draw_lines(ax, {"true price": shown[-3 * AHEAD :]}, unit="dollars")
bands = {"last value held": [low[0], held[0], high[0]], "GRU": paths[:, 0]}
plots.draw_bands(ax, bands, shown.index[-AHEAD:], of="lines")

# %%
# The error over a year
# ---------------------
#
# One start proves little. So we start on every day of the test year that has
# 20 prices to compare with. But a year has only about a dozen separate periods
# of 20 days. The table gives the RMSE over all starts and days, and the
# **bias** (the mean of forecast minus price) on the first and on the last day,
# in dollars.

import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

true = sliding_window_view(windows.test_prices, AHEAD)  # (starts, AHEAD)
names = ["last value held", *(f"GRU, seed {k}" for k in range(3))]
rows = {}
for name, forecast in zip(names, [held, *paths], strict=True):
    bias = (forecast - true).mean(axis=0)  # (AHEAD,)
    rows[name] = rnnedu.rmse(true.ravel(), forecast.ravel()), bias[0], bias[-1]
columns = ["RMSE", "bias, first day", "bias, last day"]
scores = pd.DataFrame(rows, columns).T
scores.round(2)

# %%
# Each of the three networks is less accurate than the last value held. Each
# network predicts from its own predictions, and its bias grows.
#
# The coverage over a year
# ------------------------
#
# The share of prices that lie inside an interval is its **empirical
# coverage**. For the interval of past changes it should be about eight in ten.

inside = {
    "interval of past changes": (low <= true) & (true <= high),
    "range of the networks": (paths.min(0) <= true) & (true <= paths.max(0)),
}
for name, each in inside.items():
    print(f"{name}: {each.mean():.0%} of the prices inside")

# sphinx_gallery_start_ignore
assert np.array_equal(last[1:], true[:-1, 0]), "the last known price"
changes, seeds = inside.values()
_, first_bias, last_bias = scores.iloc[1:].to_numpy().T
assert scores["RMSE"].argmin() == 0, "all networks are less accurate"
assert (last_bias / first_bias > 2).all(), "the page says: the bias grows"
assert changes.mean() > 0.8 and seeds.mean() < 0.2, "eight in ten; few"
# sphinx_gallery_end_ignore

# %%
# The interval of past changes contains more than eight in ten prices. This can
# be chance: a year has few separate periods, and another year may give less.
#
# The range of the three networks contains few prices. Suppose that the price
# behaved like the forecast of a fourth network. Sort the three forecasts and
# the price. The price then has the same chance to be first, second, third or
# fourth. If it is first or fourth, it is outside the range: this happens in
# half of all cases. The real price also depends on news, and is outside more
# often. A small range means that the networks agree, not that they are right.
#
# The days after the last one
# ---------------------------
#
# Now we repeat the steps at the end of the file. ``test_year=None`` takes all
# prices for the training, even the newest. ``run_ahead`` still uses the scaler
# of ``windows``, so the new networks are trained with the same scaler. As
# dates for the figure we take the next 20 weekdays. Some may be holidays.

whole = rnnedu.make_windows(
    prices, "High", lookback=5, test_year=None, scaler=windows.scaler
)
networks, _ = rnnedu.fit_seeds(model, whole.X_train, whole.y_train, **training)
newest = whole.scaler.transform(whole.prices.to_numpy()[-5:, None])  # (5, 1)
future = {
    "last value held": interval_ahead(whole.prices, whole.prices[-1:])[:, 0],
    "GRU": run_ahead(networks, newest[None])[:, 0],  # a single start
}
days = pd.bdate_range(whole.prices.index[-1], periods=AHEAD + 1)[1:]

# %%
fig, ax = plots.figure(
    f"High in dollars: what can be said about the next {AHEAD} days",
    alt="The last prices; then a flat line in a growing band, and forecasts.",
    xlabel="day",
    ylabel="High in dollars",
)
recent = whole.prices[-2 * AHEAD :]
plots.draw_lines(ax, {"true price": recent}, unit="dollars")
plots.draw_bands(ax, future, days, of="lines")

# %%
# The table gives the last value held and its interval, in dollars, for three
# of the days. Each row is a number of trading days after the end of the file.

columns = ["lower edge", "last value", "upper edge"]
table = pd.DataFrame(future["last value held"].T, range(1, AHEAD + 1), columns)
table.loc[[1, AHEAD // 2, AHEAD]].round(2)

# %%
# These numbers have no score yet. If your file ends today, wait for 20 trading
# days. Then compare the numbers with the new prices.
#
# Try it yourself
# ---------------
#
# - Give the first ``make_windows`` another ``test_year``, such as the year of
#   the financial crisis (2008). How do the two coverages change?
# - Set ``AHEAD = 60``. How wide is the interval of the last day now?
#
# What to remember
# ----------------
#
# - A forecast of unknown prices has no score. So test the method where the
#   prices are known, then use it once more on all data.
# - The one to beat is the last value held, with an interval of past changes.
#   Compare the empirical coverage of the interval with the nominal coverage.
# - The range of several networks is no prediction interval.
#
# Next: :doc:`/auto_gallery/other_series/plot_12_your_own_csv`.
#
# **Source.** Tashman (2000), *Out-of-sample tests of forecasting accuracy*,
# International Journal of Forecasting 16(4), on many starts.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

assert days[0] > prices.index[-1] and whole.prices.equals(prices["High"])
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
