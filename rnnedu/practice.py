"""Fill-in tasks: a check runs what a learner wrote and says in words what is wrong.

A chapter writes its checks as functions that call `expect`, and decorates them with
`check`. A learner calls the check with an answer and reads what comes back.
"""

import functools
import textwrap
import traceback
from dataclasses import dataclass

import numpy as np

WIDTH = 85  # columns of a message: what a page shows without scrolling


class WrongAnswer(Exception):
    """What `expect` raises and `check` catches; the message is for the learner.

    Examples
    --------
    >>> from rnnedu import practice
    >>> practice.WrongAnswer("The bias is missing.")
    WrongAnswer('The bias is missing.')
    """


def expect(condition: bool, message: str) -> None:
    """Stop a check with a message for the learner unless a condition holds.

    Parameters
    ----------
    condition : bool
        What has to hold of the answer.
    message : str
        One or two sentences: what is wrong, and what to do about it.

    Raises
    ------
    WrongAnswer
        With the message, if the condition is false.

    Examples
    --------
    >>> from rnnedu import practice
    >>> practice.expect(2 > 1, "2 is more than 1.")
    >>> practice.expect(1 > 2, "1 is not more than 2.")
    Traceback (most recent call last):
    ...
    rnnedu.practice.WrongAnswer: 1 is not more than 2.
    """
    if not condition:
        raise WrongAnswer(message)


@dataclass(frozen=True)
class Outcome:
    """What a check found: whether the answer passed, and what to tell the learner.

    Examples
    --------
    >>> from rnnedu import practice
    >>> practice.Outcome(False, "The bias is missing.")
    Not yet. The bias is missing.
    """

    passed: bool
    message: str

    def __repr__(self):
        """Return the verdict and the message, as a page shows them."""
        verdict = "Correct." if self.passed else "Not yet."
        return textwrap.fill(f"{verdict} {self.message}".strip(), WIDTH)


def check(function):
    """Turn a function that calls `expect` into a check that answers in words.

    Parameters
    ----------
    function : callable
        Takes the learner's answer (or several) and calls `expect` for each thing that has
        to hold. The learner reads the message of the first that does not, or the sentence
        that the function returns if all hold.

    Returns
    -------
    callable
        Takes the same arguments and returns an `Outcome`. It raises nothing: an error
        in the learner's code becomes a message with the line that raised it.

    Examples
    --------
    >>> from rnnedu import practice
    >>> @practice.check
    ... def check_double(double):
    ...     practice.expect(double(3) == 6, f"double(3) is {double(3)}, not 6.")
    ...     return "Twice 3 is 6."
    >>> check_double(lambda x: x + 2)
    Not yet. double(3) is 5, not 6.
    >>> check_double(lambda x: 2 * x)
    Correct. Twice 3 is 6.
    """

    @functools.wraps(function)
    def checked(*answers) -> Outcome:
        try:
            return Outcome(True, function(*answers) or "")
        except WrongAnswer as error:
            return Outcome(False, str(error))
        except Exception as error:
            where = f" in the line `{line}`" if (line := _learners_line(error)) else ""
            what = f"{type(error).__name__}{where}: {error}"
            return Outcome(False, f"Python stopped with {what}")

    return checked


def _learners_line(error: Exception) -> str | None:
    """Return the last line of the learner's own code that an error went through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename != __file__ and "site-packages" not in frame.filename:
            return frame.line
    return None


def expect_array(value, shape, name: str, axes: str = "") -> np.ndarray:
    """Return an answer as an array of floats, or say why it is none.

    Parameters
    ----------
    value : array-like
        What the learner's code returned.
    shape : tuple of int
        The shape that it should have.
    name : str
        What to call it in the message, as in "The forget gate".
    axes : str, optional
        What the axes are, as in "(batch, units)".

    Returns
    -------
    numpy.ndarray of float64, of shape `shape`

    Raises
    ------
    WrongAnswer
        With a sentence for the learner, if the value is None (or ``...``), a tuple, holds
        no numbers, has another shape, or is not finite.

    Examples
    --------
    >>> from rnnedu import practice
    >>> practice.expect_array([[0.5, 1.0]], (1, 2), "The gate")
    array([[0.5, 1. ]])
    >>> practice.expect_array([0.5], (1, 1), "The gate")
    Traceback (most recent call last):
    ...
    rnnedu.practice.WrongAnswer: The gate has shape (1,), but it should have (1, 1).
    """
    if value is None or value is ...:
        raise WrongAnswer(
            f"{name} is {value!r}. Replace the dots with your code, and end a function "
            "with `return`."
        )
    if isinstance(value, tuple):
        raise WrongAnswer(f"{name} is a tuple of {len(value)} values. Return one array.")
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise WrongAnswer(f"{name} holds no numbers: {value!r}.") from None
    meaning = f": {axes}" if axes else ""
    if array.shape != tuple(shape):
        raise WrongAnswer(
            f"{name} has shape {array.shape}, but it should have {tuple(shape)}{meaning}."
        )
    if not np.isfinite(array).all():
        raise WrongAnswer(f"{name} holds NaN or infinity.")
    return array
