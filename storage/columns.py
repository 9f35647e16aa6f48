"""The kinds of columns that tables are made of, and how constraints are named."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Text,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def moment(name: str) -> Column[float]:
    return Column(name, Float(53), nullable=False, server_default="0")


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=false())


def partial(name: str, where: ColumnElement[bool], *columns: str, unique: bool = False) -> Index:
    """An index of some of the rows, on both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


def of(table: str) -> Column[int]:
    """The row of another table that this one belongs to."""
    return Column(f"{table}_id", Integer, ForeignKey(f"{table}.id"), nullable=False)


def about() -> Column[int]:
    """The article that a row is about. No foreign key: rows outlive what is deleted."""
    return Column("article_id", BigInteger, nullable=False)
