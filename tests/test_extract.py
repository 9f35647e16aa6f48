"""Reports in the article's own words: what is taken, what never is, and that nothing is added."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.writer.boilerplate import without_furniture
from adapters.writer.extract import SUMMARY, TAKEAWAY, extract
from adapters.writer.sentences import sentences, squeezed, visible
from bot.model import Found, Page, Written

LAUNCH = """\
Skip to content
By Mara Lindqvist
May 4, 2026 · 5 min read

Harbor Labs released Tern 2, a language model with 27 billion parameters, on Monday under the \
Apache 2.0 license. The weights can be downloaded from the company's page and run on one 24 GB \
graphics card. "We wanted it to fit on a desk. That was the whole point," said Ines Obi, who leads \
the team.

Subscribe to our newsletter to get stories like this one every week.

Why it matters

Tern 2 reads up to 128,000 tokens at once, four times as many as Tern 1.5. It scored 71.4 on the \
Harbor coding test, against 58.9 for its predecessor. Dr. Paul Reyes of the University of Oslo, \
who was not involved, called the jump surprising. A smaller model with 4 billion parameters \
follows in June.

- Weights, code and training notes are published together
- Support for 41 languages, including Welsh and Basque

Image credit: Harbor Labs
© 2026 The Daily Model. All rights reserved.
We use cookies to improve your experience. Read more
"""


def found(title: str = "Harbor Labs releases Tern 2", text: str = "", url: str = "") -> Found:
    return Found("k1", url or "https://news.example/tern-2", title, 1_777_900_000.0, text)


def written(text: str, title: str = "Harbor Labs releases Tern 2") -> Written:
    return extract(found(title), Page("https://news.example/tern-2", text=text))


def cut(text: str) -> list[str]:
    return [sentence.text for sentence in sentences(text)]


def headlined(title: str, url: str = "https://news.example/a", page: str = "") -> str:
    return extract(found(title, url=url), Page(url, title=page)).title


# The report


def test_takeaways_are_the_articles_own_sentences_with_themselves_as_evidence() -> None:
    report = written(LAUNCH)
    assert 2 <= len(report.takeaways) <= 4
    assert all(t.text == t.quote and t.text in squeezed(LAUNCH) for t in report.takeaways)
    assert "27 billion parameters" in report.takeaways[0].text


def test_the_summary_says_other_things_than_the_takeaways_and_keeps_the_order() -> None:
    report = written(LAUNCH)
    said = cut(report.summary)
    assert 0 < len(report.summary) <= SUMMARY
    assert not {t.text for t in report.takeaways} & set(said)
    places = [squeezed(LAUNCH).index(sentence) for sentence in said]
    assert places == sorted(places)


def test_there_is_never_an_opinion_and_the_writer_is_named() -> None:
    report = written("I love it. I think Tern 2 is the best model of all. Everybody should try it.")
    assert (report.opinion, report.writer) == ("", "extract")


def test_nothing_that_is_not_news_gets_in() -> None:
    report = written(LAUNCH)
    said = report.summary + " ".join(t.text for t in report.takeaways)
    for furniture in ("cookies", "newsletter", "Lindqvist", "©", "min read", "credit", "Skip to"):
        assert furniture not in said


def test_a_title_alone_gives_no_takeaways_and_does_not_say_itself_again() -> None:
    for text in ("", "Harbor Labs releases Tern 2", "Harbor Labs releases Tern 2.", "Read more"):
        report = extract(found(text=text), Page(""))
        assert (report.takeaways, report.summary) == ((), "")


def test_the_feeds_description_speaks_where_the_page_gave_nothing() -> None:
    text = "Tern 2 has 27 billion parameters. It runs on a single graphics card with 24 GB."
    report = extract(found(text=text), Page(""))
    assert [t.text for t in report.takeaways] == cut(text)
    report = extract(found(text=text), Page("", text="Please enable JavaScript to see this page."))
    assert [t.text for t in report.takeaways] == cut(text)


def test_one_sentence_is_a_summary_without_takeaways() -> None:
    text = "The model was trained on 4,000 graphics cards in a hall that used to be a shipyard."
    report = extract(found(text=text), Page(""))
    assert (report.takeaways, report.summary) == ((), text)


def test_an_endless_sentence_is_cut_between_words_and_is_no_takeaway() -> None:
    text = "The license text begins with " + "a list of names and " * 60 + "then stops."
    report = written(text)
    assert report.takeaways == ()
    assert len(report.summary) <= SUMMARY
    assert report.summary.endswith("…")
    assert squeezed(text).startswith(report.summary[:-1])


def test_hacker_news_counters_are_not_news() -> None:
    text = (
        "Article URL: https://tern.example/2 Comments URL: https://news.example/item?id=1 "
        "Points: 31 # Comments: 4"
    )
    assert extract(found(text=text), Page("")).summary == ""
    text = "<p>Tern 2 can be downloaded today from the page of its makers.</p>\nPoints: 31"
    assert "31" not in extract(found(text=text), Page("")).summary


def test_an_arxiv_label_goes_and_the_abstract_stays() -> None:
    text = (
        "arXiv:2605.01234v1 Announce Type: new\nAbstract: We study how models of 27 billion\n"
        "parameters forget what they learnt first. Three remedies are compared on 12 tasks."
    )
    report = extract(found("Forgetting in large models", text), Page(""))
    assert report.takeaways[0].text.startswith("We study how models of 27 billion parameters")


def test_sentences_that_say_the_same_are_taken_once() -> None:
    text = (
        "Tern 2 has 27 billion parameters and an Apache license. "
        "With an Apache license, Tern 2 has 27 billion parameters. "
        "Its context window grew to 128,000 tokens this spring. "
        "Harbor Labs trained the model for nine weeks in Tromsø."
    )
    report = written(text)
    said = [t.text for t in report.takeaways] + cut(report.summary)
    assert sum("27 billion" in sentence for sentence in set(said)) == 1


def test_a_sentence_that_only_says_part_of_the_title_again_is_not_taken() -> None:
    title = "Harbor Labs releases Tern 2, an open language model for phones and small computers"
    text = "Harbor Labs releases Tern 2. The weights are 54 GB in size. Training took nine weeks."
    report = written(text, title)
    assert "releases" not in report.summary + report.takeaways[0].text


def test_a_sentence_too_long_for_a_card_is_left_to_the_summary() -> None:
    long = "Harbor Labs releases Tern 2 with " + ", ".join(f"feature {n}" for n in range(30)) + "."
    report = written(f"{long} The weights are 54 GB in size. Training took nine weeks in Tromsø.")
    assert len(report.takeaways) == 2
    assert long in report.summary


def test_a_chinese_article_is_cut_at_its_own_full_stops() -> None:
    text = (
        "阿里巴巴周三发布了一款新的开源语言模型，参数量为270亿。该模型采用Apache 2.0许可证！"
        "研究人员表示：“它可以在一张显卡上运行。速度也更快。”开发者今天就能下载模型权重吗？"
        "点击查看原文"
    )
    report = written(text, "阿里巴巴开源新模型")
    assert 2 <= len(report.takeaways) <= 4
    assert all(
        t.text in text and t.text.endswith(("。", "！", "”", "？")) for t in report.takeaways
    )
    assert "点击" not in report.summary


def test_chinese_sentences_stand_side_by_side_without_spaces() -> None:
    text = (
        "港湾实验室发布了第二代语言模型。训练在特罗姆瑟进行了九个星期。权重文件的大小为五十四吉字节。"
        "团队计划六月推出较小的版本。该模型支持四十一种语言。首席研究员来自奥斯陆大学。"
    )
    report = written(text, "港湾")
    assert report.summary
    assert " " not in report.summary


def test_a_page_that_calls_everybody_is_not_quoted() -> None:
    text = (
        "Harbor Labs trained the model for nine weeks in Tromsø. @everyone must see this at once "
        "today. <!channel> The model is free for all of you. The weights are 54 GB in size."
    )
    report = written(text)
    said = report.summary + " ".join(t.text for t in report.takeaways)
    assert "@everyone" not in said
    assert "<!" not in said


def test_invisible_characters_do_not_reach_the_report() -> None:
    report = written(
        "Tern\u200b 2 reads \u202e128,000 tokens\x07 at once today. A second model follows in June."
    )
    assert report.takeaways[0].text == "Tern 2 reads 128,000 tokens at once today."


# Headlines


@pytest.mark.parametrize(
    ("title", "url", "cleaned"),
    [
        ("Tern 2 is out | Blog", "https://a.example/x", "Tern 2 is out"),
        ("Tern 2 is out - TechCrunch", "https://techcrunch.com/x", "Tern 2 is out"),
        ("Tern 2 is out | MIT Technology Review", "https://www.technologyreview.com/x",
         "Tern 2 is out"),
        ("Tern 2 is out – The Verge", "https://www.theverge.com/x", "Tern 2 is out"),
        ("Tern 2 is out \\ Anthropic", "https://www.anthropic.com/news", "Tern 2 is out"),
        ("Tern 2 is out | Tern Blog | Harbor Labs", "https://harbor-labs.com/x", "Tern 2 is out"),
        ("[D] Why do agents fail?", "https://a.example/x", "Why do agents fail?"),
        ("Show HN: Tern – a small model [pdf]", "https://a.example/x", "Tern – a small model"),
        ("Tern 2 raises $5M - Construction Dive", "https://news.google.com/rss/1",
         "Tern 2 raises $5M"),
        ("Tern 2 - faster and smaller", "https://a.example/x", "Tern 2 - faster and smaller"),
        ("Nvidia - the company behind it all", "https://nvidia.com/x",
         "Nvidia - the company behind it all"),
        ("Home | Blog", "https://a.example/x", "Home | Blog"),
        ("GPT-5 | OpenAI", "https://openai.com/x", "GPT-5"),
        ("[D]", "https://a.example/x", "[D]"),
    ],
)  # fmt: skip
def test_a_headline_loses_the_sites_name_and_no_more(title: str, url: str, cleaned: str) -> None:
    assert headlined(title, url) == cleaned


def test_a_headline_is_never_empty() -> None:
    assert headlined("", page="Tern 2 | Blog") == "Tern 2"
    assert headlined(" \u200b ", "https://a.example/tern-2-is-out.html") == "tern 2 is out"
    assert headlined("", "https://a.example/") == "a.example"
    assert headlined("", "http://[broken") == "Untitled"
    text = "Tern 2 is out today. It is small."
    assert extract(found("", text), Page("")).title == "Tern 2 is out today."


# For any text at all

ANY_TEXT = st.text(
    st.sampled_from("abc DEF 12.,!?…\n\t\"'“”‘’-•*#()[]。！？模型发布<@>|\u200b\x00")
)
PROSE = st.lists(
    st.sampled_from(
        ["Tern 2 reads 128,000 tokens.", "Dr. Obi said so in Oslo today.", "- Faster on phones",
         "“It works. We checked,” he said.", "模型今天发布。", "\n\n", "\n", "Read more", "v1.5",
         "The weights of the model are 54 GB in size!", "# Heading", "A quote \" that never closes"]
    ),
    max_size=40,
).map(" ".join)  # fmt: skip


def made_of(summary: str, parts: list[str]) -> bool:
    """Whether a summary is some of these sentences, whole and in their order."""
    return not summary or any(
        summary.startswith(part) and made_of(summary[len(part) :].lstrip(), parts[i + 1 :])
        for i, part in enumerate(parts)
    )


@settings(deadline=None, max_examples=150)
@given(text=st.one_of(ANY_TEXT, PROSE), title=st.text(max_size=60))
def test_whatever_the_text_every_takeaway_stands_in_it(text: str, title: str) -> None:
    report = extract(found(title, text), Page(""))
    whole = squeezed(visible(text))
    assert len(report.takeaways) in (0, 2, 3, 4)
    for takeaway in report.takeaways:
        assert takeaway.text in whole
        assert takeaway.quote == takeaway.text
        assert len(takeaway.text) <= TAKEAWAY
    assert len(report.summary) <= SUMMARY
    parts = [sentence.text for sentence in sentences(without_furniture(text))]
    assert made_of(report.summary, parts) or report.summary[:-1] in whole
    assert report.title.strip()
    assert report.opinion == ""


@pytest.mark.parametrize(
    "text",
    ["a. " * 60_000, '"' * 90_000, "(" * 90_000, "x" * 200_000, "By A A A " * 20_000,
     "1. " * 60_000, "\n- a" * 60_000, "the post " * 20_000, "- -\n" * 50_000],
    ids=lambda text: repr(text[:9]),
)  # fmt: skip
def test_no_hostile_text_takes_long(text: str) -> None:
    began = time.monotonic()
    written(text)
    assert time.monotonic() - began < 5
