"""A recorder of the HTTP API in this process: honest about ordinals, and faulty on a schedule.

It keeps what the contract says (docs/http-api.md) and nothing else, so a client that sends a step twice, leaves a gap, or ends an episode
with steps missing is found out here. It is no model of the silo: no durability, no deadlines.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import parse_qs, unquote, urlsplit

_BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

# Faults, each spent on one request of those that `WireDouble.faults` is about (writes, unless told otherwise).
DROP_BEFORE = "drop before"  # the request is read and the connection closed: nothing was applied
DROP_AFTER = "drop after"  # applied, the answer lost
HALF_ANSWER = "half answer"  # applied, the answer cut in the middle
NOT_OURS = "not ours"  # 200 of some proxy
CLOSE_IDLE = "close idle"  # answered, then closed without saying so: the next request meets a stale connection


class Problem(Exception):
    """A refusal as problem details."""

    def __init__(self, status: int, code: str, detail: str = "", retry_after: Optional[float] = None, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.retry_after = retry_after
        self.body = {"type": "about:blank", "title": code, "status": status, "detail": detail or code, "code": code, **more}


class Lines(List[Any]):
    """An answer that is streamed, a line each."""


class WireDouble:
    """The server; `with WireDouble() as double: TrajectoryLogger(url=double.url)`."""

    def __init__(self) -> None:
        self.faults: List[Any] = []  # names above, or (status, retry_after)
        self.read_faults: List[Any] = []
        self.requests: List[Tuple[str, str]] = []
        self.headers: List[Dict[str, str]] = []
        self.bodies: List[bytes] = []
        self.connections = 0
        self.state = _State()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.double = self
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> "WireDouble":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def steps(self, episode_id: str) -> List[Dict[str, Any]]:
        """The steps of an episode as they were sent."""
        return [json.loads(line) for line in self.state.episodes[episode_id].lines]

    def posts(self, part: str) -> List[str]:
        """The targets of the POSTs whose path has `part`."""
        return [target for method, target in self.requests if method == "POST" and part in target]

    def answer(self, handler: "_Handler", method: str, body: bytes) -> None:
        with self._lock:
            self.requests.append((method, handler.path))
            self.headers.append({name.lower(): value for name, value in handler.headers.items()})
            self.bodies.append(body)
            faults = self.read_faults if method == "GET" else self.faults
            fault = faults.pop(0) if faults else None
            if fault == DROP_BEFORE:
                return handler.hang_up()
            if isinstance(fault, tuple):
                return handler.reply(fault[0], {"code": "unavailable"}, fault[1])
            if fault == NOT_OURS:
                return handler.reply(200, "<html>welcome</html>")
            retry_after = None
            try:
                status, value = self.state.handle(method, handler.path, body, handler.headers)
            except Problem as e:
                status, value, retry_after = e.status, e.body, e.retry_after
        if fault == DROP_AFTER:
            return handler.hang_up()
        handler.reply(status, value, retry_after, half=fault == HALF_ANSWER)
        if fault == CLOSE_IDLE:
            handler.hang_up()


class _Episode:
    def __init__(self, id: str, worker: "_Worker", body: Dict[str, Any]) -> None:
        self.id, self.worker, self.body = id, worker, body
        self.lines: List[bytes] = []
        self.events: Dict[str, Tuple[str, Dict[str, Any]]] = {}  # scores and labels
        self.epoch = 1
        self.start_time = time.time()
        self.status, self.end_time = "running", None  # type: Tuple[str, Optional[float]]
        self.final_score: Any = None
        self.end_cause: Optional[str] = None


class _Worker:
    def __init__(self, name: str) -> None:
        self.name = name
        self.current: Optional[_Episode] = None
        self.writer: Optional[str] = None
        self.history: List[_Episode] = []
        self.keys: Dict[str, Tuple[bytes, Dict[str, Any]]] = {}


class _State:
    """What the contract says, without the wire."""

    def __init__(self) -> None:
        self.workers: Dict[str, _Worker] = {}
        self.episodes: Dict[str, _Episode] = {}
        self.duplicates = 0
        self.unavailable: Dict[str, int] = {}  # how often an episode is unavailable in a request for many
        self.beats: List[str] = []  # the episodes that heartbeats named
        self.blobs: Dict[str, bytes] = {}
        self.most_blob = 64 << 20
        self._minted = 0

    def handle(self, method: str, target: str, body: bytes, headers: Any) -> Tuple[int, Any]:
        url = urlsplit(target)
        parts = [unquote(part) for part in url.path.split("/")[1:]]
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if parts[:2] == ["v1", "workers"] and len(parts) == 4:
            if method == "POST" and parts[3] == "episodes":
                return 201, self._start(parts[2], body, headers.get("Idempotency-Key"))
            if method == "GET":
                return 200, self._read(parts[2], parts[3])
        if parts[:2] == ["v1", "blobs"] and len(parts) == 3 and method == "PUT":
            return 200, self._put(parts[2], body)
        if parts == ["v1", "steps"] and method == "POST":
            return 200, Lines(self._append_many(body))
        if parts == ["v1", "heartbeat"] and method == "POST":
            return 200, {"episodes": [self._beat(named) for named in _strict(body)["episodes"]]}
        if parts[:2] == ["v1", "episodes"] and len(parts) == 3 and method == "GET" and parts[2] in self.episodes:
            episode = self.episodes[parts[2]]
            return 200, {**_trajectory(episode), "worker": episode.worker.name, "status": episode.status}
        if parts[:2] == ["v1", "episodes"] and len(parts) == 4 and method == "POST":
            episode = self.episodes.get(parts[2])
            if episode is None:
                raise Problem(404, "episode_not_found")
            if parts[3] == "steps":
                ndjson = "ndjson" in (headers.get("Content-Type") or "")
                return 200, self._append(episode, body, query, ndjson)
            if parts[3] == "end":
                return 200, self._end(episode, _strict(body))
            if parts[3] in ("scores", "labels"):
                return 200, self._event(episode, parts[3], _strict(body))
            if parts[3] == "resume":
                return 200, self._resume(episode, _strict(body))
        raise Problem(404, "")

    def _put(self, sha256: str, body: bytes) -> Dict[str, Any]:
        if len(body) > self.most_blob:
            raise Problem(413, "too_large", f"at most {self.most_blob} bytes")
        if hashlib.sha256(body).hexdigest() != sha256:
            raise Problem(400, "bad_hash")
        self.blobs[sha256] = body
        return {"sha256": sha256, "bytes": len(body)}

    def _start(self, name: str, raw: bytes, key: Optional[str]) -> Dict[str, Any]:
        body = _strict(raw)
        for field in ("task", "variant_id"):
            if not isinstance(body.get(field), str) or not 1 <= len(body[field]) <= 256:
                raise Problem(400, "bad_json", f"{field} must have 1 to 256 characters", pointer=f"/{field}")
        worker = self.workers.get(name) or _Worker(name)
        if key is not None and key in worker.keys:
            if worker.keys[key][0] != raw:
                raise Problem(422, "idempotency_conflict")
            self.duplicates += 1
            return worker.keys[key][1]
        self._check_writer(worker, body)
        self.workers[name] = worker
        self._minted += 1
        number, digits = self._minted, ""
        for _ in range(26):
            number, digit = divmod(number, 32)
            digits = _BASE32[digit] + digits
        episode = _Episode(body.get("episode_id") or digits, worker, body)
        superseded = self._supersede(worker)
        worker.current, worker.writer = episode, body.get("writer")
        self.episodes[episode.id] = episode
        reply = {"episode_id": episode.id, "worker": name, "status": "running", "start_time": episode.start_time,
                 "next_ordinal": 0, "writer_epoch": 1, "superseded": superseded}
        if key is not None:
            worker.keys[key] = (raw, reply)
        return reply

    @staticmethod
    def _check_writer(worker: _Worker, body: Dict[str, Any]) -> None:
        busy = worker.current is not None and worker.current.status == "running" and worker.writer != body.get("writer")
        if busy and not body.get("takeover"):
            raise Problem(409, "worker_busy", "another live writer uses this worker", 30.0, retry=True)

    def _supersede(self, worker: _Worker) -> Optional[str]:
        previous = worker.current
        if previous is None or previous.status != "running":
            return None
        previous.status, previous.end_time, previous.end_cause = "superseded", time.time(), "superseded"
        self._to_history(previous)
        return previous.id

    @staticmethod
    def _to_history(episode: _Episode) -> None:
        episode.worker.history = (episode.worker.history + [episode])[-10:]

    def _append(self, episode: _Episode, body: bytes, query: Dict[str, str], ndjson: bool = False) -> Dict[str, Any]:
        lines = [line for line in body.split(b"\n") if line] if ndjson else [body]
        return self._take(episode, int(query["from"]), query.get("writer_epoch"), lines)

    def _take(self, episode: _Episode, first: int, epoch: Any, lines: List[bytes]) -> Dict[str, Any]:
        for number, line in enumerate(lines):
            step = _strict(line)
            if not isinstance(step.get("action_type"), str):
                raise Problem(400, "bad_json", "action_type is missing", pointer="/action_type", line=number + 1)
        for sha256 in re.findall(rb'[{,]"\$blob":"([0-9a-f]{64})"', b"\n".join(lines)):
            if sha256.decode() not in self.blobs:
                raise Problem(400, "unknown_blob", f"there is no large value {sha256.decode()}")
        self._check_epoch(episode, epoch)
        known = episode.lines[first : first + len(lines)]
        for number, (ours, theirs) in enumerate(zip(known, lines)):
            if ours != theirs:
                raise Problem(409, "ordinal_conflict", expected=first + number)
        self.duplicates += len(known)
        if len(known) < len(lines):
            if episode.status != "running":
                raise Problem(409, "episode_ended")
            if first > len(episode.lines):
                raise Problem(409, "ordinal_gap", expected=len(episode.lines))
            episode.lines.extend(lines[len(known) :])
        return {"next_ordinal": first + len(lines), "duplicates": len(known)}

    def _append_many(self, body: bytes) -> List[Dict[str, Any]]:
        """What the contract says of `POST /v1/steps`: the shape is checked before anything is taken."""
        groups: List[Tuple[str, int, Any, List[bytes]]] = []
        for number, line in enumerate(line for line in body.split(b"\n") if line):
            value = _strict(line)
            id, ordinal, epoch = value["episode_id"], value["ordinal"], value.get("writer_epoch")
            step = line[line.index(b'"step":') + 7 : -1]  # the bytes as sent
            if groups and groups[-1][0] == id:
                if ordinal != groups[-1][1] + len(groups[-1][3]) or epoch != groups[-1][2]:
                    raise Problem(400, "bad_json", "the ordinals of an episode have a gap", line=number + 1)
                groups[-1][3].append(step)
            elif any(group[0] == id for group in groups):
                raise Problem(400, "bad_json", "the lines of an episode stand together", line=number + 1)
            else:
                groups.append((id, ordinal, epoch, [step]))
        if len(groups) > 1000 or sum(len(group[3]) for group in groups) > 10_000 or len(body) > 16 << 20:
            raise Problem(413, "too_large")
        answers = []
        for id, ordinal, epoch, lines in reversed(groups):  # any order is right
            try:
                if id in self.unavailable and self.unavailable[id] > 0:
                    self.unavailable[id] -= 1
                    raise Problem(503, "unavailable", retry=True)
                if id not in self.episodes:
                    raise Problem(404, "episode_not_found")
                answers.append({"episode_id": id, **self._take(self.episodes[id], ordinal, epoch, lines)})
            except Problem as e:
                answers.append({"episode_id": id, "retry": False, **e.body})
        return answers

    def _event(self, episode: _Episode, kind: str, body: Dict[str, Any]) -> Dict[str, Any]:
        known = episode.events.get(body["event_id"])
        if known not in (None, (kind, body)):
            raise Problem(409, "score_conflict")
        self.duplicates += known is not None
        episode.events[body["event_id"]] = (kind, body)
        return {"event_id": body["event_id"], "duplicate": known is not None}

    def _beat(self, named: Dict[str, Any]) -> Dict[str, Any]:
        episode = self.episodes.get(named["episode_id"])
        self.beats.append(named["episode_id"])
        if episode is None:
            code = "episode_not_found"
        elif named.get("writer_epoch", episode.epoch) < episode.epoch:
            code = "writer_fenced"
        else:
            code = "ok" if episode.status == "running" else "episode_ended"
        return {"episode_id": named["episode_id"], "code": code}

    def _end(self, episode: _Episode, body: Dict[str, Any]) -> Dict[str, Any]:
        self._check_epoch(episode, body.get("writer_epoch"))
        if body["next_ordinal"] != len(episode.lines):
            raise Problem(409, "ordinal_gap", expected=len(episode.lines))
        score, cause = body.get("final_score"), body.get("end_cause")
        if episode.status != "running":
            if (episode.status, episode.final_score, episode.end_cause) != ("completed", score, cause):
                raise Problem(409, "end_conflict")
            self.duplicates += 1
        else:
            episode.status, episode.end_time = "completed", time.time()
            episode.final_score, episode.end_cause = score, cause
            self._to_history(episode)
        return {"episode_id": episode.id, "status": episode.status, "end_cause": cause, "final_score": score,
                "total_steps": _total(episode), "next_ordinal": len(episode.lines), "end_time": episode.end_time}

    def _resume(self, episode: _Episode, body: Dict[str, Any]) -> Dict[str, Any]:
        if episode.status not in ("running", "lost"):
            raise Problem(409, "episode_ended")
        if episode.status == "running":
            self._check_writer(episode.worker, body)
        episode.status = "running"
        episode.epoch += 1
        episode.worker.writer = body.get("writer")
        return {"next_ordinal": len(episode.lines), "writer_epoch": episode.epoch, "record": _trajectory(episode)}

    @staticmethod
    def _check_epoch(episode: _Episode, epoch: Any) -> None:
        if epoch is not None and int(epoch) < episode.epoch:
            raise Problem(409, "writer_fenced")

    def _read(self, name: str, shape: str) -> Any:
        worker = self.workers.get(name)
        if worker is None:
            raise Problem(404, "worker_not_found")
        if shape == "history":
            keys = ("episode_id", "task", "variant_id", "final_score", "total_steps", "duration_seconds")
            return [{key: _trajectory(episode)[key] for key in keys} for episode in worker.history]
        episode = worker.current
        assert episode is not None
        steps = [_defaults(line) for line in episode.lines]
        if shape == "trajectory":
            return _trajectory(episode)
        if shape == "timeline":
            names = {"step": "step_number", "action": "action_type", "path": "action_path", "reward": "reward", "error": "error",
                     "duration_ms": "duration_ms", "pass_rate": "test_pass_rate", "security_flags": "security_flags"}
            return [{ours: step[theirs] for ours, theirs in names.items()} for step in steps]
        if shape == "replay-actions":
            return [_replay(json.loads(line)) for line in episode.lines]
        raise Problem(404, "")


_STEP_FIELDS = {
    "step_number": 0, "timestamp": 0.0, "action_type": "", "action_path": None, "action_query": None, "action_content_length": None,
    "observation_snapshot": None, "reward": 0, "cumulative_reward": 0, "done": False, "error": None, "file_diff": None,
    "test_pass_rate": None, "duration_ms": 0, "security_flags": [],
}


def _defaults(line: bytes) -> Dict[str, Any]:
    step = json.loads(line)
    return {name: step.get(name, default) for name, default in _STEP_FIELDS.items()}


def _total(episode: _Episode) -> int:
    return json.loads(episode.lines[-1])["step_number"] if episode.lines else 0


def _trajectory(episode: _Episode) -> Dict[str, Any]:
    return {
        "episode_id": episode.id, "task": episode.body["task"], "variant_id": episode.body["variant_id"],
        "start_time": episode.start_time, "end_time": episode.end_time,
        "duration_seconds": None if episode.end_time is None else round(episode.end_time - episode.start_time, 2),
        "steps": [_defaults(line) for line in episode.lines],
        "final_score": 0.0 if episode.final_score is None else episode.final_score,
        "total_steps": _total(episode), "metadata": episode.body.get("metadata") or {},
    }


def _replay(step: Dict[str, Any]) -> Dict[str, Any]:
    action = {"action_type": step["action_type"]}
    for ours, theirs in (("path", "action_path"), ("query", "action_query")):
        if step.get(theirs):
            action[ours] = step[theirs]
    if step.get("action_content") is not None:
        action["content"] = step["action_content"]
    return action


def _strict(raw: bytes) -> Any:
    def refuse(token: str) -> Any:
        raise Problem(400, "bad_json", f"{token} is not JSON")

    try:
        return json.loads(raw.decode("utf-8"), parse_constant=refuse)
    except ValueError as e:
        raise Problem(400, "bad_json", str(e)) from None


class _Server(ThreadingHTTPServer):
    double: WireDouble

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # clients are killed here, and close in the middle
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.server.double.connections += 1

    def do_GET(self) -> None:
        self.server.double.answer(self, "GET", b"")

    def do_PUT(self) -> None:
        self.server.double.answer(self, "PUT", self.rfile.read(int(self.headers["Content-Length"])))

    def do_POST(self) -> None:
        self.server.double.answer(self, "POST", self.rfile.read(int(self.headers["Content-Length"])))

    def reply(self, status: int, value: Any, retry_after: Optional[float] = None, half: bool = False) -> None:
        if isinstance(value, Lines):
            return self.stream(value, half)
        body = value.encode() if isinstance(value, str) else json.dumps(value, allow_nan=False).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if retry_after is not None:
            self.send_header("Retry-After", f"{retry_after:g}")
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if half else body)
        if half:
            self.hang_up()

    def stream(self, lines: "Lines", half: bool) -> None:
        """Chunked, with the chunks cutting lines: a client must not take a piece for a line."""
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        if half:
            body = body[: len(body) // 2]
        for start in range(0, len(body), 50):
            piece = body[start : start + 50]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if half:
            return self.hang_up()
        self.wfile.write(b"0\r\n\r\n")

    def hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the client was faster

    def log_message(self, format: str, *args: Any) -> None:
        pass


if __name__ == "__main__":  # in a process of its own, until its input ends
    with WireDouble() as alone:
        print(alone.url, flush=True)
        sys.stdin.read()
