"""Errors of a forecast, and those of the baselines that it has to beat.

A score without a baseline says nothing. `score_table` puts persistence, yesterday's price,
into its first row whether it is asked to or not.
"""

from rnnedu.metrics.comparisons import (
    DieboldMariano,
    diebold_mariano,
    error_by_lag,
    lateness,
)
from rnnedu.metrics.errors import (
    mae,
    mase,
    rmse,
    skill,
)
from rnnedu.metrics.scores import (
    LAST_VALUE,
    NOTEBOOK_RMSE,
    PERSISTENCE,
    compare_to_baseline,
    last_value_forecast,
    notebook_score_text,
    persistence_forecast,
    score_table,
)

__all__ = [
    "LAST_VALUE",
    "NOTEBOOK_RMSE",
    "PERSISTENCE",
    "DieboldMariano",
    "compare_to_baseline",
    "diebold_mariano",
    "error_by_lag",
    "last_value_forecast",
    "lateness",
    "mae",
    "mase",
    "notebook_score_text",
    "persistence_forecast",
    "rmse",
    "score_table",
    "skill",
]
