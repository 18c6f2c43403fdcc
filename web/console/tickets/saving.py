"""Views of the list that one comes back to: kept under a name, shown above the list, removed."""

from typing import Any, Final

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from oncall.accounts.saved_views import SavedViewError, remove_view, save_view, saved_views
from oncall.models.access.roles import Role
from web.console.tickets.query import Asked, asked
from web.platform.access import current_account, needs, runtime

blueprint = Blueprint("ticket_views", __name__)

# What a browser is told on the next list, once: why a view could not be saved, and the name as it was typed.
_REFUSED: Final = "view_refused"


@blueprint.post("/tickets/views")
@needs(Role.TECHNICIAN)
def save() -> ResponseReturnValue:
    """Keep what the address of the form asks for, and back to it; what can't be saved is told there."""
    found = _of_address()
    name = request.form.get("name", "")
    if not found.wrong:
        try:
            with runtime().database.transaction() as database:
                save_view(database, current_account().account_id, name, found.typed)
        except SavedViewError as error:
            session[_REFUSED] = {"words": str(error), "name": name[:200]}
    return redirect(_address(found.typed), 303)


@blueprint.post("/tickets/views/<id:view_id>/remove")
@needs(Role.TECHNICIAN)
def remove(view_id: int) -> ResponseReturnValue:
    """Forget it, and back to the list."""
    with runtime().database.transaction() as database:
        remove_view(database, current_account().account_id, view_id)
    return redirect(url_for("ticket_list.index"), 303)


def views_of_mine(database: Session, found: Asked) -> list[dict[str, Any]]:
    """Each with its address, and whether it is the one that is shown."""
    now = _lasting(found.typed)
    return [
        {
            "id": each.id,
            "name": each.name,
            "address": _address(each.query),
            "chosen": bool(now) and each.query == now,
        }
        for each in saved_views(database, current_account().account_id)
    ]


def refused_before() -> dict[str, str] | None:
    """What could not be saved by the last form, told once."""
    found: dict[str, str] | None = session.pop(_REFUSED, None)
    return found


def _of_address() -> Asked:
    """What the form's address asks for, without the place in its pages."""
    found = asked(request.args, "UTC")  # days are kept as they were typed, on whatever clock
    found.typed = _lasting(found.typed)
    return found


def _lasting(typed: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in typed.items() if name != "after"}


def _address(query: dict[str, str]) -> str:
    arguments: dict[str, Any] = dict(query)
    return url_for("ticket_list.index", **arguments)
