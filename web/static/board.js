// @ts-check
// Keeps the board up to date by the gateway's event stream, counts its clocks, and says so when it has fallen behind.
// Without this script the page is as it was when it was loaded.

import { need, show } from "./dom.js";

// The gateway gives a sign of life every second.
const BEHIND_AFTER_MS = 2500;
const AGAIN_MS = 5000;
const MINUTE_MS = 60_000;

const board = need(document, "[data-board]");
const stale = need(document, "[data-stale]");
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: board.dataset.zone });
let has = board.dataset.board ?? "";
// What the gateway's clock, which may be a pretended one, is ahead of the browser's.
let ahead = Number(board.dataset.now) - Date.now();
let heard = Date.now();

listen();
count();
setInterval(count, 1000);
setInterval(watch, 500);

function listen() {
  const source = new EventSource(`/board/events?has=${encodeURIComponent(has)}`);
  source.addEventListener("board", (event) => take(JSON.parse(event.data), event.lastEventId));
  source.addEventListener("beat", (event) => alive(JSON.parse(event.data).now));
  // A lost connection is taken up again by the browser itself; one that was refused is not.
  source.addEventListener("error", () => source.readyState === EventSource.CLOSED && void ask());
}

/** No stream is to be had: the state is asked for instead, and a stream again later. */
async function ask() {
  try {
    const response = await fetch("/board/state", { headers: { Accept: "application/json" } });
    if (response.status === 401) return location.reload(); // the session is over: the page says how to go on
    if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
    const state = await response.json();
    take(state.parts, state.id);
    alive(undefined);
  } catch (error) {
    console.info("No news:", error);
  }
  setTimeout(listen, AGAIN_MS);
}

/** @param {number | undefined} now of the gateway's clock, where it was told */
function alive(now) {
  heard = Date.now();
  if (now !== undefined) ahead = now - heard;
  watch();
}

/** Says since when the board is behind, once it is. */
function watch() {
  const behind = Date.now() - heard > BEHIND_AFTER_MS;
  if (behind) {
    stale.textContent = `Not up to date since ${clock.format(heard + ahead)}: the gateway does not answer. Trying again…`;
  }
  show(stale, behind);
  board.toggleAttribute("data-behind", behind);
}

/** @param {Record<string, string>} parts @param {string} id */
function take(parts, id) {
  has = id;
  for (const [name, html] of Object.entries(parts)) renew(need(board, `[data-part="${name}"]`), html);
  count();
}

/** The keyboard stays on the link it was on, if that is still there. @param {HTMLElement} part @param {string} html */
function renew(part, html) {
  const active = document.activeElement;
  const link = active !== null && part.contains(active) ? active.getAttribute("href") : null;
  part.replaceChildren(...new DOMParser().parseFromString(html, "text/html").body.childNodes);
  if (link === null) return;
  /** @type {HTMLElement | null} */
  const same = part.querySelector(`a[href="${CSS.escape(link)}"]`);
  same?.focus();
}

/** Clocks run by the gateway's time: how long a call goes on, and what is left of a promise. */
function count() {
  const now = Date.now() + ahead;
  for (const place of board.querySelectorAll("[data-since]")) {
    if (place instanceof HTMLElement) place.textContent = `, ${lasting(now - Number(place.dataset.since))}`;
  }
  for (const place of board.querySelectorAll("[data-due]")) {
    if (place instanceof HTMLElement) countDown(place, now);
  }
}

/** @param {HTMLElement} place @param {number} now */
function countDown(place, now) {
  const due = Number(place.dataset.due);
  const left = due - now;
  need(place, "[data-left]").textContent = left < 0 ? `${minutes(-left)} overdue` : `${minutes(left)} left`;
  place.dataset.urgency = left < 0 ? "late" : left * 4 < due - Number(place.dataset.opened) ? "soon" : "calm";
}

/** @param {number} ms @returns {string} */
function minutes(ms) {
  const whole = Math.floor(ms / MINUTE_MS);
  if (whole < 1) return "less than a minute";
  return whole < 120 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`;
}

/** @param {number} ms @returns {string} */
function lasting(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
