"""What runs inside the sandbox: one JSON line and a body in, one JSON line out, until the input
ends. It opens no connection and no file of ours.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict
from typing import Any, BinaryIO

from adapters.feeds.feed import NotAFeed
from adapters.feeds.page import extract
from adapters.feeds.parse import parse

_MEMORY = 1 << 30


def answer(what: str, body: bytes, url: str, content_type: str) -> dict[str, Any]:
    """A feed or a page as plain data; `refused` or `broken` say why there is none."""
    try:
        if what == "page":
            return asdict(extract(body, url, content_type))
        return asdict(parse(body, url, content_type))
    except NotAFeed as refusal:
        return {"refused": refusal.reason, "feeds": refusal.feeds}
    except (Exception, MemoryError) as error:
        # Of what a stranger's bytes do to these libraries, one line must come back.
        return {"broken": type(error).__name__}


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the input ends. Nobody waits for an answer after `seconds`: then we end too,
    also when the process that started us was killed."""
    while line := requests.readline():
        head = json.loads(line)
        signal.alarm(head["seconds"])
        body = requests.read(head["size"])
        told = answer(head["what"], body, head["url"], head["content_type"])
        answers.write(json.dumps(told).encode() + b"\n")
        answers.flush()
        signal.alarm(0)


def main() -> None:
    # A library that prints must not be taken for an answer.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        if sys.platform == "linux":
            import resource

            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
