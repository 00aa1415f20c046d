"""
IBM's daily price, cut into windows
===================================

*Level: beginner. Time: 10 minutes.* We check IBM's daily price, split it by
year and cut it into the windows that the next examples use. *Finding*: as a
forecast, the price of the day before is far more accurate than the mean of all
training prices.

The data are IBM's highest share price of each trading day, in dollars. We cut
them into **windows**. A window consists of the prices of 60 trading days in a
row. Its **target** is the price of the next trading day. The networks of the
next examples read a window and forecast its target.

A good score is an error below that of the simplest forecast: the next price
equals the last one. The last section measures this error. The chapter
:doc:`/learn/time_series` explains windows, scaling and this forecast.
"""

# %%
# The prices
# ----------
#
# The first examples repeat a public notebook, which we call the **source
# notebook** (:doc:`/reference/notebook`). ``load_ibm`` returns the prices that
# the notebook used. Where they cannot be found, it returns IBM's prices of
# other years, from the Python package ``bokeh_sampledata``.
#
# ``describe_source`` tells which prices we have: the number of days, the
# dates, the place where they were found, and a checksum of the file
# (*sha256*). The place *embedded* means the prices of the other years. Every
# other place, for example *folder* (a folder of this computer), holds the
# notebook's prices.

import rnnedu

prices = rnnedu.load_ibm()
print(rnnedu.describe_source(prices))
prices.head()

# %%
# The table shows the first five trading days. We forecast the column *High*,
# the highest price of the day.
#
# Is anything missing?
# --------------------
#
# A missing price would spoil every window that contains it. We count the
# missing values in each column, and print the days on which they are missing.

missing = prices.isna()
print(missing.sum().to_string())
for day in prices.index[missing.any(axis=1)]:
    columns = prices.columns[missing.loc[day]]
    print(f"{day:%Y-%m-%d}: missing {' and '.join(columns)}")

# sphinx_gallery_start_ignore
assert not missing["High"].any(), "the page says: nothing is missing in High"
# sphinx_gallery_end_ignore

# %%
# Nothing is missing in *High*.
#
# Train on the past, test on the last full year
# ---------------------------------------------
#
# The **test year** is the last calendar year that the prices cover from
# January to December. All years before it are the **training years**. A random
# split would be wrong: the network would be trained on days that come *after*
# days on which it is tested.
#
# Networks are easier to train on small numbers. So the prices are **scaled**:
# the lowest training price becomes 0, and the highest becomes 1. The scaling
# does not use the test prices, because they are not yet known when the network
# is trained. So a scaled test price can be below 0 or above 1.
#
# ``make_windows`` splits the prices, scales them and cuts them into windows.
# It also keeps the prices in dollars, as ``train_prices`` and ``test_prices``.
# We count the test prices outside the range of the training prices.

windows = rnnedu.make_windows(prices, column="High", lookback=60)
train, test = windows.train_prices, windows.test_prices
lowest, highest = train.min(), train.max()
outside = ((test < lowest) | (test > highest)).sum()
print(f"{len(train):,} training prices, {lowest:.2f} to {highest:.2f} dollars")
print(f"{len(test)} test prices, all of {windows.test_year}")
print(f"{outside} test prices outside the range of the training prices")

# sphinx_gallery_start_ignore
import numpy as np

scaled = windows.scaler.transform([[lowest], [highest]])
assert np.allclose(scaled[:, 0], [0, 1]), "the page says: 0 and 1"
# sphinx_gallery_end_ignore

# %%
# In the figure, the light blue band is the range of the training prices.
# Outside this band a network has to **extrapolate**: no price that it was
# trained on was as low or as high.

if outside:
    finding = f"leaves the range of training on {outside} days"
else:
    finding = "stays within the range of training"
figure = rnnedu.plot_split(
    windows, f"The test year {windows.test_year} {finding}"
)

# %%
# What one window is
# ------------------
#
# The number of days in a window, here 60, is called the **lookback**. The
# arrays ``X_train`` and ``X_test`` hold the windows. Their shape is ``(batch,
# time, features)``: the number of windows, the days per window, and the
# numbers per day (here one, the scaled price). ``y_train`` and ``y_test`` hold
# the target of each window.

print("X_train", windows.X_train.shape)
print("y_train", windows.y_train.shape)
print("X_test ", windows.X_test.shape)
print("y_test ", windows.y_test.shape)

# %%
# The window of the first test day consists of the last 60 training days. This
# is allowed, because these prices are known on the first test day. The figure
# shows the window of a later test day.

figure = rnnedu.plot_window(
    windows,
    day=20,  # the first test day is number 0
    title="A window of the test year may begin in the training years",
)

# sphinx_gallery_start_ignore
assert np.array_equal(
    windows.X_test[0, :, 0],
    np.append(windows.X_train[-1, 1:, 0], windows.y_train[-1]),
), "the first test window is the last 60 training days"
# sphinx_gallery_end_ignore

# %%
# The score to beat
# -----------------
#
# **Persistence** is the forecast that each price equals the price of the
# trading day before. It needs no training. We compare it with another simple
# forecast: the mean of all training prices, on every test day.
#
# ``score_table`` compares forecasts with the test prices, and puts persistence
# into its first row. **RMSE** is the square root of the mean squared error,
# and **MAE** is the mean absolute error, both in dollars. The **skill** is
# ``1 - RMSE / (RMSE of persistence)``. For example, a forecast with half the
# RMSE of persistence has a skill of one half. A forecast that is less accurate
# than persistence has a negative skill.

import pandas as pd

training_mean = pd.Series(train.mean(), index=test.index)
scores = rnnedu.score_table(windows, {"training mean": training_mean})
print(rnnedu.compare_to_baseline(scores, "training mean"))

# sphinx_gallery_start_ignore
rmse = scores["RMSE"]
assert rmse["training mean"] > 2 * rmse["persistence"], "it says: far more"
# sphinx_gallery_end_ignore
scores.round(2)

# %%
# Compared with the training mean, even a poor network can look good. So the
# next examples compare each network with persistence.
#
# Try it yourself
# ---------------
#
# - Forecast the closing price, with ``column="Close"`` in ``make_windows``. Is
#   the RMSE of persistence higher or lower than for *High*?
# - Use windows of 10 days, with ``lookback=10``. Does the RMSE of persistence
#   change? Why?
# - Score the forecast ``rnnedu.last_value_forecast(windows)``, which is the
#   last training price on every test day.
#
# What to remember
# ----------------
#
# - Split the data by time, and scale with the training years only.
# - A test window may begin in the training years.
# - Put the RMSE of a simple forecast beside the RMSE of each network.
#
# Next: :doc:`/auto_gallery/plot_02_lstm`.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
