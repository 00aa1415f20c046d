"""
The simple RNN, at the same settings
====================================

The source notebook begins with the simple recurrent network, states that its
gradients vanish, and goes on to the LSTM. The simple RNN is never tried. Here
it is: four layers of 50 units, no gates, trained as the LSTM was, on the same
windows, and scored one day ahead beside LSTM and GRU.

If vanishing gradients matter here, it should be the worst of the three. A good
score, for any of them, is below persistence. The chapter
:doc:`/learn/recurrent_networks` explains the layer.
"""

# %%
# The network
# -----------
#
# One state, one equation: the new state is a tanh of the new price and the old
# state (Elman 1990). So there is one block of weights where the GRU has three
# and the LSTM four.

# sphinx_gallery_thumbnail_number = 2
import inspect

import rnnedu
from rnnedu.models import simple_rnn_network

print(inspect.getsource(simple_rnn_network))
parameters = {
    name: rnnedu.build_network(name, lookback=60).count_params()
    for name in ("simple_rnn", "gru", "lstm")
}
for name, count in parameters.items():
    print(f"{name:<10} {count:>6,} parameters")

# sphinx_gallery_start_ignore
assert parameters["simple_rnn"] < parameters["gru"] < parameters["lstm"]
# sphinx_gallery_end_ignore

# %%
# Training
# --------

prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.describe_source(prices))
print(f"test year {windows.test_year}")

trained = {
    "simple RNN": rnnedu.train("simple_rnn", windows, seed=0),
    "LSTM": rnnedu.train("lstm", windows, seed=0),
    "GRU": rnnedu.train("gru", windows, seed=0),
}
losses = {name: each.history["loss"] for name, each in trained.items()}
figure = rnnedu.plot_loss(
    losses,
    "The simple RNN learns too: its loss ends at "
    f"{losses['simple RNN'][-1] / losses['LSTM'][-1]:.2f} times the LSTM's",
)

# sphinx_gallery_start_ignore
settings = [rnnedu.RECIPES[name] for name in ("lstm", "simple_rnn")]
assert settings[0].optimizer is settings[1].optimizer
assert settings[0].batch_size == settings[1].batch_size
assert losses["simple RNN"][-1] < losses["simple RNN"][0] / 2
# sphinx_gallery_end_ignore

# %%
# The score
# ---------

forecasts = {
    name: rnnedu.forecast_one_step(each.model, windows)
    for name, each in trained.items()
}
scores = rnnedu.score_table(windows, forecasts)
order = scores["RMSE"].iloc[1:].sort_values().index
figure = rnnedu.plot_scores(
    scores,
    f"Of the three networks the {order[0]} is the most accurate;\n"
    "none is as accurate as persistence",
)
print(rnnedu.compare_to_baseline(scores, "simple RNN"))

# sphinx_gallery_start_ignore
assert scores["skill"].iloc[1:].max() < 0, "the title says: none"
# sphinx_gallery_end_ignore
scores.round(2)

# %%

print("from the lowest RMSE to the highest: " + ", ".join(order))

# %%
# The LSTM and the simple RNN share their settings; the GRU has its own, as in
# the notebook: another optimiser, and larger batches.
#
# More than one seed
# ------------------
#
# That is one training run of each. ``make study`` trains the networks from
# many seeds; its rows come with the package, and are of the source notebook's
# prices. ``gru_rmsprop`` is the GRU at the settings of the two others.

study = rnnedu.load_study()
errors = study.groupby("network")["rmse"]
many = errors.agg(["count", "median", "min", "max"])
many = many.loc[["simple_rnn", "gru_rmsprop", "lstm"]]
simple = errors.get_group("simple_rnn")
ahead = int((simple < many.loc["gru_rmsprop", "min"]).sum())
print(
    f"{ahead} of {len(simple)} training runs of the simple RNN are more "
    "accurate than the best of the GRU"
)

# sphinx_gallery_start_ignore
assert study["skill"].max() < 0, "the page says: none beats it"
assert ahead > len(simple) / 3, "the page says: many"
assert (many["max"] > 1.5 * many["min"]).all(), "the page says: scatter widely"
# sphinx_gallery_end_ignore
many.round(2)

# %%
# Many training runs of the simple RNN are more accurate than any of the GRU's.
# All three scatter widely. None beats persistence. They are plotted in
# :doc:`/auto_gallery/ibm/plot_08_scoreboard`.
#
# There is a reason why the simple RNN can be ahead. To forecast tomorrow's
# price, the last price is nearly all there is to know, and the last day of the
# window is one step away: no gradient has time to vanish. What the LSTM is
# made for, to keep something for long, is not needed here.
#
# Does it at least see the last day?
# ----------------------------------
#
# We raise one day of a window by a dollar and look how far the forecast moves,
# for each of the 60 days, in the middle of the test year. All 61 windows are
# one batch.

import matplotlib.pyplot as plt
import numpy as np

from rnnedu import plots

window = windows.X_test[len(windows.test_prices) // 2]
dollar = 1 / (windows.train_prices.max() - windows.train_prices.min())
raised = window + dollar * np.eye(60, dtype="float32")[:, :, None]
moves = {}
for name, each in trained.items():
    predicted = windows.inverse_scale(
        each.model(np.concatenate([window[None], raised]))
    )
    moves[name] = predicted[1:] - predicted[0]

# %%

plt.style.use(plots.STYLE)
fig, ax = plots.figure(
    "A dollar on the last day moves the simple RNN by "
    f"{moves['simple RNN'][-1]:.2f}, the LSTM by {moves['LSTM'][-1]:.2f}",
    alt="How far each network's forecast moves for a dollar on one day of the "
    "window, from the first day of the window to the last.",
    xlabel="days before the forecast",
    ylabel="dollars for a dollar",
    height=3.2,
)
plots.draw_lines(ax, moves, np.arange(60, 0, -1), unit="dollars")
ax.invert_xaxis()

# %%
# Persistence would move by a whole dollar on the last day and by nothing on
# all others.

most = max(moves, key=lambda name: moves[name][-1])
print(f"of the three, the {most} depends most on the last day")
for name, forecast in forecasts.items():
    bias = (forecast - windows.test_prices).mean()
    print(f"bias of the {name}: {bias:+.2f} dollars")

# sphinx_gallery_start_ignore
assert max(each[-1] for each in moves.values()) < 1, "less than a dollar"
# sphinx_gallery_end_ignore

# %%
# In this window each moves by less than a dollar. The mean error over the
# year, its **bias**, is another matter.
#
# What to remember
# ----------------
#
# - A vanishing gradient is a problem where something has to be kept for long.
#   Not every series requires that.
# - Try the simple network at the same settings first.
# - What decides where long memory is required is measured in
#   :doc:`/auto_gallery/inside_the_cell/plot_14_memory_span`.
#
# **Source.** Elman (1990), *Finding structure in time*, Cognitive Science
# 14(2).

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
