"""
Predicting the change, not the price
====================================

The networks of the source notebook are asked for tomorrow's price, and most of
what there is to learn is to repeat today's. Here the question is turned: a
small GRU sees ten *changes* of IBM's *High* and is asked for the next change.
Whoever answers zero has said *as yesterday*, the forecast that those networks
lose to. Whatever is learnt comes on top.

Yesterday's price is still the one to beat. Two numbers fitted to yesterday's
*Close* and *High* try as well, with no network at all. Should somebody win,
two more questions are due: is it more than luck, and is it money?
"""

# %%
# The same days, written in two ways
# ----------------------------------
#
# We cut windows of eleven days. The last ten prices of each make the first
# question: *what is the next price?* The ten changes between the eleven days
# make the second: *what is the next change?* The changes are divided by their
# usual size, which is their **standard deviation** in the training years.

# sphinx_gallery_thumbnail_number = 3
import numpy as np

import rnnedu

prices = rnnedu.load_ibm()
print(rnnedu.provenance_line(prices))
windows = rnnedu.make_windows(prices, column="High", lookback=11)
print(f"test year {windows.test_year}")
X, y, X_new = windows.X_train, windows.y_train, windows.X_test
change = y - X[:, -1, 0]
usual = change.std()
questions = {
    "prices": (X[:, 1:], y, X_new[:, 1:]),
    "changes": (
        np.diff(X, axis=1) / usual,
        change / usual,
        np.diff(X_new, axis=1) / usual,
    ),
}

# sphinx_gallery_start_ignore
for seen, answer, new in questions.values():
    assert seen.shape == (len(X), 10, 1) and new.shape == (len(X_new), 10, 1)
    assert answer.shape == (len(X),)
assert np.allclose(
    windows.to_dollars(X_new[:, -1, 0]),
    rnnedu.yesterdays_price(windows),
    atol=1e-3,
), "the last day of a window is yesterday"
# sphinx_gallery_end_ignore

# %%
# One network for both
# --------------------
#
# A GRU of 8 units, a weighted sum, five passes over the training windows.
# Both questions get the same network, the same training and the same seeds.

import keras

SEEDS = range(5)
layers = [keras.layers.GRU(8), keras.layers.Dense(1)]
model = keras.Sequential([keras.Input((10, 1)), *layers])
model.compile(keras.optimizers.Adam(0.005), loss="mean_squared_error")


def ask(seen, answer, new):
    """Answers after a training from each seed, ``(seeds, days)``."""
    said = []
    with rnnedu.native_loops(model):  # the same training in faster loops
        for seed in SEEDS:
            rnnedu.start_anew(model, seed)  # fresh weights
            model.fit(seen, answer, epochs=5, batch_size=128, verbose=0)
            said.append(np.asarray(model(new))[:, 0])
    return np.array(said)


# %%
# The answers are turned back into dollars: a price is unscaled, a change is
# unscaled and added to yesterday's price. The first row of the table is
# yesterday's price alone; the others sum up five seeds.

yesterday = rnnedu.yesterdays_price(windows)
a_dollar = windows.scaler.scale_[0]  # how much a dollar is after scaling
price = [windows.to_dollars(said) for said in ask(*questions["prices"])]
announced = ask(*questions["changes"]) * usual / a_dollar
runs = {}
for seed in SEEDS:
    runs[f"GRU on prices, seed {seed}"] = 0 * yesterday + price[seed]
    runs[f"GRU on changes, seed {seed}"] = yesterday + announced[seed]

scores = rnnedu.score_table(windows, runs)
of_seeds = scores.groupby(lambda row: row.split(", seed")[0], sort=False)
summary = of_seeds["RMSE"].agg(["mean", "min", "max"]).add_prefix("RMSE, ")
summary["skill, mean"] = of_seeds["skill"].mean()
# sphinx_gallery_start_ignore
skills = {name: group["skill"] for name, group in of_seeds}
assert skills["GRU on prices"].max() < 0, "the page says that every seed loses"
assert all(each.shape == yesterday.shape for each in price), "a price a day"
assert skills["GRU on changes"].abs().max() < 0.05, "it says: hardly differ"
# sphinx_gallery_end_ignore

summary.round(3)

# %%
# Drawn, with a dot for each seed:

import matplotlib.pyplot as plt

from rnnedu import plots

plt.rcParams.update(plots.LOOK | {"date.converter": "concise"})
base = scores["RMSE"].iloc[0]
asked = [name for name, _ in of_seeds][1:]

fig, ax = plt.subplots(figsize=(7.5, 2.4))
for row, name in enumerate(asked):
    dots = of_seeds.get_group(name)["RMSE"]
    ax.plot(dots, row + np.linspace(-0.2, 0.2, 5), "o", color="#d55e00")
ax.axvline(base, **plots.STYLES["yesterday's price"])
ax.set_yticks(range(2), asked)
ax.set(xlabel="RMSE in dollars (dotted: yesterday's price)", ylim=(1.5, -0.5))
off = of_seeds.get_group("GRU on changes")["skill"].abs().max()
ax.set_title(
    f"On changes, all seeds are within {off:.1%} of yesterday's price"
)

# sphinx_gallery_start_ignore
fig.set_label(
    "RMSE in dollars, a dot a seed, and a dotted line at yesterday's price, "
    f"{base:.2f}: "
    + "; ".join(
        f"{name} {each.min():.2f} to {each.max():.2f}"
        for name, each in of_seeds["RMSE"]
        if name in asked
    )
    + "."
)
# sphinx_gallery_end_ignore

# %%
# Asked for prices, the network loses with every seed: in so few passes it has
# not even learnt to copy. Asked for changes it need not learn that, and ends
# beside yesterday's price, with hardly a difference. That is the better
# question. It is not yet knowledge of tomorrow.
#
# Two numbers
# -----------
#
# The network saw *High* alone. Yesterday's *Close* is known as well, and it is
# the later price of the two: the High came up some time during the day, the
# Close ended it. So the **gap** between them, Close less High, might say where
# the next High will be. A number to multiply it by and a number to add are
# fitted by **least squares**: they have the smallest sum of squared errors in
# the training years.

import pandas as pd

close, high = prices["Close"], prices["High"]
gap = (close - high).shift(1)  # known the evening before
past, days = windows.train.index[1:], windows.test.index


def two_numbers(price):
    """Fit the change of a price to the gap, and forecast the test year."""
    A = np.c_[gap[past], np.ones(len(past))]
    a, b = np.linalg.lstsq(A, price.diff()[past], rcond=None)[0]
    print(f"change of {price.name} = {a:.2f} · gap {b:+.2f} dollars")
    return price.shift(1)[days] + a * gap[days] + b


fitted = two_numbers(high)

# %%
# A cent of gap moves the forecast by most of a cent. So why not leave
# yesterday's High aside? Start from yesterday's Close, and add how far above
# it the next High was in the training years, on average. That is one number, a
# mean. We score both, with the five GRUs' mean forecasts beside them.

later = (high - close.shift(1))[past].mean()
print(f"from a Close to the next High: {later:+.2f} dollars on average")

five = {
    name: pd.concat([runs[f"{name}, seed {k}"] for k in range(5)], axis=1)
    for name in asked
}
rivals = {
    "yesterday's Close, moved": close.shift(1)[days] + later,
    "two numbers": fitted,
    "GRU on changes": five["GRU on changes"].mean(axis=1),
    "GRU on prices": five["GRU on prices"].mean(axis=1),
}
scores = rnnedu.score_table(windows, rivals)
# sphinx_gallery_start_ignore
a = np.polyfit(gap[past], high.diff()[past], 1)[0]
assert 0.5 < a < 1, "the page says: most of a cent"
skill = scores["skill"]
assert 0.03 < skill["two numbers"] < 0.2, "it says: a little, but there"
assert 0.03 < skill["yesterday's Close, moved"] < 0.2
assert skill["GRU on changes"] < skill["two numbers"] / 2
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

from scipy import stats


def p_value(truth, forecast, baseline, lags):
    gain = (baseline - truth) ** 2 - (forecast - truth) ** 2
    n, apart = len(gain), (gain - gain.mean()).to_numpy()
    variance = apart @ apart / n
    for k in range(1, lags + 1):
        shared = apart[k:] @ apart[:-k] / n
        variance += 2 * (1 - k / (lags + 1)) * shared
    t = gain.mean() / np.sqrt(variance / n) * np.sqrt((n - 1) / n)
    return 2 * stats.t.sf(abs(t), n - 1)


# %%
# We print the p-value of independent days and the one with 20 days of
# autocovariances, a month of trading, and go by the larger of the two.


def both_p(truth, forecast, baseline):
    return [p_value(truth, forecast, baseline, lags) for lags in (0, 20)]


tested = pd.DataFrame(
    {name: both_p(windows.test, f, yesterday) for name, f in rivals.items()},
    index=["p, independent", "p, 20 days"],
).T
tested.insert(0, "skill", scores["skill"])
print(tested.map(lambda x: "< 0.001" if 0 <= x < 0.001 else f"{x:.3f}"))

sharper = rivals["yesterday's Close, moved"]
p = max(both_p(windows.test, fitted, sharper))
print(f"\ntwo numbers against yesterday's Close, moved: p = {p:.2f}")

# sphinx_gallery_start_ignore
larger = tested.iloc[:, 1:].max(axis=1)
assert larger["two numbers"] < 0.01, "the page says: more than luck"
assert larger["yesterday's Close, moved"] < 0.01
assert larger["GRU on changes"] > 0.05, "it says: cannot be told from chance"
assert larger["GRU on prices"] < 0.01, "it says: its loss is no bad luck"
assert p > 0.05, "the page says: no better than the Close, moved"
assert abs(rnnedu.skill(windows.test, fitted, sharper)) < 0.03
# sphinx_gallery_end_ignore

# %%
# The skill of the two numbers is small, and more than luck. What the GRU on
# changes gains or loses cannot be told from chance, and the GRU on prices did
# not lose by bad luck. But see the last line: against yesterday's Close, moved
# by a constant, the two numbers cannot be told from chance either. Nothing
# shows that they see tomorrow. They mend a baseline that was stale:
# yesterday's High is an older price than yesterday's Close.
#
# Does the gain come from a few lucky days? We add it up over the year.

gains = pd.DataFrame(
    {
        name: (yesterday - windows.test) ** 2 - (f - windows.test) ** 2
        for name, f in rivals.items()
        if name != "GRU on prices"
    }
)
months = gains["two numbers"].groupby(days.month).sum()
up = int((months > 0).sum())

fig, ax = plt.subplots(figsize=(7.5, 3.2))
looks = [{"color": "#e69f00", "ls": "--"}, {"color": "#0072b2"}]
looks.append(plots.STYLES["GRU"])
for name, look in zip(gains, looks, strict=True):
    ax.plot(gains[name].cumsum(), label=name, **look)
ax.axhline(0, **plots.STYLES["yesterday's price"])
ax.set(xlabel="day", ylabel="squared error saved\nso far, dollars²")
ax.legend()
ax.set_title(f"The two numbers gain in {up} of {len(months)} months")

# sphinx_gallery_start_ignore
assert up > len(months) / 2, "the page says: most of the year"
best_five = gains["two numbers"].nlargest(5).sum()
assert best_five > 0.25 * gains["two numbers"].sum(), "it says: a good part"
sums = gains.sum()
fig.set_label(
    "Squared error saved against yesterday's price, added up over the test "
    f"year: two numbers reach {sums['two numbers']:.0f} square dollars, "
    f"yesterday's Close moved {sums.iloc[0]:.0f}, the GRU on changes "
    f"{sums['GRU on changes']:.0f}; the two numbers gain in {up} of "
    f"{len(months)} months."
)
# sphinx_gallery_end_ignore

# %%
# Most months of the year add to it. And the few best days?

daily = gains["two numbers"].sort_values(ascending=False)
print(f"all days: {daily.sum():.0f} square dollars saved")
print(f"without the best five: {daily.iloc[5:].sum():.0f}")

# %%
# One year is not much, and five days are a good part of it.
#
# Is it money?
# ------------
#
# Nobody can buy at yesterday's High. In the evening the Close is the price
# there is, so what a buyer must know is tomorrow's *Close*. The same two
# numbers, fitted to it on the same years:

closes = rnnedu.make_windows(prices, column="Close", lookback=11)
of_close = two_numbers(close)
scores = rnnedu.score_table(closes, {"two numbers": of_close})
p = max(both_p(closes.test, of_close, rnnedu.yesterdays_price(closes)))
print(f"p = {p:.2f}")

# sphinx_gallery_start_ignore
assert scores.loc["two numbers", "skill"] < 0.02, "the page says: nothing"
assert p > 0.05, "the page says: nothing"
# sphinx_gallery_end_ignore

scores.round(3)

# %%
# Nothing that could be told from chance. Here are the test days in five groups
# of about equal size, from the widest gap to the narrowest, with the mean
# change that followed. The bars are two **standard errors** each way: chance
# alone seldom moves a mean further, though among ten means it may once. Look
# for a slope, not for a single bar.

groups = pd.qcut(gap[days], 5, labels=False)
place = gap[days].groupby(groups).mean()
fig, axes = plt.subplots(1, 2, sharey=True, figsize=(7.5, 3.4))
known = []
for ax, price in zip(axes, (high, close), strict=True):
    change = price.diff()[days]
    mean, error = change.groupby(groups).mean(), change.groupby(groups).sem()
    ax.errorbar(place, mean, 2 * error, fmt="o-", color="#0072b2", capsize=3)
    ax.axhline(0, **plots.STYLES["yesterday's price"])
    ax.set_xlabel("Close less High of the day before, dollars")
    ax.set_ylabel(f"change of {price.name}, dollars")
    known.append(gap[days].corr(change))
fig.suptitle(
    f"The gap tells of the next High (correlation {known[0]:.2f}), "
    f"not of the next Close ({known[1]:.2f})",
    **{"x": 0.01, "ha": "left", "size": "medium", "weight": "bold"},
)

# sphinx_gallery_start_ignore
assert known[0] > 0.3 and abs(known[1]) < 0.15, "the title says so"
fig.set_label(
    "Mean change from the day before against the gap between the Close and "
    "the High of the day before, in five groups of days. The change of High "
    f"rises with the gap, with a correlation of {known[0]:.2f} over days; the "
    f"change of Close does not, with {known[1]:.2f}."
)
# sphinx_gallery_end_ignore

# %%
# And a buyer who tries? He buys at the Close on evenings when the two numbers
# announce a better High than they did on half of all training evenings, and
# sells at the next Close. No fee is taken.

good = gap[days] > gap[past].median()
earned = close.diff()[days]
for name, group in (("on his", earned[good]), ("on the other", earned[~good])):
    print(
        f"{name} {len(group)} evenings: {group.mean():+.3f} dollars a share,"
        f" standard error {group.sem():.3f}"
    )
p = stats.ttest_ind(earned[good], earned[~good], equal_var=False).pvalue
print(f"chance would part them as far in {p:.0%} of cases")

# sphinx_gallery_start_ignore
assert p > 0.05, "the page says: no more than chance"
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
