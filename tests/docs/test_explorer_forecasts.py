"""Explorer *Forecast board*: its forecasts, scores, lags and free runs are Python's."""

import functools
import json
import re

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import SITE
from rnnedu_site import explorer_data

import rnnedu
from rnnedu import study_summary
from rnnedu.windows import data_digest

pytestmark = pytest.mark.site

FRAME = "document.getElementById('explorer-forecasts').frame"
READY = f"{FRAME}.numbers?.errors"
SHOWN = f"""changes => {{
  const frame = {FRAME}
  frame.set(changes)
  const {{rows, errors, seeds}} = frame.numbers
  return {{rows, errors, beat: seeds?.beat, biases: seeds?.biases}}
}}"""
FILES = ["forecasts", "forecasts_one_step", "forecasts_free_running"]
FILES += ["forecasts_lstm", "forecasts_gru"]
KINDS = {"one_step": "persistence", "free_running": "last value held"}
RUNNERS = {"lstm": "LSTM", "gru": "GRU"}
VERDICT = ".explorer-body > p >> nth=1"  # below a note
PROGRESS = "fieldset p:last-child"


@functools.cache
def windows():
    return rnnedu.make_windows(rnnedu.load_ibm())


@functools.cache
def model(network):
    return rnnedu.train(network, windows(), seed=0).model


@functools.cache
def forecasts():
    """Return what the page should hold: recorded forecasts, or those of this build."""
    recorded = rnnedu.load_study_forecasts()
    if recorded.attrs["data_sha256"] == data_digest(windows()):
        return recorded.astype(float)
    ways = {
        "one_step": rnnedu.forecast_one_step,
        "free_running": rnnedu.forecast_recursive,
    }
    made = {
        (kind, network, 0): way(model(network), windows()).astype("float32")
        for kind, way in ways.items()
        for network in RUNNERS
    }
    return pd.concat(made, axis=1).astype(float)


def baseline(kind):
    by_kind = {
        "one_step": rnnedu.persistence_forecast,
        "free_running": rnnedu.last_value_forecast,
    }
    return by_kind[kind](windows())


def scores(forecast, base):
    """Return RMSE, bias and skill by rnnedu.metrics."""
    truth = windows().test_prices.loc[forecast.index]
    skill = rnnedu.skill(truth, forecast, base.loc[forecast.index])
    return [rnnedu.rmse(truth, forecast), (forecast - truth).mean(), skill]


def opened(explorer, settings="", **options):
    page = explorer("forecasts", settings, **options)
    page.wait_for_function(READY)
    return page


def some_runs():
    """Return each network with its first, middle and last recorded seed."""
    runs = list(dict.fromkeys(forecasts()["one_step"].columns))
    for network in dict.fromkeys(name for name, _ in runs):
        seeds = [seed for name, seed in runs if name == network]
        for place in sorted({0, len(seeds) // 2, len(seeds) - 1}):
            yield network, seeds[place]


def test_every_network_has_the_name_that_the_package_gives_it(explorer):
    page = explorer("forecasts")
    names = page.eval_on_selector_all(
        "#forecasts-network option",
        "all => all.map(each => [each.value, each.textContent])",
    )
    assert dict(names) == study_summary.NAMES
    page.wait_for_function(READY)
    offered = page.eval_on_selector_all(
        "#forecasts-network option",
        "all => all.filter(each => !each.hidden && !each.disabled).map(each => each.value)",
    )
    assert set(offered) == {network for network, _ in forecasts()["one_step"].columns}


@pytest.mark.parametrize("kind", list(KINDS))
def test_scores_and_lags_of_the_year_are_those_of_the_package(kind, explorer):
    page = opened(explorer, f"kind={kind}")
    for network, seed in some_runs():
        forecast = forecasts()[kind][network][seed]
        found = page.evaluate(SHOWN, {"network": network, "seed": seed})
        assert found["rows"][0]["name"] == "persistence"
        first = scores(baseline("one_step"), baseline("one_step"))
        np.testing.assert_allclose(list(found["rows"][0].values())[2:], first, atol=1e-9)
        own = found["rows"][-1]
        assert own["days"] == len(forecast)
        expected = scores(forecast, baseline(kind))
        np.testing.assert_allclose([own[k] for k in ("rmse", "bias", "skill")], expected)
        errors = rnnedu.error_by_lag(windows().prices, forecast)
        np.testing.assert_allclose(found["errors"], errors)
        best = int(np.argmin(found["errors"]))
        assert best == rnnedu.lateness(windows().prices, forecast)
        page.evaluate(SHOWN, {"lag": best})
        said = page.inner_text(VERDICT)
        late = kind == "one_step"  # a free run is not
        assert (f"No other lag fits better: the forecast is {best} day" in said) == late
        page.evaluate(SHOWN, {"lag": (best + 1) % 11})
        assert ("Another lag" in page.inner_text(VERDICT)) == late
        assert f"At lag {(best + 1) % 11}, " in page.inner_text(VERDICT)


@pytest.mark.parametrize(("first", "length"), [(0, 10), (60, 40), (130, 251), (240, 251)])
def test_scores_and_lags_of_a_zoom_are_those_of_its_days(first, length, explorer):
    page = opened(explorer, f"first={first}&length={length}")
    days = slice(first, first + length)
    for kind in KINDS:
        page.evaluate(SHOWN, {"kind": kind})
        page.wait_for_function(READY)
        found = page.evaluate(SHOWN, {})
        forecast = forecasts()[kind]["lstm"][0].iloc[days]
        own = found["rows"][-1]
        assert own["days"] == len(forecast)
        expected = scores(forecast, baseline(kind))
        np.testing.assert_allclose([own[k] for k in ("rmse", "bias", "skill")], expected)
        errors = rnnedu.error_by_lag(windows().prices, forecast)
        np.testing.assert_allclose(found["errors"], errors)
    shown = page.locator("table tbody tr").last.locator("td").all_inner_texts()
    texts = [f"{value:.2f}".replace("-", "−") for value in expected]
    assert shown == [str(len(forecast)), *texts]
    ends = [f"{day.day} {day:%b}" for day in forecast.index[[0, -1]]]
    assert f"{ends[0]} to {ends[1]} {windows().test_year}" in page.inner_text("caption")


@pytest.mark.parametrize("network", list(RUNNERS))
def test_a_free_run_equals_the_recursive_forecast_of_the_package(network, explorer):
    """From three days to the end of the year."""
    page = opened(explorer)
    days, scale = windows().test_days, float(windows().scaler.data_range_[0])
    for start in (0, 60, 200):
        page.evaluate(SHOWN, {"start": start})
        page.get_by_role("button", name=f"Let the {RUNNERS[network]} run").click()
        page.wait_for_function(
            f"([from, to]) => {FRAME}.numbers.run?.from === from && "
            f"{FRAME}.numbers.run.to === to",
            arg=[start, len(days)],
            timeout=120_000,
        )
        found = page.evaluate(f"[...{FRAME}.numbers.run.y].slice({start})")
        (expected,) = rnnedu.forecast_recursive(
            model(network),
            windows(),
            steps=len(days) - start,
            start_windows=windows().X_test[[start]],
        )
        assert np.abs(np.array(found) - expected).max() / scale < 1e-5
        row = page.evaluate(f"{FRAME}.numbers.rows.at(-1)")
        held = windows().prices.shift(1).loc[days[start]]
        base = pd.Series(held, days[start:])
        found_scores = [row[k] for k in ("rmse", "bias", "skill")]
        expected_scores = scores(pd.Series(found, days[start:]), base)
        np.testing.assert_allclose(found_scores, expected_scores)
        assert row["days"] == len(days) - start
        assert f"{expected[-1]:.2f} dollars" in page.inner_text(PROGRESS)
        name = page.locator(".explorer-legend").first.inner_text()
        assert f"free run of this page’s {RUNNERS[network]} (seed 0) from" in name
    assert page.errors == []


def test_the_weights_are_loaded_when_they_are_first_needed(browser):
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto((SITE / "explore/forecasts.html").as_uri())
    page.wait_for_selector(".explorer-check:not([hidden])", timeout=60_000)
    assert {"forecasts.js", "forecasts_one_step.js"} <= {*asked}
    assert not {"forecasts_lstm.js", "forecasts_gru.js"} & {*asked}
    page.get_by_role("button", name="Let the GRU run").click()
    check = page.locator(".explorer-check")
    page.wait_for_function(
        "document.querySelector('.explorer-check').textContent.includes('Keras')",
        timeout=60_000,
    )
    assert "forecasts_gru.js" in asked and "forecasts_lstm.js" not in asked
    assert "forecasts of the GRU" in check.inner_text()
    assert 0 < float(check.get_attribute("data-difference")) < 1e-5
    page.close()


def test_a_reader_slides_the_forecast_by_keyboard_until_it_fits(explorer):
    page = opened(explorer)
    best = rnnedu.lateness(windows().prices, forecasts()["one_step"]["lstm"][0])
    lag = page.locator("#forecasts-lag")
    lag.focus()
    for pressed in range(best + 1):
        said = page.inner_text(VERDICT)
        assert ("No other lag fits better" in said) == (pressed == best)
        if pressed < best:
            page.keyboard.press("ArrowRight")
    assert f"the forecast is {best} days late" in said
    assert lag.get_attribute("aria-valuetext").endswith(f"{best} days")
    legend = page.locator(".explorer-legend").first.inner_text()
    assert f"LSTM, seed 0, moved back by {best} days" in legend
    page.wait_for_function(f"location.hash.includes('lag={best}')")
    page.wait_for_function(
        "document.querySelector('.explorer-spoken').textContent.startsWith('At lag')"
    )


def test_a_forecast_that_is_moved_back_is_drawn_that_many_days_earlier(explorer):
    """Read off the path: between two days lies the same distance everywhere."""
    page = opened(explorer, "first=60&length=40")

    def path():
        d = page.locator(".explorer-chart svg .line.kind-lstm").first.get_attribute("d")
        return np.array(re.findall(r"[ML]([\d.]+) ([\d.]+)", d), float)

    before = path()
    page.evaluate(SHOWN, {"lag": 3})
    after = path()
    assert len(before) == len(after) == 40
    np.testing.assert_allclose(after[:-3, 0], before[:-3, 0])
    np.testing.assert_allclose(after[:-3, 1], before[3:, 1], atol=0.11)


@pytest.mark.parametrize("kind", list(KINDS))
def test_another_seed_by_button_and_how_many_beat_the_baseline(kind, explorer):
    page = opened(explorer, f"kind={kind}&network=lstm")
    recorded = forecasts()[kind]["lstm"]
    button = page.get_by_role("button", name="Draw another seed")
    if recorded.shape[1] == 1:
        assert button.is_disabled()
        return
    base = baseline(kind)
    expected = {seed: scores(recorded[seed], base) for seed in recorded}
    beat = sum(skill > 0 for _, _, skill in expected.values())
    seen = []
    for _ in recorded:
        before = page.evaluate(f"{FRAME}.settings.seed")
        button.click()
        seed = page.evaluate(f"{FRAME}.settings.seed")
        assert seed != before and seed in recorded
        row = page.evaluate(f"{FRAME}.numbers.rows.at(-1)")
        assert row["name"] == f"LSTM, seed {seed}"
        assert row["rmse"] == pytest.approx(expected[seed][0])
        seen.append(seed)
    assert sorted(seen) == list(recorded), "each seed once"
    found = page.evaluate(SHOWN, {})
    assert found["beat"] == beat
    biases = [bias for _, bias, _ in expected.values()]
    np.testing.assert_allclose(found["biases"], biases)
    words = f"{beat} of {recorded.shape[1]} seeds of the LSTM beat"
    assert words in page.inner_text(".pair p")
    page.wait_for_function(
        "words => document.querySelector('.explorer-spoken').textContent.includes(words)",
        arg=words,
    )


def test_zoom_by_keyboard_stands_in_the_address_and_back_undoes_a_link(explorer):
    page = opened(explorer)
    page.locator("#forecasts-first").focus()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    page.locator("#forecasts-length").focus()
    page.keyboard.press("Home")
    page.wait_for_function("location.hash === '#forecasts:first=7&length=10'")
    assert page.evaluate(f"{FRAME}.numbers.rows[0].days") == 10
    page.locator('article a[href*="first=60&length=40"]').click()
    page.wait_for_function(f"{FRAME}.numbers.rows[0].days === 40")
    page.go_back()
    page.wait_for_function(f"{FRAME}.numbers.rows[0].days === 10")
    assert page.locator("output[for=forecasts-length]").inner_text() == "10"
    page.reload()
    page.wait_for_function(f"{FRAME}.numbers?.rows[0].days === 10")


def test_a_run_can_be_stopped_and_taken_away(explorer):
    page = opened(explorer)
    page.get_by_role("button", name="Let the LSTM run").click()
    page.wait_for_function(f"{FRAME}.numbers.run?.to > 3", timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    done = page.evaluate(f"{FRAME}.numbers.run.to")
    page.wait_for_timeout(400)
    assert page.evaluate(f"{FRAME}.numbers.run.to") == done < 250
    assert f"{done} of" in page.inner_text(PROGRESS)
    page.locator("#forecasts-lag").focus()
    page.keyboard.press("ArrowRight")  # the line stays, and nothing begins anew
    page.wait_for_timeout(400)
    assert page.evaluate(f"{FRAME}.numbers.run.to") == done
    page.get_by_role("button", name="Take the free run away").click()
    assert page.evaluate(f"{FRAME}.numbers.run") is None
    assert page.evaluate("document.activeElement.textContent") == "Let the LSTM run"
    assert page.locator("button", has_text="Stop").is_hidden()
    page.wait_for_function("!location.hash.includes('run=')")
    assert page.errors == []


def test_after_many_changes_only_the_last_run_is_there(explorer):
    page = opened(explorer, "run=gru&start=10")
    for start in (240, 3, 100, 235, 17, 238):
        page.evaluate(SHOWN, {"start": start, "run": "gru" if start % 2 else "lstm"})
        page.wait_for_timeout(60)
    page.evaluate(SHOWN, {"start": 236, "run": "lstm"})
    days = len(windows().test_days)
    page.wait_for_function(f"{FRAME}.numbers.run?.to === {days}", timeout=60_000)
    page.wait_for_timeout(500)
    start, network = page.evaluate(
        f"[{FRAME}.numbers.run.from, {FRAME}.numbers.run.network]"
    )
    assert (start, network) == (236, "lstm")
    (expected,) = rnnedu.forecast_recursive(
        model("lstm"),
        windows(),
        steps=days - 236,
        start_windows=windows().X_test[[236]],
    )
    found = page.evaluate(f"[...{FRAME}.numbers.run.y].slice(236)")
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert page.errors == []


def test_with_reduced_motion_the_line_comes_whole(explorer):
    page = opened(explorer, "start=200", reduced_motion="reduce")
    page.get_by_role("button", name="Let the GRU run").click()
    page.wait_for_function(f"{FRAME}.numbers.run?.to > 202", timeout=60_000)
    row = page.locator("table tbody tr").last
    drawn = row.locator("td").first.inner_text()
    days = len(windows().test_days)
    assert drawn == "0" or page.evaluate(f"{FRAME}.numbers.run.to") == days
    page.wait_for_function(f"{FRAME}.numbers.run.to === {days}", timeout=60_000)
    page.wait_for_function(f"{FRAME}.numbers.rows.at(-1).days === {days - 200}")


# -- Data that are damaged, missing, old, or of other prices -------------------------------


def file_of(name):
    """Return what the build has written under a name."""
    text = (SITE / f"_static/explore/data/{name}.js").read_text()
    return json.loads(re.fullmatch(r"rnnedu\.receive\(\"\w+\", (.*)\);\s*", text, re.S)[1])


def damaged(browser, answers, settings=""):
    """Open the page with other data: by name a file, or None for one that is missing."""
    page = browser.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))

    def answer(route):
        name = route.request.url.rpartition("/")[2].removesuffix(".js")
        if name not in answers:
            route.continue_()
        elif answers[name] is None:
            route.abort()
        else:
            body = f"rnnedu.receive({json.dumps(name)}, {json.dumps(answers[name])})"
            route.fulfill(body=body)

    page.route("**/data/*.js", answer)
    page.goto((SITE / "explore/forecasts.html").as_uri() + f"#forecasts:{settings}")
    return page


WAYS = {
    "missing": lambda file: None,
    "cut": lambda file: file | {"data": file["data"][:-400]},
    "changed": lambda file: file | {"data": "AAAA" + file["data"][4:]},
    "stale": lambda file: file | {"meta": file["meta"] | {"stamp": "of last year"}},
}


# The file of the prices holds the stamps of the others, and has none itself.
CASES = [(n, way) for n in FILES for way in WAYS if (n, way) != ("forecasts", "stale")]


@pytest.mark.parametrize(("name", "way"), CASES)
def test_a_file_that_is_not_as_it_should_be_is_told(name, way, browser):
    setting = {
        "forecasts_free_running": "kind=free_running",
        "forecasts_lstm": "run=lstm&start=235",
        "forecasts_gru": "run=gru&start=235",
    }.get(name, "lag=1")
    page = damaged(browser, {name: WAYS[way](file_of(name))}, setting)
    fault = page.locator(".explorer-fault")
    fault.wait_for(state="visible")
    assert f"“{name}”" in fault.inner_text() and fault.inner_text().endswith(".")
    assert ("another build" in fault.inner_text()) == (way == "stale")
    page.locator("#forecasts-lag").focus()
    page.keyboard.press("ArrowRight")  # it is told again as long as it is so
    fault.wait_for(state="visible")
    if name != "forecasts":  # the price and persistence are there in any case
        assert page.locator(".kind-truth").count() >= 1
        assert page.locator("table tbody tr").count() >= 1
        page.evaluate(f"{FRAME}.set({{kind: 'one_step', run: 'none'}})")
        page.wait_for_timeout(600)
        assert fault.is_visible() == (name == "forecasts_one_step")
    assert page.errors == []
    page.close()


def test_with_other_prices_there_are_only_the_networks_of_this_build(browser):
    """A page as a build on the embedded prices writes it: two runs, and the reason."""
    base = file_of("forecasts")
    runs = [["lstm", 0], ["gru", 0]]
    stamps = base["meta"]["stamps"]
    note = "The recorded forecasts are of other prices than those of this page."
    meta = base["meta"] | {"runs": runs, "note": note}
    answers = {"forecasts": base | {"meta": meta}}
    for kind in KINDS:
        name = f"forecasts_{kind}"
        rows = np.array([forecasts()[kind][network][seed] for network, seed in runs])
        expected = [
            [
                rows.shape[1],
                *scores(forecasts()[kind][network][seed], baseline(kind)),
                *rnnedu.error_by_lag(windows().prices, forecasts()[kind][network][seed]),
            ]
            for network, seed in runs
        ]
        about = {"stamp": stamps[name], "scores": expected}
        answers[name] = explorer_data.provide(name, about, forecasts=rows).file
    page = damaged(browser, answers)
    page.wait_for_selector(".explorer-check:not([hidden])")
    assert float(page.get_attribute(".explorer-check", "data-difference")) < 1e-5
    assert page.locator(".explorer-body").get_by_text(note).is_visible()
    offered = page.eval_on_selector_all(
        "#forecasts-network option",
        "all => all.filter(each => !each.hidden && !each.disabled).map(each => each.value)",
    )
    assert offered == ["lstm", "gru"]
    button = page.get_by_role("button", name="Draw another seed")
    assert button.is_disabled()
    page.evaluate(SHOWN, {"network": "simple_rnn"})
    said = page.inner_text(VERDICT)
    assert said.startswith("There is no forecast of the simple RNN from seed 0.")
    page.evaluate(SHOWN, {"network": "gru", "seed": 12})
    said = page.inner_text(VERDICT)
    assert said.startswith("There is no forecast of the GRU from seed 12.")
    assert page.locator("table tbody tr").count() == 1
    button.click()
    assert page.evaluate(f"{FRAME}.numbers.rows.at(-1).name") == "GRU, seed 0"
    assert page.locator(".explorer-fault").is_hidden()
    assert page.errors == []
    page.close()


# -- Everybody can use it ------------------------------------------------------------------

FULL = "kind=free_running&start=230&run=lstm&lag=3"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_everything_is_shown(scheme, explorer):
    page = opened(explorer, FULL, scheme=scheme)
    page.wait_for_function(f"{FRAME}.numbers.rows.length === 5", timeout=60_000)
    found = Axe().run(page).response["violations"]
    assert not [(each["id"], each["nodes"][0]["html"][:200]) for each in found]


def test_on_a_phone_everything_fits_while_everything_is_shown(explorer):
    page = opened(explorer, FULL, width=390, has_touch=True)
    page.wait_for_function(f"{FRAME}.numbers.rows.length === 5", timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.locator("#explorer-forecasts").bounding_box()
    table = page.locator("#explorer-forecasts table").bounding_box()
    assert table["x"] + table["width"] <= box["x"] + box["width"]


def test_a_picture_says_what_it_shows(explorer):
    page = opened(explorer)
    prices, lags = page.locator("#explorer-forecasts svg[role=img]").all()
    words = prices.get_attribute("aria-label")
    assert "true price goes from" in words and "persistence goes from" in words
    best = rnnedu.lateness(windows().prices, forecasts()["one_step"]["lstm"][0])
    assert f"LSTM, seed 0 fits best at lag {best}" in lags.get_attribute("aria-label")
    assert "persistence fits best at lag 1" in lags.get_attribute("aria-label")


def test_one_change_takes_no_long_task(explorer):
    """The best of some tries, since this machine may be busy with other things."""
    page = opened(explorer, "kind=free_running&lag=3")
    seconds = page.evaluate(
        f"""() => Array.from({{length: 20}}, (_, k) => {{
          const begun = performance.now()
          {FRAME}.set({{lag: k % 11}})
          return performance.now() - begun
        }})"""
    )
    assert min(seconds) < 25
