"""The address of a PostgreSQL database: what a connection needs, a name for messages that never holds the password, what a server says."""

import ssl
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit


class AddressError(ValueError):
    """An address that cannot be read; `hint` says how it is written."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
        self.hint = FORM


FORM = (
    "Write it as postgresql://user:password@host:port/name; after it may stand ?sslmode=disable, prefer, require or verify-full, "
    "or ?host=/folder for a socket in a folder."
)
_TLS: dict[str, Any] = {"prefer": None, "require": True, "disable": False}


def read_address(url: str) -> tuple[dict[str, Any], str]:
    """Arguments of the connection (as pg8000 takes them), and a name for messages."""
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError as error:
        raise AddressError(f"the address of the database cannot be read ({error})") from error
    options = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
    if not parts.username or not parts.path.strip("/"):
        raise AddressError("the address of the database lacks its user or its name")
    folder, tls = options.pop("host", ""), options.pop("sslmode", "prefer")
    if options or tls not in (*_TLS, "verify-full"):
        raise AddressError(f"the address of the database has an option that is not known here: {_options(parts)}")
    arguments: dict[str, Any] = {
        "user": unquote(parts.username),
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.strip("/")),
        "ssl_context": ssl.create_default_context() if tls == "verify-full" else _TLS[tls],
    }
    if folder:
        arguments["unix_sock"] = f"{folder}/.s.PGSQL.{port}"
    else:
        arguments |= {"host": parts.hostname or "localhost", "port": port}
    return arguments, f"postgresql://{folder or arguments['host']}:{port}/{arguments['database']}"


def servers_words(error: BaseException) -> str:
    """What the server said, out of an exception of pg8000."""
    said = error.args[0] if error.args else ""
    return str(said["M"]) if isinstance(said, dict) and "M" in said else str(error)


def _options(parts: SplitResult) -> str:
    return ", ".join(f"{key}={value}" for key, values in parse_qs(parts.query, keep_blank_values=True).items() for value in values)
