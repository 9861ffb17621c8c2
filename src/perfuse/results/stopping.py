"""A request to stop (Ctrl-C, SIGTERM, a terminal that closes): it ends a command at once, but not between steps that belong together."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = [number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None]
_asked: int | None = None
"""The signal that asked this command to stop."""
_held = 0
"""Stretches of work under way that a request to stop waits for."""


class Stopped(KeyboardInterrupt):
    """The command was asked to stop, by the signal `number`."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _ask(number: int, frame: object) -> None:
    global _asked
    if _asked is None:  # who asks again while things are put in order waits for that
        _asked = number
        if not _held:
            raise Stopped(number)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def stoppable() -> Iterator[None]:
    """While this lasts a request to stop raises Stopped. Signals that the process was started to ignore (nohup) stay ignored."""
    global _asked
    if not _is_main():  # only the main thread hears signals
        yield
        return
    _asked = None
    before = {one: handler for one in SIGNALS if (handler := signal.getsignal(one)) is not signal.SIG_IGN}
    try:
        for one in before:
            signal.signal(one, _ask)
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, signal.SIG_DFL if handler is None else handler)
        _asked = None


@contextmanager
def undisturbed() -> Iterator[None]:
    """Steps that belong together: who asks to stop meanwhile is heard at their end."""
    global _held
    if not _is_main():
        yield
        return
    before = _asked
    _held += 1
    try:
        yield
    finally:
        _held -= 1
        if _asked is not None and before is None and not _held:
            raise Stopped(_asked)


def leave_if_asked() -> None:
    """Raise Stopped where the command was asked to stop; for long work in other threads, which hear no signal."""
    if _asked is not None and not _is_main():
        raise Stopped(_asked)
