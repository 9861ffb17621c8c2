// What a person would see of a page, measured: where letters really stand, what lies behind them, and what does not fit.
(() => {
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  // Chromium takes words in a hidden group of a picture for visible.
  const hidden = (e) => { for (let g = e.closest('svg *'); g && g.tagName !== 'svg'; g = g.parentElement) if (getComputedStyle(g).display === 'none') return true; return false; };
  const seen = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) && !e.closest('.unseen, defs') && !hidden(e);

  /** Every run of letters that is on the glass: its words, its element, and the box of its ink. */
  function inks(root) {
    const out = [], walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), range = document.createRange();
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const words = node.data.trim(), element = node.parentElement;
      if (!words || !seen(element)) continue;
      range.selectNodeContents(node);
      const style = getComputedStyle(element), drawn = element.closest('svg');
      pen.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const m = pen.measureText(words), k = drawn ? element.getScreenCTM().a : 1;
      for (const r of range.getClientRects()) {
        if (r.width < 1 || r.height < 1) continue;
        const extra = (r.height - k * (m.fontBoundingBoxAscent + m.fontBoundingBoxDescent)) / 2, base = r.bottom - extra - k * m.fontBoundingBoxDescent;
        out.push({ words, element, left: r.left, right: r.right, top: base - k * m.actualBoundingBoxAscent, bottom: base + k * m.actualBoundingBoxDescent });
      }
    }
    return out;
  }
  const meet = (a, b, by = 1) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > by && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > by;

  /** In a picture: words over words, over the frame of another number, over a tube or a clamp, or beyond the edge. */
  function collisions(svg) {
    const out = [], all = inks(svg), edge = svg.parentElement.getBoundingClientRect(), owner = (i) => i.element.closest('g[data-quantity]') ?? i.element.closest('text');
    all.forEach((a, i) => all.slice(i + 1).forEach((b) => { if (a.element.closest('text') !== b.element.closest('text') && meet(a, b)) out.push(`${a.words} over ${b.words}`); }));
    for (const frame of svg.querySelectorAll('[class^=block-] rect:not(.under)')) {
      const box = frame.getBoundingClientRect(), mine = frame.closest('g[data-quantity]');
      if (!seen(frame)) continue;
      for (const a of all) if (owner(a) !== mine && meet(a, box, 2)) out.push(`${a.words} in the frame of ${mine.dataset.quantity}`);
    }
    for (const a of all) {
      if (a.left < edge.left - 1 || a.right > edge.right + 1 || a.top < edge.top - 1 || a.bottom > edge.bottom + 1) out.push(`${a.words} beyond the edge`);
      for (const clamp of svg.querySelectorAll('.clamp g')) if (!clamp.contains(a.element) && seen(clamp) && meet(a, clamp.getBoundingClientRect(), 2)) out.push(`${a.words} over a clamp`);
    }
    for (const tube of svg.querySelectorAll('.tube')) {
      if (!seen(tube)) continue;
      const at = tube.getScreenCTM(), half = parseFloat(getComputedStyle(tube).strokeWidth) / 2 * at.a, long = tube.getTotalLength();
      for (let s = 0; s <= long; s += 3) {
        const p = tube.getPointAtLength(s).matrixTransform(at), box = { left: p.x - half, right: p.x + half, top: p.y - half, bottom: p.y + half };
        for (const a of all) if (meet(a, box)) out.push(`${a.words} over a tube`);
      }
    }
    return [...new Set(out)];
  }

  /** Buttons, boxes and labels whose words need more room than they have. */
  function clipped() {
    const out = [];
    for (const e of document.querySelectorAll('button, h1, h2, h3, label, select, th, td, span, b, small, p, time, output, [role=spinbutton]')) {
      if (!seen(e) || e.closest('svg') || !e.textContent.trim()) continue;
      const style = getComputedStyle(e);
      if (style.display !== 'inline' && e.scrollWidth > e.clientWidth + 1 && style.overflowX !== 'visible' && style.overflowX !== 'auto') out.push(`${e.tagName.toLowerCase()} "${e.textContent.trim()}"`);
      if (e.tagName === 'SELECT') { pen.font = style.font; const words = e.selectedOptions[0]?.textContent ?? '', room = e.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight); if (pen.measureText(words).width > room + 1) out.push(`select "${words}"`); }
    }
    return out;
  }
  /** Buttons whose words stand out of their frame, though nothing is hidden. */
  function spilt() {
    const out = [];
    for (const e of document.querySelectorAll('button, [role=spinbutton], .alarm')) {
      if (!seen(e)) continue;
      const box = e.getBoundingClientRect();
      for (const a of inks(e)) if (a.left < box.left - 1 || a.right > box.right + 1 || a.top < box.top - 1 || a.bottom > box.bottom + 1) out.push(`${a.words} out of ${e.getAttribute('aria-label') ?? e.textContent.trim()}`);
    }
    return [...new Set(out)];
  }

  const parse = (text) => { if (text === 'none') return [0, 0, 0, 0]; pen.clearRect(0, 0, 1, 1); pen.fillStyle = '#000'; pen.fillStyle = text; pen.fillRect(0, 0, 1, 1); const d = pen.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3]));
  const light = (rgb) => { const [r, g, b] = rgb.map((v) => { const s = v / 255; return s <= 0.03928 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => { const [hi, lo] = [light(a), light(b)].sort((x, y) => y - x); return (hi + 0.05) / (lo + 0.05); };

  /** What lies behind an element: fills of its own frame in a picture, else backgrounds up to the page. */
  function behind(element) {
    const layers = [], frame = element.closest('svg g[class^=block-]')?.querySelector('rect:not(.under)'), mark = element.closest('text')?.previousElementSibling;
    if (frame) layers.push(parse(getComputedStyle(frame).fill));
    if (mark?.tagName === 'rect' && mark.getAttribute('fill') !== 'none' && !frame) {
      const a = mark.getBoundingClientRect(), b = element.getBoundingClientRect();
      if (b.top + b.height / 2 > a.top && b.top + b.height / 2 < a.bottom) layers.push(parse(getComputedStyle(mark).fill));
    }
    for (let e = element.closest('svg') ?? element; e; e = e.parentElement) layers.push(parse(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  }
  /** Words with too little contrast, with the ratio that they have. Disabled controls and halves of a flash are exempt. */
  function faint(least = 4.5) {
    const out = new Map();
    for (const { element, words } of inks(document.body)) {
      if (element.closest(':disabled, .off')) continue;
      const style = getComputedStyle(element), ground = behind(element), ink = over(parse(element.closest('svg text') ? style.fill : style.color), ground), found = ratio(ink, ground);
      if (found < least) out.set(`${words} (${element.closest('[class]')?.getAttribute('class')})`, found.toFixed(2));
    }
    return [...out].map(([words, found]) => `${words}: ${found}`);
  }

  /** Words of the page, each once, with numbers as #. */
  const words = () => [...new Set(inks(document.body).map((i) => i.words.replace(/[\d.,:−–-]*\d[\d.,:−–-]*/g, '#').trim()))];
  window.look = { inks, collisions, clipped, spilt, faint, words };
})();
