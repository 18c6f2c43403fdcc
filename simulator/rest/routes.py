"""Which address leads to which operation."""

from aiohttp import web

from simulator.identity import API_VERSION
from simulator.rest import account, calls, conferences, messages, recordings


def add_routes(app: web.Application) -> None:
    root = f"/{API_VERSION}/Accounts"
    base = f"{root}/{{account}}"
    room = f"{base}/Conferences/{{conference}}"
    person = f"{room}/Participants/{{participant}}.json"
    get, post, delete = web.get, web.post, web.delete
    app.add_routes(
        [
            get(f"{root}/{{account}}.json", account.fetch_account),
            get(f"{base}/IncomingPhoneNumbers.json", account.list_numbers),
            get(f"{base}/IncomingPhoneNumbers/{{sid}}.json", account.fetch_number),
            post(f"{base}/IncomingPhoneNumbers/{{sid}}.json", account.update_number),
            post(f"{base}/Calls.json", calls.create_call),
            get(f"{base}/Calls.json", calls.list_calls),
            get(f"{base}/Calls/{{sid}}.json", calls.fetch_call),
            post(f"{base}/Calls/{{sid}}.json", calls.update_call),
            delete(f"{base}/Calls/{{sid}}.json", calls.delete_call),
            get(f"{base}/Calls/{{call}}/Recordings.json", recordings.list_recordings),
            post(f"{base}/Messages.json", messages.create_message),
            get(f"{base}/Messages.json", messages.list_messages),
            get(f"{base}/Messages/{{sid}}.json", messages.fetch_message),
            get(f"{base}/Conferences.json", conferences.list_conferences),
            get(f"{room}.json", conferences.fetch_conference),
            post(f"{room}.json", conferences.update_conference),
            get(f"{room}/Participants.json", conferences.list_participants),
            post(f"{room}/Participants.json", conferences.create_participant),
            get(person, conferences.fetch_participant),
            post(person, conferences.update_participant),
            delete(person, conferences.delete_participant),
            get(f"{base}/Recordings.json", recordings.list_recordings),
            get(f"{base}/Recordings/{{sid}}.json", recordings.fetch_recording),
            delete(f"{base}/Recordings/{{sid}}.json", recordings.delete_recording),
            get(f"{base}/Recordings/{{sid}}.wav", recordings.fetch_sound),
            get(f"{base}/Recordings/{{sid}}", recordings.fetch_sound),
            get(f"{base}/Queues.json", recordings.list_queues),
            get(f"{base}/Queues/{{sid}}.json", recordings.fetch_queue),
        ]
    )
