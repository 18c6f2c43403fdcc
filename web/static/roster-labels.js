// @ts-check
// What stands in a bar: as much as there is room for, and nothing that is cut off. A piece of a name would be read as
// another one, and "NO" of "Nobody, on purpose" as no.

import { initials } from "./roster-model.js";

const LETTERS = { bar: "600 13.5px", old: "400 12px" };
// What a bar has beside its letters, in pixels, by how close the days stand.
const PADDING = { airy: 21, close: 13, dense: 7 };
const HATCH = 7;
const PICTURE = 18;
const PLUS = 14;
const GRIPS = 22;
const ruler = document.createElement("canvas").getContext("2d");
const touch = matchMedia("(pointer: coarse)");
/** @type {Map<string, number>} */
const widths = new Map();

/**
 * The longest of these that fits into so many pixels; "" where none does.
 * @param {string[]} choices @param {number} room @param {"bar" | "old"} [kind]
 */
export function fitting(choices, room, kind = "bar") {
  return choices.find((words) => widthOf(words, kind) <= room) ?? "";
}

/**
 * A person's name, the first of it, or initials.
 * @param {string} name
 */
export function nameChoices(name) {
  return [name, name.split(/\s/)[0], initials(name)];
}

/**
 * Several names, all of them or nothing.
 * @param {string[]} names
 */
export function namesChoices(names) {
  const each = names.map((name) => (name === "Nobody" ? [name, name, name] : nameChoices(name)));
  return [0, 1, 2].map((size) => each.map((choices) => choices[size]).join(", "));
}

/**
 * How many pixels of a bar `px` wide its letters have.
 * @param {number} px @param {{ density: Density, made?: boolean, pictured?: boolean, added?: boolean, grips?: boolean }} facts
 */
export function roomIn(px, { density, made = false, pictured = false, added = false, grips = false }) {
  const taken = (made ? HATCH : 0) + (pictured ? PICTURE : 0) + (added ? PLUS : 0);
  return px - PADDING[density] - taken - (grips && touch.matches ? GRIPS : 0);
}

/** @param {string} words @param {"bar" | "old"} kind */
function widthOf(words, kind) {
  const key = `${kind} ${words}`;
  const known = widths.get(key);
  if (known !== undefined || !ruler) return known ?? 0;
  ruler.font = `${LETTERS[kind]} ${getComputedStyle(document.body).fontFamily}`;
  const width = Math.ceil(ruler.measureText(words).width) + 1;
  widths.set(key, width);
  return width;
}
