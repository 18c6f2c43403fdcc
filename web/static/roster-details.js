// @ts-check
// What a bar is about: who, when, why, and everything that can be done with it.

import { h, need } from "./dom.js";
import { accepting, send } from "./roster-data.js";
import { changeOverride, coverTime } from "./roster-cover.js";
import { button } from "./roster-forms.js";
import { showHandles } from "./roster-handles.js";
import { absenceWords, hueOf, initials, madeBy, nameOf } from "./roster-model.js";
import { close, open, withConsent } from "./roster-sheet.js";
import { answerSwap, proposeSwap } from "./roster-swaps.js";
import { addDays, dayOf, moment, spanLength, spanWords } from "./roster-time.js";

const dialog = need(document, "#details", HTMLDialogElement);
const actions = need(dialog, "[data-actions]");

/** @param {Page} page @param {Bar} bar @param {Row} row */
export function showDetails(page, bar, row) {
  const { shift } = bar;
  need(dialog, "[data-title]").textContent = `Layer ${shift.layer.name}`;
  need(dialog, "[data-body]").replaceChildren(
    h("ul", "persons", ...bar.whos.map((who) => person(page.board, who))), facts(bar));
  actions.replaceChildren(...buttons(page, bar, row));
  open(dialog);
}

/** @param {Board} board @param {Who} facts */
function person(board, { id, absent, added }) {
  if (id === null) return h("li", "nobody-line", h("span", "avatar", "–"), h("b", "", "Nobody"));
  const name = nameOf(board, id);
  const avatar = h("span", "avatar", initials(name));
  avatar.style.setProperty("--hue", hueOf(id));
  avatar.setAttribute("aria-hidden", "true");
  const remark = absent ? `${absenceWords(board, id)}: is not rung` : added ? "added: rung after the others" : "";
  const line = h("li", absent ? "is-absent" : "", avatar, h("b", "", name));
  if (remark) line.append(h("small", "", remark));
  return line;
}

/** @param {Bar} facts */
function facts({ shift, start, end }) {
  const list = h("dl", "facts");
  /** @type {(name: string, words: string) => void} */
  const fact = (name, words) => list.append(h("div", "", h("dt", "", name), h("dd", "", words)));
  const whole = shift.whole ?? { start, end };
  fact("From", shift.cutBefore && !shift.whole ? `${moment(start)}, or before` : moment(whole.start));
  fact("To", shift.cutAfter && !shift.whole ? `${moment(end)}, or later` : moment(whole.end));
  if (!shift.cutBefore && !shift.cutAfter) fact("Length", spanLength(whole.start, whole.end));
  fact("Why", sentence(shift.reason));
  if (shift.note && !shift.reason.includes(shift.note)) fact("Note", shift.note);
  return list;
}

/** @param {Page} page @param {Bar} bar @param {Row} row */
function buttons(page, bar, row) {
  const { shift } = bar;
  /** @type {HTMLElement[]} */
  const made = [];
  /** @type {(words: string, look: string, act: () => void) => void} */
  const then = (words, look, act) => made.push(button(words, () => {
    close(dialog);
    act();
  }, look));
  if (page.mayEdit && shift.override_id !== null && shift.swap_id === null) {
    if (shift.whole) then("Change", "main-tool", () => changeOverride(shift));
    then("Remove", "", () => removeOverride(page, shift));
  }
  if (page.mayEdit && shift.override_id === null) {
    then("Cover all of it", "main-tool", () => coverTime({ layerId: shift.layer.id, span: bar }));
    if (bar.end - bar.start > 60) then("Cover a part", "", () => coverPart(page, bar, row));
  }
  if (mayBeSwapped(page, bar)) then("Propose a swap", "", () => proposeSwap(shift));
  const { swap_id: id } = shift;
  if (id !== null && isMySwap(page, id)) {
    then("Cancel the swap", "", () => answerSwap({ id }, "cancel"));
  }
  return made;
}

/** @param {Page} page @param {Bar} bar @param {Row} row */
function coverPart(page, bar, row) {
  const day = dayOf(Math.max(bar.start, Math.min(page.now(), bar.end - 1)));
  const span = { start: Math.max(bar.start, day), end: Math.min(bar.end, addDays(day, 1)) };
  showHandles(page.view, row.key, span, (taken) => coverTime({ layerId: bar.shift.layer.id, span: taken }));
}

/** @param {Page} page @param {Shift} shift */
async function removeOverride(page, shift) {
  const address = page.edit(`overrides/${shift.override_id}`);
  const version = shift.override?.version;
  await page.doing(async () => {
    const done = await withConsent((accepted) => send("DELETE", address, accepting({ version }, accepted)));
    const { start, end } = shift.whole ?? shift;
    if (done) page.saved(`Removed: the override of ${spanWords(start, end)}.`);
  });
}

/** @param {Page} page @param {Bar} facts */
function mayBeSwapped(page, { shift }) {
  const mine = page.me !== null && shift.people.length === 1 && shift.people[0] === page.me;
  return mine && madeBy(shift) === null && shift.start > page.now();
}

/** @param {Page} facts @param {number} id */
function isMySwap({ board }, id) {
  return board.swaps.some((swap) => swap.id === id);
}

/** @param {string} words */
function sentence(words) {
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
