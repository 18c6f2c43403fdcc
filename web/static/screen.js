// @ts-check
// A screen (a wall, a widget) looks again by itself, and says so when it gets no answer.

import { need, show } from "./dom.js";

const PATIENCE_MS = 4000;

const screen = need(document, "[data-screen]");
const everyMs = Number(screen.dataset.screen) * 1000;
const silentAfterMs = 2 * everyMs;
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
let heard = new Date();

look();

async function look() {
  try {
    const response = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE_MS), cache: "no-store" });
    if (response.status === 404) return location.reload(); // revoked: the page says that there is nothing here
    take(await response.text());
  } catch (error) {
    console.info("No news:", error);
  }
  watch();
  setTimeout(look, everyMs);
}

/** What the gateway shows now, also when that is trouble; a proxy's own page is no answer. @param {string} html */
function take(html) {
  const found = new DOMParser().parseFromString(html, "text/html");
  const fresh = found.querySelector("[data-screen]");
  if (fresh === null) return;
  heard = new Date();
  document.title = found.title;
  screen.replaceChildren(...fresh.childNodes);
}

function watch() {
  const behind = Date.now() - heard.getTime() > silentAfterMs;
  const silent = need(screen, "[data-silent]");
  const words = `No answer since ${clock.format(heard)}: Nightline, or the network of this screen, is away.`;
  need(silent, "[data-since]").textContent = behind ? words : "";
  show(silent, behind);
  screen.toggleAttribute("data-behind", behind);
}
