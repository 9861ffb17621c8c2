// Loops cost the server work and the line room: they are asked for only while one can be seen, by however many parts.
import { act } from '../lib/run.svelte';

let watching = 0;
/** Attachment: asks for loops while the element is on the glass. */
export function asksForLoops(node: Element): () => void {
  let here = false;
  const turn = (seen: boolean): void => {
    if (seen === here) return;
    here = seen;
    watching += seen ? 1 : -1;
    if (seen ? watching === 1 : watching === 0) void act({ do: 'see', loops: seen });
  };
  const observer = new IntersectionObserver((entries) => turn(entries.at(-1)?.isIntersecting ?? false));
  observer.observe(node);
  return () => { observer.disconnect(); turn(false); };
}
/** After a new connection the server knows nothing of what is seen. */
export function askLoopsAgain(): void { if (watching > 0) void act({ do: 'see', loops: true }); }
