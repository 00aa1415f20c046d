/* A line chart as SVG: axes with numbers, lines with names, and its content as a sentence.

   const chart = rnnedu.chart(parent, { title, xLabel, yLabel, height, log });
   chart.draw([{ name, y, x, kind }], { xRange, yRange, marks, summary });

   `kind` chooses colour and dashes (explore.css): "truth", "baseline", "lstm", "gru", "rnn",
   "gate-f" and so on, or "a", "b", "c". `marks` are places on the x axis. */
"use strict";

{
  const SVG = "http://www.w3.org/2000/svg";
  const MARGIN = { left: 58, right: 12, top: 10, bottom: 42 };
  const POINTS = 1500; // of a line; more cannot be seen

  globalThis.rnnedu = globalThis.rnnedu || {};

  rnnedu.svg = (tag, attributes = {}, ...children) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const { svg } = rnnedu;

  /* Return a number as a reader wants to see it. */
  rnnedu.number = (value, digits = 3) => {
    if (!Number.isFinite(value)) return "no number";
    const size = Math.abs(value);
    if (value === 0) return "0";
    if (size < 1e-3 || size >= 1e6) return value.toExponential(Math.min(digits - 1, 2));
    return String(Number(value.toPrecision(Math.max(digits, Math.ceil(Math.log10(size))))));
  };

  /* Return about `count` round numbers that lie in a range. */
  function ticksOf([low, high], count) {
    const rough = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((k) => k * power).find((each) => each >= 0.8 * rough);
    const ticks = [];
    for (let k = Math.ceil(low / step); k * step <= high + step * 1e-9; k += 1)
      ticks.push(Number((k * step).toPrecision(12)));
    return ticks;
  }

  /* Return powers of ten in a range, at most `count` of them. */
  function powersOf([low, high], count) {
    const [first, last] = [Math.ceil(Math.log10(low)), Math.floor(Math.log10(high))];
    const every = Math.max(1, Math.ceil((last - first) / count));
    const ticks = [];
    for (let power = first; power <= last; power += every) ticks.push(10 ** power);
    return ticks;
  }

  const powerText = (value) =>
    Math.abs(Math.log10(value)) < 4 ? rnnedu.number(value) : value.toExponential(0);

  /* Return the smallest and largest finite number of some arrays, a little apart. */
  function rangeOf(arrays, log) {
    let [low, high] = [Infinity, -Infinity];
    for (const values of arrays)
      for (const value of values)
        if (Number.isFinite(value) && (!log || value > 0)) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
    if (low > high) return log ? [0.1, 1] : [0, 1];
    if (log) return low === high ? [low / 10, high * 10] : [low, high];
    const room = (high - low || Math.abs(high) || 1) * 0.04;
    return [low - room, high + room];
  }

  rnnedu.chart = (parent, { title, xLabel, yLabel, height = 230, log = false }) => {
    const box = document.createElement("figure");
    box.className = "explorer-chart";
    const caption = document.createElement("figcaption");
    caption.textContent = title;
    const legend = document.createElement("div");
    legend.className = "explorer-legend";
    const picture = svg("svg", { role: "img", height });
    box.append(caption, picture, legend);
    parent.append(box);
    let drawn = [[], {}];

    function draw(lines, options = {}) {
      drawn = [lines, options];
      const width = Math.max(260, box.clientWidth || 600);
      const inner = [MARGIN.left, width - MARGIN.right, height - MARGIN.bottom, MARGIN.top];
      const [left, right, bottom, top] = inner;
      const xs = lines.map((line) => line.x || line.y.map((_, k) => k));
      const xRange = options.xRange || rangeOf(xs, false).map((v, k) => {
        const all = xs.flatMap((x) => [x[0], x[x.length - 1]]).filter(Number.isFinite);
        return all.length ? (k ? Math.max(...all) : Math.min(...all)) : v;
      });
      if (xRange[0] === xRange[1]) xRange[1] += 1;
      const yRange = options.yRange || rangeOf(lines.map((line) => line.y), log);
      const scale = log ? Math.log10 : (value) => value;
      const [low, high] = yRange.map(scale);
      const toX = (v) => left + ((v - xRange[0]) / (xRange[1] - xRange[0])) * (right - left);
      const toY = (v) => {
        const share = (scale(v) - low) / (high - low);
        return bottom + Math.min(1.02, Math.max(-0.02, share)) * (top - bottom);
      };
      const parts = [];
      for (const value of log ? powersOf(yRange, 5) : ticksOf(yRange, 4)) {
        const y = toY(value);
        parts.push(svg("line", { class: "grid", x1: left, x2: right, y1: y, y2: y }));
        parts.push(
          svg("text", { x: left - 6, y: y + 4, "text-anchor": "end" },
            log ? powerText(value) : rnnedu.number(value)),
        );
      }
      const xText = options.xText || ((value) => rnnedu.number(value, 4));
      for (const value of options.xTicks || ticksOf(xRange, width < 450 ? 4 : 7)) {
        const x = toX(value);
        if (x < left - 1 || x > right + 1) continue;
        parts.push(svg("line", { class: "grid", x1: x, x2: x, y1: bottom, y2: bottom + 4 }));
        parts.push(svg("text", { x, y: bottom + 17, "text-anchor": "middle" }, xText(value)));
      }
      for (const mark of options.marks || []) {
        const x = toX(mark);
        if (x >= left && x <= right)
          parts.push(svg("line", { class: "mark", x1: x, x2: x, y1: top, y2: bottom }));
      }
      parts.push(svg("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }));
      const middle = (left + right) / 2;
      parts.push(svg("text", { x: middle, y: height - 6, "text-anchor": "middle" }, xLabel));
      parts.push(
        svg("text", { class: "y-label", "text-anchor": "middle",
          transform: `translate(12 ${(top + bottom) / 2}) rotate(-90)` }, yLabel),
      );
      lines.forEach((line, k) => {
        const every = Math.max(1, Math.floor(line.y.length / POINTS));
        let path = "";
        let pen = "M";
        for (let i = 0; i < line.y.length; i += i + every < line.y.length ? every : 1) {
          const [x, y] = [xs[k][i], line.y[i]];
          const seen = Number.isFinite(y) && (!log || y > 0) && x >= xRange[0] && x <= xRange[1];
          if (seen) path += `${pen}${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`;
          pen = seen ? "L" : "M";
        }
        parts.push(svg("path", { class: `line kind-${line.kind || "a"}`, d: path || "M0 0" }));
      });
      picture.replaceChildren(...parts);
      picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
      picture.setAttribute("width", width);
      const ends = lines.map((line) => {
        const [first, last] = [0, line.y.length - 1].map((k) => rnnedu.number(line.y[k]));
        return `${line.name} goes from ${first} to ${last}`;
      });
      const content = options.summary || `${ends.join("; ")}.`;
      picture.setAttribute("aria-label", `${title}. ${content}`);
      legend.replaceChildren(
        ...lines.filter((line) => line.name && !line.unnamed).map((line) => {
          const item = document.createElement("span");
          const sample = svg("svg", { width: 26, height: 10, "aria-hidden": "true" },
            svg("path", { class: `line kind-${line.kind || "a"}`, d: "M0 5L26 5" }));
          item.append(sample, ` ${line.name}`);
          return item;
        }),
      );
    }

    new ResizeObserver(() => {
      if (drawn[0].length) draw(...drawn);
    }).observe(box);
    return { draw, box, caption };
  };
}
