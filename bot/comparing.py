"""What differs between a thread as the platform lists it and as we know it.

It only decides; nothing is read or written here. A listing may be older than what we heard since:
only what it surely says is a difference.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from bot.comments import FORM
from bot.model import Comment, Delivery, MessageRef
from bot.ports import Said


@dataclass(frozen=True, slots=True)
class Differences:
    """`written` are messages of people that we do not know, oldest first; `edited` those whose
    words are newer than ours; `ours` carry a key of ours and are unknown. `lacking` is what we
    know and the listing does not have: it may be gone."""

    written: tuple[Said, ...]
    edited: tuple[Said, ...]
    ours: tuple[Said, ...]
    lacking: tuple[MessageRef, ...]


def compare(
    listed: Sequence[Said],
    known: Sequence[Comment],
    copies: Sequence[Delivery],
    since: float,
    until: float,
) -> Differences:
    """`listed` is all that was written at `since` or later, read at `until` or later; `known` are
    all comments of this channel under the report, `copies` are our messages under it."""
    comments = {comment.origin: comment for comment in known}
    sent = {copy.ref for copy in copies}
    people = _once([said for said in listed if said.author and said.ref not in sent], comments)
    new = [said for said in people if said.ref not in comments or comments[said.ref].hidden]
    there = {said.ref for said in listed}
    lacking = [
        comment.origin
        for comment in known
        if not comment.deleted and not comment.hidden and since <= comment.written < until
        # What came by a form is no message: nobody could have deleted it there.
        if not comment.origin.id.startswith(FORM)
    ]
    lacking += [copy.ref for copy in copies if not copy.gone and since <= copy.posted < until]
    return Differences(
        written=tuple(new),
        edited=tuple(
            said for said in people if said not in new and _is_newer(said, comments[said.ref])
        ),
        ours=tuple(said for said in listed if said.key and said.ref not in sent),
        lacking=tuple(ref for ref in lacking if ref not in there),
    )


def _once(people: Sequence[Said], known: Container[MessageRef]) -> list[Said]:
    """Of those that were one gesture the one that we know, or else the first, in their order."""
    told = {_gesture(said) for said in people if said.gesture and said.ref in known}
    kept = []
    for said in sorted(people, key=lambda said: said.written):
        if said.ref not in known and _gesture(said) in told:
            continue
        if said.gesture:
            told.add(_gesture(said))
        kept.append(said)
    return kept


def _gesture(said: Said) -> tuple[str, str]:
    assert said.author is not None
    return said.author.id, said.gesture


def _is_newer(said: Said, known: Comment) -> bool:
    return not known.deleted and said.edited > known.edited
