"""What users and builders rely on outside the package: commands, pins, hosted build."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]


def tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_every_version_is_pinned_and_no_address_is_named():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert len(pins) > 50
    for pin in pins:
        assert re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9A-Za-z.+!]+", pin)


def test_what_is_installed_is_what_is_pinned():
    from importlib.metadata import distributions

    def plain(name):
        return re.sub(r"[-_.]+", "-", name).lower()

    pins = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    )
    pins = {plain(name): version for name, version in pins.items()}
    made_by_venv = {"pip", "setuptools", "wheel", "rnnedu"}
    installed = {
        plain(d.metadata["Name"]): d.version.split("+")[0] for d in distributions()
    }
    unpinned = {k: v for k, v in installed.items() if pins.get(k) != v}
    assert set(unpinned) <= made_by_venv


def test_the_price_file_is_never_committed():
    for path in tracked():
        assert not re.match("IBM_.*csv", path.name)
        header = path.read_text().partition("\n")[0] if path.suffix == ".csv" else ""
        assert not re.search(r"Date|Open|Close", header)


def test_no_host_but_the_public_copies_and_no_machine_path_is_named():
    allowed = {
        "raw.githubusercontent.com",  # the public copies of the prices
        "www.w3.org",  # the name of SVG
        "127.0.0.1",
    }
    machine = (f"{ROOT}/", f"{Path.home()}/")
    for path in tracked():
        if path.suffix in (".png", ".npz"):
            continue
        text = path.read_text()
        hosts = {host.split(":")[0] for host in re.findall(r"https?://([\w.:-]+)", text)}
        assert hosts <= allowed, path
        assert not [each for each in machine if each in text], path


def test_the_makefile_has_the_promised_targets():
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M)[1].split()
    assert {"html", "test", "check", "bench", "clean"} <= set(phony)


def test_the_hosted_build_is_the_same_build():
    hosted = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text())
    assert hosted["version"] == 2
    (install,), (build,) = (
        hosted["build"]["jobs"]["install"],
        hosted["build"]["jobs"]["build"]["html"],
    )
    assert "--constraint constraints.txt" in install
    assert shlex.split(build)[:2] == ["env", "RNNEDU_DATA=notebook"]
    assert (
        "python -m sphinx -n -W --keep-going -b html docs $READTHEDOCS_OUTPUT/html" in build
    )


def test_one_version_everywhere():
    import rnnedu

    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert cited["version"] == rnnedu.__version__
    assert rnnedu.__version__ in (ROOT / "CHANGELOG.md").read_text()


def test_links_of_the_papers_at_the_top_lead_somewhere():
    for paper in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^):]+)\)", (ROOT / paper).read_text()):
            assert (ROOT / target).exists(), (paper, target)


def test_counts_in_words_are_the_counts():
    words = {10: "ten", 15: "fifteen", 16: "sixteen", 17: "seventeen"}
    chapters = [p for p in (ROOT / "docs" / "learn").glob("*.md") if p.stem != "index"]
    notebook = (ROOT / "docs" / "reference" / "notebook.md").read_text()
    notes = words[len(re.findall(r"^## \d+\. ", notebook, re.M))]
    readme = (ROOT / "README.md").read_text()
    assert f"{words[len(chapters)]} chapters" in readme
    assert f"in {notes} notes" in readme
    assert f"{notes} things" in notebook


def test_the_makefile_takes_the_versions_of_python_that_the_package_takes():
    wanted = r'^requires-python = ">=3\.(\d+),<3\.(\d+)"$'
    found = re.search(wanted, (ROOT / "pyproject.toml").read_text(), re.M)
    least, below = found.groups()
    taken = f"(3, {least}) <= sys.version_info < (3, {below})"
    assert taken in (ROOT / "Makefile").read_text()


def test_an_interpreter_that_will_not_do_leaves_no_environment(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    too_new = tmp_path / "python-of-tomorrow"
    tomorrow = "sys.version_info, sys.version = (3, 14), '3.14.0'"
    too_new.write_text(f"#!{sys.executable}\nimport sys\n{tomorrow}\nexec(sys.argv[2])\n")
    too_new.chmod(0o755)
    broken = tmp_path / "python-without-venv"
    broken.write_text(
        f'#!/bin/sh\n[ "$1" = -c ] && exec {sys.executable} "$@"\n'
        "mkdir -p .venv/bin; touch .venv/bin/python; exit 1\n"
    )
    broken.chmod(0o755)
    for interpreter, words in ((too_new, "Fix: name one"), (broken, "")):
        made = subprocess.run(
            ["make", ".venv/bin/python", f"PYTHON={interpreter}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert made.returncode
        assert words in made.stderr
        assert not (tmp_path / ".venv").exists()


@pytest.fixture
def project(tmp_path):
    """The Makefile in a folder of its own, with an interpreter that only keeps a diary."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    stub = tmp_path / "stub"
    stub.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = -c ]; then exit 0; fi\n'
        'if [ "$2" = venv ]; then mkdir -p .venv/bin; cp stub .venv/bin/python; exit; fi\n'
        'echo "begin $*" >> diary; sleep 0.2; echo "end $*" >> diary\n'
        'if [ "$2" = pip ] && [ -e killed ]; then kill -9 $PPID; fi\n'
        'if [ "$2" = pip ] && [ -e offline ]; then exit 1; fi\n'
    )
    stub.chmod(0o755)
    return tmp_path


def make(project, *targets, **settings):
    command = ["make", f"PYTHON={project / 'stub'}", *targets]
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")} | settings
    return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True)


def test_parallel_make_does_one_thing_after_the_other(project):
    made = make(project, "test", "html", MAKEFLAGS="-j4")
    assert made.returncode == 0, made.stderr
    diary = (project / "diary").read_text().splitlines()
    assert len(diary) >= 2 * 5  # two installs, the linter, the tests, the site
    for begin, end in zip(diary[::2], diary[1::2], strict=True):
        assert begin.replace("begin", "end") == end


def installs(project):
    diary = (project / "diary").read_text().splitlines()
    return [line for line in diary if line.startswith("begin -m pip")]


def test_a_second_make_waits_for_the_first_and_installs_nothing(project):
    command = ["make", f"PYTHON={project / 'stub'}", ".venv/docs.installed"]
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    both = [
        subprocess.Popen(command, cwd=project, env=env, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = "".join(process.communicate()[0] for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert said.count("Another make installs into .venv: waiting for its end.") == 1
    assert len(installs(project)) == 1
    assert not (project / ".venv.lock").exists()


def test_the_lock_of_a_make_that_was_killed_is_free(project):
    (project / ".venv.lock").mkdir()
    dead = subprocess.Popen(["true"])
    dead.wait()
    (project / ".venv.lock" / "pid").write_text(f"{dead.pid}\n")
    assert make(project, ".venv/docs.installed").returncode == 0
    assert len(installs(project)) == 1
    assert not (project / ".venv.lock").exists()


def test_an_install_that_was_killed_is_made_again(project):
    (project / "killed").touch()
    assert make(project, ".venv/docs.installed").returncode != 0
    (project / ".venv" / "half a package").touch()
    (project / "killed").unlink()
    made = make(project, ".venv/docs.installed")
    assert made.returncode == 0, made.stderr
    assert "An install was broken off: .venv is made again." in made.stdout
    assert not (project / ".venv" / "half a package").exists()


def test_an_install_that_pip_gives_up_costs_nothing_that_was_there(project):
    assert make(project, ".venv/docs.installed").returncode == 0
    (project / ".venv" / "a package").touch()
    (project / "offline").touch()
    for _ in range(2):
        result = make(project, ".venv/test.installed")
        assert result.returncode != 0
        assert "made again" not in result.stdout
    assert (project / ".venv" / "a package").exists()


def test_a_copied_project_finds_its_own_package(tmp_path):
    first, copy = tmp_path / "first", tmp_path / "copy"
    (first / "rnnedu").mkdir(parents=True)
    (first / "rnnedu" / "__init__.py").touch()
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", first / ".venv"], check=True
    )
    python = first / ".venv" / "bin" / "python"
    code = re.search(
        r"^THIS_COPY := \"(.*?)\"$", (ROOT / "Makefile").read_text(), re.M | re.S
    )
    subprocess.run([python, "-c", code[1].replace("\\\n", "")], check=True)
    (packages,) = first.glob(".venv/lib/*/site-packages")
    (packages / "_editable_impl_rnnedu.pth").write_text(f"{first}\n")
    shutil.copytree(first, copy, symlinks=True)
    for project in (first, copy):
        result = subprocess.run(
            [
                project / ".venv" / "bin" / "python",
                "-c",
                "import rnnedu; print(rnnedu.__file__)",
            ],
            cwd=tmp_path,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            capture_output=True,
            text=True,
        )
        assert Path(result.stdout.strip()).is_relative_to(project), result.stderr
