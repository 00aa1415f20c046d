/* The recurrent cells in the browser: the numbers of rnnedu.cells and rnnedu.gradients.

   All of it stands in one function, so that a worker can be made from its text: a page that
   was opened from a disk may not load a worker from a file.

   A layer is { kind, features, units, resetAfter, activation, W, U, b, recurrentBias }. As in
   Python, W and U hold one matrix for each block ("i", "f", "g", "o" of an LSTM), row by row: the
   weight from input k to unit u is W.i[k * units + u]. A sequence is one array, time step
   after time step, and so is everything that is recorded along it. */
"use strict";

function defineRecurrent(rnnedu) {
  const BLOCKS = { SimpleRNN: ["h"], LSTM: ["i", "f", "g", "o"], GRU: ["z", "r", "n"] };
  const STATES = { SimpleRNN: ["h"], LSTM: ["h", "c"], GRU: ["h"] };
  const RECORDED = {
    SimpleRNN: ["h"],
    LSTM: ["i", "f", "g", "o", "c", "h"],
    GRU: ["z", "r", "n", "h"],
  };

  const sigmoid = (a) => 0.5 * (1 + Math.tanh(0.5 * a));

  /* What a simple RNN can have instead of tanh, and its derivative, from its value h. */
  const ACTIVATIONS = {
    tanh: { of: Math.tanh, slope: (h) => 1 - h ** 2 },
    sigmoid: { of: sigmoid, slope: (h) => h * (1 - h) },
    relu: { of: (a) => Math.max(a, 0), slope: (h) => (h > 0 ? 1 : 0) },
    linear: { of: (a) => a, slope: () => 1 },
  };

  /* Return an object with one array of zeros for each name. */
  function zeros(names, length) {
    return Object.fromEntries(names.map((name) => [name, new Float64Array(length)]));
  }

  /* Return a layer whose weights are all zero. */
  function makeLayer(kind, features, units, resetAfter = false) {
    const blocks = BLOCKS[kind];
    return {
      kind,
      features,
      units,
      resetAfter: kind === "GRU" && resetAfter,
      activation: "tanh",
      W: zeros(blocks, features * units),
      U: zeros(blocks, units * units),
      b: zeros(blocks, units),
      recurrentBias: zeros(kind === "GRU" && resetAfter ? blocks : [], units),
    };
  }

  /* Split one matrix of Keras, (rows, blocks * units), into the matrices of the blocks. */
  function splitBlocks(kind, values, rows, units) {
    const blocks = BLOCKS[kind];
    const parts = zeros(blocks, rows * units);
    for (let row = 0; row < rows; row += 1)
      for (let k = 0; k < blocks.length; k += 1)
        for (let u = 0; u < units; u += 1)
          parts[blocks[k]][row * units + u] = values[(row * blocks.length + k) * units + u];
    return parts;
  }

  /* Return a layer with the weights of a Keras layer: kernel, recurrent kernel and bias, as
     `layer.get_weights()` returns them. A GRU of Keras has two rows of biases. */
  function layerFromKeras(kind, features, units, kernel, recurrentKernel, bias) {
    const layer = makeLayer(kind, features, units, bias.length === 6 * units && kind === "GRU");
    layer.W = splitBlocks(kind, kernel, features, units);
    layer.U = splitBlocks(kind, recurrentKernel, units, units);
    const width = BLOCKS[kind].length * units;
    layer.b = splitBlocks(kind, bias.slice(0, width), 1, units);
    if (layer.resetAfter) layer.recurrentBias = splitBlocks(kind, bias.slice(width), 1, units);
    return layer;
  }

  /* out += vector M, where the vector begins at `at` and has `rows` numbers. */
  function addProduct(out, vector, at, M, rows, units) {
    for (let k = 0; k < rows; k += 1) {
      const value = vector[at + k];
      if (value !== 0)
        for (let u = 0, m = k * units; u < units; u += 1, m += 1) out[u] += value * M[m];
    }
  }

  /* out += M vector: the product with the transposed matrix, as gradients need it. */
  function addBackProduct(out, at, vector, M, rows, units) {
    for (let k = 0; k < rows; k += 1) {
      let sum = 0;
      for (let u = 0, m = k * units; u < units; u += 1, m += 1) sum += M[m] * vector[u];
      out[at + k] += sum;
    }
  }

  /* M += column row: the outer product of two vectors, summed over the time steps. */
  function addOuter(M, column, at, row, rows, units) {
    for (let k = 0; k < rows; k += 1) {
      const value = column[at + k];
      if (value !== 0)
        for (let u = 0, m = k * units; u < units; u += 1, m += 1) M[m] += value * row[u];
    }
  }

  /* Return x W + h U + b of one block, in `a`. */
  function preactivation(a, layer, block, x, xAt, h, hAt) {
    a.set(layer.b[block]);
    addProduct(a, x, xAt, layer.W[block], layer.features, layer.units);
    addProduct(a, h, hAt, layer.U[block], layer.units, layer.units);
    return a;
  }

  /* The steps. Each reads the input at x[xAt] and the state at h[hAt] and c[hAt], and writes
     what it computes into the arrays of `out`, from place `at` on. */
  const STEPS = {
    SimpleRNN(layer, x, xAt, state, hAt, out, at, a) {
      preactivation(a, layer, "h", x, xAt, state.h, hAt);
      const { of } = ACTIVATIONS[layer.activation];
      for (let u = 0; u < layer.units; u += 1) out.h[at + u] = of(a[u]);
    },

    LSTM(layer, x, xAt, state, hAt, out, at, a) {
      for (const block of BLOCKS.LSTM) {
        preactivation(a, layer, block, x, xAt, state.h, hAt);
        const squash = block === "g" ? Math.tanh : sigmoid;
        for (let u = 0; u < layer.units; u += 1) out[block][at + u] = squash(a[u]);
      }
      for (let u = 0; u < layer.units; u += 1) {
        const k = at + u;
        const c = out.f[k] * state.c[hAt + u] + out.i[k] * out.g[k];
        out.c[k] = c;
        out.h[k] = out.o[k] * Math.tanh(c);
      }
    },

    GRU(layer, x, xAt, state, hAt, out, at, a) {
      const { units, U } = layer;
      const second = layer.recurrentBias;
      for (const block of ["z", "r"]) {
        preactivation(a, layer, block, x, xAt, state.h, hAt);
        for (let u = 0; u < units; u += 1)
          out[block][at + u] = sigmoid(a[u] + (layer.resetAfter ? second[block][u] : 0));
      }
      const recurrent = a; // the part of the candidate that comes from the hidden state
      if (layer.resetAfter) {
        recurrent.set(second.n);
        addProduct(recurrent, state.h, hAt, U.n, units, units);
        for (let u = 0; u < units; u += 1) recurrent[u] *= out.r[at + u];
      } else {
        recurrent.fill(0);
        for (let k = 0; k < units; k += 1) {
          const kept = out.r[at + k] * state.h[hAt + k];
          for (let u = 0; u < units; u += 1) recurrent[u] += kept * U.n[k * units + u];
        }
      }
      addProduct(recurrent, x, xAt, layer.W.n, layer.features, units);
      for (let u = 0; u < units; u += 1) {
        const k = at + u;
        out.n[k] = Math.tanh(recurrent[u] + layer.b.n[u]);
        out.h[k] = out.z[k] * state.h[hAt + u] + (1 - out.z[k]) * out.n[k];
      }
    },
  };

  /* Return the initial state: zeros. */
  function zeroState(layer) {
    return zeros(STATES[layer.kind], layer.units);
  }

  /* Take one step and return all that it computes, by name. */
  function step(layer, x, state) {
    const out = zeros(RECORDED[layer.kind], layer.units);
    STEPS[layer.kind](layer, x, 0, state, 0, out, 0, new Float64Array(layer.units));
    return out;
  }

  /* Take a step for each element of a sequence, and record what each step computes. The
     arrays of an earlier run can be used again. */
  function run(layer, x, initial = zeroState(layer), recorded = null) {
    const { units, features } = layer;
    const length = x.length / features;
    const out = recorded || zeros(RECORDED[layer.kind], length * units);
    const a = new Float64Array(units);
    for (let t = 0; t < length; t += 1) {
      const [state, hAt] = t ? [out, (t - 1) * units] : [initial, 0];
      STEPS[layer.kind](layer, x, t * features, state, hAt, out, t * units, a);
    }
    return out;
  }

  /* What undoes a step. `d` has the derivatives with respect to the new state, and gets those
     with respect to the old one; `da` gets those with respect to the pre-activations. */
  const BACK = {
    SimpleRNN(layer, previous, hAt, out, at, d, da) {
      const { slope } = ACTIVATIONS[layer.activation];
      for (let u = 0; u < layer.units; u += 1) da.h[u] = d.h[u] * slope(out.h[at + u]);
      d.h.fill(0);
      addBackProduct(d.h, 0, da.h, layer.U.h, layer.units, layer.units);
    },

    LSTM(layer, previous, hAt, out, at, d, da) {
      for (let u = 0; u < layer.units; u += 1) {
        const k = at + u;
        const [i, f, g, o] = [out.i[k], out.f[k], out.g[k], out.o[k]];
        const tanhC = Math.tanh(out.c[k]);
        const dc = d.c[u] + d.h[u] * o * (1 - tanhC ** 2);
        da.i[u] = dc * g * i * (1 - i);
        da.f[u] = dc * previous.c[hAt + u] * f * (1 - f);
        da.g[u] = dc * i * (1 - g ** 2);
        da.o[u] = d.h[u] * tanhC * o * (1 - o);
        d.c[u] = dc * f;
      }
      d.h.fill(0);
      for (const block of BLOCKS.LSTM)
        addBackProduct(d.h, 0, da[block], layer.U[block], layer.units, layer.units);
    },

    GRU(layer, previous, hAt, out, at, d, da) {
      const { units, U } = layer;
      const inner = new Float64Array(units);
      for (let u = 0; u < units; u += 1) {
        const k = at + u;
        da.n[u] = d.h[u] * (1 - out.z[k]) * (1 - out.n[k] ** 2);
        da.z[u] = d.h[u] * (previous.h[hAt + u] - out.n[k]) * out.z[k] * (1 - out.z[k]);
        d.h[u] *= out.z[k];
      }
      if (layer.resetAfter) {
        inner.set(layer.recurrentBias.n);
        addProduct(inner, previous.h, hAt, U.n, units, units);
        for (let u = 0; u < units; u += 1) {
          const r = out.r[at + u];
          da.r[u] = da.n[u] * inner[u] * r * (1 - r);
          inner[u] = da.n[u] * r;
        }
        da.inner = inner;
        addBackProduct(d.h, 0, inner, U.n, units, units);
      } else {
        addBackProduct(inner, 0, da.n, U.n, units, units);
        for (let u = 0; u < units; u += 1) {
          const r = out.r[at + u];
          da.r[u] = inner[u] * previous.h[hAt + u] * r * (1 - r);
          d.h[u] += inner[u] * r;
        }
      }
      for (const block of ["z", "r"]) addBackProduct(d.h, 0, da[block], U[block], units, units);
    },
  };

  /* Add the derivatives with respect to the weights at one time step. */
  function addToWeights(grads, layer, x, xAt, previous, hAt, out, at, da) {
    const { units, features } = layer;
    for (const block of BLOCKS[layer.kind]) {
      addOuter(grads.W[block], x, xAt, da[block], features, units);
      for (let u = 0; u < units; u += 1) grads.b[block][u] += da[block][u];
      if (block !== "n") addOuter(grads.U[block], previous.h, hAt, da[block], units, units);
      else if (layer.resetAfter) addOuter(grads.U.n, previous.h, hAt, da.inner, units, units);
      else
        for (let k = 0; k < units; k += 1)
          for (let u = 0; u < units; u += 1)
            grads.U.n[k * units + u] += out.r[at + k] * previous.h[hAt + k] * da.n[u];
      if (layer.resetAfter) {
        const second = block === "n" ? da.inner : da[block];
        for (let u = 0; u < units; u += 1) grads.recurrentBias[block][u] += second[u];
      }
    }
  }

  /* Go back through a whole sequence. `dh` is the derivative of the loss with respect to each
     hidden state. Adds to `grads`, a layer of gradients, and returns it with the derivatives
     with respect to the inputs (`x`) and the initial state (`state`); `seen`, if given, is
     called at each time step, before the step is undone, with the derivatives d there. */
  function backpropagate(layer, x, recorded, dh, grads = null, initial = null, seen = null) {
    const { kind, units, features } = layer;
    const total = grads || makeLayer(kind, features, units, layer.resetAfter);
    const start = initial || zeroState(layer);
    const d = zeroState(layer);
    const da = zeros(BLOCKS[kind], units);
    const dx = new Float64Array(x.length);
    for (let t = x.length / features - 1; t >= 0; t -= 1) {
      const at = t * units;
      const [previous, hAt] = t ? [recorded, at - units] : [start, 0];
      for (let u = 0; u < units; u += 1) d.h[u] += dh[at + u];
      if (seen) seen(t, d);
      BACK[kind](layer, previous, hAt, recorded, at, d, da);
      addToWeights(total, layer, x, t * features, previous, hAt, recorded, at, da);
      for (const block of BLOCKS[kind])
        addBackProduct(dx, t * features, da[block], layer.W[block], features, units);
    }
    return { weights: total, x: dx, state: d };
  }

  /* Return the largest singular value of a matrix with `columns` columns: the root of the
     largest eigenvalue of A' A, found by Jacobi's rotations. */
  function spectralNorm(A, columns) {
    const largest = A.reduce((m, value) => Math.max(m, Math.abs(value)), 0);
    if (!(largest > 0 && Number.isFinite(largest))) return largest;
    const n = columns;
    const S = new Float64Array(n * n); // of A / largest, so that no square underflows
    for (let row = 0; row < A.length; row += n)
      for (let i = 0; i < n; i += 1)
        for (let j = 0; j < n; j += 1)
          S[i * n + j] += (A[row + i] / largest) * (A[row + j] / largest);
    for (let sweep = 0; sweep < 30; sweep += 1) {
      let off = 0;
      for (let p = 0; p < n; p += 1)
        for (let q = p + 1; q < n; q += 1) {
          const apq = S[p * n + q];
          off = Math.max(off, Math.abs(apq));
          if (Math.abs(apq) < 1e-300) continue;
          const theta = (S[q * n + q] - S[p * n + p]) / (2 * apq);
          const tan = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta ** 2 + 1));
          const cos = 1 / Math.sqrt(tan ** 2 + 1);
          const sin = tan * cos;
          for (let k = 0; k < n; k += 1) {
            const [kp, kq] = [S[k * n + p], S[k * n + q]];
            S[k * n + p] = cos * kp - sin * kq;
            S[k * n + q] = sin * kp + cos * kq;
          }
          for (let k = 0; k < n; k += 1) {
            const [pk, qk] = [S[p * n + k], S[q * n + k]];
            S[p * n + k] = cos * pk - sin * qk;
            S[q * n + k] = sin * pk + cos * qk;
          }
        }
      if (off < 1e-14) break;
    }
    let top = 0;
    for (let i = 0; i < n; i += 1) top = Math.max(top, S[i * n + i]);
    return largest * Math.sqrt(top);
  }

  /* Measure how much the last hidden state depends on each time step: the spectral norms of
     dh_T / dh_t and, for an LSTM, of dh_T / dc_t, by t. As rnnedu.gradients.jacobian_norms. */
  function jacobianNorms(layer, x) {
    const { kind, units, features } = layer;
    const length = x.length / features;
    const recorded = run(layer, x);
    const names = STATES[kind];
    // One row of the Jacobian for each unit of the last state.
    const rows = names.map(() => new Float64Array(length * units * units));
    for (let unit = 0; unit < units; unit += 1) {
      const dh = new Float64Array(length * units);
      dh[(length - 1) * units + unit] = 1;
      backpropagate(layer, x, recorded, dh, null, null, (t, d) => {
        names.forEach((name, k) => rows[k].set(d[name], (t * units + unit) * units));
      });
    }
    const square = units * units;
    return Object.fromEntries(
      names.map((name, k) => [
        name,
        Float64Array.from({ length }, (_, t) =>
          spectralNorm(rows[k].subarray(t * square, (t + 1) * square), units),
        ),
      ]),
    );
  }

  /* Return the norm of each factor of that product: how much the whole state, hidden and cell
     state side by side, depends on the whole state one time step before. Their product is a
     bound of the norm. The first factor would be that of the initial state. */
  function factorNorms(layer, x) {
    const { kind, units, features } = layer;
    const recorded = run(layer, x);
    const names = STATES[kind];
    const size = names.length * units;
    const da = zeros(BLOCKS[kind], units);
    return Float64Array.from({ length: x.length / features - 1 }, (_, before) => {
      const at = (before + 1) * units;
      const J = new Float64Array(size * size);
      for (let row = 0; row < size; row += 1) {
        const d = zeroState(layer);
        d[names[Math.floor(row / units)]][row % units] = 1;
        BACK[kind](layer, recorded, at - units, recorded, at, d, da);
        names.forEach((name, k) => J.set(d[name], row * size + k * units));
      }
      return spectralNorm(J, size);
    });
  }

  /* Return the output of a stack of recurrent layers and one dense layer, for one sequence:
     that of the last time step, or with `everywhere` that of each. */
  function predict(network, x, everywhere = false) {
    let values = x;
    for (const layer of network.layers) values = run(layer, values).h;
    const { kernel, bias } = network.dense;
    const units = kernel.length;
    const at = (t) => {
      let sum = bias;
      for (let u = 0; u < units; u += 1) sum += values[t * units + u] * kernel[u];
      return sum;
    };
    const length = values.length / units;
    return everywhere ? Float64Array.from({ length }, (_, t) => at(t)) : at(length - 1);
  }

  Object.assign(rnnedu, {
    BLOCKS,
    STATES,
    RECORDED,
    sigmoid,
    ACTIVATIONS,
    makeLayer,
    layerFromKeras,
    zeroState,
    step,
    run,
    backpropagate,
    spectralNorm,
    jacobianNorms,
    factorNorms,
    predict,
  });
}

globalThis.rnnedu = globalThis.rnnedu || {};
defineRecurrent(globalThis.rnnedu);
