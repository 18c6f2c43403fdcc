// The board by pointer: dragging over time selects it, dragging an override's edge moves it, a click opens a bar.
// A finger scrolls the board instead; for it, and for the keyboard, there are two handles (roster-handles.js).

import { h } from "./dom.js";
import { place } from "./roster-bars.js";
import { ordered } from "./roster-geometry.js";
import { spanLength, spanWords } from "./roster-time.js";

export const STEP = 30;
export const FINE_STEP = 5;
const THRESHOLD_PX = 5;
const EDGE_PX = 36;

/**
 * `act`: { select(row, span), moveEdge(bar, span), open(bar, row), openLeave(off), touch(row, at) }; of the first two
 * the end is waited for.
 */
export function letDrag(el, view, mayEdit, act) {
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
    const dragged = drag?.span != null;
    const touched = drag?.touch === true;
    drag = null;
    if (dragged) return;
    clicked(event, view(), touched && mayEdit, act);
  });
  el.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drag) return;
    drag.ghost?.remove();
    drag = null;
  });
}

function begin(event, view) {
  const lane = event.target.closest(".lane");
  const edge = event.target.closest("[data-edge]")?.dataset.edge ?? null;
  const touch = event.pointerType === "touch";
  const row = lane && view?.rows.find((each) => each.key === lane.dataset.row);
  if (!row || event.target.closest(".handle")) return null;
  const found = { id: event.pointerId, view, lane, row, edge, touch, x: event.clientX, span: null, ghost: null };
  if (touch && !edge) return found; // it may scroll; only a tap is ours
  found.bar = barOf(view, event.target);
  found.anchor = edge ? found.bar.shift.whole[edge === "start" ? "end" : "start"] : timeAt(found, event);
  return found;
}

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
  const step = event.shiftKey ? FINE_STEP : STEP;
  drag.span = dragged(drag, timeAt(drag, event), step);
  showSelection(drag.ghost, drag.span, drag.view.scale);
}

/** An edge stops a step before the other one; a new selection may be drawn either way. */
function dragged({ edge, anchor, view }, time, step) {
  const { start: low, end: high, snap } = view.scale;
  const at = snap(time, step);
  if (edge === "start") return { start: Math.max(low, Math.min(at, anchor - step)), end: anchor };
  if (edge === "end") return { start: anchor, end: Math.min(high, Math.max(at, anchor + step)) };
  return ordered(snap(anchor, step), at, step, low, high);
}

/** The mark stays for as long as what follows: a request, or the form that is open. */
async function finish({ edge, bar, row, span, ghost }, act) {
  await (edge ? act.moveEdge(bar, span) : act.select(row, span));
  ghost.remove();
}

function clicked(event, view, touched, act) {
  const lane = event.target.closest(".lane");
  const row = lane && view.rows.find((each) => each.key === lane.dataset.row);
  if (!row || event.target.closest(".handle")) return;
  const leave = event.target.closest(".leave");
  if (leave) {
    act.openLeave(row.away.find((off) => off.el === leave));
    return;
  }
  const bar = barOf(view, event.target);
  if (bar) act.open(bar, row);
  else if (touched) act.touch(row, timeAt({ lane, view }, event));
}

function barOf(view, target) {
  const el = target.closest(".bar");
  return el ? view.bars.find((bar) => bar.el === el) ?? null : null;
}

function timeAt({ lane, view }, event) {
  const box = lane.getBoundingClientRect();
  return view.scale.at((event.clientX - box.left) / box.width);
}

/** The marked time, with its words. */
export function selection(look) {
  return h("div", `selection ${look}`.trim(), h("span", "selection-words"));
}

export function showSelection(el, span, scale) {
  place(el, span, scale);
  el.firstChild.textContent = `${spanWords(span.start, span.end)} · ${spanLength(span.start, span.end)}`;
  el.classList.toggle("late", scale.share(span.start) > 0.6);
}

/** Near the border of what is seen, the board follows. */
export function scrollAlong(el, x) {
  const box = el.getBoundingClientRect();
  if (x > box.right - EDGE_PX) el.scrollBy(14, 0);
  else if (x < box.left + EDGE_PX) el.scrollBy(-14, 0);
}
