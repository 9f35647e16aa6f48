"""The tables. Unique constraints carry the guarantees; the code only relies on them.

Times are seconds since 1970. The full-text index differs between the databases and is made in
the migration: see `storage.search`.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    column,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def _time(name: str) -> Column[float]:
    return Column(name, Float(53), nullable=False, server_default="0")


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=false())


def _of(table: str) -> Column[int]:
    return Column(f"{table}_id", Integer, ForeignKey(f"{table}.id"), nullable=False)


def _article() -> Column[int]:
    return Column("article_id", BigInteger, nullable=False)


team = Table("team", metadata, Column("id", Integer, primary_key=True), _text("name"))

install = Table(
    "install",
    metadata,
    Column("id", Integer, primary_key=True),
    _of("team"),
    Column("platform", Text, nullable=False),
    Column("external", Text, nullable=False),
    Column("token", LargeBinary, nullable=True),
    _text("scopes"),
    _time("installed"),
    _time("next_send"),
    UniqueConstraint("platform", "external"),
)

channel = Table(
    "channel",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("external", Text, nullable=False),
    _of("team"),
    _text("name"),
    Column("visibility", Text, nullable=False, server_default="public"),
    _text("comments"),
    _flag("page"),
    Column("managers", Text, nullable=False, server_default="everyone"),
    _text("paused"),
    _time("next_send"),
    UniqueConstraint("platform", "external"),
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("external", Text, nullable=False),
    _text("name"),
    _time("fetched"),
    UniqueConstraint("platform", "external"),
)

source = Table(
    "source",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    _text("name"),
    Column("kind", Text, nullable=False, server_default="feed"),
    _text("company"),
    Column("channel_id", Integer, ForeignKey("channel.id"), nullable=True),
    _text("etag"),
    _text("modified"),
    _text("body_hash"),
    _flag("baseline"),
    _time("next_visit"),
    _time("last_success"),
    _number("failures"),
    _text("reason"),
    _flag("disabled"),
    _number("claims"),
)

entry = Table(
    "entry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", Integer, ForeignKey("source.id", ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="found"),
    _flag("fresh"),
    Column("found", JSON, nullable=False),
    _time("offered"),
    _time("due"),
    _number("claims"),
    _text("reason"),
    Column("article_id", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("source_id", "key"),
    Index(
        "ix_entry_open",
        "due",
        sqlite_where=column("state") == "found",
        postgresql_where=column("state") == "found",
    ),
)

article = Table(
    "article",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    _text("title"),
    _text("source_title"),
    _text("url"),
    _time("published"),
    _text("company"),
    Column("companies", JSON, nullable=False),
    _text("type"),
    Column("takeaways", JSON, nullable=False),
    _text("summary"),
    _text("opinion"),
    Column("tags", JSON, nullable=False),
    _text("lang"),
    _time("score"),
    _text("writer"),
    Column("revision", Integer, nullable=False, server_default="1"),
    _text("withdrawn"),
    _time("added"),
    Index("ix_article_company_id", "company", "id"),
)

article_key = Table(
    "article_key",
    metadata,
    Column("key", Text, primary_key=True),
    Column("article_id", BigInteger, ForeignKey("article.id"), nullable=False),
)

article_source = Table(
    "article_source",
    metadata,
    Column("article_id", BigInteger, ForeignKey("article.id"), primary_key=True),
    Column("source", Text, primary_key=True),
    _text("url"),
    _text("discussion"),
    _number("points"),
    _time("published"),
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    _of("channel"),
    Column("query", Text, nullable=False),
    Column("mode", Text, nullable=False, server_default="instant"),
    Column("options", JSON, nullable=False),
    _of("person"),
    _time("made"),
    _time("paused_until"),
    _time("next_due"),
    _time("removed"),
    # A removed subscription stays for `why`, and must not forbid making the same one again.
    Index(
        "uq_subscription_live",
        "channel_id",
        "query",
        unique=True,
        sqlite_where=column("removed") == 0,
        postgresql_where=column("removed") == 0,
    ),
)

subscription_term = Table(
    "subscription_term",
    metadata,
    Column("subscription_id", Integer, ForeignKey("subscription.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Index("ix_subscription_term_kind_value", "kind", "value"),
)

subscription_match = Table(
    "subscription_match",
    metadata,
    Column("subscription_id", Integer, ForeignKey("subscription.id"), primary_key=True),
    Column("article_id", BigInteger, primary_key=True),
    _time("at"),
)

comment = Table(
    "comment",
    metadata,
    Column("id", Integer, primary_key=True),
    _article(),
    _of("channel"),
    Column("message", Text, nullable=False),
    _of("person"),
    _text("text"),
    _time("written"),
    _time("edited"),
    _flag("deleted"),
    _flag("hidden"),
    Column("key", Text, nullable=False, unique=True),
    Column("revision", Integer, nullable=False, server_default="1"),
    UniqueConstraint("channel_id", "message"),
    Index("ix_comment_article_id", "article_id"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    _of("channel"),
    Column("kind", Text, nullable=False),
    Column("subject", BigInteger, nullable=False),
    _number("part"),
    _article(),
    Column("key", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False, server_default="pending"),
    _number("wanted"),
    _number("shown"),
    _number("sent"),
    _time("sent_at"),
    Column("message", Text, nullable=True),
    _flag("gone"),
    _time("rank"),
    _time("due"),
    _number("claims"),
    _number("attempts"),
    _text("reason"),
    _time("created"),
    _time("posted"),
    UniqueConstraint("channel_id", "kind", "subject", "part"),
    UniqueConstraint("channel_id", "message"),
    Index("ix_delivery_article_id", "article_id"),
    Index(
        "ix_delivery_open",
        "due",
        sqlite_where=column("state").in_(["pending", "sending", "unsure"]),
        postgresql_where=column("state").in_(["pending", "sending", "unsure"]),
    ),
)

cursor = Table(
    "cursor",
    metadata,
    Column("channel_id", Integer, ForeignKey("channel.id"), primary_key=True),
    Column("thread", Text, primary_key=True),
    _text("seen"),
    _time("at"),
)

lease = Table(
    "lease",
    metadata,
    Column("role", Text, primary_key=True),
    _text("owner"),
    _time("until"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    _time("at"),
    Column("channel_id", Integer, ForeignKey("channel.id"), nullable=True),
    Column("person_id", Integer, ForeignKey("person.id"), nullable=True),
    _text("what"),
)

button = Table(
    "button",
    metadata,
    Column("key", Text, primary_key=True),
    Column("text", Text, nullable=False, unique=True),
    _time("made"),
)
