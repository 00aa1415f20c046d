"""The figures the site repeats: one style, axes and units named, an alt text each.

A page opens a `figure` and draws a chart into it. Colours, markers, sizes and the numbers
of alt texts stand here and nowhere else: the style sheet is ``rnnedu/course.mplstyle``,
and `SERIES_STYLES` has what belongs to one series wherever it is drawn.
"""

from rnnedu.plots.charts import (
    draw_bands,
    draw_baseline,
    draw_error_by_lag,
    draw_lines,
    draw_marked_sequence,
    draw_marks,
    draw_runs,
    draw_sensitivities,
    mean_interval,
)
from rnnedu.plots.prices import (
    plot_forecasts,
    plot_loss,
    plot_scores,
    plot_split,
    plot_study,
    plot_study_forecasts,
    plot_window,
)
from rnnedu.plots.style import (
    AXIS_LINE,
    BLUE,
    GREY,
    MARK_LINE,
    ORANGE,
    SERIES_STYLES,
    STYLE,
    TEXT_COLOR,
    THIN_LINE,
    describe,
    figure,
    style_of,
    styles_of,
)

__all__ = [
    "AXIS_LINE",
    "BLUE",
    "GREY",
    "MARK_LINE",
    "ORANGE",
    "SERIES_STYLES",
    "STYLE",
    "TEXT_COLOR",
    "THIN_LINE",
    "describe",
    "draw_bands",
    "draw_baseline",
    "draw_error_by_lag",
    "draw_lines",
    "draw_marked_sequence",
    "draw_marks",
    "draw_runs",
    "draw_sensitivities",
    "figure",
    "mean_interval",
    "plot_forecasts",
    "plot_loss",
    "plot_scores",
    "plot_split",
    "plot_study",
    "plot_study_forecasts",
    "plot_window",
    "style_of",
    "styles_of",
]
