"""Small invented tasks on which pages train recurrent networks, and their sequences."""

import numpy as np


def repeat_last_marked(
    sequences: int, gap: int, steps: int | None = None, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return sequences of the task *repeat the last marked number*.

    Each time step has two inputs: a number and a mark, which is 1 or 0. The target of
    each time step is the number that was marked last. The first time step is marked.
    The distance from one mark to the next is random: for a gap of 40 it is any number of
    time steps from 20 to 60, each with the same probability.

    Parameters
    ----------
    sequences : int
        How many sequences.
    gap : int
        The mean number of time steps from one mark to the next, at least 2.
    steps : int, optional
        Time steps of each sequence; three gaps if not given.
    seed : int
        Of the random numbers.

    Returns
    -------
    X : numpy.ndarray of float32, of shape (sequences, steps, 2)
        The numbers, sampled between -1 and 1, and the marks.
    y : numpy.ndarray of float32, of shape (sequences, steps, 1)
        The targets.

    Raises
    ------
    ValueError
        If there is less than one sequence or time step, or the gap is less than 2.

    Notes
    -----
    A network that always predicts zero has a root mean squared error near 0.58, the
    standard deviation of numbers between -1 and 1.

    Examples
    --------
    >>> from rnnedu import tasks
    >>> X, y = tasks.repeat_last_marked(1, gap=2, steps=6, seed=2)
    >>> X[0].T.round(1)
    array([[-0.5, -0.4,  0.6, -0.8,  0.2,  0.5],
           [ 1. ,  0. ,  0. ,  1. ,  1. ,  0. ]], dtype=float32)
    >>> y[0, :, 0].round(1)
    array([-0.5, -0.5, -0.5, -0.8,  0.2,  0.2], dtype=float32)
    """
    steps = 3 * gap if steps is None else steps
    if sequences < 1 or steps < 1 or gap < 2:
        raise ValueError(
            f"{sequences} sequences of {steps} time steps with a gap of {gap} cannot be "
            "made. Fix: ask for at least one sequence, one time step, and a gap of 2."
        )
    rng = np.random.default_rng(seed)
    numbers = rng.uniform(-1, 1, size=(sequences, steps))
    half = gap // 2
    gaps = rng.integers(gap - half, gap + half, size=(sequences, steps), endpoint=True)
    places = np.cumsum(gaps, axis=1)  # of the marks after the first
    marks = np.zeros((sequences, steps + 1), dtype=bool)  # one column for those beyond
    marks[:, 0] = True
    np.put_along_axis(marks, np.minimum(places, steps), True, axis=1)
    marks = marks[:, :steps]
    last = np.maximum.accumulate(np.where(marks, np.arange(steps), 0), axis=1)
    targets = np.take_along_axis(numbers, last, axis=1)
    X = np.stack([numbers, marks], axis=-1).astype("float32")
    return X, targets[..., None].astype("float32")
