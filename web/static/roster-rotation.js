// @ts-check
// One rotation's card in a layer's form: when it hands off, and whose turns follow each other.

import { childrenOf, copyOf, h, need } from "./dom.js";
import { fill, peopleOptions } from "./roster-forms.js";
import { hueOf, initials, nameOf } from "./roster-model.js";
import { minutes, moment } from "./roster-time.js";
import { clockWords } from "./roster-when.js";

/** @type {WeakMap<HTMLElement, number[][]>} */
const turnsKept = new WeakMap();

/**
 * A card that can be edited; `removed` is called when it is taken away.
 * @param {RotationJson} rotation @param {Board} board @param {() => void} removed
 */
export function rotationCard(rotation, board, removed) {
  const card = copyOf("#rotation-card");
  const [count, unit] = rotation.every.split(" ");
  input(card, "start").value = rotation.start;
  input(card, "until").value = rotation.until ?? "";
  input(card, "count").value = count;
  input(card, "unit").value = unit.replace(/s$/, "");
  input(card, "active").checked = rotation.count === "active";
  turnsKept.set(card, rotation.turns.map((turn) => [...turn]));
  const adding = need(card, "[data-add-turn]", HTMLSelectElement);
  fill(adding, [["", "…"], ...peopleOptions(board)], "");
  adding.addEventListener("change", () => {
    if (!adding.value) return;
    turnsOf(card).push([Number(adding.value)]);
    adding.value = "";
    showTurns(card, board);
  });
  part(card, "remove").addEventListener("click", () => {
    card.remove();
    removed();
  });
  card.addEventListener("input", () => summarize(card, board));
  showTurns(card, board);
  return card;
}

/**
 * The card's rotation as the server takes it.
 * @param {HTMLElement} card
 */
export function readRotation(card) {
  const count = Number(input(card, "count").value) || 0;
  const active = input(card, "unit").value === "day" && input(card, "active").checked;
  return {
    start: input(card, "start").value,
    every: `${count} ${input(card, "unit").value}${count === 1 ? "" : "s"}`,
    until: input(card, "until").value || null,
    turns: turnsOf(card).map((turn) => [...turn]),
    count: active ? "active" : "all",
  };
}

/**
 * "Giulia, Marco and Sara in turn, 1 week each, from Mon 5 Jan 2026, 18:00"
 * @param {RotationJson} facts @param {Board} board
 */
export function rotationWords({ start, every, until, turns, count }, board) {
  if (!turns.length) return "Nobody yet.";
  const names = turns.map((turn) => turn.map((id) => nameOf(board, id)).join(" with "));
  const who = names.length === 1 ? `Always ${names[0]}`
    : `${names.slice(0, -1).join(", ")} and ${names.at(-1)} in turn, ${every}${count === "active" ? " on duty" : ""} each`;
  const from = start ? `, from ${dateWords(start)}` : "";
  return `${who}${from}${until ? ` until ${dateWords(until)}` : ""}`;
}

/** @param {string} text */
function dateWords(text) {
  return moment(minutes(text));
}

/** @param {HTMLElement} card @param {Board} board */
function showTurns(card, board) {
  const turns = turnsOf(card);
  part(card, "turns").replaceChildren(...turns.map((turn, index) => turnRow(card, board, turn, index)));
  summarize(card, board);
}

/** @param {HTMLElement} card @param {Board} board */
function summarize(card, board) {
  const rotation = readRotation(card);
  part(card, "active-field").hidden = input(card, "unit").value !== "day";
  const times = [rotation.start, rotation.until ?? ""].map(clockWords).filter(Boolean);
  part(card, "summary").textContent = [rotationWords(rotation, board), ...times].join(". ");
}

/** @param {HTMLElement} card @param {Board} board @param {number[]} turn @param {number} index */
function turnRow(card, board, turn, index) {
  const turns = turnsOf(card);
  const row = copyOf("#turn-row");
  const names = turn.map((id) => nameOf(board, id)).join(" and ");
  /** @type {(change: () => void, focus: number) => void} */
  const then = (change, focus) => {
    change();
    showTurns(card, board);
    const shown = childrenOf(part(card, "turns"))[focus];
    shown?.querySelector("[data-up]:enabled, [data-down]:enabled, [data-remove]")?.focus();
  };
  part(row, "number").textContent = `${index + 1}.`;
  part(row, "people").append(...turn.map((id) => personChip(card, board, turn, id)));
  const join = need(row, "[data-join]", HTMLSelectElement);
  part(row, "join-label").textContent = `Somebody with ${names} in this turn`;
  fill(join, [["", "+ with…"], ...peopleOptions(board).filter(([id]) => !turn.includes(Number(id)))], "");
  join.addEventListener("change", () => then(() => turn.push(Number(join.value)), index));
  const moved = (/** @type {number} */ to) => () => then(() => swap(turns, index, to), to);
  wire(need(row, "[data-up]", HTMLButtonElement), `${names} earlier`, index > 0, moved(index - 1));
  wire(need(row, "[data-down]", HTMLButtonElement), `${names} later`, index < turns.length - 1, moved(index + 1));
  wire(need(row, "[data-remove]", HTMLButtonElement), `Remove the turn of ${names}`, true, () => then(() => turns.splice(index, 1), index));
  return row;
}

/** @param {HTMLElement} card @param {Board} board @param {number[]} turn @param {number} id */
function personChip(card, board, turn, id) {
  const name = nameOf(board, id);
  const avatar = h("span", "avatar", initials(name));
  avatar.style.setProperty("--hue", hueOf(id));
  avatar.setAttribute("aria-hidden", "true");
  const chip = h("span", "person-chip", avatar, name);
  if (turn.length < 2) return chip;
  const leave = h("button", "chip-remove", "×");
  leave.type = "button";
  leave.setAttribute("aria-label", `Take ${name} out of this turn`);
  leave.addEventListener("click", () => {
    turn.splice(turn.indexOf(id), 1);
    showTurns(card, board);
  });
  chip.append(leave);
  return chip;
}

/** @param {HTMLButtonElement} button @param {string} label @param {boolean} enabled @param {() => void} act */
function wire(button, label, enabled, act) {
  button.setAttribute("aria-label", label);
  button.disabled = !enabled;
  button.addEventListener("click", act);
}

/** @param {number[][]} list @param {number} one @param {number} other */
function swap(list, one, other) {
  [list[one], list[other]] = [list[other], list[one]];
}

/** @param {HTMLElement} card */
function turnsOf(card) {
  return turnsKept.get(card) ?? [];
}

/** @param {HTMLElement} root @param {string} name */
function part(root, name) {
  return need(root, `[data-${name}]`);
}

/** @param {HTMLElement} root @param {string} name */
function input(root, name) {
  return /** @type {HTMLInputElement} */ (part(root, name));
}
