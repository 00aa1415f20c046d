"""
A four-layer GRU on the same windows
====================================

*Level: beginner. Time: 10 minutes.* We train four GRU layers on the windows of
the LSTM. *Finding*: with a quarter fewer parameters than the LSTM, the GRU
loses to persistence as well, and it would lose even if we could subtract its
mean error.

A **GRU** (gated recurrent unit) is a smaller recurrent layer than an LSTM. It
passes on one vector from each day to the next, the hidden state. The LSTM
passes on two. A GRU has two gates, and an LSTM has three.

As in :doc:`/auto_gallery/plot_02_lstm`, we forecast *High* one day ahead. A
good score is an RMSE (root mean squared error) below that of persistence,
which forecasts each day with the price of the day before. The chapter
:doc:`/learn/gru` explains the layer.
"""

# %%
# The network
# -----------
#
# The network is that of the LSTM example, with GRU layers instead of LSTM
# layers. This is the code:

# sphinx_gallery_thumbnail_number = 2
import inspect

import rnnedu

code = inspect.getsource(rnnedu.gru_network)
print(code[code.index("    return keras") :])  # without the docstring

# sphinx_gallery_start_ignore
lines = inspect.getsource(rnnedu.lstm_network).replace("LSTM", "GRU")
same = lines[lines.index("    return keras") :].replace('"lstm"', '"gru"')
assert code.endswith(same), "the page says: GRU layers instead of LSTM layers"
# sphinx_gallery_end_ignore

# %%
# An LSTM layer has four blocks of weights: one for each of its three gates,
# and one for the new content of its cell state. A GRU layer has three blocks:
# one for each of its two gates, and one for the new content of its hidden
# state. So the GRU has about three quarters of the LSTM's parameters. (Keras
# gives each block of a GRU a second bias vector, so the share is slightly
# higher.)

model = rnnedu.build_network("gru", lookback=60)
model.summary()
parameters = model.count_params()
lstm_parameters = rnnedu.build_network("lstm", lookback=60).count_params()
share = parameters / lstm_parameters
print(f"{parameters:,} of the LSTM's {lstm_parameters:,}: {share:.0%}")

# sphinx_gallery_start_ignore
assert 0.75 < share < 0.77
# sphinx_gallery_end_ignore

# %%
# Training
# --------
#
# The source notebook (:doc:`/reference/notebook`) trains the GRU with other
# settings than the LSTM. We use the notebook's settings, and print them for
# both networks. The GRU's optimiser is SGD (stochastic gradient descent) with
# momentum.

import pandas as pd

settings = {}
for name in ["lstm", "gru"]:
    recipe = rnnedu.RECIPES[name]
    optimizer = recipe.optimizer()
    settings[name.upper()] = {
        "optimiser": type(optimizer).__name__,
        "learning rate": f"{float(optimizer.learning_rate):g}",
        "momentum": optimizer.momentum,
        "windows per batch": recipe.batch_size,
        "epochs": recipe.epochs,
    }

# sphinx_gallery_start_ignore
for row in ["optimiser", "learning rate", "windows per batch"]:
    assert settings["LSTM"][row] != settings["GRU"][row], "it says: differ"
assert settings["LSTM"]["epochs"] == settings["GRU"]["epochs"]
assert settings["GRU"]["momentum"] > 0, "it says: with momentum"
# sphinx_gallery_end_ignore
pd.DataFrame(settings)

# %%
# Now we train the GRU, or read its weights if they have been saved before.

prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.describe_source(prices))
print(f"test year {windows.test_year}")

trained = rnnedu.train("gru", windows, seed=0)
loss = trained.history["loss"]
figure = rnnedu.plot_loss(
    {"GRU": loss},
    f"In the last epoch the loss is {loss[-1] / loss[0]:.0%} of the first",
)

# sphinx_gallery_start_ignore
assert loss[-1] < loss[0] / 2
# sphinx_gallery_end_ignore

# %%
# The forecast
# ------------
#
# As before, each day of the test year is forecast from the 60 true prices
# before it.

forecast = rnnedu.forecast_one_step(trained.model, windows)
figure = rnnedu.plot_forecasts(
    windows, {"GRU": forecast}, "The GRU's curve has the shape of the price"
)

# sphinx_gallery_start_ignore
assert forecast.corr(windows.test_prices) > 0.75, "the title says: the shape"
# sphinx_gallery_end_ignore

# %%
# The score
# ---------
#
# The table shows the RMSE and the MAE (mean absolute error) in dollars. The
# skill is ``1 - RMSE / (RMSE of persistence)``. We also print the RMSE that
# the notebook reported. It is from another training run, with other random
# numbers.

scores = rnnedu.score_table(windows, {"GRU": forecast})
print(rnnedu.compare_to_baseline(scores, "GRU"))
print(rnnedu.notebook_score_text("gru"))

# sphinx_gallery_start_ignore
assert scores.loc["GRU", "skill"] < 0, "the page says that the GRU loses"
# sphinx_gallery_end_ignore
scores.round(2)

# %%
# The GRU loses to persistence as well.
#
# The **bias** is the mean of forecast minus price. Without its bias, would the
# GRU be more accurate than persistence? To find out, we subtract the bias from
# each forecast and compute the RMSE again. This is only an experiment: in real
# use, nobody knows the bias of next year's forecasts.

bias = (forecast - windows.test_prices).mean()
rmse = rnnedu.rmse(windows.test_prices, forecast - bias)
print(f"bias {bias:+.2f} dollars")
print(f"RMSE of the GRU without its bias {rmse:.2f} dollars")
print(f"RMSE of persistence {scores.loc['persistence', 'RMSE']:.2f} dollars")

# sphinx_gallery_start_ignore
assert rmse > scores.loc["persistence", "RMSE"], "it loses without bias, too"
# sphinx_gallery_end_ignore

# %%
# Even without its bias, the GRU would lose.
#
# Is the GRU better than the LSTM?
# --------------------------------
#
# This page cannot tell. The two networks differ in the layer, the optimiser,
# the learning rate and the batch size, and we trained each only once. A fair
# comparison changes only the layer, and trains each network with many seeds.
# In careful studies of other tasks, neither of the two layers was better in
# general (Chung et al. 2014), and no variant of the LSTM was clearly better
# than the usual one (Greff et al. 2017).
#
# Try it yourself
# ---------------
#
# - Train the GRU with the LSTM's settings: replace ``"gru"`` by
#   ``"gru_rmsprop"`` in ``train``. How do the bias and the RMSE change?
# - Use windows of 10 days, with ``lookback=10`` in ``make_windows``. How does
#   the RMSE change?
#
# What to remember
# ----------------
#
# - A GRU is smaller than an LSTM: it has two gates, one state vector, and
#   about three quarters of the parameters.
# - One training run of each network is not enough to compare them.
#
# Next: :doc:`/auto_gallery/plot_04_sequence_generation`.
#
# **Sources.** Cho et al. (2014), arXiv:1406.1078; Chung et al. (2014),
# arXiv:1412.3555; Greff et al. (2017), *LSTM: A search space odyssey*,
# arXiv:1503.04069.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
