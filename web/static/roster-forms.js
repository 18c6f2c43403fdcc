// @ts-check
// Small things that several forms of the roster need.

import { h } from "./dom.js";

/**
 * Fill a select with [value, words] pairs, keeping what is chosen where it is still there.
 * @param {HTMLSelectElement} select @param {Choosable[]} options @param {string | number} [chosen]
 */
export function fill(select, options, chosen = select.value) {
  select.replaceChildren(...options.map(([value, words]) => {
    const option = h("option", "", String(words));
    option.value = String(value);
    return option;
  }));
  if (options.some(([value]) => String(value) === String(chosen))) select.value = String(chosen);
}

/**
 * Everybody who can be on call, by name.
 * @param {Board} board @param {number | null} [besides]
 */
export function peopleOptions(board, besides = null) {
  const active = [...board.people.values()].filter((person) => !person.left && person.id !== besides);
  return active.map((person) => [person.id, person.name]);
}

/**
 * Number of a select's or field's value, or null when it is empty.
 * @param {{ value: string }} field
 */
export function idOf(field) {
  return field.value === "" ? null : Number(field.value);
}

/**
 * A form's fields by name.
 * @param {HTMLFormElement} form
 */
export function fieldsOf(form) {
  return /** @type {Fields} */ (/** @type {unknown} */ (form.elements));
}

/**
 * What is in the field that an event has happened in.
 * @param {EventTarget | null} target
 */
export function valueOf(target) {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement ? target.value : "";
}

/**
 * A button with words, in the look of the page's others.
 * @param {string} words @param {() => void} act @param {string} [look]
 */
export function button(words, act, look = "") {
  const made = h("button", `tool ${look}`.trim(), words);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}
