"""The simulator as an HTTP server: REST API, control API and the softphone page."""

from aiohttp import web

from simulator.config import Config
from simulator.network.exchange import Exchange
from simulator.page.control import add_control_routes
from simulator.rest import add_routes
from simulator.rest.faults import ApiFaults
from simulator.rest.forms import EXCHANGE
from simulator.rest.gate import Gate


class Server:
    """One simulated telephone network. `open` and `close` run on the same event loop."""

    def __init__(self, config: Config, speed: float = 1.0, patient: bool = False) -> None:
        self.config = config
        self.exchange = Exchange(config, speed, patient)
        self.api_faults = ApiFaults()
        self.gate = Gate(self.exchange, self.api_faults)
        self._runner: web.AppRunner | None = None

    async def open(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Starts to listen, on a free port when `port` is 0, and returns the base address."""
        await self.exchange.open()
        app = web.Application(middlewares=[self.gate.middleware])
        app[EXCHANGE] = self.exchange
        add_routes(app)
        add_control_routes(app, self.exchange, self.api_faults)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, backlog=512).start()
        bound = self._runner.addresses[0][1]
        if not self.config.base_url:
            self.config.base_url = f"http://{host}:{bound}"
        return f"http://{host}:{bound}"

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        await self.exchange.close()

    def quiet(self) -> bool:
        """True while no webhook, callback, text or REST request is under way or about to be sent."""
        return self.exchange.courier.busy == 0 and self.gate.busy == 0
