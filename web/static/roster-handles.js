// Marking a time with two handles: for fingers, and for the arrow keys. A bar at the window's foot says what is marked.

import { h } from "./dom.js";
import { FINE_STEP, STEP, scrollAlong, selection, showSelection } from "./roster-drag.js";
import { addDays, moment, spanWords } from "./roster-time.js";

const picker = document.querySelector("[data-picker]");
const words = document.querySelector("[data-picker-words]");
let current = null;

document.querySelector("[data-picker-cancel]").addEventListener("click", () => dropHandles());
document.querySelector("[data-picker-take]").addEventListener("click", () => taken());

/** Show handles at both ends of `span` in a row; `take(span)` follows "Cover this time". */
export function showHandles(view, rowKey, span, take) {
  dropHandles();
  const lane = view.el.querySelector(`.lane[data-row="${CSS.escape(rowKey)}"]`);
  const el = selection("held");
  current = { view, lane, el, span: { ...span }, take, handles: {} };
  for (const end of ["start", "end"]) {
    current.handles[end] = handle(end);
    el.append(current.handles[end]);
  }
  lane.append(el);
  picker.hidden = false;
  show();
  current.handles.start.focus({ preventScroll: true });
  el.scrollIntoView({ block: "nearest", inline: "nearest" });
}

export function dropHandles() {
  current?.el.remove();
  current = null;
  picker.hidden = true;
}

function taken() {
  const { span, take } = current;
  dropHandles();
  take(span);
}

function handle(end) {
  const el = h("span", `handle ${end}`);
  el.tabIndex = 0;
  el.setAttribute("role", "slider");
  el.setAttribute("aria-label", end === "start" ? "Beginning" : "End");
  el.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    event.stopPropagation();
    el.setPointerCapture(event.pointerId);
    el.focus({ preventScroll: true });
  });
  el.addEventListener("pointermove", (event) => {
    if (!el.hasPointerCapture(event.pointerId)) return;
    const { view, lane } = current;
    scrollAlong(view.el, event.clientX);
    const box = lane.getBoundingClientRect();
    set(end, view.scale.snap(view.scale.at((event.clientX - box.left) / box.width), STEP), STEP);
  });
  el.addEventListener("keydown", (event) => {
    if (event.key === "Escape") dropHandles();
    else if (event.key === "Enter") taken();
    else if (!step(end, event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  return el;
}

/** With an arrow by half an hour, with Page Up and Page Down by a day of the calendar. */
function step(end, { key, shiftKey }) {
  const day = { PageUp: 1, PageDown: -1 }[key];
  const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[key];
  const fine = shiftKey ? FINE_STEP : STEP;
  if (day) set(end, addDays(current.span[end], day), STEP);
  else if (way) set(end, current.span[end] + way * fine, fine);
  return Boolean(day || way);
}

function set(end, at, least) {
  const { span, view } = current;
  if (end === "start") span.start = Math.max(view.board.start, Math.min(at, span.end - least));
  else span.end = Math.min(view.board.end, Math.max(at, span.start + least));
  show();
}

function show() {
  const { el, span, view, handles } = current;
  showSelection(el, span, view.scale);
  words.textContent = spanWords(span.start, span.end);
  for (const [end, grip] of Object.entries(handles)) {
    grip.setAttribute("aria-valuemin", view.board.start);
    grip.setAttribute("aria-valuemax", view.board.end);
    grip.setAttribute("aria-valuenow", span[end]);
    grip.setAttribute("aria-valuetext", moment(span[end]));
  }
}
