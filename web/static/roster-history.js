// The history of the roster, and taking the last change back.

import { h } from "./dom.js";
import { accepting, get, send } from "./roster-data.js";
import { open, withConsent } from "./roster-sheet.js";

const dialog = document.querySelector("#history");
const undo = document.querySelector("[data-undo]");

export function prepareUndo(page) {
  undo?.addEventListener("click", () => page.doing(async () => {
    const change = page.board.lastChange;
    const act = (accepted) => send("POST", page.url("undo"), accepting({ change_id: change.id }, accepted));
    if (await withConsent(act)) page.saved(`Undone: ${change.words}.`);
  }));
}

/** The button says what it would take back. */
export function showUndo({ lastChange }) {
  if (!undo) return;
  undo.hidden = lastChange === null;
  if (lastChange === null) return;
  const words = `Undo: ${lastChange.words}`;
  undo.querySelector("[data-undo-words]").textContent = words;
  undo.title = `${words} (by ${lastChange.by}, ${lastChange.at})`;
}

export async function showHistory(page) {
  await page.doing(async () => {
    const { changes } = await get(page.url("history.json"));
    const entries = changes.map(entry);
    if (!entries.length) entries.push(h("li", "fine", "Nothing has been changed yet."));
    dialog.querySelector("[data-list]").replaceChildren(...entries);
    open(dialog);
  });
}

/** An undoing counts as undone itself, as it can't be taken back: what it undid is what is struck through. */
function entry(change) {
  const undone = change.undone && !change.words.startsWith("Undone: ");
  const by = change.by ? `, ${change.by}` : "";
  return h("li", undone ? "entry is-undone" : "entry", h("div", "",
    h("small", "", `${change.at}${by}${undone ? " · undone" : ""}`), h("p", "", change.words)));
}
