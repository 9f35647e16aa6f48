"""The real slack_bolt takes the Slack of our tests for Slack, by Socket Mode and by HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond, AsyncSay
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import SlackServer

Json = dict[str, Any]
CARD = [
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "more",
                "value": "qwen",
                "text": {"type": "plain_text", "text": "More"},
            }
        ],
    }
]
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
    async with SlackServer() as server:
        yield server


def small_app(slack: SlackServer) -> AsyncApp:
    """An app that answers a command, a message, a press and a modal, each in its own way."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.url, retry_handlers=[])
    app = AsyncApp(client=client, signing_secret=slack.signing_secret)

    @app.command("/botbeat")
    async def search(ack: AsyncAck, respond: AsyncRespond, command: Json) -> None:
        await ack()
        await respond(text=f"Results for {command['text']}", blocks=CARD)

    @app.event("message")
    async def echo(event: Json, say: AsyncSay) -> None:
        await say(text=f"Heard: {event['text']}", thread_ts=event["ts"])

    @app.action("more")
    async def more(ack: AsyncAck, action: Json, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("choose")
    async def chosen(ack: AsyncAck, view: Json) -> None:
        words = view["state"]["values"]["topic"]["words"]["value"]
        await ack(response_action="errors", errors={"topic": f"No topic {words}"})

    return app


@asynccontextmanager
async def by_socket(app: AsyncApp, slack: SlackServer) -> AsyncIterator[None]:
    # slack_bolt leaves these methods without types.
    handler: Any = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.2)
    await handler.connect_async()
    await slack.sockets.connected()
    try:
        yield
    finally:
        await handler.close_async()


@asynccontextmanager
async def by_http(app: AsyncApp, slack: SlackServer) -> AsyncIterator[None]:
    async def hear(request: web.Request) -> web.Response:
        answer = await app.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(answer)

    server = web.Application()
    server.router.add_post("/slack/events", hear)
    runner = web.AppRunner(server, shutdown_timeout=0.05, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.calls_app_at(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    try:
        yield
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("connected", [by_socket, by_http])
async def test_bolt_answers_a_command_an_event_a_press_and_a_modal(
    slack: SlackServer, connected: Any
) -> None:
    ada = slack.adds_user("Ada")
    news = slack.adds_channel("news", members=[ada])
    async with connected(small_app(slack), slack):
        answer = await slack.slash(news, ada, "qwen").first()
        assert (answer.text, answer.visible_to) == ("Results for qwen", ada)

        press = slack.press(answer, "More", ada)
        modal = await press.opened()
        sent = await slack.submit(modal, ada, {"words": "llama"}).acknowledged()
        assert sent["errors"] == {"topic": "No topic llama"}

        ts = slack.person_says(news, ada, "Hello")
        await slack.written(3)
        await slack.settled()
        (reply,) = slack.state.channels[news].replies(ts)
        assert reply.text == "Heard: Hello"
    assert {attempt.ok for attempt in slack.attempts} == {True}


async def test_the_handler_comes_back_when_told_to_go(slack: SlackServer) -> None:
    ada, news = slack.adds_user("Ada"), slack.adds_channel("news")
    async with by_socket(small_app(slack), slack):
        await slack.sockets.disconnect("refresh_requested", close=False)
        await slack.sockets.reopened(2)
        await slack.sockets.connected()
        answer = await slack.slash(news, ada, "qwen").first()
        assert answer.text == "Results for qwen"
        assert slack.sockets.opened == 2


async def test_bolt_refuses_what_is_signed_with_another_secret(slack: SlackServer) -> None:
    async with by_http(small_app(slack), slack):
        slack.http.secret = "another"
        slash = slack.slash(slack.adds_channel("news"), slack.adds_user("Ada"), "qwen")
        await slash.acknowledged()
        assert slash.error == "http_error"


async def test_the_sdk_sees_refusals_as_errors(slack: SlackServer) -> None:
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.url, retry_handlers=[])
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel="C404", text="Hi")
    assert refused.value.response["error"] == "channel_not_found"
    news = slack.adds_channel("news")
    posted = await client.chat_postMessage(channel=news, text="Hi", blocks=CARD)
    assert posted["message"]["blocks"][0]["elements"][0]["action_id"] == "more"
    told = await client.conversations_history(channel=news, include_all_metadata=True, limit=5)
    assert [message["ts"] for message in told["messages"]] == [posted["ts"]]
