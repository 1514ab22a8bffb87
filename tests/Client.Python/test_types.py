"""The client's types hold under mypy --strict, where mypy is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import unittest

from support import SOURCE

MYPY = shutil.which("mypy")


@unittest.skipUnless(MYPY, "mypy is missing (apt-get install mypy): types are not checked")
class TypesTests(unittest.TestCase):
    def test_package_when_checked_strictly_has_no_error(self) -> None:
        with tempfile.TemporaryDirectory() as cache:
            found = subprocess.run(
                [MYPY or "mypy", "--strict", "--python-version", "3.9", "--cache-dir", cache, os.path.join(SOURCE, "rollbook")],
                capture_output=True, text=True,
            )
        self.assertEqual(0, found.returncode, found.stdout + found.stderr)


if __name__ == "__main__":
    unittest.main()
