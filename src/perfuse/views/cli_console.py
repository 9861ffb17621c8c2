"""The command that serves the bedside page."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from perfuse.views.answering import OK


def console(
    case: str | None = None,
    /,
    *,
    port: int = 8800,
    host: str = "127.0.0.1",
    store: str | None = None,
    open_page: Annotated[bool, Parameter(name="--open", negative="--no-open")] = True,
) -> int:
    """Serve the bedside: a live patient on support, in the browser. Everything stays on this machine.

    Parameters
    ----------
    case
        A case file, or the name of a shipped case, to begin with; without it the page lets you choose.
    port
        Port to listen on; 0 takes a free one.
    host
        Address to bind to. Anything but this machine itself demands the token that is printed at the start.
    store
        Where runs are kept: a file (SQLite), or postgresql://user:password@host:port/database. Without it runs.db in your data folder.
    open_page
        Open the page in your browser.
    """
    from perfuse.views.console.serve import serve

    serve(case, host=host, port=port, store=store, open_page=open_page)
    return OK


def data_folder() -> Path:
    """Where runs are kept by default: $PERFUSE_DATA, or the user's data folder."""
    import os

    base = os.environ.get("PERFUSE_DATA")
    if base:
        return Path(base)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "perfuse"
