"""Adds up what each suite's own report says: `report.py RESULTS FIGURES`; exit code 1 unless everything passed."""

from __future__ import annotations

import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree
from typing import Dict, List, NamedTuple, Tuple


class Counts(NamedTuple):
    """What a suite says of itself."""

    passed: int
    failed: List[str]
    skipped: Dict[str, str]


def read_xunit(path: pathlib.Path) -> Counts:
    """The runner's `-result-xml` report. An error outside of a test counts as a failure."""
    passed, failed, skipped = 0, [], {}
    root = ElementTree.parse(path).getroot()
    for test in root.iter("test"):
        name, result = test.get("name", "?"), test.get("result")
        if result == "Pass":
            passed += 1
        elif result == "Skip":
            skipped[name] = (test.findtext("reason") or "").strip()
        elif result != "NotRun":
            failed.append(name)
    for error in root.iter("error"):
        failed.append(f"{error.get('type', 'error')}: {error.get('name', 'outside of a test')}")
    return Counts(passed, failed, skipped)


def read_unittest(path: pathlib.Path) -> Counts:
    return Counts(**json.loads(path.read_text(encoding="utf-8")))


def read_suite(exit_file: pathlib.Path) -> Counts:
    """A suite that left no report, ran nothing, or ended badly without a failed test is a failure of its own."""
    name, code = exit_file.stem, int(exit_file.read_text())
    xml, counted = exit_file.with_name(f"{name}.xml"), exit_file.with_name(f"{name}.json")
    try:
        counts = read_xunit(xml) if xml.exists() else read_unittest(counted)
    except (OSError, ValueError, ElementTree.ParseError) as problem:
        why = "ran out of time" if code in (124, 137) else f"ended with exit code {code}"
        return Counts(0, [f"the suite {why} and left no report ({type(problem).__name__})"], {})
    if code != 0 and not counts.failed:
        counts.failed.append(f"the suite ended with exit code {code}")
    if counts.passed + len(counts.failed) + len(counts.skipped) == 0:
        counts.failed.append("the suite ran no tests")
    return counts


def figure_key(line: str) -> Tuple[int, str]:
    number = re.match(r"T(\d+)", line)
    return (int(number.group(1)) if number else sys.maxsize, line)


def print_figures(path: pathlib.Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()] if path.exists() else []
    if not lines:
        return
    print("\nFigures")
    for line in sorted(lines, key=figure_key):
        test, _, figure = line.partition(":")
        print(f"  {test:<6} {figure.strip()}")


def main(results: str, figures: str) -> int:
    suites = {path.stem: read_suite(path) for path in sorted(pathlib.Path(results).glob("*.exit"))}
    for name, counts in suites.items():
        print(f"  {name:<20} {counts.passed:>6} passed {len(counts.failed):>4} failed {len(counts.skipped):>4} skipped")
    for title, lines in (
        ("Failed", [f"{name}: {test}" for name, counts in suites.items() for test in counts.failed]),
        ("Skipped", [f"{name}: {test}: {why}" for name, counts in suites.items() for test, why in counts.skipped.items()]),
    ):
        if lines:
            print(f"\n{title}", *lines, sep="\n  ")
    print_figures(pathlib.Path(figures))
    passed, failed, skipped = (
        sum(counts.passed for counts in suites.values()),
        sum(len(counts.failed) for counts in suites.values()),
        sum(len(counts.skipped) for counts in suites.values()),
    )
    print(f"\n{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 0 if suites and not failed else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
