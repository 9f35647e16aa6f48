"""The local channels as pages: cards, threads, a box for commands, and the answers to them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from adapters.web import listing, report
from adapters.web.answers import ANSWERS, Answer
from adapters.web.guards import REFUSAL, form_of
from adapters.web.local import LocalChat, Room
from adapters.web.site import SITE, Site, draw
from adapters.web.visitor import greet, visitor, writer
from bot import reading, wording
from bot.message import Button, Card, Message
from bot.model import Comment, MessageRef

COMMAND = "/botbeat"
_KEPT = ("q", "company", "type", "page", "report", "tab")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing in a channel's stream: a report with its thread, or something that was said."""

    when: float
    message: Message | None = None
    card: Card | None = None
    report: reading.ReportInChannel | None = None


@dataclass(frozen=True, slots=True)
class Pane:
    """A channel as it is drawn."""

    room: Room
    view: reading.ChannelView
    lines: tuple[Line, ...]


async def page(request: web.Request) -> web.Response:
    """All local channels side by side, and beside them the news or one report."""
    site = request.app[SITE]
    who = visitor(request)
    context = await _third_pane(request)
    context |= {
        "panes": [await _pane(site, room) for room in _chat(site).rooms.values()],
        "answers": {name: request.app[ANSWERS].of(who.id, name) for name in _chat(site).rooms},
        "who": who,
        "tab": request.query.get("tab", "news" if _asks_for_news(request) else ""),
        "back": urlencode(_kept(request.query.items())),
        "new_id": lambda: str(uuid.uuid4()),
        "waiting": await site.bot.waiting(),
        "progress": site.progress() if site.progress else "",
    }
    response = draw(request, "chat.html", context, indexed=False)
    greet(request, response, who)
    return response


async def _third_pane(request: web.Request) -> dict[str, object]:
    site = request.app[SITE]
    number = request.query.get("report", "")
    if number.isascii() and number.isdigit() and int(number) < 2**63:
        view = await site.ask(reading.report, site.bot.store, int(number), site.bot.default)
        if view is None:
            raise web.HTTPNotFound
        return await report.surroundings(request, view, visitor(request), pane=True)
    shown = await listing.listing(request, site.pane_home)
    return {"list": shown, "pane": True, "types": listing.TYPE_SLUGS, "view": None}


def _asks_for_news(request: web.Request) -> bool:
    return any(name in request.query for name in ("q", "company", "type", "page", "report"))


async def part(request: web.Request) -> web.Response:
    """One channel's stream on its own, for a page that is open while something changes."""
    site = request.app[SITE]
    pane = await _pane(site, _room(request))
    context = {
        "pane_of": pane,
        "who": visitor(request),
        "back": urlencode(_kept(request.query.items())),
        "new_id": lambda: str(uuid.uuid4()),
    }
    return draw(request, "_stream.html", context, indexed=False)


async def _pane(site: Site, room: Room) -> Pane:
    view = await site.ask(
        reading.channel_view,
        site.bot.store,
        room.channel,
        default=site.bot.default,
        base_url=site.bot.base_url,
    )
    lines = [
        Line(
            standing.delivery.posted,
            card=wording.card(standing.article, site.bot.base_url),
            report=standing,
        )
        for standing in view.reports
    ]
    lines += [Line(delivery.posted, message) for delivery, message in view.others]
    lines += [Line(when, message) for when, message in _chat(site).said(room.name)]
    return Pane(room, view, tuple(sorted(lines, key=lambda line: line.when)))


def _chat(site: Site) -> LocalChat:
    assert site.chat, "these pages exist only with local channels"
    return site.chat


def _room(request: web.Request) -> Room:
    room = _chat(request.app[SITE]).rooms.get(request.match_info["room"])
    if room is None:
        raise web.HTTPNotFound(text="There is no channel of this name here.")
    return room


async def command(request: web.Request) -> web.StreamResponse:
    """A typed command or a pressed button, which is the same."""
    form = await form_of(request)
    who = writer(request, form)
    room = _room(request)
    pressed = form.get("press")
    typed = form.get("text", "").strip()
    if refusal := request.get(REFUSAL):
        asked, message = pressed or typed, Message(refusal)
    elif pressed is None and typed != COMMAND and not typed.startswith(COMMAND + " "):
        asked, message = typed, _hint(room, typed)
    else:
        asked = pressed if pressed is not None else typed.removeprefix(COMMAND).strip()
        message = await request.app[SITE].bot.command(room.channel, room.person, asked)
    if message.public:
        _chat(request.app[SITE]).say(room.name, message)
    else:
        answer = Answer(uuid.uuid4().hex, asked[:200], message)
        request.app[ANSWERS].show(who.id, room.name, answer)
    if message.announced:
        _chat(request.app[SITE]).say(room.name, Message(message.announced))
    raise web.HTTPSeeOther(_back(request, form, room.name))


def _hint(room: Room, typed: str) -> Message:
    if not typed:
        return Message(f"Type `{COMMAND}` and what you look for, for example `{COMMAND} qwen`.")
    return Message(
        "People talk under the reports: write in the box below one of them. "
        f"To ask BotBeat something, begin with `{COMMAND}`. Nothing was posted.",
        buttons=(Button(f"Search for “{wording.clip(typed, 30)}”", typed[:90]),),
    )


async def clear(request: web.Request) -> web.StreamResponse:
    form = await form_of(request)
    who = writer(request, form)
    room = _room(request)
    request.app[ANSWERS].clear(who.id, room.name)
    raise web.HTTPSeeOther(_back(request, form, room.name))


async def reply(request: web.Request) -> web.StreamResponse:
    """A comment under a report. The form's own id makes a double submit one comment."""
    form = await form_of(request)
    writer(request, form)
    room = _room(request)
    site = request.app[SITE]
    root = await site.ask(
        reading.root_message, site.bot.store, room.channel, int(request.match_info["id"])
    )
    if root is None:
        raise web.HTTPConflict(text="This report is not in the channel any more.")
    await site.bot.comment_posted(
        MessageRef(room.channel, report.form_id(form)),
        root,
        room.person,
        report.comment_text(form),
        time.time(),
    )
    raise web.HTTPSeeOther(_back(request, form, room.name))


async def edit(request: web.Request) -> web.StreamResponse:
    form, room, comment = await _own(request)
    text = report.comment_text(form)
    if text != comment.text:
        await request.app[SITE].bot.comment_edited(comment.origin, text, time.time())
    raise web.HTTPSeeOther(_back(request, form, room.name))


async def delete(request: web.Request) -> web.StreamResponse:
    form, room, comment = await _own(request)
    await request.app[SITE].bot.comment_deleted(comment.origin)
    raise web.HTTPSeeOther(_back(request, form, room.name))


async def _own(request: web.Request) -> tuple[Mapping[str, str], Room, Comment]:
    """The comment written in this channel that is to be changed."""
    form = await form_of(request)
    writer(request, form)
    room = _room(request)
    site = request.app[SITE]
    comment = await site.ask(reading.comment, site.bot.store, int(request.match_info["id"]))
    if comment is None or comment.origin.channel != room.channel:
        raise web.HTTPNotFound(text="This comment is gone already.")
    return form, room, comment


async def run_worker(request: web.Request) -> web.StreamResponse:
    """Pause or resume delivery, to see that nothing is lost meanwhile."""
    form = await form_of(request)
    writer(request, form)
    worker = request.app[SITE].worker
    if worker is None:
        raise web.HTTPNotFound
    if form.get("run") == "start":
        worker.start()
    else:
        worker.stop()
    raise web.HTTPSeeOther(_back(request, form, ""))


async def status(request: web.Request) -> web.Response:
    """The line in the demo's header on its own."""
    site = request.app[SITE]
    context = {
        "who": visitor(request),
        "back": urlencode(_kept(request.query.items())),
        "waiting": await site.bot.waiting(),
        "progress": site.progress() if site.progress else "",
    }
    return draw(request, "_status.html", context, indexed=False)


def _kept(asked: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What a link back may hold; nothing of it leads elsewhere."""
    pairs = dict(asked)
    return {name: pairs[name] for name in _KEPT if pairs.get(name)}


def _back(request: web.Request, form: Mapping[str, str], tab: str) -> str:
    """The address that shows what the person saw when they sent a form."""
    kept = _kept(parse_qsl(form.get("back", ""))) | {"tab": tab}
    return f"{request.app[SITE].pane_home}?{urlencode(kept)}"
