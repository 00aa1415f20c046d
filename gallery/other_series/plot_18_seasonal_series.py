"""
Seasonal series: a linear model is hard to beat
===============================================

*Level: intermediate. Time: 20 minutes.* Carbon dioxide has a yearly season,
sunspots a cycle of about eleven years. We forecast one season ahead.
*Finding*: a linear model beats the seasonal naive forecast on both series, but
an LSTM, even after hundreds of updates, does not beat the linear model.

At the end of each month, we forecast the carbon dioxide in the air for the
next 12 months. At the end of each year, we forecast the sunspots of the next
11 years. The one to beat is the **seasonal naive forecast**: it repeats the
last season. A good score is an RMSE below those of the seasonal naive forecast
and of a linear model. When to choose these models: :doc:`/learn/choosing`.
"""

# %%
# Two series
# ----------
#
# Both come with the package statsmodels. The carbon dioxide in the air on
# Mauna Loa has one value per week. We take the mean of each month; a month
# without a value repeats the month before. The other series is the number of
# sunspots in each year. We keep the end of each series for the test: ten years
# of carbon dioxide, and a hundred years of sunspots, with only nine cycles.

# sphinx_gallery_thumbnail_number = 1
import matplotlib.pyplot as plt
from statsmodels.datasets import co2, sunspots

import rnnedu
from rnnedu import plots

plt.style.use(plots.STYLE)
weekly = co2.load_pandas().data["co2"]
series = {
    "carbon dioxide": weekly.resample("MS").mean().ffill(),
    "sunspots": sunspots.load_pandas().data["SUNACTIVITY"],
}
SEASON = {"carbon dioxide": 12, "sunspots": 11}  # in months, in years
TEST = {"carbon dioxide": 120, "sunspots": 100}

# %%
# The season of the carbon dioxide returns in the same months of every year.
# The sunspots are less regular: a cycle may be early, late, high or low.
#
# Windows of three seasons
# ------------------------
#
# Each run of four seasons is split: the first three are the window, and the
# last one is the target. We subtract the last value of the window from all
# values of the run, so that the rising level of the carbon dioxide does no
# harm. This last value is known when the forecast is made. Then we divide by
# the standard deviation of the training runs. The training runs end before the
# test part. The target of the first test run begins with the test part.

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

train, test, scale = {}, {}, {}
for name, values in series.items():
    season = SEASON[name]
    runs = sliding_window_view(values, 4 * season)
    runs = runs - runs[:, [3 * season - 1]]
    first = len(runs) - TEST[name]
    scale[name] = runs[:first].std()
    scaled = (runs / scale[name]).astype("float32")
    train[name] = np.split(scaled[:first], [3 * season], axis=1)
    test[name] = np.split(scaled[first + season - 1 :], [3 * season], axis=1)
    print(f"{name}: windows {first} (training), {len(test[name][0])} (test)")

# sphinx_gallery_start_ignore
for name, values in series.items():
    end = values.iloc[-TEST[name] - 1 :].to_numpy()  # from the last known on
    y = test[name][1][0] * scale[name] + end[0]
    assert np.allclose(y, end[1 : SEASON[name] + 1], atol=0.01)
# sphinx_gallery_end_ignore

# %%
# How long must the window be?
# ----------------------------
#
# A linear model is fast, so we can try many lengths. It predicts each value of
# the next season as a weighted sum of the window. We fit it with the last
# quarter of a season, then with more, up to three seasons. If its RMSE is 9
# and the seasonal naive RMSE is 10, it saves one tenth: this is its **skill**.
# If the model's RMSE is the larger one, the skill is negative.

from sklearn.linear_model import LinearRegression

LENGTHS = [0.25, 0.5, 0.75, 1, 1.5, 2, 3]  # in seasons
skills = {name: [] for name in series}
for name, season in SEASON.items():
    (X, y), (X_test, y_test) = train[name], test[name]
    naive = X_test[:, -season:].ravel()
    for length in LENGTHS:
        steps = round(length * season)
        line = LinearRegression().fit(X[:, -steps:], y)
        forecast = line.predict(X_test[:, -steps:]).ravel()
        skills[name].append(rnnedu.skill(y_test.ravel(), forecast, naive))

# %%
# Above the dotted line, the linear model beats the seasonal naive forecast.

fig, ax = plots.figure(
    "Skill of a linear model: it needs about one season",
    alt="Skill of the linear model by length of the window, for both series.",
    xlabel="length of the window, in seasons",
    ylabel="skill against seasonal naive",
)
plots.draw_lines(ax, skills, LENGTHS)
plots.draw_baseline(ax, 0, "seasonal naive")

# sphinx_gallery_start_ignore
for skill in skills.values():
    assert skill[0] < 0 < min(skill[1:]), "the page says: loses, then wins"
    assert np.ptp(skill[3:]) < 0.1 < skill[3] - skill[0], "it says: much less"
assert min(skills["carbon dioxide"][3:]) > 0.5, "the page says: half"
assert 0.05 < min(skills["sunspots"][3:]) < max(skills["sunspots"]) < 0.15
# sphinx_gallery_end_ignore

# %%
# With a quarter of a season, the linear model loses on both series. From one
# season on, a longer window changes the skill much less. The model then saves
# more than half of the error for carbon dioxide, and about a tenth for the
# sunspots. Part of the success on carbon dioxide is easy: the seasonal naive
# forecast ignores that the level rises. So the linear model is our second
# baseline. The figure uses the test part, so it must not decide the length. It
# only shows why a short window fails. Below, each model gets a window of two
# seasons, so it can compare one season with the next.
#
# Enough gradient steps?
# ----------------------
#
# We give the same task to an LSTM with 16 units and a window of two seasons.
# One **update** is one gradient step on a batch of 32 windows. These series
# are short, so one pass over the windows has few updates: six for the
# sunspots. Even a few passes would hardly change the initial weights. So we
# count updates, and repeat the windows: below, one epoch is several passes.

import keras

PASSES, EPOCHS = {"carbon dioxide": 4, "sunspots": 8}, 6
lines, networks, relative = {}, {}, {}
for name, season in SEASON.items():
    X, y = train[name][0][:, -2 * season :], train[name][1]
    lines[name] = LinearRegression().fit(X, y)
    line_loss = ((lines[name].predict(X) - y) ** 2).mean()
    layers = [keras.layers.LSTM(16), keras.layers.Dense(season)]
    model = keras.Sequential([keras.Input((2 * season, 1)), *layers])
    model.compile(keras.optimizers.Adam(0.005), "mean_squared_error")
    X = np.tile(X[..., None], (PASSES[name], 1, 1))
    y = np.tile(y, (PASSES[name], 1))
    networks[name], history = rnnedu.fit_seeds(
        model, X, y, seeds=range(3), epochs=EPOCHS, batch_size=32
    )
    loss = history.pivot(index="seed", columns="epoch", values="loss")
    relative[name] = np.sqrt(loss / line_loss)
    print(f"{name}: {EPOCHS * int(np.ceil(len(X) / 32))} updates in all")

# %%
# The training error shows whether these updates were enough, without any test
# value. We divide it by the training error of the linear model on the same
# windows. A line is the median of three seeds, and its band is their range.

fig, ax = plots.figure(
    "Training error of the LSTM: too high in the first epoch",
    alt="Training error of the LSTM by epoch, relative to the linear model.",
    xlabel="epoch (some forty updates each)",
    ylabel="RMSE in training,\nlinear model = 1",
)
plots.draw_bands(ax, relative, of="seeds")
plots.draw_baseline(ax, 1, "the linear model")

# sphinx_gallery_start_ignore
air, spots = relative.values()
assert min(air[1].min(), spots[1].min()) > 1.2, "it says: well above at first"
assert 0.85 < air[EPOCHS].median() < 1.2 and spots[EPOCHS].max() < 0.97, "end"
assert -(-len(train["sunspots"][0]) // 32) == 6, "the page says: six"
# sphinx_gallery_end_ignore

# %%
# During the first epoch, the error of the LSTM is well above 1, the level of
# the linear model. This is too early to judge the LSTM. At the end, the error
# is near 1 for carbon dioxide and below 1 for sunspots.
#
# The test
# --------
#
# The RMSE is taken over all values of the next season, in parts per million
# (ppm) or in number of sunspots. For the LSTM, the table has the median, the
# lowest and the highest of three seeds. The other models have one RMSE, so
# their columns are equal. No model was fitted to the test part.

import pandas as pd

rows = {}
for name, season in SEASON.items():
    X, y = test[name]
    X = X[:, -2 * season :]
    models = {"seasonal naive": [X[:, -season:]]}
    models["linear model"] = [lines[name].predict(X)]
    models["LSTM"] = [np.asarray(f(X[..., None])) for f in networks[name]]
    for label, runs in models.items():
        rmse = [scale[name] * np.sqrt(((f - y) ** 2).mean()) for f in runs]
        rows[f"{name}: {label}"] = np.median(rmse), min(rmse), max(rmse)
table = pd.DataFrame(rows, index=["RMSE", "lowest", "highest"]).T

# sphinx_gallery_start_ignore
air, spots = table.iloc[:3].to_numpy(), table.iloc[3:].to_numpy()
for naive, line, lstm in (air, spots):
    assert line[0] < naive[0] and line[0] < lstm[1], "the page says: no seed"
assert air[2, 2] < 0.6 * air[0, 0] and spots[2, 1] > spots[0, 0]
# sphinx_gallery_end_ignore

table.round(2)

# %%
# On carbon dioxide, each seed of the LSTM beats the seasonal naive forecast by
# far, but the linear model is more accurate than each seed. On the sunspots,
# no seed beats even the seasonal naive forecast, although the *training* error
# of the LSTM was below that of the linear model. One explanation is
# **overfitting**: the LSTM learns details of its few training windows, and
# these details do not occur again. So use the linear model, or give the
# network more examples: train it on many series (:doc:`/learn/winning`).
#
# Try it yourself
# ---------------
#
# - Set ``EPOCHS`` to 2. Is the RMSE lower on the sunspots, and higher on
#   carbon dioxide? (If you choose ``EPOCHS`` by the test RMSE, this RMSE is no
#   longer an honest score.)
# - Replace each ``2 * season`` by ``season``. Which RMSEs get lower?
#
# What to remember
# ----------------
#
# - Compare with the seasonal naive forecast and with a linear model.
# - A linear model shows fast that a quarter of a season is too short here.
# - Count updates. Train longer if the training error of the network is far
#   above that of a linear model.
#
# **Sources.** Both series come with statsmodels: carbon dioxide by Keeling and
# Whorf, sunspots by the National Geophysical Data Center. Hewamalage, Bergmeir
# and Bandara (2021), *Recurrent neural networks for time series forecasting*,
# International Journal of Forecasting 37(1).

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
