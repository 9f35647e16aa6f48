"""One article, as a source offers it and as its page reads, for the tests of its writers."""

from bot.model import Found, Page

TEXT = """\
Harbor Labs released Tern 2, a language model with 27 billion parameters, on Monday. The weights \
are under the Apache 2.0 license and can be read at https://harbor.example/tern. Tern 2 reads up \
to 128,000 tokens at once. It scored 71.4% on the Harbor coding test, against 58.9% for Tern 1.5. \
“We wanted it to fit on a desk,” said Ines Obi. Write to @everyone if you find a fault.
"""
FOUND = Found("k1", "https://news.example/tern-2", "Harbor Labs releases Tern 2", 1_777_900_000.0)
PAGE = Page("https://news.example/tern-2", text=TEXT)
RELEASED = "Harbor Labs released Tern 2, a language model with 27 billion parameters, on Monday."
READS = "Tern 2 reads up to 128,000 tokens at once."
SUMMARY = "Harbor Labs released Tern 2 with 27 billion parameters. Its license is Apache 2.0."


def points(*texts: str) -> list[tuple[str, str]]:
    """Takeaways with a sentence of the article each: the same one if the article has it."""
    return [(text, text if text in PAGE.text else RELEASED) for text in texts]
