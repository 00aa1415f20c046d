"""
Where does a free-running forecast end?
=======================================

*Level: advanced. Time: 20 minutes.* An LSTM and a GRU start from eight windows
of IBM's price. Then they read only their own forecasts, for 1500 trading days.
*Finding*: all eight runs of a network approach the same price, a fixed point.
Which price it is, and how fast the runs approach it, follows from the weights.

We predict two numbers for each network: the price at which its runs end, and
the factor by which the distance from this price shrinks per day. Then we
measure both. There is no good score here, because the forecasts are not
compared with true prices. The chapter :doc:`/learn/free_running` introduces
fixed points and the spectral radius.
"""

# %%
# Two trained networks
# --------------------
#
# These are the four-layer GRU and LSTM of the first examples. Each reads a
# window of 60 scaled prices and predicts the next price. In **free running**,
# this prediction becomes the newest price of the window, and the oldest price
# is dropped. Then the network predicts again. The sequence of these
# predictions is a **run**.

# sphinx_gallery_thumbnail_number = 1
import matplotlib.pyplot as plt

import rnnedu
from rnnedu import plots

plt.style.use(plots.STYLE)
prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.describe_source(prices), "test year", windows.test_year)

models = {
    "GRU": rnnedu.train("gru", windows, seed=0).model,
    "LSTM": rnnedu.train("lstm", windows, seed=0).model,
}

# %%
# Windows of one constant price
# -----------------------------
#
# Suppose that all 60 prices of a window are the same, and that the network
# predicts this price again. Then the next window is the same as this window,
# and the run has come to rest. Such a price (or window) is a **fixed point**.
#
# To find it, we show the networks windows of one constant price. We try seven
# prices: the lowest is below all training prices, and the highest is above
# them. The table shows how far the output of each network is above the price.
# All numbers are in dollars.

import numpy as np
import pandas as pd

from rnnedu import cells, forecasting

levels = np.linspace(-0.5, 1.5, 7)  # training prices: 0 to 1
constant = np.repeat(levels[:, None, None], 60, axis=1)  # (7, 60, 1)
dollars = windows.inverse_scale(levels)
drift = pd.DataFrame(index=pd.Index(dollars, name="constant price"))
for name, model in models.items():
    network = cells.Network.from_keras(model)  # the same in NumPy
    output = windows.inverse_scale(network(constant))
    drift[f"{name}: output minus price"] = output - dollars

# sphinx_gallery_start_ignore
assert (drift.iloc[0] > 0).all() and (drift.iloc[-1] < 0).all(), (
    "the page says: above at the lowest price, below at the highest"
)
# sphinx_gallery_end_ignore

drift.round(1)

# %%
# For the lowest price, the output is above the price. For the highest price,
# it is below. The output changes continuously with the price, so there is a
# fixed point between these two prices.
#
# The fixed points and their speed
# --------------------------------
#
# ``forecasting.fixed_points`` tries many constant prices between the lowest
# and the highest price of the table, and finds each fixed point precisely. At
# a fixed point, it also computes the **Jacobian**: the derivatives of the 60
# prices of the next window with respect to the 60 prices of the window before.
#
# The difference between a window and the fixed point is a sum of parts, one
# for each eigenvalue of the Jacobian. If the difference is small, each day
# multiplies each part by its eigenvalue. After some days, only the part with
# the largest absolute eigenvalue is left. Each further day multiplies the
# distance by this absolute eigenvalue, the **spectral radius**.
#
# For example, a spectral radius of 1/2 halves the distance in one day. In
# general, this takes log(1/2) / log(spectral radius) days. If the spectral
# radius is below 1, the fixed point is called **stable**.

found = {name: forecasting.fixed_points(m) for name, m in models.items()}
points = pd.concat(found).droplevel(1)  # a row for each fixed point
points["dollars"] = windows.inverse_scale(points["level"])
points["days to halve"] = np.log(0.5) / np.log(points["spectral_radius"])

# sphinx_gallery_start_ignore
assert list(points.index) == ["GRU", "LSTM"], "the page says: one each"
assert points["spectral_radius"].between(0.9, 0.9999).all(), "just below 1"
assert points["days to halve"].min() > 22, "the page says: over a month"
assert np.ptp(points["dollars"]) > 20, "the page says: far apart"
# sphinx_gallery_end_ignore

points.drop(columns="level").round(4)  # the level is the scaled price

# %%
# Each network has one fixed point, and both are stable. Halving the distance
# takes more than 21 trading days, which is about a month.
#
# Why is it so slow? The last row of the Jacobian has the derivatives of the
# output with respect to the 60 prices. In the table, *newest price* is the
# derivative with respect to this price alone, and *sum* is the sum of all 60.

slopes = {}
for name, model in models.items():
    window = np.full((60, 1), points.loc[name, "level"])
    last_row = forecasting.window_map_jacobian(model, window)[-1]
    slopes[name] = {"newest price": last_row[-1], "sum": last_row.sum()}
slopes = pd.DataFrame(slopes).T

# sphinx_gallery_start_ignore
assert slopes["newest price"].between(0, 0.1).all(), "it says: a few cents"
assert slopes["sum"].between(0.9, 1).all(), "the page says: 90 cents or more"
# sphinx_gallery_end_ignore

slopes.round(3)

# %%
# There are two reasons. First, the sum is near 1. So if all prices are one
# dollar above the fixed point, the output is still 90 cents or more above it.
# Second, if only the newest price is one dollar higher, the output is only a
# few cents higher. So the output follows a new price slowly.
#
# Let them run
# ------------
#
# Now each network runs for 1500 days. The eight windows are spread over all
# years, including the training years. The table shows the lowest and the
# highest of the eight runs on the first and on the last day, in dollars. The
# last column is the fixed point.

every = np.concatenate([windows.X_train, windows.X_test])
starts = every[np.linspace(0, len(every) - 1, 8).astype(int)]
STEPS, runs, rows = 1500, {}, {}
for name, model in models.items():
    run = rnnedu.forecast_recursive(
        model, windows, steps=STEPS, start_windows=starts
    )
    runs[name] = run  # a row for each of the eight windows
    for day in (1, STEPS):
        ends = run[:, day - 1]
        predicted = points.loc[name, "dollars"]
        rows[f"{name}, day {day}"] = ends.min(), ends.max(), predicted
columns = ["lowest run", "highest run", "fixed point"]
pd.DataFrame(rows, index=columns).T.round(1)

# %%

fig, axes = plots.figure(
    "Free runs from eight windows, and the fixed point (dotted)",
    alt="Two panels with eight free runs, and a dotted fixed point.",
    columns=2,
    share="y",
    xlabel="days of free running",
    ylabel="dollars",
)
for ax, (name, run) in zip(axes, runs.items(), strict=True):
    ax.set_title(name)
    color = plots.style_of(name)["color"]
    ax.plot(run.T, color=color, **plots.THIN_LINE)
    plots.draw_baseline(ax, points.loc[name, "dollars"], "fixed point")

# sphinx_gallery_start_ignore
for name, run in runs.items():
    far = np.abs(run - points.loc[name, "dollars"]).max(axis=0)
    assert far[-200] < 5 < far[0] / 3, "the page says: all approach it"
# sphinx_gallery_end_ignore

# %%
# All eight runs approach the fixed point. This was not certain: the spectral
# radius is right only for small distances, and most runs begin far away.
#
# How fast?
# ---------
#
# For each day, we take the largest distance of the eight runs from the fixed
# point. We use only the days on which it is between 5 dollars and 10 cents. At
# larger distances, the spectral radius is not exact. At smaller distances,
# rounding errors matter. We divide the last of these distances by the first.
# If n days lie between them, the n-th root is the measured factor per day. The
# table compares it with the predicted factor, the spectral radius.

measured = {}
for name, run in runs.items():
    away = np.abs(run - points.loc[name, "dollars"]).max(axis=0)
    near = np.flatnonzero((away < 5) & (away > 0.1))  # days
    if len(near) > 1:  # otherwise no factor can be measured
        first, last = near[0], near[-1]
        measured[name] = (away[last] / away[first]) ** (1 / (last - first))

speed = pd.DataFrame({"predicted": points["spectral_radius"]})
speed["measured"] = pd.Series(measured, dtype=float)

# sphinx_gallery_start_ignore
gap = (speed["measured"] - speed["predicted"]).abs()
assert (gap < 0.15 * (1 - speed["predicted"])).all(), "the page says: agree"
# sphinx_gallery_end_ignore

speed.round(4)

# %%
# Prediction and measurement agree. But a run does not forecast IBM's price:
# both networks were trained on the same prices, but their runs end far apart.
#
# Try it yourself
# ---------------
#
# - Set ``seed=1`` for both networks (their training takes some minutes). Where
#   are the fixed points now? Do all runs arrive within 1500 days?
# - Set ``STEPS`` to 250, about one year. How far apart are the lowest and the
#   highest run on the last day? Do the runs look flat at the end?
#
# What to remember
# ----------------
#
# - A fixed point is a constant window from which the network predicts the same
#   price again. You can find it without a run.
# - The spectral radius at a fixed point is the factor per day for small
#   distances. If it is below 1, nearby runs approach the fixed point.
# - For a constant window near the fixed point, these networks predict nearly
#   its price, and the newest price alone changes little. So their runs
#   approach this point slowly.
# - The price at which a run ends depends on the weights. It is not a forecast.
#
# **Sources.** Sussillo and Barak (2013), *Opening the black box:
# low-dimensional dynamics in high-dimensional recurrent neural networks*,
# Neural Computation 25(3).

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
