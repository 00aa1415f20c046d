"""Write rnnedu/course_text.txt: the text of the course, from which networks generate text.

Run it by hand (``python docs/_ext/rnnedu_site/course_text.py``) when the course has changed
enough for the corpus to follow. It is a file of the package, so that a notebook that was
downloaded has it too.
"""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2]
PAGES = (
    "reference/glossary.md",
    "learn/time_series.md",
    "learn/first_network.md",
    "learn/recurrent_networks.md",
    "learn/vanishing_gradients.md",
    "learn/lstm.md",
    "learn/gru.md",
    "learn/deeper.md",
    "learn/forecasting.md",
    "learn/free_running.md",
)
LEFT_OUT = (
    r"\A---.*?^---$",  # the head
    r"^## Exercises$.*",
    r"^(```|:::)\{(code-cell|admonition)\}.*?^\1$",
    r"^```\w+$.*?^```$",
    r"^(```|:::|:\w+:|\|).*?$",  # other fences, options, tables
    r"\$\$.*?\$\$(\s*\(eq-[\w-]*\))?|\$.*?\$",
    r"`[^`<]*`(?=\{)|\{(glue:text|cite:.|eq|doc)\}`[^`]*`",
    r"[^a-z .,\n]",
)


def words(page: str) -> str:
    """Return a page's words in lower case: no code, no formulas, no numbers, no markup."""
    text = re.sub(r"\{term\}`([^<`]*)[^`]*`", r"\1", page)
    for part in LEFT_OUT:
        text = re.sub(part, "", text.lower(), flags=re.S | re.M | re.I)
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r" ?([.,])[.,\s]*(?=[.,])| (?=[.,])", "", text)  # holes before a stop


if __name__ == "__main__":
    corpus = " ".join(words((DOCS / page).read_text()) for page in PAGES)
    (DOCS.parent / "rnnedu" / "course_text.txt").write_text(corpus + "\n")
