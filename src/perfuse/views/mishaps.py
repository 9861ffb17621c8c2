"""What went wrong, in sentences on standard error, and the exit code for it; never a traceback for wrong input."""

import os
import signal
import sys
from collections.abc import Callable

from perfuse.engine.compiler import KernelError
from perfuse.parameters.json_text import json_text
from perfuse.parameters.problems import LONGEST, InputError, Problem, told
from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE, SAFETY_TEXT
from perfuse.results.stopping import Stopped, stoppable

WRONG_INPUT = 2
STOPPED_BY = 128
"""The exit code of a command that a signal stopped is this and the signal's number: 130 for Ctrl-C, 143 for SIGTERM."""


def guarded(command: Callable[[], int], *, as_json: bool) -> int:
    """The exit code of a command; 2 for wrong input, 130 or 143 when it is asked to stop."""
    with stoppable():
        return _guarded(command, as_json)


def _guarded(command: Callable[[], int], as_json: bool) -> int:
    try:
        code = command()
        sys.stdout.flush()
        return code
    except InputError as error:
        _listed(error, as_json)
        return _said(str(error))
    except KernelError as error:
        _listed(InputError([Problem("kernel", str(error))], "the installation"), as_json)
        return _said(str(error))
    except UnicodeDecodeError as error:
        text = f"the file is not text in UTF-8 (byte {error.start}); save it as UTF-8"
        _listed(InputError([Problem("", text)]), as_json)
        return _said(f"{text}.")
    except BrokenPipeError:  # the reader of a pipe has gone; nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        _listed(InputError([Problem("", str(error.strerror or error), hint="Check the path.")], str(error.filename or "")), as_json)
        return _said(f"{name}{error.strerror or error}. Check the path.")
    except KeyboardInterrupt as error:
        number = error.number if isinstance(error, Stopped) else signal.SIGINT
        text = "stopped; nothing half-written is left"
        _listed(InputError([Problem("", text)], "the command"), as_json)
        _said(f"{text}.")
        return STOPPED_BY + number


def mistyped(error: Exception, *, as_json: bool = False) -> int:
    """A command or option that does not exist, or has the wrong kind of value."""
    words, hint = told(" ".join(str(error).split()), LONGEST), "'perfuse --help' lists the commands, 'perfuse COMMAND --help' its options."
    _listed(InputError([Problem("", words.removesuffix("."), hint=hint)], "the command line"), as_json)
    return _said(f"{words}\n{hint}")


def _listed(error: InputError, as_json: bool) -> None:
    """The problems as JSON on standard output, where that was asked for."""
    if as_json:
        sys.stdout.write(json_text({"safety": SAFETY_TEXT, **error.as_json()}, indent=1) + "\n")


def _said(text: str) -> int:
    sys.stderr.write(f"perfuse: {text}\n{NOT_FOR_CLINICAL_USE}\n")
    return WRONG_INPUT
