"""
A bidirectional LSTM
====================

*Level: beginner. Time: 10 minutes.* We compare a network whose layers read the
window in both directions with the LSTM, over 20 training runs of each.
*Finding*: these runs do not show that reading in both directions makes the
forecast more accurate.

A **bidirectional** layer consists of two layers. One reads the window from its
first day to its last, and the other from its last day to its first. Their
outputs are concatenated. The source notebook (:doc:`/reference/notebook`)
recommends such a layer, but does not build one.

We forecast IBM's *High* one day ahead from 60 days. Persistence, the price of
the day before, is the one to beat. The chapter :doc:`/learn/deeper` explains
the layer.
"""

# %%
# Is reading backwards allowed?
# -----------------------------
#
# Here it is allowed. The network forecasts the day after the window, and all
# days of the window are known by then.
#
# Reading backwards would be a mistake if the network had to forecast, at each
# day of the window, the price of the next day. Before the backward layer
# reaches a day, it has already read the price of the next day. The example
# :doc:`/auto_gallery/inside_the_cell/plot_16_causality_probe` shows how to
# find such a mistake.
#
# The network
# -----------
#
# There are four bidirectional layers with 25 units in each direction. So each
# layer returns 50 numbers per day, as many as a layer of the LSTM. In the code
# below, ``_stacked`` adds dropout after each layer, and a dense layer with one
# output at the end.

# sphinx_gallery_thumbnail_number = 1
import inspect

import rnnedu
from rnnedu.models import bidirectional_network

code = inspect.getsource(bidirectional_network)
print(code[code.index("    stack = ") :])  # without the docstring

# %%
# The network has fewer parameters than the LSTM. For example, a layer with 25
# units has 25² = 625 weights that lead from its hidden state to one of its
# gates. Two directions have 1,250 of them, and a layer of the LSTM with 50
# units has 50² = 2,500.

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
# A single training run could be accurate by luck. So each network was trained
# 20 times, each time with another **seed**, which determines the initial
# weights, the order of the windows and the dropout. The optimiser, the batch
# size and the number of epochs are the same in all runs.
#
# The training runs used the prices of the source notebook. Their scores come
# with the package, and ``load_study`` reads them. The table shows the median,
# the lowest and the highest RMSE (root mean squared error) of each network, in
# dollars. Persistence has only one RMSE, as it has no seed.

study = rnnedu.load_study()
networks = ["lstm", "bidirectional"]
table = rnnedu.summarize_study(study, networks)

# sphinx_gallery_start_ignore
recipes = [rnnedu.RECIPES[name] for name in networks]
assert recipes[0].optimizer is recipes[1].optimizer, "it says: the same"
assert recipes[0].batch_size == recipes[1].batch_size, "it says: the same"
assert recipes[0].epochs == recipes[1].epochs, "it says: the same"
assert (table["runs"].iloc[1:] == 20).all(), "it says: 20 times"
# sphinx_gallery_end_ignore
table[["median", "lowest", "highest"]].round(2)

# %%
# The two networks have nearly equal medians, and both lose to persistence with
# every seed.
#
# In the figure, each dot is the RMSE of one training run. The vertical mark is
# the mean of the 20 runs, and the horizontal bar is a 95 % confidence interval
# of this mean. The dotted line is persistence.

# sphinx_gallery_start_ignore
lstm, both_ways = table.loc["LSTM"], table.loc["bidirectional LSTM"]
assert abs(lstm["median"] / both_ways["median"] - 1) < 0.1, "nearly equal"
for end in ["lowest", "highest"]:
    assert abs(lstm[end] / both_ways[end] - 1) < 0.1, "nearly equal ranges"
assert table["lowest"].min() > table.loc["persistence", "median"], "it loses"
# sphinx_gallery_end_ignore

figure = rnnedu.plot_study(
    study, networks, "The scores of the two networks have nearly equal ranges"
)

# %%
# Is one of the two more accurate?
# --------------------------------
#
# ``compare_networks`` pairs the runs of the two networks: the two runs with
# seed 0, the two runs with seed 1, and so on. (The pairing is arbitrary: in
# two different networks, the same seed does not give the same weights. Another
# pairing would be as valid, and would change most numbers of the next table.)
# In each pair, the RMSE of the bidirectional LSTM is subtracted from the RMSE
# of the LSTM. So a positive difference is in favour of the bidirectional LSTM.
# The table has one row for the comparison with the LSTM, and these columns:
#
# - *seeds*: the number of pairs.
# - *wins*: the number of pairs with a positive difference.
# - *median* and *mean*: those of the differences, in dollars. (The median of
#   the differences need not be the difference of the medians above.)
# - *p*: the p-value of the Wilcoxon signed-rank test. It is the probability
#   that chance alone gives differences at least as clear as these. A small p,
#   for example below 5 %, would be evidence for a true difference.

compared = rnnedu.compare_networks(study, "bidirectional", ["lstm"])

# sphinx_gallery_start_ignore
assert 7 <= compared.loc["LSTM", "wins"] <= 13, "it says: about half"
assert compared.loc["LSTM", "p"] > 0.2, "it says: large"
assert compared.loc["LSTM", ["median", "mean"]].abs().max() < 0.2, "near zero"
# sphinx_gallery_end_ignore
compared.round(2)

# %%
# The bidirectional LSTM wins about half of the pairs, the median and the mean
# are close to zero, and p is large. So these runs do not show that one of the
# two networks is more accurate. This is plausible, since both directions read
# the same 60 days. (The two networks also differ in their number of
# parameters, so this is not a test of the second direction alone.)
#
# Try it yourself
# ---------------
#
# - Make windows with ``windows = rnnedu.make_windows(rnnedu.load_ibm())``, and
#   train a network in a few minutes with ``rnnedu.train("bidirectional",
#   windows, seed=0)``.
# - Set ``networks = ["lstm", "gru"]``. Which network has the smaller range of
#   RMSEs?
#
# What to remember
# ----------------
#
# - A bidirectional layer consists of two layers that read in opposite
#   directions.
# - If all days of the window are known, it may be used, but it adds no
#   information.
# - Compare two networks over many seeds.
#
# Next: :doc:`/auto_gallery/ibm/plot_06_lstm_and_gru`.
#
# **Source.** Schuster and Paliwal (1997), *Bidirectional recurrent neural
# networks*, IEEE Transactions on Signal Processing 45(11).

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
