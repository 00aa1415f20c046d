"""
A four-layer GRU on the same windows
====================================

*Level: beginner. Time: 10 minutes.* The second network of the source notebook,
with four GRU layers, on the windows of the LSTM. *Finding*: with a quarter
fewer parameters, it loses to persistence as well. It would still lose if its
mean error were removed.

The task is the same, and the cell is different. A **GRU** (gated recurrent
unit) passes one vector from day to day, its hidden state, instead of the
LSTM's two, and has two gates instead of three, hence fewer parameters.

It forecasts *High* one day ahead, like the LSTM before it. A good score would
be, at the least, an error below that of persistence. The chapter
:doc:`/learn/gru` explains the layer.
"""

# %%
# The network
# -----------
#
# Four GRU layers of 50 units, read from the package itself.

# sphinx_gallery_thumbnail_number = 2
import inspect

import rnnedu

print(inspect.getsource(rnnedu.gru_network))

# %%
# It has about three quarters of the LSTM's parameters: a block of weights for
# each of its two gates, and one for the proposed new state. These are three
# blocks, and the LSTM has four. Keras adds a second row of bias parameters to
# a GRU (``reset_after=True``), so its share is slightly above three quarters.

model = rnnedu.build_network("gru", lookback=60)
model.summary()
lstm_parameters = rnnedu.build_network("lstm", lookback=60).count_params()
share = model.count_params() / lstm_parameters
print(
    f"{model.count_params():,} of the LSTM's {lstm_parameters:,}: {share:.0%}"
)

# sphinx_gallery_start_ignore
assert model.count_params() == 53_901
assert 0.75 < share < 0.77
# sphinx_gallery_end_ignore

# %%
# Training
# --------
#
# The notebook changes more than the cell: plain gradient steps with momentum
# (SGD) instead of RMSprop, another learning rate, and batches of 150 windows
# instead of 32. We keep its settings here, and keep in mind that the cell is
# not the only difference.

prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.describe_source(prices))
print(f"test year {windows.test_year}")

recipe = rnnedu.RECIPES["gru"]
optimizer = model.optimizer
print(f"optimiser {type(optimizer).__name__}, loss {model.loss}")
print(f"learning rate {float(optimizer.learning_rate):g}")
print(f"{recipe.epochs} epochs, batches of {recipe.batch_size}")

trained = rnnedu.train("gru", windows, seed=0)
loss = trained.history["loss"]

# %%

figure = rnnedu.plot_loss(
    {"GRU": loss},
    f"Training ends at {loss[-1] / loss[0]:.0%} of the first epoch's loss",
)

# sphinx_gallery_start_ignore
assert loss[-1] < loss[0] / 2
# sphinx_gallery_end_ignore

# %%
# The forecast
# ------------

forecast = rnnedu.forecast_one_step(trained.model, windows)
figure = rnnedu.plot_forecasts(
    windows,
    {"GRU": forecast},
    "The GRU follows the price too, and rounds off its moves",
)

# sphinx_gallery_start_ignore
assert forecast.diff().std() < windows.test_prices.diff().std(), (
    "it rounds off the moves"
)
assert forecast.corr(windows.test_prices) > 0.75, "the title says: follows"
# sphinx_gallery_end_ignore

# %%
# The score, and the score beside it
# ----------------------------------

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
# How large is the mean error, and how large is the error that remains without
# it? The mean error is called the **bias** of a forecast. The spread is what
# would remain if the bias were subtracted from every forecast. Nobody could
# have known the bias beforehand.

error = forecast - windows.test_prices
print(f"bias {error.mean():+.2f} dollars")
print(f"spread about it {error.std():.2f} dollars")
print(f"RMSE of persistence {scores.loc['persistence', 'RMSE']:.2f} dollars")

# sphinx_gallery_start_ignore
assert error.std() > scores["RMSE"].iloc[0], "it loses without its bias too"
# sphinx_gallery_end_ignore

# %%
# Even without its bias it would lose.
#
# Is the GRU better than the LSTM?
# --------------------------------
#
# Nothing on this page can tell. The two training runs differ in cell,
# optimiser, learning rate and batch size, and each uses one seed. A fair
# comparison changes the cell alone and repeats both over many seeds. Careful
# studies on other tasks found no general winner between the two (Chung et al.
# 2014), nor a variant of the LSTM that is clearly better than the usual one
# (Greff et al. 2017).
#
# Try it yourself
# ---------------
#
# - Train the GRU with the LSTM's settings: replace ``"gru"`` by
#   ``"gru_rmsprop"`` in ``train``. Compare bias and spread.
# - Use windows of 10 days: ``lookback=10``. What changes?
#
# What to remember
# ----------------
#
# - A GRU is the smaller cell: two gates, one state, three quarters of the
#   parameters.
# - One training run of each network is no comparison, whichever way it comes
#   out.
#
# Next: *Letting the GRU run: a generated sequence*.
#
# **Sources.** Cho et al. (2014), arXiv:1406.1078; Chung et al. (2014),
# arXiv:1412.3555; Greff et al. (2017), *LSTM: A search space odyssey*,
# arXiv:1503.04069.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
