"""
Where a free run ends
=====================

A network that is fed its own forecasts is alone with its weights: after the
first window no price reaches it. So much of what it will do can be worked out
from the weights. What is predicted on this page is the network, and no price:
at which **fixed point** its run will end, and how fast it will get there, both
before it has run a single day.

A good score would be a fixed point that the runs do reach, and a speed that is
the measured one. As forecasts of a price, runs have a baseline too: the one to
beat is the last value held. Six small networks meet it further down.
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

plt.style.use(plots.STYLE)
prices = rnnedu.load_ibm()
windows = rnnedu.make_windows(prices, column="High", lookback=60)
print(rnnedu.describe_source(prices))
print(f"test year {windows.test_year}")

models = {
    "GRU": rnnedu.train("gru", windows, seed=0).model,
    "LSTM": rnnedu.train("lstm", windows, seed=0).model,
}

# %%
# To find a fixed point we shall want many digits, and to ask what it does to
# the windows near it we shall want gradients. ``cells.Network`` is the same
# network in NumPy; fed with double precision, it computes in double precision.
# Are they the same networks? On a few windows of the test year:

import numpy as np

from rnnedu import cells

networks = {
    name: cells.Network.from_keras(model) for name, model in models.items()
}
few = windows.X_test[::50]
differences = {
    name: np.abs(
        networks[name](few.astype(float)) - np.asarray(model(few))
    ).max()
    for name, model in models.items()
}
for name, difference in differences.items():
    print(f"{name}: Keras and NumPy differ by {difference:.0e} at most")

# sphinx_gallery_start_ignore
assert max(differences.values()) < 1e-5, "the page says: the same networks"
# sphinx_gallery_end_ignore

# %%
# Where are the fixed points?
# ---------------------------
#
# A run is at rest when the network predicts, from a window, the price that the
# window already holds. Then the window moves on by a day and is still the same
# window: every price in it must be the same price. Such a price is a **fixed
# point**. So we show the network windows in which one price has stood for 60
# days, and ask how far its output lies above that price.


def drift(network, levels, days=60):
    """How far the output for constant windows lies above them."""
    levels = np.atleast_1d(levels)
    constant = np.repeat(levels[:, None, None], days, axis=1)
    return network(constant)[:, 0] - levels


# %%
# It is done for many prices, one after the other, and beyond the range of the
# training prices as well. Where the output changes from above to below or
# back, there is a fixed point in between, and ``forecasting.fixed_points``
# finds it by Brent's method.

from rnnedu import forecasting

levels = np.linspace(-0.5, 1.5, 201)  # training prices: 0 to 1
fixed = {
    name: forecasting.fixed_points(network, lookback=60)
    for name, network in networks.items()
}
in_dollars = {
    name: windows.inverse_scale(points["level"])
    for name, points in fixed.items()
}
where = ", ".join(
    f"{name} at {', '.join(f'{p:.0f}' for p in each)}"
    for name, each in in_dollars.items()
)

# %%
# In dollars, with the range of the training prices in grey behind it:

fig, ax = plots.figure(
    f"Fixed points, in dollars: {where}",
    alt="The output of each network for a window of one constant price, minus "
    f"that price, over that price. It is zero, in dollars, for {where}.",
    xlabel="price that stood for 60 days, in dollars",
    ylabel="output minus that price,\nin dollars",
)
dollars = windows.inverse_scale(levels)
training_range = windows.train_prices.min(), windows.train_prices.max()
ax.axvspan(*training_range, color=plots.GREY, alpha=0.1)
ax.axhline(0, **plots.AXIS_LINE)
for name, network in networks.items():
    moved = windows.inverse_scale(levels + drift(network, levels)) - dollars
    (line,) = ax.plot(dollars, moved, **plots.style_of(name), label=name)
    at = in_dollars[name]
    ax.plot(at, 0 * at, "o", color=line.get_color())
legend = ax.legend()
# sphinx_gallery_start_ignore
assert all(len(points) == 1 for points in fixed.values()), "one dot each"
for network in networks.values():
    assert drift(network, -0.5)[0] > 0 > drift(network, 1.5)[0], (
        "the page says: more to the left of its dot, less to the right"
    )
# sphinx_gallery_end_ignore

# %%
# Left of its dot a network predicts more than it was shown, right of it less.
# That looks like a place that attracts everything. But the curve knows of
# constant windows only, and a window on its way is none.
#
# What happens near it?
# ---------------------
#
# Move the window a little away from the fixed point. A day later the
# difference has become another one. For small differences this change is
# linear, a matrix of 60 rows and 60 columns, the **Jacobian**. All its rows
# but the last only say that yesterday's second price is today's first. The
# last row is the gradient of the output with respect to the 60 prices, which
# backpropagation takes back through the cells, layer by layer.
# ``forecasting.window_map_jacobian`` returns the whole matrix.
#
# Day after day the difference is multiplied by the same matrix. In the long
# run only its largest eigenvalue counts. The absolute value of that is the
# **spectral radius**: the factor by which a small difference shrinks per day,
# or grows, if it is above 1. ``forecasting.fixed_points`` has computed it for
# each of its points. From it follows how many days it takes to halve the
# distance.

# sphinx_gallery_start_ignore
for name, network in networks.items():
    for p in fixed[name]["level"]:
        slope = (
            drift(network, p + 1e-5)[0] - drift(network, p - 1e-5)[0]
        ) / 2e-5 + 1
        jacobian = forecasting.window_map_jacobian(
            network, np.full((60, 1), p)
        )
        assert abs(slope - jacobian[-1].sum()) < 1e-6, (
            "gradient and finite difference differ"
        )
# sphinx_gallery_end_ignore

import pandas as pd

predicted = pd.concat(fixed, names=["network"]).droplevel(1)
predicted["in dollars"] = windows.inverse_scale(predicted["level"])
predicted["days to halve"] = np.log(0.5) / np.log(predicted["spectral_radius"])
# sphinx_gallery_start_ignore
stable = predicted[predicted["spectral_radius"] < 1]
assert set(stable.index) == set(models), "a point that attracts, each"
assert (stable["spectral_radius"] > 0.9).all(), "the page says: just below 1"
assert stable["days to halve"].min() > 20, "the page says: weeks"
# sphinx_gallery_end_ignore
predicted.drop(columns="level").round(4)

# %%
# Below 1, but not by much: the fixed point is stable and attracts the runs,
# and it takes weeks to get halfway. Why so slow? Think of a network that has
# learnt to repeat the last price, whatever it is. Every price would be a fixed
# point of it, and none would attract. Its gradient is one for the last day and
# zero before:

holding = np.eye(60, k=1)
holding[-1, -1] = 1
radius_of_holding = forecasting.spectral_radius(holding)
print(f"spectral radius of holding the last price: {radius_of_holding:.3f}")

# sphinx_gallery_start_ignore
assert abs(radius_of_holding - 1) < 1e-9, (
    "the page says: exactly on the border"
)
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
# them: the network's output becomes the newest day of its window. All twelve
# go through the network together.

every = np.concatenate([windows.X_train, windows.X_test])
starts = every[np.linspace(0, len(every) - 1, 12).astype(int)]
runs = {
    name: rnnedu.forecast_recursive(
        model, windows, steps=750, start_windows=starts
    )
    for name, model in models.items()
}

# %%

before = windows.inverse_scale(starts).reshape(len(starts), 60)
spread = {name: np.ptp(run[:, [0, -1]], axis=0) for name, run in runs.items()}
left = [f"{end / first:.0%} ({n})" for n, (first, end) in spread.items()]
fig, axes = plots.figure(
    f"After 750 days, {' and '.join(left)} of the first spread are left",
    alt="Two charts, twelve free runs each, from prices all over the training "
    "range, with a dotted line at the fixed point.",
    columns=2,
    share="y",
    xlabel="days of running free",
    ylabel="dollars (dotted: the fixed point)",
)
for ax, (name, run) in zip(axes, runs.items(), strict=True):
    color = plots.style_of(name)["color"]
    shown = np.concatenate([before[:, -1:], run], axis=1)
    ax.plot(shown.T, color=color, **plots.THIN_LINE)
    ax.plot(0 * shown[:, 0], shown[:, 0], "o", color=color)
    plots.draw_baseline(ax, in_dollars[name][0], "fixed point")
    ax.set_title(name)
# sphinx_gallery_start_ignore
for name, (first, end) in spread.items():
    assert end < 0.5 * first
    plots.describe(
        fig,
        f"After 750 days the runs of the {name} are {end:.1f} dollars apart.",
    )
# sphinx_gallery_end_ignore

# %%
# Wherever they begin, they turn to where the constant windows said. The prices
# that a run was started with matter less and less; what remains is a property
# of the network.
#
# How fast?
# ---------
#
# Call the distance of a window from the fixed point that of its furthest day,
# and ask by which factor a day changes it. We start to count when a run has
# filled a whole window by itself, and leave out runs that are within five
# dollars by then: they have little way left on which to settle down.

from numpy.lib.stride_tricks import sliding_window_view

measured = {}
for name, run in runs.items():
    path = np.concatenate([before, run], axis=1)
    away = np.abs(path - in_dollars[name][0])
    far = sliding_window_view(away, 60, axis=1).max(axis=-1)[:, 60:]
    far = far[far[:, 0] > 5]  # (runs, days), in dollars
    measured[name] = far[:, 20:], (far[:, 20:] / far[:, :-20]) ** (1 / 20)

# %%
# That is the mean factor over 20 days. The spectral radius holds for small
# distances; how small, it does not tell. Distances below a twentieth of a
# dollar are left out: the runs were made in single precision and have no more
# digits there.

rows = {}
for name, (far, factor) in measured.items():
    near = factor[(far > 0.05) & (far < 2)]
    rows[name] = {
        "runs": len(far),
        "predicted": predicted.loc[name, "spectral_radius"],
        "lowest measured": near.min(),
        "highest measured": near.max(),
    }
rates = pd.DataFrame(rows).T
print("factor of the distance per day, within two dollars")
print(rates.round(4).to_string())
error = rates.iloc[:, 2:].sub(rates["predicted"], axis=0).abs().max(axis=1)
worst = [f"{np.ceil(1e4 * each) / 1e4:.4f} ({n})" for n, each in error.items()]

# sphinx_gallery_start_ignore
assert (rates["runs"] >= 4).all()
assert (error < 0.2 * (1 - rates["predicted"])).all(), (
    "the page says: it holds"
)
# sphinx_gallery_end_ignore

# %%

fig, axes = plots.figure(
    f"Within two dollars the prediction holds to {' and '.join(worst)}",
    alt="For each network, the factor by which the distance changes per day, "
    "over the distance on a logarithmic scale, for all runs; a dotted line is "
    f"the spectral radius. Near it both agree to {' and '.join(worst)}.",
    columns=2,
    share="y",
    xscale="log",
    xlabel="distance from the fixed point, dollars",
    ylabel="factor of the distance per day",
)
for ax, (name, (far, factor)) in zip(axes, measured.items(), strict=True):
    color = plots.style_of(name)["color"]
    for x, y in zip(far, factor, strict=True):
        ax.plot(x[x > 0.05], y[x > 0.05], color=color, **plots.THIN_LINE)
    plots.draw_baseline(ax, rates.loc[name, "predicted"], "predicted")
    ax.axhline(1, **plots.AXIS_LINE)
    ax.set_title(f"{name}: predicted {rates.loc[name, 'predicted']:.4f}")
legend = axes[0].legend()
# sphinx_gallery_start_ignore
bends = {name: np.ptp(factor) for name, (_, factor) in measured.items()}
assert all(bends[name] > 2 * error[name] for name in models), (
    "the page says that far away the factor is another"
)
# sphinx_gallery_end_ignore

# %%
# To the left the curves run into the dotted line. Sixty prices in a window,
# hundreds of days, tens of thousands of parameters: one number, computed from
# the weights, tells how it ends. On the right, tens of dollars away, the
# factor is another one. There the network is not linear, and no matrix
# describes it.
#
# Six small networks
# ------------------
#
# Is the fixed point something that prices teach, or does it depend on the
# seed? Six GRUs of 16 units that see 10 days, alike in all but the seed.

import keras

days = 10
X, y = windows.X_train[:, -days:], windows.y_train
model = keras.Sequential(
    [keras.Input((days, 1)), keras.layers.GRU(16), keras.layers.Dense(1)]
)
model.compile(keras.optimizers.Adam(0.005), loss="mean_squared_error")
trained, _ = rnnedu.fit_seeds(
    model, X, y, seeds=range(6), epochs=5, batch_size=128
)

# %%
# Each of them runs free through the test year, from the last ten training
# days. These networks are small enough for the cells in NumPy.

small = {
    f"seed {seed}": cells.Network.from_keras(network)
    for seed, network in enumerate(trained)
}
first_window = windows.X_test[:1, -days:].astype(float)
paths = {}
for name, network in small.items():
    path = rnnedu.forecast_recursive(
        network, windows, start_windows=first_window
    )
    paths[name] = pd.Series(path[0], index=windows.test_prices.index)
scores = rnnedu.score_table(windows, paths, free_running=True)
beat = int((scores["skill"].iloc[2:] > 0).sum())
print(f"{beat} of {len(paths)} seeds beat the last value held")
scores.round(2)

# %%
# Persistence, in the first row, sees each new day; these see none of them.
# Skill is measured against the last value held. If a seed beats it, then
# without knowing anything of that year. Now the same questions as before, to
# each of the six: where are its fixed points, and is each of them stable? We
# look within the range of training prices, and half as far on either side.

points = {
    name: forecasting.fixed_points(network, days)
    for name, network in small.items()
}
points = pd.concat(points, names=["network"]).droplevel(1).reset_index()
points["in dollars"] = windows.inverse_scale(points["level"])
attracts = points["spectral_radius"] < 1
print(points.drop(columns="level").round(3).to_string(index=False))

# %%
# A dot is filled if its fixed point is stable and open if it is not. The
# arrows lead from the last training price to the price after a year of running
# free.

start = windows.train_prices.iloc[-1]
ends = np.array([path.iloc[-1] for path in paths.values()])
fig, ax = plots.figure(
    f"One start, six seeds: a year later {np.ptp(ends):.0f} dollars apart",
    alt="For each of six seeds its fixed points on a line of dollars, filled "
    "if stable and open if not, and an arrow from the last training price to "
    f"where it is after a year: {ends.min():.0f} to {ends.max():.0f} dollars.",
    xlabel="dollars (grey: training prices; dotted: where the runs begin)",
)
ax.axvspan(*training_range, color=plots.GREY, alpha=0.1)
plots.draw_baseline(ax, start, "last value held", vertical=True)
for row, (name, end) in enumerate(zip(small, ends, strict=True)):
    for rule, face in ((attracts, "C1"), (~attracts, "white")):
        x = points.loc[rule & (points["network"] == name), "in dollars"]
        ax.plot(x, 0 * x + row, "o", mfc=face, mec="C1")
    arrow = {"arrowstyle": "->", "color": plots.TEXT_COLOR}
    ax.annotate("", (end, row + 0.25), (start, row + 0.25), arrowprops=arrow)
ax.set(yticks=range(6), yticklabels=list(small), ylim=(5.6, -0.6))
# sphinx_gallery_start_ignore
for name, path in paths.items():
    mine = points.loc[(points["network"] == name) & attracts, "in dollars"]
    gaps = np.abs(path.to_numpy()[:, None] - mine.to_numpy()).min(axis=1)
    assert gaps[-1] < gaps[0], "the page says: towards a stable one"
    assert len(mine), "each has a stable fixed point"
repel = int((~attracts).sum())
assert repel, "the page says that some have a point that repels"
assert np.ptp(ends) > 5, "the page says: differs from seed to seed"
# sphinx_gallery_end_ignore

# %%
# Each arrow heads for a filled dot. Where it ends differs from seed to seed,
# though the prices were the same for all.
#
# The open dots are fixed points too, with a spectral radius above 1: they are
# unstable. Such a point can be a **basin boundary**: from a dollar below it, a
# run goes to another place than from a dollar above. We try the one that
# repels most. Nothing in a network says that a price cannot be negative, or
# has to stay where we have looked; so it may end anywhere.

edge = points.loc[points["spectral_radius"].idxmax()]
sides = edge["in dollars"] + np.array([[-1.0], [1.0]])
sides = windows.scaler.transform(sides)  # (2, 1)
ended = rnnedu.forecast_recursive(
    small[edge["network"]],
    windows,
    steps=1000,
    start_windows=np.repeat(sides[:, None], days, axis=1),
)[:, -1]
print(f"{edge['network']}, unstable at {edge['in dollars']:.1f} dollars")
for side, end in zip(("below", "above"), ended, strict=True):
    print(f"a dollar {side}: to {end:.1f} dollars")

# sphinx_gallery_start_ignore
assert ended[0] < edge["in dollars"] - 5, "it goes down"
assert ended[1] > edge["in dollars"] + 5, "it goes up"
# sphinx_gallery_end_ignore

# %%
# What to remember
# ----------------
#
# - A network fed with itself is a map, applied again and again. Its fixed
#   points can be found with constant windows, before it is run.
# - The spectral radius of the Jacobian tells whether such a point attracts or
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
