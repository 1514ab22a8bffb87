"""Rollbook: the flight recorder of reinforcement-learning rollouts.

Example:
    >>> from rollbook import TrajectoryLogger, FileDiff
    >>> log = TrajectoryLogger(worker="package-1")
    >>> id = log.start_episode("fix-bug-17", "v3")
    >>> log.end_episode(final_score=0.75)
"""

from .async_logger import AsyncTrajectoryLogger
from .context import context
from .errors import (
    ConfigurationError,
    EndConflict,
    EpisodeEnded,
    LoggerClosed,
    NoEpisode,
    NotAllowed,
    OutboxFull,
    OutOfStep,
    Refused,
    RollbookError,
    TooLarge,
    Unavailable,
    WorkerBusy,
    WriterFenced,
)
from .logger import TrajectoryLogger
from .scores import label, score
from .shapes import FileDiff
from .version import __version__

__all__ = [
    "AsyncTrajectoryLogger",
    "ConfigurationError",
    "EndConflict",
    "EpisodeEnded",
    "FileDiff",
    "LoggerClosed",
    "NoEpisode",
    "NotAllowed",
    "OutOfStep",
    "OutboxFull",
    "Refused",
    "RollbookError",
    "TooLarge",
    "TrajectoryLogger",
    "Unavailable",
    "WorkerBusy",
    "WriterFenced",
    "__version__",
    "context",
    "label",
    "score",
]
