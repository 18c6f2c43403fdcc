"""Makes sure that the proxies of `deploy/` are there for the tests: `python -m tests.programs_setup`.

The system's are used; where one is missing and we are root on a Debian-like system, it is installed, but not started.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

# Program, Debian's package.
PROXIES: Final = {"nginx": "nginx", "caddy": "caddy"}
# Debian asks it whether a package may start its service; 101 is no.
_POLICY: Final = Path("/usr/sbin/policy-rc.d")
_PLACES: Final = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


def proxy(name: str) -> str:
    """The program's path. Raises FileNotFoundError with what to do."""
    found = os.environ.get(name.upper()) or shutil.which(name, path=_PLACES)
    if found is None:
        remedy = f"install it (Debian: apt-get install {PROXIES[name]}) or set {name.upper()}"
        raise FileNotFoundError(f"The tests of deploy/ need {name}: {remedy}.")
    return found


def _missing() -> list[str]:
    return [name for name in PROXIES if not (os.environ.get(name.upper()) or shutil.which(name, path=_PLACES))]


@contextmanager
def _services_stay_off() -> Iterator[None]:
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink()


def main() -> None:
    missing = _missing()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {' and '.join(missing)} for the tests of deploy/ ...", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], check=True, env=environment, stdout=subprocess.DEVNULL)
        command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *(PROXIES[name] for name in missing)]
        with _services_stay_off():
            subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    for name in _missing():
        try:
            proxy(name)
        except FileNotFoundError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
