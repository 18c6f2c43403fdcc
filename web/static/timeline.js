// @ts-check
// The ticket's timeline: asks once a second, and lets the clocks run on by themselves in between.

import { parts, setText, show } from "./dom.js";
import { showChoice, showRefusals, showTicket, tick } from "./timeline-view.js";

const EVERY_MS = 1000;
const LIMIT_MS = 8000;
const NEAR_END_PX = 80;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

const at = parts(document);
/** @type {{ chosen: string, data: Timeline | null, readAt: number, asked: number }} */
const state = { chosen: new URLSearchParams(location.search).get("ticket") ?? "", data: null, readAt: 0, asked: 0 };

document.documentElement.dataset.framed = String(window.parent !== window);
at.choice.addEventListener("change", () => choose(/** @type {HTMLSelectElement} */ (at.choice).value));
document.addEventListener("visibilitychange", () => document.hidden || ask());
setInterval(() => state.data && tick(at, state.data, now(state.data)), 200);
loop();

async function loop() {
  for (;;) {
    if (!document.hidden) await ask();
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

/**
 * The gateway's time, in milliseconds since 1970.
 * @param {Timeline} data
 */
function now(data) {
  return data.now + (performance.now() - state.readAt);
}

/** @param {string} number */
function choose(number) {
  state.chosen = number;
  const address = new URL(location.href);
  if (number) address.searchParams.set("ticket", number);
  else address.searchParams.delete("ticket");
  history.replaceState(null, "", address);
  ask();
}

/** Fetch and show. Of two questions under way only the later one's answer counts. */
async function ask() {
  const turn = ++state.asked;
  const address = new URL("timeline.json", location.href);
  if (state.chosen) address.searchParams.set("ticket", state.chosen);
  try {
    const response = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(LIMIT_MS) });
    if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
    const data = await response.json();
    if (turn === state.asked) accept(data);
  } catch (error) {
    console.info("No news:", error);
    if (turn === state.asked) show(at.lost, true);
  }
}

/** @param {Timeline} data */
function accept(data) {
  const page = document.scrollingElement ?? document.documentElement;
  const atEnd = page.scrollHeight - page.scrollTop - page.clientHeight < NEAR_END_PX;
  const heightBefore = page.scrollHeight;
  const sameTicket = state.data?.ticket?.number === data.ticket?.number;
  // One that is opened while somebody looks on is followed from its beginning, however much of it came at once.
  const opened = !sameTicket && state.data !== null && !state.chosen;
  state.data = data;
  state.readAt = performance.now();
  show(at.lost, false);
  showChoice(at, data, state.chosen);
  showRefusals(at, data);
  show(at.empty, data.ticket === null);
  show(at.ticket, data.ticket !== null);
  if (data.ticket !== null) showTicket(at, data.ticket);
  else setText(at.emptyWords, emptyWords());
  tick(at, data, now(data));
  const grew = sameTicket && page.scrollHeight > heightBefore;
  if (opened || (grew && atEnd)) page.scrollTo({ top: page.scrollHeight, behavior: STILL.matches ? "instant" : "smooth" });
}

function emptyWords() {
  if (state.chosen) return `There is no ticket ${state.chosen}. Choose another one above.`;
  return "All quiet. The first ticket shows up here as soon as a customer has called the hotline.";
}
