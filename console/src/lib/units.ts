// Engine units to the units that the reader chose, and numbers as they are written (true minus, fixed decimals).
import { chosen, quantities } from './settings.svelte';
import type { Quantity } from './wire';

export { chosen, quantities };
export const MINUS = '\u2212';
export function knowQuantities(found: Record<string, Quantity>): void { Object.assign(quantities, found); }

interface Change { unit: string; factor: number; digits: number }   // digits: decimals more (or fewer) than in the engine's unit
/** How a unit of the engine is written now. */
export function change(unit: string): Change {
  if (unit === 'mmHg' && chosen.pressure === 'kPa') return { unit: 'kPa', factor: 0.1333224, digits: 1 };
  if (unit === 'cmH2O' && chosen.airway === 'mbar') return { unit: 'mbar', factor: 0.980665, digits: 0 };
  if (unit === 'g/dL' && chosen.haemoglobin === 'g/L') return { unit: 'g/L', factor: 10, digits: -1 };
  if (unit === 'g/dL' && chosen.haemoglobin === 'mmol/L') return { unit: 'mmol/L', factor: 0.6206, digits: 0 };
  return { unit, factor: 1, digits: 0 };
}

/** A number with a true minus; null is an en dash pair. */
export function written(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '– –';
  const text = value.toFixed(Math.max(0, digits));
  return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', MINUS);
}

/** What a person typed, in a unit of the engine; undefined when it is no number. */
export function typed(text: string, unit: string): number | undefined {
  const value = Number(text.trim().replace(MINUS, '-').replace(',', '.'));
  return text.trim() === '' || Number.isNaN(value) ? undefined : value / change(unit).factor;
}

/** A value of a quantity as it is shown. */
export function shown(quantity: string, value: number | null | undefined): string {
  const q = quantities[quantity], c = change(q?.unit ?? '');
  return written(value == null ? value : value * c.factor, (q?.digits ?? 0) + c.digits);
}
/** The unit in which `shown` writes a quantity. */
export function unitOf(quantity: string): string { return pretty(change(quantities[quantity]?.unit ?? '').unit); }

/** A unit as it is printed. */
export function pretty(unit: string): string {
  return unit === '1' ? '' : unit.replace('degC', '°C').replace('H2O', 'H₂O').replace('ug/', 'µg/').replace('1/min', '/min').replace('1e9/L', '10⁹/L');
}

/** A clinician's symbol in plain text, with the small figures of gases: SpO_2 -> SpO₂. */
export function symbol(text: string): string { return text.replace(/O_?2/g, 'O₂').replace(/_/g, ''); }
