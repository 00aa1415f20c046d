"""Practice that answers back: questions with a reason for each answer, fill-in tasks.

Two directives show a question with radio buttons. ``question`` is one of a quiz;
``predict`` hides the output that follows it until the reader has chosen. The style sheet
shows the reason of the chosen answer. Without JavaScript no output is hidden, and print
shows everything.

A fill-in task is a row of code cells with these tags, in this order:

    practice-stub        what the learner completes, ending in a call of its check
    practice-wrong       a typical wrong answer with the check (hidden), at least two
    practice-solution    the solution, ending in the same call (folded)

All of them run in the build. Hints are dropdowns with a title that begins with *Hint*, the
solution in words is one that begins with *Solution*.
"""

import re

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.util import logging

from rnnedu_site import execution
from rnnedu_site.freshness import cache_folder

log = logging.getLogger(__name__)

OPTION = re.compile(r"^\[([ x])\] *")  # [x] stands before the right answer
SKIP = "Show me without a guess."
STUB, WRONG, SOLUTION = "practice-stub", "practice-wrong", "practice-solution"
PASSED, FAILED = "Correct.", "Not yet."


# -- Questions -----------------------------------------------------------------------


class html(nodes.General, nodes.Element):
    """An element of HTML, by its name `tag`, with the attributes `attrs`."""


def open_html(writer, node) -> None:
    """Write the start tag of an element."""
    attrs = "".join(f' {k}="{v}"' for k, v in node.get("attrs", {}).items())
    writer.body.append(f"<{node['tag']}{attrs}>")


def close_html(writer, node) -> None:
    """Write the end tag of an element that has one."""
    if node["tag"] != "input":
        writer.body.append(f"</{node['tag']}>")


def element(tag: str, *children, **attrs):
    """Return a node for an element of HTML; `class_` stands for ``class``."""
    attrs = {key.rstrip("_"): value for key, value in attrs.items()}
    return html("", *children, tag=tag, attrs=attrs)


class Question(Directive):
    """A question: words, then a list of answers, each with its reason below it.

    An answer begins with ``[ ]``, the right one with ``[x]``; the paragraphs after its
    first are the reason why it is right or wrong.
    """

    has_content = True
    kind = "question"

    def run(self):
        """Return the question as a field set; complain if it cannot be answered."""
        body = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, body)
        *words, answers = body.children or [None]
        if not isinstance(answers, nodes.bullet_list) or not words:
            raise self.error(f"a {self.kind} is words and then a list of answers.")
        options = [self.option(item) for item in answers.children]
        right = sum(is_right for is_right, _, _ in options)
        if right != 1:
            raise self.error(
                f"a {self.kind} has {right} right answers. Fix: mark one by [x]."
            )
        env = self.state.document.settings.env
        name = (
            f"{env.docname.rpartition('/')[2]}-{self.kind}-{env.new_serialno('question')}"
        )
        rows = [self.row(f"{name}-{k}", name, *each) for k, each in enumerate(options)]
        if self.kind == "predict":
            skip = element("span", nodes.Text(SKIP))
            rows.append(element("div", button(f"{name}-skip", name, skip), class_="option"))
        first, *more = words
        legend = element("legend", inline(first.children))
        return [element("fieldset", legend, *more, *rows, class_=self.kind)]

    def option(self, item):
        """Return whether an answer is right, its words and its reason."""
        first, *reason = item.children
        mark = OPTION.match(first.astext())
        if not mark:
            raise self.error(f"“{first.astext()}” begins with neither [ ] nor [x].")
        if not reason:
            answer = OPTION.sub("", first.astext())
            raise self.error(f"the answer “{answer}” has no reason below it.")
        rest = nodes.Text(OPTION.sub("", first.children[0].astext()))
        return mark[1] == "x", [rest, *first.children[1:]], reason

    @staticmethod
    def row(ident, group, is_right, words, reason):
        """Return an answer with its button, and below it the reason."""
        verdict = nodes.strong("", "Right. " if is_right else "Not quite. ")
        reason[0].insert(0, verdict)
        shown = element("div", *reason, class_="reason")
        said = element("div", shown, role="status")  # a screen reader tells what appears
        label = button(ident, group, inline(words))
        return element("div", label, said, class_="option")


def inline(words):
    """Return words in a span: a link in them must stand in a node of docutils for text."""
    return nodes.inline("", "", *words)


def button(ident: str, group: str, words):
    """Return a label with a radio button and its words."""
    radio = element("input", type="radio", name=group, id=ident)
    return element("label", radio, words, for_=ident)


class Predict(Question):
    """A question whose answer is the output of the next code cell."""

    kind = "predict"


# -- Tasks ---------------------------------------------------------------------------


def check_tasks(app, doctree) -> None:
    """Warn, and so fail the build, where a task of this page is not whole."""
    notebook = execution.read_page(app.env, app.env.docname)
    if notebook and has_tasks(notebook):
        cache = execution.open_cache(cache_folder(app))
        _, executed = cache.merge_match_into_notebook(notebook)
        page = app.env.doc2path(app.env.docname)
        for place, what in problems(executed):
            line = execution.line_in_page(page, notebook, place)
            log.warning(what, location=f"{page}:{line}")


def has_tasks(notebook) -> bool:
    """Whether a page has a fill-in task."""
    return any(task_tag(cell) for cell in notebook.cells)


def task_tag(cell):
    """Return which part of a task a cell is, or None."""
    tags = {STUB, WRONG, SOLUTION}.intersection(cell.metadata.get("tags", []))
    return tags.pop() if tags else None


def problems(notebook):
    """Yield the index of a cell and what is wrong with the task there.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        As it was executed.
    """
    stub, wrong = None, 0
    for place, cell in enumerate(notebook.cells):
        part = task_tag(cell)
        if part is None:
            continue
        if part == STUB:
            if stub is not None:
                yield (
                    stub,
                    "this task has no solution. Fix: add a cell with the tag " + SOLUTION,
                )
            stub, wrong = place, 0
        elif stub is None:
            yield place, f"a cell with the tag {part} has no stub before it."
            continue
        said = answer_of(cell)
        if not said.startswith((PASSED, FAILED)):
            yield place, "this cell of a task does not end in a call of its check."
        elif part == SOLUTION and not said.startswith(PASSED):
            yield place, f"the check does not pass the solution: {said}"
        elif part != SOLUTION and not said.startswith(FAILED):
            which = "the stub" if part == STUB else "a wrong answer"
            yield place, f"the check passes {which}."
        wrong += part == WRONG
        if part == SOLUTION:
            if wrong < 2:
                yield place, f"this task tries {wrong} wrong answers. Fix: try two."
            stub = None
    if stub is not None:
        yield stub, "this task has no solution. Fix: add a cell with the tag " + SOLUTION


def answer_of(cell) -> str:
    """Return what the last expression of a cell gave, as text."""
    shown = [o for o in cell.get("outputs", []) if o.output_type == "execute_result"]
    return shown[-1].data.get("text/plain", "") if shown else ""


# -- In notebooks --------------------------------------------------------------------


def questions_in_words(text: str) -> str:
    """Return Markdown with each question as a list, its answers folded below."""
    return re.sub(
        r"^:::\{(?:question|predict)\}\n(.*?)^:::$\n?", _in_words, text, flags=re.S | re.M
    )


def _in_words(match) -> str:
    words, *options = re.split(r"^- (?=\[[ x]\])", match[1], flags=re.M)
    shown, reasons = [], []
    for letter, option in zip("abcdefgh", options, strict=False):
        answer, _, reason = option.partition("\n\n")
        verdict = "right" if answer.startswith("[x]") else "not quite"
        shown.append(f"- ({letter}) {' '.join(OPTION.sub('', answer).split())}")
        reasons.append(f"({letter}) {verdict}: {' '.join(reason.split())}")
    answers = "<br>\n".join(reasons)
    return (
        f"**Question.** {words.strip()}\n\n" + "\n".join(shown) + "\n\n"
        f"<details><summary>Answers</summary>\n\n{answers}\n\n</details>\n"
    )


def dropdowns_in_words(text: str, with_solutions: bool) -> str:
    """Return Markdown with dropdowns as folded details, or without the solutions."""

    def one(match):
        title, body = match[1], match[2].strip()
        if title.startswith("Solution") and not with_solutions:
            return ""
        return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>\n"

    dropdown = r"^:::\{dropdown\} ([^\n]*)\n(.*?)^:::$\n?"
    return re.sub(dropdown, one, text, flags=re.S | re.M)
