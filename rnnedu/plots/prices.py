"""Whole figures about prices, forecasts, losses and scores: data in, figure out."""

from collections.abc import Iterable, Mapping, Sequence

import matplotlib
import matplotlib.dates
import matplotlib.ticker
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rnnedu.plots.charts import draw_baseline, draw_runs
from rnnedu.plots.style import (
    BLUE,
    GREY,
    ORANGE,
    TEXT_COLOR,
    THIN_LINE,
    describe,
    figure,
    style_of,
    styles_of,
)
from rnnedu.study_summary import NAMES, known_networks
from rnnedu.windows import Windows, data_digest


def plot_split(windows: Windows, title: str) -> Figure:
    """Plot the prices, training years and test year apart.

    Parameters
    ----------
    windows : Windows
        What is plotted: dollars over trading days.
    title : str
        The finding.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm())
    >>> fig = rnnedu.plot_split(windows, "The test year comes last")
    """
    train, test = windows.train_prices, windows.test_prices
    fig, ax = _dated_figure(
        windows,
        title,
        f"Line chart of the daily {windows.column} price: the training years in grey, "
        f"{train.min():.0f} to {train.max():.0f} dollars, then the test year "
        f"{windows.test_year} in black, {test.min():.0f} to {test.max():.0f} dollars; a "
        "band marks the range of the training years.",
    )
    ax.plot(train, **style_of("training years"), label="training years")
    ax.plot(test, **style_of("true price"), label=f"test year {windows.test_year}")
    ax.axhspan(train.min(), train.max(), color=BLUE, alpha=0.08)
    words = "highest training price: 1 after scaling"
    ax.text(train.index[0], train.max(), words, va="bottom", fontsize="small")
    ax.legend(loc="lower right", frameon=False)
    return fig


def plot_window(windows: Windows, day: int, title: str) -> Figure:
    """Plot the window of one test day, and the price that it is to forecast.

    Parameters
    ----------
    windows : Windows
        Where the window is cut from.
    day : int
        Number of the test day, from 0; before `lookback` its window reaches back into
        training.
    title : str
        The finding.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no such test day.

    Examples
    --------
    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm())
    >>> fig = rnnedu.plot_window(windows, day=0, title="The first window of the test year")
    """
    if not 0 <= day < len(windows.test_prices):
        raise ValueError(
            f"day is {day}. Fix: give 0 to {len(windows.test_prices) - 1}, the test days."
        )
    prices, end = windows.prices, len(windows.train_prices) + day
    inside = prices.iloc[end - windows.lookback : end]
    around = prices.iloc[max(0, end - 2 * windows.lookback) : end + windows.lookback]
    target = prices.iloc[end : end + 1]
    fig, ax = _dated_figure(
        windows,
        title,
        f"The price around {target.index[0]:%d %B %Y}: a blue band covers the "
        f"{len(inside)} trading days from {inside.index[0]:%d %B %Y} to "
        f"{inside.index[-1]:%d %B %Y} that the network sees, an orange dot the day after "
        "them, which it is to forecast.",
    )
    ax.plot(around, **style_of("training years"))
    words = f"window: {len(inside)} days"
    ax.plot(inside, "-", color=BLUE, linewidth=2.2, label=words)
    ax.plot(target, "o", color=ORANGE, label="the day to forecast")
    ax.axvspan(inside.index[0], inside.index[-1], color=BLUE, alpha=0.08)
    first = windows.test_prices.index[0]
    ax.axvline(first, color=TEXT_COLOR, linewidth=1.0, linestyle=":")
    ax.annotate(
        "first test day",
        (first, around.min()),
        xytext=(5, 0),
        textcoords="offset points",
        fontsize="small",
    )
    ax.legend(loc="upper left", frameon=False)
    return fig


def plot_forecasts(
    windows: Windows, forecasts: Mapping[str, pd.Series], title: str, days=slice(None)
) -> Figure:
    """Plot forecasts of the test year, or of some of its days, over the true price.

    Parameters
    ----------
    windows : Windows
        The true prices.
    forecasts : mapping of str to pandas.Series
        Dollars on test days, by name; a name in `SERIES_STYLES` has its own style.
    title : str
        The finding.
    days : slice or index, optional
        The test days to plot; all unless given.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm())
    >>> forecasts = {"persistence": rnnedu.persistence_forecast(windows)}
    >>> fig = rnnedu.plot_forecasts(windows, forecasts, "Persistence is a day late")
    """
    shown = {"true price": windows.test_prices, **forecasts}
    shown = {name: series.loc[days] for name, series in shown.items()}
    ends = "; ".join(
        f"{name} runs from {series.iloc[0]:.0f} to {series.iloc[-1]:.0f} dollars"
        for name, series in shown.items()
    )
    first, last = shown["true price"].index[[0, -1]]
    fig, ax = _dated_figure(
        windows,
        title,
        f"Line chart of {first:%d %B %Y} to {last:%d %B %Y}, by trading day: {ends}.",
    )
    styles = styles_of(shown)
    for name, series in shown.items():
        ax.plot(series, **styles[name], label=name)
    ax.legend(frameon=False)
    return fig


def plot_loss(losses: Mapping[str, Sequence[float]], title: str) -> Figure:
    """Plot the training loss of each epoch, on a logarithmic scale.

    Parameters
    ----------
    losses : mapping of str to sequence of float
        Mean squared errors of scaled prices by epoch, by network.
    title : str
        The finding.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import rnnedu
    >>> fig = rnnedu.plot_loss({"GRU": [0.02, 0.004, 0.003]}, "The loss falls at once")
    """
    falls = "; ".join(
        f"{name} goes from {loss[0]:.2g} in the first epoch to {loss[-1]:.2g} in "
        f"epoch {len(loss)}"
        for name, loss in losses.items()
    )
    fig, ax = figure(
        title,
        alt=f"Training loss by epoch on a logarithmic scale: {falls}.",
        height=2.8,
        xlabel="epoch",
        ylabel="mean squared error\n(scaled prices)",
        yscale="log",
    )
    styles = styles_of(losses)
    for name, loss in losses.items():
        ax.plot(range(1, len(loss) + 1), loss, **styles[name], label=name)
    ax.yaxis.set_major_formatter(matplotlib.ticker.LogFormatterSciNotation())
    ax.yaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    ax.legend(frameon=False)
    return fig


def plot_scores(scores: pd.DataFrame, title: str) -> Figure:
    """Plot the RMSE of each row of a score table as a bar, the baseline first.

    Parameters
    ----------
    scores : pandas.DataFrame
        What `score_table` returned.
    title : str
        The finding.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import rnnedu
    >>> windows = rnnedu.make_windows(rnnedu.load_ibm())
    >>> forecasts = {"last value": rnnedu.last_value_forecast(windows)}
    >>> fig = rnnedu.plot_scores(rnnedu.score_table(windows, forecasts), "Years are long")
    """
    fig, ax = figure(
        title,
        alt="Bars of the RMSE in dollars.",
        height=0.7 + 0.55 * len(scores),
        xlabel="RMSE in dollars",
    )
    colors = [style_of(name).get("color", GREY) for name in scores.index]
    bars = ax.barh(scores.index, scores["RMSE"], color=colors, height=0.6)
    ax.bar_label(bars, fmt="%.2f", padding=4)
    ax.axvline(scores["RMSE"].iloc[0], color=TEXT_COLOR, linewidth=1.0, linestyle=":")
    ax.invert_yaxis()
    ax.grid(visible=False)
    values = "; ".join(f"{name} {value:.2f}" for name, value in scores["RMSE"].items())
    describe(fig, f"{values}.")
    return fig


STUDY_LABELS = {
    "rmse": "RMSE in dollars",
    "spread": "spread about the bias, in dollars",
    "free_rmse": "RMSE of the recursive forecast, in dollars",
}


def plot_study(
    study: pd.DataFrame, networks: Iterable[str], title: str, column: str = "rmse"
) -> Figure:
    """Plot an error of each training run of some networks as a dot, over the baseline.

    Parameters
    ----------
    study : pandas.DataFrame
        As `load_study` returns it; for ``spread``, as `add_spread` does.
    networks : iterable of str
        Keys of `RECIPES`, one row each.
    title : str
        The finding.
    column : str
        ``rmse``, ``spread`` or ``free_rmse``, all in dollars. The baseline is the RMSE of
        persistence, or for ``free_rmse`` that of the last value held.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If it is another column, or the study has no run of one of these networks.

    Examples
    --------
    >>> import rnnedu
    >>> fig = rnnedu.plot_study(rnnedu.load_study(), ["lstm", "gru"], "Seeds matter")
    """
    if column not in STUDY_LABELS:
        raise ValueError(
            f"{column!r} cannot be plotted. Fix: choose among {', '.join(STUDY_LABELS)}."
        )
    networks = known_networks(study, networks)
    prefix = "free_" if column.startswith("free_") else ""
    # Any row will do: its skill is 1 - rmse / baseline.
    baseline = (study[f"{prefix}rmse"] / (1 - study[f"{prefix}skill"])).iloc[0]
    groups = study.groupby("network")[column]
    fig, ax = figure(
        title,
        alt="A dot for each training run, with the mean of each network and its interval, "
        "over a line for the baseline.",
        xlabel=STUDY_LABELS[column],
        height=1.6 + 0.6 * len(networks),
    )
    draw_runs(ax, {NAMES.get(name, name): groups.get_group(name) for name in networks})
    name = "last value held" if prefix else "persistence"
    draw_baseline(ax, baseline, name, vertical=True)
    fig.legend(loc="outside lower center", ncols=3)
    return fig


def plot_study_forecasts(
    forecasts: pd.DataFrame,
    networks: Iterable[str],
    title: str,
    *,
    kind: str = "free_running",
    windows: Windows | None = None,
) -> Figure:
    """Plot the recorded forecasts of some networks: a line for each training run.

    Parameters
    ----------
    forecasts : pandas.DataFrame
        As `load_study_forecasts` or `read_study_forecasts` returns it.
    networks : iterable of str
        Keys of `RECIPES`, one panel each.
    title : str
        The finding.
    kind : {"free_running", "one_step"}
        Which forecasts.
    windows : Windows, optional
        Its true prices are drawn, too, if they are those that the runs were trained on.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there are no forecasts of this kind, or of one of these networks.

    Examples
    --------
    >>> import rnnedu
    >>> forecasts = rnnedu.load_study_forecasts()
    >>> fig = rnnedu.plot_study_forecasts(forecasts, ["lstm", "gru"], "Seeds matter")
    """
    networks = list(networks)
    there = {(kind, network) for kind, network, _ in forecasts.columns}
    for network in networks:
        if (kind, network) not in there:
            known = ", ".join(f"{kind} of {network}" for kind, network in sorted(there))
            raise ValueError(
                f"there is no {kind} forecast of {network!r}. Fix: choose among {known}."
            )
    fig, axes = figure(
        title,
        alt="A panel for each network, and in it one line for each training run, in "
        "dollars by trading day of the test year.",
        rows=len(networks),
        share=True,
        height=0.8 + 2.2 * len(networks),
        xlabel="day",
        ylabel="dollars",
    )
    same = windows is not None and data_digest(windows) == forecasts.attrs["data_sha256"]
    for ax, network in zip(np.atleast_1d(axes), networks, strict=True):
        runs, name = forecasts[kind][network], NAMES.get(network, network)
        color = style_of(name).get("color", GREY)
        ax.plot(runs, **THIN_LINE, color=color)
        if same:
            ax.plot(windows.test_prices, **style_of("true price"), label="true price")
            ax.legend(frameon=False)
        ax.set_title(name)
        _by_date(ax)
        last = runs.iloc[-1]
        describe(
            fig,
            f"{name}: {len(last)} runs, which end at {last.min():.0f} to "
            f"{last.max():.0f} dollars.",
        )
    return fig


def _dated_figure(windows: Windows, title: str, alt: str) -> tuple[Figure, Axes]:
    fig, ax = figure(title, alt=alt, xlabel="day", ylabel=f"{windows.column} in dollars")
    _by_date(ax)
    return fig, ax


def _by_date(ax: Axes) -> None:
    """Let the marks of the x-axis be dates, as short as they can be."""
    locator = matplotlib.dates.AutoDateLocator(maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(matplotlib.dates.ConciseDateFormatter(locator))
