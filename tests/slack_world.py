"""The words of the Slack tests: a Slack on localhost, the adapter, and a core that takes notes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from aiohttp import web

from adapters.slack import SlackChat, create
from adapters.slack.sockets import SOCKETS, Times
from bot.bot import Bot
from bot.message import Author, Button, Card, Message
from bot.model import Channel, MessageRef, Person
from bot.ports import DeliveryError, History
from tests.servers.slack import Modes, SlackServer

QUICK = Times(first=0.02, slowest=0.2, goodbye=0.5, rest=0.1)

KEY = "abcdefghijklmnopqrstuvwx"
REPORT = Message(
    cards=(
        Card(
            "Qwen 4",
            "https://qwen.example/4",
            7,
            "Alibaba · UPDATE",
            ("Open",),
            buttons=(Button("Read original", url="https://qwen.example/4"), Button("Why", "why 7")),
        ),
    )
)
COMMENT = Message(text="Nice <!channel> @here", author=Author("Ada", "discord"))


class Recorder:
    """Stands where the core will be: it notes what it was told, and can be down."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.catch_ups = 0
        self.unreadable = 0  # So many catch-ups fail.
        self.down = 0  # So many calls fail before it works again.
        self.slow = 0.0
        self.commits_in = 0.0
        self.reply = Message(text="2 reports")
        self.replies: dict[str, Message] = {}  # For a channel, instead of that.
        self.ours: set[MessageRef] = set()
        self.changed = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    def _note(self, *told: Any) -> None:
        if self.down:
            self.down -= 1
            raise OSError("the database is down")
        self.told.append(told)
        self.changed.set()

    async def command(
        self, channel: Channel, person: Person, text: str, *, manages: bool = True
    ) -> Message:
        await asyncio.sleep(self.slow)
        self._note("command", channel.id, person, text, manages)
        return self.replies.get(channel.id, self.reply)

    async def comment_posted(
        self,
        ref: MessageRef,
        root: MessageRef,
        author: Person,
        text: str,
        written: float,
        gesture: str = "",
    ) -> None:
        await self.open.wait()
        await asyncio.sleep(self.commits_in)
        self._note("posted", ref.id, root.id, author.id, text, written)

    async def comment_edited(
        self, ref: MessageRef, text: str, edited: float, reply_to: MessageRef | None = None
    ) -> None:
        self._note("edited", ref.id, text, reply_to and reply_to.id)

    async def comment_deleted(self, ref: MessageRef, reply_to: MessageRef | None = None) -> None:
        self._note("deleted", ref.id, reply_to and reply_to.id)

    async def delivered(self, key: str, ref: MessageRef) -> None:
        self._note("delivered", key, ref.id)

    async def is_ours(self, ref: MessageRef) -> bool:
        return ref in self.ours

    async def is_comment(self, ref: MessageRef) -> bool:
        return any(told[0] == "posted" and told[1] == ref.id for told in self.told)

    async def lease(self, role: str, owner: str, seconds: float) -> bool:
        return True

    async def knows(self, platform: str, person: str) -> bool:
        return any(t[0] == "named" and t[1].id == person for t in self.told)

    async def person_named(self, person: Person) -> None:
        self._note("named", person)

    async def channel_seen(self, channel: Channel, name: str, visibility: str) -> None:
        self._note("seen", channel.id, name, visibility)

    async def channel_paused(self, channel: Channel, reason: str, at: float = 0) -> None:
        self._note("paused", channel.id, reason)

    async def channel_joined(self, channel: Channel, at: float = 0) -> None:
        self._note("joined", channel.id)

    async def channel_resumed(self, channel: Channel, at: float = 0) -> None:
        self._note("resumed", channel.id)

    async def catch_up(self, history: History, *, late: bool = False) -> None:
        self.catch_ups += not late
        if self.unreadable:
            self.unreadable -= 1
            raise DeliveryError("Slack does not answer")

    def all(self, what: str) -> list[tuple[Any, ...]]:
        return [told[1:] for told in self.told if told[0] == what]

    async def hears(self, what: str, count: int = 1) -> list[tuple[Any, ...]]:
        """Wait until it was told so often."""
        async with asyncio.timeout(5):
            while len(self.all(what)) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.all(what)


class World:
    """A Slack with Ada and a channel, the adapter, and a core that takes notes."""

    def __init__(self, slack: SlackServer, chat: SlackChat, core: Recorder) -> None:
        self.slack, self.chat, self.core = slack, chat, core
        self.ada = slack.adds_user("Ada")
        self.lab = slack.adds_channel("lab", members=[self.ada])
        self.channel = Channel("slack", self.lab)
        self.url = ""

    async def report(self) -> MessageRef:
        return await self.chat.post(self.channel, REPORT, None, KEY)

    def says(self, text: str, under: MessageRef, **more: Any) -> str:
        return self.slack.person_says(self.lab, self.ada, text, under.id, **more)

    def posts(self) -> list[str]:
        """What is really in the channel, whatever we were told: all posts that took effect."""
        return [a.ts for a in self.slack.ledger if a.method == "chat.postMessage"]

    async def refused(self, call: Awaitable[object]) -> DeliveryError:
        with pytest.raises(DeliveryError) as caught:
            await call
        assert "xoxb" not in str(caught.value) + repr(caught.value.__context__ or "")
        assert caught.value.__cause__ is None
        return caught.value


@asynccontextmanager
async def world_of(
    modes: Modes | None = None, *, by_http: bool = False, times: Times = QUICK
) -> AsyncIterator[World]:
    async with SlackServer(modes) as slack:
        doors = (
            {"signing_secret": slack.signing_secret} if by_http else {"app_token": slack.app_token}
        )
        chat = create(slack.bot_token, api_url=slack.url, **doors)
        chat.times = times
        world = World(slack, chat, Recorder())
        listening = asyncio.create_task(chat.run(cast(Bot, world.core)))
        runner = await mounted(chat, slack, world) if by_http else None
        if not by_http:
            async with asyncio.timeout(5):
                await slack.sockets.connected(SOCKETS)
        try:
            yield world
        finally:
            await slack.settled()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            if runner:
                await runner.cleanup()


async def mounted(chat: SlackChat, slack: SlackServer, world: World) -> web.AppRunner:
    app = web.Application()
    for method, path, handler in chat.routes():
        app.router.add_route(method, path, handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    world.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    slack.calls_app_at(world.url)
    return runner
