"""Discord: the promises that no other file tells of."""

from __future__ import annotations

import asyncio
import itertools
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from adapters.discord.markdown import quiet
from bot.message import Author, Card, Message
from tests.chats import looked_for
from tests.discord_place import COPY, KEY, Place, copy_of, listening, opened, serving
from tests.discord_process import TITLES, Process, identified, process
from tests.servers.discord import Channel, DiscordServer, Settings
from tests.servers.discord.platform import Event
from tests.servers.discord.shown import shown
from tests.waiting import until

DELETE = "DELETE /channels/{channel}/messages/{message}"
EVIL = "https://evil.example/a"
FORMS = (
    *(f"[the bank]({EVIL})", f"[www.bank.example]({EVIL})", f"![x]({EVIL})", EVIL),
    *("# Heading", "### Small heading", "-# small print", "||spoiler||", "> quoted", ">>> quoted"),
    *("```py\nprint()\n```", "`code`", "``a ` b``", "**bold** __under__ *it* _it_ ~~gone~~"),
    *("<t:1700000000:R>", "<:wave:123> <a:dance:456>", "https://discord.gg/abc", "<@1> <@&2>"),
    *("<#3> <id:browse> </ban:4>", "@everyone @here"),
)
DRESSES = ("{}", "see {} now", "\\{}")
CORPUS = [dress.replace("{}", form) for form, dress in itertools.product(FORMS, DRESSES)]


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with serving() as made:
        yield made


async def conversation(here: Process) -> tuple[Channel, Channel]:
    """A report in two channels that share comments: its thread in one of them, and the other."""
    second, ada = here.server.adds_channel("second"), here.server.adds_person("Ada")
    await here.subscribes(here.server.channel.id, second.id)
    await here.publishes(TITLES[0])
    await here.delivers()
    return here.server.starts_thread(here.server.messages(here.server.channel)[0], ada), second


async def copies(here: Process, other: Channel) -> list[str]:
    await here.delivers(60)
    found = here.reports(here.server.messages(other)[0].id)
    return [copy.partition("): ")[2] for copy in found]


async def says(here: Process, thread: Channel, count: int) -> list[str]:
    """So many comments, of which each has its copy: their numbers."""
    ada = next(user for user in here.server.platform.users.values() if user.name == "Ada")
    said = [here.server.person_says(thread, ada, f"No-{number}") for number in range(count)]
    await until(lambda: len(here.comments()) == count, 30)
    return said


async def talk(here: Process, count: int) -> tuple[list[str], Channel]:
    """So many comments heard and copied: their numbers, and the channel with the copies."""
    await here.listens()
    await identified(here.server)
    thread, other = await conversation(here)
    said = await says(here, thread, count)
    assert len(await copies(here, other)) == count
    return said, other


async def test_a_hundred_comments_deleted_at_once_are_a_hundred_deletions_at_the_pace_of_discord(
    sqlite_url: str,
) -> None:
    """https://docs.discord.com/developers/events/gateway-events#message-delete-bulk"""
    async with serving() as server, process(sqlite_url, server) as here:
        said, other = await talk(here, 100)
        server.settings.rate_limits = True
        server.settings.bucket_size, server.settings.bucket_seconds = 25, 1.0
        server.bulk_deletes(*said)
        await until(lambda: not here.comments(), 30)
        assert await copies(here, other) == []
        gone = [one.message for one in server.ledger.of("delete")]
        assert len(gone) == len(set(gone)) == 100
        statuses = [one.status for one in server.answers if one.call == DELETE]
        assert statuses == [204] * 100


async def test_forty_edits_and_forty_deletions_made_while_nobody_listened_are_made_up_for(
    server: DiscordServer, sqlite_url: str
) -> None:
    async with process(sqlite_url, server) as here:
        said, other = await talk(here, 80)
        await here.leaves()
        for number in said[:40]:
            server.person_edits(number, "new words")
        for number in said[40:]:
            server.person_deletes(number)
        await here.listens()
        await until(lambda: list(here.comments().values()) == ["new words"] * 40, 20)
        assert await copies(here, other) == ["new words"] * 40


async def test_edits_and_deletions_are_heard_of_what_the_library_never_saw_and_previews_are_not(
    server: DiscordServer, sqlite_url: str
) -> None:
    async with process(sqlite_url, server) as here:
        said, other = await talk(here, 100)
        # Another connection, whose memory of messages is empty.
        await here.leaves()
        before = here.caught_up()
        await here.listens()
        await identified(server, 2)
        # What is written from now on is no catch-up's business.
        await until(lambda: here.caught_up() > before, 20)
        for number in said:
            server.embeds_resolve(number)
        for number in said[:50]:
            server.person_edits(number, "new words")
        for number in said[50:]:
            server.person_deletes(number)
        await until(lambda: list(here.comments().values()) == ["new words"] * 50, 20)
        assert await copies(here, other) == ["new words"] * 50
    assert len(server.ledger.of("edit")) == len(server.ledger.of("delete")) == 50


async def test_an_intent_that_is_not_allowed_is_asked_for_once_and_never_again() -> None:
    """https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway: 4014."""
    async with opened(Settings(privileged=0)) as place, listening(place):
        gateway, guild = place.server.gateway, place.server.guild.id
        for starts in (1, 2):  # The one that was refused is not among them.
            await until(lambda: len(gateway.identifies) == starts)  # noqa: B023 - waited for here
            await until(lambda: any(link.session for link in gateway.links))
            # What the library cannot read ends its connection, and we begin anew.
            place.server.platform.emit(Event("MESSAGE_CREATE", {"guild_id": guild}, guild))
            await until(lambda: len(gateway.identifies) > starts)  # noqa: B023 - waited for here
        assert gateway.closes.count(4014) == 1


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("text", CORPUS)
async def test_whatever_people_write_discord_shows_the_words_they_wrote(
    place: Place, text: str
) -> None:
    """Sixty texts, as a headline and in what stands below it, as a name and as a comment."""
    card = Card(text, "", 7, byline=text, takeaways=(text,), summary=text, via=text)
    report = await place.chat.post(place.channel, Message(cards=(card,)), None, KEY)
    copy = Message(quiet(text), author=Author(text, "slack"))
    await place.chat.post(place.channel, copy, report, COPY)
    told, said = place.server.ledger.of("create")
    (embed,) = told.embeds
    takeaway, _, summary = embed["description"].partition("\n\n")
    words = [told.content.removeprefix("**").removesuffix("**"), summary]
    words.append(takeaway.removeprefix("- "))
    name, _, comment = said.content.partition("** (Slack):")
    words.append(comment.strip())
    assert [shown(one) for one in words] == [(plain(text), [])] * 4
    assert shown(name.removeprefix("**"))[1] == []
    # These two are plain text on Discord.
    assert embed["author"]["name"] == text
    assert embed["footer"]["text"] == f"via {text}"


def test_there_are_sixty_texts_and_none_of_them_is_harmless() -> None:
    assert len(set(CORPUS)) == 60
    for text in FORMS:
        assert shown(text)[1], text


async def test_a_file_is_told_of_by_a_link_to_its_message_and_never_by_its_own_address(
    server: DiscordServer, sqlite_url: str
) -> None:
    """Those of files are signed and expire:
    https://docs.discord.com/developers/reference#signed-attachment-cdn-urls."""
    async with process(sqlite_url, server) as here:
        await here.listens()
        await identified(server)
        thread, other = await conversation(here)
        ada = next(user for user in server.platform.users.values() if user.name == "Ada")
        said = server.person_says(thread, ada, "see", files=("plot.png",))
        await until(here.comments)
        (copy,) = await copies(here, other)
        (kept,) = here.comments().values()
    link = f"https://discord.com/channels/{server.guild.id}/{thread.id}/{said}"
    for text in (copy, kept):
        assert link in text
        assert "plot.png" in text
        assert not re.search(r"attachments/|\.invalid|[?&](?:ex|is|hm)=", text)


async def test_a_command_is_acknowledged_in_a_second_and_answered_once_while_the_database_hangs(
    server: DiscordServer, sqlite_url: str
) -> None:
    """https://docs.discord.com/developers/interactions/receiving-and-responding: 3 seconds until
    the first answer, 15 minutes for the others."""
    ada = server.adds_person("Ada")
    server.grants("MANAGE_CHANNELS", to=ada, channel=server.channel)
    async with process(sqlite_url, server, lease=60) as here:
        await here.publishes(TITLES[0])
        await here.listens()
        await identified(server)
        await until(lambda: any(link.session for link in server.gateway.links))
        await asyncio.sleep(0.5)
        with closing(sqlite3.connect(here.file)) as other:
            other.execute("begin immediate")
            began = time.monotonic()
            asked = [
                server.slash(server.channel, ada, "botbeat", {"query": query})
                for query in ("subscribe", "subscribe company:alibaba")
            ]
            for one in asked:
                assert await one.acknowledged(began + 1 - time.monotonic()) == 5
            await asyncio.sleep(began + 20 - time.monotonic())
            other.rollback()
        for one in asked:
            await one.answer(20)
            assert one.text
            assert one.followups == []
        answers = [one for one in server.answers if "/webhooks/" in one.call]
        assert [one.status for one in answers] == [200, 200]


async def test_each_request_says_who_we_are(live: Place) -> None:
    """https://docs.discord.com/developers/reference#user-agent, without which it is 40333."""
    report = await live.report()
    ref = await live.comment(report)
    await live.chat.edit(ref, copy_of("again"), COPY)
    await looked_for(live.chat, live.channel, report, COPY, 0)
    await live.chat.replies(report, 0)
    await live.chat.delete(ref)
    await live.server.slash(live.server.channel, live.ada, "botbeat", {"query": "qwen"}).answer()
    typed = live.server.autocomplete(live.server.channel, live.ada, "botbeat", "query", "qw")
    await typed.suggestions()
    assert len({one.call for one in live.server.answers}) > 10
    for one in live.server.answers:
        assert re.match(r"DiscordBot \(https?://\S+,? \S+\)", one.user_agent), one.call
