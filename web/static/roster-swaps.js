// @ts-check
// Swaps: asking a colleague to take a shift of mine, answering when I am asked, taking it back.

import { h, need } from "./dom.js";
import { accepting, get, send } from "./roster-data.js";
import { button, fieldsOf, fill, idOf, peopleOptions } from "./roster-forms.js";
import { nameOf, readBoard } from "./roster-model.js";
import { cut, offerTimes, tonight } from "./roster-nights.js";
import { lookUp, markBusy } from "./roster-replaced.js";
import { clear, close, letSave, open, withConsent } from "./roster-sheet.js";
import { DAY, dayOf, iso, isoDay, nextHour, spanWords } from "./roster-time.js";
import { remember } from "./roster-unsaved.js";
import { instantIn, setTime, timeOf } from "./roster-when.js";

const AHEAD_DAYS = 90;
const DONE = { accept: "The swap is agreed.", refuse: "The swap is refused.", cancel: "The swap is cancelled." };
const dialog = need(document, "#swaps", HTMLDialogElement);
const form = need(dialog, "form", HTMLFormElement);
const field = fieldsOf(form);
/** @type {Page} */
let page;
/** @type {Board} */
let ahead;
/** @type {Shift[]} */
let mine = [];
/** @type {Shift[]} */
let theirs = [];
/** @type {(wish: Wish | null) => void} */
let look = () => {};
/** @type {(start: Instant | null, end: Instant | null) => void} */
let showChosen = () => {};

/** @param {Page} thePage */
export function prepareSwaps(thePage) {
  page = thePage;
  look = lookUp(page, (found) => markBusy(field.other_id, page.board, found?.busy));
  field.other_id.addEventListener("change", offerReturns);
  field.given.addEventListener("change", () => takeShift(false));
  form.addEventListener("input", showSpan);
  form.addEventListener("change", showWho);
  letSave(dialog, save, () => {
    close(dialog);
    page.saved("Asked. The swap happens when your colleague accepts it.");
  });
}

/**
 * Open the list of my swaps; with a `shift`, ready to give that one away.
 * @param {Shift | null} [shift]
 */
export async function proposeSwap(shift = null) {
  form.reset();
  clear(form);
  listSwaps();
  open(dialog);
  const first = isoDay(dayOf(page.now()));
  await page.doing(async () => {
    ahead = readBoard(await get(page.url(`board.json?from=${first}&days=${AHEAD_DAYS}`)));
    offerShifts(shift);
  });
}

/** @param {{ id: number }} swap @param {"accept" | "refuse" | "cancel"} answer */
export async function answerSwap(swap, answer) {
  close(dialog);
  await page.doing(async () => {
    /** @type {(accepted: Accepted) => Promise<unknown>} */
    const act = (accepted) => send("POST", `/swaps/${swap.id}/${answer}`, accepting({}, accepted));
    const done = await withConsent(act);
    if (done) page.saved(done === "instead" ? DONE.refuse : DONE[answer]);
  });
}

/**
 * How many wait for my answer.
 * @param {Board} board
 */
export function waitingForMe(board) {
  return board.swaps.filter((swap) => swap.mine && swap.state === "proposed").length;
}

function listSwaps() {
  const entries = page.board.swaps.map((swap) => {
    const buttons = h("div", "entry-actions");
    if (swap.mine && swap.state === "proposed") {
      buttons.append(button("Accept", () => answerSwap(swap, "accept"), "main-tool"),
        button("Refuse", () => answerSwap(swap, "refuse")));
    } else {
      buttons.append(button("Cancel the swap", () => answerSwap(swap, "cancel")));
    }
    return h("li", "entry", h("div", "", h("small", "", stateWords(swap)), h("p", "", swap.words)), buttons);
  });
  if (!entries.length) entries.push(h("li", "fine", "No swap waits for an answer."));
  need(dialog, "[data-list]").replaceChildren(...entries);
}

/** @param {Swap} facts */
function stateWords({ state, mine }) {
  if (state === "accepted") return "Agreed";
  return mine ? "You are asked" : "Waits for an answer";
}

/** @param {Shift | null} shift */
function offerShifts(shift) {
  mine = shiftsOf(page.me, true);
  const chosen = shift ? mine.findIndex((each) => each.layer.id === shift.layer.id && each.start === shift.start) : -1;
  fill(field.given, mine.length ? options(mine) : [["", "You have no shift ahead"]], Math.max(0, chosen));
  fill(field.other_id, [["", "Choose a colleague"], ...peopleOptions(ahead, page.me)], "");
  showChosen = offerTimes(need(form, "[data-quick]"), {
    page, at: () => instantIn(field.start), shift: () => whole(), within: () => whole(), take: setSpan,
  });
  offerReturns();
  takeShift(shift !== null);
  if (field.note.value === "") remember(form); // unless somebody has been faster
}

/**
 * The coming night of the shift, where it has it, else all of it that is ahead.
 * @param {boolean} all
 */
function takeShift(all) {
  const limits = whole();
  if (limits === null) return;
  const night = all ? null : cut(tonight(page.now(), page.board.night), limits);
  setSpan(night ?? limits);
}

/** @param {Span} facts */
function setSpan({ start, end }) {
  setTime(field.start, start);
  setTime(field.end, end);
  showSpan();
}

/** As much of the chosen shift as can be given away: what has begun can't. */
function whole() {
  const shift = mine[idOf(field.given) ?? -1];
  return shift ? { start: Math.max(shift.start, nextHour(page.now() + 1)), end: shift.end } : null;
}

function offerReturns() {
  theirs = field.other_id.value ? shiftsOf(idOf(field.other_id), false) : [];
  fill(field.taken, [["", "Nothing"], ...options(theirs)], "");
}

function showSpan() {
  const [start, end] = [instantIn(field.start), instantIn(field.end)];
  showChosen(start, end);
  const shift = mine[idOf(field.given) ?? -1];
  look(shift && start !== null && end !== null ? { layerId: shift.layer.id, start, end } : null);
  showWho();
}

/** Who comes on call instead of whom, in words. */
function showWho() {
  const [start, end] = [instantIn(field.start), instantIn(field.end)];
  const shift = mine[idOf(field.given) ?? -1];
  const other = field.other_id.value ? nameOf(page.board, Number(field.other_id.value)) : null;
  const back = field.taken.value === "" ? null : theirs[Number(field.taken.value)];
  const told = [];
  if (shift && other && start !== null && end !== null && end > start) {
    told.push(`${other} takes ${shift.layer.name} instead of you, ${spanWords(start, end)}.`);
  }
  if (told.length && back) {
    told.push(`You take ${back.layer.name} instead of ${other}, ${spanWords(back.start, back.end)}.`);
  }
  need(form, "[data-replaced]").textContent = told.join(" ");
}

/** @param {Shift[]} shifts */
function options(shifts) {
  return shifts.map((shift, index) => [index, `${shift.layer.name}, ${spanWords(shift.start, shift.end)}`]);
}

/**
 * Whole shifts ahead that somebody holds alone; `running`: what is left of one that has begun, too.
 * @param {number | null} personId @param {boolean} running
 */
function shiftsOf(personId, running) {
  const all = ahead.layers.flatMap((layer) => layer.shifts);
  return all
    .filter((shift) => shift.people.length === 1 && shift.people[0] === personId && shift.override_id === null
      && !shift.cutAfter && (running ? shift.end > nextHour(page.now() + 1)
        : shift.start > page.now() && shift.start >= ahead.start + DAY / 2))
    .sort((one, other) => one.start - other.start);
}

async function save() {
  const shift = mine[idOf(field.given) ?? -1];
  const other = idOf(field.other_id);
  const body = { given: shift ? "yes" : "", other_id: other, start: timeOf(field.start), end: timeOf(field.end) };
  page.check(body, ["given", "other_id", "start", "end"]);
  const back = field.taken.value === "" ? null : shiftBody(theirs[Number(field.taken.value)]);
  const { start, end } = body;
  const given = { layer_id: shift.layer.id, start, end };
  await send("POST", page.url("swaps"), { ...given, other_id: other, return: back, note: field.note.value });
}

/** @param {Shift} shift */
function shiftBody(shift) {
  return { layer_id: shift.layer.id, start: iso(shift.start), end: iso(shift.end) };
}
