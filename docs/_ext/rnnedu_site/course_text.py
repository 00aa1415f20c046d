"""Write rnnedu/course_text.txt: the text of the course, from which networks generate text.

Run it by hand (``python docs/_ext/rnnedu_site/course_text.py``) when the course has changed
enough for the corpus to follow. It is a file of the package, so that a notebook that was
downloaded has it too.
"""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2]
PAGES = (  # about 65,000 characters: more would make the chapter's training longer
    "reference/glossary.md",
    "learn/time_series.md",
    "learn/recurrent_networks.md",
    "learn/vanishing_gradients.md",
    "learn/lstm.md",
    "learn/gru.md",
)
LEFT_OUT = (
    r"\A---.*?^---$",  # the head
    r"^## Practice\.?$.*",
    r"^(```|:::)\{(?!glossary|tip)[\w-]+\}.*?^\1$",  # code and what asks the reader
    r"^```\w+$.*?^```$",
    r"^(```|:::|:\w+:|\|).*?$",  # other fences, options, tables
    r"\*(Formula|Symbol)\*.*?(?=\*First)|\*First\s+used\s+in\*",  # ends of glossary entries
    r"\$\$.*?\$\$(\s*\(eq-[\w-]*\))?|\$.*?\$",
    r"\{(glue:text|cite:.|eq|doc)\}`[^`]*`|`[^`]*`",
    r"[^a-z .,\n]",
)


def words(page: str) -> str:
    """Return a page's words in lower case: no code, no formulas, no numbers, no markup."""
    text = re.sub(r"\{term\}`([^<`]*)[^`]*`", r"\1", page)
    text = re.sub(r"^(#+ .*?)[.?!]?$", r"\1.", text, flags=re.M)  # a heading is a sentence
    for part in LEFT_OUT[:-1]:
        text = re.sub(part, "", text, flags=re.S | re.M | re.I)
    text = text.translate(
        {ord(a): b for a, b in zip("?!:;-", "..,, ", strict=True)}
    ).lower()
    text = re.sub(r"\s+", " ", re.sub(LEFT_OUT[-1], "", text)).strip()
    return re.sub(r" ?([.,])[.,\s]*(?=[.,])| (?=[.,])", "", text)  # holes before a stop


if __name__ == "__main__":
    corpus = " ".join(words((DOCS / page).read_text()) for page in PAGES)
    (DOCS.parent / "rnnedu" / "course_text.txt").write_text(corpus + "\n")
