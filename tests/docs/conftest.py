"""What the tests of built pages share: the browser, and explorers opened in it."""

import functools
import http.server
import json
import os
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
# Where the site is; while one works on an explorer, a site of its page alone.
SITE = Path(os.environ.get("RNNEDU_TEST_SITE") or ROOT / "docs" / "_build" / "html")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    """Serve the site on this machine."""
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
def explorer(browser):
    """Open an explorer's own page from disk; return the page, its explorer running.

    Called as ``explorer("cell", "kind=gru&x=0.5", width=390)``.
    """
    pages = []

    def opened(name, settings=None, *, width=1280, scheme="light", **options):
        size = {"width": width, "height": 900}
        page = browser.new_page(viewport=size, color_scheme=scheme, **options)
        pages.append(page)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        address = (SITE / "explore" / f"{name}.html").as_uri()
        page.goto(address + (f"#{name}:{settings}" if settings else ""), wait_until="load")
        page.wait_for_selector(f"#explorer-{name}.explorer-live", state="attached")
        return page

    yield opened
    for page in pages:
        page.close()


@pytest.fixture
def longest_task(browser):
    """Measure the longest task of a page's main thread while something is done.

    In milliseconds of the processor's time: a machine that is busy with other things does
    not make it longer, as it would an entry of the kind "longtask".
    """

    def once(page, act):
        browser.start_tracing(page=page, categories=["toplevel", "blink.user_timing"])
        page.wait_for_timeout(200)  # until the page's process traces, too
        page.evaluate("performance.mark('begun')")
        act()
        page.evaluate("performance.mark('ended')")
        page.wait_for_timeout(200)
        events = json.loads(browser.stop_tracing())["traceEvents"]
        # The process of the page, and no other: Chromium starts some in advance.
        marks = {
            each["name"]: each for each in events if each["name"] in ("begun", "ended")
        }
        mine = {(each["pid"], each["tid"]) for each in marks.values()}
        tasks = [
            each["tdur"] / 1000
            for each in events
            if "tdur" in each
            and (each["pid"], each["tid"]) in mine
            and marks["begun"]["ts"] <= each["ts"] <= marks["ended"]["ts"]
        ]
        assert tasks, "the browser traces its tasks otherwise now"
        return max(tasks)

    def measured(page, act):
        """Return the shortest of three: a long task of the page's own comes each time."""
        return min(once(page, act) for _ in range(3))

    return measured
