// @ts-check
// How a ticket looks. The server has already put everything into words; here it finds its place.

import { h, icon, need, patchList, setData, setText, show } from "./dom.js";

/** @type {Record<string, string>} */
const STATES = { open: "Nobody has it yet", taken: "Taken", closed: "Closed" };
const MINUTE = 60;
const LONG_S = 100 * MINUTE;

/** @param {Parts} at @param {Timeline} data @param {string} chosen */
export function showChoice(at, data, chosen) {
  const items = [{ id: "", words: "Newest ticket" }, ...data.tickets.map((ticket) => (
    { id: ticket.number, words: `${ticket.number} · ${ticket.priority} · ${ticket.customer}` }))];
  patchList(at.choice, items, (item) => Object.assign(document.createElement("option"), { value: String(item.id) }),
    (el, item) => setText(el, item.words));
  if (document.activeElement !== at.choice) /** @type {HTMLSelectElement} */ (at.choice).value = chosen;
}

/**
 * Refusals newer than the ticket stand above it: they are what has just happened.
 * @param {Parts} at @param {Timeline} facts
 */
export function showRefusals(at, { refusals }) {
  show(at.turnedAway, refusals.length > 0);
  setData(at.turnedAway, "latest", refusals.some((each) => each.latest));
  patchList(at.refusals, refusals, () => h("li", "", icon("refused"), h("span", "words"), h("time")), (el, refusal) => {
    setText(need(el, ".words"), `${refusal.who}: ${lower(refusal.words)}`);
    setText(need(el, "time"), refusal.at);
    setData(el, "latest", refusal.latest);
  });
}

/** @param {Parts} at @param {Ticket} ticket */
export function showTicket(at, ticket) {
  document.title = `Ticket ${ticket.number} · ${ticket.customer} · Nightline`;
  setText(at.priority, ticket.priority);
  setData(at.priority, "level", ticket.priority);
  setText(at.number, String(ticket.number));
  setText(at.customer, `${ticket.customer} · ${ticket.meaning}`);
  setText(at.state, ticket.holder && ticket.state !== "closed" ? `${ticket.holder.split(" ")[0]} has it` : STATES[ticket.state]);
  setData(at.state, "state", ticket.state);
  setText(at.responseWords, ticket.response.words);
  setData(at.head, "response", ticket.response.state);
  showWay(at, ticket);
  showPage(at, ticket);
  showWork(at, ticket.work);
  showRecordings(at, ticket.recordings);
  showLines(at.lines, ticket);
}

/**
 * Nothing is taken here: the way to where it is leads past signing in, which who has signed in does not see.
 * @param {Parts} at @param {Ticket} facts
 */
function showWay(at, { number, state, holder }) {
  const address = `/sign-in?next=/tickets/${number}`;
  if (at.toTicket.getAttribute("href") !== address) at.toTicket.setAttribute("href", address);
  setText(at.toTicket, state === "closed" || holder ? "Open the ticket, after signing in" : "Sign in to take it in a browser");
}

/** @param {Parts} at @param {Ticket} facts */
function showPage(at, { page, waits, talks }) {
  show(at.page, page !== null);
  show(at.caller, waits || talks);
  setText(at.caller, talks ? "Caller and technician are talking." : "The caller is on the line.");
  setData(at.caller, "talks", talks);
  if (page === null) return;
  setText(at.pageTitle, page.round > 1 ? `${page.title} · round ${page.round}` : page.title);
  setText(at.pageWords, page.words);
  setData(at.page, "state", page.state);
  patchList(at.attempts, page.attempts, makeAttempt, (el, attempt) => {
    setText(need(el, ".outcome"), attempt.words);
    setData(el, "outcome", attempt.open ? "open" : attempt.outcome);
  });
}

/** @param {PageAttempt} facts */
function makeAttempt({ person, person_id: personId, rank }) {
  const avatar = h("span", "avatar", initials(person));
  avatar.style.setProperty("--hue", String((personId * 67 + 148) % 360));
  avatar.setAttribute("aria-hidden", "true");
  return h("li", "", avatar, h("span", "who", h("b", "", person), h("small", "", rank)), h("span", "outcome"));
}

/** @param {Parts} at @param {Work[]} work */
function showWork(at, work) {
  show(at.workSection, work.length > 0);
  patchList(at.work, work, makeWork, (el, item) => {
    const moment = item.kind === "note";
    setText(need(el, ".span"), moment ? item.start : `${item.start} – ${item.end ?? "now"}`);
    setData(el, "going", item.end === null);
    if (item.end !== null) setText(need(el, ".length"), moment ? "" : item.length);
    setText(need(el, ".remark"), item.note);
  });
}

/** @param {Work} facts */
function makeWork({ person, kind, channel }) {
  const what = kind === "note" ? `note by ${channel}` : channel === "phone" ? kind : `${kind} by ${channel}`;
  return h("li", "", icon(kind === "note" ? "pencil" : "wrench"),
    h("span", "who", h("b", "", person), h("small", "", what)),
    h("span", "when", h("b", "length"), h("small", "span")), h("p", "remark"));
}

/** @param {Parts} at @param {Recording[]} recordings */
function showRecordings(at, recordings) {
  show(at.recordingsSection, recordings.length > 0);
  patchList(at.recordings, recordings, (item) => h("li", "", icon("mic"),
    h("span", "who", h("b", "", item.kind), h("small", "", item.person ? `${item.person}, ${item.at}` : item.at)),
    h("span", "when", h("b", "length"))), (el, item) => setText(need(el, ".length"), item.length));
}

/**
 * Screen readers are told of new lines, not of a whole ticket that was switched to.
 * @param {HTMLElement} list @param {Ticket} facts
 */
function showLines(list, { number, lines }) {
  const switched = list.dataset.ticket !== String(number);
  setData(list, "ticket", number);
  const log = list.parentElement;
  if (log && log.ariaBusy !== String(switched)) log.ariaBusy = String(switched);
  /** @type {string | null} */
  let day = null;
  const items = lines.flatMap((line) => {
    const first = line.day !== day;
    day = line.day;
    return first ? [{ id: `day ${line.day}`, words: line.day }, line] : [line];
  });
  patchList(list, items, (item) => ("kind" in item ? makeLine(item, !switched) : h("li", "day", item.words)), () => {});
}

/** @param {Line} facts @param {boolean} arriving */
function makeLine({ at, icon: picture, tone, words }, arriving) {
  const line = h("li", arriving ? "line arriving" : "line", icon(picture), h("span", "words", words), h("time", "", at));
  line.dataset.tone = tone;
  return line;
}

/**
 * Everything that runs on between two answers. `now` in milliseconds of the gateway's time.
 * @param {Parts} at @param {Timeline} data @param {number} now
 */
export function tick(at, data, now) {
  const local = new Date(now + data.offset * 1000);
  const [, weekday, date, time] = /^(\w+), 0?(\d+ \w+ \d+) (\S+)/.exec(local.toUTCString()) ?? [];
  setText(at.clock, `${weekday} ${date}, ${time}`);
  if (data.ticket === null) return;
  tickResponse(at, data.ticket.response, now);
  for (const item of data.ticket.work) {
    if (item.end !== null) continue;
    const el = at.work.querySelector(`[data-key="${item.id}"] .length`);
    if (el) setText(el, clock((now - item.started) / 1000));
  }
}

/** @param {Parts} at @param {Promised} response @param {number} now */
function tickResponse(at, response, now) {
  const running = response.state === "running";
  show(at.left, running);
  show(at.gauge, running);
  if (!running) return;
  const left = Math.ceil((response.due - now) / 1000);
  setText(at.left, left < 0 ? `−${clock(-left)}` : clock(left));
  setText(at.responseWords, left < 0 ? "overdue" : response.words);
  const share = (response.due - now) / (response.due - response.opened);
  setData(at.head, "urgency", left < 0 ? "late" : share < 0.25 ? "soon" : "calm");
  at.gauge.style.setProperty("--left", Math.max(0, Math.min(1, share)).toFixed(4));
}

/**
 * Seconds as mm:ss; what is longer than any promise around the clock, in hours and minutes.
 * @param {number} seconds
 */
function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole > 2 * LONG_S) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / MINUTE)} min`;
  return `${String(Math.floor(whole / MINUTE)).padStart(2, "0")}:${String(whole % MINUTE).padStart(2, "0")}`;
}

/** @param {string} name */
function initials(name) {
  return name.split(/\s+/).slice(0, 2).map((word) => word[0]).join("").toUpperCase();
}

/** @param {string} sentence */
function lower(sentence) {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
}
