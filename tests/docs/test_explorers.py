"""What holds for every explorer: light, whole, usable by everybody, never a blank box."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT, SITE
from rnnedu_site.explorers import MOST_BYTES_OF_DATA, MOST_BYTES_OF_SCRIPTS, NAMES

pytestmark = pytest.mark.site

SCRIPTS = ROOT / "docs" / "_static" / "explore"
PAGES = [name for name in NAMES if (SITE / "explore" / f"{name}.html").is_file()]
EMBEDDED = [  # chapters with the explorer that stands in them
    (path.stem, *re.findall(r"^:::\{explorer\} (\w+)$", path.read_text(), re.M))
    for path in sorted((ROOT / "docs" / "learn").glob("*.md"))
    if ":::{explorer}" in path.read_text()
]
STATE = "name => document.getElementById(`explorer-${name}`).frame.settings"
SMALL_TEXT = """name => {
  const root = document.getElementById(`explorer-${name}`)
  const small = []
  for (const element of root.querySelectorAll("*")) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.data.trim())
    if (!own || !element.getClientRects().length) continue
    const size = parseFloat(getComputedStyle(element).fontSize)
    if (size < 11) small.push([element.textContent.slice(0, 30), size])
  }
  return small
}"""
CUT = """name => {
  const cut = []
  for (const text of document.querySelectorAll(`#explorer-${name} svg text`)) {
    const [own, whole] = [text, text.ownerSVGElement].map(e => e.getBoundingClientRect())
    if (own.width && (own.left < whole.left - 1 || own.right > whole.right + 1))
      cut.push(text.textContent)
  }
  return cut
}"""


def test_every_explorer_has_a_page():
    assert list(NAMES) == PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_few_scripts_all_of_them_from_this_site(name):
    text = (SITE / "explore" / f"{name}.html").read_text()
    sources = [
        each.partition("?")[0] for each in re.findall(r'<script[^>]* src="([^"]+)', text)
    ]
    ours = [each for each in sources if "/explore/" in each or each.endswith("page.js")]
    assert sum((SITE / "explore" / each).resolve().stat().st_size for each in ours) <= (
        MOST_BYTES_OF_SCRIPTS
    )
    assert not [each for each in sources if "//" in each]
    assert len(ours) >= 4


def test_each_file_of_numbers_is_small():
    folder = SITE / "_static" / "explore" / "data"
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert sizes and max(sizes.values()) <= MOST_BYTES_OF_DATA


@pytest.mark.parametrize("name", PAGES)
def test_numbers_are_loaded_after_the_page_was_painted(name, browser, address):
    page = browser.new_page()
    page.goto(f"{address}/explore/{name}.html", wait_until="load")
    page.wait_for_selector(".explorer-check:not([hidden])", timeout=60_000)
    begun, painted = page.evaluate(
        """() => [
          performance.getEntriesByType("resource")
            .filter(entry => entry.name.includes("/data/")).map(entry => entry.startTime),
          performance.getEntriesByName("first-contentful-paint")[0].startTime,
        ]"""
    )
    assert begun and min(begun) > painted
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_an_explorer_checks_itself_and_complains_of_nothing(name, explorer):
    page = explorer(name)
    page.wait_for_selector(".explorer-check:not([hidden])", timeout=60_000)
    difference = float(page.get_attribute(".explorer-check", "data-difference"))
    assert difference <= 1e-5
    assert page.locator(".explorer-fault:not([hidden])").count() == 0
    assert page.errors == []


def test_every_explorer_stands_in_a_chapter():
    assert {name for _, name in EMBEDDED} == set(NAMES)


@pytest.mark.parametrize(("chapter", "name"), EMBEDDED)
def test_an_explorer_works_in_a_chapter(chapter, name, browser):
    page = browser.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto((SITE / "learn" / f"{chapter}.html").as_uri(), wait_until="networkidle")
    page.wait_for_selector(f"#explorer-{name}.explorer-live svg", state="attached")
    assert page.locator(".explorer-fault:not([hidden])").count() == 0
    assert faults == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(name, scheme, explorer):
    page = explorer(name, scheme=scheme)
    page.wait_for_selector(".explorer-check:not([hidden])", timeout=60_000)
    found = Axe().run(page).response["violations"]
    assert not [(each["id"], each["nodes"][0]["html"][:200]) for each in found]


@pytest.mark.parametrize("name", PAGES)
def test_on_a_phone_nothing_is_cut_and_all_text_can_be_read(name, explorer):
    page = explorer(name, width=390, has_touch=True)
    page.wait_for_selector(".explorer-check:not([hidden])", timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(SMALL_TEXT, name) == []
    assert page.evaluate(CUT, name) == [], "a picture shows only a part of these words"


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts_there_are_words_and_a_still_figure(name, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((SITE / "explore" / f"{name}.html").as_uri())
    assert len(page.inner_text(".explorer-still").split()) >= 20
    figure = page.locator(".explorer + .cell img")
    assert figure.count() == 1 and figure.is_visible()
    assert len(figure.get_attribute("alt").split()) >= 8
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_bad_address_is_told_and_the_explorer_works_on(name, explorer):
    page = explorer(name, "nonsense=1")
    fault = page.locator(f"#explorer-{name} .explorer-fault")
    assert "There is no setting “nonsense” here." in fault.inner_text()
    slider = page.locator(f"#explorer-{name} input[type=range]:visible").first
    label = slider.get_attribute("id").partition("-")[2]
    page.goto(page.url.partition("#")[0] + f"#{name}:{label}=1e9")
    page.wait_for_function(
        "name => document.querySelector(`#explorer-${name} .explorer-fault`)"
        ".textContent.includes('It can be')",
        arg=name,
    )
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert fault.is_hidden()
    assert page.errors == []


@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_the_prose_sets_the_explorer_without_a_complaint(name, explorer):
    page = explorer(name)
    links = page.locator(f'article a[href*="#{name}:"]')
    assert links.count() >= 2
    for k in range(links.count()):
        links.nth(k).click()
        page.wait_for_timeout(50)
        wanted = dict(
            part.split("=") for part in page.url.partition(f"#{name}:")[2].split("&")
        )
        state = page.evaluate(STATE, name).items()
        shown = {key: str(int(v) if isinstance(v, bool) else v) for key, v in state}
        assert {key: shown[key] for key in wanted} == wanted
        assert page.locator(".explorer-fault:not([hidden])").count() == 0
    assert page.errors == []


@pytest.mark.parametrize("name", PAGES)
def test_what_a_reader_sets_stands_in_the_address_and_comes_back(name, explorer):
    page = explorer(name)
    slider = page.locator(f"#explorer-{name} input[type=range]:visible").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("name => location.hash.startsWith(`#${name}:`)", arg=name)
    before = page.evaluate(STATE, name)
    page.reload()
    page.wait_for_selector(f"#explorer-{name}.explorer-live")
    assert page.evaluate(STATE, name) == before


DAMAGE = {
    "cut": lambda file: file | {"data": file["data"][:-400]},
    "changed": lambda file: file | {"data": "AAAA" + file["data"][4:]},
    "no base64": lambda file: file | {"data": "%%%%"},
    "something else": lambda file: {"what": 1},
}


@pytest.mark.parametrize("way", [*DAMAGE, "missing"])
def test_damaged_numbers_are_told_in_a_sentence(way, browser):
    page = browser.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    text = (SITE / "_static/explore/data/gradient.js").read_text()
    file = json.loads(
        re.fullmatch(r'rnnedu\.receive\("gradient", (.*)\);\s*', text, re.S)[1]
    )

    def answer(route):
        if way == "missing":
            route.abort()
        else:
            broken = json.dumps(DAMAGE[way](file))
            route.fulfill(body=f'rnnedu.receive("gradient", {broken})')

    page.route("**/data/gradient.js", answer)
    page.goto((SITE / "explore/gradient.html").as_uri())
    page.wait_for_selector(".explorer-fault:not([hidden])")
    said = page.inner_text(".explorer-fault")
    assert "“gradient”" in said and said.endswith(".")
    assert ("could not be loaded" in said) == (way == "missing")
    assert faults == []
    page.close()


def test_a_long_task_is_found(browser, longest_task):
    page = browser.new_page()
    busy = "const end = performance.now() + 500; while (performance.now() < end);"
    short = longest_task(page, lambda: [page.evaluate("1 + 1") for _ in range(10)])
    assert short < 50 < longest_task(page, lambda: page.evaluate(f"() => {{ {busy} }}"))
    page.close()


def test_the_scripts_are_plain():
    """No module, no bundler, no address of another host."""
    for path in SCRIPTS.glob("*.js"):
        text = path.read_text()
        assert not re.search(r"^\s*(import|export)\b|require\(", text, re.M), path.name
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), path.name
        assert max(map(len, text.splitlines())) <= 100, path.name
