// @ts-check
// A field of date and time, on the clock of the roster's zone. Browsers may show it as 12/06/2026, 06:00 PM, so the one
// way in which times are written stands beside it. Where what is typed comes twice in that night, a choice
// of the two appears below it; where the clock leaves it out, a sentence says how it is read.

import { h, show } from "./dom.js";
import { instantsOf, nameAt } from "./roster-clock.js";
import { iso, minutes, moment, wallIso } from "./roster-time.js";

/**
 * Put an instant into a field, or empty it with null.
 * @param {HTMLInputElement} input @param {Instant | null} at
 */
export function setTime(input, at) {
  input.value = at === null ? "" : wallIso(at);
  choiceOf(input).select.value = "0";
  showChoice(input);
  if (at === null) return;
  choiceOf(input).select.value = String(Math.max(0, meant(input).indexOf(at)));
  showChoice(input);
}

/**
 * What is in the field, as the server takes it; "" while it is empty.
 * @param {HTMLInputElement} input
 */
export function timeOf(input) {
  const at = instantIn(input);
  return at === null ? "" : iso(at);
}

/**
 * What is in the field as an instant, or null.
 * @param {HTMLInputElement} input
 */
export function instantIn(input) {
  const all = meant(input);
  return all[Number(choiceOf(input).select.value)] ?? all[0] ?? null;
}

/**
 * What has to be said of a time that the clock shows twice or never; "" of all others.
 * @param {string} text
 */
export function clockWords(text) {
  const all = timesOf(text);
  if (all.length > 1) return `${text.slice(11, 16)} comes twice that night: the first one is meant, ${nameAt(all[0])}.`;
  return missingWords(text);
}

/** @param {string} text */
function missingWords(text) {
  const read = wallIso(minutes(text) || 0);
  if (Number.isNaN(minutes(text)) || read === text.slice(0, 16)) return "";
  return `${text.slice(11, 16)} does not exist that night: it is read as ${read.slice(11)}.`;
}

/**
 * The instants that may be meant: one for a time that never comes, too.
 * @param {HTMLInputElement} input
 */
function meant(input) {
  const all = timesOf(input.value);
  return all.length || Number.isNaN(minutes(input.value)) ? all : [minutes(input.value)];
}

/** @param {string} text */
function timesOf(text) {
  const wall = Math.floor(Date.parse(`${text}Z`) / 60_000);
  return Number.isNaN(wall) ? [] : instantsOf(wall);
}

const choices = new WeakMap();

/**
 * The choice and the sentence of a field, made when they are first asked for.
 * @param {HTMLInputElement} input
 */
function choiceOf(input) {
  if (!choices.has(input)) choices.set(input, makeChoice(input));
  return choices.get(input);
}

/** @param {HTMLInputElement} input */
function makeChoice(input) {
  const select = document.createElement("select");
  const words = h("span", "");
  const label = h("label", "which", words, select);
  const note = h("p", "clock-note");
  note.setAttribute("role", "status");
  const reading = h("p", "reading");
  label.hidden = true;
  select.value = "0";
  input.before(reading);
  input.after(label, note);
  for (const el of [input, select]) el.addEventListener("input", () => showChoice(input));
  return { select, label, words, note, reading };
}

/** @param {HTMLInputElement} input */
function showChoice(input) {
  const { select, label, words, note, reading } = choiceOf(input);
  const all = timesOf(input.value);
  const time = input.value.slice(11, 16);
  const options = all.length < 2 ? [] : ["first", "second"].map((which, index) => {
    const option = h("option", "", `${which} ${time} (${nameAt(all[index])})`);
    option.value = String(index);
    return option;
  });
  const chosen = select.value;
  select.replaceChildren(...options);
  if (options.length) select.value = chosen === "1" ? "1" : "0";
  words.textContent = `${time} comes twice that night`;
  show(label, options.length > 0);
  note.textContent = missingWords(input.value);
  reading.textContent = readingOf(input);
}

/**
 * What is in the field, as people read it; "" while it is no time.
 * @param {HTMLInputElement} input
 */
function readingOf(input) {
  const at = instantIn(input);
  return at === null ? "" : moment(at);
}
