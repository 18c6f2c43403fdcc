// Which days are shown, and as what: kept in the address, so that it can be sent to a colleague and gone back to.

import { addDays, dayWords, isoDay, minutes, periodWords } from "./roster-time.js";

const MOST_DAYS = 93;
const words = document.querySelector("[data-period]");
const date = document.querySelector("[data-date]");
const daysChoice = document.querySelector("[data-days-choice]");
const payroll = document.querySelector("[data-payroll]");
const rowsChoice = document.querySelector("[data-rows-choice]");

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

export function letNavigate(page) {
  for (const button of document.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => step(page, Number(button.dataset.step)));
  }
  document.querySelector("[data-today]").addEventListener("click", () => go(page, { from: null }));
  date.addEventListener("change", () => date.value && go(page, { from: date.value }));
  daysChoice.addEventListener("change", (event) => go(page, { days: Number(event.target.value) }));
  rowsChoice.addEventListener("change", (event) => go(page, { rows: event.target.value }));
  window.addEventListener("popstate", () => {
    page.shown = readAddress();
    page.load();
  });
}

/** Say which days the board has. Without a day in the address it begins today, which the server knows. */
export function showPeriod(page) {
  const { board, shown } = page;
  words.textContent = periodWords(board.start, board.end);
  showPayroll(board);
  date.value = isoDay(board.start);
  for (const input of daysChoice.querySelectorAll("input")) input.checked = Number(input.value) === shown.days;
  for (const input of rowsChoice.querySelectorAll("input")) input.checked = input.value === shown.rows;
}

/** Hours on call are paid by the month: that in which the days shown begin. */
function showPayroll({ start }) {
  if (!payroll) return;
  const [year, month] = isoDay(start).split("-").map(Number);
  const first = (count) => new Date(Date.UTC(year, month - 1 + count, 1)).toISOString().slice(0, 10);
  payroll.search = new URLSearchParams({ from: first(0), to: first(1) });
  payroll.title = `Hours on call from ${dayWords(minutes(first(0)))} to ${dayWords(minutes(first(1)) - 1)}, by person`;
}

function step(page, way) {
  const start = minutes(page.shown.from ?? isoDay(page.board.start));
  go(page, { from: isoDay(addDays(start, way * page.shown.days)) });
}

function go(page, change) {
  page.shown = { ...page.shown, ...change };
  const { from, days, rows } = page.shown;
  const query = new URLSearchParams({ ...(from ? { from } : {}), days, rows });
  history.pushState(null, "", `?${query}`);
  page.load();
}
