/* Explorer: how much of the gradient is left, going back through time. */
"use strict";

{
  const KINDS = { SimpleRNN: "simple RNN", LSTM: "LSTM", GRU: "GRU" };
  const LINES = { SimpleRNN: "rnn", LSTM: "lstm", GRU: "gru" };
  const KEEPS = { LSTM: "f", GRU: "z" }; // the gate near 1 of which keeps the state
  const BOXES = 12; // factors that are shown as numbers

  /* Return a layer of the data with the reader's settings put into it. */
  function layerOf({ meta, arrays }, settings) {
    const { cell, scale, activation, bias } = settings;
    const [kernel, recurrent, biases] = [0, 1, 2].map((k) => arrays[`${cell}.${k}`].values);
    const layer = rnnedu.layerFromKeras(cell, meta.features, meta.units, kernel, recurrent, biases);
    for (const block of Object.values(layer.U))
      for (let k = 0; k < block.length; k += 1) block[k] *= scale;
    if (cell === "SimpleRNN") layer.activation = activation;
    else layer.b[KEEPS[cell]].fill(bias);
    return layer;
  }

  rnnedu.explorer("gradient", {
    settings: [
      { key: "cell", label: "Cell", initial: "SimpleRNN", options: Object.entries(KINDS) },
      { key: "scale", label: "Recurrent scale", initial: 1, min: 0, max: 4, step: 0.05 },
      {
        key: "activation",
        label: "Activation of the simple RNN",
        initial: "tanh",
        options: Object.keys(rnnedu.ACTIVATIONS).map((name) => [name, name]),
      },
      {
        key: "bias",
        label: "Bias of the gate that keeps",
        initial: 1,
        min: -3,
        max: 8,
        step: 0.1,
      },
      { key: "length", label: "Time steps", initial: 60, min: 2, max: 100, step: 1 },
    ],

    start(frame) {
      const chart = rnnedu.chart(frame.body, {
        title: "Norm of the derivative, by time steps back",
        xLabel: "time steps back",
        yLabel: "norm",
        log: true,
        height: 260,
      });
      const boxes = rnnedu.element("div", { className: "factors" });
      boxes.setAttribute("role", "group");
      boxes.setAttribute("aria-label", "The first factors of the bound");
      const sentence = rnnedu.element("p");
      frame.body.append(boxes, sentence);
      let data = null;

      function update(settings) {
        const simple = settings.cell === "SimpleRNN";
        frame.controls.activation.row.hidden = !simple;
        frame.controls.bias.row.hidden = simple;
        if (!data) return;
        const layer = layerOf(data, settings);
        const x = data.arrays.x.values.subarray(0, settings.length * data.meta.features);
        const norms = rnnedu.jacobianNorms(layer, x).h.reverse(); // by steps back
        const factors = rnnedu.factorNorms(layer, x).reverse();
        const bound = [1];
        for (const factor of factors) bound.push(bound[bound.length - 1] * factor);
        frame.numbers = { norms, factors, bound };

        const name = KINDS[settings.cell];
        const lowest = Math.max(1e-30, Math.min(...norms, ...bound));
        const highest = Math.min(1e30, Math.max(...norms, ...bound));
        const last = norms[norms.length - 1];
        const whole = bound[bound.length - 1];
        const verdict =
          `The norm is ${rnnedu.number(last)} and the bound ${rnnedu.number(whole)}, at ` +
          `${settings.length - 1} time steps back.`;
        chart.draw(
          [
            { name: `${name}: norm of the product`, y: norms, kind: LINES[settings.cell] },
            { name: "bound: product of the norms", y: bound, kind: "muted" },
          ],
          {
            yRange: [Math.min(lowest, 0.1), Math.max(highest, 10)],
            summary: verdict,
          },
        );
        const shown = [...factors].slice(0, BOXES);
        boxes.replaceChildren(
          "Bound, one factor for each time step back: ",
          ...shown.map((factor, k) =>
            rnnedu.element(
              "span",
              { className: factor < 1 ? "factor" : "factor grows" },
              `${k ? " × " : ""}${rnnedu.number(factor)}`,
            ),
          ),
          factors.length > BOXES ? " × …" : "",
          ` = ${rnnedu.number(whole)}`,
        );
        sentence.textContent = verdict;
        frame.say(verdict);
      }

      frame.load("gradient", (loaded) => {
        data = loaded;
        update(frame.settings);
        check();
      });

      /* Compare with the norms that Python found for some settings. */
      function check() {
        if (!frame.root.dataset.check) return;
        const { cases } = data.meta;
        const expected = data.arrays.norms;
        let worst = 0;
        cases.forEach((settings, row) => {
          const length = expected.shape[1];
          const x = data.arrays.x.values.subarray(0, length * data.meta.features);
          const norms = rnnedu.jacobianNorms(layerOf(data, settings), x).h;
          norms.forEach((norm, t) => {
            const python = expected.values[row * length + t];
            worst = Math.max(worst, Math.abs(norm - python) / Math.max(1, python));
          });
        });
        const words = `${cases.length} settings and ${expected.shape[1]} time steps`;
        frame.showCheck(`gradients.jacobian_norms, for ${words},`, worst, 1e-5);
      }
      return update;
    },
  });
}
