"""
Which tasks need a recurrent network?
=====================================

*Level: intermediate. Time: 20 minutes.* Two tasks on the same sequences:
repeat a number after a fixed delay, or repeat the most recently marked number.
*Finding*: a linear model on four numbers solves the first task exactly; most
of the LSTMs and GRUs solve the second, but no linear model does.

Both tasks read sequences with two inputs per time step, a number and a mark.
The baseline, in the first row of each table, always predicts 0, the mean of
the numbers. A good score here is an RMSE below a quarter of the baseline's
RMSE. The chapter :doc:`/learn/lstm` trains an LSTM on the second task and
explains its gates. This page asks when a task needs such a network.
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
# second target. For the echo we move the numbers three steps to the right. The
# first three values of the echo have no meaning and are not scored.

# sphinx_gallery_thumbnail_number = 2
import numpy as np

import rnnedu
from rnnedu import tasks

DELAY, GAP, FAR, STEPS = 3, 80, 160, 240


def make_tasks(sequences, gap, seed):
    X, marked = tasks.repeat_last_marked(sequences, gap, STEPS, seed)
    echo = np.roll(X[:, :, :1], DELAY, axis=1)
    return X, {"echo": echo, "last marked": marked}


X, y = make_tasks(300, GAP, seed=0)
X_test, y_test = make_tasks(200, GAP, seed=1)

# %%
# For the figure, we put the marks closer together, so that it shows several.
# The dots are the numbers that come in, and the line is the target.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.style.use(plots.STYLE)

X_near, y_near = make_tasks(1, gap=10, seed=4)
fig, axes = plots.figure(
    "Target: the echo changes at each step, the marked number at marks",
    alt="Part of a sequence: above the echo, below the last marked number.",
    rows=2,
    share="x",
    xlabel="time steps after the 100th (dotted: marked)",
)
for ax, (task, target) in zip(axes, y_near.items(), strict=True):
    plots.draw_marked_sequence(ax, X_near[0, 100:130], target[0, 100:130], {})
    ax.set_title(task)

# %%
# A linear model on a window
# --------------------------
#
# A linear model has no memory. It sees a window: the numbers and marks of the
# latest time steps. The model adds them up, each with its own weight. We try
# windows of 4 and of 120 steps. A window of 4 steps holds the present number
# and the three before it, which is enough for the echo. A window of 120 steps
# always holds the last mark. All models on this page are scored on the same
# steps, from the 120th on, where the long window is full.

import pandas as pd
from sklearn.linear_model import LinearRegression

LONGEST = 120
scored = slice(LONGEST - 1, None)


def cut_windows(X, length):
    view = np.lib.stride_tricks.sliding_window_view(X, length, axis=1)
    return view[:, LONGEST - length :].reshape(-1, 2 * length)


def rmse(predicted, target):
    return rnnedu.rmse(target[:, scored].ravel(), predicted.ravel())


# %%
# The scores on new sequences:

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
# A linear model on four numbers solves the echo task exactly: with a weight of
# 1 for the oldest number and 0 for all other inputs, the output is the target.
# If the distance is fixed and known, you only need a long enough window.
#
# For the last marked number, the linear model is no better than the baseline,
# even with a window of 120 steps, which always holds the marked number. This
# number is at a different place in each window, but a linear model has one
# fixed weight per place.
#
# What is the best that a window allows?
# --------------------------------------
#
# A model that is not linear could look for the mark in its window. But no
# model can know a number that has left its window; then the mean, 0, is the
# best guess. So the best possible model is exact while the last mark is in the
# window, and otherwise predicts 0. To compute its RMSE, we train nothing.


def best_possible(X, target, length):
    step = np.arange(STEPS)
    since_mark = step - np.maximum.accumulate(step * X[:, :, 1], axis=1)
    known = np.where(since_mark[..., None] < length, target, 0)
    return rmse(known[:, scored], target)


# %%
# Networks with a state
# ---------------------
#
# A recurrent network has a state in place of a window. We load the networks
# that the chapters trained on the second task: simple RNNs of 8 units, GRUs of
# 2 units and LSTMs of 1 unit. With gates, fewer units are enough. Each type
# was trained from ten seeds, with the best learning rate of those tried.

load = rnnedu.load_task_runs
networks = {
    "simple RNN": load("SimpleRNN", gap=GAP, learning_rate=0.003),
    "GRU": load("GRU", gap=GAP, learning_rate=0.1),
    "LSTM": load("LSTM", gap=GAP, learning_rate=0.1),
}


def score_all(X, target):
    errors = pd.DataFrame(index=range(10))
    errors["always 0"] = best_possible(X, target, length=0)
    errors["best with 120 steps"] = best_possible(X, target, LONGEST)
    for name, runs in networks.items():
        errors[name] = [rmse(each(X)[:, scored], target) for each in runs]
    good = (errors < errors["always 0"].max() / 4).sum()
    return errors.agg(["median", "max"]).T.assign(good=good)


# %%
# The curve is the lowest possible RMSE by window length. The levels are the
# median runs of the three networks, and the limit of a "good score".

errors = score_all(X_test, y_test["last marked"])
best = [best_possible(X_test, y_test["last marked"], n) for n in range(121)]
needed = sum(error > errors["median"]["LSTM"] for error in best)

fig, ax = plots.figure(
    f"RMSE, last marked: a window needs {needed} steps to match the LSTM",
    alt="Lowest possible RMSE by length of the window, and four levels.",
    xlabel="length of the window in time steps",
    ylabel="RMSE",
)
for name in networks:
    plots.draw_baseline(ax, errors["median"][name], name)
plots.draw_baseline(ax, errors["median"]["always 0"] / 4, "good score")
plots.draw_lines(ax, {"best possible with a window": best}, range(121))

# sphinx_gallery_start_ignore
ax.lines[-1].set(**plots.AXIS_LINE)
ax.legend(loc="center left", bbox_to_anchor=(0, 0.47))
assert best[-1] == 0 and 100 < needed < 120, "the page says: almost as far"
# sphinx_gallery_end_ignore

# %%
# To match the median GRU or LSTM, a window must reach back almost as far as
# the longest distance between two marks. You have to know this distance in
# advance. What if the distance grows? The table adds new sequences with marks
# twice as far apart. No network saw such sequences in training. The column
# ``max`` has the worst of ten runs, and ``good`` counts the runs with a good
# score. In the first two rows, which have no runs, ``good`` is 10 (good) or 0.

X_far, y_far = make_tasks(200, FAR, seed=1)
tests = {f"{GAP} apart": errors}
tests[f"{FAR} apart"] = score_all(X_far, y_far["last marked"])

# sphinx_gallery_start_ignore
for each in tests.values():
    middle, high = (each.iloc[:, :2] / each["max"]["always 0"]).to_numpy().T
    assert each["good"].iloc[3:].min() > 5, "the page says: most"
    assert each["good"].iloc[2] == 0 and high[3:].min() > 0.5, "some fail"
assert middle[1] > 0.5, "the page says: more than half"
# sphinx_gallery_end_ignore

pd.concat(tests, axis=1).round(2)

# %%
# The window of 120 steps is now far too short: even the best possible model
# has more than half of the baseline's error. The median GRU and LSTM still get
# a good score, because a state can keep a number for any number of steps. The
# worst runs fail, so train from several seeds. No simple RNN gets a good
# score. It has a state, too, but in training its gradients probably vanished
# over the 40 to 120 steps between marks (:doc:`/learn/vanishing_gradients`).
#
# Try it yourself
# ---------------
#
# - Set ``DELAY`` to 5. The linear model on 4 steps now fails at the echo task.
#   Which number is enough in place of the 4 in ``(4, LONGEST)``?
# - Set ``FAR`` to 20. How many runs still get a good score? (A run that fails
#   may be worse than always 0.)
#
# What to remember
# ----------------
#
# - First ask how far back the needed input lies. If this distance is fixed and
#   known, try a linear model on a window.
# - If the distance varies, and an input marks what to keep, try a GRU or an
#   LSTM from several seeds.
# - Before you train a network, you can often compute or estimate the best
#   score that a window allows.
#
# Next: :doc:`/learn/choosing` has a table of such decisions for real data.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
