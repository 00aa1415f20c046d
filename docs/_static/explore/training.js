/* Explorer: train a small recurrent network in the page.
   The page answers while a worker trains. */
"use strict";

rnnedu.defineTraining = (rnnedu) => {
  const GATES = { SimpleRNN: [], LSTM: ["f", "i", "o"], GRU: ["z", "r"] };

  /* Return a source of random numbers from 0 to 1 (Marsaglia's xorshift). */
  function randomOf(seed) {
    let bits = Math.imul(seed, 0x9e3779b1);
    return () => {
      bits ^= bits << 13;
      bits ^= bits >>> 17;
      bits ^= bits << 5;
      return (bits >>> 0) / 2 ** 32;
    };
  }

  /* A number from -limit to limit, and a normally distributed one (Box and Muller). */
  const uniform = (random, limit = 1) => (2 * random() - 1) * limit;
  const normal = (random) =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

  // -- Tasks --

  /* Return marked time steps: the first one, then at distances from half a gap to one and a
     half, all equally probable. As rnnedu.tasks.repeat_last_marked. */
  function placesOf(random, gap, steps) {
    const half = Math.floor(gap / 2);
    const places = [];
    const next = () => gap - half + Math.floor(random() * (2 * half + 1));
    for (let t = 0; t < steps; t += next()) places.push(t);
    return places;
  }

  /* Return a sequence with inputs x, targets y and marks. `mark` sets both inputs at a mark
     and returns the target from there on; elsewhere the first input is `other`. The last
     target comes from `back` time steps before. */
  function makeMarked(random, gap, steps, other, mark) {
    const x = Float64Array.from({ length: 2 * steps }, (_, k) => (k % 2 ? 0 : other(random)));
    const y = new Float64Array(steps);
    const marks = placesOf(random, gap, steps);
    for (const t of marks) y.fill(mark(x, 2 * t), t);
    return { x, y, marks, back: steps - 1 - marks[marks.length - 1] };
  }

  const TASKS = {
    repeat: (random, gap, steps) =>
      makeMarked(random, gap, steps, uniform, (x, at) => {
        x[at + 1] = 1;
        return x[at];
      }),
    switch: (random, gap, steps) =>
      makeMarked(random, gap, steps, () => 0, (x, at) => {
        const on = random() < 0.5 ? 1 : 0;
        x[at + 1 - on] = 1; // the first input switches on, the second one off
        return on;
      }),
    echo(random, gap, steps) {
      const x = Float64Array.from({ length: steps }, () => uniform(random));
      return { x, y: x.map((_, t) => (t < gap ? 0 : x[t - gap])), marks: [], back: gap };
    },
  };

  /* Return sequences of a task, 60 time steps or three gaps long. */
  function makeSequences({ task, gap }, count, random) {
    const steps = Math.max(60, 3 * gap);
    return Array.from({ length: count }, () => TASKS[task](random, gap, steps));
  }

  // -- Networks: a recurrent layer and a dense layer --

  /* Return a network whose weights are all zero. */
  function makeNetwork(kind, features, units) {
    const dense = { kernel: new Float64Array(units), bias: new Float64Array(1) };
    return { layer: rnnedu.makeLayer(kind, features, units, true), dense };
  }

  /* Return all weights of a network, or of its gradient, as a list of arrays. */
  const arraysOf = ({ layer: { W, U, b, recurrentBias }, dense }) =>
    [W, U, b, recurrentBias, dense].flatMap((part) => Object.values(part));

  /* Return random vectors of length 1 at right angles (Gram and Schmidt). */
  function orthonormal(random, count, length) {
    const vectors = [];
    while (vectors.length < count) {
      const vector = Float64Array.from({ length }, () => normal(random));
      for (const other of vectors) {
        const product = other.reduce((sum, value, k) => sum + value * vector[k], 0);
        other.forEach((value, k) => { vector[k] -= product * value; });
      }
      const norm = Math.hypot(...vector);
      vectors.push(vector.map((value) => value / norm));
    }
    return vectors;
  }

  /* Initialise as Keras does: kernels by Glorot's rule, the recurrent kernel orthogonal,
     biases 0 but that of the forget or update gate. */
  function initialise({ layer, dense }, random, bias) {
    const { kind, features, units, W, U, b } = layer;
    const blocks = rnnedu.BLOCKS[kind];
    const width = blocks.length * units;
    const fill = (array, limit) =>
      array.forEach((_, k) => { array[k] = uniform(random, limit); });
    for (const block of blocks) fill(W[block], Math.sqrt(6 / (features + width)));
    orthonormal(random, units, width).forEach((row, from) => {
      blocks.forEach((block, k) => {
        U[block].set(row.subarray(k * units, (k + 1) * units), from * units);
      });
    });
    fill(dense.kernel, Math.sqrt(6 / (units + 1)));
    (b.f || b.z)?.fill(bias);
  }

  /* Return the output of the dense layer at each time step. */
  function outputsOf({ kernel, bias }, h) {
    const units = kernel.length;
    return Float64Array.from({ length: h.length / units }, (_, t) =>
      kernel.reduce((sum, weight, u) => sum + weight * h[t * units + u], bias[0]),
    );
  }

  /* Return the root of the mean squared error on some sequences. */
  function rmse({ layer, dense }, sequences) {
    const squares = sequences.flatMap(({ x, y }) => {
      const output = outputsOf(dense, rnnedu.run(layer, x).h);
      return [...y.map((target, t) => (output[t] - target) ** 2)];
    });
    return Math.sqrt(mean(squares));
  }

  // -- Training --

  /* Return the gradient of the mean squared error on some sequences, as a network. */
  function gradientOf({ layer, dense }, sequences) {
    const { kind, features, units } = layer;
    const total = makeNetwork(kind, features, units);
    const count = sequences.length * sequences[0].y.length;
    for (const { x, y } of sequences) {
      const recorded = rnnedu.run(layer, x);
      const output = outputsOf(dense, recorded.h);
      const dh = new Float64Array(recorded.h.length);
      for (let t = 0; t < y.length; t += 1) {
        const dy = (2 * (output[t] - y[t])) / count;
        total.dense.bias[0] += dy;
        for (let u = 0; u < units; u += 1) {
          total.dense.kernel[u] += dy * recorded.h[t * units + u];
          dh[t * units + u] = dy * dense.kernel[u];
        }
      }
      rnnedu.backpropagate(layer, x, recorded, dh, total.layer);
    }
    return total;
  }

  /* Return the norm of a gradient; scale it down to `largest` if larger. */
  function clip(gradient, largest) {
    const norm = Math.hypot(...gradient.flatMap((array) => [...array]));
    const scale = Math.min(1, largest / norm);
    for (const array of gradient) array.forEach((g, k) => { array[k] = g * scale; });
    return norm;
  }

  /* Return a function that takes a step of Adam, with Keras's settings. */
  function makeAdam(weights, rate) {
    const [means, squares] = [0, 1].map(() => weights.map((w) => new Float64Array(w.length)));
    let updates = 0;
    return (gradient) => {
      updates += 1;
      const pace = (rate * Math.sqrt(1 - 0.999 ** updates)) / (1 - 0.9 ** updates);
      weights.forEach((w, a) => {
        const [m, v, g] = [means[a], squares[a], gradient[a]];
        for (let k = 0; k < w.length; k += 1) {
          m[k] += (g[k] - m[k]) * 0.1;
          v[k] += (g[k] ** 2 - v[k]) * 0.001;
          w[k] -= (pace * m[k]) / (Math.sqrt(v[k]) + 1e-7);
        }
      });
    };
  }

  /* Return a network to be trained, and its measures. */
  function makeTraining(settings) {
    const { task, cell, units, gap, bias, rate, seed } = settings;
    const largest = settings.clip === "off" ? Infinity : settings.clip;
    const network = makeNetwork(cell, task === "echo" ? 1 : 2, units);
    initialise(network, randomOf(2 * seed), bias);
    const adam = makeAdam(arraysOf(network), rate);
    const random = randomOf(2 * seed + 1);
    const validation = makeSequences(settings, 64, randomOf(-6));
    const fit = ({ back }) => Math.abs(back - gap);
    const [shown] = [...validation].sort((a, b) => fit(a) - fit(b));
    const targets = validation.flatMap(({ y }) => [...y]);
    const constant = mean(targets); // the best one
    return {
      network,
      shown, // in the pictures
      baseline: Math.sqrt(mean(targets.map((y) => (y - constant) ** 2))),
      updates: 0,
      error: () => rmse(network, validation),
      update(batch = makeSequences(settings, 16, random)) {
        const gradient = arraysOf(gradientOf(network, batch));
        this.norm = clip(gradient, largest);
        adam(gradient);
        this.updates += 1;
      },
    };
  }

  /* Train for some updates or milliseconds. The error is measured after each of the first
     ten updates and every tenth, so that a run does not depend on time. */
  function train(training, updates, milliseconds) {
    const goal = training.updates + updates;
    const end = performance.now() + milliseconds;
    const curve = training.updates ? { x: [], y: [] } : { x: [0], y: [training.error()] };
    for (;;) {
      training.update();
      const done = training.updates;
      if (done > 10 && done % 10 && done < goal) continue;
      const error = training.error();
      curve.x.push(done);
      curve.y.push(error);
      const diverged = !(error < 10 * training.baseline);
      if (diverged || done >= goal || performance.now() >= end)
        return { updates: done, curve, norm: training.norm, diverged, view: look(training) };
    }
  }

  /* Return what the pictures show of a sequence: output, gates (mean over the units), and
     norms of the gradient of the last output with respect to the states, by steps back. */
  function look({ network: { layer, dense }, shown: { x, y } }) {
    const { kind, units } = layer;
    const recorded = rnnedu.run(layer, x);
    const gates = GATES[kind].map((name) =>
      y.map((_, t) => mean(recorded[name].subarray(t * units, (t + 1) * units))));
    const dh = new Float64Array(recorded.h.length);
    dh.set(dense.kernel, dh.length - units);
    const norms = {};
    rnnedu.backpropagate(layer, x, recorded, dh, null, null, (_, d) => {
      for (const [name, values] of Object.entries(d))
        (norms[name] ??= []).push(Math.hypot(...values));
    });
    return { output: outputsOf(dense, recorded.h), gates, norms };
  }

  Object.assign(rnnedu, { arraysOf, gradientOf, look, makeTraining, mean, train });
};

{
  const { defineTraining } = rnnedu;
  defineTraining(rnnedu);

  /* What the worker does: train when it is asked, and report. */
  function answer(rnnedu) {
    let training = null;
    globalThis.onmessage = ({ data: { settings, updates, milliseconds } }) => {
      training ??= rnnedu.makeTraining(settings);
      postMessage(rnnedu.train(training, updates, milliseconds));
    };
  }

  /* Return a worker. */
  function makeWorker() {
    const calls = [defineRecurrent, defineTraining, answer].map((part) => `(${part})(rnnedu);`);
    const text = `"use strict"; globalThis.rnnedu = {};\n${calls.join("\n")}`;
    makeWorker.url ??= URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    return new Worker(makeWorker.url);
  }

  // -- The page --

  const UPDATES = 500; // of a training run
  const CALM = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const [PAUSE, MOST] = CALM ? [1000, 100] : [100, 20]; // between pictures: milliseconds, updates
  const NORMS = [1e-10, 10]; // the axis of the gradient

  const TASKS = {
    repeat: { words: "repeat the last marked number", range: [-1.2, 1.2] },
    switch: { words: "switch: was it last on or off?", range: [-0.2, 1.2] },
    echo: { words: "echo: the input one gap ago", range: [-1.2, 1.2] },
  };
  const CELLS = {
    SimpleRNN: { words: "simple RNN", kind: "rnn", gates: [] },
    LSTM: { words: "LSTM", kind: "lstm", gates: ["forget gate", "input gate", "output gate"] },
    GRU: { words: "GRU", kind: "gru", gates: ["update gate", "reset gate"] },
  };
  const GATE_LINES = ["gate-f", "gate-i", "gate-o"];
  const STATES = { h: "hidden state", c: "cell state" };
  const VERDICTS = [ // up to this share of the error of the best constant
    [0.3, "learnt the task"],
    [0.9, "learnt a part of the task"],
    [Infinity, "not learnt the task"],
  ];

  const wordsOf = (table) => Object.entries(table).map(([key, { words }]) => [key, words]);
  const choices = (...values) => values.map((value) => [value, value]);
  const RATES = choices(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 10);
  const CLIPS = choices("off", 1, 0.1, 0.01);
  const SETTINGS = [
    { key: "task", label: "Task", initial: "repeat", options: wordsOf(TASKS) },
    { key: "cell", label: "Cell", initial: "SimpleRNN", options: wordsOf(CELLS) },
    { key: "gap", label: "Gap", initial: 5, min: 5, max: 40, step: 1 },
    { key: "units", label: "Units", initial: 4, min: 1, max: 16, step: 1 },
    { key: "rate", label: "Learning rate", initial: 0.03, options: RATES },
    { key: "clip", label: "Clip the gradient at", initial: "off", options: CLIPS },
    { key: "seed", label: "Seed", initial: 1, min: 1, max: 20, step: 1 },
    { key: "bias", label: "Forget (or update) bias", initial: 1, min: -4, max: 6, step: 0.5 },
  ];

  const same = (settings, others) => SETTINGS.every(({ key }) => settings[key] === others[key]);

  /* Say how far a run is. */
  function describe({ settings, updates, goal, curve, baseline, norm, diverged }) {
    if (!updates) return `Not trained yet. Start trains for ${goal} updates.`;
    const error = curve.y[curve.y.length - 1];
    const best = `Always predicting the best constant gives ${rnnedu.number(baseline)}.`;
    const said = `After update ${updates} the error is ${rnnedu.number(error)}. ${best}`;
    if (diverged)
      return `${said} Training has diverged and was stopped. Choose a smaller learning rate.`;
    const [, verdict] = VERDICTS.find(([share]) => error < share * baseline);
    if (updates >= goal) return `${said} It has ${verdict}.`;
    const clipped = norm > settings.clip ? `, clipped to ${settings.clip}` : "";
    return `${said} Norm of the gradient: ${rnnedu.number(norm)}${clipped}.`;
  }

  /* Say the mean of a gate at the marks and between them. The first time step does not count:
     it has no state to keep. */
  function gateMeans(gate, marks) {
    const at = (marked) => {
      const chosen = gate.filter((_, t) => t && marks.includes(t) === marked);
      return rnnedu.number(rnnedu.mean(chosen), 2);
    };
    return marks.length ? `${at(true)} at marks, ${at(false)} between` : at(false);
  }

  /* Build the explorer; return what takes settings. */
  function start(frame) {
    const [go, one] = frame.buttons(frame.body, [
      ["Start", () => (run.running ? pause() : begin())],
      ["One update", () => ask(1)],
      ["Start again", () => { reset(); begin(); }],
    ]);
    const sentence = rnnedu.element("p", { className: "so-far" });
    const pictures = rnnedu.element("div", { className: "pictures" });
    frame.body.append(sentence, pictures);
    const chart = (title, xLabel, yLabel, log = false) =>
      rnnedu.chart(pictures, { title, xLabel, yLabel, height: 200, log });
    const errors = chart("Error on validation sequences", "updates", "RMSE");
    const timeStep = "time step (dotted: marks)";
    const outputs = chart("Output for one sequence", timeStep, "output");
    const stepsBack = "time steps back (dotted: input to remember)";
    const norms = chart("Gradient of the last output", stepsBack, "norm", true);
    const gates = chart("Gates, mean over the units", timeStep, "gate");
    let [run, before, timer] = [null, null, 0]; // before: the last run, to compare

    /* End the worker, and take a network that is not trained. */
    function reset() {
      const settings = { ...frame.settings };
      const begun = { settings, curve: { x: [], y: [] }, goal: UPDATES, waiting: 0 };
      const next = { ...rnnedu.makeTraining(settings), ...begun };
      next.view = rnnedu.look(next);
      run?.worker?.terminate();
      clearTimeout(timer);
      if (run?.updates && !same(run.settings, settings))
        before = { ...run, name: `run before: ${CELLS[run.settings.cell].words}` };
      for (const key of ["task", "gap"])
        if (before?.settings[key] !== settings[key]) before = null;
      frame.run = run = next;
      draw();
    }

    /* Train until the goal is reached. */
    function begin() {
      if (run.diverged) reset();
      if (run.updates >= run.goal) run.goal = run.updates + UPDATES;
      run.running = true;
      frame.complain("");
      frame.say("Training has begun.");
      draw();
      if (!run.waiting) goOn();
    }

    function pause() {
      run.running = false;
      clearTimeout(timer);
      frame.say(describe(run));
      draw();
    }

    /* Ask a worker to train; it reports when it has. */
    function ask(updates) {
      const mine = run;
      mine.worker ??= makeWorker();
      mine.worker.onmessage = ({ data }) => { if (mine === run) receive(data); };
      mine.worker.onerror = (event) => {
        event.preventDefault();
        reset();
        frame.complain(`Training has stopped (${event.message}). Press Start to try again.`);
      };
      mine.worker.postMessage({ settings: mine.settings, updates, milliseconds: PAUSE });
      mine.waiting += 1;
      mine.asked = performance.now();
    }

    const goOn = () => ask(Math.min(MOST - (run.updates % MOST), run.goal - run.updates));

    /* Take what the worker reports; ask for more if the run has not ended. */
    function receive({ curve, ...report }) {
      Object.assign(run, report); // updates, norm, diverged, view
      for (const axis of ["x", "y"]) run.curve[axis].push(...curve[axis]);
      run.waiting -= 1;
      if (run.running && !run.diverged && run.updates < run.goal) draw();
      else pause();
      const rest = run.asked + PAUSE - performance.now();
      if (run.running && !run.waiting) timer = setTimeout(goOn, rest);
    }

    /* Draw the pictures of the run. */
    function draw() {
      const { settings, shown, view, curve, updates, baseline } = run;
      const { y, marks, back } = shown;
      const { words, kind, gates: names } = CELLS[settings.cell];
      sentence.textContent = describe(run);
      go.textContent = run.running ? "Pause" : updates && !run.diverged ? "Go on" : "Start";
      one.disabled = run.running || run.diverged;
      frame.controls.bias.row.hidden = gates.box.hidden = !names.length;

      const last = Math.max(UPDATES, updates, before?.updates || 0);
      const best = { x: [0, last], y: [baseline, baseline] };
      const lines = before ? [{ name: before.name, kind: "muted", ...before.curve }] : [];
      if (updates) lines.push({ name: words, kind, ...curve });
      lines.push({ name: "best constant", kind: "baseline", ...best });
      errors.draw(lines, { xRange: [0, last], yRange: [0, 1.5 * baseline] });
      const both = [{ name: "target", kind: "truth", y }, { name: words, kind, y: view.output }];
      outputs.draw(both, { yRange: TASKS[settings.task].range, marks });
      const paths = Object.entries(view.norms).map(([name, norm], k) => ({
        name: `with respect to the ${STATES[name]}: ` +
          `${rnnedu.number(norm[back], 2)} at the dotted line`,
        kind: ["a", "b"][k],
        y: norm.map((value) => (value < NORMS[0] ? NaN : value)),
      }));
      norms.draw(paths, { yRange: NORMS, marks: [back] });
      const means = names.map((name, k) => ({
        name: `${name}: ${gateMeans(view.gates[k], marks)}`,
        kind: GATE_LINES[k],
        y: view.gates[k],
      }));
      gates.draw(means, { yRange: [0, 1], marks });
    }

    /* Compare states and gradients with those of Python. */
    async function check({ meta: { cases }, arrays }) {
      let worst = 0;
      await rnnedu.inPieces(cases.length, (k) => {
        const { kind, features, units } = cases[k];
        const of = (name) => arrays[`${k}.${name}`].values;
        const [x, y, kernel, bias] = ["x", "y", "dense", "offset"].map(of);
        const layer = rnnedu.layerFromKeras(kind, features, units, of("W"), of("U"), of("b"));
        const gradient = rnnedu.gradientOf({ layer, dense: { kernel, bias } }, [{ x, y }]);
        const found = [...Object.values(rnnedu.run(layer, x)), ...rnnedu.arraysOf(gradient)];
        found.flatMap((array) => [...array]).forEach((value, at) => {
          const expected = of("expected")[at];
          worst = Math.max(worst, Math.abs(value - expected) / Math.max(1, Math.abs(expected)));
        });
      });
      const words = `cells.run_cell and gradients.backpropagate, in ${cases.length} networks,`;
      frame.showCheck(words, worst, 1e-5);
    }

    if (frame.root.dataset.check) frame.load("training", check);
    addEventListener("pagehide", () => { if (run.running) pause(); });

    return (settings) => {
      if (run && same(run.settings, settings)) return;
      const told = run?.updates;
      reset();
      if (told) frame.say(describe(run));
    };
  }

  rnnedu.explorer("training", { settings: SETTINGS, start });
}
