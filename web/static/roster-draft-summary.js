// @ts-check
// What the draft would change, in words and figures: gaps above the board, hours and changes below it.

import { h, need, show } from "./dom.js";
import { coverTime } from "./roster-cover.js";
import { gapWords } from "./roster-board.js";
import { button } from "./roster-forms.js";
import { warningLines } from "./roster-gaps.js";
import { picture } from "./roster-icons.js";
import { draftOf, hueOf, initials, nameOf } from "./roster-model.js";
import { dayWords, spanWords } from "./roster-time.js";

const SHOWN = 4;

/**
 * Of the next 30 days, whatever days are shown.
 * @param {Page} page
 */
export function showGaps(page) {
  const { opens, closes, stay } = draftOf(page.board);
  const gaps = need(document, "[data-draft-gaps]");
  /** @type {HTMLElement[]} */
  const lines = [
    ...opens.map((gap) => line("opens", "Would open a gap", gap, page)),
    ...closes.map((gap) => line("closes", "Would close a gap", gap, page)),
    ...stay.map((gap) => line("stays", "A gap now, and in the draft", gap, page)),
    ...movesLine(page.board.moves),
    ...warningLines(page),
  ];
  show(gaps, lines.length > 0);
  const rest = lines.splice(SHOWN);
  if (rest.length) lines.push(h("details", "", h("summary", "", `${rest.length} more`), ...rest));
  gaps.replaceChildren(...lines);
}

/**
 * Whom it moves now and in the next 14 days, with the list behind it.
 * @param {Moves | null} moves
 */
function movesLine(moves) {
  if (!moves) return [];
  const list = moves.lines.length > 1
    ? [h("details", "", h("summary", "", `All ${moves.lines.length}`), h("ul", "", ...moves.lines.map((words) => h("li", "", words))))] : [];
  return [h("div", "gap-line thin-line", picture("warning"), h("div", "", moves.words, ...list))];
}

/** @param {string} kind @param {string} what @param {Gap} gap @param {Page} page */
function line(kind, what, gap, page) {
  const words = `${gapWords(gap)}, ${spanWords(gap.start, gap.end)}`;
  const el = h("div", `gap-line ${kind}`, picture(kind === "closes" ? "check" : "warning"),
    h("div", "", h("b", "", `${what}: `), words));
  if (kind !== "closes" && page.mayEdit && page.board.layers.length) {
    const cover = button("Cover", () => coverTime({ span: gap }), "small-tool");
    cover.setAttribute("aria-label", `Cover in the draft: ${words}`);
    el.append(cover);
  }
  return el;
}

/** @param {Page} page */
export function showSummary(page) {
  const { board } = page;
  const { changes, conflicts, handovers, hours } = draftOf(board);
  const summary = need(document, "[data-draft-summary]");
  show(summary, true);
  const cards = [handsCard(board, handovers), hoursCard(board, hours), changesCard(changes, conflicts.length > 0)];
  summary.replaceChildren(...cards);
}

/** @param {Board} board @param {Handover[]} handovers */
function handsCard(board, handovers) {
  const total = handovers.reduce((sum, each) => sum + each.hours, 0);
  const period = `${dayWords(board.start)} to ${dayWords(board.end - 1)}`;
  const lines = handovers.map((each) => h("li", "", h("b", "hours", hoursWords(each.hours)),
    h("span", "", who(board, each.from), arrow(), who(board, each.to))));
  const title = total ? `${hoursWords(total)} change hands` : "No hour changes hands";
  const card = h("section", "card", h("h2", "", title), h("p", "fine", `In the days shown, ${period}`));
  if (lines.length) card.append(h("ul", "handovers", ...lines));
  return card;
}

function arrow() {
  const el = h("span", "arrow", "→");
  el.setAttribute("aria-label", "to");
  el.setAttribute("role", "img");
  return el;
}

/** @param {Board} board @param {number[]} ids */
function who(board, ids) {
  if (!ids.length) return h("em", "", "nobody");
  return h("span", "", ids.map((id) => nameOf(board, id)).join(" and "));
}

/** @param {Board} board @param {HoursChange[]} hours */
function hoursCard(board, hours) {
  const rows = hours
    .map((each) => ({ ...each, name: nameOf(board, each.person_id), more: each.after - each.before }))
    .sort((one, other) => other.more - one.more)
    .map((each) => h("tr", "", personCell(each), cell(hoursWords(each.before)), cell(hoursWords(each.after)),
      cell(signed(each.more), each.more > 0 ? "more" : "less")));
  const words = rows.length ? "Those whose hours change, in the days shown" : "Everybody keeps as many as they have";
  const card = h("section", "card", h("h2", "", "Hours on call"), h("p", "fine", words));
  if (!rows.length) return card;
  const heads = ["Person", "Live", "Draft", "Change"].map((name) => {
    const th = h("th", "", name);
    th.scope = "col";
    return th;
  });
  card.append(h("table", "hours-table", h("thead", "", h("tr", "", ...heads)), h("tbody", "", ...rows)));
  return card;
}

/** @param {{ person_id: number, name: string }} facts */
function personCell({ person_id: id, name }) {
  const avatar = h("span", "avatar", initials(name));
  avatar.style.setProperty("--hue", hueOf(id));
  avatar.setAttribute("aria-hidden", "true");
  const th = h("th", "", avatar, name);
  th.scope = "row";
  return th;
}

/** @param {string} words @param {string} [look] */
function cell(words, look = "") {
  return h("td", look, words);
}

/** @param {string[]} changes @param {boolean} inTheWay */
function changesCard(changes, inTheWay) {
  const differs = inTheWay ? "What differs from the live roster" : "What publishing it would do";
  const title = changes.length ? differs : "Nothing differs from the live roster";
  const card = h("section", "card", h("h2", "", title));
  const lines = changes.map((words) => h("li", "", words.slice(0, 1).toUpperCase() + words.slice(1)));
  card.append(lines.length ? h("ul", "changes", ...lines)
    : h("p", "fine", "Change layers, or cover a time: what differs is shown here and on the board."));
  return card;
}

/**
 * "36 h", "7.5 h"
 * @param {number} hours
 */
function hoursWords(hours) {
  return `${Number(hours.toFixed(2))} h`;
}

/** @param {number} hours */
function signed(hours) {
  return `${hours > 0 ? "+" : "−"}${hoursWords(Math.abs(hours))}`;
}
