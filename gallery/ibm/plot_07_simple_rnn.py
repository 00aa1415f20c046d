"""
The simple RNN, with the same settings
======================================

*Level: beginner. Time: 10 minutes.* We compare the simple RNN, a network
without gates, with the LSTM and the GRU, over 20 training runs of each.
*Finding*: the simple RNN has the lowest median RMSE of the three, and still
loses to persistence.

The notebook from which this site started says that the gradients of a simple
RNN vanish, and so it trains only LSTM and GRU. If this problem mattered for
IBM's price, we would expect the simple RNN to be the worst of the three.

Each network forecasts the *High*, the highest price of a day, from the 60 days
before. We measure the error in the test year by the RMSE, the root of the mean
squared error. A good score would be an RMSE below that of persistence, which
repeats the price of the day before. The chapter
:doc:`/learn/recurrent_networks` explains the simple RNN, and
:doc:`/learn/vanishing_gradients` its problem.
"""

# %%
# The network
# -----------
#
# A simple RNN has one state and one equation: the new state is the tanh of a
# weighted sum of the new input and the old state. A GRU computes three such
# sums and an LSTM four, each with its own weights.
#
# All our networks have four recurrent layers of 50 units, with dropout after
# each, and a dense layer with one output. Only the kind of layer differs. In
# the code, ``gru_rmsprop`` is a GRU with the training settings of the LSTM.

# sphinx_gallery_thumbnail_number = 2
import rnnedu

networks = ["simple_rnn", "gru_rmsprop", "lstm"]
for name in networks:
    network = rnnedu.build_network(name, lookback=60)
    layer = type(network.layers[0]).__name__
    print(f"{name:<12} {layer:<10} {network.count_params():>6,} parameters")

# sphinx_gallery_start_ignore
for name in networks:
    kinds = [
        type(each).__name__
        for each in rnnedu.build_network(name, lookback=60).layers
    ]
    assert kinds == [kinds[0], "Dropout"] * 4 + ["Dense"], "it says so"
# sphinx_gallery_end_ignore

# %%
# Twenty training runs of each
# ----------------------------
#
# The package holds the scores of 20 training runs of each network, with
# different seeds, on the notebook's prices. All three have the settings of the
# notebook's LSTM: the optimiser RMSprop, batches of 32 windows, 50 epochs. The
# table shows the median, the lowest and the highest RMSE in dollars.
# Persistence needs no training and has only one RMSE.

study = rnnedu.load_study()
table = rnnedu.summarize_study(study, networks)

# sphinx_gallery_start_ignore
recipes = [rnnedu.RECIPES[name] for name in networks]
assert len({recipe.optimizer for recipe in recipes}) == 1, "the same settings"
assert {recipe.batch_size for recipe in recipes} == {32}, "it says: 32"
assert set(study["epochs"]) == {50}, "it says: 50"
assert (table["runs"].iloc[1:] == 20).all(), "it says: 20"
assert table["median"].iloc[1:].idxmin() == "simple RNN", "it says: the lowest"
assert table["lowest"].min() > table.loc["persistence", "median"], "none"
# sphinx_gallery_end_ignore
table[["median", "lowest", "highest"]].round(2)

# %%
# The simple RNN has the lowest median of the three. No run of any network is
# as accurate as persistence. In the figure, a dot is one training run. A cross
# is a mean with its 95 % interval.

figure = rnnedu.plot_study(
    study, networks, "RMSE by training run: wide ranges, all above persistence"
)

# %%
# Now we compare pairs of runs with the same seed, for all 20 ``seeds``.
# ``wins`` counts the pairs in which the simple RNN has the lower RMSE.
# ``median`` and ``mean`` are those of the differences: a positive number
# speaks for the simple RNN. If neither network were better, chance alone would
# give differences at least as strong as these with probability ``p``. This is
# the Wilcoxon test, which uses the signs of the differences and their order by
# size. We call a difference clear if ``p`` is below one in twenty.

compared = rnnedu.compare_networks(study, "simple_rnn", networks[1:])
compared["clear"] = compared["p"] < 0.05

# sphinx_gallery_start_ignore
assert (compared["wins"] > 10).all(), "it says: most pairs"
assert compared.loc["LSTM", "clear"], "it says: clear"
assert compared["p"].iloc[0] > 0.1, "it says: not clear"
# sphinx_gallery_end_ignore
compared.round(2)

# %%
# The simple RNN wins most pairs against both networks. It is clearly better
# than the LSTM, but not clearly better than the GRU.
#
# Bias and spread
# ---------------
#
# The runs of one network have very different RMSEs. One reason is their
# **bias**, the mean error of a run. For example, if every forecast of a run is
# 3 dollars too high, its bias is 3 dollars. So is its RMSE, although the run
# follows every move of the price.
#
# If we subtract the bias of a run from each of its errors, the RMSE of the
# remaining errors is the **spread**. For example, an RMSE of 5 and a bias of 3
# leave a spread of 4, because RMSE² = bias² + spread² and 5² = 3² + 4². The
# figure shows the spread of each run:

study = rnnedu.add_spread(study)  # adds the column "spread"
figure = rnnedu.plot_study(
    study,
    networks,
    "Spread by training run: lowest for most runs of the simple RNN",
    column="spread",
)

# sphinx_gallery_start_ignore
by_network = study.groupby("network")
spread = by_network["spread"].agg(["min", "max"])
width = by_network["rmse"].agg(lambda x: x.max() - x.min())
assert ((spread["max"] - spread["min"]) < width / 2)[networks].all(), "less"
lowest_other = spread.loc[networks[1:], "min"].min()
runs = by_network.get_group("simple_rnn")["spread"]
assert (runs < lowest_other).sum() > 12, "the title says: most runs"
assert spread["min"].min() > table["median"].iloc[0], "it says: above it"
# sphinx_gallery_end_ignore

# %%
# The runs of one network differ much less in spread than in RMSE. We compare
# the pairs again, now by their spread:

compared = rnnedu.compare_networks(
    study, "simple_rnn", networks[1:], column="spread"
)
print(compared.map("{:.2g}".format))

# sphinx_gallery_start_ignore
assert (compared["wins"] >= 17).all(), "it says: nearly every pair"
assert (compared["p"] < 0.01).all(), "it says: clearly"
# sphinx_gallery_end_ignore

# %%
# The simple RNN has the smaller spread in nearly every pair, and both
# differences are clear. Still, every spread is above the RMSE of persistence.
# The spread helps to explain an RMSE, but it is no score. To subtract the bias
# from a forecast, we would have to know the bias before the test year is over.
#
# Why the simple RNN is not the worst
# -----------------------------------
#
# We did not measure gradients here, so this is only a likely reason. Nearly
# all that can be known about the next price is in the last price. The network
# reads the last price at its last time step, just before the forecast. Over so
# few time steps, a gradient hardly vanishes. An LSTM can keep information over
# many time steps, but here this is hardly needed. These runs do not show why
# the spread of the simple RNN is also the smallest.
#
# Try it yourself
# ---------------
#
# - Replace ``"gru_rmsprop"`` by ``"gru"``, the GRU with the notebook's own
#   settings. Are the lowest and the highest RMSE further apart, or closer?
# - In a *recursive forecast*, the network reads its own forecasts as inputs,
#   here over the whole year. Plot the RMSE of this forecast with
#   ``column="free_rmse"``. Is the simple RNN still the best?
#
# What to remember
# ----------------
#
# - A vanishing gradient is a problem if the network has to use inputs from
#   many time steps ago. Not every series requires that.
# - Try the simplest network, too, with the same settings.
# - RMSE² = bias² + spread². Look at both before you explain an RMSE.
#
# Next: :doc:`/auto_gallery/ibm/plot_08_scoreboard`.
#
# **Source.** Elman (1990), *Finding structure in time*, Cognitive Science
# 14(2).

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
