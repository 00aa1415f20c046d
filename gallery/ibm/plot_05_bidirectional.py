"""
A bidirectional LSTM
====================

*Level: beginner. Time: 10 minutes.* A network whose layers read the window in
both directions is compared with the LSTM, with 20 training runs of each.
*Finding*: reading in both directions does not make the forecast more accurate
here.

A **bidirectional** layer is two layers: one reads the window from its first
day to its last, the other from its last day to its first. Their outputs are
concatenated. The source notebook recommends such a layer but never builds one.

We forecast IBM's *High* one day ahead from 60 days. Persistence, yesterday's
price, is the one to beat. We call the bidirectional network better than the
LSTM only if it has the lower RMSE (root of the mean squared error) with most
seeds. A seed is the number from which all random numbers of a training run are
computed. The chapter :doc:`/learn/deeper` explains the layer.
"""

# %%
# May it read from the end?
# -------------------------
#
# Here it may. All 60 days of a window are over when the forecast is made, and
# the target is not among them. It would be wrong if there were a target at
# each day of the window: the layer that reads backwards would then have seen
# the days that it forecasts.
# :doc:`/auto_gallery/inside_the_cell/plot_16_causality_probe` shows how to
# find such a mistake.
#
# The network
# -----------
#
# There are four bidirectional layers with 25 units in each direction. So a
# layer returns 50 numbers per day, as many as a layer of the LSTM. The code
# ends with a call of ``_stacked``, which adds dropout and a dense layer with
# one output.

# sphinx_gallery_thumbnail_number = 1
import inspect

import rnnedu
from rnnedu.models import bidirectional_network

print(inspect.getsource(bidirectional_network))

# %%
# The network has fewer parameters than the LSTM. For example, in one gate 25²
# weights lead from the old state to the new one, and two directions make
# 1,250. In the LSTM they are 50² = 2,500.

for name in ["bidirectional", "lstm"]:
    network = rnnedu.build_network(name, lookback=60)
    print(f"{name}: {network.count_params():,} parameters")

# sphinx_gallery_start_ignore
parameters = {
    name: rnnedu.build_network(name, lookback=60).count_params()
    for name in ["bidirectional", "lstm"]
}
assert parameters["bidirectional"] < parameters["lstm"], "it says: fewer"
# sphinx_gallery_end_ignore

# %%
# Twenty training runs of each
# ----------------------------
#
# One training run could be luck. So both networks were trained 20 times, each
# time with another **seed**: other initial weights, another order of batches
# and other dropout. Optimiser, batches and epochs are the same for both.
# ``load_study`` reads the scores of these runs, which come with the package.
# They belong to the source notebook's prices. You can train one yourself in a
# few minutes. Make the windows with ``windows =
# rnnedu.make_windows(rnnedu.load_ibm())``, and then call
# ``rnnedu.train("bidirectional", windows, seed=0)``.

study = rnnedu.load_study()
networks = ["lstm", "bidirectional"]
table = rnnedu.summarize_study(study, networks)

# sphinx_gallery_start_ignore
recipes = [rnnedu.RECIPES[name] for name in networks]
assert recipes[0].optimizer is recipes[1].optimizer, "it says: the same"
assert recipes[0].batch_size == recipes[1].batch_size, "it says: the same"
assert (table["runs"].iloc[1:] == 20).all(), "it says: 20 times"
# sphinx_gallery_end_ignore
table.round(2)

# %%
# The table shows, in dollars, the median, the lowest and the highest RMSE over
# the seeds. Each run has a mean error. *abs bias* is the median of these,
# without their signs. *spread* is the error that is left when the mean error
# is subtracted. The two networks have nearly equal medians, and both lose to
# persistence with every seed.
#
# In the figure a dot is one training run. The bar is the mean of a network
# with a 95 % interval for this mean, and the dotted line is persistence.

# sphinx_gallery_start_ignore
lstm, both_ways = table.loc["LSTM"], table.loc["bidirectional LSTM"]
assert abs(lstm["median"] / both_ways["median"] - 1) < 0.1, "nearly equal"
assert table["lowest"].min() > table.loc["persistence", "median"], "it loses"
# sphinx_gallery_end_ignore

figure = rnnedu.plot_study(
    study, networks, "RMSE by training run: the two cannot be told apart"
)

# %%
# Which is the better one?
# ------------------------
#
# We compare run 0 of one with run 0 of the other, and so on. (The runs share
# nothing but the number, so the pairing is arbitrary.) ``wins`` counts the
# pairs in which the bidirectional LSTM has the lower RMSE, and ``median`` and
# ``mean`` say by how many dollars it is lower. Suppose that neither network
# were better. Then ``p``, from the Wilcoxon test, is how often chance alone
# would give differences at least as clear as these.

compared = rnnedu.compare_networks(study, "bidirectional", ["lstm"])

# sphinx_gallery_start_ignore
assert 7 <= compared.loc["LSTM", "wins"] <= 13, "it says: about half"
assert compared.loc["LSTM", "p"] > 0.2, "it says: by chance"
# sphinx_gallery_end_ignore
compared.round(2)

# %%
# It wins about half of the pairs, and chance alone would often give such
# differences. The second direction cannot add information: it sees the same 60
# days, in another order.
#
# Try it yourself
# ---------------
#
# - Set ``networks = ["lstm", "gru"]``. Whose runs lie closer together?
# - Give ``compare_networks`` the argument ``column="free_rmse"``. That is the
#   error of a forecast for the whole year, in which each forecast is the input
#   for the next day. Does the second direction help there?
#
# What to remember
# ----------------
#
# - A bidirectional layer is two layers that read in opposite directions.
# - Over a window of the past it is allowed, and it adds no information.
# - Compare two networks over many seeds. A single run of each says little.
#
# Next: :doc:`/auto_gallery/ibm/plot_06_lstm_and_gru`.
#
# **Source.** Schuster and Paliwal (1997), *Bidirectional recurrent neural
# networks*, IEEE Transactions on Signal Processing 45(11).

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
