// The run as the page knows it: what the server said last. Parts read it; `act` asks the server to do something.
import type { Alarm, Done, Entry, Hello, Lab, Layout, Loops, Numbers, Preparing, Request, State } from './wire';

export const run = $state({
  link: 'closed' as 'closed' | 'connecting' | 'open' | 'lost' | 'refused',
  hello: null as Hello | null,
  preparing: null as Preparing | null,
  layout: null as Layout | null,
  state: null as State | null,
  num: { k: 'num', t: 0, v: {}, why: {}, words: {}, chatter: false } as Numbers,
  alarms: [] as Alarm[],
  log: [] as Entry[],
  lab: { k: 'lab', pending: [], results: [] } as Lab,
  loops: null as Loops | null,
});

type Asker = (request: Request) => Promise<Done>;
let asker: Asker = () => Promise.resolve({ k: 'done', n: 0, ok: false, error: 'not connected' });

/** link.ts says how to ask. */
export function askThrough(next: Asker): void { asker = next; }

/** Ask the server to do something; the answer says whether it was done. */
export function act(request: Request): Promise<Done> { return asker(request); }

/** The alarm of a quantity that is shown at its number: the highest that is active, seen or latched. */
export function alarmOf(quantity: string): Alarm | undefined { return run.alarms.find((a) => a.quantity === quantity); }
