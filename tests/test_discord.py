"""Discord: what is posted stands there once, whatever becomes of the answer."""

from __future__ import annotations

import pytest

from adapters.discord import create
from bot.message import Card, Message
from bot.ports import ChatPort
from tests.discord_place import COPY, CREATE, KEY, PINGS, Place, copy_of
from tests.servers import faults


def test_the_chat_is_a_chat_port() -> None:
    chat: ChatPort = create("a.token")
    assert (chat.platform, chat.pace.channel) == ("discord", 1.0)


async def test_a_report_is_posted_without_the_gateway_and_edited_in_place(place: Place) -> None:
    ref = await place.report()
    await place.chat.edit(ref, Message(cards=(Card("Qwen 4.1 released", "", 7),)), KEY)
    assert place.shown() == ["**Qwen 4.1 released**"]
    assert [entry.verb for entry in place.server.ledger] == ["create", "edit"]
    assert not place.server.gateway.identifies


async def test_a_report_that_discord_took_but_answered_with_502_stands_there_once(
    place: Place,
) -> None:
    place.server.faults.add(faults.accept_then_status(502), call=CREATE)
    ref = await place.report()
    assert [message.id for message in place.server.messages(place.server.channel)] == [ref.id]


async def test_a_lost_answer_is_unsure_and_a_second_attempt_adds_nothing(place: Place) -> None:
    for fault in (
        faults.accept_then_close(),
        faults.accept_then_reset(),
        faults.accept_then_html(200),
    ):
        place.server.faults.add(fault, call=CREATE)
        error = await place.refusal(place.report())
        assert (error.unsure, error.permanent) == (True, False)
    await place.report()
    assert len(place.shown()) == 1


async def test_an_answer_cut_in_half_is_unsure(place: Place) -> None:
    place.server.faults.add(faults.accept_then_truncate(), call=CREATE)
    assert (await place.refusal(place.report())).unsure


async def test_what_never_left_is_not_unsure(place: Place) -> None:
    await place.server.stop()
    error = await place.refusal(place.report())
    assert (error.unsure, error.permanent) == (False, False)
    await place.server.start()
    await place.report()


async def test_a_login_whose_answer_was_lost_leaves_nothing_unsure(place: Place) -> None:
    place.server.faults.add(faults.refuse_status(503), call="GET /users/@me")
    error = await place.refusal(place.report())
    assert (error.unsure, error.permanent) == (False, False)
    await place.report()


async def test_a_long_rate_limit_is_left_to_the_outbox(place: Place) -> None:
    place.server.faults.add(faults.ratelimited(15), call=CREATE)
    error = await place.refusal(place.report())
    assert (error.retry_after, error.unsure, error.permanent) == (15, False, False)


async def test_a_rate_limit_after_a_lost_answer_settles_nothing(place: Place) -> None:
    place.server.faults.add(faults.accept_then_status(500), faults.ratelimited(900), call=CREATE)
    error = await place.refusal(place.report())
    assert (error.retry_after, error.unsure) == (900, True)


async def test_a_report_that_was_deleted_at_once_is_not_posted_again(place: Place) -> None:
    ref = await place.report()
    place.server.moderator_deletes(ref.id)
    error = await place.refusal(place.report())
    assert (error.permanent, error.scope, error.unsure) == (True, "message", False)
    assert "deleted" in error.reason
    assert place.shown() == []


async def test_a_refused_token_ends_all_calls_and_asks_no_more(place: Place) -> None:
    place.server.settings.token = "another.token"
    for _ in range(5):
        error = await place.refusal(place.report())
        assert (error.permanent, error.scope) == (True, "install")
    assert len(place.server.answers) == 1


async def test_a_token_that_was_changed_meanwhile_ends_all_calls_too(place: Place) -> None:
    await place.report()
    place.server.settings.token = "another.token"
    before = len(place.server.answers)
    for _ in range(5):
        assert (await place.refusal(place.report())).scope == "install"
    assert len(place.server.answers) == before + 1


@pytest.mark.parametrize(
    ("code", "status", "permanent", "later", "scope"),
    [
        (10003, 404, True, 0, "channel"),
        (50001, 403, True, 0, "channel"),
        (200000, 400, True, 0, "message"),
        (240000, 400, True, 0, "message"),
        (20016, 400, False, 60, "channel"),
        (20028, 400, False, 60, "channel"),
        (160006, 400, False, 3600, "message"),
    ],
)
async def test_each_refusal_of_discord_has_a_meaning(
    place: Place, code: int, status: int, permanent: bool, later: float, scope: str
) -> None:
    place.server.faults.add(faults.Fault("refused", error=str(code), status=status), call=CREATE)
    error = await place.refusal(place.report())
    assert (error.permanent, error.retry_after, error.scope) == (permanent, later, scope)
    assert (error.unsure, error.reason.endswith(".")) == (False, True)


async def test_hostile_text_pings_nobody_when_posted_and_when_edited(place: Place) -> None:
    report = await place.report()
    ref = await place.comment(report, PINGS)
    await place.chat.edit(ref, copy_of(f"again {PINGS}"), COPY)
    headline = Message(PINGS, (Card(PINGS, "https://a.example/", 7),))
    await place.chat.post(place.channel, headline, None, "h" * 24)
    written = place.server.ledger.of("create", "edit")
    assert len(written) == 4
    assert [entry.allowed_mentions for entry in written] == 4 * [
        {"parse": [], "replied_user": False}
    ]
    assert not any(entry.pings for entry in written)
