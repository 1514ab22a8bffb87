"""Arguments and environment."""

import os
import unittest
from unittest import mock

from support import ClientTestCase

from rollbook import ConfigurationError, NotAllowed, TrajectoryLogger
from rollbook.settings import read_settings, worker_base


class SettingsTests(unittest.TestCase):
    def test_settings_when_nothing_is_given_are_the_documented_ones(self) -> None:
        with mock.patch.dict(os.environ, clear=True):
            settings = read_settings()
        self.assertEqual(["http://127.0.0.1:5080"], [str(s) for s in settings.servers])
        self.assertEqual((None, 120.0, 30.0), settings[1:])

    def test_settings_when_argument_and_environment_are_given_take_the_argument(self) -> None:
        with mock.patch.dict(os.environ, {"ROLLBOOK_URL": "http://a", "ROLLBOOK_API_KEY": "k", "ROLLBOOK_RETRY_SECONDS": "7"}):
            self.assertEqual(("http://a:80", "k", 7.0), (str(read_settings().servers[0]), *read_settings()[1:3]))
            self.assertEqual(("https://[::1]:9/x", "l", 8.0), (
                str(read_settings("https://[::1]:9/x/").servers[0]), *read_settings(api_key="l", retry_seconds=8)[1:3]))

    def test_settings_when_unusable_name_the_setting(self) -> None:
        for url in ("", ",", "localhost:5080", "ftp://a", "http://", "http://a:x", "http://u:p@a", "http://a?x=1", "http://a/b c"):
            with self.subTest(url=url), mock.patch.dict(os.environ, {"ROLLBOOK_URL": ""}):
                if url == "":
                    continue  # unset, in effect
                with self.assertRaisesRegex(ConfigurationError, "ROLLBOOK_URL|api_key"):
                    TrajectoryLogger(url=url)
        with self.assertRaisesRegex(ConfigurationError, "ROLLBOOK_API_KEY"):
            TrajectoryLogger(api_key="two\r\nlines")
        for seconds in (-1, float("nan"), float("inf")):
            with self.assertRaisesRegex(ConfigurationError, "ROLLBOOK_RETRY_SECONDS"):
                TrajectoryLogger(retry_seconds=seconds)

    def test_worker_when_the_api_would_not_take_it_is_refused_at_once(self) -> None:
        for worker in ("", "a b", "a/b", "..", ".", "é", "a" * 129, "a\n", "a%2e"):
            with self.subTest(worker=worker), self.assertRaisesRegex(ConfigurationError, "worker"):
                TrajectoryLogger(worker=worker)

    def test_worker_base_when_host_name_is_odd_is_allowed(self) -> None:
        for name in ("", "a b", "x" * 300, "Büro", "a/../b"):
            TrajectoryLogger(worker=worker_base(name) + ".65535")


class KeyTests(ClientTestCase):
    def test_api_key_when_given_goes_as_bearer(self) -> None:
        self.logger("w", api_key="rb_1_x").start_episode("t", "v")
        self.logger("w").get_history_summary()
        self.assertEqual("Bearer rb_1_x", self.double.headers[0]["authorization"])
        self.assertNotIn("authorization", self.double.headers[1])

    def test_api_key_when_refused_names_the_cure(self) -> None:
        self.double.faults = [(401, None)]
        with self.assertRaisesRegex(NotAllowed, "ROLLBOOK_API_KEY"):
            self.logger().start_episode("t", "v")

    def test_url_when_it_has_a_prefix_keeps_it(self) -> None:
        with self.assertRaisesRegex(Exception, "does the URL name a Rollbook server"):
            self.logger(url=self.double.url + "/elsewhere").start_episode("t", "v")
        self.assertTrue(self.double.requests[0][1].startswith("/elsewhere/v1/workers/w/episodes"))


if __name__ == "__main__":
    unittest.main()
