"""
The scoreboard: every network, many seeds
=========================================

*Level: intermediate. Time: 15 minutes.* We compare eight networks on IBM's
price, with 20 runs of each, and test whether the GRU is better than the LSTM.
*Finding*: no run beats persistence. The runs of most networks differ mainly in
their mean error, the bias.

Each network forecasts the *High*, the highest price of a day, from the 60 days
before. Persistence repeats the price of the day before. It is the one to beat:
a good score would be a lower RMSE (root of the mean squared error).

One training run says little about a network. Another seed means other initial
weights, another order of batches and other dropout, and the RMSE can be very
different. So we look at all runs, and ask whether a difference is more than
luck. The chapter :doc:`/learn/forecasting` explains RMSE, bias and such tests.
"""

# %%
# A recorded study
# ----------------
#
# The package holds the scores of the runs, on the prices of the notebook from
# which this site started. There are two kinds of settings:
#
# - *The LSTM's settings*, those of the notebook's LSTM: the optimiser RMSprop,
#   and batches of 32 windows.
# - *The GRU's settings*, those of the notebook's GRU: the optimiser SGD with
#   momentum, and batches of 150 windows.
#
# In the table below, the rows "GRU" and "LSTM, the GRU's settings" have the
# GRU's settings. "LSTM-GRU average" averages the forecasts of an "LSTM" and a
# "GRU". All other networks have the LSTM's settings. "LSTM-GRU stack" is one
# network with layers of both kinds.
#
# The table shows the median, the lowest and the highest RMSE of each network,
# in dollars. Persistence needs no training and has only one RMSE.

# sphinx_gallery_thumbnail_number = 2
import rnnedu

study = rnnedu.add_spread(rnnedu.load_study())
hours = study["seconds"].sum() / 3600
print(f"{len(study)} runs, {hours:.0f} hours of training")
table = rnnedu.summarize_study(study)

# sphinx_gallery_start_ignore
assert (table["runs"].iloc[1:] == 20).all() and len(table) == 9, "it says so"
assert table["lowest"].min() > table.loc["persistence", "median"], "no run"
for name in set(study["network"]) - {"lstm_gru_average"}:
    like = rnnedu.RECIPES["gru" if name in ("gru", "lstm_sgd") else "lstm"]
    assert rnnedu.RECIPES[name].optimizer is like.optimizer, "it says so"
    assert rnnedu.RECIPES[name].batch_size == like.batch_size, "it says so"
# sphinx_gallery_end_ignore
table[["median", "lowest", "highest"]].round(2)

# %%
# In the figure, a dot is one run. A cross is a mean with its 95 % interval.

medians = study.groupby("network")["rmse"].median()
networks = medians.sort_values().index  # the order of the table
figure = rnnedu.plot_study(
    study, networks, "RMSE by training run: persistence is lower than all"
)

# %%
# No run of any network is as accurate as persistence. The ranges of most
# networks overlap. So with only one run of each, we would often put two
# networks in the wrong order.
#
# Bias and spread
# ---------------
#
# The **bias** of a run is its mean error. If we subtract the bias from each
# error, the RMSE of the remaining errors is the **spread**. For example, an
# RMSE of 5 and a bias of 3 leave a spread of 4, because
# RMSE² = bias² + spread² and 5² = 3² + 4². The figure shows the spread of each
# run:

figure = rnnedu.plot_study(
    study,
    networks,
    "Spread by training run: the runs of most networks lie close together",
    column="spread",
)

# sphinx_gallery_start_ignore
from itertools import combinations

by_network = study.groupby("network")
width = by_network[["rmse", "spread"]].agg(
    lambda runs: runs.max() - runs.min()
)
assert (width["spread"] < width["rmse"] / 2).sum() >= 6, "it says: most"
ends = by_network["spread"].agg(["min", "max"])
apart = [
    ends["max"][one] < ends["min"][two] or ends["max"][two] < ends["min"][one]
    for one, two in combinations(networks, 2)
]
assert sum(apart) > 0.6 * len(apart), "it says: most pairs"
# sphinx_gallery_end_ignore

# %%
# For most networks, the spread differs much less from run to run than the
# RMSE. For most pairs of networks, the ranges of the spread do not even
# overlap. So the spread of a run depends mostly on the network. The next
# table shows the lowest and the highest bias of each network, in dollars:

from rnnedu.study_summary import NAMES  # the names that the figures use

bias = study.groupby("network")["bias"].agg(["min", "max"]).loc[networks]
print(bias.rename(index=NAMES).round(2))

# sphinx_gallery_start_ignore
assert (bias["min"] < 0).all() and (bias["max"] > 0).all(), "it says: both"
# sphinx_gallery_end_ignore

# %%
# Every network has runs that are too low on average and runs that are too
# high. So the sign of the bias depends on the seed.
#
# The spread helps to explain an RMSE. It cannot replace the RMSE, because the
# bias is known only after the test year.
#
# LSTM or GRU?
# ------------
#
# The notebook says that its GRU "works better than LSTM in this case". We
# compare pairs of runs with the same seed, for all 20 ``seeds``. ``wins``
# counts the pairs in which the GRU has the lower RMSE. ``median`` and ``mean``
# are those of the differences in dollars: a positive number speaks for the
# GRU.
#
# ``p`` is from the Wilcoxon test. It orders the differences by size, and uses
# only this order and their signs. So a few very bad runs do not decide it. If
# neither network were better, chance alone would give such strong differences
# with probability ``p``. We call a difference clear if ``p`` is below one in
# twenty.

compared = rnnedu.compare_networks(study, "gru", ["lstm"])
compared["clear"] = compared["p"] < 0.05

# sphinx_gallery_start_ignore
row = compared.loc["LSTM"]
assert 8 <= row["wins"] <= 12, "it says: about half"
assert row["mean"] > 1.5 * row["median"], "it says: a few bad runs"
assert row["p"] > 0.1, "it says: larger than one in twenty"
worst = study[study["network"] == "lstm"].nlargest(4, "rmse")["rmse"]
assert worst.min() > table.loc["GRU", "highest"], "it says: a few bad runs"
# sphinx_gallery_end_ignore
compared.round(2)

# %%
# The GRU wins about half of the pairs. The mean is larger than the median,
# because a few LSTMs are much worse than the others. The difference is not
# clear, so these runs do not show which network has the lower RMSE.
#
# The two networks also have different settings. So we now compare a GRU and an
# LSTM with the same settings, by RMSE and by spread:

import pandas as pd

pairs = {
    "the LSTM's settings": ("gru_rmsprop", "lstm"),
    "the GRU's settings": ("gru", "lstm_sgd"),
}
rows = {}
for settings, (gru, lstm) in pairs.items():
    for column in ["rmse", "spread"]:
        compared = rnnedu.compare_networks(study, gru, [lstm], column)
        rows[settings, column] = compared.iloc[0]
compared = pd.DataFrame(rows).T
clear = compared["p"] < 0.05

# sphinx_gallery_start_ignore
assert clear.tolist() == [False, True, True, True], "it says so"
assert (compared["wins"] > 12).all(), "it says: most pairs"
# sphinx_gallery_end_ignore
compared.map("{:.2g}".format).assign(clear=clear)

# %%
# The GRU wins most pairs in all four rows. Its spread is clearly lower with
# both settings. Its RMSE is clearly lower only with the GRU's settings. So a
# comparison of two cells depends on the settings, too.
#
# Forecasts of the whole year
# ---------------------------
#
# In a **recursive forecast**, the network reads its own forecasts as inputs,
# here over the whole test year. The baseline is then the *last value held*:
# the last price before the year, repeated for every day. Some runs beat this
# baseline. Could we have known before the year which ones?
#
# ``free_rmse`` is the RMSE of the recursive forecast. ``last_loss`` is the
# training loss of the last epoch (of an average, the mean of its two
# networks). ``abs bias`` is the bias of the forecasts for the next day,
# without its sign. We rank the 20 runs of each network by each of these
# columns. The table shows the correlations of the ranks: 1 means the same
# order, and 0 means no relation.

ahead = (study["free_skill"] > 0).sum()  # a lower RMSE than the baseline
print(f"{ahead} of {len(study)} runs beat the last value held")
study["abs bias"] = study["bias"].abs()
columns = ["last_loss", "abs bias", "free_rmse"]
ranks = study.groupby("network")[columns].rank()
print(ranks.corr().round(2))

# sphinx_gallery_start_ignore
assert 0 < ahead < len(study) / 2, "it says: some"
correlations = ranks.corr()["free_rmse"]
assert abs(correlations["last_loss"]) < 0.3, "it says: little"
assert correlations["abs bias"] > 0.7, "it says: much"
# sphinx_gallery_end_ignore

# %%
# The training loss is known before the year, but it tells little about
# ``free_rmse``. ``abs bias`` tells much about it, probably because each
# forecast becomes an input and passes on its error. But the bias is known only
# after the year. So we could not have known which runs would do well.
#
# Try it yourself
# ---------------
#
# - Keep only five seeds: ``study = study[study["seed"] < 5]``. Which
#   statements on this page would you still make? (Even five wins of five pairs
#   give ``p`` = 2 / 2⁵, one in sixteen. So no difference can be clear.)
# - Add ``"bias"`` and ``"free_bias"``, the mean error of the recursive
#   forecast, to ``columns`` in the last cell. If a run is too low for the next
#   day, is it also too low over the whole year?
#
# What to remember
# ----------------
#
# - Look at all runs, not at one. Compare medians and wins, and test whether a
#   difference is more than chance.
# - Look at bias and spread separately.
# - Compare two cells with the same settings.
#
# Next: :doc:`/auto_gallery/ibm/plot_09_predict_the_change`
#
# **Source.** Agarwal et al. (2021), *Deep reinforcement learning at the edge
# of the statistical precipice*, arXiv:2108.13264, on how to compare a few
# runs.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
