"""The built site in Chromium: every page, light and dark, wide and narrow.

Each page is loaded once and looked at in three ways.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import SITE

pytestmark = pytest.mark.site

PAGES = sorted(
    path.relative_to(SITE).as_posix()
    for path in SITE.rglob("*.html")
    if "_static" not in path.parts  # a piece of the theme, and no page
)
WAYS = {  # how a page is looked at: width in CSS pixels, colour scheme, rules of axe
    "light": (1280, "light", "all"),
    "dark": (1280, "dark", ["color-contrast"]),  # the others look at no colour
    "phone": (390, "light", None),
}
# Not those that an explorer stands in for, where scripts run.
FIGURES = (
    "article .cell_output img:not(.explorer-live + .cell img), "
    "article img.sphx-glr-single-img"
)
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


# Figures that wait for a prediction are looked at, too.
SHOW_ALL = """() => document.querySelectorAll(".predict .option:last-child input")
  .forEach(button => { button.checked = true })"""


def look(page, url):
    """Load a page, look at it in each way, and return what is to be known of it."""
    asked, errors, facts = [], [], {}
    page.set_default_timeout(120_000)  # milliseconds, for a busy machine
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else 0)
    page.goto(url, wait_until="load")
    page.evaluate(SHOW_ALL)
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


def complaints(way, facts, address):
    """Return what is wrong with a page, looked at in one way."""
    ours = (f"{address}/", "data:", "blob:")
    found = {
        "asked of another host": [u for u in facts["asked"] if not u.startswith(ours)],
        "errors": facts["errors"],
        "found by axe": facts["axe"],
        "the wrong theme": (facts["brightness"] < 60) != (way == "dark"),
        "figures of the wrong theme": [
            f for f in facts["filters"] if ("invert" in f) != (way == "dark")
        ],
        "no tap shows them whole": [f for f in facts["figures"] if not f["opens"]],
    }
    if way == "light":
        found["code that runs off"] = facts["code"]
    if way == "phone":
        found |= {
            "sideways scrolling": facts["width"] > 390 and facts["width"],
            "cut formulas and tables": facts["formulas"] + facts["tables"],
            "figures of a wrong size": [
                f for f in facts["figures"]
                if f["natural"] < 500 or not 200 < f["shown"] <= 390
            ],
        }  # fmt: skip
    return {(way, what): which for what, which in found.items() if which}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_in_each_way_it_is_looked_at(name, browser, address):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    found = {}
    for way, facts in look(page, f"{address}/{name}").items():
        found |= complaints(way, facts, address)
    page.close()
    assert not found


def test_there_are_pages_of_every_kind():
    kinds = ("learn/", "auto_gallery/", "reference/generated/", "_modules/")
    for kind in kinds:
        assert sum(name.startswith(kind) for name in PAGES) > 9, kind


def test_a_tap_on_a_figure_opens_the_picture(browser, address):
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(f"{address}/learn/lstm.html", wait_until="load")
    page.evaluate(SHOW_ALL)
    image = page.locator(FIGURES).first
    source = image.evaluate("image => image.src")
    image.click()
    page.wait_for_url(source)
    assert page.locator("img").evaluate("image => image.naturalWidth") > 700
    page.close()


# -- Questions -----------------------------------------------------------------------

PRACTISED = SITE / "learn" / "lstm.html"
WAITING = ".predict + .cell img"  # the figure after a prediction


def test_a_figure_waits_for_a_prediction_made_by_keyboard_on_a_page_from_disk(browser):
    page = browser.new_page()
    page.goto(PRACTISED.as_uri(), wait_until="load")
    question, figure = page.locator(".predict").first, page.locator(WAITING).first
    assert not figure.is_visible()
    question.locator("input").first.focus()
    page.keyboard.press("Space")
    assert figure.is_visible()
    assert (
        question.locator("[role=status]")
        .first.inner_text()
        .startswith(("Right. ", "Not quite. "))
    )
    page.close()


@pytest.mark.parametrize("way", ["without JavaScript", "in print"])
def test_no_figure_waits_without_javascript_or_in_print(way, browser):
    page = browser.new_context(java_script_enabled=way == "in print").new_page()
    page.goto(PRACTISED.as_uri(), wait_until="load")
    if way == "in print":
        page.emulate_media(media="print")
    assert page.locator(WAITING).count() > 0
    assert all(figure.is_visible() for figure in page.locator(WAITING).all())
    reasons = [reason.is_visible() for reason in page.locator(".reason").all()]
    assert set(reasons) == {way == "in print"}
    page.context.close()


def test_each_question_has_one_right_answer_and_shows_the_reason_of_the_chosen(browser):
    page = browser.new_page()
    page.goto(PRACTISED.as_uri(), wait_until="load")
    for question in page.locator("fieldset:is(.question, .predict)").all():
        assert question.locator("legend").inner_text().strip()
        said = []
        for option in question.locator(".option:has(.reason)").all():
            option.locator("label").click()
            assert [r.is_visible() for r in question.locator(".reason").all()].count(
                True
            ) == 1
            said.append(option.locator(".reason strong").inner_text().strip())
        assert said.count("Right.") == 1, said
        assert len(said) >= 3
    page.close()
