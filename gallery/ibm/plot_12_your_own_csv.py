"""
The same pipeline on a file of your own
=======================================

Everything the gallery does with IBM's prices can be done with yours: a CSV
file with a date and a price on each line is enough. So that this page runs
everywhere, it writes such a file itself, with made-up prices. The next day's
price is forecast from the 20 days before it.

Made-up prices have an advantage: whoever made them knows the best forecast
there can be. Here each day's step is sampled at random, and persistence,
yesterday's price, is nearly as good a forecast as any. It is the one to beat,
and no network will.
"""

# %%
# A file of made-up prices
# ------------------------
#
# The file goes into a folder that is removed at the end. It holds weekdays,
# and for each a price that starts near 100 dollars.

# sphinx_gallery_thumbnail_number = 3
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

folder = tempfile.TemporaryDirectory()
days = pd.bdate_range("2019-01-01", "2024-03-15")


def write(name, logarithms):
    path = Path(folder.name, name)
    table = pd.DataFrame({"Date": days, "Close": 100 * np.exp(logarithms)})
    table.to_csv(path, index=False, float_format="%.2f")
    return path


# %%
# The prices are a **random walk**: each is the one before it times a factor
# close to one, sampled anew each day. On the mean the factor lies a little
# above one; that is called **drift**.

DRIFT, SIZE = 0.0005, 0.012
chance = np.random.default_rng(0).normal(size=len(days))
path = write("my_prices.csv", np.cumsum(DRIFT + SIZE * chance))
print("\n".join(path.read_text().splitlines()[:4]))

# %%
# A header line, a column ``Date`` and a column with the price: that is all a
# file needs. Files from yfinance, Nasdaq.com, a spreadsheet or a database look
# different; :doc:`/your_own_data` has a recipe for each. For a file of your
# own, copy the lines from ``load_prices`` to ``score_table`` into a script,
# with your ``path`` and the name of your price for ``"Close"``, and leave the
# row with the drift out.
#
# Reading it
# ----------
#
# ``load_prices`` checks the file and notes where the prices come from. The
# **hash** (sha256) is a fingerprint: change one character, and it is another.
# A score that is told together with it can be traced to its file.

import rnnedu

prices = rnnedu.load_prices(path, column="Close")
print(rnnedu.describe_source(prices))

# sphinx_gallery_start_ignore
assert prices.attrs["source"] == "file" and len(prices) == len(days)
# sphinx_gallery_end_ignore

# %%
# Windows
# -------
#
# Nothing else changes. The test year is the last calendar year that the file
# covers whole; the few weeks after it are left out. Another one can be had
# with ``test_year=``.

windows = rnnedu.make_windows(prices, column="Close", lookback=20)
train, test = windows.train_prices, windows.test_prices
print(f"training windows: {windows.X_train.shape}")
print(f"test year: {windows.test_year}")
print(f"days left out at the end: {len(prices) - len(train) - len(test)}")

figure = rnnedu.plot_split(
    windows,
    f"{len(train):,} days to learn from, {len(test)} to be tested on",
)

# sphinx_gallery_start_ignore
assert train.index[-1] < test.index[0] and len(test) > 250
assert len(prices) > len(train) + len(test), "the page says: left out"
# sphinx_gallery_end_ignore

# %%
# It looks like a share price. Who would see in it that there is nothing to
# see?
#
# A small network
# ---------------
#
# A GRU of 16 units, which trains in a small part of the time that the
# gallery's four layers take.

import keras

model = keras.Sequential(
    [keras.Input((20, 1)), keras.layers.GRU(16), keras.layers.Dense(1)]
)
model.compile(keras.optimizers.Adam(0.005), loss="mean_squared_error")

# %%
# Five seeds, since one run would be an anecdote. To score the network of *A
# four-layer LSTM on IBM's price*, give ``rnnedu.train("lstm", windows).model``
# to ``forecast_one_step``; its weights are kept, so that it is trained only
# once for your file.


def forecast_by_seed(windows):
    """Forecasts of the test year in dollars, one per seed."""
    X, y = windows.X_train, windows.y_train
    networks, _ = rnnedu.fit_seeds(model, X, y, epochs=10, batch_size=64)
    return {
        f"GRU, seed {seed}": rnnedu.forecast_one_step(network, windows)
        for seed, network in enumerate(networks)
    }


forecasts = forecast_by_seed(windows)
similar = forecasts["GRU, seed 0"].corr(test)
figure = rnnedu.plot_forecasts(
    windows,
    {"GRU": forecasts["GRU, seed 0"]},
    f"The GRU's curve follows the price (correlation {similar:.2f})",
)

# sphinx_gallery_start_ignore
assert similar > 0.9, "the title says so"
# sphinx_gallery_end_ignore

# %%
# The scores
# ----------
#
# ``score_table`` puts persistence into the first row. The second row is the
# best forecast of these prices that can be made, yesterday's price and the
# drift. Nobody could make it for a real share, whose drift has to be guessed.

yesterday = rnnedu.persistence_forecast(windows)
best = yesterday * np.exp(DRIFT + SIZE**2 / 2)  # the mean of the factor
scores = rnnedu.score_table(
    windows, {"persistence and drift": best} | forecasts
)
lose = int((scores["skill"].iloc[2:] < 0).sum())
print(f"seeds that lose to persistence: {lose} of {len(forecasts)}")

# sphinx_gallery_start_ignore
assert lose == len(forecasts), "the page says that no network beats it"
assert abs(scores["skill"].iloc[1]) < 0.01, (
    "the page says: no gain that counts"
)
# sphinx_gallery_end_ignore
scores.round(3)

# %%
# The curve followed the price, and yet every network loses. Even the drift
# gains nothing that counts: in a single day it is far smaller than chance. On
# such a walk nothing beats persistence by much, and a network cannot be
# blamed for that. What it can be blamed for is the rest: it would only have to
# repeat the last price it was shown, and after this short training it does
# not.
#
# Or is the pipeline broken?
# --------------------------
#
# This has to be ruled out. So we give the same pipeline a price that *can* be
# forecast: it falls back towards 100 dollars, and each day keeps only part of
# the distance of the day before. Here too the best forecast is known.

KEPT = 0.3
away = np.zeros(len(days))
for t in range(1, len(days)):
    away[t] = KEPT * away[t - 1] + 0.02 * chance[t]

path_back = write("falls_back.csv", away)
prices_back = rnnedu.load_prices(path_back, column="Close")
other = rnnedu.make_windows(prices_back, column="Close", lookback=20)
best_other = 100 * (rnnedu.persistence_forecast(other) / 100) ** KEPT
best_other *= np.exp(0.02**2 / 2)  # the mean of the factor, as before
control = rnnedu.score_table(
    other, {"the best there is": best_other} | forecast_by_seed(other)
)

# sphinx_gallery_start_ignore
assert control["skill"].iloc[1] > 0.1
assert control["skill"].iloc[2:].min() > 0.1, "the page says: found"
assert np.ptp(control["skill"].iloc[1:]) < 0.05, "the page says: nearly all"
# sphinx_gallery_end_ignore
control.round(3)

# %%
# Here is a dot for each seed.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.style.use(plots.STYLE)
tables = {"random walk": scores["skill"], "falls back": control["skill"]}
gru = {f"GRU, {name}": skill.iloc[2:] for name, skill in tables.items()}
possible = [skill.iloc[1] for skill in tables.values()]
nothing, something = (skills.mean() for skills in gru.values())
fig, ax = plots.figure(
    f"Mean skill {nothing:+.2f} where there is nothing to find, "
    f"{something:+.2f} where there is",
    alt="Skill by seed as dots, of the best possible forecast as squares.",
    height=2.6,
    xlabel="skill against persistence (dotted)",
)
plots.draw_runs(ax, gru)
ax.plot(possible, [0, 1], "s", mfc="none", label="best possible forecast")
ax.legend()
plots.draw_baseline(ax, 0, vertical=True)
# sphinx_gallery_start_ignore
for (name, skills), best_skill in zip(gru.items(), possible, strict=True):
    plots.describe(
        fig,
        f"{name}: seeds from {skills.min():.2f} to {skills.max():.2f}, best "
        f"possible {best_skill:.2f}.",
    )
# sphinx_gallery_end_ignore

# %%
# The same network, the same training, another file: now every seed finds
# nearly all there is to be found. In a single year one may even end a hair
# above the best possible forecast; that is luck. So the pipeline works, and
# that nothing was gained on the walk tells of the walk.
#
# When a file is damaged
# ----------------------
#
# Files of one's own have faults. ``load_prices`` does not repair them in
# silence, since a repaired price is a made-up one. It stops and says in which
# file and on which line, and what would fix it. Here are some files with one
# fault each.

lines = path.read_text().splitlines()
date, price = lines[5].split(",")
damaged = {
    "a price is missing": [*lines[:5], f"{date},", *lines[6:]],
    "a day stands twice": [*lines[:6], *lines[5:]],
    "two days are swapped": [*lines[:5], lines[6], lines[5], *lines[7:]],
    "a decimal comma": [*lines[:5], lines[5].replace(".", ","), *lines[6:]],
    "another kind of date": [*lines[:5], f"07.01.2019,{price}", *lines[6:]],
    "another name": ["Date,Last", *lines[1:]],
}
broken, messages = Path(folder.name, "damaged.csv"), {}
for fault, text in damaged.items():
    broken.write_text("\n".join(text))
    try:
        rnnedu.load_prices(broken, column="Close")
    except ValueError as error:
        messages[fault] = str(error).replace(str(broken), broken.name)
        print(f"{fault}:\n  {messages[fault]}\n")

# sphinx_gallery_start_ignore
import re

assert messages.keys() == damaged.keys(), "each fault is found"
for message in messages.values():
    assert re.match(r"damaged.csv, line \d+: ", message), message
    assert "Fix: " in message
# sphinx_gallery_end_ignore

# %%
# After the last message the folder has served.

folder.cleanup()

# %%
# What to remember
# ----------------
#
# - ``load_prices``, ``make_windows``, a network, ``score_table``: four steps
#   from your file to a score with a baseline.
# - Tell the hash of the file together with the score.
# - On a random walk nothing beats persistence by more than the drift.
#   The most that a network can do there is to lose by little.
# - Before you blame the data, give the pipeline a series in which there is
#   something to find.
#
# **On your own.** Let the price fall back more slowly, with ``KEPT`` close to
# one. At what point does the network no longer notice? The walk is the end of
# that road. What these scores mean, and what they do not, is the matter of
# :doc:`/learn/forecasting`.
#
# **Sources.** Hyndman and Koehler (2006), *Another look at measures of
# forecast accuracy*, International Journal of Forecasting 22(4); Fama (1970),
# *Efficient capital markets*, The Journal of Finance 25(2), on random walks
# and share prices.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
