"""The command line: ``python -m rnnedu data``."""

import argparse
import sys

from rnnedu.datasets import SOURCES, load_ibm
from rnnedu.windows import make_windows


def data() -> None:
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
        "split": f"{len(windows.train)} days to train on, "
        f"to {windows.train.index[-1]:%Y-%m-%d}; "
        f"{len(windows.test)} to test on, in {windows.test_year}",
    }.items():
        print(f"{label:<7} {text}")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m rnnedu", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("data", help="say which prices would be used").set_defaults(
        run=data
    )
    chosen = parser.parse_args(arguments)
    try:
        chosen.run()
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
