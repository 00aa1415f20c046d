"""The recurrent cells in NumPy, and whole Keras networks made of them.

A step takes the input of one time step and the state of the one before, and returns
everything it computes, by name. `run_cell` repeats a step along a sequence and records
every gate and every state. `Network.from_keras` copies a whole Keras network, so that the
gates of each of its layers can be seen.
"""

from rnnedu.cells.network import (
    Bidirectional,
    Comparison,
    Dense,
    Embedding,
    Network,
    Recurrent,
    compare_with_keras,
    from_keras,
)
from rnnedu.cells.steps import (
    Weights,
    gru_step,
    lstm_step,
    run_cell,
    sigmoid,
    simple_rnn_step,
)

__all__ = [
    "Bidirectional",
    "Comparison",
    "Dense",
    "Embedding",
    "Network",
    "Recurrent",
    "Weights",
    "compare_with_keras",
    "from_keras",
    "gru_step",
    "lstm_step",
    "run_cell",
    "sigmoid",
    "simple_rnn_step",
]
