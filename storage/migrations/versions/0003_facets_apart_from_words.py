"""In PostgreSQL's index, facets begin with a colon, so that no beginning of a word finds them."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_RENAMED = (
    "UPDATE article_index AS here"
    " SET words = ts_delete(here.words, facet.old) || array_to_tsvector(facet.new)"
    # Facets are what stands at no place in the text.
    " FROM (SELECT article_id, array_agg(lexeme) AS old, array_agg({new}) AS new"
    " FROM article_index, unnest(words) WHERE positions IS NULL GROUP BY article_id) AS facet"
    " WHERE facet.article_id = here.article_id"
)


def upgrade() -> None:
    _rename("':' || lexeme")


def downgrade() -> None:
    _rename("ltrim(lexeme, ':')")


def _rename(new: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_RENAMED.format(new=new))
