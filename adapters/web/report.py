"""The report's own page, and what people write on it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping

from aiohttp import web

from adapters.web.guards import form_of
from adapters.web.site import SITE, draw
from adapters.web.visitor import Visitor, greet, visitor, writer
from bot import reading
from bot.model import PAGE, Comment, MessageRef, Person

PLATFORM = "web"
LONGEST_COMMENT = 4000
LONGEST_NAME = 60


async def page(request: web.Request) -> web.Response:
    view = await _view(request)
    return await show(request, view)


async def part(request: web.Request) -> web.Response:
    """The comments on their own, for a page that is open while something changes."""
    who = visitor(request)
    view = await _view(request)
    context = await surroundings(request, view, who, pane="pane" in request.query)
    return draw(request, "_comments.html", context, indexed=False)


async def show(
    request: web.Request,
    view: reading.ReportView,
    problem: str = "",
    draft: Mapping[str, str] | None = None,
) -> web.Response:
    """The page; with what somebody wrote and why it was not stored, if there was a problem."""
    who = visitor(request)
    context = await surroundings(request, view, who)
    context |= {"problem": problem, "draft": draft or {}}
    response = draw(
        request,
        "report.html",
        context,
        status=422 if problem else 200,
        indexed=not view.comments,
    )
    if view.open_for_comments:
        greet(request, response, who)
    return response


async def surroundings(
    request: web.Request, view: reading.ReportView, who: Visitor, *, pane: bool = False
) -> dict[str, object]:
    """What a report's template needs besides the report."""
    site = request.app[SITE]
    name = ""
    if view.open_for_comments and not who.new:
        name = await site.ask(reading.person_name, site.bot.store, PLATFORM, who.id)
    return {
        "view": view,
        "pane": pane,
        "who": who,
        "name": name,
        "form_id": str(uuid.uuid4()),
        "is_mine": lambda comment: _is_by(comment, who),
        "problem": "",
        "draft": {},
    }


async def _view(request: web.Request) -> reading.ReportView:
    site = request.app[SITE]
    number = int(request.match_info["id"])
    view = None
    # Ids have 63 bits; a database refuses larger numbers.
    if number < 2**63:
        view = await site.ask(reading.report, site.bot.store, number, site.bot.default)
    if view is None:
        raise web.HTTPNotFound
    return view


def _is_by(comment: Comment, who: Visitor) -> bool:
    return comment.author.platform == PLATFORM and comment.author.id == who.id


async def post(request: web.Request) -> web.StreamResponse:
    """Store a comment. The form's own id makes a double submit one comment."""
    form = await form_of(request)
    who = writer(request, form)
    view = await _view(request)
    if not view.open_for_comments:
        raise web.HTTPConflict(text="Nobody listens under this report. Nothing was stored.")
    text = form.get("text", "").strip()
    name = " ".join(form.get("name", "").split())
    problem = _problem(text) or _name_problem(name)
    if problem:
        return await show(request, view, problem, form)
    await request.app[SITE].bot.comment_posted(
        ref=MessageRef(PAGE, form_id(form)),
        reply_to=_root(view),
        author=Person(PLATFORM, who.id, name),
        text=text,
        written=time.time(),
    )
    raise web.HTTPSeeOther(_back(request, view, form))


async def edit(request: web.Request) -> web.StreamResponse:
    form, view, comment = await _own(request)
    text = form.get("text", "").strip()
    problem = _problem(text)
    if problem:
        return await show(request, view, problem, {"edit": comment.key, "edited": text})
    if text != comment.text:
        bot = request.app[SITE].bot
        await bot.comment_edited(comment.origin, text, time.time(), _root(view))
    raise web.HTTPSeeOther(_back(request, view, form))


async def delete(request: web.Request) -> web.StreamResponse:
    form, view, comment = await _own(request)
    bot = request.app[SITE].bot
    await bot.comment_deleted(comment.origin, reply_to=_root(view))
    raise web.HTTPSeeOther(_back(request, view, form))


async def _own(request: web.Request) -> tuple[Mapping[str, str], reading.ReportView, Comment]:
    """The comment that its author wants to change; raises for everybody else."""
    form = await form_of(request)
    who = writer(request, form)
    view = await _view(request)
    key = request.match_info["key"]
    comment = next((one for one in view.comments if one.key == key), None)
    if comment is None:
        raise web.HTTPNotFound(text="This comment is gone already.")
    if not _is_by(comment, who):
        raise web.HTTPForbidden(text="Only its author can change a comment.")
    return form, view, comment


def _root(view: reading.ReportView) -> MessageRef:
    return MessageRef(PAGE, str(view.article.id))


def form_id(form: Mapping[str, str]) -> str:
    """The id issued with a form: the origin of the comment it brings."""
    try:
        return str(uuid.UUID(form.get("form", "")))
    except ValueError:
        raise web.HTTPBadRequest(text="Please use the form on the page.") from None


def comment_text(form: Mapping[str, str]) -> str:
    """What was written; raises where there is nothing, or too much."""
    text = form.get("text", "").strip()
    problem = _problem(text)
    if problem:
        raise web.HTTPUnprocessableEntity(text=problem)
    return text


def _problem(text: str) -> str:
    if not text:
        return "Write something first; nothing was stored."
    if len(text) > LONGEST_COMMENT:
        return (
            f"That is {len(text):,} characters; a comment has at most {LONGEST_COMMENT:,}. "
            "Your text is still in the box; nothing was stored."
        )
    return ""


def _name_problem(name: str) -> str:
    if not name:
        return "Add the name you want to be shown with; nothing was stored."
    if len(name) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters; nothing was stored."
    return ""


def _back(request: web.Request, view: reading.ReportView, form: Mapping[str, str]) -> str:
    if form.get("pane"):
        return f"{request.app[SITE].pane_home}?report={view.article.id}#comments"
    return f"/reports/{view.article.id}#comments"
