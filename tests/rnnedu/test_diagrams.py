"""The diagrams: an alt text each, and what is lit can be told from what is not."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import Circle, Rectangle

from rnnedu import diagrams

CELLS = [
    (diagrams.lstm_cell, diagrams.LSTM_PARTS, 4),
    (diagrams.gru_cell, diagrams.GRU_PARTS, 3),
]


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def boxes(fig):
    return [patch for patch in fig.axes[0].patches if isinstance(patch, Rectangle)]


def lit_lines(fig):
    """The lit lines, each as the points it goes through."""
    lines = [line for line in fig.axes[0].lines if line.get_color() == diagrams.LIT]
    return [[tuple(map(float, point)) for point in line.get_xydata()] for line in lines]


@pytest.mark.parametrize(("draw", "parts", "layers"), CELLS)
def test_every_part_can_be_lit_and_says_so(draw, parts, layers):
    for part in [None, *parts]:
        fig = draw(part, title="A finding")
        assert fig.axes[0].get_title(loc="left") == "A finding"
        assert len(boxes(fig)) == layers
        told = fig.get_label()
        assert told.endswith(".")
        assert all((what in told) == (part in (None, name)) for name, what in parts.items())


@pytest.mark.parametrize(("draw", "parts", "layers"), CELLS)
def test_what_is_lit_differs_in_colour_and_in_width(draw, parts, layers):
    lines = draw(next(iter(parts))).axes[0].lines
    lit = {(line.get_color(), line.get_linewidth()) for line in lines}
    assert len(lit) == 2
    (colour, width), (other_colour, other_width) = lit
    assert colour != other_colour
    assert width != other_width


@pytest.mark.parametrize(("draw", "parts", "layers"), CELLS)
def test_a_part_that_is_not_there_is_refused(draw, parts, layers):
    with pytest.raises(ValueError, match=r"no part 'peephole'. Mend: .*candidate"):
        draw("peephole")


def test_a_tanh_without_weights_is_a_circle_and_its_word_fits_in():
    fig = diagrams.lstm_cell()
    fig.draw_without_rendering()
    ax = fig.axes[0]
    circles = [patch for patch in ax.patches if isinstance(patch, Circle)]
    (circle,) = [c for c in circles if c.radius == max(c.radius for c in circles)]
    (word,) = [t for t in ax.texts if t.get_position() == circle.center]
    assert word.get_text() == "tanh"
    assert word.get_window_extent().width < circle.get_window_extent().width


def test_the_candidate_of_a_gru_reads_the_day_and_what_the_reset_gate_leaves():
    lines = lit_lines(diagrams.gru_cell("candidate"))
    ends = [line[-1] for line in lines]
    assert (8.3, 1.6) in ends, "r times h"
    assert (8.9, 1.6) in ends, "the input of the day"
    assert (4.6, 0.8) not in ends, "the line to the gates"
    assert lit_lines(diagrams.gru_cell("state")) == [[(0.4, 4.6), (10.2, 4.6)]]


def test_a_line_that_only_crosses_leaves_a_gap():
    over = [line for line in diagrams.gru_cell().axes[0].lines if line.get_path_effects()]
    assert [tuple(line.get_xydata()[-1]) for line in over] == [(8.3, 1.6)]


def test_the_chain_has_as_many_steps_as_asked_and_one_beside_it():
    fig = diagrams.unrolled(4, "A finding", "A chain of boxes.")
    assert len(boxes(fig)) == 4 + 1
    assert fig.get_label() == "A chain of boxes."
