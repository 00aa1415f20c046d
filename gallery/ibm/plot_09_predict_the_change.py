"""
Predicting the change, not the price
====================================

The networks of the source notebook are asked for tomorrow's price, and most of
what there is to learn is to repeat today's. Here the question is turned: a
small GRU sees ten *changes* of IBM's *High* and predicts the next change. A
prediction of zero is *as yesterday*, the forecast that those networks lose to:
persistence. Whatever is learnt comes on top.

Persistence is still the one to beat. A linear model of yesterday's *Close* and
*High* tries as well, with no network at all. Should one of them win, two more
questions are due: is it more than luck, and is it money?
"""

# %%
# The same days, written in two ways
# ----------------------------------
#
# We cut windows of eleven days. The last ten prices of each make the first
# task: *what is the next price?* The ten changes between the eleven days
# make the second: *what is the next change?* The changes are divided by their
# usual size, which is their **standard deviation** in the training years.

# sphinx_gallery_thumbnail_number = 3
import numpy as np

import rnnedu

prices = rnnedu.load_ibm()
print(rnnedu.describe_source(prices))
windows = rnnedu.make_windows(prices, column="High", lookback=11)
print(f"test year {windows.test_year}")
X, y, X_new = windows.X_train, windows.y_train, windows.X_test
next_change = y - X[:, -1, 0]
usual = next_change.std()
tasks = {
    "prices": (X[:, 1:], y, X_new[:, 1:]),
    "changes": (
        np.diff(X, axis=1) / usual,
        next_change / usual,
        np.diff(X_new, axis=1) / usual,
    ),
}

# sphinx_gallery_start_ignore
for inputs, targets, new in tasks.values():
    assert inputs.shape == (len(X), 10, 1) and new.shape == (len(X_new), 10, 1)
    assert targets.shape == (len(X),)
assert np.allclose(
    windows.inverse_scale(X_new[:, -1, 0]),
    rnnedu.persistence_forecast(windows),
    atol=1e-3,
), "the last day of a window is yesterday"
# sphinx_gallery_end_ignore

# %%
# One network for both
# --------------------
#
# A GRU of 8 units, a weighted sum, five passes over the training windows.
# Both tasks get the same network, the same training and the same five seeds.

import keras

layers = [keras.layers.GRU(8), keras.layers.Dense(1)]
model = keras.Sequential([keras.Input((10, 1)), *layers])
model.compile(keras.optimizers.Adam(0.005), loss="mean_squared_error")


def predict_by_seed(X, y, X_new):
    """Train from five seeds; return predictions ``(seeds, days)``."""
    networks, _ = rnnedu.fit_seeds(model, X, y, epochs=5, batch_size=128)
    return np.array([np.asarray(each(X_new))[:, 0] for each in networks])


# %%
# The predictions are turned back into dollars: a price is unscaled, a change
# is unscaled and added to yesterday's price. The first row of the table is
# persistence, yesterday's price alone; the others sum up five seeds.

import pandas as pd

truth, yesterday = windows.test_prices, rnnedu.persistence_forecast(windows)
scaled = predict_by_seed(*tasks["prices"])
changes = predict_by_seed(*tasks["changes"]) * usual
runs = {
    "GRU on prices": windows.inverse_scale(scaled),
    "GRU on changes": yesterday.array + changes / windows.scaler.scale_[0],
}
base = rnnedu.rmse(truth, yesterday)
errors = {
    name: [rnnedu.rmse(truth, forecast) for forecast in forecasts]
    for name, forecasts in runs.items()
}
by_seed = pd.DataFrame({"persistence": base} | errors)
summary = by_seed.agg(["mean", "min", "max"]).T.add_prefix("RMSE, ")
summary["skill, mean"] = 1 - summary["RMSE, mean"] / base
# sphinx_gallery_start_ignore
skills = 1 - by_seed / base
assert skills["GRU on prices"].max() < 0, "the page says that every seed loses"
assert all(each.shape == (5, len(truth)) for each in runs.values())
assert skills["GRU on changes"].abs().max() < 0.05, "it says: hardly differ"
# sphinx_gallery_end_ignore

summary.round(3)

# %%
# Here is a dot for each seed.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.style.use(plots.STYLE)
off = (1 - by_seed["GRU on changes"] / base).abs().max()

fig, ax = plots.figure(
    f"On changes, all seeds are within {off:.1%} of persistence",
    alt="RMSE in dollars, a dot per seed, a row per task.",
    height=2.4,
    xlabel="RMSE in dollars (dotted: persistence)",
)
plots.draw_runs(ax, errors, unit="dollars")
plots.draw_baseline(ax, base, vertical=True)

# sphinx_gallery_start_ignore
ranges = [f"{n} {min(e):.2f} to {max(e):.2f}" for n, e in errors.items()]
plots.describe(fig, f"Ranges of the rows: {'; '.join(ranges)}.")
# sphinx_gallery_end_ignore

# %%
# Trained on prices, the network loses with every seed: in so few passes it has
# not even learnt to copy. Trained on changes it need not learn that, and ends
# beside persistence, with hardly a difference. That is the better task. It is
# not yet knowledge of tomorrow.
#
# A linear model
# --------------
#
# The network saw *High* alone. Yesterday's *Close* is known as well, and it is
# the later price of the two: the High came up some time during the day, the
# Close ended it. So the **gap** between them, Close minus High, might say
# where the next High will be. A number to multiply it by and a number to add
# are fitted by **least squares**: they have the smallest sum of squared errors
# in the training years.

close, high = prices["Close"], prices["High"]
gap = (close - high).shift(1)  # known the evening before
past, days = windows.train_prices.index[1:], windows.test_prices.index


def linear_forecast(price):
    """Fit the change of a price to the gap, and forecast the test year."""
    A = np.c_[gap[past], np.ones(len(past))]
    a, b = np.linalg.lstsq(A, price.diff()[past], rcond=None)[0]
    print(f"change of {price.name} = {a:.2f} · gap {b:+.2f} dollars")
    return price.shift(1)[days] + a * gap[days] + b


fitted = linear_forecast(high)

# %%
# A cent of gap moves the forecast by most of a cent. So why not leave
# yesterday's High aside? Start from yesterday's Close, and add how far above
# it the next High was in the training years, on average. That is one number, a
# mean. We score both, with the five GRUs' mean forecasts beside them.

later = (high - close.shift(1))[past].mean()
print(f"from a Close to the next High: {later:+.2f} dollars on average")

rivals = {
    "yesterday's Close, moved": close.shift(1)[days] + later,
    "linear model": fitted,
}
for name in ("GRU on changes", "GRU on prices"):
    rivals[name] = pd.Series(runs[name].mean(axis=0), days)
scores = rnnedu.score_table(windows, rivals)
# sphinx_gallery_start_ignore
slope = np.polyfit(gap[past], high.diff()[past], 1)[0]
assert 0.5 < slope < 1, "the page says: most of a cent"
skill = scores["skill"]
assert 0.03 < skill["linear model"] < 0.2, "it says: a little, but there"
assert 0.03 < skill["yesterday's Close, moved"] < 0.2
assert skill["GRU on changes"] < skill["linear model"] / 2
# sphinx_gallery_end_ignore

scores.round(3)

# %%
# More than luck?
# ---------------
#
# A skill is measured on days that happened once. The **Diebold-Mariano test**
# takes the gain of each day, the baseline's squared error less the forecast's,
# and asks how often chance alone would bring a mean gain so far from zero.
# That share is the **p-value**: a small one speaks against chance.
#
# Gains of neighbouring days may go together; then the days count for fewer
# than they are, and a test that takes them as independent gives too small a p.
# So the variance of the mean gets the **autocovariances** of the gains added,
# how much a gain shares with the one of 1, 2, 3 and more days before, with
# weights that fall to nothing. Harvey, Leybourne and Newbold's correction for
# short series comes last.
#
# ``diebold_mariano`` does all this. We print its p-value for independent days
# and the one with 20 days of autocovariances, a month of trading, and go by
# the larger of the two.


def p_values(truth, forecast, baseline):
    return [
        rnnedu.diebold_mariano(truth, forecast, baseline, lags=lags).p_value
        for lags in (0, 20)
    ]


tested = pd.DataFrame(
    {name: p_values(truth, each, yesterday) for name, each in rivals.items()},
    index=["p, independent", "p, 20 days"],
).T
tested.insert(0, "skill", scores["skill"])
print(tested.map(lambda x: "< 0.001" if 0 <= x < 0.001 else f"{x:.3f}"))

sharper = rivals["yesterday's Close, moved"]
p_sharper = max(p_values(truth, fitted, sharper))
print(f"\nlinear model against yesterday's Close, moved: p = {p_sharper:.2f}")

# sphinx_gallery_start_ignore
larger = tested.iloc[:, 1:].max(axis=1)
assert larger["linear model"] < 0.01, "the page says: more than luck"
assert larger["yesterday's Close, moved"] < 0.01
assert larger["GRU on changes"] > 0.05, "it says: cannot be told from chance"
assert larger["GRU on prices"] < 0.01, "it says: its loss is no bad luck"
assert p_sharper > 0.05, "the page says: no better than the Close, moved"
assert abs(rnnedu.skill(truth, fitted, sharper)) < 0.03
# sphinx_gallery_end_ignore

# %%
# The skill of the linear model is small, and more than luck. What the GRU on
# changes gains or loses cannot be told from chance, and the GRU on prices did
# not lose by bad luck. But see the last line: against yesterday's Close, moved
# by a constant, the linear model cannot be told from chance either. Nothing
# shows that it sees tomorrow. It corrects a baseline that was stale:
# yesterday's High is an older price than yesterday's Close.
#
# Does the gain come from a few lucky days? We add it up over the year.

gains = pd.DataFrame(
    {
        name: (yesterday - truth) ** 2 - (forecast - truth) ** 2
        for name, forecast in rivals.items()
        if name != "GRU on prices"
    }
)
months = gains["linear model"].groupby(days.month).sum()
up = int((months > 0).sum())

fig, ax = plots.figure(
    f"The linear model gains in {up} of {len(months)} months",
    alt="Squared error saved against persistence, added up over the year; "
    f"the linear model gains in {up} of {len(months)} months.",
    height=3.2,
    xlabel="day",
    ylabel="squared error saved\nso far, dollars²",
)
plots.draw_baseline(ax, 0)
plots.draw_lines(ax, gains.cumsum(), unit="dollars²")

# sphinx_gallery_start_ignore
assert up > len(months) / 2, "the page says: most of the year"
best_five = gains["linear model"].nlargest(5).sum()
assert best_five > 0.25 * gains["linear model"].sum(), "it says: a good part"
# sphinx_gallery_end_ignore

# %%
# Most months of the year add to it. And the few best days?

daily = gains["linear model"].sort_values(ascending=False)
print(f"all days: {daily.sum():.0f} square dollars saved")
print(f"without the best five: {daily.iloc[5:].sum():.0f}")

# %%
# One year is not much, and five days are a good part of it.
#
# Is it money?
# ------------
#
# Nobody can buy at yesterday's High. In the evening the Close is the price
# there is, so what a buyer must know is tomorrow's *Close*. Here is the same
# linear model, fitted to it on the same years.

closes = rnnedu.make_windows(prices, column="Close", lookback=11)
fitted_close = linear_forecast(close)
yesterday_close = rnnedu.persistence_forecast(closes)
p_close = max(p_values(closes.test_prices, fitted_close, yesterday_close))
print(f"p = {p_close:.2f}")
close_scores = rnnedu.score_table(closes, {"linear model": fitted_close})

# sphinx_gallery_start_ignore
assert close_scores.loc["linear model", "skill"] < 0.02, "it says: nothing"
assert p_close > 0.05, "the page says: nothing"
# sphinx_gallery_end_ignore

close_scores.round(3)

# %%
# Nothing that could be told from chance. Here are the test days in five groups
# of about equal size, from the widest gap to the narrowest, with the mean
# change that followed. The bars are two **standard errors** each way: chance
# alone seldom moves a mean further, though among ten means it may once. Look
# for a slope, not for a single bar.

groups = pd.qcut(gap[days], 5, labels=False)
place = gap[days].groupby(groups).mean()
moves = pd.DataFrame({"High": high, "Close": close}).diff().loc[days]
known = moves.corrwith(gap[days])

fig, axes = plots.figure(
    f"The gap tells of the next High (correlation {known['High']:.2f}), "
    f"not of the next Close ({known['Close']:.2f})",
    alt="Mean change from the day before, in five groups of days.",
    columns=2,
    xlabel="Close minus High of the day before, dollars",
    share="y",
)
for ax, name in zip(axes, moves, strict=True):
    of_group = moves[name].groupby(groups)
    ax.errorbar(
        place, of_group.mean(), 2 * of_group.sem(), fmt="o-", capsize=3
    )
    ax.axhline(0, **plots.style_of("persistence"))
    ax.set_ylabel(f"change of {name}, dollars")

# sphinx_gallery_start_ignore
assert known["High"] > 0.3 and abs(known["Close"]) < 0.15, "the title says so"
plots.describe(
    fig,
    "The groups are by the gap between the Close and the High of the day "
    "before. The change of High rises with the gap, with a correlation of "
    f"{known['High']:.2f} over days; the change of Close does not, with "
    f"{known['Close']:.2f}. Dotted lines mark persistence, a change of zero.",
)
# sphinx_gallery_end_ignore

# %%
# And a buyer who tries? He buys at the Close on evenings when the linear model
# forecasts a better High than it did on half of all training evenings, and
# sells at the next Close. No fee is taken.

from scipy import stats

good = gap[days] > gap[past].median()
earned = close.diff()[days]
for name, group in (("on his", earned[good]), ("on the other", earned[~good])):
    print(
        f"{name} {len(group)} evenings: {group.mean():+.3f} dollars a share,"
        f" standard error {group.sem():.3f}"
    )
p_earned = stats.ttest_ind(earned[good], earned[~good], equal_var=False).pvalue
print(f"chance would part them as far in {p_earned:.0%} of cases")

# sphinx_gallery_start_ignore
assert p_earned > 0.05, "the page says: no more than chance"
# sphinx_gallery_end_ignore

# %%
# His evenings and the others differ by no more than chance would make them.
# One year of one rule cannot rule out a profit; it shows none. **A skill for
# the High is not yet a profit.**
#
# What to remember
# ----------------
#
# - Ask for the change: then doing nothing is persistence, and a network that
#   has learnt nothing loses next to nothing.
# - When a forecast beats the baseline, ask first whether the baseline was
#   stale. A number made of later prices is a sharper one.
# - Test the gain, and let dependent days count for fewer. One test year is
#   still one year: :doc:`/learn/forecasting` walks through the others.
# - To know tomorrow's High a little better is not to know what to buy.
#
# The network here never saw the Close. What if it had?
# *Open, High, Low, Close and Volume* lets it.
#
# **Sources.** Diebold and Mariano (1995), *Comparing predictive accuracy*,
# Journal of Business & Economic Statistics 13(3); Harvey, Leybourne and
# Newbold (1997), *Testing the equality of prediction mean squared errors*,
# International Journal of Forecasting 13(2); Newey and West (1987),
# Econometrica 55(3), for the autocovariances; Fama (1970), *Efficient capital
# markets*, Journal of Finance 25(2), on how little past prices tell.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
