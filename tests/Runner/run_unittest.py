"""Runs the unittest suites of a directory and writes their counts as JSON: `run_unittest.py DIRECTORY REPORT`."""

from __future__ import annotations

import json
import sys
import unittest
from typing import Any, Dict, List


class CountingResult(unittest.TextTestResult):
    """Counts test methods that passed; a method with a failed subtest did not."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.passed = 0

    def addSuccess(self, test: unittest.TestCase) -> None:
        super().addSuccess(test)
        self.passed += 1

    def addExpectedFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addExpectedFailure(test, err)
        self.passed += 1


def name_of(test: Any) -> str:
    """A subtest counts as the method that it belongs to."""
    return str(getattr(test, "test_case", test).id())


def counts(result: CountingResult) -> Dict[str, Any]:
    failed: List[str] = sorted(
        {name_of(test) for test, _ in result.failures + result.errors} | {name_of(test) for test in result.unexpectedSuccesses}
    )
    skipped = {name_of(test): reason for test, reason in result.skipped}
    return {"passed": result.passed, "failed": failed, "skipped": skipped}


def main(directory: str, report: str) -> int:
    suite = unittest.defaultTestLoader.discover(directory, top_level_dir=directory)
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=CountingResult).run(suite)
    assert isinstance(result, CountingResult)
    with open(report, "w", encoding="utf-8") as file:
        json.dump(counts(result), file, indent=1)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
