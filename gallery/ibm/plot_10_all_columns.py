"""
Which columns help to forecast the High?
========================================

*Level: intermediate. Time: 20 minutes.* A small GRU predicts IBM's next High
from the High and one more column of the price table, and then from all five.
*Finding*: the Close helps far more than any other column, and a linear model
uses it about as well as the network.

We predict the change of the *High* from one day to the next. The table also
has Open, Low, Close and Volume (the number of shares traded). The one to beat
is persistence, yesterday's High. A column helps if networks with it beat
networks with the High alone, and the difference is larger than that between
seeds. Chapter :doc:`/learn/winning` adds the Close. Here we try every column.
"""

# %%
# Five columns in similar units
# -----------------------------
#
# A network learns best from inputs of similar size. So we divide prices by the
# usual daily change of the High. The Volume of a busy day is many times that
# of a quiet day. So we take its logarithm, subtract the mean, and divide by
# the standard deviation. All these numbers are measured in the training years.
# A missing value is replaced by the value of the day before.

# sphinx_gallery_thumbnail_number = 1
import numpy as np

import rnnedu

COLUMNS = ["Open", "High", "Low", "Close", "Volume"]
prices = rnnedu.load_ibm()
print(rnnedu.describe_source(prices))
windows = rnnedu.make_windows(prices, column="High", lookback=5)
print(f"test year {windows.test_year}")
past, days = windows.train_prices.index, windows.test_prices.index

table = prices[COLUMNS].ffill().loc[: days[-1]]
usual_change = table["High"][past].diff().std()
table[COLUMNS[:4]] /= usual_change
volume = np.log(table["Volume"])
table["Volume"] = (volume - volume[past].mean()) / volume[past].std()

# %%
# Each window holds five days of all columns, in the shape ``(batch, time,
# features)``. From the four prices we subtract the last High of the window.
# The network sees only the distance from that High, whether the share is cheap
# or expensive. The target is the next High minus the last one.

from numpy.lib.stride_tricks import sliding_window_view

rows = table.to_numpy()
X = sliding_window_view(rows[:-1], windows.lookback, axis=0)
X = X.transpose(0, 2, 1).astype("float32")
last_high = X[:, -1, 1].copy()
X[..., :4] -= last_high[:, None, None]
y = rows[windows.lookback :, 1].astype("float32") - last_high
n = len(days)  # the last n windows belong to the test year
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
# five columns. A hidden column stays as an input of zeros. It carries no
# information, and all models keep the same number of parameters.

OTHERS = ["Open", "Low", "Close", "Volume"]
seen = {"High alone": ["High"]}
seen |= {f"High, {column}": ["High", column] for column in OTHERS}
seen["all five"] = COLUMNS
inputs = {name: X * np.isin(COLUMNS, seen[name]) for name in seen}

# %%
# First comes a **linear model** of yesterday's values. It multiplies each
# value of the window's last day by a weight and adds a constant. ``lstsq``
# finds the weights with the smallest squared error in the training years.
# Nothing is random here, so each set of columns has one score. In the row
# "High alone" the model sees only zeros: the last High minus itself.


def linear_forecast(windows_seen):
    A = np.c_[windows_seen[:, -1], np.ones(len(X))]
    weights = np.linalg.lstsq(A[:-n], y[:-n], rcond=None)[0]
    return yesterday + usual_change * (A[-n:] @ weights)


linear = {name: linear_forecast(each) for name, each in inputs.items()}
scores = rnnedu.score_table(windows, linear)

# sphinx_gallery_start_ignore
line = scores["skill"]
single = line.drop(["High, Close", "all five"])
assert line[["High, Close", "all five"]].between(0.09, 0.11).all(), "a tenth"
assert not X[:, -1, 1].any(), "the page says: only zeros"
assert single.abs().max() < 0.03, "the page says: the other rows near zero"
# sphinx_gallery_end_ignore
scores.round(3)

# %%
# RMSE and MAE are in dollars. *Skill* says by which share the RMSE is lower
# than that of persistence: a skill of one tenth means a tenth lower. The two
# rows with the Close gain about a tenth. The other rows are near zero.
#
# Does a network find more? It sees five days, and the linear model sees one.
# It can also learn relations that are not linear. We train a GRU of 8 units
# three times for each set of columns. The runs have different inputs, so we
# give ``fit_seeds`` a function. It takes the number of a run and returns its
# training data. The number is also the seed, so all runs start differently.

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
# In the figure, each dot is a training run. The upright mark is the mean of a
# row. The bar is a 95 % interval for this mean. With three runs it is rough.

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
mean = {name: np.mean(each) for name, each in skills.items()}
with_close = skills.pop("High, Close") + skills.pop("all five")
assert min(with_close) > max(map(max, skills.values())) + 0.02
assert abs(mean["High, Close"] - line["High, Close"]) < 0.02, "about as good"
assert abs(mean["all five"] - mean["High, Close"]) < 0.01, "about as good"
assert max(map(max, skills.values())) < 0.04, "the page says: far less"
# sphinx_gallery_end_ignore

# %%
# Every run that sees the Close is more accurate than every run that does not.
# All five columns together are about as good as High and Close. Open, Low and
# Volume change the score only a little. Whether one of them helps or does harm
# can depend on the prices. With the Close, the linear model of one day is
# about as accurate as the network of five days.
#
# Why the Close? The High and the Low can occur at any time of the day. The
# Open is the first price of the day. The Close is the last one, so it is the
# nearest in time to the next day. If it is far below the High, then the price
# has fallen since, and the next High is usually lower.
#
# Leave one column out
# --------------------
#
# So far we added one column to the High. Now the opposite: we give the linear
# model all columns but one. How much skill does it lose? The High cannot be
# hidden like this: it was subtracted from the other prices, so they still
# contain it.

left_out = {"all five": linear["all five"]}
for column in OTHERS:
    others = X * (np.array(COLUMNS) != column)
    left_out[f"without {column}"] = linear_forecast(others)
bars = rnnedu.score_table(windows, left_out)["skill"].drop("persistence")

fig, ax = plots.figure(
    "Skill of the linear model: it needs the Close most",
    alt="Five bars. The bar without Close is much shorter than the others.",
    xlabel="skill (0 is persistence)",
    height=2.8,
)
ax.barh(bars.index, bars, color=plots.GREY)
ax.invert_yaxis()

# sphinx_gallery_start_ignore
lost = bars["without Close"]
assert np.ptp(bars.drop("without Close")) < 0.01, "it says: hardly changes"
assert lost < 0.7 * bars["all five"], "the page says: a large part"
assert lost > single.max() + 0.01, "the page says: more than each alone"
values = ", ".join(f"{name} {value:.3f}" for name, value in bars.items())
plots.describe(fig, f"Skills: {values}.")
# sphinx_gallery_end_ignore

# %%
# Without Open, Low or Volume the skill hardly changes. Without the Close, a
# large part of it is lost. The skill without the Close is still higher than
# that of the High with Open, Low or Volume alone. So *together* the other
# columns replace a part of the Close. When the Close is there, they are not
# needed. This is common among correlated inputs. All scores come from a single
# test year, so small differences may be luck. The gain with the Close is much
# larger.
#
# Try it yourself
# ---------------
#
# - Set ``lookback=1`` in ``make_windows``. Is one day enough?
# - Delete the line with ``-= last_high``, and train for ``epochs=20``. The
#   inputs are now large compared with the changes to predict. Does the Close
#   still help the network? Does it help the linear model?
#
# What to remember
# ----------------
#
# - Compare networks that see a new column with networks that do not. Use
#   several seeds, and a linear model of the same columns.
# - The Close helps because it is the most recent price. The rest adds little.
# - Add a column to see what it gives beside the High. Leave it out to see what
#   the others cannot replace.
# - Here we compare the columns on the test year. To choose columns for a
#   forecast of your own, use validation years.
#
# Next: :doc:`/auto_gallery/ibm/plot_11_past_the_last_day`.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
