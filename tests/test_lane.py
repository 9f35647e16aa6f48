"""Writing into one file: everybody's turn comes."""

from __future__ import annotations

import threading
import time

import pytest

from bot.store import StoreAway
from storage.lane import Lane


def test_who_comes_first_writes_first() -> None:
    lane, order = Lane(5), list[int]()

    def write(nth: int) -> None:
        with lane.turn():
            order.append(nth)

    writers = [threading.Thread(target=write, args=(nth,)) for nth in range(20)]
    with lane.turn():
        for nth, writer in enumerate(writers, 1):
            writer.start()
            while len(lane._waiting) < nth:
                time.sleep(0.001)
    for writer in writers:
        writer.join()
    assert order == list(range(20))


def test_who_writes_all_the_time_lets_others_write_too() -> None:
    lane, ended = Lane(5), threading.Event()
    turns = {"greedy": 0, "modest": 0}

    def greedy() -> None:
        while not ended.is_set():
            with lane.turn():
                turns["greedy"] += 1
                # It ends its turn once the other one waits, who is nowhere else then.
                while not lane._waiting and not ended.is_set():
                    time.sleep(0.0005)

    thread = threading.Thread(target=greedy)
    thread.start()
    try:
        for _ in range(50):
            with lane.turn():
                turns["modest"] += 1
    finally:
        ended.set()
        thread.join()
    # Each waits for one turn of the other at most, and for that of the beginning.
    assert turns["greedy"] <= turns["modest"] + 2


def test_patience_ends_and_the_others_go_on() -> None:
    lane, done = Lane(0.05), threading.Event()

    def patient() -> None:
        for _ in range(1000):
            try:
                with lane.turn():
                    done.set()
            except StoreAway:
                continue
            break

    with lane.turn():
        with pytest.raises(StoreAway, match="too busy"), lane.turn():
            pass
        other = threading.Thread(target=patient)
        other.start()
        time.sleep(0.2)
    other.join()
    assert done.is_set()
    with lane.turn():
        pass
