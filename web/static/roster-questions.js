// @ts-check
// What is asked before a change is saved: a sentence each, the list behind it, and better choices as buttons.

import { h } from "./dom.js";
import { button } from "./roster-forms.js";

/**
 * What was said yes to so far, and to these questions as well.
 * @param {Accepted} accepted @param {Question[]} questions
 */
export function yesTo(accepted, questions) {
  return { ...accepted, keys: [...new Set([...(accepted?.keys ?? []), ...questions.map((each) => each.key)])] };
}

/**
 * What was said yes to so far, with a better choice in its place.
 * @param {Accepted} accepted @param {ChangedBody} change
 * @returns {Accepted}
 */
export function withChange(accepted, change) {
  return { keys: accepted?.keys ?? [], change: { ...accepted?.change, ...change } };
}

/**
 * Hours without anybody are red; all else is worth a look, and amber.
 * @param {Question[]} questions
 */
export function toneOf(questions) {
  return questions.some((each) => each.kind === "gap") ? "warn" : "amber";
}

/**
 * Elements for all questions of a refusal; `choose` is called with the better choice that is pressed.
 * @param {Refusal} refused @param {(choice: Choice) => void} choose
 */
export function questionParts(refused, choose) {
  return refused.questions.map((question) => {
    const choices = question.choices.map((choice) => button(choice.words, () => choose(choice), "small-tool"));
    return h("div", "question-part", h("p", "", question.words), ...listed(question),
      ...(choices.length ? [h("div", "question-choices", ...choices)] : []));
  });
}

/** @param {Question} facts */
function listed({ kind, lines }) {
  if (lines.length < 2) return [];
  const title = kind === "gap" ? "Region by region" : `All ${lines.length}`;
  const list = h("ul", "", ...lines.map((words) => h("li", "", words)));
  list.tabIndex = 0; // it may scroll, also by keyboard
  return [h("details", "", h("summary", "", title), list)];
}
