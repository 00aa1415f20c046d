"""Fill-in tasks: a check runs what a learner wrote and says in words what is wrong.

A chapter writes its checks as functions that call `expect`, and decorates them with
`check`. A learner calls the check with an answer and reads what comes back.
"""

import functools
import sysconfig
import textwrap
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

_LIBRARIES = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "purelib"))
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
            line = _learners_line(error, function.__name__)
            where = f" in the line `{line}`" if line else ""
            what = f"Python stopped with {type(error).__name__}{where}: {error}"
            if "matmul" in what or "broadcast" in what:
                what += " The shapes do not fit. Compare them with those in the task."
            return Outcome(False, what)

    return checked


def _learners_line(error: Exception, check_name: str) -> str | None:
    """Return the last line of the learner's own code that an error went through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.name == check_name:
            return None
        if frame.filename != __file__ and not frame.filename.startswith(_LIBRARIES):
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


def expect_network(answer, input_shape: Sequence[int | None]):
    """Return the network that a learner built, or say why it is none.

    Parameters
    ----------
    answer : callable or keras.Model
        The learner's function, or what it returns.
    input_shape : sequence of int or None
        The shape of one example. None stands for any number; a learner's network may also
        have None where a number is given here.

    Returns
    -------
    keras.Model

    Raises
    ------
    WrongAnswer
        With a sentence for the learner, if it is no Keras network, has no input shape or
        another one.

    Examples
    --------
    >>> import keras
    >>> from rnnedu import practice
    >>> def build():
    ...     return keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> practice.expect_network(build, (3,)).count_params()
    4
    """
    import keras

    network = answer if isinstance(answer, keras.Model) else answer()
    expect(
        network is not None,
        "build() returned None. Replace the dots, and end with `return network`."
        " compile() and summary() return None, too.",
    )
    expect(
        isinstance(network, keras.Model),
        f"build() returned {network!r}, which is no Keras network.",
    )
    shape = getattr(network, "input_shape", None) if network.built else None
    expect(
        isinstance(shape, tuple),
        "The network does not know the shape of its input yet. Begin with keras.Input.",
    )
    fits = len(shape) == len(input_shape) + 1 and all(
        given in (None, wanted)
        for given, wanted in zip(shape[1:], input_shape, strict=True)
    )
    expect(
        fits,
        f"One example has the shape {shape[1:]} in your network, but it should have"
        f" {tuple(input_shape)}.",
    )
    return network


def expect_compiled(network, optimizer: str, loss: str) -> None:
    """Say so unless a network is compiled with an optimiser and a loss.

    Parameters
    ----------
    network : keras.Model
        From `expect_network`.
    optimizer : str
        The name of a class, such as ``"Adam"``.
    loss : str
        A name that Keras knows. The learner may have used another name, an object or a
        function that gives the same numbers.

    Raises
    ------
    WrongAnswer
        With a sentence for the learner.

    Examples
    --------
    >>> import keras
    >>> from rnnedu import practice
    >>> network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> network.compile("adam", keras.losses.MeanSquaredError())
    >>> practice.expect_compiled(network, "Adam", "mse")
    """
    import keras

    expect(network.compiled, "The network is not compiled yet.")
    used = type(network.optimizer).__name__
    expect(used == optimizer, f"The optimiser is {used}, not {optimizer}.")
    given = network.loss
    while isinstance(given, list | tuple | dict) and len(given) == 1:
        (given,) = given.values() if isinstance(given, dict) else given
    expect(given is not None, "compile() was given no loss.")
    target, output = np.array([[1.0], [0.0]]), np.array([[0.1], [0.3]])
    try:
        value = float(np.mean(keras.losses.get(given)(target, output)))
    except Exception:
        expect(False, f"Keras cannot use {given!r} as loss here. The name is {loss!r}.")
    wanted = float(np.mean(keras.losses.get(loss)(target, output)))
    expect(np.isclose(value, wanted, rtol=1e-3), f"The loss is {given!r}, not {loss!r}.")


def computes(network, X, shapes: Sequence[tuple], function: Callable) -> bool:
    """Return whether a network computes the same as a function of its weights.

    Parameters
    ----------
    network : keras.Model
        It gets random weights for the comparison, and then its own again.
    X : numpy.ndarray
        Inputs.
    shapes : sequence of tuple
        The shapes that its weights should have.
    function : callable
        ``function(X, *weights)`` returns the outputs that are right.

    Returns
    -------
    bool

    Examples
    --------
    >>> import keras, numpy as np
    >>> from rnnedu import practice
    >>> network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> practice.computes(
    ...     network, np.ones((2, 3)), [(3, 1), (1,)], lambda X, W, b: X @ W + b)
    True
    """
    own = network.get_weights()
    if [weight.shape for weight in own] != list(shapes):
        return False
    rng = np.random.default_rng(0)
    weights = [0.2 * rng.normal(size=shape) for shape in shapes]  # no chaos in a loop
    try:
        network.set_weights(weights)
        outputs = np.asarray(network(X.astype("float32")))
        right = function(X, *weights)
        return outputs.shape == right.shape and np.allclose(outputs, right, atol=1e-5)
    finally:
        network.set_weights(own)
