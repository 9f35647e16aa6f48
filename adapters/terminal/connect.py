"""`connect slack|discord`: from nothing to a first card in a channel.

Tokens are asked for without echo and checked before anything is written.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from urllib.parse import urlencode

import typer

from adapters.terminal import dotenv
from adapters.terminal.credentials import Refused, discord_bot, slack_app, slack_bot
from adapters.terminal.opening import configured
from adapters.terminal.speaking import complain, plain, say
from bot.message import Button, Card, Message
from bot.model import Channel
from bot.ports import DeliveryError

if TYPE_CHECKING:
    from adapters.discord import DiscordChat
    from adapters.slack import SlackChat

app = typer.Typer(no_args_is_help=True, help="From nothing to a first card in a channel.")
in_slack = typer.Typer(no_args_is_help=True)


TRIES = 3
_ENV = ".env"
_KEPT = "it keeps only what is written in the threads under its own reports"
_T = TypeVar("_T")


@app.command()
def slack() -> None:
    """Make the Slack app, take its tokens, post a first card."""
    from adapters import slack as adapter

    settings = configured()
    url = settings.slack_api_url
    say("1. Create the app. This link fills in everything; choose your workspace and confirm:")
    say(new_slack_app())
    say("2. On its page Install App, install it, and copy the Bot User OAuth Token.")
    token, workspace = _ask("   Bot token (xoxb-…)", lambda given: slack_bot(url, given))
    say(f"   It is the bot of {plain(workspace)}, and has all the scopes it needs.")
    say("3. On its page Basic Information, under App-Level Tokens, make one with the scope "
        "connections:write.")  # fmt: skip
    socket, _ = _ask("   App-level token (xapp-…)", lambda given: slack_app(url, given))
    _keep({"SLACK_BOT_TOKEN": token, "SLACK_APP_TOKEN": socket})
    say("4. In the channel for the reports, type /invite @BotBeat; then copy the channel's link.")
    _post(
        "slack",
        lambda: adapter.create(token, socket, api_url=url),
        r"(?:^|/archives/|<#)([CG][A-Z0-9]{2,})",
    )
    say(f"In the channels it was invited to, BotBeat can read all messages and the names of their "
        f"writers; {_KEPT}.")  # fmt: skip
    _next("/botbeat subscribe")


@app.command()
def discord() -> None:
    """Take the Discord bot's token, invite it, post a first card."""
    from adapters import discord as adapter

    settings = configured()
    url = settings.discord_api_url
    say("1. Make an application at https://discord.com/developers/applications, and on its page "
        "Bot switch on the Message Content intent and reset the token to copy it.")  # fmt: skip
    token, bot = _ask("   Bot token", lambda given: discord_bot(url, given))
    _keep({"DISCORD_TOKEN": token})
    say(f"2. Invite {plain(bot.name)} to your server. This link asks for exactly what it needs:")
    say(invite(bot.id))
    say("3. In the channel for the reports, copy the channel's link (right-click, Copy Link).")
    _post(
        "discord",
        lambda: adapter.create(token, url, settings.discord_gateway_url),
        r"(?:^|/channels/\d+/|<#)(\d{15,21})",
    )
    if bot.reads:
        say(f"In the channels that it may see, BotBeat can read all messages; {_KEPT}.")
    else:
        say(
            "BotBeat can read commands and no messages, because its Message Content intent is "
            "off; until it is on, comments come by the button Comment under each report."
        )
    _next("/botbeat query: subscribe")


@in_slack.callback()
def _several() -> None:
    """The app in Slack."""
    # A group of one command would be that command.


@in_slack.command("manifest")
def slack_manifest(
    address: Annotated[str, typer.Argument(show_default=False)] = "",
) -> None:
    """What the app in Slack has to be: its scopes, events and commands, as JSON.

    With the public ADDRESS of the pages Slack calls it by HTTP, without one by Socket Mode.
    """
    from adapters.slack import manifest

    if address and not address.startswith("https://"):
        complain(f"{plain(address)} is not an address that Slack can call: https://…")
        raise typer.Exit(1)
    say(json.dumps(manifest(address), indent=2))


def new_slack_app() -> str:
    """The address of Slack's form for a new app, filled in with our manifest:
    https://docs.slack.dev/app-manifests/configuring-apps-with-app-manifests."""
    from adapters.slack import manifest

    told = json.dumps(manifest(), separators=(",", ":"))
    return "https://api.slack.com/apps?" + urlencode({"new_app": 1, "manifest_json": told})


def invite(application: str) -> str:
    """The address that invites the bot with just the permissions that its adapter uses:
    https://docs.discord.com/developers/topics/oauth2#bot-authorization-flow."""
    from discord import Permissions

    from adapters.discord.needs import COMMENTS, REPORTS

    names = {need.lower().replace(" ", "_"): True for need in (*REPORTS, *COMMENTS)}
    asked = {
        "client_id": application,
        "scope": "bot applications.commands",
        "permissions": Permissions(**names).value,
    }
    return "https://discord.com/oauth2/authorize?" + urlencode(asked)


def first_card() -> Message:
    """What is posted to show that it works."""
    points = ("Reports will look like this card", "Type /botbeat subscribe to have them here")
    card = Card("BotBeat can post here", "", byline="It works", takeaways=points)
    return Message(cards=(card,), buttons=(Button("What can I type?", "help"),))


def _ask(question: str, check: Callable[[str], Coroutine[Any, Any, _T]]) -> tuple[str, _T]:
    """A secret that was checked, with what the check found out."""
    for left in reversed(range(TRIES)):
        # Where no terminal is, nothing echoes, and hiding would only warn that it cannot.
        given = str(typer.prompt(question, hide_input=sys.stdin.isatty())).strip()
        try:
            return given, asyncio.run(check(given))
        except Refused as error:
            complain(f"{error} {'Try again.' if left else 'Nothing was written.'}")
    raise typer.Exit(1)


def _keep(values: Mapping[str, str]) -> None:
    dotenv.write(Path(_ENV), values)
    say(f"   Written to {Path(_ENV).resolve()}: {', '.join(values)}.")
    for name, value in values.items():
        if os.environ.get(name, value) != value:
            complain(f"{name} is also set in the environment, which goes before {_ENV}.")


def _post(platform: str, chat: Callable[[], SlackChat | DiscordChat], channel: str) -> None:
    """Ask for a channel until a card stands there. `channel` finds its id in what is typed."""
    for left in reversed(range(TRIES)):
        found = re.search(channel, str(typer.prompt("   Channel (link or id)")).strip())
        problem = "That is neither a channel's link nor its id."
        if found:
            try:
                asyncio.run(_post_card(chat(), Channel(platform, found[1])))
                say("   A first card stands in the channel.")
                return
            except DeliveryError as error:
                problem = f"{error.reason}."
        complain(f"{problem.replace('..', '.')} {'Try again.' if left else 'The tokens are kept.'}")
    raise typer.Exit(1)


async def _post_card(chat: SlackChat | DiscordChat, channel: Channel) -> None:
    key = "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(24))
    try:
        await chat.post(channel, first_card(), None, key)
    finally:
        await chat.close()


def _next(typed: str) -> None:
    say(f"Now start it with `python3 run.py run`, and type {typed} in the channel.")
