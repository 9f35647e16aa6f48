"""The outside world of news: fetch a source, read what it offers, read the article's page.

`Fetcher` is the only way out to the internet, `Reader` reads what came back in a process of its
own, and `Collector` does both for every source that is due and hands the result to the core.
"""
