// @ts-check
// Who is on call at this moment, layer by layer, until when, and who comes then.

import { h, need, show } from "./dom.js";
import { hueOf, initials, nameOf, shiftAt } from "./roster-model.js";
import { moment } from "./roster-time.js";

const section = need(document, "[data-on-call]");
const list = need(document, "[data-on-call-list]");
let told = "";

/**
 * Of the live roster, also beside a draft. Only while the board shows this moment: who else is there is not known.
 * @param {Page} page
 */
export function showOnCall(page) {
  const { board } = page;
  const at = page.now();
  const layers = board.inForce ?? board.layers;
  const seen = board.start <= at && at < board.end;
  show(section, seen && layers.length > 0);
  if (!seen) return;
  const shifts = layers.map((layer) => shiftAt(layer, at)).filter((shift) => shift !== null);
  const words = JSON.stringify(shifts.map((shift) => [shift.layer.name, shift.start, shift.people]));
  if (words === told) return;
  told = words;
  list.replaceChildren(...shifts.map((shift) => card(board, shift)));
}

/** @param {Board} board @param {Shift} shift */
function card(board, shift) {
  const [first] = shift.people;
  const names = shift.people.map((id) => nameOf(board, id)).join(", ");
  const avatar = h("span", "avatar", first === undefined ? "–" : initials(nameOf(board, first)));
  avatar.setAttribute("aria-hidden", "true");
  if (first !== undefined) avatar.style.setProperty("--hue", hueOf(first));
  const nobody = shift.why === "off duty" ? "Off duty" : "Nobody";
  const missing = !names && shift.why !== "off duty";
  return h("li", missing ? "is-missing" : "", avatar, h("small", "", `Layer ${shift.layer.name}`),
    h("b", "", names || nobody), h("small", "", nextWords(board, shift)));
}

/** @param {Board} board @param {Shift} shift */
function nextWords(board, shift) {
  if (shift.cutAfter) return `until ${moment(shift.end)} or later`;
  const next = shiftAt(shift.layer, shift.end);
  const names = next?.people.map((id) => nameOf(board, id)).join(", ");
  return `until ${moment(shift.end)}, then ${names || (next?.why === "off duty" ? "off duty" : "nobody")}`;
}
