"""
Which columns help to forecast the High?
========================================

*Level: intermediate. Time: 20 minutes.* A small GRU predicts IBM's next High
from the High and one more column of the price table, and then from all five.
*Finding*: the Close helps far more than any other column, and a linear model
uses it about as well as the network.

We predict the change of the *High* from one day to the next. The table also
has Open, Low, Close and Volume (the number of shares traded). The one to beat
is **persistence**: its forecast is yesterday's High. We train three networks
with each set of columns. A column **helps** if all three are more accurate
than all three networks with the High alone. It **harms** if all three are less
accurate. The chapter :doc:`/learn/winning` adds only the Close.
"""

# %%
# Five columns in similar units
# -----------------------------
#
# A network learns best from small inputs of similar size. For example, let the
# last High of a window be 150 dollars and the *usual change* 2 dollars. Then a
# Close of 146 dollars becomes the input (146 - 150) / 2 = -2. The usual change
# is the standard deviation of the daily changes of the High. The first cell
# divides the prices by it, and the second cell subtracts the last High.
#
# The Volume of a busy day is many times that of a quiet day. So we take its
# logarithm, subtract the mean, and divide by the standard deviation. All this
# is measured in training years. A missing value gets that of the day before.

# sphinx_gallery_thumbnail_number = 1
import numpy as np

import rnnedu

COLUMNS = ["Open", "High", "Low", "Close", "Volume"]
prices = rnnedu.load_ibm()
print(rnnedu.describe_source(prices))  # days, dates, origin, checksum
# Splits off the test year; the next cell makes our own windows:
windows = rnnedu.make_windows(prices, column="High", lookback=5)
print(f"test year {windows.test_year}")
train_days, test_days = windows.train_prices.index, windows.test_prices.index

table = prices[COLUMNS].ffill().loc[: test_days[-1]]
usual_change = table["High"][train_days].diff().std()
table[COLUMNS[:4]] /= usual_change  # the four prices
volume = np.log(table["Volume"])
known = volume[train_days]
table["Volume"] = (volume - known.mean()) / known.std()

# %%
# A window holds five days of all columns, in the shape ``(batch, time,
# features)``. From its four prices we subtract the last High of the window. So
# the network sees how far the prices are from that High. It does not see
# whether the share is cheap or expensive. The target is the next High minus
# the last High, in usual changes. The last ``n`` targets are the test year.

from numpy.lib.stride_tricks import sliding_window_view

rows = table.to_numpy()
# The last row is only a target, so it is in no window.
X = sliding_window_view(rows[:-1], windows.lookback, axis=0)
X = X.transpose(0, 2, 1).astype("float32")  # put time before features
last_high = X[:, -1, 1].copy()
X[..., :4] -= last_high[:, None, None]
y = rows[windows.lookback :, 1].astype("float32") - last_high
n = len(test_days)
yesterday = rnnedu.persistence_forecast(windows)

# sphinx_gallery_start_ignore
assert prices["Volume"].max() > 10 * prices["Volume"].min(), "many times"
assert np.allclose(yesterday + usual_change * y[-n:], windows.test_prices)
# sphinx_gallery_end_ignore

# %%
# Add one column at a time
# ------------------------
#
# We compare three cases: the High alone, the High and one more column, and all
# five columns. To hide a column we multiply it by zero. Then it carries no
# information, and all models keep the same number of parameters.

OTHERS = ["Open", "Low", "Close", "Volume"]
seen = {"High alone": ["High"]}
seen |= {f"High, {column}": ["High", column] for column in OTHERS}
seen["all five"] = COLUMNS
inputs = {name: X * np.isin(COLUMNS, seen[name]) for name in seen}

# %%
# First comes a **linear model** of yesterday's values. It multiplies each
# value of the window's last day by a weight and adds a constant. ``lstsq``
# finds the weights with the smallest squared error in the training years. In
# the row "High alone" the model sees only zeros: the last High minus itself.
#
# The table gives RMSE and MAE in dollars, and the skill. The *skill* is the
# share by which the RMSE is lower than that of persistence: a skill of one
# tenth means an RMSE that is 10 % lower.


def linear_forecast(windows_seen):
    A = np.c_[windows_seen[:, -1], np.ones(len(X))]  # ones: the constant
    weights = np.linalg.lstsq(A[:-n], y[:-n], rcond=None)[0]
    return yesterday + usual_change * (A[-n:] @ weights)


linear = {name: linear_forecast(each) for name, each in inputs.items()}
scores = rnnedu.score_table(windows, linear)

# sphinx_gallery_start_ignore
line = scores["skill"]
single = line.drop(["High, Close", "all five"])
assert line[["High, Close", "all five"]].between(0.09, 0.11).all(), "a tenth"
assert not X[:, -1, 1].any() and single.abs().max() < 0.03, "near zero"
# sphinx_gallery_end_ignore
scores.round(3)

# %%
# The two rows with the Close gain about a tenth. The others are near zero.
#
# Does a network find more? It sees five days and need not be linear. We train
# a GRU of 8 units three times for each set of columns. The runs have different
# inputs, so we give ``fit_seeds`` a function. It takes the number of a run and
# returns the training data of that run. The number is also the seed.

import keras

layers = [keras.layers.GRU(8), keras.layers.Dense(1)]
model = keras.Sequential([keras.Input(X.shape[1:]), *layers])
model.compile(keras.optimizers.Adam(0.02), loss="mean_squared_error")
sets = [name for name in inputs for _ in range(3)]  # three runs of each


def training_data(run):
    return inputs[sets[run]][:-n], y[:-n]


networks, _ = rnnedu.fit_seeds(
    model, training_data, seeds=range(len(sets)), epochs=2, batch_size=128
)

# %%
# We turn the predictions into dollars and compute the skill of each run.

skills = {name: [] for name in inputs}
for name, network in zip(sets, networks, strict=True):
    change = np.asarray(network(inputs[name][-n:]))[:, 0]
    forecast = yesterday + usual_change * change
    skill = rnnedu.skill(windows.test_prices, forecast, yesterday)
    skills[name].append(skill)

# %%
# In the figure, each dot is a training run. The upright mark is the mean of
# three runs. The bar is a rough 95 % interval for this mean.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.style.use(plots.STYLE)
fig, ax = plots.figure(
    "Skill by columns: only the Close makes a large difference",
    alt="Skill of three training runs and of a linear model, a row for each "
    "set of columns. The rows with the Close lie far to the right.",
    xlabel="skill (0 is persistence)",
)
plots.draw_runs(ax, skills)
plots.draw_baseline(ax, 0, vertical=True)
diamonds = {"color": plots.ORANGE, "label": "linear model"}
ax.plot(scores.loc[list(skills), "skill"], range(6), "D", **diamonds)
ax.legend(loc="lower center", fontsize="small")

# sphinx_gallery_start_ignore
close, five = skills["High, Close"], skills["all five"]
rest = np.concatenate([skills[name] for name in single.index[1:]])
assert min(close + five) > max(rest) + 0.02 and max(rest) < 0.04, "much less"
assert abs(np.mean(close) - line["High, Close"]) < 0.02, "about as good"
assert abs(np.mean(five) - np.mean(close)) < 0.01, "about as good"
# sphinx_gallery_end_ignore

# %%
# Which columns help, and which harm? We apply the rule of the introduction.

alone = skills["High alone"]
for name, runs in skills.items():
    helps, harms = min(runs) > max(alone), max(runs) < min(alone)
    print(f"{name:12}  helps: {helps!s:5}  harms: {harms}")

# %%
# Every run that sees the Close is more accurate than every run that does not.
# All five columns are about as good as High and Close. Open, Low and Volume
# change the skill much less. In another test year, a column that helps a
# little here may do harm. With the Close, the linear model of one day is about
# as accurate as the network of five days.
#
# Why the Close? The High and the Low can occur at any time of the day. The
# Open is the first price of the day. The Close is the last price, so it is the
# nearest in time to the next day. If the Close is far below the High, then the
# price has fallen since the High, and the next High is usually lower.
#
# Leave one column out
# --------------------
#
# So far we added one column to the High. Now we give the linear model all
# columns but one. How much skill does it lose? There is no row without the
# High: its value on the last day is zero anyway.

left_out = {"all five": linear["all five"]}
for column in OTHERS:
    others = X * (np.array(COLUMNS) != column)
    left_out[f"without {column}"] = linear_forecast(others)
left = rnnedu.score_table(windows, left_out)[["skill"]]

# sphinx_gallery_start_ignore
bars = left["skill"].drop("persistence")
lost = bars["without Close"]
assert np.ptp(bars.drop("without Close")) < 0.01, "it says: hardly changes"
assert single.max() + 0.01 < lost < 0.7 * bars["all five"], "a large part"
# sphinx_gallery_end_ignore
left.round(3)

# %%
# Without Open, Low or Volume the skill hardly changes. Without the Close, a
# large part of it is lost. What is left is more than in the rows "High, Open",
# "High, Low" and "High, Volume" of the first table. So *together* these
# columns replace a part of the Close. With the Close, they are not needed.
#
# Try it yourself
# ---------------
#
# - Set ``lookback=1`` in ``make_windows``. Is one day enough?
# - Delete the line with ``-= last_high``, and train for ``epochs=20``. Does
#   the Close still help the network?
#
# What to remember
# ----------------
#
# - Compare networks that see a new column with networks that do not. Use
#   several seeds, and a linear model of the same columns.
# - The Close helps because it is the most recent price. The rest adds little.
# - Add a column to see what it gives beside the High. Leave it out to see what
#   the others cannot replace.
# - We compared the columns on the test year. To choose columns for a forecast
#   of your own, use validation years.
#
# Next: :doc:`/auto_gallery/ibm/plot_11_past_the_last_day`.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
