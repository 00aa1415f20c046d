"""Every public function shows how it is used, and what it shows is true."""

import doctest
import importlib
import inspect
import pkgutil

import matplotlib.pyplot as plt
import pytest
from numpydoc.validate import validate

import rnnedu

MODULES = sorted(
    f"rnnedu.{module.name}"
    for module in pkgutil.iter_modules(rnnedu.__path__)
    if not module.name.startswith("_")
)


def public_objects():
    """Every public function and class once, by the name under which it is imported."""
    found = {}
    for name in MODULES:
        module = importlib.import_module(name)
        names = getattr(module, "__all__", None) or vars(module)
        for each in names:
            value = getattr(module, each)
            own = getattr(value, "__module__", "") or ""
            plain = inspect.unwrap(value) if callable(value) else value
            if (
                not each.startswith("_")
                and (inspect.isfunction(plain) or inspect.isclass(plain))
                and (own == name or own.startswith(f"{name}."))
            ):
                found[f"{name}.{each}"] = value
    return found


PUBLIC = public_objects()
WITHOUT_EXAMPLE = {
    # Results: they are seen in the example of the function that returns them.
    "rnnedu.cells.Bidirectional",
    "rnnedu.cells.Comparison",
    "rnnedu.cells.Dense",
    "rnnedu.cells.Embedding",
    "rnnedu.cells.Recurrent",
    "rnnedu.gradients.Gradients",
    "rnnedu.metrics.DieboldMariano",
    "rnnedu.training.Trained",
    # As lstm_network and gru_network.
    "rnnedu.models.bidirectional_network",
    "rnnedu.models.lstm_gru_stack_network",
    "rnnedu.models.simple_rnn_network",
    # Of seed_study: `run_study` does it for all networks and seeds.
    "rnnedu.seed_study.run",
    # Trains for minutes; the command `python -m rnnedu task_runs` calls it.
    "rnnedu.task_runs.record_task_runs",
}


def test_the_public_objects_are_found():
    assert "rnnedu.cells.run_cell" in PUBLIC
    assert "rnnedu.metrics.rmse" in PUBLIC
    assert set(PUBLIC) >= WITHOUT_EXAMPLE


@pytest.mark.parametrize("name", PUBLIC)
def test_parameters_and_what_is_returned_are_described(name):
    wanted = {"PR01", "PR02", "RT01"}  # of a class, the attributes are described instead
    if not inspect.isclass(PUBLIC[name]):
        errors = [error for error in validate(name)["errors"] if error[0] in wanted]
        assert not errors


@pytest.mark.parametrize("name", PUBLIC)
def test_the_example_runs_and_shows_what_comes_out(name):
    value = PUBLIC[name]
    finder = doctest.DocTestFinder(recurse=False)
    examples = [test for test in finder.find(value, name) if test.examples]
    assert bool(examples) != (name in WITHOUT_EXAMPLE), "an Examples section, or its reason"
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in examples:
        test.globs = {}  # what it needs, it imports
        out = []
        runner.run(test, out=out.append)
        assert not runner.failures, "".join(out)
        for example in test.examples:  # a page shows 87 columns, prompt included
            assert max(map(len, example.source.splitlines())) + len(">>> ") <= 87
    plt.close("all")
