"""rnnedu: recurrent networks, taught by running them.

``import rnnedu`` is light. TensorFlow, pandas and matplotlib are loaded when a
name that needs them is first used.
"""

import lazy_loader

from rnnedu import _quiet_import

__version__ = "0.1.0"

_quiet_import.install()

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "cells",
        "datasets",
        "diagrams",
        "forecaster",
        "forecasting",
        "gradients",
        "improvements",
        "keras_speedups",
        "metrics",
        "models",
        "plots",
        "practice",
        "probes",
        "seed_study",
        "study_summary",
        "task_runs",
        "tasks",
        "training",
        "windows",
    ],
    submod_attrs={
        "datasets": ["describe_source", "load_course_text", "load_ibm", "load_prices"],
        "windows": ["Windows", "last_full_year", "make_windows"],
        "models": [
            "RECIPES",
            "Ensemble",
            "Recipe",
            "average_models",
            "build_network",
            "gru_network",
            "lstm_network",
            "reset_weights",
        ],
        "keras_speedups": ["fast_training"],
        "training": ["Trained", "fit_seeds", "train"],
        "forecaster": ["Forecaster", "load_forecaster"],
        "forecasting": ["forecast_one_step", "forecast_recursive"],
        "metrics": [
            "NOTEBOOK_RMSE",
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
        ],
        "seed_study": [
            "load_study",
            "load_study_forecasts",
            "read_study",
            "read_study_forecasts",
            "run_study",
        ],
        "study_summary": ["add_spread", "compare_networks", "summarize_study"],
        "task_runs": ["load_task_runs"],
        "improvements": ["load_improvement_runs"],
        "plots": [
            "plot_forecasts",
            "plot_loss",
            "plot_scores",
            "plot_split",
            "plot_study",
            "plot_study_forecasts",
            "plot_window",
        ],
    },
)
