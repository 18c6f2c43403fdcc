// Patching a page in place: nothing is touched that did not change, so focus, scrolling and animations survive.
// Text from the server only ever becomes text nodes.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = new URL("icons.svg", import.meta.url);

/** Make an element with a class and children. */
export function h(tag, name, ...children) {
  const el = document.createElement(tag);
  if (name) el.className = name;
  el.append(...children);
  return el;
}

/** A picture of the sprite; decoration only, words stand beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${ICONS.pathname}#${name}`);
  svg.append(use);
  return svg;
}

export function setText(el, text) {
  if (el.textContent !== text) el.textContent = text;
}

export function setData(el, name, value) {
  if (el.dataset[name] !== String(value)) el.dataset[name] = String(value);
}

export function show(el, visible) {
  if (el.hidden === visible) el.hidden = !visible;
}

/** Make the children of `list` stand for `items` in order: kept by `id`, made by `make`, brought up to date by `update`. */
export function patchList(list, items, make, update) {
  const before = new Map([...list.children].map((el) => [el.dataset.key, el]));
  items.forEach((item, index) => {
    const key = String(item.id);
    let el = before.get(key);
    if (el === undefined) {
      el = make(item);
      el.dataset.key = key;
    }
    before.delete(key);
    update(el, item);
    if (list.children[index] !== el) list.insertBefore(el, list.children[index] ?? null);
  });
  for (const el of before.values()) el.remove();
}

/** Every element with a `data-…` attribute, by its name in camel case. */
export function parts(root) {
  const found = {};
  for (const el of root.querySelectorAll("*")) {
    for (const name of Object.keys(el.dataset)) found[name] ??= el;
  }
  return found;
}
