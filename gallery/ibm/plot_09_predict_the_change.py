"""
Is a more accurate forecast worth money?
========================================

*Level: intermediate. Time: 20 minutes.* Three small GRUs and a linear model
forecast IBM's daily High more accurately than persistence. Is this luck, and
can one earn money with it? *Finding*: the gain in accuracy is more than luck,
but all four trading rules end below buy and hold once trades have a cost.

We predict the next change of the *High* from the High and the *Close* of ten
days. In accuracy, the one to beat is **persistence**: its forecast is
yesterday's High. In money, the one to beat is **buy and hold**: buy the share
once and wait. The chapter :doc:`/learn/winning` explains the network. The
chapter :doc:`/learn/forecasting` explains how to compare two forecasts.
"""

# %%
# Two kinds of model
# ------------------
#
# In a single year, the result of a trading rule depends strongly on luck. So
# we test on at least five years, and train on the years before. From the
# inputs and the target we subtract the last High of the window. Then we divide
# them by the *usual change*: the standard deviation of the daily changes of
# the High in the training years. For example, let the last High be 150 dollars
# and the usual change 2 dollars. A Close of 146 dollars becomes the input
# (146 - 150) / 2 = -2. If the next High is 152 dollars, the target is 1. A
# ``Step`` holds these settings, and ``inputs_and_targets`` computes the inputs
# ``data.X`` and the targets ``data.y``.

# sphinx_gallery_thumbnail_number = 1
import rnnedu
from rnnedu import improvements

prices = rnnedu.load_ibm()
print(rnnedu.describe_source(prices))  # days, dates, origin, checksum
first_test_year = rnnedu.last_full_year(prices.index) - 4
step = improvements.Step(
    "two prices",  # a name
    columns=("High", "Close"),
    lookback=10,
    inputs="difference",  # subtract the last High from the inputs
    target="change",  # and from the target
)
data = improvements.inputs_and_targets(prices, step, first_test_year)
test = data.days.year >= first_test_year  # True on test days
print(f"test: {first_test_year} to {first_test_year + 4}, {test.sum()} days")

# %%
# The **linear model** has a single input, the *gap*: yesterday's Close minus
# yesterday's High. It is never above zero. Near zero, the Close was near the
# High. In ``data.X`` the last High is already subtracted, so the gap is the
# Close of the window's last day. The prediction is the gap times a slope plus
# a constant. Both numbers are fitted by least squares.

import numpy as np

gap = data.X[:, -1, 1]  # last day, second column: the Close
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
# The Diebold-Mariano test compares the squared errors of a forecast and of
# persistence, day by day. Suppose that both were equally accurate in the long
# run. Then the **p-value** is the probability that chance alone makes a
# difference at least as large as ours. A model that is better today may also
# be better tomorrow. ``lags=20`` allows for such a correlation between days
# that are up to 20 trading days apart.
#
# The table gives the RMSE in dollars, the skill and the p-value. The *skill*
# is the share by which the RMSE is lower than that of persistence: a skill of
# one tenth means an RMSE that is 10 % lower.

import pandas as pd

# The High of each day and of the day before, in dollars:
truth, yesterday = data.price[test], data.last_price[test]
scores = pd.DataFrame(columns=["RMSE", "skill", "p-value"], dtype=float)
scores.loc["persistence"] = rnnedu.rmse(truth, yesterday), 0, np.nan
for name, change in predicted.items():
    forecast = data.to_dollars(change)[test]
    dm = rnnedu.diebold_mariano(truth, forecast, baseline=yesterday, lags=20)
    skill = rnnedu.skill(truth, forecast, yesterday)
    scores.loc[name] = rnnedu.rmse(truth, forecast), skill, dm.p_value

# sphinx_gallery_start_ignore
won = scores.iloc[1:]
assert won["skill"].between(0.09, 0.11).all(), "the page says: about a tenth"
assert (won["p-value"] < 0.0005).all(), "the page says: rounded to zero"
# sphinx_gallery_end_ignore
scores.round(3)

# %%
# All four forecasts gain about a tenth, the linear model as much as the GRUs.
# The p-values are so small that they are rounded to zero. So the gain is more
# than luck. But a small p-value does not say that the gain earns money.
#
# Can one earn money with it?
# ---------------------------
#
# The models predict the change from yesterday's High. But we cannot buy at
# this High: when it is known, the day is over. So we assume that we can trade
# at the Close, the last price of a day. This is our **rule**:
#
# - If a model predicts that the next High is higher than the last one, hold
#   the share until the next evening.
# - If not, hold cash, which earns nothing here.
#
# Each purchase or sale costs a tenth of a percent. We start with 100 dollars
# of cash and leave out dividends. In the code, ``hold`` is True for a day if
# we hold the share from the evening before to the evening of that day. Where
# ``hold`` changes from one day to the next, there is a trade. The table gives
# the number of trades and the final value in dollars, without and with cost.

COST = 0.001  # per purchase or sale, as a share of the money that is moved
daily = prices["Close"].pct_change()[data.days[test]]
rules = {"buy and hold": np.ones(len(gap))} | predicted  # 1: always hold
free, paid, trades = {}, {}, {}  # free: without cost; paid: with cost
for name, change in rules.items():
    hold = change[test] > 0
    day_before = np.r_[False, hold[:-1]]  # False: we start with cash
    traded = hold != day_before
    free[name] = 100 * (1 + daily * hold).cumprod()
    paid[name] = free[name] * (1 - COST * traded).cumprod()
    trades[name] = traded.sum()
money = pd.DataFrame({"trades": trades})
money["without cost"] = pd.DataFrame(free).iloc[-1]
money["with cost"] = pd.DataFrame(paid).iloc[-1]

# sphinx_gallery_start_ignore
(_, kept_free, kept), rule = money.iloc[0], money.iloc[1:]
assert (rule["with cost"] < kept).all() and (rule["trades"] > 400).all()
assert max((change[test] > 0).mean() for change in predicted.values()) < 0.8
# sphinx_gallery_end_ignore
money.round(0)

# %%
# With cost, each of the four rules ends below buy and hold. A rule trades
# hundreds of times, and pays each time. On many days it holds cash, which does
# not fall if the share falls. So if a rule ends above buy and hold without
# cost, this does not show that it predicts the Close. The figure shows the
# rule of the linear model.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.style.use(plots.STYLE)
lines = {"buy and hold": paid["buy and hold"]}
lines["rule, without cost"] = free["linear model"]
lines["rule, with cost"] = paid["linear model"]
fig, ax = plots.figure(
    "Value of 100 dollars: with cost, the rule falls behind",
    alt="Three lines. Buy and hold ends above the rule with cost.",
    xlabel="day",
    ylabel="value in dollars",
)
plots.draw_lines(ax, lines, unit="dollars")

# %%
# Why the accuracy does not help
# ------------------------------
#
# Is the cost the only problem? The linear model knows only the gap, and it is
# as accurate as the GRUs. So we ask what the gap says about the next day. We
# sort the test days by the gap of the evening before, and ``pd.qcut`` cuts
# them into five groups of similar size. The figure shows the mean change in
# each group: of the High on the left, of the Close on the right. The vertical
# bars are two **standard errors** up and down. A standard error says how far,
# by chance, such a mean usually is from the mean over very many days.

change = prices[["High", "Close"]].diff().loc[daily.index]
change["gap"] = gap[test] * data.scale  # in dollars
groups = change.groupby(pd.qcut(change["gap"], 5), observed=True)
mean, error = groups.mean(), groups.sem()

fig, axes = plots.figure(
    "Mean change of a day: after a Close near the High, only the High rises",
    alt="Mean change in five groups of days, ordered by the gap.",
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
for name in ("High", "Close"):
    values = ", ".join(f"{value:.2f}" for value in mean[name])
    plots.describe(fig, f"{name}, by group: {values} dollars.")
assert mean["High"].is_monotonic_increasing and mean["High"].iloc[0] < 0
assert gap.max() < 1e-6 and mean["High"].iloc[-2] > 2 * error["High"].iloc[-2]
assert slope > 0 and (mean["Close"] < 2 * error["Close"])[2:].all(), "bars"
# sphinx_gallery_end_ignore

# %%
# In the first group of each panel, the Close was far below the High on the
# evening before. After such a day the High falls, on average. The models use
# this because they read the Close. Persistence reads only the High.
#
# After a gap near zero, the High rises on average. So the rule holds the share
# on these days. But we buy at the Close, and gain only if the next Close is
# higher. In the right panel, no bar of the last three groups lies wholly above
# zero. So the Close does not clearly rise, and nothing pays for the trades.
#
# Try it yourself
# ---------------
#
# - Set ``COST`` to a tenth of its value. Which rules end above buy and hold?
# - In the cell with ``COST``, replace ``> 0`` by ``> 1 / 5``, a fifth of a
#   usual change. How do the number of trades and the values change?
#
# What to remember
# ----------------
#
# - A small p-value says that a gain in accuracy is more than luck. It does not
#   say that the gain is useful.
# - Ask what the models know and the baseline does not. Here it is the Close.
# - A trading rule needs a price at which one can trade. Compare it with buy
#   and hold, and include the cost.
# - We tested one kind of rule on one share. Other rules may do better.
#
# Next: :doc:`/auto_gallery/ibm/plot_10_all_columns` tries the other columns.
#
# **Source.** Diebold and Mariano (1995), *Comparing predictive accuracy*,
# Journal of Business & Economic Statistics 13(3).

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
