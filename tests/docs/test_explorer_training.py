"""Explorer *Training playground*: its numbers are those of Python and Keras."""

import json
from functools import partial

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import SITE

from rnnedu import cells, gradients

pytestmark = pytest.mark.site

BLOCKS = {"SimpleRNN": "h", "LSTM": "ifgo", "GRU": "zrn"}
GATES = {"SimpleRNN": "", "LSTM": "fio", "GRU": "zr"}
USUAL = {
    "task": "repeat", "cell": "LSTM", "units": 4, "gap": 40, "bias": 1, "rate": 0.03,
    "clip": "off", "seed": 1,
}  # fmt: skip
RUN = "document.getElementById('explorer-training').frame.run"
ENDED = f"{RUN}.updates > 0 && !{RUN}.running"
LONG = 120_000  # milliseconds, on a busy machine

# Sets all weights of a network, in the order of rnnedu.arraysOf.
FILL = """const fill = (network, values) => {
  let at = 0
  for (const array of rnnedu.arraysOf(network))
    for (let k = 0; k < array.length; k += 1) array[k] = values[at++]
  if (at !== values.length) throw new Error("other weights")
}
const flat = network => rnnedu.arraysOf(network).flatMap(array => [...array])
const sequence = ([x, y]) =>
  ({ x: Float64Array.from(x.flat()), y: Float64Array.from(y.flat()) })"""


def press(page, name="Start"):
    page.get_by_role("button", name=name, exact=True).click()


def finish(page, name="Start"):
    """Press start, and wait until the run has ended; return its curve and last error."""
    press(page, name)
    page.wait_for_function(ENDED, timeout=LONG)
    curve = page.evaluate(f"{RUN}.curve")
    return dict(zip(curve["x"], curve["y"], strict=True)), curve["y"][-1]


def said(page):
    return page.inner_text("#explorer-training .so-far")


# -- Numbers ---------------------------------------------------------------------------


def random_network(kind, features, units, seed):
    """Return step and weights of a layer, a dense layer, and all their numbers."""
    rng = np.random.default_rng(seed)
    shapes = [(features, units), (units, units), (units,)] + [(units,)] * (kind == "GRU")
    parts = [
        {block: 0.5 * rng.normal(size=shape) for block in BLOCKS[kind]} for shape in shapes
    ]
    kernel, offset = rng.normal(size=(units, 1)), rng.normal(size=1)
    _, step = cells.steps.STEPS[kind]
    step = partial(step, reset_after=True) if kind == "GRU" else step
    return step, cells.Weights(*parts), kernel, offset, flat([*parts, kernel, offset])


def flat(parts):
    """Return all numbers of some arrays, and of dictionaries of arrays."""
    arrays = []
    for part in parts:
        arrays += part.values() if isinstance(part, dict) else [part]
    return np.concatenate([np.ravel(each) for each in arrays]).tolist()


@pytest.mark.parametrize("features", [1, 2])
@pytest.mark.parametrize("kind", list(BLOCKS))
def test_the_gradient_of_the_error_is_that_of_the_python_code(kind, features, explorer):
    step, weights, kernel, offset, values = random_network(kind, features, 5, seed=3)
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(3, 20, features)), rng.normal(size=(3, 20, 1))
    h = cells.run_cell(step, x, weights)["h"]
    dy = 2 * (h @ kernel + offset - y) / y.size
    found = gradients.backpropagate(step, x, weights, dy @ kernel.T).weights
    parts = [found.W, found.U, found.b]
    parts += [found.recurrent_bias] if kind == "GRU" else []
    expected = flat([*parts, np.einsum("stu,stk->uk", h, dy), dy.sum()])
    given = explorer("training").evaluate(
        f"""([settings, values, batch]) => {{
          {FILL}
          const {{ network }} = rnnedu.makeTraining(settings)
          fill(network, values)
          return flat(rnnedu.gradientOf(network, batch.map(sequence)))
        }}""",
        [
            USUAL
            | {"task": "echo" if features == 1 else "repeat", "cell": kind, "units": 5},
            values,
            [[a.tolist(), b.tolist()] for a, b in zip(x, y, strict=True)],
        ],
    )
    np.testing.assert_allclose(given, expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("kind", list(BLOCKS))
def test_output_gates_and_gradient_by_steps_back_are_those_of_python(kind, explorer):
    """The gradient of the last output, by going back from the end to each time step."""
    step, weights, kernel, offset, values = random_network(kind, 2, 4, seed=5)
    view, x, y = explorer("training").evaluate(
        f"""([settings, values]) => {{
          {FILL}
          const training = rnnedu.makeTraining(settings)
          fill(training.network, values)
          const {{ output, gates, norms }} = rnnedu.look(training)
          const view = {{ output: [...output], gates: gates.map(gate => [...gate]), norms }}
          return [view, [...training.shown.x], [...training.shown.y]]
        }}""",
        [USUAL | {"cell": kind}, values],
    )
    x = np.reshape(x, (1, -1, 2))
    recorded = cells.run_cell(step, x, weights)
    expected = (recorded["h"] @ kernel + offset)[0, :, 0]
    np.testing.assert_allclose(view["output"], expected, rtol=1e-9, atol=1e-9)
    for found, name in zip(view["gates"], GATES[kind], strict=True):
        np.testing.assert_allclose(found, recorded[name][0].mean(axis=1), atol=1e-9)
    names = [name for name in "hc" if name in recorded]
    for back in (1, 2, 10, 41):
        t = len(y) - 1 - back
        dh = np.zeros((1, back, 4))
        dh[0, -1] = kernel[:, 0]
        state = {name: recorded[name][:, t] for name in names}
        found = gradients.backpropagate(step, x[:, t + 1 :], weights, dh, state).state
        for name in names:
            norm = np.linalg.norm(found[name])
            assert view["norms"][name][back] == pytest.approx(norm, rel=1e-7)
    assert view["norms"]["h"][0] == pytest.approx(np.linalg.norm(kernel))


@pytest.mark.parametrize("clip", ["off", 0.1])
@pytest.mark.parametrize("kind", list(BLOCKS))
def test_one_and_ten_updates_end_with_the_weights_of_keras(kind, clip, explorer):
    import keras

    keras.utils.set_random_seed(7)
    model = keras.Sequential(
        [
            keras.Input((None, 2)),
            getattr(keras.layers, kind)(4, return_sequences=True),
            keras.layers.Dense(1),
        ]
    )
    options = {} if clip == "off" else {"global_clipnorm": clip}
    model.compile(keras.optimizers.Adam(0.03, **options), "mse")

    def weights():
        """All weights, in the order of rnnedu.arraysOf."""
        recurrent, dense = cells.Network.from_keras(model).layers
        w = recurrent.weights
        return np.array(flat([w.W, w.U, w.b, w.recurrent_bias, dense.kernel, dense.bias]))

    rng = np.random.default_rng(8)
    batches = rng.normal(size=(10, 16, 12, 3)).astype("float32")
    first, after = weights().tolist(), {}
    for update, batch in enumerate(batches, start=1):
        model.train_on_batch(batch[..., :2], batch[..., 2:])
        after[update] = weights()
    given = explorer("training").evaluate(
        f"""([settings, values, batches]) => {{
          {FILL}
          const training = rnnedu.makeTraining(settings)
          fill(training.network, values)
          const norms = []
          return batches.map(batch => {{
            training.update(batch.map(sequence))
            return {{ norm: training.norm, weights: flat(training.network) }}
          }})
        }}""",
        [
            USUAL | {"cell": kind, "clip": clip},
            first,
            [[[s[:, :2].tolist(), s[:, 2:].tolist()] for s in batch] for batch in batches],
        ],
    )
    if clip != "off":
        assert given[0]["norm"] > clip, "nothing would be clipped"
    for update in (1, 10):
        # Adam divides by the size of the gradient: float32 is seen where it is small.
        np.testing.assert_allclose(
            given[update - 1]["weights"], after[update], rtol=1e-4, atol=2e-5
        )


@pytest.mark.parametrize("kind", list(BLOCKS))
def test_weights_are_initialised_as_by_keras(kind, explorer):
    """The same ranges, rows at right angles, zeros: over twenty seeds."""
    import keras

    units, blocks = 16, BLOCKS[kind]
    layers = explorer("training").evaluate(
        """([settings]) => Array.from({ length: 20 }, (_, seed) => {
          const { network } = rnnedu.makeTraining({ ...settings, seed: seed + 1 })
          const { layer, dense } = network
          const lists = part => Object.fromEntries(
            Object.entries(part).map(([block, values]) => [block, [...values]]))
          return { W: lists(layer.W), U: lists(layer.U), b: lists(layer.b),
            second: lists(layer.recurrentBias), dense: lists(dense) }
        })""",
        [USUAL | {"cell": kind, "units": units, "bias": 2.5}],
    )
    keras.utils.set_random_seed(0)
    shapes = {"W": (2, len(blocks) * units), "dense": (units, 1)}
    for part, shape in shapes.items():
        name = "kernel" if part == "dense" else None
        ours = np.concatenate(
            [v for each in layers for k, v in each[part].items() if name in (None, k)]
        )
        theirs = np.concatenate(
            [np.ravel(keras.initializers.GlorotUniform(seed)(shape)) for seed in range(20)]
        )
        assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=0.02)
        assert ours.std() == pytest.approx(theirs.std(), rel=0.05)
        assert abs(ours.mean()) < 0.1 * ours.std()
    for each in layers:
        U = np.concatenate(
            [np.reshape(each["U"][b], (units, units)) for b in blocks], axis=1
        )
        np.testing.assert_allclose(U @ U.T, np.eye(units), atol=1e-12)
        keeps = {"LSTM": "f", "GRU": "z"}.get(kind)
        for block in blocks:
            assert set(each["b"][block]) == {2.5 if block == keeps else 0}
        assert not any(np.any(second) for second in each["second"].values())
        assert each["dense"]["bias"] == [0]
    assert layers[0]["W"] != layers[1]["W"]


# -- Tasks -----------------------------------------------------------------------------

SHOWN = """settings => {
  const { shown, baseline, error, network } = rnnedu.makeTraining(settings)
  const errors = [0, 1].map(constant => {
    for (const array of rnnedu.arraysOf(network)) array.fill(0)
    network.dense.bias[0] = constant
    return error()
  })
  return { ...shown, x: [...shown.x], y: [...shown.y], baseline, errors }
}"""


@pytest.mark.parametrize("gap", [5, 12, 40])
@pytest.mark.parametrize("task", ["repeat", "switch", "echo"])
def test_a_sequence_is_one_of_its_task_and_the_baseline_its_best_constant(
    task, gap, explorer
):
    shown = explorer("training").evaluate(SHOWN, USUAL | {"task": task, "gap": gap})
    y = np.array(shown["y"])
    steps = max(60, 3 * gap)
    x = np.reshape(shown["x"], (steps, -1))
    if task == "echo":
        expected = np.r_[np.zeros(gap), x[:-gap, 0]]
        assert shown["marks"] == [] and shown["back"] == gap
    else:
        marked = x[:, 1] if task == "repeat" else x.sum(axis=1)
        assert set(marked) == {0, 1} and marked[0] == 1
        assert shown["marks"] == np.flatnonzero(marked).tolist()
        distances = np.diff(shown["marks"])
        assert distances.min() >= gap - gap // 2 and distances.max() <= gap + gap // 2
        last = np.maximum.accumulate(np.where(marked, np.arange(steps), 0))
        expected = x[last, 0]
        assert shown["back"] == steps - 1 - shown["marks"][-1]
        assert abs(shown["back"] - gap) <= 3, "the last target comes from about a gap ago"
    np.testing.assert_array_equal(y, expected)
    # From the errors of always predicting 0 and 1: the spread of all targets.
    zero, one = np.square(shown["errors"])
    mean = (zero - one + 1) / 2
    assert shown["baseline"] == pytest.approx(np.sqrt(zero - mean**2))
    usual = {"repeat": 1 / np.sqrt(3), "switch": 0.5}.get(task, shown["baseline"])
    assert shown["baseline"] == pytest.approx(usual, rel=0.05)


def test_a_linear_function_of_six_inputs_solves_the_echo_as_the_page_says(explorer):
    page = explorer("training")
    shown = page.evaluate(SHOWN, USUAL | {"task": "echo", "gap": 5})
    padded = np.r_[np.zeros(5), shown["x"]]
    window = np.lib.stride_tricks.sliding_window_view(padded, 6)
    fit, *_ = np.linalg.lstsq(window, np.array(shown["y"]), rcond=None)
    np.testing.assert_allclose(window @ fit, shown["y"], atol=1e-12)
    assert "6 units without the tanh" in page.locator("article").text_content()


# -- What the page says of seeds -------------------------------------------------------

COUNT = """([settings, updates]) => {
  const training = rnnedu.makeTraining(settings)
  const shares = []
  while (training.updates < updates)
    shares.push(...rnnedu.train(training, updates - training.updates, 1e6)
      .curve.y.map(error => error / training.baseline))
  return [Math.min(...shares), shares[shares.length - 1]]
}"""


def counted(page, updates=500, **settings):
    """Return the lowest and the last error of ten seeds, as shares of the baseline."""
    page.set_default_timeout(LONG)
    runs = [
        page.evaluate(COUNT, [USUAL | settings | {"seed": seed}, updates])
        for seed in range(1, 11)
    ]
    return np.transpose(runs)


def test_at_a_gap_of_40_all_lstms_learn_and_no_simple_rnn_does(explorer):
    page = explorer("training")
    lstm, _ = counted(page, updates=250)
    assert lstm.max() < 0.3
    (_, usual), (_, hindered) = (counted(page, bias=bias) for bias in (1, -2))
    assert np.median(hindered) > 2 * np.median(usual), "the page says: a larger error"
    lowest, last = counted(page, cell="SimpleRNN")
    assert lowest.min() > 0.3, "the page says: no simple RNN does"
    assert (last > 0.9).sum() >= 9


def test_what_a_simple_rnn_can_learn(explorer):
    page = explorer("training")
    _, short = counted(page, cell="SimpleRNN", gap=5)
    assert (short < 0.3).sum() >= 8 and short[5] > 0.3, "nearly all, and seed 6 fails"
    _, switch = counted(page, cell="SimpleRNN", task="switch")
    assert (switch < 0.3).sum() >= 8
    few, _ = counted(page, cell="SimpleRNN", task="echo", gap=5, units=5, updates=300)
    enough, _ = counted(page, cell="SimpleRNN", task="echo", gap=5, units=6, updates=300)
    assert few.min() > 0.45 and enough.max() < 0.15


# -- As a newcomer ---------------------------------------------------------------------

# Trains; returns what the forget gates of each unit leave of the cell state since the last
# mark, the last output as trained, the last one if no step after the last mark can write
# from the hidden state, and the target.
KEEPS = """settings => {
  const training = rnnedu.makeTraining(settings)
  rnnedu.train(training, 500, 1e6)
  const { network: { layer, dense }, shown: { x, y, back } } = training
  const from = y.length - back
  const cut = { ...layer, U: { ...layer.U, g: layer.U.g.map(() => 0) } }
  const { f, h, c } = rnnedu.run(layer, x)
  const state = at => at.slice((from - 1) * layer.units, from * layer.units)
  const rest = rnnedu.run(cut, x.slice(2 * from), { h: state(h), c: state(c) })
  const output = states => states.slice(-layer.units)
    .reduce((sum, value, u) => sum + value * dense.kernel[u], dense.bias[0])
  const keeps = Array.from({ length: layer.units }, (_, u) =>
    f.slice(from * layer.units).filter((_, k) => k % layer.units === u)
      .reduce((product, gate) => product * gate, 1))
  return [keeps, output(h), output(rest.h), y[y.length - 1]]
}"""


def test_a_newcomer_trains_by_links_and_start_alone(explorer):
    page = explorer("training")
    errors = {}
    for link in ("a simple RNN and a gap of 5", "a gap of 40", "an LSTM and a gap of 40"):
        page.get_by_role("link", name=link, exact=True).click()
        page.wait_for_function(f"{RUN}.updates === 0")
        curve, errors[link] = finish(page)
        assert list(curve)[-1] == 500
    baseline = page.evaluate(f"{RUN}.baseline")
    short, long, lstm = errors.values()
    assert short < 0.3 * baseline and long > 0.9 * baseline and lstm < 0.3 * baseline
    assert said(page).endswith("It has learnt the task.")
    assert "run before: simple RNN" in page.inner_text(".pictures")
    # What the answer on the page says of gates and gradient.
    view, marks, back = page.evaluate(
        f"[{RUN}.view.gates.map(gate => [...gate]), {RUN}.shown.marks, {RUN}.shown.back]"
    )
    between = np.setdiff1d(np.arange(1, len(view[0])), marks)
    forget, write, _ = np.array(view)
    assert forget[marks[1:]].mean() < 0.4 < 0.7 < forget[between].mean()
    assert write[marks[1:]].mean() > write[between].mean() + 0.1
    assert write[between].mean() > 0.1, "the page says: a little open"
    # The forget gates alone keep the number in no unit: it is written again from h.
    keeps, output, cut, y = page.evaluate(KEEPS, USUAL)
    np.testing.assert_allclose(forget[between].mean(), 0.8, atol=0.05)
    assert max(keeps) < 0.01 and abs(output - y) < 0.2 * abs(y) < abs(cut - y)
    norms = np.array(page.evaluate(f"{RUN}.view.norms.c"))
    assert norms[back - 1] > 0.5 * norms[1] and norms[back + 20] < 0.1 * norms[back - 1]
    assert page.errors == []


def test_with_a_simple_rnn_the_gradient_does_not_reach_the_last_mark(explorer):
    page = explorer("training", "cell=SimpleRNN&gap=40")
    finish(page)
    norms, back = page.evaluate(f"[{RUN}.view.norms.h, {RUN}.shown.back]")
    assert norms[back] < 1e-4 * norms[0]
    assert said(page).endswith("It has not learnt the task.")


def test_nothing_runs_before_the_reader_presses_start(explorer):
    page = explorer("training", "cell=LSTM&gap=40")
    page.wait_for_selector(".explorer-check:not([hidden])", timeout=60_000)
    page.wait_for_timeout(500)
    assert page.workers == [] and page.evaluate(f"{RUN}.updates") == 0
    assert said(page) == "Not trained yet. Start trains for 500 updates."


def test_by_keyboard_alone(explorer):
    page = explorer("training")
    page.locator("#training-task").focus()
    seen = []
    for _ in range(12):
        seen.append(
            page.evaluate("document.activeElement.id || document.activeElement.textContent")
        )
        page.keyboard.press("Tab")
    names = ["task", "cell", "gap", "units", "rate", "clip", "seed"]
    assert seen[:10] == [f"training-{name}" for name in names] + [
        "Start", "One update", "Start again",
    ]  # fmt: skip
    page.locator("#training-cell").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate(f"{RUN}.settings.cell") == "LSTM"
    page.get_by_role("button", name="Start", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_function(f"{RUN}.updates > 20", timeout=LONG)
    page.keyboard.press("Space")  # the same button pauses
    assert page.evaluate(f"[{RUN}.running, document.activeElement.textContent]") == [
        False, "Go on",
    ]  # fmt: skip
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function(f"{RUN}.waiting === 0", timeout=LONG)


# -- A run begins, pauses and ends -----------------------------------------------------


def test_a_run_with_a_seed_repeats_exactly_whatever_pauses_there_are(explorer):
    page = explorer("training", "cell=GRU&gap=12&units=3")
    first, _ = finish(page)
    again, _ = finish(page, "Start again")
    assert again == first
    press(page, "Start again")
    page.wait_for_function(f"{RUN}.updates > 40", timeout=LONG)
    press(page, "Pause")
    page.wait_for_function(f"{RUN}.waiting === 0", timeout=LONG)
    for _ in range(3):
        press(page, "One update")
    page.wait_for_function(f"{RUN}.waiting === 0", timeout=LONG)
    steps, _ = finish(page, "Go on")
    assert len(steps) > len(first)
    assert {n: steps[n] for n in first} == first
    page.evaluate("location.hash = 'training:cell=GRU&gap=12&units=3&seed=2'")
    page.wait_for_function(f"{RUN}.updates === 0")
    other, _ = finish(page)
    assert other != first and list(other) == list(first)


def test_one_update_is_one_and_a_finished_run_can_go_on(explorer):
    page = explorer("training")
    press(page, "One update")
    page.wait_for_function(f"{RUN}.updates === 1", timeout=LONG)
    assert said(page).startswith("After update 1 the error is ")
    page.wait_for_timeout(300)
    assert page.evaluate(f"{RUN}.updates") == 1
    finish(page, "Go on")
    assert page.evaluate(f"{RUN}.updates") == 500
    finish(page, "Go on")
    assert page.evaluate(f"{RUN}.updates") == 1000


def test_a_pause_ends_the_work_of_the_worker(explorer):
    page = explorer("training", "cell=LSTM&gap=40&units=8")
    press(page)
    page.wait_for_function(f"{RUN}.updates > 0", timeout=LONG)
    press(page, "Pause")
    page.wait_for_function(f"{RUN}.waiting === 0", timeout=LONG)
    before = page.evaluate(f"{RUN}.updates")
    page.wait_for_timeout(700)
    assert page.evaluate(f"[{RUN}.updates, {RUN}.running]") == [before, False]


@pytest.mark.parametrize("way", ["control", "link", "back"])
def test_a_changed_setting_ends_the_run_and_its_worker(way, explorer):
    page = explorer("training", "cell=LSTM&gap=40&units=8")
    if way == "back":
        page.get_by_role("link", name="a gap of 40", exact=True).click()
    press(page)
    page.wait_for_function(f"{RUN}.updates > 0", timeout=LONG)
    assert len(page.workers) == 1
    if way == "control":
        page.locator("#training-units").focus()
        page.keyboard.press("ArrowRight")
    elif way == "link":
        page.get_by_role(
            "link", name="the same LSTM with a forget bias of −2", exact=True
        ).click()
    else:
        page.go_back()
    page.wait_for_function(f"{RUN}.updates === 0")
    page.wait_for_timeout(700)
    assert page.workers == []
    assert page.evaluate(f"[{RUN}.updates, {RUN}.running]") in ([0, False], [0, None])
    assert said(page).startswith("Not trained yet.")
    assert page.errors == []


def test_the_link_of_the_present_settings_does_not_end_a_run(explorer):
    page = explorer("training", "cell=LSTM&gap=40")
    press(page)
    page.wait_for_function(f"{RUN}.updates > 0", timeout=LONG)
    page.get_by_role("link", name="an LSTM and a gap of 40", exact=True).click()
    page.wait_for_timeout(200)
    assert page.evaluate(f"{RUN}.updates > 0 && {RUN}.running")


def test_leaving_the_page_ends_the_work(explorer):
    page = explorer("training", "cell=LSTM&gap=40&units=8")
    press(page)
    page.wait_for_function(f"{RUN}.updates > 0", timeout=LONG)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    assert not page.evaluate(f"{RUN}.running")
    press(page, "Go on")
    page.goto("about:blank")
    page.wait_for_timeout(300)
    assert page.workers == []


def test_training_that_diverges_is_told_and_can_be_started_again(explorer):
    page = explorer("training", "cell=LSTM&rate=10&units=16")
    finish(page)
    told = said(page)
    assert "Training has diverged and was stopped. Choose a smaller" in told
    assert page.evaluate(f"{RUN}.diverged && {RUN}.updates < 500")
    assert page.inner_text("#explorer-training .explorer-spoken") == told
    finish(page)  # from its beginning
    assert said(page) == told
    finish(page, "Start again")
    assert said(page) == told
    page.locator("#training-rate").select_option("0.03")
    _, error = finish(page)
    assert error < page.evaluate(f"{RUN}.baseline")
    assert page.errors == []


@pytest.mark.parametrize("cell", list(BLOCKS))
def test_every_cell_with_one_unit_or_sixteen_is_stopped_at_the_largest_rate(cell, explorer):
    page = explorer("training")
    for units in (1, 4, 16):
        settings = USUAL | {"cell": cell, "units": units, "rate": 10, "gap": 5}
        assert page.evaluate(
            "s => rnnedu.train(rnnedu.makeTraining(s), 500, 1e6).diverged", settings
        )


def test_a_worker_that_fails_is_told_in_a_sentence(explorer):
    page = explorer("training")
    press(page, "One update")
    page.wait_for_function(f"{RUN}.updates === 1", timeout=LONG)
    page.evaluate(
        f"{RUN}.worker.dispatchEvent("
        "new ErrorEvent('error', { message: 'out of memory' }))"
    )
    fault = page.inner_text("#explorer-training .explorer-fault")
    assert fault == "Training has stopped (out of memory). Press Start to try again."
    _, error = finish(page)
    assert error < 0.3
    assert not page.locator("#explorer-training .explorer-fault").is_visible()
    assert page.errors == []


def test_fast_movements_of_every_control_in_every_state(explorer):
    page = explorer("training", "cell=LSTM")
    press(page)
    page.evaluate(
        """async () => {
          const root = document.getElementById("explorer-training")
          const [go, one, again] = root.querySelectorAll(".explorer-buttons button")
          const wait = time => new Promise(done => setTimeout(done, time))
          let k = 0
          for (let turn = 0; turn < 6; turn += 1)
            for (const input of root.querySelectorAll("input[type=range]")) {
              for (const value of [input.min, input.max, input.defaultValue, input.max]) {
                input.value = value
                input.dispatchEvent(new Event("input"))
                if (k % 2) go.click()
                if (k % 3 === 0) one.click()
                if (k % 7 === 0) again.click()
                if (k % 5 === 0) await wait(40)
                k += 1
              }
            }
          for (const select of root.querySelectorAll("select"))
            for (let each = 0; each < select.options.length; each += 1) {
              select.selectedIndex = each
              select.dispatchEvent(new Event("change"))
              go.click()
              await wait(60)
              go.click()
            }
        }"""
    )
    page.wait_for_timeout(500)
    assert page.errors == []
    assert len(page.workers) <= 1
    settings = page.evaluate("document.getElementById('explorer-training').frame.settings")
    assert settings == page.evaluate(f"{RUN}.settings")
    page.locator("#training-task").select_option("repeat")
    page.locator("#training-rate").select_option("0.03")
    finish(page)
    assert page.evaluate(f"{RUN}.updates") == 500


@pytest.mark.parametrize(
    ("hash", "expected"),
    [
        ("units=3.4&gap=7.7&seed=2.2", {"units": 3, "gap": 8, "seed": 2}),
        ("units=%", {"units": 4}),
    ],
)
def test_an_address_of_fractions_or_broken_escapes_can_be_trained(hash, expected, explorer):
    page = explorer("training", hash)
    assert page.evaluate(f"{RUN}.settings").items() >= expected.items()
    finish(page)
    assert page.errors == []


# -- Light and for everybody -----------------------------------------------------------


def test_no_task_of_the_page_takes_over_50_ms_while_it_trains(explorer, longest_task):
    """At its largest, and while sliders move."""
    page = explorer("training", "cell=LSTM&units=16&gap=40")
    page.wait_for_selector(".explorer-check:not([hidden])", timeout=60_000)

    def train():
        press(page, "Start again")
        page.wait_for_function(f"{RUN}.updates >= 40", timeout=LONG)
        for _ in range(8):
            page.locator("#training-units").press("ArrowLeft")
            page.locator("#training-units").press("ArrowRight")
        press(page)
        page.wait_for_function(f"{RUN}.updates >= 20", timeout=LONG)

    assert longest_task(page, train) <= 50


def test_pictures_are_drawn_at_most_some_ten_times_a_second(explorer):
    page = explorer("training", "cell=SimpleRNN&units=1")
    page.evaluate(
        """() => {
          window.drawn = []
          new MutationObserver(() => drawn.push(performance.now()))
            .observe(document.querySelector(".pictures svg"), { childList: true })
        }"""
    )
    finish(page)
    times = np.array(page.evaluate("drawn"))
    seconds = (times[-1] - times[0]) / 1000
    assert 3 < len(times) <= 12 * seconds + 3


def test_with_reduced_motion_pictures_change_once_a_second(browser):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto((SITE / "explore" / "training.html").as_uri() + "#training:units=1")
    page.wait_for_selector("#explorer-training.explorer-live")
    page.evaluate(
        """() => {
          window.drawn = []
          new MutationObserver(() => drawn.push(performance.now()))
            .observe(document.querySelector(".pictures svg"), { childList: true })
        }"""
    )
    curve, _ = finish(page)
    times = page.evaluate("drawn")
    assert len(times) <= (times[-1] - times[0]) / 1000 + 3
    assert list(curve)[-1] == 500
    context.close()


def test_a_screen_reader_is_told_of_changes_and_the_pictures_have_words(explorer):
    page = explorer("training", "cell=LSTM&gap=12")
    page.evaluate(
        """() => {
          window.heard = []
          const spoken = document.querySelector("#explorer-training .explorer-spoken")
          new MutationObserver(() => heard.push(spoken.textContent))
            .observe(spoken, { childList: true, characterData: true, subtree: true })
        }"""
    )
    _, error = finish(page)
    heard = page.evaluate("heard")
    assert heard[0] == "Training has begun." and len(heard) == 2
    assert heard[1] == said(page) and f"{error:.3g}" in heard[1]
    labels = [
        svg.get_attribute("aria-label")
        for svg in page.locator(".pictures svg[role=img]").all()
    ]
    assert len(labels) == 4
    assert "best constant goes from" in labels[0] and "LSTM goes from" in labels[0]
    assert "target goes from" in labels[1]
    assert "hidden state: " in labels[2] and "cell state: " in labels[2]
    assert "forget gate: " in labels[3] and " at marks, " in labels[3]


def test_a_simple_rnn_has_no_gates_and_no_bias_of_one(explorer):
    page = explorer("training")
    bias, gates = page.locator("#training-bias"), page.get_by_text("Gates, mean over")
    assert not bias.is_visible() and not gates.is_visible()
    page.locator("#training-cell").select_option("GRU")
    assert bias.is_visible() and gates.is_visible()
    assert "update gate: " in page.inner_text(".pictures")


def test_the_run_before_is_shown_only_where_it_can_be_compared(explorer):
    page = explorer("training", "gap=12&units=2")
    legend = page.locator(".pictures figure").first
    finish(page)
    assert "run before" not in legend.inner_text()
    page.locator("#training-cell").select_option("GRU")
    assert "run before: simple RNN" in legend.inner_text()
    page.locator("#training-units").press("ArrowRight")
    assert "run before: simple RNN" in legend.inner_text(), "the GRU has not been trained"
    page.locator("#training-gap").press("ArrowRight")
    assert "run before" not in legend.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_after_training(scheme, explorer):
    page = explorer("training", "cell=LSTM&gap=12", scheme=scheme)
    finish(page)
    found = Axe().run(page).response["violations"]
    assert not [(each["id"], each["nodes"][0]["html"][:200]) for each in found]


def test_a_trained_network_fits_a_phone(explorer):
    page = explorer("training", "cell=LSTM&gap=12", width=390, has_touch=True)
    page.get_by_role("button", name="Start", exact=True).tap()
    page.wait_for_function(ENDED, timeout=LONG)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for figure in page.locator(".pictures figure").all():
        box = figure.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_the_build_gives_the_page_small_numbers(explorer):
    page = explorer("training")
    page.wait_for_selector(".explorer-check:not([hidden])", timeout=60_000)
    words = page.inner_text(".explorer-check")
    assert "cells.run_cell and gradients.backpropagate, in 6 networks," in words
    assert float(page.get_attribute(".explorer-check", "data-difference")) < 1e-5
    cases = page.evaluate("rnnedu.load('training').then(({ meta }) => meta.cases)")
    assert json.dumps(cases).count("LSTM") == 2


def test_damaged_numbers_are_told_and_training_goes_on(browser):
    page = browser.new_page()
    page.route("**/data/training.js", lambda route: route.abort())
    page.goto((SITE / "explore" / "training.html").as_uri())
    page.wait_for_selector("#explorer-training .explorer-fault:not([hidden])")
    assert "“training”" in page.inner_text("#explorer-training .explorer-fault")
    finish(page)
    assert page.evaluate(f"{RUN}.updates") == 500
    page.close()
