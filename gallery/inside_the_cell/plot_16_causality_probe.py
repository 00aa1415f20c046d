"""
Which outputs know the future?
==============================

A bidirectional layer reads the end of a sequence together with its beginning.
Is that cheating? It depends on the time step that an output belongs to. Here
is a test that works with any network: change the input of one time step and
see which outputs change.

Then the damage is measured. The series is white noise, whose next value cannot
be forecast from the past, and the target of each time step is the input of the
next. The baseline always predicts zero, the mean. It is the one to beat, and a
network without a leak cannot beat it: any error well below that of zero means
that a target was read, not forecast.
"""

# %%
# Six networks
# ------------
#
# All read 12 numbers, one per time step. Five of them give an output for each
# time step; the fourth of the list is bidirectional as well but gives one
# output, after the last step. A **convolution** forms each output from a few
# neighbouring inputs, here three: with the padding called *same*, those of the
# time steps before, at and after the output; with *causal*, those of its own
# time step and the two before it. Two of them are stacked. Nothing is trained
# yet.

# sphinx_gallery_thumbnail_number = 3
import rnnedu  # before keras: it keeps TensorFlow's notes off the terminal

import keras
from keras import layers


def lstm(every_step=True):
    return layers.LSTM(8, return_sequences=every_step)


def convolutions(padding):
    options = {"padding": padding, "activation": "tanh"}
    return [layers.Conv1D(8, 3, **options), layers.Conv1D(8, 3, **options)]


# %%
# By name, each as a recipe for its layers. A *Dense* layer ends each network.
# It is applied to each time step by itself, so it cannot pass anything from
# one time step to another.

NETWORKS = {
    "LSTM": lambda: [lstm()],
    "two LSTMs": lambda: [lstm(), lstm()],
    "bidirectional, every step": lambda: [layers.Bidirectional(lstm())],
    "bidirectional, last step": lambda: [layers.Bidirectional(lstm(False))],
    "convolution, same": lambda: convolutions("same"),
    "convolution, causal": lambda: convolutions("causal"),
}
STEPS = 12


def network(name):
    head = layers.Dense(1)
    return keras.Sequential([keras.Input((STEPS, 1)), *NETWORKS[name](), head])


for name in NETWORKS:
    print(f"{name:<25} {network(name).output_shape}")

# sphinx_gallery_start_ignore
assert network("bidirectional, last step").output_shape == (None, 1)
assert network("bidirectional, every step").output_shape == (None, STEPS, 1)
# sphinx_gallery_end_ignore

# %%
# The probe
# ---------
#
# We feed a sequence, and then 12 copies of it, in each of which another time
# step is increased by one. How far an output changes shows whether it depends
# on that time step. For outputs at every step that gives a table of changed
# step against step of the output. What counts is how many steps the changed
# one lies *after* the output. Call that :math:`k`, and keep the largest change
# for each :math:`k`. A positive one is the future.

import numpy as np

CHANGED = 1e-6  # less is rounding


def probe(model):
    """Largest change of an output by k, the steps from it to the input."""
    x = np.random.default_rng(0).normal(size=(1, STEPS, 1)).astype("float32")
    increased = x + np.eye(STEPS, dtype="float32")[:, :, None]
    changes = np.abs(np.asarray(model(increased)) - np.asarray(model(x)))
    changes = changes.reshape(STEPS, -1)  # (step of the input, output)
    outputs = np.arange(STEPS)[-changes.shape[1] :]  # one is at the last step
    by_k = {}
    for (step, output), change in np.ndenumerate(changes):
        k = step - int(outputs[output])
        by_k[k] = max(by_k.get(k, 0), change)
    return by_k


# %%
# Six probes, in the time that it takes to call six networks:

keras.utils.set_random_seed(0)
probes = {name: probe(network(name)) for name in NETWORKS}
sees = {}
for name, by_k in probes.items():
    seen = [k for k, change in by_k.items() if change > CHANGED]
    sees[name] = (min(seen), max(seen))
    print(f"{name:<25} sees from {min(seen):+d} to {max(seen):+d} steps")

# sphinx_gallery_start_ignore
assert sees == {
    "LSTM": (-11, 0),
    "two LSTMs": (-11, 0),
    "bidirectional, every step": (-11, 11),
    "bidirectional, last step": (-11, 0),
    "convolution, same": (-2, 2),
    "convolution, causal": (-4, 0),
}
# sphinx_gallery_end_ignore

# %%
# In a figure, a row for each network, dark where an output changes. Grey
# stands where there is nothing to probe, since no time step comes after the
# one output.

import matplotlib.pyplot as plt

from rnnedu import plots

plt.style.use(plots.STYLE)

reach = np.arange(1 - STEPS, STEPS)
changes = [[p.get(k, np.nan) for k in reach] for p in probes.values()]
shade = np.log10(np.maximum(changes, CHANGED))  # -6 for none, 0 for 1
future = [name for name, (_, last) in sees.items() if last > 0]

# %%

fig, ax = plots.figure(
    f"{len(future)} of {len(probes)} networks depend on time steps to come",
    alt="Six rows, one per network, over the steps from the output to the "
    "changed input. A line separates past and present from the future.",
    height=3,
    xlabel="steps from the output to the changed input (past | future)",
    facecolor="lightgrey",
)
box = (reach[0] - 0.5, reach[-1] + 0.5, 5.5, -0.5)
drawn = ax.imshow(shade, vmin=-6, vmax=0, aspect="auto", extent=box)
bar = fig.colorbar(drawn, ticks=[-6, -3, 0], label="largest change")
bar.ax.set_yticklabels(["none", "0.001", "1"])
ax.axvline(0.5, color="C1")
ax.grid(visible=False)
ax.set_yticks(range(6), NETWORKS)

# sphinx_gallery_start_ignore
spans = [f"{a:+d} to {b:+d} for {name}" for name, (a, b) in sees.items()]
plots.describe(fig, f"Dark from {'; '.join(spans)}.")
assert future == ["bidirectional, every step", "convolution, same"]
# sphinx_gallery_end_ignore

# %%
# The LSTM and the stack depend on the past alone, and so does the causal
# convolution, on the few steps that it reads. In the bidirectional layer with
# an output at every step, each output depends on all time steps. The
# convolution with *same* padding depends on two steps to come, one for each
# layer: a leak need not be long.
#
# The one output of the fourth network depends on just as many inputs as the
# outputs of the third. But it comes after all of them. **Over a past window
# with one target behind it, a bidirectional layer is legitimate.**
#
# What a leak is worth
# --------------------
#
# Noise, and for each time step its target, the noise of the next. At steps 1
# to 11 the target is in the input, one step further on. At the last step it is
# not: that is the step at which such a network would be used.


def noise(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, STEPS + 1, 1)).astype("float32")
    return x[:, :-1], x[:, 1:]  # steps 1 to 12, and the next of each


new, truth = noise(2000, seed=1000)

# %%
# Each network is trained three times, with other noise and other initial
# weights each time. ``rnnedu.fit_seeds`` takes a function that returns inputs
# and targets for a seed.


def predictions_of(name, seeds):
    def data(seed):
        x, target = noise(4000, seed)
        last_alone = name == "bidirectional, last step"
        return x, target[:, -1] if last_alone else target

    model = network(name)
    model.compile(keras.optimizers.Adam(0.02), "mean_squared_error")
    options = {"epochs": 2, "batch_size": 40}
    trained, _ = rnnedu.fit_seeds(model, data, seeds=seeds, **options)
    outputs = [np.asarray(each(new)) for each in trained]
    return np.reshape(outputs, (len(seeds), len(new), -1))


# %%
# Errors on new noise: root mean squares over all sequences, for each seed, at
# the steps whose target is in the input and at the last step. The baseline
# comes first.

predictions = {"always zero": np.zeros((1, len(new), STEPS))}
predictions |= {name: predictions_of(name, range(3)) for name in NETWORKS}


def rmse(error):
    return np.sqrt((error**2).mean(axis=(1, 2)))


IN_INPUT, LAST = "target in the input", "last step"
found = {IN_INPUT: {}, LAST: {}}
for name, predicted in predictions.items():
    error = predicted - truth[:, -predicted.shape[-1] :, 0]
    if predicted.shape[-1] == STEPS:
        found[IN_INPUT][name] = rmse(error[..., :-1])
    found[LAST][name] = rmse(error[..., -1:])

leak = max(found[IN_INPUT][name].max() for name in future)
use = min(found[LAST][name].min() for name in future)

# %%
# As means over the seeds, with their range:

import pandas as pd


def words(runs):
    return f"{runs.mean():.2f} ({runs.min():.2f} to {runs.max():.2f})"


table = {
    column: {name: words(runs) for name, runs in rows.items()}
    for column, rows in found.items()
}
pd.DataFrame(table, index=list(predictions)).fillna("no output")

# %%
# And as dots, one per seed, with the mean and its 95 % interval:

fig, axes = plots.figure(
    f"Leaks: at most {leak:.2f} with the target, at least {use:.2f} without",
    alt="Errors of the networks, three seeds each.",
    rows=2,
    height=4.4,
    share="x",
    ratios={"height_ratios": (5, 6)},
    xlim=(0, 1.2),
    xlabel="RMSE, a dot for each seed",
)
for ax, (column, rows) in zip(axes, found.items(), strict=True):
    (baseline,) = rows["always zero"]
    ax.set_title(column)
    plots.describe(fig, f"The panel is headed: {column}.")
    plots.draw_runs(
        ax, {name: rows[name] for name in NETWORKS if name in rows}
    )
    plots.draw_baseline(ax, baseline, "always zero", vertical=True)
axes[0].legend(loc="upper center")

# sphinx_gallery_start_ignore
zero = found[LAST]["always zero"][0]
plots.describe(
    fig,
    "The two networks that see time steps to come score "
    f"{leak:.2f} or less where the target is in the input. All other dots lie "
    "at the line.",
)
for runs in found[LAST].values():
    assert (runs / zero).min() > 0.995, "nobody beats zero"
    assert (runs / zero).max() < 1.03, "the page says: all equal"
for name, runs in found[IN_INPUT].items():
    if name in future:
        assert runs.max() < 0.2 * zero, "brilliant"
    else:
        assert abs(runs / zero - 1).max() < 0.05, "the page says: no others"
# sphinx_gallery_end_ignore

# %%
# The networks that the probe found are those that look brilliant, and no
# others. At the last step all are equal: none beats zero.
#
# One of them in detail: what the first of the three bidirectional networks
# with an output at every step predicted for 200 sequences, against the
# targets.

predicted = predictions["bidirectional, every step"][0]
fig, axes = plots.figure(
    "The bidirectional network reads targets that it sees, and no others",
    alt="Predictions of a bidirectional network against the targets.",
    columns=2,
    share=True,
    xlabel="target",
    ylabel="prediction of the network",
)
correlations = {}
for ax, column, steps in zip(
    axes, found, (slice(0, -1), slice(-1, None)), strict=True
):
    x, y = truth[:200, steps, 0].ravel(), predicted[:200, steps].ravel()
    correlations[column] = r = np.corrcoef(x, y)[0, 1]
    ax.plot(x, y, ".", alpha=0.5)
    ax.axline((0, 0), slope=1, **plots.AXIS_LINE)
    ax.set_title(f"{column}: correlation {r:.2f}")

# sphinx_gallery_start_ignore
plots.describe(
    fig,
    "Left, at steps whose target is in the input: all dots on the diagonal, "
    f"correlation {correlations[IN_INPUT]:.2f}.",
    "Right, at the last step: a flat band, correlation "
    f"{correlations[LAST]:.2f}.",
)
assert correlations[IN_INPUT] > 0.97 and abs(correlations[LAST]) < 0.3
# sphinx_gallery_end_ignore

# %%
# Had the score been taken over all time steps, eleven in twelve targets would
# have been read from the input. No split into training and test would have
# shown it, since these sequences *are* new.
#
# What to remember
# ----------------
#
# - Ask two things: on which inputs does an output depend, and to which time
#   step does it belong? Depending on all inputs is legitimate behind a closed
#   window, and a leak where the target lies further on in the input.
# - Where the whole input is known before any prediction is needed, as with the
#   words of a finished sentence, bidirectional outputs at every step are
#   legitimate too.
# - Not only bidirectional layers leak. A centred convolution does, and so does
#   a centred mean, or a scaling over the whole sequence.
# - The probe needs no training and no data: change an input, call, compare. It
#   can find a leak, not prove that there is none. A unit that is shut off for
#   one input may open for another, so try more than one change.
# - Test on noise. A network that forecasts it has a leak.
#
# Shapes and options of these layers are explained in :doc:`/learn/deeper`.
#
# **Sources.** Schuster and Paliwal (1997), *Bidirectional recurrent neural
# networks*, IEEE Transactions on Signal Processing 45(11); van den Oord et al.
# (2016), *WaveNet*, arXiv:1609.03499, for causal convolutions; Kaufman,
# Rosset, Perlich and Stitelman (2012), *Leakage in data mining*, ACM
# Transactions on Knowledge Discovery from Data 6(4).

# sphinx_gallery_start_ignore
plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
