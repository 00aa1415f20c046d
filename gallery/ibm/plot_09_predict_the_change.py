"""
Is a more accurate forecast worth money?
========================================

*Level: intermediate. Time: 20 minutes.* Three small GRUs and a linear model
forecast IBM's daily High more accurately than persistence. Is this luck, and
can one earn money with it? *Finding*: the gain in accuracy is more than luck,
but all four trading rules end below buy and hold once trades have a cost.

We predict the next change of the *High* from the High and the *Close* of ten
days. Persistence, yesterday's High, is the one to beat in accuracy. For money,
the strategy to beat is **buy and hold**: buy once and wait.
:doc:`/learn/winning` explains the network, :doc:`/learn/forecasting` the test.
"""

# %%
# Two kinds of forecast
# ---------------------
#
# One year has few trading days, and the result of a trading rule depends
# strongly on luck. So we test on at least five years, and train on the years
# before. From each input we subtract the last High of the window. Inputs and
# targets are then divided by the usual daily change: the standard deviation of
# the changes in the training years. ``Step`` names these settings.
# ``inputs_and_targets`` computes inputs ``data.X`` and targets ``data.y``.

# sphinx_gallery_thumbnail_number = 1
import rnnedu
from rnnedu import improvements

prices = rnnedu.load_ibm()
print(rnnedu.describe_source(prices))
first_test_year = rnnedu.last_full_year(prices.index) - 4
task = {"lookback": 10, "inputs": "difference", "target": "change"}
step = improvements.Step("two prices", columns=("High", "Close"), **task)
data = improvements.inputs_and_targets(prices, step, first_test_year)
test = data.days.year >= first_test_year
print(f"test from {first_test_year} on: {test.sum()} days")

# %%
# The **linear model** has a single input, the *gap*: yesterday's Close minus
# yesterday's High. The gap is negative or zero. The predicted change is the
# gap times a slope plus a constant. Both are fitted by least squares.

import numpy as np

gap = data.X[:, -1, 1]  # the second column of the window's last day
slope, constant = np.polyfit(gap[~test], data.y[~test], 1)
predicted = {"linear model": slope * gap + constant}

# %%
# The GRU has 8 units and reads the whole window. We train it from three seeds.

import keras

layers = [keras.layers.GRU(8), keras.layers.Dense(1)]
model = keras.Sequential([keras.Input(data.X.shape[1:]), *layers])
model.compile(keras.optimizers.Adam(0.005), loss="mean_squared_error")
networks, _ = rnnedu.fit_seeds(
    model, data.X[~test], data.y[~test], range(3), epochs=6, batch_size=64
)
for seed, network in enumerate(networks):
    predicted[f"GRU, seed {seed}"] = np.asarray(network(data.X))[:, 0]

# %%
# More than luck?
# ---------------
#
# The Diebold-Mariano test compares the squared errors of two forecasts day by
# day. Its **p-value** says how often a difference at least as large would
# arise by chance, if both forecasts were equally accurate in the long run. If
# a model is better on several days in a row, these days are not independent.
# Then large differences by chance are more likely. ``lags=20`` allows for this
# over 20 trading days.

import pandas as pd

# The High of each day and of the day before, in dollars:
truth, yesterday = data.price[test], data.last_price[test]
scores = pd.DataFrame(columns=["RMSE", "skill", "p"], dtype=float)
scores.loc["persistence"] = rnnedu.rmse(truth, yesterday), 0, np.nan
for name, change in predicted.items():
    forecast = data.to_dollars(change)[test]
    dm = rnnedu.diebold_mariano(truth, forecast, yesterday, lags=20)
    skill = rnnedu.skill(truth, forecast, yesterday)
    scores.loc[name] = rnnedu.rmse(truth, forecast), skill, dm.p_value

# sphinx_gallery_start_ignore
won = scores.iloc[1:]
assert won["skill"].between(0.09, 0.11).all(), "the page says: about a tenth"
assert (won["p"] < 0.001).all(), "the page says: more than luck"
# sphinx_gallery_end_ignore
scores.round(3)

# %%
# RMSE is in dollars. *Skill* says by which share the RMSE is lower than that
# of persistence: a skill of one tenth means a tenth lower. All four forecasts
# gain about a tenth, the linear model as much as the GRUs. The p-values are so
# small that they are rounded to zero here. So the gain is more than luck. But
# a small p-value does not say that the gain is large, or that it earns money.
#
# Can one earn money with it?
# ---------------------------
#
# Nobody can buy at yesterday's High, because it is known only when the day is
# over. So we need a **rule** that trades at a price which we can get. In the
# evening the Close is known, and we assume that we can trade at it:
#
# - If a model predicts that the High will rise, hold the share until the next
#   evening.
# - If not, hold cash, which earns nothing here.
#
# Each purchase or sale costs a tenth of a percent. We start with 100 dollars
# and leave out dividends. Buy and hold pays for one purchase.

COST = 0.001  # per purchase or sale, as a share of the money that is moved
daily = prices["Close"].pct_change()[data.days[test]]
rules = {"buy and hold": np.ones(len(gap))} | predicted
free, paid, trades = {}, {}, {}
for name, change in rules.items():
    hold = change[test] > 0
    traded = np.diff(hold, prepend=False)  # a trade the evening before?
    free[name] = 100 * (1 + daily * hold).cumprod()
    paid[name] = free[name] * (1 - COST * traded).cumprod()
    trades[name] = traded.sum()
money = pd.DataFrame({"trades": trades})
money["without cost"] = pd.DataFrame(free).iloc[-1]
money["with cost"] = pd.DataFrame(paid).iloc[-1]

# sphinx_gallery_start_ignore
kept = money.loc["buy and hold", "with cost"]
assert (money["with cost"].iloc[1:] < kept).all(), "the page says: all lose"
assert (money["trades"].iloc[1:] > 400).all(), "it says: hundreds of trades"
# sphinx_gallery_end_ignore
money.round(0)

# %%
# Look at the column *without cost*. If the share falls, the rules can end
# above buy and hold there: money in cash loses nothing. If the share rises,
# they can end below. With costs, each of the four rules ends below buy and
# hold. A rule trades hundreds of times. The figure shows the rule that uses
# the linear model.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.style.use(plots.STYLE)
lines = {"buy and hold": paid["buy and hold"]}
lines["rule, without cost"] = free["linear model"]
lines["rule, with cost"] = paid["linear model"]
fig, ax = plots.figure(
    "Value of 100 dollars: with costs, the rule falls behind",
    alt="Three lines. Buy and hold ends above the rule with costs.",
    xlabel="day",
    ylabel="value in dollars",
)
plots.draw_lines(ax, lines, unit="dollars")

# %%
# Is the cost the only problem? Or does the rule choose the wrong days? We
# compare the days on which the rule holds the share with the other days. Here
# is the mean return of a day in percent, with its **standard error**
# (``sem``): how far, by chance, such a mean usually is from the mean of very
# many days.

held = predicted["linear model"][test] > 0
names = np.where(held, "days held", "other days")
returns = (100 * daily).groupby(names).agg(["count", "mean", "sem"])

# sphinx_gallery_start_ignore
more = returns["mean"]["days held"] - returns["mean"]["other days"]
assert more < np.hypot(*returns["sem"]), "the page says: not better"
# sphinx_gallery_end_ignore
returns.round(3)

# %%
# The days held are not better than the other days by more than chance. The
# rule shows no skill in choosing days, so nothing pays for the trades.
#
# Why the accuracy does not help
# ------------------------------
#
# The linear model knows only the gap, and it is as accurate as the GRUs. So
# the gap alone is enough for this gain. We divide the test days into five
# groups of similar size, by the gap of the evening before. For each group we
# plot the mean change of High and Close, with two standard errors up and down.

change = prices[["High", "Close"]].diff().loc[daily.index]
change["gap"] = gap[test] * data.scale  # in dollars
groups = change.groupby(pd.qcut(change["gap"], 5), observed=True)
mean, error = groups.mean(), groups.sem()

fig, axes = plots.figure(
    "Mean change of a day: the High rises with the gap, the Close does not",
    alt="Mean change in five groups of days, ordered by the gap. From group "
    "to group the change of the High rises. That of the Close does not.",
    columns=2,
    share="y",
    xlabel="gap of the evening before, in dollars",
    ylabel="mean change, in dollars",
)
for ax, name in zip(axes, ("High", "Close"), strict=True):
    ax.errorbar(mean["gap"], mean[name], 2 * error[name], fmt="o-", capsize=4)
    ax.set_title(name)
    plots.draw_baseline(ax, 0)

# sphinx_gallery_start_ignore
known = change.corrwith(change["gap"])
assert known["High"] > 0.4 and abs(known["Close"]) < 0.1, "the page says so"
assert mean["High"].is_monotonic_increasing and mean["High"].iloc[0] < 0
assert mean["Close"].iloc[-1] - mean["Close"].iloc[0] < error["Close"].iloc[0]
# sphinx_gallery_end_ignore

# %%
# On the left of each panel the gap is far below zero: by evening, the price
# had fallen far below its High. Then the next High is usually lower, too. The
# models know of the fall because they read the Close. Persistence reads only
# the High. But a buyer pays the Close, which already contains the fall. The
# gap says almost nothing about the next change of the Close.
#
# Try it yourself
# ---------------
#
# - Set ``COST`` to zero. Which rules end above buy and hold? Would you expect
#   the same in other years?
# - In the cell with ``COST``, replace ``> 0`` by ``> 1 / 5``, a fifth of a
#   usual change. The rules then hold cash more often. Why can this look good
#   without cost, when the share falls?
#
# What to remember
# ----------------
#
# - A small p-value says that a gain in accuracy is more than luck. It does not
#   say that the gain is useful.
# - Ask what the models know and the baseline does not. Here it is the Close.
# - Test a forecast by the decision for which you need it. A trading rule needs
#   a price at which one can trade, and its baseline is buy and hold.
# - This is one kind of rule on one share. It does not prove that all rules
#   fail.
#
# Next: :doc:`/auto_gallery/ibm/plot_10_all_columns` tries the other columns.
#
# **Sources.** Diebold and Mariano (1995), *Comparing predictive accuracy*,
# Journal of Business & Economic Statistics 13(3); Fama (1970), *Efficient
# capital markets*, Journal of Finance 25(2).

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
