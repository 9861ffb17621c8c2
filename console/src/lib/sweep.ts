// Erase-bar sweep. Samples come in frames of about 40 ms and are played out at the display's rate, a little later, so that neither
// the frames nor the network can be seen. Each frame of the display draws only what is new; nothing is allocated per sample.
import { WAVES } from './wire';

const KEPT = 1 << 14, MASK = KEPT - 1;                     // samples kept per channel: 82 s at 200 per second
const DELAY = 0.08, LONGEST_DELAY = 0.4;                   // s between arrival and drawing; grows after a gap, then shrinks again
const HEADER = 24;

/** Counters for tests and benchmarks: `window.__perfuse`. Times are of performance.now(). */
export const counted = {
  frames: 0,            // frames of the display while a wave was there
  drawn: 0,             // samples played out
  gaps: 0,              // times the play-out ran dry although the simulation ran
  longest: 0,           // longest time between two frames of the display, ms
  lastPixel: 0,         // when a wave was drawn last
  asked: 0,             // when the newest request was sent
  painted: 0,           // when the newest set value was on the glass
  delay: 0,             // s that the drawing is behind what has arrived
  samples: (channel: string, n: number): number[] => player.last(channel, n),
};
declare global { interface Window { __perfuse: typeof counted } }
window.__perfuse = counted;

export interface Trace {
  channel: string; lo: number; hi: number; seconds: number;
  gap?: number; pad?: number; width?: number;                // px at 1 rem = 16 px: 16, 4, 1.75
  shade?: { channel: string; above: number };                // fill below the wave while another channel is above a value
}

class Player {
  paused = false;
  beats = 1;
  rate = 200;
  origin = 0;                                              // index of the sample at the left edge of the first sweep
  head = 0;                                                // next sample to be drawn; whole and a fraction
  private written = 0;                                     // samples received
  private channels: string[] = [];
  private rings: Float32Array[] = [];
  private filling = true;
  private level = 0;
  private delay = DELAY;
  private before = 0;
  private traces = new Set<Drawn>();
  private frame = 0;

  /** The channels of the frames that follow. */
  carry(channels: string[], rate: number): void {
    if (rate === this.rate && channels.join() === this.channels.join()) return;
    this.channels = channels; this.rate = rate;
    this.rings = channels.map(() => new Float32Array(KEPT).fill(NaN));
    this.written = 0;
    this.anew();
  }
  ring(channel: string): Float32Array | undefined { return this.rings[this.channels.indexOf(channel)]; }
  last(channel: string, n: number): number[] {
    const ring = this.ring(channel), end = Math.floor(this.head), count = Math.min(n, end - this.origin, KEPT);
    return ring ? Array.from({ length: Math.max(0, count) }, (_, i) => ring[(end - count + i) & MASK]!) : [];
  }
  /** Lowest and highest of the last samples drawn; undefined where there is no signal. */
  range(channel: string, n: number): [number, number] | undefined {
    const ring = this.ring(channel), end = Math.floor(this.head);
    let low = Infinity, high = -Infinity;
    for (let i = Math.max(this.origin, end - n); ring && i < end; i++) {
      const value = ring[i & MASK]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return low <= high ? [low, high] : undefined;
  }
  private anew(): void {
    this.head = this.origin = this.written;
    this.filling = true;
    this.repaint();
  }
  repaint(): void { this.traces.forEach((trace) => trace.repaint()); }

  /** One binary frame. A frame that does not fit the layout is left out: the layout that it belongs to is on its way. */
  take(buffer: ArrayBuffer): void {
    if (buffer.byteLength < HEADER) return;
    const view = new DataView(buffer), count = view.getUint16(2, true), samples = view.getUint32(4, true);
    if (view.getUint8(0) !== WAVES || count !== this.rings.length || buffer.byteLength !== HEADER + 4 * count * samples) return;
    this.beats = Math.round(view.getFloat32(20, true)) || 1;
    if (view.getUint8(1) & 1) this.anew();
    const values = new Float32Array(buffer, HEADER, count * samples);
    for (let c = 0; c < count; c++) {
      const ring = this.rings[c]!, from = c * samples;
      for (let i = 0; i < samples; i++) ring[(this.written + i) & MASK] = values[from + i]!;
    }
    this.written += samples;
  }

  add(trace: Drawn): void { this.traces.add(trace); if (!this.frame) { this.before = performance.now(); this.frame = requestAnimationFrame(this.tick); } }
  remove(trace: Drawn): void { this.traces.delete(trace); if (this.traces.size === 0) { cancelAnimationFrame(this.frame); this.frame = 0; } }

  private tick = (now: number): void => {
    this.frame = requestAnimationFrame(this.tick);
    const since = now - this.before;
    this.before = now;
    counted.frames++;
    if (since > counted.longest) counted.longest = since;
    const from = Math.floor(this.head);
    this.advance(Math.min(since, 250) / 1000);
    counted.delay = (this.written - this.head) / this.rate;
    const end = Math.floor(this.head);
    if (end === from) return;
    counted.drawn += end - from;
    counted.lastPixel = now;
    for (const trace of this.traces) trace.draw();
  };

  /** Move the head by the time that passed; its clock runs up to 8 % faster or slower to keep the delay. */
  private advance(seconds: number): void {
    const { rate } = this, wanted = this.delay * rate, ready = this.written - this.head;
    if (this.filling) {
      if (ready < wanted) return;
      this.filling = false;
      this.level = ready;
    }
    if (ready > 5 * rate) { this.head = this.written - wanted; this.level = wanted; this.repaint(); return; }   // the page was hidden
    this.level += (ready - this.level) * Math.min(1, seconds * 2);
    const pace = 1 + Math.max(-0.08, Math.min(0.08, (this.level - wanted) / rate / 2));
    this.head += seconds * rate * pace;
    this.delay += (DELAY - this.delay) * seconds / 60;
    if (this.head < this.written) return;
    this.head = this.written;
    this.filling = true;
    if (this.paused) return;
    counted.gaps++;
    this.delay = Math.min(LONGEST_DELAY, this.delay * 1.5);
  }
}
export const player = new Player();

/** One canvas. Lengths are in pixels of the device, so that what is cleared ends between pixels. */
class Drawn {
  private pen: CanvasRenderingContext2D;
  private at = 0;                                          // next sample to draw
  private cleared = 0;                                     // end of the cleared space, counted on over all sweeps
  private x = 0; private y = 0; private lap = -1; private silent = false;
  private colour = '';

  constructor(private canvas: HTMLCanvasElement, private trace: Trace) {
    this.pen = canvas.getContext('2d')!;
    this.size();
    player.add(this);
  }
  change(trace: Trace): void {
    const same = (Object.keys({ ...this.trace, ...trace }) as (keyof Trace)[]).every((k) => this.trace[k] === trace[k]);
    this.trace = trace;
    if (!same) this.repaint();
  }
  destroy(): void { player.remove(this); }

  size(): void {
    const { width, height } = this.canvas.getBoundingClientRect();
    this.canvas.width = Math.max(1, Math.round(width * devicePixelRatio));
    this.canvas.height = Math.max(1, Math.round(height * devicePixelRatio));
    this.repaint();
  }
  private scale(): number { return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 * devicePixelRatio; }

  /** Draw the sweep again from what is kept: after a new size, theme, scale or beginning. */
  repaint(): void {
    const { pen, canvas, trace } = this, scale = this.scale();
    this.colour = getComputedStyle(canvas).color;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.lineWidth = (trace.width ?? 1.75) * scale;
    pen.lineJoin = pen.lineCap = 'round';
    this.gap = Math.round((trace.gap ?? 16) * scale);
    this.pad = (trace.pad ?? 4) * scale;
    const one = canvas.width / (trace.seconds * player.rate), end = Math.floor(player.head);
    this.at = Math.max(player.origin, end - Math.floor((canvas.width - this.gap) / one), end - KEPT + player.rate);
    this.cleared = Math.floor((this.at - player.origin) * one);
    this.lap = -1;
    this.draw();
  }
  private gap = 16; private pad = 4;

  draw(): void {
    const { pen, trace } = this, ring = player.ring(trace.channel), end = Math.floor(player.head), W = this.canvas.width, H = this.canvas.height;
    if (!ring || W < 2 || this.at >= end) return;
    const one = W / (trace.seconds * player.rate), pad = this.pad, k = (H - 2 * pad) / (trace.hi - trace.lo), top = -8, bottom = H + 8;
    if (end - this.at > trace.seconds * player.rate) { this.repaint(); return; }
    this.erase(Math.ceil((end - player.origin) * one) + this.gap);
    if (trace.shade) this.shadow(end, one, k);
    pen.strokeStyle = this.colour;
    pen.beginPath();
    let { x, y, lap, silent } = this;
    if (lap >= 0) pen.moveTo(x, y);
    for (let i = this.at; i < end; i++) {
      const value = ring[i & MASK]!, none = value !== value, run = (i - player.origin) * one, turn = Math.floor(run / W);
      x = run - turn * W;
      y = none ? H - pen.lineWidth : Math.max(top, Math.min(bottom, H - pad - (value - trace.lo) * k));
      if (turn !== lap || none !== silent) pen.moveTo(x, y); else pen.lineTo(x, y);
      lap = turn; silent = none;
    }
    pen.stroke();
    this.x = x; this.y = y; this.lap = lap; this.silent = silent; this.at = end;
  }

  /** Clear up to a place ahead of the pen; it may lie in the next sweep. */
  private erase(to: number): void {
    const W = this.canvas.width, H = this.canvas.height;
    let from = Math.max(this.cleared, to - W);
    while (from < to) {
      const x = from % W, step = Math.min(W - x, to - from);
      this.pen.clearRect(x, 0, step, H);
      from += step;
    }
    this.cleared = Math.max(this.cleared, to);
  }

  private shadow(end: number, one: number, k: number): void {
    const { pen, trace } = this, H = this.canvas.height, W = this.canvas.width, ring = player.ring(trace.channel)!, other = player.ring(trace.shade!.channel);
    if (!other) return;
    pen.fillStyle = this.colour;
    pen.globalAlpha = 0.3;
    for (let i = this.at; i < end; i++) {
      const y = H - this.pad - (ring[i & MASK]! - trace.lo) * k;
      if (other[i & MASK]! > trace.shade!.above && y === y) pen.fillRect(((i - player.origin) * one) % W, y, one, H - y);
    }
    pen.globalAlpha = 1;
  }
}

const sizes = new WeakMap<Element, Drawn>();
const observer = new ResizeObserver((entries) => entries.forEach((entry) => sizes.get(entry.target)?.size()));

/** Svelte action for a canvas: `<canvas use:trace={{ channel, lo, hi, seconds }}>`. Its CSS colour is the colour of the line. */
export function trace(canvas: HTMLCanvasElement, options: Trace): { update: (next: Trace) => void; destroy: () => void } {
  const drawn = new Drawn(canvas, options);
  sizes.set(canvas, drawn);
  observer.observe(canvas);
  return {
    update: (next) => drawn.change(next),
    destroy: () => { observer.unobserve(canvas); drawn.destroy(); },
  };
}
