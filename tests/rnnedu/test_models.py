"""The networks are the notebook's own, layer by layer."""

import contextlib

import keras
import numpy as np
import pytest

import rnnedu
from rnnedu import models


@pytest.mark.parametrize(
    ("name", "layer", "parameters"),
    # By hand, four layers of 50 and Dense(1):
    # LSTM 4 (50 + 50*50 + 50) + 3 * 4 (50*50 + 50*50 + 50) + 51
    # GRU  3 (50 + 50*50 + 100) + 3 * 3 (50*50 + 50*50 + 100) + 51, two rows of biases
    [("lstm", keras.layers.LSTM, 71_051), ("gru", keras.layers.GRU, 53_901)],
)
def test_layers_and_parameters(name, layer, parameters):
    model = rnnedu.build_network(name)
    assert model.count_params() == parameters
    assert model.input_shape == (None, 60, 1)
    assert model.output_shape == (None, 1)
    *pairs, output = model.layers
    assert [type(each) for each in pairs] == [layer, keras.layers.Dropout] * 4
    recurrent, dropout = pairs[::2], pairs[1::2]
    assert [each.units for each in recurrent] == [50] * 4
    assert [each.return_sequences for each in recurrent] == [True, True, True, False]
    assert {each.activation for each in recurrent} == {keras.activations.tanh}
    assert [each.rate for each in dropout] == [0.2] * 4
    assert (type(output), output.units) == (keras.layers.Dense, 1)
    assert output.activation is keras.activations.linear


@pytest.mark.parametrize(
    ("name", "parameters", "handed_on"),
    # By hand, four layers and Dense(1):
    # simple_rnn     (50 + 50*50 + 50) + 3 (50*50 + 50*50 + 50) + 51
    # bidirectional  2 * 4 (25 + 25*25 + 25) + 3 * 2 * 4 (50*25 + 25*25 + 25) + 51
    # lstm_gru_stack 4 (50 + 50*50 + 50) + 4 (50*50 + 50*50 + 50)
    #                + 2 * 3 (50*50 + 50*50 + 100) + 51
    [
        ("simple_rnn", 17_801, ["SimpleRNN"] * 4),
        ("bidirectional", 51_051, ["Bidirectional"] * 4),
        ("lstm_gru_stack", 61_251, ["LSTM", "LSTM", "GRU", "GRU"]),
    ],
)
def test_the_networks_that_the_notebook_only_names(name, parameters, handed_on):
    model = rnnedu.build_network(name)
    assert model.count_params() == parameters
    recurrent = model.layers[:-1:2]
    assert [type(layer).__name__ for layer in recurrent] == handed_on
    assert [layer.output.shape[-1] for layer in recurrent] == [50] * 4
    assert model.output_shape == (None, 1)


@pytest.mark.parametrize(
    "name", ["lstm", "gru", "simple_rnn", "bidirectional", "lstm_gru_stack"]
)
def test_a_fifth_is_dropped_after_each_recurrent_layer(name):
    layers = models.build_network(name).layers
    dropped = [type(layer) is keras.layers.Dropout for layer in layers]
    assert dropped == [False, True] * 4 + [False]
    assert {layer.rate for layer in layers[1:-1:2]} == {0.2}


def test_the_fair_comparison_exchanges_settings_and_nothing_else():
    for one, other in [("lstm", "gru_rmsprop"), ("gru", "lstm_sgd")]:
        pair = [rnnedu.build_network(name) for name in (one, other)]
        settings = [model.optimizer.get_config() for model in pair]
        assert [each.pop("name") for each in settings]  # Keras counts them up
        assert settings[0] == settings[1]
        assert rnnedu.RECIPES[one].batch_size == rnnedu.RECIPES[other].batch_size
    for one, other in [("lstm", "lstm_sgd"), ("gru", "gru_rmsprop")]:
        assert rnnedu.RECIPES[one].network is rnnedu.RECIPES[other].network


def test_settings_of_the_lstm():
    recipe = rnnedu.RECIPES["lstm"]
    optimizer = rnnedu.build_network("lstm").optimizer
    assert (recipe.batch_size, recipe.epochs) == (32, 50)
    assert isinstance(optimizer, keras.optimizers.RMSprop)
    assert float(optimizer.learning_rate) == pytest.approx(0.001)


def test_settings_of_the_gru():
    recipe = rnnedu.RECIPES["gru"]
    optimizer = rnnedu.build_network("gru").optimizer
    assert (recipe.batch_size, recipe.epochs) == (150, 50)
    assert isinstance(optimizer, keras.optimizers.SGD)
    assert float(optimizer.learning_rate) == pytest.approx(0.01)
    assert (optimizer.momentum, optimizer.nesterov) == (0.9, False)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_the_loss_is_the_mean_squared_error(name):
    assert rnnedu.build_network(name).loss == "mean_squared_error"


def test_other_windows_may_be_fed():
    assert rnnedu.build_network("gru", lookback=7, features=3).input_shape == (None, 7, 3)


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match=r"'ltsm'.*Fix: .*gru.*lstm"):
        rnnedu.build_network("ltsm")


def small_network():
    """Dropout outside and inside layers, and an optimiser that remembers."""
    model = keras.Sequential(
        [
            keras.Input((5, 1)),
            keras.layers.GRU(4, return_sequences=True),
            keras.layers.Dropout(0.3),
            keras.layers.LSTM(3, dropout=0.2),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.RMSprop(0.01, momentum=0.5), "mean_squared_error")
    return model


@pytest.mark.parametrize("loops", [rnnedu.fast_training, contextlib.nullcontext])
def test_a_network_started_anew_trains_as_one_built_anew(loops):
    x = np.random.default_rng(0).normal(size=(40, 5, 1)).astype("float32")
    once = {"x": x, "y": x[:, 2, 0], "batch_size": 8, "epochs": 3, "verbose": 0}
    used = small_network()
    keras.utils.set_random_seed(3)
    built = small_network()
    with loops(built):
        losses = built.fit(**once).history["loss"]
    with loops(used):
        used.fit(**once)
        models.reset_weights(used, 3)
        assert used.fit(**once).history["loss"] == losses
    for one, other in zip(built.get_weights(), used.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_seed_is_another_start():
    model = small_network()
    models.reset_weights(model, 3)
    one = model.get_weights()[0]
    models.reset_weights(model, 4)
    assert not np.array_equal(one, model.get_weights()[0])


def test_what_is_not_compiled_cannot_be_started_anew():
    with pytest.raises(ValueError, match=r"lstm is not compiled\. Fix: "):
        models.reset_weights(models.lstm_network(), 0)


def test_both_layers_of_a_bidirectional_one_get_new_weights_that_repeat():
    def network():
        both = keras.layers.Bidirectional(keras.layers.GRU(3))
        model = keras.Sequential([keras.Input((5, 1)), both, keras.layers.Dense(1)])
        model.compile("adam", "mse")
        return model

    model = network()
    first = [w.copy() for w in model.get_weights()]
    models.reset_weights(model, 3)
    third = [w.copy() for w in model.get_weights()]
    forward, backward = third[0], third[3]
    assert not np.array_equal(forward, first[0]) and not np.array_equal(backward, first[3])
    assert not np.array_equal(forward, backward), "each has weights of its own"
    models.reset_weights(model, 4)
    models.reset_weights(model, 3)
    other = network()
    models.reset_weights(other, 3)
    for one, two, three in zip(
        third, model.get_weights(), other.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(one, three)


class Closed(keras.layers.Layer):
    def __init__(self):  # takes no options on, so that Keras cannot copy it
        super().__init__()

    def call(self, x):
        return x


def test_a_layer_that_cannot_be_copied_is_an_error_and_leaves_the_weights():
    model = keras.Sequential([keras.Input((3,)), Closed(), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    before = model.get_weights()[0]
    with pytest.raises(TypeError):
        models.reset_weights(model, 0)
    np.testing.assert_array_equal(model.get_weights()[0], before)


def test_networks_of_one_kind_are_averaged_and_left_alone():
    pair = [keras.Sequential([keras.Input((3, 1)), keras.layers.GRU(1)]) for _ in range(2)]
    for network in pair:
        network.name = "the_same"
    x = np.linspace(-1, 1, 12).reshape(4, 3, 1)
    before = [np.asarray(network(x)) for network in pair]
    both = rnnedu.average_models(pair)
    np.testing.assert_allclose(np.asarray(both(x)), np.mean(before, axis=0), atol=1e-6)
    pair[0].set_weights([0 * weights for weights in pair[0].get_weights()])
    np.testing.assert_allclose(np.asarray(both(x)), np.mean(before, axis=0), atol=1e-6)
    assert [network.name for network in pair] == ["the_same", "the_same"]
