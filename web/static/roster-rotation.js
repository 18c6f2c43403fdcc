// One rotation's card in a layer's form: when it hands off, and whose turns follow each other.

import { h } from "./dom.js";
import { fill, peopleOptions } from "./roster-forms.js";
import { hueOf, initials, nameOf } from "./roster-model.js";
import { minutes, moment } from "./roster-time.js";
import { clockWords } from "./roster-when.js";

const turnsOf = new WeakMap();

/** A card that can be edited; `removed` is called when it is taken away. */
export function rotationCard(rotation, board, removed) {
  const card = document.querySelector("#rotation-card").content.cloneNode(true).firstElementChild;
  const [count, unit] = rotation.every.split(" ");
  part(card, "start").value = rotation.start;
  part(card, "until").value = rotation.until ?? "";
  part(card, "count").value = count;
  part(card, "unit").value = unit.replace(/s$/, "");
  part(card, "active").checked = rotation.count === "active";
  turnsOf.set(card, rotation.turns.map((turn) => [...turn]));
  const adding = part(card, "add-turn");
  fill(adding, [["", "…"], ...peopleOptions(board)], "");
  adding.addEventListener("change", () => {
    if (!adding.value) return;
    turnsOf.get(card).push([Number(adding.value)]);
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

/** The card's rotation as the server takes it. */
export function readRotation(card) {
  const count = Number(part(card, "count").value) || 0;
  const active = part(card, "unit").value === "day" && part(card, "active").checked;
  return {
    start: part(card, "start").value,
    every: `${count} ${part(card, "unit").value}${count === 1 ? "" : "s"}`,
    until: part(card, "until").value || null,
    turns: turnsOf.get(card).map((turn) => [...turn]),
    count: active ? "active" : "all",
  };
}

/** "Giulia, Marco and Sara in turn, 1 week each, from Mon 5 Jan 2026, 18:00" */
export function rotationWords({ start, every, until, turns, count }, board) {
  if (!turns.length) return "Nobody yet.";
  const names = turns.map((turn) => turn.map((id) => nameOf(board, id)).join(" with "));
  const who = names.length === 1 ? `Always ${names[0]}`
    : `${names.slice(0, -1).join(", ")} and ${names.at(-1)} in turn, ${every}${count === "active" ? " on duty" : ""} each`;
  const from = start ? `, from ${dateWords(start)}` : "";
  return `${who}${from}${until ? ` until ${dateWords(until)}` : ""}`;
}

function dateWords(text) {
  return moment(minutes(text));
}

function showTurns(card, board) {
  const turns = turnsOf.get(card);
  part(card, "turns").replaceChildren(...turns.map((turn, index) => turnRow(card, board, turn, index)));
  summarize(card, board);
}

function summarize(card, board) {
  const rotation = readRotation(card);
  part(card, "active-field").hidden = part(card, "unit").value !== "day";
  const times = [rotation.start, rotation.until ?? ""].map(clockWords).filter(Boolean);
  part(card, "summary").textContent = [rotationWords(rotation, board), ...times].join(". ");
}

function turnRow(card, board, turn, index) {
  const turns = turnsOf.get(card);
  const row = document.querySelector("#turn-row").content.cloneNode(true).firstElementChild;
  const names = turn.map((id) => nameOf(board, id)).join(" and ");
  const then = (change, focus) => {
    change();
    showTurns(card, board);
    part(card, "turns").children[focus]?.querySelector("[data-up]:enabled, [data-down]:enabled, [data-remove]").focus();
  };
  part(row, "number").textContent = `${index + 1}.`;
  part(row, "people").append(...turn.map((id) => personChip(card, board, turn, id)));
  const join = part(row, "join");
  part(row, "join-label").textContent = `Somebody with ${names} in this turn`;
  fill(join, [["", "+ with…"], ...peopleOptions(board).filter(([id]) => !turn.includes(id))], "");
  join.addEventListener("change", () => then(() => turn.push(Number(join.value)), index));
  const moved = (to) => () => then(() => swap(turns, index, to), to);
  wire(part(row, "up"), `${names} earlier`, index > 0, moved(index - 1));
  wire(part(row, "down"), `${names} later`, index < turns.length - 1, moved(index + 1));
  wire(part(row, "remove"), `Remove the turn of ${names}`, true, () => then(() => turns.splice(index, 1), index));
  return row;
}

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

function wire(button, label, enabled, act) {
  button.setAttribute("aria-label", label);
  button.disabled = !enabled;
  button.addEventListener("click", act);
}

function swap(list, one, other) {
  [list[one], list[other]] = [list[other], list[one]];
}

function part(root, name) {
  return root.querySelector(`[data-${name}]`);
}
