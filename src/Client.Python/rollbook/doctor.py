"""`python -m rollbook doctor`: whether this machine, with these settings, can record; where it can't, why, and the cure."""

from __future__ import annotations

import argparse
import email.utils
import http.client
import json
import os
import platform
import re
import shutil
import ssl
import sys
import tempfile
import time
import urllib.request
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from .errors import ConfigurationError
from .settings import DEFAULT_URL, Server, Settings, read_settings
from .slots import Slot, lock_directory
from .version import __version__

OK, WARN, FAIL = "ok", "warn", "fail"

_TIMEOUT = 5.0

# Whole seconds are what the Date header has; below this nothing can be said.
_SKEW_SECONDS = 5.0

# An episode that no recorder has: the answer tells whether the key may read.
_NO_EPISODE = "0" * 26

# File locks on these reach other hosts late, or not at all.
_NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "glusterfs", "lustre", "beegfs", "fuse.sshfs", "fuse.s3fs", "fuse.gcsfuse")


class Finding(NamedTuple):
    """One line of the report.

    Attributes:
        check: what was looked at.
        status: `ok`, `warn` (it works, but), or `fail` (recording won't work).
        message: what was found.
        cure: what to do, "" where nothing need be done.

    Example:
        >>> from rollbook.doctor import Finding
        >>> Finding("python", "ok", "3.11").cure
        ''
    """

    check: str
    status: str
    message: str
    cure: str = ""


class _Reply(NamedTuple):
    status: int
    headers: "Dict[str, str]"
    body: bytes


def add_to(commands: Any) -> None:
    """Adds the command to a parser's sub-commands.

    Example:
        >>> import argparse
        >>> from rollbook.doctor import add_to
        >>> parser = argparse.ArgumentParser()
        >>> add_to(parser.add_subparsers())
        >>> parser.parse_args(["doctor", "--json"]).json
        True
    """
    parser = commands.add_parser(
        "doctor",
        help="check server, key, clock, lock and spool directory",
        description="Checks everything that recording needs. It records nothing.",
        epilog="Exit code: 0 if recording can work (warnings included), 1 if it can't.",
    )
    parser.add_argument("--url", help=f"address(es) of the recorder; default ROLLBOOK_URL, then {DEFAULT_URL}")
    parser.add_argument("--api-key", help="default ROLLBOOK_API_KEY")
    parser.add_argument("--json", action="store_true", help='print {"ok", "checks": [{"check", "status", "message", "cure"}]}')
    parser.set_defaults(run=_run)


def examine(url: Optional[str] = None, api_key: Optional[str] = None) -> List[Finding]:
    """All checks, in the order in which a step needs what they look at.

    Example:
        >>> from rollbook.doctor import examine
        >>> [finding.check for finding in examine()][:2]
        ['python', 'server']
    """
    findings = [_python()]
    try:
        settings = read_settings(url, api_key)
    except ConfigurationError as e:
        findings.append(Finding("settings", FAIL, str(e)))
    else:
        for server in settings.servers:
            findings += _server(server, settings)
        findings += _proxies(settings)
    findings += [_locks(), _spool()]
    return findings


def _run(chosen: argparse.Namespace) -> int:
    findings = examine(chosen.url, chosen.api_key)
    failed = any(finding.status == FAIL for finding in findings)
    if chosen.json:
        print(json.dumps({"ok": not failed, "checks": [finding._asdict() for finding in findings]}, indent=2))
    else:
        for finding in findings:
            mark = finding.status.upper() if finding.status != OK else OK
            print(f"{finding.check:<13} {mark:<5} {finding.message}")
            if finding.cure:
                print(f"{'':<19} → {finding.cure}")
    return 1 if failed else 0


def _python() -> Finding:
    found = f"{platform.python_implementation()} {platform.python_version()}, rollbook {__version__}"
    if sys.version_info < (3, 9):
        return Finding("python", FAIL, found, "Use Python 3.9 or newer.")
    if not hasattr(os, "register_at_fork"):
        return Finding("python", OK, f"{found}; no fork here")
    return Finding("python", OK, found)


def _server(server: Server, settings: Settings) -> List[Finding]:
    try:
        ready = _get(server, "/health/ready", None)
    except (OSError, http.client.HTTPException) as e:
        return [Finding("server", FAIL, f"{server}: {_why(e)}", _cure(e, server))]
    if ready.status == 400 and not ready.body:
        return [
            Finding(
                "server", FAIL, f"{server} refuses the host name {server.host!r}",
                f"Start the recorder with --allowed-hosts {server.host}, or use an address of its --urls.",
            )
        ]
    state = _json(ready).get("status")
    if ready.status == 503 and state is not None:
        return [Finding("server", FAIL, f"{server} answers but is not ready", "Wait until it has recovered, and read its log if it doesn't.")]
    if ready.status != 200 or state != "ready":
        return [
            Finding(
                "server", FAIL, f"{server} is not a Rollbook recorder: HTTP {ready.status} {ready.body[:60]!r}",
                "Correct ROLLBOOK_URL; look for a proxy between.",
            )
        ]
    return [Finding("server", OK, f"{server} is ready"), _version(server), _key(server, settings), _clock(ready)]


def _version(server: Server) -> Finding:
    """The API's version by its document, the server's own by the wheel that it serves."""
    try:
        document = _json(_get(server, "/openapi/v1.json", None))
        served = _get(server, "/client/", None)
    except (OSError, http.client.HTTPException) as e:
        return Finding("version", WARN, _why(e), "The server broke off; ask again.")
    info = document.get("info")
    api = info.get("version") if isinstance(info, dict) else None
    if api != "v1":
        return Finding("version", FAIL, f"the server's HTTP API is {api!r}, not v1", "Install the client that this server serves at /client/.")
    wheel = re.search(rb"rollbook-([0-9A-Za-z.+!]+)-py3-none-any\.whl", served.body) if served.status == 200 else None
    if wheel is None:
        return Finding("version", OK, "HTTP API v1; the server serves no client to compare with")
    theirs = wheel.group(1).decode()
    if theirs != __version__:
        return Finding(
            "version", WARN, f"HTTP API v1; the server comes with client {theirs}, this one is {__version__}",
            f"pip install {server}/client/rollbook-{theirs}-py3-none-any.whl",
        )
    return Finding("version", OK, f"HTTP API v1, client and server {theirs}")


def _key(server: Server, settings: Settings) -> Finding:
    try:
        status = _get(server, f"/v1/episodes/{_NO_EPISODE}?steps=false", settings.api_key).status
    except (OSError, http.client.HTTPException) as e:
        return Finding("api key", WARN, _why(e), "The server broke off; ask again.")
    if status == 401:
        given = "the server does not know this key" if settings.api_key else "the server wants a key and none was given"
        return Finding("api key", FAIL, given, "Set ROLLBOOK_API_KEY to a key with the scope ingest (and read, for the reads).")
    if status == 403:
        return Finding("api key", WARN, "the key may not read", "That is enough to record with if it has the scope ingest; the four reads need read.")
    if settings.api_key and server.scheme == "http" and server.host not in ("127.0.0.1", "localhost", "::1"):
        return Finding("api key", WARN, "accepted, but sent unencrypted", "Use https:// for a recorder on another host.")
    return Finding("api key", OK, "accepted" if settings.api_key else "none needed")


def _clock(ready: _Reply) -> Finding:
    try:
        server = email.utils.parsedate_to_datetime(ready.headers["date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return Finding("clock", OK, "the server does not tell its time")
    skew = time.time() - server
    if abs(skew) > _SKEW_SECONDS:
        side = "ahead of" if skew > 0 else "behind"
        return Finding(
            "clock", WARN, f"this host is {abs(skew):.0f} s {side} the server: timestamps of steps will be off by that",
            "Synchronize both with NTP. No guarantee depends on it.",
        )
    return Finding("clock", OK, "within a few seconds of the server's")


def _proxies(settings: Settings) -> List[Finding]:
    """Proxies are never used: a step goes to the recorder itself."""
    proxies = {scheme: address for scheme, address in urllib.request.getproxies().items() if scheme in ("http", "https", "all")}
    concerned = sorted(
        {server.host for server in settings.servers if not _bypassed(server.host)}
        if proxies.keys() & {*(server.scheme for server in settings.servers), "all"}
        else ()
    )
    if not concerned:
        return [Finding("proxy", OK, "no proxy variable concerns the server")]
    return [
        Finding(
            "proxy", WARN, f"{' and '.join(sorted(f'{scheme}_proxy' for scheme in proxies))} set, and not used: {', '.join(concerned)} is asked directly",
            "If only the proxy can reach it, give the recorder an address that this host reaches, or a reverse proxy as ROLLBOOK_URL.",
        )
    ]


def _bypassed(host: str) -> bool:
    return host in ("127.0.0.1", "localhost", "::1") or bool(urllib.request.proxy_bypass(host))


def _locks() -> Finding:
    """Whether default worker names can be told apart."""
    try:
        directory = lock_directory()
        slot = Slot.take("rollbook-doctor")
        slot.release()
    except ConfigurationError as e:
        return Finding("locks", FAIL, str(e))
    kind = _file_system(directory)
    if kind.startswith(_NETWORK_FILE_SYSTEMS):
        return Finding("locks", WARN, f"{directory} is on {kind}", "Set ROLLBOOK_LOCK_DIR to a directory on a local disk, or pass worker=… everywhere.")
    return Finding("locks", OK, f"{directory} ({kind or 'file system unknown'}) can be locked")


def _spool() -> Finding:
    """Where steps would wait for a server that is away."""
    directory = os.environ.get("ROLLBOOK_SPOOL")
    if not directory:
        return Finding("spool", OK, "not used: ROLLBOOK_SPOOL is not set")
    cure = "Set ROLLBOOK_SPOOL to a directory of your own on a local disk."
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory) as probe:
            probe.write(b"rollbook")
            probe.flush()
            os.fsync(probe.fileno())
        pending, size = _content(directory)
        free = shutil.disk_usage(directory).free
    except OSError as e:
        return Finding("spool", FAIL, f"{directory}: {e}", cure)
    told = f"{directory}: {pending} files with {size / 2**20:,.1f} MiB, {free / 2**30:,.1f} GiB free"
    if _file_system(directory).startswith(_NETWORK_FILE_SYSTEMS):
        return Finding("spool", WARN, f"{told}; not a local disk", cure)
    if free < 2**30:
        return Finding("spool", WARN, told, "Free some space: a spool may grow to 1 GiB.")
    if pending:
        return Finding("spool", WARN, f"{told}: they wait for the recorder", "The next logger with this spool sends them, or rollbook import --spool.")
    return Finding("spool", OK, told)


def _content(directory: str) -> "Tuple[int, int]":
    """How many files with something in them, and how many bytes."""
    sizes = [
        os.path.getsize(os.path.join(folder, name))
        for folder, _, names in os.walk(directory)
        for name in names
        if os.path.isfile(os.path.join(folder, name)) and not name.endswith(".lock")
    ]
    return sum(1 for size in sizes if size), sum(sizes)


def _file_system(directory: str) -> str:
    """The type of the file system, where the kernel tells (Linux); else ""."""
    try:
        with open("/proc/self/mounts", encoding="utf-8", errors="replace") as mounts:
            found = ("", "")
            path = os.path.realpath(directory)
            for line in mounts:
                _, point, kind, *_ = line.split(" ")
                point = point.replace("\\040", " ")
                inside = path == point or path.startswith(point.rstrip("/") + "/")
                if inside and len(point) >= len(found[0]):
                    found = (point, kind)
            return found[1]
    except (OSError, ValueError):
        return ""


def _get(server: Server, path: str, api_key: Optional[str]) -> _Reply:
    make: Callable[..., http.client.HTTPConnection] = (
        http.client.HTTPSConnection if server.scheme == "https" else http.client.HTTPConnection
    )
    connection = make(server.host, server.port, timeout=_TIMEOUT)
    try:
        headers = {"User-Agent": f"rollbook-python/{__version__}"}
        if api_key:
            headers["Authorization"] = f"Bearer {api_key}"
        connection.request("GET", server.prefix + path, headers=headers)
        answer = connection.getresponse()
        return _Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def _json(reply: _Reply) -> Dict[str, Any]:
    try:
        value = json.loads(reply.body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return f"no answer in {_TIMEOUT:.0f} s"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _cure(error: Exception, server: Server) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "Use the name in its certificate, or make its authority known: SSL_CERT_FILE=/path/to/ca.pem."
    if isinstance(error, ssl.SSLError):
        return "Is that port https? Try http://, or the port of its https address."
    if isinstance(error, ConnectionRefusedError):
        return "Start the recorder, or correct ROLLBOOK_URL. In a container 127.0.0.1 is the container itself."
    if isinstance(error, OSError) and "getaddrinfo" in repr(error) or "Name or service" in str(error):
        return f"The name {server.host} is not known here: correct ROLLBOOK_URL."
    return "Correct ROLLBOOK_URL, or open the way to it (firewall, security group)."
