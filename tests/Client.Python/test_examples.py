"""Every example in a docstring runs, against the wire double."""

import doctest
import importlib
import os
import pkgutil
import tempfile
import unittest
from unittest import mock

import support  # noqa: F401  (finds rollbook)
import rollbook

from wire_double import WireDouble


class ExamplesTests(unittest.TestCase):
    def test_docstrings_when_run_give_what_they_show(self) -> None:
        with WireDouble() as double, tempfile.TemporaryDirectory() as locks:
            with mock.patch.dict(os.environ, {"ROLLBOOK_URL": double.url, "ROLLBOOK_LOCK_DIR": locks}):
                attempted = 0
                for info in pkgutil.iter_modules(rollbook.__path__, "rollbook."):
                    with self.subTest(info.name):
                        result = doctest.testmod(importlib.import_module(info.name))
                        attempted += result.attempted
                        self.assertEqual(0, result.failed)
                self.assertEqual(0, doctest.testmod(rollbook).failed)
                self.assertGreater(attempted, 80)

    def test_public_names_when_listed_have_an_example_each(self) -> None:
        for name in rollbook.__all__:
            value = getattr(rollbook, name)
            if isinstance(value, type):
                self.assertIn("Example:", value.__doc__ or "", name)
        for name, member in vars(rollbook.TrajectoryLogger).items():
            if not name.startswith("_"):
                self.assertIn("Example:", member.__doc__ or "", name)
