"""
The scoreboard: every network, many seeds
=========================================

*Level: intermediate. Time: 15 minutes.* Eight networks were trained 20 times
each on IBM's price: six kinds, two of them (LSTM and GRU) with two settings.
Which differences are real? *Finding*: no run beats persistence; networks
differ in how closely they follow the price, and the runs of one network differ
mostly in their bias.

Each network reads the *High* of 60 days and forecasts the next one.
Persistence (tomorrow's price is today's price) is the one to beat: a good
score would be a lower RMSE. One training run says little about a network.
Another seed means other initial weights, another order of batches and other
dropout, and the score can be very different. So we look at all runs, and ask
which differences are more than luck. The chapter :doc:`/learn/forecasting`
explains RMSE, bias and skill.
"""

# %%
# A recorded study
# ----------------
#
# Training all these networks takes hours. So the package comes with the scores
# of a recorded study on the source notebook's prices, one row per run. There
# are two settings. The first is that of the notebook's LSTM: RMSprop and
# batches of 32 windows. The second is that of its GRU: SGD with momentum and
# batches of 150. ``lstm_gru_average`` is the average of an LSTM and a GRU,
# each trained with its own settings.

# sphinx_gallery_thumbnail_number = 2
import rnnedu

study = rnnedu.add_spread(rnnedu.load_study())
hours = study["seconds"].sum() / 3600
print(f"{len(study)} runs, {hours:.0f} hours of one core")
table = rnnedu.summarize_study(study)

# sphinx_gallery_start_ignore
assert (table["runs"].iloc[1:] == 20).all() and len(table) == 9, "it says so"
medians = table["median"].iloc[1:]
assert table["lowest"].min() > table.loc["persistence", "median"], "no run"
# sphinx_gallery_end_ignore
table.round(2)

# %%
# The first row is persistence. Then come the networks, the one with the lowest
# median RMSE first. *lowest* and *highest* are the RMSE of its best and its
# worst run. For *abs bias*, we take each run's mean error without its sign,
# and then the median over the runs. *spread* is explained below. All are in
# dollars. The figure shows each run as a dot:

networks = [
    "simple_rnn",
    "gru_rmsprop",
    "lstm_gru_average",
    "gru",
    "bidirectional",
    "lstm_gru_stack",
    "lstm",
    "lstm_sgd",
]
figure = rnnedu.plot_study(
    study, networks, "RMSE by training run: none is as low as persistence's"
)

# %%
# No run of any network is as accurate as persistence. The ranges of most
# networks overlap. With only one run of each network, we would often put them
# in a wrong order.
#
# Most of the scatter is bias
# ---------------------------
#
# A run with a **bias** forecasts too high or too low on average over the year.
# For example, let the RMSE be 5 dollars and the bias 3 dollars. Around that
# bias the errors still vary by 4 dollars, since 5² = 3² + 4². This is the
# **spread**. The next figure shows the spread of each run: its error without
# the bias.

figure = rnnedu.plot_study(
    study,
    networks,
    "Spread by training run: without its bias, a network is consistent",
    column="spread",
)

# sphinx_gallery_start_ignore
by_network = study.groupby("network")
width = by_network[["rmse", "spread"]].agg(
    lambda runs: runs.max() - runs.min()
)
assert (width["spread"] < width["rmse"]).all(), "it says: narrower"
assert (width["spread"] < width["rmse"] / 2).sum() >= 6, "it says: most"
means = by_network["spread"].mean()
spread_wins = rnnedu.compare_networks(study, "lstm", ["gru"], "spread")
assert spread_wins.loc["GRU", "wins"] == 20, "it says: every seed"
# sphinx_gallery_end_ignore

# %%
# The dots of most networks now lie close together, and most pairs of networks
# can be told apart. How closely a run follows the price depends on the
# network. How far it lies too high or too low depends on the seed.
#
# The spread helps to understand an RMSE. It cannot replace the RMSE, because
# the bias is known only after the test year.
#
# LSTM or GRU?
# ------------
#
# The notebook says that its GRU "works better than LSTM in this case". We
# compare the two run by run: run 0 with run 0, and so on. (The two runs of a
# pair share nothing but the number. Any other pairing would do as well.)

compared = rnnedu.compare_networks(study, "gru", ["lstm"])

# sphinx_gallery_start_ignore
row = compared.loc["LSTM"]
assert 8 <= row["wins"] <= 12, "it says: about half"
assert row["mean"] > 1.5 * row["median"], "it says: a few bad runs"
assert row["p"] > 0.1, "it says: larger than one in twenty"
worst = study[study["network"] == "lstm"].nlargest(4, "rmse")["rmse"]
assert worst.min() > table.loc["GRU", "highest"], "it says: four bad runs"
# sphinx_gallery_end_ignore
compared.round(2)

# %%
# The GRU wins about half of the pairs. ``median`` and ``mean`` are the dollars
# by which its RMSE is lower. The mean is larger because a few LSTMs are much
# worse than the others. Such outliers change a mean, but hardly a median.
#
# ``p`` is from the Wilcoxon test, which orders the differences by size and
# uses only this order. If neither cell were better, results that favour one
# cell at least this much would arise by chance with probability ``p``. If
# ``p`` is below one in twenty, we call the difference clear. Here ``p`` is
# larger. So these runs do not show which cell has the lower RMSE.
#
# The spread tells more. The spread of the LSTM is lower in every pair:

print(rnnedu.compare_networks(study, "lstm", ["gru"], "spread").round(2))

# %%
# The two networks also have different settings. The study has both cells with
# both settings. So we compare the cells twice, once with each setting:

pairs = {
    "RMSprop, 32": ("gru_rmsprop", "lstm"),
    "SGD, 150": ("gru", "lstm_sgd"),
}
for settings, (gru, lstm) in pairs.items():
    print(f"{settings}: GRU against\n")
    compared = rnnedu.compare_networks(study, gru, [lstm])
    print(compared.map("{:.2g}".format), "\n")

# sphinx_gallery_start_ignore
sgd = rnnedu.compare_networks(study, "gru", ["lstm_sgd"]).iloc[0]
rmsprop = rnnedu.compare_networks(study, "gru_rmsprop", ["lstm"]).iloc[0]
assert sgd["wins"] == 20 and sgd["p"] < 0.001, "it says: every seed"
assert rmsprop["p"] > 0.05, "it says: not clear"
# sphinx_gallery_end_ignore

# %%
# With SGD and large batches, the GRU wins every pair. With RMSprop and small
# batches, it wins more than half of the pairs, but the difference is not
# clear. So the question "Which cell is better?" has no answer without the
# settings. With large batches there are fewer training steps. Perhaps the LSTM
# only needs more of them.
#
# Free running
# ------------
#
# In a recursive forecast, the network reads its own forecasts as inputs, here
# over the whole year. The baseline is the last value held: the last known
# price, repeated for every day. Some runs beat this baseline. Could one have
# known which?
#
# ``free_rmse`` is the RMSE of the recursive forecast. ``last_loss`` is the
# training loss of the last epoch. For each network, we order its runs by each
# column. Then we measure how similar two orders are: 1 means the same order, 0
# means no relation.

ahead = (study["free_skill"] > 0).sum()
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
# ``free_rmse``. The size of the bias one day ahead tells much. A likely
# reason: each forecast becomes an input, so the bias adds up. But the bias is
# known only after the year. So a recursive forecast that looks good is mostly
# one whose bias happened to be small.
#
# Try it yourself
# ---------------
#
# - Keep only five seeds: ``study = study[study["seed"] < 5]``. Which of the
#   statements above would you still make? (With five pairs ``p`` cannot be
#   below one in sixteen, whatever the data.)
# - Add ``"bias"`` and ``"free_bias"`` to ``columns`` in the last cell. If a
#   run is too low one day ahead, is it also too low over the whole year?
#
# What to remember
# ----------------
#
# - Look at all runs, not at one. Compare medians, wins and a rank test, and
#   look for outliers before you trust a mean.
# - Look at bias and spread separately. They have different causes.
# - A comparison of two cells holds for the settings with which it was made.
#
# Next: :doc:`/auto_gallery/ibm/plot_09_predict_the_change`.
#
# **Source.** Agarwal et al. (2021), *Deep reinforcement learning at the edge
# of the statistical precipice*, arXiv:2108.13264, on how to compare a few
# runs.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
