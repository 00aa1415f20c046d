"""The build keeps its promise: nothing false or stale is called built, on a small site."""

import json
import os
import re
import shlex
import signal
import sys
import time
import zipfile
from pathlib import Path

import psutil
import pytest
import yaml
from small_site import CHAPTER, DRAW, INDEX, ROOT, SCRIPT, SmallSite, cell

import rnnedu.datasets

pytestmark = pytest.mark.site

LABEL = "fig.set_label('A line\\nthat rises.')\n"


@pytest.fixture
def site(tmp_path):
    return SmallSite(tmp_path / "süß und klein")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A site that was built once; tests that change nothing share it."""
    site = SmallSite(tmp_path_factory.mktemp("built"))
    site.write(site.chapter, CHAPTER + cell(DRAW + LABEL, "hide-input"))
    result = site.build()
    assert result.status == 0, result.log
    return site


# -- A build that failed fails again -------------------------------------------------


def page_with(more):
    return "chapter", CHAPTER + more


def script_with(more):
    return "script", SCRIPT + more


QUESTION = """
:::{question}
What is one and one in {doc}`/index`?

- [ ] One.

  It is more.
- [x] {glue:text}`sum:.0f`.

  One for each.
:::
"""
CHECK = """
from rnnedu import practice

@practice.check
def check_four(four):
    practice.expect(four() == 4, f"{four()} is not 4.")
"""


def task(stub="...", wrong=("return 3", "return 5"), solution="return 4", call=None):
    """Return a fill-in task for the end of a page; parts that are empty are left out."""
    call = "\ncheck_four(four)" if call is None else call
    parts = [("practice-stub", stub), *(("practice-wrong, remove-cell", w) for w in wrong)]
    parts.append(("practice-solution, hide-cell", solution))
    cells = [cell(f"def four():\n    {do}\n{call}", tags) for tags, do in parts if do]
    return "".join([cell(CHECK, "hide-input"), *cells])


FAULTS = {
    "a false claim": (
        page_with(cell("total = 3\nassert total == 4, 'the page says: four'",
                       "remove-cell")),
        [r"chapter\.md:30: code cell 3 failed: AssertionError: the page says: four"],
    ),
    "a false claim without words": (
        page_with(cell("assert 1 == 2", "remove-cell") + "\nOne is two, as is known."),
        [r"chapter\.md:29: code cell 3 failed: AssertionError", "assert 1 == 2",
         "before it: “The sum is", "after it: “One is two, as is known.”"],
    ),
    "a cell that fails": (
        page_with(cell("def deeper():\n    return 1 / 0\n\ndeeper()")),
        [r"chapter\.md:30: code cell 3 failed: ZeroDivisionError"],
    ),
    "a kernel that dies": (
        page_with(cell("os._exit(3)")),
        [r"chapter\.md:27: code cell 3 failed: DeadKernelError"],
    ),
    "a figure of a page without alt text": (
        page_with(cell(DRAW)),
        [r"chapter\.md:\d+: WARNING: a figure has no alt text"],
    ),
    "a figure of a page that is shown as text": (
        page_with(cell("get_ipython().display_formatter.active_types = ['text/plain']"
                       + DRAW + LABEL)),
        [r"chapter\.md:\d+: WARNING: a figure was not shown as a picture"],
    ),
    "a warning in a page": (
        page_with(cell("import warnings\nwarnings.warn('careful')")),
        [r"chapter\.md:28: code cell 3 failed: UserWarning: careful"],
    ),
    "options of a cell that cannot be read": (
        page_with(cell("print(1)", "hide-input").replace("input]", "input")),
        [r"chapter\.md: cannot be read: "],
    ),
    "a reference that leads nowhere": (
        page_with("\nSee {doc}`nowhere`.\n"),
        [r"chapter\.md:\d+: WARNING: unknown document: 'nowhere'"],
    ),
    "a value that no cell hands to the text": (
        page_with("\nIt is {glue:text}`start_f`.\n"),
        [r"chapter\.md:\d+: WARNING: .*start_f"],
    ),
    "a value in a form that it does not have": (
        page_with("\nIt is {glue:text}`sum:.2q`.\n"),
        [r"chapter", "2q"],
    ),
    "a question without a right answer": (
        page_with(QUESTION.replace("[x]", "[ ]")),
        [r"chapter\.md:\d+: .*a question has 0 right answers\. Fix: mark one by \[x\]"],
    ),
    "a question with two right answers": (
        page_with(QUESTION.replace("[ ]", "[x]")),
        [r"chapter\.md:\d+: .*a question has 2 right answers"],
    ),
    "an answer without a reason": (
        page_with(QUESTION.replace("\n\n  It is more.", "")),
        [r"chapter\.md:\d+: .*the answer “One\.” has no reason below it"],
    ),
    "an answer without a mark": (
        page_with(QUESTION.replace("[ ] ", "")),
        [r"chapter\.md:\d+: .*“One\.” begins with neither \[ \] nor \[x\]"],
    ),
    "a question without answers": (
        page_with("\n:::{predict}\nWhat is it?\n:::\n"),
        [r"chapter\.md:\d+: .*a predict is words and then a list of answers"],
    ),
    "a task without a solution": (
        page_with(task(solution="")),
        [r"chapter\.md:\d+: WARNING: this task has no solution"],
    ),
    "a check that its stub passes": (
        page_with(task(stub="return 4")),
        [r"chapter\.md:\d+: WARNING: the check passes the stub\."],
    ),
    "a check that its solution does not pass": (
        page_with(task(solution="return 5")),
        [r"chapter\.md:\d+: WARNING: the check does not pass the solution: Not yet\. 5"],
    ),
    "a check that a wrong answer passes": (
        page_with(task(wrong=("return 3", "return 4"))),
        [r"chapter\.md:\d+: WARNING: the check passes a wrong answer\."],
    ),
    "a task with one wrong answer": (
        page_with(task(wrong=("return 3",))),
        [r"chapter\.md:\d+: WARNING: this task tries 1 wrong answers"],
    ),
    "a task that does not call its check": (
        page_with(task(call="")),
        [r"chapter\.md:\d+: WARNING: this cell of a task does not end in a call"],
    ),
    "an example without a docstring": (
        ("script", "print(1)\n"),
        [r"plot_script\.py", "docstring"],
    ),
    "an example that is no Python": (
        script_with("\nprint(\n"),
        [r"plot_script\.py", "SyntaxError"],
    ),
    "an example that is false": (
        script_with("\nassert 1 == 2, 'the page says: two'\n"),
        [r"plot_script\.py", r"line 17", "the page says: two"],
    ),
    "a figure of an example without alt text": (
        script_with(DRAW),
        [r"plot_script\.py, line \d+: a figure has no alt text"],
    ),
    "a warning in an example": (
        script_with("\nimport warnings\nwarnings.warn('careful')\n"),
        [r"plot_script\.py", "UserWarning: careful"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """A site that was built once; each fault is put into it and taken out again."""
    site = SmallSite(tmp_path_factory.mktemp("tried") / "süß")
    result = site.build()
    assert result.status == 0, result.log
    return site


@pytest.mark.parametrize("kind", FAULTS)
def test_a_build_that_failed_fails_again(kind, tried):
    (name, text), words = FAULTS[kind]
    page = getattr(tried, name)
    good = page.read_text()
    tried.write(page, text)
    first, second = tried.build(), tried.build()
    tried.write(page, good)
    for result in (first, second):
        assert result.status != 0, result.log
        last = result.log[result.log.rindex("The site was not built.") :]
        for each in words:
            assert re.search(each, last), (each, last)
        assert "developers" not in result.log
        assert "build succeeded" not in result.log
        assert "Nothing has changed" not in result.log


@pytest.mark.parametrize("kind", ["a false claim", "an example that is false"])
def test_a_build_succeeds_again_when_the_cause_is_gone(kind, tried):
    (name, text), _ = FAULTS[kind]
    page = getattr(tried, name)
    good = page.read_text()
    tried.write(page, text)
    assert tried.build().status != 0
    tried.write(page, good)
    result = tried.build()
    assert result.status == 0, result.log
    for name in ("index", "learn/chapter", "auto_gallery/plot_script"):
        assert tried.page(name)


def test_faults_of_pages_and_examples_are_all_named_at_once(site):
    site.write(site.script, SCRIPT + "\nassert 1 == 2, 'a false example'\n")
    site.write(site.chapter, CHAPTER + cell("assert 1 == 2, 'a false chapter'"))
    site.write(
        site.chapter.parent / "other.md",
        CHAPTER.replace("A chapter", "Another") + cell("assert 1 == 2, 'a false other'"),
    )
    index = INDEX.replace("learn/chapter", "learn/chapter\nlearn/other")
    site.write(site.root / "docs" / "index.md", index)
    last = site.build().log.rpartition("The site was not built.")[2]
    for words in ("a false example", "a false chapter", "a false other"):
        assert words in last


def test_the_hosted_build_builds_the_same_site_and_fails_again_too(site):
    jobs = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text())["build"]["jobs"]
    (line,) = jobs["build"]["html"]
    words = shlex.split(line)
    assert words[:4] == ["env", "RNNEDU_DATA=notebook", "python", "-m"]
    words = [sys.executable, *words[3:]]  # on the prices at hand
    hosted = [word.replace("$READTHEDOCS_OUTPUT", "hosted") for word in words]
    assert site.build(command=hosted).status == 0
    assert site.build().status == 0
    there, here = (bytes_of(folder) for folder in (site.root / "hosted/html", site.html))
    assert set(there) - {n for n in there if n.startswith(".doctrees")} == set(here)
    assert {name: there[name] for name in here if name != ".buildinfo"} == {
        name: data for name, data in here.items() if name != ".buildinfo"
    }
    site.write(site.chapter, CHAPTER + "\nSee {doc}`nowhere`.\n")
    for _ in range(2):
        assert site.build(command=hosted).status != 0


def bytes_of(folder):
    """Return every file below a folder by its name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


# -- What is fresh rests, what is stale runs again -----------------------------------


def prices_in(folder, days=600):
    """Put a price file where RNNEDU_DATA_DIR would look for it."""
    import numpy as np
    import pandas as pd

    index = pd.bdate_range("2010-01-01", periods=days, name="Date")
    table = pd.DataFrame({"High": 50 + np.sin(np.arange(days))}, index=index)
    folder.mkdir(exist_ok=True)
    table.to_csv(folder / rnnedu.datasets.FILE_NAME)
    return {"RNNEDU_DATA": "", "RNNEDU_DATA_DIR": folder.name}


def test_what_is_fresh_rests_and_what_is_stale_runs_again(site):
    result = site.build()
    assert result.status == 0, result.log
    assert result.ran == ["chapter", "script"]
    assert "chapter shows 1" in site.page("learn/chapter")
    assert "script shows 1" in site.page("auto_gallery/plot_script")

    result = site.build()
    assert (result.status, result.ran) == (0, [])
    assert result.log.startswith("Nothing has changed since the last build")

    site.write(site.number, "VALUE = 2\n")
    result = site.build()
    assert result.ran == ["chapter", "script"], result.log
    assert "chapter shows 2" in site.page("learn/chapter")
    assert "script shows 2" in site.page("auto_gallery/plot_script")

    site.write(site.chapter, CHAPTER + cell("print('more')"))
    assert site.build().ran == ["chapter"]
    site.write(site.script, SCRIPT + "print('more')\n")
    assert site.build().ran == ["script"]
    site.write(site.chapter, site.chapter.read_text() + "\nMore words.\n")
    assert site.build().ran == []
    assert "More words." in site.page("learn/chapter")

    other = prices_in(site.root / "prices")
    result = site.build(**other)
    assert result.ran == ["chapter", "script"], result.log
    assert "was not used for these pages" in site.page("index")


def test_what_is_missing_or_altered_in_the_built_site_is_made_again(built):
    before = bytes_of(built.html)
    (built.html / "index.html").unlink()
    (built.html / "learn" / "chapter.html").write_text("altered")
    result = built.build()
    assert (result.status, result.ran) == (0, []), result.log
    assert bytes_of(built.html) == before


def test_a_page_that_is_gone_leaves_no_page(site):
    site.build()
    site.chapter.unlink()
    site.write(site.root / "docs" / "index.md", INDEX.replace("learn/chapter\n", ""))
    text = SCRIPT.replace("see :doc:`/learn/chapter`", "").replace(
        ":doc:`the chapter </learn/chapter>`", ""
    )
    site.write(site.script, text)
    result = site.build()
    assert result.status == 0, result.log
    assert not site.page("learn/chapter")


def test_what_changes_while_a_build_runs_is_built_by_the_next(site):
    edit = (
        "from pathlib import Path\n"
        "if os.environ.get('EDIT'):\n"
        "    for name in os.environ['EDIT'].split(os.pathsep):\n"
        "        path = Path(name)\n"
        "        path.write_text(path.read_text().replace('VALUE = 1', 'VALUE = 2')"
        ".replace('# A site', '# A new site'))"
    )
    site.write(site.chapter, CHAPTER + cell(edit))
    edited = [str(site.number), str(site.root / "docs" / "index.md")]
    first = site.build(EDIT=os.pathsep.join(edited))
    assert first.status == 0, first.log
    second = site.build()
    assert second.status == 0, second.log
    assert second.ran == ["chapter", "script"]
    assert "chapter shows 2" in site.page("learn/chapter")
    assert "A new site" in site.page("index")


def test_a_page_that_changes_while_a_build_runs_costs_no_other_page(site):
    edit = (
        "from pathlib import Path\n"
        "if os.environ.get('EDIT'):\n"
        "    path = Path(os.environ['EDIT'])\n"
        "    path.write_text(path.read_text().replace('# A site', '# A new site'))"
    )
    site.write(site.chapter, CHAPTER + cell(edit))
    assert site.build(EDIT=str(site.root / "docs" / "index.md")).status == 0
    second = site.build()
    assert (second.status, second.ran) == (0, []), second.log
    assert "A new site" in site.page("index")


@pytest.mark.parametrize("damage", ["database", "notebook"])
def test_a_damaged_cache_of_pages_is_made_anew(damage, site):
    site.build()
    cache = site.root / "docs" / "_build" / ".jupyter_cache"
    (notebook,) = cache.rglob("*.ipynb")
    damaged = {"database": cache / "global.db", "notebook": notebook}[damage]
    damaged.write_text("cut sho")
    site.write(site.chapter, CHAPTER + "\nMore words.\n")
    result = site.build()
    assert (result.status, result.ran) == (0, ["chapter"]), result.log


# -- Builds that are broken off, and two at once -------------------------------------

SLEEP = "import time\ntime.sleep(float(os.environ.get('{}', 0)))\n"


def processes_of(site):
    """Return the processes that a build of this site has left."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("RUNS") == str(site.root / "runs"):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def wait_until(holds, seconds=240):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("stage", ["script", "chapter", "writing output"])
def test_a_build_that_is_broken_off_leaves_nothing_and_can_be_taken_up(
    stage, how, site, monkeypatch
):
    site.write(site.script, SCRIPT + "\n" + SLEEP.format("SLEEP_SCRIPT"))
    site.write(site.chapter, CHAPTER + cell(SLEEP.format("SLEEP_CHAPTER")))
    log = site.root / "log"
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    monkeypatch.setenv(f"SLEEP_{stage.upper()}", "600")
    process = site.start(log)
    if stage in ("script", "chapter"):
        wait_until(lambda: stage in site.ran())
    else:
        wait_until(lambda: stage in log.read_text())
    os.killpg(process.pid, getattr(signal, how))
    process.wait(120)
    wait_until(lambda: not processes_of(site), 60)

    monkeypatch.delenv(f"SLEEP_{stage.upper()}")
    result = site.build()
    assert result.status == 0, result.log
    for name in ("index", "learn/chapter", "auto_gallery/plot_script"):
        assert site.page(name)
    assert list((site.root / "tmp").iterdir()) == []
    assert not (site.root / "docs" / "_build" / "scratch").exists()
    wait_until(lambda: not processes_of(site), 60)


def test_the_second_of_two_builds_waits_and_says_so(site, monkeypatch):
    site.write(site.chapter, CHAPTER + cell(SLEEP.format("SLEEP_CHAPTER")))
    monkeypatch.setenv("SLEEP_CHAPTER", "20")
    first = site.start(site.root / "log")
    wait_until(lambda: "chapter" in site.ran())
    second = site.build()
    assert first.wait(240) == 0
    assert second.status == 0, second.log
    assert second.log.startswith("Another build is at work in this folder: waiting")
    assert "Nothing has changed since the last build" in second.log
    assert "build succeeded" in (site.root / "log").read_text()


# -- The same bytes, wherever it is built --------------------------------------------


def test_builds_in_folders_of_other_names_are_equal_byte_for_byte(built, site):
    site.write(site.chapter, built.chapter.read_text())
    time.sleep(2.1)  # an archive counts time in steps of two seconds
    result = site.build()
    assert result.status == 0, result.log
    assert bytes_of(site.html) == bytes_of(built.html)


@pytest.mark.parametrize("source", ["make", "sphinx"])
def test_relative_folders_mean_the_callers_for_every_part(source, site):
    tell = "import rnnedu\nfrom rnnedu._cache import cache_dir\n"
    tell += "print('prices:', len(rnnedu.load_ibm()), cache_dir('weights').is_dir())\n"
    site.write(site.chapter, CHAPTER + cell(tell))
    site.write(site.script, SCRIPT + tell)
    caller = site.root / "caller"
    caller.mkdir()
    settings = prices_in(caller / "prices", 640) | {"RNNEDU_CACHE_DIR": "own/cache"}
    docs = [str(site.root / "docs"), str(site.html)]
    command = [sys.executable, "-m", "sphinx", *docs] if source == "sphinx" else None
    result = site.build(cwd=caller, command=command, **settings)
    assert result.status == 0, result.log
    for page in ("learn/chapter", "auto_gallery/plot_script"):
        assert "prices: 640 True" in re.sub("<.*?>", "", site.page(page))
    assert [p.parent for p in site.root.rglob("weights")] == [caller / "own" / "cache"]


# -- What a reader gets --------------------------------------------------------------


def test_alt_texts_reach_the_pages(site):
    site.write(site.chapter, CHAPTER + cell(DRAW + LABEL))
    site.write(site.script, SCRIPT + DRAW + LABEL + "ax.set_title('Title')\n")
    result = site.build()
    for page in ("learn/chapter", "auto_gallery/plot_script"):
        assert 'alt="A line that rises."' in site.page(page), result.log
    assert 'alt="Title"' not in site.page("auto_gallery/plot_script")


def test_a_page_from_the_cache_has_the_same_notebook(built):
    notebook = built.html / "learn" / "chapter.ipynb"
    fresh = json.loads(notebook.read_text())
    shown = [output for each in fresh["cells"] for output in each.get("outputs", [])]
    assert [o["output_type"] for o in shown] == ["stream", "display_data"]
    built.write(built.chapter, built.chapter.read_text() + "\nOne more sentence.\n")
    result = built.build()
    assert (result.status, result.ran) == (0, []), result.log
    cells = json.loads(notebook.read_text())["cells"]
    assert cells[:-1] == fresh["cells"]
    assert "One more sentence." in "".join(cells[-1]["source"])


def test_a_notebook_holds_what_a_reader_sees(built):
    assert '<a href="chapter.ipynb" download>' in built.page("learn/chapter")
    cells = json.loads((built.html / "learn" / "chapter.ipynb").read_text())["cells"]
    head, title, first, words, drawn, *_ = cells
    assert "install the package `rnnedu`" in "".join(head["source"])
    assert "".join(title["source"]) == "# A chapter"
    assert "print(" in "".join(first["source"])
    assert "The sum is 2.50." in "".join(words["source"])
    assert drawn["metadata"] == {"jupyter": {"source_hidden": True}}
    assert "subplots" in "".join(drawn["source"])
    whole = json.dumps(cells)
    for hidden in ("glue", "runs.write", "set_label", "assert"):
        assert hidden not in whole


def test_a_chapter_with_tasks_has_two_notebooks(site):
    words = ":::{dropdown} Solution in words\nTwo and two.\n:::\n"
    hint = "\n:::{dropdown} Hint 1\nIt is even.\n:::\n"
    site.write(site.chapter, CHAPTER + QUESTION + task() + hint + words)
    result = site.build()
    assert result.status == 0, result.log
    page = site.page("learn/chapter")
    student, solved = (
        json.loads((site.html / "learn" / f"{name}.ipynb").read_text())["cells"]
        for name in ("chapter", "chapter_solutions")
    )
    for name in ("chapter", "chapter_solutions"):
        assert f'<a href="{name}.ipynb" download>' in page
    code = {
        name: ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
        for name, cells in (("student", student), ("solved", solved))
    }
    stub, solution = "def four():\n    ...\n", "def four():\n    return 4\n"
    assert [stub in each for each in code["student"]].count(True) == 1
    assert not any("return" in each and "four()" in each[:12] for each in code["student"])
    assert [solution in each for each in code["solved"]].count(True) == 1
    assert not any(stub in each for each in code["solved"])
    told = {
        name: "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        for name, cells in (("student", student), ("solved", solved))
    }
    assert "<summary>Hint 1</summary>\n\nIt is even.\n\n</details>" in told["student"]
    assert "Two and two." in told["solved"] and "Two and two." not in told["student"]
    for text in told.values():
        assert "**Question.** What is one and one in " in text
        assert "- (b) 2." in text and "(b) right: One for each." in text
        assert ":::" not in text


def test_an_examples_notebook_names_pages_by_their_titles(built):
    downloads = built.html / "_downloads"
    (alone,) = downloads.rglob("plot_script.ipynb")
    (archive,) = downloads.rglob("*_jupyter.zip")
    with zipfile.ZipFile(archive) as files:
        (inside,) = (files.read(name).decode() for name in files.namelist())
    assert inside == alone.read_text()
    cells = json.loads(inside)["cells"]
    whole = "\n".join("".join(each["source"]) for each in cells)
    assert "install the package `rnnedu`" in whole
    assert "Words, and the chapter; see *A chapter*." in whole
    assert "runs.write" not in whole


def test_the_address_to_install_from_is_that_of_the_hosted_build(site):
    address = "https" + "://host.invalid/project"
    site.build(READTHEDOCS_GIT_CLONE_URL=address)
    notebook = (site.html / "learn" / "chapter.ipynb").read_text()
    assert f'%pip install \\"git+{address}\\"' in notebook


def test_nothing_of_the_build_is_left_in_the_folder_for_temporary_files(built):
    assert list((built.root / "tmp").iterdir()) == []
    assert not (Path(built.root) / "docs" / "_build" / "scratch").exists()
