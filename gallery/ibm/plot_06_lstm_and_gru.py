"""
LSTM and GRU together
=====================

"Applying both LSTM and GRU together gave even better results", says the source
notebook at its very end, and shows no code for it. There are two ways to read
that sentence: **stacked**, LSTM layers with GRU layers on top of them, in one
network; or **averaged**, two networks whose forecasts are added and halved.

We do both, with the notebook's settings, one day ahead. "Even better" would
mean: closer than the LSTM alone and the GRU alone. A good score would be below
yesterday's price as well.
"""

# %%
# Stacked
# -------
#
# Two LSTM layers, two GRU layers on top, trained as the LSTM was.

# sphinx_gallery_thumbnail_number = 2
import inspect

import pandas as pd

import rnnedu
from rnnedu.models import lstm_under_gru_network

print(inspect.getsource(lstm_under_gru_network))

# %%

prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.provenance_line(prices))
print(f"test year {windows.test_year}")

trained = {
    "LSTM": rnnedu.train("lstm", windows, seed=0),
    "GRU": rnnedu.train("gru", windows, seed=0),
    "LSTM under GRU": rnnedu.train("lstm_under_gru", windows, seed=0),
}
stacked = trained["LSTM under GRU"].history["loss"]
figure = rnnedu.plot_loss(
    {name: each.history["loss"] for name, each in trained.items()},
    f"The stacked network ends at {stacked[-1] / stacked[0]:.0%} of its first "
    "loss",
)

# sphinx_gallery_start_ignore
layers = trained["LSTM under GRU"].model.layers
kinds = [type(each).__name__ for each in layers]
assert [kind for kind in kinds if kind != "Dropout"] == [
    "LSTM",
    "LSTM",
    "GRU",
    "GRU",
    "Dense",
]
assert stacked[-1] < stacked[0] / 2
# sphinx_gallery_end_ignore

# %%
# Averaged
# --------
#
# The LSTM and the GRU of the earlier pages, as they are; no training is
# needed. ``rnnedu.averaged`` joins them into one Keras model.

networks = {name: each.model for name, each in trained.items()}
networks["mean of LSTM and GRU"] = rnnedu.averaged(
    [networks["LSTM"], networks["GRU"]]
)
forecasts = {
    name: rnnedu.forecast_one_step(network, windows)
    for name, network in networks.items()
}

# sphinx_gallery_start_ignore
both = (forecasts["LSTM"] + forecasts["GRU"]) / 2
assert abs(both - forecasts["mean of LSTM and GRU"]).max() < 1e-2
# sphinx_gallery_end_ignore

# %%
# The scores
# ----------

scores = rnnedu.score_table(windows, forecasts)
together = scores.loc[["LSTM under GRU", "mean of LSTM and GRU"], "RMSE"]
alone = scores.loc[["LSTM", "GRU"], "RMSE"]
better = int((together < alone.min()).sum())
count = {0: "Neither", 1: "One", 2: "Each"}[better]
figure = rnnedu.plot_scores(
    scores,
    f"{count} of the two ways is closer than the better network alone;\n"
    "yesterday's price is closer than all",
)

# sphinx_gallery_start_ignore
assert scores["skill"].iloc[1:].max() < 0, "yesterday's price is closer"
# sphinx_gallery_end_ignore
scores.round(2)

# %%

for name, value in together.items():
    best = alone.idxmin()
    print(f"{name}: {value / alone.min():.2f} times the error of the {best}")

# %%
# What a mean can promise
# -----------------------
#
# The error of a mean can be foreseen in one respect. On each day the mean's
# error is the mean of the two errors. So its RMSE is never above the mean of
# the two RMSEs, whatever the two networks are (the triangle inequality). It is
# *below* by as much as the two err differently. If both are off by the same on
# each day, nothing cancels.

error = {name: forecast - windows.test for name, forecast in forecasts.items()}
half_way = alone.mean()
gain = half_way - together["mean of LSTM and GRU"]
alike = error["LSTM"].corr(error["GRU"])
print(f"mean of the two RMSEs  {half_way:.2f}")
print(f"RMSE of the mean       {together['mean of LSTM and GRU']:.2f}")
print(f"correlation of the two errors over the year {alike:.2f}")

# sphinx_gallery_start_ignore
assert gain > -1e-6, "the triangle inequality"
assert alike > 0.5, "the page says that they err alike"
assert gain < 0.2 * half_way, "the page says: little cancels"
# sphinx_gallery_end_ignore

# %%
# The two networks err alike. Little cancels. It never hurts
# against drawing one of the two by lot; it may well hurt against the better
# one, which nobody knows beforehand.
#
# Is it true, then?
# -----------------
#
# The notebook's sentence comes without a number, and one run from one seed
# could neither confirm nor refute it. ``make study`` repeats all four from
# other seeds; its rows come with the package, and are of the source notebook's
# prices. Seed by seed: how many dollars closer than the LSTM, than the GRU?
# (The stack has the LSTM's settings; the GRU alone has its own.)

study = rnnedu.load_study()
by_seed = study.pivot(index="seed", columns="network", values="rmse")
closer = {}
for together in ("lstm_under_gru", "lstm_gru_mean"):
    for one in ("lstm", "gru"):
        gap = (by_seed[one] - by_seed[together]).dropna()
        closer[f"{together}, against {one}"] = {
            "runs": len(gap),
            "mean": gap.mean(),
            "standard error": gap.sem(),
        }
closer = pd.DataFrame(closer).T

# sphinx_gallery_start_ignore
assert study["skill"].max() < 0, "the page says: none beats it"
# sphinx_gallery_end_ignore
closer.round(2)

# %%

clear = closer["mean"] > 2 * closer["standard error"]
print(
    f"clearly closer, by more than two standard errors: {clear.sum()} of "
    f"{len(closer)}"
)
print("\n".join(closer.index[clear]) or "none")

# %%
# "Even better" would be both lines of one way. And not one of the study's runs
# beats yesterday's price, of which that sentence of the notebook does not
# speak. The runs are drawn in :doc:`/auto_gallery/ibm/plot_08_scoreboard`.
#
# What to remember
# ----------------
#
# - "Together" can mean one network of both cells, or the mean of two networks.
# - The mean of two forecasts is at most as far off as the two are on average.
# - None of it beats yesterday's price here.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
