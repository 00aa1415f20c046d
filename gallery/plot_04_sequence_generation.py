"""
Letting the GRU run: a generated sequence
=========================================

*Level: beginner. Time: 15 minutes.* The trained GRU forecasts a whole year
from its own forecasts. *Finding*: the sequence moves less and less from day to
day, and where it ends depends on the network, not on the prices of that year.

So far each forecast saw the true prices up to the day before. Now the network
gets the last 60 training days, forecasts the next one, takes that forecast for
true, and goes on for a whole year. This is called **free running**, or a
recursive forecast.

It sees no price of the test year. So persistence, which repeats yesterday's
true price, is no fair baseline. The one to beat is a constant: the last
training price, repeated for every day. It is a flat line, and tables here call
it the **last value held**. The chapter :doc:`/learn/free_running` explains why
a generated sequence ends as it does.
"""

# %%
# The trained GRU
# ---------------
#
# This is the network of the example *A four-layer GRU on the same windows*. It
# forecasts the column High. If it has been trained before, its weights are
# read, not trained again.

# sphinx_gallery_thumbnail_number = 2
import rnnedu

prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.describe_source(prices))

trained = rnnedu.train("gru", windows, seed=0)

# %%
# The training is the same as before: the network learnt to forecast one day
# from 60 true prices. This is its loss.

loss = trained.history["loss"]
figure = rnnedu.plot_loss(
    {"GRU": loss},
    f"Trained on true prices, to {loss[-1] / loss[0]:.0%} of its first loss",
)

# %%
# The first window
# ----------------
#
# The forecast for the first test day needs the 60 days before it: the last
# ones of training. The public notebook from which this site started takes
# ``X_train[2708]`` instead, its last training window. The target of that
# window is the last training day. So the notebook's first forecast is for the
# last training day, but is compared with the price of the first test day. All
# its later forecasts are compared with the wrong day, too.

lookback = windows.lookback
right = windows.train_prices.index[-lookback:]
notebook = windows.train_prices.index[-lookback - 1 : -1]
print(f"right:    {right[0]:%Y-%m-%d} to {right[-1]:%Y-%m-%d}")
print(f"notebook: {notebook[0]:%Y-%m-%d} to {notebook[-1]:%Y-%m-%d}")
print(f"first test day: {windows.test_prices.index[0]:%Y-%m-%d}")

# sphinx_gallery_start_ignore
import numpy as np

for days, window in (
    (right, windows.X_test[0]),
    (notebook, windows.X_train[-1]),
):
    assert np.allclose(
        windows.inverse_scale(window), windows.train_prices[days], atol=1e-3
    )
# sphinx_gallery_end_ignore

# %%
# Running free
# ------------
#
# ``forecast_recursive`` feeds the network its own forecasts. You can also give
# it one or more other start windows. Then it returns one row for each of them.
# Here we also give it the notebook's window, which is one day too early.

generated = rnnedu.forecast_recursive(trained.model, windows)
(a_day_off,) = rnnedu.forecast_recursive(
    trained.model, windows, start_windows=windows.X_train[-1:]
)

# %%
# Here is the year that it generates, over the true one.

scores = rnnedu.score_table(
    windows,
    {"GRU": generated, "GRU, a day off": a_day_off},
    free_running=True,
)
word = "beats" if scores.loc["GRU", "skill"] > 0 else "loses to"
figure = rnnedu.plot_forecasts(
    windows,
    {
        "last value held": rnnedu.last_value_forecast(windows),
        "GRU": generated,
    },
    f"Free-running, the GRU {word} a flat line",
)

# %%
# The score, and the scores beside it
# -----------------------------------
#
# Persistence stands in the first row, as always. It sees the true price of
# the day before, and its row shows how much this helps. The skill is
# ``1 - RMSE / (RMSE of the second row)``: here the last value held.

print(rnnedu.compare_to_baseline(scores, "GRU"))
print(rnnedu.notebook_score_text("sequence"))
scores.round(2)

# %%
# The notebook's network was a GRU, too, in another training run. The section
# *Twenty seeds* shows how different such runs are.
#
# The difference between *GRU* and *GRU, a day off* is small here. But it is
# still a mistake to begin a day early: each forecast is compared with the
# wrong day.
#
# Where the sequence goes
# -----------------------
#
# How far does it move from one day to the next, at the start and at the end of
# the year?

moves = generated.diff().abs()
price_moves = windows.test_prices.diff().abs()
print(f"mean daily move, first 20 days: {moves[1:21].mean():.2f} dollars")
print(f"mean daily move, last 20 days:  {moves[-20:].mean():.2f} dollars")
print(f"mean daily move of the price:   {price_moves.mean():.2f} dollars")

# sphinx_gallery_start_ignore
assert moves[-20:].mean() < moves[1:21].mean(), "the page says that it slows"
# sphinx_gallery_end_ignore

# %%
# The sequence slows down. The network is a function that is applied again and
# again to its own result. Such a function can have a **stable fixed point**: a
# price to which nearby sequences move. If all 60 days have this price, the
# network forecasts it again. Where the fixed point lies follows from the
# weights, and not from the prices of the test year: the network does not see
# them. A year may be too short to reach the fixed point.
#
# Twenty seeds
# ------------
#
# That was one training run. The package holds the forecasts of 20 runs of this
# GRU, and of 20 runs of the LSTM, for the notebook's test year. The runs
# differ in their seed alone: in their initial weights and in the order of the
# batches. Each coloured line is one run. The black line is the true price; it
# is left out if your prices are not those of the notebook. We also count the
# runs that beat the last value held: ``load_study`` returns the scores of all
# runs, and ``free_skill`` is the skill against this flat line.

recorded = rnnedu.load_study_forecasts()
figure = rnnedu.plot_study_forecasts(
    recorded,
    ["lstm", "gru"],
    "Free-running, each training run ends at a price of its own",
    windows=windows,
)
last = recorded["free_running"].iloc[-1]
skill = rnnedu.load_study().groupby("network")["free_skill"]
for network in ("lstm", "gru"):
    ends, beat = last[network], (skill.get_group(network) > 0).sum()
    print(
        f"{network}: ends at {ends.min():.0f} to {ends.max():.0f} dollars,"
        f" {beat} of {len(ends)} runs beat the last value held"
    )

# sphinx_gallery_start_ignore
for network in ("lstm", "gru"):
    assert len(last[network]) == 20, "it says: 20 runs"
    assert last[network].max() - last[network].min() > 20, "far apart"
    assert 0 < (skill.get_group(network) > 0).sum() < 10, "some, not most"
assert last["gru"].idxmin() == 0, "the page says: the lowest"
# sphinx_gallery_end_ignore

# %%
# The same network on the same prices ends far apart from seed to seed. So the
# end of such a sequence tells nothing about the year. Of the GRUs, the one
# with seed 0, as above, ends at the lowest price. Some runs beat the flat
# line, but most do not: a single good run may be luck.
#
# Try it yourself
# ---------------
#
# - Add the argument ``kind="one_step"`` to ``plot_study_forecasts``. It plots
#   the forecasts that see the true prices up to the day before. Are the runs
#   still far apart?
# - Replace ``"gru"`` by ``"lstm"`` in ``train``. (The labels still say GRU.)
#   Does the LSTM beat the flat line?
#
# What to remember
# ----------------
#
# - Free running needs a baseline of its own: the last value held.
# - The start window is the last ``lookback`` days before the forecast.
# - Look at more than one training run. A single run may end near the true
#   price by chance.

# sphinx_gallery_start_ignore
gap = abs(scores.loc["GRU", "RMSE"] - scores.loc["GRU, a day off", "RMSE"])
assert gap < 0.1 * scores.loc["GRU", "RMSE"], (
    "the page says that the gap is small"
)
# sphinx_gallery_end_ignore

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
