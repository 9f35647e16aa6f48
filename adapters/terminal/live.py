"""`doctor --live`: what BotBeat assumes of a platform, tried in a channel that a person names.

The rule: nothing is posted unasked, nothing is left behind, and each answer stands with its time,
so that the first who tries it settles it for all.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import typer

from adapters.terminal.credentials import Refused, discord_bot, slack_bot
from adapters.terminal.desk import Desk, Stopped, told_to_end
from adapters.terminal.lines import Row, emit
from adapters.terminal.moments import iso
from adapters.terminal.opening import configured
from adapters.terminal.settings import Settings, SettingsError
from adapters.terminal.speaking import complain, plain, say
from bot.ports import DeliveryError
from bot.trial import Ground, Trial

WAITS = (0.0, 5.0)
_CHANNELS = {
    "slack": re.compile(
        r"slack:([CDG][A-Z0-9]{6,20})|(?:slack:)?https://[\w.-]+\.slack\.com"
        r"/(?:archives|client/\w+)/([CDG][A-Z0-9]{6,20})(?:[/?#].*)?"
    ),
    "discord": re.compile(
        r"discord:(\d{15,20})|(?:discord:)?https://(?:\w+\.)?discord(?:app)?\.com"
        r"/channels/(?:@me|\d+)/(\d{15,20})(?:[/?#].*)?"
    ),
}


@dataclass(slots=True)
class Report:
    """What came of it. `left` are links to what could not be removed."""

    rows: list[Row] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def failed(self) -> bool:
        untried = any(row["verdict"] == "untried" for row in self.rows)
        return untried or bool(self.left or self.error)


def try_live(where: str, after: Sequence[float], *, patient: bool, yes: bool, json: bool) -> None:
    """The whole command; exits with 1 when something could not be tried or removed."""
    platform, channel = _channel(where)
    settings = configured(lasting=False)
    tell = complain if json else say
    try:
        ground = asyncio.run(_ground(settings, platform, channel))
        waits = [*(after or WAITS), *(ground.patient if patient else ())]
        tell(_plan(ground, platform, channel, waits))
        if not yes:
            typer.confirm("Go on?", abort=True, err=json)
        report = asyncio.run(tried(ground, waits, quiet=json))
    except Refused as error:
        complain(f"{error} Nothing was posted.")
        raise typer.Exit(1) from None
    if json:
        emit({"platform": platform, "channel": channel, "facts": report.rows,
              "left": report.left, "error": report.error})  # fmt: skip
    if report.error:
        complain(report.error)
    for link in report.left:
        complain(f"Could not be removed, so please do it: {link}")
    if report.rows:
        tell("Please put these lines into an issue of the project, as nobody has seen it live yet.")
    if report.failed:
        raise typer.Exit(1)


def _channel(where: str) -> tuple[str, str]:
    for platform, form in _CHANNELS.items():
        if found := form.fullmatch(where.strip()):
            return platform, next(filter(None, found.groups()))
    raise typer.BadParameter(
        "“--live” takes slack:C0123456789, discord:123456789012345678, or a link to the channel"
    )


async def _ground(settings: Settings, platform: str, channel: str) -> Ground:
    """The channel, once the platform has accepted the token; `Refused`, `SettingsError`."""
    name = "DISCORD_TOKEN" if platform == "discord" else "SLACK_BOT_TOKEN"
    token = getattr(settings, name.lower()).get_secret_value()
    if not token:
        raise SettingsError(f"Set {name} first; `botbeat connect {platform}` helps with it.")
    if platform == "slack":
        from adapters.slack.trying import Ground as SlackGround

        await slack_bot(settings.slack_api_url, token)
        return SlackGround(token, settings.slack_api_url, channel)
    from adapters.discord.trying import Ground as DiscordGround

    await discord_bot(settings.discord_api_url, token)
    return DiscordGround(token, settings.discord_api_url, channel)


def _plan(ground: Ground, platform: str, channel: str, waits: Sequence[float]) -> str:
    most, minutes = ground.messages + 2 * len(waits), sum(waits) / 60
    long = f"about {minutes:.0f} minutes" if minutes > 1 else "about a minute"
    return (
        f"BotBeat posts at most {most} test messages in the channel {channel} of "
        f"{platform.title()} and removes all of them afterwards. They mention nobody. It takes "
        f"{long}."
    )


async def tried(ground: Ground, waits: Sequence[float], *, quiet: bool) -> Report:
    """Carry out the trials, tell each at once unless `quiet`, and remove what was posted."""
    report, desk = Report(), Desk(ground, told_to_end())
    try:
        await ground.open()
        for trial in ground.trials(waits):
            report.rows.append(await _row(trial, desk))
            if not quiet:
                say(_line(report.rows[-1]))
    except Stopped:
        report.error = "Stopped before the end."
    except DeliveryError as error:
        report.error = _reason(error) + "."
    finally:
        report.left = await desk.remove()
        await ground.close()
    return report


async def _row(trial: Trial, desk: Desk) -> Row:
    """One fact as it was seen. What closes the whole channel to us is raised instead."""
    row: Row = {"fact": trial.fact, "assumed": trial.assumed}
    try:
        seen = await trial.look(desk)
    except DeliveryError as error:
        if error.permanent and error.scope != "message":
            raise
        told: Row = {"seen": None, "detail": _reason(error), "verdict": "untried"}
    else:
        same = trial.assumed in (None, seen.so)
        told = {"seen": seen.so, "detail": seen.detail, "verdict": "same" if same else "differs"}
    return {"at": iso(time.time()), **row, **told}


def _line(row: Row) -> str:
    start = f"{row['at']} {row['fact']}:"
    if row["verdict"] == "untried":
        return plain(f"{start} could not be tried, because {row['detail']}.")
    seen = _word(row["seen"]) + (f" ({row['detail']})" if row["detail"] else "")
    if row["assumed"] is None:
        return plain(f"{start} {seen}. BotBeat counts on neither answer.")
    return plain(f"{start} {seen}. BotBeat assumes {_word(row['assumed'])}: {row['verdict']}.")


def _word(so: bool) -> str:
    return "yes" if so else "no"


def _reason(error: DeliveryError) -> str:
    """Without what BotBeat does then elsewhere: nothing is tried again here."""
    return error.reason.partition("; BotBeat")[0].rstrip(".")
