"""Waiting for a coroutine wherever the caller stands: in a script, or in a notebook, where a loop runs already."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


def run_to_end(coroutine: Coroutine[Any, Any, T]) -> T:
    """What `coroutine` returns. Its event loop is its own; where one runs already, in a thread of its own.

    An interrupt cancels it, wherever it runs.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)  # the factory leaves this thread's own loop as it is
    loop = runner.get_loop()
    task = loop.create_task(coroutine)

    def run() -> T:
        with runner:
            return loop.run_until_complete(task)

    with ThreadPoolExecutor(1) as pool:
        try:
            return pool.submit(run).result()
        except BaseException:
            with suppress(RuntimeError):  # the loop has ended: the exception is the coroutine's
                loop.call_soon_threadsafe(task.cancel)
            raise
