"""The moving picture of the README: small enough to be shown, and still true."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageSequence

from docs.picture import PICTURE, film_demo, save
from tests.browser import needs_browser


def _durations(picture: Path) -> list[int]:
    """How long each frame is shown, in milliseconds."""
    with Image.open(picture) as image:
        assert image.info["loop"] == 0, "it begins again at its end"
        return [int(frame.info["duration"]) for frame in ImageSequence.Iterator(image)]


def test_the_picture_is_short_and_small_and_begins_again() -> None:
    assert sum(_durations(PICTURE)) <= 12_000
    assert PICTURE.stat().st_size < 2_000_000


@needs_browser
async def test_what_the_picture_shows_still_happens(tmp_path: Path) -> None:
    empty = tmp_path / "demo"
    empty.mkdir()
    # The film itself looks for every comment in both channels and on the page, or fails.
    frames = await film_demo(empty)
    told = list(dict.fromkeys(frame.caption for frame in frames))
    assert [words for words in told if words.startswith("...")] == [
        "... it is in the other thread and on the page",
        "... edited everywhere",
        "... gone everywhere",
    ]
    save(frames, tmp_path / "made.gif")
    # The picture in the README is of this film: as many frames, shown as long.
    assert len(_durations(tmp_path / "made.gif")) == len(frames)
    assert sum(_durations(tmp_path / "made.gif")) == sum(_durations(PICTURE))
