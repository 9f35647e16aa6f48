"""The local Discord's interactions: one answer in time, follow-ups, forms, choices."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.servers.discord import Interaction, NoAnswerError, NotOfferedError, Pings, Settings
from tests.servers.discord.raw import Caller, Reply, connected, running

QUERY = {"name": "query", "description": "d", "type": 3, "autocomplete": True}
COMMAND = {"name": "botbeat", "description": "Search", "options": [QUERY]}
MENU = {"name": "Find related", "type": 3}
FORM = {
    "title": "Comment",
    "custom_id": "form",
    "components": [
        {"type": 18, "label": "Words", "component": {"type": 4, "custom_id": "words", "style": 2}}
    ],
}


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with running() as caller:
        await register(caller)
        yield caller


async def register(call: Caller) -> None:
    await call("PUT", f"/applications/{call.server.bot.id}/commands", [COMMAND, MENU])


def ask(call: Caller) -> Interaction:
    ada = call.server.adds_person("Ada")
    return call.server.slash(call.server.channel, ada, "botbeat", {"query": "qwen"})


async def respond(call: Caller, asked: Interaction, kind: int, data: object = None) -> Reply:
    body = {"type": kind} if data is None else {"type": kind, "data": data}
    path = f"/interactions/{asked.id}/{asked.token}/callback?with_response=true"
    return await call("POST", path, body, headers={"Authorization": "", "User-Agent": "any"})


def hook(call: Caller, asked: Interaction, rest: str = "") -> str:
    return f"/webhooks/{call.server.bot.id}/{asked.token}{rest}"


async def pressed(call: Caller) -> Interaction:
    """Ada presses the only button under a message of the bot."""
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
    posted = await call.post({"content": "report", "components": [row]})
    return call.server.press(posted.body["id"], "Go", call.server.adds_person("Ada"))


async def test_an_answer_is_seen_by_the_person_and_posted_in_the_channel(call: Caller) -> None:
    """docs.discord.com/developers/interactions/receiving-and-responding#interaction-callback"""
    asked = ask(call)
    reply = await respond(call, asked, 4, {"content": "18 reports"})
    assert reply.body["resource"]["message"]["content"] == "18 reports"
    assert (await asked.answer()).content == "18 reports"
    assert [one.content for one in call.server.messages(call.server.channel)] == ["18 reports"]
    assert call.server.ledger.of("respond")[0].details["interaction"] == asked.id


async def test_an_ephemeral_answer_is_in_no_channel(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#message-object-message-flags"""
    asked = ask(call)
    await respond(call, asked, 4, {"content": "for you", "flags": 64})
    assert asked.ephemeral
    assert call.server.messages(call.server.channel) == []


async def test_a_second_answer_is_one_too_many(call: Caller) -> None:
    """docs.discord.com/developers/topics/opcodes-and-status-codes#json (40060)"""
    asked = ask(call)
    assert (await respond(call, asked, 5)).status == 200
    assert (await respond(call, asked, 4, {"content": "x"})).refusal == (400, 40060)


async def test_after_three_seconds_the_interaction_is_unknown(call: Caller) -> None:
    """docs.discord.com/developers/interactions/receiving-and-responding#interaction-callback"""
    asked = ask(call)
    call.server.time_passes(3.1)
    assert (await respond(call, asked, 4, {"content": "x"})).refusal == (404, 10062)
    with pytest.raises(NoAnswerError, match="did not respond to botbeat"):
        await asked.answer(0.01)


async def test_a_wrong_token_or_id_is_unknown(call: Caller) -> None:
    """docs.discord.com/developers/topics/opcodes-and-status-codes#json (10062, 10015)"""
    asked = ask(call)
    path = f"/interactions/1/{asked.token}/callback"
    assert (await call("POST", path, {"type": 5})).refusal == (404, 10062)
    path = f"/webhooks/{call.server.bot.id}/other"
    assert (await call("POST", path, {"content": "x"})).refusal == (404, 10015)


async def test_a_follow_up_waits_for_the_first_answer(call: Caller) -> None:
    """docs.discord.com/developers/interactions/receiving-and-responding#followup-messages"""
    asked = ask(call)
    assert (await call("POST", hook(call, asked), {"content": "x"})).refusal == (404, 10015)
    await respond(call, asked, 4, {"content": "first"})
    assert (await call("POST", hook(call, asked), {"content": "second"})).status == 200
    assert [one.content for one in asked.followups] == ["second"]


async def test_the_first_follow_up_of_a_deferral_fills_the_placeholder(call: Caller) -> None:
    """docs.discord.com/developers/interactions/receiving-and-responding#create-followup-message"""
    asked = ask(call)
    await respond(call, asked, 5, {"flags": 64})
    assert (asked.thinking, asked.ephemeral) == (True, True)
    await call("POST", hook(call, asked), {"content": "done", "flags": 0})
    assert ((await asked.answer()).content, asked.ephemeral) == ("done", True)
    assert asked.followups == []
    await call("POST", hook(call, asked), {"content": "more"})
    assert [one.content for one in asked.followups] == ["more"]


async def test_the_original_answer_is_fetched_edited_and_deleted(call: Caller) -> None:
    """docs.discord.com/developers/interactions/receiving-and-responding#endpoints"""
    asked, original = ask(call), "/messages/@original"
    await respond(call, asked, 5)
    edited = await call("PATCH", hook(call, asked, original), {"content": "done"})
    assert (edited.status, edited.body["edited_timestamp"]) == (200, None)
    assert (await call("GET", hook(call, asked, original))).body["content"] == "done"
    assert (await call("DELETE", hook(call, asked, original))).status == 204
    assert (await call("GET", hook(call, asked, original))).refusal == (404, 10008)


async def test_the_token_expires_after_15_minutes(call: Caller) -> None:
    """docs.discord.com/developers/interactions/receiving-and-responding#followup-messages"""
    asked = ask(call)
    await respond(call, asked, 5)
    call.server.time_passes(15 * 60 + 1)
    late = await call("PATCH", hook(call, asked, "/messages/@original"), {"content": "x"})
    assert late.refusal == (401, 50027)


async def test_a_deferral_takes_no_flag_but_ephemeral(call: Caller) -> None:
    """docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object"""
    reply = await respond(call, ask(call), 5, {"flags": 1 << 15})
    assert reply.fault("data.flags") == "BASE_TYPE_CHOICES"


@pytest.mark.parametrize("kind", [6, 7, 8, 1])
async def test_a_command_cannot_be_answered_as_if_it_were_a_button(call: Caller, kind: int) -> None:
    """docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object"""
    reply = await respond(call, ask(call), kind, {"content": "x"})
    assert (reply.refusal, reply.fault("type")) == ((400, 50035), "BASE_TYPE_CHOICES")


async def test_answers_keep_the_limits_of_messages_and_notify_users_only(call: Caller) -> None:
    """docs.discord.com/developers/resources/message#allowed-mentions-object (default settings)"""
    too_long = await respond(call, ask(call), 4, {"content": "x" * 2001})
    assert too_long.fault("data.content") == "BASE_TYPE_MAX_LENGTH"
    assert (await respond(call, ask(call), 4, {})).refusal == (400, 50006)
    await respond(call, ask(call), 4, {"content": "@everyone <@&1> <@2>"})
    assert call.server.ledger.of("respond")[0].pings == Pings(users=("2",))


async def test_a_pressed_button_updates_its_message(call: Caller) -> None:
    """docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object"""
    asked = await pressed(call)
    assert (asked.data["custom_id"], asked.message is not None) == ("go", True)
    await respond(call, asked, 7, {"content": "pressed", "components": []})
    assert call.server.messages(call.server.channel)[0].content == "pressed"
    later = await pressed(call)
    assert (await respond(call, later, 6)).status == 200
    await call("PATCH", hook(call, later, "/messages/@original"), {"content": "later"})
    assert call.server.messages(call.server.channel)[1].content == "later"


async def test_only_what_is_shown_and_enabled_can_be_pressed(call: Caller) -> None:
    """docs.discord.com/developers/components/reference#button"""
    ada = call.server.adds_person("Ada")
    off = {"type": 2, "style": 1, "label": "Off", "custom_id": "off", "disabled": True}
    link = {"type": 2, "style": 5, "label": "Read", "url": "https://a.b"}
    row = {"type": 1, "components": [off, link]}
    posted = await call.post({"content": "x", "components": [row]})
    for which, why in (("Off", "disabled"), ("Read", "is a link"), ("None", "nothing to press")):
        with pytest.raises(NotOfferedError, match=why):
            call.server.press(posted.body["id"], which, ada)


async def test_a_button_of_an_ephemeral_answer_is_for_its_reader_alone(call: Caller) -> None:
    """docs.discord.com/developers/interactions/receiving-and-responding#create-followup-message"""
    asked = ask(call)
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
    await respond(call, asked, 4, {"content": "x", "flags": 64, "components": [row]})
    assert call.server.press(asked, "Go", asked.user).data["custom_id"] == "go"
    with pytest.raises(LookupError, match="sees no answer"):
        call.server.press(asked, "Go", call.server.adds_person("Eve"))


async def test_suggestions_are_at_most_25_of_100_characters(call: Caller) -> None:
    """docs.discord.com/developers/interactions/application-commands#autocomplete"""
    ada, place = call.server.adds_person("Ada"), call.server.channel

    async def offer(choices: list[Any]) -> Reply:
        asked = call.server.autocomplete(place, ada, "botbeat", "query", "qw")
        assert asked.data["options"][0]["focused"]
        return await respond(call, asked, 8, {"choices": choices})

    choice = {"name": "n" * 100, "value": "v" * 100}
    assert (await offer([choice] * 25)).status == 200
    assert (await offer([choice] * 26)).fault("data.choices") == "BASE_TYPE_MAX_LENGTH"
    long = await offer([{**choice, "name": "n" * 101}])
    assert long.fault("data.choices.0.name") == "BASE_TYPE_BAD_LENGTH"
    long = await offer([{**choice, "value": "v" * 101}])
    assert long.fault("data.choices.0.value") == "BASE_TYPE_BAD_LENGTH"


async def test_a_form_has_a_title_of_45_and_5_rows(call: Caller) -> None:
    """docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object"""
    part = FORM["components"][0]
    many = await respond(call, ask(call), 9, {**FORM, "components": [part] * 6})
    assert many.fault("data.components") == "BASE_TYPE_MAX_LENGTH"
    titled = await respond(call, ask(call), 9, {**FORM, "title": "t" * 46})
    assert titled.fault("data.title") == "BASE_TYPE_BAD_LENGTH"
    assert (await respond(call, ask(call), 9, {**FORM, "title": "t" * 45})).status == 200


async def test_a_form_is_filled_in_and_answered_but_not_with_a_form(call: Caller) -> None:
    """docs.discord.com/developers/components/using-modal-components"""
    asked = ask(call)
    await respond(call, asked, 9, FORM)
    with pytest.raises(NotOfferedError, match="must be filled in"):
        call.server.submits(asked, {})
    with pytest.raises(NotOfferedError, match="no field"):
        call.server.submits(asked, {"Words": "x", "Other": "y"})
    sent = call.server.submits(asked, {"Words": "Impressive!"})
    assert sent.data["components"][0]["component"]["value"] == "Impressive!"
    assert (await respond(call, sent, 9, FORM)).fault("type") == "BASE_TYPE_CHOICES"
    assert (await respond(call, sent, 4, {"content": "thanks"})).status == 200


async def test_a_message_command_carries_its_message_with_all_its_words() -> None:
    """docs.discord.com/developers/events/gateway#message-content-intent (exceptions)"""
    async with running(Settings(privileged=0)) as call, connected(call.server) as socket:
        await register(call)
        await socket.identify(1 << 0)
        ada = call.server.adds_person("Ada")
        said = call.server.person_says(call.server.channel, ada, "secret")
        call.server.message_command(said, ada, "Find related")
        event = await socket.event("INTERACTION_CREATE")
        assert event["data"]["target_id"] == said
        assert event["data"]["resolved"]["messages"][said]["content"] == "secret"


async def test_the_fields_of_a_form_have_limits(call: Caller) -> None:
    """docs.discord.com/developers/components/reference#string-select and #text-input"""

    async def shows(**more: Any) -> Reply:
        option = {"label": "One", "value": "1"}
        select = {"type": 3, "custom_id": "s", "options": [option], **more}
        label = {"type": 18, "label": "Which", "component": select}
        return await respond(call, ask(call), 9, {**FORM, "components": [label]})

    at = "data.components.0.component"
    assert (await shows(min_values=0)).fault(f"{at}.min_values") == "NUMBER_TYPE_MIN"
    assert (await shows(min_values=0, required=False)).status == 200
    many = [{"label": str(n), "value": str(n)} for n in range(26)]
    assert (await shows(options=many)).fault(f"{at}.options") == "BASE_TYPE_MAX_LENGTH"
    assert (await shows(disabled=True)).fault(at) == "MODAL_COMPONENT_DISABLED"
    words = {"type": 4, "custom_id": "w", "style": 2, "max_length": 4001}
    label = {"type": 18, "label": "l" * 46, "description": "d" * 101, "component": words}
    refused = await respond(call, ask(call), 9, {**FORM, "components": [label]})
    assert refused.fault(f"{at}.max_length") == "NUMBER_TYPE_MAX"
    assert refused.fault("data.components.0.label") == "BASE_TYPE_BAD_LENGTH"
    assert refused.fault("data.components.0.description") == "BASE_TYPE_MAX_LENGTH"
