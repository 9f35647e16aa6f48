"""Comments under reports: who sees them, and how they stay in step.

Each call is the effect of one event. An event may come twice, late, or before the one it
follows from; unique rows and times of edits make the outcome the same.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from bot.model import PAGE, ChannelSettings, Comment, Comments, MessageRef, Person
from bot.store import Place, Tx

log = logging.getLogger(__name__)

KEPT = 180 * 86400.0
"""So many seconds comments and deliveries are kept; the privacy page says so."""
WAITING_KEPT = 86400.0
"""So long a comment waits to learn whether it stands under a report."""
DELETED_KEPT = 30 * 86400.0
"""So long we remember that there was a comment whose text is gone, lest it comes back."""
NAME_WAIT = 3.0
"""So many seconds a copy waits for the name of its author."""
LONGEST = 8000
"""Where a comment is cut, in characters: twice what either platform lets a person type."""


def mode(settings: ChannelSettings, default: Comments) -> Comments:
    """What holds in a channel: its own choice, else the deployment's default.

    A default never shares the words of a channel that not everybody can read.
    """
    if settings.comments:
        return settings.comments
    if default == "share" and settings.visibility != "public":
        return "read"
    return default


def page_is_open(tx: Tx, article: int, default: Comments) -> bool:
    """Whether people may comment on the report's page: some channel shares with it."""
    return any(
        place.settings.page and mode(place.settings, default) == "share"
        for place in tx.channels.showing(article)
    )


def posted(
    tx: Tx,
    ref: MessageRef,
    reply_to: MessageRef,
    author: Person,
    text: str,
    written: float,
    default: Comments,
) -> Comment | None:
    """A person wrote `ref` under `reply_to`. The comment as stored, or None if it is not one."""
    if tx.deliveries.at(ref):
        return None
    here = tx.channels.place(ref.channel)
    article = _article_under(tx, reply_to)
    off = mode(here.settings, default) == "off"
    if article is None and not off and tx.deliveries.posting(ref.channel):
        # It may stand under a report that is just being posted: `received` will know.
        tx.channels.meet(author)
        waits = Comment(0, 0, ref, author, text[:LONGEST], written, hidden=True, root=reply_to.id)
        tx.comments.add(waits)
        return None
    if article is None or not _takes_part(tx, here, article, default):
        return None
    tx.channels.meet(author)
    known = tx.comments.by_origin(ref)
    on_page = _goes_on_page(here, default)
    if known and known.hidden:
        comment: Comment | None = _unhide(tx, known, article, author, text, written, on_page)
    else:
        fresh = Comment(0, article, ref, author, text[:LONGEST], written, page=on_page)
        comment = tx.comments.add(fresh)
    if comment and not comment.deleted:
        _share(tx, comment, here, default)
    return comment


def _unhide(
    tx: Tx,
    known: Comment,
    article: int,
    author: Person,
    text: str,
    written: float,
    on_page: bool,
) -> Comment:
    """The comment that an edit or a deletion of it went before, or that waited for its report."""
    shown = replace(
        known,
        article=article,
        author=author,
        text=known.text if known.edited or known.deleted else text[:LONGEST],
        written=written,
        hidden=False,
        root="",
        page=on_page,
    )
    tx.comments.change(shown)
    return shown


def received(tx: Tx, key: str, ref: MessageRef, default: Comments) -> bool:
    """A platform has our message `ref`. Comments that came under it before we knew find their
    report now. False: another message with this key was known."""
    here = tx.channels.place(ref.channel)
    if not tx.deliveries.receipt(key, ref):
        # A request that the network held back arrived after all. People may have answered it.
        if tx.deliveries.second(key, ref, keep=bool(tx.comments.waiting(ref))):
            log.warning("a message that came late stands twice; the second one is removed")
        return False
    ours = tx.deliveries.at(ref)
    if ours and ours.kind == "report":
        for comment in tx.comments.waiting(ref):
            on_page = _goes_on_page(here, default)
            found = replace(comment, article=ours.article, hidden=False, root="", page=on_page)
            tx.comments.change(found)
            if not found.deleted:
                _share(tx, found, here, default)
    return True


def edited(
    tx: Tx,
    ref: MessageRef,
    text: str,
    moment: float,
    reply_to: MessageRef | None,
    default: Comments,
) -> None:
    """The words of `ref` are these since `moment`; an older edit that comes late is nothing."""
    known = tx.comments.by_origin(ref)
    if known is None:
        _remember(tx, ref, reply_to, text[:LONGEST], edited=moment)
    elif not known.deleted and moment > known.edited and text[:LONGEST] != known.text:
        changed = replace(known, text=text[:LONGEST], edited=moment, revision=known.revision + 1)
        tx.comments.change(changed)
        if _is_shared(tx.channels.place(ref.channel), default):
            tx.deliveries.raise_wanted("comment", known.id, changed.revision)


def deleted(tx: Tx, ref: MessageRef, reply_to: MessageRef | None) -> None:
    """`ref` is gone. Of a person's message all copies go; a copy of ours stays gone for good."""
    ours = tx.deliveries.at(ref)
    if ours and ours.part:
        return  # A second copy of something that stands elsewhere.
    if ours:
        if not ours.gone:
            tx.deliveries.remove(ours, "Somebody who manages the channel removed it.")
        if ours.kind == "report":
            tx.deliveries.give_up_thread(ours.channel, ours.article)
        return
    known = tx.comments.by_origin(ref)
    if known is None:
        _remember(tx, ref, reply_to, "", edited=tx.now, deleted=True)
    elif not known.deleted:
        gone = replace(known, text="", edited=tx.now, deleted=True, revision=known.revision + 1)
        tx.comments.change(gone)
        tx.deliveries.raise_wanted("comment", known.id, gone.revision, gone=True)


def named(tx: Tx, person: Person, default: Comments) -> None:
    """We learnt a person's name: copies that wait for it may go, the others are corrected."""
    before, _ = tx.channels.person(person.platform, person.id)
    tx.channels.meet(person)
    if before or not person.name:
        return
    for comment in tx.comments.by(person.platform, person.id):
        better = replace(comment, author=person, revision=comment.revision + 1)
        tx.comments.change(better)
        if _is_shared(tx.channels.place(comment.origin.channel), default):
            tx.deliveries.raise_wanted("comment", comment.id, better.revision)


def _article_under(tx: Tx, reply_to: MessageRef | None) -> int | None:
    if reply_to is None:
        return None
    if reply_to.channel == PAGE:
        return int(reply_to.id) if reply_to.id.isdecimal() else None
    report = tx.deliveries.at(reply_to)
    return report.article if report and report.kind == "report" else None


def _takes_part(tx: Tx, here: Place, article: int, default: Comments) -> bool:
    if here.channel == PAGE:
        return page_is_open(tx, article, default)
    return mode(here.settings, default) != "off"


def _is_shared(here: Place, default: Comments) -> bool:
    """Whether what is written here may be seen elsewhere."""
    return here.channel == PAGE or mode(here.settings, default) == "share"


def _goes_on_page(here: Place, default: Comments) -> bool:
    return here.channel == PAGE or (here.settings.page and _is_shared(here, default))


def _share(tx: Tx, comment: Comment, here: Place, default: Comments) -> None:
    """Want a copy in each other channel that shows the report and reads comments."""
    if not _is_shared(here, default):
        return
    due = tx.now + (0 if comment.author.name else NAME_WAIT)
    for place in tx.channels.showing(comment.article):
        if place.channel == here.channel or place.team != here.team:
            continue
        if mode(place.settings, default) == "off":
            continue
        tx.deliveries.want(
            place.channel,
            "comment",
            comment.id,
            comment.article,
            comment.revision,
            due=due,
            rank=comment.written,
        )


def _remember(
    tx: Tx,
    ref: MessageRef,
    reply_to: MessageRef | None,
    text: str,
    *,
    edited: float = 0,
    deleted: bool = False,
) -> None:
    """An edit or a deletion came first: keep it hidden until the comment itself comes."""
    article = _article_under(tx, reply_to)
    if article is not None:
        nobody = Person(ref.channel.platform, "")
        tx.comments.add(
            Comment(0, article, ref, nobody, text, 0, edited, deleted=deleted, hidden=True)
        )
