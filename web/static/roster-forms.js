// Small things that several forms of the roster need.

import { h } from "./dom.js";

/** Fill a select with [value, words] pairs, keeping what is chosen where it is still there. */
export function fill(select, options, chosen = select.value) {
  select.replaceChildren(...options.map(([value, words]) => {
    const option = h("option", "", words);
    option.value = String(value);
    return option;
  }));
  if (options.some(([value]) => String(value) === String(chosen))) select.value = String(chosen);
}

/** Everybody who can be on call, by name. */
export function peopleOptions(board, besides = null) {
  const active = [...board.people.values()].filter((person) => !person.left && person.id !== besides);
  return active.map((person) => [person.id, person.name]);
}

/** Number of a select's or field's value, or null when it is empty. */
export function idOf(field) {
  return field.value === "" ? null : Number(field.value);
}

/** A button with words, in the look of the page's others. */
export function button(words, act, look = "") {
  const made = h("button", `tool ${look}`.trim(), words);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}
