// @ts-check
// What a phone says of itself in a few words.

/** @type {Record<string, string>} */
const STATES = { idle: "Idle", dialing: "Calling…", ringing: "Ringing", talking: "In a call", ended: "Call ended" };
/** @type {Record<string, string>} */
const ROLES = { customer: "Customer", technician: "Technician", team_leader: "Team leader",
  support_manager: "Support manager", executive: "Executive", office: "Office" };
const PIN = /\bPIN\b\D{0,6}(\d[\d ]{2,14}\d)/i;
const PAGE = /\bpress 1 to accept\b/i;
const CALLED = new Set(["technician", "team_leader", "support_manager", "executive"]);

/**
 * The PIN written on a phone's note, or null.
 * @param {PhoneState} phone
 */
export function pinOf(phone) {
  return PIN.exec(phone.note ?? "")?.[1].replaceAll(" ", "") ?? null;
}

/**
 * "idle" or the state of the call.
 * @param {PhoneState} phone
 */
export function stateOf(phone) {
  return phone.call?.state ?? "idle";
}

/**
 * Is `other` at the far end of the phone's call? In a room the far end is a list of names.
 * @param {PhoneState} phone @param {PhoneState} other
 */
export function hears(phone, other) {
  if (phone.call?.state !== "talking") return false;
  return phone.call.with === other.number || `, ${phone.call.with_name}, `.includes(`, ${other.name}, `);
}

/**
 * The line under the name: the role, unless the note says it already, and the note.
 * @param {PhoneState} phone
 */
export function describe(phone) {
  const role = ROLES[phone.role] ?? phone.role.replaceAll("_", " ");
  const note = phone.note ?? "";
  if (phone.role === "customer" || note.toLowerCase().startsWith(role.toLowerCase())) return note;
  return [role, note].filter(Boolean).join(" · ");
}

/**
 * What the phone is doing. `person`: the far end is somebody, not the hotline's voice.
 * @param {PhoneState} phone @param {boolean} person
 */
export function stateWords(phone, person) {
  const state = stateOf(phone);
  return phone.call && state === "talking" && person ? `With ${phone.call.with_name || phone.call.with}` : STATES[state] ?? state;
}

/**
 * The last thing that happened on an idle phone, for one line.
 * @param {PhoneState} phone
 */
export function lastWords(phone) {
  const line = phone.transcript.at(-1);
  const text = phone.texts.at(-1);
  if (text && (!line || text.at >= line.at)) return `${text.direction === "in" ? "Text" : "Sent"}: ${text.body}`;
  return line ? line.text : "";
}

/**
 * When something last happened on a phone of the team; 0 for never.
 * @param {PhoneState[]} phones
 */
export function lastNews(phones) {
  const team = phones.filter((phone) => phone.role !== "customer");
  return Math.max(0, ...team.flatMap(({ transcript, texts }) => [transcript.at(-1)?.at ?? 0, texts.at(-1)?.at ?? 0]));
}

/**
 * How long a page waits for this phone at the most: {words, seconds} from the beginning of its state, or null. To let it
 * ring and to listen without a key are two limits, of which the second begins when the first has been kept.
 * `times` are the gateway's; `alone`: no other phone of the team rings, as all of them do once the rounds are over.
 * @param {PhoneState} phone @param {PagingTimes | null} times @param {boolean} alone
 */
export function patienceOf(phone, times, alone) {
  if (times === null || !CALLED.has(phone.role)) return null;
  const state = stateOf(phone);
  if (state === "ringing") return alone ? { words: "to answer", seconds: times.no_answer } : null;
  if (state !== "talking" || !times.listening) return null;
  const said = phone.transcript.findLast((line) => line.kind === "said" && line.call === phone.call?.sid);
  return PAGE.test(said?.text ?? "") ? { words: "to accept", seconds: times.listening } : null;
}
