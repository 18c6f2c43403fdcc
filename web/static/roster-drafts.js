// @ts-check
// The drafts of a roster: a list of all, and the way to start one.

import { h, need } from "./dom.js";
import { fieldsOf } from "./roster-forms.js";
import { get, send } from "./roster-data.js";
import { clear, letSave, open } from "./roster-sheet.js";

const dialog = need(document, "#drafts", HTMLDialogElement);
/** @type {HTMLFormElement | null} For those who may change the roster. */
const form = dialog.querySelector("form");
/** @type {Page} */
let page;

/** @param {Page} thePage */
export function prepareDrafts(thePage) {
  page = thePage;
  if (!form) return;
  const field = fieldsOf(form);
  /** @type {{ id: number }} */
  let made;
  letSave(dialog, async () => {
    const body = { name: field.name.value.trim() };
    page.check(body, ["name"]);
    made = await send("POST", `${page.roster}/drafts`, body);
  }, () => { location.href = addressOf(made); });
}

export async function showDrafts() {
  await page.doing(async () => {
    /** @type {{ drafts: Draft[] }} */
    const { drafts } = await get(`${page.roster}/drafts.json`);
    const entries = drafts.filter((draft) => draft.id !== page.draft).map(entry);
    const none = page.draft === null ? "There is no draft yet." : "There is no other draft.";
    if (!entries.length) entries.push(h("li", "fine", none));
    need(dialog, "[data-list]").replaceChildren(...entries);
    if (form) clear(form);
    open(dialog);
  });
}

/** @param {Draft} draft */
function entry(draft) {
  const name = h("a", "draft-link", draft.name);
  name.href = addressOf(draft);
  const words = draft.closed ?? `Begun by ${draft.by}, ${draft.at}`;
  return h("li", `entry draft-entry${draft.closed ? " is-closed" : ""}`, h("div", "", name, h("small", "", words)));
}

/**
 * The same days stay in view.
 * @param {{ id: number }} facts
 */
function addressOf({ id }) {
  return `${page.roster}/drafts/${id}${location.search}`;
}
