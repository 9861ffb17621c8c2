"""What went wrong, in sentences on standard error, and the exit code for it; never a traceback for wrong input."""

import os
import sys
from collections.abc import Callable

from perfuse.parameters.problems import InputError
from perfuse.parameters.safety import NOT_FOR_CLINICAL_USE

WRONG_INPUT, STOPPED = 2, 130


def guarded(command: Callable[[], int], *, as_json: bool) -> int:
    """The exit code of a command; 2 for wrong input, 130 when the user stops it."""
    try:
        code = command()
        sys.stdout.flush()
        return code
    except InputError as error:
        if as_json:
            from json import dumps

            sys.stdout.write(dumps(error.as_json(), indent=1, ensure_ascii=False) + "\n")
        return _said(str(error))
    except UnicodeDecodeError as error:
        return _said(f"the file is not text in UTF-8 (byte {error.start}); save it as UTF-8.")
    except BrokenPipeError:  # the reader of a pipe has gone; nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        return _said(f"{name}{error.strerror or error}.")
    except KeyboardInterrupt:
        _said("stopped; nothing was written.")
        return STOPPED


def mistyped(error: Exception) -> int:
    """A command or option that does not exist, or has the wrong kind of value."""
    return _said(f"{' '.join(str(error).split())}\n'perfuse --help' lists the commands, 'perfuse COMMAND --help' its options.")


def _said(text: str) -> int:
    sys.stderr.write(f"perfuse: {text}\n{NOT_FOR_CLINICAL_USE}\n")
    return WRONG_INPUT
