/* Explorer: forecasts of the test year that a reader draws, moves back and lets run free.

   A series is { name, look, from, to, y, baseline }: forecasts in dollars y[day] of the test
   days from `from` up to but not including `to`. A view is [first, end), the days shown. */
"use strict";

{
  const { element } = rnnedu;

  // The networks of the study, as rnnedu calls them, and the look of their lines.
  const NETWORKS = {
    simple_rnn: ["simple RNN", "rnn"],
    lstm: ["LSTM", "lstm"],
    gru: ["GRU", "gru"],
    bidirectional: ["bidirectional LSTM", "a"],
    lstm_gru_stack: ["LSTM-GRU stack", "b"],
    lstm_gru_average: ["LSTM-GRU average", "c"],
    lstm_sgd: ["LSTM, the GRU's settings", "lstm"],
    gru_rmsprop: ["GRU, the LSTM's settings", "gru"],
  };
  const KINDS = { one_step: "one day ahead", free_running: "free-running from January" };
  const BASELINES = { one_step: "persistence", free_running: "the last value held" };
  const RUNNERS = ["lstm", "gru"]; // trained by this build, seed 0
  const LAGS = 10;
  const LAST = 240; // where the sliders for days end
  let year = null; // dates, prices and runs, once loaded
  let frame = null;

  const nameOf = (network) => NETWORKS[network][0];
  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

  /* Write a number to two decimals. */
  function fixed(value) {
    if (!Number.isFinite(value)) return "–";
    return value.toFixed(2).replace("-", "−").replace("−0.00", "0.00");
  }

  /* Return the date of a test day, such as 3 Jan. */
  function dateOf(day) {
    if (!year) return `day ${day + 1}`;
    const how = { day: "numeric", month: "short", timeZone: "UTC" };
    return new Date(year.dates[day]).toLocaleDateString("en-GB", how);
  }

  const datesOf = ([first, end]) =>
    `${dateOf(first)} to ${dateOf(end - 1)} ${year.dates[0].slice(0, 4)}`;

  /* Return the days that the zoom shows. */
  function viewOf({ first, length }) {
    return [first, Math.min(first + length, year ? year.dates.length : Infinity)];
  }

  // -- Settings

  const slider = (key, label, min, max, initial, text) =>
    ({ key, label, min, max, initial, text, step: 1 });
  const choice = (key, label, initial, options) => ({ key, label, initial, options });
  const named = (networks) => networks.map((key) => [key, nameOf(key)]);
  const shownDays = () => String(viewOf(frame.settings)[1] - frame.settings.first);
  const settings = [
    choice("network", "Network", "lstm", named(Object.keys(NETWORKS))),
    choice("kind", "Forecast", "one_step", Object.entries(KINDS)),
    slider("seed", "Seed", 0, 19, 0),
    slider("first", "First day shown", 0, LAST, 0, dateOf),
    slider("length", "Days shown", 10, 251, 251, shownDays),
    slider("lag", "Lag: move the forecast back by", 0, LAGS, 0, (lag) => plural(lag, "day")),
    slider("start", "First day of the free run", 0, LAST, 0, dateOf),
    choice("run", "Free run", "none", [["none", "none"], ...named(RUNNERS)]),
  ];

  // -- Scores, as rnnedu.metrics computes them

  /* Return the mean of `of(day)` over some days. */
  function mean([first, end], of) {
    let sum = 0;
    for (let day = first; day < end; day += 1) sum += of(day);
    return sum / (end - first);
  }

  const priceOf = (day) => year.prices[year.before + day];
  const rmse = (y, days) => Math.sqrt(mean(days, (day) => (y[day] - priceOf(day)) ** 2));

  /* Return the scores of a series over its days in a view. */
  function scoresOf({ y, from, to, baseline }, [first, end]) {
    const days = [Math.max(first, from), Math.min(end, to)];
    const own = rmse(y, days);
    return {
      days: Math.max(0, days[1] - days[0]),
      rmse: own,
      bias: mean(days, (day) => y[day] - priceOf(day)),
      skill: 1 - own / rmse(baseline.y, days),
    };
  }

  /* Return, by lag, the standard deviation of forecast minus price of `lag` days before. */
  function errorByLag(y, view) {
    return Array.from({ length: LAGS + 1 }, (_, lag) => {
      const error = (day) => y[day] - priceOf(day - lag);
      const bias = mean(view, error);
      return Math.sqrt(mean(view, (day) => (error(day) - bias) ** 2));
    });
  }

  const bestOf = (errors) => errors.indexOf(Math.min(...errors));

  // -- Series

  /* Return a series that is its own baseline. */
  function baseline(name, look, from, of) {
    const series = { name, look, from, to: year.dates.length, y: year.dates.map(of) };
    series.baseline = series;
    return series;
  }

  const persistence = () => baseline("persistence", "baseline", 0, (_, day) => priceOf(day - 1));

  /* Return the last price before a free run, held. */
  function lastValueHeld(day) {
    const name = `last value held${day ? ` from ${dateOf(day)}` : ""}`;
    return baseline(name, day ? "held" : "muted", day, () => priceOf(day - 1));
  }

  const seedsOf = (network) =>
    year.runs.filter(([name]) => name === network).map(([, seed]) => seed);

  /* Return a recorded forecast, or null if there is none. */
  function forecastOf({ network, seed, kind }, file) {
    const row = year.runs.findIndex(([name, each]) => name === network && each === seed);
    if (row < 0 || !file) return null;
    const to = year.dates.length;
    const y = file.arrays.forecasts.values.subarray(row * to, (row + 1) * to);
    const [name, look] = NETWORKS[network];
    const series = { name: `${name}, seed ${seed}`, look, from: 0, to, y };
    series.baseline = kind === "one_step" ? persistence() : lastValueHeld(0);
    return series;
  }

  /* Return series with their baselines before them, persistence first, each once. */
  function withBaselines(series) {
    const all = [persistence(), ...series.flatMap((each) => [each.baseline, each])];
    return all.filter((each, k) => all.findIndex(({ name }) => name === each.name) === k);
  }

  // -- Sentences

  /* Say what the forecast scores. */
  function scoreSentence(forecast, { kind }, view) {
    const { name, baseline: base } = forecast;
    const [own, other] = [forecast, base].map((each) => fixed(scoresOf(each, view).rmse));
    const what = `${name}, ${KINDS[kind]}, ${datesOf(view)}`;
    return `${what}: RMSE ${own} dollars (${base.name}: ${other}).`;
  }

  /* Say how well the forecast fits where it has been moved, and whether that is best. */
  function lagSentence({ lag, kind }, errors) {
    const best = bestOf(errors);
    const late = `the forecast is ${plural(best, "day")} late${best < LAGS ? "" : " or more"}`;
    const verdict = lag === best ? `No other lag fits better: ${late}` : "Another lag fits better";
    return (
      `At lag ${lag}, the error without bias is ${fixed(errors[lag])} ` +
      `dollars.${kind === "one_step" ? ` ${verdict}.` : ""}`
    );
  }

  /* Count the training runs of a network that beat the baseline. */
  function compareSeeds(now, file, view) {
    const all = seedsOf(now.network).map((seed) => forecastOf({ ...now, seed }, file));
    const scores = all.map((each) => scoresOf(each, view));
    const beat = scores.filter(({ skill }) => skill > 0).length;
    const biases = scores.map(({ bias }) => bias);
    const [low, high] = [Math.min(...biases), Math.max(...biases)].map(fixed);
    const words =
      `${beat} of ${all.length} seeds of the ${nameOf(now.network)} beat ` +
      `${BASELINES[now.kind]} over these days; all biases are between ${low} and ${high} dollars.`;
    return { beat, biases, words: all.length > 1 ? words : "" };
  }

  const missingSentence = ({ network, seed }) =>
    `There is no forecast of the ${nameOf(network)} from seed ${seed}. Choose another.`;

  /* Say how far a free run has come. */
  function progressSentence(run) {
    if (!run) return "From this day on, the network reads no true price any more.";
    const [done, all] = [run.to - run.from, year.dates.length - run.from];
    if (done < all) return `${done} of ${all} days are forecast.`;
    const [last, price] = [run.y[run.to - 1], priceOf(run.to - 1)].map(fixed);
    return `The free run ends at ${last} dollars, the price at ${price}.`;
  }

  // -- The free run

  /* What a worker does, for each [day, steps]: begin with the true prices of the days before
     the day, forecast it, put the forecast at the end of the window, and so on. */
  function runFree(rnnedu) {
    onmessage = ({ data: { network, scaled, before, cases } }) => {
      for (const [day, steps] of cases) {
        const window = scaled.slice(day, day + before);
        for (let k = 0; k < steps; k += 1) {
          const price = rnnedu.predict(network, window);
          window.copyWithin(0, 1);
          window[before - 1] = price;
          postMessage(price);
        }
      }
    };
  }

  const SCRIPT = `const rnnedu = {}; (${defineRecurrent})(rnnedu); (${runFree})(rnnedu);`;

  /* Start such a worker; `each` takes one scaled price after the other. */
  function startRuns(network, cases, each) {
    const worker = new Worker(URL.createObjectURL(new Blob([SCRIPT])));
    worker.onmessage = ({ data }) => each(data);
    worker.onerror = (event) => {
      event.preventDefault();
      frame.complain("The free run has failed. Load the page again.");
    };
    worker.postMessage({ network, scaled: year.scaled, before: year.before, cases });
    return worker;
  }

  /* Return the network whose weights a file holds. */
  function networkOf({ meta, arrays }) {
    const layers = meta.layers.map(({ kind, features, units }, place) => {
      const weights = [0, 1, 2].map((k) => arrays[`${place}.${k}`].values);
      return rnnedu.layerFromKeras(kind, features, units, ...weights);
    });
    const [kernel, bias] = [0, 1].map((k) => arrays[`dense.${k}`].values);
    return { layers, dense: { kernel, bias: bias[0] } };
  }

  // -- Pictures and the table

  /* Fill a table with the scores of some series. */
  function fillTable(table, rows, view) {
    const cells = (tag, texts) => texts.map((text) => element(tag, {}, text));
    const head = cells("th", ["Forecast", "Days", "RMSE", "Bias", "Skill"]);
    const lines = rows.map(({ name, days, ...scores }) =>
      element("tr", {}, element("th", {}, name),
        ...cells("td", [days, ...Object.values(scores).map(fixed)])));
    table.replaceChildren(
      element("caption", {}, `RMSE and bias in dollars, ${datesOf(view)}`),
      element("thead", {}, element("tr", {}, ...head)),
      element("tbody", {}, ...lines),
    );
  }

  /* Return a series as a line of the chart, moved back by `lag` days. */
  function lineOf({ name, look, from, to, y }, [first, end], lag = 0) {
    const [begin, stop] = [Math.max(first, from - lag), Math.min(end, to - lag)];
    const x = Array.from({ length: Math.max(0, stop - begin) }, (_, k) => begin + k);
    const moved = lag ? `, moved back by ${plural(lag, "day")}` : "";
    return { name: name + moved, kind: look, x, y: x.map((day) => y[day + lag]) };
  }

  /* Draw the price and the series over it. The scale stays while the forecast is moved. */
  function drawPrices(chart, shown, forecast, view) {
    const { lag, start } = frame.settings;
    const to = year.dates.length;
    const y = year.prices.slice(year.before);
    const all = [{ name: "true price", look: "truth", from: 0, to, y }, ...shown];
    const wide = [view[0], view[1] + LAGS];
    const values = all.flatMap((each) => lineOf(each, each === forecast ? wide : view).y);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = 0.04 * (high - low);
    const lines = all.map((each) => lineOf(each, view, each === forecast ? lag : 0));
    chart.draw(lines.filter(({ x }) => x.length), {
      xRange: [view[0], view[1] - 1],
      yRange: [low - room, high + room],
      xTicks: [0, 1, 2, 3].map((k) => view[0] + Math.round((k / 4) * (view[1] - view[0]))),
      xText: dateOf,
      marks: start ? [start] : [],
    });
  }

  /* Draw the error by lag of the forecast and of persistence. */
  function drawLags(chart, forecast, errors, view) {
    const late = errorByLag(persistence().y, view);
    const lines = [{ name: "persistence", kind: "baseline", y: late }];
    if (forecast) lines.push({ name: forecast.name, kind: forecast.look, y: errors });
    const texts = lines.map(({ name, y }) => `${name} fits best at lag ${bestOf(y)}`);
    chart.draw(lines, {
      yRange: [0, 1.05 * Math.max(...lines.flatMap(({ y }) => y))],
      marks: [frame.settings.lag],
      summary: `${texts.join("; ")}.`,
    });
  }

  // -- The explorer

  function start(itsFrame) {
    frame = itsFrame;
    const { controls, body } = frame;
    const noMotion = matchMedia("(prefers-reduced-motion: reduce)");
    const files = {}; // what has been loaded, by name
    const checked = []; // compared with Python
    let worst = 0; // the largest difference
    let run = null; // the free run: a series with { network, worker }
    let [planned, telling, painting] = [0, 0, 0]; // timers

    // What the page consists of.
    const note = element("p");
    body.append(note);
    const goToNext = () => frame.set({ seed: nextSeed(frame.settings) });
    const [another] = frame.buttons(frame.panel, [["Draw another seed", goToNext]]);
    controls.seed.row.after(another.parentNode);
    another.disabled = true;
    const prices = rnnedu.chart(body, {
      title: "True price and forecasts",
      xLabel: "trading day",
      yLabel: "dollars",
      height: 300,
    });
    prices.caption.after(controls.lag.row);
    const [verdict, progress, seeds] = [0, 1, 2].map(() => element("p"));
    const whose =
      "The buttons run an LSTM and a GRU that were trained for this page with seed 0. The " +
      "slider “Seed” does not change them.";
    const runBox = element("fieldset", {}, element("legend", {}, "Free run from a day you choose"));
    runBox.append(element("p", {}, whose), controls.start.row);
    controls.run.row.hidden = true; // the buttons set it
    const [firstRunner, , end] = frame.buttons(runBox, [
      ...named(RUNNERS).map(([key, name]) => [`Let the ${name} run`, () => runAgain(key)]),
      ["Stop", endRun],
    ]);
    end.hidden = true;
    runBox.append(progress);
    const table = element("table");
    const pair = element("div", { className: "pair" }, element("div", {}, table, seeds));
    body.append(verdict, runBox, pair);
    const lags = rnnedu.chart(pair, {
      title: "Error without bias, by lag",
      xLabel: "lag in days",
      yLabel: "dollars",
      height: 200,
    });

    /* Load a file when it is first needed; `then` follows if it is of this build. */
    function need(name, then) {
      frame.load(name, (file) => {
        if (files[name]) return;
        if (year && file.meta.stamp !== year.stamps[name])
          throw new Error(`“${name}” belongs to another build. Load the page again.`);
        files[name] = file;
        then(file);
      });
    }

    // -- Checks

    function report(words, difference) {
      checked.push(words);
      worst = Math.max(worst, difference);
      frame.showCheck(checked.join(" and "), worst, 1e-5);
    }

    /* Compare all scores of a kind of forecast with rnnedu.metrics. */
    async function checkScores(kind, file) {
      const view = [0, year.dates.length];
      let apart = 0;
      await rnnedu.inPieces(year.runs.length, (row) => {
        const [network, seed] = year.runs[row];
        const forecast = forecastOf({ network, seed, kind }, file);
        const found = [...Object.values(scoresOf(forecast, view)), ...errorByLag(forecast.y, view)];
        const python = file.meta.scores[row];
        apart = Math.max(apart, ...found.map((each, k) => Math.abs(each - python[k])));
      });
      report(`rnnedu.metrics (scores of ${year.runs.length} training runs, ${KINDS[kind]})`, apart);
    }

    /* Compare some forecasts of a network with those of Keras. */
    function checkNetwork(network, { meta, arrays }) {
      const python = arrays.expected.values;
      let [apart, k] = [0, 0];
      const worker = startRuns(meta.network, meta.cases, (price) => {
        apart = Math.max(apart, Math.abs(price - python[k]));
        k += 1;
        if (k < python.length) return;
        worker.terminate();
        report(`Keras (${k} forecasts of the ${nameOf(network)})`, apart);
      });
    }

    // -- What the buttons do

    /* Stop the run and keep its line. */
    function stopRun() {
      run?.worker?.terminate();
      if (run) run.worker = null;
    }

    function dropRun() {
      stopRun();
      run = null;
    }

    function runAgain(network) {
      dropRun();
      frame.set({ run: network });
    }

    /* Stop the run; if it has stopped, take its line away. */
    function endRun() {
      if (run?.worker) {
        stopRun();
        draw();
        tell([progressSentence(run)]);
      } else {
        firstRunner.focus();
        frame.set({ run: "none" });
      }
    }

    /* Return another seed. As 7 and 20 have no common factor, 20 calls come to all 20 seeds. */
    function nextSeed({ network, seed }) {
      const seeds = seedsOf(network);
      return seeds[(seeds.indexOf(seed) + 7) % seeds.length];
    }

    /* Begin the run that the settings ask for, once the weights are there. */
    function beginRun() {
      const { run: network, start: from } = frame.settings;
      const file = files[`forecasts_${network}`];
      if (!file) {
        need(`forecasts_${network}`, (loaded) => {
          loaded.meta.network = networkOf(loaded);
          if (frame.root.dataset.check) checkNetwork(network, loaded);
          if (frame.settings.run === network) beginRun();
        });
        return;
      }
      dropRun();
      const to = year.dates.length;
      const name = `free run of this page’s ${nameOf(network)} (seed 0) from ${dateOf(from)}`;
      const own = { name, look: "run", network, from, to: from };
      own.y = new Float64Array(to);
      own.baseline = { ...lastValueHeld(from), to: from };
      own.worker = startRuns(file.meta.network, [[from, to - from]], (price) => {
        if (run !== own) return;
        own.y[own.to] = year.low + price * (year.high - year.low);
        own.to += 1;
        own.baseline.to = own.to;
        if (own.to === to) {
          stopRun();
          tell([progressSentence(own)]);
        }
        if (own.worker && noMotion.matches) showProgress();
        else painting ||= requestAnimationFrame(draw);
      });
      run = own;
      draw();
    }

    // -- Drawing

    /* Tell a screen reader, once the hand has come to rest. */
    function tell(sentences) {
      clearTimeout(telling);
      telling = setTimeout(() => frame.say(sentences.join(" ")), 400);
    }

    function showProgress() {
      progress.textContent = progressSentence(run);
      end.textContent = run?.worker ? "Stop" : "Take the free run away";
      end.hidden = frame.settings.run === "none";
    }

    /* Show all, and return it in sentences. */
    function draw() {
      painting = 0;
      const now = frame.settings;
      const view = viewOf(now);
      const file = files[`forecasts_${now.kind}`];
      const forecast = forecastOf(now, file);
      const shown = withBaselines([forecast, run].filter(Boolean));
      const rows = shown.map((each) => ({ name: each.name, ...scoresOf(each, view) }));
      const errors = forecast && errorByLag(forecast.y, view);
      const all = forecast && compareSeeds(now, file, view);
      frame.numbers = { rows, errors, seeds: all, run };
      drawPrices(prices, shown, forecast, view);
      drawLags(lags, forecast, errors, view);
      fillTable(table, rows, view);
      showProgress();
      another.disabled = [undefined, now.seed].includes(nextSeed(now));
      const sentences = forecast
        ? [scoreSentence(forecast, now, view), lagSentence(now, errors), all.words]
        : [file ? missingSentence(now) : ""];
      verdict.textContent = sentences.slice(0, 2).join(" ");
      seeds.textContent = sentences[2] || "";
      return sentences;
    }

    /* Take the prices and the list of runs. */
    function takeYear({ meta, arrays }) {
      year = { ...meta, scaled: arrays.scaled.values };
      note.textContent = year.note;
      for (const option of controls.network.input.options)
        option.hidden = option.disabled = !seedsOf(option.value).length;
      frame.refresh(Object.keys(frame.settings));
    }

    function update(now, changed) {
      if (!year) return need("forecasts", takeYear);
      if (run && !(run.network === now.run && run.from === now.start)) dropRun();
      clearTimeout(planned);
      if (!run && now.run !== "none") planned = setTimeout(beginRun, 250);
      const name = `forecasts_${now.kind}`;
      if (!files[name])
        need(name, (file) => {
          tell(draw());
          if (frame.root.dataset.check) checkScores(now.kind, file);
        });
      const sentences = draw();
      if (String(changed) === "lag") tell([sentences[1] || sentences[0]]);
      else if (String(changed) !== "start") tell(sentences);
    }

    return update;
  }

  rnnedu.explorer("forecasts", { settings, start });
}
