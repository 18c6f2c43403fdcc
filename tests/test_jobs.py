"""Every job is declared once, run by one function that takes what was declared, and named nowhere else."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.jobs import Job, declared_jobs, job, runners
from oncall.models import jobs
from worker import tasks

ROOT = Path(__file__).resolve().parents[1]
CODE = [
    path
    for folder in ("core", "schedules", "oncall", "worker", "demo", "ivr", "web")
    for path in (ROOT / folder).rglob("*.py")
]


def test_each_job_is_declared_under_its_own_name() -> None:
    found = {name: one for name, one in vars(jobs).items() if isinstance(one, Job)}
    assert found == dict(declared_jobs())
    assert all(one.name == name for name, one in found.items())


def test_each_job_has_one_runner_that_takes_what_was_declared() -> None:
    assert tasks.build_worker is not None  # imports whatever a worker runs
    assert runners().keys() == declared_jobs().keys()
    assert len(set(runners().values())) == len(runners())
    for name, one in declared_jobs().items():
        _, *taken = inspect.signature(runners()[name]).parameters.values()
        assert taken == list(inspect.signature(one.declaration).parameters.values()), name


def test_a_second_job_of_a_name_and_a_second_runner_are_refused() -> None:
    def place_call(*, call_id: int) -> None:
        """Another one."""

    with pytest.raises(ValueError, match="two jobs"):
        job()(place_call)
    with pytest.raises(ValueError, match="runner already"):
        jobs.place_call.runner(lambda desk, *, call_id: None)


def test_arguments_that_have_no_name_are_refused() -> None:
    def by_place(call_id: int) -> None:
        """Its arguments could not be stored."""

    with pytest.raises(TypeError, match="keyword-only"):
        job()(by_place)
    assert "by_place" not in declared_jobs()


def names_in(source: str) -> Iterator[tuple[int, str]]:
    """Lines whose texts name a job, as a whole or quoted within SQL. Docstrings and enums apart."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    enums = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and "StrEnum" in map(_name, node.bases)]
    prose |= {id(line.value) for each in enums for line in each.body if isinstance(line, ast.Assign)}
    quoted = re.compile(r"'(\w+)'")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            for name in {node.value, *quoted.findall(node.value)} & declared_jobs().keys():
                yield node.lineno, name


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def test_no_job_is_named_by_a_text() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}": name
        for path in CODE
        for line, name in names_in(path.read_text(encoding="utf-8"))
    }
    assert found == {}


@pytest.mark.parametrize("line", ['wake(session, "place_call")', "query = \"WHERE task_name = 'advance_page'\""])
def test_a_name_in_a_text_would_be_found(line: str) -> None:
    assert [number for number, _ in names_in(f'"""place_call"""\n{line}')] == [2]
