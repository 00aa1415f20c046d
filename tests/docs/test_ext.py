"""The Sphinx helpers, on a site of two small pages built for the test."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXT = ROOT / "docs" / "_ext"

CONF = """
import os, sys
from pathlib import Path
sys.path[:0] = [{ext!r}, {package!r}]
import rnnedu_freshness
extensions = ["myst_nb", "sphinx_gallery.gen_gallery", "rnnedu_freshness"]
exclude_patterns = ["_build", "auto_gallery/**.ipynb"]
rnnedu_digest = rnnedu_freshness.digest(Path({package!r}).glob("*.py"), os.environ["DATA"])
nb_execution_mode = "cache"
nb_execution_cache_path = f"_build/cache/{{rnnedu_digest}}"
nb_execution_raise_on_error = True
sphinx_gallery_conf = {{
    "examples_dirs": ["../gallery"],
    "gallery_dirs": ["auto_gallery"],
    "image_scrapers": ("rnnedu_gallery.scrape",),
    "reset_modules": ("rnnedu_gallery.strict_warnings",),
}}
"""
PAGE = """---
file_format: mystnb
kernelspec:
  name: python3
---

# A page

```{code-cell} python
import os, number
open(os.environ["RUNS"], "a").write("page\\n")
print("page says", number.VALUE)
```

```{toctree}
auto_gallery/index
```
"""
SCRIPT = '''"""
Script
======

Words.
"""

import os, number
open(os.environ["RUNS"], "a").write("script\\n")
print("script says", number.VALUE)
'''
DRAW = """
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
"""


@pytest.fixture
def site(tmp_path):
    """A site whose two pages print a number that a module holds."""
    for folder in ("docs", "gallery", "package"):
        (tmp_path / folder).mkdir()
    package = str(tmp_path / "package")
    (tmp_path / "package" / "number.py").write_text("VALUE = 1\n")
    (tmp_path / "docs" / "conf.py").write_text(CONF.format(ext=str(EXT), package=package))
    (tmp_path / "docs" / "index.md").write_text(PAGE)
    (tmp_path / "gallery" / "README.txt").write_text("Gallery\n=======\n")
    (tmp_path / "gallery" / "plot_script.py").write_text(SCRIPT)
    return tmp_path


def build(site, data="prices"):
    """Build the site; return what ran in it, what was said, and its two pages' text."""
    runs = site / "runs"
    runs.write_text("")
    settings = {"DATA": data, "RUNS": str(runs), "PYTHONPATH": str(site / "package")}
    told = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "docs", "html"],
        cwd=site,
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )
    said = told.stdout + told.stderr
    pages = [site / "html" / "index.html", site / "html" / "auto_gallery/plot_script.html"]
    texts = [page.read_text() if page.is_file() else "" for page in pages]
    return sorted(runs.read_text().split()), said, texts


def test_what_is_fresh_rests_and_what_is_stale_runs_again(site):
    ran, said, pages = build(site)
    assert ran == ["page", "script"], said
    assert "page says 1" in pages[0]
    assert "script says 1" in pages[1]

    ran, said, _ = build(site)
    assert ran == [], said

    (site / "package" / "number.py").write_text("VALUE = 2\n")
    ran, said, pages = build(site)
    assert ran == ["page", "script"], said
    assert "page says 2" in pages[0]
    assert "script says 2" in pages[1]

    ran, said, _ = build(site, data="other prices")
    assert ran == ["page", "script"], said


def test_a_build_that_fails_is_not_taken_for_fresh(site):
    build(site)
    (site / "package" / "number.py").write_text("VALUE = 1 / 0\n")
    ran, said, _ = build(site)
    assert ran == []
    assert "ZeroDivisionError" in said
    (site / "package" / "number.py").write_text("VALUE = 3\n")
    ran, _, pages = build(site)
    assert ran == ["page", "script"]
    assert "script says 3" in pages[1]


def test_an_alt_text_reaches_the_page(site):
    (site / "gallery" / "plot_script.py").write_text(
        SCRIPT + DRAW + "fig.set_label('A line\\nthat rises.')\nax.set_title('Title')\n"
    )
    _, said, pages = build(site)
    assert 'alt="A line that rises."' in pages[1], said
    assert 'alt="Title"' not in pages[1]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (DRAW, "a figure has no alt text"),
        ("import warnings; warnings.warn('careful')\n", "UserWarning: careful"),
    ],
    ids=["no alt text", "a warning"],
)
def test_an_example_that_is_not_clean_fails_the_build(site, more, words):
    (site / "gallery" / "plot_script.py").write_text(SCRIPT + more)
    _, said, _ = build(site)
    assert words in said
    assert "build succeeded" not in said


def test_the_digest_is_of_names_contents_and_facts(tmp_path):
    sys.path.insert(0, str(EXT))
    try:
        from rnnedu_freshness import digest
    finally:
        sys.path.remove(str(EXT))
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("a")
    two.write_text("b")
    first = digest([one, two], "x", "y")
    assert digest([two, one], "x", "y") == first
    others = [digest([one], "x", "y"), digest([one, two], "x"), digest([one, two], "xy")]
    two.write_text("c")
    others.append(digest([one, two], "x", "y"))
    assert len({first, *others}) == 5


def test_everything_that_a_page_reads_unsettles_the_caches():
    """Each file beside the pages that a cell opens is named in the site's digest."""
    conf = (ROOT / "docs" / "conf.py").read_text()
    read = {
        name
        for page in (ROOT / "docs").glob("*.md")
        for name in re.findall(r'Path\("([\w./-]+)"\)', page.read_text())
    }
    assert read
    for name in read:
        assert f'HERE / "{name}"' in conf
