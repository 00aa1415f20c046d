"""Find out what a function of sequences depends on by changing its inputs.

Nothing is known about the function but what it returns. So this works on a network, on the
preparation of its inputs, and on both together.
"""

from collections.abc import Callable

import numpy as np


def output_changes(function: Callable, x, change: float = 1.0) -> np.ndarray:
    """Measure how far each output moves when the input of one time step is changed.

    The function is called once with `x`, and then once for each time step, with the inputs
    of this time step increased by `change` and all others as they were.

    Parameters
    ----------
    function : callable
        Takes sequences of the shape of `x` and returns outputs ``(batch, outputs, ...)``,
        such as a Keras model or a `rnnedu.cells.Network`. Where there is an output at
        every time step, its second axis is time.
    x : array_like, shape (batch, time, features)
        The sequences around which inputs are changed.
    change : float
        What is added to all features of one time step.

    Returns
    -------
    numpy.ndarray, shape (time, outputs)
        In row t, how far each output moved when input t was changed: the largest absolute
        difference over the batch and over all further axes of the output.

    Raises
    ------
    ValueError
        If `x` or the outputs have too few axes, or if an output is not finite.

    Notes
    -----
    A change of zero does not prove that an output depends on an input in no case. A unit
    that is shut off for these sequences may open for others. So give several sequences, and
    try more than one `change`.

    Examples
    --------
    The running sum of a sequence depends on the past alone: nothing below the diagonal. The
    maximum of the whole sequence depends on the future, too:

    >>> import numpy as np
    >>> from rnnedu import probes
    >>> x = np.array([[[1.0], [3.0], [3.0]]])
    >>> probes.output_changes(lambda x: np.cumsum(x, axis=1), x)
    array([[1., 1., 1.],
           [0., 1., 1.],
           [0., 0., 1.]])
    >>> by_maximum = probes.output_changes(lambda x: x / x.max(axis=1, keepdims=True), x)
    >>> bool(by_maximum[2, 0] > 0)
    True
    """
    x = np.asarray(x)
    if x.ndim != 3:
        raise ValueError(
            f"x has shape {x.shape}. Fix: give sequences (batch, time, features)."
        )
    before = _outputs(function, x)
    rows = []
    for t in range(x.shape[1]):
        changed = x.copy()
        changed[:, t] += change
        rows.append(np.abs(_outputs(function, changed) - before).max(axis=(0, 2)))
    return np.array(rows)


def _outputs(function, x):
    """Return the outputs as (batch, outputs, everything else)."""
    outputs = np.asarray(function(x))
    if outputs.ndim < 2 or len(outputs) != len(x):
        raise ValueError(
            f"the function returned shape {outputs.shape} for {len(x)} sequences. Fix: let "
            "it return (batch, outputs), or (batch, time, features)."
        )
    if not np.isfinite(outputs).all():
        raise ValueError(
            "the function returned a number that is not finite. Fix: fill the gaps at the "
            "ends of a moving mean, for example with the first and the last number."
        )
    return outputs.reshape(*outputs.shape[:2], -1)
