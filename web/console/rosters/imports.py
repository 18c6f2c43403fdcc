"""`/rosters/<id>/import`: shifts from a calendar's file, or the roster from a directory file, seen before written.

The file goes to the browser and back, packed, between the two steps: nothing is kept here for those who never come
back, and whichever process answers has all it needs. What comes back is read and checked as if it were new.
"""

import base64
import binascii
import re
import zlib
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from oncall.models.access.roles import Role
from oncall.models.planning.changes import RosterChange
from oncall.models.rosters import Roster
from oncall.planning.editing import Author, wait_for_others
from oncall.planning.imports import shifts as import_shifts
from oncall.planning.imports.comparing import ImportRefusedError, Reading
from oncall.planning.imports.ical.child import read_ical
from oncall.planning.imports.ical.text import LARGEST
from oncall.planning.imports.stale import Choices
from oncall.planning.imports.words import directory_words, shift_words
from oncall.planning.undoing import last_change
from oncall.rosters.errors import BusyError, RosterError
from schedules.rosters.roster import Roster as PlannedRoster
from web.console.rosters.answers import author_now, zone_of
from web.platform.access import needs, runtime

blueprint = Blueprint("roster_import", __name__)

CALENDAR, DIRECTORY = "calendar", "directory"
_LARGEST_FORM: Final = 1_000_000
_LONGEST_NAME: Final = 80
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
_NOTHING: Final = {
    CALENDAR: "There is nothing to import so far: choose whose the shifts are.",
    DIRECTORY: "There is nothing to import: the roster is as the file describes it.",
}
_NOT_TAKEN: Final = (ImportRefusedError, RosterError)


@dataclass(frozen=True)
class Upload:
    """What somebody wants imported. `source`: the file's name in words; `layer_id` is a calendar's, else 0."""

    kind: str
    layer_id: int
    source: str
    content: bytes

    def packed(self) -> str:
        """To be sent to the browser and back. Raises ImportRefusedError when that would be too much."""
        packed = base64.urlsafe_b64encode(zlib.compress(self.content)).decode()
        if len(packed) > _LARGEST_FORM * 9 // 10:
            raise ImportRefusedError("This file holds much that is no shift, such as pictures: export it without them.")
        return packed


@blueprint.url_value_preprocessor
def _expect_files(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A pasted calendar is larger than other forms. Here, as the check of the form's token is what reads it first."""
    request.max_content_length = request.max_form_memory_size = _LARGEST_FORM


@blueprint.get("/rosters/<id:roster_id>/import")
@needs(Role.MANAGER)
def page(roster_id: int) -> ResponseReturnValue:
    """The form."""
    return _form(roster_id)


@blueprint.post("/rosters/<id:roster_id>/import")
@needs(Role.MANAGER)
def preview(roster_id: int) -> ResponseReturnValue:
    """What the import would do; nothing is written. 422 with what is wrong when nothing can be had from the file.

    Sent again from the preview itself, with what was chosen there.
    """
    try:
        upload = _sent_back() if request.form.get("content") else _sent()
        return _preview(roster_id, upload)
    except BusyError as error:
        return _form(roster_id, error, upload), 409
    except _NOT_TAKEN as error:
        return _form(roster_id, error), 422


@blueprint.post("/rosters/<id:roster_id>/import/confirm")
@needs(Role.MANAGER)
def confirm(roster_id: int) -> ResponseReturnValue:
    """Write what the preview has shown, all of it or nothing; 409 with a new preview when something is in the way."""
    upload = _sent_back()
    try:
        change_id = _import(roster_id, upload)
    except BusyError as error:
        return _form(roster_id, error, upload), 409
    except RosterError as error:
        try:
            return _preview(roster_id, upload, str(error)), 409
        except BusyError as worse:
            return _form(roster_id, worse, upload), 409
        except _NOT_TAKEN as worse:
            return _form(roster_id, worse), 409
    except ImportRefusedError as error:
        return _form(roster_id, error), 422
    return redirect(url_for("roster_import.page", roster_id=roster_id, done=change_id), 303)


def _sent() -> Upload:
    """Raises ImportRefusedError when there is neither file nor text."""
    kind = _kind()
    file = request.files.get("file")
    if file is not None and file.filename:
        return Upload(kind, _layer_id(), _file_name(file.filename), file.read(LARGEST + 1))
    text = request.form.get("text", "")
    if not text.strip():
        raise ImportRefusedError("There is nothing to read: choose a file, or paste its text.")
    return Upload(kind, _layer_id(), "pasted text", text.encode())


def _sent_back() -> Upload:
    try:
        packed = base64.b64decode(request.form.get("content", ""), altchars=b"-_", validate=True)
        content = zlib.decompressobj().decompress(packed, LARGEST + 1)  # no more, whatever it would unpack to
    except (binascii.Error, ValueError, zlib.error):
        abort(400, "The file has not come back whole: begin the import again.")
    return Upload(_kind(), _layer_id(), _file_name(request.form.get("source", "")), content)


def _kind() -> str:
    kind = request.form.get("kind", CALENDAR)
    return kind if kind == DIRECTORY else CALENDAR


def _layer_id() -> int:
    given = request.form.get("layer", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


def _file_name(given: str) -> str:
    """As history tells it: without folders, and nothing that can't be shown."""
    name = given.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in name if letter.isprintable()).strip()[:_LONGEST_NAME] or "a file"


def _preview(roster_id: int, upload: Upload, complaint: str = "") -> str:
    """Raises what `_NOT_TAKEN` names."""
    packed, read = upload.packed(), _read(roster_id, upload)
    with runtime().database.transaction() as session:
        zone = zone_of(session, roster_id)
        if isinstance(read, Reading):
            shifts = import_shifts.preview_shifts(session, _author(), roster_id, upload.layer_id, read, _choices())
            shown = shift_words(shifts, read, zone)
        else:
            from oncall.directory.roster_import import preview_directory  # it brings YAML

            shown = directory_words(preview_directory(session, _author(), roster_id, read))
        roster = session.get_one(Roster, roster_id)
        return render_template(
            "import_preview.html", roster=roster, upload=upload, content=packed, complaint=complaint, shown=shown
        )


def _import(roster_id: int, upload: Upload) -> int:
    """The id of the change that it makes. Raises what `_NOT_TAKEN` names."""
    seen, read = request.form.get("seen", ""), _read(roster_id, upload)
    author = _author(request.form.get("accept_gaps") == "yes")
    with runtime().database.transaction() as session:
        wait_for_others(session)  # the last change is this one's own
        before = _last_change_id(session, roster_id)
        if isinstance(read, Reading):
            import_shifts.import_shifts(
                session, author, roster_id, upload.layer_id, read, upload.source, seen, _choices()
            )
        else:
            from oncall.directory.roster_import import import_directory  # it brings YAML

            import_directory(session, author, roster_id, read, upload.source, seen)
        change_id = _last_change_id(session, roster_id)
        if change_id == before:
            raise RosterError(_NOTHING[upload.kind])
        return change_id


def _choices() -> Choices:
    """What was chosen in the preview; nonsense counts as nobody."""
    people = {
        name.removeprefix("who-"): int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else 0
        for name, value in request.form.items()
        if name.startswith("who-")
    }
    return Choices(people, request.form.get("keep") == "yes", request.form.get("also") == "yes")


def _last_change_id(session: Session, roster_id: int) -> int:
    change = last_change(session, roster_id)
    return change.id if change else 0


def _read(roster_id: int, upload: Upload) -> Reading | PlannedRoster:
    """What the content says. Calendars are read with no transaction open: that may take a second."""
    if upload.kind == CALENDAR:
        with runtime().database.transaction() as session:
            zone = zone_of(session, roster_id)
        return read_ical(upload.content, zone, import_shifts.import_window(runtime().clock.now()))
    from oncall.directory.roster_import import roster_in  # YAML, which nothing else here needs: memory counts

    with runtime().database.transaction() as session:
        return roster_in(session, upload.content, roster_id)


def _author(accepts_gaps: bool = False) -> Author:
    return author_now(accepts_gaps)


def _form(roster_id: int, refusal: Exception | None = None, kept: Upload | None = None) -> str:
    """`kept`: what only has to be sent again; as text, as a page can't give a file back to its field."""
    pasted = kept.content.decode(errors="replace") if kept else request.form.get("text", "")
    with runtime().database.transaction() as session:
        roster = session.get(Roster, roster_id) or abort(404)
        change = _change(session, roster_id, request.args.get("done", ""))
        layers = [{"id": layer.id, "name": layer.name} for layer in roster.layers]
        return render_template(
            "import.html",
            roster=roster,
            layers=layers,
            complaints=str(refusal).splitlines() if refusal else [],
            kind=_kind(),
            chosen=_layer_id(),
            pasted=pasted,
            done=change.words if change else "",
            undone=bool(change and change.undone),
        )


def _change(session: Session, roster_id: int, number: str) -> RosterChange | None:
    """The change that an import has made, whatever was changed since."""
    found = session.get(RosterChange, int(number)) if _NUMBER.fullmatch(number) else None
    return found if found is not None and found.roster_id == roster_id else None
