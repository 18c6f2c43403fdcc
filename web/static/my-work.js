// @ts-check
// Asks again every few seconds what rings and what is in hand, and puts it in. Without this script the page is as it was
// when it was loaded, and its buttons work all the same. What somebody is writing is never touched.

import { need, show } from "./dom.js";

const EVERY_MS = 5000;
const LIMIT_MS = 8000;

const lost = need(document, "[data-lost]");
let leaving = false;

document.addEventListener("submit", () => { leaving = true; });
addEventListener("pageshow", () => { leaving = false; });
document.addEventListener("visibilitychange", () => document.hidden || look());
loop();

async function loop() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    if (!document.hidden) await look();
  }
}

async function look() {
  if (leaving) return;
  try {
    const response = await fetch(location.pathname, { cache: "no-store", signal: AbortSignal.timeout(LIMIT_MS) });
    if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
    const news = new DOMParser().parseFromString(await response.text(), "text/html");
    if (leaving) return;
    // The session is over: the page for signing in says how to go on.
    if (response.redirected || news.querySelector("[data-live]") === null) location.reload();
    for (const part of document.querySelectorAll("[data-live]")) renew(part, news);
    show(lost, false);
  } catch (error) {
    console.info("No news:", error);
    show(lost, !leaving);
  }
}

/** @param {HTMLElement} part @param {Document} news */
function renew(part, news) {
  const fresh = news.querySelector(`[data-live="${part.dataset.live}"]`);
  if (fresh === null || part.querySelector("details[open]") || part.contains(document.activeElement)) return;
  if (part.innerHTML !== fresh.innerHTML) part.replaceChildren(...fresh.childNodes);
}
