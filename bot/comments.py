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
SOON = 5.0
"""What is written under a report waits until its message is known. One of which that is learnt
later than so many seconds after it was sent is read besides, as nobody may have listened."""
DELETED_KEPT = 30 * 86400.0
"""So long we remember that there was a comment whose text is gone, lest it comes back."""
FORM = "form:"
"""How the id of an origin begins that is no message: the words came by a form. They stand nowhere
yet, so their own channel gets a copy as well, and no listing of a thread has them."""
_GESTURE = 86400.0
"""So long it is known that somebody's gesture was told of already."""
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
    said: Comment,
    reply_to: MessageRef,
    default: Comments,
    *,
    counted: bool = False,
    gesture: str = "",
) -> None:
    """A person wrote `said` under `reply_to`. With `counted` it is not copied: a note in each
    other channel counts it. A platform may tell of one `gesture` under two ids: the first is it."""
    if tx.deliveries.at(said.origin):
        return
    here = tx.channels.place(said.origin.channel)
    article = _article_under(tx, reply_to)
    if not _takes_part(tx, here, article, default):
        return
    role = f"said {said.origin.channel.id} {said.author.id} {gesture}"
    if gesture and not tx.desk.lease(role, said.origin.id, _GESTURE):
        return
    said = replace(
        said,
        text=said.text[:LONGEST],
        article=article or 0,
        # It may stand under a report that is just being posted: `received` will know.
        hidden=article is None,
        root="" if article else reply_to.id,
        page=_goes_on_page(here, default),
    )
    comment = tx.comments.add(said) or _joined(tx, said)
    if comment and not comment.hidden and not comment.deleted:
        _share(tx, comment, here, default, counted=counted)


def _joined(tx: Tx, said: Comment) -> Comment | None:
    """The comment with what we knew of it already, if it was hidden: an edit or a deletion of it
    came first, or it waited for its report."""
    known = tx.comments.by_origin(said.origin)
    if known is None or not known.hidden or (said.hidden and not known.root):
        return None
    later = known.deleted or known.edited > said.edited
    words = known if later else said
    shown = replace(
        said,
        id=known.id,
        key=known.key,
        revision=known.revision,
        text=words.text,
        edited=words.edited,
        deleted=known.deleted,
    )
    tx.channels.meet(said.author)
    tx.comments.change(shown)
    return shown


def received(tx: Tx, key: str, ref: MessageRef, default: Comments) -> bool:
    """A platform has our message `ref`. Comments that came under it before we knew find their
    report now. False: another message with this key was known."""
    told = tx.deliveries.at(ref)
    if told and told.key == key:
        return True  # Whoever told it first did all that follows, in the same transaction.
    # A comment on it that comes at this moment waits here, or is found below.
    here = tx.channels.place(ref.channel)
    first = tx.deliveries.receipt(key, ref)
    if not first:
        # A request that the network held back arrived after all. People may have answered it.
        if not tx.deliveries.second(key, ref, keep=bool(tx.comments.waiting(ref))):
            return False
        log.warning("a message that came late stands twice; one of the two is removed")
    ours = tx.deliveries.at(ref)
    if ours and ours.kind == "report":
        _adopt(tx, ref, ours.article, here, default)
        if not ours.part and (not first or not 0 <= tx.believed - ours.sent_at <= SOON):
            tx.cursors.owe(ref)
        report = tx.articles.one(ours.article) if here.settings.writeup else None
        if report:
            tx.deliveries.want(ref.channel, "writeup", report.id, report.id, report.revision)
    return first


def _adopt(tx: Tx, report: MessageRef, article: int, here: Place, default: Comments) -> None:
    """What waited for this report stands under it now."""
    for comment in tx.comments.waiting(report):
        # An edit or a deletion waits on, for the comment itself.
        known = bool(comment.author.id)
        on_page = _goes_on_page(here, default)
        found = replace(comment, article=article, hidden=not known, root="", page=on_page)
        tx.comments.change(found)
        if known and not found.deleted:
            _share(tx, found, here, default)


def edited(
    tx: Tx,
    ref: MessageRef,
    text: str,
    moment: float,
    reply_to: MessageRef | None,
    default: Comments,
) -> None:
    """The words of `ref` are these since `moment`; an older edit that comes late is nothing."""
    known, text = tx.comments.by_origin(ref), text[:LONGEST]
    if known is None and mode(tx.channels.place(ref.channel).settings, default) != "off":
        known = _remember(tx, ref, reply_to, text, edited=moment)
    if known and not known.deleted and moment > known.edited:
        # The moment counts even if the words are the same: an older edit may still come.
        revision = known.revision + (text != known.text)
        changed = replace(known, text=text, edited=moment, revision=revision)
        tx.comments.change(changed)
        if text != known.text and _is_shared(tx.channels.place(ref.channel), default):
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
        known = _remember(tx, ref, reply_to, "", edited=tx.now, deleted=True)
    if known and not known.deleted:
        gone = replace(known, text="", edited=tx.now, deleted=True, revision=known.revision + 1)
        tx.comments.change(gone)
        tx.deliveries.raise_wanted("comment", known.id, gone.revision, gone=True)


def named(tx: Tx, person: Person, default: Comments) -> None:
    """We learnt a person's name: copies that wait for it may go, the others are corrected."""
    if not tx.channels.meet(person):
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
    if above := tx.deliveries.at(reply_to):
        return above.article or None
    # Where there are no threads, people answer what others said under the report.
    answered = tx.comments.by_origin(reply_to)
    return (answered.article or None) if answered else None


def _takes_part(tx: Tx, here: Place, article: int | None, default: Comments) -> bool:
    """Whether this is a comment; it may be, as long as a report there is on its way."""
    if here.channel == PAGE:
        return article is not None and page_is_open(tx, article, default)
    if mode(here.settings, default) == "off":
        return False
    return article is not None or tx.deliveries.posting(here.channel)


def _is_shared(here: Place, default: Comments) -> bool:
    """Whether what is written here may be seen elsewhere."""
    return here.channel == PAGE or mode(here.settings, default) == "share"


def _goes_on_page(here: Place, default: Comments) -> bool:
    return here.channel == PAGE or (here.settings.page and _is_shared(here, default))


def _share(
    tx: Tx, comment: Comment, here: Place, default: Comments, *, counted: bool = False
) -> None:
    """Want a copy in each other channel that shows the report and reads comments; in its own, if
    it stands nowhere there."""
    if comment.origin.id.startswith(FORM):
        _want(tx, here, comment)
    if not _is_shared(here, default):
        return
    for place in tx.channels.showing(comment.article):
        if place.channel == here.channel or place.team != here.team:
            continue
        if mode(place.settings, default) == "off":
            continue
        if counted:
            tx.cursors.count(place.channel, comment)
            continue
        _want(tx, place, comment)


def _want(tx: Tx, place: Place, comment: Comment) -> None:
    tx.deliveries.want(
        place.channel,
        "comment",
        comment.id,
        comment.article,
        comment.revision,
        due=tx.now + (0 if comment.author.name else NAME_WAIT),
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
) -> Comment | None:
    """An edit or a deletion came first: keep it hidden until the comment itself comes. The comment,
    if another process stored it at this very moment."""
    if reply_to is None or tx.deliveries.at(ref):
        return None
    article = _article_under(tx, reply_to)
    if article is None and not tx.deliveries.posting(ref.channel):
        return None
    nobody = Person(ref.channel.platform, "")
    root = "" if article else reply_to.id
    first = Comment(0, article or 0, ref, nobody, text, 0, edited, deleted, hidden=True, root=root)
    return None if tx.comments.add(first) else tx.comments.by_origin(ref)
