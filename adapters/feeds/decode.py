"""The body of an answer, read in small pieces and never beyond a size we chose.

Compression is undone here and not by the library, which would unpack a whole bomb before
anybody could count it.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import Protocol

ENCODINGS = "gzip, deflate"


class BadBody(Exception):
    """Too large, damaged, or compressed in a way we do not read; says so in plain words."""


class Decoder(Protocol):
    def feed(self, chunk: bytes, room: int) -> bytes:
        """What these bytes hold, at most one byte more than there is room for."""

    def finish(self) -> None:
        """BadBody if the data ended too early."""


class _Plain:
    def feed(self, chunk: bytes, room: int) -> bytes:
        return chunk[: room + 1]

    def finish(self) -> None:
        return None


class _Compressed:
    """gzip (also of several members), or deflate with or without its header."""

    def __init__(self, gzip: bool) -> None:
        self._gzip = gzip
        self._wbits = 31 if gzip else 15
        self._inner = zlib.decompressobj(self._wbits)
        self._started = False

    def feed(self, chunk: bytes, room: int) -> bytes:
        out = b""
        while chunk and len(out) <= room:
            if self._inner.eof:
                if not self._gzip or not chunk.startswith(b"\x1f"):
                    return out  # padding after the end, which some servers add
                self._inner = zlib.decompressobj(self._wbits)
            out += self._unpack(chunk, room + 1 - len(out))
            chunk = self._inner.unused_data if self._inner.eof else self._inner.unconsumed_tail
        return out

    def _unpack(self, chunk: bytes, room: int) -> bytes:
        try:
            out = self._inner.decompress(chunk, room)
        except zlib.error as error:
            if self._gzip or self._started:
                raise BadBody("sent compressed data that is damaged") from error
            # Many servers send deflate without the zlib header that RFC 9110 asks for.
            self._started, self._wbits = True, -15
            self._inner = zlib.decompressobj(self._wbits)
            return self._unpack(chunk, room)
        self._started = True
        return out

    def finish(self) -> None:
        if self._started and not self._inner.eof:
            raise BadBody("broke off in the middle of its answer")


def decoder(encoding: str) -> Decoder:
    """The one for a Content-Encoding header; BadBody if we have none."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return _Plain()
    if name in ("gzip", "x-gzip", "deflate"):
        return _Compressed(gzip="gzip" in name)
    raise BadBody("sent its answer in a compression that we did not ask for")


async def read_body(
    chunks: AsyncIterator[bytes], encoding: str, *, limit: int, wire_limit: int
) -> bytes:
    """The whole body, at most `limit` bytes unpacked and `wire_limit` bytes packed."""
    undo = decoder(encoding)
    body, wire = bytearray(), 0
    packed = not isinstance(undo, _Plain)
    async for chunk in chunks:
        wire += len(chunk)
        if packed and wire > wire_limit:
            raise BadBody(f"sent more than {_size(wire_limit)} of compressed data")
        body += undo.feed(chunk, limit - len(body))
        if len(body) > limit:
            raise BadBody(f"sent more than {_size(limit)}")
    undo.finish()
    return bytes(body)


def _size(count: int) -> str:
    return f"{count / (1 << 20):.0f} MiB" if count >= 1 << 20 else f"{count / 1024:.0f} kB"
