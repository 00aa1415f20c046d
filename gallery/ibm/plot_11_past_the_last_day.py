"""
Past the last day of the file
=============================

*Level: intermediate. Time: 20 minutes.* Small networks forecast the 20 days
after the end of IBM's file. The same steps, one year earlier, are checked
against known prices. *Finding*: in that year, repeating the last price is more
accurate than the networks, and the range over their seeds misses most prices.

The networks read five days of the *High*, predict the next one, and go on from
their own predictions. The prices after the last day are not known, so this
forecast cannot be scored today. A forecast that starts a year earlier can be
scored. The one to beat is the last price, repeated for all 20 days: the **last
value held**. We also give an interval. If it claims to contain eight in ten
prices, about eight in ten should lie inside. The methods are those of
:doc:`/learn/free_running` and :doc:`/learn/several_steps`.
"""

# %%
# Go back one year
# ----------------
#
# "One year earlier" means: before the last full calendar year of the file.
# ``make_windows`` sets this **test year** aside. Only the years before it
# count as known (``past.train_prices``). The test year stands for the future.

# sphinx_gallery_thumbnail_number = 2
import rnnedu

AHEAD = 20
prices = rnnedu.load_ibm()
past = rnnedu.make_windows(prices, column="High", lookback=5)
print(rnnedu.describe_source(prices))
print(f"test year: {past.test_year}")

# %%
# Train the networks
# ------------------
#
# A GRU of 16 units is trained from three seeds. The seed determines the
# initial weights and the order of the batches. So the three networks show how
# much a forecast depends on chance in the training.

import keras

layers = [keras.Input((5, 1)), keras.layers.GRU(16), keras.layers.Dense(1)]
model = keras.Sequential(layers)
model.compile(keras.optimizers.Adam(0.01), loss="mean_squared_error")
options = {"seeds": range(3), "epochs": 5, "batch_size": 128}
networks, _ = rnnedu.fit_seeds(model, past.X_train, past.y_train, **options)

# %%
# In a recursive forecast, each prediction becomes the newest price of the next
# window. ``forecast_recursive`` does this for many start windows at once. The
# first window, ``X_test[0]``, ends just before the test year. Its forecast
# begins with the first day of that year. Each further forecast begins one day
# after the one before.

import numpy as np

from rnnedu import cells


def run_ahead(networks, starts):
    options = {"steps": AHEAD, "start_windows": starts}
    copies = [cells.Network.from_keras(each) for each in networks]
    return np.array(
        [rnnedu.forecast_recursive(f, past, **options) for f in copies]
    )


count = len(past.test_prices) - AHEAD + 1
paths = run_ahead(networks, past.X_test[:count])  # (seeds, starts, AHEAD)

# %%
# An interval without a network
# -----------------------------
#
# The last value held is one number. How far may the price be from it after
# three days? We look at all stretches of three days in the known years.
# Suppose that the price fell by more than 3 % in a tenth of them, and rose by
# more than 4 % in another tenth. Then for a last price of 100 dollars the
# interval of the third day goes from 97 to 104 dollars. Eight in ten of the
# past changes lie inside: this is its **nominal coverage**.
#
# ``past_changes`` returns three factors for each day ahead: for the lower
# edge, for the last value (always 1) and for the upper edge. We multiply them
# by the last price before each start, the forecast of persistence.


def past_changes(known):
    factors = []
    for days in range(1, AHEAD + 1):
        low, high = known.pct_change(days).quantile([0.1, 0.9])
        factors.append([1 + low, 1, 1 + high])
    return np.transpose(factors)  # (3, AHEAD)


last = rnnedu.persistence_forecast(past).to_numpy()[:count, None]
interval = past_changes(past.train_prices)[:, None] * last

# %%
# The figure shows forecasts and prices of the first 20 days of the test year.
# For the last value held there is a line and a band of past changes. For the
# GRU there is the median of three networks and a band from lowest to highest.

from rnnedu import plots

known = past.prices.iloc[: len(past.train_prices) + AHEAD]
fig, ax = plots.figure(
    "High in dollars: a forecast that can be checked",
    alt="The price, a flat line in a band that grows wider, and forecasts.",
    xlabel="day",
    ylabel="High in dollars",
)
plots.draw_lines(ax, {"true price": known[-3 * AHEAD :]}, unit="dollars")
bands = {"last value held": interval[:, 0], "GRU": paths[:, 0]}
plots.draw_bands(ax, bands, known.index[-AHEAD:], of="lines")

# %%
# The error over a year
# ---------------------
#
# One start proves little. So we start on every day of the test year that has
# 20 prices to compare with, and compute one RMSE. Neighbouring starts share 19
# of their 20 days. So a year holds only about a dozen separate stretches.

import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

true = sliding_window_view(past.test_prices, AHEAD)  # (starts, AHEAD)
errors = {"last value held": rnnedu.rmse(true.ravel(), interval[1].ravel())}
for seed, path in enumerate(paths):
    errors[f"GRU, seed {seed}"] = rnnedu.rmse(true.ravel(), path.ravel())
scores = pd.Series(errors).to_frame("RMSE in dollars")
scores.round(2)

# %%
# From some single starts a network is better than the last value held, but
# over all starts each is worse. Each prediction is an input of the next one.
# If most predictions are too high, or most too low, the errors add up.
#
# The coverage over a year
# ------------------------
#
# The share of prices that lie inside an interval is its **empirical
# coverage**. For the interval of past changes it should be about eight in ten.

inside = {
    "interval of past changes": (interval[0] <= true) & (true <= interval[2]),
    "range over the seeds": (paths.min(0) <= true) & (true <= paths.max(0)),
}
for name, each in inside.items():
    print(f"{name}: {each.mean():.0%} of the prices inside")

# sphinx_gallery_start_ignore
assert np.array_equal(last[1:, 0], true[:-1, 0]), "the last known price"
changes, seeds = inside.values()
bias = np.abs((paths - true).mean(axis=1))  # (seeds, AHEAD)
closer = np.abs(paths - true).mean(axis=2) < np.abs(last - true).mean(axis=1)
assert scores.iloc[:, 0].idxmin() == "last value held", "all networks lose"
assert (bias[:, -1] > bias[:, 0]).all() and closer.any(), "errors add up"
assert changes.mean() > 0.8, "the page says: more than eight in ten"
assert seeds.mean(axis=0).max() < 0.5, "from the first day on"
# sphinx_gallery_end_ignore

# %%
# The interval of past changes contains more than eight in ten prices. Perhaps
# the price moved less in the test year, or this is chance: a year has few
# separate stretches. In another year the interval can contain fewer.
#
# The range over the seeds misses most prices here, from the first day on.
# Suppose that the price behaved like a fourth network. In half of all cases it
# would be the lowest or the highest of the four values, and so outside. And
# the real price depends on news that no network knows. A small range says that
# the networks agree. It does not say that they are right. If they disagree, a
# wide range can contain most prices although all forecasts are poor.
#
# The days after the last one
# ---------------------------
#
# Now we carry out the same steps at the end of the file. ``test_year=None``
# takes all prices for the training, even the newest. ``run_ahead`` turns
# predictions into dollars with the scaler of ``past``, so the new networks
# must use the same one. The dates are weekdays. Holidays are not left out.

now = rnnedu.make_windows(
    prices, "High", lookback=5, test_year=None, scaler=past.scaler
)
networks, _ = rnnedu.fit_seeds(model, now.X_train, now.y_train, **options)
latest = now.scaler.transform(now.prices.to_numpy()[-5:, None])
future = {
    "last value held": past_changes(now.prices) * now.prices.iloc[-1],
    "GRU": run_ahead(networks, latest[None])[:, 0],
}
days = pd.bdate_range(now.prices.index[-1], periods=AHEAD + 1)[1:]

# sphinx_gallery_start_ignore
assert days[0] > prices.index[-1] and days.day_of_week.max() < 5, "weekdays"
assert np.array_equal(now.prices, prices["High"]), "the page says: all prices"
# sphinx_gallery_end_ignore

# %%
fig, ax = plots.figure(
    f"High in dollars: what can be said about the next {AHEAD} days",
    alt="The last prices; then a flat line in a growing band, and forecasts.",
    xlabel="day",
    ylabel="High in dollars",
)
plots.draw_lines(ax, {"true price": now.prices[-2 * AHEAD :]}, unit="dollars")
plots.draw_bands(ax, future, days, of="lines")

# %%
# The last value held and its interval, in dollars, on three of the days:

edges = ["10 %", "last value", "90 %"]
table = pd.DataFrame(future["last value held"].T, days.date, edges)
table.iloc[[0, AHEAD // 2 - 1, -1]].round(2)

# %%
# The last value held is the forecast. The interval of past changes says how
# far the price may be from it. These numbers have no score yet. With your
# newest file, wait for 20 trading days and compare them with the prices.
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
# - Prices that are not yet known give no score. So try the method where the
#   prices are known, then use it once more on all data.
# - The forecast to beat is the last value held, with an interval of past
#   changes. Compare the interval's empirical and nominal coverage.
# - The range over several seeds is no prediction interval.
#
# Next: :doc:`/auto_gallery/other_series/plot_12_your_own_csv`.
#
# **Source.** Tashman (2000), *Out-of-sample tests of forecasting accuracy*,
# International Journal of Forecasting 16(4), on many starts.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
