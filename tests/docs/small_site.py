"""A small site for tests: the real settings, extension and package, with tiny pages."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILD = "docs/_ext/rnnedu_site/build.py"

HEAD = """---
file_format: mystnb
kernelspec:
  name: python3
---

"""
INDEX = """# A site

```{toctree}
learn/chapter
auto_gallery/index
```
"""
CHAPTER = (
    HEAD
    + """# A chapter

```{code-cell} python
import os
from rnnedu import number
print("chapter shows", number.VALUE)
```

```{code-cell} python
:tags: [remove-cell]

from myst_nb import glue
with open(os.environ["RUNS"], "a") as runs:
    runs.write("chapter\\n")
glue("sum", 2.5, display=False)
```

The sum is {glue:text}`sum:.2f`.
"""
)
SCRIPT = '''"""
Script
======

Words, and :doc:`the chapter </learn/chapter>`; see :doc:`/learn/chapter`.
"""

import os
from rnnedu import number

# sphinx_gallery_start_ignore
with open(os.environ["RUNS"], "a") as runs:
    runs.write("script\\n")
# sphinx_gallery_end_ignore
print("script shows", number.VALUE)
'''
DRAW = """
import matplotlib.pyplot as plt
fig, ax = plt.subplots()
"""


def cell(code, tags=""):
    """Return a code cell for the end of a page."""
    options = f":tags: [{tags}]\n\n" if tags else ""
    return f"\n```{{code-cell}} python\n{options}{code.strip()}\n```\n"


@dataclass
class Result:
    """What a build left: status, log, and which pages ran."""

    status: int
    log: str
    ran: list[str] = field(default_factory=list)


class SmallSite:
    """The site in a folder; its index, one chapter and one example are texts to change."""

    def __init__(self, root):
        """Lay the site out below `root`."""
        self.root = root
        self.html = root / "docs" / "_build" / "html"
        shutil.copytree(
            ROOT / "docs",
            root / "docs",
            ignore=lambda folder, names: (
                {*names} - {"_ext", "_static", "_templates", "conf.py", "reference"}
                if Path(folder) == ROOT / "docs"
                else {"__pycache__", "generated", "backreferences"} & {*names}
                | {name for name in names if Path(name).suffix in (".md", ".rst", ".png")}
            ),
        )
        shutil.copytree(
            ROOT / "rnnedu", root / "rnnedu", ignore=shutil.ignore_patterns("__pycache__")
        )
        for name in ("constraints.txt", "pyproject.toml"):
            shutil.copy(ROOT / name, root)
        conf = root / "docs" / "conf.py"
        conf.write_text(
            conf.read_text() + "\ndel sphinx_gallery_conf['subsection_order']\n"
            "rnnedu_results_depend_on.remove('docs/reference/index.rst')\n"
            "extensions.remove('sphinxcontrib.bibtex')\n"
        )
        self.chapter = root / "docs" / "learn" / "chapter.md"
        self.script = root / "gallery" / "plot_script.py"
        self.number = root / "rnnedu" / "number.py"
        self.write(root / "docs" / "index.md", INDEX)
        self.write(self.chapter, CHAPTER)
        self.write(self.script, SCRIPT)
        self.write(self.number, "VALUE = 1\n")
        self.write(root / "gallery" / "README.txt", "Gallery\n=======\n")

    @staticmethod
    def write(path, text):
        """Write a file, and its folder if need be."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def command(self):
        """Return how a build is started, and its environment."""
        runs = self.root / "runs"
        runs.write_text("")
        settings = {"RUNS": str(runs), "RNNEDU_DATA": "embedded", "NO_COLOR": "1"}
        settings["TMPDIR"] = str(self.root / "tmp")
        (self.root / "tmp").mkdir(exist_ok=True)
        dropped = ("RNNEDU_DATA_DIR", "PYTHONPATH", "MPLBACKEND")
        env = {k: v for k, v in os.environ.items() if k not in dropped}
        return [sys.executable, str(self.root / BUILD)], env | settings

    def start(self, log):
        """Start a build in a group of its own, as a terminal does; it writes to `log`."""
        command, env = self.command()
        with log.open("w") as file:
            return subprocess.Popen(
                command,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def build(self, *, command=None, cwd=None, **settings):
        """Build to the end and return what came of it."""
        own, env = self.command()
        result = subprocess.run(
            command or own,
            env=env | settings,
            cwd=cwd or self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        log = re.sub(r"\x1b\[[\d;]*m", "", result.stdout)
        return Result(result.returncode, log, self.ran())

    def ran(self):
        """Return which pages have run in the last build, in alphabetical order."""
        return sorted((self.root / "runs").read_text().split())

    def page(self, name):
        """Return the text of a built page, or nothing if it is not there."""
        path = self.html / f"{name}.html"
        return path.read_text("utf-8") if path.is_file() else ""
