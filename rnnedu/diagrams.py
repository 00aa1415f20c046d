"""Diagrams of cells and networks, drawn by code: the same diagram, one part lit at a time.

A diagram is laid out by hand in units of boxes on axes without ticks. What is lit is drawn
in colour and strong lines, the rest in grey, so that the difference is seen in print too.
"""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from rnnedu.plots import INK, LOOK

DIM = "#9a9a9a"
LIT = "#0072b2"
WRITTEN = {"ha": "center", "va": "center"}


def canvas(width: float, height: float, title: str) -> tuple[Figure, Axes]:
    """Open an empty diagram whose axes are `width` by `height` boxes."""
    with plt.rc_context(LOOK):
        fig, ax = plt.subplots(figsize=(7.5, 7.5 * height / width + 0.35))
        ax.set(xlim=(0, width), ylim=(0, height), aspect="equal", title=title)
    ax.axis("off")
    return fig, ax


def box(ax: Axes, x: float, y: float, text: str, *, lit=True, wide=1.0, high=0.6):
    """Draw a box with its centre at (x, y): a layer, or a gate with its activation."""
    color = INK if lit else DIM
    ax.add_patch(
        plt.Rectangle(
            (x - wide / 2, y - high / 2),
            wide,
            high,
            facecolor="#d9ecf7" if lit else "#f4f4f4",
            edgecolor=color,
            linewidth=1.6 if lit else 1.0,
            zorder=2,
        )
    )
    ax.text(x, y, text, color=color, zorder=3, **WRITTEN)


def op(ax: Axes, x: float, y: float, text: str, *, lit=True, radius=0.22):
    """Draw a small circle: a product, a sum, a tanh, entry by entry."""
    color = LIT if lit else DIM
    ax.add_patch(
        plt.Circle(
            (x, y), radius, facecolor="white", edgecolor=color, linewidth=1.6, zorder=2
        )
    )
    ax.text(x, y, text, color=color, zorder=3, fontsize="small", **WRITTEN)


def arrow(ax: Axes, *points: tuple[float, float], lit=True, head=True, over=False):
    """Draw a line through `points`, with a head at its end: where a vector goes.

    With `over`, it leaves a gap in the lines that it crosses, as it does not join them.
    """
    color, width = (LIT, 2.0) if lit else (DIM, 1.0)
    gap = [withStroke(linewidth=width + 7, foreground="white")] if over else None
    ax.plot(
        *zip(*points, strict=True),
        color=color,
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


def unrolled(steps: int, title: str, alt: str) -> Figure:
    """Draw a recurrent layer twice: as one step with a loop, and as a chain of steps.

    Parameters
    ----------
    steps : int
        Steps of the chain, two at least.
    title : str
        The finding.
    alt : str
        What is seen, in sentences.

    Returns
    -------
    matplotlib.figure.Figure
    """
    spacing, first = 1.9, 3.6
    fig, ax = canvas(first + spacing * (steps - 1) + 1.4, 3.0, title)

    def step(x, t):
        arrow(ax, (x, 0.45), (x, 1.2))
        arrow(ax, (x, 1.8), (x, 2.5))
        box(ax, x, 1.5, "step")
        ax.text(x, 0.25, f"$x_{t}$", **WRITTEN)
        ax.text(x, 2.72, f"$h_{t}$", **WRITTEN)

    arrow(ax, (1.4, 1.5), (1.7, 1.5), (1.7, 2.2), (0.1, 2.2), (0.1, 1.5), (0.4, 1.5))
    step(0.9, "t")
    ax.text(2.1, 1.5, "=", fontsize="x-large", **WRITTEN)
    for number in range(1, steps + 1):
        x = first + spacing * (number - 1)
        ax.text(x - 0.95, 1.75, f"$h_{number - 1}$", color=LIT, **WRITTEN)
        arrow(ax, (x - 1.2, 1.5), (x - 0.5, 1.5))
        step(x, number)
    arrow(ax, (x + 0.5, 1.5), (x + 1.2, 1.5))
    fig.set_label(alt)
    return fig


LSTM_PARTS = {
    "forget": "the forget gate f, which multiplies the old memory",
    "input": "the input gate i, which multiplies the candidate",
    "candidate": "the candidate g, what would be written",
    "memory": "the memory c, a line from day to day with a product and a sum on it",
    "output": "the output gate o, which multiplies the tanh of the memory to give h",
}


def lstm_cell(lit: str | None = None, title: str = "One step of an LSTM") -> Figure:
    """Draw the LSTM's step: the same diagram each time, one part of it lit.

    Parameters
    ----------
    lit : {"forget", "input", "candidate", "memory", "output"}, optional
        The part to light; all of them unless given.
    title : str
        The finding.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no such part.
    """
    on = _lights(lit, LSTM_PARTS)
    fig, ax = canvas(10.6, 5.6, title)
    top, bottom = 4.6, 0.8  # the line of the memory, and that of what the gates read
    gates = {"forget": (2.2, "$f$"), "input": (4.0, "$i$"), "candidate": (5.6, "$g$")}
    reads = any(map(on, (*gates, "output")))

    arrow(ax, (0.4, bottom), (7.4, bottom), lit=reads, head=False)
    arrow(ax, (1.2, 0.1), (1.2, bottom), lit=reads, head=False)
    arrow(ax, (0.4, top), (10.2, top), lit=on("memory"))
    for part, (x, name) in (gates | {"output": (7.4, "$o$")}).items():
        arrow(ax, (x, bottom), (x, 1.6), lit=on(part))
        squash = "tanh" if part == "candidate" else "σ"
        box(ax, x, 1.95, squash, lit=on(part), wide=1.1, high=0.7)
        ax.text(x - 0.25, 2.6, name, color=INK if on(part) else DIM, **WRITTEN)
    arrow(ax, (2.2, 2.3), (2.2, top - 0.22), lit=on("forget"))
    op(ax, 2.2, top, "×", lit=on("forget") or on("memory"))
    arrow(ax, (4.0, 2.3), (4.0, 3.2), (4.58, 3.2), lit=on("input"))
    arrow(ax, (5.6, 2.3), (5.6, 3.2), (5.02, 3.2), lit=on("candidate"))
    op(ax, 4.8, 3.2, "×", lit=on("input") or on("candidate"))
    arrow(ax, (4.8, 3.42), (4.8, top - 0.22), lit=on("input") or on("candidate"))
    op(ax, 4.8, top, "+", lit=on("memory"))
    arrow(ax, (9.0, top), (9.0, 3.96), lit=on("output"))
    op(ax, 9.0, 3.55, "tanh", lit=on("output"), radius=0.41)
    arrow(ax, (9.0, 3.14), (9.0, 2.72), lit=on("output"))
    arrow(ax, (7.4, 2.3), (7.4, 2.5), (8.78, 2.5), lit=on("output"))
    op(ax, 9.0, 2.5, "×", lit=on("output"))
    arrow(ax, (9.0, 2.28), (9.0, bottom), (10.2, bottom), lit=on("output"))
    for x, y, name, part in [
        (0.3, top + 0.4, "$c_{t-1}$", "memory"),
        (10.2, top + 0.4, "$c_t$", "memory"),
        (0.3, bottom + 0.4, "$h_{t-1}$", None),
        (10.2, bottom + 0.4, "$h_t$", "output"),
        (1.55, 0.3, "$x_t$", None),
    ]:
        ax.text(x, y, name, color=INK if part is None or on(part) else DIM, **WRITTEN)
    return _told(fig, "an LSTM", lit, LSTM_PARTS)


GRU_PARTS = {
    "update": "the update gate z, which keeps that share of the old state",
    "reset": "the reset gate r, which multiplies what the candidate sees of the old state",
    "candidate": "the candidate n, which 1 minus z lets in",
    "state": "the state h, a line from day to day with a product and a sum on it",
}


def gru_cell(lit: str | None = None, title: str = "One step of a GRU") -> Figure:
    """Draw the GRU's step: the same diagram each time, one part of it lit.

    Parameters
    ----------
    lit : {"update", "reset", "candidate", "state"}, optional
        The part to light; all of them unless given.
    title : str
        The finding.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no such part.
    """
    on = _lights(lit, GRU_PARTS)
    fig, ax = canvas(10.6, 5.6, title)
    top, bottom, left = 4.6, 0.8, 0.9  # the line of the state; what the gates read
    gates = on("update") or on("reset")
    seen = on("reset") or on("candidate")  # what the reset gate leaves of the state
    arrow(ax, (0.4, top), (10.2, top), lit=on("state"))
    arrow(ax, (left, top), (left, 3.2), lit=gates or seen, head=False)
    arrow(ax, (left, 3.2), (left, bottom), (4.6, bottom), lit=gates, head=False)
    arrow(ax, (1.6, 0.1), (1.6, bottom), lit=gates, head=False)

    arrow(ax, (4.6, bottom), (4.6, 1.6), lit=on("update"))
    box(ax, 4.6, 1.95, "σ", lit=on("update"), wide=1.1, high=0.7)
    arrow(ax, (4.6, 2.3), (4.6, top - 0.22), lit=on("update"))
    op(ax, 4.6, top, "×", lit=on("update") or on("state"))
    arrow(ax, (4.6, 3.3), (7.05, 3.3), lit=on("update"))
    op(ax, 7.4, 3.3, "1−", lit=on("update"), radius=0.3)
    arrow(ax, (7.7, 3.3), (8.38, 3.3), lit=on("update"))

    arrow(ax, (2.7, bottom), (2.7, 1.6), lit=on("reset"))
    box(ax, 2.7, 1.95, "σ", lit=on("reset"), wide=1.1, high=0.7)
    arrow(ax, (2.7, 2.3), (2.7, 2.98), lit=on("reset"))
    op(ax, 2.7, 3.2, "×", lit=seen)
    arrow(ax, (left, 3.2), (2.48, 3.2), lit=seen)
    to_candidate = (2.92, 3.2), (3.7, 3.2), (3.7, 0.35), (8.3, 0.35), (8.3, 1.6)
    arrow(ax, *to_candidate, lit=seen, over=True)

    arrow(ax, (1.6, 0.1), (8.9, 0.1), (8.9, 1.6), lit=on("candidate"))
    box(ax, 8.6, 1.95, "tanh", lit=on("candidate"), wide=1.1, high=0.7)
    arrow(ax, (8.6, 2.3), (8.6, 3.08), lit=on("candidate"))
    op(ax, 8.6, 3.3, "×", lit=on("candidate"))
    arrow(ax, (8.6, 3.52), (8.6, top - 0.22), lit=on("candidate"))
    op(ax, 8.6, top, "+", lit=on("state"))
    for x, y, name, part in [
        (0.4, top + 0.4, "$h_{t-1}$", None),
        (10.2, top + 0.4, "$h_t$", "state"),
        (1.25, 0.1, "$x_t$", None),
        (4.85, 2.6, "$z$", "update"),
        (2.95, 2.6, "$r$", "reset"),
        (8.85, 2.6, "$n$", "candidate"),
    ]:
        ax.text(x, y, name, color=INK if part is None or on(part) else DIM, **WRITTEN)
    return _told(fig, "a GRU", lit, GRU_PARTS)


def _lights(lit: str | None, parts):
    """Return a function that says whether a part is lit."""
    if lit is not None and lit not in parts:
        raise ValueError(
            f"there is no part {lit!r}. Mend: choose one of {', '.join(parts)}."
        )
    return lambda part: lit is None or part == lit


def _told(fig: Figure, cell: str, lit: str | None, parts) -> Figure:
    shown = parts[lit] if lit else "; ".join(parts.values())
    how = "In colour" if lit else "All its parts are lit"
    fig.set_label(
        f"A diagram of one step of {cell}: lines for vectors, boxes for layers, circles "
        f"for what is done entry by entry. {how}: {shown}."
    )
    return fig
