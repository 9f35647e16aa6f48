"""How many tokens a language model has read and written, hour by hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spending",
        sa.Column("hour", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("reports", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("hour", name=op.f("pk_spending")),
    )


def downgrade() -> None:
    op.drop_table("spending")
