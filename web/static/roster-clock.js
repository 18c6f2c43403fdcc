// @ts-check
// The clock of the roster's zone. An instant is a number of whole minutes since 1970 in UTC; what the clock shows then,
// "wall", is the same count read off the clock. The server says when the clock changes (board.json, `clock`), and the
// rule for times that come twice or never is its own (schedules/wall_clock.py): read on the clock before the change.

let stretches = [{ since: -Infinity, offset: 0, name: "UTC" }];

/**
 * The changes as the server lists them, in their order; the first entry is how the clock stood before all others.
 * @param {ClockChange[]} changes
 */
export function setClock(changes) {
  stretches = changes.map(({ at, offset, name }, index) => ({ since: index ? at : -Infinity, offset, name }));
}

/**
 * What the clock shows at an instant.
 * @param {Instant} at
 */
export function wallOf(at) {
  return at + stretches[placeOf(at)].offset;
}

/**
 * What the clock is called at an instant: "CEST".
 * @param {Instant} at
 */
export function nameAt(at) {
  return stretches[placeOf(at)].name;
}

/**
 * The instants at which the clock shows this: one, two in the order of time, or none.
 * @param {number} wall
 */
export function instantsOf(wall) {
  return near(wall).map((place) => ({ place, at: wall - stretches[place].offset }))
    .filter(({ place, at }) => placeOf(at) === place).map(({ at }) => at);
}

/**
 * The instant that is meant by what the clock shows: the first of two; one that never comes is moved by the gap.
 * @param {number} wall
 */
export function instantOf(wall) {
  const [first] = instantsOf(wall);
  if (first !== undefined) return first;
  const before = near(wall).find((place) => {
    const change = stretches[place + 1]?.since ?? Infinity;
    return wall - stretches[place].offset >= change && wall - stretches[place + 1].offset < change;
  });
  return wall - stretches[before ?? 0].offset;
}

/**
 * Whether the clock shows the same at another instant too.
 * @param {Instant} at
 */
export function comesTwice(at) {
  return instantsOf(wallOf(at)).length > 1;
}

/** @param {Instant} at */
function placeOf(at) {
  return Math.max(0, stretches.findLastIndex(({ since }) => since <= at));
}

/**
 * The stretches in which this may be shown: a clock and UTC are never further apart than two changes.
 * @param {number} wall
 */
function near(wall) {
  const place = placeOf(wall);
  return [place - 1, place, place + 1].filter((each) => stretches[each] !== undefined);
}
