"""
A seasonal series: who beats last year?
=======================================

The air on Mauna Loa has been measured since the fifties of the last century.
Its carbon dioxide goes up and down with the year, and up from year to year.
We stand at the end of a month, see all months up to then, and forecast the
next twelve.

The rule to begin with is the **seasonal naive** one: each month of the next
year will be what the same month was in the last. A good score would be an
error below that. It is easy to get here, and so we ask of what it is made. Two
classical models try, and a small LSTM, each with the same past.
"""

# %%
# A public series inside a package
# --------------------------------
#
# statsmodels carries the weekly measurements. We take the mean of each month.
# ``resample`` also gives the series an index that knows its step, a month.
# statsmodels asks for that, and says so in a warning where it is missing.
#
# Some months have no measurement. They are filled from the past alone: the
# same month a year before, moved by the change over the year so far. In the
# first year there is nothing to go by but the month before.

# sphinx_gallery_thumbnail_number = 2
import numpy as np
from statsmodels.datasets import co2

weekly = co2.load_pandas().data["co2"]
measured = weekly.resample("MS").mean()  # months, by their first day
series = measured.copy()
for t in np.flatnonzero(measured.isna()):
    if t < 13:
        series.iloc[t] = series.iloc[t - 1]
    else:
        change = series.iloc[t - 1] - series.iloc[t - 13]
        series.iloc[t] = series.iloc[t - 12] + change
print(f"{len(series)} months, {measured.isna().sum()} of them filled")

# sphinx_gallery_start_ignore
assert series.notna().all() and series.index.freqstr == "MS"
# sphinx_gallery_end_ignore

# %%
# The last ten years are for the test. Only one rival is refitted in them.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.style.use(plots.STYLE)

train, test = series.iloc[:-120], series.iloc[-120:]
rise = train.diff(12).mean()
months = (train - train.rolling(12).mean()).groupby(train.index.month)
swing = np.ptp(months.mean())
fig, ax = plots.figure(
    f"Up by {rise:.1f} ppm a year, and up and down by {swing:.1f} within each",
    alt="Monthly carbon dioxide on Mauna Loa: a wave that rises.",
    xlabel="month",
    ylabel="carbon dioxide, parts per million",
)
ax.plot(train, color=plots.GREY, label="for fitting")
ax.plot(test, **plots.style_of("true price"), label="for the test")
ax.plot(series[measured.isna()], "o", color="C1", label="filled")
ax.legend(loc="upper left")
# sphinx_gallery_start_ignore
assert not measured[test.index].isna().any(), "no filled month is tested on"
plots.describe(
    fig,
    f"It goes from {series.iloc[0]:.0f} to {series.iloc[-1]:.0f} parts per "
    f"million, up by {rise:.1f} a year on average, and swings by {swing:.1f} "
    "within each. The last ten years are black; dots mark "
    f"{measured.isna().sum()} filled months.",
)
# sphinx_gallery_end_ignore

# %%
# Rolling origins
# ---------------
#
# The end of the last known month is the **origin** of a forecast. It rolls: we
# forecast from each month of the test years that has twelve others after it.
# Each forecast has twelve **horizons**, one month ahead to twelve, and errors
# are averaged over origins, for each horizon by itself.
#
# The second rule moves last year's months by one number, the change over the
# year up to the origin. If the last month stood so much above the same month a
# year before, so will the next ones.


def following(values, origins, steps):
    """Cut the next steps from each origin: ``(origins, steps)``."""
    return np.stack([values[o : o + steps] for o in origins])


def simple_rules(series, season, origins):
    x = series.to_numpy()
    last = following(x, origins - season, season)
    change = x[origins - 1] - x[origins - 1 - season]
    moved = last + change[:, None]
    return {"seasonal naive": last, "moved by the last change": moved}


origins = np.arange(len(train), len(series) - 12 + 1)
print(f"{len(origins)} origins, 12 horizons each")

# %%
# Two classical models
# --------------------
#
# **Holt-Winters smoothing** keeps a level, a trend and one number for each
# month of the year, and corrects them with every month that comes. How much
# each is corrected, which may be not at all, is fitted to the years before the
# test: three numbers. They then stay as they are, while level, trend and
# season go on through the test years.

from statsmodels.tsa.holtwinters import ExponentialSmoothing


def smoothed(series, season, first):
    """Fit to the values before `first`, and go on through all of them."""
    kind = {"trend": "add", "seasonal": "add", "seasonal_periods": season}
    past = series.iloc[:first]
    found = ExponentialSmoothing(past, **kind).fit().params
    run = ExponentialSmoothing(
        series,
        initialization_method="known",
        initial_level=found["initial_level"],
        initial_trend=found["initial_trend"],
        initial_seasonal=found["initial_seasons"],
        **kind,
    )
    fixed = {k: v for k, v in found.items() if k.startswith("smoothing")}
    return run.fit(optimized=False, **fixed)


# %%
# Its forecast is the level, so many steps along the trend, and the month's own
# number.


def holt_winters(series, season, origins):
    run, now = smoothed(series, season, origins[0]), origins - 1
    level = run.level.to_numpy()[now, None]
    trend = np.outer(run.trend.iloc[now], np.arange(1, season + 1))
    wave = following(run.season.to_numpy(), origins - season, season)
    return level + trend + wave


# sphinx_gallery_start_ignore
every = holt_winters(series, 12, origins)
kind = {"trend": "add", "seasonal": "add", "seasonal_periods": 12}
theirs = ExponentialSmoothing(series.iloc[: origins[0]], **kind).fit()
assert np.allclose(theirs.forecast(12), every[0]), "as statsmodels forecasts"
short = holt_winters(series.iloc[: origins[40]], 12, origins[:41])
assert np.allclose(short, every[:41]), "none sees what is after its origin"
# sphinx_gallery_end_ignore

# %%
# **Autoregression** is a weighted sum of the last values. We give it the
# changes from a year before, with the seasonal rule taken off so to say, and
# 24 of them. Its forecast of one month is put in for true to go on to the
# next. The weights are fitted once, to the years before the test; and, as a
# second version, anew at every origin.

from statsmodels.tsa.ar_model import AutoReg


def autoregression(series, season, origins, refit=False):
    change = series.diff(season).iloc[season:]
    once = AutoReg(change.iloc[: origins[0] - season], 2 * season).fit()
    steps = []
    for origin in origins - season:
        model = AutoReg(change.iloc[:origin], 2 * season)
        weights = model.fit().params if refit else once.params
        ahead = model.predict(weights, origin, origin + season - 1)
        steps.append(ahead.to_numpy())
    last = following(series.to_numpy(), origins - season, season)
    return last + np.array(steps)


# sphinx_gallery_start_ignore
few = origins[[0, 40]]
for refit in (False, True):
    every = autoregression(series, 12, few, refit)
    short = autoregression(series.iloc[: few[1]], 12, few, refit)
    assert np.allclose(short, every), "none sees what is after its origin"
# sphinx_gallery_end_ignore

# %%
# A small LSTM
# ------------
#
# The network sees the same 24 changes, scaled to a mean of 0 and a deviation
# of 1 in the years before the test, and predicts twelve changes at once. A
# prediction of 0 would be last year's month, moved by the mean change. It has
# 16 units.
#
# Windows are cut as forecasts are, from origins, in the years before the test.


def cut_windows(series, season, first):
    """Scaled changes, windows of them, targets, and how to unscale."""
    change = series.diff(season).to_numpy()
    past = change[season:first]
    mean, deviation = past.mean(), past.std()
    z = (change - mean) / deviation
    known = np.arange(3 * season, first - season + 1)
    X = following(z, known - 2 * season, 2 * season)[..., None]
    return z, X, following(z, known, season), lambda z: mean + deviation * z


# %%

import keras

import rnnedu


def build_network(season):
    """Windows ``(batch, 2 season, 1)`` in, ``(batch, season)`` out."""
    layers = [keras.layers.LSTM(16), keras.layers.Dense(season)]
    model = keras.Sequential([keras.Input((2 * season, 1)), *layers])
    model.compile(keras.optimizers.Adam(0.005), "mean_squared_error")
    return model


# %%
# Too many epochs, and a network learns its few windows by heart. How many are
# right is found by **validation**, within the years before the test: three
# networks train on all but the last five years, and their mean error on these
# five decides.

EPOCHS = [2, 5, 10, 20]


def choose_epochs(model, X, y, season):
    early, late = slice(-6 * season + 1), slice(-5 * season, None)
    _, history = rnnedu.fit_seeds(
        model,
        X[early],
        y[early],
        seeds=range(3),
        epochs=max(EPOCHS),
        batch_size=32,
        validation_data=(X[late], y[late]),
    )
    errors = history.groupby("epoch")["val_loss"].mean()
    return int(errors[EPOCHS].idxmin())


# %%
# Then it is trained from five seeds, for so long, on all of the years before
# the test. Like the weights of the autoregression, its weights stay as they
# are from there on.


def lstm(series, season, origins):
    """Forecasts ``(seeds, origins, horizons)``."""
    z, X, y, unscale = cut_windows(series, season, origins[0])
    X_new = following(z, origins - 2 * season, 2 * season)[..., None]
    model = build_network(season)
    epochs = choose_epochs(model, X, y, season)
    print(f"{len(X)} windows, {model.count_params():,} parameters")
    steps = epochs * -(-len(X) // 32)
    print(f"by validation: {epochs} epochs, {steps} steps in all")
    plan = {"epochs": epochs, "batch_size": 32}
    networks, _ = rnnedu.fit_seeds(model, X, y, seeds=range(5), **plan)
    last = following(series.to_numpy(), origins - season, season)
    changes = [unscale(np.asarray(network(X_new))) for network in networks]
    return last + np.array(changes)


# sphinx_gallery_start_ignore
z, X, y, unscale = cut_windows(series, 12, len(train))
assert np.allclose(unscale(y[-1]), train.diff(12).iloc[-12:])
assert np.allclose(unscale(X[-1, :, 0]), train.diff(12).iloc[-36:-12])
# sphinx_gallery_end_ignore

# %%
# Who errs least?
# ---------------
#
# Now all of them, with the **RMSE**, the root of the mean squared error, at
# each horizon. The LSTM has a row of errors per seed. The mean of its five
# forecasts is a rival of its own.


def errors_of(series, season, origins):
    """RMSE by name: ``(runs, horizons)``."""
    given = (series, season, origins)
    forecasts = {name: [f] for name, f in simple_rules(*given).items()}
    forecasts["Holt-Winters"] = [holt_winters(*given)]
    forecasts["autoregression"] = [autoregression(*given)]
    forecasts["the same, refitted"] = [autoregression(*given, refit=True)]
    runs = forecasts["small LSTM"] = lstm(*given)
    forecasts["small LSTM, averaged"] = [runs.mean(axis=0)]
    truth = following(series.to_numpy(), origins, season)
    return {
        name: np.sqrt(((runs - truth) ** 2).mean(axis=1))
        for name, runs in forecasts.items()
    }


errors = errors_of(series, 12, origins)

# %%
# The table has the RMSE in parts per million at some horizons; over all of
# them, with the lowest and the highest of the five seeds; and the **skill**,
# the share of the seasonal rule's error that is saved.

import pandas as pd


def table_of(errors, horizons):
    rows = {}
    for name, runs in errors.items():
        row = {f"{h} ahead": runs[:, h - 1].mean() for h in horizons}
        over_all = np.sqrt((runs**2).mean(axis=1))
        row["all"] = over_all.mean()
        row["min"], row["max"] = over_all.min(), over_all.max()
        rows[name] = row
    table = pd.DataFrame(rows).T
    table["skill"] = 1 - table["all"] / table["all"].iloc[0]
    return table


table = table_of(errors, [1, 3, 6, 12])
# sphinx_gallery_start_ignore
FIRST, MOVED = list(errors)[:2]
CLASSIC = list(errors)[2:5]
skill = table["skill"]
assert skill.iloc[1:].min() > 0.4, "the page says: all, and by far"
assert skill[MOVED] > 0.75 * skill.max(), "it says: most of it"
assert table.loc["small LSTM", "all"] < table.loc[MOVED, "all"], (
    "it says: more"
)
assert table.loc["small LSTM", "1 ahead"] > table.loc[CLASSIC, "1 ahead"].max()
assert skill["small LSTM"] < skill["autoregression"], "it says: behind"
assert skill["Holt-Winters"] < skill["autoregression"], "it is the better"
assert abs(skill[CLASSIC[1]] - skill[CLASSIC[2]]) < 0.02, "it says: hardly"
# sphinx_gallery_end_ignore

table.round(2)

# %%
# Everyone beats the seasonal rule, and by far. Is that a success for the LSTM?
# Look at the second row: one number, taken from last year, saves most of what
# any of them saves. The seasonal rule is a poor one here, since it forgets
# that the series rises. **A skill is worth as much as the baseline it is
# measured against.**
#
# By horizon, as medians, with a band from the lowest to the highest seed. How
# often is the line of the LSTM the lower one?

SHOWN = ["small LSTM", *list(errors)[:4]]
shown = {name: errors[name] for name in SHOWN}
median = {name: np.median(each, axis=0) for name, each in shown.items()}
ahead = int((median["small LSTM"] < median["moved by the last change"]).sum())
classic = np.minimum(median["Holt-Winters"], median["autoregression"])
best = int((median["small LSTM"] < classic).sum()) or "none"

fig, ax = plots.figure(
    f"Of 12 horizons the LSTM beats one number at {ahead}, "
    f"both classical models at {best}",
    alt="RMSE in parts per million by months ahead.",
    height=4.2,
    xlabel="months ahead",
    ylabel="RMSE, parts per million",
    xticks=range(1, 13),
)
plots.draw_bands(ax, shown)
ax.set_ylim(bottom=0)
# sphinx_gallery_start_ignore
plots.describe(
    fig,
    "The seeds of the LSTM are apart by "
    f"{np.ptp(errors['small LSTM'], axis=0).max():.2f} at most.",
)
# sphinx_gallery_end_ignore

# %%
# One month ahead, the LSTM is behind both classical models, and over all
# horizons behind the autoregression. Both see the same 24 numbers. The
# autoregression has 25 weights to find, the LSTM many times as many, in a few
# hundred windows that overlap. To refit the autoregression at each origin
# changes hardly anything.
#
# A season that is not punctual
# -----------------------------
#
# Spots on the sun have been counted for centuries. They come and go in a
# cycle of about eleven years. About: the next maximum may be early or late. We
# do exactly the same again, with eleven years in place of twelve months, five
# cycles for the validation and the last hundred years for the test.
#
# This series comes with its years as plain numbers. ``asfreq`` makes them an
# index that knows its step.

from statsmodels.datasets import sunspots

counts = sunspots.load_pandas().data
years = pd.to_datetime(counts["YEAR"].astype(int).astype(str), format="%Y")
spots = pd.Series(counts["SUNACTIVITY"].to_numpy(), index=years).asfreq("YS")
in_test = np.arange(len(spots) - 100, len(spots) - 11 + 1)

spot_errors = errors_of(spots, 11, in_test)
spot_table = table_of(spot_errors, [1, 2, 5, 11])
# sphinx_gallery_start_ignore
assert spots.notna().all() and len(spots) == len(counts)
skill = spot_table["skill"]
assert skill["autoregression"] > 0.05 and skill["Holt-Winters"] < -0.2
assert skill[MOVED] < -0.2, "the page says that it does harm"
assert skill["small LSTM"] < skill["autoregression"] - 0.03, "it says: behind"
assert abs(skill["small LSTM"]) < 0.08, "it says: close to the seasonal rule"
before = spots.iloc[: in_test[0]].diff(11)
assert abs(before.mean()) < 0.1 * before.std(), "it says: is small"
peak = 1 + int(spot_errors["Holt-Winters"].mean(axis=0).argmax())
assert 4 <= peak <= 7, "it says: most harm half a cycle ahead"
moved = spot_errors[MOVED].mean(axis=0)
assert moved[-1] > 0.9 * moved.max(), "it says: as much again at the end"
# sphinx_gallery_end_ignore

spot_table.round(2)

# %%
# Above are the counts, black in the test years; below the errors.

spots_shown = {name: spot_errors[name] for name in SHOWN}
skills = spot_table["skill"][["autoregression", "small LSTM", "Holt-Winters"]]

fig, (above, below) = plots.figure(
    "Skill on sunspots: "
    + ", ".join(f"{name} {value:.0%}" for name, value in skills.items()),
    alt=f"Above, the yearly number of sunspots since {spots.index[0].year}: "
    "cycles of unequal height. Below, the RMSE by years ahead.",
    rows=2,
    height=6,
    xlabel="years ahead",
)
above.plot(spots.iloc[:-100], color=plots.GREY)
above.plot(spots.iloc[-100:], **plots.style_of("true price"))
above.set(xlabel="year", ylabel="sunspot number,\nmean of the year")
plots.draw_bands(below, spots_shown)
below.set(ylabel="RMSE, sunspot number", xticks=range(1, 12))
below.set_ylim(bottom=0)
below.legend(loc="lower right", ncols=3)
# sphinx_gallery_start_ignore
middle = [f"{n} {np.median(e, 0)[4]:.0f}" for n, e in spots_shown.items()]
plots.describe(
    fig,
    f"Five years ahead: {', '.join(middle)}. The highest year of the counts "
    f"is at {spots.max():.0f}.",
)
# sphinx_gallery_end_ignore

# %%
# Now the order is another. The one number that did so well on carbon dioxide
# does harm here, and so does Holt-Winters. If this year has more spots than
# the one eleven years before, the cycle may only be early; half a cycle on, an
# early cycle has *fewer*. Holt-Winters does most harm there, in the middle;
# the one number does as much again at the end.
#
# The autoregression gains a little. The LSTM could use the same twenty-two
# years, but there are few windows, and the validation lets it train for no
# longer than it prints above. It ends close to the seasonal rule. To predict
# zero would come to nearly that, too, since the mean change is small.
#
# A hundred years are nine cycles. That is few, and the forecasts from
# neighbouring origins share most of their targets. What holds for these nine
# need not hold for the next.
#
# What to remember
# ----------------
#
# - Skill is shown, not assumed: against the simple rule of the field, at each
#   horizon, over several seeds.
# - Choose the rule with care. On a series that rises, *like last year* is easy
#   to beat; *like last year, and as much more* is the rule to beat.
# - Fit everything on the years before the test, scaling and the number of
#   epochs too, or refit it at each origin. Say which.
# - On a few hundred values of one series, a classical model is hard to beat.
#   Networks have done better where they learn from many series at once.
# - A model that did well on one season says little about the next.
#
# Windows and differences are taught in :doc:`/learn/time_series`.
#
# **Sources.** The data come with statsmodels: carbon dioxide by Keeling and
# Whorf of the Scripps Institution, sunspots by the United States' National
# Geophysical Data Center. Winters (1960), *Forecasting sales by exponentially
# weighted moving averages*, Management Science 6(3). Yule (1927), *On a method
# of investigating periodicities in disturbed series, with special reference to
# Wolfer's sunspot numbers*, Philosophical Transactions of the Royal Society A
# 226, the first autoregression. Makridakis, Spiliotis and Assimakopoulos
# (2018), *Statistical and machine learning forecasting methods: concerns and
# ways forward*, PLoS ONE 13(3). Hewamalage, Bergmeir and Bandara (2021),
# *Recurrent neural networks for time series forecasting*, International
# Journal of Forecasting 37(1), arXiv:1909.00590, on many series at once.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
