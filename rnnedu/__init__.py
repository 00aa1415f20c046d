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
    submod_attrs={
        "datasets": ["load_ibm", "load_prices", "load_prose", "provenance_line"],
        "windows": ["Windows", "last_full_year", "make_windows"],
        "models": [
            "RECIPES",
            "Recipe",
            "build",
            "gru_network",
            "lstm_network",
            "start_anew",
        ],
        "fast": ["native_loops"],
        "training": ["Trained", "train"],
        "forecasting": ["averaged", "forecast_one_step", "generate"],
        "metrics": [
            "NOTEBOOK_RMSE",
            "last_training_price",
            "mae",
            "mase",
            "notebook_line",
            "rmse",
            "score_table",
            "skill",
            "verdict",
            "yesterdays_price",
        ],
        "study": ["NETWORKS", "load_study", "read_study", "run_study"],
        "plots": [
            "plot_forecasts",
            "plot_loss",
            "plot_scores",
            "plot_split",
            "plot_window",
        ],
    },
)
