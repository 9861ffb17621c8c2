// What a live picture is made of: a drawing that seldom changes, and numbers, clamps and strips that the page keeps alive.
import { limitsText } from '../lib/alarms';
import { alarmOf, run } from '../lib/run.svelte';
import { shown, unitOf, written } from '../lib/units';
import type { Device } from '../lib/wire';
import { t } from '../lib/words';

export interface Figure { x: number; y: number; size: string; text: string; state: string; key: string; anchor?: 'end' | 'middle'; ink?: string; label?: string; unit?: string; only?: 'wide' | 'narrow' }
export interface ClampPlace { control: string; name: string; x: number; y: number; turn?: boolean; above?: boolean; before?: boolean; only?: 'wide' | 'narrow' }
/** Where a sample can be drawn from the circuit: a click draws a gas there. */
export interface TapPlace { site: string; name: string; x: number; y: number }
export interface Strip { channel: string; x: number; y: number; w: number; h: number; lo: number; hi: number; seconds: number; sig: string; axis: boolean; dashed?: number; shade?: { channel: string; above: number } }
/** The last 15 minutes of a slow quantity. */
export interface Line { quantity: string; x: number; y: number; w: number; h: number }
export interface Live { label: string; box: string; narrow: string; back: string; figures: Figure[]; clamps: ClampPlace[]; taps: TapPlace[]; strips: Strip[]; lines: Line[] }

/** Alarm shape of a quantity: '', the priority, 'seen', or 'latched-' and the priority. */
export function alarmShape(quantity: string): string {
  const found = alarmOf(quantity);
  if (!found) return '';
  return found.state === 'active' ? found.priority : found.state === 'seen' ? 'seen' : `latched-${found.priority}`;
}

/** A value, or null. */
export const value = (quantity: string): number | null => run.num.v[quantity] ?? null;
/** A saturation for a colour, rounded, so that drawings change seldom. */
export const colour = (quantity: string, without: number): number => Math.round(value(quantity) ?? without);

/** A number that shows a quantity. */
export function figure(quantity: string, x: number, y: number, size: string, more: Partial<Figure> = {}): Figure {
  return { key: quantity, x, y, size, text: shown(quantity, value(quantity)), state: alarmShape(quantity), ...more };
}
/** A saturation in a picture: whole percent, there is no room for more. */
export const percent = (quantity: string, x: number, y: number, size: string, more: Partial<Figure> = {}): Figure =>
  figure(quantity, x, y, size, { text: written(value(quantity), 0), unit: '%', ...more });
/** A number that must not grow beyond its place: long ones are smaller. */
export function fitting(quantity: string, x: number, y: number, size: 'n64' | 'n48'): Figure {
  const found = figure(quantity, x, y, size), smaller = { n64: 'n48', n48: 'n34' };
  return found.text.length > 4 ? { ...found, size: smaller[size] } : found;
}
/** A number with its label before and its unit after it. */
export const labelled = (quantity: string, label: string, x: number, y: number, more: Partial<Figure> = {}): Figure =>
  figure(quantity, x, y, 'n20', { label, unit: unitOf(quantity), ...more });

/** Whether the console in use shows a quantity. */
export function reads(device: Device, quantity: string): boolean {
  if (!device.pressures && /^(P_ven|P_int|P_art|dP)$/.test(quantity)) return false;
  return device.reads.length === 0 || device.reads.some((r) => r.quantity === quantity);
}
export const isClosed = (control: string): boolean => (run.state?.set[control] ?? 0) >= 0.5;
/** Limits without zeros at their ends: there is little room in a picture. */
export const limits = (quantity: string): string => limitsText(quantity).replace(/(\.\d)0(?!\d)/g, '$1');

const lines = { return: 'return line', return2: 'second return line', drainage: 'drainage line', drainage2: 'second drainage line', distal: 'distal perfusion line' } as const;
/** Clamps at their places in a picture; those without a place are not drawn. */
export function clamps(device: Device, places: Partial<Record<Device['clamps'][number]['where'], [x: number, y: number, turn?: boolean, above?: boolean]>>): ClampPlace[] {
  return device.clamps.flatMap(({ control, where }) => {
    const at = places[where];
    return at ? [{ control, name: t(lines[where]), x: at[0], y: at[1], turn: at[2], above: at[3] }] : [];
  });
}
/** Taps at their places in a picture, where the laboratory takes such a sample. */
export function taps(places: [site: string, x: number, y: number][]): TapPlace[] {
  return places.flatMap(([site, x, y]) => {
    const known = run.layout?.gases.find((g) => g.site === site);
    return known ? [{ site, name: t(known.words), x, y }] : [];
  });
}
/** Whether blood stands: a clamp that stops all of it, or no flow to speak of. */
export function stands(device: Device, flow: number | null): boolean {
  const shut = device.clamps.filter((c) => isClosed(c.control)).map((c) => c.where);
  const all = (a: 'return' | 'drainage', b: 'return2' | 'drainage2'): boolean => shut.includes(a) && (shut.includes(b) || !device.clamps.some((c) => c.where === b));
  return all('return', 'return2') || all('drainage', 'drainage2') || flow === null || Math.abs(flow) < 0.05;
}
