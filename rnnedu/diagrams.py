"""Diagrams of cells and networks: the same diagram each time, one part highlighted.

A diagram is laid out by hand in units of boxes on axes without ticks. What is highlighted
has colour and strong lines, the rest is grey, so that the difference is seen in print too.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from rnnedu.plots import BLUE, ORANGE, STYLE, TEXT_COLOR, describe

DIMMED = "#9a9a9a"
HIGHLIGHTED = BLUE
CENTERED = {"ha": "center", "va": "center"}


def canvas(
    width: float, height: float, title: str, ax: Axes | None = None
) -> tuple[Figure, Axes]:
    """Open an empty diagram whose axes are `width` by `height` boxes.

    Parameters
    ----------
    width, height : float
        Of the axes, in boxes; the figure is as wide as the page.
    title : str
        The finding.
    ax : matplotlib.axes.Axes, optional
        A panel to use; a new figure unless given.

    Returns
    -------
    fig : matplotlib.figure.Figure
        Without an alt text yet: see `rnnedu.plots.describe`.
    ax : matplotlib.axes.Axes
        Without ticks.

    Examples
    --------
    >>> from rnnedu import diagrams
    >>> fig, ax = diagrams.canvas(4, 3, "A box")
    >>> diagrams.box(ax, 2, 1.5, "step")
    """
    with plt.style.context(STYLE):
        if ax is None:
            _, ax = plt.subplots(figsize=(7.5, 7.5 * height / width + 0.35))
        ax.set(xlim=(0, width), ylim=(0, height), aspect="equal", title=title)
    ax.axis("off")
    return ax.figure, ax


def box(ax: Axes, x: float, y: float, text: str, *, highlight=True, width=1.0, height=0.6):
    """Draw a box with its centre at (x, y): a layer, or a gate with its activation.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A `canvas`.
    x, y : float
        The centre.
    text : str
        What stands in the box.
    highlight : bool
        Whether it is drawn in colour, or in grey.
    width, height : float
        In boxes.

    Examples
    --------
    >>> from rnnedu import diagrams
    >>> fig, ax = diagrams.canvas(4, 3, "A layer")
    >>> diagrams.box(ax, 2, 1.5, "LSTM", highlight=False, width=1.4)
    """
    color = TEXT_COLOR if highlight else DIMMED
    ax.add_patch(
        plt.Rectangle(
            (x - width / 2, y - height / 2),
            width,
            height,
            facecolor="#d9ecf7" if highlight else "#f4f4f4",
            edgecolor=color,
            linewidth=1.6 if highlight else 1.0,
            zorder=2,
        )
    )
    ax.text(x, y, text, color=color, zorder=3, **CENTERED)


def operation(ax: Axes, x: float, y: float, text: str, *, highlight=True, radius=0.22):
    """Draw a small circle: a product, a sum or a tanh, element-wise.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A `canvas`.
    x, y : float
        The centre.
    text : str
        What stands in the circle.
    highlight : bool
        Whether it is drawn in colour, or in grey.
    radius : float
        In boxes.

    Examples
    --------
    >>> from rnnedu import diagrams
    >>> fig, ax = diagrams.canvas(4, 3, "A product")
    >>> diagrams.operation(ax, 2, 1.5, "×")
    """
    color = HIGHLIGHTED if highlight else DIMMED
    ax.add_patch(
        plt.Circle(
            (x, y), radius, facecolor="white", edgecolor=color, linewidth=1.6, zorder=2
        )
    )
    ax.text(x, y, text, color=color, zorder=3, fontsize="small", **CENTERED)


def arrow(
    ax: Axes,
    *points: tuple[float, float],
    highlight=True,
    head=True,
    over=False,
    color=HIGHLIGHTED,
):
    """Draw a line through `points`, with a head at its end: where a vector goes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A `canvas`.
    *points : tuple of float, (x, y)
        Two at least.
    highlight : bool
        Whether it is drawn in colour, or in grey.
    head : bool
        Whether it ends in a head.
    over : bool
        Whether it leaves a gap where it crosses another line, since it does not join it.
    color : str
        Of a highlighted line.

    Examples
    --------
    >>> from rnnedu import diagrams
    >>> fig, ax = diagrams.canvas(4, 3, "From left to right")
    >>> diagrams.arrow(ax, (1, 1.5), (3, 1.5))
    """
    color, width = (color, 2.0) if highlight else (DIMMED, 1.0)
    gap = [withStroke(linewidth=width + 7, foreground="white")] if over else None
    ax.plot(
        *zip(*points, strict=True),
        color=color,
        linestyle="-",
        linewidth=width,
        path_effects=gap,
        zorder=1,
    )
    if head:
        ax.annotate(
            "",
            points[-1],
            points[-2],
            arrowprops={
                "arrowstyle": "-|>",
                "color": color,
                "linewidth": width,
                "shrinkA": 0,
                "shrinkB": 0,
            },
            zorder=1,
        )


def unrolled(
    steps: int,
    title: str,
    alt: str,
    inputs: Sequence[float] = (),
    states: Sequence[float] = (),
) -> Figure:
    """Draw a recurrent layer twice: as one step with a loop, and as a chain of steps.

    Parameters
    ----------
    steps : int
        Steps of the chain, two at least.
    title : str
        The finding.
    alt : str
        What is seen, in sentences.
    inputs, states : list of float, optional
        The numbers of each step of the chain, to write beside their names.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from rnnedu import diagrams
    >>> fig = diagrams.unrolled(3, "A chain of three steps", alt="Three boxes in a row.")
    """
    spacing, first = 1.9, 3.6
    fig, ax = canvas(first + spacing * (steps - 1) + 1.4, 3.0, title)

    def step(x, t, given="", returned=""):
        arrow(ax, (x, 0.45), (x, 1.2))
        arrow(ax, (x, 1.8), (x, 2.5))
        box(ax, x, 1.5, "step")
        ax.text(x, 0.25, f"$x_{t}${given}", **CENTERED)
        ax.text(x, 2.72, f"$h_{t}${returned}", **CENTERED)

    def written(numbers):
        texts = [_minus(f" = {round(float(number), 3):g}") for number in numbers]
        return texts or [""] * steps

    arrow(ax, (1.4, 1.5), (1.7, 1.5), (1.7, 2.2), (0.1, 2.2), (0.1, 1.5), (0.4, 1.5))
    step(0.9, "t")
    ax.text(2.1, 1.5, "=", fontsize="x-large", **CENTERED)
    texts = zip(written(inputs), written(states), strict=True)
    for number, (given, returned) in enumerate(texts, start=1):
        x = first + spacing * (number - 1)
        ax.text(x - 0.95, 1.75, f"$h_{number - 1}$", color=HIGHLIGHTED, **CENTERED)
        arrow(ax, (x - (spacing - 0.5 if number > 1 else 1.2), 1.5), (x - 0.5, 1.5))
        step(x, number, given, returned)
    arrow(ax, (x + 0.5, 1.5), (x + 1.2, 1.5))
    describe(fig, alt)
    return fig


def small_network(
    nodes: Sequence[Sequence[str]],
    weights: Sequence[Sequence[Sequence[float]]],
    title: str,
    alt: str,
    *,
    notes: Sequence[Sequence[str]] = (),
    backward: bool = False,
) -> Figure:
    """Draw a network of dense layers: a circle for each unit, a line for each weight.

    Parameters
    ----------
    nodes : list of lists of str
        What stands in each circle, by layer; the first layer holds the inputs.
    weights : list of matrices, each of shape (units of a layer, units of the next)
        The number on each line.
    title : str
        The finding.
    alt : str
        What is seen, in sentences.
    notes : list of lists of str, optional
        A line of text below each circle, by layer.
    backward : bool
        Whether arrows go from the output back to the inputs, as gradients do.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is not one number for each line, or not one note for each circle.

    Examples
    --------
    >>> from rnnedu import diagrams
    >>> fig = diagrams.small_network(
    ...     [["1", "0.5"], ["0.8"]], [[[0.7], [0.2]]], "One unit", "Two inputs.")
    """
    spacing, radius, rows = 3.6, 0.5, max(map(len, nodes))
    fig, ax = canvas(1.6 + spacing * (len(nodes) - 1), 2.0 * rows + 0.2, title)
    middle = rows + 0.25
    places = [
        [
            (0.8 + spacing * k, middle + 2.0 * ((len(layer) - 1) / 2 - j))
            for j in range(len(layer))
        ]
        for k, layer in enumerate(nodes)
    ]
    color = ORANGE if backward else HIGHLIGHTED
    for (left, right), matrix in zip(pairwise(places), weights, strict=True):
        for start, row in zip(left, matrix, strict=True):
            for end, value in zip(right, row, strict=True):
                text = _minus(f"{round(float(value), 3) + 0:g}")  # + 0: no minus zero
                _weight(ax, start, end, text, radius, backward, color)
    for k, layer in enumerate(nodes):
        for (x, y), text in zip(places[k], layer, strict=True):
            operation(ax, x, y, _minus(text), radius=radius)
    for layer, texts in zip(places, notes, strict=False):
        for (x, y), text in zip(layer, texts, strict=True):
            ax.text(x, y - radius - 0.22, text, color=color, fontsize="small", **CENTERED)
    describe(fig, alt)
    return fig


def _minus(text: str) -> str:
    """Return a text with minus signs in place of hyphens."""
    return text.replace("-", "−")


def _weight(ax, start, end, text, radius, backward, color):
    """Draw the line of one weight from rim to rim, with its number nearer to the left."""
    (x0, y0), (x1, y1) = start, end
    length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    ends = [
        (x0 + radius * dx, y0 + radius * dy),
        (x1 - radius * dx, y1 - radius * dy),
    ]
    arrow(ax, *(reversed(ends) if backward else ends), color=color)
    place = x0 + 0.36 * (x1 - x0), y0 + 0.36 * (y1 - y0)
    white = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    ax.text(*place, text, color=TEXT_COLOR, bbox=white, zorder=3, **CENTERED)


def backward_chain(
    states: Sequence[str],
    factors: Sequence[str],
    gradients: Sequence[str],
    title: str,
    alt: str,
) -> Figure:
    """Draw a chain of steps with the gradient that goes back along it.

    Parameters
    ----------
    states : list of str
        What stands above each step: its hidden state.
    factors : list of str
        What the gradient is multiplied by between two steps, one fewer than steps.
    gradients : list of str
        What stands below each step: the derivative with respect to its hidden state.
    title : str
        The finding.
    alt : str
        What is seen, in sentences.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is not one gradient for each state.

    Examples
    --------
    >>> from rnnedu import diagrams
    >>> fig = diagrams.backward_chain(
    ...     ["$h_1$", "$h_2$"], ["× 0.5"], ["0.5", "1"], "Back", "Two steps and an arrow.")
    """
    spacing = 3.4
    fig, ax = canvas(spacing * (len(states) - 1) + 2.8, 2.7, title)
    for k, (state, gradient) in enumerate(zip(states, gradients, strict=True)):
        x = 1.4 + spacing * k
        box(ax, x, 1.3, "step", height=1.2)
        arrow(ax, (x - (spacing - 0.5 if k else 1.2), 1.6), (x - 0.5, 1.6))
        ax.text(x, 2.22, state, color=HIGHLIGHTED, **CENTERED)
        ax.text(x, 0.35, gradient, color=ORANGE, **CENTERED)
        if k + 1 < len(states):
            arrow(ax, (x + spacing - 0.5, 1.0), (x + 0.5, 1.0), color=ORANGE)
            ax.text(x + spacing / 2, 0.7, factors[k], color=ORANGE, **CENTERED)
    describe(fig, alt)
    return fig


LSTM_PARTS = {
    "forget": "the forget gate f, which multiplies the old cell state",
    "input": "the input gate i, which multiplies the candidate",
    "candidate": "the candidate g, what would be written",
    "cell state": "the cell state c, a line along time with a product and a sum on it",
    "output": "the output gate o, which multiplies the tanh of the cell state to give h",
}


def lstm_cell(
    highlight: str | None = None,
    title: str = "One step of an LSTM",
    values: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw the LSTM's step: the same diagram each time, one part of it highlighted.

    Parameters
    ----------
    highlight : {"forget", "input", "candidate", "cell state", "output"}, optional
        The part to highlight; all of them unless given.
    title : str
        The finding.
    values : mapping of str to float, optional
        Numbers to write beside the lines of one step: ``"x"``, ``"h"`` and ``"c"`` go in,
        ``"f"``, ``"i"``, ``"g"`` and ``"o"`` are the gates and the candidate, ``"c_new"``
        and ``"h_new"`` come out. Those that are not there are left out.
    ax : matplotlib.axes.Axes, optional
        A panel to draw into; a figure of its own unless given.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no such part.

    Examples
    --------
    >>> from rnnedu import diagrams
    >>> fig = diagrams.lstm_cell("forget", "The forget gate", {"c": 0.5, "f": 0.8})
    """
    on = _highlights(highlight, LSTM_PARTS)
    fig, ax = canvas(10.6, 5.6, title, ax)
    top, bottom = 4.6, 0.8  # the line of the cell state, and that of what the gates read
    boxes = {"forget": 2.2, "input": 4.0, "candidate": 5.6, "output": 7.4}
    reads = any(map(on, boxes))

    arrow(ax, (0.4, bottom), (7.4, bottom), highlight=reads, head=False)
    arrow(ax, (1.2, 0.1), (1.2, bottom), highlight=reads, head=False)
    arrow(ax, (0.4, top), (10.2, top), highlight=on("cell state"))
    for part, x in boxes.items():
        arrow(ax, (x, bottom), (x, 1.6), highlight=on(part))
        squash = "tanh" if part == "candidate" else "σ"
        box(ax, x, 1.95, squash, highlight=on(part), width=1.1, height=0.7)
    arrow(ax, (2.2, 2.3), (2.2, top - 0.22), highlight=on("forget"))
    operation(ax, 2.2, top, "×", highlight=on("forget") or on("cell state"))
    arrow(ax, (4.0, 2.3), (4.0, 3.2), (4.58, 3.2), highlight=on("input"))
    arrow(ax, (5.6, 2.3), (5.6, 3.2), (5.02, 3.2), highlight=on("candidate"))
    operation(ax, 4.8, 3.2, "×", highlight=on("input") or on("candidate"))
    arrow(ax, (4.8, 3.42), (4.8, top - 0.22), highlight=on("input") or on("candidate"))
    operation(ax, 4.8, top, "+", highlight=on("cell state"))
    arrow(ax, (9.0, top), (9.0, 3.96), highlight=on("output"))
    operation(ax, 9.0, 3.55, "tanh", highlight=on("output"), radius=0.41)
    arrow(ax, (9.0, 3.14), (9.0, 2.72), highlight=on("output"))
    arrow(ax, (7.4, 2.3), (7.4, 2.5), (8.78, 2.5), highlight=on("output"))
    operation(ax, 9.0, 2.5, "×", highlight=on("output"))
    arrow(ax, (9.0, 2.28), (9.0, bottom), (10.2, bottom), highlight=on("output"))
    labels = [
        (0.0, top + 0.4, "$c_{t-1}$", "c", "left", "cell state"),
        (10.6, top + 0.4, "$c_t$", "c_new", "right", "cell state"),
        (0.0, bottom + 0.4, "$h_{t-1}$", "h", "left", None),
        (10.6, bottom + 0.4, "$h_t$", "h_new", "right", "output"),
        (1.35, 0.3, "$x_t$", "x", "left", None),
        (2.1, 2.6, "$f$", "f", "right", "forget"),
        (3.9, 2.6, "$i$", "i", "right", "input"),
        (5.5, 2.6, "$g$", "g", "right", "candidate"),
        (7.3, 2.6, "$o$", "o", "right", "output"),
    ]
    return _labelled(fig, ax, "an LSTM", highlight, LSTM_PARTS, labels, values)


GRU_PARTS = {
    "update": "the update gate z, which keeps that share of the old state",
    "reset": "the reset gate r, which multiplies what the candidate sees of the old state",
    "candidate": "the candidate n, which 1 minus z lets in",
    "state": "the hidden state h, a line along time with a product and a sum on it",
}


def gru_cell(
    highlight: str | None = None,
    title: str = "One step of a GRU",
    values: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw the GRU's step: the same diagram each time, one part of it highlighted.

    Parameters
    ----------
    highlight : {"update", "reset", "candidate", "state"}, optional
        The part to highlight; all of them unless given.
    title : str
        The finding.
    values : mapping of str to float, optional
        Numbers to write beside the lines of one step: ``"x"`` and ``"h"`` go in, ``"z"``,
        ``"r"`` and ``"n"`` are the gates and the candidate, ``"h_new"`` comes out. Those
        that are not there are left out.
    ax : matplotlib.axes.Axes, optional
        A panel to draw into; a figure of its own unless given.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no such part.

    Examples
    --------
    >>> from rnnedu import diagrams
    >>> fig = diagrams.gru_cell("update", "The update gate", {"h": 0.2, "z": 0.8})
    """
    on = _highlights(highlight, GRU_PARTS)
    fig, ax = canvas(10.6, 5.6, title, ax)
    top, bottom, left = 4.6, 0.8, 0.9  # the line of the state; what the gates read
    gates = on("update") or on("reset")
    seen = on("reset") or on("candidate")  # what the reset gate leaves of the state
    arrow(ax, (0.4, top), (10.2, top), highlight=on("state"))
    arrow(ax, (left, top), (left, 3.2), highlight=gates or seen, head=False)
    arrow(ax, (left, 3.2), (left, bottom), (4.6, bottom), highlight=gates, head=False)
    arrow(ax, (1.6, 0.1), (1.6, bottom), highlight=gates, head=False)

    arrow(ax, (4.6, bottom), (4.6, 1.6), highlight=on("update"))
    box(ax, 4.6, 1.95, "σ", highlight=on("update"), width=1.1, height=0.7)
    arrow(ax, (4.6, 2.3), (4.6, top - 0.22), highlight=on("update"))
    operation(ax, 4.6, top, "×", highlight=on("update") or on("state"))
    arrow(ax, (4.6, 3.3), (7.05, 3.3), highlight=on("update"))
    operation(ax, 7.4, 3.3, "1−", highlight=on("update"), radius=0.3)
    arrow(ax, (7.7, 3.3), (8.38, 3.3), highlight=on("update"))

    arrow(ax, (2.7, bottom), (2.7, 1.6), highlight=on("reset"))
    box(ax, 2.7, 1.95, "σ", highlight=on("reset"), width=1.1, height=0.7)
    arrow(ax, (2.7, 2.3), (2.7, 2.98), highlight=on("reset"))
    operation(ax, 2.7, 3.2, "×", highlight=seen)
    arrow(ax, (left, 3.2), (2.48, 3.2), highlight=seen)
    to_candidate = (2.92, 3.2), (3.7, 3.2), (3.7, 0.35), (8.3, 0.35), (8.3, 1.6)
    arrow(ax, *to_candidate, highlight=seen, over=True)

    arrow(ax, (1.6, 0.1), (8.9, 0.1), (8.9, 1.6), highlight=on("candidate"))
    box(ax, 8.6, 1.95, "tanh", highlight=on("candidate"), width=1.1, height=0.7)
    arrow(ax, (8.6, 2.3), (8.6, 3.08), highlight=on("candidate"))
    operation(ax, 8.6, 3.3, "×", highlight=on("candidate"))
    arrow(ax, (8.6, 3.52), (8.6, top - 0.22), highlight=on("candidate"))
    operation(ax, 8.6, top, "+", highlight=on("state"))
    labels = [
        (0.0, top + 0.4, "$h_{t-1}$", "h", "left", None),
        (10.6, top + 0.4, "$h_t$", "h_new", "right", "state"),
        (1.45, 0.35, "$x_t$", "x", "right", None),
        (4.75, 2.6, "$z$", "z", "left", "update"),
        (2.6, 2.6, "$r$", "r", "right", "reset"),
        (8.75, 2.6, "$n$", "n", "left", "candidate"),
    ]
    return _labelled(fig, ax, "a GRU", highlight, GRU_PARTS, labels, values)


def lstm_and_gru(lstm_part: str | None, gru_part: str | None, title: str) -> Figure:
    """Draw the steps of both cells, the LSTM's above the GRU's, to compare two parts.

    Parameters
    ----------
    lstm_part, gru_part : str, optional
        The part of each to highlight; all of them unless given.
    title : str
        The finding.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no such part.

    Examples
    --------
    >>> from rnnedu import diagrams
    >>> fig = diagrams.lstm_and_gru("forget", "update", "What keeps the state")
    """
    with plt.style.context(STYLE):
        fig, (above, below) = plt.subplots(2, 1, figsize=(7.5, 9.0))
        fig.suptitle(title, x=0.01, ha="left")
    lstm_cell(lstm_part, "LSTM", ax=above)
    return gru_cell(gru_part, "GRU", ax=below)


def _highlights(highlight: str | None, parts):
    """Return a function that says whether a part is highlighted."""
    if highlight is not None and highlight not in parts:
        raise ValueError(
            f"there is no part {highlight!r}. Fix: choose one of {', '.join(parts)}."
        )
    return lambda part: highlight is None or part == highlight


def _labelled(fig, ax, cell: str, highlight, parts, labels, values) -> Figure:
    """Write the labels of the lines, with their values, and the alt text.

    `labels` are x, y, text, key of the value, horizontal alignment, and the part that a
    label belongs to, or None if it is never dimmed.
    """
    on = _highlights(highlight, parts)
    written = {key: f" = {value:.3g}" for key, value in (values or {}).items()}
    for x, y, text, key, side, part in labels:
        color = TEXT_COLOR if part is None or on(part) else DIMMED
        ax.text(x, y, text + written.get(key, ""), color=color, ha=side, va="center")
    fig = _described(fig, cell, highlight, parts)
    if written:
        told = ", ".join(f"{key.replace('_', ' ')}{text}" for key, text in written.items())
        describe(fig, f"Numbers stand beside the lines: {told}.")
    return fig


def _described(fig: Figure, cell: str, highlight: str | None, parts) -> Figure:
    shown = parts[highlight] if highlight else "; ".join(parts.values())
    how = "In colour" if highlight else "All its parts are in colour"
    describe(
        fig,
        f"A diagram of one step of {cell}: lines for vectors, boxes for layers, circles "
        f"for what is element-wise. {how}: {shown}.",
    )
    return fig
