// What the timeline of the demo works with: the server's answer (web/timeline.py, web/ticket_words.py). Instants in ms.

type Line = { id: number | string; at: string; day: string; icon: string; tone: string; words: string; kind: string };
type Work = {
  id: string; kind: string; person: string; channel: string; start: string; end: string | null; started: number;
  length: string; note: string;
};
type Recording = { id: string | number; kind: string; person: string | null; at: string; length: string };
type PageAttempt = { id: number; person: string; person_id: number; rank: string; words: string; open: boolean; outcome: string };
type TicketPage = { round: number; title: string; words: string; state: string; attempts: PageAttempt[] };
type Promised = { words: string; state: string; due: number; opened: number };
type Ticket = {
  number: number; priority: string; customer: string; meaning: string; state: string; holder: string | null;
  response: Promised; page: TicketPage | null; waits: boolean; talks: boolean; work: Work[]; recordings: Recording[];
  lines: Line[];
};
type RefusedCaller = { id: number; at: string; words: string; who: string; latest: boolean };
type Timeline = {
  now: number; zone: string; offset: number; ticket: Ticket | null; refusals: RefusedCaller[];
  tickets: { number: number; priority: string; customer: string }[];
};
/** The page's parts by their `data-…` names. */
type Parts = Record<string, HTMLElement>;
