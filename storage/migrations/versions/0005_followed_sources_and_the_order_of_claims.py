"""Articles for those who follow their source alone, and what a headline said before; the open
deliveries in the order in which they are claimed, channel by channel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('pending', 'sending', 'unsure')")


def upgrade() -> None:
    op.add_column(
        "article", sa.Column("followed", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("article", sa.Column("corrected", sa.Text(), server_default="", nullable=False))
    op.drop_index("ix_delivery_open", "delivery")
    _index(["channel_id", "due", "rank", "id", "state"])


def downgrade() -> None:
    op.drop_index("ix_delivery_open", "delivery")
    _index(["due"])
    op.drop_column("article", "corrected")
    op.drop_column("article", "followed")


def _index(columns: list[str]) -> None:
    op.create_index(
        "ix_delivery_open", "delivery", columns, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
