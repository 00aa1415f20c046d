"""
Where does a free-running forecast end?
=======================================

*Level: advanced. Time: 20 minutes.* From eight windows, an LSTM and a GRU read
their own forecasts of IBM's price for 1500 trading days. *Finding*: all eight
runs of a network approach the same price, a fixed point. The weights tell
beforehand which price it is, and how fast a nearby run approaches it.

We predict two numbers for each network: the price at which its runs come to
rest, and the factor by which the distance from this price shrinks per day. No
forecast is scored, so there is no good score here: the prediction is good if
both numbers agree with what we then measure. The chapter
:doc:`/learn/free_running` introduces fixed points and the spectral radius.
"""

# %%
# Two trained networks
# --------------------
#
# These are the four-layer GRU and LSTM of the first examples. Each reads 60
# scaled prices and predicts the next price. In free running, this prediction
# becomes the newest price of the window, and the oldest price is dropped.

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
# Suppose that a run has come to rest. Then all 60 prices of its window are the
# same, and the network predicts this price again. Such a price is called a
# **fixed point**. To find it, we show the network windows of one constant
# price, and see how far its output is above this price. We use seven prices:
# the lowest is below all training prices, and the highest is above them.

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
    "the page says: above at a low price, below at a high one"
)
# sphinx_gallery_end_ignore

drift.round(1)

# %%
# At a low price the output is above the price, at a high price below. In
# between, output minus price changes its sign: there is a fixed point.
#
# The fixed points and their speed
# --------------------------------
#
# ``forecasting.fixed_points`` does the same for many prices, and finds the
# fixed points precisely. At each fixed point it also computes the
# **Jacobian**: the derivatives of the next window with respect to this one.
# For some vectors, the Jacobian only multiplies the vector by a factor. Such a
# factor is an **eigenvalue**. The largest absolute eigenvalue is the
# **spectral radius**. In the long run, a small distance from the fixed point
# is multiplied by the spectral radius each day. If this factor is below 1, the
# distance shrinks, and the fixed point is called **stable**. The days to halve
# the distance are log(1/2) / log(factor).

found = {name: forecasting.fixed_points(m) for name, m in models.items()}
points = pd.concat(found).droplevel(1)
points["dollars"] = windows.inverse_scale(points["level"])
points["days to halve"] = np.log(0.5) / np.log(points["spectral_radius"])

# sphinx_gallery_start_ignore
assert list(points.index) == ["GRU", "LSTM"], "the page says: one each"
assert points["spectral_radius"].between(0.9, 0.9999).all(), "just below 1"
assert points["days to halve"].min() > 20, "the page says: more than 20"
assert np.ptp(points["dollars"]) > 20, "the page says: different prices"
# sphinx_gallery_end_ignore

points.drop(columns="level").round(4)  # the level is the scaled price

# %%
# Each network has one fixed point in this range, and both are stable. The
# factor is just below 1: it takes more than 20 days to halve the distance.
#
# Why is it so slow? Compare with a rule that repeats the last price of the
# window. For a window of one constant price, the rule predicts that price. So
# every price is a fixed point of the rule. The distance from such a fixed
# point never shrinks, so the factor should be 1. The last row of the rule's
# Jacobian is 1 for the newest price and 0 for all others:

holding = np.eye(60, k=1)  # each price moves one place towards the past
holding[-1, -1] = 1
print(f"repeat the last price: {forecasting.spectral_radius(holding):.4f}")

# sphinx_gallery_start_ignore
assert abs(forecasting.spectral_radius(holding) - 1) < 1e-9, "exactly 1"
# sphinx_gallery_end_ignore

# %%
# A network that was trained to predict tomorrow's price does nearly the same
# as this rule. So its factor is near 1.
#
# Let them run
# ------------
#
# So far nothing has run. Now each network runs for some years of trading days,
# from eight windows spread over all years, including the training years. The
# table has the difference between the highest and the lowest run, in dollars.

every = np.concatenate([windows.X_train, windows.X_test])
starts = every[np.linspace(0, len(every) - 1, 8).astype(int)]
STEPS, runs = 1500, {}
for name, model in models.items():
    runs[name] = rnnedu.forecast_recursive(
        model, windows, steps=STEPS, start_windows=starts
    )

ends = {name: np.ptp(run[:, [0, -1]], axis=0) for name, run in runs.items()}
pd.DataFrame(ends, index=["first day", "last day"]).round(2)

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
# radius holds for small distances, and most runs begin far away.
#
# How fast?
# ---------
#
# On each day, we take the distance of the run that is furthest from the fixed
# point. We use only the days on which this distance is between 5 dollars and
# 10 cents, and measure its factor per day. At larger distances, the network is
# not close to linear. At smaller distances, rounding errors matter.

away, measured = {}, {}
for name, run in runs.items():
    away[name] = np.abs(run - points.loc[name, "dollars"]).max(axis=0)
    near = np.flatnonzero((away[name] < 5) & (away[name] > 0.1))
    if len(near) > 1:  # or the runs have not come so near: no factor
        ratio = away[name][near[-1]] / away[name][near[0]]
        measured[name] = ratio ** (1 / (near[-1] - near[0]))

speed = pd.DataFrame({"predicted": points["spectral_radius"]})
speed["measured"] = pd.Series(measured, dtype=float)

# sphinx_gallery_start_ignore
gap = (speed["measured"] - speed["predicted"]).abs()
assert (gap < 0.15 * (1 - speed["predicted"])).all(), "the page says: agree"
# sphinx_gallery_end_ignore

speed.round(4)

# %%
# Prediction and measurement agree. On a logarithmic axis, a distance that is
# multiplied by the same factor each day is a straight line. The dotted lines
# have the predicted slope. Each passes through 5 dollars on the first day when
# all runs are within 5 dollars of the fixed point.

fig, ax = plots.figure(
    "Distance from the fixed point, and the predicted slopes (dotted)",
    alt="Largest distance from the fixed point, on a logarithmic axis.",
    xlabel="days of free running",
    ylabel="dollars (the furthest run)",
    yscale="log",
    ylim=(0.1, 200),
)
plots.draw_lines(ax, away, np.arange(STEPS))
for name in measured:
    days = np.arange(STEPS) - np.argmax(away[name] < 5)
    line = 5 * points.loc[name, "spectral_radius"] ** days
    ax.plot(line, **plots.MARK_LINE)

# %%
# Near the fixed point, the measured and the dotted lines agree. Far from it,
# the distance can shrink at another speed: the network is not linear there.
#
# The fixed points tell us nothing about IBM: both networks were trained on the
# same prices, and their fixed points are far apart. For a long forecast, let
# the network predict the change. Compare it with a forecast that repeats the
# last price (:doc:`/auto_gallery/ibm/plot_09_predict_the_change`).
#
# Try it yourself
# ---------------
#
# - Set ``seed=1`` for both networks (their training takes some minutes). Where
#   are the fixed points now? Do all runs arrive within 1500 days?
# - Set ``STEPS`` to 250, about one year. How much of the difference on the
#   first day is left? Do the runs look flat at the end?
#
# What to remember
# ----------------
#
# - In free running, each window follows from the one before. A fixed point is
#   a constant window that stays the same. You can find it without a run.
# - The spectral radius at a fixed point is the factor per day for small
#   distances. If it is below 1, nearby runs approach the fixed point.
# - A network that nearly repeats the last price has a factor near 1, so its
#   runs approach the fixed point slowly.
# - The price at which a run ends depends on the weights. It is not a forecast.
#
# **Sources.** Sussillo and Barak (2013), *Opening the black box:
# low-dimensional dynamics in high-dimensional recurrent neural networks*,
# Neural Computation 25(3).

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
