// The drafts of a roster: a list of all, and the way to start one.

import { h } from "./dom.js";
import { get, send } from "./roster-data.js";
import { clear, letSave, open } from "./roster-sheet.js";

const dialog = document.querySelector("#drafts");
const form = dialog.querySelector("form");
let page = null;

export function prepareDrafts(thePage) {
  page = thePage;
  if (!form) return;
  let made = null;
  letSave(dialog, async () => {
    const body = { name: form.elements.name.value.trim() };
    page.check(body, ["name"]);
    made = await send("POST", `${page.roster}/drafts`, body);
  }, () => { location.href = addressOf(made); });
}

export async function showDrafts() {
  await page.doing(async () => {
    const { drafts } = await get(`${page.roster}/drafts.json`);
    const entries = drafts.filter((draft) => draft.id !== page.draft).map(entry);
    const none = page.draft === null ? "There is no draft yet." : "There is no other draft.";
    if (!entries.length) entries.push(h("li", "fine", none));
    dialog.querySelector("[data-list]").replaceChildren(...entries);
    if (form) clear(form);
    open(dialog);
  });
}

function entry(draft) {
  const name = h("a", "draft-link", draft.name);
  name.href = addressOf(draft);
  const words = draft.closed ?? `Begun by ${draft.by}, ${draft.at}`;
  return h("li", `entry draft-entry${draft.closed ? " is-closed" : ""}`, h("div", "", name, h("small", "", words)));
}

/** The same days stay in view. */
function addressOf({ id }) {
  return `${page.roster}/drafts/${id}${location.search}`;
}
