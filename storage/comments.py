"""Comments: one for each origin, however often and in whatever order a platform tells of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, select, update

from bot.model import Channel, Comment, MessageRef, Person
from storage import schema as t
from storage.channels import person_id
from storage.rows import Session, channel_id, new_key


@cache
def _chosen() -> Select[Any]:
    return (
        select(
            t.comment,
            t.channel.c.platform,
            t.channel.c.external,
            t.person.c.platform.label("author_platform"),
            t.person.c.external.label("author"),
            t.person.c.name.label("author_name"),
            t.person.c.picture,
        )
        .join(t.channel, t.channel.c.id == t.comment.c.channel_id)
        .join(t.person, t.person.c.id == t.comment.c.person_id)
    )


def comment_of(row: Row[Any]) -> Comment:
    return Comment(
        id=row.id,
        article=row.article_id,
        origin=MessageRef(Channel(row.platform, row.external), row.message),
        author=Person(row.author_platform, row.author, row.author_name, row.picture),
        text=row.text,
        written=row.written,
        edited=row.edited,
        deleted=row.deleted,
        hidden=row.hidden,
        root=row.root,
        page=row.page,
        key=row.key,
        revision=row.revision,
    )


class Comments:
    def __init__(self, session: Session) -> None:
        self._session = session
        self._run = session.connection.execute

    def add(self, comment: Comment) -> Comment | None:
        made = self._session.insert(t.comment).values(
            channel_id=channel_id(self._session, comment.origin.channel),
            message=comment.origin.id,
            key=new_key(),
            **self._columns(comment),
        )
        number = self._run(made.on_conflict_do_nothing().returning(t.comment.c.id)).scalar()
        return None if number is None else self.one(number)

    def by_origin(self, origin: MessageRef) -> Comment | None:
        row = self._run(
            self._locked(
                _chosen().where(
                    t.channel.c.platform == origin.channel.platform,
                    t.channel.c.external == origin.channel.id,
                    t.comment.c.message == origin.id,
                )
            )
        ).one_or_none()
        return comment_of(row) if row else None

    def one(self, comment: int) -> Comment | None:
        row = self._run(_chosen().where(t.comment.c.id == comment)).one_or_none()
        return comment_of(row) if row else None

    def waiting(self, root: MessageRef) -> list[Comment]:
        rows = self._run(
            _chosen()
            .where(
                t.channel.c.platform == root.channel.platform,
                t.channel.c.external == root.channel.id,
            )
            .where(t.comment.c.article_id == 0, t.comment.c.root == root.id)
            .order_by(t.comment.c.written, t.comment.c.id)
        )
        return [comment_of(row) for row in rows]

    def change(self, comment: Comment) -> None:
        # The author's name is as it was read; it is not learnt anew.
        unnamed = replace(comment, author=replace(comment.author, name=""))
        self._run(
            update(t.comment).where(t.comment.c.id == comment.id).values(**self._columns(unnamed))
        )

    def written(self, channel: Channel, article: int) -> list[Comment]:
        rows = self._run(
            _chosen()
            .where(t.channel.c.platform == channel.platform, t.channel.c.external == channel.id)
            .where(t.comment.c.article_id == article)
        )
        return [comment_of(row) for row in rows]

    def under(self, article: int) -> list[Comment]:
        return self._listed(t.comment.c.article_id == article)

    def by(self, platform: str, person: str) -> list[Comment]:
        return self._listed(t.person.c.platform == platform, t.person.c.external == person)

    def _listed(self, *where: Any) -> list[Comment]:
        rows = self._run(
            self._locked(
                _chosen()
                .where(*where, ~t.comment.c.deleted, ~t.comment.c.hidden)
                .order_by(t.comment.c.written, t.comment.c.id)
            )
        )
        return [comment_of(row) for row in rows]

    def _locked(self, chosen: Select[Any]) -> Select[Any]:
        """What is read in order to be changed: an edit and a deletion at once must not undo
        each other."""
        return chosen.with_for_update(of=t.comment) if self._session.writes else chosen

    def _columns(self, comment: Comment) -> dict[str, object]:
        return {
            "article_id": comment.article,
            "person_id": person_id(self._session, comment.author),
            "text": comment.text,
            "written": comment.written,
            "edited": comment.edited,
            "deleted": comment.deleted,
            "hidden": comment.hidden,
            "root": comment.root,
            "page": comment.page,
            "revision": comment.revision,
        }
