"""The wheel: its RECORD, its bytes, and an installation where pip and venv are there."""

from __future__ import annotations

import base64
import contextlib
import csv
import email.parser
import hashlib
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

from support import SOURCE

import rollbook

_SPEC = importlib.util.spec_from_file_location("build_wheel", os.path.join(SOURCE, "build_wheel.py"))
assert _SPEC is not None and _SPEC.loader is not None
build_wheel = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(build_wheel)


def _can_make_environments() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


class WheelTests(unittest.TestCase):
    def setUp(self) -> None:
        self.out = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.out)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            self.assertEqual(0, build_wheel.main(["--out", os.path.join(self.out, "new")]))
        self.path = said.getvalue().strip()

    def test_build_when_done_has_the_name_that_pip_wants_and_nothing_beside(self) -> None:
        self.assertEqual(f"rollbook-{rollbook.__version__}-py3-none-any.whl", os.path.basename(self.path))
        self.assertEqual([os.path.basename(self.path)], os.listdir(os.path.dirname(self.path)))

    def test_build_when_done_records_every_file_with_its_hash(self) -> None:
        with zipfile.ZipFile(self.path) as wheel:
            self.assertIsNone(wheel.testzip())
            names = wheel.namelist()
            record = f"rollbook-{rollbook.__version__}.dist-info/RECORD"
            self.assertEqual(record, names[-1])
            rows = list(csv.reader(io.StringIO(wheel.read(record).decode())))
            self.assertEqual(names, [row[0] for row in rows])
            for name, digest, size in rows[:-1]:
                content = wheel.read(name)
                kind, _, value = digest.partition("=")
                expected = base64.urlsafe_b64encode(hashlib.new(kind, content).digest()).decode().rstrip("=")
                self.assertEqual((expected, str(len(content))), (value, size), name)
            self.assertEqual([record, "", ""], rows[-1])

    def test_build_when_done_holds_the_package_and_no_more(self) -> None:
        with zipfile.ZipFile(self.path) as wheel:
            inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
            metadata = email.parser.Parser().parsestr(
                wheel.read(f"rollbook-{rollbook.__version__}.dist-info/METADATA").decode()
            )
        expected = {f"rollbook/{name}" for name in os.listdir(os.path.join(SOURCE, "rollbook")) if name != "__pycache__"}
        self.assertEqual(expected, inside)
        self.assertIn("rollbook/py.typed", inside)
        self.assertEqual(("rollbook", rollbook.__version__, ">=3.9", None),
                         tuple(metadata[name] for name in ("Name", "Version", "Requires-Python", "Requires-Dist")))

    def test_build_when_done_again_from_a_copy_gives_the_same_bytes(self) -> None:
        copy = os.path.join(self.out, "elsewhere")
        shutil.copytree(os.path.join(SOURCE, "rollbook"), os.path.join(copy, "rollbook"))
        for directory, _, names in os.walk(copy):
            for name in names:  # another time, another mode, a stray byte code file
                os.utime(os.path.join(directory, name), (1e9, 1e9))
                os.chmod(os.path.join(directory, name), 0o600)
        with open(self.path, "rb") as one, open(build_wheel.build(os.path.join(self.out, "other"), copy), "rb") as other:
            self.assertEqual(one.read(), other.read())

    @unittest.skipUnless(_can_make_environments(), "venv and ensurepip are missing (apt-get install python3-venv): not installed")
    def test_wheel_when_installed_by_pip_records(self) -> None:
        environment = os.path.join(self.out, "venv")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "ROLLBOOK_"))}
        run = lambda *words: subprocess.run(words, env=clean, check=True, capture_output=True, text=True).stdout  # noqa: E731
        run(sys.executable, "-m", "venv", environment)
        python = os.path.join(environment, "Scripts" if os.name == "nt" else "bin", "python")
        run(python, "-m", "pip", "install", "--no-index", "--no-deps", "--disable-pip-version-check", self.path)
        said = run(python, "-c", "import rollbook; print(rollbook.__version__, rollbook.__file__)")
        self.assertIn(rollbook.__version__, said)
        self.assertIn(os.path.realpath(environment), os.path.realpath(said.split()[1]))
        self.assertIn("doctor", run(python, "-m", "rollbook", "--help"))
        listed = run(python, "-m", "pip", "show", "--files", "--disable-pip-version-check", "rollbook")
        self.assertIn("py.typed", listed)


if __name__ == "__main__":
    unittest.main()
