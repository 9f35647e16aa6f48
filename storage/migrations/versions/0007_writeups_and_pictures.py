"""Channels that want the whole write-up in the thread, and the pictures of who comments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("channel") as channel:
        channel.add_column(
            sa.Column("writeup", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    with op.batch_alter_table("person") as person:
        person.add_column(sa.Column("picture", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("person") as person:
        person.drop_column("picture")
    with op.batch_alter_table("channel") as channel:
        channel.drop_column("writeup")
