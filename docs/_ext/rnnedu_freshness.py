"""Nothing stale survives a build.

sphinx-gallery runs an example again when its script changes, myst-nb a page when its
cells change. Neither sees a change in the package or the prices. So both are tied to one
digest of all that a computed number depends on.
"""

import hashlib
import shutil
from pathlib import Path

DIGEST_FILE = ".digest"


def digest(files, *facts: str) -> str:
    """Return one hash of the contents of `files` and of `facts`.

    Parameters
    ----------
    files : iterable of pathlib.Path
        What the numbers of the site depend on; their order does not matter.
    *facts : str
        What else they depend on: where the prices come from and their sha256, say.
    """
    whole = hashlib.sha256("\0".join(facts).encode())
    for path in sorted(files):
        whole.update(path.name.encode() + b"\0")
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def forget_what_is_stale(app, config) -> None:
    """If the digest is another, drop sphinx-gallery's records and generated pages.

    Without its records sphinx-gallery runs every example again. The generated pages are
    those of the reference, where a name that is gone would leave its page behind.
    """
    for folder in config.sphinx_gallery_conf["gallery_dirs"]:
        built = Path(app.srcdir, folder)
        recorded = built / DIGEST_FILE
        if recorded.is_file() and recorded.read_text() == config.rnnedu_digest:
            continue
        for record in built.rglob("*.md5"):
            record.unlink()
        for pages in (app.srcdir, app.outdir):
            shutil.rmtree(Path(pages, "reference", "generated"), ignore_errors=True)
        built.mkdir(parents=True, exist_ok=True)
        recorded.write_text(config.rnnedu_digest)


def setup(app):
    """Register the digest: as a value of kind 'env' it makes Sphinx read all anew."""
    app.add_config_value("rnnedu_digest", "", "env", str)
    # Before sphinx-gallery looks at its records, which it does at builder-inited.
    app.connect("config-inited", forget_what_is_stale)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
