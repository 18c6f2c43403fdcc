// What the roster page works with: the server's answers (web/console/rosters/board_json.py), and what its scripts make of them.
// Times are texts on the roster's clock in the server's answers (`…Json`), and whole minutes since 1970, UTC, otherwise.

type Instant = number;
type Span = { start: Instant; end: Instant };
type SpanJson = { start: string; end: string };
type ClockChange = { at: Instant; offset: number; name: string };
type Night = { from: string; to: string };
type Person = { id: number; name: string; left: boolean };
type Change = {
  id: number; at: string; by: string | null; words: string; undone: boolean;
  before?: string[]; after?: string[]; undoable?: boolean; after_it?: string | null;
};
type Swap = { id: number; state: string; asker_id: number; other_id: number; words: string; mine: boolean };

type ShiftFacts = {
  people: number[]; absent: number[]; why: string; reason: string; override_id: number | null; swap_id: number | null;
  kind: string | null; note: string; override: (SpanJson & { person_id: number | null; version: string }) | null;
};
type ShiftJson = SpanJson & ShiftFacts;
type LayerJson = { id: number; name: string; shifts: ShiftJson[] };
type GapJson = SpanJson & { region: string };
type TimeOffFacts = { id: number; person_id: number; note: string };
type WarningFacts = { kind: string; words: string; person_id: number | null };
type Draft = { id: number; name: string; state: string; version: string; by: string; at: string; closed: string | null };
type Handover = { from: number[]; to: number[]; hours: number };
type HoursChange = { person_id: number; before: number; after: number };
type DraftFacts = Draft & { handovers: Handover[]; hours: HoursChange[]; changes: string[]; conflicts: string[] };
type DifferenceFacts = { before: number[]; after: number[] };
type DraftJson = DraftFacts & {
  opens: GapJson[]; closes: GapJson[]; stay: GapJson[]; differences: Record<string, (SpanJson & DifferenceFacts)[]>;
};
type Moves = { words: string; lines: string[] };
type BoardJson = {
  roster: { id: number; name: string; zone: string; regions: string[] };
  night: Night; clock: ClockChange[]; from: string; days: number; now: string; people: Person[]; fault: string | null;
  layers: LayerJson[]; required: SpanJson[]; gaps: GapJson[]; warnings: (WarningFacts & Partial<SpanJson>)[];
  time_off: (SpanJson & TimeOffFacts)[]; holidays: { date: string; name: string }[]; last_change: Change | null;
  swaps: Swap[]; failed_drills: number; contact_faults: number;
  draft?: DraftJson; in_force?: LayerJson[]; moves?: Moves | null;
};

type Layer = { id: number; name: string; shifts: Shift[] };
type Shift = Span & ShiftFacts & {
  layer: Layer; whole: Span | null; addedId: number | null; cutBefore: boolean; cutAfter: boolean;
};
type GapPart = Span & { region: string };
type Gap = Span & { parts: GapPart[]; regions: string[] };
type TimeOff = Span & TimeOffFacts & { lane?: number; el?: HTMLElement };
type Warned = WarningFacts & Partial<Span>;
type Difference = Span & DifferenceFacts;
type DraftView = DraftFacts & { opens: Gap[]; closes: Gap[]; stay: Gap[]; differences: Map<number, Difference[]> };
type Board = Span & {
  roster: BoardJson["roster"]; days: number; now: Instant; people: Map<number, Person>; night: Night; required: Span[];
  gaps: Gap[]; timeOff: TimeOff[]; holidays: Map<Instant, string>; warnings: Warned[]; moves: Moves | null;
  fault: string | null; lastChange: Change | null; swaps: Swap[]; failedDrills: number; contactFaults: number;
  layers: Layer[];
  /** Of a draft's board alone. */
  inForce?: Layer[]; draft?: DraftView;
};
type DraftBoard = Board & { inForce: Layer[]; draft: DraftView };

/** Somebody in a bar; `id` is null for nobody. */
type Who = { id: number | null; absent: boolean; added: boolean };
/** `el` once it is drawn. */
type Bar = Span & { shift: Shift; lane: number; whos: Who[]; el?: HTMLElement };
type Row = {
  key: string; name: string; layer: Layer | null; person: Person | null; bars: Bar[]; away: TimeOff[]; depth: number;
};
type Scale = Span & {
  share: (at: Instant) => number; at: (share: number) => Instant; snap: (at: Instant, stepMinutes: number) => Instant;
};
type Density = "airy" | "close" | "dense";
/** How rows are drawn; `width` of the time axis in pixels. */
type Look = { board: Board; scale: Scale; mayEdit: boolean; density: Density; width: number };
/** The board as it is drawn. */
type View = {
  el: HTMLElement; grid: HTMLElement; board: Board; scale: Scale; rows: Row[]; bars: Bar[]; now: HTMLElement;
};

/** What was said yes to, and what is sent otherwise by a better choice. */
type Accepted = { keys: string[]; change?: ChangedBody } | null;
type ChangedBody = { person_id?: number; start?: string; rotations?: RotationJson[] };
type Choice = { words: string; change: ChangedBody; instead: string | null };
type Question = { key: string; kind: string; words: string; lines: string[]; choices: Choice[] };
type RefusalFacts = { status: number; field: string | null; confirm: boolean; changed: boolean; questions: Question[] };
type RotationJson = { start: string; every: string; until: string | null; turns: number[][]; count?: string };
type HoursJson = { days: string[]; from: string; to: string };
type EditableLayer = { id: number; version: string; name: string; hours: HoursJson[]; rotations: RotationJson[] };
/** What is sent. */
type Sent = Record<string, unknown>;

/** A form's fields by name: whoever asks for one knows which it is. */
type Field = HTMLInputElement & HTMLSelectElement;
type Fields = Record<string, Field>;
/** A value and its words. */
type Choosable = (string | number)[];

/** What the page's modules share. `board` and `view` are null until the first answer: nothing is opened before. */
type Page = {
  board: Board; view: View; shown: { from: string | null; days: number; rows: string };
  mayEdit: boolean; me: number | null; roster: string; draft: number | null;
  url: (path: string) => string; edit: (path: string) => string; now: () => Instant;
  check: (body: Sent, needed: string[]) => void; doing: (act: () => Promise<void>) => Promise<void>;
  load: () => Promise<void>; saved: (words: string) => Promise<void>;
};

/** What a cover would meet: who is on call then, who is busy, the shift that it lies in. */
type MetJson = SpanJson & { people: number[]; absent: number[]; on_duty: boolean };
type Met = Span & { people: number[]; absent: number[]; on_duty: boolean };
type Busy = { person_id: number; away: boolean; wholly: boolean; layers: string[] };
type Covering = { met: Met[]; busy: Map<number, Busy>; shift: Span | null };
/** What the form of a cover begins with; `seen`: the override that is changed, null for a new one. */
type Filled = {
  seen: { id: number; version: string } | null; layerId?: number; personId: number | null; how: string; note: string;
  span: Span;
};
/** How buttons for times are made; see roster-nights.js. */
type Offered = {
  page: Page; at: () => Instant | null; shift: () => Span | null; within?: () => Span | null; take: (span: Span) => void;
};
type Wish = Span & { layerId: number | string; besides?: number };

type Ring = { seconds: number; person: string; source: string; together: boolean };
type WhatIf = {
  at: string; written: string; customer: string | null; region: string; priority: string; words: string; message: boolean;
  refused: { reason: string; words: string } | null; office: { number: string; seconds: number } | null; steps: Ring[];
};
type Drill = {
  id: number; person_id: number; person: string; state: string; at: string; by: string | null; shift: string | null;
  layer: string | null; call: string; text: string;
};
type ContactFault = { id: number; person: string; since: string; words: string; remedy: string };
type Refusal = import("../../web/static/roster-data.js").Refusal;

/** A drag under way; `anchor`: the end that stays, `touch`: a finger, whose tap alone is ours. */
type Drag = {
  id: number; view: View; lane: HTMLElement; row: Row; edge: Edge | null; touch: boolean; x: number; span: Span | null;
  ghost: HTMLElement | null; bar: Bar | null; anchor: Instant;
};
type Edge = "start" | "end";
/** What follows a drag, a click, a tap. */
type Acts = {
  select: (row: Row, span: Span) => Promise<void>; moveEdge: (bar: Bar, span: Span) => Promise<void>;
  open: (bar: Bar, row: Row) => void; openLeave: (off: TimeOff) => void; touch: (row: Row, at: Instant) => void;
};
/** The two handles that are shown, and what follows when the span is taken. */
type Held = {
  view: View; lane: HTMLElement; el: HTMLElement; span: Span; take: (span: Span) => void;
  handles: { start: HTMLElement; end: HTMLElement };
};
