"""What stands on a page and is no news: cookie notices, subscriptions, bylines, share buttons.

Furniture is cut out of a text before it is read (what aggregators put into a description); a
sentence that asks the reader for a click is never quoted.
"""

from __future__ import annotations

import re

_FURNITURE = re.compile(
    r"(?:article url|comments url|discussion|original source):\s*https?:\S+"
    r"|points:\s*\d+|#\s*comments:\s*\d+"
    r"|\[(?:link|comments|\d+ comments)\]"
    r"|submitted by\s+/?u/\S+(?:\s+to\s+/?r/\S+)?"
    r"|arxiv:\s*\d{4}\.\d{4,5}(?:v\d+)?\s+announce type:\s*[\w-]+"
    r"|(?:\A|(?<=\n))[ ]*abstract:[ ]*"
    r"|the post [^\n]{1,300}? appeared first on [^\n.]{1,80}\.?",
    re.IGNORECASE,
)

_ANYWHERE = re.compile(
    r"\b(?:we|site|website|page|partners) uses? (?:essential |third-party )?cookies"
    r"|\b(?:accept|reject|manage|allow) (?:all |your |non-essential )?cookies"
    r"|\bcookie (?:policy|settings|preferences|banner|notice)"
    r"|\b(?:our|see the|read the|accept the) (?:privacy policy|privacy notice|terms of)"
    r"|\bprivacy policy (?:and|&|\|)|\bterms of (?:service|use) (?:and|&|\|)"
    r"|\b(?:our|free|daily|weekly|this|my|email) newsletters?\b|\bnewsletter sign"
    r"|\ball rights reserved\b|©|\(c\) ?20\d\d|\bcopyright\b.{0,10}\b(?:19|20)\d\d"
    r"|\baffiliate (?:link|commission)|\b(?:earn|receive) a (?:small )?commission"
    r"|\benable javascript\b|\bjavascript is (?:disabled|required)"
    r"|\b(?:upgrade|update) your browser|\bbrowser (?:is not|does not) support"
    r"|\bcontinue reading\b|\bread (?:more|the full|the rest|the whole)\b|\bclick here\b"
    r"|\bunsubscribe\b|\b(?:to|in) your inbox\b|\byour email address\b"
    r"|\bfollow us\b|\bjoin our (?:slack|discord|community|mailing)"
    r"|\blisten to this (?:article|story)\b|\bthis (?:article|story) (?:was|is) sponsored"
    r"|\bgetty images\b|\b(?:image|photo|picture) credits?\b|\bbook a demo\b|\bcontact sales\b"
    r"|\bdon[’']t miss\b|\bview full coverage\b|\bskip to (?:main )?content\b"
    r"|责任编辑|版权所有|未经.{0,6}(?:授权|许可)|扫码|公众号|点击(?:查看|阅读|关注|下载)|阅读(?:全文|原文)"
    r"|转载请|更多精彩",
    re.IGNORECASE,
)

_LABEL = re.compile(
    r"(?:advertisement|sponsored|promoted|disclosure|disclaimer|related(?: articles?| posts?)?"
    r"|also read|see also|recommended|tags?|categories|topics|filed under|via|source"
    r"|reporting|editing|photo(?:graph)?|image|credits?|editor[’']s note|about the author"
    r"|table of contents|contents|menu|home|search|loading|print|comments?|no comments"
    r"|get started|learn more|see more|show more|view all|view more"
    r"|广告|来源|作者|编辑|记者|图源|题图|相关阅读|标签)\s*(?:[:：|•·]|[.!…]*$)",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"(?:subscribe|sign up|sign in|log in|follow|share|tweet|download now|download the app"
    r"|please (?:help|share|consider|support|subscribe|forward|join)"
    r"|leave a (?:comment|reply)|try it|watch (?:now|the video)|(?:photo|image)s? by"
    r"|(?:written|edited|posted|published|updated|reporting|last updated|last modified)"
    r" (?:by|on|at))\b",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"[Bb]y\s+[A-Z][\w.’'-]*(?:\s+(?:[A-Z][\w.’'-]*|and|&|,))*[\s|•·,–—-]*")
_DATE_WORDS = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|jan|feb|mar|apr|may|jun|jul|aug|sept?|oct"
    r"|nov|dec|january|february|march|april|june|july|august|september|october|november"
    r"|december|am|pm|utc|gmt|est|pst|edt|pdt|min|mins|minutes?|read|ago|hours?|days?|th|st|nd"
    r"|rd)\b|[\W\d_]+",
    re.IGNORECASE,
)
_CALLING = re.compile(r"@(?:everyone|here|channel)\b|<[!@#&]", re.IGNORECASE)
_SHORT = 90


def without_furniture(text: str) -> str:
    """The text with what aggregators add to descriptions cut out, as paragraph breaks."""
    return _FURNITURE.sub("\n\n", text)


def is_boilerplate(sentence: str) -> bool:
    """Whether a sentence is no part of the article, or would call people in a chat."""
    if _ANYWHERE.search(sentence) or _LABEL.match(sentence) or _REQUEST.match(sentence):
        return True
    if len(sentence) <= _SHORT and _is_signature(sentence):
        return True
    return bool(_CALLING.search(sentence)) or _is_code(sentence)


def _is_signature(sentence: str) -> bool:
    """A line that only says who wrote it, or when."""
    return bool(_BYLINE.fullmatch(sentence.rstrip("."))) or not _DATE_WORDS.sub("", sentence)


def _is_code(sentence: str) -> bool:
    """Code, tables and rows of symbols: too little of it is letters."""
    letters = sum(c.isalpha() or c.isspace() for c in sentence)
    return letters < 0.6 * len(sentence)
