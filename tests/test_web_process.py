"""What the web process carries about: nothing of what only workers and commands need."""

import os
import subprocess
import sys
from pathlib import Path

HEAVY = (
    "alembic",
    "apprise",
    "minio",
    "procrastinate",
    "worker.tasks",
    "oncall.delivery.mail",
    "worker.pacer",
    "smtplib",
    "yaml",
)
PROGRAM = f"import sys, app; app.create_app(); print(*(name for name in {HEAVY} if name in sys.modules))"


def test_the_web_process_loads_nothing_of_the_workers(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=root, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr
