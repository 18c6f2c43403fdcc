"""The telephone network in a process of its own, and the line on which it is told what to do."""

import asyncio
import gc
import multiprocessing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final, Self

from bench.directory import Town
from bench.load import Load, Result
from simulator.config import Config
from simulator.server import Server

ACCOUNT: Final = "AC" + "b" * 32
NUMBER: Final = "+390584943299"
ANSWER_SECONDS: Final = 200.0


class NetworkError(Exception):
    """The network's process failed."""


@dataclass(frozen=True)
class Order:
    """A phase of the load by the name of its method, with its parameters."""

    phase: str
    parameters: dict[str, Any]


class Network:
    """The process. Its address is `url`; phases run one after the other."""

    def __init__(self, token: str, town: Town) -> None:
        spawn = multiprocessing.get_context("spawn")  # nothing of this process's memory or threads goes along
        self._line, far_end = spawn.Pipe()
        self._process = spawn.Process(target=_main, args=(far_end, token, town), daemon=True)
        self.url = ""

    def __enter__(self) -> Self:
        self._process.start()
        self.url = self._receive(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def run(self, phase: str, notes: "dict[str, Any] | None" = None, **parameters: Any) -> Result:
        """Do a phase of the load. `notes`: what to call when the network says that word. Raises NetworkError."""
        self._line.send(Order(phase, parameters))
        while isinstance(word := self._receive(ANSWER_SECONDS), str):
            (notes or {})[word]()
        result: Result = word
        return result

    def _receive(self, seconds: float) -> Any:
        try:
            if not self._line.poll(seconds):
                raise NetworkError(f"the telephone network did not answer within {seconds:.0f} s")
            word = self._line.recv()
        except (EOFError, OSError) as error:
            raise NetworkError("the telephone network's process has ended") from error
        if isinstance(word, Exception):
            raise NetworkError(f"the telephone network failed: {word}") from word
        return word


def _main(line: "Connection[Any, Any]", token: str, town: Town) -> None:
    # It remembers every exchange, so that searching for garbage takes ever longer: the gauge must not add to what it
    # measures, and lives for minutes only.
    gc.disable()
    asyncio.run(_serve(line, token, town))


async def _serve(line: "Connection[Any, Any]", token: str, town: Town) -> None:
    server = Server(Config(token, NUMBER, ACCOUNT))
    url = await server.open()
    load = Load(server, town)
    line.send(url)
    try:
        while True:
            order: Order = await asyncio.to_thread(line.recv)
            line.send(await _carry_out(server, load, order, line))
    except EOFError:
        return  # the other side has hung up: the end
    finally:
        await server.close()


async def _carry_out(server: Server, load: Load, order: Order, line: "Connection[Any, Any]") -> Any:
    try:
        if order.phase == "configure":
            server.config.update(**order.parameters)
            return Result()
        if order.phase == "many":
            return await load.many(note=line.send, **order.parameters)
        return await getattr(load, order.phase)(**order.parameters)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side has to hear of it
        return RuntimeError(repr(error))
