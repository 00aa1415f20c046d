"""How figures look: the style of each series, and `figure`, with which pages begin."""

from collections.abc import Iterable
from importlib import resources

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from rnnedu.metrics import LAST_VALUE, PERSISTENCE

# The backend is loaded now. Were it loaded within the first `plt.style.context`, leaving
# that would undo what the backend set, and a notebook would show no later figure.
if not plt.get_fignums():
    plt.switch_backend(matplotlib.get_backend())

STYLE = "rnnedu.course"
"""The style sheet of all figures, for ``matplotlib.pyplot.style.use``."""

_SHEET = matplotlib.rc_params_from_file(
    resources.files("rnnedu") / "course.mplstyle", use_default_template=False
)

TEXT_COLOR, GREY = "#202020", "#767676"
BLUE, ORANGE = "#0072b2", "#d55e00"  # the first two of the style sheet
SERIES_STYLES = {
    "true price": {"color": TEXT_COLOR, "linestyle": "-", "linewidth": 1.4},
    "training years": {"color": GREY, "linestyle": "-", "linewidth": 1.0},
    PERSISTENCE: {"color": "#cc79a7", "linestyle": ":", "linewidth": 2.0},
    LAST_VALUE: {"color": "#cc79a7", "linestyle": (0, (1, 3)), "linewidth": 2.0},
    "LSTM": {"color": BLUE, "linestyle": "--", "linewidth": 1.8},
    "GRU": {"color": ORANGE, "linestyle": "-.", "linewidth": 1.8},
    "simple RNN": {"color": "#009e73", "linestyle": (0, (5, 1, 1, 1, 1, 1))},
    "bidirectional LSTM": {"color": "#332288", "linestyle": (0, (6, 2))},
    "LSTM-GRU stack": {"color": "#882255", "linestyle": (0, (3, 1, 1, 1))},
    "LSTM-GRU average": {"color": "#806000", "linestyle": (0, (2, 1))},
    "dense network": {"color": "#56b4e9", "linestyle": (0, (8, 2)), "linewidth": 2.2},
    "forget gate": {"color": "#661100", "linestyle": "-", "linewidth": 1.8},
    "update gate": {"color": "#999933", "linestyle": "-", "linewidth": 2.2},
    "input gate": {"color": "#e69f00", "linestyle": (0, (3, 1))},
    "linear model": {"color": GREY, "linestyle": (0, (4, 2)), "linewidth": 1.6},
}
"""Colour and line of a series by its name, the same wherever it is drawn. Names that are
not here take the colours of the style sheet in turn."""


AXIS_LINE = {"color": TEXT_COLOR, "linestyle": "-", "linewidth": 1.0}
"""A line at zero, or another one that belongs to the axes."""

MARK_LINE = {"color": TEXT_COLOR, "linestyle": ":", "linewidth": 1.2}
"""A dotted line that marks a place."""

THIN_LINE = {"linestyle": "-", "linewidth": 0.8}
"""One of many lines of the same kind, or a bound beside what it bounds."""


def figure(
    title: str,
    *,
    alt: str,
    rows: int = 1,
    columns: int = 1,
    width: float = 7.5,
    height: float = 3.8,
    xlabel: str | list[str] = "",
    ylabel: str | list[str] = "",
    share: bool | str = False,
    ratios: dict | None = None,
    **axes_options,
) -> tuple[Figure, object]:
    """Open a figure with a title, named axes and a text for those who cannot see it.

    Parameters
    ----------
    title : str
        The finding, in one line or two.
    alt : str
        What is drawn, in sentences. The charts of `rnnedu.plots` add their numbers.
    rows, columns : int
        Panels.
    width, height : float
        Inches, of the whole figure.
    xlabel, ylabel : str or list of str
        Names and units of the axes. With several panels, of those at the bottom and of
        those on the left: one name for all, or a list with one for each.
    share : bool or {"x", "y"}
        Which axes the panels share; both if true.
    ratios : dict, optional
        ``width_ratios`` and ``height_ratios`` of the panels.
    **axes_options
        Passed on to ``Axes.set`` of every panel: ``yscale="log"``, ``ylim=(0, 1)``. Set an
        open end, such as ``ylim=(0, None)``, after the chart is drawn.

    Returns
    -------
    fig : matplotlib.figure.Figure
        Its label is the alt text, which the site puts beside the picture.
    ax : matplotlib.axes.Axes or numpy.ndarray of them
        One panel, or all in the shape that ``matplotlib.pyplot.subplots`` gives.

    Raises
    ------
    ValueError
        If the alt text is no sentence.

    Examples
    --------
    >>> from rnnedu import plots
    >>> fig, ax = plots.figure(
    ...     "The loss falls", alt="Training loss by epoch.", xlabel="epoch", ylabel="loss")
    >>> lines = ax.plot([1, 2, 3], [0.5, 0.2, 0.1])
    >>> fig.get_label()
    'Training loss by epoch.'
    """
    with plt.style.context(STYLE):
        fig, axes = plt.subplots(
            rows,
            columns,
            figsize=(width, height),
            sharex=share in (True, "x"),
            sharey=share in (True, "y"),
            gridspec_kw=ratios,
        )
        panels = np.atleast_1d(axes)
        if panels.size == 1:
            panels.flat[0].set_title(title)
        else:
            fig.suptitle(title, x=0.01, ha="left")
    grid = panels.reshape(rows, columns)
    for ax in panels.flat:
        ax.set(**axes_options)
    for ax, name in zip(grid[-1], _one_each(xlabel, columns), strict=True):
        ax.set_xlabel(name)
    for ax, name in zip(grid[:, 0], _one_each(ylabel, rows), strict=True):
        ax.set_ylabel(name)
    describe(fig, alt)
    return fig, axes


def _one_each(name: str | list[str], count: int) -> list[str]:
    return [name] * count if isinstance(name, str) else name


def describe(fig: Figure, *sentences: str) -> None:
    """Add sentences to the alt text of a figure, each of them once.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        Its label is the alt text.
    *sentences : str

    Raises
    ------
    ValueError
        If one of them does not end like a sentence.

    Examples
    --------
    >>> from rnnedu import plots
    >>> fig, _ = plots.figure("A finding", alt="Two lines.")
    >>> plots.describe(fig, "Both rise.")
    >>> fig.get_label()
    'Two lines. Both rise.'
    """
    for sentence in sentences:
        if not sentence.strip().endswith((".", "!", "?")):
            raise ValueError(
                f"the alt text {sentence!r} is no sentence. Fix: write what is drawn, and "
                "end it with a full stop."
            )
    new = [each for each in sentences if each not in fig.get_label()]
    fig.set_label(" ".join([fig.get_label(), *new]).strip())


def style_of(name: str) -> dict:
    """Return the style of a series, or nothing if it has none of its own.

    Parameters
    ----------
    name : str
        A key of `SERIES_STYLES`, or any other name.

    Returns
    -------
    dict
        Options of ``Axes.plot``.

    Examples
    --------
    >>> from rnnedu import plots
    >>> plots.style_of("GRU")["color"]
    '#d55e00'
    >>> plots.style_of("a rule of mine")
    {}
    """
    return dict(SERIES_STYLES.get(name, {}))


def styles_of(names: Iterable[str], ax: Axes | None = None) -> dict[str, dict]:
    """Return a style for each series of one chart, so that they can be told apart.

    Series without a style of their own get the colours and lines of the style sheet in
    turn, except colours that a named series of this chart has or that a line of `ax` has
    already.

    Parameters
    ----------
    names : iterable of str
        The series of one chart.
    ax : matplotlib.axes.Axes, optional
        The panel that they are drawn into.

    Returns
    -------
    dict of str to dict
        Options of ``Axes.plot``, by name.

    Examples
    --------
    >>> from rnnedu import plots
    >>> styles = plots.styles_of(["LSTM", "mine"])
    >>> styles["LSTM"]["color"] != styles["mine"]["color"]
    True
    """
    styles = {name: style_of(name) for name in names}
    taken = {style["color"] for style in styles.values() if style}
    taken |= {to_hex(line.get_color()) for line in (ax.lines if ax else ())}
    sheet = list(_SHEET["axes.prop_cycle"])
    cycle = [each for each in sheet if each["color"] not in taken] or sheet
    unnamed = [name for name, style in styles.items() if not style]
    return styles | {name: cycle[k % len(cycle)] for k, name in enumerate(unnamed)}
