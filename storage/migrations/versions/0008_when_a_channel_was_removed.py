"""When a channel was removed; what is of it is forgotten some time after that."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("channel") as channel:
        channel.add_column(sa.Column("removed", sa.Float(53), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("channel") as channel:
        channel.drop_column("removed")
