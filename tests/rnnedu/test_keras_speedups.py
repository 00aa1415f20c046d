"""The faster loops against stock Keras: values, gradients, and where they are not used."""

import contextlib
import random
import sys
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

from rnnedu import keras_speedups

LAYERS = [keras.layers.LSTM, keras.layers.GRU, keras.layers.SimpleRNN]


def network(layer, units, time, features, depth=1, **options):
    sequence = [dict(options, return_sequences=True)] * (depth - 1) + [options]
    model = keras.Sequential(
        [keras.Input((time, features)), *(layer(units, **each) for each in sequence)]
    )
    for number, weights in enumerate(model.weights):  # biases too: Keras starts them at 0
        random = np.random.default_rng(number).normal(0, 0.6, weights.shape)
        weights.assign(random.astype("float32"))
    return model


def run(model, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = model(x, training=True)
        loss = tf.reduce_sum(tf.sin(y) * (1 + tf.cast(tf.size(y), y.dtype) ** -0.5))
    return y, tape.gradient(loss, [x, *model.trainable_variables])


def both_ways(model, x):
    x = tf.convert_to_tensor(x)
    stock = run(model, x)
    with keras_speedups.fast_training(model):
        fast = run(model, x)
    return stock, fast


def assert_equal(stock, fast):
    (y, gradients), (fast_y, fast_gradients) = stock, fast
    np.testing.assert_allclose(y, fast_y, rtol=0, atol=1e-6)
    for one, other in zip(gradients, fast_gradients, strict=True):
        scale = max(1.0, float(np.abs(one).max()))
        np.testing.assert_allclose(one, other, rtol=0, atol=3e-6 * scale)


@pytest.mark.parametrize("layer", LAYERS)
@settings(max_examples=15, deadline=None)
@given(
    units=st.integers(1, 9),
    batch=st.integers(1, 5),
    time=st.integers(1, 12),
    features=st.integers(1, 4),
    depth=st.integers(1, 2),
    seed=st.integers(0, 99),
)
def test_values_and_gradients_are_kerass_own(
    layer, units, batch, time, features, depth, seed
):
    model = network(layer, units, time, features, depth)
    x = np.random.default_rng(seed).normal(size=(batch, time, features))
    assert_equal(*both_ways(model, x.astype("float32")))


@pytest.mark.parametrize("layer", LAYERS)
def test_a_sequence_is_returned_where_one_is_asked_for(layer):
    model = network(layer, 4, 6, 2, return_sequences=True)
    x = np.random.default_rng(0).normal(size=(3, 6, 2)).astype("float32")
    stock, fast = both_ways(model, x)
    assert fast[0].shape == (3, 6, 4)
    assert_equal(stock, fast)


@pytest.mark.parametrize("sequences", [True, False])
@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_that_reads_backwards_and_both_ways(layer, sequences):
    def both_directions(units, **options):
        return keras.layers.Bidirectional(layer(units, **options))

    x = np.random.default_rng(0).normal(size=(3, 6, 2)).astype("float32")
    for kind, options in ((layer, {"go_backwards": True}), (both_directions, {})):
        model = network(kind, 4, 6, 2, return_sequences=sequences, **options)
        stock, fast = both_ways(model, x)
        assert np.ptp(stock[0]) > 0.1
        assert_equal(stock, fast)


def test_both_layers_of_a_bidirectional_one_are_covered():
    model = network(
        lambda n, **o: keras.layers.Bidirectional(keras.layers.LSTM(n)), 3, 4, 2
    )
    (both,) = model.layers
    with keras_speedups.fast_training(model):
        assert "inner_loop" in vars(both.forward_layer)
        assert "inner_loop" in vars(both.backward_layer)
    assert "inner_loop" not in vars(both.backward_layer)


@pytest.mark.parametrize("layer", LAYERS)
def test_training_takes_the_same_path_from_the_same_seed(layer):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 10, 1)).astype("float32")
    losses = []
    for way in (keras_speedups.fast_training, None):
        keras.utils.set_random_seed(7)
        model = keras.Sequential(
            [
                keras.Input((10, 1)),
                layer(8),
                keras.layers.Dropout(0.2),
                keras.layers.Dense(1),
            ]
        )
        model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
        arguments = {"epochs": 3, "batch_size": 16, "verbose": 0}
        if way:
            with way(model):
                losses.append(model.fit(x, x[:, 0, 0], **arguments).history["loss"])
        else:
            losses.append(model.fit(x, x[:, 0, 0], **arguments).history["loss"])
    np.testing.assert_allclose(*losses, rtol=1e-4)


def test_batches_and_their_order_are_kerass_own():
    x = np.random.default_rng(0).normal(size=(70, 3)).astype("float32")
    arrays = {"x": x, "y": x[:, 0], "batch_size": 16, "epochs": 3, "verbose": 0}
    weights = []
    for loops in (keras_speedups.fast_training, lambda model: contextlib.nullcontext()):
        keras.utils.set_random_seed(7)
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.Adam(0.1), loss="mse")
        with loops(model):  # no layer of it has another loop
            model.fit(**arrays)
        weights.append(model.get_weights()[0])
    np.testing.assert_array_equal(*weights)


def test_a_seed_samples_what_it_samples_in_keras():
    """A second training from the same seed, too, though nothing compiled was forgotten."""
    x = np.random.default_rng(0).normal(size=(40, 6, 1)).astype("float32")
    model = keras.Sequential([keras.Input((6, 1)), keras.layers.LSTM(1)])
    model.compile("sgd", "mse")
    first = model.get_weights()

    def trained(set_seed, seed):
        set_seed(seed)
        model.set_weights(first)
        losses = model.fit(x, x[:, 0], batch_size=8, epochs=3, verbose=0).history["loss"]
        return losses, random.random(), np.random.normal(), keras.random.normal(())

    stock = [trained(keras.utils.set_random_seed, seed) for seed in (1, 2, 1)]
    assert stock[0] == stock[2] != stock[1]
    assert [trained(keras_speedups.set_seed, seed) for seed in (1, 2, 1)] == stock


def test_the_tuner_is_off_inside_and_as_before_outside():
    x = np.zeros((4, 3), "float32")

    def tuned():
        return ArrayDataAdapter(x, x).get_tf_dataset().options().autotune.enabled

    before = tuned()
    with keras_speedups.fast_training(network(keras.layers.GRU, 2, 3, 1)):
        assert tuned() is False
    assert before is not False
    assert tuned() is before


@pytest.mark.parametrize(
    ("layer", "options"),
    [
        (keras.layers.LSTM, {"activation": "relu"}),
        (keras.layers.LSTM, {"recurrent_activation": "hard_sigmoid"}),
        (keras.layers.LSTM, {"use_bias": False}),
        (keras.layers.LSTM, {"recurrent_dropout": 0.1}),
        (keras.layers.LSTM, {"dropout": 0.1}),
        (keras.layers.LSTM, {"unroll": True}),
        (keras.layers.GRU, {"reset_after": False}),
        (keras.layers.SimpleRNN, {"activation": "relu"}),
        (keras.layers.SimpleRNN, {"use_bias": False}),
        (keras.layers.GRU, {"activation": "relu"}),
    ],
)
def test_what_is_not_covered_runs_as_always(layer, options):
    model = network(layer, 3, 4, 2, **options)
    with keras_speedups.fast_training(model):
        assert "inner_loop" not in vars(model.layers[0])


@pytest.mark.parametrize("layer", LAYERS)
def test_a_mask_is_kept(layer):
    model = keras.Sequential([keras.Input((5, 2)), keras.layers.Masking(0.0), layer(3)])
    x = np.random.default_rng(0).normal(size=(2, 5, 2)).astype("float32")
    x[0, 3:] = 0
    assert_equal(*both_ways(model, x))


@pytest.mark.parametrize("layer", LAYERS)
def test_the_layers_are_stock_before_and_after(layer, tmp_path):
    model = network(layer, 3, 4, 2)
    x = np.random.default_rng(0).normal(size=(2, 4, 2)).astype("float32")
    before = model(x)
    with keras_speedups.fast_training(model):
        assert type(model.layers[0]) is layer
        assert "inner_loop" in vars(model.layers[0])
        model.save(tmp_path / "model.keras")
    assert "inner_loop" not in vars(model.layers[0])
    opened = keras.models.load_model(tmp_path / "model.keras")
    assert type(opened.layers[0]) is layer
    np.testing.assert_array_equal(opened(x), before)


def test_a_context_within_another_changes_nothing():
    model = network(keras.layers.GRU, 3, 4, 2)
    with keras_speedups.fast_training(model):
        with keras_speedups.fast_training(model):
            pass
        assert "inner_loop" in vars(model.layers[0])
    assert "inner_loop" not in vars(model.layers[0])


def test_other_numbers_than_float32_run_as_always():
    model = network(keras.layers.LSTM, 3, 4, 2, dtype="float64")
    with keras_speedups.fast_training(model):
        assert "inner_loop" not in vars(model.layers[0])


def test_a_network_for_xla_trains_without_the_kernel_that_xla_lacks():
    x = np.ones((8, 5, 1), "float32")
    model = keras.Sequential([keras.Input((5, 1)), keras.layers.LSTM(2)])
    model.compile("sgd", "mse", jit_compile=True)
    with keras_speedups.fast_training(model):
        assert "inner_loop" not in vars(model.layers[0])
        assert len(model.fit(x, x[:, 0], verbose=0).history["loss"]) == 1


def test_where_there_is_a_gpu_keras_keeps_its_own_loop(monkeypatch):
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: [kind])
    model = network(keras.layers.LSTM, 3, 4, 2)
    with keras_speedups.fast_training(model):
        assert "inner_loop" not in vars(model.layers[0])


def test_a_body_that_raises_leaves_everything_as_it_was():
    model = network(keras.layers.GRU, 3, 4, 2)
    stock = ArrayDataAdapter.get_tf_dataset
    with pytest.raises(KeyError), keras_speedups.fast_training(model):
        raise KeyError
    assert "inner_loop" not in vars(model.layers[0])
    assert ArrayDataAdapter.get_tf_dataset is stock


# -- Where the inside of Keras or TensorFlow is gone, or is another ------------------


@pytest.fixture
def unproven():
    """Nothing is known yet of this Keras; afterwards neither."""
    keras_speedups.problem.cache_clear()
    yield
    keras_speedups.problem.cache_clear()


def without_its_source_module(patch):
    name = "keras.src.trainers.data_adapters.array_data_adapter"
    patch.setitem(sys.modules, name, None)


def without_the_fused_kernel(patch):
    patch.delattr(tf.raw_ops, "BlockLSTM")


def without_the_context(patch):
    patch.setitem(sys.modules, "tensorflow.python.eager.context", None)


def with_gates_in_another_order(patch):
    kernel = tf.raw_ops.BlockLSTM
    patch.setattr(tf.raw_ops, "BlockLSTM", lambda b, **rest: kernel(b=-b, **rest))


def with_layers_that_have_no_inner_loop(patch):
    def call(self, x, training=False, **_):  # of a Keras that calls something else
        return tf.zeros((x.shape[0], self.units)) + sum(map(tf.reduce_sum, self.weights))

    patch.setattr(keras.layers.GRU, "call", call)


def with_a_gradient_that_is_wrong(patch):
    loops = dict(keras_speedups._LOOPS)
    right = loops[keras.layers.GRU]

    def wrong(*arguments, **options):
        last, outputs, states = right(*arguments, **options)
        return last * 0.5 + tf.stop_gradient(last * 0.5), outputs, states

    patch.setitem(keras_speedups._LOOPS, keras.layers.GRU, wrong)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without_its_source_module, "array_data_adapter"),
        (without_the_fused_kernel, "BlockLSTM"),
        (without_the_context, "eager.context"),
        (with_gates_in_another_order, "LSTM is off by"),
        (with_layers_that_have_no_inner_loop, "GRU is not called"),
        (with_a_gradient_that_is_wrong, "GRU is off by"),
    ],
)
def test_training_runs_in_stock_keras_with_one_warning(
    change, words, monkeypatch, unproven
):
    x = np.random.default_rng(0).normal(size=(32, 6, 1)).astype("float32")

    def trained(loops):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.Input((6, 1)), keras.layers.LSTM(4)])
        model.compile(keras.optimizers.SGD(0.1), "mse")
        with loops(model):
            model.fit(x, x[:, 0], batch_size=8, epochs=2, verbose=0)
            assert "inner_loop" not in vars(model.layers[0])
        return model.get_weights()

    stock = trained(lambda model: contextlib.nullcontext())
    with monkeypatch.context() as patch:
        change(patch)
        with pytest.warns(RuntimeWarning, match=rf"stock Keras.*{words}.*Fix: ") as given:
            ours = trained(keras_speedups.fast_training)
            trained(keras_speedups.fast_training)
    assert len(given) == 1
    assert given[0].filename == __file__, "the warning points at the caller"
    for one, other in zip(stock, ours, strict=True):
        np.testing.assert_array_equal(one, other)


def test_this_keras_is_the_one_it_was_written_for(unproven):
    state = random.getstate()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert keras_speedups.problem() == ""
    assert random.getstate() == state, "seeds that are sampled later stay the same"
