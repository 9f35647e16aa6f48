"""`doctor`: is everything that is configured right, and if not, what is there to do.

It reads and asks; it changes nothing, posts nothing unless `--live` names a channel for it, and
never prints a secret.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from adapters.terminal.credentials import Refused, discord_bot, model, slack_app, slack_bot
from adapters.terminal.opening import NOT_TEXT, VANISHES, absent, address, vanishes
from adapters.terminal.settings import Settings, SettingsError, refusal, usable
from adapters.terminal.speaking import plain, say

if TYPE_CHECKING:
    from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Finding:
    """`OK`, `OFF` for what is not configured and need not be, `FIX` for what is wrong."""

    mark: Literal["OK", "OFF", "FIX"]
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.mark:<3}  {self.subject}: {plain(self.text)}"


def doctor(
    live: Annotated[
        str | None,
        typer.Option(
            metavar="CHANNEL",
            help="Try in this test channel what is assumed of its platform: slack:C0123456789, "
            "discord:123456789012345678, or a link to it.",
        ),
    ] = None,
    patient: Annotated[bool, typer.Option("--patient", help="Try longer waits as well.")] = False,
    after: Annotated[
        list[float] | None,
        typer.Option(
            min=0, max=3600, metavar="SECONDS", help="Send again after these, not after 0 and 5."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before posting.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer with a JSON object.")] = False,
) -> None:
    """Check the configuration, the database, tokens, scopes and the model; say what to do."""
    if live is not None:
        from adapters.terminal.live import try_live

        return try_live(live, after or [], patient=patient, yes=yes, json=as_json)
    if patient or after or yes or as_json:
        raise typer.BadParameter("--patient, --after, --yes and --json go with --live")
    return _check()


def _check() -> None:
    try:
        settings, wrong = usable()
    except UnicodeDecodeError:
        say(str(Finding("FIX", "configuration", NOT_TEXT)))
        raise typer.Exit(1) from None
    failed = False
    for finding in (*_kept(settings, wrong), *asyncio.run(_asked(settings, wrong))):
        say(str(finding))
        failed = failed or finding.mark == "FIX"
    if failed:
        raise typer.Exit(1)


def _kept(settings: Settings, wrong: Sequence[str]) -> Iterator[Finding]:
    """What can be seen without asking anybody; `wrong` are the variables of no use."""
    file = Path(".env")
    for name in wrong:
        yield Finding("FIX", "configuration", refusal(name))
    if os.name == "posix" and file.exists() and file.stat().st_mode & 0o077:
        yield Finding("FIX", "configuration", "others can read .env: run chmod 600 .env")
    elif not wrong:
        yield Finding("OK", "configuration", "every value can be used")
    yield database(settings)
    if settings.botbeat_base_url:
        yield Finding("OK", "pages", f"cards link to {settings.botbeat_base_url}")
    else:
        yield Finding(
            "OFF",
            "pages",
            "cards have no link to a report's page; set BOTBEAT_BASE_URL to the address at which "
            f"people reach port {settings.port} of this machine",
        )


def database(settings: Settings) -> Finding:
    """Whether the database answers and has the version that this program needs."""
    from sqlalchemy.exc import DatabaseError

    from storage.engine import connect, revisions
    from storage.engine import plain as told

    try:
        url = address(settings)
    except SettingsError as error:
        return Finding("FIX", "database", str(error))
    if vanishes(url):
        return Finding("FIX", "database", VANISHES)
    missing = absent(url)
    if missing:
        return _not_yet(missing)
    engine = connect(url, write=False)
    try:
        with engine.connect() as connection:
            here, need = revisions(connection)
    except DatabaseError as error:
        return Finding("FIX", "database", told(error))
    finally:
        engine.dispose()
    return _version(here, need)


def _not_yet(file: Path) -> Finding:
    if os.access(file.parent, os.W_OK):
        return Finding("OK", "database", f"none yet; the first `botbeat run` makes {file}")
    return Finding(
        "FIX", "database", f"{file} cannot be made: is there a folder {file.parent} to write in?"
    )


def _version(here: str | None, need: str) -> Finding:
    if here == need:
        return Finding("OK", "database", f"it answers, and its version {here} is current")
    if here is None:
        return Finding("OK", "database", "it answers; the first `botbeat run` makes its tables")
    # The versions are numbers of equal length, so that their order is that of their texts.
    if here > need:
        return Finding("FIX", "database", "it was made by a newer version of BotBeat: update "
                       "BotBeat, or give another DATABASE_URL")  # fmt: skip
    return Finding("FIX", "database", f"its version {here} is old: run `botbeat db upgrade`")


async def _asked(settings: Settings, wrong: Sequence[str]) -> list[Finding]:
    parts = {"SLACK_API_URL": _slack, "DISCORD_API_URL": _discord, "OPENAI_BASE_URL": _model}
    # Where a part's own address is wrong, its token would go to a server that it is not for.
    asked = [part(settings) for name, part in parts.items() if name not in wrong]
    found = await asyncio.gather(*asked)
    return [finding for part in found for finding in part]


async def _slack(settings: Settings) -> list[Finding]:
    token, app = _secret(settings.slack_bot_token), _secret(settings.slack_app_token)
    by_http = _secret(settings.slack_signing_secret)
    if not (token or app or by_http):
        return [_off(settings, "slack")]
    url, lacking = settings.slack_api_url, settings.missing().get("slack", [])
    found = [Finding("FIX", "slack", f"set {' and '.join(lacking)} as well")] if lacking else []
    if token:
        found.append(await _told("slack", slack_bot(url, token), "the bot is in {}, and has all "
                                 "the scopes it needs"))  # fmt: skip
    if app:
        found.append(
            await _told("slack", slack_app(url, app), "the app-level token opens a socket")
        )
    if app and by_http:
        both = "Socket Mode and HTTP are both configured: Socket Mode listens"
        found.append(Finding("OK", "slack", both))
    elif by_http and not settings.botbeat_base_url:
        where = "it listens by HTTP: set BOTBEAT_BASE_URL to the address that Slack can reach"
        found.append(Finding("FIX", "slack", where))
    elif by_http:
        where = f"{settings.botbeat_base_url.rstrip('/')}/slack/events"
        found.append(Finding("OK", "slack", f"it listens by HTTP at {where}"))
    return found


async def _discord(settings: Settings) -> list[Finding]:
    token = _secret(settings.discord_token)
    if not token:
        return [_off(settings, "discord")]
    try:
        app = await discord_bot(settings.discord_api_url, token)
    except Refused as error:
        return [Finding("FIX", "discord", str(error))]
    found = Finding("OK", "discord", f"the token is that of {app.name}")
    if app.reads:
        return [found, Finding("OK", "discord", "the Message Content intent is on")]
    portal = f"https://discord.com/developers/applications/{app.id}/bot"
    why = f"comments on Discord are not seen: switch on the Message Content intent at {portal}"
    return [found, Finding("FIX", "discord", why)]


async def _model(settings: Settings) -> list[Finding]:
    if not settings.model_address:
        return [Finding("OFF", "model", "reports are extracted; OPENAI_API_KEY or OPENAI_BASE_URL "
                        "would have a model write them")]  # fmt: skip
    key = _secret(settings.openai_api_key)
    asked = model(settings.model_address, key, settings.model)
    return [await _told("model", asked, settings.model + " answers, in {:.1f} s")]


async def _told(subject: str, asked: Awaitable[object], good: str) -> Finding:
    try:
        return Finding("OK", subject, good.format(await asked))
    except Refused as error:
        return Finding("FIX", subject, str(error))


def _off(settings: Settings, part: str) -> Finding:
    return Finding("OFF", part, f"to switch it on, `botbeat connect {part}`, or set "
                   f"{' and '.join(settings.missing()[part])}")  # fmt: skip


def _secret(value: SecretStr) -> str:
    return value.get_secret_value()
