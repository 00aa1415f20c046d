"""The diagrams: an alt text each, and what is lit can be told from what is not."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import Rectangle

from rnnedu import diagrams

CELLS = [
    (diagrams.lstm_cell, diagrams.LSTM_PARTS, 5),
    (diagrams.gru_cell, diagrams.GRU_PARTS, 3),
]


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def boxes(fig):
    return [patch for patch in fig.axes[0].patches if isinstance(patch, Rectangle)]


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


def test_the_chain_has_as_many_steps_as_asked_and_one_beside_it():
    fig = diagrams.unrolled(4, "A finding", "A chain of boxes.")
    assert len(boxes(fig)) == 4 + 1
    assert fig.get_label() == "A chain of boxes."
