"""`/tickets/N`: where the link in a page's text leads.

While the simulator is the telephone network it opens the timeline. Elsewhere it tells what a technician can do by phone
and text, and nothing of the ticket: nobody has signed in.
"""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from web.access import open_to_all, runtime

blueprint = Blueprint("ticket_link", __name__)


@blueprint.get("/tickets/<int:number>")
@open_to_all
def ticket(number: int) -> ResponseReturnValue:
    """The same answer whether or not there is such a ticket."""
    settings = runtime().settings
    if settings.simulated:
        return redirect(url_for("timeline.page", ticket=number))
    return render_template("ticket_link.html", number=number)
