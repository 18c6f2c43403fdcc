// @ts-check
// One layer's form: its name, its hours on duty, its rotations.

import { childrenOf, copyOf, h, need } from "./dom.js";
import { accepting, get, Refusal, send } from "./roster-data.js";
import { fieldsOf } from "./roster-forms.js";
import { readRotation, rotationCard } from "./roster-rotation.js";
import { clear, close, letSave, open } from "./roster-sheet.js";
import { atClock, HOUR, wallIso } from "./roster-time.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const WORKDAYS = DAYS.slice(0, 5);
/** @type {HTMLDialogElement} On the page of those who may change the roster, as are its parts. */
let dialog;
/** @type {HTMLFormElement} */
let form;
/** @type {Field} */
let nameField;
/** @type {HTMLElement} */
let hoursPlace;
/** @type {HTMLElement} */
let rotationsPlace;
/** @type {Page} */
let page;
/** @type {EditableLayer | null} */
let editing = null;

/** @param {Page} thePage @param {() => void} back */
export function prepareLayer(thePage, back) {
  page = thePage;
  dialog = need(document, "#layer", HTMLDialogElement);
  form = need(dialog, "form", HTMLFormElement);
  nameField = fieldsOf(form).name;
  hoursPlace = need(dialog, "[data-hours]");
  rotationsPlace = need(dialog, "[data-rotations]");
  need(dialog, "[data-add-hours]").addEventListener("click", () => {
    const row = addHours({ days: WORKDAYS, from: "18:00", to: "09:00" });
    need(row, "input").focus();
  });
  need(dialog, "[data-add-rotation]").addEventListener("click", () => {
    need(addRotation(newRotation()), "input").focus();
  });
  letSave(dialog, save, () => {
    close(dialog);
    page.saved(`Saved: layer ${nameField.value}.`).then(back);
  }, loadAgain, ({ rotations }) => {
    if (!rotations) return;
    rotationsPlace.replaceChildren();
    for (const rotation of rotations) addRotation(rotation);
  });
}

/** The layer as somebody else has left it, in place of what is typed. */
async function loadAgain() {
  /** @type {{ layers: EditableLayer[] }} */
  const { layers } = await get(page.url("layers.json"));
  const layer = layers.find((each) => each.id === editing?.id);
  if (!layer) throw new Refusal("This layer is not there any more: somebody has removed it. Close this form.");
  await page.load();
  editLayer(layer);
}

/**
 * Open the form for a layer as the server tells it, or for a new one.
 * @param {EditableLayer | null} layer
 */
export function editLayer(layer) {
  editing = layer;
  clear(form);
  need(dialog, "[data-title]").textContent = layer ? `Layer ${layer.name}` : "New layer";
  nameField.value = layer?.name ?? "";
  hoursPlace.replaceChildren();
  rotationsPlace.replaceChildren();
  for (const hours of layer?.hours ?? []) addHours(hours);
  for (const rotation of layer?.rotations ?? [newRotation()]) addRotation(rotation);
  number();
  open(dialog);
  nameField.focus();
}

function newRotation() {
  return { start: wallIso(atClock(page.now(), 18 * HOUR)), every: "1 week", until: null, turns: [] };
}

/** @param {HoursJson} facts */
function addHours({ days, from, to }) {
  const row = copyOf("#hours-row");
  need(row, "[data-days]").append(...DAYS.map((value) => {
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", value, checked: days.includes(value) });
    return h("label", "day-box", box, h("span", "", value[0].toUpperCase() + value.slice(1)));
  }));
  need(row, "[data-from]", HTMLInputElement).value = from;
  need(row, "[data-to]", HTMLInputElement).value = to;
  need(row, "[data-remove]").addEventListener("click", () => {
    row.remove();
    number();
    need(dialog, "[data-add-hours]").focus();
  });
  hoursPlace.append(row);
  number();
  return row;
}

/** @param {RotationJson} rotation */
function addRotation(rotation) {
  const card = rotationCard(rotation, page.board, () => {
    number();
    need(dialog, "[data-add-rotation]").focus();
  });
  rotationsPlace.append(card);
  number();
  return card;
}

/** The server names an entry by its place. */
function number() {
  for (const list of [hoursPlace, rotationsPlace]) {
    childrenOf(list).forEach((entry, index) => { entry.dataset.entry = String(index); });
  }
  need(dialog, "[data-always]").hidden = hoursPlace.children.length > 0;
}

/** @param {Accepted} accepted */
async function save(accepted) {
  const body = {
    name: nameField.value.trim(),
    hours: childrenOf(hoursPlace).map(readHours),
    rotations: childrenOf(rotationsPlace).map(readRotation),
  };
  page.check(body, ["name"]);
  body.rotations.forEach((rotation, index) => checkRotation(rotation, index));
  if (editing === null) {
    await send("POST", page.edit("layers"), accepting(body, accepted));
  } else {
    const { id, version } = editing;
    await send("PUT", page.edit(`layers/${id}`), accepting({ ...body, version }, accepted));
  }
}

/** @param {HTMLElement} row */
function readHours(row) {
  /** @type {NodeListOf<HTMLInputElement>} */
  const boxes = row.querySelectorAll('input[type="checkbox"]:checked');
  const days = [...boxes].map((box) => box.value);
  return { days, from: need(row, "[data-from]", HTMLInputElement).value, to: need(row, "[data-to]", HTMLInputElement).value };
}

/** @param {RotationJson} facts @param {number} index */
function checkRotation({ start, turns }, index) {
  const field = `rotations.${index}`;
  if (!start) throw new Refusal("Say when the first handoff is.", { field });
  if (!turns.length) throw new Refusal("Add at least one person, or remove this rotation.", { field });
}
