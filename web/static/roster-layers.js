// @ts-check
// The layers of the roster: their order, and the way to edit, add or remove one.

import { h, need } from "./dom.js";
import { accepting, get, Refusal, send } from "./roster-data.js";
import { button } from "./roster-forms.js";
import { picture } from "./roster-icons.js";
import { editLayer, prepareLayer } from "./roster-layer.js";
import { rotationWords } from "./roster-rotation.js";
import { agreed, close, open, withConsent } from "./roster-sheet.js";

/** @type {HTMLDialogElement} On the page of those who may change the roster. */
let dialog;
/** @type {Page} */
let page;

/** @param {Page} thePage */
export function prepareLayers(thePage) {
  page = thePage;
  dialog = need(document, "#layers", HTMLDialogElement);
  prepareLayer(page, () => showLayers());
  need(dialog, "[data-add-layer]").addEventListener("click", () => {
    close(dialog);
    editLayer(null);
  });
}

/**
 * With the refusal of what was tried in it, if it was refused.
 * @param {string} [refusal]
 */
export async function showLayers(refusal = "") {
  await page.doing(async () => {
    /** @type {{ layers: EditableLayer[] }} */
    const { layers } = await get(page.url("layers.json"));
    const entries = layers.map((layer, index) => entry(layer, index, layers.length));
    if (!entries.length) entries.push(h("li", "fine", "There is no layer yet: nobody is rung from this roster."));
    need(dialog, "[data-list]").replaceChildren(...entries);
    const said = need(dialog, "[data-said]");
    said.textContent = refusal;
    said.hidden = refusal === "";
    open(dialog);
  });
}

/** @param {EditableLayer} layer @param {number} index @param {number} count */
function entry(layer, index, count) {
  const rotations = layer.rotations.map((each) => h("p", "", rotationWords(each, page.board)));
  if (!rotations.length) rotations.push(h("p", "fine", "No rotation: nobody is on call."));
  const hours = layer.hours.map((each) => h("small", "", hoursWords(each)));
  /** @type {[string, number, boolean, string][]} */
  const ways = [["up", -1, index > 0, "earlier"], ["down", 1, index < count - 1, "later"]];
  const moves = ways.map(([name, way, can, words]) => {
    const made = button("", () => move(layer, index + way), "square");
    made.append(picture(name));
    made.disabled = !can;
    made.setAttribute("aria-label", `Ring ${layer.name} ${words}`);
    return made;
  });
  const edit = button("Edit", () => {
    close(dialog);
    editLayer(layer);
  });
  edit.setAttribute("aria-label", `Edit layer ${layer.name}`);
  const remove = button("Remove", () => removeLayer(layer));
  remove.setAttribute("aria-label", `Remove layer ${layer.name}`);
  return h("li", "entry", h("div", "", h("b", "", layer.name), ...hours, ...rotations),
    h("div", "entry-actions", ...moves, edit, remove));
}

/** @param {HoursJson} facts */
function hoursWords({ days, from, to }) {
  const every = days.length === 7 ? "every day" : days.map((day) => day[0].toUpperCase() + day.slice(1)).join(", ");
  return `On duty ${every}, ${from} to ${to}`;
}

/** @param {EditableLayer} facts @param {number} position */
async function move({ id, name, version }, position) {
  try {
    /** @type {(accepted: Accepted) => Promise<unknown>} */
    const act = (accepted) => send("POST", page.edit(`layers/${id}/move`), accepting({ position, version }, accepted));
    if (!await withConsent(act)) return;
  } catch (refused) {
    if (!(refused instanceof Refusal)) throw refused;
    await page.load();
    await showLayers(refused.message);
    return;
  }
  await page.saved(`Saved: ${name} is number ${position + 1} now.`);
  await showLayers();
}

/** @param {EditableLayer} layer */
async function removeLayer(layer) {
  close(dialog);
  const words = `${layer.name}, its rotations and its overrides are taken away. Undo brings them back.`;
  if (!await agreed("Remove this layer?", words, "Remove the layer")) return;
  await page.doing(async () => {
    const { id, version } = layer;
    /** @type {(accepted: Accepted) => Promise<unknown>} */
    const act = (accepted) => send("DELETE", page.edit(`layers/${id}`), accepting({ version }, accepted));
    if (await withConsent(act)) page.saved(`Removed: layer ${layer.name}.`);
  });
}
