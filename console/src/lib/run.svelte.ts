// The run as the page knows it: what the server said last. Parts read it; `act` asks the server to do something.
import type { Alarm, Course, Done, Entry, Hello, Lab, Layout, Loops, Numbers, Preparing, Request, State } from './wire';

/** Messages replace each other whole, so nothing inside them needs watching. */
class Run {
  link: 'closed' | 'connecting' | 'open' | 'lost' | 'refused' = $state('closed');
  hello: Hello | null = $state.raw(null);
  preparing: Preparing | null = $state.raw(null);
  layout: Layout | null = $state.raw(null);
  state: State | null = $state.raw(null);
  num: Numbers = $state.raw({ k: 'num', t: 0, v: {}, why: {}, words: {}, chatter: false });
  alarms: Alarm[] = $state.raw([]);
  log: Entry[] = $state.raw([]);
  lab: Lab = $state.raw({ k: 'lab', pending: [], results: [] });
  loops: Loops | null = $state.raw(null);
  /** Simulated time of the newest message, s. */
  t = $state(0);
  /** Moment on the page's own clock (performance.now) at which audio comes back; null: audio on. */
  audioBack: number | null = $state(null);
  /** Beats that pass while one is drawn; 1: every beat. */
  beats = $state(1);

  /** Nothing of the run before may stand in the next. */
  forget(): void {
    this.hello = this.preparing = this.layout = this.state = this.loops = this.audioBack = null;
    this.num = { k: 'num', t: 0, v: {}, why: {}, words: {}, chatter: false };
    this.alarms = []; this.log = []; this.lab = { k: 'lab', pending: [], results: [] };
    this.t = 0; this.beats = 1;
  }
}
export const run = new Run();

type Asker = (request: Request) => Promise<Done>;
let asker: Asker = () => Promise.resolve({ k: 'done', n: 0, ok: false, error: 'not connected' });

/** link.ts says how to ask. */
export function askThrough(next: Asker): void { asker = next; }

/** Ask the server to do something; the answer says whether it was done. */
export function act(request: Request): Promise<Done> { return asker(request); }

/** Courses in which something has passed: going back and branching at once leaves one behind in which nothing did. */
export function livedCourses(): Course[] { return (run.state?.courses ?? []).filter((c) => c.id === run.state?.course || c.to - c.from >= 1); }

/** The alarm of a quantity that is shown at its number: the highest that is active, seen or latched. */
export function alarmOf(quantity: string): Alarm | undefined { return run.alarms.find((a) => a.quantity === quantity); }
