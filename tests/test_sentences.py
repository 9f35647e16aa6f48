"""Where a sentence ends, and which lines of a page are no news."""

import pytest

from adapters.writer.boilerplate import is_boilerplate
from adapters.writer.extract import extract
from adapters.writer.sentences import sentences
from bot.model import Found, Page


def cut(text: str) -> list[str]:
    return [sentence.text for sentence in sentences(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Dr. Obi et al. wrote it. J. R. Moss agreed.", 2),
        ("It costs $3.50 per 1.5 million tokens, i.e. less than v2.1.3 did. Use it.", 2),
        ("Harbor Inc. bought it from U.S. Robotics Corp. on Jan. 5 for $2 million.", 1),
        ("They moved to the U.S. The team is small.", 2),
        ('"It works. We are glad," she said. He left.', 2),
        ("“Really?” he asked. “Yes.”", 2),
        ("It is out now. xAI and vLLM support it. iPhone apps follow.", 3),
        ("Wait... what? No!", 2),
        ("Tern-2.5-27B-A3B beats GPT-4.1. See fig. 3.", 2),
        ("第一句。第二句！他说：“好。走吧。”第三句？", 4),
    ],
)
def test_a_sentence_ends_where_a_reader_would_end_it(text: str, parts: int) -> None:
    assert len(cut(text)) == parts


def test_list_items_are_sentences_and_headings_are_not_part_of_any() -> None:
    text = "New in Tern 2\n• Faster decoding on phones\n• 41 languages\n\nIt ships today.\n"
    assert cut(text) == [
        "New in Tern 2", "Faster decoding on phones", "41 languages", "It ships today."
    ]  # fmt: skip
    assert [s.whole for s in sentences(text)] == [False, True, True, True]


def test_hard_wrapped_lines_are_put_together() -> None:
    text = (
        "We present a model that was trained on text from forty-one\n"
        "European languages. Its errors are fewer than those of the\n"
        "model before it."
    )
    assert len(cut(text)) == 2


def test_a_sentence_that_was_cut_off_is_known_as_such() -> None:
    assert [s.whole for s in sentences("It ships today. The team also plans to […]")] == [
        True, False
    ]  # fmt: skip


def test_a_quotation_that_never_closes_does_not_swallow_the_text() -> None:
    text = '"It never ends. ' + "Here is another sentence of the text. " * 40
    assert len(cut(text)) > 20


@pytest.mark.parametrize(
    "line",
    [
        "We use cookies to give you the best experience.",
        "Sign up for our free newsletter.",
        "By Mara Lindqvist and Tom Brandt",
        "Monday, May 4, 2026 at 9:30 AM EDT",
        "Share on X",
        "Photo by Ana Silva",
        "Copyright 2026 The Daily Model",
        "The post Tern 2 is out appeared first on The Daily Model.",
        "Related: five other models",
        "This article was sponsored by a bank.",
        "{ return a[i] + 1; } // 0x3f 12 44",
        "责任编辑：王小明",
    ],
)
def test_boilerplate_is_recognised(line: str) -> None:
    assert is_boilerplate(line) or not extract(Found("k", "", "Tern", 0, line), Page("")).summary


@pytest.mark.parametrize(
    "line",
    [
        "Users who subscribe to the Plus plan get the agent in their browser.",
        "By the end of May, all 41 languages will be supported.",
        "Comments on the draft rules are due on Friday.",
        "Publishers may share the revenue with the newsletter writers they host.",
        "OpenAI 在 ChatGPT 中测试广告，年内推广到更多国家。",
        "The court ruled that copyright does not cover the model's output.",
    ],
)
def test_news_about_such_things_is_not_boilerplate(line: str) -> None:
    assert not is_boilerplate(line)
