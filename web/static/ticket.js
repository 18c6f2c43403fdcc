// @ts-check
// Keeps a ticket's page up to date: asks for it again every few seconds, and puts in what has changed. Without this
// script the page is as it was when it was loaded, and its buttons work all the same.

import { need, show } from "./dom.js";

const EVERY_MS = 3000;
const LIMIT_MS = 8000;
// A form that was sent has led to another page by then, or was stopped.
const GONE_MS = 15000;

const lost = need(document, "[data-lost]");
let leaving = false;

document.addEventListener("submit", () => {
  leaving = true;
  setTimeout(() => { leaving = false; }, GONE_MS);
});
document.addEventListener("visibilitychange", () => document.hidden || look());
addEventListener("pageshow", () => { leaving = false; });
loop();

async function loop() {
  while (!isClosed()) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    if (!document.hidden) await look();
  }
}

/** Nothing happens any more then, and a page that is left open does not keep the session going. */
function isClosed() {
  return document.querySelector('.state[data-state="closed"]') !== null;
}

async function look() {
  if (leaving || isClosed()) return;
  try {
    const response = await fetch(`${location.pathname}?again`, { cache: "no-store", signal: AbortSignal.timeout(LIMIT_MS) });
    if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
    const news = new DOMParser().parseFromString(await response.text(), "text/html");
    if (leaving) return;
    // The session is over: the page says itself how to go on.
    if (response.redirected || news.querySelector("[data-live]") === null) location.reload();
    else takeOver(news);
    show(lost, false);
  } catch (error) {
    console.info("No news:", error);
    show(lost, !leaving);
  }
}

/** @param {Document} news */
function takeOver(news) {
  keepForms(news);
  document.querySelectorAll("[data-live]").forEach((part) => renew(part, news));
  addLines(need(document, "[data-lines] ol"), news.querySelectorAll("[data-lines] li"));
}

/**
 * Whoever has signed in anew meanwhile, in another window, has another token: the old one is refused.
 * @param {Document} news
 */
function keepForms(news) {
  /** @type {HTMLMetaElement | null} */
  const meta = news.querySelector('meta[name="csrf-token"]');
  const token = meta?.content;
  if (token === undefined) return;
  for (const page of [document, news]) {
    for (const field of page.querySelectorAll('input[name="csrf_token"]')) field.setAttribute("value", token);
  }
}

/**
 * Only what is new is put in, in its place: a screen reader reads out just that.
 * @param {HTMLElement} list @param {Iterable<HTMLElement>} lines
 */
function addLines(list, lines) {
  /** @type {HTMLElement | null} */
  let before = null;
  for (const line of lines) {
    let here = list.querySelector(`[data-key="${CSS.escape(line.dataset.key ?? "")}"]`);
    if (here === null) {
      here = line;
      if (before === null) list.prepend(here);
      else before.after(here);
    }
    before = here;
  }
}

/**
 * Whether somebody types there: what is half written stays, and so does what its page had seen.
 * @param {HTMLElement} part
 */
function isBeingFilledIn(part) {
  const typed = part.querySelectorAll("textarea, select, input:not([type=hidden])");
  return part.querySelector("details[open] form") !== null
    || [...typed].some((field) => field === document.activeElement);
}

/**
 * Nothing is touched that did not change; what was open stays open, and the keyboard stays where it was.
 * @param {HTMLElement} part @param {Document} news
 */
function renew(part, news) {
  const fresh = news.querySelector(`[data-live="${part.dataset.live}"]`);
  if (fresh === null) return;
  if (part.querySelector("details")?.hasAttribute("open")) fresh.querySelector("details")?.setAttribute("open", "");
  if (part.innerHTML === fresh.innerHTML || isBeingFilledIn(part) || isPlaying(part)) return;
  const active = document.activeElement;
  const focused = active && part.contains(active) ? active.id : null;
  part.replaceChildren(...fresh.childNodes);
  if (focused !== null) (document.getElementById(focused) ?? need(document, "#title")).focus();
}

/** Whoever listens to a recording goes on listening. @param {HTMLElement} part */
function isPlaying(part) {
  /** @type {NodeListOf<HTMLAudioElement>} */
  const sounds = part.querySelectorAll("audio");
  return [...sounds].some((each) => !each.paused);
}
