// @ts-check
// The page of calendar links: copying the new one, and closing the question before a link is revoked.

import { need } from "./dom.js";

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(need(document, `#${button.dataset.copy}`)));
}

/** @type {NodeListOf<HTMLDetailsElement>} */
const questions = document.querySelectorAll("details.confirm");
for (const question of questions) {
  const opener = need(question, "summary");
  const close = () => {
    question.open = false;
    opener.focus();
  };
  question.addEventListener("toggle", () => question.open && closeOthers(question));
  question.addEventListener("keydown", (event) => event.key === "Escape" && question.open && close());
  const keep = need(question, "[data-keep]");
  keep.hidden = false;
  keep.addEventListener("click", close);
}

/** @param {HTMLElement} address */
async function copy(address) {
  const told = need(document, "[data-copied]");
  try {
    await navigator.clipboard.writeText(address.textContent.trim());
    told.textContent = "Copied.";
  } catch {
    // No leave, or no https: what is selected can be copied by hand.
    getSelection()?.selectAllChildren(address);
    told.textContent = document.execCommand("copy") ? "Copied." : "The link is selected: copy it with Ctrl+C, or by a long press.";
  }
}

/** @param {HTMLDetailsElement} question */
function closeOthers(question) {
  for (const other of questions) {
    if (other !== question) other.open = false;
  }
}
