// @ts-check
// While a test of one's own phone goes on, its page looks again every two seconds.

import { need } from "./dom.js";

const EVERY_MS = 2000;
const tests = need(document, "[data-tests]");

if (tests.hasAttribute("data-going")) setTimeout(look, EVERY_MS);

async function look() {
  try {
    const response = await fetch(location.pathname, { cache: "no-store" });
    if (!response.ok || response.redirected) return location.reload();
    const news = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-tests]");
    if (news === null) return location.reload();
    if (news.innerHTML !== tests.innerHTML) tests.replaceChildren(...news.childNodes);
    if (!news.hasAttribute("data-going")) return;
  } catch (error) {
    console.info("No news:", error);
  }
  setTimeout(look, EVERY_MS);
}
