"""Makes sure that there is a Chromium for the browser tests: `python -m tests.browser_setup`.

The system's is used; where there is none and we are root on a Debian-like system, it is installed.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The path of the system's Chromium, or that of the environment variable CHROMIUM."""
    return os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


def install(*packages: str) -> None:
    """Packages of a Debian-like system, as root."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], check=True, env=environment, stdout=subprocess.DEVNULL)
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def main() -> None:
    if chromium():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests ...", flush=True)
        install("chromium", "fonts-dejavu-core")
    if not chromium():
        sys.exit("The browser tests need Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM.")


if __name__ == "__main__":
    main()
