"""The screens that people see in Slack: what the real core says, as the adapter renders it.

Each function draws one, in a world whose clock stands still; `SCREENS` names them. What varies from
run to run (the key of a delivery, a button's stored text) must not come into them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from adapters.slack import views
from adapters.slack.asks import Kept
from adapters.slack.render import named_after, rendered
from bot import wording
from bot.commands.forms import memo
from bot.message import Message
from bot.model import Channel, Comment, Found, MessageRef, Person
from bot.ports import Visit
from bot.withdrawing import withdraw
from tests.screen_news import QWEN, news, qwen, reports, written
from tests.world import ChatSide, World

Json = dict[str, Any]
Screen = Callable[[World], Awaitable[Json]]

BLOG = "https://garden.example/blog"
GONE = Visit(86400, "the source is gone for good (410)", disabled=True)
SCREENS: dict[str, Screen] = {}


def screen(draw: Screen) -> Screen:
    SCREENS[draw.__name__.replace("_", "-")] = draw
    return draw


async def newest(world: World) -> Json:
    """What came last into the channel."""
    await world.settle()
    return rendered(world.slack.messages()[-1])


async def answer(world: World, text: str) -> Json:
    return rendered(await world.slack.types(text))


async def form(side: ChatSide, text: str, attached: str = "") -> Json:
    """The modal that opens on a command, or on a button with it."""
    said = await side.types(text)
    assert said.form is not None
    return views.form(said.form, str(Kept(side.channel.id, memo(said.form), attached)))


@screen
async def report(world: World) -> Json:
    await world.slack.types("subscribe company:alibaba")
    await qwen(world)
    return await newest(world)


@screen
async def report_withdrawn(world: World) -> Json:
    await world.slack.types("subscribe company:alibaba")
    await qwen(world)
    with world.store.write() as tx:
        withdraw(tx, world.number(QWEN), "The page was a draft; Alibaba has taken it down.")
    return await newest(world)


@screen
async def report_without_takeaways(world: World) -> Json:
    await world.slack.types("subscribe")
    url, title = "https://mistral.example/1", "Mistral AI names a new head of research"
    found = Found("short", url, title, world.clock.now - 60)
    said = written(title, summary="Ines Obi begins on Monday.")
    await reports(world, "Mistral AI news", found, said)
    return await newest(world)


@screen
async def report_whole(world: World) -> Json:
    """All that was written of a report, first in its thread."""
    await world.slack.types("settings writeup:on")
    await world.slack.types("subscribe company:alibaba")
    await qwen(world)
    card = world.slack.card_of(QWEN)
    return rendered(world.slack.chat.standing(card.channel.id, card.id)[0][1])


@screen
async def digest(world: World) -> Json:
    await world.slack.types("subscribe mode:digest at:09:00")
    await news(world, 6, 60)
    world.becomes("09:00")
    return await newest(world)


def copied(world: World) -> Message:
    """Somebody's comment in Discord, as it stands in Slack."""
    said = "**Nice**, but is `qwen4-0.6b` really free? See [the license](https://x.example/a).\n\n"
    said += "- @channel: who has tried it?\n- <!here> too\n\n> six sizes"
    origin = MessageRef(Channel("discord", "900"), "7")
    ada = Person("discord", "ada", "Ada", "https://cdn.discordapp.com/avatars/1/a.png")
    one = Comment(1, 1864025702400482, origin, ada, said, world.clock.now, key="c7")
    return wording.copied(one, "abcdefghijklmnopqrstuvwx", world.bot.base_url)


@screen
async def comment(world: World) -> Json:
    return rendered(copied(world))


@screen
async def comment_under_its_authors_name(world: World) -> Json:
    """Where the app may choose a message's name and picture."""
    message = copied(world)
    assert message.author is not None
    return {**named_after(message.author), **rendered(message, named=True)}


@screen
async def search(world: World) -> Json:
    """The middle page of three, so that there are older and newer ones."""
    await news(world)
    return await answer(world, "company:alibaba page:2 limit:3")


@screen
async def search_finds_nothing(world: World) -> Json:
    await qwen(world)
    return await answer(world, "company:alibbaba type:research")


@screen
async def search_before_the_first_report(world: World) -> Json:
    return await answer(world, "latest")


@screen
async def subscribed(world: World) -> Json:
    await news(world)
    return await answer(world, "subscribe company:alibaba,mistral type:open-source,product-launch")


@screen
async def subscribed_as_the_channel_is_told(world: World) -> Json:
    said = await world.slack.types("subscribe company:alibaba")
    return rendered(Message(said.announced, public=True))


@screen
async def subscriptions(world: World) -> Json:
    await world.slack.types("subscribe company:alibaba type:open-source")
    await world.slack.types("subscribe qwen mode:digest at:09:00 days:mon-fri", by="Bob_1")
    await world.slack.types('subscribe "open weights" -funding')
    await world.slack.types("pause 3 until:2d")
    await qwen(world)
    return await answer(world, "list")


@screen
async def why(world: World) -> Json:
    await world.slack.types("subscribe company:alibaba type:open-source")
    await qwen(world)
    return await answer(world, f"why {world.number(QWEN)}")


@screen
async def settings(world: World) -> Json:
    await world.slack.types("settings tz:Europe/Berlin quiet:20:00-08:00 comments:share")
    return await form(world.slack, "settings")


@screen
async def settings_in_words(world: World) -> Json:
    """Where no modal can be opened."""
    return await answer(world, "settings tz:Europe/Berlin quiet:20:00-08:00 comments:share")


@screen
async def subscribe(world: World) -> Json:
    return await form(world.slack, "form:subscribe")


@screen
async def subscription(world: World) -> Json:
    await world.slack.types("subscribe qwen mode:digest at:09:00 days:mon-fri mention:<@U07ADA>")
    return await form(world.slack, "form:set 1")


@screen
async def home(world: World) -> Json:
    """Two channels, one of them with a subscription that rests."""
    sides = ((world.slack, "ai-lab"), (world.lounge, "lounge"))
    for side, name in sides:
        await world.bot.channel_seen(side.channel, name, "public")
    await world.slack.types("subscribe company:alibaba type:open-source")
    await world.slack.types("subscribe qwen mode:digest at:09:00")
    await world.lounge.types("subscribe tag:open-source")
    await world.lounge.types("pause")
    await qwen(world)
    shown = [(side.channel.id, await side.types("form:home")) for side, _ in sides]
    return views.home(shown, "D1")


@screen
async def home_at_first(world: World) -> Json:
    return views.home([], "D1")


@screen
async def attach(world: World) -> Json:
    await world.slack.types("subscribe")
    await qwen(world)
    await news(world, 2)
    return await form(world.slack, "form:attach", "1777000000.000100")


@screen
async def answer_at_home(world: World) -> Json:
    """A press in the app's home is answered in a modal."""
    await world.slack.types("subscribe company:alibaba")
    return views.answer(await world.slack.types("pause 1"), world.slack.channel.id)


@screen
async def welcome(world: World) -> Json:
    await world.bot.channel_joined(world.slack.channel)
    return await newest(world)


@screen
async def source_given_up(world: World) -> Json:
    world.pages[BLOG] = "Garden notes"
    await world.slack.types(f"subscribe {BLOG}")
    for visit in (Visit(900), GONE):
        world.clock.now += 3600
        for source in await world.bot.due_sources(10):
            await world.bot.visited(source, visit)
    return await newest(world)


@screen
async def error(world: World) -> Json:
    return await answer(world, "subscribe compny:alibaba")


@screen
async def help(world: World) -> Json:
    return await answer(world, "help")
