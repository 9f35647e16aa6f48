"""Discord and several processes: one listens, and what nobody heard is caught up with."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from typing import cast

import pytest

from adapters.discord import create
from bot import catchup
from bot.alone import alone
from bot.bot import Bot
from storage import cursors
from storage.store import SqlStore
from tests.discord_place import Place, serving
from tests.discord_process import TITLES, Process, identified, process
from tests.servers.discord import Channel, DiscordServer, Settings, User
from tests.waiting import until


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with serving(Settings(heartbeat_seconds=0.5)) as made:
        yield made


async def thread_of_a_report(here: Process, person: User) -> tuple[Channel, Channel]:
    """A report in two channels that share comments; its thread in the first one, and the other."""
    second = here.server.adds_channel("second")
    await here.subscribes(here.server.channel.id, second.id)
    await here.publishes(TITLES[0])
    await here.delivers()
    report = here.server.messages(here.server.channel)[0]
    return here.server.starts_thread(report, person), second


async def copies(here: Process, place: Channel) -> list[str]:
    """The last words of the copies under the report in a channel."""
    await here.delivers()
    thread = here.server.messages(place)[0].id
    return [text.rpartition(" ")[2] for text in here.reports(thread)]


async def test_one_process_listens_and_the_next_one_takes_over(
    server: DiscordServer, sqlite_url: str
) -> None:
    ada = server.adds_person("Ada")
    start = [process(sqlite_url, server) for _ in range(2)]
    async with start[0] as first, start[1] as second:
        await first.listens()
        await identified(server)
        await second.listens()
        thread, other = await thread_of_a_report(second, ada)
        await asyncio.sleep(1)
        assert len(server.gateway.links) == len(server.gateway.identifies) == 1
        server.person_says(thread, ada, "heard")
        await until(lambda: len(second.comments()) == 1)
        await first.leaves()
        missed = server.person_says(thread, ada, "missed")
        # Long before the lease would have ended by itself.
        await until(lambda: len(server.gateway.identifies) == 2, seconds=6)
        await until(lambda: f"{thread.id}/{missed}" in second.comments())
        assert await copies(second, other) == ["heard", "missed"]


async def test_who_cannot_renew_the_lease_closes_the_connection_before_it_ends(
    server: DiscordServer, sqlite_url: str
) -> None:
    async with process(sqlite_url, server, lease=6) as here:
        await here.listens()
        await identified(server)
        with closing(sqlite3.connect(here.file)) as other:
            other.execute("begin immediate")
            await until(lambda: not server.gateway.links, seconds=6)
            other.rollback()
        await until(lambda: server.gateway.links, seconds=15)


async def test_two_owners_for_a_moment_apply_each_comment_once(
    server: DiscordServer, sqlite_url: str
) -> None:
    ada = server.adds_person("Ada")
    async with process(sqlite_url, server) as first, process(sqlite_url, server) as second:
        await first.listens()
        await identified(server)
        thread, other = await thread_of_a_report(first, ada)
        with closing(sqlite3.connect(first.file)) as rows:
            rows.execute("delete from lease where role = 'discord gateway'")
            rows.commit()
        await second.listens()
        await until(lambda: len(server.gateway.links) == 2)
        for number in range(5):
            server.person_says(thread, ada, f"No-{number}")
        # The first one is told at its next renewal that it is not the owner any more.
        await until(lambda: len(server.gateway.links) == 1)
        await until(lambda: len(first.comments()) == 5)
        assert await copies(second, other) == [f"No-{number}" for number in range(5)]


def endings(server: DiscordServer) -> list[Callable[[], None]]:
    """Each way in which a connection ends: some sessions can be resumed, others are lost."""
    codes = [1000, 1001, None, 4000]
    kept: list[Callable[[], None]] = [lambda code=code: server.drops(code) for code in codes]  # type: ignore[misc]  # a default binds the loop's value
    kept += [server.asks_to_reconnect, lambda: server.invalidates(resumable=True)]
    lost: list[Callable[[], None]] = [
        lambda: server.drops(4007),
        lambda: server.drops(4009),
        server.invalidates,
    ]
    return [*kept, lost[0], *kept, lost[1], *kept, lost[2]]


async def test_however_connections_end_each_comment_is_applied_once(
    server: DiscordServer, sqlite_url: str
) -> None:
    ada = server.adds_person("Ada")
    async with process(sqlite_url, server) as here:
        await here.listens()
        await identified(server)
        thread, other = await thread_of_a_report(here, ada)
        said: list[str] = []
        for ends in endings(server):
            await until(lambda: any(link.session for link in server.gateway.links), 20)
            before = list(server.gateway.links)
            said.append(server.person_says(thread, ada, f"before-{len(said)}"))
            ends()
            said.append(server.person_says(thread, ada, f"meanwhile-{len(said)}"))
            await until(lambda: server.gateway.links != before)  # noqa: B023 - waited for here
            said.append(server.person_says(thread, ada, f"after-{len(said)}"))
            await until(lambda: len(here.comments()) >= len(said), 30)
        assert sorted(here.comments()) == sorted(f"{thread.id}/{number}" for number in said)
        shown = await copies(here, other)
        assert len(shown) == len(set(shown)) == len(said) == 63
        assert len(server.gateway.identifies) == 4


async def test_edits_and_deletions_made_while_nobody_listened_are_made_up_for(
    server: DiscordServer, sqlite_url: str
) -> None:
    ada = server.adds_person("Ada")
    async with process(sqlite_url, server) as here:
        await here.listens()
        await identified(server)
        thread, other = await thread_of_a_report(here, ada)
        said = [server.person_says(thread, ada, f"old-{number}") for number in range(40)]
        await until(lambda: len(here.comments()) == 40)
        assert len(await copies(here, other)) == 40
        await here.leaves()
        for number in said[:20]:
            server.person_edits(number, "new-words")
        for number in said[20:]:
            server.person_deletes(number)
        await here.listens()
        await until(lambda: list(here.comments().values()) == ["new-words"] * 20)
        assert await copies(here, other) == ["new-words"] * 20


async def test_a_flood_of_missed_comments_is_ten_copies_and_a_note(
    server: DiscordServer, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cursors, "_GATHERING", 0.2)
    monkeypatch.setattr(catchup, "FRESH", 0)
    ada = server.adds_person("Ada")
    async with process(sqlite_url, server) as here:
        thread, other = await thread_of_a_report(here, ada)
        for number in range(500):
            server.person_says(thread, ada, f"No-{number}")
        await here.listens()
        await until(lambda: len(here.comments()) == 500, 60)
        await until(lambda: here.caught_up() > 0)
        shown = await copies(here, other)
        assert shown[0] == "away."
        assert shown[1:] == [f"No-{number}" for number in range(490, 500)]
        (note, *_) = here.reports(server.messages(other)[0].id)
        assert note.startswith("490 more comments")


async def test_a_connection_that_died_unseen_is_replaced(
    server: DiscordServer, sqlite_url: str
) -> None:
    """In use Discord may be silent for 60 seconds, so that it is back within 90."""
    ada = server.adds_person("Ada")
    async with process(sqlite_url, server, silence=2) as here:
        await here.listens()
        await identified(server)
        thread, _ = await thread_of_a_report(here, ada)
        began = asyncio.get_running_loop().time()
        server.goes_silent()
        server.person_says(thread, ada, "hello?")
        await until(here.comments, seconds=12)
        # Three seconds here are 90 in use; two more are for a machine that has much else to do.
        assert asyncio.get_running_loop().time() - began < 3 + 2


async def test_a_crash_loop_stays_far_below_a_thousand_starts_a_day(
    server: DiscordServer, sqlite_url: str
) -> None:
    async with process(sqlite_url, server) as here:
        for start in range(1, 26):
            chat = create(server.token, server.url, server.gateway_url)
            listening = asyncio.create_task(chat.run(here.bot))
            seconds = 3 if start <= 20 else 0.4
            reached = until(lambda: len(server.gateway.identifies) >= start, seconds)  # noqa: B023 - awaited in this turn
            (outcome,) = await asyncio.gather(reached, return_exceptions=True)
            assert (outcome is None) == (start <= 20)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    # One more in two minutes: at most 25 in ten minutes, however often it crashes.
    assert len(server.gateway.identifies) == 20


async def test_with_few_starts_left_nobody_starts_and_posting_goes_on(
    server: DiscordServer, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.settings.session_starts = 49
    async with process(sqlite_url, server) as here:
        await here.listens()
        await until(lambda: "allows 49 more starts" in caplog.text)
        await here.subscribes(server.channel.id)
        await here.publishes(TITLES[0])
        await here.delivers()
        assert len(here.reports(server.channel.id)) == 1
    assert not server.gateway.identifies
    assert len([line for line in caplog.messages if "more starts" in line]) == 1


async def test_a_cancellation_that_the_library_loses_ends_the_listening_all_the_same(
    place: Place,
) -> None:
    """Before Python 3.12 `asyncio.wait_for` may lose one (github.com/python/cpython/issues/86296).
    A process would listen on that has lost the right to."""
    lost = 0

    async def listen() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                lost += 1
                if lost > 1:
                    raise

    listening = asyncio.create_task(alone(cast(Bot, place.core), "listening", listen))
    await until(lambda: place.core.owner)
    await asyncio.sleep(0.01)
    listening.cancel()
    async with asyncio.timeout(10):
        await asyncio.gather(listening, return_exceptions=True)
    assert (lost, place.core.owner) == (2, "")


async def test_who_leaves_when_the_core_is_closed_already_says_so_in_one_line(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Discord may take longer to say goodbye than a process has."""
    bot, begun = Bot(store), asyncio.Event()

    async def listen() -> None:
        begun.set()
        await asyncio.Event().wait()

    listening = asyncio.create_task(alone(bot, "listening", listen))
    async with asyncio.timeout(10):
        await begun.wait()
    bot.close()
    listening.cancel()
    (ended,) = await asyncio.gather(listening, return_exceptions=True)
    assert isinstance(ended, asyncio.CancelledError)
    (said,) = caplog.messages
    assert said == "the role listening is free for others in 30 s only: This process is ending."
