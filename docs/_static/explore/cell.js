/* Explorer: one time step of a simple RNN, an LSTM or a GRU, and a sequence that it reads.

   The diagram and the table come as markup with the numbers of the page: for each quantity
   (i, f, g, o, c, h) its name, its equation and its line of rnnedu/cells/steps.py. What
   belongs to a quantity has data-part, what shows a value has data-value. */
"use strict";

{
  // -- Numbers -----------------------------------------------------------------------------

  const fixed = (value) => value.toFixed(4).replace(/^-(0\.0+)$/, "$1").replace("-", "−");
  const number = (value) => fixed(value).replace(/\.?0+$/, "");
  const factor = (value) => (value < 0 ? `(${number(value)})` : number(value));

  /* Put numbers into the right side of an equation, for one unit of a step. */
  function withNumbers(equation, { layer, x, before, now, u }) {
    const own = equation[0]; // the letter of the quantity, and of its weights
    const second = layer.recurrentBias; // of a GRU in Keras
    let sum = 0; // of what a layer adds up
    const term = (value, text = number(value)) => {
      sum += value;
      return text;
    };
    const product = (values, weights) => {
      const pairs = [...values].map((value, k) => [value, weights[k * layer.units + u]]);
      const total = pairs.reduce((all, [a, b]) => all + a * b, 0);
      const each = pairs.map(([a, b]) => `${number(a)} · ${factor(b)}`);
      return term(total, each.length > 2 ? number(total) : each.join(" + "));
    };
    const text = equation
      .split(" = ")[1]
      .replace("(r_t ⊙ h_{t−1}) U_n", () =>
        product(before.h.map((h, k) => now.r[k] * h), layer.U.n))
      .replace(/h_{t−1} U(_.)?/, () => product(before.h, layer.U[own]))
      .replace(/x_t W(_.)?/, () => product(x, layer.W[own]))
      .replace("b′_n", () => number(second.n[u]))
      .replace(/\bb(_.)?/, () =>
        term(layer.b[own][u] + (own === "n" ? 0 : second[own]?.[u] ?? 0)))
      .replace(/([a-z])_t/g, (_, name) => factor(now[name][u]))
      .replace(/([a-z])_{t−1}/g, (_, name) => factor(before[name][u]))
      .replaceAll("⊙", "·")
      .replaceAll("+ −", "− ")
      .replace(/\(\((.+?)\)\)/, "($1)");
    const added = equation.includes("⊙") ? "" : ` = ${text.split("(")[0]}(${number(sum)})`;
    return `= ${text}${added} = ${number(now[own][u])}`;
  }

  // -- What a reader can set ---------------------------------------------------------------

  const CELLS = { SimpleRNN: "simple RNN", LSTM: "LSTM", GRU: "GRU" };
  const WEIGHTS = {
    hand: "set by hand",
    task: "trained: repeat the number",
    price: "trained: IBM's price",
  };
  const SEQUENCES = {
    number: "one number, then noise",
    marks: "several marked numbers",
    price: "a year of IBM's price",
  };
  const LAYERS = {
    i: "Input gate i",
    f: "Forget gate f",
    g: "Candidate g",
    o: "Output gate o",
    z: "Update gate z",
    r: "Reset gate r",
    n: "Candidate n",
    h: "Hidden state h",
  };
  const KEEPS = { LSTM: "f", GRU: "z" }; // the gate near 1 of which keeps the state
  const STORES = { SimpleRNN: "h", LSTM: "c", GRU: "h" };

  /* What can be set for each layer of a cell: words, largest value and step. */
  const SLIDERS = {
    b: ["bias", 8, 0.25],
    d: ["add to the bias", 8, 0.25], // of a trained network
    x: ["weight of the number", 5, 0.1],
    m: ["weight of the mark", 16, 0.5],
    u: ["weight of the previous h", 5, 0.1],
  };
  /* Weights that are not 0 at the start: a mark opens i, and closes f and z. */
  const INITIAL = {
    mi: 16, bi: -8, mf: -16, bf: 1, xg: 1, bo: 4, mz: -16, br: 4, xn: 1, xh: 1, uh: 1,
  };
  const PRESETS = {
    SimpleRNN: { "Keep (roughly)": { uh: 2, xh: 0.3 }, Overwrite: { uh: 0 } },
    LSTM: { Keep: { bf: 8 }, Forget: { bf: -8 }, Write: { bf: -8, bi: 8 } },
    GRU: { Keep: { bz: 8 }, Overwrite: { bz: -8 } },
  };

  const slider = (key, label, initial, min, max, step) =>
    ({ key, label, initial, min, max, step, text: number });
  const choice = (key, label, initial, words) =>
    ({ key, label, initial, options: Object.entries(words) });
  const layerSettings = Object.entries(LAYERS).flatMap(([layer, name]) =>
    Object.entries(SLIDERS).map(([kind, [words, most, step]]) => {
      const key = kind + layer;
      return slider(key, `${name}: ${words}`, INITIAL[key] ?? 0, -most, most, step);
    }),
  );
  const parts = ["none", "c", ...Object.keys(LAYERS)].map((part) => [part, part]);
  const settings = [
    choice("cell", "Cell", "LSTM", CELLS),
    choice("weights", "Weights", "hand", WEIGHTS),
    choice("sequence", "It reads", "number", SEQUENCES),
    slider("unit", "Unit", 1, 1, 50, 1),
    ...layerSettings,
    slider("t", "Time step", 60, 1, 366, 1),
    { key: "own", label: "Set this step by hand", initial: false, flag: true },
    slider("number", "Number", 0, -1, 1, 0.01),
    { key: "mark", label: "Mark", initial: false, flag: true },
    slider("h", "Previous hidden state h", 0, -1, 1, 0.01),
    slider("c", "Previous cell state c", 0, -5, 5, 0.01),
    { key: "part", label: "Highlighted", initial: "none", options: parts },
  ];
  const OWN = ["number", "mark", "h", "c"]; // of a step by hand
  const OF_THE_VIEW = ["t", "unit", "own", "part", ...OWN]; // the sequence stays the same

  // -- Layers --------------------------------------------------------------------------------

  /* Return the layer that the reader has set by hand: one unit that reads two inputs. */
  function layerByHand(values) {
    const layer = rnnedu.makeLayer(values.cell, 2, 1);
    for (const k of rnnedu.BLOCKS[values.cell]) {
      layer.W[k].set([values[`x${k}`], values[`m${k}`]]);
      layer.U[k][0] = values[`u${k}`];
      layer.b[k][0] = values[`b${k}`];
    }
    return layer;
  }

  /* Return a trained layer of a file, with what the reader adds to its biases. */
  function trainedLayer({ meta, arrays }, values) {
    const { features, units } = meta.networks[values.cell];
    const weights = [0, 1, 2].map((k) => arrays[`${values.cell}.${k}`].values);
    const layer = rnnedu.layerFromKeras(values.cell, features, units, ...weights);
    for (const [k, bias] of Object.entries(layer.b))
      layer.b[k] = bias.map((value) => value + values[`d${k}`]);
    return layer;
  }

  /* Compare steps from random states with those that rnnedu.cells took. */
  async function check(frame) {
    const { meta, arrays } = await rnnedu.load("cell_check");
    let [worst, steps] = [0, 0];
    await rnnedu.inPieces(meta.length, (k) => {
      const [kind, units] = meta[k];
      const of = (name) => arrays[`${k}.${name}`].values;
      const layer = rnnedu.layerFromKeras(kind, 2, units, of(0), of(1), of(2));
      for (let at = 0; at < of("x").length / 2; at += 1, steps += 1) {
        const row = (name) => of(name).subarray(at * units);
        const now = rnnedu.step(layer, of("x").subarray(2 * at), { h: row("h"), c: row("c") });
        const values = Object.values(now).flatMap((each) => [...each]);
        values.forEach((value, u) => {
          worst = Math.max(worst, Math.abs(value - of("now")[at * values.length + u]));
        });
      }
    });
    frame.showCheck(`rnnedu.cells (${steps} random steps)`, worst, 1e-5);
  }

  // -- The explorer --------------------------------------------------------------------------

  function start(frame) {
    const { body, controls, panel, root } = frame;
    const files = {}; // by name: what was loaded, or the error, or nothing yet
    let [layer, x, recorded, form, quantities, presets] = [];

    // What stands where.
    body.innerHTML =
      '<p></p><p></p><div></div><div class="cell-player"></div>' +
      '<div class="explorer-settings"></div><p class="cell-job"></p><div></div>';
    const [note, verdict, charts, player, byHand, job, step] = body.children;
    const xLabel = "time step (dotted: marked)";
    const [states, gates] = [
      { title: "The sequence and the state", yLabel: "value" },
      { title: "The gate that keeps the state", yLabel: "gate", height: 130 },
    ].map((each) => rnnedu.chart(charts, { ...each, xLabel }));
    panel.insertAdjacentHTML(
      "beforeend",
      `<div class="cell-wide"></div><details class="cell-wide"><summary>Weights of the inputs
      and of the previous h</summary><div class="explorer-settings"></div></details>`,
    );
    const [buttons, more] = [...panel.children].slice(-2);
    controls.unit.row.after(buttons);
    const inside = layerSettings.filter(({ key }) => "xmu".includes(key[0]));
    more.lastChild.append(...inside.map(({ key }) => controls[key].row));
    for (const { key } of layerSettings) controls[key].row.dataset.part = key[1];
    player.append(controls.t.row);
    byHand.append(...["own", ...OWN].map((key) => controls[key].row));
    controls.part.row.remove();

    // Going along the sequence. A style hides "Play" from those who want no motion.
    const length = () => (x ? x.length / layer.features : 1);
    const go = (t) => frame.set({ t: Math.min(Math.max(t, 1), length()) });
    let playing;
    const stop = () => {
      playing = clearInterval(playing);
      play.textContent = "Play";
    };
    const begin = () => {
      if (frame.settings.t === length()) go(1);
      play.textContent = "Pause";
      playing = setInterval(() => {
        if (frame.settings.t < length() && play.offsetParent) go(frame.settings.t + 1);
        else stop();
      }, 150);
    };
    const play = frame.buttons(player, [
      ["To the start", () => go(1)],
      ["Back", () => go(frame.settings.t - 1)],
      ["Forward", () => go(frame.settings.t + 1)],
      ["To the end", () => go(length())],
      ["Play", () => (playing ? stop() : begin())],
    ]).at(-1);

    /* Return a file of numbers if it is there, or else ask for it. */
    function need(name) {
      if (name in files) return files[name];
      files[name] = null;
      rnnedu.load(name).catch((error) => error).then((loaded) => {
        files[name] = loaded;
        update(frame.settings, Object.keys(frame.settings));
      });
      return null;
    }

    /* Change settings within an update. */
    function adjust(values) {
      Object.assign(frame.settings, values);
      for (const key of Object.keys(values)) controls[key].show(values[key]);
    }

    /* Return the chosen network's file if it is there, or say why there is none. */
    function chosenFile({ cell, weights }) {
      if (weights !== "price") return files.cell;
      const none = new Error("No simple RNN was trained on the price. Choose an LSTM or a GRU.");
      const file = cell === "SimpleRNN" ? none : need(`cell_price_${cell.toLowerCase()}`);
      if (!(file instanceof Error)) return file;
      frame.complain(`${file.message} Here the weights are set by hand instead.`);
      adjust({ weights: "hand", sequence: "number" });
      return files.cell;
    }

    /* Set how far a slider goes, and bring its value there. */
    function limit(key, most, changed) {
      const { row, input } = controls[key];
      const value = frame.settings[key];
      const label = row.firstChild.textContent;
      input.max = most;
      row.hidden ||= most < 2;
      if (value > most && changed.includes(key))
        frame.complain(`“${label}” cannot be ${value} here. It can be 1 to ${most}.`);
      adjust({ [key]: Math.min(Math.round(value), most) });
    }

    /* Show what has changed. */
    function update(values, changed) {
      const only = (key) => changed.join() === key;
      if (only("weights")) adjust({ sequence: values.weights === "price" ? "price" : "number" });
      if (only("t")) adjust({ own: false });
      if (changed.includes("cell"))
        more.open = inside.some(({ key, initial }) => values[key] !== initial);
      const base = need("cell");
      const file = chosenFile(values);
      showControls(values);
      const failed = base instanceof Error;
      root.classList.toggle("explorer-failed", failed);
      if (failed) frame.complain(base.message);
      if (failed || !base || !file) return;
      const { cell, weights, sequence } = values;
      showCell(cell, cell === "GRU" && weights !== "hand" ? "KerasGRU" : cell);
      if (changed.some((key) => !OF_THE_VIEW.includes(key))) {
        layer = weights === "hand" ? layerByHand(values) : trainedLayer(file, values);
        const both = base.arrays[sequence].values;
        x = layer.features === 2 ? both : both.filter((_, k) => k % 2 === 0);
        recorded = rnnedu.run(layer, x);
      }
      limit("unit", layer.units, changed);
      limit("t", length(), changed);
      note.textContent = weights === "hand" ? "" : file.meta.networks[cell].note;
      takeStep(values, only("own") && values.own);
    }

    /* Show the controls that mean something now. */
    function showControls({ cell, weights, own }) {
      const hand = weights === "hand";
      for (const { key } of layerSettings) {
        const ofCell = rnnedu.BLOCKS[cell].includes(key[1]);
        controls[key].row.hidden = !ofCell || hand === (key[0] === "d");
      }
      more.hidden = buttons.hidden = !hand;
      controls.unit.row.hidden = hand;
      for (const key of OWN) controls[key].row.hidden = !own;
      controls.mark.row.hidden ||= weights === "price";
      controls.c.row.hidden ||= cell !== "LSTM";
      gates.box.hidden = !KEEPS[cell];
    }

    /* Show the presets, the diagram and the table of a cell; which preset is set. */
    function showCell(cell, wanted) {
      if (form !== wanted) {
        form = wanted;
        quantities = files.cell.meta.cells[form].quantities;
        step.innerHTML = files.cell.meta.cells[form].markup;
        const initial = Object.fromEntries(layerSettings.map((each) => [each.key, each.initial]));
        presets = Object.values(PRESETS[cell]).map((values) => ({ ...initial, ...values }));
        const names = Object.keys(PRESETS[cell]);
        buttons.replaceChildren("These buttons set the sliders below.");
        frame.buttons(buttons, names.map((name, k) => [name, () => frame.set(presets[k])]));
      }
      const isSet = ([key, value]) => frame.settings[key] === value;
      buttons.querySelectorAll("button").forEach((button, k) => {
        button.ariaPressed = Object.entries(presets[k]).every(isSet);
      });
    }

    /* Take the step and show its numbers. A step by hand begins with those of the sequence. */
    function takeStep(values, begins) {
      const { t, unit, own, cell } = values;
      const { units, features } = layer;
      const u = unit - 1;
      const input = x.slice((t - 1) * features, t * features);
      const before = rnnedu.zeroState(layer);
      for (const [name, state] of Object.entries(before))
        if (t > 1) state.set(recorded[name].slice((t - 2) * units, (t - 1) * units));
      if (begins) {
        const near = (value, most) => Math.max(-most, Math.min(most, Number(value.toFixed(2))));
        adjust({ number: near(input[0], 1), mark: input[1] === 1, h: near(before.h[u], 1) });
        if (before.c) adjust({ c: near(before.c[u], 5) });
      }
      if (own) {
        input.set([values.number, Number(values.mark)].slice(0, features));
        for (const [name, state] of Object.entries(before)) state[u] = values[name];
      }
      const now = rnnedu.step(layer, input, before);
      frame.numbers = { layer, x: input, before, now, recorded, u };

      const place = own ? "A step set by hand" : `Time step ${t} of ${length()}`;
      const texts = { place: `${place}, unit ${unit} of ${units}` };
      texts.x = [...input].map(number).join(", ");
      for (const [name, state] of Object.entries(before)) texts[`${name}_before`] = fixed(state[u]);
      for (const [name, { equation }] of Object.entries(quantities)) {
        texts[name] = fixed(now[name][u]);
        texts[`${name}_numbers`] = withNumbers(equation, frame.numbers);
        step.querySelector(`g[data-part=${name}]`).ariaLabel = `${named(name)}: ${texts[name]}`;
      }
      for (const each of step.querySelectorAll("[data-value]"))
        each.textContent = texts[each.dataset.value];
      const [stored, kept] = [STORES[cell], KEEPS[cell]];
      verdict.textContent = sentenceOn(values, stored, kept, texts[stored]);
      draw(values, stored, kept, now, verdict.textContent);
      light();
      clearTimeout(frame.speaking);
      frame.speaking = setTimeout(() => frame.say(verdict.textContent), 500);
    }

    /* What was recorded of a unit, and one of the inputs, along the sequence. */
    const along = (name, unit) => recorded[name].filter((_, k) => k % layer.units === unit - 1);
    const inputs = (which) => x.filter((_, k) => k % layer.features === which);
    const named = (name) => `${quantities[name].name} ${name}`;

    /* Say how much is left of what was stored at the last mark. */
    function sentenceOn({ cell, weights, t, unit, own }, stored, kept, value) {
      if (own) return `After this step the ${named(stored)} is ${value}.`;
      const mark = inputs(1).subarray(0, t).lastIndexOf(1) + 1;
      const from = mark || 1;
      const said = [`At time step ${t} the ${named(stored)} is ${value}.`];
      if (from < t) {
        const then = fixed(along(stored, unit)[from - 1]);
        said.push(`At time step ${from}${mark ? ", the last mark," : ""} it was ${then}.`);
      }
      if (from < t && kept) {
        const left = along(kept, unit).subarray(from, t).reduce((all, gate) => all * gate, 1);
        const share = left < 5e-5 ? "less than 0.01 %" : `${(100 * left).toFixed(2)} %`;
        const gate = quantities[kept].name;
        said.push(`Since then, the ${gate} has kept ${share} of it.`);
        said.push(`What else is in ${stored} was written later.`);
      }
      if (weights === "task" && mark) {
        const { values } = files.cell.arrays[`${cell}.dense`];
        const dense = { bias: values[0], kernel: values.subarray(1) };
        const output = fixed(rnnedu.predict({ layers: [layer], dense }, x, true)[t - 1]);
        said.push(`The network outputs ${output}; the target is ${fixed(inputs(0)[mark - 1])}.`);
      }
      return said.join(" ");
    }

    /* Draw the sequence, the state and the gate, and where one stands. */
    function draw({ t, unit }, stored, kept, now, summary) {
      const steps = Array.from({ length: length() }, (_, k) => k + 1);
      const marked = inputs(1);
      const marks = steps.filter((_, k) => marked[k]);
      const line = (name, y, kind) => ({ name, x: steps, y, kind });
      const drawOn = (chart, lines, y, yRange, words) => {
        const here = { name: `time step ${t}`, x: [t, t], y: yRange, kind: "here" };
        const dot = { unnamed: true, x: [t, t], y: [y, y], kind: "dot" };
        chart.draw([...lines, here, dot], { xRange: [0, length()], yRange, marks, summary: words });
      };
      const value = now[stored][unit - 1];
      const state = line(named(stored), along(stored, unit), "state");
      const most = Math.max(1.05, ...[...state.y, value].map(Math.abs));
      const read = line("number read", inputs(0), "input");
      drawOn(states, [read, state], value, [-most, most], summary);
      if (!kept) return;
      const gate = line(`${named(kept)}: 1 keeps, 0 erases`, along(kept, unit), "gate-f");
      const open = now[kept][unit - 1];
      drawOn(gates, [gate], open, [0, 1], `The ${named(kept)} is ${fixed(open)}.`);
    }

    /* Highlight all that belongs to the quantity pointed at, or else chosen. */
    let pointed = null;
    function light() {
      const chosen = frame.settings.part;
      const lit = pointed || chosen;
      for (const each of root.querySelectorAll("[data-part]"))
        each.classList.toggle("is-lit", each.dataset.part === lit);
      for (const each of step.querySelectorAll("[aria-pressed]"))
        each.ariaPressed = each.closest("[data-part]").dataset.part === chosen;
      job.textContent = quantities?.[lit]
        ? `${named(lit)}: ${quantities[lit].job}.`
        : "Point at a part below, or at a row. A click keeps it highlighted.";
    }
    const partOf = (event) => event.target.closest("[data-part]")?.dataset.part;
    const point = (part) => {
      pointed = part;
      light();
    };
    root.addEventListener("pointerover", (event) => {
      if (event.pointerType === "mouse") point(partOf(event));
    });
    root.addEventListener("focusin", (event) => point(partOf(event)));
    for (const left of ["pointerleave", "focusout"]) root.addEventListener(left, () => point());
    const choose = (event) => {
      const part = partOf(event);
      if (part) frame.set({ part: part === frame.settings.part ? "none" : part });
    };
    step.addEventListener("click", choose);
    step.addEventListener("keydown", (event) => {
      if (event.target.localName !== "g" || !["Enter", " "].includes(event.key)) return;
      event.preventDefault();
      choose(event);
    });

    if (root.dataset.check) check(frame).catch((error) => frame.complain(error.message));
    return update;
  }

  rnnedu.explorer("cell", { settings, start });
}
