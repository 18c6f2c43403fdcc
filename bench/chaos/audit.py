"""Who did what to calls, texts, pages and jobs, and when: written down by the database itself, in the same transaction.

Each worker signs in as a role of its own, a new one at every start, so that `session_user` names the process. Nothing
of the gateway knows of this; triggers stand on what its tables say in any version.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import make_url, text

from core.db import Database

# What a job was about to do, by its task; the others count by themselves.
_ROW_OF = {"place_call": ("call", "call_id"), "send_message": ("text", "message_id")}
WAITING = ("queued", "sending")

_INSTALL = """
CREATE TABLE chaos_act (
    id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(),
    who text NOT NULL DEFAULT session_user, what text NOT NULL, subject bigint NOT NULL,
    state text NOT NULL DEFAULT '', tries int NOT NULL DEFAULT 0, args jsonb
);
CREATE INDEX chaos_act_subject ON chaos_act (what, subject, at);
CREATE FUNCTION chaos_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO chaos_act (what, subject, state, args)
            VALUES ('job', OLD.id, 'done', jsonb_build_object('task', OLD.task_name) || OLD.args);
    ELSE
        INSERT INTO chaos_act (what, subject, state, args)
            VALUES ('job', NEW.id, NEW.status::text, jsonb_build_object('task', NEW.task_name) || NEW.args);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION chaos_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO chaos_act (what, subject, state, tries) VALUES (TG_ARGV[0], NEW.id, NEW.state, NEW.tries);
    RETURN NULL;
END $$;
CREATE FUNCTION chaos_page() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[0] = 'attempt' THEN
        INSERT INTO chaos_act (what, subject) VALUES ('page', NEW.page_id);
    ELSE
        INSERT INTO chaos_act (what, subject) VALUES ('page', NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER chaos_job AFTER UPDATE OF status OR DELETE ON procrastinate_jobs
    FOR EACH ROW EXECUTE FUNCTION chaos_job();
CREATE TRIGGER chaos_call_new AFTER INSERT ON phone_call
    FOR EACH ROW WHEN (NEW.direction = 'out') EXECUTE FUNCTION chaos_row('call');
CREATE TRIGGER chaos_call AFTER UPDATE ON phone_call
    FOR EACH ROW WHEN (OLD.direction = 'out' AND OLD.state IN ('queued', 'sending')) EXECUTE FUNCTION chaos_row('call');
CREATE TRIGGER chaos_text_new AFTER INSERT ON message
    FOR EACH ROW WHEN (NEW.channel = 'text') EXECUTE FUNCTION chaos_row('text');
CREATE TRIGGER chaos_text AFTER UPDATE ON message
    FOR EACH ROW WHEN (OLD.channel = 'text' AND OLD.state IN ('queued', 'sending')) EXECUTE FUNCTION chaos_row('text');
CREATE TRIGGER chaos_page AFTER UPDATE ON page FOR EACH ROW EXECUTE FUNCTION chaos_page('page');
CREATE TRIGGER chaos_attempt AFTER INSERT OR UPDATE ON page_attempt
    FOR EACH ROW EXECUTE FUNCTION chaos_page('attempt');
"""


@dataclass(frozen=True)
class Act:
    """One deed. `what`: job, call, text or page; `state`, `tries`: of the job or row afterwards."""

    at: datetime
    who: str
    what: str
    subject: int
    state: str = ""
    tries: int = 0
    args: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Held:
    """Work that a process held when it was killed. `seconds`: until it was taken up again; None: never."""

    who: str
    work: str
    subject: str
    seconds: float | None


def install(database: Database) -> None:
    """Begin to write down."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql(_INSTALL)


def signed_in(database: Database, role: str) -> str:
    """A new role, and the address of the database for it. The server must trust those who reach it."""
    with database.engine.begin() as connection:
        connection.execute(text(f'CREATE ROLE "{role}" SUPERUSER LOGIN'))
    return make_url(database.url).set(username=role).render_as_string(hide_password=False)


def acts(database: Database) -> list[Act]:
    """Everything so far, oldest first."""
    query = text("SELECT at, who, what, subject, state, tries, args FROM chaos_act ORDER BY at, id")
    with database.engine.connect() as connection:
        return [Act(*row) for row in connection.execute(query)]


def holders(database: Database, what: str) -> set[str]:
    """Who is asking the network for a call or text at this moment."""
    query = text(
        "SELECT who FROM (SELECT DISTINCT ON (subject) who, state FROM chaos_act WHERE what = :what"
        " ORDER BY subject, id DESC) AS newest WHERE state = 'sending'"
    )
    with database.engine.connect() as connection:
        return set(connection.scalars(query, {"what": what}))


def overdue(database: Database, seconds: float) -> dict[int, tuple[float, float]]:
    """Pages whose next step is late by so many seconds, and to which nothing has happened for as long either.

    By page: how late, and how long nothing has happened. (A jump of the clock can make a page late at once.)
    """
    query = text(
        "SELECT page.id, extract(epoch FROM clock_timestamp() - page.due_at),"
        " extract(epoch FROM clock_timestamp() - quiet.since)"
        " FROM page, LATERAL (SELECT max(at) AS since FROM chaos_act"
        " WHERE what = 'page' AND subject = page.id) AS quiet"
        " WHERE page.state = 'paging' AND greatest(page.due_at, quiet.since)"
        " < clock_timestamp() - make_interval(secs => :seconds)"
    )
    with database.engine.connect() as connection:
        found = connection.execute(query, {"seconds": seconds})
        return {int(page): (float(late), float(quiet)) for page, late, quiet in found}


def held_by(killed: Mapping[str, datetime], done: Iterable[Act]) -> list[Held]:
    """What each killed process held, and how long it waited. Pure.

    A row is held when the process's claim was the last that happened to it before the kill, and is taken up again when
    another asks the network for it (one more try) or finds that it needs nothing more. Of a job whose row it had not
    claimed yet, or had sent already, the row counts; a page's job is over with whatever it wrote on the page. Work that
    another had taken up before the kill, or that is nobody's any more, doesn't count.
    """
    by_subject: dict[tuple[str, int], list[Act]] = defaultdict(list)
    by_args: dict[str, list[Act]] = defaultdict(list)
    for act in done:
        by_subject[act.what, act.subject].append(act)
        if act.what == "job":
            by_args[_key(act)].append(act)
    found: dict[tuple[str, str], Held] = {}
    for (what, subject), chain in by_subject.items():
        if what == "page":
            continue
        for act, next_ in zip(chain, [*chain[1:], None], strict=True):
            if act.who not in killed or (next_ is not None and next_.who == act.who):
                continue
            at = killed[act.who]
            if next_ is not None and next_.at < at and what != "job":
                continue  # a status callback was quicker: the claim held nothing up
            if what == "job" and act.state == "doing":
                held = _held_job(act, at, by_subject, by_args)
            elif what != "job" and act.state == "sending":
                held = Held(act.who, what, str(subject), _since(at, _again(act, chain)))
            else:
                held = None
            if held is not None:
                found.setdefault((held.who, f"{held.work} {held.subject}"), held)
    return list(found.values())


def _again(claim: Act, chain: list[Act]) -> Act | None:
    """Who went on with a row after this claim."""
    later = (act for act in chain if act.at > claim.at and act.who != claim.who)
    return next((act for act in later if act.tries > claim.tries or act.state not in WAITING), None)


def _held_job(
    take: Act, at: datetime, by_subject: Mapping[tuple[str, int], list[Act]], by_args: Mapping[str, list[Act]]
) -> Held | None:
    args = take.args or {}
    task = str(args.get("task"))
    if task in _ROW_OF:
        what, name = _ROW_OF[task]
        return _held_row(take, at, what, by_subject.get((what, int(args[name])), []))
    after = [act for act in by_args[_key(take)] if act.state == "done" and act.at > at and act.who != take.who]
    if "page_id" in args:
        pages = by_subject.get(("page", int(args["page_id"])), [])
        if any(act.who == take.who and act.at >= take.at for act in pages):
            return None  # the page had been advanced: only the job's end was missing
        after += [act for act in pages if act.at > at and act.who != take.who]
    subject = " ".join(f"{name} {value}" for name, value in args.items() if name != "task")
    return Held(take.who, task, subject, _since(at, min(after, key=lambda act: act.at, default=None)))


def _held_row(take: Act, at: datetime, what: str, chain: list[Act]) -> Held | None:
    """A row that its job had not claimed yet; one that was claimed is found by its claim."""
    before = [act for act in chain if act.at <= at or act.who == take.who]
    if not before or before[-1].state != "queued":
        return None
    later = (act for act in chain if act.at > at and act.who != take.who)
    return Held(take.who, what, str(before[-1].subject), _since(at, next(later, None)))


def _since(at: datetime, act: Act | None) -> float | None:
    return None if act is None else (act.at - at).total_seconds()


def _key(act: Act) -> str:
    return repr(sorted((act.args or {}).items()))


def longest_waits(done: Iterable[Act]) -> dict[str, float]:
    """By sort of row, the longest time (s) from being put down to the network having taken it, or nobody wanting it."""
    put_down: dict[tuple[str, int], datetime] = {}
    longest: dict[str, float] = {"call": 0.0, "text": 0.0}
    for act in done:
        if act.what not in longest:
            continue
        since = put_down.setdefault((act.what, act.subject), act.at)
        if act.state not in WAITING:
            longest[act.what] = max(longest[act.what], (act.at - since).total_seconds())
    return longest
