"""Loggers learn of a fork: a child must not share its parent's connection, slot or episode."""

from __future__ import annotations

import os
import weakref
from typing import Callable, List, Protocol


class Forkable(Protocol):
    """What can begin anew in a forked child.

    Example:
        >>> from rollbook import TrajectoryLogger
        >>> hasattr(TrajectoryLogger, "after_fork")
        True
    """

    def after_fork(self) -> None:
        """Lets go of what belongs to the parent; called in the child, where only this thread runs."""


_living: "weakref.WeakSet[Forkable]" = weakref.WeakSet()
_first: List[Callable[[], None]] = []


def watch(item: Forkable) -> None:
    """Calls `item.after_fork()` in every child that is forked while `item` lives.

    Example:
        >>> from rollbook import TrajectoryLogger
        >>> from rollbook.fork import watch
        >>> watch(TrajectoryLogger(worker="watched-1"))   # each logger has done so itself
    """
    _living.add(item)


def first(reset: Callable[[], None]) -> None:
    """Calls `reset()` in every forked child, before any `after_fork`: what those share must be clean by then.

    Example:
        >>> from rollbook.fork import first
        >>> first(lambda: None)
    """
    _first.append(reset)


def _after_fork() -> None:
    for reset in _first:
        reset()
    for item in list(_living):
        item.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
