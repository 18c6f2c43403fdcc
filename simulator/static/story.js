// @ts-check
// Where the first call of a newcomer stands, read from what the phones show: it survives a reload, and every way in which
// a call can end. Steps: 1 called, 2 PIN, 3 ticket, 4 a technician has it, 5 talked, 6 closed.

import { pinOf, stateOf } from "./describe.js";

export const LAST = 6;

const TICKET = /\bticket number is ([\d, ]+)/i;
const PAGED = /\bP[1-4] ticket (\d+)\b/;
const CLOSED = /\bticket ([\d, ]+?) is closed\b/i;
const YOURS = /\b(?:it|all \d+|ticket [\d, ]+?) (?:is|are) yours\b/i;
const CODE = /\bACK\s+([A-Z0-9]{3,10})\b/;
const BUSY = new Set(["dialing", "ringing", "talking"]);

const digits = (/** @type {string} */ words) => words.replace(/\D/g, "");
/** @type {<Item extends { at: number }>(found: Item[]) => Item | null} */
const latest = (found) => found.reduce((/** @type {(typeof found)[0] | null} */ best, each) => (
  best === null || each.at >= best.at ? each : best), null);

/**
 * Everything that a phone was told, by voice and by text: {at, words, phone}.
 * @param {PhoneState} phone
 */
function told(phone) {
  const said = phone.transcript.filter((line) => line.kind === "said").map((line) => ({ at: line.at, words: line.text, phone }));
  return [...said, ...phone.texts.filter((text) => text.direction === "in").map((text) => ({ at: text.at, words: text.body, phone }))];
}

/**
 * The newest ticket that the customer was told of, or that somebody was paged for: {at, number}, or null.
 * @param {PhoneState} customer @param {Told[]} news
 */
function opened(customer, news) {
  /** @type {(list: Told[], pattern: RegExp) => { at: number, number: string }[]} */
  const find = (list, pattern) => list.flatMap(({ at, words }) => {
    const match = pattern.exec(words);
    return match && digits(match[1]) ? [{ at, number: digits(match[1]) }] : [];
  });
  return latest([...find(told(customer), TICKET), ...find(news, PAGED)]);
}

/**
 * Every key pressed in this call.
 * @param {PhoneState} phone
 */
function pressedIn(phone) {
  return phone.transcript.filter((line) => line.kind === "pressed" && line.call === phone.call?.sid).map((line) => line.text).join("");
}

/**
 * What has happened: {done, at, ticket, taken, closed, code}. `at`: when the ticket was opened. `code` is {code, phone}: the reply code of the ticket's newest
 * text. `together`: the customer talks with somebody at this moment.
 * @param {PhoneState} customer @param {PhoneState[]} phones @param {boolean} together
 */
export function storyOf(customer, phones, together) {
  const team = phones.filter((phone) => phone.role !== "customer");
  const news = team.flatMap(told);
  const ticket = opened(customer, news);
  const after = news.filter(({ at }) => ticket !== null && at >= ticket.at);
  const closing = after.filter(({ words }) => digits(CLOSED.exec(words)?.[1] ?? "") === ticket?.number).sort((one, other) => one.at - other.at)[0] ?? null;
  const begun = customer.transcript.find((line) => line.call === customer.call?.sid)?.at ?? 0;
  const anew = closing !== null && BUSY.has(stateOf(customer)) && begun > closing.at;
  if (ticket === null || anew) return { done: early(customer), at: 0, ticket: null, taken: false, closed: false, code: null };
  const talked = [...team, customer].some((phone) => phone.transcript.some((line) => line.kind === "heard" && line.at >= ticket.at));
  const taken = talked || together || after.some(({ words }) => YOURS.test(words));
  const done = closing !== null ? LAST : talked && !together ? 5 : taken ? 4 : 3;
  return { done, at: ticket.at, ticket: ticket.number, taken, closed: closing !== null, code: codeOf(news.filter(({ words }) => PAGED.exec(words)?.[1] === ticket?.number)) };
}

/** @param {PhoneState} customer */
function early(customer) {
  if (!BUSY.has(stateOf(customer))) return 0;
  return pressedIn(customer).includes(pinOf(customer) ?? "none") ? 2 : 1;
}

/** @param {Told[]} texts */
function codeOf(texts) {
  const newest = latest(texts.filter(({ words }) => CODE.test(words)));
  const code = newest && CODE.exec(newest.words)?.[1];
  return newest && code ? { code, phone: newest.phone } : null;
}
