"""
Which tasks need a recurrent network?
=====================================

*Level: intermediate. Time: 20 minutes.* We compare two tasks: repeat a number
after a fixed delay, or repeat the most recently marked number. *Finding*: a
linear model on four time steps solves the first task exactly. Most LSTMs and
GRUs solve the second task; a linear model does not, even if its window always
holds the marked number.

Both tasks use the same sequences, with two inputs per time step: a number and
a mark. The baseline, in the first row of each table, always predicts 0, the
mean of the numbers. A good score here is an RMSE below a quarter of the
baseline's RMSE: then the model solves the task. The chapter
:doc:`/learn/lstm` trains an LSTM on the second task and explains its gates.
"""

# %%
# Two tasks
# ---------
#
# The numbers are sampled between -1 and 1, and the marks are 1 or 0. There are
# two targets for each time step:
#
# - **Echo**: the number three time steps earlier. The distance is fixed.
# - **Last marked**: the most recently marked number. The first time step is
#   marked, and the marks are 40 to 120 time steps apart, 80 on average.
#
# The package makes the sequences, of shape ``(sequences, time, 2)``, and the
# second target. For the echo, ``np.roll`` moves the numbers three steps to the
# right. The first three values of the echo have no meaning and are not scored.

# sphinx_gallery_thumbnail_number = 2
import numpy as np
import rnnedu
from rnnedu import tasks

DELAY = 3  # the echo repeats the number of three steps earlier
GAP, FAR = 80, 160  # mean distance of marks: in training, in last table
STEPS = 240  # time steps per sequence


def make_tasks(sequences, gap, seed):
    X, marked = tasks.repeat_last_marked(sequences, gap, STEPS, seed)
    echo = np.roll(X[:, :, :1], DELAY, axis=1)
    return X, {"echo": echo, "last marked": marked}


X, y = make_tasks(300, GAP, seed=0)
X_test, y_test = make_tasks(200, GAP, seed=1)

# %%
# The figure shows a part of one sequence. For this figure only, the marks are
# about 10 steps apart. The dots are the input numbers; the line is the target.

import matplotlib.pyplot as plt
from rnnedu import plots

plt.style.use(plots.STYLE)
X_short, y_short = make_tasks(1, gap=10, seed=4)
fig, axes = plots.figure(
    "Target: the echo changes at each step, the marked number at marks",
    alt="Part of a sequence: above the echo, below the last marked number.",
    rows=2,
    share="x",
    xlabel="the last 30 time steps (dotted lines: marks)",
)
for ax, (task, target) in zip(axes, y_short.items(), strict=True):
    plots.draw_marked_sequence(ax, X_short[0, -30:], target[0, -30:], {})
    ax.set_title(task)

# %%
# A linear model on a window
# --------------------------
#
# A linear model has no state. It sees a window: the numbers and marks of the
# latest time steps. Its output is a weighted sum of them, with one fixed
# weight for each place in the window. We try windows of 4 and of 120 steps. A
# window of 4 steps holds the present number and the three before it, which is
# enough for the echo. A window of 120 steps always holds the last mark. All
# models on this page are scored on the same time steps, from the 120th on,
# because there the long window is full. ``cut_windows`` returns one row for
# each scored time step, with the numbers and marks of its window.

import pandas as pd
from sklearn.linear_model import LinearRegression

LONGEST = 120
scored = slice(LONGEST - 1, None)


def cut_windows(X, length):
    view = np.lib.stride_tricks.sliding_window_view(X, length, axis=1)
    view = view[:, LONGEST - length :]  # the first one ends at the 120th step
    return view.reshape(-1, 2 * length)


def rmse(predicted, target):  # predicted: scored steps; target: all steps
    return rnnedu.rmse(target[:, scored].ravel(), predicted.ravel())


# %%
# We fit the model for each task and window length. The table shows the RMSE on
# new sequences, with one column per task.

scores = {}
for task in y:
    target = y_test[task]
    scores[task] = {"always 0": rmse(0 * target[:, scored], target)}
    for length in (4, LONGEST):
        linear = LinearRegression()
        linear.fit(cut_windows(X, length), y[task][:, scored].ravel())
        predicted = linear.predict(cut_windows(X_test, length))
        scores[task][f"linear, {length} steps"] = rmse(predicted, target)

# sphinx_gallery_start_ignore
assert list(scores["echo"].values())[1] < 1e-5, "the page says: exactly"
marked = list(scores["last marked"].values())
assert min(marked) > 0.97 * marked[0], "the page says: no better"
# sphinx_gallery_end_ignore
pd.DataFrame(scores).rename_axis(columns="RMSE").round(2)

# %%
# With a window of 4 steps, the linear model solves the echo task exactly: with
# a weight of 1 for the oldest number and 0 for all other inputs, the output is
# the target. If the distance is fixed and known, a long enough window will do.
#
# For the last marked number, the linear model is no better than the baseline,
# even with a window of 120 steps. The marked number is in every such window,
# but each time at a different place, and the weight of a place is fixed.
#
# What is the best that a window allows?
# --------------------------------------
#
# A model that is not linear could look for the mark in its window. But no
# model can know a number that has left its window. In that case its best guess
# is the mean, 0. So the best possible model is exact while the last mark is in
# the window, and otherwise predicts 0. We compute its RMSE without training.


def best_possible(X, target, length):
    places = np.arange(STEPS) * X[:, :, 1]  # place of each mark, otherwise 0
    last_mark = np.maximum.accumulate(places, axis=1)  # largest place so far
    in_window = np.arange(STEPS) - last_mark < length
    predicted = np.where(in_window[..., None], target, 0)
    return rmse(predicted[:, scored], target)


# %%
# Networks with a state
# ---------------------
#
# A recurrent network has a state in place of a window. We load the networks
# that the chapters trained on the second task: simple RNNs of 8 units, GRUs of
# 2 units and LSTMs of 1 unit, each from ten seeds. The simple RNN has the most
# units, and the learning rate that suited it best. ``score_all`` returns the
# median and the largest RMSE of each model, and its number of good scores.

rates = {"SimpleRNN": 0.003, "GRU": 0.1, "LSTM": 0.1}  # learning rates
networks = {
    name: rnnedu.load_task_runs(name, gap=GAP, learning_rate=rate)
    for name, rate in rates.items()
}


def score_all(X, target):
    runs = pd.DataFrame(index=range(10))  # one row per run
    runs["always 0"] = rmse(0 * target[:, scored], target)
    runs["best with 120 steps"] = best_possible(X, target, LONGEST)
    for name, trained in networks.items():
        runs[name] = [rmse(each(X)[:, scored], target) for each in trained]
    good = (runs < runs["always 0"].max() / 4).sum()
    return runs.agg(["median", "max"]).T.assign(good=good)


# %%
# The curve in the figure is the lowest possible RMSE for each window length.
# The horizontal lines are the median runs of the three networks. The title
# says at which window length the curve reaches the line of the LSTM.

near = score_all(X_test, y_test["last marked"])
best = [best_possible(X_test, y_test["last marked"], n) for n in range(121)]
needed = next(n for n in range(121) if best[n] <= near["median"]["LSTM"])
fig, ax = plots.figure(
    f"RMSE, last marked: a window needs {needed} steps to match the LSTM",
    alt="Lowest possible RMSE by length of the window, and three levels.",
    xlabel="length of the window in time steps",
    ylabel="RMSE",
)
for name in networks:
    plots.draw_baseline(ax, near["median"][name], name)
plots.draw_lines(ax, {"best possible with a window": best}, range(121))
# sphinx_gallery_start_ignore
ax.lines[-1].set(**plots.AXIS_LINE)
ax.legend(loc="center left", bbox_to_anchor=(0, 0.47))
assert near["median"]["GRU"] < best[needed] and 100 < needed < 120, needed
# sphinx_gallery_end_ignore

# %%
# To match the median LSTM, a window must be almost as long as the longest
# distance between two marks. To match the median GRU, it must be still longer.
#
# What if the marks are twice as far apart as in training? The table shows both
# tests. For each test, ``median`` and ``max`` are the median and the largest
# RMSE of ten runs, and ``good`` is the number of good scores. The first two
# rows need no training. They count as ten equal runs, so ``good`` is 10 or 0.

X_far, y_far = make_tasks(200, FAR, seed=1)
far = score_all(X_far, y_far["last marked"])

# sphinx_gallery_start_ignore
for each in near, far:
    middle, high = (each.iloc[:, :2] / each["max"]["always 0"]).to_numpy().T
    assert each["good"].iloc[2] == 0 and high[3:].min() > 0.5, "some fail"
    assert each["good"].iloc[3:].min() > 5, "the page says: most"
assert middle[1] > 0.5 and near["max"].iloc[1] == 0, "zero, more than half"
assert (far["median"] > near["median"])[3:].all(), "the page says: larger"
# sphinx_gallery_end_ignore
pd.concat({f"{GAP} apart": near, f"{FAR} apart": far}, axis=1).round(2)

# %%
# In the first test, the best possible model with 120 steps is exact, without a
# state. In the second test it has more than half of the baseline's error. The
# errors of the median GRU and LSTM are larger than before, but still good
# scores: a state has no fixed reach. The worst runs fail, so train from
# several seeds. No simple RNN gets a good score: in training, its gradients
# probably vanished between the marks (:doc:`/learn/vanishing_gradients`).
#
# Try it yourself
# ---------------
#
# - Set ``DELAY`` to 5. The linear model on 4 steps now fails at the echo task.
#   Which number is enough in place of the 4 in ``(4, LONGEST)``?
# - Set ``FAR`` to 20, so that the marks are closer than in training. How many
#   GRUs and LSTMs still get a good score?
#
# What to remember
# ----------------
#
# - First ask how far back the needed input lies. If this distance is fixed and
#   known, try a linear model on a window.
# - If the distance varies, and an input marks what to keep, try a GRU or an
#   LSTM from several seeds.
# - Before training, try to compute the best score that a window allows.
#
# Next: :doc:`/learn/choosing` has a table of such decisions for real data.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
