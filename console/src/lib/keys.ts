// The keyboard. One letter, one action; keys of a part are sent on to it as an event and the part takes the focus.
import { flushSync } from 'svelte';
import { run } from './run.svelte';
import { ask, ui } from './ui.svelte';

/** Keys that belong to a part of the page, by the name of the event `perfuse-key`. */
const parts: Record<string, string> = {
  s: 'speed', w: 'sweep', f: 'fdo2', h: 'heater', r: 'return-clamp', d: 'drainage-clamp', v: 'ventilator', z: 'rest', e: 'emergency',
  t: 'treatments', l: 'gas', g: 'trends', p: 'loops', c: 'call',
};
const pages: Record<string, number> = { ventilator: 1, rest: 1, emergency: 1, treatments: 2, gas: 2, call: 2 };

/** The key map as it is shown: what it does, and the strokes. */
export const map: { title: string; keys: [string, string][] }[] = [
  { title: 'Time', keys: [['Space', 'Pause, go on'], ['1 – 6', 'Speed of time'], ['Backspace', 'Back 10 s'], ['J', 'Go to a moment'], ['B', 'Branch here']] },
  { title: 'Alarms', keys: [['A', 'Acknowledge'], ['M', 'Pause audio, audio on'], ['N', 'Next alarm'], ['I', 'Alarms and limits']] },
  { title: 'Circuit', keys: [['S', 'Speed of the pump'], ['W', 'Sweep gas'], ['F', 'FdO₂'], ['H', 'Heater'], ['R  Enter', 'Clamp return line'], ['D  Enter', 'Clamp drainage line']] },
  { title: 'Set values', keys: [['↑ ↓', 'One step'], ['Shift ↑ ↓', 'Ten steps'], ['0 – 9  Enter', 'Type a value'], ['Esc', 'Leave']] },
  { title: 'Care', keys: [['V', 'Ventilator'], ['Z  Enter', 'Rest'], ['E  Enter', 'Emergency'], ['T', 'Treatments'], ['← →', 'Tabs'], ['L', 'Draw gas, then the digit of the site'], ['C', 'Call help']] },
  { title: 'Page', keys: [['G', 'Trends, full'], ['P', 'Loops, full'], ['O', 'Menu'], ['?', 'This key map'], ['Esc', 'Close a panel']] },
];

export function pauseOrGo(): void { void ask({ do: run.state?.paused && run.state.towards === null ? 'resume' : 'pause' }); }
export function audio(): void { void ask({ do: 'audio', seconds: run.audioBack === null ? 120 : 0 }); }

function nextAlarm(): void {
  const blocks = [...document.querySelectorAll<HTMLElement>('.alarms button')];
  blocks[(blocks.indexOf(document.activeElement as HTMLElement) + 1) % blocks.length]?.focus();
}
/** Send a key on to the part that owns it, after the page of the rail that holds it is there to take the focus. */
export function toPart(name: string): void {
  const page = pages[name];
  if (page !== undefined) flushSync(() => { ui.page = page; });
  dispatchEvent(new CustomEvent('perfuse-key', { detail: name }));
}

const acts: Record<string, () => void> = {
  ' ': pauseOrGo, Backspace: () => void ask({ do: 'back', seconds: 10 }), j: () => { ui.panel = 'goto'; }, b: () => void ask({ do: 'branch' }),
  a: () => void ask({ do: 'acknowledge' }), m: audio, n: nextAlarm, i: () => { ui.panel = 'alarms'; }, o: () => { ui.panel = 'menu'; }, '?': () => { ui.panel = 'keys'; },
};

export function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !run.layout) return;
  const target = event.target as HTMLElement, key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === 'Escape') { if (ui.panel) ui.panel = null; else target.blur(); return; }
  if (target.matches('input, textarea, select')) return;
  if (target.matches('[role=spinbutton]') && /^([\d.,]|Backspace)$/.test(key)) return;
  // In a panel Space presses the button that has the focus, as everywhere; outside it always pauses.
  if (key === ' ' && target.closest('[role=dialog]')) return;
  const speed = /^[1-6]$/.test(key) ? run.state?.speeds[Number(key) - 1] : undefined;
  if (speed !== undefined) void ask({ do: 'speed', value: speed });
  else if (acts[key]) { if (!event.repeat || key === 'Backspace') acts[key](); }
  else if (parts[key]) { if (!event.repeat) toPart(parts[key]); }
  else return;
  event.preventDefault();
}
/** Firefox presses a focused button when Space is let go. */
export function onKeyUp(event: KeyboardEvent): void {
  if (event.key === ' ' && (event.target as HTMLElement).matches('button') && !(event.target as HTMLElement).closest('[role=dialog]')) event.preventDefault();
}
