"""The least that Flask can do with a webhook: read the form, answer a document. What the gateway is compared with."""

from flask import Flask, Response, request

# As long as a usual answer of the hotline.
DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8"?><Response><Gather action="https://hotline.example.org/ivr/call/1042/level'
    '?turn=2" finishOnKey="#" input="dtmf" method="POST" timeout="6"><Say language="en-GB">'
    + "Please type your PIN, then press hash. "
    * 8
    + '</Say></Gather><Redirect method="POST">https://hotline.example.org/ivr/call/1042/pin?silent=1&amp;turn=2'
    "</Redirect></Response>"
)


def create_app() -> Flask:
    """One route for every address."""
    app = Flask("bare", static_folder=None)

    @app.route("/", methods=["GET", "POST"])
    @app.route("/<path:_any>", methods=["GET", "POST"])
    def webhook(_any: str = "") -> Response:
        request.form.to_dict()
        return Response(DOCUMENT, mimetype="text/xml")

    return app
