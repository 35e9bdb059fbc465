"""From a command's work to its exit status: whatever goes wrong on the way becomes a message."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from matchmaker.cli.terminal import Refusal, drop, printable_lines, say, say_error
from matchmaker.errors import MatchmakerError

BAD_INPUT = 2
OWN_MISTAKE = 70
INTERRUPTED = 130


def run(command_line: Callable[[], Any]) -> NoReturn:
    """Run the command line and leave; a mistake of our own must not pass for the answer "none", which is status 1.

    Parameters
    ----------
    command_line : callable
        Raises SystemExit with the exit status.
    """
    status: int | str | None = 0
    try:
        command_line()
    except SystemExit as leaving:
        status = leaving.code
    except KeyboardInterrupt:
        status = INTERRUPTED
    except OSError as error:  # while help was printed
        say_error(f"cannot write to standard output: {error.strerror or error}")
        status = BAD_INPUT
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}, line {last.lineno}"
        say_error(f"a mistake in matchmaker itself, please report it: {type(error).__name__}: {error} ({where})")
        status = OWN_MISTAKE
    if sys.stdout is not None:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            drop(sys.stdout)
        except OSError as error:
            drop(sys.stdout)
            say_error(f"cannot write to standard output: {error.strerror or error}")
            status = BAD_INPUT
    sys.exit(status)


def status_of(work: Callable[[], int]) -> int:
    """Do a command's work and return its exit status.

    Parameters
    ----------
    work : callable
        Returns the exit status.

    Returns
    -------
    int
        That status; 2 where the work was refused, and 130 where the user interrupted it.
    """
    try:
        return work()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Refusal as refusal:
        if refusal.rendered:
            say(refusal.rendered)
        else:
            say_error(refusal.message)
    except MatchmakerError as error:
        say_error(printable_lines(str(error)))
    except MemoryError:
        say_error("there is not enough memory")
    except RecursionError:
        say_error("something in the input is nested too deep")
    return BAD_INPUT
