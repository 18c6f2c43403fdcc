// Swaps: asking a colleague to take a shift of mine, answering when I am asked, taking it back.

import { h } from "./dom.js";
import { accepting, get, send } from "./roster-data.js";
import { button, fill, idOf, peopleOptions } from "./roster-forms.js";
import { readBoard } from "./roster-model.js";
import { clear, close, letSave, open, withConsent } from "./roster-sheet.js";
import { DAY, dayOf, iso, isoDay, spanWords } from "./roster-time.js";

const AHEAD_DAYS = 90;
const DONE = { accept: "The swap is agreed.", refuse: "The swap is refused.", cancel: "The swap is cancelled." };
const dialog = document.querySelector("#swaps");
const form = dialog.querySelector("form");
const field = form.elements;
let page = null;
let ahead = null;

export function prepareSwaps(thePage) {
  page = thePage;
  field.other_id.addEventListener("change", offerReturns);
  letSave(dialog, save, () => {
    close(dialog);
    page.saved("Asked. The swap happens when your colleague accepts it.");
  });
}

/** Open the list of my swaps; with a `shift`, ready to give that one away. */
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

export async function answerSwap(swap, answer) {
  close(dialog);
  await page.doing(async () => {
    const act = (accepted) => send("POST", `/swaps/${swap.id}/${answer}`, accepting({}, accepted));
    if (await withConsent(act)) page.saved(DONE[answer]);
  });
}

/** How many wait for my answer. */
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
  dialog.querySelector("[data-list]").replaceChildren(...entries);
}

function stateWords({ state, mine }) {
  if (state === "accepted") return "Agreed";
  return mine ? "You are asked" : "Waits for an answer";
}

function offerShifts(shift) {
  const mine = shiftsOf(page.me);
  const chosen = shift ? mine.findIndex((each) => each.layer.id === shift.layer.id && each.start === shift.start) : -1;
  fill(field.given, mine.length ? options(mine) : [["", "You have no shift ahead"]], Math.max(0, chosen));
  fill(field.other_id, [["", "Choose a colleague"], ...peopleOptions(ahead, page.me)], "");
  offerReturns();
}

function offerReturns() {
  const theirs = field.other_id.value ? shiftsOf(idOf(field.other_id)) : [];
  fill(field.taken, [["", "Nothing"], ...options(theirs)], "");
}

function options(shifts) {
  return shifts.map((shift, index) => [index, `${shift.layer.name}, ${spanWords(shift.start, shift.end)}`]);
}

/** Whole shifts ahead that somebody holds alone. */
function shiftsOf(personId) {
  const all = ahead.layers.flatMap((layer) => layer.shifts);
  return all
    .filter((shift) => shift.people.length === 1 && shift.people[0] === personId && shift.override_id === null
      && shift.start > page.now() && !shift.cutAfter && shift.start >= ahead.start + DAY / 2)
    .sort((one, other) => one.start - other.start);
}

async function save() {
  const given = shiftsOf(page.me)[idOf(field.given) ?? -1];
  const other = idOf(field.other_id);
  page.check({ given: given ? "yes" : "", other_id: other }, ["given", "other_id"]);
  const taken = field.taken.value === "" ? null : shiftsOf(other)[Number(field.taken.value)];
  const back = taken ? shiftBody(taken) : null;
  await send("POST", page.url("swaps"), { ...shiftBody(given), other_id: other, return: back, note: field.note.value });
}

function shiftBody(shift) {
  return { layer_id: shift.layer.id, start: iso(shift.start), end: iso(shift.end) };
}
