"""The four reads of the reference, by the worker's name alone."""

from __future__ import annotations

from typing import Any, Dict, List, Optional
from urllib.parse import quote

from .shapes import history_from, timeline_from, trajectory_from
from .transport import Transport


class WorkerReads:
    """What the recorder has of one worker, whoever recorded it. Nothing is kept here: each read asks the server.

    Example:
        >>> from rollbook import TrajectoryLogger
        >>> writer = TrajectoryLogger(worker="reads-1")
        >>> id = writer.start_episode("t", "v")
        >>> TrajectoryLogger(worker="reads-1").get_trajectory()["episode_id"] == id   # from any process
        True
    """

    def _read(self, shape: str, missing: Any) -> Any:
        """The JSON of one shape; `missing` where nothing was recorded."""
        raise NotImplementedError

    def get_trajectory(self) -> Optional[Dict[str, Any]]:
        """The worker's current episode, else its last ended one, with all steps; None where nothing was recorded.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> print(TrajectoryLogger(worker="nobody-1").get_trajectory())
            None
        """
        return trajectory_from(self._read("trajectory", None))

    def get_replay_actions(self) -> List[Dict[str, Any]]:
        """The actions of that episode, to do again: `action_type` and, where there is one, `path`, `query`, `content`.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> TrajectoryLogger(worker="nobody-1").get_replay_actions()
            []
        """
        return list(self._read("replay-actions", []))

    def get_step_timeline(self) -> List[Dict[str, Any]]:
        """The steps of that episode in brief: `step, action, path, reward, error, duration_ms, pass_rate, security_flags`.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> TrajectoryLogger(worker="nobody-1").get_step_timeline()
            []
        """
        return timeline_from(self._read("timeline", []))

    def get_history_summary(self) -> List[Dict[str, Any]]:
        """The worker's last ten ended episodes, oldest first.

        Example:
            >>> from rollbook import TrajectoryLogger
            >>> TrajectoryLogger(worker="nobody-1").get_history_summary()
            []
        """
        return history_from(self._read("history", []))


def read_worker(transport: Transport, worker: str, shape: str, missing: Any, seconds: float) -> Any:
    """One shape of a worker from the recorder, as it is on the wire.

    Example:
        >>> from rollbook.reads import read_worker
        >>> from rollbook.settings import read_settings
        >>> from rollbook.transport import Transport
        >>> transport = Transport(read_settings())
        >>> read_worker(transport, "nobody-1", "timeline", [], 120.0)
        []
        >>> transport.close()
    """
    path = f"/v1/workers/{quote(worker, safe='~:@+')}/{shape}"
    return transport.get_json(f"The {shape} of worker {worker}", path, missing, seconds)
