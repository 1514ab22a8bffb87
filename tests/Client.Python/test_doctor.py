"""`python -m rollbook doctor`: each line for a reason, and the cure for each."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, Tuple
from unittest import mock

from silo_process import Silo
from support import SOURCE

import rollbook
from rollbook import doctor
from rollbook.__main__ import main

DLL = os.environ.get("ROLLBOOK_SILO_DLL")
GOOD = {
    "/health/ready": (200, b'{"status":"ready"}'),
    "/openapi/v1.json": (200, b'{"info":{"version":"v1"}}'),
    "/client/": (404, b""),
}


class Fake:
    """A server that answers each path with what it is told to, 404 else."""

    def __init__(self, answers: Dict[str, Tuple[int, bytes]], date: str = "") -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = answers.get(self.path.partition("?")[0], answers.get("*", (404, b"{}")))
                if "date" in answers:
                    self.send_response_only(status)
                    self.send_header("Date", answers["date"][1].decode())
                else:
                    self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "Fake":
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class DoctorTests(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name
        clean = {n: v for n, v in os.environ.items() if not n.startswith("ROLLBOOK_") and not n.lower().endswith("_proxy")}
        patch = mock.patch.dict(os.environ, {**clean, "ROLLBOOK_LOCK_DIR": self.directory}, clear=True)
        patch.start()
        self.addCleanup(patch.stop)

    def finding(self, check: str, url: str = "http://127.0.0.1:1", key: "str | None" = None) -> doctor.Finding:
        found = [finding for finding in doctor.examine(url, key) if finding.check == check]
        self.assertEqual(1, len(found), found)
        self.assertTrue(found[0].cure or found[0].status == "ok" or found[0].check in ("settings", "locks"), "no cure")
        return found[0]

    def test_doctor_when_all_is_well_says_so_and_exits_0(self) -> None:
        said = io.StringIO()
        with Fake(GOOD) as server, contextlib.redirect_stdout(said):
            self.assertEqual(0, main(["doctor", "--url", server.url]))
        self.assertEqual(["python", "server", "version", "api", "clock", "proxy", "locks", "spool"],
                         [line.split()[0] for line in said.getvalue().splitlines()])

    def test_doctor_when_json_is_asked_for_prints_what_scripts_can_read(self) -> None:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            self.assertEqual(1, main(["doctor", "--json", "--url", "http://127.0.0.1:1"]))
        report = json.loads(said.getvalue())
        self.assertFalse(report["ok"])
        self.assertEqual({"check", "status", "message", "cure"}, set(report["checks"][0]))

    def test_server_when_nobody_listens_fails_with_the_cure(self) -> None:
        found = self.finding("server")
        self.assertEqual("fail", found.status)
        self.assertIn("Start the recorder", found.cure)

    def test_server_when_one_of_two_is_away_names_that_one(self) -> None:
        with Fake(GOOD) as server:
            found = [f.status for f in doctor.examine(f"{server.url},http://127.0.0.1:1") if f.check == "server"]
        self.assertEqual(["ok", "fail"], found)

    def test_server_when_it_answers_otherwise_says_what_it_is(self) -> None:
        for answers, cure in (
            ({"*": (400, b"")}, "--allowed-hosts"),
            ({"*": (503, b'{"status":"not_ready"}')}, "recovered"),
            ({"*": (200, b"<html>welcome</html>")}, "ROLLBOOK_URL"),
            ({"*": (502, b"bad gateway")}, "proxy"),
        ):
            with self.subTest(answers), Fake(answers) as server:  # type: ignore[arg-type]
                found = self.finding("server", server.url)
                self.assertEqual("fail", found.status)
                self.assertIn(cure, found.cure)

    def test_settings_when_unusable_fail(self) -> None:
        self.assertEqual("fail", self.finding("settings", "ftp://a").status)

    def test_version_when_server_has_another_warns_or_fails(self) -> None:
        def wheel(version: str) -> bytes:
            return f'<a href="rollbook-{version}-py3-none-any.whl">'.encode()

        for more, status in (
            ({}, "ok"),
            ({"/client/": (200, wheel(rollbook.__version__))}, "ok"),
            ({"/client/": (200, wheel("9.8.7"))}, "warn"),
            ({"/openapi/v1.json": (200, b'{"info":{"version":"v2"}}')}, "fail"),
            ({"/openapi/v1.json": (200, b"[]")}, "fail"),
        ):
            with self.subTest(more), Fake({**GOOD, **more}) as server:  # type: ignore[dict-item]
                self.assertEqual(status, self.finding("version", server.url).status)

    def test_key_when_refused_fails_and_names_the_scope(self) -> None:
        path = "/v1/episodes/" + "0" * 26
        for status, key, expected in ((401, None, "fail"), (401, "wrong", "fail"), (403, "narrow", "warn"), (404, "good", "ok")):
            with self.subTest(status), Fake({**GOOD, path: (status, b"{}")}) as server:
                found = self.finding("api key", server.url, key)
                self.assertEqual(expected, found.status)
                if expected == "fail":
                    self.assertIn("ingest", found.cure)

    def test_clock_when_it_differs_warns(self) -> None:
        for date, status in ((b"Wed, 01 Jan 2020 00:00:00 GMT", "warn"), (b"no date", "ok")):
            with self.subTest(date), Fake({**GOOD, "date": (0, date)}) as server:
                self.assertEqual(status, self.finding("clock", server.url).status)

    def test_proxy_when_set_warns_unless_the_server_is_exempt(self) -> None:
        for variables, status in (
            ({"http_proxy": "http://proxy:1"}, "warn"),
            ({"https_proxy": "http://proxy:1"}, "ok"),
            ({"http_proxy": "http://proxy:1", "no_proxy": "recorder.invalid"}, "ok"),
        ):
            with self.subTest(variables), mock.patch.dict(os.environ, variables):
                self.assertEqual(status, self.finding("proxy", "http://recorder.invalid:1").status)

    def test_locks_when_unusable_fail_and_on_a_network_disk_warn(self) -> None:
        self.assertEqual("ok", self.finding("locks").status)
        with mock.patch.object(doctor, "_file_system", lambda _: "nfs4"):
            self.assertEqual("warn", self.finding("locks").status)
        blocked = os.path.join(self.directory, "file")
        open(blocked, "w").close()
        with mock.patch.dict(os.environ, {"ROLLBOOK_LOCK_DIR": blocked}):
            self.assertEqual("fail", self.finding("locks").status)

    def test_spool_when_files_wait_or_it_is_unusable_says_so(self) -> None:
        spool = os.path.join(self.directory, "spool")
        with mock.patch.dict(os.environ, {"ROLLBOOK_SPOOL": spool}):
            self.assertEqual("ok", self.finding("spool").status)
            with open(os.path.join(spool, "1.ndjson"), "w") as file:
                file.write("x" * 10)
            self.assertIn("1 files", self.finding("spool").message)
            self.assertEqual("warn", self.finding("spool").status)
        with mock.patch.dict(os.environ, {"ROLLBOOK_SPOOL": os.path.join(spool, "1.ndjson")}):
            self.assertEqual("fail", self.finding("spool").status)

    def test_module_when_run_helps(self) -> None:
        def run(*words: str) -> "subprocess.CompletedProcess[str]":
            return subprocess.run([sys.executable, "-m", "rollbook", *words], env={**os.environ, "PYTHONPATH": SOURCE}, capture_output=True, text=True)

        self.assertIn("doctor", run("--help").stdout)
        self.assertIn("Exit code", run("doctor", "--help").stdout)
        self.assertEqual((2, True), (run().returncode, "doctor" in run().stdout))
        self.assertIn(rollbook.__version__, run("--version").stdout)
        self.assertEqual(2, run("surgeon").returncode)

    @unittest.skipUnless(DLL, "ROLLBOOK_SILO_DLL does not name a Rollbook.Silo.dll")
    def test_doctor_when_asking_a_silo_finds_it_well_and_knows_a_foreign_host_name(self) -> None:
        with tempfile.TemporaryDirectory() as directory, Silo(DLL or "", directory) as silo:
            self.assertEqual([], [f for f in doctor.examine(silo.url) if f.status != "ok"])
            with mock.patch("socket.getaddrinfo", _to_loopback(__import__("socket").getaddrinfo)):
                found = self.finding("server", silo.url.replace("127.0.0.1", "recorder.example"))
            self.assertIn("--allowed-hosts recorder.example", found.cure)


def _to_loopback(real: Any) -> Any:
    return lambda host, *more, **named: real("127.0.0.1", *more, **named)


if __name__ == "__main__":
    unittest.main()
