"""Reports that come together; the zone, the quiet hours and the cap of a channel; a subscription's
terms with its channel, so that candidates can be read channel by channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WAITING = sa.text("state = 'held' AND digest = 0")
_TOGETHER = sa.text("digest <> 0")


def upgrade() -> None:
    for name in ("zone", "quiet"):
        op.add_column("channel", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("channel", _number("most"))
    op.add_column("delivery", _number("digest"))
    op.add_column("delivery", _number("subscription"))
    op.create_index(
        "ix_delivery_held", "delivery", ["due"],
        sqlite_where=_WAITING, postgresql_where=_WAITING,
    )  # fmt: skip
    op.create_index(
        "ix_delivery_digest", "delivery", ["digest"],
        sqlite_where=_TOGETHER, postgresql_where=_TOGETHER,
    )  # fmt: skip
    op.create_index("ix_delivery_channel_id_created", "delivery", ["channel_id", "created"])
    op.add_column("subscription_term", _number("channel_id"))
    op.execute(
        "UPDATE subscription_term SET channel_id = (SELECT channel_id FROM subscription"
        " WHERE subscription.id = subscription_term.subscription_id)"
    )
    op.drop_index("ix_subscription_term_kind_value", "subscription_term")
    columns = ["kind", "value", "channel_id"]
    op.create_index("ix_subscription_term_kind_value_channel_id", "subscription_term", columns)


def downgrade() -> None:
    op.drop_index("ix_subscription_term_kind_value_channel_id", "subscription_term")
    op.create_index("ix_subscription_term_kind_value", "subscription_term", ["kind", "value"])
    op.drop_column("subscription_term", "channel_id")
    op.drop_index("ix_delivery_channel_id_created", "delivery")
    op.drop_index("ix_delivery_digest", "delivery")
    op.drop_index("ix_delivery_held", "delivery")
    op.drop_column("delivery", "subscription")
    op.drop_column("delivery", "digest")
    for name in ("most", "quiet", "zone"):
        op.drop_column("channel", name)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)
