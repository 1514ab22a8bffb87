"""A method that can be called of an object and of its class."""

from __future__ import annotations

import functools
from typing import Any, Callable


class either:
    """Calls `method(object or None, class, …)`: None when it was called of the class.

    Example:
        >>> from rollbook.either import either
        >>> class Log:
        ...     @either
        ...     def resume(self, kind, id):
        ...         return "new" if self is None else "same"
        >>> Log.resume("01K"), Log().resume("01K")
        ('new', 'same')
    """

    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method
        functools.update_wrapper(self, method)

    def __get__(self, instance: Any, owner: Any = None) -> Callable[..., Any]:
        return functools.partial(self._method, instance, owner)
