"""Commands, presses and modals in the Slack of our tests, with an app that has no SDK.

docs.slack.dev/interactivity and docs.slack.dev/reference/interaction-payloads
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.servers.slack import Modes, SlackServer
from tests.servers.slack.listener import Listener, listening
from tests.servers.slack.raw import Raw, raw

Json = dict[str, Any]
BUTTON = {
    "type": "button",
    "action_id": "more",
    "value": "7",
    "text": {"type": "plain_text", "text": "More"},
}
MENU = {
    "type": "overflow",
    "action_id": "menu",
    "options": [{"text": {"type": "plain_text", "text": "Mute"}, "value": "mute"}],
}
BLOCKS = [{"type": "actions", "elements": [BUTTON, MENU]}]
MODAL = {
    "type": "modal",
    "callback_id": "choose",
    "title": {"type": "plain_text", "text": "Choose"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "topic",
            "label": {"type": "plain_text", "text": "Topic"},
            "element": {"type": "plain_text_input", "action_id": "words"},
        }
    ],
}


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(Modes(ack_timeout=0.5)) as server:
        yield server


@pytest.fixture
async def app(slack: SlackServer) -> AsyncIterator[Listener]:
    listener = Listener()
    async with listening(listener) as url:
        slack.calls_app_at(url)
        yield listener


@pytest.fixture
async def api(slack: SlackServer) -> AsyncIterator[Raw]:
    async with raw(slack) as caller:
        yield caller


async def respond(api: Raw, url: str, **body: Any) -> tuple[int, str]:
    async with api.http.post(url, json=body) as answer:
        return answer.status, await answer.text()


async def test_a_command_comes_as_a_form(slack: SlackServer, app: Listener) -> None:
    """docs.slack.dev/interactivity/implementing-slash-commands"""
    ada, news = slack.adds_user("Ada"), slack.adds_channel("news")
    await slack.slash(news, ada, "qwen & co").acknowledged()
    (form,) = app.forms
    assert (form["command"], form["text"]) == ("/botbeat", "qwen & co")
    assert (form["channel_id"], form["user_id"], form["team_id"]) == (news, ada, slack.team)
    assert form["trigger_id"]
    assert form["response_url"].startswith("http://127.0.0.1:")


async def test_words_in_the_acknowledgement_are_an_answer(
    slack: SlackServer, app: Listener
) -> None:
    """docs.slack.dev/interactivity/implementing-slash-commands (response_type)"""
    app.reply = {"text": "18 reports"}
    ada, news = slack.adds_user("Ada"), slack.adds_channel("news")
    answer = await slack.slash(news, ada, "qwen").first()
    assert (answer.text, answer.visible_to) == ("18 reports", ada)
    assert slack.state.channels[news].messages == {}


async def test_a_command_is_tried_once(slack: SlackServer, app: Listener) -> None:
    """docs.slack.dev/interactivity/implementing-slash-commands (operation_timeout)"""
    app.delays = [2]
    slash = slack.slash(slack.adds_channel("news"), slack.adds_user("Ada"), "qwen")
    await slash.acknowledged()
    assert slash.error == "http_timeout"
    app.statuses = [500]
    slash = slack.slash(slack.adds_channel("news"), slack.adds_user("Bob"), "qwen")
    await slash.acknowledged()
    assert slash.error == "http_error"
    assert len(app.seen) == 2


async def test_a_response_url_takes_five_answers(api: Raw, app: Listener) -> None:
    """docs.slack.dev/interactivity/handling-user-interaction (contracts D7)"""
    slash = api.slack.slash(api.slack.adds_channel("news"), api.slack.adds_user("Ada"), "qwen")
    await slash.acknowledged()
    url = app.forms[0]["response_url"]
    assert await respond(api, url) == (400, '{"ok": false, "error": "no_text"}')
    status, told = await respond(api, url, text="x", blocks=[{"type": "panel"}])
    assert (status, '"error": "invalid_blocks"' in told) == (400, True)
    for number in range(5):
        assert (await respond(api, url, text=str(number)))[0] == 200
    assert await respond(api, url, text="6") == (404, '{"ok": false, "error": "used_url"}')
    assert [answer.text for answer in slash.answers] == list("01234")
    assert {answer.visible_to for answer in slash.answers} == {slash.user}


async def test_a_response_url_lasts_half_an_hour(api: Raw, app: Listener) -> None:
    """docs.slack.dev/interactivity/handling-user-interaction (contracts D7)"""
    slash = api.slack.slash(api.slack.adds_channel("news"), api.slack.adds_user("Ada"), "qwen")
    await slash.acknowledged()
    url = app.forms[0]["response_url"]
    api.slack.passes(29 * 60)
    assert (await respond(api, url, text="In time"))[0] == 200
    api.slack.passes(2 * 60)
    assert await respond(api, url, text="Late") == (404, '{"ok": false, "error": "expired_url"}')


async def test_an_answer_can_be_seen_by_the_whole_channel(api: Raw, app: Listener) -> None:
    """docs.slack.dev/interactivity/handling-user-interaction (in_channel)"""
    news = api.slack.adds_channel("news", bot=False)
    slash = api.slack.slash(news, api.slack.adds_user("Ada"), "qwen")
    await slash.acknowledged()
    await respond(api, app.forms[0]["response_url"], text="For all", response_type="in_channel")
    (message,) = api.slack.state.channels[news].living()
    assert message.text == "For all"


async def test_a_press_tells_what_was_pressed_and_where(api: Raw, app: Listener) -> None:
    """docs.slack.dev/reference/interaction-payloads/block_actions-payload"""
    ada, news = api.slack.adds_user("Ada"), api.slack.adds_channel("news")
    posted = await api.call("chat.postMessage", channel=news, text="Report", blocks=BLOCKS)
    card = api.slack.message(news, posted["ts"])
    await api.slack.settled()
    app.seen.clear()
    await api.slack.press(card, "More", ada).acknowledged()
    await api.slack.press(card, "menu", ada, choose="Mute").acknowledged()
    pressed, chosen = app.forms
    assert pressed["type"] == "block_actions"
    assert pressed["actions"][0]["value"] == "7"
    assert pressed["actions"][0]["action_id"] == "more"
    assert pressed["message"]["ts"] == pressed["container"]["message_ts"] == card.ts
    assert pressed["channel"]["id"] == news
    assert chosen["actions"][0]["selected_option"]["value"] == "mute"
    with pytest.raises(LookupError, match="no button 'Less' here"):
        api.slack.press(card, "Less", ada)


async def test_a_press_on_an_answer_only_one_sees_has_its_own_response_url(
    api: Raw, app: Listener
) -> None:
    """docs.slack.dev/messaging/modifying-messages (replace_original, delete_original)"""
    app.reply = {"text": "Page 1", "blocks": BLOCKS}
    ada, news = api.slack.adds_user("Ada"), api.slack.adds_channel("news")
    answer = await api.slack.slash(news, ada, "qwen").first()
    app.reply = {}
    await api.slack.press(answer, "more", ada).acknowledged()
    command, press = app.forms
    assert press["container"]["is_ephemeral"] is True
    assert "message" not in press
    assert press["response_url"] != command["response_url"]
    await respond(api, press["response_url"], text="Page 2", replace_original=True)
    assert (answer.text, answer.alive) == ("Page 2", True)
    await respond(api, press["response_url"], delete_original=True)
    assert answer.alive is False


async def test_a_modal_opens_within_three_seconds_and_once(api: Raw, app: Listener) -> None:
    """docs.slack.dev/reference/methods/views.open"""
    ada, news = api.slack.adds_user("Ada"), api.slack.adds_channel("news")
    slash = api.slack.slash(news, ada, "subscribe")
    trigger = slash.trigger_id
    assert await api.error("views.open", trigger_id="x", view=MODAL) == "invalid_trigger_id"
    told = await api.call("views.open", trigger_id=trigger, view=MODAL)
    view = await slash.opened()
    assert told["view"]["id"] == view.id
    assert await api.error("views.open", trigger_id=trigger, view=MODAL) == "exchanged_trigger_id"
    late = api.slack.slash(news, ada, "subscribe").trigger_id
    api.slack.passes(4)
    assert await api.error("views.open", trigger_id=late, view=MODAL) == "expired_trigger_id"


async def test_a_modal_is_filled_in_and_sent(api: Raw, app: Listener) -> None:
    """docs.slack.dev/reference/interaction-payloads/view-interactions-payload"""
    ada = api.slack.adds_user("Ada")
    slash = api.slack.slash(api.slack.adds_channel("news"), ada, "subscribe")
    await slash.acknowledged()
    await api.call("views.open", trigger_id=slash.trigger_id, view=MODAL)
    app.reply = {"response_action": "errors", "errors": {"topic": "No such topic"}}
    sent = api.slack.submit(await slash.opened(), ada, {"words": "qwen"})
    assert (await sent.acknowledged())["response_action"] == "errors"
    payload = app.forms[-1]
    assert payload["type"] == "view_submission"
    assert payload["view"]["state"]["values"]["topic"]["words"]["value"] == "qwen"
    assert payload["view"]["callback_id"] == "choose"


async def test_a_message_has_shortcuts_and_a_person_a_home(api: Raw, app: Listener) -> None:
    """docs.slack.dev/interactivity/implementing-shortcuts, docs.slack.dev/surfaces/app-home"""
    ada = api.slack.adds_user("Ada")
    news = api.slack.adds_channel("news", members=[ada])
    message = api.slack.message(news, api.slack.person_says(news, ada, "Qwen 4?"))
    await api.slack.settled()
    app.seen.clear()
    await api.slack.shortcut(message, "search_this", ada).acknowledged()
    assert app.forms[0]["message"]["text"] == "Qwen 4?"
    home = {"type": "home", "blocks": BLOCKS}
    wrong = {"type": "modal", "blocks": BLOCKS}
    assert await api.error("views.publish", user_id="U404", view=home) == "user_not_found"
    assert await api.error("views.publish", user_id=ada, view=wrong) == "invalid_arguments"
    assert await api.error("views.publish", user_id=ada, view="home") == "invalid_arguments"
    assert await api.error("views.publish", user_id=ada, view=[home]) == "invalid_arguments"
    assert (await api.call("views.publish", user_id=ada, view=home))["ok"]
    (view,) = api.slack.state.views.values()
    await api.slack.press(view, "more", ada).acknowledged()
    assert app.forms[1]["container"]["type"] == "view"
