// @ts-check
// Draws the board: rows, bars, and what lies behind and across them. Built once a load, placed by shares of the width,
// so that nothing has to be measured.

import { h } from "./dom.js";
import { picture } from "./roster-icons.js";
import { percent } from "./roster-geometry.js";
import { fitting, nameChoices, roomIn } from "./roster-labels.js";
import { absenceWords, hueOf, kindOf, madeBy, nameOf } from "./roster-model.js";
import { spanWords } from "./roster-time.js";

const WIDE_PX = 104;
const MIDDLE_PX = 58;
// An override's hatched edge takes so much of what its name has.
const HATCH_PX = 14;
const ICONS = { override: "cover", swap: "swap" };

/**
 * A row with its name and its bars. `look`: { board, scale, width (px of the time axis), density, mayEdit }.
 * @param {Row} row @param {Look} look
 */
export function drawRow(row, look) {
  const name = h("div", "row-name", h("span", "", row.name));
  const lane = h("div", "lane");
  lane.style.setProperty("--depth", String(row.depth));
  lane.dataset.row = row.key;
  for (const off of row.away) lane.append(drawLeave(off, look));
  for (const bar of row.bars) lane.append(drawBar(bar, row, look));
  const el = h("div", "row", name, lane);
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", row.layer ? `Layer ${row.name}` : row.name);
  return el;
}

/** @param {Bar} bar @param {Row} row @param {Look} look */
function drawBar(bar, row, look) {
  const kind = kindOf(bar.shift);
  const el = document.createElement(kind === "off" ? "div" : "button");
  el.className = "bar";
  el.dataset.kind = kind;
  place(el, bar, look.scale);
  el.style.setProperty("--lane", String(bar.lane));
  if (kind === "off") return el;
  if (el instanceof HTMLButtonElement) el.type = "button";
  el.tabIndex = -1;
  el.setAttribute("aria-label", barWords(bar, look.board));
  const made = madeBy(bar.shift);
  const size = sizeOf(bar, look, made ? HATCH_PX : 0);
  el.dataset.size = size;
  if (made) el.dataset.made = made;
  for (const who of bar.whos) {
    const marked = made !== null && (who.added || bar.shift.kind !== "add");
    const line = drawWho(who, bar, row, look, { made: marked, pictured: marked && size === "wide" });
    if (marked) markMade(line, made, size);
    el.append(line);
  }
  if (bar.shift.cutBefore && bar.start === look.board.start) el.classList.add("cut-before");
  if (bar.shift.cutAfter && bar.end === look.board.end) el.classList.add("cut-after");
  if (look.mayEdit && row.layer && bar.shift.whole && bar.shift.swap_id === null) addEdges(el, bar);
  bar.el = el;
  return el;
}

/** @param {Who} who @param {Bar} bar @param {Row} row @param {Look} look @param {{ made: boolean, pictured: boolean }} marks */
function drawWho(who, bar, row, look, marks) {
  const room = roomIn(pxOf(bar, look), {
    ...marks, density: look.density, added: who.added, grips: look.mayEdit && bar.shift.whole !== null,
  });
  const shown = h("span", "", fitting(choicesOf(who, bar, row, look.board), room));
  const el = h("span", "who-bar", who.added ? h("b", "plus", "+") : "", shown);
  if (who.id !== null) el.style.setProperty("--hue", hueOf(who.id));
  if (who.id === null) el.classList.add("is-nobody");
  if (who.absent) el.classList.add("is-absent");
  return el;
}

/**
 * An override's hatched edge, and its picture where it takes nothing from the name.
 * @param {HTMLElement} line @param {"override" | "swap"} made @param {string} size
 */
function markMade(line, made, size) {
  line.classList.add("is-made");
  if (size !== "wide") return;
  line.classList.add("is-pictured");
  line.append(picture(ICONS[made]));
}

/** @param {Who} who @param {Bar} bar @param {Row} row @param {Board} board */
function choicesOf(who, bar, row, board) {
  if (!row.layer) return [bar.shift.layer.name];
  if (who.id === null) return bar.shift.override_id === null ? ["Nobody"] : ["Nobody, on purpose", "Nobody"];
  return nameChoices(nameOf(board, who.id));
}

/** @param {Span} bar @param {Look} facts */
function pxOf(bar, { scale, width }) {
  return (scale.share(bar.end) - scale.share(bar.start)) * width;
}

/** @param {Bar} bar @param {Look} look @param {number} taken */
function sizeOf(bar, look, taken) {
  const px = pxOf(bar, look) - taken;
  if (px > WIDE_PX) return "wide";
  return px > MIDDLE_PX ? "middle" : "small";
}

/**
 * Everything about a bar in words: for screen readers, and as the tip of a pointer.
 * @param {Bar} bar @param {Board} board
 */
export function barWords(bar, board) {
  const who = bar.whos.map(({ id, absent, added }) => {
    if (id === null) return "Nobody";
    return `${nameOf(board, id)}${absent ? ` (${absenceWords(board, id)})` : added ? " (added)" : ""}`;
  });
  return `${who.join(", ")}, layer ${bar.shift.layer.name}, ${spanWords(bar.start, bar.end)}, ${bar.shift.reason}`;
}

/**
 * An override's ends can be taken hold of, unless the board cuts them off.
 * @param {HTMLElement} el @param {Bar} bar
 */
function addEdges(el, bar) {
  for (const end of /** @type {const} */ (["start", "end"])) {
    if (bar[end] !== bar.shift.whole?.[end]) continue;
    const grip = h("span", `edge ${end}`);
    grip.dataset.edge = end;
    el.append(grip);
  }
}

/** @param {TimeOff} off @param {Look} facts */
function drawLeave(off, { board, scale }) {
  const el = h("button", "leave", h("span", "", off.note ? `Time off: ${off.note}` : "Time off"));
  el.type = "button";
  el.tabIndex = -1;
  place(el, off, scale);
  el.style.setProperty("--lane", String(off.lane));
  const note = off.note ? `, ${off.note}` : "";
  const who = nameOf(board, off.person_id);
  el.setAttribute("aria-label", `${who} has time off, ${spanWords(off.start, off.end)}${note}`);
  off.el = el;
  return el;
}

/** @param {HTMLElement} el @param {Span} facts @param {Scale} scale */
export function place(el, { start, end }, scale) {
  const from = scale.share(start);
  el.style.left = percent(from);
  el.style.width = percent(scale.share(end) - from);
}
