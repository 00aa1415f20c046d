"""The built site in Chromium: light and dark, wide and narrow, quiet on the network."""

import functools
import http.server
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

pytestmark = pytest.mark.site

SITE = Path(__file__).parents[2] / "docs" / "_build" / "html"
LEARN = Path(__file__).parents[2] / "docs" / "learn"
GALLERY = Path(__file__).parents[2] / "gallery"
SECTIONS = sorted(GALLERY.glob("*/plot_*.py"))
PAGES = [
    "index.html",
    "install.html",
    "data.html",
    *(f"learn/{path.stem}.html" for path in sorted(LEARN.glob("*.md"))),
    "reference/notebook.html",
    "reference/glossary.html",
    "auto_gallery/index.html",
    "auto_gallery/plot_02_lstm.html",
    "auto_gallery/plot_04_sequence_generation.html",
    *(
        f"auto_gallery/{path.relative_to(GALLERY).with_suffix('.html')}"
        for path in SECTIONS
    ),
    "reference/index.html",
    "reference/generated/rnnedu.load_ibm.html",
]


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


@pytest.fixture
def visit(browser, address):
    contexts = []

    def go(name, *, width=1280, scheme="light"):
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda line: page.said.append((line.type, line.text)))
        page.on("pageerror", lambda error: page.said.append(("error", str(error))))
        page.goto(f"{address}/{name}", wait_until="networkidle")
        return page

    yield go
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_asked_of_another_host_and_nothing_goes_wrong(name, visit, address):
    page = visit(name)
    assert not [url for url in page.asked if not url.startswith((address, "data:"))]
    assert not [line for line in page.said if line[0] == "error"]


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_needs_no_sideways_scrolling(name, visit):
    page = visit(name, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def brightness(page, selector):
    colour = page.evaluate(
        f"getComputedStyle(document.querySelector({selector!r})).backgroundColor"
    )
    return sum(map(float, colour[colour.index("(") + 1 : -1].split(",")[:3])) / 3


@pytest.mark.parametrize("name", PAGES)
def test_the_theme_follows_the_reader(name, visit):
    assert brightness(visit(name), "body") > 200
    assert brightness(visit(name, scheme="dark"), "body") < 60


@pytest.mark.parametrize(
    "name", ["index.html", "auto_gallery/plot_02_lstm.html", "learn/lstm.html"]
)
def test_figures_turn_dark_with_the_page(name, visit):
    figures = "article .cell_output img, article img.sphx-glr-single-img"
    filters = (
        f"[...document.querySelectorAll({figures!r})].map(i => getComputedStyle(i).filter)"
    )
    light = visit(name).evaluate(filters)
    dark = visit(name, scheme="dark").evaluate(filters)
    assert light
    assert set(light) == {"none"}
    assert all("invert" in each for each in dark)


def test_every_figure_is_loaded_at_its_full_width(visit):
    page = visit("auto_gallery/plot_02_lstm.html", width=390)
    widths = page.evaluate(
        "[...document.querySelectorAll('article img.sphx-glr-single-img')]"
        ".map(i => [i.naturalWidth, i.getBoundingClientRect().width])"
    )
    assert len(widths) >= 3
    for natural, shown in widths:
        assert natural >= 700
        assert 200 < shown <= 390
