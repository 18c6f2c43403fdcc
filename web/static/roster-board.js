// @ts-check
// The board as a whole: the days on top, the rows, and behind them weekends, holidays, hours to cover, gaps, now.

import { h } from "./dom.js";
import { drawRow, place } from "./roster-bars.js";
import { drawPairs } from "./roster-draft-lanes.js";
import { percent, scale as scaleOf } from "./roster-geometry.js";
import { daysOf, isDraft, layerRows, peopleRows } from "./roster-model.js";
import { addDays, dateParts, dayOf, isWeekend, spanWords, weekday as weekdayOf } from "./roster-time.js";

const DENSE_DAYS = 45;
const MANY_ROWS = 8;
const LEAST_NAME_PX = 40;
const NARROW = matchMedia("(max-width: 760px)");

/**
 * Put the board's data on the page. What it returns is what dragging and the keyboard work with.
 * @param {HTMLElement} el @param {Board} board @param {{ rows: string, mayEdit: boolean }} facts
 */
export function drawBoard(el, board, { rows: by, mayEdit }) {
  const scale = scaleOf(board.start, board.end, [...daysOf(board), board.end]);
  const rows = by === "people" ? peopleRows(board) : layerRows(board);
  const grid = h("div", "grid");
  grid.style.setProperty("--days", String(board.days));
  const density = densityOf(board.days);
  grid.dataset.density = density;
  grid.dataset.rows = rows.length > MANY_ROWS ? "many" : "few";
  const look = { board, scale, mayEdit, density, width: axisWidth(el, board.days) };
  const behind = drawBehind(board, scale);
  const across = drawAcross(board, scale);
  if (board.gaps.length) grid.classList.add("with-gaps");
  const drawn = isDraft(board) ? drawPairs(rows, board, by, look) : rows.map((row) => drawRow(row, look));
  grid.append(drawHead(board, look), behind, ...drawn, across.el);
  if (!rows.length) grid.append(h("p", "no-rows", "This roster has no layers yet."));
  el.replaceChildren(grid);
  const bars = rows.flatMap((row) => row.bars.filter((bar) => bar.el));
  return { el, grid, board, scale, rows, bars, now: across.now };
}

/**
 * @param {number} days
 * @returns {Density}
 */
function densityOf(days) {
  if (days > DENSE_DAYS) return "dense";
  return days > 16 ? "close" : "airy";
}

/**
 * How wide the time axis will be: the only look at the page's measures, before anything is built.
 * @param {HTMLElement} el @param {number} days
 */
function axisWidth(el, days) {
  const airy = NARROW.matches ? 92 : 64;
  const least = { week: airy, fortnight: airy, more: 30, quarter: 13 };
  const key = days <= 7 ? "week" : days <= 16 ? "fortnight" : days <= DENSE_DAYS ? "more" : "quarter";
  return Math.max(el.clientWidth - (NARROW.matches ? 0 : 150), days * least[key]);
}

/** @param {Board} board @param {Look} facts */
function drawHead(board, { scale, density, width }) {
  const days = h("div", "days");
  days.setAttribute("aria-hidden", "true");
  for (const day of daysOf(board)) days.append(drawDay(day, board, density));
  const found = [...board.holidays].filter(([day]) => board.start <= day && day < board.end);
  for (const [index, [day, name]] of found.entries()) {
    const room = scale.share(found[index + 1]?.[0] ?? board.end) - scale.share(day);
    if (room * width < LEAST_NAME_PX) continue;
    const label = h("span", "holiday-name", name);
    label.title = name;
    label.style.left = percent(scale.share(day));
    label.style.maxWidth = percent(room);
    days.append(label);
  }
  const head = h("div", "grid-head", h("div", "corner-cell"), days);
  if (found.length) head.classList.add("with-holidays");
  head.append(h("p", "unseen", found.map(([day, name]) => `${spanWords(day, addDays(day, 1))}: ${name}.`).join(" ")));
  return head;
}

/** @param {Instant} day @param {Board} board @param {Density} density */
function drawDay(day, board, density) {
  const { weekday, day: number, month } = dateParts(day);
  const dense = density === "dense";
  const first = day === board.start || (dense ? weekday === "Mon" && number <= 7 : number === 1);
  const cell = h("div", "day", h("small", "", weekday), h("b", "", String(number)), first ? h("em", "", month) : "");
  if (isWeekend(day)) cell.classList.add("weekend");
  if (board.holidays.has(day)) cell.classList.add("holiday");
  if (dayOf(board.now) === day) cell.classList.add("today");
  // Where only Mondays have room, a first day just before one leaves it to that.
  const begins = day === board.start && !(dense && board.start < nextMonday(day) && nextMonday(day) < addDays(day, 4));
  if (weekday === "Mon" || begins) cell.classList.add("monday");
  return cell;
}

/** @param {Instant} day */
function nextMonday(day) {
  return addDays(day, (8 - weekdayOf(day)) % 7 || 7);
}

/** @param {Board} board @param {Scale} scale */
function drawBehind(board, scale) {
  const layer = h("div", "behind");
  for (const day of daysOf(board)) {
    const holiday = board.holidays.has(day);
    if (!holiday && !isWeekend(day)) continue;
    layer.append(band(holiday ? "band holiday" : "band weekend", { start: day, end: addDays(day, 1) }, scale));
  }
  for (const span of board.required) layer.append(band("band required", span, scale));
  for (const gap of board.gaps) layer.append(band("band gap", gap, scale));
  return layer;
}

/** @param {Board} board @param {Scale} scale */
function drawAcross(board, scale) {
  const layer = h("div", "across");
  for (const gap of board.gaps) {
    const el = band("gap-words", gap, scale);
    el.append(h("span", "", gapWords(gap)));
    layer.append(el);
  }
  const now = h("div", "now", h("span", "unseen", "now"));
  layer.append(now);
  return { el: layer, now };
}

/** @param {{ regions: string[] }} gap */
export function gapWords(gap) {
  return `Nobody for ${gap.regions.map(regionWords).join(", ")}`;
}

/** @param {string} region */
export function regionWords(region) {
  return region.replaceAll("_", " ");
}

/**
 * Put the line where time is; away from the board it is not shown.
 * @param {View} facts @param {Instant} at
 */
export function moveNow({ now, board, scale }, at) {
  now.hidden = at < board.start || at >= board.end;
  now.style.left = percent(scale.share(at));
}

/** @param {string} name @param {Span} span @param {Scale} scale */
function band(name, span, scale) {
  const el = h("div", name);
  place(el, span, scale);
  return el;
}
