"""
A laboratory for vanishing gradients
====================================

How much does the last output of a recurrent network still depend on an output
many days before? Where that has faded, learning so far back is hard. Nothing
is trained and no price is read here: we draw plain, LSTM and GRU cells at
random and measure that dependence, while we turn the size of their weights,
their bias and the days between.

The one to beat is a bound. In a plain cell no dependence can be larger than
the norm of its recurrent matrix to the power of the days between. We look at
what that promises, what it leaves open, and whether gated cells hold on where
a plain one must let go.
"""

# %%
# The measure
# -----------
#
# The derivative of the last output :math:`h_T` by an earlier one, :math:`h_t`,
# is a matrix with a row and a column for each unit. Its size is its **spectral
# norm**, the most by which it lengthens any vector. It is 1 for the last day
# itself. ``rnnedu.gradients`` goes back through a cell day by day and measures
# it. All of this is NumPy; no network library is needed.
#
# We draw each recurrent matrix :math:`U` with normal entries and divide it by
# its norm. Times a factor, that factor *is* the norm.

# sphinx_gallery_thumbnail_number = 4
import numpy as np

from rnnedu import cells, gradients

CELLS = {
    "plain": (cells.elman_step, "h", None),
    "LSTM": (cells.lstm_step, "ifgo", "f"),
    "GRU": (cells.gru_step, "zrn", "z"),
}


def draw(gates, norm, kept_by, bias, rng, units=32):
    U = {gate: rng.normal(size=(units, units)) for gate in gates}
    U = {gate: norm * u / np.linalg.norm(u, 2) for gate, u in U.items()}
    W = {g: rng.normal(size=(1, units)) / np.sqrt(units) for g in gates}
    b = {g: np.full(units, float(bias * (g == kept_by))) for g in gates}
    return cells.Weights(W, U, b, {})


# %%
# The last letter in ``CELLS`` names the gate that keeps the old state: the
# LSTM's **forget gate** and the GRU's **update gate**. Its bias is the second
# knob. All others are zero. The inputs are white noise, one number a day. Each
# draw has weights and inputs of its own, fixed by its number, so that the same
# draw can be compared at several settings.


def fade(cell, norm, bias=0.0, draws=6, days=100):
    """Dependence (draws, days), the last day first."""
    step, gates, kept_by = CELLS[cell]
    each = []
    for k in range(draws):
        rng = np.random.default_rng(k)
        weights = draw(gates, norm, kept_by, bias, rng)
        x = rng.normal(size=(days, 1))
        sizes = gradients.sensitivities(step, x, weights)["h"]
        each.append(sizes[::-1])
    return np.array(each)


# sphinx_gallery_start_ignore
trial = draw("h", 1.7, None, 0.0, np.random.default_rng(0)).U["h"]
assert np.isclose(np.linalg.norm(trial, 2), 1.7), "the factor is the norm"
assert np.allclose(fade("LSTM", 1.0, draws=2, days=5)[:, 0], 1)
# sphinx_gallery_end_ignore

# %%
# The plain cell and its bound
# ----------------------------
#
# Each day back multiplies by :math:`U` and by the derivative of the hyperbolic
# tangent, which is at most 1. So
#
# .. math::
#
#    \left\lVert \frac{\partial h_T}{\partial h_t} \right\rVert
#    \le \lVert U \rVert^{T-t}.

plain = {norm: fade("plain", norm) for norm in (0.8, 1.5, 4.0)}
end = {norm: np.median(each[:, -1]) for norm, each in plain.items()}
for norm in plain:
    print(f"norm {norm}, after 99 days: bound {norm**99:.0e}, ", end="")
    print(f"median of six draws {end[norm]:.0e}")

# sphinx_gallery_start_ignore
ago = np.arange(100)
for norm, each in plain.items():
    assert (each <= norm**ago * (1 + 1e-9)).all(), "the bound holds"
    assert (each[:, -1] < 1e-6 * norm**99).all(), "the page says: far from it"
assert end[0.8] < end[1.5] < 1e-3 < 1 < end[4.0], "the page says: it falls"
# sphinx_gallery_end_ignore

# %%
# The same in a figure. Thick lines are medians, bands reach from the smallest
# draw to the largest, thin lines are the bound.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.rcParams.update(plots.LOOK)
COLORS = ["#0072b2", "#009e73", "#e69f00", "#d55e00"]
LOOKS = list(zip(COLORS, ["-", "--", "-.", ":"], strict=True))
ago = np.arange(100)


def draw_fades(ax, fades, label):
    for (knob, each), (color, line) in zip(fades.items(), LOOKS, strict=False):
        low, high = each.min(axis=0), each.max(axis=0)
        ax.fill_between(ago, low, high, color=color, alpha=0.15)
        look = {"color": color, "linestyle": line, "linewidth": 2}
        ax.plot(ago, np.median(each, axis=0), **look, label=f"{label} {knob}")
    ax.set(yscale="log", xlabel="days ago")
    ax.invert_xaxis()


# %%

fig, ax = plt.subplots()
draw_fades(ax, plain, "norm")
for norm, color in zip(plain, COLORS[:3], strict=True):
    ax.plot(ago, norm**ago, color=color, lw=0.8, label=f"bound, {norm}")
ax.set(ylim=(1e-15, 1e15), ylabel="dependence of $h_T$ on $h_t$")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize="small")
ax.set_title(
    f"The bound lets norm 1.5 grow; the median fell to {end[1.5]:.0e}"
)

# sphinx_gallery_start_ignore
fig.set_label(
    "Dependence of the last output on each day before, on a logarithmic "
    "scale, for plain cells of three norms, with the bound of each as a thin "
    "line. All curves lie below their bounds, by far. Medians after 99 days: "
    + "; ".join(f"{v:.0e} at norm {norm}" for norm, v in end.items())
    + ". The first two fall, the third rises."
)
# sphinx_gallery_end_ignore

# %%
# No curve passes its bound. The bound is far from what happens, though. It
# allows a norm of one and a half to grow for ever, and the measured dependence
# falls.
#
# Which way the condition runs
# ----------------------------
#
# A norm *below* 1 is **sufficient** for vanishing: no inputs can prevent it. A
# norm *above* 1 is only **necessary** for exploding: without it there is no
# explosion, with it there may or may not be one. So the norm settles one side
# of the question and leaves the other open. How wide is the open part, for
# matrices such as ours? Here is the dependence after 60 days over the norm, a
# dot for each of eight draws.

norms = np.array([0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6])
after = np.array([fade("plain", n, draws=8, days=61)[:, 60] for n in norms])
all_fell = norms[(after < 0.01).all(axis=1)].max()
split = norms[(after > 1).any(axis=1) & (after < 1).any(axis=1)]
print("at these norms some draws grew and some shrank:", *split)

# %%

fig, ax = plt.subplots()
ax.axvspan(0.4, 1, color="#0072b2", alpha=0.08)
ax.text(0.42, 1e10, "must\nvanish", fontsize="small")
ax.plot(norms, after, "o", color=plots.INK, alpha=0.5, markersize=4)
ax.plot(norms, norms**60, color="#d55e00", label="bound: norm to the power 60")
ax.axhline(1, color=plots.INK, linestyle=":", linewidth=1)
ax.set(xscale="log", yscale="log", xlim=(0.4, 6.5), ylim=(1e-36, 1e16))
ax.set_xticks(norms, [f"{norm:g}" for norm in norms])
ax.minorticks_off()
ax.set(xlabel="norm of U", ylabel="dependence after 60 days")
ax.legend(loc="lower right")
ax.set_title(
    f"At a norm of {all_fell:g} all draws still vanish; "
    f"from {split.min():g} to {split.max():g} the draw decides"
)

# sphinx_gallery_start_ignore
assert all_fell > 1, "the page says that there is an open part"
for k in range(4):
    rng = np.random.default_rng(k)
    loose = draw("h", 0.9, None, 0.0, rng)
    U = {"h": 0.9 * np.linalg.qr(loose.U["h"])[0]}
    tight = cells.Weights(loose.W, U, loose.b, {})
    by_U = [
        gradients.sensitivities(cells.elman_step, trial_x, w)["h"][0]
        for trial_x in [rng.normal(size=(61, 1))]
        for w in (loose, tight)
    ]
    assert by_U[0] < by_U[1] <= 0.9**60, "orthogonal: closer to its bound"
assert (after[norms < 1] < 1).all(), "sufficient"
assert len(split) >= 2, "the page says: one norm, both fates"
assert (after <= norms[:, None] ** 60 * (1 + 1e-9)).all(), "the bound holds"
fig.set_label(
    "Dependence after 60 days over the norm of U, both on logarithmic scales, "
    "eight dots a norm, all below the line of the bound. Left of 1 they must "
    f"vanish. Up to a norm of {all_fell:g} all lie below a hundredth; from "
    f"{split.min():g} to {split.max():g} some lie above 1 and some below."
)
# sphinx_gallery_end_ignore

# %%
# Right of 1 there is a part where nothing has exploded, and then one where the
# draw decides: at the same norm some cells grow and some fade. These are
# results for normal matrices and for noise of this size. An orthogonal matrix
# lengthens all vectors alike and comes closer to its bound; Keras starts plain
# layers with one.
#
# Gates against the bound
# -----------------------
#
# Now all matrices of an LSTM and of a GRU get a norm just below 1. For a plain
# cell that would be the end: the thin line is its bound. But a gated cell
# carries its state past :math:`U`, multiplied by a gate. Where the bias holds
# the gate open, the state stays. (In the LSTM, we ask for the output
# :math:`h_t` with the memory of that day held. It reaches later days through
# the gates and the newly written value alone, hence the step down at once.)
#
# The table has the medians after 99 days, by bias.

import pandas as pd

NORM, biases = 0.9, (0, 1, 3, 5)
gated = {
    cell: {bias: fade(cell, NORM, bias) for bias in biases}
    for cell in ("LSTM", "GRU")
}
last = {
    cell: {bias: np.median(each[:, -1]) for bias, each in fades.items()}
    for cell, fades in gated.items()
}
pd.DataFrame({"plain, bound": NORM**99, **last}).map("{:.0e}".format)

# %%

fig, axes = plt.subplots(1, 2, figsize=(7.5, 3.8), sharey=True)
for ax, (cell, fades) in zip(axes, gated.items(), strict=True):
    draw_fades(ax, fades, "bias")
    ax.plot(ago, NORM**ago, color=plots.INK, linewidth=1, label="plain bound")
    ax.set(ylim=(1e-15, 1e3))
    beat = min(b for b, value in last[cell].items() if value > NORM**99)
    ax.set_title(f"{cell}: bias {beat} beats the bound of {NORM}")
axes[0].set_ylabel("dependence of $h_T$ on $h_t$")
axes[1].legend(loc="lower right", fontsize="small")

# sphinx_gallery_start_ignore
fig.set_label(
    "Two panels, LSTM and GRU: dependence on each day before, on a "
    "logarithmic scale, for four biases, beside the falling line of the plain "
    "cell's bound. After 99 days, at biases 0, 1, 3 and 5: "
    + "; ".join(
        cell + " " + ", ".join(f"{v:.0e}" for v in each.values())
        for cell, each in last.items()
    )
    + f". The bound is {NORM**99:.0e}."
)
assert last["LSTM"][1] < NORM**99 < last["LSTM"][3] < last["LSTM"][5]
assert last["GRU"][1] < NORM**99 < last["GRU"][3] < last["GRU"][5]
assert last["LSTM"][0] < last["LSTM"][1] and last["GRU"][0] < last["GRU"][1]
assert gated["LSTM"][5][:, -1].min() > 1, "the page says that the LSTM grows"
assert gated["GRU"][5].max() < 1 + 1e-9, "the page says: at 1 or below"
for fades in gated.values():
    assert fades[0][:, -1].max() < NORM**99, "the page says: lose more"
# sphinx_gallery_end_ignore

# %%
# With the bias at zero both gated cells end far below the plain cell's bound:
# gates alone do not beat it. With a large bias both beat it, and they differ.
# The LSTM's dependence *grows* beyond 1, with every norm below 1. Its memory
# keeps what it has and adds to it each day; nothing ties what is written to
# what is kept. The GRU writes what its update gate does not keep. The more it
# keeps, the closer a day's factor comes to doing nothing, and here it stays at
# 1 or below.
#
# The third knob is the distance. A table says what the first of the last 10,
# 30 or 100 days still counts at the end: the median of the draws, and their
# range.

rows = {}
cases = {"plain": {"none": fade("plain", NORM)}, **gated}
for cell, fades in cases.items():
    for bias, each in fades.items():
        row = rows[cell, bias] = {}
        for days in (10, 30, 100):
            at = each[:, days - 1]
            spread = f"({at.min():.0e} to {at.max():.0e})"
            row[f"{days} days"] = f"{np.median(at):.0e} {spread}"
pd.DataFrame(rows).T.rename_axis(["cell", "bias"])

# %%
# A map of memory
# ---------------
#
# Last, the two other knobs at once. For each norm and bias: how many days can
# one go back until the dependence first falls below a hundredth? Sequences
# have 100 days, so 100 means: not once. We take the median of four draws.


def days_above(each, level=0.01):
    below = each < level
    return np.where(below.any(-1), below.argmax(-1), each.shape[-1])


norms, biases = (0.25, 0.5, 1, 2, 4), (0, 1, 2, 3, 4, 5)
spans, grown = {}, {}
for cell in CELLS:
    knob = (0,) if cell == "plain" else biases
    each = np.array([[fade(cell, n, b, draws=4) for b in knob] for n in norms])
    spans[cell] = days_above(each)  # (norms, biases, draws)
    grown[cell] = np.median(each.max(axis=-1), axis=-1) > 10

for cell, each in spans.items():
    widest = np.ptp(each, axis=-1).max()
    print(f"{cell:<5} days between draws of one setting, at most: {widest}")

# %%
# The first row of the map has no matrix in it. It is what the gate's bias
# alone would do, :math:`\sigma(b)^{\,k}` after :math:`k` days (:math:`\sigma`,
# the sigmoid, makes a factor between 0 and 1 of any number). A plus says
# that the dependence also rose above ten somewhere on the way.

alone = [days_above(cells.sigmoid(float(b)) ** ago) for b in biases]


def draw_map(ax, days, grown):
    ax.imshow(days, cmap="Blues", vmin=0, vmax=130, aspect="auto")
    for (row, column), value in np.ndenumerate(days):
        color = "white" if value > 75 else plots.INK
        plus = "+" if grown[row, column] else ""
        text = "" if np.isnan(value) else f"{value:.0f}{plus}"
        ax.text(column, row, text, color=color, ha="center", va="center")
    ax.axhline(0.5, color="white", linewidth=5)
    ax.grid(visible=False)
    ax.set(xticks=[], yticks=[])


# %%

middle = {cell: np.median(each, axis=-1) for cell, each in spans.items()}
full = np.concatenate([middle["LSTM"], middle["GRU"]]) >= 100

fig, axes = plt.subplots(1, 3, figsize=(7.5, 3.6), width_ratios=(1, 6, 6))
for ax, (cell, days) in zip(axes, middle.items(), strict=True):
    first = [np.nan] if cell == "plain" else alone
    grew = np.pad(grown[cell], [(1, 0), (0, 0)])  # no plus in the first row
    draw_map(ax, np.vstack([first, days]), grew)
    ax.set_title(cell)
axes[0].set_yticks(range(6), ["gate alone", *norms])
axes[0].set(xlabel="no bias", ylabel="norm of U")
axes[1].set_xticks(range(6), biases)
axes[2].set_xticks(range(6), biases)
axes[1].set_xlabel("forget bias")
axes[2].set_xlabel("update bias")
fig.suptitle(
    f"With a bias of {biases[full.all(axis=0).argmax()]} or more, an LSTM or "
    "GRU reaches back 100 days at any norm here",
    **{"x": 0.01, "ha": "left", "fontsize": "medium", "fontweight": "bold"},
)

# sphinx_gallery_start_ignore
assert full.all(axis=0).any(), "the title says that some bias is enough"
assert full[:, full.all(axis=0).argmax() :].all(), "and every larger one"
for cell in ("LSTM", "GRU"):
    assert (np.diff(middle[cell], axis=0) >= 0).all(), "longer with the norm"
    assert (np.diff(middle[cell], axis=1) >= 0).all(), "longer with the bias"
assert middle["plain"].min() < 5 and middle["plain"].max() == 100
assert grown["LSTM"].sum() > grown["GRU"].sum() == 0, "no plus in the GRU"
assert not grown["LSTM"][:3].any(), "a plus only where the norm is large"
for cell in ("LSTM", "GRU"):
    assert np.ptp(spans[cell], axis=-1).max() > 20, "the ranges are wide"
fig.set_label(
    "Three heat maps of the days above a hundredth, medians of the draws. "
    "Plain cell, by rising norm: "
    + ", ".join(f"{days:.0f}" for days in middle["plain"][:, 0])
    + ". LSTM and GRU grow darker to the right, with the bias, and downwards, "
    f"with the norm; {int(full[:5].sum())} and {int(full[5:].sum())} of 30 "
    "fields reach all 100 days."
)
# sphinx_gallery_end_ignore

# %%
# Each knob can make up for the other. At the smallest norm the GRU does nearly
# what its gate would do alone. In the LSTM the output has first to get into
# the memory, which costs some days. At the largest norm the bias matters
# little, and a plain cell does as well. The pluses show at what price: they
# stand where the norm is large, and none is in the GRU's map. And the ranges
# printed above the map are wide for the gated cells. One draw is an anecdote
# here too.
#
# What to remember
# ----------------
#
# - A norm below 1 makes a plain cell forget; a norm above 1 makes nothing
#   sure.
# - Norm and bias stand in for each other. How many days a cell reaches back is
#   a property of its weights, not of its name. No single number is right.
# - A gate held open by its bias beats the plain cell's bound. It can also
#   overshoot, in an LSTM sooner than in a GRU.
# - These cells are untrained. What is measured is where learning *starts*.
#   Training may move it, if it gets a gradient to begin with.
#
# Derivations and exercises stand in :doc:`/learn/vanishing_gradients`; the
# same measurement over the forget bias, in :doc:`/learn/lstm`.
#
# **Sources.** Pascanu, Mikolov and Bengio (2013), *On the difficulty of
# training recurrent neural networks*, arXiv:1211.5063, section 2; Jozefowicz,
# Zaremba and Sutskever (2015), *An empirical exploration of recurrent network
# architectures*, ICML, on the forget bias; Tallec and Ollivier (2018), *Can
# recurrent neural networks warp time?*, arXiv:1804.11188, on choosing it by
# the days to be bridged.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
