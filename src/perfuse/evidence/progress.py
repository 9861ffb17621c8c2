"""How far a long calculation is: what those who wait give to those who work."""

from typing import Protocol


class Progress(Protocol):
    """Called with how much is done of how much, and a few words about it."""

    def __call__(self, done: float, total: float, words: str = "", /) -> None: ...
