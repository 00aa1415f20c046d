"""
From your own CSV file to a forecast
====================================

*Level: beginner. Time: 20 minutes.* We read a CSV file of prices, check it,
score small networks on it, and save a network that forecasts the next day. The
prices are made up; you can use your own file instead. *Finding*: on prices
that change by pure chance, none of our networks beats the last price.

A network reads 20 prices and predicts the next price. The one to beat is
**persistence**: it predicts that tomorrow's price is today's price. The prices
of this page are a **random walk**: each day, the logarithm of the price
changes by a random number, which is independent of all earlier numbers. No
forecast of a random walk is much better than persistence. For your own prices,
a good score is an RMSE (root of the mean squared error) below that of
persistence. The chapter :doc:`/learn/use` explains how to save a network.
"""

# %%
# A file of made-up prices
# ------------------------
#
# The first cell writes a CSV file of made-up prices into a temporary folder.
# ``level`` is log(price / 100), so it is zero at a price of 100. Each day, the
# new level is ``KEPT`` times the old level, plus a random step. With ``KEPT =
# 1`` this is a random walk. The steps have a mean above zero, the **drift** of
# the walk. A forecast that adds the drift beats persistence only slightly.

# sphinx_gallery_thumbnail_number = 2
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

KEPT = 1
folder = tempfile.TemporaryDirectory()
made_up = Path(folder.name, "made_up.csv")
days = pd.bdate_range("2019-01-01", "2024-03-15")  # Monday to Friday
level, prices = 0, []
for step in np.random.default_rng(0).normal(0.0005, 0.012, len(days)):
    level = KEPT * level + step
    prices.append(100 * np.exp(level))
table = pd.DataFrame({"Date": days, "Close": prices})
table.to_csv(made_up, index=False, float_format="%.2f")
print("\n".join(made_up.read_text().splitlines()[:3]))

# %%
# Choose a file and read it
# -------------------------
#
# For your own prices, change only the three names in the next cell:
#
# - ``path`` is the path of your file. The page never changes this file.
# - ``column`` is the name of its column of prices.
# - ``saved`` is where your network is saved, such as ``"my.forecaster"``. Do
#   not leave it in the temporary folder, which is deleted at the end.
#
# The first line of your file must hold the names of the columns. One of them
# must be ``Date``. ``load_prices`` reads most formats of dates and numbers.
# For files of yfinance or a spreadsheet, see :doc:`/your_own_data`.

import rnnedu

path = made_up
column = "Close"
saved = Path(folder.name, "my.forecaster")

prices = rnnedu.load_prices(path, column)
print(rnnedu.describe_source(prices))

# sphinx_gallery_start_ignore
assert prices.attrs["source"] == "file", "the page says: it is read"
# sphinx_gallery_end_ignore

# %%
# The output ends with a **hash** (sha256) of the whole file. Write it down
# beside your scores: if one price changes, the hash changes, too.
#
# What does a bad line look like?
# -------------------------------
#
# Suppose that one price is missing. In a copy of the made-up file, we remove
# the price of the sixth line. Then ``load_prices`` stops with an error. The
# message names the line, a way to fix it, and a help page.

import textwrap

lines = made_up.read_text().splitlines()
day, price = lines[5].split(",")  # the sixth line
without_price = [*lines[:5], f"{day},", *lines[6:]]
bad = Path(folder.name, "bad.csv")
bad.write_text("\n".join(without_price))
try:
    rnnedu.load_prices(bad, "Close")
except ValueError as error:
    message = str(error).replace(str(bad), bad.name)
    print(textwrap.fill(message, 75))

# sphinx_gallery_start_ignore
assert "line 6" in message and "Fix: " in message, "the page says so"
# sphinx_gallery_end_ignore

# %%
# Cut the prices into windows
# ---------------------------
#
# Each window holds 20 prices, and its target is the price of the next day. The
# **test year** is the last calendar year that the file covers from end to end.
# The networks are trained on the years before the test year. ``make_windows``
# also scales the prices for them. Prices after the test year, if there are
# any, are used only at the end of this page.

windows = rnnedu.make_windows(prices, column, lookback=20)
figure = rnnedu.plot_split(
    windows, f"{column} in dollars: the test year is {windows.test_year}"
)
figure.axes[0].legend(loc="best", frameon=False)
print(f"{len(windows.X_train):,} training windows")

# %%
# Score the networks
# ------------------
#
# A GRU of 16 units is trained from three seeds, because a single training run
# may be lucky or unlucky. Each training run goes over all windows five times
# (``epochs``), in batches of 64. ``fit_seeds`` returns the three networks, and
# the losses of their training, which we do not need here.
#
# The table has persistence in its first row. RMSE and the mean absolute error
# (MAE) are in the unit of the prices. The **skill** is ``1 - RMSE / (RMSE of
# persistence)``. It is negative if persistence is more accurate.

import keras

layers = [keras.Input((20, 1)), keras.layers.GRU(16), keras.layers.Dense(1)]
model = keras.Sequential(layers)
model.compile(keras.optimizers.Adam(0.02), loss="mean_squared_error")
options = {"epochs": 5, "batch_size": 64}
networks, losses = rnnedu.fit_seeds(
    model, windows.X_train, windows.y_train, seeds=range(3), **options
)

forecasts = {}
for seed, network in enumerate(networks):
    name = f"GRU, seed {seed}"
    forecasts[name] = rnnedu.forecast_one_step(network, windows)
scores = rnnedu.score_table(windows, forecasts)

# sphinx_gallery_start_ignore
skills = scores["skill"].iloc[1:]
assert skills.max() < 0, "the page says: none beats it"
assert skills.min() > -0.1, "the page says: nearly"
# sphinx_gallery_end_ignore
scores.round(3)

# %%
# All three networks are nearly as accurate as persistence, but none is more
# accurate. No network could be much more accurate here, because the next
# change of a random walk does not depend on the past. On your own prices, look
# at the column *skill*. If it is negative for most seeds, use persistence, or
# improve your network step by step, as in the chapter :doc:`/learn/winning`.
#
# Train once more and save
# ------------------------
#
# For use, a network should know the newest prices. ``test_year=None`` takes
# all prices for the training. We train one network, from seed 0. We do not
# take the seed with the best score, because it may only have had luck in the
# test year. ``Forecaster`` saves the network with all that it needs for a
# forecast: the column, the scaling of the prices, and the length of a window.

latest = rnnedu.make_windows(prices, column, lookback=20, test_year=None)
networks, losses = rnnedu.fit_seeds(
    model, latest.X_train, latest.y_train, seeds=0, **options
)
rnnedu.Forecaster.from_windows(networks[0], latest).save(saved)

# %%
# Load it and forecast the next day
# ---------------------------------
#
# You can put the next cell into a script that you run each evening. The script
# also needs ``import rnnedu`` and your values of ``path`` and ``saved``. It
# reads the newest prices from the file, and does not train.

loaded = rnnedu.load_forecaster(saved)
newest = rnnedu.load_prices(path, loaded.column)
forecast = loaded.forecast_next(newest)
last_day, last_price = newest.index[-1], newest[loaded.column].iloc[-1]
print(f"last price, {last_day:%Y-%m-%d}: {last_price:.2f}")
print(f"forecast for the next day: {forecast:.2f}")

# sphinx_gallery_start_ignore
in_memory = rnnedu.Forecaster.from_windows(networks[0], latest)
assert forecast == in_memory.forecast_next(prices), "as before it was saved"
assert len(latest.train_prices) == len(prices), "the page says: all of them"
away = abs(forecast - last_price)
assert away < scores["RMSE"].iloc[0], "the page says: close"
# sphinx_gallery_end_ignore

# %%
# The forecast is close to the last price, the forecast of persistence. How far
# may the next price be from the forecast? The bar in the figure is one RMSE up
# and one RMSE down. The new network has no RMSE, because all prices were used
# for its training. So we take the RMSE of seed 0 from the table. If the errors
# are normally distributed, about two thirds of the prices lie inside the bar.

from rnnedu import plots

next_day = last_day + pd.offsets.BDay()
error = scores.loc["GRU, seed 0", "RMSE"]
fig, ax = plots.figure(
    f"{column} in dollars: the forecast for the next day is {forecast:.2f}",
    alt="The last 30 prices, and after them a dot with a bar, the forecast.",
    xlabel="day",
    ylabel=f"{column} in dollars",
)
plots.draw_lines(ax, {"true price": newest[column][-30:]}, unit="dollars")
ax.errorbar(next_day, forecast, error, fmt="o", label="forecast")
ax.legend(frameon=False)
folder.cleanup()  # deletes the temporary folder

# %%
# Try it yourself
# ---------------
#
# - Set ``KEPT = 1 / 3``. Then two thirds of the old level are lost each day,
#   and the price soon returns to 100. Do the networks beat persistence?
# - Set ``path``, ``column`` and ``saved`` for your own file.
#
# What to remember
# ----------------
#
# - Five functions take you from a file to a table of scores: ``load_prices``,
#   ``make_windows``, ``fit_seeds``, ``forecast_one_step`` and ``score_table``.
# - ``load_prices`` stops at a bad line, and the error names the line.
# - Before you use a network, train it on all prices and save it as a
#   ``Forecaster``. Then use ``load_forecaster`` and ``forecast_next``.
#
# Next: :doc:`/auto_gallery/inside_the_cell/plot_13_gate_traces`.
#
# **Source.** Fama (1970), *Efficient capital markets*, The Journal of Finance
# 25(2), on random walks and share prices.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
