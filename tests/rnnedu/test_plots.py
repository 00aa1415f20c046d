"""Every figure names its axes and its finding, and says what it shows."""

import os
import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

import rnnedu
from rnnedu import plots
from rnnedu.windows import data_digest


@pytest.fixture
def windows(prices):
    return rnnedu.make_windows(prices)


@pytest.fixture
def figures(windows):
    yesterday = rnnedu.persistence_forecast(windows)
    scores = rnnedu.score_table(windows, {"LSTM": yesterday * 1.1})
    yield {
        "split": rnnedu.plot_split(windows, "finding"),
        "window": rnnedu.plot_window(windows, 20, "finding"),
        "forecasts": rnnedu.plot_forecasts(windows, {"LSTM": yesterday}, "finding"),
        "loss": rnnedu.plot_loss({"GRU": [0.1, 0.01]}, "finding"),
        "scores": rnnedu.plot_scores(scores, "finding"),
    }
    plt.close("all")


def test_axes_titles_and_alt_texts(figures):
    for name, figure in figures.items():
        (ax,) = figure.axes
        assert ax.get_title(loc="left") == "finding", name
        assert ax.get_xlabel(), name
        assert ax.get_ylabel() or name == "scores", name
        assert figure.get_label().endswith("."), name
        assert len(figure.get_label().split()) > 8, name


def test_alt_texts_hold_the_numbers_that_are_plotted(figures):
    alt = {name: figure.get_label() for name, figure in figures.items()}
    assert "0.1" in alt["loss"] and "0.01" in alt["loss"]
    ends = figures["forecasts"].axes[0].lines[0].get_ydata()[[0, -1]]
    assert all(f"{value:.0f}" in alt["forecasts"] for value in ends)
    bars = figures["scores"].axes[0].patches
    assert all(f"{bar.get_width():.2f}" in alt["scores"] for bar in bars)


def test_the_window_drawn_is_the_window_fed(windows, figures):
    _, inside, answer, *_ = figures["window"].axes[0].lines
    fed = windows.inverse_scale(windows.X_test[20])
    assert inside.get_ydata() == pytest.approx(fed, 1e-6)
    assert answer.get_ydata() == [windows.test_prices.iloc[20]]


def test_a_name_looks_the_same_everywhere(windows, figures):
    lines = {line.get_label(): line for line in figures["forecasts"].axes[0].lines}
    bars = figures["scores"].axes[0].patches
    assert lines["LSTM"].get_color() == plots.SERIES_STYLES["LSTM"]["color"]
    assert bars[1].get_facecolor()[:3] == to_rgb(plots.SERIES_STYLES["LSTM"]["color"])


def test_some_days_may_be_plotted(windows):
    days = windows.test_prices.index[3:9]
    figure = rnnedu.plot_forecasts(windows, {}, "finding", days=days)
    (line,) = figure.axes[0].lines
    assert line.get_ydata().tolist() == windows.test_prices.iloc[3:9].tolist()
    plt.close(figure)


@pytest.mark.parametrize("day", [-1, 10_000])
def test_a_window_of_no_test_day_is_refused(windows, day):
    with pytest.raises(ValueError, match=r"day is .*Fix: "):
        rnnedu.plot_window(windows, day, "finding")


def test_series_differ_without_colour():
    looks = [
        (str(style["linestyle"]), style.get("linewidth"))
        for style in plots.SERIES_STYLES.values()
    ]
    assert len(set(looks)) == len(looks)


BACKEND = """
import matplotlib
from matplotlib.backends.backend_agg import FigureCanvas, FigureManagerBase
matplotlib.interactive(True)  # as the one of notebooks does, to show figures at once
"""


def test_what_a_notebooks_backend_sets_outlives_the_first_figure(tmp_path):
    (tmp_path / "backend.py").write_text(BACKEND)
    code = (
        "import matplotlib, matplotlib.pyplot as plt\n"
        "from rnnedu import plots\n"
        "with plt.rc_context({}): plt.figure()\n"
        "print(matplotlib.is_interactive())"
    )
    own = {"MPLBACKEND": "module://backend", "PYTHONPATH": str(tmp_path)}
    for line, interactive in ((code, "True"), (code.replace("from", "#"), "False")):
        result = subprocess.run(
            [sys.executable, "-c", line],
            env=os.environ | own,
            capture_output=True,
            text=True,
        )
        assert result.stdout.strip() == interactive, result.stderr


# -- Figures that pages open, and charts drawn into them -----------------------------


@pytest.fixture
def panel():
    fig, ax = plots.figure("finding", alt="What is drawn.")
    yield ax
    plt.close(fig)


def test_a_figure_has_title_axes_and_the_style_sheet():
    fig, ax = plots.figure(
        "finding", alt="Two axes.", xlabel="step", ylabel="loss", height=2, yscale="log"
    )
    assert ax.get_title(loc="left") == "finding"
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("step", "loss", "log")
    assert fig.get_size_inches().tolist() == [7.5, 2]
    assert not ax.spines["top"].get_visible()
    assert ax.plot([1, 2])[0].get_color() == plots.BLUE
    plt.close(fig)


def test_panels_share_axes_and_name_the_outer_ones():
    fig, axes = plots.figure(
        "finding",
        alt="Four panels.",
        rows=2,
        columns=2,
        xlabel="step",
        ylabel="loss",
        share="x",
        ylim=(0, 5),
    )
    assert fig.get_suptitle() == "finding"
    assert [ax.get_xlabel() for ax in axes.flat] == ["", "", "step", "step"]
    assert [ax.get_ylabel() for ax in axes.flat] == ["loss", "", "loss", ""]
    axes[0, 0].set_xlim(0, 7)
    assert axes[1, 1].get_xlim() == (0, 7)
    assert {ax.get_ylim() for ax in axes.flat} == {(0, 5)}
    plt.close(fig)


def test_an_alt_text_is_a_sentence():
    for alt in ("", "lines", "Lines,"):
        with pytest.raises(ValueError, match=r"no sentence.*Fix: "):
            plots.figure("finding", alt=alt)
    plt.close("all")


def test_lines_by_name_have_their_style_and_others_the_next_of_the_cycle(panel):
    days = pd.bdate_range("2001-01-01", periods=3)
    plots.draw_lines(panel, {"GRU": pd.Series([3.0, 2, 1], days), "mine": [1.0, 5]})
    named, other = panel.lines
    assert named.get_color() == plots.SERIES_STYLES["GRU"]["color"]
    assert other.get_color() == plots.BLUE
    assert list(named.get_xdata()) == list(days) and list(other.get_xdata()) == [1, 2]
    alt = panel.figure.get_label()
    assert "GRU goes from 3 to 1" in alt and "mine from 1 to 5" in alt


def test_a_band_reaches_from_the_lowest_to_the_highest_run(panel):
    runs = np.array([[1.0, 8], [2, 9], [6, 7]])
    plots.draw_bands(panel, {"GRU": runs}, x=[10, 20])
    (line,), (band,) = panel.lines, panel.collections
    assert line.get_ydata().tolist() == [2, 8] and line.get_xdata().tolist() == [10, 20]
    corners = {tuple(point) for point in band.get_paths()[0].vertices}
    assert {(10, 1), (10, 6), (20, 7), (20, 9)} <= corners
    assert "3 runs" in panel.figure.get_label()


def test_every_run_is_a_dot_and_the_mean_lies_within_its_interval(panel):
    plots.draw_runs(panel, {"LSTM": [1.0, 2, 6], "GRU": [4.0, 4, 4]})
    dots, interval, mean, *_ = panel.lines
    assert sorted(dots.get_xdata()) == [1, 2, 6]
    low, high = interval.get_xdata()
    assert low < mean.get_xdata()[0] == 3 < high
    assert [label.get_text() for label in panel.get_yticklabels()] == ["LSTM", "GRU"]
    assert panel.yaxis_inverted()
    assert "LSTM 3 (1 to 6)" in panel.figure.get_label()


def test_the_interval_of_a_mean_covers_it_nineteen_times_of_twenty():
    held = 0
    for seed in range(200):
        _, low, high = plots.mean_interval(np.random.default_rng(seed).normal(size=40))
        held += low <= 0 <= high
    assert 0.88 <= held / 200 <= 0.985


def test_the_mean_of_equal_runs_has_no_interval():
    assert plots.mean_interval([2.0, 2.0]) == (2.0, 2.0, 2.0)


def test_a_baseline_lies_across_either_way(panel):
    plots.draw_baseline(panel, 1.5)
    plots.draw_baseline(panel, 2.5, "mine", vertical=True)
    across, upright = panel.lines
    assert list(across.get_ydata()) == [1.5, 1.5]
    assert list(upright.get_xdata()) == [2.5, 2.5]
    assert "persistence at 1.5" in panel.figure.get_label()


def test_the_best_lag_is_marked(panel):
    plots.draw_error_by_lag(panel, {"GRU": pd.Series([3.0, 1.0, 2.0])})
    _, dot = panel.lines
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (1, 1)
    assert panel.get_ylim()[0] == 0
    assert "lag 1 for GRU" in panel.figure.get_label()


def test_a_heat_map_has_a_row_each_relative_to_its_largest(panel):
    plots.draw_sensitivities(panel, {"LSTM": [0.0, 1.0, 10.0], "GRU": [2.0, 2.0, 2.0]})
    (image,) = panel.images
    np.testing.assert_allclose(image.get_array(), [[-6, -1, 0], [0, 0, 0]])
    assert "LSTM for 2 of 3" in panel.figure.get_label()
    assert "GRU for 3 of 3" in panel.figure.get_label()


def test_a_chart_in_one_of_several_panels_is_named_by_its_title():
    fig, axes = plots.figure("finding", alt="Two panels.", columns=2)
    for ax, name in zip(axes, ("left one", "right one"), strict=True):
        ax.set_title(name)
        plots.draw_lines(ax, {"GRU": [1, 2]}, legend=False)
        plots.draw_baseline(ax, 3)
        plots.draw_baseline(ax, 3)
        assert ax.get_legend() is None
    alt = fig.get_label()
    assert alt.count("left one: From left to right, GRU goes from 1 to 2.") == 1
    assert alt.count("right one: A line marks persistence at 3.") == 1, "said once"
    plt.close(fig)


def test_no_colour_stands_for_two_networks():
    alike = {"last value held": "persistence", "linear model": "training years"}
    colors = [
        style["color"] for name, style in plots.SERIES_STYLES.items() if name not in alike
    ]
    assert len(set(colors)) == len(colors)
    for name, other in alike.items():
        one, two = plots.SERIES_STYLES[name], plots.SERIES_STYLES[other]
        assert one["linestyle"] != two["linestyle"]


def test_no_colour_stands_for_two_series_of_one_chart():
    styles = plots.styles_of(["mine", "LSTM", "yours", "GRU"])
    assert len({style["color"] for style in styles.values()}) == 4


def test_a_second_chart_in_a_panel_has_colours_of_its_own(panel):
    plots.draw_bands(panel, {"one": [[1, 2], [2, 3]]})
    plots.draw_bands(panel, {"other": [[1, 2, 3]]})
    assert len({line.get_color() for line in panel.lines}) == 2


def test_a_marked_sequence_has_its_numbers_target_output_and_a_line_at_each_mark():
    inputs = np.array([[0.5, 1.0], [0.2, 0.0], [-0.3, 1.0]])
    target = np.array([[0.5], [0.5], [-0.3]])
    _, ax = plots.figure("A finding", alt="A sequence.", xlabel="time step")
    plots.draw_marked_sequence(ax, inputs, target, {"LSTM": [0.4, 0.4, -0.2]})
    drawn = {line.get_label(): line for line in ax.lines}
    for name, values in {
        "number": [0.5, 0.2, -0.3],
        "target": [0.5, 0.5, -0.3],
        "LSTM": [0.4, 0.4, -0.2],
    }.items():
        np.testing.assert_array_equal(drawn[name].get_xdata(), [1, 2, 3])
        np.testing.assert_array_equal(drawn[name].get_ydata(), values)
    marks = [line.get_xdata()[0] for line in ax.lines[3:]]
    assert marks == [1, 3]


# -- Recorded studies ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "baseline", "name"),
    [
        ("rmse", 2.0, "persistence"),
        ("spread", 2.0, "persistence"),
        ("free_rmse", 8.0, "last value held"),
    ],
)
def test_a_study_is_plotted_run_by_run_over_its_baseline(column, baseline, name):
    runs = {"network": ["gru", "gru", "lstm"], "seed": [0, 1, 0]}
    errors = {"rmse": [5.0, 3.0, 4.0], "bias": [3.0, 0.0, 0.0]}
    recursive = {"free_rmse": [6.0, 10.0, 16.0], "free_skill": [0.25, -0.25, -1.0]}
    study = pd.DataFrame({**runs, **errors, "skill": [-1.5, -0.5, -1.0], **recursive})
    expected = {"rmse": [5, 3], "spread": [4, 3], "free_rmse": [6, 10]}[column]
    figure = rnnedu.plot_study(rnnedu.add_spread(study), ["gru", "lstm"], "finding", column)
    (ax,) = figure.axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["GRU", "LSTM"]
    assert ax.lines[0].get_xdata() == pytest.approx(expected)
    assert f"A line marks {name} at {baseline:g}." in figure.get_label()
    plt.close(figure)


def test_another_column_and_a_network_without_runs_are_refused():
    with pytest.raises(ValueError, match=r"'seed' cannot be plotted\. Fix: "):
        rnnedu.plot_study(rnnedu.load_study(), ["gru"], "finding", "seed")
    with pytest.raises(ValueError, match=r"no run of 'rnn'\. Fix: "):
        rnnedu.plot_study(rnnedu.load_study(), ["rnn"], "finding")


@pytest.fixture
def two_runs(prices):
    """Made-up forecasts of a GRU from two seeds, and the windows they belong to."""
    windows = rnnedu.make_windows(prices)
    days = windows.test_prices.index
    runs = [("free_running", "gru", 0), ("free_running", "gru", 1)]
    columns = pd.MultiIndex.from_tuples(runs, names=["kind", "network", "seed"])
    values = np.linspace([10.0, 10.0], [40.0, 70.0], len(days))
    forecasts = pd.DataFrame(values, index=days, columns=columns)
    forecasts.attrs["data_sha256"] = data_digest(windows)
    return forecasts, windows


def test_recorded_forecasts_are_plotted_run_by_run_over_the_prices_they_are_of(two_runs):
    forecasts, windows = two_runs
    figure = rnnedu.plot_study_forecasts(forecasts, ["gru"], "finding", windows=windows)
    (ax,) = figure.axes
    drawn = [line.get_ydata() for line in ax.lines]
    np.testing.assert_array_equal(drawn, [*forecasts.to_numpy().T, windows.test_prices])
    assert "GRU: 2 runs, which end at 40 to 70 dollars." in figure.get_label()
    plt.close(figure)


def test_over_other_prices_recorded_forecasts_are_plotted_alone(two_runs):
    forecasts, windows = two_runs
    forecasts.attrs["data_sha256"] = "of another file"
    figure = rnnedu.plot_study_forecasts(forecasts, ["gru"], "finding", windows=windows)
    assert len(figure.axes[0].lines) == 2
    plt.close(figure)


def test_forecasts_that_were_not_recorded_are_named(two_runs):
    with pytest.raises(ValueError, match=r"'lstm'\. Fix: choose among free_running of gru"):
        rnnedu.plot_study_forecasts(two_runs[0], ["lstm"], "finding")
    with pytest.raises(ValueError, match=r"no one_step forecast of 'gru'\. Fix: "):
        rnnedu.plot_study_forecasts(two_runs[0], ["gru"], "finding", kind="one_step")
