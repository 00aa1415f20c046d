"""The figures the site repeats: one look, axes and units named, an alt text each.

A series looks the same wherever it stands: colour, line style and width go by its name.
The colours are Okabe and Ito's, told apart without colour vision; line styles repeat
the difference. The alt text is the figure's label, where the site finds it.
"""

from collections.abc import Mapping, Sequence

import matplotlib
import matplotlib.dates
import matplotlib.pyplot as plt
import matplotlib.ticker
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rnnedu.metrics import HELD, YESTERDAY
from rnnedu.windows import Windows

# The backend is loaded now. Were it loaded within the first `rc_context`, leaving that
# would undo what the backend set, and a notebook would show no later figure.
if not plt.get_fignums():
    plt.switch_backend(matplotlib.get_backend())

INK = "#202020"
STYLES = {
    "true price": {"color": INK, "linestyle": "-", "linewidth": 1.4},
    YESTERDAY: {"color": "#cc79a7", "linestyle": ":", "linewidth": 2.0},
    HELD: {"color": "#cc79a7", "linestyle": (0, (1, 3)), "linewidth": 2.0},
    "LSTM": {"color": "#0072b2", "linestyle": "--", "linewidth": 1.8},
    "GRU": {"color": "#d55e00", "linestyle": "-.", "linewidth": 1.8},
    "simple RNN": {"color": "#009e73", "linestyle": (0, (5, 1, 1, 1, 1, 1))},
    "bidirectional LSTM": {"color": "#332288", "linestyle": (0, (6, 2))},
    "LSTM under GRU": {"color": "#882255", "linestyle": (0, (3, 1, 1, 1))},
    "mean of LSTM and GRU": {"color": "#806000", "linestyle": (0, (2, 1))},
}
LOOK = {
    "figure.figsize": (7.5, 3.8),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.titlelocation": "left",
    "axes.titlesize": "medium",
    "axes.titleweight": "bold",
    "grid.alpha": 0.3,
    "legend.frameon": False,
    **dict.fromkeys(
        ["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"],
        INK,
    ),
}


def plot_split(windows: Windows, title: str) -> Figure:
    """Draw the prices, training years and test year apart.

    Parameters
    ----------
    windows : Windows
        What is drawn: dollars over trading days.
    title : str
        The finding.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with plt.rc_context(LOOK):
        fig, ax = plt.subplots()
        ax.plot(windows.train, color="#767676", linewidth=1.0, label="training years")
        ax.plot(
            windows.test, **STYLES["true price"], label=f"test year {windows.test_year}"
        )
        ax.axhspan(windows.train.min(), windows.train.max(), color="#0072b2", alpha=0.08)
        ax.text(
            windows.train.index[0],
            windows.train.max(),
            "highest training price: 1 after scaling",
            va="bottom",
            fontsize="small",
        )
        ax.legend(loc="lower right")
        _name_dated_axes(ax, windows, title)
    return _describe(
        fig,
        f"Line chart of the daily {windows.column} price: the training years in grey, "
        f"{windows.train.min():.0f} to {windows.train.max():.0f} dollars, then the test "
        f"year {windows.test_year} in black, {windows.test.min():.0f} to "
        f"{windows.test.max():.0f} dollars; a band marks the range of the training years.",
    )


def plot_window(windows: Windows, day: int, title: str) -> Figure:
    """Draw the window of one test day, and the price it is to forecast.

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
    """
    if not 0 <= day < len(windows.test):
        raise ValueError(
            f"day is {day}. Mend: give 0 to {len(windows.test) - 1}, the test days."
        )
    both = pd.concat([windows.train, windows.test])
    end = len(windows.train) + day
    inside = both.iloc[end - windows.lookback : end]
    around = both.iloc[max(0, end - 2 * windows.lookback) : end + windows.lookback]
    answer = both.iloc[end : end + 1]
    with plt.rc_context(LOOK):
        fig, ax = plt.subplots()
        ax.plot(around, color="#767676", linewidth=1.0)
        ax.plot(inside, color="#0072b2", linewidth=2.2, label=f"window: {len(inside)} days")
        ax.plot(answer, "o", color="#d55e00", label="the day to forecast")
        ax.axvspan(inside.index[0], inside.index[-1], color="#0072b2", alpha=0.08)
        ax.axvline(windows.test.index[0], color=INK, linewidth=1.0, linestyle=":")
        ax.annotate(
            "first test day",
            (windows.test.index[0], around.min()),
            xytext=(5, 0),
            textcoords="offset points",
            fontsize="small",
        )
        ax.legend(loc="upper left")
        _name_dated_axes(ax, windows, title)
    return _describe(
        fig,
        f"The price around {answer.index[0]:%d %B %Y}: a blue band covers the "
        f"{len(inside)} trading days from {inside.index[0]:%d %B %Y} to "
        f"{inside.index[-1]:%d %B %Y} that the network sees, an orange dot the day after "
        "them, which it is to forecast.",
    )


def plot_forecasts(
    windows: Windows, forecasts: Mapping[str, pd.Series], title: str, days=slice(None)
) -> Figure:
    """Draw forecasts of the test year, or of some of its days, over the true price.

    Parameters
    ----------
    windows : Windows
        The true prices.
    forecasts : mapping of str to pandas.Series
        Dollars on test days, by name; a name in ``STYLES`` has its own look.
    title : str
        The finding.
    days : slice or index, optional
        The test days to draw; all unless given.

    Returns
    -------
    matplotlib.figure.Figure
    """
    drawn = {"true price": windows.test, **forecasts}
    drawn = {name: series.loc[days] for name, series in drawn.items()}
    with plt.rc_context(LOOK):
        fig, ax = plt.subplots()
        for name, series in drawn.items():
            ax.plot(series, **STYLES.get(name, {}), label=name)
        ax.legend()
        _name_dated_axes(ax, windows, title)
    ends = "; ".join(
        f"{name} runs from {series.iloc[0]:.0f} to {series.iloc[-1]:.0f} dollars"
        for name, series in drawn.items()
    )
    first, last = drawn["true price"].index[[0, -1]]
    return _describe(
        fig, f"Line chart of {first:%d %B %Y} to {last:%d %B %Y}, by trading day: {ends}."
    )


def plot_loss(losses: Mapping[str, Sequence[float]], title: str) -> Figure:
    """Draw the training loss of each epoch, on a logarithmic scale.

    Parameters
    ----------
    losses : mapping of str to sequence of float
        Mean squared errors of scaled prices by epoch, by network.
    title : str
        The finding.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with plt.rc_context(LOOK):
        fig, ax = plt.subplots(figsize=(7.5, 2.8))
        for name, loss in losses.items():
            epochs = range(1, len(loss) + 1)
            ax.plot(epochs, loss, **STYLES.get(name, {}), label=name)
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter(matplotlib.ticker.LogFormatterSciNotation())
        ax.yaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
        ax.legend()
        _name_axes(ax, "epoch", "mean squared error\n(scaled prices)", title)
    falls = "; ".join(
        f"{name} goes from {loss[0]:.2g} in the first epoch to {loss[-1]:.2g} in "
        f"epoch {len(loss)}"
        for name, loss in losses.items()
    )
    return _describe(fig, f"Training loss by epoch on a logarithmic scale: {falls}.")


def plot_scores(scores: pd.DataFrame, title: str) -> Figure:
    """Draw the RMSE of each row of a score table as a bar, the baseline first.

    Parameters
    ----------
    scores : pandas.DataFrame
        What `score_table` returned.
    title : str
        The finding.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with plt.rc_context(LOOK):
        fig, ax = plt.subplots(figsize=(7.5, 0.7 + 0.55 * len(scores)))
        colors = [STYLES.get(name, {}).get("color", "#767676") for name in scores.index]
        bars = ax.barh(scores.index, scores["RMSE"], color=colors, height=0.6)
        ax.bar_label(bars, fmt="%.2f", padding=4)
        ax.axvline(scores["RMSE"].iloc[0], color=INK, linewidth=1.0, linestyle=":")
        ax.invert_yaxis()
        ax.grid(visible=False)
        ax.set_xlabel("RMSE in dollars")
        ax.set_title(title)
    bars = "; ".join(f"{name} {value:.2f}" for name, value in scores["RMSE"].items())
    return _describe(fig, f"Bars of the RMSE in dollars: {bars}.")


def _name_dated_axes(ax: Axes, windows: Windows, title: str) -> None:
    locator = matplotlib.dates.AutoDateLocator(maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(matplotlib.dates.ConciseDateFormatter(locator))
    _name_axes(ax, "day", f"{windows.column} in dollars", title)


def _name_axes(ax: Axes, x: str, y: str, title: str) -> None:
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.set_title(title)


def _describe(fig: Figure, alt: str) -> Figure:
    fig.set_label(alt)
    return fig
