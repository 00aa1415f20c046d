"""
The plain network, at the same settings
=======================================

The story of the source notebook begins with the simple recurrent network,
tells that its gradients vanish, and goes on to the LSTM. The simple network is
never tried. Here it is: four layers of 50 units, no gates, trained as the LSTM
was, on the same windows, and scored one day ahead beside LSTM and GRU.

If the story holds here, it should be the worst of the three. A good score, for
any of them, is below yesterday's price.
"""

# %%
# The network
# -----------
#
# One state, one rule: the new state is a tanh of the new price and the old
# state (Elman 1990). So one block of weights where the GRU has three and the
# LSTM four.

# sphinx_gallery_thumbnail_number = 2
import inspect

import rnnedu
from rnnedu.models import simple_rnn_network

print(inspect.getsource(simple_rnn_network))
weights = {
    name: rnnedu.build(name, lookback=60).count_params()
    for name in ("simple_rnn", "gru", "lstm")
}
for name, count in weights.items():
    print(f"{name:<10} {count:>6,} weights")

# sphinx_gallery_start_ignore
assert weights["simple_rnn"] < weights["gru"] < weights["lstm"]
# sphinx_gallery_end_ignore

# %%
# Training
# --------

prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.provenance_line(prices))
print(f"test year {windows.test_year}")

trained = {
    "simple RNN": rnnedu.train("simple_rnn", windows, seed=0),
    "LSTM": rnnedu.train("lstm", windows, seed=0),
    "GRU": rnnedu.train("gru", windows, seed=0),
}
losses = {name: each.history["loss"] for name, each in trained.items()}
figure = rnnedu.plot_loss(
    losses,
    "The plain network learns too: its loss ends at "
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
closest = scores["RMSE"].iloc[1:].idxmin()
figure = rnnedu.plot_scores(
    scores,
    f"Of the three networks the {closest} is closest; none is as close as\n"
    "yesterday's price",
)
print(rnnedu.verdict(scores, "simple RNN"))

# sphinx_gallery_start_ignore
assert scores["skill"].iloc[1:].max() < 0, "the title says: none"
# sphinx_gallery_end_ignore
scores.round(2)

# %%

order = scores["RMSE"].iloc[1:].sort_values().index
print("from the closest to the farthest off: " + ", ".join(order))

# %%
# The LSTM and the plain network share their settings; the GRU has its own, as
# in the notebook: another optimiser, and larger batches.
#
# More than one draw
# ------------------
#
# That is one draw of each. ``make study`` trains the networks from many seeds;
# its rows come with the package, and are of the source notebook's prices.
# ``gru_rmsprop`` is the GRU at the settings of the two others.

study = rnnedu.load_study()
errors = study.groupby("network")["rmse"]
many = errors.agg(["count", "median", "min", "max"])
many = many.loc[["simple_rnn", "gru_rmsprop", "lstm"]]
plain = errors.get_group("simple_rnn")
ahead = int((plain < many.loc["gru_rmsprop", "min"]).sum())
print(
    f"{ahead} of {len(plain)} runs of the plain network are closer than the "
    "best of the GRU"
)

# sphinx_gallery_start_ignore
assert study["skill"].max() < 0, "the page says: none beats it"
assert ahead > len(plain) / 3, "the page says: many"
assert (many["max"] > 1.5 * many["min"]).all(), "the page says: scatter widely"
# sphinx_gallery_end_ignore
many.round(2)

# %%
# Many runs of the plain network are closer than any of the GRU's. All three
# scatter widely. No run beats yesterday's price. They are drawn in
# :doc:`/auto_gallery/ibm/plot_08_scoreboard`.
#
# That the plain network can be ahead is no riddle. To forecast tomorrow's
# price, the last price is nearly all there is to know, and the last day of the
# window is one step away: no gradient has time to vanish. What the LSTM is
# made for, to keep something for long, is not asked for.
#
# Does it at least see the last day?
# ----------------------------------
#
# We raise one day of a window by a dollar and look how far the forecast moves,
# for each of the 60 days, in the middle of the test year.

import matplotlib.pyplot as plt
import numpy as np

from rnnedu import plots

window = windows.X_test[len(windows.test) // 2]
dollar = 1 / (windows.train.max() - windows.train.min())
raised = window + dollar * np.eye(60, dtype="float32")[:, :, None]
moves = {}
for name, each in trained.items():
    said = np.asarray(each.model(np.r_[window[None], raised]))
    in_dollars = windows.to_dollars(said)
    moves[name] = in_dollars[1:] - in_dollars[0]

# %%

with plt.rc_context(plots.LOOK):
    fig, ax = plt.subplots(figsize=(7.5, 3.2))
    for name, each in moves.items():
        ax.plot(np.arange(60, 0, -1), each, **plots.STYLES[name], label=name)
    ax.set(xlabel="days before the forecast", ylabel="dollars for a dollar")
    ax.invert_xaxis()
    ax.legend()
    ax.set_title(
        "A dollar on the last day moves the simple RNN by "
        f"{moves['simple RNN'][-1]:.2f}, the LSTM by {moves['LSTM'][-1]:.2f}"
    )
fig.set_label(
    "How far each network's forecast moves for a dollar on one day of the "
    "window. On the last day: "
    + "; ".join(f"{name} {each[-1]:.2f}" for name, each in moves.items())
    + " dollars."
)

# %%
# Yesterday's price as a forecast would move by a whole dollar on the last day
# and by nothing on all others.

most = max(moves, key=lambda name: moves[name][-1])
print(f"of the three, the {most} leans most on the last day")
for name, forecast in forecasts.items():
    bias = (forecast - windows.test).mean()
    print(f"bias of the {name}: {bias:+.2f} dollars")

# sphinx_gallery_start_ignore
assert max(each[-1] for each in moves.values()) < 1, "none leans on it wholly"
# sphinx_gallery_end_ignore

# %%
# In this window each moves by less than a dollar. How far it is off on the
# mean of the year, its **bias**, is another matter.
#
# What to remember
# ----------------
#
# - A vanishing gradient is a fault where something has to be kept for long.
#   Not every series asks for that.
# - Try the simple thing at the same settings before the story about it.
# - What decides where memory is asked for is measured in
#   :doc:`/auto_gallery/cell/plot_14_memory_span`.
#
# **Source.** Elman (1990), *Finding structure in time*, Cognitive Science
# 14(2).

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
