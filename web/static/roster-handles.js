// @ts-check
// Marking a time with two handles: for fingers, and for the arrow keys. A bar at the window's foot says what is marked.

import { h, need } from "./dom.js";
import { scrollAlong, selection, showSelection } from "./roster-drag.js";
import { keyed, pulled, STEP_MINUTES } from "./roster-spans.js";
import { moment, spanWords } from "./roster-time.js";

const picker = need(document, "[data-picker]");
const words = need(document, "[data-picker-words]");
/** @type {Held | null} */
let current = null;

need(document, "[data-picker-cancel]").addEventListener("click", () => dropHandles());
need(document, "[data-picker-take]").addEventListener("click", () => taken());

/**
 * Show handles at both ends of `span` in a row; `take(span)` follows "Cover this time".
 * @param {View} view @param {string} rowKey @param {Span} span @param {(span: Span) => void} take
 */
export function showHandles(view, rowKey, span, take) {
  dropHandles();
  const lane = need(view.el, `.lane[data-row="${CSS.escape(rowKey)}"]`);
  const el = selection("held");
  const handles = { start: handle("start"), end: handle("end") };
  current = { view, lane, el, span, take, handles };
  el.append(handles.start, handles.end);
  lane.append(el);
  picker.hidden = false;
  show();
  handles.start.focus({ preventScroll: true });
  el.scrollIntoView({ block: "nearest", inline: "nearest" });
}

export function dropHandles() {
  current?.el.remove();
  current = null;
  picker.hidden = true;
}

function taken() {
  if (!current) return;
  const { span, take } = current;
  dropHandles();
  take(span);
}

/** @param {Edge} end */
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
    if (!current || !el.hasPointerCapture(event.pointerId)) return;
    const { view, lane } = current;
    scrollAlong(view.el, event.clientX);
    const box = lane.getBoundingClientRect();
    set(end, view.scale.snap(view.scale.at((event.clientX - box.left) / box.width), STEP_MINUTES), STEP_MINUTES);
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

/**
 * Whether the key was one for us.
 * @param {Edge} end @param {KeyboardEvent} event
 */
function step(end, { key, shiftKey }) {
  const found = current && keyed(current.span[end], key, shiftKey);
  if (found) set(end, found.at, found.least);
  return found !== null;
}

/** @param {Edge} end @param {Instant} at @param {number} least */
function set(end, at, least) {
  if (!current) return;
  current.span = pulled(current.span, end, at, least, current.view.board);
  show();
}

function show() {
  if (!current) return;
  const { el, span, view, handles } = current;
  showSelection(el, span, view.scale);
  words.textContent = spanWords(span.start, span.end);
  for (const end of /** @type {const} */ (["start", "end"])) {
    const grip = handles[end];
    grip.setAttribute("aria-valuemin", String(view.board.start));
    grip.setAttribute("aria-valuemax", String(view.board.end));
    grip.setAttribute("aria-valuenow", String(span[end]));
    grip.setAttribute("aria-valuetext", moment(span[end]));
  }
}
