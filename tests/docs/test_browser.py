"""The built site in Chromium: every page, light and dark, wide and narrow.

Each page is loaded once and looked at in three ways, and what is seen is kept; the tests
look at that and name the pages where something is wrong.
"""

import functools
import http.server
import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

# All in one process: what was seen is kept there.
pytestmark = [pytest.mark.site, pytest.mark.xdist_group("browser")]

ROOT = Path(__file__).parents[2]
SITE = ROOT / "docs" / "_build" / "html"
WAYS = {  # how a page is looked at: width in CSS pixels, colour scheme, rules of axe
    "light": (1280, "light", "all"),
    "dark": (1280, "dark", ["color-contrast"]),  # the others look at no colour
    "phone": (390, "light", None),
}
FIGURES = "article .cell_output img, article img.sphx-glr-single-img"
LOOK = """() => {
  const about = element => element.textContent.trim().slice(0, 60)
  const all = (selector, wrong) => [...document.querySelectorAll(selector)]
    .filter(wrong).map(about)
  // What stands beyond the window, and in nothing that scrolls by itself.
  const cut = element => {
    if (element.getBoundingClientRect().right <= innerWidth + 1) return false
    for (let up = element.parentElement; up; up = up.parentElement)
      if (["auto", "scroll"].includes(getComputedStyle(up).overflowX)
          && up.getBoundingClientRect().right <= innerWidth + 1) return up === document.body
    return true
  }
  const colour = getComputedStyle(document.body).backgroundColor
  const figures = [...document.querySelectorAll(FIGURES)]
  return {
    width: document.documentElement.scrollWidth,
    brightness: colour.match(/[\\d.]+/g).slice(0, 3).reduce((a, b) => a + +b, 0) / 3,
    code: all("article pre", pre => pre.scrollWidth > pre.clientWidth + 1),
    formulas: all("article mjx-container[display='true']", box =>
      box.scrollWidth > box.clientWidth + 1 || cut(box)),
    tables: all("article table", cut),
    filters: figures.map(image => getComputedStyle(image).filter),
    figures: figures.map(image => ({
      shown: image.getBoundingClientRect().width,
      natural: image.naturalWidth,
      opens: image.closest("a") && image.closest("a").href === image.src,
    })),
  }
}""".replace("FIGURES", repr(FIGURES))


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    handler = functools.partial(Quiet, directory=SITE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser(chromium):
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(**chromium)
        yield started
        started.close()


@pytest.fixture(scope="module")
def seen(browser, address):
    """Return what was seen of every page, by its name and the way it was looked at."""
    found = {}
    for path in sorted(SITE.rglob("*.html")):
        name = path.relative_to(SITE).as_posix()
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        for way, facts in look(page, f"{address}/{name}").items():
            found[name, way] = facts
        page.close()
    assert len(found) > 50 * len(WAYS)
    return found


def look(page, url):
    """Load a page, look at it in each way, and return what is to be known of it."""
    asked, errors, facts = [], [], {}
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else 0)
    page.goto(url, wait_until="load")
    page.add_style_tag(content="* { transition: none !important; }")
    # Formulas are set after the page has loaded.
    page.evaluate("window.MathJax && MathJax.startup && MathJax.startup.promise")
    for way, (width, scheme, rules) in WAYS.items():
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"document.documentElement.dataset.theme === '{scheme}'")
        facts[way] = page.evaluate(LOOK) | {"asked": [*asked], "errors": [*errors]}
        options = {"runOnly": rules} if isinstance(rules, list) else {}
        response = (
            Axe().run(page, options=options).response if rules else {"violations": []}
        )
        facts[way]["axe"] = [
            f"{each['id']}: {len(each['nodes'])} of {each['nodes'][0]['html'][:160]}"
            for each in response["violations"]
        ]
        asked.clear(), errors.clear()  # what axe asked for
    return facts


def wrong(seen, what, way=None):
    """Return, by page, what `what` finds in its facts; only of one way, if it is given."""
    return {key: found for key, facts in seen.items()
            if way in (None, key[1]) and (found := what(facts))}  # fmt: skip


def test_nothing_is_asked_of_another_host(seen, address):
    ours = (f"{address}/", "data:", "blob:")
    others = wrong(
        seen, lambda facts: [u for u in facts["asked"] if not u.startswith(ours)]
    )
    assert not others


def test_no_page_has_an_error(seen):
    assert not wrong(seen, lambda facts: facts["errors"])


def test_axe_finds_nothing(seen):
    assert not wrong(seen, lambda facts: facts["axe"])


def test_a_phone_needs_no_sideways_scrolling(seen):
    wide = wrong(seen, lambda facts: facts["width"] > 390 and facts["width"], "phone")
    assert not wide


def test_no_formula_and_no_table_is_cut_on_a_phone(seen):
    assert not wrong(seen, lambda facts: facts["formulas"] + facts["tables"], "phone")


def test_no_line_of_code_runs_off_a_desktop(seen):
    assert not wrong(seen, lambda facts: facts["code"], "light")


def test_the_theme_follows_the_reader(seen):
    assert not wrong(seen, lambda facts: facts["brightness"] < 200, "light")
    assert not wrong(seen, lambda facts: facts["brightness"] > 60, "dark")


def test_figures_turn_dark_with_the_page(seen):
    drawn = wrong(seen, lambda facts: facts["filters"], "light")
    assert len(drawn) > 30
    assert all(set(filters) == {"none"} for filters in drawn.values())
    dark = wrong(seen, lambda facts: facts["filters"], "dark")
    assert all("invert" in each for filters in dark.values() for each in filters)


def test_a_figure_on_a_phone_fits_and_a_tap_shows_it_whole(seen):
    shown = wrong(seen, lambda facts: facts["figures"], "phone")
    assert len(shown) > 30
    for name, figures in shown.items():
        for figure in figures:
            assert 200 < figure["shown"] <= 390, name
            assert figure["natural"] >= 500, name
            assert figure["opens"], name


def test_a_tap_on_a_figure_opens_the_picture(browser, address):
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"{address}/learn/lstm.html", wait_until="load")
    image = page.locator(FIGURES).first
    source = image.evaluate("image => image.src")
    image.click()
    page.wait_for_url(source)
    assert page.locator("img").evaluate("image => image.naturalWidth") > 700
    page.close()
