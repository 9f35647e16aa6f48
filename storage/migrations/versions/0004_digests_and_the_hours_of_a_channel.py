"""Reports that come together, and the zone, the quiet hours and the cap of a channel."""

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


def downgrade() -> None:
    op.drop_index("ix_delivery_channel_id_created", "delivery")
    op.drop_index("ix_delivery_digest", "delivery")
    op.drop_index("ix_delivery_held", "delivery")
    op.drop_column("delivery", "subscription")
    op.drop_column("delivery", "digest")
    for name in ("most", "quiet", "zone"):
        op.drop_column("channel", name)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default="0", nullable=False)
