"""Kernels that have TensorFlow from the start: forks of one process that imported it.

Each page with code runs in a process of its own, a kernel, and to import TensorFlow takes
seconds in each. Where many pages are to run, on Linux, one process, the server, imports it
once. What Jupyter starts as a kernel is then `wait_for_fork`: it asks the server to fork,
and lives as long as the fork. While the server is not ready yet, it becomes a kernel as
Jupyter would have started it.
"""

# What waits for a fork is to start at once: all but these is imported where it is needed.
import os
import socket
import sys

MANY = 3  # pages; for fewer, the server takes longer than it saves


def wait_for_fork(address: str, *arguments: str) -> None:
    """Have a kernel forked, with Jupyter's arguments, and wait for its end; or be one."""
    import json
    import signal

    with socket.socket(socket.AF_UNIX) as server:
        try:
            server.connect(address)
        except OSError:
            launcher = [sys.executable, "-m", "ipykernel_launcher", *arguments]
            os.execv(sys.executable, launcher)
        # When a page is done, Jupyter interrupts its kernel first: that ends this process,
        # without a word, and the fork with it. To be asked nicely takes ipykernel seconds.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        environ = dict(os.environ)
        asked = {"arguments": arguments, "cwd": os.getcwd(), "environ": environ}
        server.sendall(json.dumps(asked).encode() + b"\n")
        server.recv(1)  # nothing ever comes; the fork's end closes the connection


def import_all() -> None:
    """Import what pages and examples import.

    No garbage is looked for meanwhile: that is a quarter of the time it would take.
    """
    import gc

    collects = gc.isenabled()
    gc.disable()
    import matplotlib.pyplot  # noqa: F401

    import rnnedu

    for name in rnnedu.__all__:  # they import what they need when they are asked for
        getattr(rnnedu, name)
    gc.freeze()  # what was imported stays; it need not be looked through any more
    if collects:
        gc.enable()


def serve(address: str) -> None:
    """Import what pages import, then fork a kernel for each that asks, until stdin ends."""
    import select
    import signal

    del sys.path[0]  # this file's folder, which is on no page's path
    import_all()
    from ipykernel.kernelapp import IPKernelApp  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # leaves no zombies

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{address}.new")
        listener.listen()
        os.rename(f"{address}.new", address)  # it is there when it answers
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            asking, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                become_kernel(asking)
                sys.exit()  # where it was asked to end, and not interrupted
            asking.close()


def become_kernel(asking: socket.socket) -> None:
    """Run as the kernel that was asked for; end at once when who asked is gone."""
    import json
    import threading

    from ipykernel.kernelapp import IPKernelApp

    asked = json.loads(asking.makefile().readline())
    os.environ.clear()
    os.environ.update(asked["environ"])
    os.chdir(asked["cwd"])

    def follow() -> None:
        asking.recv(1)
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
    # Whoever its parent is, the kernel need not watch it (1 says so): `follow` does.
    IPKernelApp.launch_instance([*asked["arguments"], "--IPKernelApp.parent_handle=1"])


def begin_early(app) -> None:
    """Start the server before the gallery, while a core is idle, if all will be read."""
    if reads_all(app.env):
        start_for(app, app.srcdir.rglob("*.md"))


def begin(app, env, docnames) -> None:
    """Start the server if many pages, though not all, are about to be read."""
    if not reads_all(env):
        start_for(app, map(env.doc2path, docnames))


def reads_all(env) -> bool:
    """Whether Sphinx will read all pages anew: at first, or when the settings changed."""
    from sphinx.environment import CONFIG_OK

    return env.config_status != CONFIG_OK


def start_for(app, pages) -> None:
    """Start the server, if that many pages have code, until the build ends."""
    import tempfile

    markdown = [page.read_text("utf-8") for page in pages if page.suffix == ".md"]
    if sum("{code-cell}" in text for text in markdown) < MANY:
        return
    if not sys.platform.startswith("linux"):
        return
    folder = tempfile.TemporaryDirectory(prefix="rnnedu-kernels-")
    address = describe_kernel(folder.name)
    paths = [folder.name, os.environ.get("JUPYTER_PATH")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, paths))
    server = start_server(address)

    def end(*_) -> None:
        server.stdin.close()
        server.wait()
        folder.cleanup()

    app.connect("build-finished", end)


def describe_kernel(folder: str) -> str:
    """Tell Jupyter, in a folder of its JUPYTER_PATH; return the server's address."""
    import json
    from pathlib import Path

    address = str(Path(folder, "server"))
    argv = [sys.executable, "-E", "-S", __file__, address, "-f", "{connection_file}"]
    argv.append("--log-level=ERROR")  # each would warn of TCP without encryption
    about = {"argv": argv, "display_name": "Python 3 (ipykernel)", "language": "python"}
    kernel = Path(folder, "kernels", "python3", "kernel.json")
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps(about))
    return address


def start_server(address: str):
    """Start the server; it ends when its stdin does."""
    import subprocess

    # In a session of its own, Ctrl-C does not reach it; the end of Sphinx does.
    this = [sys.executable, __file__, address]
    return subprocess.Popen(this, stdin=subprocess.PIPE, start_new_session=True)


def setup(app):
    """Connect to what comes before the gallery, and before pages are read."""
    app.connect("builder-inited", begin_early, priority=100)
    app.connect("env-before-read-docs", begin)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    serve(*sys.argv[1:]) if len(sys.argv) == 2 else wait_for_fork(*sys.argv[1:])
