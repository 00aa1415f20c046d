"""The diagrams: an alt text each, and what is highlighted differs."""

import matplotlib.pyplot as plt
import numpy as np
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


def highlighted_lines(fig):
    """The highlighted lines, each as the points it goes through."""
    lines = [line for line in fig.axes[0].lines if line.get_color() == diagrams.HIGHLIGHTED]
    return [[tuple(map(float, point)) for point in line.get_xydata()] for line in lines]


@pytest.mark.parametrize(("draw", "parts", "layers"), CELLS)
def test_every_part_can_be_highlighted_and_says_so(draw, parts, layers):
    for part in [None, *parts]:
        fig = draw(part, title="A finding")
        assert fig.axes[0].get_title(loc="left") == "A finding"
        assert len(boxes(fig)) == layers
        alt = fig.get_label()
        assert alt.endswith(".")
        assert all((what in alt) == (part in (None, name)) for name, what in parts.items())


@pytest.mark.parametrize(("draw", "parts", "layers"), CELLS)
def test_what_is_highlighted_differs_in_colour_and_in_width(draw, parts, layers):
    lines = draw(next(iter(parts))).axes[0].lines
    looks = {(line.get_color(), line.get_linewidth()) for line in lines}
    assert len(looks) == 2
    (colour, width), (other_colour, other_width) = looks
    assert colour != other_colour
    assert width != other_width


@pytest.mark.parametrize(("draw", "parts", "layers"), CELLS)
def test_a_part_that_is_not_there_is_refused(draw, parts, layers):
    with pytest.raises(ValueError, match=r"no part 'peephole'. Fix: .*candidate"):
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


def test_two_lines_lead_into_the_candidate_of_a_gru_the_input_and_the_reset_state():
    fig = diagrams.gru_cell("candidate")
    (word,) = [text for text in fig.axes[0].texts if text.get_text() == "tanh"]
    (box,) = [each for each in boxes(fig) if each.get_bbox().contains(*word.get_position())]
    left, bottom, right, _ = box.get_bbox().extents
    ends = [line[-1] for line in highlighted_lines(fig)]
    assert sum(y == bottom and left < x < right for x, y in ends) == 2


def test_a_line_that_only_crosses_leaves_a_gap():
    assert any(line.get_path_effects() for line in diagrams.gru_cell().axes[0].lines)


def test_the_chain_has_as_many_steps_as_asked_and_one_beside_it():
    fig = diagrams.unrolled(4, "A finding", "A chain of boxes.")
    assert len(boxes(fig)) == 4 + 1
    assert fig.get_label() == "A chain of boxes."


@pytest.mark.parametrize(("draw", "parts", "layers"), CELLS)
def test_values_stand_beside_their_lines_and_in_the_alt_text(draw, parts, layers):
    fig = draw(None, "A step", {"x": 1.0, "h": 0.25, "h_new": 0.3664})
    words = [text.get_text() for text in fig.axes[0].texts]
    assert "$x_t$ = 1" in words and "$h_{t-1}$ = 0.25" in words and "$h_t$ = 0.366" in words
    assert "x = 1, h = 0.25, h new = 0.366" in fig.get_label()
    without = draw(None, "A step")
    assert not [text for text in without.axes[0].texts if "=" in text.get_text()]
    assert "Numbers" not in without.get_label()


def words(fig):
    return [text.get_text() for text in fig.axes[0].texts]


def test_the_numbers_of_a_chain_stand_beside_its_steps():
    fig = diagrams.unrolled(
        2, "A finding", "A chain.", inputs=[1.0, -0.5], states=[0.462, 0.1]
    )
    assert {"$x_1$ = 1", "$x_2$ = −0.5", "$h_1$ = 0.462", "$h_2$ = 0.1"} <= set(words(fig))
    assert "$x_t$" in words(fig)  # the loop has none


@pytest.mark.parametrize("backward", [False, True])
def test_a_small_network_has_a_line_with_a_number_for_each_weight(backward):
    fig = diagrams.small_network(
        [["1", "0.5"], ["0.8", "0"], ["0.62"]],
        [[[0.5, -0.6], [0.4, 0.0]], [[0.5], [0.6]]],
        "A finding",
        "Five circles.",
        notes=[["a", "b"]],
        backward=backward,
    )
    circles = [each for each in fig.axes[0].patches if isinstance(each, Circle)]
    assert len(circles) == 5
    assert len(fig.axes[0].lines) == 6
    assert {"0.5", "−0.6", "0.4", "0", "0.6", "a", "b"} <= set(words(fig))
    for line in fig.axes[0].lines:  # from the rim of one circle to the rim of another
        start, end = line.get_xydata()[[0, -1]]
        assert (start[0] > end[0]) == backward
        for point in (start, end):
            rims = [abs(np.hypot(*(point - each.center)) - each.radius) for each in circles]
            assert min(rims) < 1e-9


def test_in_a_chain_the_gradient_goes_back_and_the_states_go_forward():
    fig = diagrams.backward_chain(
        ["h1", "h2", "h3"], ["× 0.5", "× 0.4"], ["0.2", "0.4", "1"], "A finding", "A chain."
    )
    assert len(boxes(fig)) == 3
    assert {"h1", "h2", "h3", "× 0.5", "× 0.4", "0.2", "0.4", "1"} <= set(words(fig))
    forward = {True: [], False: []}
    for line in fig.axes[0].lines:
        (x0, _), (x1, _) = line.get_xydata()
        forward[x1 > x0].append(line.get_color())
    assert len(forward[True]) == 3 and len(forward[False]) == 2
    assert set(forward[True]).isdisjoint(forward[False])
    assert fig.get_label() == "A chain."


def test_both_cells_stand_in_one_figure_with_one_part_of_each_highlighted():
    fig = diagrams.lstm_and_gru("forget", "update", "A finding")
    assert [ax.get_title(loc="left") for ax in fig.axes] == ["LSTM", "GRU"]
    for ax, alone in zip(
        fig.axes, (diagrams.lstm_cell("forget"), diagrams.gru_cell("update")), strict=True
    ):
        here = [(line.get_color(), line.get_xydata().tolist()) for line in ax.lines]
        there = [
            (line.get_color(), line.get_xydata().tolist()) for line in alone.axes[0].lines
        ]
        assert here == there
    for part in (diagrams.LSTM_PARTS["forget"], diagrams.GRU_PARTS["update"]):
        assert part in fig.get_label()
