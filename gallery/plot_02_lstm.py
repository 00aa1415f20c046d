"""
A four-layer LSTM on IBM's price
================================

*Level: beginner. Time: 15 minutes.* The network of the source notebook, four
LSTM layers, forecasts the next day's *High* from 60 days. *Finding*: its curve
has the shape of the price, is some days late, and is less accurate than
yesterday's price.

An **LSTM** (long short-term memory) is a recurrent layer. It reads a window
one day at a time, and passes two vectors of numbers from each day to the next:
the **cell state** and the **hidden state**. Three **gates**, which are factors
between 0 and 1, are computed again for each day. The *forget gate* says how
much of the cell state is kept. The *input gate* says how much is written to
the cell state. The *output gate* says how much of the cell state goes into the
hidden state.

It is trained on the years before the test year and forecasts that year one day
ahead. A good score would be, at the least, an error below that of persistence,
which is yesterday's price. The chapter :doc:`/learn/lstm` explains the layer,
and :doc:`/learn/forecasting` how to judge such a forecast.
"""

# %%
# Windows
# -------
#
# As in *IBM's daily price, cut into windows*: 60 days each, scaled on the
# training years.

# sphinx_gallery_thumbnail_number = 2
import rnnedu

prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.describe_source(prices))
print(f"training windows: {windows.X_train.shape}")
print(f"test year: {windows.test_year}")

# %%
# The network
# -----------
#
# This is the code that builds it, read from the package itself. Each LSTM
# layer has 50 **units**: its vectors hold 50 numbers. The first three return
# the hidden state of every day (``return_sequences=True``), the fourth returns
# only the hidden state of the last day. **Dropout** sets a random fifth of the
# numbers between layers to zero in each training step, so that no single one
# is relied on.

import inspect

print(inspect.getsource(rnnedu.lstm_network))

# %%
# And these are its layers and their parameters. ``None`` stands for the number
# of windows, which is left open. The last layer (*Dense*) is a weighted sum.

model = rnnedu.build_network("lstm", lookback=60)
model.summary()

# sphinx_gallery_start_ignore
assert model.count_params() == 71_051
# sphinx_gallery_end_ignore

# %%
# Training
# --------
#
# Training moves the weights in small steps that lower the **loss**, here the
# mean squared error of scaled prices. The **optimiser** decides how far each
# step goes. These are the notebook's own settings. An **epoch** is one pass
# over all windows, a **batch** the windows of one step. The seed determines
# all random numbers, so the same machine repeats the training bit for bit.
#
# Trained weights are saved. If yours are already saved, this step takes a
# second. If not, the network is trained now, which takes minutes. It trains in
# faster loops than those of Keras; they give the same numbers as Keras up to
# rounding (``rnnedu.keras_speedups``).

recipe = rnnedu.RECIPES["lstm"]
optimizer = model.optimizer
print(f"optimiser {type(optimizer).__name__}, loss {model.loss}")
print(f"learning rate {float(optimizer.learning_rate):g}")
print(f"{recipe.epochs} epochs, batches of {recipe.batch_size}")

trained = rnnedu.train("lstm", windows, seed=0)
loss = trained.history["loss"]

# %%
# The **loss curve** shows the error on the training windows, epoch by epoch.
# It shows that the network has learnt something about the past. It cannot show
# whether that helps.

figure = rnnedu.plot_loss(
    {"LSTM": loss},
    f"Training ends at {loss[-1] / loss[0]:.0%} of the first epoch's loss",
)

# sphinx_gallery_start_ignore
assert loss[-1] < loss[0] / 2
# sphinx_gallery_end_ignore

# %%
# The forecast
# ------------
#
# Each day of the test year is forecast from the 60 true prices before it. The
# curve has the shape of the year, and here many a tutorial stops: "one awesome
# score", says the notebook.

forecast = rnnedu.forecast_one_step(trained.model, windows)
similar = forecast.corr(windows.test_prices)
figure = rnnedu.plot_forecasts(
    windows,
    {"LSTM": forecast},
    f"The LSTM's curve has the shape of the price ({similar:.2f} correlation)",
)

# sphinx_gallery_start_ignore
assert similar > 0.75, "the title says that the shapes agree"
# sphinx_gallery_end_ignore

# %%
# The score, and the score beside it
# ----------------------------------

scores = rnnedu.score_table(windows, {"LSTM": forecast})
print(rnnedu.compare_to_baseline(scores, "LSTM"))
print(rnnedu.notebook_score_text("lstm"))

# sphinx_gallery_start_ignore
assert scores.loc["LSTM", "skill"] < 0, "the page says that the LSTM loses"
# sphinx_gallery_end_ignore

scores.round(2)

# %%
# The network loses to persistence: its skill is below zero. Yesterday's price,
# without any network, is the more accurate forecast.
#
# Two ways to be off
# ------------------
#
# A forecast can lie too high or too low on the whole: its **bias** is its mean
# error. And it can be late. To see how late, ``error_by_lag`` compares it with
# the price of its own day (lag 0), of the day before (lag 1), and so on: the
# error is here the standard deviation of forecast minus price, so a bias does
# not count. For comparison, the same is done for persistence, which is one day
# late by construction.

import pandas as pd

bias = (forecast - windows.test_prices).mean()
print(f"bias {bias:+.2f} dollars\n")

compared = {
    "persistence": rnnedu.persistence_forecast(windows),
    "LSTM": forecast,
}
errors = pd.DataFrame(
    {
        name: rnnedu.error_by_lag(windows.prices, each)
        for name, each in compared.items()
    }
)
late = errors["LSTM"].idxmin()
print(errors.round(2).to_string())

# sphinx_gallery_start_ignore
assert errors["persistence"].idxmin() == 1
assert late == rnnedu.lateness(windows.prices, forecast)
assert 1 < late < 10, "the page says: later than persistence"
# sphinx_gallery_end_ignore

# %%
# The LSTM's curve is closest to the price of some days before. It is later
# than persistence, as if the LSTM took a mean over many days. The next figure
# shows this close up, around the largest move of the year.

biggest = windows.test_prices.diff().abs().argmax()
near = windows.test_prices.iloc[max(0, biggest - 12) : biggest + 13].index
figure = rnnedu.plot_forecasts(
    windows,
    compared,
    f"Close up, the LSTM's curve is some {late} days late",
    days=near,
)

# %%
# We now take the mean of the last days as a forecast. The number of days is
# chosen so that this mean is as late as the LSTM.

days = 2 * late - 1
mean = windows.prices.shift(1).rolling(days).mean()[forecast.index]
with_mean = rnnedu.score_table(
    windows, {f"mean of {days} days": mean, "LSTM": forecast}
)
print(rnnedu.compare_to_baseline(with_mean, f"mean of {days} days"))

# sphinx_gallery_start_ignore
assert mean.corr(windows.test_prices) > 0.75, "the page says: that shape too"
assert forecast.corr(windows.test_prices) > 0.75
# sphinx_gallery_end_ignore
with_mean.round(2)

# %%
# Try it yourself
# ---------------
#
# - Train from another seed: ``rnnedu.train("lstm", windows, seed=1)``. How far
#   do the RMSE and the bias move?
# - Train for 10 epochs only, with ``epochs=10``. Is the forecast later or
#   earlier then?
#
# What to remember
# ----------------
#
# - A forecast curve with the shape of the price proves nothing. A mean of the
#   last days has that shape too.
# - This is one training run with one seed. How much such scores differ from
#   seed to seed has to be measured before two networks are compared.
# - Losing here says nothing against LSTMs in general. It says that this one,
#   trained like this, has not even learnt to repeat the last price of its
#   window.
#
# Next: *A four-layer GRU on the same windows*.
#
# **Sources.** Hochreiter and Schmidhuber (1997), *Long short-term memory*,
# Neural Computation 9(8); Gers, Schmidhuber and Cummins (2000), *Learning to
# forget*, Neural Computation 12(10), which added the forget gate.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
