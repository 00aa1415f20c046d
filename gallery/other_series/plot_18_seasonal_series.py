"""
Seasonal series: a linear model is hard to beat
===============================================

*Level: intermediate. Time: 20 minutes.* The carbon dioxide in the air has a
yearly season, and the sunspots have a cycle of about eleven years. We forecast
one season ahead. *Finding*: a linear model beats the seasonal naive forecast
on both series, but after six epochs an LSTM does not beat the linear model.

At the end of each month, we forecast the carbon dioxide of the next 12 months.
At the end of each year, we forecast the sunspots of the next 11 years. The one
to beat is the **seasonal naive forecast**, which repeats the last season: the
forecast for next May is the value of last May. A good score is an RMSE (root
of the mean squared error) below that of the seasonal naive forecast and below
that of a linear model. Chapter :doc:`/learn/choosing` compares such models.
"""

# %%
# Two series
# ----------
#
# Both series come with the package statsmodels. The first is the carbon
# dioxide in the air on Mauna Loa, with a value for each week. We take the mean
# of each month. A month without a value gets the mean of the month before. The
# second series is the number of sunspots in each year. The end of each series
# is its test part: ten years of carbon dioxide, and a hundred years of
# sunspots, which are only nine cycles.

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
# Windows of three seasons
# ------------------------
#
# A stretch of four seasons begins at each month (carbon dioxide) or year
# (sunspots). Its first three seasons are the window, and its fourth season is
# the target. From all values of a stretch, we subtract the last value of its
# window. So the rising level of the carbon dioxide does no harm. Then we
# divide by the standard deviation of all training stretches.
#
# If the target of a stretch ends before the test part, the stretch is for
# training. If the whole target is in the test part, the stretch is for the
# test. The remaining ``season - 1`` targets cross the border and are left out.

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

train, test, scale = {}, {}, {}
for name, values in series.items():
    season = SEASON[name]
    stretches = sliding_window_view(values, 4 * season)
    stretches = stretches - stretches[:, [3 * season - 1]]
    first = len(stretches) - TEST[name]  # the first that is not for training
    scale[name] = stretches[:first].std()
    scaled = (stretches / scale[name]).astype("float32")
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
# A linear model predicts each value of the next season as a weighted sum of
# the values in the window. It is fast, so we can try windows of many lengths,
# from a quarter of a season to three seasons. If its RMSE is 9 and that of the
# seasonal naive forecast is 10, it saves one tenth of the error. This share is
# its **skill**. It is negative if the linear model has the larger RMSE.

from sklearn.linear_model import LinearRegression

LENGTHS = [0.25, 0.5, 0.75, 1, 1.5, 2, 3]  # in seasons
skills = {name: [] for name in series}
for name, season in SEASON.items():
    (X, y), (X_test, y_test) = train[name], test[name]
    naive = X_test[:, -season:].ravel()
    for length in LENGTHS:
        steps = round(length * season)
        linear = LinearRegression().fit(X[:, -steps:], y)
        forecast = linear.predict(X_test[:, -steps:]).ravel()
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
# season on, a longer window changes the skill much less. The linear model then
# saves more than half of the error for the carbon dioxide, and about a tenth
# for the sunspots. So the linear model is our second baseline. The figure uses
# the test part, so we must not choose the best length from it. But any length
# from one season on will do, and below we use two seasons.
#
# Enough gradient steps?
# ----------------------
#
# We give the same task to an LSTM with 16 units. One **update** of its weights
# is one gradient step on a batch of 32 windows. The sunspots have few windows,
# so one pass over all of them has only six updates. So we copy the training
# windows with ``np.tile``, 4 times (carbon dioxide) or 8 times (sunspots).
# Then an epoch has more than forty updates.

import keras

PASSES, EPOCHS = {"carbon dioxide": 4, "sunspots": 8}, 6
linears, networks, relative = {}, {}, {}
for name, season in SEASON.items():
    X, y = train[name][0][:, -2 * season :], train[name][1]
    linears[name] = LinearRegression().fit(X, y)
    linear_loss = ((linears[name].predict(X) - y) ** 2).mean()
    layers = [keras.layers.LSTM(16), keras.layers.Dense(season)]
    model = keras.Sequential([keras.Input((2 * season, 1)), *layers])
    model.compile(keras.optimizers.Adam(0.005), "mean_squared_error")
    X = np.tile(X[..., None], (PASSES[name], 1, 1))
    y = np.tile(y, (PASSES[name], 1))
    networks[name], history = rnnedu.fit_seeds(
        model, X, y, seeds=range(3), epochs=EPOCHS, batch_size=32
    )
    loss = history.pivot(index="seed", columns="epoch", values="loss")
    relative[name] = np.sqrt(loss / linear_loss)
    print(f"{name}: {EPOCHS * int(np.ceil(len(X) / 32))} updates in all")

# %%
# Were these updates enough? We divide the training error of the LSTM by the
# training error of the linear model on the same windows. (Keras measures the
# error of the LSTM during an epoch, while the weights still change.) In the
# figure, a line is the median of three seeds, and its band is their range.

fig, ax = plots.figure(
    "Training error of the LSTM: too high in the first epoch",
    alt="Training error of the LSTM by epoch, relative to the linear model.",
    xlabel="epoch (more than forty updates each)",
    ylabel="RMSE in training,\nlinear model = 1",
)
plots.draw_bands(ax, relative, of="seeds")
plots.draw_baseline(ax, 1, "the linear model")

# sphinx_gallery_start_ignore
air, spots = relative.values()
assert min(air[1].min(), spots[1].min()) > 1.2, "it says: well above at first"
assert 1 < air[EPOCHS].min() < air[EPOCHS].max() < 1.2, "a little above"
assert (air[EPOCHS] < air[EPOCHS - 1]).all() and spots[EPOCHS].max() < 0.97
assert -(-len(train["sunspots"][0]) // 32) == 6, "the page says: six"
# sphinx_gallery_end_ignore

# %%
# In the first epoch, the error of the LSTM is well above 1, the error of the
# linear model. This is too early to judge the LSTM. In the last epoch, the
# error is below 1 for the sunspots. For the carbon dioxide, it is a little
# above 1 and still falls slowly, so more updates could help there.
#
# The test
# --------
#
# The table has the RMSE over all test targets, in parts per million (ppm) of
# carbon dioxide or in sunspots. For the LSTM, *RMSE* is the median of three
# seeds, with the lowest and the highest seed beside it. The other models have
# one RMSE, so their columns are equal.

import pandas as pd

rows = {}
for name, season in SEASON.items():
    X, y = test[name][0][:, -2 * season :], test[name][1]
    models = {"seasonal naive": [X[:, -season:]]}
    models["linear model"] = [linears[name].predict(X)]
    models["LSTM"] = [np.asarray(f(X[..., None])) for f in networks[name]]
    for label, forecasts in models.items():
        mse = [((each - y) ** 2).mean() for each in forecasts]
        rmse = scale[name] * np.sqrt(mse)
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
# On the carbon dioxide, the LSTM is far more accurate than the seasonal naive
# forecast with each seed, but less accurate than the linear model. On the
# sunspots, it is less accurate than both, although its *training* error is
# below that of the linear model. One explanation is **overfitting**: the LSTM
# learns details of its few training windows, and these details do not occur
# again. So use the linear model, or train the network on many series
# (:doc:`/learn/winning`).
#
# Try it yourself
# ---------------
#
# - Set ``EPOCHS`` to 24. Does the LSTM beat the linear model on the carbon
#   dioxide now? Does its RMSE on the sunspots rise or fall?
# - Replace each ``2 * season`` by ``season``. Which RMSEs get lower?
#
# What to remember
# ----------------
#
# - Compare with the seasonal naive forecast and with a linear model.
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
