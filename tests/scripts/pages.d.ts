// What holds on all our pages: their scripts look for HTML elements only, never for pictures' parts.

interface ParentNode {
  querySelector<Found extends HTMLElement = HTMLElement>(selectors: string): Found | null;
  querySelectorAll<Found extends HTMLElement = HTMLElement>(selectors: string): NodeListOf<Found>;
}
