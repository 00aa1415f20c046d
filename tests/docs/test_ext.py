"""The Sphinx helpers, on a site of two small pages built for the test."""

import json
import os
import re
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]
EXT = ROOT / "docs" / "_ext"

CONF = """
import os, sys
from pathlib import Path
sys.path[:0] = [{ext!r}, {package!r}]
import rnnedu_freshness
extensions = [
    "myst_nb", "sphinx_gallery.gen_gallery", "rnnedu_freshness",
    "rnnedu_notebooks", "rnnedu_pages"
]
os.environ["PYTHONSTARTUP"] = {ext!r} + "/rnnedu_kernel.py"
exclude_patterns = ["_build", "auto_gallery/**.ipynb"]
rnnedu_digest = rnnedu_freshness.digest(Path({package!r}).glob("*.py"), os.environ["DATA"])
myst_enable_extensions = ["dollarmath"]
nb_execution_mode = "cache"
nb_execution_cache_path = f"docs/_build/cache/{{rnnedu_digest}}"
nb_execution_show_tb = True
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


TEXT_ONLY = """
get_ipython().display_formatter.active_types = ["text/plain"]
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
    said = re.sub(r"\x1b\[[\d;]*m", "", told.stdout + told.stderr)  # without colours
    pages = [site / "html" / "index.html", site / "html" / "auto_gallery/plot_script.html"]
    texts = [page.read_text() if page.is_file() else "" for page in pages]
    return sorted(runs.read_text().split()), said, texts


def test_garbage_waits_for_the_first_cell_and_is_collected_after_it(site):
    cell = "\n```{code-cell} python\nimport gc\nprint('collects:', gc.isenabled())\n```\n"
    (site / "docs" / "index.md").write_text(
        PAGE.replace("# A page\n", "# A page\n" + 2 * cell)
    )
    _, said, (page, _) = build(site)
    assert re.findall(r"collects: (\w+)", page) == ["False", "True"], said


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


@pytest.fixture
def own_extensions(monkeypatch):
    monkeypatch.syspath_prepend(str(EXT))


def test_the_digest_is_of_names_contents_and_facts(own_extensions, tmp_path):
    from rnnedu_freshness import digest

    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("a")
    two.write_text("b")
    first = digest([one, two], "x", "y")
    assert digest([two, one], "x", "y") == first
    others = [digest([one], "x", "y"), digest([one, two], "x"), digest([one, two], "xy")]
    two.write_text("c")
    others.append(digest([one, two], "x", "y"))
    assert len({first, *others}) == 5


TOLD = """
import os, sys
print("tensorflow" in sys.modules, os.getcwd(), os.environ["ASKED"], os.getpid())
import matplotlib.pyplot as plt
plt.subplots()[0].set_label("Nothing.")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks are for Linux")
@pytest.mark.parametrize("served", [True, False], ids=["a server", "no server"])
def test_a_kernel_is_a_fork_where_there_is_a_server(
    own_extensions, tmp_path, monkeypatch, capfd, served
):
    import rnnedu_forks
    from jupyter_client.manager import start_new_kernel

    address = rnnedu_forks.describe_kernel(str(tmp_path))
    server = rnnedu_forks.start_server(address) if served else None
    wait_until(lambda: not served or os.path.exists(address))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("ASKED", "by-the-page")
    monkeypatch.setenv("PYTHONSTARTUP", str(EXT / "rnnedu_kernel.py"))
    manager, client = start_new_kernel(
        cwd=str(tmp_path), extra_arguments=["--HistoryManager.enabled=False"]
    )
    said = []
    client.execute_interactive(TOLD, output_hook=lambda m: said.append(m["content"]))
    client.stop_channels()
    shown = [each["data"] for each in said if "data" in each]
    assert shown and all(each["text/plain"] == "Figure: Nothing." for each in shown)
    assert all("image/png" in each for each in shown)
    (line,) = [each["text"].split() for each in said if "text" in each]
    *told, process = line
    assert told == [str(served), str(tmp_path), "by-the-page"]

    manager.shutdown_kernel()
    wait_until(lambda: not os.path.exists(f"/proc/{process}"))
    for words in capfd.readouterr():
        assert "Traceback" not in words
        assert "kernel" not in words.lower()
    if served:
        server.stdin.close()
        assert server.wait(60) == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks are for Linux")
@pytest.mark.parametrize("reads_all", [True, False])
@pytest.mark.parametrize(("pages", "many"), [(2, False), (3, True)])
def test_many_pages_have_a_server_until_the_build_ends(
    own_extensions, tmp_path, monkeypatch, pages, many, reads_all
):
    import rnnedu_forks
    from sphinx.environment import CONFIG_NEW, CONFIG_OK

    names = [f"{n}.md" for n in range(pages)] + ["words.md"]
    for name in names:
        (tmp_path / name).write_text("words" if name == "words.md" else PAGE)
    monkeypatch.setenv("JUPYTER_PATH", "before")
    at_the_end = []
    app = SimpleNamespace(
        srcdir=tmp_path,
        env=SimpleNamespace(
            doc2path=tmp_path.joinpath,
            config_status=CONFIG_NEW if reads_all else CONFIG_OK,
        ),
        connect=lambda event, do: at_the_end.append((event, do)),
    )
    rnnedu_forks.begin_early(app)
    assert len(at_the_end) == (many and reads_all)
    rnnedu_forks.begin(app, app.env, names)
    folder, *before = os.environ["JUPYTER_PATH"].split(os.pathsep)
    assert before == ["before"] * many
    assert [event for event, _ in at_the_end] == ["build-finished"] * many
    if many:
        wait_until(lambda: Path(folder, "server").exists())
        at_the_end[0][1](app, None)
        assert not Path(folder).exists()


def wait_until(holds):
    end = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < end, "waited for two minutes"
        time.sleep(0.05)


CHAPTER = """---
file_format: mystnb
kernelspec:
  name: python3
---

# A chapter

```{code-cell} python
import os
from pathlib import Path
open(os.environ["RUNS"], "a").write("chapter\\n")
print("the file says", Path("note.txt").read_text())
```
"""


def with_chapter(site, more=""):
    """Add a chapter that reads a file, to the site; `more` goes to its end."""
    (site / "docs" / "learn").mkdir(exist_ok=True)
    (site / "docs" / "learn" / "chapter.md").write_text(CHAPTER + more)
    (site / "docs" / "learn" / "note.txt").write_text("one")
    index = PAGE.replace("auto_gallery/index", "auto_gallery/index\nlearn/chapter")
    (site / "docs" / "index.md").write_text(index)
    return site / "html" / "learn" / "chapter.html"


def test_a_page_follows_the_files_that_it_reads(site):
    chapter = with_chapter(site)
    ran, said, _ = build(site)
    assert ran == ["chapter", "page", "script"], said
    assert "the file says one" in chapter.read_text()
    ran, said, _ = build(site)
    assert ran == [], said
    (site / "docs" / "learn" / "note.txt").write_text("two")
    ran, said, _ = build(site)
    assert ran == ["chapter"], said
    assert "the file says two" in chapter.read_text()


MORE = """
```{code-cell} python
:tags: [remove-cell]

from myst_nb import glue
assert 1 + 1 == 2
glue("sum", 2.5, display=False)
```

It is {glue:text}`sum:.2f`, as {term}`a gate <gates>` says in {eq}`eq-one`.

$$
a = b
$$ (eq-one)

```{glossary}
gates
    They open.
```
"""


def test_a_chapter_ends_with_its_notebook_for_any_jupyter(site):
    chapter = with_chapter(site, MORE)
    _, said, _ = build(site)
    assert "build succeeded" in said
    (link,) = re.findall(r'href="([^"]*\.ipynb)" download', chapter.read_text())
    cells = json.loads((chapter.parent / link).read_text())["cells"]
    code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    words = "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    assert len(code) == 2 and "note.txt" in code[0], "the hidden cell is gone"
    assert "It is 2.50, as a gate says in (1)." in words
    assert "$$\na = b \\tag{1}\n$$" in words


def test_checks_leave_a_notebook_whole(own_extensions):
    from rnnedu_notebooks import without_checks

    code = """
from myst_nb import glue
kept = 1  # with its comment
for name in "ab":
    glue(name, 1)
for name in "ab":
    kept += 1
    assert kept
assert (
    kept
), "over lines"
print(kept)
"""
    assert without_checks(code).splitlines() == [
        "kept = 1  # with its comment",
        'for name in "ab":',
        "    kept += 1",
        "print(kept)",
    ]


def test_a_figure_of_a_page_is_described_by_its_label(site):
    more = f"\n```{{code-cell}} python\n{DRAW}fig.set_label('A line\\nthat falls.')\n```\n"
    chapter = with_chapter(site, more)
    _, said, _ = build(site)
    assert 'alt="A line that falls."' in chapter.read_text(), said


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (DRAW, "a figure has no alt text"),
        (f"{TEXT_ONLY}{DRAW}", "a figure was not shown as a picture"),
        ("import warnings; warnings.warn('careful')\n", "UserWarning: careful"),
    ],
    ids=["no alt text", "no picture", "a warning"],
)
def test_a_page_that_is_not_clean_fails_the_build(site, code, words):
    with_chapter(site, f"\n```{{code-cell}} python\n{code}```\n")
    _, said, _ = build(site)
    assert words in said
    assert "build succeeded" not in said


def test_pages_that_run_are_dealt_out_the_longest_first(own_extensions):
    from rnnedu_pages import deal_out

    longest = [f"learn/{k}" for k in (3, 5, 8, 9)]
    shorter = [f"learn/{k}" for k in (0, 1, 2, 4, 6, 7)]
    others = [f"reference/{k}" for k in range(50)]
    app = SimpleNamespace(
        config=SimpleNamespace(rnnedu_longest_pages=[*longest, "learn/unchanged"])
    )
    names = [*sorted(longest + shorter), *others]
    deal_out(app, None, names)
    assert sorted(names) == sorted(longest + shorter + others)
    half = len(names) // 2 - 1  # 4 of the 10 that run stand in the first half
    assert set(longest) <= set(names[:half])
    assert not set(shorter) & set(names[:half])
    for group in (longest, shorter):
        gaps = [names.index(b) - names.index(a) for a, b in pairwise(group)]
        assert min(gaps) > 3, "they are spread"


def test_the_corpus_is_words_alone(own_extensions):
    from rnnedu_prose import words

    page = """---
file_format: mystnb
---

# A *title*

:::{admonition} Told
no
:::

Words, a {term}`gate <gates>` and {glue:text}`number:.2f` (see {doc}`lstm`) of $x$.

```{code-cell} python
no
```

| no | no |

```{tip}
Yes, 60 times.
```

$$
no
$$ (eq-no)

## Exercises

No.
"""
    assert words(page) == "a title words, a gate and see of. yes, times."
