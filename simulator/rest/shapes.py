"""Resources as the REST API shows them, with every field of Twilio's specification."""

from typing import Any

from simulator.identity import API_VERSION, formatted, rfc2822
from simulator.network.calls import Call
from simulator.network.conferences import Conference, Participant
from simulator.network.exchange import Exchange
from simulator.network.queues import WaitQueue
from simulator.network.recordings import Recording
from simulator.network.texting import Message
from simulator.segments import segments

Shape = dict[str, Any]


class Shapes:
    """Writes resources of one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.config = exchange.config

    @property
    def root(self) -> str:
        return f"/{API_VERSION}/Accounts/{self.config.account_sid}"

    def call(self, call: Call) -> Shape:
        uri = f"{self.root}/Calls/{call.sid}"
        parts = ("notifications", "recordings", "payments", "events", "siprec", "streams", "transcriptions")
        ended = call.ended is not None
        return {
            "sid": call.sid,
            "account_sid": call.account,
            "date_created": rfc2822(call.created),
            "date_updated": rfc2822(call.updated),
            "parent_call_sid": call.parent.sid if call.parent else None,
            "to": call.called,
            "to_formatted": formatted(call.called),
            "from": call.caller,
            "from_formatted": formatted(call.caller),
            "phone_number_sid": self.config.number_sid if call.parent is None else None,
            "status": call.status,
            "start_time": rfc2822(call.started),
            "end_time": rfc2822(call.ended),
            "duration": str(call.seconds(self.exchange.pace.now())) if ended else None,
            "price": None,
            "price_unit": "USD",
            "direction": call.direction,
            "answered_by": call.answered_by,
            "api_version": API_VERSION,
            "forwarded_from": None,
            "group_sid": None,
            "caller_name": None,
            "queue_time": str(call.queue_ms),
            "trunk_sid": None,
            "uri": f"{uri}.json",
            "subresource_uris": {part: f"{uri}/{part.title()}.json" for part in parts},
        }

    def message(self, message: Message) -> Shape:
        uri = f"{self.root}/Messages/{message.sid}"
        return {
            "sid": message.sid,
            "account_sid": message.account,
            "messaging_service_sid": None,
            "api_version": API_VERSION,
            "body": message.body,
            "num_segments": str(segments(message.body)),
            "num_media": "0",
            "direction": message.direction,
            "from": message.sender,
            "to": message.to,
            "date_created": rfc2822(message.created),
            "date_updated": rfc2822(message.updated),
            "date_sent": rfc2822(message.sent),
            "status": message.status,
            "error_code": message.error_code,
            "error_message": message.error_message,
            "price": None,
            "price_unit": "USD",
            "uri": f"{uri}.json",
            "subresource_uris": {"media": f"{uri}/Media.json"},
        }

    def conference(self, conference: Conference) -> Shape:
        uri = f"{self.root}/Conferences/{conference.sid}"
        by = conference.ended_by
        return {
            "sid": conference.sid,
            "account_sid": self.config.account_sid,
            "api_version": API_VERSION,
            "friendly_name": conference.name,
            "region": "us1",
            "status": conference.status,
            "date_created": rfc2822(conference.created),
            "date_updated": rfc2822(conference.updated),
            "reason_conference_ended": conference.reason,
            "call_sid_ending_conference": by.call.sid if by else None,
            "uri": f"{uri}.json",
            "subresource_uris": {
                "participants": f"{uri}/Participants.json",
                "recordings": f"{uri}/Recordings.json",
            },
        }

    def participant(self, conference: Conference, one: Participant) -> Shape:
        return {
            "account_sid": self.config.account_sid,
            "call_sid": one.call.sid,
            "label": one.entrance.label or None,
            "call_sid_to_coach": None,
            "coaching": False,
            "conference_sid": conference.sid,
            "date_created": rfc2822(one.joined),
            "date_updated": rfc2822(one.updated),
            "end_conference_on_exit": one.entrance.end_on_exit,
            "muted": one.muted,
            "hold": one.hold,
            "start_conference_on_enter": one.entrance.start_on_enter,
            "status": "connected",
            "queue_time": str(one.call.queue_ms),
            "uri": f"{self.root}/Conferences/{conference.sid}/Participants/{one.call.sid}.json",
        }

    def queue(self, queue: WaitQueue) -> Shape:
        return {
            "sid": queue.sid,
            "account_sid": self.config.account_sid,
            "friendly_name": queue.name,
            "current_size": len(queue.waiting),
            "max_size": queue.max_size,
            "average_wait_time": queue.average_wait(self.exchange.pace.now()),
            "date_created": rfc2822(queue.created),
            "date_updated": rfc2822(queue.created),
            "uri": f"{self.root}/Queues/{queue.sid}.json",
        }

    def recording(self, recording: Recording) -> Shape:
        uri = f"{self.root}/Recordings/{recording.sid}"
        return {
            "sid": recording.sid,
            "account_sid": self.config.account_sid,
            "api_version": API_VERSION,
            "call_sid": recording.call,
            "conference_sid": recording.conference,
            "date_created": rfc2822(recording.started),
            "date_updated": rfc2822(recording.updated),
            "start_time": rfc2822(recording.started),
            "duration": str(recording.duration) if recording.status == "completed" else None,
            "price": None,
            "price_unit": "USD",
            "status": recording.status,
            "channels": 1,
            "source": recording.source,
            "error_code": None,
            "encryption_details": None,
            "uri": f"{uri}.json",
            "media_url": self.exchange.recordings.url(recording),
            "subresource_uris": {
                "add_on_results": f"{uri}/AddOnResults.json",
                "transcriptions": f"{uri}/Transcriptions.json",
            },
        }
