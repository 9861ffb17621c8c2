"""States packed for the database, with a digest that tells a damaged one from a whole one."""

import hashlib
import zlib

from perfuse.bedside.records import refused


def packed(state: bytes) -> bytes:
    """A state made smaller."""
    return zlib.compress(state)


def digest(state: bytes) -> str:
    """SHA-256 of a state as it was before packing; equal states have equal digests."""
    return hashlib.sha256(state).hexdigest()


def unpacked(stored: bytes, digest_then: str) -> bytes:
    """The state as it was; InputError where it is no longer that, bit for bit."""
    try:
        state = zlib.decompress(stored)
    except zlib.error as error:
        raise refused("snapshot", f"this snapshot is damaged and cannot be unpacked ({error})") from error
    if digest(state) != digest_then:
        raise refused("snapshot", "this snapshot is damaged: its content is not what was written")
    return state
