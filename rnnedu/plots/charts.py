"""The charts that pages need again and again, each drawn into a panel of `figure`.

Each adds what it shows in numbers to the alt text of its figure.
"""

from collections.abc import Mapping

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from rnnedu.metrics import PERSISTENCE
from rnnedu.plots.style import (
    GREY,
    MARK_LINE,
    TEXT_COLOR,
    describe,
    style_of,
    styles_of,
)


def draw_lines(
    ax: Axes, series: Mapping, x=None, *, unit: str = "", legend: bool = True
) -> None:
    """Draw one line per series, by name.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A panel of `figure`.
    series : mapping of str to array_like, shape (n,)
        A `pandas.Series` brings its own x; a name in `SERIES_STYLES` has its own style.
    x : array_like, shape (n,), optional
        1, 2, 3 and so on unless given.
    unit : str
        Written behind the numbers of the alt text.
    legend : bool
        Whether the panel gets one.

    Examples
    --------
    >>> from rnnedu import plots
    >>> fig, ax = plots.figure("A finding", alt="Error by horizon.", xlabel="step")
    >>> plots.draw_lines(ax, {"GRU": [1.0, 2.0], "LSTM": [1.5, 1.0]}, unit="dollars")
    >>> fig.get_label()
    'Error by horizon. From left to right, GRU goes from 1 to 2 dollars; LSTM from
    1.5 to 1 dollars.'
    """
    ends, styles = [], styles_of(series, ax)
    for name, values in series.items():
        dates = values.index if isinstance(values, pd.Series) and x is None else x
        values = np.asarray(values)
        over = np.arange(1, len(values) + 1) if dates is None else dates
        ax.plot(over, values, **styles[name], label=name)
        ends.append(f"{name} {'from' if ends else 'goes from'} {_ends(values, unit)}")
    if legend:
        ax.legend(frameon=False)
    _describe(ax, f"From left to right, {'; '.join(ends)}.")


def draw_bands(
    ax: Axes,
    runs: Mapping,
    x=None,
    *,
    floor: float | None = None,
    of: str = "runs",
    legend: bool = True,
) -> None:
    """Draw the median of several runs as a line, and their range as a band around it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A panel of `figure`.
    runs : mapping of str to array_like, shape (runs, n)
        By name, as for `draw_lines`.
    x : array_like, shape (n,), optional
        1, 2, 3 and so on unless given.
    floor : float, optional
        Where the band ends on a logarithmic axis, for values that reach zero.
    of : str
        What the rows are, for the alt text: runs, seeds, units.
    legend : bool
        Whether the panel gets one.

    Examples
    --------
    >>> from rnnedu import plots
    >>> fig, ax = plots.figure("A finding", alt="Error by epoch.", xlabel="epoch")
    >>> plots.draw_bands(ax, {"GRU": [[3, 1], [5, 1], [4, 2]]})
    >>> fig.get_label()
    'Error by epoch. Medians and ranges of 3 runs: GRU goes from 4 to 1.'
    """
    ends, counts, styles = [], set(), styles_of(runs, ax)
    for name, values in runs.items():
        values = np.asarray(values, dtype=float)
        over = np.arange(1, values.shape[1] + 1) if x is None else x
        middle = np.median(values, axis=0)
        (line,) = ax.plot(over, middle, **styles[name], label=name)
        low, high = values.min(axis=0), values.max(axis=0)
        low = low if floor is None else low.clip(floor)
        ax.fill_between(over, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
        ends.append(f"{name} {'from' if ends else 'goes from'} {_ends(middle)}")
        counts.update({len(values)} - {1})
    if legend:
        ax.legend(frameon=False)
    counted = " or ".join(map(str, sorted(counts)))
    what = f"Medians and ranges of {counted} {of}" if counts else f"Single {of}"
    _describe(ax, f"{what}: {'; '.join(ends)}.")


def draw_runs(ax: Axes, runs: Mapping, *, unit: str = "") -> None:
    """Draw each run as a dot, with the mean of its row and the 95 % interval of that mean.

    The interval is found by sampling the runs again and again with replacement: the
    bootstrap.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A panel of `figure`.
    runs : mapping of str to array_like, shape (runs,)
        A score of each run, by row.
    unit : str
        Written behind the numbers of the alt text.

    Examples
    --------
    >>> from rnnedu import plots
    >>> fig, ax = plots.figure("A finding", alt="A dot per seed.", xlabel="RMSE")
    >>> plots.draw_runs(ax, {"GRU": [3.0, 4.0, 5.0]}, unit="dollars")
    >>> fig.get_label()
    'A dot per seed. Means of the rows, and their ranges: GRU 4 dollars (3 to 5).'
    """
    texts = []
    for row, (name, values) in enumerate(runs.items()):
        values = np.asarray(values, dtype=float)
        color = style_of(name).get("color", GREY)
        spread = row + np.linspace(-0.25, 0.25, len(values))
        ax.plot(
            values,
            spread,
            linestyle="",
            marker=".",
            color=color,
            alpha=0.6,
            label=None if row else "a training run",
        )
        mean, low, high = mean_interval(values)
        ax.plot([low, high], [row, row], color=TEXT_COLOR, linestyle="-", linewidth=2)
        label = None if row else "mean, 95 % interval"
        mark = {"markersize": 12, "markeredgewidth": 2, "label": label}
        ax.plot(mean, row, "|", color=TEXT_COLOR, **mark)
        ends = f" ({_ends([values.min(), values.max()])})" if len(values) > 1 else ""
        texts.append(f"{name} {_number(mean)}{unit and ' '}{unit}{ends}")
    ax.set_yticks(range(len(runs)), list(runs))
    ax.set_ylim(len(runs) - 0.5, -0.5)
    _describe(ax, f"Means of the rows, and their ranges: {'; '.join(texts)}.")


def mean_interval(values) -> tuple[float, float, float]:
    """Return the mean of some runs and the 95 % bootstrap interval of that mean.

    Parameters
    ----------
    values : array_like, shape (runs,)
        Two runs at least, or the interval is the one value.

    Returns
    -------
    mean, low, high : float

    Examples
    --------
    >>> from rnnedu import plots
    >>> mean, low, high = plots.mean_interval([1.0, 2.0, 3.0])
    >>> mean, 1.0 <= low <= mean <= high <= 3.0
    (2.0, True)
    """
    values = np.asarray(values, dtype=float)
    mean = float(values.mean())
    if np.ptp(values) == 0:
        return mean, mean, mean
    # By percentiles: their interval lies within the values, for a handful of runs too.
    interval = stats.bootstrap(
        (values,), np.mean, rng=0, n_resamples=2000, method="percentile"
    ).confidence_interval
    return mean, float(interval.low), float(interval.high)


def draw_baseline(
    ax: Axes, value: float, name: str = PERSISTENCE, *, vertical: bool = False
) -> None:
    """Draw a baseline as a line across the panel.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A panel of `figure`.
    value : float
        Its score.
    name : str
        Its label, and its style where `SERIES_STYLES` has one.
    vertical : bool
        Whether scores lie on the x axis.

    Examples
    --------
    >>> from rnnedu import plots
    >>> fig, ax = plots.figure("A finding", alt="Scores.", ylabel="RMSE in dollars")
    >>> plots.draw_baseline(ax, 1.54)
    >>> fig.get_label()
    'Scores. A line marks persistence at 1.54.'
    """
    line = ax.axvline if vertical else ax.axhline
    line(value, **style_of(name) or {"color": TEXT_COLOR, "linestyle": ":"}, label=name)
    if ax.get_legend():
        ax.legend(frameon=False)  # with the new label
    _describe(ax, f"A line marks {name} at {_number(value)}.")


def draw_error_by_lag(ax: Axes, errors: Mapping) -> None:
    """Draw how far forecasts are from the prices of the days before, a dot at the best fit.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A panel of `figure`.
    errors : mapping of str to pandas.Series
        What `rnnedu.error_by_lag` returned, by forecast.

    Examples
    --------
    >>> import rnnedu
    >>> from rnnedu import plots
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm())
    >>> late = rnnedu.error_by_lag(windows.prices, rnnedu.persistence_forecast(windows))
    >>> fig, ax = plots.figure("A finding", alt="Error by lag.")
    >>> plots.draw_error_by_lag(ax, {"persistence": late})
    >>> fig.get_label()
    'Error by lag. It is smallest at lag 1 for persistence.'
    """
    styles = styles_of(errors, ax)
    for name, error in errors.items():
        (line,) = ax.plot(error, **styles[name], label=name)
        ax.plot(error.idxmin(), error.min(), "o", color=line.get_color())
    ax.set(xlabel="lag in days", ylabel="spread of forecast minus\nprice, in dollars")
    ax.set_ylim(bottom=0)
    ax.legend(frameon=False)
    best = [f"lag {error.idxmin()} for {name}" for name, error in errors.items()]
    _describe(ax, f"It is smallest at {', '.join(best)}.")


def draw_sensitivities(ax: Axes, rows: Mapping, *, lowest: float = 1e-6) -> None:
    """Draw a heat map: how much the last state depends on each time step before it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A panel of `figure`.
    rows : mapping of str to array_like, shape (time,)
        Jacobian norms, the last time step at the end; each row relative to its largest.
    lowest : float
        What is drawn in the lightest colour.

    Examples
    --------
    >>> from rnnedu import plots
    >>> fig, ax = plots.figure("A finding", alt="Jacobian norms.")
    >>> plots.draw_sensitivities(ax, {"GRU": [0.001, 0.1, 1.0]})
    >>> fig.get_label()
    'Jacobian norms. Above a hundredth of the largest: GRU for 2 of 3 time steps.'
    """
    values = np.array([np.asarray(row) / np.max(row) for row in rows.values()])
    steps = values.shape[1]
    picture = ax.imshow(
        np.log10(values.clip(lowest)),
        aspect="auto",
        cmap="Blues",
        vmin=np.log10(lowest),
        vmax=0,
        extent=(steps, 0, len(rows) - 0.5, -0.5),
    )
    ax.set_yticks(range(len(rows)), list(rows))
    for between in np.arange(0.5, len(rows) - 1):
        ax.axhline(between, color="white", linestyle="-", linewidth=4)
    ax.grid(visible=False)
    ax.set_xlabel("time steps ago")
    bar = ax.figure.colorbar(picture, ax=ax)
    bar.ax.yaxis.set_major_formatter(
        matplotlib.ticker.FuncFormatter(lambda power, _: f"{10.0**power:.0e}")
    )
    bar.set_label("relative to the largest")
    counts = (values > 0.01).sum(axis=1)
    spans = [f"{name} for {n} of {steps}" for name, n in zip(rows, counts, strict=True)]
    _describe(ax, f"Above a hundredth of the largest: {', '.join(spans)} time steps.")


def draw_marked_sequence(
    ax: Axes, inputs: np.ndarray, target: np.ndarray, outputs: Mapping
) -> None:
    """Draw a sequence of the task *repeat the last marked number* and what networks output.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A panel of `figure`.
    inputs : numpy.ndarray, shape (time, 2)
        Numbers and marks, as `rnnedu.tasks.repeat_last_marked` returns them.
    target : numpy.ndarray, shape (time, 1)
        The number that was marked last.
    outputs : mapping of str to array_like, shape (time,)
        By the name of the network.

    Examples
    --------
    >>> from rnnedu import plots, tasks
    >>> X, y = tasks.repeat_last_marked(1, gap=5)
    >>> fig, ax = plots.figure("A finding", alt="A sequence.", xlabel="time step")
    >>> plots.draw_marked_sequence(ax, X[0], y[0], {"always 0": 0 * y[0, :, 0]})
    >>> [line.get_label() for line in ax.lines][:3]
    ['number', 'target', 'always 0']
    """
    steps, styles = np.arange(1, len(inputs) + 1), styles_of(outputs, ax)
    ax.plot(steps, inputs[:, 0], ".", color=GREY, label="number")
    ax.step(steps, target[:, 0], where="post", color=TEXT_COLOR, label="target")
    for name, output in outputs.items():
        ax.step(steps, output, where="post", **styles[name], label=name)
    draw_marks(ax, inputs)
    ax.set_ylabel("number")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize="small")


def draw_marks(ax: Axes, inputs: np.ndarray) -> None:
    """Draw a dotted line at each marked time step of a sequence of that task.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A panel of `figure`.
    inputs : numpy.ndarray, shape (time, 2)
        Numbers and marks.

    Examples
    --------
    >>> from rnnedu import plots, tasks
    >>> X, _ = tasks.repeat_last_marked(1, gap=5)
    >>> fig, ax = plots.figure("A finding", alt="Marks.", xlabel="time step")
    >>> plots.draw_marks(ax, X[0])
    >>> bool(len(ax.lines) == X[0, :, 1].sum())
    True
    """
    for step in np.flatnonzero(inputs[:, 1]) + 1:
        ax.axvline(step, **MARK_LINE)


def _ends(values, unit: str = "") -> str:
    first, last = (_number(values[k]) for k in (0, -1))
    return f"{first} to {last}{unit and ' '}{unit}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.3g}"


def _describe(ax: Axes, sentence: str) -> None:
    """Add a sentence to the alt text, after the panel's title where there are several."""
    title = ax.get_title("left") or ax.get_title()
    several = ax.figure.get_suptitle()  # `figure` gives one where there are more panels
    describe(ax.figure, f"{title}: {sentence}" if several and title else sentence)
