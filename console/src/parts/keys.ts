// Keys that the page sends on to its parts: `perfuse-key` names the part that is meant.
import { onMount } from 'svelte';

/** Do something for a key while this part is there. */
export function onPartKey(acts: Record<string, () => void>): void {
  onMount(() => {
    const hear = (event: Event): void => { acts[(event as CustomEvent<string>).detail]?.(); };
    addEventListener('perfuse-key', hear);
    return () => removeEventListener('perfuse-key', hear);
  });
}

/** Arrow keys move the focus among the buttons of a list. */
export function walk(event: KeyboardEvent, within: HTMLElement): void {
  const forward = event.key === 'ArrowDown' || event.key === 'ArrowRight', backward = event.key === 'ArrowUp' || event.key === 'ArrowLeft';
  if (!forward && !backward) return;
  const all = [...within.querySelectorAll<HTMLElement>('button:not([disabled]), [role=spinbutton]')], at = all.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  event.preventDefault();
  all[(at + (forward ? 1 : all.length - 1)) % all.length].focus();
}
