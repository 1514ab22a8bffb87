"""`python -m rollbook`: what the client can do from a shell."""

from __future__ import annotations

import argparse
import sys
from typing import List, Optional

from . import doctor
from .version import __version__


def main(arguments: Optional[List[str]] = None) -> int:
    """The command line; gives the exit code.

    Example:
        >>> from rollbook.__main__ import main
        >>> main(["doctor", "--url", "no address"])     # doctest: +ELLIPSIS
        python        ok    ...
        settings      FAIL  'no address' is not an http or https address. ...
        1
    """
    parser = argparse.ArgumentParser(
        prog="python -m rollbook",
        description="The Python client of Rollbook, the flight recorder of reinforcement-learning rollouts.",
        epilog="To record: from rollbook import TrajectoryLogger. To look at what was recorded: the rollbook command line, or any HTTP client.",
    )
    parser.add_argument("--version", action="version", version=f"rollbook {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    doctor.add_to(commands)
    chosen = parser.parse_args(arguments)
    if not hasattr(chosen, "run"):
        parser.print_help()
        return 2
    return int(chosen.run(chosen))


if __name__ == "__main__":
    sys.exit(main())
