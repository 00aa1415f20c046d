"""
A bidirectional LSTM
====================

The source notebook imports it, never builds it, and says in its last lines
that it is a good way to make the model stronger. A **bidirectional** layer is
two layers: one reads the window from its first day to its last, the other from
its last day to its first, and their outputs are concatenated.

We build it, train it as the LSTM was trained, and score it one day ahead. A
good score would be below persistence; to be called stronger, it would have to
be below the LSTM on the same days.
"""

# %%
# May it read from the end?
# -------------------------
#
# Here, yes. All 60 days of a window are over when the forecast is made, and
# the target is not among them. With a target at each day it would be another
# matter: then the layer that reads backwards has seen the target. The chapter
# :doc:`/learn/deeper` explains this. How good a network looks that has, is
# measured in :doc:`/auto_gallery/inside_the_cell/plot_16_causality_probe`.
#
# The network
# -----------
#
# Four bidirectional layers, 25 units in each direction: a layer returns 50
# numbers per day, as many as in the LSTM before.

# sphinx_gallery_thumbnail_number = 2
import inspect

import rnnedu
from rnnedu.models import bidirectional_network

print(inspect.getsource(bidirectional_network))
model = rnnedu.build_network("bidirectional", lookback=60)
lstm_parameters = rnnedu.build_network("lstm", lookback=60).count_params()
print(f"{model.count_params():,} parameters; the LSTM has {lstm_parameters:,}")

# sphinx_gallery_start_ignore
first = model.layers[0]
assert first.forward_layer.units == first.backward_layer.units == 25
assert model.count_params() < lstm_parameters
# sphinx_gallery_end_ignore

# %%
# It is smaller: each of the two small layers takes 50 numbers per day but has
# 25 units, and the parameters from state to state grow with the square of the
# units.
#
# Training
# --------
#
# The settings are those of the LSTM: same optimiser, same batches, as many
# epochs.

prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.describe_source(prices))
print(f"test year {windows.test_year}")

trained = rnnedu.train("bidirectional", windows, seed=0)
loss = trained.history["loss"]
figure = rnnedu.plot_loss(
    {"bidirectional LSTM": loss},
    f"Training ends at {loss[-1] / loss[0]:.0%} of the first epoch's loss",
)

# sphinx_gallery_start_ignore
settings = [rnnedu.RECIPES[name] for name in ("lstm", "bidirectional")]
assert settings[0].optimizer is settings[1].optimizer
assert settings[0].batch_size == settings[1].batch_size
assert settings[0].epochs == settings[1].epochs == len(loss)
assert loss[-1] < loss[0] / 2
# sphinx_gallery_end_ignore

# %%
# The forecast, and the score
# ---------------------------
#
# Persistence stands first, the LSTM of the earlier page beside it.

forecasts = {
    "bidirectional LSTM": rnnedu.forecast_one_step(trained.model, windows),
    "LSTM": rnnedu.forecast_one_step(
        rnnedu.train("lstm", windows, seed=0).model, windows
    ),
}
scores = rnnedu.score_table(windows, forecasts)
figure = rnnedu.plot_forecasts(
    windows,
    {"bidirectional LSTM": forecasts["bidirectional LSTM"]},
    "Read in both directions, the curve is late, and loses to persistence",
)
print(rnnedu.compare_to_baseline(scores, "bidirectional LSTM"))

# sphinx_gallery_start_ignore
late = rnnedu.lateness(windows.prices, forecasts["bidirectional LSTM"])
assert late > 0, "the title says: late"
assert scores.loc["bidirectional LSTM", "skill"] < 0, "the page says: it loses"
# sphinx_gallery_end_ignore
scores.round(2)

# %%
# It loses to persistence. Against the LSTM:

ratio = scores.loc["bidirectional LSTM", "RMSE"] / scores.loc["LSTM", "RMSE"]
print(f"RMSE of the bidirectional LSTM: {ratio:.2f} times the LSTM's")
for name, forecast in forecasts.items():
    bias = (forecast - windows.test_prices).mean()
    print(f"bias of the {name}: {bias:+.2f} dollars")

# %%
# Whichever way that came out, it is one training run against one.
#
# More than one seed
# ------------------
#
# ``make study`` trains the networks from many seeds and keeps a row per
# training run. Its rows come with the package. They are of the source
# notebook's prices.

study = rnnedu.load_study()
errors = study.groupby("network")["rmse"]
many = errors.agg(["count", "mean", "min", "max"]).loc[
    ["bidirectional", "lstm"]
]

# sphinx_gallery_start_ignore
assert study["skill"].max() < 0, "the page says: none beats it"
assert many["min"].max() < many["max"].min(), "the page says: they overlap"
# sphinx_gallery_end_ignore
many.round(2)

# %%
# The two ranges overlap: which of the two is more accurate depends on the
# seed. None of these training runs beats persistence. Those of all networks
# are plotted in :doc:`/auto_gallery/ibm/plot_08_scoreboard`.
#
# What to remember
# ----------------
#
# - A bidirectional layer is two layers that read in opposite directions.
# - Over a window of the past it is legal, and then the second direction sees
#   nothing that the first has not seen too. It sees it in another order.
# - It does not beat persistence here.
#
# **Source.** Schuster and Paliwal (1997), *Bidirectional recurrent neural
# networks*, IEEE Transactions on Signal Processing 45(11).

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
