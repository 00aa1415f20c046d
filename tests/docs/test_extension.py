"""The site's extension, as far as no build is needed: digests, notebooks, messages."""

import logging
import re
import threading
import time
import warnings
from html import escape
from pathlib import Path
from pkgutil import resolve_name
from textwrap import dedent
from types import SimpleNamespace

import filelock
import nbformat
import pytest
import rnnedu_site
from docutils import nodes
from docutils.utils import new_document
from rnnedu_site import examples, execution, freshness, notebooks
from sphinx_gallery.backreferences import THUMBNAIL_TEMPLATE

from rnnedu import _cache

EXT = Path(rnnedu_site.__file__).parent


def test_the_map_names_every_module_and_every_stage_is_a_function_of_one():
    result = (EXT / "README.md").read_text()
    modules = {path.stem for path in EXT.glob("*.py")} - {"__init__", "workers"}
    assert modules <= set(re.findall(r"(\w+)\.py", result))
    for _, name, _ in rnnedu_site.STAGES:
        assert name.split(":")[0] in modules
        assert callable(resolve_name(f"rnnedu_site.{name}"))


def test_the_digest_is_of_names_contents_and_facts_and_not_of_the_folders_name(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    for root in (here, there):
        root.mkdir()
        (root / "one.py").write_text("a")
        (root / "two.py").write_text("b")
    one, two = here / "one.py", here / "two.py"
    first = freshness.digest(here, [one, two], "x", "y")
    assert freshness.digest(here, [two, one], "x", "y") == first
    assert freshness.digest(there, there.iterdir(), "x", "y") == first
    others = [
        freshness.digest(here, [one], "x", "y"),
        freshness.digest(here, [one, two], "x"),
        freshness.digest(here, [one, two], "xy"),
    ]
    two.write_text("c")
    others.append(freshness.digest(here, [one, two], "x", "y"))
    assert len({first, *others}) == 5


def test_what_a_build_has_made_is_no_source_of_it(tmp_path):
    for name in ("docs/a.md", "docs/_build/b.md", "docs/auto_gallery/c.rst"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("words")
    found = freshness.files_in(tmp_path, ["docs/**/*"])
    assert found == [tmp_path / "docs" / "a.md"]


def test_the_digest_of_results_follows_each_file_that_the_settings_name():
    """Each pattern of conf.py names a file at least; a misspelt one would name none."""
    root = EXT.parents[2]
    named = re.search(r"rnnedu_results_depend_on = \[.*?\n(.*?)\]", conf(), re.S)[1]
    patterns = re.findall(r'^    "(.*?)",$', named, re.M)
    assert "rnnedu/**/*" in patterns
    for pattern in patterns:
        assert freshness.files_in(root, [pattern]), pattern
    files = {path.name for path in freshness.files_in(root, patterns)}
    wanted = {"scores.py", "models.py", "course_text.txt", "seed_study.csv", "execution.py"}
    assert wanted <= files


def conf():
    return (EXT.parents[1] / "conf.py").read_text()


# -- Notebooks -----------------------------------------------------------------------


def test_text_becomes_plain_markdown():
    text = """As {term}`a gate <gates>` does in {eq}`eq-one`, it is {glue:text}`sum:.2f`.
See {doc}`lstm`, {doc}`the page </data>`, {py:func}`rnnedu.train` and {cite:t}`gers2000`.

$$
a = b
$$ (eq-one)

:::{admonition} In this chapter
:class: note

Words.
:::
"""
    plain = notebooks.in_words(
        text, "learn/gru", {"sum": 2.5}, {"eq-one": "1"}, {"learn/lstm": "The LSTM"}
    )
    assert "As a gate does in (1), it is 2.50." in plain
    assert "See *The LSTM*, the page, `rnnedu.train` and Gers 2000." in plain
    assert "$$\na = b \\tag{1}\n$$" in plain
    assert "**In this chapter**\n\nWords.\n" in plain
    assert ":::" not in plain and "{" not in plain.replace("\\tag{1}", "")


@pytest.mark.parametrize(
    ("rst", "words"),
    [
        (":doc:`/learn/lstm`", "*The LSTM*"),
        (":doc:`the chapter </learn/lstm>`", "the chapter"),
        (":py:func:`rnnedu.train`", "`rnnedu.train`"),
        (":func:`~rnnedu.train`", "`rnnedu.train`"),
    ],
)
def test_roles_of_an_example_become_words(rst, words):
    titles = {"learn/lstm": "The LSTM"}
    assert notebooks.rst_in_words(f"See {rst}.", titles) == f"See {words}."


def test_checks_leave_a_notebook_whole():
    from rnnedu_site.notebooks import without_checks

    code = """
from myst_nb import glue
kept = 1  # with its comment
for name in "ab":
    glue(name, 1)
fig.set_label(
    "A line "
    "that rises."
)
ax.lines[0].set_label("a line")
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
        'ax.lines[0].set_label("a line")',
        'for name in "ab":',
        "    kept += 1",
        "print(kept)",
    ]


# -- What is said of a page that fails ------------------------------------------------

PAGE = """# Title

We measure it. The gate keeps 98 %.

```{{code-cell}} python
total = 1
{line}
```

It is *one*, and no more. The rest follows.
"""


def failed(tmp_path, line, name, value, traceback):
    page = tmp_path / "page.md"
    page.write_text(PAGE.format(line=line))
    before, code, after = re.split(r"```.*\n", page.read_text())
    cells = [nbformat.v4.new_markdown_cell(before), nbformat.v4.new_code_cell(code.strip())]
    cells.append(nbformat.v4.new_markdown_cell(after))
    output = nbformat.v4.new_output("error", ename=name, evalue=value, traceback=traceback)
    cells[1].outputs = [output]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"source_map": [0, 4, 9]})
    return execution.fault(page, notebook, 1, "what nbclient says").splitlines()


def test_a_fault_names_page_line_cell_and_sentences(tmp_path):
    line, traceback = "assert total == 2", ["\x1b[0;31mCell In[3], line 2\x1b[0m"]
    result = failed(tmp_path, line, "AssertionError", "two, says the page", traceback)
    assert result == [
        f"{tmp_path}/page.md:7: code cell 1 failed: AssertionError: two, says the page",
        "    assert total == 2",
        "  before it: “The gate keeps 98 %.”",
        "  after it: “It is *one*, and no more.”",
    ]


def test_a_fault_without_a_traceback_names_the_beginning_of_its_cell(tmp_path):
    head, code, *_ = failed(tmp_path, "1 / 0", "ZeroDivisionError", "by zero", [])
    assert head.startswith(f"{tmp_path}/page.md:6: ")
    assert code == "    total = 1"


def test_a_cell_that_takes_too_long_is_said_to_take_too_long(tmp_path):
    line = "while True: pass"
    head, *_ = failed(tmp_path, line, "KeyboardInterrupt", "", ["Cell In[3], line 2"])
    assert head.startswith(f"{tmp_path}/page.md:7: code cell 1 failed: it took longer")
    assert "Fix: run the build again" in head


# -- The course's own text -----------------------------------------------------------


def test_the_corpus_is_words_alone():
    from rnnedu_site.course_text import words

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

Is it `no` *well-made*? So.

:::{predict}
No?
:::

$$
no
$$ (eq-no)

## Practice

No.
"""
    assert (
        words(page) == "a title. words, a gate and see of. yes, times. is it well made. so."
    )


# -- What an example runs in ---------------------------------------------------------


@pytest.fixture
def prepared(monkeypatch, caplog):
    """Prepare for an example; put the level of one logger back afterwards."""
    tied = []
    monkeypatch.setattr(examples, "end_with_parent", lambda: tied.append(True))
    caplog.set_level(logging.WARNING, logger="rnnedu._cache")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        examples.prepare({}, "plot_01.py")
        yield tied


def test_an_example_runs_with_warnings_as_errors_and_ends_with_the_build(prepared):
    with pytest.raises(UserWarning):
        warnings.warn("a page may not warn", stacklevel=1)
    assert prepared == [True]


def test_an_example_does_not_show_that_it_waited_for_another(prepared, tmp_path, caplog):
    begun = threading.Event()

    def other_example():
        with filelock.FileLock(tmp_path / "lock"):
            begun.set()
            time.sleep(0.2)

    threading.Thread(target=other_example).start()
    begun.wait()
    with _cache.locked(tmp_path / "lock", "waiting for another training"):
        assert not caplog.records


# -- The cards of the gallery --------------------------------------------------------


def card_of(intro):
    """Return the HTML of a card of sphinx-gallery's own, as the site changes it."""
    template = THUMBNAIL_TEMPLATE.format(
        intro=escape(intro), title="A title", thumbnail="a.png", doc_name="/a", tags=""
    )
    parts = re.findall(r"\.\. raw:: html\n\n(.*?)\n\n", template + "\n", re.S)
    assert len(parts) == 2, "sphinx-gallery writes its cards otherwise now"
    doctree = new_document("index")
    doctree += [nodes.raw(text=dedent(part), format="html") for part in parts]
    examples.show_cards(None, doctree)
    return "".join(raw.astext() for raw in doctree.findall(nodes.raw))


def test_a_card_shows_level_time_and_finding():
    html = card_of("Level: beginner. Time: 10 minutes. We ask < that. Finding: no.")
    assert "tooltip" not in html
    assert '<span class="card-level">beginner, 10 minutes</span> We ask &lt; that.' in html
    assert "<strong>Finding:</strong> no.</div>" in html
    assert html.count("<div") == html.count("</div>")


def test_a_card_of_another_form_shows_its_words():
    assert '<div class="card-words">Only &quot;words&quot;.</div>' in card_of(
        'Only "words".'
    )


# -- The scripts that readers take home ----------------------------------------------


def test_a_script_loses_its_checks_and_keeps_what_it_draws():
    source = """\"\"\"Title.\"\"\"

# %%
# Words.

x = 1

# sphinx_gallery_start_ignore
assert x == 1, "the page says: one"
# sphinx_gallery_end_ignore
print(x)

# sphinx_gallery_start_ignore
ax.legend()
for y in [x]:
    assert y < 2
assert (
    x > 0
), "two lines"
# sphinx_gallery_end_ignore
"""
    kept = """\"\"\"Title.\"\"\"

# %%
# Words.

x = 1

print(x)

# sphinx_gallery_start_ignore
ax.legend()
# sphinx_gallery_end_ignore
"""
    assert notebooks.script(source) == kept
    assert notebooks.script(kept) == kept, "a second build changes nothing"


def test_the_script_of_an_example_prints_its_tables():
    source = """\"\"\"Title.\"\"\"
prices.head()
pd.DataFrame(
    {"RMSE": [1]}
)
points.round(4)  # to four digits
compared.map("{:.2g} µ".format).assign(clear=clear)
table = table.round(2)
model.summary()
print(table.round(2))
"""
    printed = """\"\"\"Title.\"\"\"
print(prices.head())
print(pd.DataFrame(
    {"RMSE": [1]}
))
print(points.round(4))  # to four digits
print(compared.map("{:.2g} µ".format).assign(clear=clear))
table = table.round(2)
model.summary()
print(table.round(2))
"""
    assert notebooks.script(source) == printed
    assert notebooks.script(printed) == printed, "a second build changes nothing"


@pytest.mark.parametrize("failures", [1, 2])
def test_a_kernel_that_does_not_start_is_tried_once_more(failures, monkeypatch):
    begun = []

    def start(notebook, **options):
        begun.append(notebook)
        if len(begun) <= failures:
            raise RuntimeError("Kernel didn't respond in 60 seconds")
        return SimpleNamespace(nb="with outputs", time=3.0, err=None)

    monkeypatch.setattr(execution, "end_with_parent", lambda: None)
    monkeypatch.setattr(execution, "single_nb_execution", start)
    found = execution.execute("learn/text", "page", ".", 900)
    assert len(begun) == 2
    if failures == 1:
        assert found == ("learn/text", "with outputs", 3.0, 0, None)
    else:
        assert found[-1] == "RuntimeError: Kernel didn't respond in 60 seconds"


def test_a_kernel_that_dies_in_a_cell_is_not_tried_again(monkeypatch):
    begun = []

    def die(notebook, *, on_cell_execute, **options):
        begun.append(notebook)
        on_cell_execute(cell=None, cell_index=4)
        raise RuntimeError("Kernel died")

    monkeypatch.setattr(execution, "end_with_parent", lambda: None)
    monkeypatch.setattr(execution, "single_nb_execution", die)
    assert execution.execute("learn/text", "page", ".", 900)[3:] == (
        4,
        "RuntimeError: Kernel died",
    )
    assert len(begun) == 1
