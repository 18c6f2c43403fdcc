// What a phone says of itself in a few words.

const STATES = { idle: "Idle", dialing: "Calling…", ringing: "Ringing", talking: "In a call", ended: "Call ended" };
const ROLES = { customer: "Customer", technician: "Technician", team_leader: "Team leader",
  support_manager: "Support manager", executive: "Executive", office: "Office" };
const PIN = /\bPIN\b\D{0,6}(\d[\d ]{2,14}\d)/i;
const PAGE = /\bpress 1 to accept\b/i;
const CALLED = new Set(["technician", "team_leader", "support_manager", "executive"]);

/** The PIN written on a phone's note, or null. */
export function pinOf(phone) {
  return PIN.exec(phone.note ?? "")?.[1].replaceAll(" ", "") ?? null;
}

/** "idle" or the state of the call. */
export function stateOf(phone) {
  return phone.call?.state ?? "idle";
}

/** Is `other` at the far end of the phone's call? In a room the far end is a list of names. */
export function hears(phone, other) {
  if (stateOf(phone) !== "talking") return false;
  return phone.call.with === other.number || `, ${phone.call.with_name}, `.includes(`, ${other.name}, `);
}

/** The line under the name: the role, unless the note says it already, and the note. */
export function describe(phone) {
  const role = ROLES[phone.role] ?? phone.role.replaceAll("_", " ");
  const note = phone.note ?? "";
  if (phone.role === "customer" || note.toLowerCase().startsWith(role.toLowerCase())) return note;
  return [role, note].filter(Boolean).join(" · ");
}

/** What the phone is doing. `person`: the far end is somebody, not the hotline's voice. */
export function stateWords(phone, person) {
  const state = stateOf(phone);
  return state === "talking" && person ? `With ${phone.call.with_name || phone.call.with}` : STATES[state] ?? state;
}

/** The last thing that happened on an idle phone, for one line. */
export function lastWords(phone) {
  const line = phone.transcript.at(-1);
  const text = phone.texts.at(-1);
  if (text && (!line || text.at >= line.at)) return `${text.direction === "in" ? "Text" : "Sent"}: ${text.body}`;
  return line ? line.text : "";
}

/**
 * How long a page waits for this phone at the most: {words, seconds} from the beginning of its state, or null. To let it
 * ring and to listen without a key are two limits, of which the second begins when the first has been kept.
 * `times` are the gateway's; `alone`: no other phone of the team rings, as all of them do once the rounds are over.
 */
export function patienceOf(phone, times, alone) {
  if (times === null || !CALLED.has(phone.role)) return null;
  const state = stateOf(phone);
  if (state === "ringing") return alone ? { words: "to answer", seconds: times.no_answer } : null;
  if (state !== "talking" || !times.listening) return null;
  const said = phone.transcript.findLast((line) => line.kind === "said" && line.call === phone.call.sid);
  return PAGE.test(said?.text ?? "") ? { words: "to accept", seconds: times.listening } : null;
}
