// The socket to the server. It comes back by itself; after each connect the server sends hello, layout, state and log again.
import { socketAt } from './place';
import { askThrough, run } from './run.svelte';
import { counted, player } from './sweep';
import type { Done, FromServer, Request, State } from './wire';

const PATIENCE = 8000, SILENCE = 5000, FIRST = 250, LONGEST = 5000;   // ms: for an answer, without any message, before trying again
let socket: WebSocket | null = null, id = '', tries = 0, again = 0, number = 0, heard = 0, watch = 0;
const waiting = new Map<number, { done: (answer: Done) => void; timer: number }>();
const refusedFor = (n: number, error: string): Done => ({ k: 'done', n, ok: false, error });

function ask(request: Request): Promise<Done> {
  const n = ++number;
  if (socket?.readyState !== WebSocket.OPEN) return Promise.resolve(refusedFor(n, 'not connected'));
  socket.send(JSON.stringify({ n, ...request }));
  counted.asked = performance.now();
  return new Promise((done) => {
    const timer = window.setTimeout(() => settle(refusedFor(n, 'no answer')), PATIENCE);
    waiting.set(n, { done, timer });
  });
}
function settle(answer: Done): void {
  const asked = waiting.get(answer.n);
  if (!asked) return;
  clearTimeout(asked.timer);
  waiting.delete(answer.n);
  asked.done(answer);
}

/** Tests and benchmarks read when the newest set value was on the glass: after the frame that follows its arrival. */
function paintedNext(): void {
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { counted.painted = performance.now(); channel.port1.close(); };
    channel.port2.postMessage(0);
  });
}
const sameSet = (a: State['set'] | undefined, b: State['set']): boolean => !!a && Object.keys(b).every((k) => a[k] === b[k]) && Object.keys(a).length === Object.keys(b).length;

function hear(message: FromServer): void {
  switch (message.k) {
    case 'hello': run.hello = message; break;
    case 'preparing': run.preparing = message; break;
    case 'layout': run.link = 'open'; run.preparing = null; run.layout = message;   // a server that has just begun answers for no run before this
      player.carry(message.channels, message.rate); break;
    case 'state':
      if (!sameSet(run.state?.set, message.set)) paintedNext();
      run.audioBack = message.audio === null ? null : performance.now() + message.audio * 1000;
      player.paused = message.paused;
      run.state = message; run.t = message.t; break;
    case 'num': run.num = message; run.t = message.t; break;
    case 'alarms': run.alarms = message.now; break;
    case 'log': run.log = message.fresh ? message.entries : [...run.log, ...message.entries]; break;
    case 'lab': run.lab = message; break;
    case 'loops': run.loops = message; break;
    case 'done': settle(message); break;
  }
}

function connect(): void {
  run.link = tries === 0 ? 'connecting' : 'lost';
  const mine = new WebSocket(socketAt(`live/${encodeURIComponent(id)}`));
  mine.binaryType = 'arraybuffer';
  socket = mine;
  mine.onopen = () => { tries = 0; heard = performance.now(); };
  mine.onmessage = (event) => {
    if (mine !== socket) return;
    heard = performance.now();
    if (typeof event.data === 'string') hear(JSON.parse(event.data) as FromServer);
    else { player.take(event.data as ArrayBuffer); if (run.beats !== player.beats) run.beats = player.beats; }
  };
  mine.onclose = (event) => { if (mine === socket) lost(event.code === 1008 || event.code >= 4400); };
}
function lost(refused: boolean): void {
  socket = null;
  waiting.forEach((_, n) => settle(refusedFor(n, 'connection lost')));
  run.link = refused ? 'refused' : 'lost';
  if (!refused) again = window.setTimeout(connect, Math.min(LONGEST, FIRST * 2 ** tries++) * (0.75 + Math.random() / 2));
}

/** Follow a run. */
export function join(next: string): void {
  leave();
  run.forget();
  id = next; tries = 0;
  askThrough(ask);
  connect();
  // A running simulation is never silent: when nothing comes, the network is gone though the socket does not know it yet.
  watch = window.setInterval(() => {
    if (socket?.readyState === WebSocket.OPEN && run.state && !run.state.paused && !run.preparing && performance.now() - heard > SILENCE) {
      socket?.close();
      lost(false);
    }
  }, 1000);
}
export function leave(): void {
  clearTimeout(again); clearInterval(watch);
  const old = socket;
  socket = null;
  old?.close();
  run.link = 'closed';
}
