"""The tables. Unique constraints carry the guarantees; the code only relies on them.

Times are seconds since 1970. The full-text index differs between the databases and is made in
the migration: see `storage.search`.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    and_,
    column,
)

from storage.columns import about, flag, metadata, moment, number, of, partial, words

team = Table("team", metadata, Column("id", Integer, primary_key=True), words("name"))

install = Table(
    "install",
    metadata,
    Column("id", Integer, primary_key=True),
    of("team"),
    Column("platform", Text, nullable=False),
    Column("external", Text, nullable=False),
    Column("token", LargeBinary, nullable=True),
    words("scopes"),
    moment("installed"),
    moment("next_send"),
    words("paused"),
    number("refusals"),
    UniqueConstraint("platform", "external"),
)

channel = Table(
    "channel",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("external", Text, nullable=False),
    of("team"),
    words("name"),
    Column("visibility", Text, nullable=False, server_default="public"),
    words("comments"),
    flag("page"),
    Column("managers", Text, nullable=False, server_default="everyone"),
    words("paused"),
    moment("next_send"),
    moment("told"),
    number("refusals"),
    words("zone"),
    words("quiet"),
    number("most"),
    flag("writeup"),
    moment("removed"),
    UniqueConstraint("platform", "external"),
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("external", Text, nullable=False),
    words("name"),
    moment("fetched"),
    words("picture"),
    UniqueConstraint("platform", "external"),
)

source = Table(
    "source",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    words("name"),
    Column("kind", Text, nullable=False, server_default="feed"),
    words("company"),
    Column("channel_id", Integer, ForeignKey("channel.id"), nullable=True),
    words("etag"),
    words("modified"),
    words("body_hash"),
    flag("baseline"),
    moment("next_visit"),
    moment("last_success"),
    number("failures"),
    words("reason"),
    flag("disabled"),
    number("claims"),
)

entry = Table(
    "entry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", Integer, ForeignKey("source.id", ondelete="CASCADE"), nullable=False),
    Column("key", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="found"),
    flag("fresh"),
    Column("found", JSON, nullable=False),
    moment("offered"),
    moment("due"),
    number("claims"),
    number("tries"),
    words("reason"),
    Column("article_id", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("source_id", "key"),
    partial("ix_entry_open", column("state") == "found", "due"),
)

article = Table(
    "article",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    words("title"),
    words("source_title"),
    words("url"),
    moment("published"),
    words("company"),
    Column("companies", JSON, nullable=False),
    words("type"),
    Column("takeaways", JSON, nullable=False),
    words("summary"),
    words("opinion"),
    Column("tags", JSON, nullable=False),
    words("lang"),
    moment("score"),
    words("writer"),
    Column("revision", Integer, nullable=False, server_default="1"),
    words("withdrawn"),
    flag("followed"),
    words("corrected"),
    moment("added"),
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
    words("url"),
    words("discussion"),
    number("points"),
    moment("published"),
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    of("channel"),
    Column("query", Text, nullable=False),
    Column("mode", Text, nullable=False, server_default="instant"),
    Column("options", JSON, nullable=False),
    of("person"),
    moment("made"),
    moment("paused_until"),
    moment("next_due"),
    moment("removed"),
    # A removed subscription stays for `why`, and must not forbid making the same one again.
    partial("uq_subscription_live", column("removed") == 0, "channel_id", "query", unique=True),
)

subscription_term = Table(
    "subscription_term",
    metadata,
    Column("subscription_id", Integer, ForeignKey("subscription.id"), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    number("channel_id"),
    Index("ix_subscription_term_kind_value_channel_id", "kind", "value", "channel_id"),
)

subscription_match = Table(
    "subscription_match",
    metadata,
    Column("subscription_id", Integer, ForeignKey("subscription.id"), primary_key=True),
    Column("article_id", BigInteger, primary_key=True),
    moment("at"),
)

comment = Table(
    "comment",
    metadata,
    Column("id", Integer, primary_key=True),
    about(),
    of("channel"),
    Column("message", Text, nullable=False),
    of("person"),
    words("text"),
    moment("written"),
    moment("edited"),
    flag("deleted"),
    flag("hidden"),
    words("root"),
    flag("page"),
    Column("key", Text, nullable=False, unique=True),
    Column("revision", Integer, nullable=False, server_default="1"),
    UniqueConstraint("channel_id", "message"),
    Index("ix_comment_article_id", "article_id"),
)

_OPEN = column("state").in_(["pending", "sending", "unsure"])
delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    of("channel"),
    Column("kind", Text, nullable=False),
    Column("subject", BigInteger, nullable=False),
    number("part"),
    about(),
    Column("key", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False, server_default="pending"),
    number("wanted"),
    number("shown"),
    number("sent"),
    moment("sent_at"),
    Column("message", Text, nullable=True),
    flag("gone"),
    moment("rank"),
    moment("due"),
    number("claims"),
    number("attempts"),
    words("reason"),
    moment("created"),
    moment("posted"),
    number("silent"),
    moment("changed"),
    number("digest"),
    number("subscription"),
    UniqueConstraint("channel_id", "kind", "subject", "part"),
    UniqueConstraint("channel_id", "message"),
    Index("ix_delivery_article_id", "article_id"),
    Index("ix_delivery_channel_id_created", "channel_id", "created"),
    partial("ix_delivery_held", and_(column("state") == "held", column("digest") == 0), "due"),
    partial("ix_delivery_digest", column("digest") != 0, "digest"),
    # In the order in which a channel's deliveries are claimed.
    partial("ix_delivery_open", _OPEN, "channel_id", "due", "rank", "id", "state"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("channel_id", Integer, ForeignKey("channel.id"), primary_key=True),
    Column("thread", Text, primary_key=True),
    moment("at"),
    partial("ix_cursor_owed", column("at") == 0, "channel_id"),
)

lease = Table(
    "lease",
    metadata,
    Column("role", Text, primary_key=True),
    words("owner"),
    moment("until"),
)

spending = Table(
    "spending",
    metadata,
    Column("hour", Integer, primary_key=True, autoincrement=False),
    number("reports"),
    Column("tokens", BigInteger, nullable=False, server_default="0"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    moment("at"),
    Column("channel_id", Integer, ForeignKey("channel.id"), nullable=True),
    Column("person_id", Integer, ForeignKey("person.id"), nullable=True),
    words("what"),
)

button = Table(
    "button",
    metadata,
    Column("key", Text, primary_key=True),
    Column("text", Text, nullable=False, unique=True),
    moment("made"),
)
