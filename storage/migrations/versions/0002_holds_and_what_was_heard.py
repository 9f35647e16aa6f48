"""Holds of an install, the time of a channel's last news, and what was heard of each attempt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("install", sa.Column("paused", sa.Text(), server_default="", nullable=False))
    op.add_column("channel", _moment("told"))
    for table in ("channel", "install"):
        op.add_column(
            table, sa.Column("refusals", sa.Integer(), server_default="0", nullable=False)
        )
    op.add_column("delivery", _moment("changed"))
    op.add_column("delivery", sa.Column("silent", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("delivery", "silent")
    op.drop_column("delivery", "changed")
    for table in ("channel", "install"):
        op.drop_column(table, "refusals")
    op.drop_column("channel", "told")
    op.drop_column("install", "paused")


def _moment(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float(precision=53), server_default="0", nullable=False)
