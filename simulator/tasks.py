"""Small tools for work that runs side by side on one event loop."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def first(*work: Coroutine[Any, Any, Any]) -> tuple[int, Any]:
    """Runs all, and when one is done stops the others: (index of the first, its result). Its exception is raised."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        winner = next(index for index, task in enumerate(tasks) if task.done())
        return winner, tasks[winner].result()
    finally:
        await stop(*tasks)


async def stop(*tasks: "asyncio.Task[Any]") -> None:
    """Cancels the tasks and waits until they have cleaned up."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def settled(future: "asyncio.Future[Any]") -> Any:
    """A future as a coroutine; stopping the coroutine leaves the future alone."""
    return await asyncio.shield(future)
