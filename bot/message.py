"""All that BotBeat shows, as plain frozen values; each adapter renders them in its own way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Author:
    """Who a copied comment is by: the name as shown, the platform they wrote on, and the address
    of a picture that everybody may load, if there is one."""

    name: str
    platform: str
    link: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A button is a command, as if typed after `/botbeat`; or it is a link."""

    label: str
    command: str = ""
    url: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A report as people see it. `byline` is company, type, date; `via` names its sources. The
    `heading` stands above it where several cards begin a group. `labels`: what kind of news it is
    and about whom, for platforms that sort by that.
    """

    title: str
    url: str
    article: int = 0
    byline: str = ""
    takeaways: tuple[str, ...] = ()
    summary: str = ""
    via: str = ""
    note: str = ""
    color: str = ""
    published: float = 0
    withdrawn: str = ""
    heading: str = ""
    buttons: tuple[Button, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in: a line of text, or one of the `options` (value, label), several if
    `many`. `value` stands there at first. `empty` is what it says when somebody empties it;
    `stated`: it is said whenever anything is. `long`: a text of many lines, which must be there.
    """

    name: str
    label: str
    value: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    many: bool = False
    hint: str = ""
    empty: str = ""
    stated: bool = False
    long: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A command to be filled in instead of typed: each field that was changed adds `name:value` to
    `command`, the one without a name plain words.
    """

    title: str
    command: str
    fields: tuple[Field, ...]
    submit: str = "Save"


@dataclass(frozen=True, slots=True)
class Message:
    """All that BotBeat ever says. `text` and `footer` are Markdown; adapters render it.
    Of an answer, `public` means for the whole channel, `replace` in place of the one before.
    `mentions` are the people and groups to be told, as the platform itself has written them; they
    are all that may ping. `announced` is said to the whole channel besides, in Markdown. Where
    `form` can be shown, it is; the text says what to type else. `refused`: nothing was done.
    `discussed`: people may comment where it stands.
    """

    text: str = ""
    cards: tuple[Card, ...] = ()
    buttons: tuple[Button, ...] = ()
    author: Author | None = None
    footer: str = ""
    public: bool = False
    replace: bool = False
    mentions: tuple[str, ...] = ()
    announced: str = ""
    form: Form | None = None
    refused: bool = False
    discussed: bool = False
