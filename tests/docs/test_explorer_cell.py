"""Explorer *The cell laboratory*: its steps are those of rnnedu.cells."""

import base64
import inspect
import json
import re
from functools import partial

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT, SITE

import rnnedu
from rnnedu import cells, tasks

pytestmark = pytest.mark.site

DATA = SITE / "_static" / "explore" / "data"
BLOCKS = {kind: blocks for kind, (blocks, _) in cells.steps.STEPS.items()}
FORMS = [("SimpleRNN", False), ("LSTM", False), ("GRU", False), ("GRU", True)]
SEQUENCES = {
    "number": tasks.repeat_last_marked(1, gap=200, steps=60, seed=46)[0],
    "marks": tasks.repeat_last_marked(1, gap=20, steps=60, seed=20)[0],
}
FRAME = "document.getElementById('explorer-cell').frame"
NUMBERS = f"""() => {{
  const {{ layer, x, before, now, recorded, u }} = {FRAME}.numbers
  const lists = (arrays) =>
    Object.fromEntries(Object.entries(arrays).map(([name, values]) => [name, [...values]]))
  return {{
    kind: layer.kind, units: layer.units, features: layer.features, u, x: [...x],
    before: lists(before), now: lists(now), recorded: lists(recorded),
  }}
}}"""


@pytest.fixture
def laboratory(explorer):
    """Open the explorer, and wait until it shows numbers; none may have been an error."""
    pages = []

    def opened(settings=None, **options):
        page = explorer("cell", settings, **options)
        page.wait_for_function(f"() => {FRAME}.numbers")
        pages.append(page)
        return page

    yield opened
    for page in pages:
        assert page.errors == []


def put(page, **settings):
    """Change settings as a control does, and return the numbers of the step."""
    page.evaluate(f"values => {FRAME}.set(values)", settings)
    return page.evaluate(NUMBERS)


def step_of(kind, after=False):
    step = cells.steps.STEPS[kind][1]
    return partial(step, reset_after=True) if after else step


def random_layer(rng, kind, units, after):
    parts = {"W": (2, units), "U": (units, units), "b": (units,)}
    if after:
        parts["recurrent_bias"] = (units,)
    return cells.Weights(
        **{
            part: {block: rng.normal(size=shape) for block in BLOCKS[kind]}
            for part, shape in parts.items()
        }
    )


def weights_by_hand(kind, settings):
    """The layer of one unit that the reader's settings stand for."""
    rows = {
        block: [float(settings[letter + block]) for letter in "xmub"]
        for block in BLOCKS[kind]
    }
    return cells.Weights(
        {block: np.array([[x], [m]]) for block, (x, m, _, _) in rows.items()},
        {block: np.array([[u]]) for block, (_, _, u, _) in rows.items()},
        {block: np.array([b]) for block, (_, _, _, b) in rows.items()},
    )


def unpacked(name):
    """A file of numbers of the site: what is said beside them, and the arrays."""
    text = (DATA / f"{name}.js").read_text()
    file = json.loads(re.fullmatch(r'rnnedu\.receive\("\w+", (.*)\);\s*', text, re.S)[1])
    numbers = np.frombuffer(base64.b64decode(file["data"]), "<f4")
    arrays, at = {}, 0
    for each in file["arrays"]:
        size = int(np.prod(each["shape"]))
        arrays[each["key"]] = numbers[at : at + size].reshape(each["shape"])
        at += size
    return file["meta"], arrays


def table(page):
    """The rows of the table: by letter, equation, numbers, code and value."""
    rows = page.evaluate(
        """() => [...document.querySelectorAll(".cell-table tbody tr")].map(row => [
          row.dataset.part, row.cells[1].children[0].innerHTML,
          row.cells[1].children[1].textContent, row.querySelector("code").textContent,
          row.cells[2].textContent])"""
    )
    return {letter: rest for letter, *rest in rows}


def as_float(text):
    return float(text.replace("−", "-"))


# -- The numbers are those of Python ---------------------------------------------------


@pytest.mark.parametrize(("kind", "after"), FORMS)
def test_steps_from_a_thousand_random_states_are_those_of_the_python_code(
    kind, after, laboratory, random_seed
):
    page, rng, cases = laboratory(), np.random.default_rng(random_seed), []
    for k in range(1000):
        units = 1 + k % 3
        weights = random_layer(rng, kind, units, after)
        x, h, c = rng.normal(size=(1, 2)), *rng.normal(size=(2, 1, units))
        new = step_of(kind, after)(x, {"h": h, "c": c}, weights)
        parts = {
            name: {block: np.ravel(each).tolist() for block, each in blocks.items()}
            for name, blocks in [
                ("W", weights.W), ("U", weights.U), ("b", weights.b),
                ("recurrentBias", weights.recurrent_bias),
            ]
        }  # fmt: skip
        given = {"x": x[0].tolist(), "h": h[0].tolist(), "c": c[0].tolist()}
        expected = {name: value[0].tolist() for name, value in new.items()}
        cases.append([units, parts, given, expected])
    worst = page.evaluate(
        """([kind, after, cases]) => {
          let worst = 0
          for (const [units, parts, given, expected] of cases) {
            const layer = rnnedu.makeLayer(kind, 2, units, after)
            for (const [part, blocks] of Object.entries(parts))
              for (const [block, values] of Object.entries(blocks))
                layer[part][block].set(values)
            const now = rnnedu.step(layer, given.x, given)
            if (Object.keys(now).join() !== Object.keys(expected).join()) return NaN
            for (const [name, values] of Object.entries(expected))
              values.forEach((value, u) => {
                worst = Math.max(worst, Math.abs(value - now[name][u]))
              })
          }
          return worst
        }""",
        [kind, after, cases],
    )
    assert worst < 1e-5


@pytest.mark.parametrize("kind", BLOCKS)
def test_what_a_reader_sets_by_hand_gives_the_step_of_the_python_code(
    kind, laboratory, random_seed
):
    page, rng = laboratory(), np.random.default_rng(random_seed)
    most = {"x": 5, "m": 16, "u": 5, "b": 8}
    for _ in range(60):
        layer = {
            letter + block: round(float(rng.uniform(-size, size)), 2)
            for block in BLOCKS[kind]
            for letter, size in most.items()
        }
        number, h, c = np.round(rng.uniform(-1, 1, size=3), 2).tolist()
        mark = bool(rng.integers(2))
        found = put(page, cell=kind, own=True, number=number, mark=mark, h=h, c=c, **layer)
        state = {"h": np.array([[h]]), "c": np.array([[c]])}
        x = np.array([[number, float(mark)]])
        new = step_of(kind)(x, state, weights_by_hand(kind, layer))
        shown = table(page)
        assert set(shown) == set(new)
        for name, value in new.items():
            assert found["now"][name][0] == pytest.approx(value[0, 0], abs=1e-9)
            assert as_float(shown[name][-1]) == pytest.approx(value[0, 0], abs=5.1e-5)


@pytest.mark.parametrize("kind", BLOCKS)
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_a_network_trained_on_the_task_is_recorded_as_in_python(kind, sequence, laboratory):
    page = laboratory(f"cell={kind}&weights=task&sequence={sequence}")
    found = page.evaluate(NUMBERS)
    rates = {"SimpleRNN": (0.003, 0.01)}.get(kind, (0.1,))
    runs = [
        run
        for rate in rates
        for run in rnnedu.load_task_runs(kind, gap=80, learning_rate=rate)
    ]
    X, y = tasks.repeat_last_marked(200, gap=80, seed=1)
    best = min(runs, key=lambda run: rnnedu.rmse(y.ravel(), run(X).ravel()))
    x = SEQUENCES[sequence].astype(float)
    (recorded,) = best.record(x)
    for name, values in recorded.items():
        difference = np.array(found["recorded"][name]) - values.ravel()
        assert abs(difference).max() < 1e-5, name
    said = page.locator(".explorer-body > p:nth-of-type(2)").inner_text()
    output = as_float(re.search(r"outputs ([−.\d]+);", said)[1])
    target = as_float(re.search(r"target is ([−.\d]+)\.$", said)[1])
    assert output == pytest.approx(best(x)[0, -1, 0], abs=6e-5)
    marked = np.flatnonzero(x[0, :, 1])[-1]
    assert target == pytest.approx(x[0, marked, 0], abs=6e-5)
    note = page.locator(".explorer-body > p").first.inner_text()
    error = rnnedu.rmse(y.ravel(), best(X).ravel())
    zero = rnnedu.rmse(y.ravel(), np.zeros(y.size))
    state = "cell state" if kind == "LSTM" else "hidden state"
    assert (
        f"its RMSE is {error:.2f}; a network that always outputs 0 has {zero:.2f}." in note
    )
    assert f"So the {state} need not be the number itself." in note
    assert ("does not solve" in note) == (kind == "SimpleRNN") == (error > zero / 4)


@pytest.mark.parametrize(("kind", "unit"), [("LSTM", 1), ("LSTM", 50), ("GRU", 23)])
def test_the_layer_of_a_price_network_is_recorded_as_in_python(kind, unit, laboratory):
    page = laboratory(f"cell={kind}&weights=price&sequence=price&t=200&unit={unit}")
    page.wait_for_function(f"() => {FRAME}.numbers.layer.units === 50")
    found = page.evaluate(NUMBERS)
    meta, arrays = unpacked(f"cell_price_{kind.lower()}")
    assert meta["networks"][kind]["units"] == 50
    blocks, x = BLOCKS[kind], unpacked("cell")[1]["price"][None, :, :1].astype(float)
    assert x.shape[1] > 240, "a year"
    W, U, b = (
        dict(
            zip(blocks, np.split(arrays[f"{kind}.{k}"], len(blocks), axis=-1), strict=True)
        )
        for k in range(3)
    )
    biases = (
        [b] if kind == "LSTM" else [{k: v[row] for k, v in b.items()} for row in (0, 1)]
    )
    step = step_of(kind, after=kind == "GRU")
    recorded = cells.run_cell(step, x, cells.Weights(W, U, *biases))
    for name, values in recorded.items():
        difference = np.array(found["recorded"][name]) - values.ravel()
        assert abs(difference).max() < 1e-5, name
        shown = as_float(table(page)[name][-1])
        assert shown == pytest.approx(values[0, 199, unit - 1], abs=6e-5)


def test_the_price_that_is_read_is_that_of_the_forecasts():
    """Scaled with the training prices, as the network has read it in training."""
    price = unpacked("cell")[1]["price"][:, 0]
    windows = rnnedu.make_windows(rnnedu.load_ibm())
    assert np.allclose(price, windows.y_test, atol=1e-6)


def test_what_is_added_to_a_trained_bias_is_added(laboratory):
    page = laboratory("weights=task&sequence=marks&t=1")  # before it the states are zero
    without = page.evaluate(NUMBERS)["now"]["f"][0]
    lower = put(page, df=-3)["now"]["f"][0]
    a, b = (np.log(f / (1 - f)) for f in (without, lower))
    assert a - b == pytest.approx(3, abs=1e-6)


STATES = [
    "t=7",
    "cell=SimpleRNN&t=7",
    "cell=GRU&t=20&un=2.5&br=0",
    "weights=task&sequence=marks&t=38",
    "cell=GRU&weights=task&sequence=marks&t=38&unit=2",
    "cell=SimpleRNN&weights=task&sequence=marks&t=38&unit=5",
    "weights=price&sequence=price&t=100&unit=3",
    "cell=GRU&weights=price&sequence=price&t=100&unit=3",
]


@pytest.mark.parametrize("state", STATES)
def test_the_equations_with_numbers_give_their_values(state, laboratory):
    page = laboratory(state)
    if "price" in state:
        page.wait_for_function(f"() => {FRAME}.numbers.layer.units === 50")
    now = page.evaluate(NUMBERS)
    names = {"σ": lambda a: 1 / (1 + np.exp(-a)), "tanh": np.tanh}
    for letter, (_, numbers, _, value) in table(page).items():
        first, *steps, last = numbers.removeprefix("= ").split(" = ")
        for expression in (first, *steps):
            python = expression.replace("·", "*").replace("−", "-")
            assert re.fullmatch(r"[\dσtanh().*+\s-]+", python), python
            result = eval(python, {"__builtins__": {}}, names)
            # Rounding of 16 or so displayed numbers, each to four decimals.
            assert result == pytest.approx(as_float(last), abs=3e-3), numbers
        exact = now["now"][letter][now["u"]]
        assert as_float(last) == pytest.approx(exact, abs=6e-5)
        assert as_float(value) == pytest.approx(exact, abs=6e-5)
        assert "((" not in numbers or "·" in numbers


# -- Equations and code are those of the course ----------------------------------------


@pytest.mark.parametrize(
    "state", ["cell=SimpleRNN", "", "cell=GRU", "cell=GRU&weights=task"]
)
def test_the_lines_of_code_and_the_equations_are_those_of_the_course(state, laboratory):
    page = laboratory(state)
    source = inspect.getsource(cells.steps)
    learn = ROOT / "docs" / "learn"
    course = "".join(
        (learn / f"{name}.md").read_text() for name in ("recurrent_networks", "lstm", "gru")
    )
    for letter, (equation, _, code, _) in table(page).items():
        (label,) = re.findall(rf"\n    +{re.escape(code)}  # (eq-\S+)\n", source)
        assert code.startswith(f"{letter} = ")
        tex = re.search(rf"\$\$\n([^$]+)\n\$\$ \({label}\)", course)[1]
        for command in (r"\bigl", r"\bigr", r"\,", " ", "\n"):
            tex = tex.replace(command, "")
        shown = re.sub(r"<sub>(.*?)</sub>", lambda m: f"_{m[1]}", equation)
        shown = re.sub(r"</?\w+>", "", shown).replace("_t−1", "_{t-1}").replace("−", "-")
        for sign, command in {
            "σ": r"\sigma",
            "⊙": r"\odot",
            "tanh": r"\tanh",
            "′": "'",
        }.items():
            shown = shown.replace(sign, command)
        assert shown.replace(" ", "") == tex


# -- What a newcomer does --------------------------------------------------------------


def stored(page):
    """What is said of the state: now, and at the last mark."""
    said = page.locator(".explorer-body > p:nth-of-type(2)").inner_text()
    return [as_float(each) for each in re.findall(r"(?:is|was) ([−.\d]+\d)\.", said)][:2]


@pytest.mark.parametrize(("cell", "slider"), [("LSTM", "bf"), ("GRU", "bz")])
def test_a_number_survives_sixty_steps_once_the_gate_is_set_by_the_keyboard(
    cell, slider, laboratory
):
    page = laboratory(f"cell={cell}")
    now, first = stored(page)
    assert abs(now) < 0.5 * abs(first), "at first it is lost"
    gate = page.locator(f"#cell-{slider}")
    gate.focus()
    assert lit(page)["parts"] == [slider[1]], "all that belongs to it"
    for _ in range(8):
        page.keyboard.press("PageUp")
    page.keyboard.press("End")
    assert gate.input_value() == "8"
    now, first = stored(page)
    number = float(SEQUENCES["number"][0, 0, 0])
    assert first == pytest.approx(np.tanh(number), abs=0.02)
    assert 0.95 * first < now < 1.02 * first, "it survives"
    gates = np.array(page.evaluate(NUMBERS)["recorded"][slider[1]])[1:]
    said = page.locator(".explorer-body > p:nth-of-type(2)").inner_text()
    assert f"gate has kept {100 * np.prod(gates):.2f} % of it." in said
    page.wait_for_function(f"() => location.hash.includes('{slider}=8')")


SIGMOID_8 = 1 / (1 + np.exp(-8.0))
GATES = {  # by hand, at the last time step, which is not marked
    ("LSTM", "Keep"): {"f": SIGMOID_8, "i": 1 - SIGMOID_8},
    ("LSTM", "Forget"): {"f": 1 - SIGMOID_8, "i": 1 - SIGMOID_8, "c": 0},
    ("LSTM", "Write"): {"f": 1 - SIGMOID_8, "i": SIGMOID_8},
    ("GRU", "Keep"): {"z": SIGMOID_8},
    ("GRU", "Overwrite"): {"z": 1 - SIGMOID_8},
    ("SimpleRNN", "Overwrite"): {},
    ("SimpleRNN", "Keep (roughly)"): {},
}


@pytest.mark.parametrize(("cell", "preset"), GATES)
def test_a_preset_does_what_it_is_called(cell, preset, laboratory):
    page = laboratory(f"cell={cell}&ug=3&un=-2&bo=-8&bh=1")
    button = page.get_by_role("button", name=preset, exact=True)
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    found = page.evaluate(NUMBERS)
    for name, value in GATES[cell, preset].items():
        assert found["now"][name][0] == pytest.approx(value, abs=1e-3)
    state = np.array(found["recorded"]["c" if cell == "LSTM" else "h"])
    x = SEQUENCES["number"][0, :, 0]
    if preset == "Keep":
        assert np.allclose(state, np.tanh(x[0]), atol=0.03)
    elif preset in ("Write", "Overwrite"):
        assert np.allclose(state, np.tanh(x), atol=2e-3)
    elif preset == "Forget":
        assert abs(state[1:]).max() < 1e-3 < state[0]
    else:  # roughly: the sign, as long as the noise does not turn it over
        h = 0.0
        for number, value in zip(x, state, strict=True):
            h = np.tanh(0.3 * number + 2 * h)
            assert value == pytest.approx(h, abs=1e-5)
        assert state[-1] > 0.9 and abs(state[-1] - np.tanh(x[0])) > 0.2
    page.wait_for_function("() => location.hash.startsWith('#cell:')")
    page.wait_for_timeout(400)
    page.reload()
    page.wait_for_function(f"() => {FRAME}.numbers")
    again = page.get_by_role("button", name=preset, exact=True)
    assert again.get_attribute("aria-pressed") == "true"


def test_the_step_of_the_chapter_is_the_one_computed_by_hand(laboratory):
    page = laboratory()
    page.get_by_role("link", name="this step").click()
    f, i = 1 / (1 + np.exp(-1.42)), 1 / (1 + np.exp(-0.3))
    g, o = np.tanh(0.8 - 0.04), 1 / (1 + np.exp(-0.26))
    c = f * 0.5 + i * g
    expected = {"f": f, "i": i, "g": g, "o": o, "c": c, "h": o * np.tanh(c)}
    shown = {letter: as_float(row[-1]) for letter, row in table(page).items()}
    assert shown == pytest.approx(expected, abs=6e-5)
    assert "σ(1 · 0.4 + 0 · 0 + 0.2 · 0.1 + 1) = σ(1.42) = 0.8053" in table(page)["f"][1]


# -- Along the sequence ----------------------------------------------------------------


def test_the_slider_and_the_buttons_go_along_the_sequence(laboratory):
    page = laboratory("bf=3&sequence=marks")
    recorded = page.evaluate(NUMBERS)["recorded"]

    def shows(t):
        for name, values in recorded.items():
            assert as_float(table(page)[name][-1]) == pytest.approx(values[t - 1], abs=6e-5)
        assert f"Time step {t} of 60" in page.inner_text(".cell-table caption")
        assert page.locator("#cell-t").input_value() == str(t)
        previous = recorded["c"][t - 2] if t > 1 else 0
        shown = page.locator("[data-value=c_before]").text_content()
        assert as_float(shown) == pytest.approx(previous, abs=6e-5)

    shows(60)
    press = {
        name: page.get_by_role("button", name=name, exact=True)
        for name in ("To the start", "Back", "Forward", "To the end")
    }
    for name, t in [
        ("Forward", 60), ("Back", 59), ("To the start", 1), ("Back", 1), ("Forward", 2),
        ("To the end", 60),
    ]:  # fmt: skip
        press[name].click()
        shows(t)
    page.locator("#cell-t").focus()
    for key, t in [("ArrowLeft", 59), ("ArrowLeft", 58), ("Home", 1), ("ArrowRight", 2)]:
        page.keyboard.press(key)
        shows(t)
    label = page.locator(".explorer-chart svg").first.get_attribute("aria-label")
    assert "At time step 2 the cell state c is" in label
    page.wait_for_function("() => document.querySelector('.explorer-spoken').textContent")
    assert "At time step 2" in page.locator(".explorer-spoken").text_content()


def test_playing_goes_on_until_the_pause_and_speaks_once(laboratory):
    page = laboratory("t=1")
    page.evaluate(
        """() => {
          window.spoken = []
          new MutationObserver(() => spoken.push(1)).observe(
            document.querySelector(".explorer-spoken"), { childList: true })
        }"""
    )
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(f"() => {FRAME}.settings.t > 6")
    page.get_by_role("button", name="Pause", exact=True).click()
    stopped = page.evaluate(f"() => {FRAME}.settings.t")
    page.wait_for_timeout(900)
    assert page.evaluate(f"() => {FRAME}.settings.t") == stopped < 60
    assert len(page.evaluate("spoken")) <= 2
    page.locator("#cell-t").focus()
    page.keyboard.press("End")
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function(f"() => {FRAME}.settings.t === 3")  # from the start again


def test_nothing_moves_by_itself_for_those_who_want_no_motion(laboratory):
    page = laboratory("t=5", reduced_motion="reduce")
    assert page.locator(".cell-player button").last.is_hidden()
    assert page.get_by_role("button", name="Forward", exact=True).is_visible()


def test_a_step_by_hand_begins_where_the_sequence_stands(laboratory):
    page = laboratory("sequence=marks&t=20&bf=8")
    before = page.evaluate(NUMBERS)
    assert page.locator("#cell-number").is_hidden()
    page.get_by_label("Set this step by hand").check()
    after = page.evaluate(NUMBERS)
    assert after["x"] == pytest.approx(before["x"], abs=0.006) and after["x"][1] == 1
    for name in "hc":
        assert after["before"][name] == pytest.approx(before["before"][name], abs=0.006)
    page.locator("#cell-c").focus()
    page.keyboard.press("End")
    assert page.evaluate(NUMBERS)["before"]["c"] == [5]
    page.get_by_label("Mark", exact=True).uncheck()
    assert page.evaluate(NUMBERS)["x"][1] == 0
    page.get_by_role("button", name="Back", exact=True).click()
    assert page.locator("#cell-number").is_hidden()
    assert page.evaluate(NUMBERS)["before"]["c"] != [5]


# -- Lighting up -----------------------------------------------------------------------

LIT = """letter => {
  const lit = [...document.querySelectorAll("#explorer-cell .is-lit")]
  return {
    parts: [...new Set(lit.map(each => each.dataset.part))],
    kinds: [...new Set(lit.map(each => each.localName))].sort(),
    row: lit.some(each => each.matches("tr") && each.querySelector("code")
      && each.querySelector(".cell-numbers")),
  }
}"""


def lit(page):
    return page.evaluate(LIT)


@pytest.mark.parametrize("cell", BLOCKS)
def test_equation_code_part_and_number_light_up_together(cell, laboratory):
    page = laboratory(f"cell={cell}")
    page.locator("#explorer-cell .cell-table").scroll_into_view_if_needed()
    assert lit(page)["parts"] == []
    letters = list(table(page))
    states = {"SimpleRNN": "", "LSTM": "ch", "GRU": "h"}
    assert letters == [*BLOCKS[cell], *states[cell]]
    for letter in letters:
        row = page.locator(f"tr[data-part={letter}]")
        part = page.locator(f"g[data-part={letter}]")
        ways = [
            lambda row=row: row.locator("code").hover(),
            lambda part=part: part.locator("rect").last.hover(),
            lambda row=row: row.get_by_role("button").focus(),
            lambda part=part: part.focus(),
        ]
        for way in ways:
            way()
            found = lit(page)
            assert found["parts"] == [letter], (letter, found)
            assert {"g", "tr"} <= set(found["kinds"]) and found["row"]
            name = row.get_by_role("button").inner_text().removesuffix(f" {letter}")
            assert page.inner_text(".cell-job").startswith(f"{name} {letter}: ")
            page.mouse.move(0, 0)
            page.evaluate("document.activeElement.blur()")
            assert lit(page)["parts"] == []
        value = table(page)[letter][-1]
        assert part.get_attribute("aria-label").endswith(f"{letter}: {value}")


def test_a_part_stays_lit_by_click_by_keyboard_and_in_the_address(laboratory):
    page = laboratory()
    page.locator("g[data-part=f] rect").click()
    page.mouse.move(0, 0)
    assert lit(page)["parts"] == ["f"]
    assert page.locator("g[data-part=f]").get_attribute("aria-pressed") == "true"
    page.wait_for_function("() => location.hash.includes('part=f')")
    for target, key in [("tr[data-part=c] button", "Enter"), ("g[data-part=i]", "Space"),
                        ("g[data-part=g]", "Enter")]:  # fmt: skip
        page.locator(target).focus()
        page.keyboard.press(key)
        page.evaluate("document.activeElement.blur()")
        assert lit(page)["parts"] == [re.search(r"part=(\w)", target)[1]]
    page.locator("g[data-part=g]").focus()
    page.keyboard.press("Enter")  # once more: nothing is lit
    page.evaluate("document.activeElement.blur()")
    assert lit(page)["parts"] == []


def test_every_part_and_row_is_reached_by_tab(laboratory):
    page = laboratory()
    page.get_by_label("Set this step by hand").focus()
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "() => { const at = document.activeElement.closest('[data-part]');"
                " return at && at.localName + at.dataset.part }"
            )
        )
    assert sorted(reached) == sorted([f"{tag}{k}" for tag in ("g", "tr") for k in "ifgoch"])


def test_a_tap_lights_up(laboratory):
    page = laboratory("cell=GRU", width=390, has_touch=True)
    for target, letter in [("g[data-part=z] rect", "z"), ("tr[data-part=h] code", "h")]:
        page.locator(target).first.tap()
        assert lit(page)["parts"] == [letter]


def test_controls_that_mean_nothing_are_hidden(laboratory):
    page = laboratory()

    def seen():
        rows = page.locator("#explorer-cell .explorer-setting:visible label").all()
        return [row.inner_text() for row in rows]

    always = ["Cell", "Weights", "It reads", "Time step", "Set this step by hand"]
    biases = [f"{name}: bias" for name in ("Input gate i", "Forget gate f")]
    biases += [f"{name}: bias" for name in ("Candidate g", "Output gate o")]
    assert seen() == [*always[:3], *biases, *always[3:]]
    put(page, cell="SimpleRNN", own=True)
    hand = ["Number", "Mark", "Previous hidden state h"]
    assert seen() == [*always[:3], "Hidden state h: bias", *always[3:], *hand]
    put(page, cell="GRU", weights="task", own=False)
    page.wait_for_function(f"() => {FRAME}.numbers.layer.units === 2")
    added = [f"{name}: add to the bias" for name in ("Update gate z", "Reset gate r")]
    assert seen() == [*always[:3], "Unit", *added, "Candidate n: add to the bias",
                      *always[3:]]  # fmt: skip
    put(page, cell="LSTM")
    assert "Unit" not in seen(), "there is one unit"
    put(page, own=True, weights="price")
    page.wait_for_function(f"() => {FRAME}.numbers.layer.units === 50")
    assert seen()[-3:] == ["Number", "Previous hidden state h", "Previous cell state c"]


def test_a_link_that_sets_a_weight_shows_it(laboratory):
    page = laboratory()
    details = page.locator("#explorer-cell details")
    assert details.get_attribute("open") is None
    page.get_by_role("link", name="if f has no weight for the mark").click()
    slider = page.get_by_label("Forget gate f: weight of the mark")
    slider.wait_for(state="visible")
    assert slider.input_value() == "0"
    state = np.array(page.evaluate(NUMBERS)["recorded"]["c"])
    x = SEQUENCES["marks"][0]
    summed = np.cumsum(np.where(x[:, 1] == 1, np.tanh(x[:, 0]), 0))
    assert np.allclose(state, summed, atol=0.05), "nothing is erased"


def test_on_paper_there_is_the_still_figure(laboratory):
    page = laboratory()
    figure = page.locator(".explorer + .cell img")
    assert figure.is_hidden()
    page.emulate_media(media="print")
    assert figure.is_visible() and page.locator(".explorer-still").is_visible()
    assert page.locator("#explorer-cell button:visible").count() == 0


# -- Bad input -------------------------------------------------------------------------

FAULTS = {
    "cell=RNN": "“Cell” cannot be “RNN”. It can be SimpleRNN, LSTM, GRU.",
    "bf=99": "“Forget gate f: bias” cannot be “99”. It can be -8 to 8.",
    "bf=": "“Forget gate f: bias” cannot be “”.",
    "t=0": "“Time step” cannot be “0”.",
    "t=61": "“Time step” cannot be 61 here. It can be 1 to 60.",
    "weights=task&unit=2": "“Unit” cannot be 2 here. It can be 1 to 1.",
    "cell=GRU&weights=price&sequence=price&unit=51": "“Unit” cannot be “51”.",
    "cell=SimpleRNN&weights=price": "No simple RNN was trained on the price. Choose",
    "part=q": "“Highlighted” cannot be “q”.",
    "own=yes": "“Set this step by hand” cannot be “yes”. It can be 0 or 1.",
    "forget=1": "There is no setting “forget” here.",
}


@pytest.mark.parametrize("settings", FAULTS)
def test_an_address_that_cannot_be_used_is_told_and_numbers_are_shown(settings, laboratory):
    page = laboratory(settings)
    fault = page.locator(".explorer-fault")
    fault.wait_for(state="visible")
    assert FAULTS[settings] in fault.inner_text()
    assert all(re.fullmatch(r"−?\d+\.\d{4}", row[-1]) for row in table(page).values())
    page.get_by_role("button", name="To the start", exact=True).click()
    assert fault.is_hidden()


def broken(route):
    """Answer with a file of numbers that was damaged on its way."""
    name = route.request.url.rpartition("/")[2]
    text = (DATA / name).read_text()
    route.fulfill(body=text[:-900] + "A" * 300 + text[-600:])


@pytest.mark.parametrize("damage", [broken, lambda route: route.abort()])
@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
def test_a_price_network_whose_weights_are_damaged_is_told(cell, damage, laboratory):
    page = laboratory(f"cell={cell}")
    page.route("**/cell_price_*.js", damage)
    page.reload()  # from a disk, a route is followed from the next page on
    page.wait_for_function(f"() => {FRAME}.numbers")
    for _ in range(2):  # and again
        page.get_by_label("Weights", exact=True).select_option("price")
        fault = page.locator(".explorer-fault")
        fault.wait_for(state="visible")
        said = fault.inner_text()
        assert f"cell_price_{cell.lower()}" in said
        assert said.endswith("Here the weights are set by hand instead.")
        state = page.evaluate(f"() => {FRAME}.settings")
        assert (state["weights"], state["sequence"]) == ("hand", "number")
        page.get_by_role("button", name="Keep", exact=True).click()
        assert fault.is_hidden()
        assert page.evaluate(NUMBERS)["units"] == 1


@pytest.mark.parametrize("damage", [broken, lambda route: route.abort()])
def test_without_its_numbers_it_shows_the_still_figure(damage, browser):
    page, errors = browser.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("**/data/cell.js", damage)
    page.goto((SITE / "explore" / "cell.html").as_uri() + "#cell:weights=price&t=99")
    page.wait_for_selector(".explorer-fault:not([hidden])")
    assert "“cell”" in page.inner_text(".explorer-fault")
    assert page.locator(".explorer-still").is_visible()
    assert page.locator(".explorer + .cell img").is_visible()
    assert page.locator("#explorer-cell select").first.is_hidden()
    assert errors == []
    page.close()


# -- Light, and for everybody ----------------------------------------------------------


def test_the_price_networks_are_loaded_only_when_they_are_chosen(laboratory):
    page = laboratory()
    page.wait_for_selector(".explorer-check:not([hidden])")
    asked = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.get_by_label("Cell", exact=True).select_option("GRU")
    page.get_by_label("Weights", exact=True).select_option("task")
    assert asked == []
    page.get_by_label("Weights", exact=True).select_option("price")
    page.wait_for_function(f"() => {FRAME}.numbers.layer.units === 50")
    assert asked == ["cell_price_gru.js"]
    assert page.evaluate(f"() => {FRAME}.settings.sequence") == "price"
    assert (DATA / "cell.js").stat().st_size < 50_000, "what the first picture needs"


def test_the_check_covers_a_thousand_states(laboratory):
    page = laboratory()
    page.wait_for_selector(".explorer-check:not([hidden])")
    steps = int(re.search(r"(\d+) random steps", page.inner_text(".explorer-check"))[1])
    kinds = [kind for kind, _ in unpacked("cell_check")[0]]
    assert steps >= 1000 and set(kinds) == set(BLOCKS)


STATES_TO_LOOK_AT = [
    "part=f&own=1",
    "cell=GRU&weights=task&sequence=marks&part=n&own=1",
    "cell=SimpleRNN&part=h",
    "weights=price&sequence=price&t=99",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES_TO_LOOK_AT)
def test_axe_finds_nothing_in_any_state(state, scheme, laboratory):
    page = laboratory(state, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    page.wait_for_selector(".explorer-check:not([hidden])")
    found = Axe().run(page).response["violations"]
    assert not [(each["id"], each["nodes"][0]["html"][:200]) for each in found]


@pytest.mark.parametrize("state", [*STATES, *STATES_TO_LOOK_AT])
def test_on_a_phone_all_can_be_read_in_every_state(state, laboratory):
    page = laboratory(state, width=390, has_touch=True)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sizes, cut = page.evaluate(
        """() => {
          const svg = document.querySelector(".cell-diagram")
          const scale = svg.getBoundingClientRect().width / 340
          const edge = svg.getBoundingClientRect()
          const texts = [...svg.querySelectorAll("text, tspan")]
          const out = texts.filter(text => {
            const box = text.getBoundingClientRect()
            return box.left < edge.left - 1 || box.right > edge.right + 1
              || box.bottom > edge.bottom + 1
          })
          return [
            texts.map(text => parseFloat(getComputedStyle(text).fontSize) * scale),
            out.map(text => text.textContent),
          ]
        }"""
    )
    assert min(sizes) >= 11
    assert cut == []


def test_no_change_takes_long(laboratory):
    page = laboratory("weights=price&sequence=price&t=99")
    page.wait_for_function(f"() => {FRAME}.numbers.layer.units === 50")
    times = page.evaluate(
        f"""() => Array.from({{ length: 20 }}, (_, k) => {{
          const begun = performance.now()
          {FRAME}.set({{ df: k / 10 }})
          return performance.now() - begun
        }})"""
    )
    assert np.median(times) < 50


def test_back_undoes_a_link_and_the_order_of_choices_does_not_matter(laboratory):
    page = laboratory()
    page.get_by_role("link", name="Close the forget gate").click()
    page.wait_for_function(f"() => {FRAME}.settings.bf === -8")
    page.get_by_role("link", name="An LSTM reads a year of prices").click()
    page.wait_for_function(f"() => {FRAME}.numbers.layer.units === 50")
    page.go_back()
    page.wait_for_function(f"() => {FRAME}.settings.bf === -8")
    assert page.evaluate(NUMBERS)["units"] == 1
    for _ in range(2):
        for cell in ("GRU", "SimpleRNN", "LSTM"):
            for weights in ("task", "price", "hand"):
                for sequence in ("price", "marks", "number"):
                    page.get_by_label("Cell", exact=True).select_option(cell)
                    page.get_by_label("Weights", exact=True).select_option(weights)
                    page.get_by_label("It reads", exact=True).select_option(sequence)
                    page.locator("#cell-t").focus()
                    page.keyboard.press("End")
    page.wait_for_function(f"() => {FRAME}.numbers.layer.units === 1")
    shown = table(page)
    assert list(shown) == list("ifgoch")
    assert all(re.fullmatch(r"−?\d+\.\d{4}", row[-1]) for row in shown.values())
