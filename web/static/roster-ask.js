// @ts-check
// "Who would be rung at…": answered by the same rules that answer callers and ring people.

import { h, need } from "./dom.js";
import { get, Refusal } from "./roster-data.js";
import { regionWords } from "./roster-board.js";
import { fieldsOf, fill } from "./roster-forms.js";
import { clear, complain, letSave, open } from "./roster-sheet.js";
import { instantIn, setTime, timeOf } from "./roster-when.js";

const ANYBODY = ["", "Any Platinum customer of a region"];
const PRIORITIES = [["P1", "P1, critical"], ["P2", "P2, high"], ["P3", "P3, medium"], ["P4", "P4, low"]];
const dialog = need(document, "#what-if", HTMLDialogElement);
const form = need(dialog, "form", HTMLFormElement);
const field = fieldsOf(form);
const place = need(dialog, "[data-answer]");
/** @type {Page} */
let page;

/** @param {Page} thePage */
export function prepareAsking(thePage) {
  page = thePage;
  fill(field.priority, PRIORITIES, "P1");
  field.customer?.addEventListener("change", showRegion);
  letSave(dialog, ask, () => {});
}

export async function showAsking() {
  clear(form);
  place.hidden = true;
  fill(field.region, page.board.roster.regions.map((region) => [region, regionWords(region)]));
  setTime(field.at, instantIn(field.at) ?? page.now());
  showRegion();
  open(dialog);
  if (field.customer) await offerCustomers();
}

async function offerCustomers() {
  if (!field.customer.options.length) fill(field.customer, [ANYBODY]);
  try {
    /** @type {{ customers: { id: number, name: string }[] }} */
    const { customers } = await get("/rosters/customers.json");
    fill(field.customer, [ANYBODY, ...customers.map(({ id, name }) => [id, name])]);
  } catch (refused) {
    if (!(refused instanceof Refusal)) throw refused;
    complain(form, new Refusal(refused.message, { field: "customer" }));
  }
}

/** A customer's region is their contract's. */
function showRegion() {
  need(form, '[data-field="region"]').hidden = Boolean(field.customer?.value);
}

async function ask() {
  place.hidden = true;
  const at = timeOf(field.at);
  page.check({ at }, ["at"]);
  const customer = field.customer?.value;
  /** @type {Record<string, string>} */
  const whom = customer ? { customer } : { region: field.region.value };
  const query = new URLSearchParams({ at, ...whom, priority: field.priority.value });
  /** @type {WhatIf} */
  const found = await get(page.url(`what-if.json?${query}`));
  place.replaceChildren(h("h3", "", headWords(found)),
    h("p", found.refused ? "told bad" : "", found.words), ...listOf(found));
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

/** @param {WhatIf} facts */
function headWords({ written, customer, region, priority }) {
  return `${written}, ${priority}, ${customer ?? "any Platinum customer"} (${regionWords(region)})`;
}

/**
 * The office first where it is rung, then people; nothing where nobody would be.
 * @param {WhatIf} facts
 */
function listOf({ refused, office, steps, message }) {
  if (refused) return [];
  const entries = rounds(steps).map(({ seconds, names }) => h("li", "", h("time", "", after(seconds)), names));
  if (office) {
    const names = h("span", "ring", h("b", "", "The office"), h("small", "", `${office.number}, ${office.seconds} s`));
    entries.unshift(h("li", "", h("time", "", "at once"), h("span", "ring-names", names)));
  }
  if (!steps.length && !message) return [...listed(entries), h("p", "told bad", "Nobody would be rung.")];
  return listed(entries);
}

/** @param {HTMLElement[]} entries */
function listed(entries) {
  return entries.length ? [h("ol", "rings", ...entries)] : [];
}

/**
 * Whoever is rung at the same moment stands in one line.
 * @param {Ring[]} steps
 */
function rounds(steps) {
  /** @type {{ seconds: number, names: HTMLElement }[]} */
  const found = [];
  for (const step of steps) {
    const last = found.at(-1);
    const words = [h("b", "", step.person), h("small", "", step.source)];
    if (last && last.seconds === step.seconds) last.names.append(h("span", "ring", ...words));
    else found.push({ seconds: step.seconds, names: h("span", "ring-names", h("span", "ring", ...words)) });
  }
  return found;
}

/** @param {number} seconds */
function after(seconds) {
  if (seconds === 0) return "at once";
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  return `after ${[minutes ? `${minutes} min` : "", rest ? `${rest} s` : ""].filter(Boolean).join(" ")}`;
}
