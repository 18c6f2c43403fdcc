// One layer's form: its name, its hours on duty, its rotations.

import { h } from "./dom.js";
import { accepting, get, Refusal, send } from "./roster-data.js";
import { readRotation, rotationCard } from "./roster-rotation.js";
import { clear, close, letSave, open } from "./roster-sheet.js";
import { atClock, HOUR, wallIso } from "./roster-time.js";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const WORKDAYS = DAYS.slice(0, 5);
const dialog = document.querySelector("#layer");
const form = dialog?.querySelector("form");
const hoursPlace = dialog?.querySelector("[data-hours]");
const rotationsPlace = dialog?.querySelector("[data-rotations]");
let page = null;
let editing = null;

export function prepareLayer(thePage, back) {
  page = thePage;
  dialog.querySelector("[data-add-hours]").addEventListener("click", () => {
    const row = addHours({ days: WORKDAYS, from: "18:00", to: "09:00" });
    row.querySelector("input").focus();
  });
  dialog.querySelector("[data-add-rotation]").addEventListener("click", () => {
    addRotation(newRotation()).querySelector("input").focus();
  });
  letSave(dialog, save, () => {
    close(dialog);
    page.saved(`Saved: layer ${form.elements.name.value}.`).then(back);
  }, loadAgain, ({ rotations }) => {
    if (!rotations) return;
    rotationsPlace.replaceChildren();
    for (const rotation of rotations) addRotation(rotation);
  });
}

/** The layer as somebody else has left it, in place of what is typed. */
async function loadAgain() {
  const { layers } = await get(page.url("layers.json"));
  const layer = layers.find((each) => each.id === editing.id);
  if (!layer) throw new Refusal("This layer is not there any more: somebody has removed it. Close this form.");
  await page.load();
  editLayer(layer);
}

/** Open the form for a layer as the server tells it, or for a new one. */
export function editLayer(layer) {
  editing = layer;
  clear(form);
  dialog.querySelector("[data-title]").textContent = layer ? `Layer ${layer.name}` : "New layer";
  form.elements.name.value = layer?.name ?? "";
  hoursPlace.replaceChildren();
  rotationsPlace.replaceChildren();
  for (const hours of layer?.hours ?? []) addHours(hours);
  for (const rotation of layer?.rotations ?? [newRotation()]) addRotation(rotation);
  number();
  open(dialog);
  form.elements.name.focus();
}

function newRotation() {
  return { start: wallIso(atClock(page.now(), 18 * HOUR)), every: "1 week", until: null, turns: [] };
}

function addHours({ days, from, to }) {
  const row = document.querySelector("#hours-row").content.cloneNode(true).firstElementChild;
  row.querySelector("[data-days]").append(...DAYS.map((value) => {
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", value, checked: days.includes(value) });
    return h("label", "day-box", box, h("span", "", value[0].toUpperCase() + value.slice(1)));
  }));
  row.querySelector("[data-from]").value = from;
  row.querySelector("[data-to]").value = to;
  row.querySelector("[data-remove]").addEventListener("click", () => {
    row.remove();
    number();
    dialog.querySelector("[data-add-hours]").focus();
  });
  hoursPlace.append(row);
  number();
  return row;
}

function addRotation(rotation) {
  const card = rotationCard(rotation, page.board, () => {
    number();
    dialog.querySelector("[data-add-rotation]").focus();
  });
  rotationsPlace.append(card);
  number();
  return card;
}

/** The server names an entry by its place. */
function number() {
  for (const list of [hoursPlace, rotationsPlace]) {
    [...list.children].forEach((entry, index) => { entry.dataset.entry = index; });
  }
  dialog.querySelector("[data-always]").hidden = hoursPlace.children.length > 0;
}

async function save(accepted) {
  const body = {
    name: form.elements.name.value.trim(),
    hours: [...hoursPlace.children].map(readHours),
    rotations: [...rotationsPlace.children].map(readRotation),
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

function readHours(row) {
  const days = [...row.querySelectorAll('input[type="checkbox"]:checked')].map((box) => box.value);
  return { days, from: row.querySelector("[data-from]").value, to: row.querySelector("[data-to]").value };
}

function checkRotation({ start, turns }, index) {
  const field = `rotations.${index}`;
  if (!start) throw new Refusal("Say when the first handoff is.", { field });
  if (!turns.length) throw new Refusal("Add at least one person, or remove this rotation.", { field });
}
