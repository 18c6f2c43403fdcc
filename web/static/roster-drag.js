// @ts-check
// The board by pointer: dragging over time selects it, dragging an override's edge moves it, a click opens a bar.
// A finger scrolls the board instead; for it, and for the keyboard, there are two handles (roster-handles.js).

import { closest, h, need } from "./dom.js";
import { place } from "./roster-bars.js";
import { dragged, FINE_STEP_MINUTES, STEP_MINUTES } from "./roster-spans.js";
import { spanLength, spanWords } from "./roster-time.js";

const THRESHOLD_PX = 5;
const EDGE_PX = 36;

/**
 * `act`: { select(row, span), moveEdge(bar, span), open(bar, row), openLeave(off), touch(row, at) }; of the first two
 * the end is waited for.
 * @param {HTMLElement} el @param {() => View} view @param {boolean} mayEdit @param {Acts} act
 */
export function letDrag(el, view, mayEdit, act) {
  /** @type {Drag | null} */
  let drag = null;
  el.addEventListener("pointerdown", (event) => {
    drag = event.button === 0 && mayEdit ? begin(event, view()) : null;
  });
  el.addEventListener("pointermove", (event) => drag && event.pointerId === drag.id && move(drag, event));
  el.addEventListener("pointercancel", () => {
    drag?.ghost?.remove();
    drag = null;
  });
  el.addEventListener("pointerup", () => {
    if (drag?.span) finish(drag, act);
  });
  el.addEventListener("click", (event) => {
    const moved = drag?.span != null;
    const touched = drag?.touch === true;
    drag = null;
    if (moved) return;
    clicked(event, view(), touched && mayEdit, act);
  });
  el.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drag) return;
    drag.ghost?.remove();
    drag = null;
  });
}

/**
 * With a finger that is on no edge the page may be scrolled: only a tap is ours.
 * @param {PointerEvent} event @param {View} view
 * @returns {Drag | null}
 */
function begin(event, view) {
  const lane = closest(event, ".lane");
  const edge = /** @type {Edge | null} */ (closest(event, "[data-edge]")?.dataset.edge ?? null);
  const touch = event.pointerType === "touch";
  const row = lane && view?.rows.find((each) => each.key === lane.dataset.row);
  if (!row || closest(event, ".handle")) return null;
  const bar = barOf(view, event);
  const other = edge === null ? undefined : bar?.shift.whole?.[edge === "start" ? "end" : "start"];
  const anchor = other ?? timeAt({ lane, view }, event);
  return { id: event.pointerId, view, lane, row, edge, touch, x: event.clientX, span: null, ghost: null, bar, anchor };
}

/** @param {Drag} drag @param {PointerEvent} event */
function move(drag, event) {
  if (drag.touch && !drag.edge) return;
  if (!drag.span && Math.abs(event.clientX - drag.x) < THRESHOLD_PX) return;
  if (!drag.ghost) {
    drag.lane.setPointerCapture(drag.id);
    drag.ghost = selection(drag.edge ? "moving" : "");
    drag.lane.append(drag.ghost);
  }
  event.preventDefault();
  scrollAlong(drag.view.el, event.clientX);
  const step = event.shiftKey ? FINE_STEP_MINUTES : STEP_MINUTES;
  drag.span = dragged(drag, drag.view.scale, timeAt(drag, event), step);
  showSelection(drag.ghost, drag.span, drag.view.scale);
}

/**
 * The mark stays for as long as what follows: a request, or the form that is open.
 * @param {Drag} facts @param {Acts} act
 */
async function finish({ edge, bar, row, span, ghost }, act) {
  if (edge && bar && span) await act.moveEdge(bar, span);
  else if (span) await act.select(row, span);
  ghost?.remove();
}

/** @param {MouseEvent} event @param {View} view @param {boolean} touched @param {Acts} act */
function clicked(event, view, touched, act) {
  const lane = closest(event, ".lane");
  const row = lane && view.rows.find((each) => each.key === lane.dataset.row);
  if (!row || closest(event, ".handle")) return;
  const leave = closest(event, ".leave");
  if (leave) {
    const off = row.away.find((each) => each.el === leave);
    if (off) act.openLeave(off);
    return;
  }
  const bar = barOf(view, event);
  if (bar) act.open(bar, row);
  else if (touched && lane) act.touch(row, timeAt({ lane, view }, event));
}

/** @param {View} view @param {Event} event */
function barOf(view, event) {
  const el = closest(event, ".bar");
  return el ? view.bars.find((bar) => bar.el === el) ?? null : null;
}

/** @param {{ lane: HTMLElement, view: View }} facts @param {MouseEvent} event */
function timeAt({ lane, view }, event) {
  const box = lane.getBoundingClientRect();
  return view.scale.at((event.clientX - box.left) / box.width);
}

/**
 * The marked time, with its words.
 * @param {string} look
 */
export function selection(look) {
  return h("div", `selection ${look}`.trim(), h("span", "selection-words"));
}

/** @param {HTMLElement} el @param {Span} span @param {Scale} scale */
export function showSelection(el, span, scale) {
  place(el, span, scale);
  need(el, ".selection-words").textContent = `${spanWords(span.start, span.end)} · ${spanLength(span.start, span.end)}`;
  el.classList.toggle("late", scale.share(span.start) > 0.6);
}

/**
 * Near the border of what is seen, the board follows.
 * @param {HTMLElement} el @param {number} x
 */
export function scrollAlong(el, x) {
  const box = el.getBoundingClientRect();
  if (x > box.right - EDGE_PX) el.scrollBy(14, 0);
  else if (x < box.left + EDGE_PX) el.scrollBy(-14, 0);
}
