"""What the worker asks at every look stays quick, however much was ever posted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import Engine, event

from tests.world import World

Asked = list[tuple[str, Any]]


@contextmanager
def overheard() -> Iterator[Asked]:
    """Every statement that any database is asked meanwhile, with its values."""
    asked: Asked = []

    def note(_: object, __: object, text: str, values: Any, *___: object) -> None:
        asked.append((text, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_a_look_at_the_outbox_goes_through_nothing_that_was_posted_before(
    sqlite_url: str,
) -> None:
    """Of a channel, or of all, only what is open or held is gone through, by its own index."""
    world = World(sqlite_url)
    await world.worker.deliver_due()
    with overheard() as asked:
        await world.worker.deliver_due()
    world.close()
    looks = [(text, values) for text, values in asked if "FROM delivery" in text]
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
        plans = [
            str(step[3])
            for text, values in looks
            for step in database.execute(f"EXPLAIN QUERY PLAN {text}", values)
        ]
    broad = [one for one in plans if one.startswith("SCAN delivery") or "(channel_id=?)" in one]
    assert broad
    assert [one for one in broad if "_open" not in one and "_held" not in one] == []
