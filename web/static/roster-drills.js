// @ts-check
// Drills: who was called and texted for a test before a shift, what came of it, and testing somebody now.

import { h, need, patchList, setData, setText, show } from "./dom.js";
import { get, Refusal, send } from "./roster-data.js";
import { fieldsOf, fill, idOf, peopleOptions } from "./roster-forms.js";
import { clear, letSave, open } from "./roster-sheet.js";

const LOOK_EVERY_MS = 2000;
/** @type {Record<string, string>} */
const STATES = { passed: "Passed", failed: "Failed", open: "Under way", "not needed": "Not needed" };
const dialog = need(document, "#drills", HTMLDialogElement);
/** @type {HTMLFormElement | null} For those who may change the roster. */
const form = dialog.querySelector("form");
const field = form && fieldsOf(form);
const when = need(dialog, "[data-when]");
const list = need(dialog, "[data-list]");
const red = need(dialog, "[data-red]");
/** @type {Page} */
let page;
let timer = 0;

/** @param {Page} thePage */
export function prepareDrills(thePage) {
  page = thePage;
  if (form) letSave(dialog, begin, look);
}

export async function showDrills() {
  if (form && field) {
    clear(form);
    fill(field.person_id, [["", "Choose a person"], ...peopleOptions(page.board)], "");
  }
  await page.doing(async () => {
    draw(await get(page.url("drills.json")));
    open(dialog, () => {
      clearTimeout(timer);
      page.load();
    });
    plan();
  });
}

/**
 * On the button: how many phones have failed before a shift that is still to begin, and what is out of reach.
 * @param {Board} board
 */
export function countFailed(board) {
  /** @type {[number, string][]} */
  const counted = [[board.failedDrills, "failed"], [board.contactFaults, "out of reach"]];
  const parts = counted.filter(([many]) => many > 0);
  const count = need(document, "[data-drill-count]");
  count.textContent = parts.map(([many, words]) => `${many} ${words}`).join(", ");
  show(count, parts.length > 0);
}

async function begin() {
  if (!field) return;
  const body = { person_id: idOf(field.person_id) };
  page.check(body, ["person_id"]);
  await send("POST", page.url("drills"), body);
  field.person_id.value = "";
}

/** As long as the panel is open, results come in by themselves. */
function plan() {
  clearTimeout(timer);
  if (dialog.open) timer = setTimeout(look, LOOK_EVERY_MS);
}

async function look() {
  try {
    draw(await get(page.url("drills.json")));
  } catch (refused) {
    if (!(refused instanceof Refusal)) throw refused;
    setText(when, refused.message);
  }
  plan();
}

/** @param {{ at: string | null, drills: Drill[], faults: ContactFault[] }} facts */
function draw({ at, drills, faults }) {
  patchList(red, faults, () => h("li", "entry drill", h("div", "", h("small", "drill-when"),
    h("p", "drill-head", h("b", "drill-name"), h("span", "drill-state", "Out of reach")), h("p", "fault-words"))), updateFault);
  show(red, faults.length > 0);
  setText(when, at === null
    ? "Drills are switched off in the directory file: nobody is tested before a shift unless you do it here."
    : `Each day at ${at} whoever comes on call next gets a test call and a test text. Failures are told to those in charge.`);
  /** @type {(Drill | { id: "none" })[]} */
  const entries = drills.length ? drills : [{ id: "none" }];
  patchList(list, entries, (drill) => (drill.id === "none" ? h("li", "fine", "Nobody has been tested yet.") : entry()),
    (el, drill) => { if (drill.id !== "none") update(el, drill); });
}

/** @param {HTMLElement} el @param {ContactFault} fault */
function updateFault(el, fault) {
  setData(el, "state", "failed");
  setText(need(el, ".drill-when"), `Since ${fault.since}`);
  setText(need(el, ".drill-name"), fault.person);
  setText(need(el, ".fault-words"), `${fault.words}. ${fault.remedy}`);
}

function entry() {
  const facts = h("dl", "drill-facts", fact("Shift"), fact("Call"), fact("Text"));
  return h("li", "entry drill", h("div", "", h("small", "drill-when"), h("p", "drill-head", h("b", "drill-name"),
    h("span", "drill-state")), facts));
}

/** @param {string} name */
function fact(name) {
  return h("div", "", h("dt", "", name), h("dd", ""));
}

/** @param {HTMLElement} el @param {Drill} drill */
function update(el, drill) {
  setData(el, "state", drill.state);
  setText(need(el, ".drill-when"), drill.by ? `${drill.at}, by ${drill.by}` : drill.at);
  setText(need(el, ".drill-name"), drill.person);
  setText(need(el, ".drill-state"), STATES[drill.state]);
  const [shift, call, text] = el.querySelectorAll("dd");
  setText(shift, drill.shift ? `${drill.shift} (${drill.layer})` : "none ahead");
  setText(call, drill.call);
  setText(text, drill.text);
}
