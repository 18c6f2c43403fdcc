// @ts-check
// Time off: who is away when, adding it and taking it away.

import { h, need } from "./dom.js";
import { accepting, send } from "./roster-data.js";
import { button, fieldsOf, fill, idOf, peopleOptions } from "./roster-forms.js";
import { nameOf } from "./roster-model.js";
import { clear, close, letSave, open, withConsent } from "./roster-sheet.js";
import { addDays, dayOf, spanWords } from "./roster-time.js";
import { instantIn, setTime, timeOf } from "./roster-when.js";

const dialog = need(document, "#time-off", HTMLDialogElement);
const form = need(dialog, "form", HTMLFormElement);
const field = fieldsOf(form);
/** @type {Page} */
let page;

/** @param {Page} thePage */
export function prepareLeave(thePage) {
  page = thePage;
  form.hidden = !page.mayEdit && page.me === null;
  letSave(dialog, save, () => {
    const when = spanWords(instantIn(field.start), instantIn(field.end));
    const name = nameOf(page.board, Number(field.person_id.value));
    close(dialog);
    page.saved(`Saved: ${name} has time off, ${when}.`);
  });
}

/**
 * Open the list and the form; `personId` and `span` are what is known already.
 * @param {{ personId?: number | null, span?: Span | null }} [facts]
 */
export function showLeave({ personId = page.me, span = null } = {}) {
  form.reset();
  clear(form);
  listLeave();
  const people = peopleOptions(page.board).filter(([id]) => page.mayEdit || id === page.me);
  fill(field.person_id, page.mayEdit ? [["", "Choose a person"], ...people] : people, personId ?? "");
  const tomorrow = addDays(dayOf(page.now()), 1);
  setTime(field.start, span?.start ?? tomorrow);
  setTime(field.end, span?.end ?? addDays(tomorrow, 7));
  open(dialog);
}

function listLeave() {
  const entries = page.board.timeOff.map((off) => {
    const name = nameOf(page.board, off.person_id);
    const words = [h("b", "", name), h("p", "", spanWords(off.start, off.end))];
    if (off.note) words.push(h("small", "", off.note));
    const entry = h("li", "entry", h("div", "", ...words));
    if (page.mayEdit || off.person_id === page.me) {
      const remove = button("Remove", () => removeLeave(off, name));
      remove.setAttribute("aria-label", `Remove the time off of ${name}, ${spanWords(off.start, off.end)}`);
      entry.append(h("div", "entry-actions", remove));
    }
    return entry;
  });
  if (!entries.length) entries.push(h("li", "fine", "Nobody has time off in the days that are shown."));
  need(dialog, "[data-list]").replaceChildren(...entries);
}

/** @param {TimeOff} off @param {string} name */
async function removeLeave(off, name) {
  close(dialog);
  await page.doing(async () => {
    /** @type {(accepted: Accepted) => Promise<unknown>} */
    const act = (accepted) => send("DELETE", page.url(`time-off/${off.id}`), accepting({}, accepted));
    if (await withConsent(act)) page.saved(`Removed: the time off of ${name}.`);
  });
}

/** @param {Accepted} accepted */
async function save(accepted) {
  const body = {
    person_id: idOf(field.person_id), start: timeOf(field.start), end: timeOf(field.end), note: field.note.value,
  };
  page.check(body, ["person_id", "start", "end"]);
  await send("POST", page.url("time-off"), accepting(body, accepted));
}
