"""Explorers: networks in the page that a reader moves, with scripts of _static/explore.

The directive ``explorer`` marks the place of one. Its content, and the figure of the cell
below it, stand there where no script runs. The role ``explore`` is a link that sets an
explorer: of the same page if there is one of that name, otherwise on the explorer's own.

Numbers that an explorer needs are computed by a cell of a page, whose last expression is
`explorer_data.provide`. They are moved from the page into a file of their own, which the
browser loads once the page has been painted.
"""

import html
import json
import re
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives
from sphinx.util import logging

from rnnedu_site.practice import element

log = logging.getLogger(__name__)

FOLDER = "_static/explore"
SHARED = ("recurrent.js", "chart.js", "frame.js")  # in this order
WITHOUT_CELLS = {"lateness"}  # explorers that need no recurrent.js
MOST_BYTES_OF_SCRIPTS, MOST_BYTES_OF_DATA = 60_000, 400_000
NAMES = ("cell", "gradient", "training", "forecasts", "lateness")
DATA = re.compile(
    r'<script type="application/json" data-explorer="(\w+)">(.*?)</script>', re.S
)
LINK = re.compile(r"(?P<words>.+?)\s*<(?P<name>\w+):(?P<settings>[^>]*)>", re.S)


class Explorer(Directive):
    """The place of an explorer; the content is shown where no script runs.

    Its argument is the explorer's name. With ``settings``, such as ``kind=gru&x=0.5``, it
    begins there. The flag ``check`` has it compare its numbers with those of Python.
    """

    required_arguments = 1
    has_content = True
    option_spec: ClassVar = {"settings": directives.unchanged, "check": directives.flag}

    def run(self):
        """Return the element in which the script builds the explorer."""
        (name,) = self.arguments
        if name not in NAMES:
            raise self.error(f"there is no explorer {name!r}. Fix: {', '.join(NAMES)}.")
        if not self.content:
            raise self.error(
                "an explorer needs words for those who see it without scripts."
            )
        still = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, still)
        attrs = {"class": "explorer", "data-explorer": name, "id": f"explorer-{name}"}
        if "settings" in self.options:
            attrs["data-settings"] = html.escape(self.options["settings"])
        if "check" in self.options:
            attrs["data-check"] = "yes"
        shown = element("div", *still.children, class_="explorer-still")
        box = element("div", shown)
        box["attrs"] = attrs
        box["explorer"] = name
        return [box]


def explore(name, rawtext, text, lineno, inliner, options=None, content=None):
    """Return a link that sets an explorer: ``{explore}`words <cell:kind=gru&x=0.5>```."""
    found = LINK.fullmatch(text)
    if not found or found["name"] not in NAMES:
        message = inliner.reporter.error(
            f"{text!r} sets no explorer. Fix: write words <name:setting=value>, where the "
            f"name is one of {', '.join(NAMES)}.",
            line=lineno,
        )
        return [inliner.problematic(rawtext, rawtext, message)], [message]
    link = nodes.reference("", found["words"], internal=True)
    link["explorer"] = found["name"], found["settings"]
    link["refuri"] = f"#{found['name']}:{found['settings']}"
    return [link], []


# -- Stages --------------------------------------------------------------------------


def take_data(app, doctree) -> None:
    """Take the numbers out of a page that has been read; remember them with the page."""
    found = {}
    for raw in list(doctree.findall(nodes.raw)):
        match = DATA.search(raw.astext())
        if match:
            found[match[1]] = match[2]
            cell = raw
            while cell.parent is not doctree and "cell" not in cell.get("classes", []):
                cell = cell.parent
            cell.parent.remove(cell)
    if found:
        data_of(app.env)[app.env.docname] = found


def forget_data(app, env, docname) -> None:
    """Forget the numbers of a page that will be read again."""
    data_of(env).pop(docname, None)


def data_of(env) -> dict:
    """Return the numbers by page and name. They are kept with the pages that were read."""
    if not hasattr(env, "rnnedu_explorer_data"):
        env.rnnedu_explorer_data = {}
    return env.rnnedu_explorer_data


def aim_links(app, doctree, docname) -> None:
    """Let a link that sets an explorer lead to its page, if it is not on this one."""
    here = {box["explorer"] for box in doctree.findall(is_explorer)}
    for link in doctree.findall(lambda node: "explorer" in getattr(node, "attributes", ())):
        if isinstance(link, nodes.reference):
            name, settings = link["explorer"]
            page = (
                ""
                if name in here
                else app.builder.get_relative_uri(docname, f"explore/{name}")
            )
            link["refuri"] = f"{page}#{name}:{settings}"


def is_explorer(node) -> bool:
    """Whether a node is the place of an explorer."""
    return isinstance(node, nodes.Element) and isinstance(node.get("explorer"), str)


def add_scripts(app, pagename, templatename, context, doctree) -> None:
    """Give a page the scripts of its explorers, and no other page."""
    names = [box["explorer"] for box in doctree.findall(is_explorer)] if doctree else []
    if names:
        shared = SHARED[1:] if WITHOUT_CELLS.issuperset(names) else SHARED
        for script in (*shared, *(f"{name}.js" for name in dict.fromkeys(names))):
            app.add_js_file(f"explore/{script}", loading_method="defer")
        app.add_css_file("explore.css")


def write_data(app, exception) -> None:
    """Write the numbers into a file for each name, which a browser loads as a script."""
    if exception:
        return
    folder = Path(app.outdir, FOLDER, "data")
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for found in data_of(app.env).values():
        files |= found
    for name, text in files.items():
        script = f"rnnedu.receive({json.dumps(name)}, {text});\n"
        if len(script) > MOST_BYTES_OF_DATA:
            log.warning("the numbers of %s are %d bytes: too many.", name, len(script))
        (folder / f"{name}.js").write_text(script, "utf-8")
    for old in folder.glob("*.js"):
        if old.stem not in files:
            old.unlink()
