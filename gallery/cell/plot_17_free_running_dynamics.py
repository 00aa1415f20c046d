"""
Where a free run ends
=====================

A network that is fed its own forecasts is alone with its weights: after the
first window no price reaches it. So much of what it will do can be worked out
from the weights. What is predicted on this page is the network, and no price:
where its run will come to **rest**, and how fast it will get there, both
before it has run a single day.

A good score would be a place that the runs do reach, and a speed that is the
measured one. As forecasts of a price, runs have a rival too: the one to beat
is the last known price, held. Six small networks meet it further down.
"""

# %%
# Two trained networks
# --------------------
#
# The four-layer GRU and LSTM of the gallery, as they came out of their
# training. Each maps 60 scaled prices to the next one, where 0 is the lowest
# price of the training years and 1 the highest.

# sphinx_gallery_thumbnail_number = 2
import matplotlib.pyplot as plt

import rnnedu
from rnnedu import plots

plt.rcParams.update(plots.LOOK)
prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.provenance_line(prices))
print(f"test year {windows.test_year}")

models = {
    "GRU": rnnedu.train("gru", windows, seed=0).model,
    "LSTM": rnnedu.train("lstm", windows, seed=0).model,
}

# %%
# To look for a point of rest we shall want many digits, and to ask what it
# does to its surroundings we shall want gradients. ``rnnedu.cells`` has the
# cells as the textbook writes them, in NumPy; fed with double precision, they
# give it back. So we read the weights out of Keras and stack the cells
# ourselves.

import numpy as np

from rnnedu import cells


def textbook(model):
    """Steps and weights of the recurrent layers, and the weighted sum."""
    *stack, dense = [layer for layer in model.layers if layer.weights]
    return [cells.from_keras(layer) for layer in stack], dense.get_weights()


def answer(network, window):
    """The next scaled price, for windows (batch, time, 1)."""
    stack, (kernel, bias) = network
    h = window
    for step, weights in stack:
        h = cells.run(step, h, weights)["h"]
    return (h[:, -1] @ kernel + bias)[:, 0]


# %%
# Are they the same networks? On a few windows of the test year:

networks = {name: textbook(model) for name, model in models.items()}
few = windows.X_test[::50]
apart = {
    name: np.abs(answer(networks[name], few.astype(float)) - said[:, 0]).max()
    for name, said in ((n, np.asarray(m(few))) for n, m in models.items())
}
for name, difference in apart.items():
    print(f"{name}: Keras and textbook differ by {difference:.0e} at most")

# sphinx_gallery_start_ignore
assert max(apart.values()) < 1e-5, "the page says: the same networks"
# sphinx_gallery_end_ignore

# %%
# Where could it rest?
# --------------------
#
# A run rests when the network answers a window with the price it already
# holds. Then the window moves on by a day and is still the same window: every
# price in it must be the same price. Such a price is a **fixed point**. So we
# show the network windows in which one price has stood for 60 days, and ask
# how far its answer lies above that price.


def drift(network, level, days=60):
    """How far the answer to constant windows lies above them."""
    level = np.atleast_1d(level)
    constant = np.repeat(level[:, None, None], days, axis=1)
    return answer(network, constant) - level


# %%
# It is done for many prices, one after the other, and beyond the range of the
# training prices as well. Where the answer changes from above to below or
# back, there is a fixed point in between, and ``brentq`` closes in on it.

from scipy.optimize import brentq

levels = np.linspace(-0.5, 1.5, 201)  # training prices: 0 to 1


def fixed_points(network, days=60):
    gap = drift(network, levels, days)
    crossed = np.flatnonzero(gap[:-1] * gap[1:] < 0)
    return [
        brentq(lambda p: drift(network, p, days)[0], levels[k], levels[k + 1])
        for k in crossed
    ]


rest = {name: fixed_points(network) for name, network in networks.items()}

# %%
# In dollars, with the range of the training prices in grey behind it:

dollars = windows.to_dollars(levels)
taught = windows.train.min(), windows.train.max()
fig, ax = plt.subplots()
ax.axvspan(*taught, color="#767676", alpha=0.1)
for name, network in networks.items():
    style = plots.STYLES[name]
    moved = windows.to_dollars(levels + drift(network, levels)) - dollars
    ax.plot(dollars, moved, **style, label=name)
    at = windows.to_dollars(rest[name])
    ax.plot(at, 0 * at, "o", color=style["color"], markersize=8)
ax.axhline(0, color=plots.INK, linewidth=1)
ax.set_xlabel("price that stood for 60 days, in dollars")
ax.set_ylabel("answer minus that price,\nin dollars")
ax.legend()
where = [
    f"{name} at {', '.join(f'{p:.0f}' for p in windows.to_dollars(each))}"
    for name, each in rest.items()
]
title = ax.set_title(f"Points of rest, in dollars: {', '.join(where)}")
# sphinx_gallery_start_ignore
assert all(len(each) == 1 for each in rest.values()), "one dot each"
for network in networks.values():
    assert drift(network, -0.5)[0] > 0 > drift(network, 1.5)[0], (
        "the page says: more to the left of its dot, less to the right"
    )
fig.set_label(
    "The answer of each network to a window of one constant price, minus that "
    "price, over that price. It crosses zero for the "
    + ", for the ".join(f"{line} dollars" for line in where)
    + "."
)
# sphinx_gallery_end_ignore

# %%
# Left of its dot a network answers with more than it was shown, right of it
# with less. That looks like a place to which everything is drawn. But the
# curve knows of constant windows only, and a window on its way is none.
#
# What happens near it?
# ---------------------
#
# Move the window a little away from the fixed point. A day later the
# difference has become another one. For small differences this change is
# linear, a matrix of 60 rows and 60 columns, the **Jacobian**. All its rows
# but the last only say that yesterday's second price is today's first. The
# last row is the gradient of the answer by the 60 prices, which
# ``rnnedu.gradients`` takes back through the cells, layer by layer.

from rnnedu import gradients


def by_price(network, level, days=60):
    """The derivative of the answer by each price of a constant window."""
    stack, (kernel, _) = network
    h, seen = np.full((1, days, 1), level), []
    for step, weights in stack:
        seen.append((step, h, weights))
        h = cells.run(step, h, weights)["h"]
    back = np.zeros_like(h)
    back[0, -1] = kernel[:, 0]
    for each in reversed(seen):
        back = gradients.backward(*each, back).x
    return back[0, :, 0]


# sphinx_gallery_start_ignore
for name, network in networks.items():
    for p in rest[name]:
        slope = (
            drift(network, p + 1e-5)[0] - drift(network, p - 1e-5)[0]
        ) / 2e-5 + 1
        assert abs(slope - by_price(network, p).sum()) < 1e-6, (
            "gradient and finite difference differ"
        )
# sphinx_gallery_end_ignore

# %%
# Day after day the difference is multiplied by the same matrix. In the long
# run only its largest eigenvalue counts. The absolute value of that is the
# **spectral radius**: the factor by which a small difference shrinks in a day,
# or grows, if it is above 1. From it follows how many days it takes to halve
# the distance.

import pandas as pd


def spectral_radius(last_row):
    jacobian = np.eye(len(last_row), k=1)
    jacobian[-1] = last_row
    return float(np.abs(np.linalg.eigvals(jacobian)).max())


predicted = pd.DataFrame(
    [
        (name, p, spectral_radius(by_price(network, p)))
        for name, network in networks.items()
        for p in rest[name]
    ],
    columns=["network", "scaled", "spectral radius"],
)
predicted["fixed point in dollars"] = windows.to_dollars(predicted["scaled"])
predicted["days to halve"] = np.log(0.5) / np.log(predicted["spectral radius"])
# sphinx_gallery_start_ignore
stable = predicted[predicted["spectral radius"] < 1]
assert set(stable["network"]) == set(models), "a point that draws, each"
assert (stable["spectral radius"] > 0.9).all(), "the page says: just below 1"
assert stable["days to halve"].min() > 20, "the page says: weeks"
# sphinx_gallery_end_ignore
predicted.set_index("network").drop(columns="scaled").round(4)

# %%
# Below 1, but not by much: the point draws the runs in, and it takes weeks to
# get halfway. Why so slow? Think of a network that has learnt to repeat the
# last price, whatever it is. Every price would be a fixed point of it, and
# none would draw. Its gradient is one for the last day and zero before:

holding = spectral_radius(np.eye(60)[-1])
print(f"spectral radius of holding the last price: {holding:.3f}")

# sphinx_gallery_start_ignore
assert abs(holding - 1) < 1e-9, "the page says: exactly on the border"
# sphinx_gallery_end_ignore

# %%
# That is the border. Any weighted mean of the last prices stands on it too. So
# a network that forecasts from them comes near it, good or bad, and creeps.
#
# Let them run
# ------------
#
# This was the prediction. Now twelve windows from all over the training years
# and the test year, and a run of three years of trading days from each of
# them: the network's answer becomes the newest day of its window, in a loop
# that is compiled once.

import tensorflow as tf

on_gpu = bool(tf.config.list_physical_devices("GPU"))


@tf.function(jit_compile=not on_gpu)  # XLA cannot compile cuDNN's layers
def run_free(model, window, steps):
    path = tf.TensorArray(tf.float32, steps)
    for day in tf.range(steps):
        price = model(window, training=False)
        window = tf.concat([window[:, 1:], price[:, None]], axis=1)
        path = path.write(day, price[:, 0])
    return tf.transpose(path.stack())  # (starts, steps)


# %%
# All twelve go through the network together.

every = np.concatenate([windows.X_train, windows.X_test])
starts = every[np.linspace(0, len(every) - 1, 12).astype(int)]
runs = {
    name: run_free(model, tf.constant(starts), 750).numpy().astype(float)
    for name, model in models.items()
}

# %%

fig, axes = plt.subplots(1, 2, figsize=(7.5, 3.6), sharey=True)
for ax, (name, each) in zip(axes, runs.items(), strict=True):
    style = plots.STYLES[name]
    shown = np.concatenate([starts[:, -1], each], axis=1)
    shown = windows.to_dollars(shown).reshape(shown.shape)
    ax.plot(shown.T, color=style["color"], linewidth=1)
    ax.plot(0 * shown[:, 0], shown[:, 0], "o", color=style["color"])
    for p in windows.to_dollars(rest[name]):
        ax.axhline(p, color=plots.INK, linestyle=":", linewidth=1.5)
    ax.set(xlabel="days of running free", title=name)
axes[0].set_ylabel("dollars (dotted: the point of rest)")
apart = {name: np.ptp(each[:, [0, -1]], axis=0) for name, each in runs.items()}
left = [f"{end / first:.0%} ({n})" for n, (first, end) in apart.items()]
title = fig.suptitle(
    f"After 750 days, {' and '.join(left)} of the first spread are left",
    **{"x": 0.01, "ha": "left", "fontsize": "medium", "fontweight": "bold"},
)
# sphinx_gallery_start_ignore
ends = {
    name: np.ptp(windows.to_dollars(each[:, -1]))
    for name, each in runs.items()
}
assert all(end < 0.5 * first for first, end in apart.values())
fig.set_label(
    "Two charts, twelve free runs each, from prices all over the training "
    "range, with a dotted line at the point of rest. "
    + " ".join(
        f"After 750 days the runs of the {name} are {end:.1f} dollars apart."
        for name, end in ends.items()
    )
)
# sphinx_gallery_end_ignore

# %%
# Wherever they begin, they turn to where the constant windows said. The prices
# that a run was started with have less and less to say in it; what remains is
# a property of the network.
#
# How fast?
# ---------
#
# Call the distance of a window from the point of rest that of its furthest
# day, and ask what a day makes of it. We start to count when a run has filled
# a whole window by itself, and leave out runs that are within five dollars by
# then: they have little way left on which to settle down.

from numpy.lib.stride_tricks import sliding_window_view

stable = predicted[predicted["spectral radius"] < 1]
width = windows.train.max() - windows.train.min()


def distances(name):
    """In dollars, by run and day, from where most runs end."""
    draws = stable.loc[stable["network"] == name, "scaled"].to_numpy()
    to = draws[np.abs(draws - np.median(runs[name][:, -1])).argmin()]
    off = np.abs(np.concatenate([starts[:, :, 0], runs[name]], axis=1) - to)
    far = width * sliding_window_view(off, 60, axis=1).max(axis=-1)
    return far[far[:, 60] > 5, 60:]


measured = {}
for name in models:
    far = distances(name)
    measured[name] = far[:, 20:], (far[:, 20:] / far[:, :-20]) ** (1 / 20)

# %%
# That is the mean factor over 20 days. The spectral radius speaks of small
# distances; how small, it does not say. Distances below a twentieth of a
# dollar are left out: the runs were made in single precision and have no more
# digits there.

rows = {}
for name, (far, factor) in measured.items():
    said = stable.loc[stable["network"] == name, "spectral radius"].iloc[-1]
    near = factor[(far > 0.05) & (far < 2)]
    rows[name] = {
        "runs": len(far),
        "predicted": said,
        "lowest measured": near.min(),
        "highest measured": near.max(),
    }
rates = pd.DataFrame(rows).T
print("factor of the distance in a day, within two dollars")
print(rates.round(4).to_string())
off = rates[["lowest measured", "highest measured"]].sub(
    rates["predicted"], axis=0
)
off = off.abs().max(axis=1)

# sphinx_gallery_start_ignore
assert (rates["runs"] >= 4).all()
assert (off < 0.2 * (1 - rates["predicted"])).all(), "the page says: it holds"
# sphinx_gallery_end_ignore

# %%

fig, axes = plt.subplots(1, 2, figsize=(7.5, 3.4), sharey=True)
for ax, (name, (far, factor)) in zip(axes, measured.items(), strict=True):
    color = plots.STYLES[name]["color"]
    for x, y in zip(far, factor, strict=True):
        ax.plot(x[x > 0.05], y[x > 0.05], color=color, linewidth=1)
    said = rates.loc[name, "predicted"]
    ax.axhline(said, color=plots.INK, linestyle=":", label="predicted")
    ax.axhline(1, color="#767676", linewidth=1)
    ax.set(xscale="log", title=f"{name}: predicted {said:.4f}")
    ax.set_xlabel("distance from the point of rest, dollars")
axes[0].set_ylabel("factor of the distance in a day")
axes[0].legend()
worst = [f"{np.ceil(1e4 * each) / 1e4:.4f} ({n})" for n, each in off.items()]
title = fig.suptitle(
    f"Within two dollars the prediction holds to {' and '.join(worst)}",
    **{"x": 0.01, "ha": "left", "fontsize": "medium", "fontweight": "bold"},
)
# sphinx_gallery_start_ignore
bends = {name: np.ptp(factor) for name, (_, factor) in measured.items()}
assert all(bends[name] > 2 * off[name] for name in models), (
    "the page says that far away the factor is another"
)
fig.set_label(
    "For each network, the factor by which the distance changes in a day, "
    "over the distance on a logarithmic scale, for all runs; a dotted line is "
    "the spectral radius. Within two dollars both agree to "
    f"{' and '.join(worst)}."
)
# sphinx_gallery_end_ignore

# %%
# To the left the curves run into the dotted line. Sixty prices in a window,
# hundreds of days, tens of thousands of weights: one number, read from the
# weights, says how it ends. On the right, tens of dollars away, the factor is
# another one. There the network is not linear, and no matrix speaks for it.
#
# A fan of small networks
# -----------------------
#
# Is the point of rest something that prices teach, or something that the seed
# draws? Six GRUs of 16 units that see 10 days, alike in all but the seed. To
# save time the network is compiled once. For each seed it is given fresh
# weights, and the optimiser the values it had at first.

import keras

days = 10
X, y = windows.X_train[:, -days:], windows.y_train
model = keras.Sequential(
    [keras.Input((days, 1)), keras.layers.GRU(16), keras.layers.Dense(1)]
)
model.compile(keras.optimizers.Adam(0.005), loss="mean_squared_error")

# %%

small = {}
with rnnedu.native_loops(model):  # the same training, in a faster loop
    for seed in range(6):
        rnnedu.start_anew(model, seed)
        model.fit(X, y, epochs=5, batch_size=128, verbose=0)
        small[f"seed {seed}"] = textbook(model)

# %%
# Each of them runs free through the test year, from the last ten training
# days. These networks are small enough for the textbook's cells.


def run_small(network, window, steps):
    path = []
    for _ in range(steps):
        price = answer(network, window)
        window = np.concatenate([window[:, 1:], price[:, None, None]], axis=1)
        path.append(price)
    return np.array(path).T  # (starts, steps)


# %%

first = windows.X_test[:1, -days:].astype(float)
paths = {
    name: windows.to_dollars(run_small(network, first, len(windows.test)))
    for name, network in small.items()
}
fan = {
    name: pd.Series(path, index=windows.test.index)
    for name, path in paths.items()
}
scores = rnnedu.score_table(windows, fan, free_running=True)
beat = int((scores["skill"].iloc[2:] > 0).sum())
print(f"{beat} of {len(fan)} seeds beat the last training price, held")
scores.round(2)

# %%
# Yesterday's price, in the first row, sees each new day; these see none of
# them. Skill is measured against the price held. If a seed beats it, then
# without knowing anything of that year. Now the same questions as before, to
# each of the six: where are its fixed points, and does each of them draw? We
# look within the range of training prices, and half as far on either side.

points = pd.DataFrame(
    [
        (name, p, spectral_radius(by_price(network, p, days)))
        for name, network in small.items()
        for p in fixed_points(network, days)
    ],
    columns=["network", "scaled", "spectral radius"],
)
points["in dollars"] = windows.to_dollars(points["scaled"])
draws = points["spectral radius"] < 1
print(points.drop(columns="scaled").round(3).to_string(index=False))

# %%
# A dot is filled if its point draws and open if it does not. The arrows lead
# from the last training price to the price after a year of running free.

fig, ax = plt.subplots()
start = windows.train.iloc[-1]
ax.axvspan(*taught, color="#767676", alpha=0.1)
ax.axvline(start, **plots.STYLES["last training price, held"])
for row, (name, path) in enumerate(paths.items()):
    own = points["network"] == name
    for at, face in ((draws, "#d55e00"), (~draws, "white")):
        x = points.loc[own & at, "in dollars"]
        ax.plot(x, 0 * x + row, "o", mfc=face, mec="#d55e00", markersize=8)
    arrow = {"arrowstyle": "->", "color": plots.INK, "linewidth": 1.4}
    line = row + 0.25
    ax.annotate("", (path[-1], line), (start, line), arrowprops=arrow)
ax.set_yticks(range(len(paths)), list(paths))
ax.set_ylim(len(paths) - 0.4, -0.6)
ax.set_xlabel("dollars (grey: training prices; dotted: where the runs begin)")
ends = np.array([path[-1] for path in paths.values()])
title = ax.set_title(
    f"One start, six seeds: a year later {np.ptp(ends):.0f} dollars apart"
)
# sphinx_gallery_start_ignore
for name, path in paths.items():
    mine = points.loc[(points["network"] == name) & draws, "in dollars"]
    gaps = np.abs(path[:, None] - mine.to_numpy()).min(axis=1)
    assert gaps[-1] < gaps[0], "the page says: towards a point that draws"
    assert len(mine), "each has a point that draws"
repel = int((~draws).sum())
assert repel, "the page says that some have a point that repels"
assert np.ptp(ends) > 5, "the page says: differs from seed to seed"
fig.set_label(
    f"For each of {len(paths)} seeds its fixed points on a line of dollars, "
    "filled where they draw and open where they repel, and an arrow from the "
    f"last training price, {start:.0f} dollars, to where the run is after a "
    f"year: between {ends.min():.0f} and {ends.max():.0f} dollars."
)
# sphinx_gallery_end_ignore

# %%
# Each arrow heads for a filled dot. Where it ends differs from seed to seed,
# though the prices were the same for all.
#
# The open dots are fixed points too, with a spectral radius above 1. Nothing
# comes to rest there. Such a point can be a **watershed**: from a dollar below
# it, a run goes to another place than from a dollar above. We try the one that
# repels most. Nothing in a network says that a price cannot be negative, or
# has to stay where we have looked; so it may end anywhere.

shed = points.loc[points["spectral radius"].idxmax()]
dollar = 1 / width
sides = shed["scaled"] + dollar * np.array([-1, 1])
pair = np.repeat(sides[:, None, None], days, axis=1)
parted = run_small(small[shed["network"]], pair, 1000)[:, -1]
print(f"{shed['network']}, watershed at {shed['in dollars']:.1f} dollars")
for side, end in zip(("below", "above"), parted, strict=True):
    print(f"a dollar {side}: to {windows.to_dollars([end])[0]:.1f} dollars")

# sphinx_gallery_start_ignore
assert parted[0] < shed["scaled"] - 5 * dollar, "it goes down"
assert parted[1] > shed["scaled"] + 5 * dollar, "it goes up"
# sphinx_gallery_end_ignore

# %%
# What to remember
# ----------------
#
# - A network fed with itself is a map, applied again and again. Its points of
#   rest can be found with constant windows, before it is run.
# - The spectral radius of the Jacobian says whether such a point draws or
#   repels, and how fast, as long as the distances are small.
# - Holding the last price stands exactly on the border between the two, and so
#   does any mean of the last prices. Networks near it creep.
# - Where a run ends is a matter of weights, and these are in part a matter of
#   the seed. It is no forecast of what the share will do.
#
# **On your own.** Train the six for more epochs. Do their spectral radii come
# nearer to 1? The chapter :doc:`/learn/free_running` goes through the rest of
# what happens to a network that is left to itself.
#
# **Sources.** Sussillo and Barak (2013), *Opening the black box:
# low-dimensional dynamics in high-dimensional recurrent neural networks*,
# Neural Computation 25(3); Strogatz (1994), *Nonlinear Dynamics and Chaos*,
# Addison-Wesley, on fixed points and what they do to their surroundings.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
