"""Threads under reports that were found late are known by a cursor at 0."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OWED = sa.text("at = 0")


def upgrade() -> None:
    op.drop_column("cursor", "seen")
    op.create_index(
        "ix_cursor_owed", "cursor", ["channel_id"], sqlite_where=_OWED, postgresql_where=_OWED
    )


def downgrade() -> None:
    op.drop_index("ix_cursor_owed", "cursor")
    op.add_column("cursor", sa.Column("seen", sa.Text(), server_default="", nullable=False))
