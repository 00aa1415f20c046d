"""Checks answer in words, whatever a learner hands them."""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnedu import practice


@practice.check
def check_square(square):
    result = practice.expect_array(square(3.0), (), "square(3)")
    practice.expect(result == 9, f"square(3) is {result}, but it should be 9.")
    return "3 times 3 is 9."


def forgets_to_return(x):
    x * x


def divides_by_zero(x):
    return x / (x - x)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda x: 2 * x, "Not yet. square(3) is 6.0, but it should be 9."),
        (forgets_to_return, "Not yet. square(3) is None. Replace the dots"),
        (lambda x: ..., "Not yet. square(3) is Ellipsis. Replace the dots"),
        (divides_by_zero, "Not yet. Python stopped with ZeroDivisionError in the line"),
        (lambda: 9, "Not yet. Python stopped with TypeError"),
        (None, "Not yet. Python stopped with TypeError"),
        (lambda x: (9, 1), "Not yet. square(3) is a tuple of 2 values. Return one array."),
        (lambda x: "nine", "Not yet. square(3) holds no numbers: 'nine'."),
        (lambda x: [x * x], "Not yet. square(3) has shape (1,), but it should have ()."),
        (lambda x: np.nan, "Not yet. square(3) holds NaN or infinity."),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(answer, words):
    outcome = check_square(answer)
    assert not outcome.passed
    assert " ".join(repr(outcome).split()).startswith(words)


def test_an_error_names_the_learners_own_line():
    assert "`return x / (x - x)`" in repr(check_square(divides_by_zero))


def test_an_error_within_a_library_names_the_learners_line_that_called_it():
    def answer(x):
        return np.linalg.inv(np.zeros((2, 2)))

    outcome = repr(check_square(answer))
    assert "LinAlgError" in outcome and "np.linalg.inv(np.zeros((2, 2)))" in outcome


def test_a_right_answer_is_told_why_it_is_right():
    outcome = check_square(lambda x: x * x)
    assert outcome.passed
    assert repr(outcome) == "Correct. 3 times 3 is 9."


def test_a_check_that_says_nothing_still_says_that_it_passed():
    assert repr(practice.check(lambda answer: None)(1)) == "Correct."


@given(st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=300))
def test_no_line_of_a_message_is_wider_than_a_page(text):
    words = " ".join(word[:60] for word in text.split())
    lines = repr(practice.Outcome(False, words)).splitlines()
    assert max(map(len, lines)) <= 88
    assert " ".join(lines).split() == ["Not", "yet.", *words.split()]


def test_a_line_of_the_check_itself_is_not_shown():
    assert " in the line" not in repr(check_square(None))


def test_shapes_that_do_not_fit_are_called_so():
    outcome = check_square(lambda x: np.ones((2, 3)) @ np.ones((2, 3)))
    assert "The shapes do not fit." in outcome.message


def dense(*layers, compiled=("adam", "mse")):
    network = keras.Sequential([keras.Input((3,)), *layers])
    network.compile(*compiled)
    return network


@practice.check
def check_dense(build):
    network = practice.expect_network(build, (3,))
    right = practice.computes(
        network, np.ones((2, 3)), [(3, 1), (1,)], lambda X, W, b: X @ W + b
    )
    practice.expect(right, "Not a dense layer.")
    practice.expect_compiled(network, "Adam", "mse")


@pytest.mark.parametrize(
    "compiled",
    [
        ("adam", "mse"),
        (keras.optimizers.Adam(0.1), keras.losses.MeanSquaredError()),
        ("adam", ["mean_squared_error"]),
        ("adam", lambda y, p: keras.ops.square(y - p)),
    ],
)
def test_a_right_network_passes_however_it_is_written(compiled):
    network = dense(keras.layers.Dense(1), compiled=compiled)
    before = network.get_weights()[0].copy()
    assert check_dense(network).passed  # the network, or what builds it
    assert check_dense(lambda: network).passed
    np.testing.assert_array_equal(network.get_weights()[0], before)
    by_call = keras.Sequential([keras.layers.Dense(1), keras.layers.Activation("linear")])
    by_call(np.zeros((1, 3)))
    by_call.compile(*compiled)
    assert check_dense(by_call).passed


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: None, "build() returned None"),
        (lambda: "mse", "'mse', which is no Keras network"),
        (lambda: keras.Sequential([keras.layers.Dense(1)]), "Begin with keras.Input"),
        (
            lambda: keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)]),
            "(4,) in your network, but",
        ),
        (lambda: dense(keras.layers.Dense(2)), "Not a dense layer"),
        (lambda: dense(keras.layers.Dense(1, use_bias=False)), "Not a dense layer"),
        (lambda: dense(keras.layers.Dense(1, activation="tanh")), "Not a dense layer"),
        (
            lambda: keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]),
            "not compiled",
        ),
        (
            lambda: dense(keras.layers.Dense(1), compiled=("sgd", "mse")),
            "SGD, not Adam",
        ),
        (lambda: dense(keras.layers.Dense(1), compiled=("adam",)), "was given no loss"),
        (
            lambda: dense(keras.layers.Dense(1), compiled=("adam", "mae")),
            "'mae', not 'mse'",
        ),
        (
            lambda: dense(keras.layers.Dense(1), compiled=("adam", "msee")),
            "cannot use 'msee' as loss here. The name is 'mse'",
        ),
    ],
)
def test_a_wrong_network_is_told_what_is_wrong(build, words):
    outcome = check_dense(build)
    assert not outcome.passed
    assert words in outcome.message
