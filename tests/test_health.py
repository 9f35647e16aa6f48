"""Whether all is well: what is said of platforms, of sources and of what waits."""

from __future__ import annotations

from bot import health
from bot.health import OLD, SILENT, Process
from bot.ports import DeliveryError, Source, Visit
from tests.health_world import GONE, QWEN, ROLE, UNREACHED, WITHDRAWN, listens, passes
from tests.world import World


def worries(world: World, process: Process | None = None) -> list[str]:
    process = process or Process()
    return health.worries(process, health.look(world.store, [*process.roles.values()]))


async def test_where_everything_arrived_there_is_nothing_to_say(subscribed: World) -> None:
    await subscribed.news(QWEN)
    assert subscribed.slack.reports() == [QWEN]
    subscribed.clock.now += 86400
    assert worries(subscribed) == []


async def test_a_platform_that_is_down_for_an_hour_is_said_until_it_is_back(
    subscribed: World,
) -> None:
    subscribed.slack.chat.closed = UNREACHED
    await subscribed.news(QWEN, settle=False)
    await passes(subscribed, 3600)
    assert worries(subscribed) == ["1 message to Slack is tried again and again."]
    subscribed.slack.chat.closed = None
    await passes(subscribed, 3600)
    assert subscribed.slack.reports() == [QWEN]
    assert worries(subscribed) == []


async def test_a_whole_installation_that_is_refused_is_said(subscribed: World) -> None:
    subscribed.slack.chat.closed = WITHDRAWN
    await subscribed.news(QWEN, settle=False)
    await passes(subscribed, 900)
    assert worries(subscribed) == [
        "Nothing is sent to Slack for now, as it refuses us or asks us to wait; "
        "`botbeat deliveries` says why."
    ]


async def test_who_asked_us_to_slow_down_for_a_moment_is_no_worry(subscribed: World) -> None:
    slow = DeliveryError("Slow down", retry_after=20, scope="install")
    subscribed.slack.chat.fails_next(slow)
    await subscribed.news(QWEN, settle=False)
    await subscribed.worker.deliver_due()
    assert worries(subscribed) == []


async def test_one_channel_that_somebody_archived_is_no_worry(subscribed: World) -> None:
    subscribed.slack.chat.closed = GONE
    await subscribed.news(QWEN, settle=False)
    await passes(subscribed, 3600)
    subscribed.clock.now += OLD * 2
    assert worries(subscribed) == []


async def test_what_nobody_sends_is_said_with_how_long_it_waits(subscribed: World) -> None:
    await subscribed.news(QWEN, settle=False)
    subscribed.clock.now += OLD
    assert worries(subscribed) == []
    subscribed.clock.now += OLD
    assert worries(subscribed) == ["A message to Slack could have been sent 10 minutes ago."]


async def test_what_waits_for_its_report_is_not_late(world: World) -> None:
    """Its time has come, and its turn has not."""
    await world.slack.types("subscribe comments:share")
    await world.discord.types("subscribe")
    world.discord.chat.closed = UNREACHED
    await world.news(QWEN, settle=False)
    await passes(world, 60)
    await world.slack.says("Impressive!", under=QWEN, settle=False)
    await passes(world, 1200)
    with world.store.read() as tx:
        assert tx.deliveries.pending("discord") == 2
    assert worries(world) == ["1 message to Discord is tried again and again."]


async def test_a_socket_that_says_nothing_is_said(world: World) -> None:
    assert worries(world, listens(slack=SILENT, discord=None)) == ["No process listens to Discord."]
    await world.bot.lease(ROLE, "another process", 30)
    assert worries(world, listens(slack=SILENT, discord=3.0)) == []
    assert worries(world, listens(slack=200.0)) == ["Slack has said nothing for 3 minutes."]


async def test_nobody_who_listens_any_more_is_said_and_a_start_is_no_worry(world: World) -> None:
    young = Process(parts=("discord",), roles={"discord": ROLE})
    assert worries(world, young) == []
    await world.bot.lease(ROLE, "one that was killed", 30)
    world.clock.now += 30 + SILENT
    assert worries(world, young) == []
    world.clock.now += 7200
    assert worries(world, young) == ["No process has listened to Discord for 2 hours."]


async def test_sources_that_nobody_visits_are_said_by_who_collects(world: World) -> None:
    await world.bot.lease(ROLE, "another process", 30)
    number = await world.bot.add_source(Source(0, "https://a.example/feed", "A"))
    (source,) = await world.bot.due_sources(5)
    await world.bot.visited(source, Visit(900))
    world.clock.now += 900 + 1800
    await world.bot.lease(ROLE, "another process", 30)
    assert worries(world, listens()) == []
    world.clock.now += 3600
    await world.bot.lease(ROLE, "another process", 30)
    assert worries(world, listens()) == ["A source should have been visited 90 minutes ago."]
    assert worries(world) == []
    with world.store.write() as tx:
        tx.sources.remove(number)
    assert worries(world, listens()) == []
