"""
IBM's daily price, cut into windows
===================================

*Level: beginner. Time: 10 minutes.* IBM's price is checked, split by year and
cut into the windows that every network of this gallery reads. *Finding*:
yesterday's price is a much better forecast than the mean of the past, so each
score has to be compared with it.

The data are IBM's highest price of each trading day, in dollars. We look at
them, check them, and cut them into **windows**: 60 trading days in a row, each
with the price of the day after it. That next price is what the networks
forecast.

A good score is, at the least, one that beats the simplest forecast there is:
*tomorrow will be like today*. We measure that one first. The chapter
:doc:`/learn/time_series` explains windows, scaling and this forecast.
"""

# %%
# The prices
# ----------
#
# ``load_ibm`` looks for the notebook's own file, and tells where the prices of
# this run come from. A row is a trading day; *High* is the column we forecast.

import rnnedu

prices = rnnedu.load_ibm()
print(rnnedu.describe_source(prices))
prices.head()

# %%
# Is anything missing?
# --------------------
#
# A gap would become a wrong window, so we count them, column by column, and
# name the days. (A trading day that is absent as a whole cannot be seen this
# way.)

gaps = prices.isna()
print(gaps.sum().to_string())
for day in prices.index[gaps.any(axis=1)]:
    print(
        f"{day:%Y-%m-%d}: no {' and no '.join(prices.columns[gaps.loc[day]])}"
    )

# sphinx_gallery_start_ignore
assert not gaps["High"].any(), "the page says that nothing is missing in High"
# sphinx_gallery_end_ignore

# %%
# Nothing is missing in *High*, so no window has a hole in it.
#
# Train on the past, test on the last full year
# ---------------------------------------------
#
# The test year is the last calendar year that the series covers from end to
# end; everything before it is for training. A split at random would let the
# network train on days that come *after* the ones it is tested on.
#
# Networks like small numbers, so prices are scaled: the lowest training price
# becomes 0, the highest 1. The scaler sees the training years alone. If the
# scaler saw the test year, too, the training data would tell something about
# the future. This happens whenever a test price is below or above all training
# prices.

windows = rnnedu.make_windows(prices, column="High", lookback=60)
train, test = windows.train_prices, windows.test_prices
low, high = train.min(), train.max()
outside = (~test.between(low, high)).sum()
print(f"trained on {len(train):,} days, {low:.2f} to {high:.2f} dollars")
print(f"tested on {len(test)} days of {windows.test_year}")
print(f"test days outside the range of training: {outside}")

# %%
# Look at the test year beside the band of prices that training covers. A
# network that has to leave this band extrapolates, and nothing in its training
# taught it how.

where = (
    f"leaves the range of training on {outside} days"
    if outside
    else "stays within the range of training"
)
figure = rnnedu.plot_split(
    windows, f"The test year {windows.test_year} {where}"
)

# %%
# What one window is
# ------------------
#
# A window is the **lookback**: the 60 days that the network sees. The windows
# are stacked into one array of shape ``(batch, time, features)``: how many
# windows, 60 days each, one number per day.

for name in ("X_train", "y_train", "X_test", "y_test"):
    print(f"{name:<8} {getattr(windows, name).shape}")

# %%
# The first test days have fewer than 60 days of their own year behind them, so
# their windows reach back into the training years. That is no leak: on the day
# of the forecast those prices are known.

figure = rnnedu.plot_window(
    windows,
    day=20,
    title="A window may reach back into training: it is all past",
)

# sphinx_gallery_start_ignore
import numpy as np

assert np.array_equal(
    windows.X_test[0, :, 0],
    np.append(windows.X_train[-1, 1:, 0], windows.y_train[-1]),
), "the first test window is the last 60 training days"
# sphinx_gallery_end_ignore

# %%
# The score to beat
# -----------------
#
# Yesterday's price as the forecast for today is called **persistence**. It
# needs no training and no computer. **RMSE** is the root of the mean squared
# error, **MAE** the mean of the absolute errors, both in dollars. **Skill** is
# one minus the RMSE divided by the RMSE of persistence. So persistence itself
# has a skill of zero.

scores = rnnedu.score_table(windows, {})
scores.round(2)

# %%
# For comparison, we now forecast the mean of the training years on every day.

training_mean = test * 0 + train.mean()
with_mean = rnnedu.score_table(windows, {"training mean": training_mean})
print(rnnedu.compare_to_baseline(with_mean, "training mean"))
with_mean.round(2)

# %%
# A forecast has to be compared with a *good* simple one: anything looks strong
# beside the mean. Every table from here on starts with persistence.
#
# Try it yourself
# ---------------
#
# - Give ``make_windows`` another column, such as ``column="Low"``, or a
#   ``lookback`` of 10. Does the RMSE of persistence change with either?
# - Replace the training mean by the last training price on every day,
#   ``rnnedu.last_value_forecast(windows)``.
#
# What to remember
# ----------------
#
# - Split by time, scale on the training years alone, let test windows reach
#   back.
# - A score says nothing until the simplest forecast stands beside it.
#
# Next: *A four-layer LSTM on IBM's price*.

# sphinx_gallery_start_ignore
rmse = with_mean["RMSE"]
assert rmse["training mean"] > 2 * rmse["persistence"], "it says: much"
# sphinx_gallery_end_ignore

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
