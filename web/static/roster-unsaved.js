// @ts-check
// What is typed into a form and not saved yet.

/** @type {WeakMap<HTMLFormElement, string>} */
const before = new WeakMap();

/**
 * As the form is now, nothing is unsaved in it.
 * @param {HTMLFormElement} form
 */
export function remember(form) {
  before.set(form, written(form));
}

/** @param {HTMLFormElement} form */
export function isUnsaved(form) {
  return before.has(form) && before.get(form) !== written(form);
}

/**
 * All fields, and people of turns, which are no fields.
 * @param {HTMLFormElement} form
 */
function written(form) {
  /** @type {NodeListOf<HTMLInputElement>} */
  const found = form.querySelectorAll("input, select, textarea");
  const fields = [...found];
  const turns = [...form.querySelectorAll(".turn-people")].map((each) => each.textContent);
  const values = fields.map((each) => (/^(checkbox|radio)$/.test(each.type) ? each.checked : each.value));
  return JSON.stringify([values, turns]);
}
