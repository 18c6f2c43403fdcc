// @ts-check
// The roster page: what is shown stands in the address, the board is fetched and drawn, everything else hangs on it.

import { h, need, show } from "./dom.js";
import { showAsking, prepareAsking } from "./roster-ask.js";
import { drawBoard, moveNow } from "./roster-board.js";
import { coverAsked, coverTime, overrideBody, prepareCover } from "./roster-cover.js";
import { accepting, get, Refusal, send, warningsOfLast } from "./roster-data.js";
import { showDetails } from "./roster-details.js";
import { prepareDraft, showDraft, toldBefore } from "./roster-draft.js";
import { prepareDrafts, showDrafts } from "./roster-drafts.js";
import { letDrag } from "./roster-drag.js";
import { countFailed, prepareDrills, showDrills } from "./roster-drills.js";
import { listGaps } from "./roster-gaps.js";
import { button, valueOf } from "./roster-forms.js";
import { dropHandles, showHandles } from "./roster-handles.js";
import { prepareUndo, showHistory, showUndo, undoLast } from "./roster-history.js";
import { hangPictures } from "./roster-icons.js";
import { focusAgain, letArrowsMove, makeFirstStop } from "./roster-keys.js";
import { prepareLayers, showLayers } from "./roster-layers.js";
import { prepareLeave, showLeave } from "./roster-leave.js";
import { draftOf, readBoard, shiftAt } from "./roster-model.js";
import { showOnCall } from "./roster-now.js";
import { letNavigate, readAddress, showPeriod } from "./roster-period.js";
import { withConsent } from "./roster-sheet.js";
import { tapped } from "./roster-spans.js";
import { prepareSwaps, proposeSwap, waitingForMe } from "./roster-swaps.js";
import { minutes, spanWords } from "./roster-time.js";

const NOW_EVERY_MS = 20_000;
const TOAST_MS = 7000;
const el = need(document, "[data-board]");
const toast = need(document, "[data-toast]");
const trouble = need(document, "[data-trouble]");
const fault = need(document, "[data-fault]");
/** @type {HTMLElement | null} */
const swapCount = document.querySelector("[data-swap-count]");
const roster = el.dataset.base ?? "";
const draft = el.dataset.draft ? Number(el.dataset.draft) : null;
const base = draft === null ? roster : `${roster}/drafts/${draft}`;
/** Nothing is asked of them before the first answer is there. @type {any} */
const NOTHING_YET = { board: null, view: null };
let asked = 0;
let readAt = 0;
let toastTimer = 0;

/** @type {Page} */
const page = {
  ...NOTHING_YET,
  shown: readAddress(),
  mayEdit: el.dataset.mayEdit === "yes",
  me: el.dataset.me ? Number(el.dataset.me) : null,
  roster,
  draft,
  url: (path) => `${base}/${path}`,
  edit: (path) => (draft === null ? `${base}/${path}` : `${base}/${path}?version=${draftOf(page.board).version}`),
  now: () => page.board.now + Math.floor((performance.now() - readAt) / 60_000),
  check,
  doing,
  load,
  saved,
};

// The only roster comes at the address of all of them: from now on it has its own, to be sent to a colleague.
if (location.pathname !== base) history.replaceState(null, "", base + location.search + location.hash);
hangPictures(document);
/** @type {NodeListOf<HTMLTemplateElement>} */
const templates = document.querySelectorAll("template");
for (const template of templates) hangPictures(template.content);
for (const prepare of [prepareCover, prepareLeave, prepareUndo, prepareAsking, prepareDrafts, prepareDrills]) prepare(page);
if (page.draft !== null) prepareDraft(page);
if (page.me !== null) prepareSwaps(page);
if (page.mayEdit) prepareLayers(page);
letNavigate(page);
letArrowsMove(el, () => page.view);
letDrag(el, () => page.view, page.mayEdit, { select, moveEdge, open: openBar, openLeave, touch });
letOpen({
  cover: () => coverTime(), "time-off": () => showLeave(), swaps: () => proposeSwap(), history: () => showHistory(page),
  "what-if": showAsking, layers: () => showLayers(), drafts: () => showDrafts(), drills: () => showDrills(),
});
tell(...toldBefore());
setInterval(goOn, NOW_EVERY_MS);
redrawOnResize();
load().then(() => page.board && coverAsked());

/** Fetch what the address says and show it. Of two questions under way only the later one's answer counts. */
async function load() {
  const turn = ++asked;
  const { from, days } = page.shown;
  const query = new URLSearchParams({ days: String(days), ...(from ? { from } : {}) });
  el.setAttribute("aria-busy", "true");
  try {
    const found = readBoard(await get(page.url(`board.json?${query}`)));
    if (turn === asked) accept(found);
  } catch (refused) {
    if (!(refused instanceof Refusal)) throw refused;
    trouble.textContent = refused.message;
    show(trouble, true);
  }
  if (turn === asked) el.setAttribute("aria-busy", "false");
}

/** @param {Board} board */
function accept(board) {
  page.board = board;
  readAt = performance.now();
  show(trouble, false);
  fault.textContent = board.fault ?? "";
  show(fault, board.fault !== null);
  showPeriod(page);
  showUndo(board);
  if (page.draft === null) {
    listGaps(page);
    countFailed(board);
  } else {
    showDraft();
  }
  showOnCall(page);
  if (swapCount) {
    swapCount.textContent = `${waitingForMe(board)}`;
    show(swapCount, waitingForMe(board) > 0);
  }
  draw();
}

function draw() {
  const kept = keptFocus();
  const { scrollLeft, scrollTop } = el;
  const sameDays = page.view?.board.start === page.board.start && page.view?.board.days === page.board.days;
  dropHandles();
  page.view = drawBoard(el, page.board, { rows: page.shown.rows, mayEdit: page.mayEdit });
  makeFirstStop(page.view, page.now());
  moveNow(page.view, page.now());
  if (sameDays) el.scrollTo({ left: scrollLeft, top: scrollTop, behavior: "instant" });
  else scrollToNow();
  if (kept) focusAgain(page.view, kept);
}

/** Time goes on. */
function goOn() {
  if (!page.view) return;
  moveNow(page.view, page.now());
  showOnCall(page);
}

/** Which bar has the focus, to give it back after drawing. */
function keptFocus() {
  const bar = document.activeElement?.closest(".bar");
  if (!bar || !page.view) return null;
  const row = page.view.rows.find((each) => each.bars.some((other) => other.el === bar));
  const at = row?.bars.find((other) => other.el === bar)?.start;
  return row && at !== undefined ? { rowKey: row.key, at } : null;
}

function scrollToNow() {
  const { now, board } = page.view;
  if (el.scrollWidth > el.clientWidth && page.now() > board.start && page.now() < board.end) {
    el.scrollTo({ left: now.offsetLeft - el.clientWidth / 3, top: 0, behavior: "instant" });
  }
}

function redrawOnResize() {
  let width = el.clientWidth;
  new ResizeObserver(() => {
    if (Math.abs(el.clientWidth - width) < 40 || !page.view) return;
    width = el.clientWidth;
    draw();
  }).observe(el);
}

/** @param {Record<string, () => void>} panels */
function letOpen(panels) {
  for (const button of document.querySelectorAll("[data-open]")) {
    button.addEventListener("click", () => page.board && panels[button.dataset.open ?? ""]());
  }
  document.querySelector("[data-roster-choice]")?.addEventListener("change", ({ target }) => {
    location.href = valueOf(target) + location.search;
  });
}

/** @param {Row} row @param {Span} span */
function select(row, span) {
  if (row.layer) return coverTime({ layerId: row.layer.id, span });
  return coverTime({ layerId: layerOf(row, span), personId: row.person?.id ?? null, span });
}

/**
 * In a person's row the layer is the one in which they are on call then, if they are.
 * @param {Row} row @param {Span} span
 */
function layerOf(row, span) {
  return row.bars.find((bar) => bar.start < span.end && span.start < bar.end)?.shift.layer.id ?? null;
}

/** @param {Bar} bar @param {Span} span */
async function moveEdge(bar, span) {
  const { shift } = bar;
  const address = page.edit(`overrides/${shift.override_id}`);
  await doing(async () => {
    const done = await withConsent((accepted) => send("PUT", address, accepting(overrideBody(shift, span), accepted)));
    if (done) saved(`Saved: now ${spanWords(span.start, span.end)}.`);
  });
}

/** @param {Bar} bar @param {Row} row */
function openBar(bar, row) {
  showDetails(page, bar, row);
}

/** @param {TimeOff} off */
function openLeave(off) {
  if (page.draft === null) showLeave({ personId: off.person_id, span: off });
}

/**
 * A tap on empty time: twelve hours of it, to be pulled into shape.
 * @param {Row} row @param {Instant} at
 */
function touch(row, at) {
  const span = tapped(at, row.layer && shiftAt(row.layer, at), page.view.scale);
  showHandles(page.view, row.key, span, (taken) => select(row, taken));
}

/**
 * What must be filled in is; the same refusal as the server's, without asking it.
 * @param {Sent} body @param {string[]} needed
 */
function check(body, needed) {
  for (const name of needed) {
    if (body[name] === null || body[name] === "") throw new Refusal("Fill this in first.", { field: name });
  }
  const { start, end } = body;
  if (typeof start === "string" && typeof end === "string" && minutes(end) <= minutes(start)) {
    throw new Refusal("It must end after it starts.", { field: "end" });
  }
}

/**
 * Do something that may be refused; then the sentence is shown, and the board as it is now.
 * @param {() => Promise<void>} act
 */
async function doing(act) {
  try {
    await act();
  } catch (refused) {
    if (!(refused instanceof Refusal)) throw refused;
    tell(refused.message, "bad");
    await load();
  }
}

/**
 * Told when the board shows it: whoever goes on at once goes on from what is there now.
 * @param {string} words
 */
async function saved(words) {
  const warned = warningsOfLast();
  const before = page.board.lastChange?.id ?? 0;
  await load();
  const told = page.draft === null ? words : `${words} In the draft only.`;
  const newer = page.mayEdit && (page.board.lastChange?.id ?? 0) > before;
  tell([told, ...warned].join(" "), warned.length ? "amber" : "good", newer ? page.board.lastChange : null);
}

/**
 * `undoable`: the change that the words are about, to be taken back from here. It stays while a hand is on it.
 * @param {string} words @param {string} tone @param {Change | null} [undoable]
 */
function tell(words, tone, undoable = null) {
  clearTimeout(toastTimer);
  const undo = button("Undo", () => {
    toast.replaceChildren();
    if (page.board.lastChange?.id === undoable?.id) undoLast(page);
  }, "toast-undo");
  toast.replaceChildren(...(words ? [h("span", "", words), ...(undoable ? [undo] : [])] : []));
  toast.dataset.tone = tone;
  const fade = () => {
    if (toast.matches(":hover, :focus-within")) toastTimer = setTimeout(fade, TOAST_MS);
    else toast.replaceChildren();
  };
  toastTimer = setTimeout(fade, tone === "good" && !undoable ? TOAST_MS : 2 * TOAST_MS);
}
