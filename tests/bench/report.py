"""Turn what `make bench` measured into a table of ratios beside what they should reach."""

import datetime
import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path


def rows(measured):
    """Return one dict a row: what, seconds, the ratio and what it should reach.

    Parameters
    ----------
    measured : dict
        pytest-benchmark's own JSON.
    """
    seconds, facts = {}, {}
    for each in measured["benchmarks"]:
        group, params = each["group"], each["params"]
        key = group, *(str(v) for k, v in sorted(params.items()) if k != "name")
        facts[key] = each["extra_info"]
        seconds[key] = each["stats"]["median"] / facts[key].get("epochs", 1)

    table = []

    def row(what, value, unit, goal=None, holds=None, note=""):
        table.append(
            {
                "what": what,
                "value": value,
                "unit": unit,
                "goal": goal or "",
                "holds": holds,
                "note": note,
            }
        )

    def ratio(what, slow, fast, least, note=""):
        value = seconds[slow] / seconds[fast]
        row(what, value, "times as fast", f"at least {least:g}", value >= least, note)

    for name in ("lstm", "gru"):
        group = f"one epoch, {name}"
        for contender in ("floor", "PyTorch", "stock Keras", "rnnedu"):
            if (group, contender) in seconds:
                row(f"{group}: {contender}", seconds[group, contender], "s")
        own = group, "rnnedu"
        ratio(
            f"{group}: rnnedu against stock Keras",
            (group, "stock Keras"),
            own,
            2.0 if name == "lstm" else 1.0,
        )
        if (group, "PyTorch") in seconds:
            ratio(f"{group}: rnnedu against PyTorch", (group, "PyTorch"), own, 1.0)
        value = seconds[own] / seconds[group, "floor"]
        row(
            f"{group}: rnnedu over the floor",
            value,
            "times the time",
            "at most 1.8",
            value <= 1.8,
        )
        losses = [facts[group, c]["first loss"] for c in ("stock Keras", "rnnedu")]
        value = abs(losses[0] - losses[1]) / losses[0]
        row(
            f"{group}: first loss, relative difference to stock Keras",
            value,
            "",
            "at most 0.0001",
            value <= 1e-4,
        )

    group = "free running for a year, gru"
    for contender in ("predict loop", "rnnedu, first call", "rnnedu"):
        row(f"{group}: {contender}", seconds[group, contender], "s")
    ratio(
        f"{group}: later calls against the loop",
        (group, "predict loop"),
        (group, "rnnedu"),
        150,
    )
    value = facts[group, "predict loop"]["largest difference"]
    row(f"{group}: largest difference, scaled", value, "", "at most 1e-05", value <= 1e-5)

    group = "two seeds, lstm"
    for contender in ("one process of two threads", "two processes of one"):
        row(f"{group}: {contender}", seconds[group, contender], "s")
    ratio(
        f"{group}: two processes against one",
        (group, "one process of two threads"),
        (group, "two processes of one"),
        1.5,
    )

    value = seconds["import", "numpy, rnnedu"] - seconds["import", "numpy"]
    row("import rnnedu, beyond NumPy", value, "s", "at most 0.1", value <= 0.1)

    counts = sorted(int(key[1]) for key in seconds if key[0] == "windows")
    per_price = {}
    for count in counts:
        row(f"windows of {count:,} prices", seconds["windows", str(count)], "s")
        per_price[count] = facts["windows", str(count)]["peak bytes"] / count
        row(f"windows of {count:,} prices: peak memory", per_price[count], "bytes a price")
    value = per_price[counts[-1]] / per_price[counts[-2]]
    row(
        f"windows: memory a price, {counts[-1]:,} against {counts[-2]:,}",
        value,
        "times",
        "at most 1.1",
        value <= 1.1,
    )

    goals = {
        "cold": (240, 3e9),  # the first four examples and the course
        "unchanged": (3, None),
        "cold, all examples": (330, 3e9),
    }
    for key, taken in seconds.items():
        if key[0] != "the site":
            continue
        group, case = key
        longest, most = goals.get(case, (None, None))
        ran = facts[group, case]["executed"]
        row(
            f"the site, {case}",
            taken,
            "s",
            longest and f"at most {longest}",
            taken <= longest if longest else None,
            f"executed: {', '.join(ran) or 'nothing'}",
        )
        peak = facts[group, case]["peak bytes"]
        row(
            f"the site, {case}: peak memory",
            peak / 1e9,
            "GB",
            most and "under 3",
            peak < most if most else None,
        )
    for each in measured["benchmarks"]:
        if each["group"] == "bytes of a page":
            page, result = each["params"]["name"], each["extra_info"]
            row(f"{page}: all a browser asks for", result["bytes"] / 1e6, "MB")
            row(f"{page}: without pictures", result["without pictures"] / 1e6, "MB")
    return table


def main(source, target):
    """Write the table and what it was measured on to `target`, and print it."""
    measured = json.loads(Path(source).read_text())
    packages = ["tensorflow", "keras", "numpy", "sphinx", "torch"]
    about = {
        "date": f"{datetime.date.today()}",
        "machine": measured["machine_info"]["cpu"].get("brand_raw", platform.processor()),
        "cores": measured["machine_info"]["cpu"].get("count"),
        "versions": {"python": platform.python_version()}
        | {name: version(name) for name in packages},
    }
    table = rows(measured)
    Path(target).write_text(json.dumps({"about": about, "rows": table}, indent=1) + "\n")
    for each in table:
        mark = {True: "ok", False: "NOT REACHED", None: ""}[each["holds"]]
        print(
            f"{each['what']:<68} {each['value']:>10.4g} {each['unit']:<15} "
            f"{each['goal']:<16} {mark}  {each['note']}"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
