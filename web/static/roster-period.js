// @ts-check
// Which days are shown, and as what: kept in the address, so that it can be sent to a colleague and gone back to.

import { need } from "./dom.js";
import { valueOf } from "./roster-forms.js";
import { addDays, dayWords, isoDay, minutes, periodWords } from "./roster-time.js";

const MOST_DAYS = 93;
const words = need(document, "[data-period]");
const date = need(document, "[data-date]", HTMLInputElement);
const daysChoice = need(document, "[data-days-choice]");
/** @type {HTMLAnchorElement | null} */
const payroll = document.querySelector("[data-payroll]");
const rowsChoice = need(document, "[data-rows-choice]");

/** { from: "2026-06-01" or null for today, days, rows } */
export function readAddress() {
  const query = new URLSearchParams(location.search);
  const from = query.get("from") ?? "";
  const days = Number(query.get("days"));
  return {
    from: Number.isNaN(minutes(from)) || from.length !== 10 ? null : from,
    days: Number.isInteger(days) && days >= 1 && days <= MOST_DAYS ? days : 14,
    rows: query.get("rows") === "people" ? "people" : "layers",
  };
}

/** @param {Page} page */
export function letNavigate(page) {
  for (const button of document.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => step(page, Number(button.dataset.step)));
  }
  need(document, "[data-today]").addEventListener("click", () => go(page, { from: null }));
  date.addEventListener("change", () => date.value && go(page, { from: date.value }));
  daysChoice.addEventListener("change", ({ target }) => go(page, { days: Number(valueOf(target)) }));
  rowsChoice.addEventListener("change", ({ target }) => go(page, { rows: valueOf(target) }));
  window.addEventListener("popstate", () => {
    page.shown = readAddress();
    page.load();
  });
}

/**
 * Say which days the board has. Without a day in the address it begins today, which the server knows.
 * @param {Page} page
 */
export function showPeriod(page) {
  const { board, shown } = page;
  words.textContent = periodWords(board.start, board.end);
  showPayroll(board);
  date.value = isoDay(board.start);
  choose(daysChoice, String(shown.days));
  choose(rowsChoice, shown.rows);
}

/** @param {HTMLElement} choice @param {string} value */
function choose(choice, value) {
  /** @type {NodeListOf<HTMLInputElement>} */
  const inputs = choice.querySelectorAll("input");
  for (const input of inputs) input.checked = input.value === value;
}

/**
 * Hours on call are paid by the month: that in which the days shown begin.
 * @param {Board} facts
 */
function showPayroll({ start }) {
  if (!payroll) return;
  const [year, month] = isoDay(start).split("-").map(Number);
  const first = (/** @type {number} */ count) => new Date(Date.UTC(year, month - 1 + count, 1)).toISOString().slice(0, 10);
  payroll.search = String(new URLSearchParams({ from: first(0), to: first(1) }));
  payroll.title = `Hours on call from ${dayWords(minutes(first(0)))} to ${dayWords(minutes(first(1)) - 1)}, by person`;
}

/** @param {Page} page @param {number} way */
function step(page, way) {
  const start = minutes(page.shown.from ?? isoDay(page.board.start));
  go(page, { from: isoDay(addDays(start, way * page.shown.days)) });
}

/** @param {Page} page @param {Partial<Page["shown"]>} change */
function go(page, change) {
  page.shown = { ...page.shown, ...change };
  const { from, days, rows } = page.shown;
  const query = new URLSearchParams({ ...(from ? { from } : {}), days: String(days), rows });
  history.pushState(null, "", `?${query}`);
  page.load();
}
