"""
A four-layer LSTM on IBM's price
================================

The network of the source notebook: four LSTM layers, 60 days in, the next
day's *High* out. An **LSTM** (long short-term memory) is a recurrent layer: it
reads a window one day at a time and carries two vectors of numbers from each
day to the next, a memory and an output. Three **gates**, factors between 0 and
1 that it computes anew each day, say how much of the memory is kept, how much
is written to it and how much of it is shown.

It is trained on the years before the test year and forecasts that year one day
ahead. A good score would be, at the least, an error below that of yesterday's
price.
"""

# %%
# Windows
# -------
#
# As in *IBM's daily price, cut into windows*: 60 days each,
# scaled on the training years.

# sphinx_gallery_thumbnail_number = 2
import rnnedu

prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.provenance_line(prices))
print(f"training windows: {windows.X_train.shape}")
print(f"test year: {windows.test_year}")

# %%
# The network
# -----------
#
# This is the code that builds it, read from the package itself. Each LSTM
# layer has 50 **units**: its vectors hold 50 numbers. The first three hand on
# their state of every day (``return_sequences=True``), the last one only its
# final state. **Dropout** sets a random fifth of the numbers between layers to
# zero in each training step, so that no single one is relied on.

import inspect

print(inspect.getsource(rnnedu.lstm_network))

# %%
# And these are its layers and weights. ``None`` stands for the number of
# windows, which is left open. The last layer (*Dense*) is a weighted sum.

model = rnnedu.build("lstm", lookback=60)
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
# over all windows, a **batch** the windows of one step. The seed fixes every
# random draw, so the same machine repeats the run bit for bit.
#
# Weights are kept once trained. If yours are, this step takes a second. If
# not, the layers above train in faster loops that give the same numbers up to
# rounding: see ``rnnedu.native_loops``.

recipe = rnnedu.RECIPES["lstm"]
optimizer = model.optimizer
print(f"optimiser {type(optimizer).__name__}, loss {model.loss}")
print(f"learning rate {float(optimizer.learning_rate):g}")
print(f"{recipe.epochs} epochs, batches of {recipe.batch_size}")

trained = rnnedu.train("lstm", windows, seed=0)
loss = trained.history["loss"]

# %%
# The **loss curve** shows the error on the training windows, epoch by epoch.
# It says that the network has learnt something about the past. It cannot say
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
similar = forecast.corr(windows.test)
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
print(rnnedu.verdict(scores, "LSTM"))
print(rnnedu.notebook_line("lstm"))

# sphinx_gallery_start_ignore
assert scores.loc["LSTM", "skill"] < 0, "the page says that the LSTM loses"
# sphinx_gallery_end_ignore

scores.round(2)

# %%
# The network loses to yesterday's price: its skill is below zero. Whoever had
# looked at the last price and done nothing at all would have been closer.
#
# Two ways to be off
# ------------------
#
# A forecast can lie too high or too low on the whole: its **bias** is its mean
# error. And it can be late. To see how late, we hold it against the price of
# its own day (0), of the day before (1), and so on, and ask how widely the
# difference spreads about its mean. For comparison, the same is done for
# yesterday's price, which is one day late by its making.

import pandas as pd

bias = (forecast - windows.test).mean()
print(f"bias {bias:+.2f} dollars\n")

every_day = pd.concat([windows.train, windows.test])
rivals = {"yesterday": rnnedu.yesterdays_price(windows), "LSTM": forecast}
spread = pd.DataFrame(
    {
        name: [
            (rival - every_day.shift(days)[rival.index]).std()
            for days in range(11)
        ]
        for name, rival in rivals.items()
    }
).rename_axis("days earlier")
late = spread["LSTM"].idxmin()
print(spread.round(2).to_string())

# sphinx_gallery_start_ignore
assert spread["yesterday"].idxmin() == 1
assert 1 < late < 10, "the page says: later than yesterday's price"
# sphinx_gallery_end_ignore

# %%
# The LSTM fits the price of some days earlier best. It is later than a copy of
# yesterday, as if it took a mean over many days. Close up, around the largest
# move of the year, that can be seen.

biggest = windows.test.diff().abs().argmax()
near = windows.test.iloc[max(0, biggest - 12) : biggest + 13].index
figure = rnnedu.plot_forecasts(
    windows,
    {"yesterday's price": rivals["yesterday"], "LSTM": forecast},
    f"Close up, the LSTM's curve is some {late} days late",
    days=near,
)

# %%
# So let a plain mean of the last days try, over as many of them as make it
# equally late.

days = 2 * late - 1
mean = every_day.shift(1).rolling(days).mean()[windows.test.index]
scores = rnnedu.score_table(
    windows, {f"mean of {days} days": mean, "LSTM": forecast}
)
print(rnnedu.verdict(scores, f"mean of {days} days"))

# sphinx_gallery_start_ignore
assert mean.corr(windows.test) > 0.75, "the page says: that shape too"
assert forecast.corr(windows.test) > 0.75
# sphinx_gallery_end_ignore
scores.round(2)

# %%
# What to remember
# ----------------
#
# - A forecast curve with the shape of the price proves nothing. A mean of the
#   last days has that shape too.
# - This is one run with one seed: an anecdote. How much such scores move from
#   seed to seed has to be measured before two networks are compared.
# - Losing here says nothing against LSTMs in general. It says that this one,
#   trained like this, has not even learnt to repeat the last price it was
#   shown.
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
