"""
From your own CSV file to a forecast
====================================

*Level: beginner. Time: 20 minutes.* A CSV file is read, checked and cut into
windows. Small networks are scored on it, and a saved network forecasts the
next day. The prices are made up; put your own file in their place. *Finding*:
on prices that change by pure chance, no network beats the last price.

A network reads 20 prices and predicts the next one. The one to beat is
**persistence**: tomorrow's price is today's price. The prices of this page are
a **random walk**: each change of the logarithm of the price is sampled at
random, independently of all others. No forecast of a random walk is much
better than persistence. For your own prices, a good score is an RMSE below
that of persistence. :doc:`/learn/use` explains how to save a network.
"""

# %%
# A file of made-up prices
# ------------------------
#
# This cell writes a file of made-up prices into a temporary folder. ``level``
# is log(price / 100). At a price of 100 it is zero. Each day, the new level is
# ``KEPT`` times the old level, plus a random step. With ``KEPT = 1`` this is a
# random walk. The mean step is a little above zero: the walk has a **drift**.

# sphinx_gallery_thumbnail_number = 2
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

KEPT = 1
folder = tempfile.TemporaryDirectory()
made_up = Path(folder.name, "made_up.csv")
days = pd.bdate_range("2019-01-01", "2024-03-15")
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
# For your own prices, change only the line with ``path``. Put the path of your
# file in the place of ``made_up``, and the name of its column of prices in the
# place of ``"Close"``. The page never changes your file.
#
# A file needs a first line with the names of the columns, a column ``Date``
# and a column of prices, as printed above. ``load_prices`` reads most formats
# of dates and numbers. For files of yfinance, Nasdaq.com or a spreadsheet, see
# :doc:`/your_own_data`.

import rnnedu

path, column = made_up, "Close"
prices = rnnedu.load_prices(path, column)
print(rnnedu.describe_source(prices))

# sphinx_gallery_start_ignore
assert prices.attrs["source"] == "file", "the page says: it is read"
# sphinx_gallery_end_ignore

# %%
# The output shows a **hash** (sha256), which is computed from the whole file.
# Write it down beside your scores: if one price changes, so does the hash.
#
# What does a bad line look like?
# -------------------------------
#
# Suppose that one price is missing. In a copy of the made-up file, we remove
# the price of the sixth line. ``load_prices`` does not skip the line or fill
# the gap. It stops with an error, which names the line and a way to fix it.
# The message ends with the name of a help page: :doc:`/your_own_data`.

import textwrap

lines = made_up.read_text().splitlines()
day, price = lines[5].split(",")
bad = Path(folder.name, "bad.csv")
bad.write_text("\n".join([*lines[:5], f"{day},", *lines[6:]]))
try:
    rnnedu.load_prices(bad, "Close")
except ValueError as error:
    message = str(error).replace(str(bad), bad.name)
    print(textwrap.fill(message, 75))

# sphinx_gallery_start_ignore
assert "line 6" in message and "Fix: " in message, "the page says so"
for rows in ([*lines[:6], *lines[5:]], [*lines[:5], *lines[6:4:-1]]):
    bad.write_text("\n".join(rows))
    try:
        rnnedu.load_prices(bad, "Close")
        found = "nothing"
    except ValueError as error:
        found = str(error)
    assert ", line " in found and "Fix: " in found, "it says: it also stops"
# sphinx_gallery_end_ignore

# %%
# It also stops if a day occurs twice, or if the days are not in order.
#
# Cut it into windows
# -------------------
#
# Each window holds 20 prices, and its target is the price of the next day. The
# **test year** is the last calendar year that the file covers from end to end.
# The networks are trained on the years before it. Prices after the test year,
# if there are any, are used only at the end of this page.

windows = rnnedu.make_windows(prices, column, lookback=20)
print(f"training windows: {windows.X_train.shape}")
figure = rnnedu.plot_split(
    windows, f"{column} in dollars: the test year is {windows.test_year}"
)
figure.axes[0].legend(loc="best", frameon=False)

# %%
# Score the networks
# ------------------
#
# A GRU of 16 units is trained from three seeds, since a single training run
# may be lucky or unlucky. Each training goes over all windows five times
# (``epochs``), in batches of 64. ``fit_seeds`` returns the networks and the
# losses of their training, which we do not need here. ``score_table`` puts
# persistence into the first row. RMSE and the mean absolute error (MAE) are in
# the unit of the prices. A **skill** of 0 means as accurate as persistence; a
# negative skill means less accurate than persistence.

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
# All three networks are nearly as accurate as persistence, and none beats it.
# Here no network could do much better: the next change of a random walk does
# not depend on the past. On your own prices, look at the column *skill*. If it
# is negative for most seeds, use persistence, or continue with
# :doc:`/learn/winning`, which improves a network step by step.
#
# Train once more and save
# ------------------------
#
# For use, a network should know the newest prices. ``test_year=None`` takes
# all prices for the training. We train from seed 0. A seed with the best score
# may only have had luck in the test year, so we do not choose by score.
# ``Forecaster`` saves the network with everything it needs for a forecast: the
# column, the scaling of the prices, the length of a window.

latest = rnnedu.make_windows(prices, column, lookback=20, test_year=None)
networks, losses = rnnedu.fit_seeds(
    model, latest.X_train, latest.y_train, seeds=0, **options
)
saved = Path(folder.name, "my.forecaster")
rnnedu.Forecaster.from_windows(networks[0], latest).save(saved)

# %%
# Load it and forecast the next day
# ---------------------------------
#
# These lines could stand in another script, which you run each evening. The
# script needs the saved network and the newest CSV file. It does not train.

loaded = rnnedu.load_forecaster(saved)
newest = rnnedu.load_prices(path, loaded.column)[loaded.column]
forecast = loaded.forecast_next(newest.to_frame())
print(f"last price, {newest.index[-1]:%Y-%m-%d}: {newest.iloc[-1]:.2f}")
print(f"forecast for the next day: {forecast:.2f}")

# sphinx_gallery_start_ignore
in_memory = rnnedu.Forecaster.from_windows(networks[0], latest)
assert forecast == in_memory.forecast_next(prices), "as before it was saved"
assert len(latest.train_prices) == len(prices), "the page says: all of them"
away = abs(forecast - newest.iloc[-1])
assert away < scores["RMSE"].iloc[0], "the page says: close"
# sphinx_gallery_end_ignore

# %%
# Like persistence, the network predicts nearly the last price. How far may the
# next price be from the forecast? The bar in the figure is one RMSE up and
# down. The new network has no score, so we use that of the first network from
# seed 0. If the errors were normally distributed, about two thirds of the
# prices would lie inside.

from rnnedu import plots

next_day = newest.index[-1] + pd.offsets.BDay()
error = scores.loc["GRU, seed 0", "RMSE"]
fig, ax = plots.figure(
    f"{column} in dollars: the forecast for the next day is {forecast:.2f}",
    alt="The last 30 prices, and after them a dot with a bar, the forecast.",
    xlabel="day",
    ylabel=f"{column} in dollars",
)
plots.draw_lines(ax, {"true price": newest[-30:]}, unit="dollars")
ax.errorbar(next_day, forecast, error, fmt="o", label="forecast")
ax.legend(frameon=False)
folder.cleanup()  # removes the files of this page

# %%
# Try it yourself
# ---------------
#
# - Set ``KEPT = 1 / 3``. Then two thirds of the old level are lost each day,
#   and the price soon returns to 100. Do the networks beat persistence?
# - Set ``path`` and ``column`` for your own file.
#
# What to remember
# ----------------
#
# - Four functions take you from a file to a table of scores: ``load_prices``,
#   ``make_windows``, ``fit_seeds`` and ``score_table``.
# - A file with a bad line is refused. The error names the line.
# - Before you use a network, train it on all prices and save it as a
#   ``Forecaster``. ``load_forecaster`` and ``forecast_next`` do the rest.
#
# Next: :doc:`/auto_gallery/inside_the_cell/plot_13_gate_traces`.
#
# **Source.** Fama (1970), *Efficient capital markets*, The Journal of Finance
# 25(2), on random walks and share prices.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
