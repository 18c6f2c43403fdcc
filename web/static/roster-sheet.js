// @ts-check
// Dialogs and their forms: opening and closing, a refusal beside its field, the question before a gap is opened.

import { closest, need } from "./dom.js";
import { Refusal, send } from "./roster-data.js";
import { questionParts, toneOf, withChange, yesTo } from "./roster-questions.js";
import { isUnsaved, remember } from "./roster-unsaved.js";

const question = need(document, "#question", HTMLDialogElement);
/** What waits for each open dialog to close. @type {WeakMap<HTMLDialogElement, () => void>} */
const waiting = new WeakMap();

/**
 * Open a dialog; Escape, its cross and a click beside it close it. What is typed into a form that keeps it is asked
 * about first. `onClose` is called once.
 * @param {HTMLDialogElement} dialog @param {() => void} [onClose]
 */
export function open(dialog, onClose = () => {}) {
  prepare(dialog);
  const form = keeping(dialog);
  if (form) remember(form);
  closed(dialog);
  if (!dialog.open) dialog.showModal();
  waiting.set(dialog, onClose);
}

/**
 * Tell who waits. A browser says that a dialog has closed a moment later, when it may be open again for somebody else.
 * @param {HTMLDialogElement} dialog
 */
function closed(dialog) {
  const told = waiting.get(dialog);
  waiting.delete(dialog);
  if (told) told();
}

/** @param {HTMLDialogElement} dialog */
export function close(dialog) {
  if (dialog.open) dialog.close();
}

/**
 * Ask before something is done that may be regretted. Resolves to whether it was agreed to.
 * @param {string} title @param {string} words @param {string} yes
 */
export function agreed(title, words, yes) {
  need(question, "[data-title]").textContent = title;
  need(question, "[data-words]").textContent = words;
  need(question, "[data-words]").className = "told";
  const button = need(question, "[data-yes]", HTMLButtonElement);
  button.textContent = yes;
  return new Promise((resolve) => {
    let answer = false;
    button.onclick = () => {
      answer = true;
      close(question);
    };
    open(question, () => resolve(answer));
  });
}

/**
 * Do something outside a form; when it is asked about, ask and do it again. False when it was not done, "instead" when
 * something else was done by a better choice.
 * @param {(accepted: Accepted) => Promise<unknown>} act
 */
export async function withConsent(act) {
  /** @type {Accepted} */
  let accepted = null;
  for (;;) {
    try {
      await act(accepted);
      return true;
    } catch (refused) {
      if (!(refused instanceof Refusal) || !refused.confirm) throw refused;
      const answer = await answered(refused);
      if (answer === null) return false;
      if (answer === "yes") {
        accepted = yesTo(accepted, refused.questions);
      } else if (answer.instead) {
        await send("POST", answer.instead, {});
        return "instead";
      } else {
        accepted = withChange(accepted, answer.change);
      }
    }
  }
}

/**
 * "yes", a better choice, or null for no.
 * @param {Refusal} refused
 * @returns {Promise<"yes" | Choice | null>}
 */
function answered(refused) {
  /** @type {Choice | null} */
  let answer = null;
  const place = need(question, "[data-words]");
  const choose = (/** @type {Choice} */ choice) => {
    answer = choice;
    close(question);
  };
  const gap = toneOf(refused.questions) === "warn";
  const asking = agreed(gap ? "This opens a gap" : "Is this meant?", "", "Save all the same");
  place.replaceChildren(...questionParts(refused, choose));
  place.className = `told ${toneOf(refused.questions)}`;
  return asking.then((yes) => (yes ? "yes" : answer));
}

/**
 * Let a dialog's form save: `save(accepted)` sends what is typed, `done` follows. What was typed is never lost: when
 * somebody else was faster, `reload` puts what is there now in its place only if that is asked for. `choose` fills a
 * better choice into the form.
 * @param {HTMLDialogElement} dialog @param {(accepted: Accepted) => Promise<void>} save @param {() => void} done
 * @param {(() => Promise<void>) | null} [reload] @param {(change: ChangedBody) => void} [choose]
 */
export function letSave(dialog, save, done, reload = null, choose = () => {}) {
  const form = need(dialog, "form", HTMLFormElement);
  /** @type {Accepted} */
  let accepted = null;
  /** @type {Question[]} */
  let asked = [];
  const better = (/** @type {Choice} */ choice) => {
    choose(choice.change);
    tryIt(() => save(accepted), done);
  };
  /** @type {(act: () => Promise<void>, then: () => void) => Promise<void>} */
  const tryIt = async (act, then) => {
    clear(form);
    busy(form, true);
    try {
      await act();
      busy(form, false);
      then();
    } catch (refused) {
      busy(form, false);
      if (!(refused instanceof Refusal)) throw refused;
      if (refused.confirm) {
        asked = refused.questions;
        warn(form, refused, better);
      }
      if (!refused.confirm) complain(form, refused);
      offerReload(form, refused.changed && reload !== null);
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    accepted = null;
    tryIt(() => save(accepted), done);
  });
  form.querySelector("[data-anyway]")?.addEventListener("click", () => {
    accepted = yesTo(accepted, asked);
    tryIt(() => save(accepted), done);
  });
  form.querySelector("[data-reload]")?.addEventListener("click", () => reload && tryIt(reload, () => {}));
  form.querySelector("[data-back]")?.addEventListener("click", () => back(form));
}

/**
 * Take away what an earlier attempt was told.
 * @param {HTMLFormElement} form
 */
export function clear(form) {
  for (const wrong of form.querySelectorAll(".wrong")) wrong.hidden = true;
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
  back(form);
}

/**
 * Show a refusal beside its field, or above the buttons when it is of none.
 * @param {HTMLFormElement} form @param {Refusal} refused
 */
export function complain(form, refused) {
  const place = placeOf(form, refused.field);
  const wrong = place?.querySelector(":scope > .wrong");
  if (!wrong) {
    say(form, refused.message, "bad");
    return;
  }
  wrong.textContent = refused.message;
  wrong.hidden = false;
  const input = place?.querySelector("input, select");
  if (!input) return;
  input.setAttribute("aria-invalid", "true");
  if (wrong.id) input.setAttribute("aria-describedby", wrong.id);
  input.focus();
}

/**
 * A 422 of a list's entry, such as "rotations.1", belongs beside that entry, else beside the list.
 * @param {HTMLFormElement} form @param {string | null} field
 */
function placeOf(form, field) {
  if (field === null) return null;
  const [name, index] = field.split(".");
  const group = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
  if (index === undefined || group === null) return group;
  return group.querySelector(`[data-entry="${CSS.escape(index)}"]`) ?? group;
}

/** @param {HTMLFormElement} form @param {Refusal} refused @param {(choice: Choice) => void} better */
function warn(form, refused, better) {
  say(form, "", toneOf(refused.questions));
  need(form, "[data-said]").replaceChildren(...questionParts(refused, better));
  need(form, "[data-usual]").hidden = true;
  need(form, "[data-warned]").hidden = false;
  need(form, "[data-back]").focus();
}

/** @param {HTMLFormElement} form @param {boolean} yes */
function offerReload(form, yes) {
  const button = form.querySelector("[data-reload]");
  if (!button) return;
  button.hidden = !yes;
  if (yes) button.scrollIntoView({ block: "nearest" });
}

/** @param {HTMLFormElement} form */
function back(form) {
  offerReload(form, false);
  const said = form.querySelector("[data-said]");
  if (said) said.hidden = true;
  const usual = form.querySelector("[data-usual]");
  const warned = form.querySelector("[data-warned]");
  if (usual) usual.hidden = false;
  if (!warned || warned.hidden) return;
  warned.hidden = true;
  usual?.querySelector('[type="submit"]')?.focus();
}

/** @param {HTMLFormElement} form @param {string} words @param {string} tone */
function say(form, words, tone) {
  const said = need(form, "[data-said]");
  said.textContent = words;
  said.className = `told ${tone}`;
  said.hidden = false;
  said.scrollIntoView({ block: "nearest" });
}

/** @param {HTMLFormElement} form @param {boolean} yes */
function busy(form, yes) {
  form.setAttribute("aria-busy", String(yes));
  /** @type {NodeListOf<HTMLButtonElement>} */
  const buttons = form.querySelectorAll(".panel-foot button");
  for (const button of buttons) button.disabled = yes;
}

/** @param {HTMLDialogElement} dialog */
function prepare(dialog) {
  if (dialog.dataset.prepared) return;
  dialog.dataset.prepared = "yes";
  dialog.addEventListener("click", (event) => {
    const outside = event.target === dialog && !dialog.querySelector("form");
    if (closest(event, ".panel-head [data-close]")) leave(dialog);
    else if (outside || closest(event, "[data-close]")) close(dialog);
  });
  dialog.addEventListener("close", () => {
    if (!dialog.open) closed(dialog);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") stay(event, dialog);
  });
  // A phone's way back.
  dialog.addEventListener("cancel", (event) => {
    if (event.target === dialog) stay(event, dialog);
  });
}

/**
 * Where something would be lost, or a question stands, Escape does not close.
 * @param {Event} event @param {HTMLDialogElement} dialog
 */
function stay(event, dialog) {
  const form = keeping(dialog);
  const asked = form?.querySelector("[data-warned]:not([hidden])");
  if (event.defaultPrevented || !form || !(asked || isUnsaved(form))) return;
  event.preventDefault();
  if (asked) back(form);
  else leave(dialog);
}

/** @param {HTMLDialogElement} dialog */
async function leave(dialog) {
  const form = keeping(dialog);
  const words = "What you have typed here is not saved.";
  if (!form || !isUnsaved(form) || await agreed("Leave without saving?", words, "Throw it away")) close(dialog);
}

/**
 * The dialog's form, if what is typed into it is asked about before it goes.
 * @param {HTMLDialogElement} dialog
 * @returns {HTMLFormElement | null}
 */
function keeping(dialog) {
  return dialog.querySelector("form[data-keeps]");
}
