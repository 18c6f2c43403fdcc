// @ts-check
// A screen on the wall looks again every few seconds, and says so in large letters when it gets no answer.

import { need, show } from "./dom.js";

const EVERY_MS = 5000;
const PATIENCE_MS = 4000;
const SILENT_AFTER_MS = 10_000;

const wall = need(document, "[data-wall]");
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
  setTimeout(look, EVERY_MS);
}

/** What the gateway shows now, also when that is trouble; a proxy's own page is no answer. @param {string} html */
function take(html) {
  const found = new DOMParser().parseFromString(html, "text/html");
  const fresh = found.querySelector("[data-wall]");
  if (fresh === null) return;
  heard = new Date();
  document.title = found.title;
  wall.replaceChildren(...fresh.childNodes);
}

function watch() {
  const behind = Date.now() - heard.getTime() > SILENT_AFTER_MS;
  const silent = need(wall, "[data-silent]");
  const words = `No answer since ${clock.format(heard)}: Nightline, or the network of this screen, is away.`;
  need(silent, "[data-since]").textContent = behind ? words : "";
  show(silent, behind);
  wall.toggleAttribute("data-behind", behind);
}
