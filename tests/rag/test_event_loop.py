"""Tests of waiting for a coroutine wherever the caller stands."""

import asyncio
import signal
import threading

import pytest

from rag.event_loop import run_to_end


async def double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


async def fail() -> None:
    raise ValueError("no")


def test_without_a_loop_it_runs_in_this_thread() -> None:
    async def where() -> int:
        return threading.get_ident()

    assert run_to_end(where()) == threading.get_ident()


def test_within_a_running_loop_it_runs_all_the_same() -> None:
    async def notebook() -> int:
        return run_to_end(double(21))

    assert asyncio.run(notebook()) == 42


def test_what_is_raised_reaches_the_caller_in_either_place() -> None:
    async def notebook() -> None:
        run_to_end(fail())

    with pytest.raises(ValueError, match="no"):
        run_to_end(fail())
    with pytest.raises(ValueError, match="no"):
        asyncio.run(notebook())


def test_an_interrupt_within_a_running_loop_cancels_it() -> None:
    cancelled = threading.Event()

    async def endless() -> None:
        try:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async def notebook() -> None:
        run_to_end(endless())

    loop = asyncio.new_event_loop()  # asyncio.run would handle the interrupt in its own way; a notebook does not
    with pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(notebook())
    loop.close()
    assert cancelled.wait(10)
