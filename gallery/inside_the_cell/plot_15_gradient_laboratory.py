"""
A laboratory for vanishing gradients
====================================

How much does the last hidden state of a recurrent network still depend on the
state many time steps before? Where that has faded, learning so far back is
hard. Nothing is trained and no price is read here: we sample simple RNN, LSTM
and GRU cells at random and measure that dependence, while we change the norm
of their weights, their bias and the number of time steps between.

The one to beat is a bound. In a simple RNN no dependence can be larger than
the norm of its recurrent matrix to the power of the steps between. We look at
what that guarantees, what it leaves open, and whether gated cells keep a
dependence where a simple RNN must lose it.
"""

# %%
# The measure
# -----------
#
# The derivative of the last hidden state :math:`h_T` with respect to an
# earlier one, :math:`h_t`, is a matrix with a row and a column for each unit:
# a Jacobian. Its **spectral norm** is the largest factor by which it lengthens
# any vector. It is 1 for the last time step itself.
# ``rnnedu.gradients.jacobian_norms`` goes back through a cell step by step and
# measures it. All of this is NumPy; no network library is needed.
#
# We sample each recurrent matrix :math:`U` with normal entries and divide it
# by its norm. Times a factor, that factor *is* the norm.

# sphinx_gallery_thumbnail_number = 4
import matplotlib.pyplot as plt
import numpy as np

from rnnedu import cells, gradients, plots

plt.style.use(plots.STYLE)
CELLS = {
    "simple RNN": (cells.simple_rnn_step, "h", None),
    "LSTM": (cells.lstm_step, "ifgo", "f"),
    "GRU": (cells.gru_step, "zrn", "z"),
}


def sample_weights(blocks, norm, kept_by, bias, rng, units=32):
    U = {block: rng.normal(size=(units, units)) for block in blocks}
    U = {block: norm * u / np.linalg.norm(u, 2) for block, u in U.items()}
    W = {block: rng.normal(size=(1, units)) / units**0.5 for block in blocks}
    b = {block: np.full(units, bias * (block == kept_by)) for block in blocks}
    return cells.Weights(W, U, b)


# %%
# The last letter in ``CELLS`` names the gate that keeps the old state: the
# LSTM's **forget gate** and the GRU's **update gate**. Its bias is the second
# quantity that we change. All others are zero. The inputs are white noise, one
# number per time step. Each sample has weights and inputs of its own, fixed by
# its seed, so that the same sample can be compared at several settings.


def norms_back(cell, norm, bias=0.0, samples=6, steps=100):
    """Norms of ``dh_T / dh_t`` (samples, steps), the last time step first."""
    step, blocks, kept_by = CELLS[cell]
    each = []
    for seed in range(samples):
        rng = np.random.default_rng(seed)
        weights = sample_weights(blocks, norm, kept_by, float(bias), rng)
        x = rng.normal(size=(steps, 1))
        each.append(gradients.jacobian_norms(step, x, weights)["h"][::-1])
    return np.array(each)


# sphinx_gallery_start_ignore
trial = sample_weights("h", 1.7, None, 0.0, np.random.default_rng(0)).U["h"]
assert np.isclose(np.linalg.norm(trial, 2), 1.7), "the factor is the norm"
assert np.allclose(norms_back("LSTM", 1.0, samples=2, steps=5)[:, 0], 1)
# sphinx_gallery_end_ignore

# %%
# The simple RNN and its bound
# ----------------------------
#
# Each step back multiplies by :math:`U` and by the derivative of the
# hyperbolic tangent, which is at most 1. So
#
# .. math::
#
#    \left\lVert \frac{\partial h_T}{\partial h_t} \right\rVert
#    \le \lVert U \rVert^{T-t}.

ago = np.arange(100)
simple = {norm: norms_back("simple RNN", norm) for norm in (0.8, 1.5, 4.0)}
end = {norm: np.median(each[:, -1]) for norm, each in simple.items()}
for norm in simple:
    print(f"norm {norm}, after 99 steps: bound {norm**99:.0e}, ", end="")
    print(f"median of six samples {end[norm]:.0e}")

# sphinx_gallery_start_ignore
for norm, each in simple.items():
    assert (each <= norm**ago * (1 + 1e-9)).all(), "the bound holds"
    assert (each[:, -1] < 1e-6 * norm**99).all(), "the page says: far from it"
assert end[0.8] < end[1.5] < 1e-3 < 1 < end[4.0], "the page says: it falls"
# sphinx_gallery_end_ignore

# %%
# The same in a figure. Thick lines are medians, bands reach from the smallest
# sample to the largest, thin lines are the bound.

fig, ax = plots.figure(
    f"The bound lets norm 1.5 grow; the median fell to {end[1.5]:.0e}",
    alt="Dependence of the last state on each time step before, for simple "
    "RNNs of three norms, far below the bound of each, a thin line.",
    xlabel="time steps ago",
    ylabel=r"norm of $\partial h_T / \partial h_t$",
    yscale="log",
    xlim=(99, 0),
    ylim=(1e-15, 1e15),
)
plots.draw_bands(
    ax, {f"norm {norm}": each for norm, each in simple.items()}, ago
)
for k, norm in enumerate(simple):
    thin = {"color": f"C{k}"} | plots.THIN_LINE
    ax.plot(ago, norm**ago, **thin, label=f"bound, {norm}")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize="small")

# sphinx_gallery_start_ignore
plots.describe(fig, "The first two fall, the third rises.")
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
# matrices such as ours? Here is the dependence after 60 steps over the norm, a
# dot for each of eight samples.

norms = np.array([0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6])
after = np.array(
    [norms_back("simple RNN", n, samples=8, steps=61)[:, 60] for n in norms]
)
all_fell = norms[(after < 0.01).all(axis=1)].max()
split = norms[(after > 1).any(axis=1) & (after < 1).any(axis=1)]
print("at these norms some samples grew and some shrank:", *split)

# %%

fig, ax = plots.figure(
    f"At a norm of {all_fell:g} all samples still vanish; "
    f"from {split.min():g} to {split.max():g} the sample decides",
    alt="Dependence after 60 steps over the norm of U, eight dots per norm, "
    "all below the line of the bound.",
    xlabel="norm of U",
    ylabel=r"norm of $\partial h_T / \partial h_{T-60}$",
    xscale="log",
    yscale="log",
    ylim=(1e-36, 1e16),
)
ax.axvspan(0.4, 1, alpha=0.08)
ax.text(0.42, 1e10, "must\nvanish", fontsize="small")
ax.plot(norms, after, ".", color=plots.TEXT_COLOR, alpha=0.5)
ax.plot(norms, norms**60, "C1", label="bound: norm to the power 60")
ax.axhline(1, **plots.MARK_LINE)
ax.set(xlim=(0.4, 6.5), xticks=norms, xticklabels=[f"{n:g}" for n in norms])
ax.minorticks_off()
ax.legend(loc="lower right")

# sphinx_gallery_start_ignore
assert all_fell > 1, "the page says that there is an open part"
for k in range(4):
    rng = np.random.default_rng(k)
    normal = sample_weights("h", 0.9, None, 0.0, rng)
    U = {"h": 0.9 * np.linalg.qr(normal.U["h"])[0]}
    orthogonal = cells.Weights(normal.W, U, normal.b)
    by_U = [
        gradients.jacobian_norms(cells.simple_rnn_step, trial_x, weights)["h"][
            0
        ]
        for trial_x in [rng.normal(size=(61, 1))]
        for weights in (normal, orthogonal)
    ]
    assert by_U[0] < by_U[1] <= 0.9**60, "orthogonal: closer to its bound"
assert (after[norms < 1] < 1).all(), "sufficient"
assert len(split) >= 2, "the page says: one norm, both fates"
assert (after <= norms[:, None] ** 60 * (1 + 1e-9)).all(), "the bound holds"
plots.describe(
    fig,
    "Left of 1 they must vanish. Up to a norm of "
    f"{all_fell:g} all lie below a hundredth; from {split.min():g} to "
    f"{split.max():g} some lie above 1 and some below.",
)
# sphinx_gallery_end_ignore

# %%
# Right of 1 there is a part where nothing has exploded, and then one where the
# sample decides: at the same norm some cells grow and some fade. These are
# results for normal matrices and for noise of this size. An orthogonal matrix
# lengthens all vectors alike and comes closer to its bound; Keras initialises
# simple RNNs with one.
#
# Gates against the bound
# -----------------------
#
# Now all matrices of an LSTM and of a GRU get a norm just below 1. In a simple
# RNN the dependence would then have to vanish: the thin line is its bound. But
# a gated cell keeps its state past :math:`U`, multiplied by a gate. Where the
# bias holds the gate open, the state stays. (In the LSTM, we ask for the
# hidden state :math:`h_t` with the cell state of that time step held. It
# reaches later steps through the gates and the newly written value alone,
# hence the step down at once.)
#
# The table has the medians after 99 steps, by bias.

import pandas as pd

NORM, biases = 0.9, (0, 1, 3, 5)
gated = {
    cell: {f"bias {bias}": norms_back(cell, NORM, bias) for bias in biases}
    for cell in ("LSTM", "GRU")
}
last = pd.DataFrame(
    {
        cell: {bias: np.median(each[:, -1]) for bias, each in by_bias.items()}
        for cell, by_bias in gated.items()
    }
)
last.insert(0, "simple RNN, bound", NORM**99)
last.map("{:.0e}".format)

# %%

better = {cell: last.index[last[cell] > NORM**99][0] for cell in gated}

fig, axes = plots.figure(
    f"Above the bound of {NORM}: the LSTM from {better['LSTM']}, "
    f"the GRU from {better['GRU']}",
    alt="Dependence by bias, beside the falling bound of the simple RNN.",
    columns=2,
    xlabel="time steps ago",
    ylabel=r"norm of $\partial h_T / \partial h_t$",
    share="y",
    yscale="log",
    xlim=(99, 0),
    ylim=(1e-15, 1e3),
)
for ax, (cell, by_bias) in zip(axes, gated.items(), strict=True):
    plots.describe(fig, f"One panel is the {cell}'s.")
    plots.draw_bands(ax, by_bias, ago)
    ax.plot(ago, NORM**ago, **plots.AXIS_LINE, label="bound")
    ax.set_title(cell)
    ax.legend(loc="lower right", fontsize="small")

# sphinx_gallery_start_ignore
plots.describe(fig, f"The bound ends at {NORM**99:.0e}.")
for cell in ("LSTM", "GRU"):
    at = last[cell].to_numpy()
    assert at[1] < NORM**99 < at[2] < at[3] and at[0] < at[1]
assert gated["LSTM"]["bias 5"][:, -1].min() > 1, "it says: the LSTM grows"
assert gated["GRU"]["bias 5"].max() < 1 + 1e-9, "the page says: at 1 or below"
for by_bias in gated.values():
    assert by_bias["bias 0"][:, -1].max() < NORM**99, (
        "the page says: lose more"
    )
# sphinx_gallery_end_ignore

# %%
# With the bias at zero both gated cells end far below the bound of the simple
# RNN: gates alone do not beat it. With a large bias both beat it, and they
# differ. The LSTM's dependence *grows* beyond 1, with every norm below 1. Its
# cell state keeps what it has and adds to it at each step; nothing ties what
# is written to what is kept. The GRU writes what its update gate does not
# keep. The more it keeps, the closer the factor of one step comes to 1, and
# here it stays at 1 or below.
#
# The third quantity is the distance. A table shows how much the last state
# depends on the first of the last 10, 30 or 100 steps: the median of the
# samples, and their range.

rows = {}
cases = {"simple RNN": {"none": norms_back("simple RNN", NORM)}, **gated}
for cell, by_bias in cases.items():
    for bias, each in by_bias.items():
        row = rows[cell, bias.removeprefix("bias ")] = {}
        for steps in (10, 30, 100):
            at = each[:, steps - 1]
            spread = f"({at.min():.0e} to {at.max():.0e})"
            row[f"{steps} steps"] = f"{np.median(at):.0e} {spread}"
pd.DataFrame(rows).T.rename_axis(["cell", "bias"])

# %%
# How far back, by norm and bias
# ------------------------------
#
# Last, norm and bias together. For each of them: how many steps can one go
# back until the dependence first falls below a hundredth? Sequences have 100
# steps, so 100 means: not once. We take the median of four samples.


def steps_above(each, level=0.01):
    below = each < level
    return np.where(below.any(-1), below.argmax(-1), each.shape[-1])


norms, biases = (0.25, 0.5, 1, 2, 4), (0, 1, 2, 3, 4, 5)
spans, grown = {}, {}
for cell in CELLS:
    tried = (0,) if cell == "simple RNN" else biases
    each = np.array(
        [[norms_back(cell, n, b, samples=4) for b in tried] for n in norms]
    )
    spans[cell] = steps_above(each)  # (norms, biases, samples)
    grown[cell] = np.median(each.max(axis=-1), axis=-1) > 10
    widest = np.ptp(spans[cell], axis=-1).max()
    print(f"{cell:<10} samples of one setting: at most {widest} steps apart")

# %%
# The first row of each map has no matrix in it. It shows what the gate's bias
# alone would do, :math:`\sigma(b)^{\,k}` after :math:`k` steps
# (:math:`\sigma`, the sigmoid, makes a factor between 0 and 1 of any number).
# A plus says that the dependence also rose above ten somewhere on the way.

alone = [steps_above(cells.sigmoid(float(b)) ** ago) for b in biases]


def draw_map(ax, steps, grown):
    ax.imshow(steps, vmin=0, vmax=130, aspect="auto")
    for (row, column), value in np.ndenumerate(steps):
        color = "white" if value > 75 else plots.TEXT_COLOR
        plus = "+" if row and grown[row - 1, column] else ""
        text = "" if np.isnan(value) else f"{value:.0f}{plus}"
        ax.text(column, row, text, color=color, ha="center", va="center")
    ax.axhline(0.5, color="white")
    ax.grid(visible=False)


# %%

middle = {cell: np.median(each, axis=-1) for cell, each in spans.items()}
full = np.concatenate([middle["LSTM"], middle["GRU"]]) >= 100

fig, axes = plots.figure(
    f"With a bias of {biases[full.all(axis=0).argmax()]} or more, an LSTM or "
    "GRU reaches back 100 steps at any norm here",
    alt="Three heat maps of the time steps above a hundredth, medians.",
    columns=3,
    height=3.6,
    ratios={"width_ratios": (1.3, 6, 6)},
    yticks=[],
)
for ax, (cell, steps) in zip(axes, middle.items(), strict=True):
    first = [np.nan] if cell == "simple RNN" else alone
    draw_map(ax, np.vstack([first, steps]), grown[cell])
    ax.set(title=cell, xlabel="bias of the gate", xticks=range(len(steps.T)))
axes[0].set(title="simple", xlabel="no bias", xticks=[], ylabel="norm of U")
axes[0].set_yticks(range(6), ["gate alone", *norms])

# sphinx_gallery_start_ignore
assert biases == tuple(range(6)), "the ticks are the biases"
assert full.all(axis=0).any(), "the title says that some bias is enough"
assert full[:, full.all(axis=0).argmax() :].all(), "and every larger one"
for cell in ("LSTM", "GRU"):
    assert (np.diff(middle[cell], axis=0) >= 0).all(), "longer with the norm"
    assert (np.diff(middle[cell], axis=1) >= 0).all(), "longer with the bias"
assert middle["simple RNN"].min() < 5 and middle["simple RNN"].max() == 100
assert grown["LSTM"].sum() > grown["GRU"].sum() == 0, "no plus in the GRU"
assert not grown["LSTM"][:3].any(), "a plus only where the norm is large"
for cell in ("LSTM", "GRU"):
    assert np.ptp(spans[cell], axis=-1).max() > 20, "the ranges are wide"
plots.describe(
    fig,
    "Simple RNN, by rising norm: "
    + ", ".join(f"{steps:.0f}" for steps in middle["simple RNN"][:, 0])
    + ". LSTM and GRU grow darker to the right, with the bias, and downwards, "
    f"with the norm; {int(full[:5].sum())} and {int(full[5:].sum())} of 30 "
    "fields reach all 100 steps.",
)
# sphinx_gallery_end_ignore

# %%
# A large norm or a large bias is enough; each can replace the other. At the
# smallest norm the GRU does nearly what its gate would do alone. In the LSTM
# the hidden state has first to get into the cell state, which costs some
# steps. At the largest norm the bias matters little, and a simple RNN reaches
# back as far. The pluses show the price: they stand where the norm is large,
# and none is in the GRU's map. And the ranges printed above the map are wide
# for the gated cells. One sample is an anecdote here too.
#
# What to remember
# ----------------
#
# - A norm below 1 makes a simple RNN forget; a norm above 1 guarantees
#   nothing.
# - Norm and bias can replace each other. How many time steps a cell reaches
#   back is a property of its weights, not of its name. No single number is
#   right.
# - A gate held open by its bias beats the bound of the simple RNN. It can also
#   overshoot, in an LSTM sooner than in a GRU.
# - These cells are untrained. What is measured is where learning *starts*.
#   Training may change it, if it gets a gradient to begin with.
#
# Derivations and exercises are in :doc:`/learn/vanishing_gradients`; the
# same measurement over the forget bias, in :doc:`/learn/lstm`.
#
# **Sources.** Pascanu, Mikolov and Bengio (2013), *On the difficulty of
# training recurrent neural networks*, arXiv:1211.5063, section 2; Jozefowicz,
# Zaremba and Sutskever (2015), *An empirical exploration of recurrent network
# architectures*, ICML, on the forget bias; Tallec and Ollivier (2018), *Can
# recurrent neural networks warp time?*, arXiv:1804.11188, on choosing it by
# the time steps to be bridged.

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
