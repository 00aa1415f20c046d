"""The command line: ``python -m rnnedu`` with ``data``, ``study`` and others."""

import argparse
import sys

from rnnedu.datasets import SOURCES, load_ibm
from rnnedu.windows import make_windows


def data(_) -> None:
    """Print which prices would be used: source, rows, dates, sha256, split."""
    prices = load_ibm()
    windows = make_windows(prices)
    about = prices.attrs
    for label, text in {
        "source": f"{about['source']} ({SOURCES[about['source']]})",
        "file": about["name"],
        "rows": f"{about['rows']}",
        "dates": f"{about['first']} to {about['last']}",
        "sha256": about["sha256"],
        "split": f"{len(windows.train_prices)} days to train on, "
        f"to {windows.train_prices.index[-1]:%Y-%m-%d}; "
        f"{len(windows.test_prices)} to test on, in {windows.test_year}",
    }.items():
        print(f"{label:<7} {text}")


def study(chosen) -> None:
    """Train networks from many seeds and keep one row per run in a file."""
    from rnnedu.models import RECIPES
    from rnnedu.seed_study import run_study

    if (chosen.backend == "dask") != (chosen.scheduler is not None):
        raise ValueError(
            "--backend dask and --scheduler ADDRESS go together. Fix: give both or none."
        )
    names = chosen.networks.split(",") if chosen.networks else list(RECIPES)
    rows = run_study(
        load_ibm(),
        names,
        chosen.seeds,
        chosen.output,
        epochs=chosen.epochs,
        jobs=chosen.jobs,
        scheduler=chosen.scheduler,
    )
    count = rows["network"].nunique()
    print(f"{chosen.output} holds {len(rows)} runs of {count} networks.")


def task_runs(chosen) -> None:
    """Train the small networks of the course from ten seeds, and write their file."""
    from rnnedu.task_runs import SEEDS, SETTINGS, record_task_runs

    record_task_runs(chosen.output)
    print(f"{chosen.output} holds {len(SETTINGS)} networks, {len(SEEDS)} runs of each.")


def improvements(chosen) -> None:
    """Train every step of the chapter *From losing to winning*, and write its file."""
    from rnnedu.improvements import STEPS, record_improvement_runs

    record_improvement_runs(chosen.output, load_ibm())
    print(f"{chosen.output} holds {len(STEPS)} steps, {sum(s.seeds for s in STEPS)} runs.")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m rnnedu", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("data", help="print which prices would be used").set_defaults(
        run=data
    )
    runs = commands.add_parser("study", help="run networks from many seeds")
    runs.add_argument("--seeds", type=int, default=20, help="how many, from 0 (20)")
    runs.add_argument("--models", dest="networks", help="names with commas (all)")
    runs.add_argument("--epochs", type=int, default=50, help="of each training (50)")
    runs.add_argument("--output", default="study.csv", help="the file (study.csv)")
    runs.add_argument("--jobs", type=int, default=-1, help="processes (one per core)")
    runs.add_argument("--backend", choices=["joblib", "dask"], default="joblib")
    runs.add_argument("--scheduler", help="address of a Dask scheduler")
    runs.set_defaults(run=study)
    small = commands.add_parser("task_runs", help="run the course's small networks")
    small.add_argument("--output", default="task_runs.csv", help="the file (task_runs.csv)")
    small.set_defaults(run=task_runs)
    steps = commands.add_parser("improvements", help="run the steps from losing to winning")
    steps.add_argument(
        "--output", default="improvement_runs.csv", help="the file (improvement_runs.csv)"
    )
    steps.set_defaults(run=improvements)
    chosen = parser.parse_args(arguments)
    try:
        chosen.run(chosen)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
