// @ts-check
// The board by keyboard: one stop for Tab, arrows from bar to bar, Enter opens.

import { closest } from "./dom.js";
import { nearest } from "./roster-geometry.js";

/**
 * Make arrow keys move between the bars of what `view()` shows now.
 * @param {HTMLElement} el @param {() => View} view
 */
export function letArrowsMove(el, view) {
  el.addEventListener("keydown", (event) => {
    const target = closest(event, ".bar, .leave");
    const next = target && view() ? neighbour(view().rows, target, event.key) : null;
    if (!next) return;
    event.preventDefault();
    focusBar(view(), next);
  });
  el.addEventListener("focusin", (event) => {
    const target = closest(event, ".bar, .leave");
    if (target) makeStop(el, target);
  });
}

/**
 * The stop for Tab: what runs now, else the first.
 * @param {View} view @param {Instant} now
 */
export function makeFirstStop(view, now) {
  const running = view.bars.find((bar) => bar.start <= now && now < bar.end) ?? view.bars[0];
  if (running?.el) running.el.tabIndex = 0;
}

/**
 * Back to the bar of a shift after the board was drawn anew.
 * @param {View} view @param {{ rowKey: string, at: Instant }} facts
 */
export function focusAgain(view, { rowKey, at }) {
  const row = view.rows.find((each) => each.key === rowKey);
  const bar = row ? nearest(itemsOf(row), at) : null;
  if (bar?.el) focusBar(view, bar.el);
}

/** @param {View} view @param {HTMLElement} el */
function focusBar(view, el) {
  makeStop(view.el, el);
  el.focus();
  el.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** @param {HTMLElement} root @param {HTMLElement} el */
function makeStop(root, el) {
  for (const other of root.querySelectorAll('.bar[tabindex="0"], .leave[tabindex="0"]')) other.tabIndex = -1;
  el.tabIndex = 0;
}

/**
 * The bar to which a key leads from one of the rows' bars; null for other keys, undefined where there is none.
 * @param {Row[]} rows @param {HTMLElement} el @param {string} key
 */
export function neighbour(rows, el, key) {
  const index = rows.findIndex((row) => itemsOf(row).some((bar) => bar.el === el));
  if (index < 0) return null;
  const bars = itemsOf(rows[index]);
  const place = bars.findIndex((bar) => bar.el === el);
  switch (key) {
    case "ArrowRight": return bars[place + 1]?.el;
    case "ArrowLeft": return bars[place - 1]?.el;
    case "Home": return bars[0].el;
    case "End": return bars.at(-1)?.el;
    case "ArrowDown": return otherRow(rows.slice(index + 1), bars[place]);
    case "ArrowUp": return otherRow(rows.slice(0, index).reverse(), bars[place]);
    default: return null;
  }
}

/** @param {Row[]} rows @param {Span} facts */
function otherRow(rows, { start, end }) {
  const row = rows.find((each) => itemsOf(each).length > 0);
  return row ? nearest(itemsOf(row), (start + end) / 2)?.el : null;
}

/**
 * What can have the focus in a row, in the order of time.
 * @param {Row} row
 * @returns {(Span & { el?: HTMLElement })[]}
 */
function itemsOf(row) {
  return [...row.bars.filter((bar) => bar.el), ...row.away].sort((one, other) => one.start - other.start);
}
