// The board by keyboard: one stop for Tab, arrows from bar to bar, Enter opens.

import { nearest } from "./roster-geometry.js";

/** Make arrow keys move between the bars of what `view()` shows now. */
export function letArrowsMove(el, view) {
  el.addEventListener("keydown", (event) => {
    const target = event.target.closest(".bar, .leave");
    const next = target && view() ? neighbour(view(), target, event.key) : null;
    if (!next) return;
    event.preventDefault();
    focusBar(view(), next);
  });
  el.addEventListener("focusin", (event) => {
    const target = event.target.closest(".bar, .leave");
    if (target) makeStop(el, target);
  });
}

/** The stop for Tab: what runs now, else the first. */
export function makeFirstStop(view, now) {
  const running = view.bars.find((bar) => bar.start <= now && now < bar.end) ?? view.bars[0];
  if (running) running.el.tabIndex = 0;
}

/** Back to the bar of a shift after the board was drawn anew. */
export function focusAgain(view, { rowKey, at }) {
  const row = view.rows.find((each) => each.key === rowKey);
  const bar = row ? nearest(itemsOf(row), at) : null;
  if (bar) focusBar(view, bar.el);
}

function focusBar(view, el) {
  makeStop(view.el, el);
  el.focus();
  el.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function makeStop(root, el) {
  for (const other of root.querySelectorAll('.bar[tabindex="0"], .leave[tabindex="0"]')) other.tabIndex = -1;
  el.tabIndex = 0;
}

function neighbour(view, el, key) {
  const index = view.rows.findIndex((row) => itemsOf(row).some((bar) => bar.el === el));
  const bars = itemsOf(view.rows[index]);
  const place = bars.findIndex((bar) => bar.el === el);
  switch (key) {
    case "ArrowRight": return bars[place + 1]?.el;
    case "ArrowLeft": return bars[place - 1]?.el;
    case "Home": return bars[0].el;
    case "End": return bars.at(-1).el;
    case "ArrowDown": return otherRow(view.rows.slice(index + 1), bars[place]);
    case "ArrowUp": return otherRow(view.rows.slice(0, index).reverse(), bars[place]);
    default: return null;
  }
}

function otherRow(rows, { start, end }) {
  const row = rows.find((each) => itemsOf(each).length > 0);
  return row ? nearest(itemsOf(row), (start + end) / 2)?.el : null;
}

function itemsOf(row) {
  return [...row.bars.filter((bar) => bar.el), ...row.away].sort((one, other) => one.start - other.start);
}
