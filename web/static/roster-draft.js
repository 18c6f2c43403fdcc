// @ts-check
// The page of a draft: what is in its way, publishing it, taking over the live roster, discarding it.

import { h, need, show } from "./dom.js";
import { draftOf } from "./roster-model.js";
import { accepting, send, warningsOfLast } from "./roster-data.js";
import { showGaps, showSummary } from "./roster-draft-summary.js";
import { agreed, withConsent } from "./roster-sheet.js";

const TOLD = "nightline-told";
/** @type {HTMLButtonElement | null} */
const forceButton = document.querySelector("[data-force]");
/** @type {Page} */
let page;

/** @param {Page} thePage */
export function prepareDraft(thePage) {
  page = thePage;
  need(document, "#history-title").textContent = "History of this draft";
  need(document, "#on-call-title").textContent = "On call now, live";
  const leave = need(document, "[data-leave-draft]", HTMLAnchorElement);
  leave.addEventListener("click", () => { leave.href = inForce(); });
  forceButton?.addEventListener("click", () => page.board && putIntoForce());
  document.querySelector("[data-discard]")?.addEventListener("click", () => page.board && discard());
  document.querySelector("[data-take-over]")?.addEventListener("click", () => page.doing(async () => {
    await send("POST", page.edit("take-over"), {});
    await page.saved("Taken over from the live roster. The rest of the draft is as it was.");
  }));
  // Somebody else was faster: show what they did behind the form that is open.
  document.addEventListener("roster-refused", (event) => {
    const { detail } = /** @type {CustomEvent<Refusal>} */ (event);
    if (detail.status === 409 && !detail.confirm) page.load();
  });
}

export function showDraft() {
  const draft = draftOf(page.board);
  show(need(document, "[data-conflicts]"), draft.conflicts.length > 0);
  need(document, "[data-conflict-list]").replaceChildren(...draft.conflicts.map((words) => h("li", "", words)));
  if (forceButton) forceButton.disabled = draft.conflicts.length > 0 || draft.changes.length === 0;
  if (draft.closed) return; // nothing would be changed by it any more
  showGaps(page);
  showSummary(page);
}

/**
 * What another page has left to be told here, once: words, and their tone.
 * @returns {[string, string]}
 */
export function toldBefore() {
  const kept = sessionStorage.getItem(TOLD);
  sessionStorage.removeItem(TOLD);
  return kept === null ? ["", "good"] : JSON.parse(kept);
}

async function putIntoForce() {
  const { name, changes } = draftOf(page.board);
  const what = changes.length === 1 ? "One change" : `${changes.length} changes`;
  const moves = page.board.moves ? `${page.board.moves.words} ` : "";
  const words = `${moves}${what} of the roster at once, and calls follow them from then on. Undo takes the whole of it back.`;
  if (!await agreed(`Publish “${name}”?`, words, "Publish")) return;
  await page.doing(async () => {
    /** @type {(accepted: Accepted) => Promise<unknown>} */
    const act = (accepted) => send("POST", page.edit("force"), accepting({}, accepted));
    if (await withConsent(act)) leaveWith(`“${name}” is published.`);
  });
}

async function discard() {
  const { name } = draftOf(page.board);
  const words = "It is closed for good and stays only as history. The live roster is not touched.";
  if (!await agreed(`Discard “${name}”?`, words, "Discard the draft")) return;
  await page.doing(async () => {
    await send("POST", page.edit("discard"), {});
    leaveWith(`“${name}” is discarded. The live roster is as it was.`);
  });
}

/** @param {string} words */
function leaveWith(words) {
  const warned = warningsOfLast();
  sessionStorage.setItem(TOLD, JSON.stringify([[words, ...warned].join(" "), warned.length ? "amber" : "good"]));
  location.href = inForce();
}

function inForce() {
  return page.roster + location.search;
}
