"""
A four-layer LSTM on IBM's price
================================

*Level: beginner. Time: 15 minutes.* We train four LSTM layers to forecast the
next day's *High* from the last 60 days. *Finding*: the curve of the forecast
has the shape of the price, but it is some days late, and it is less accurate
than the price of the day before.

An **LSTM** (long short-term memory) is a recurrent layer. It reads a window
one day at a time. From each day to the next, it passes on two vectors: the
**cell state** and the **hidden state**. Three **gates**, which are factors
between 0 and 1, are computed again for each day. The *forget gate* determines
how much of the cell state is kept, the *input gate* how much new content is
added to it, and the *output gate* how much of it goes into the hidden state.

A good score is an RMSE (root mean squared error) below that of persistence.
Persistence forecasts each day with the price of the day before. The chapter
:doc:`/learn/lstm` explains the layer, and :doc:`/learn/forecasting` explains
how to judge a forecast.
"""

# %%
# Windows
# -------
#
# The windows are those of the example :doc:`/auto_gallery/plot_01_ibm_prices`.
# Each has 60 prices, scaled with the training years only.

# sphinx_gallery_thumbnail_number = 2
import rnnedu

prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.describe_source(prices))
print(f"test year: {windows.test_year}")

# %%
# The network
# -----------
#
# The network comes from the *source notebook*, the public notebook that the
# first examples repeat (:doc:`/reference/notebook`). Each LSTM layer has 50
# **units**: each of its two vectors holds 50 numbers. The first three layers
# return the hidden state of every day (``return_sequences=True``). The fourth
# layer returns only the hidden state of the last day, and the *Dense* layer
# computes the forecast from it. During training, **dropout** sets about a
# fifth of a layer's outputs to zero, at random, so that the next layer cannot
# rely on a single number. This is the code:

import inspect

code = inspect.getsource(rnnedu.lstm_network)
print(code[code.index("    return keras") :])  # without the docstring

# %%
# ``build_network`` builds this network and compiles it, which sets the
# optimiser and the loss. ``summary`` lists the layers and counts their
# parameters. ``None`` stands for the number of windows, which can vary.

model = rnnedu.build_network("lstm", lookback=60)
model.summary()

# %%
# Training
# --------
#
# In each training step, the network reads a **batch** of windows, and the
# **optimiser** changes the weights so that the **loss** falls. Here the loss
# is the mean squared error of the scaled forecasts. An **epoch** is one pass
# over all training windows. The settings printed below are the notebook's own.
#
# ``train`` builds the network again and trains it, which takes some minutes,
# or reads the weights of an earlier training. The **seed** determines all
# random numbers, so the same machine repeats the training exactly.

recipe = rnnedu.RECIPES["lstm"]
optimizer = model.optimizer
print(f"optimiser {type(optimizer).__name__}, loss {model.loss}")
print(f"learning rate {float(optimizer.learning_rate):g}")
print(f"{recipe.epochs} epochs, batches of {recipe.batch_size} windows")

trained = rnnedu.train("lstm", windows, seed=0)
loss = trained.history["loss"]

# %%
# The next figure shows the loss of each epoch. The loss falls, so the network
# has learned something about the training years. The loss does not show how
# accurate the network is in the test year.

figure = rnnedu.plot_loss(
    {"LSTM": loss},
    f"In the last epoch the loss is {loss[-1] / loss[0]:.0%} of the first",
)

# sphinx_gallery_start_ignore
assert loss[-1] < loss[0] / 2
# sphinx_gallery_end_ignore

# %%
# The forecast
# ------------
#
# ``forecast_one_step`` forecasts each day of the test year from the 60 true
# prices before it.

forecast = rnnedu.forecast_one_step(trained.model, windows)
figure = rnnedu.plot_forecasts(
    windows, {"LSTM": forecast}, "The LSTM's curve has the shape of the price"
)

# sphinx_gallery_start_ignore
assert forecast.corr(windows.test_prices) > 0.75, "the title says: the shape"
# sphinx_gallery_end_ignore

# %%
# The score
# ---------
#
# Is the forecast more accurate than persistence? The table shows the RMSE and
# the MAE (mean absolute error) in dollars. The skill is ``1 - RMSE / (RMSE of
# persistence)``. We also print the RMSE that the notebook reported. It is from
# another training run, with other random numbers. The example
# :doc:`/auto_gallery/ibm/plot_05_bidirectional` shows how much 20 training
# runs of this network differ.

scores = rnnedu.score_table(windows, {"LSTM": forecast})
print(rnnedu.compare_to_baseline(scores, "LSTM"))
print(rnnedu.notebook_score_text("lstm"))

# sphinx_gallery_start_ignore
assert scores.loc["LSTM", "skill"] < 0, "the page says that the LSTM loses"
# sphinx_gallery_end_ignore
scores.round(2)

# %%
# The network loses to persistence: its skill is below zero.
#
# Too high, too low, or too late
# ------------------------------
#
# The **bias** of a forecast is its mean error, the mean of forecast minus
# price. If the bias is negative, the forecast is too low on average.
#
# A forecast can also be late. For example, persistence is one day late: its
# curve is the curve of the price, moved by one day. ``error_by_lag`` compares
# a forecast with the price of the same day (lag 0), of the day before (lag 1),
# and so on. For each lag, it computes the standard deviation of forecast minus
# price, in dollars. (A bias does not change a standard deviation.) The lag
# with the smallest standard deviation tells how many days the forecast is
# late. ``lateness`` returns this lag.

import pandas as pd

bias = (forecast - windows.test_prices).mean()
print(f"bias {bias:+.2f} dollars\n")

persistence = rnnedu.persistence_forecast(windows)
lags = pd.DataFrame(
    {
        "persistence": rnnedu.error_by_lag(windows.prices, persistence),
        "LSTM": rnnedu.error_by_lag(windows.prices, forecast),
    }
)
days_late = rnnedu.lateness(windows.prices, forecast)
print(lags.round(2).to_string())

# sphinx_gallery_start_ignore
assert lags["persistence"].idxmin() == 1 and 2 < days_late < 10, "several"
lowest, second = lags["LSTM"].nsmallest(2)
assert second < 1.2 * lowest, "it says: similar"
# sphinx_gallery_end_ignore

# %%
# The LSTM is several days late. (The two smallest values in its column are
# similar, so the exact number of days is uncertain.) The next figure shows the
# days around the largest change of the price in the test year.

biggest = windows.test_prices.diff().abs().argmax()
# 12 days before the largest change, and 12 days after it
near = windows.test_prices.index[max(0, biggest - 12) : biggest + 13]
figure = rnnedu.plot_forecasts(
    windows,
    {"persistence": persistence, "LSTM": forecast},
    f"Close up, the LSTM's curve is about {days_late} days late",
    days=near,
)

# %%
# A simple forecast that is equally late
# --------------------------------------
#
# The mean of the last prices is a late forecast, too. For example, the mean of
# the last 3 prices contains prices that are 1, 2 and 3 days old, so it is
# about 2 days late. In general, the mean of the last n prices is about
# (n + 1) / 2 days late. We choose n so that the mean is as late as the LSTM.
#
# We add two columns to the score table: the days that a forecast is late, and
# its correlation with the price.

n = 2 * days_late - 1  # then (n + 1) / 2 equals days_late
means = windows.prices.rolling(n).mean()
mean = means.shift(1)[forecast.index]  # up to the day before
forecasts = {f"mean of {n} prices": mean, "LSTM": forecast}
table = rnnedu.score_table(windows, forecasts)
for name, each in {"persistence": persistence, **forecasts}.items():
    table.loc[name, "days late"] = rnnedu.lateness(windows.prices, each)
    table.loc[name, "correlation"] = each.corr(windows.test_prices)

# sphinx_gallery_start_ignore
_, of_mean, of_lstm = table.to_dict("records")
assert of_mean["days late"] == of_lstm["days late"], "it says: as late"
gap = of_lstm["RMSE"] - of_mean["RMSE"]  # of the bias, it says: most
assert gap > 0 and lags.loc[0, "LSTM"] - of_mean["RMSE"] < gap / 2
assert abs(of_mean["correlation"] - of_lstm["correlation"]) < 0.03
# sphinx_gallery_end_ignore
table.round(2)

# %%
# The mean is as late as the LSTM, its correlation with the price is about the
# same, and its RMSE is lower. (Most of this gap comes from the LSTM's bias.)
#
# Try it yourself
# ---------------
#
# - Train with another seed: ``rnnedu.train("lstm", windows, seed=1)``. How
#   much do the RMSE and the bias change?
# - Train for 10 epochs, with ``epochs=10`` in ``train``. Is the forecast later
#   or earlier?
#
# What to remember
# ----------------
#
# - A curve with the shape of the price does not show that a network is good: a
#   mean of the last prices has this shape, too.
# - This is one training run with one seed. Before you compare two networks,
#   measure how much their scores differ from seed to seed.
# - The result is about this network with these settings, not about all LSTMs.
#
# Next: :doc:`/auto_gallery/plot_03_gru`.
#
# **Sources.** Hochreiter and Schmidhuber (1997), *Long short-term memory*,
# Neural Computation 9(8); Gers, Schmidhuber and Cummins (2000), *Learning to
# forget*, Neural Computation 12(10), which added the forget gate.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
