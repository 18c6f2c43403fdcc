// @ts-check
// The next step of the guide: always something to press, or a reason to wait.

import { pinOf, stateOf } from "./describe.js";
import { shortName } from "./dom.js";

const HELLO = "Good evening. All our phones have been down since midnight.";
const PROBLEM = "All our phones are down.";
const NOTE = "Restarted the call server, the phones work again.";
// Between two phones that ring there is a moment in which nothing happens.
const QUIET_S = 6;
const LOST_S = 20;
// What a technician is best offered, the first one first.
const WISHES = [/\baccept\b/, /\btalk\b/, /\bclose\b/, /\bcall\b.*\b(back|customer|registered)|\bcustomer\b/, /\bhear (it|them)\b/, /\btry again\b/, /\bgo back\b/];

/** @type {(words: string, phone: PhoneState, verb: string, body?: PhoneBody) => Step} */
const step = (words, phone, verb, body = {}) => ({ words, phone, verb, body });
const wait = (/** @type {string} */ words) => ({ words, wait: true });
/** @type {(phone: PhoneState, offer: Offer) => Step} */
const keyStep = (phone, offer) => step(`Press ${[...offer.keys].join(" ")}`, phone, "press", { digits: offer.keys });

/**
 * `{words, phone, verb, body}`, or `{words, wait: true}` while something comes by itself. `together`: the customer talks
 * with somebody; `quiet`: seconds for which nothing has happened; `age`: how long ago this was told, in seconds.
 * @param {PhoneState} customer @param {PhoneState[]} phones @param {Story} story @param {Around} facts
 */
export function nextStep(customer, phones, story, { together, peers, quiet, age }) {
  const team = phones.filter((phone) => phone.role !== "customer");
  if (together) return inTalk(customer);
  if (stateOf(customer) === "ringing") return step(`Answer as ${shortName(customer.name)}`, customer, "answer");
  const ringing = team.find((phone) => stateOf(phone) === "ringing");
  if (ringing) return step(`Answer as ${shortName(ringing.name)}`, ringing, "answer");
  const talking = team.find((phone) => stateOf(phone) === "talking" && !peers.includes(phone));
  if (talking) return onTheHotline(talking, age) ?? wait("Listen…");
  if (stateOf(customer) === "talking") return asCustomer(customer, age) ?? meanwhile(customer, story, quiet) ?? wait("Listen…");
  if (stateOf(customer) === "dialing") return wait("It rings…");
  if (story.closed) return null;
  if (story.ticket === null) return step("Call", customer, "dial");
  return meanwhile(customer, story, quiet) ?? wait("A phone will ring…");
}

/**
 * Said since the hotline said or played its last word.
 * @param {PhoneState} phone
 */
function spoke(phone) {
  const last = phone.transcript.findLast((line) => line.kind === "said" || line.kind === "played");
  return phone.transcript.some((line) => line.kind === "spoke" && line.call === phone.call?.sid && line.at >= (last?.at ?? 0));
}

/** @param {PhoneState} customer */
function inTalk(customer) {
  return spoke(customer) ? step("Hang up", customer, "hangup") : step("Say hello", customer, "speak", { text: HELLO });
}

/**
 * What is still being said when the hash comes is lost.
 * @param {PhoneState} phone @param {string} words @param {string} text @param {number} age
 */
function recording(phone, words, text, age) {
  if (!spoke(phone)) return step(words, phone, "speak", { text });
  return (phone.call?.speaks_for ?? 0) > age ? wait("Speaking…") : step("Press #", phone, "press", { digits: "#" });
}

/** @param {PhoneState} phone */
function callOf(phone) {
  return { asks: phone.call?.asks ?? null, recording: phone.call?.recording ?? false };
}

/** @param {PhoneState} phone @param {number} age */
function onTheHotline(phone, age) {
  const { asks, recording: recorded } = callOf(phone);
  if (recorded) return recording(phone, "Say what was done", NOTE, age);
  if (asks?.pin) return step("Type the PIN", phone, "press", { digits: `${pinOf(phone)}#` });
  const offered = (asks?.keys ?? []).filter(({ words }) => words);
  const wished = WISHES.map((wish) => offered.find(({ words }) => wish.test(words))).find(Boolean);
  if (wished) {
    const close = /\bclose\b/.test(wished.words);
    return { ...keyStep(phone, wished), words: close ? `Press ${wished.keys}: close` : `Press ${wished.keys}` };
  }
  if (offered.length === 0) return null;
  return /\bthis well\b/.test(offered[0].words) ? keyStep(phone, offered[0]) : step("Hang up", phone, "hangup");
}

/** @param {PhoneState} customer @param {number} age */
function asCustomer(customer, age) {
  const { asks, recording: recorded } = callOf(customer);
  if (recorded) return recording(customer, "Say what is wrong", PROBLEM, age);
  if (asks?.pin) return step("Type it", customer, "press", { digits: `${pinOf(customer)}#` });
  const offered = (asks?.keys ?? []).filter(({ words }) => words);
  if (offered.length === 0 || /\binstead of waiting\b/.test(offered[0].words)) return null;
  // Whoever has talked is done; the way back is for those who were cut off.
  if (/\bcut off\b|\bonce more\b/.test(offered[0].words)) return step("Hang up", customer, "hangup");
  return keyStep(customer, offered[0]);
}

/**
 * Nobody is on the phone but, perhaps, the customer who waits: texts go on where calls do not.
 * @param {PhoneState} customer @param {Story} facts @param {number} quiet
 */
function meanwhile(customer, { ticket, taken, code }, quiet) {
  if (ticket === null) return null;
  const waits = stateOf(customer) === "talking";
  if (code === null) return quiet < LOST_S || waits ? null : step("Call", customer, "dial");
  const as = shortName(code.phone.name);
  if (!taken) return quiet < QUIET_S ? null : step(`Text ACK as ${as}`, code.phone, "text", { body: `ACK ${code.code}` });
  if (waits) return quiet < LOST_S ? null : step("Hang up", customer, "hangup");
  return step("Close with a note", code.phone, "text", { body: `DONE ${code.code} ${NOTE}` });
}
