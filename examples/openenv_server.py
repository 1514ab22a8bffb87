"""An environment server in the manner of OpenEnv, which records: one environment for each WebSocket connection to `/ws`.

    PYTHONPATH=src/Client.Python uvicorn --app-dir examples openenv_server:app

With FastAPI installed `app` is a FastAPI application, else a bare ASGI one; both speak the same frames:

    {"type": "reset", "data": {"seed": 7, "task": "guess-number"}}   → {"type": "observation", "data": {"observation", "reward", "done"}}
    {"type": "step", "data": {"guess": 5}}                           → the same
    {"type": "state"}                                                → {"type": "state", "data": {"episode_id", "step_count"}}
    {"type": "close"}
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, Awaitable, Callable, Dict, Optional

from environment import GuessNumber
from rollbook import TrajectoryLogger
from rollbook.asgi import ContextMiddleware

try:
    from fastapi import FastAPI, WebSocket, WebSocketDisconnect
except ImportError:
    FastAPI = None


class Session:
    """One connection: an environment and its logger."""

    def __init__(self) -> None:
        self._env = GuessNumber()
        self._log = TrajectoryLogger()   # opens nothing before the first reset
        self._steps, self._total, self._done = 0, 0.0, True

    async def answer(self, frame: str) -> Optional[Dict[str, Any]]:
        """The reply to one frame; None ends the session. What records waits for a disk: never on the event loop."""
        try:
            message = json.loads(frame)
            kind, data = message["type"], message.get("data") or {}
        except (ValueError, TypeError, KeyError, AttributeError):
            return _error("INVALID_JSON", "A frame is an object with type and data.")
        if kind == "reset":
            return await asyncio.to_thread(self._reset, data)   # to_thread hands the request's context over
        if kind == "step":
            return await asyncio.to_thread(self._step, data)
        if kind == "state":
            return {"type": "state", "data": {"episode_id": self._log.episode_id, "step_count": self._steps}}
        return None if kind == "close" else _error("UNKNOWN_TYPE", f"There is no {kind}.")

    async def end(self) -> None:
        """The connection is gone. An episode in its middle is told so, rather than left to be lost after its deadline."""
        await asyncio.to_thread(self._end)

    def _reset(self, data: Dict[str, Any]) -> Dict[str, Any]:
        observation, _ = self._env.reset(seed=data.get("seed"))
        # Group, attempt and policy version come from the trainer's baggage header, through the middleware.
        self._log.start_episode(
            str(data.get("task", "guess-number")), "v1", seed=data.get("seed"), environment="guess-number", initial_observation=observation
        )
        self._steps, self._total, self._done = 0, 0.0, False
        return _observation(observation, None, False)

    def _step(self, action: Dict[str, Any]) -> Dict[str, Any]:
        if self._done:
            return _error("EXECUTION_ERROR", "Reset first.")
        began = time.perf_counter()
        try:
            observation, reward, terminated, truncated, _ = self._env.step(int(action["guess"]))
        except (KeyError, TypeError, ValueError) as e:
            return _error("VALIDATION_ERROR", f"guess must be an integer: {e!r}")
        self._steps, self._total, self._done = self._steps + 1, self._total + reward, terminated or truncated
        self._log.record_step(
            step_number=self._steps, action_type="guess", action_path=None, action_query=str(action["guess"]),
            action_content_length=None, reward=reward, cumulative_reward=self._total, done=self._done, error=None, file_diff=None,
            test_pass_rate=None, duration_ms=(time.perf_counter() - began) * 1000, observation_compact=observation,
            extra={"action": action},
        )
        if self._done:
            self._log.end_episode(final_score=self._total, end_cause="terminated" if terminated else "truncated")
        return _observation(observation, reward, self._done)

    def _end(self) -> None:
        if not self._done:
            self._done = True
            self._log.end_episode(end_cause="disconnected")
        self._log.close()


async def serve(receive: Callable[[], Awaitable[Optional[str]]], send: Callable[[str], Awaitable[None]]) -> None:
    """One session over any pair of text frames; `receive` gives None at the end."""
    session = Session()
    try:
        while True:
            frame = await receive()
            reply = None if frame is None else await session.answer(frame)
            if reply is None:
                return
            await send(json.dumps(reply))
    finally:
        await session.end()


def _observation(observation: Dict[str, Any], reward: Optional[float], done: bool) -> Dict[str, Any]:
    return {"type": "observation", "data": {"observation": observation, "reward": reward, "done": done}}


def _error(code: str, message: str) -> Dict[str, Any]:
    return {"type": "error", "data": {"message": message, "code": code}}


async def bare_app(scope: Any, receive: Any, send: Any) -> None:
    """The server without any framework."""
    if scope["type"] == "websocket" and scope["path"] == "/ws":

        async def text() -> Optional[str]:
            message = await receive()
            return str(message.get("text")) if message["type"] == "websocket.receive" else None

        await receive()   # websocket.connect
        await send({"type": "websocket.accept"})
        await serve(text, lambda frame: send({"type": "websocket.send", "text": frame}))
        return
    if scope["type"] == "http":
        healthy = scope["path"] == "/health"
        await send({"type": "http.response.start", "status": 200 if healthy else 404, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b'{"status":"healthy"}' if healthy else b"{}"})


def fastapi_app() -> Any:
    """The same server with FastAPI."""
    server = FastAPI()

    @server.get("/health")
    async def health() -> Dict[str, str]:
        return {"status": "healthy"}

    async def ws(socket: WebSocket) -> None:
        await socket.accept()

        async def text() -> Optional[str]:
            try:
                return str(await socket.receive_text())
            except WebSocketDisconnect:
                return None

        await serve(text, socket.send_text)

    ws.__annotations__["socket"] = WebSocket   # annotations are texts here; FastAPI wants the class
    server.websocket("/ws")(ws)
    return server


app = ContextMiddleware(bare_app if FastAPI is None else fastapi_app())
