// What the softphone page works with: the simulator's state (simulator/view.py), and what its parts ask of the page.

/** Seconds of the simulator's life, when `at`; `call`: its SID. */
type Said = { id: number; at: number; call: string; kind: string; text: string };
type TextMessage = { id: number; at: number; direction: string; with: string; body: string; status: string };
/** `keys` to be pressed, and what for; null words where nobody has said it. */
type Offer = { keys: string; words: string };
type Asked = { id?: number; pin?: boolean; keys?: Offer[] };
/** All times in seconds. */
type CallState = {
  sid: string; state: string; with: string; with_name: string; since: number; recording: boolean; gathering: boolean;
  asks: Asked | null; speaks_for: number; hears_now: string | null; hears_for: number;
};
type PhoneFaults = Record<string, boolean>;
type PhoneState = {
  number: string; name: string; role: string; note: string; call: CallState | null; transcript: Said[];
  texts: TextMessage[]; faults: PhoneFaults; signal: number; now: number;
};
type NetworkWarning = { level: string; code: number; text: string };
type NetworkState = {
  version: number; hotline: string; speed: number; panel_url: string | null; board_url: string | null; clock_url: string | null;
  paging_url: string | null; phones: PhoneState[]; warnings: NetworkWarning[];
};
type PagingTimes = { no_answer: number; then_every: number; listening?: number };
type ClockFace = { now: string; zone: string; staffed: boolean };

/** Children of an element; what is missing is left out. */
type Child = Node | string | null | undefined;
type Attributes = Record<string, unknown>;

/** What is sent for a phone: the verb and its facts. */
type PhoneBody = Record<string, unknown>;
type Job = {
  verb: string; body: PhoneBody; promise: Promise<unknown>; resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
};
type Queue = { running: boolean; waiting: Job[] };

/** Something told to a phone, by voice or text. */
type Told = { at: number; words: string; phone: PhoneState };
type ReplyCode = { code: string; phone: PhoneState };
type Story = {
  done: number; at: number; ticket: string | null; taken: boolean; closed: boolean; code: ReplyCode | null;
};
type Step = { words: string; phone?: PhoneState; verb?: string; body?: PhoneBody; wait?: boolean };
type Around = { together: boolean; peers: PhoneState[]; quiet: number; age: number };
/** How a phone is shown beside its own state. */
type Shown = { joined: boolean; atEar: boolean; hotline: string; times: PagingTimes | null; alone: boolean };
type Patience = { words: string; seconds: number };
/** An entry of a feed: a line of the transcript, or a text. */
type FeedLine = Said & { key: string };
type FeedText = { key: string; kind: "text"; text: TextMessage };
type FeedItem = { el: HTMLElement; spoken: string | null; update: (entry: any) => void };
type QuickReply = (reply: string, unfinished: boolean) => Promise<boolean> | void;
type Tab = {
  button: HTMLButtonElement; badge: HTMLElement; pane: HTMLElement; name: string; face: HTMLElement; label: HTMLElement;
  current: boolean;
};
/** A phone among the team's cards. */
type Card = { number: string; el: HTMLElement; feed: { restore: () => void }; fold: (wanted: boolean) => void };

/** What the parts ask of the page. */
type App = {
  desk: HTMLElement; age: number; voice: { key: (key: string) => void };
  phone: (number: string) => import("../../simulator/static/phone.js").Phone;
  listenTo: (number: string) => void; report: (work: Promise<unknown>) => Promise<boolean>;
  reveal: (number: string) => void; peersOf: (phone: PhoneState) => PhoneState[]; layout: () => void;
  quietFor: (at: number) => number;
};
