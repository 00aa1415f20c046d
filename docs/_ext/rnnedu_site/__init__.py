"""What the build of this site does beyond Sphinx and its kept extensions.

`STAGES` lists our functions in the order in which Sphinx calls them. README.md, beside
this file, draws the whole build and says which file to open for which change. They are
named as "module:function", so that `build.py` can look at freshness alone.
"""

from pkgutil import resolve_name

# Within one event Sphinx calls small numbers first, and equal ones in the order of this
# list. Other extensions have numbers between these two, 500 if they name none.
FIRST, LAST = 0, 10_000

STAGES = [
    # The settings are read. sphinx-gallery and myst-nb have not looked at theirs yet.
    ("config-inited", "prices:choose", FIRST),
    ("config-inited", "freshness:forget_what_is_stale", FIRST + 1),
    # sphinx-gallery runs the examples here.
    ("builder-inited", "freshness:prepare_static_folder", FIRST),
    ("builder-inited", "examples:release_workers", LAST),
    ("builder-inited", "freshness:record_digest", LAST),
    # It is known which pages will be read.
    ("env-before-read-docs", "execution:execute_pages", LAST),
    # A page is about to be read again, or gone; then it has been read.
    ("env-purge-doc", "freshness:remove_page", FIRST),
    ("env-purge-doc", "explorers:forget_data", FIRST),
    ("doctree-read", "accessibility:describe_figures", LAST),
    ("doctree-read", "accessibility:fill_corners", LAST),
    ("doctree-read", "examples:show_cards", LAST),
    ("doctree-read", "practice:check_tasks", LAST),
    ("doctree-read", "notebooks:offer_notebooks", LAST),
    ("doctree-read", "explorers:take_data", LAST),
    # It is about to be written.
    ("doctree-resolved", "explorers:aim_links", LAST),
    ("html-page-context", "accessibility:correct_roles", LAST),
    ("html-page-context", "explorers:add_scripts", LAST),
    # Every page is written.
    ("build-finished", "notebooks:write_notebooks", LAST),
    ("build-finished", "explorers:write_data", LAST),
    ("build-finished", "freshness:record_success", LAST + 1),
]


def setup(app):
    """Register the settings and connect the stages."""
    resolve_name(
        "rnnedu_site.prices:make_folders_absolute"
    )()  # before anything changes the working directory
    app.add_config_value("rnnedu_results_depend_on", [], "", list)
    # A value of kind "env": where it is another, Sphinx reads all pages again.
    app.add_config_value("rnnedu_digest", "", "env", str)
    practice = resolve_name("rnnedu_site.practice")
    app.add_node(
        practice.html, html=(practice.open_html, practice.close_html), override=True
    )
    app.add_directive("question", practice.Question)
    app.add_directive("predict", practice.Predict)
    explorers = resolve_name("rnnedu_site.explorers")
    app.add_directive("explorer", explorers.Explorer)
    app.add_role("explore", explorers.explore)
    for event, name, priority in STAGES:
        app.connect(event, resolve_name(f"rnnedu_site.{name}"), priority)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
