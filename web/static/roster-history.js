// @ts-check
// The history of the roster: what each change did, and taking changes back.

import { h, need } from "./dom.js";
import { accepting, get, send } from "./roster-data.js";
import { button } from "./roster-forms.js";
import { open, withConsent } from "./roster-sheet.js";

const dialog = need(document, "#history", HTMLDialogElement);
/** @type {HTMLButtonElement | null} */
const undo = document.querySelector("[data-undo]");

/** @param {Page} page */
export function prepareUndo(page) {
  undo?.addEventListener("click", () => undoLast(page));
}

/**
 * Take back the change that the page knows as the last.
 * @param {Page} page
 */
export function undoLast(page) {
  return page.board.lastChange === null ? Promise.resolve() : takeBack(page, page.board.lastChange);
}

/**
 * The button says what it would take back; without anything it keeps its place.
 * @param {Board} facts
 */
export function showUndo({ lastChange }) {
  if (!undo) return;
  undo.disabled = lastChange === null;
  const words = lastChange === null ? "Nothing to undo" : `Undo: ${lastChange.words}`;
  need(undo, "[data-undo-words]").textContent = words;
  undo.title = lastChange === null ? "" : `${words} (by ${lastChange.by}, ${lastChange.at})`;
}

/** @param {Page} page */
export async function showHistory(page) {
  await page.doing(async () => {
    await fill(page);
    open(dialog);
  });
}

/** @param {Page} page */
async function fill(page) {
  /** @type {{ changes: Change[] }} */
  const { changes } = await get(page.url("history.json"));
  const entries = changes.map((change) => entry(page, change));
  if (!entries.length) entries.push(h("li", "fine", "Nothing has been changed yet."));
  need(dialog, "[data-list]").replaceChildren(...entries);
}

/** @param {Page} page @param {Change} change */
async function takeBack(page, change) {
  await page.doing(async () => {
    /** @type {(accepted: Accepted) => Promise<unknown>} */
    const act = (accepted) => send("POST", page.url("undo"), accepting({ change_id: change.id }, accepted));
    if (!await withConsent(act)) return;
    await page.saved(`Undone: ${change.words}.`);
    if (dialog.open) await fill(page);
  });
}

/**
 * An undoing counts as undone itself, as it can't be taken back: what it undid is what is struck through.
 * @param {Page} page @param {Change} change
 */
function entry(page, change) {
  const undone = change.undone && !change.words.startsWith("Undone: ");
  const by = change.by ? `, ${change.by}` : "";
  const facts = h("div", "", h("small", "", `${change.at}${by}${undone ? " · undone" : ""}`), h("p", "", change.words),
    sides(change));
  const el = h("li", undone ? "entry change is-undone" : "entry change", facts);
  if (page.mayEdit && mayBeUndone(page, change)) {
    const take = button("Undo", () => takeBack(page, change), "small-tool");
    take.setAttribute("aria-label", `Undo: ${change.words}`);
    el.append(take);
  } else if (change.after_it) {
    facts.append(h("small", "", `Can be undone after: ${change.after_it}`));
  }
  return el;
}

/**
 * Of a draft only the last one, as each of its steps is a whole plan.
 * @param {Page} page @param {Change} change
 */
function mayBeUndone(page, change) {
  return page.draft === null ? change.undoable : change.id === page.board.lastChange?.id;
}

/** @param {Change} facts */
function sides({ before = [], after = [] }) {
  if (!before.length && !after.length) return "";
  /** @type {(name: string, lines: string[]) => HTMLElement} */
  const side = (name, lines) => h("div", "", h("dt", "", name),
    ...(lines.length ? lines.map((line) => h("dd", "", line)) : [h("dd", "", "nothing")]));
  return h("details", "sides", h("summary", "", "Before and after"), h("dl", "", side("Before", before), side("After", after)));
}
