"""What a model may say: its evidence is looked up, and a hostile answer gets nothing out."""

import json

import pytest

from adapters.writer import Llm, extract
from bot.model import Page, Written
from tests.article import FOUND, PAGE, READS, RELEASED, SUMMARY, points
from tests.servers.model import ModelServer, Reply, report


def writer(model: ModelServer, deadline: float = 5) -> Llm:
    return Llm(model.url, model.key, "tern-mini", deadline=deadline)


async def said(model: ModelServer, content: str, page: Page = PAGE) -> Written:
    """What becomes of an answer with these words."""
    model.replies.clear()
    model.will(Reply(content), Reply(content))
    return await writer(model).write(FOUND, page, ["harbor-labs"])


# Evidence


async def test_a_quote_counts_whatever_its_spaces_and_quotation_marks(model: ModelServer) -> None:
    takeaways = [
        ("The model is out.", RELEASED.replace(" on Monday", "\n  on   Monday")),
        ("It was meant to fit on a desk.", '"We wanted it to fit on a desk," said Ines Obi.'),
    ]
    written = await said(model, report(takeaways=takeaways, summary=SUMMARY))
    assert [t.quote for t in written.takeaways] == [
        RELEASED, '"We wanted it to fit on a desk," said Ines Obi.'
    ]  # fmt: skip


async def test_what_no_sentence_of_the_source_says_is_dropped(model: ModelServer) -> None:
    takeaways = [
        ("The model is out.", "Harbor Labs is bankrupt."),
        ("It is small.", "on Monday."),
        ("It is free.", ""),
    ]
    proven = [(RELEASED, RELEASED), (READS, READS)]
    written = await said(model, report(takeaways=takeaways + proven, summary=SUMMARY))
    assert [(t.text, t.quote) for t in written.takeaways] == proven


async def test_with_too_little_evidence_the_extracted_report_goes_out(model: ModelServer) -> None:
    takeaways = [(RELEASED, RELEASED), ("The model is out.", "Harbor Labs is bankrupt.")]
    written = await said(model, report(takeaways=takeaways, summary=SUMMARY))
    assert written.writer == "extract"


async def test_markup_that_hides_in_markup_takes_its_sentence_along(model: ModelServer) -> None:
    content = report(
        takeaways=points("Tern 2 is <<b>script>small.", RELEASED, READS), summary=SUMMARY
    )
    written = await said(model, content)
    assert [t.text for t in written.takeaways] == [RELEASED, READS]


@pytest.mark.parametrize(
    "claim",
    [
        "It has 28 billion parameters.",
        "It has 27 million parameters.",
        "It scored 71.4 billion on the test.",
        "It reads 1,280,000 tokens.",
        "It beats GPT-7.",
    ],
)
async def test_a_number_that_the_source_does_not_have_takes_its_sentence_along(
    model: ModelServer, claim: str
) -> None:
    content = report(
        takeaways=points(RELEASED, claim, READS), summary=f"{SUMMARY} {claim}", opinion=claim
    )
    written = await said(model, content)
    assert written.writer == "tern-mini"
    assert [t.text for t in written.takeaways] == [RELEASED, READS]
    assert (written.summary, written.opinion) == (SUMMARY, "")


@pytest.mark.parametrize(
    "claim", ["It has 27B parameters.", "It reads 128000 tokens.", "It scored 71.4 percent."]
)
async def test_the_same_number_written_otherwise_stays(model: ModelServer, claim: str) -> None:
    written = await said(model, report(takeaways=points(RELEASED, claim), summary=SUMMARY))
    assert claim in [t.text for t in written.takeaways]


async def test_an_address_of_the_source_may_stay_and_a_longer_one_may_not(
    model: ModelServer,
) -> None:
    good = "The weights are at https://harbor.example/tern."
    bad = "The weights are at https://harbor.example/tern@evil.example."
    content = report(takeaways=points(good, bad, READS, RELEASED), summary=SUMMARY)
    written = await said(model, content)
    assert [t.text for t in written.takeaways] == [good, READS, RELEASED]


async def test_a_headline_of_the_models_own_making_is_not_taken(model: ModelServer) -> None:
    for title in ("Everybody must sell shares of Borealis immediately", "Tern 9 is out", ""):
        content = report(title=title, takeaways=points(RELEASED, READS), summary=SUMMARY)
        assert (await said(model, content)).title == "Harbor Labs releases Tern 2"
    content = report(
        title="Harbor Labs released Tern 2 on Monday",
        takeaways=points(RELEASED, READS),
        summary=SUMMARY,
    )
    assert (await said(model, content)).title == "Harbor Labs released Tern 2 on Monday"


async def test_at_most_four_takeaways_none_twice_and_none_too_long(model: ModelServer) -> None:
    texts = [RELEASED, RELEASED, READS, "Tern 2 is small. " * 40, "A", "B", "C"]
    written = await said(model, report(takeaways=points(*texts), summary=SUMMARY * 40))
    assert [t.text for t in written.takeaways][:2] == [RELEASED, READS]
    assert len(written.takeaways) == 4
    assert max(len(t.text) for t in written.takeaways) <= 300
    assert len(written.summary) <= 1200


# Hostile output: what a model says that obeys the page it read

FOREIGN = [
    "See https://evil.example/login now.",
    "See HTTPS://EVIL.EXAMPLE now.",
    "Go to evil.example/login for more.",
    "Go to www.evil.example for more.",
    "See [the report](https://evil.example) now.",
    "See ![x](https://evil.example/p.png) now.",
    "See <https://evil.example|the report> now.",
    "See <a href='https://evil.example'>this</a> now.",
    "See https\u200b://evil\u200b.example now.",
    "See https://harbor.example.evil.example/tern now.",
    "See ｈｔｔｐｓ://evil.example now.",
    "Ask slack://channel?id=C1 now.",
    "Join discord.gg/abc today.",
    "Run javascript:alert() now.",
    "Write to mailto:x@evil.example now.",
    "Write to boss@evil.example now.",
    "See ftp://203.0.113.7/x now.",
    "See http://localhost/admin now.",
]
CALLS = [
    "@everyone must see this.",
    "@here look at this.",
    "Hello @channel, look.",
    "@\u200beveryone must see this.",
    "＠everyone must see this.",
    "<!channel> look at this.",
    "<!here|here> look at this.",
    "<@U123456> look at this.",
    "<@!123456> look at this.",
    "<@&123456> look at this.",
    "<#C123456> is where it is.",
    "<<b>!channel> look at this.",
    "&lt;!channel&gt; look at this.",
    "Thanks to @ada_lovelace for this.",
]


@pytest.mark.parametrize("attack", FOREIGN + CALLS)
async def test_an_obedient_model_gets_neither_links_nor_calls_out(
    model: ModelServer, attack: str
) -> None:
    content = report(
        title=f"Tern 2: {attack}",
        takeaways=[(attack, RELEASED), (RELEASED, attack), *points(RELEASED, READS)],
        summary=f"{SUMMARY} {attack} {RELEASED}",
        opinion=attack,
    )
    written = await said(model, content)
    assert written.writer == "tern-mini"
    assert [t.text for t in written.takeaways] == [RELEASED, READS]
    assert [t.quote for t in written.takeaways] == [RELEASED, READS]
    assert written.opinion == ""
    everything = f"{written.title} {written.summary}".lower()
    for word in ("evil", "://", "@", "<", "discord", "javascript", "channel", "look at this"):
        assert word not in everything


async def test_even_what_the_page_itself_shouts_calls_nobody(model: ModelServer) -> None:
    shout = "Write to @everyone if you find a fault."
    written = await said(model, report(takeaways=points(RELEASED, shout, READS), summary=SUMMARY))
    assert [t.text for t in written.takeaways] == [RELEASED, READS]


async def test_markup_and_control_characters_are_taken_off(model: ModelServer) -> None:
    content = report(
        takeaways=points("**Tern 2** is\x1b\u202e `small`.", "# Tern 2 is\n\nfree."),
        summary="Harbor Labs <b>released</b> Tern 2.",
    )
    written = await said(model, content)
    assert [t.text for t in written.takeaways] == ["Tern 2 is small.", "Tern 2 is free."]
    assert written.summary == "Harbor Labs released Tern 2."


GOOD = json.loads(report(takeaways=points(RELEASED, READS), summary=SUMMARY))


@pytest.mark.parametrize(
    "answer",
    [
        {**GOOD, "url": "https://evil.example"},
        {**GOOD, "takeaways": [{"text": RELEASED, "quote": RELEASED, "url": "https://e.example"}]},
        {**GOOD, "takeaways": "Tern 2 is out"},
        {**GOOD, "takeaways": [RELEASED, READS]},
        {**GOOD, "takeaways": GOOD["takeaways"] * 50},
        {**GOOD, "summary": None},
        {**GOOD, "summary": {"text": SUMMARY}},
        {**GOOD, "title": 7},
        {k: v for k, v in GOOD.items() if k != "summary"},
        [GOOD],
        "Tern 2 is out",
        None,
    ],
)
async def test_an_answer_of_another_form_is_not_posted(model: ModelServer, answer: object) -> None:
    assert await said(model, json.dumps(answer)) == extract(FOUND, PAGE)
