"""Every figure names its axes and its finding, and says what it shows."""

import os
import subprocess
import sys

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_rgb

import rnnedu
from rnnedu import plots


@pytest.fixture
def windows(prices):
    return rnnedu.make_windows(prices)


@pytest.fixture
def figures(windows):
    yesterday = rnnedu.yesterdays_price(windows)
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


def test_alt_texts_say_what_is_drawn(figures):
    assert "0.1 in the first epoch to 0.01 in epoch 2" in figures["loss"].get_label()
    assert "true price runs from" in figures["forecasts"].get_label()


def test_the_window_drawn_is_the_window_fed(windows, figures):
    _, inside, answer, *_ = figures["window"].axes[0].lines
    assert inside.get_ydata() == pytest.approx(windows.to_dollars(windows.X_test[20]), 1e-6)
    assert answer.get_ydata() == [windows.test.iloc[20]]


def test_a_name_looks_the_same_everywhere(windows, figures):
    lines = {line.get_label(): line for line in figures["forecasts"].axes[0].lines}
    bars = figures["scores"].axes[0].patches
    assert lines["LSTM"].get_color() == plots.STYLES["LSTM"]["color"]
    assert bars[1].get_facecolor()[:3] == to_rgb(plots.STYLES["LSTM"]["color"])


def test_some_days_may_be_drawn(windows):
    days = windows.test.index[3:9]
    figure = rnnedu.plot_forecasts(windows, {}, "finding", days=days)
    (line,) = figure.axes[0].lines
    assert line.get_ydata().tolist() == windows.test.iloc[3:9].tolist()
    plt.close(figure)


@pytest.mark.parametrize("day", [-1, 10_000])
def test_a_window_of_no_test_day_is_refused(windows, day):
    with pytest.raises(ValueError, match=r"day is .*Mend: "):
        rnnedu.plot_window(windows, day, "finding")


def test_series_differ_without_colour():
    looks = [str(style.get("linestyle")) for style in plots.STYLES.values()]
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
        told = subprocess.run(
            [sys.executable, "-c", line],
            env=os.environ | own,
            capture_output=True,
            text=True,
        )
        assert told.stdout.strip() == interactive, told.stderr
