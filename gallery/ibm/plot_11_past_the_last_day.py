"""
Past the last day of the file
=============================

*Level: intermediate. Time: 20 minutes.* Small networks forecast the 20 days
after the last one in IBM's file. The same procedure, carried out a year
earlier, is checked against known prices. *Finding*: the last price is more
accurate than the networks, and the range over their seeds misses most prices.

The networks read five days of the *High*, predict the next one, and go on from
their own predictions. For the days after the last one there is no target, so
such a forecast cannot be scored today. The same forecast from a year earlier
can. The one to beat is the last price, repeated for all 20 days: the **last
value held**. Its RMSE is the score to beat, and an interval should contain as
many prices as it claims. The chapters :doc:`/learn/free_running` and
:doc:`/learn/several_steps` explain recursive forecasts and intervals.
"""

# %%
# Go back one year
# ----------------
#
# ``make_windows`` sets the last full year of the file apart. We treat the
# years before it as all that is known: ``past.train_prices``. The days of
# the test year play the part of the future.

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
# initial weights and the order of the batches. All else is the same, so the
# three networks show how much a forecast depends on chance in the training.

import keras

layers = [keras.Input((5, 1)), keras.layers.GRU(16), keras.layers.Dense(1)]
model = keras.Sequential(layers)
model.compile(keras.optimizers.Adam(0.01), loss="mean_squared_error")
options = {"seeds": range(3), "epochs": 5, "batch_size": 128}
networks, _ = rnnedu.fit_seeds(model, past.X_train, past.y_train, **options)

# %%
# In a recursive forecast, each prediction becomes the newest price of the next
# window. ``forecast_recursive`` does this for many start windows at once. From
# ``X_test[k]`` the first prediction is for day ``k`` of the test year.

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
# three days? Suppose that in the known years, a tenth of all changes over
# three days were falls of more than 3 %, and a tenth were rises of more than
# 4 %. Then for a last price of 100 dollars the interval of the third day goes
# from 97 to 104 dollars. Eight in ten of the past changes lie inside: this is
# its **nominal coverage**.
#
# For each day ahead, the function returns three factors: one for the lower
# edge, 1 for the last value itself, and one for the upper edge.


def past_changes(known):
    factors = []
    for days in range(1, AHEAD + 1):
        low, high = known.pct_change(days).quantile([0.1, 0.9])
        factors.append([1 + low, 1, 1 + high])
    return np.transpose(factors)  # (3, AHEAD)


last = rnnedu.persistence_forecast(past).to_numpy()[:count, None]
interval = past_changes(past.train_prices)[:, None] * last

# %%
# This is the forecast for the first 20 days of the test year, with the prices
# that came. A line is the last value held or the median of the three networks.
# A band is the interval of past changes or the range over the three seeds.

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
# One start is one example. So we start on each day of the test year that has
# 20 days after it, and compute one RMSE over all starts and all days ahead.
# Neighbouring starts share 19 of their 20 days. A year therefore holds only
# about a dozen separate stretches.

import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

true = sliding_window_view(past.test_prices, AHEAD)  # (starts, AHEAD)
errors = {"last value held": rnnedu.rmse(true.ravel(), interval[1].ravel())}
for seed, path in enumerate(paths):
    errors[f"GRU, seed {seed}"] = rnnedu.rmse(true.ravel(), path.ravel())
scores = pd.Series(errors).to_frame("RMSE in dollars")
scores.round(2)

# %%
# All three networks lose to the last value held. Each prediction of a
# recursive forecast is an input of the next one, and so its error is passed on
# from day to day.
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
spread = prices["High"].pct_change().groupby(prices.index < past.test_days[0])
if AHEAD == 20 and past.test_year == rnnedu.last_full_year(prices.index):
    assert 10 <= len(past.test_prices) // AHEAD <= 14, "about a dozen"
    assert scores.iloc[:, 0].idxmin() == "last value held", "all networks lose"
    assert changes.mean() > 0.8 and spread.std()[False] < spread.std()[True]
    assert seeds.mean(axis=0).max() < 0.5, "from the first day on"
# sphinx_gallery_end_ignore

# %%
# The interval of past changes contains more than eight in ten prices, because
# the price moved less in the test year than in the years before. In a volatile
# year it can contain fewer.
#
# The range over the seeds misses most prices, from the first day on. If the
# true price were like the forecast of a fourth network, it would be inside in
# half of all cases. But all networks read the same prices, and none of them
# knows the news of the days to come. A small range says that the networks
# agree. It does not say that they are right.
#
# The days after the last one
# ---------------------------
#
# Now we carry out the same steps at the end of the file. ``test_year=None``
# takes all prices for the training, so that the newest ones are not left out.
# The old scaler is kept, because ``run_ahead`` uses it to return dollars. The
# dates are weekdays, and holidays of the exchange are not taken into account.

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
# The last value held and the edges of its interval, in dollars, for three of
# the days:

edges = ["10 %", "last value", "90 %"]
table = pd.DataFrame(future["last value held"].T, days.date, edges)
table.iloc[[0, 9, 19]].round(2)

# %%
# The last value held is the forecast, and the interval of past changes says
# how far the price may be from it. These numbers have no score yet. In 20
# trading days, compare them with the prices that came.
#
# Try it yourself
# ---------------
#
# - Go back further: give the first ``make_windows`` another ``test_year``, a
#   calm one and then a volatile one. How does the coverage change?
# - Set ``AHEAD = 60``. How wide is the interval of the last day now?
# - Use prices of your own: :doc:`/auto_gallery/other_series/plot_12_your_own_csv`.
#
# What to remember
# ----------------
#
# - A forecast without a target cannot be scored. Its procedure can: carry it
#   out where the targets are known, then once more on all data.
# - The forecast to beat is the last value held, with an interval of past
#   changes. Compare its empirical with its nominal coverage.
# - The range over several seeds is no prediction interval.
#
# **Sources.** Tashman (2000), *Out-of-sample tests of forecasting accuracy*,
# International Journal of Forecasting 16(4), on many starts.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
