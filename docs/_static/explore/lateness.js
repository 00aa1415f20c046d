/* Explorer: is my forecast only late? It reads a table of true values and forecasts, and
   scores it as rnnedu.metrics does. Nothing leaves the page. */
"use strict";

{
  const { element } = rnnedu;
  const MOST_BYTES = 5e6;
  const MOST_LINES = 20000;
  const LARGEST = 1e15; // anything beyond is a mistake
  const FEWEST = 20; // rows to score
  const SCORED = "those with a true value, a forecast, and a true value in the row before";
  const LAGS = [...Array(11).keys()];
  const MAX_LAG = LAGS.length - 1;

  /* Return an error that says what is wrong, what to do, and on which line if on one. */
  const fault = (what, fix, line) => Object.assign(new Error(`${what}. ${fix}.`), { line });

  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
  const number = (value, digits) => rnnedu.number(value, digits).replaceAll("-", "−");
  const fixed = (value) => (Math.abs(value) < 1000
    ? value.toFixed(2).replace("-0.00", "0.00").replace("-", "−") : number(value));
  const short = (text) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

  // -- From bytes to rows of text

  const AS_CSV = "Save the table as “CSV UTF-8”, and choose that file";
  const BY_CODE = "Write it as CSV; in pandas, with table.to_csv(\"forecast.csv\")";

  /* What a file is if it begins like this, and what to do with it. */
  const KINDS = [
    [/^PK\x03\x04|^\xd0\xcf\x11\xe0/, "this is a spreadsheet or an archive", AS_CSV],
    [/^(\xff\xfe|\xfe\xff|.?\0)/, "this is UTF-16, or no text at all", AS_CSV],
    [/^\s*[{[]/, "this is JSON", BY_CODE],
    [/^\s*<(?!\w+>)|^\s*<(html|head|body|table)>/i, "this is a web page",
      "Download the file itself instead of the page that shows it"],
  ];

  /* Refuse what is no table, by how it begins. */
  function refuseOthers(beginning) {
    for (const [pattern, what, fix] of KINDS)
      if (pattern.test(beginning)) throw fault(`${what}, not a CSV table`, fix);
  }

  /* Return the text of a file's bytes. */
  function textOf(bytes) {
    refuseOthers(String.fromCharCode(...bytes.subarray(0, 100)).replace(/^\xef\xbb\xbf/, ""));
    const text = new TextDecoder().decode(bytes);
    const wrong = text.search(/[\0\uFFFD]/);
    if (wrong < 0) return text;
    const line = text.slice(0, wrong).split(/\r\n?|\n/).length;
    throw fault("this is not UTF-8 text", AS_CSV, line);
  }

  /* Return the fields of a line. A quote must close on its line; "" inside means a quote. */
  function fieldsOf(line, separator, lineNumber) {
    if (!line.includes('"')) return line.split(separator);
    const field = new RegExp(` *"((?:[^"]|"")*)" *(?=${separator}|$)|[^${separator}]*`, "y");
    const fields = [];
    while (field.lastIndex <= line.length) {
      const [whole, quoted] = field.exec(line);
      if (quoted === undefined && /^ *"/.test(whole))
        throw fault("a quote opens here, and does not close at the end of its field",
          "Close or delete the quote", lineNumber);
      fields.push(quoted === undefined ? whole : quoted.replaceAll('""', '"'));
      field.lastIndex += 1;
    }
    return fields;
  }

  /* Return what separates the fields of a header: whatever gives most of them. */
  function separatorOf(header) {
    const count = (separator) => header.replace(/"[^"]*"/g, "").split(separator).length;
    return [";", "\t", ","].reduce((best, each) => (count(each) > count(best) ? each : best));
  }

  /* Read a CSV table: names of columns, rows of fields, and the line of each row. */
  async function readTable(text) {
    refuseOthers(text.slice(0, 100));
    const lines = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n").split("\n", MOST_LINES + 1);
    if (lines.length > MOST_LINES)
      throw fault(`these are more than ${MOST_LINES} lines`, "Keep the header and the last rows");
    const at = lines.findIndex((line) => line.trim());
    if (at < 0)
      throw fault("it is empty", "Begin with a header, such as date,truth,forecast");
    const separator = separatorOf(lines[at]);
    const names = fieldsOf(lines[at], separator, at + 1).map((name) => name.trim());
    checkHeader(names, at + 1);
    const table = { names, separator, rows: [], lines: [] };
    await rnnedu.inPieces(lines.length - at - 1, (k) => {
      const line = at + 2 + k;
      const row = fieldsOf(lines[line - 1], separator, line).map((field) => field.trim());
      if (!row.some(Boolean)) return; // a blank line
      if (row.length !== names.length) throw ragged(row.length, names.length, separator, line);
      table.rows.push(row);
      table.lines.push(line);
    });
    if (table.rows.length) return table;
    throw fault("there is only a header", "Add the rows, one for each time step");
  }

  /* Refuse a first line that names no columns. */
  function checkHeader(names, line) {
    const given = names.filter(Boolean);
    const numbers = given.filter((name) => [".", ","].some((mark) => numberOf(name, mark) > -1e99));
    const dates = given.filter((name) => FORMATS.some((format) => timeOf(name, format) > -1e99));
    if (numbers.length > 1 || new Set([...numbers, ...dates]).size === given.length)
      throw fault("there are numbers where the names of the columns should be",
        "Add a first line, such as date,truth,forecast", line);
    if (names.length < 2)
      throw fault("there is only one column here", "Begin with a line of column names, such as " +
        "date,truth,forecast, with commas, semicolons or tabs between them", line);
  }

  /* Return the fault of a row with too few or too many fields. */
  function ragged(count, expected, separator, line) {
    const what = `it has ${plural(count, "field")}, and the header has ${expected}`;
    if (count < expected) return fault(what, "Add what is missing, or export the file again", line);
    const comma = "; if numbers have a decimal comma, separate the fields by semicolons";
    const quotes = `Correct the line, or put quotes around a text with a “${separator}” in it`;
    return fault(what, quotes + (separator === "," ? comma : ""), line);
  }

  // -- Which column is which

  /* Words of a column's name that say what it holds; the first kind that fits counts. */
  const KINDS_OF_COLUMN = {
    date: "date datetime timestamp ds",
    forecast: "forecast forecasts prediction predictions predicted pred ypred yhat hat",
    truth: "truth true actual actuals observed target price ytrue y",
  };

  /* Return the places of the columns that the names tell, -1 for the others. */
  function findColumns({ names }) {
    const kinds = names.map((name) => {
      const words = name.toLowerCase().split(/[^a-z]+/);
      return Object.keys(KINDS_OF_COLUMN).find((kind) =>
        KINDS_OF_COLUMN[kind].split(" ").some((word) => words.includes(word)));
    });
    const place = (kind) => kinds.indexOf(kind);
    return { date: place("date"), truth: place("truth"), forecast: place("forecast") };
  }

  // -- From text to numbers and dates

  const MISSING = new Set(["", "-", ".", "nan", "na", "n/a", "null", "none"]);
  const SHAPES = { // of a number, by its decimal mark; and what may group its digits
    ".": [/^[-+]?(\d{1,3}([,\s'’]\d{3})+|\d*)(\.\d*)?(e[-+]?\d+)?$/i, /[,\s'’]/g],
    ",": [/^[-+]?(\d{1,3}([.\s'’]\d{3})+|\d*)(,\d*)?(e[-+]?\d+)?$/i, /[.\s'’]/g],
  };

  /* Return the number that a text with this decimal mark stands for, or NaN. */
  function numberOf(text, mark) {
    if (/^[-+]?inf(inity)?$/i.test(text)) return Infinity;
    const [shape, grouping] = SHAPES[mark];
    const bare = text.replace("−", "-");
    if (!shape.test(bare) || !/\d/.test(bare)) return NaN;
    return Number(bare.replace(grouping, "").replace(",", "."));
  }

  const CLOCK = "(?:[T ]+(\\d\\d:\\d\\d(?::\\d\\d)?(?:\\.\\d+)?) *(Z|[-+]\\d\\d:\\d\\d)?)?$";
  const YEAR_FIRST = new RegExp(`^(\\d{4})[-/.](\\d\\d?)[-/.](\\d\\d?)${CLOCK}`);
  const YEAR_LAST = new RegExp(`^(\\d\\d?)[-/.](\\d\\d?)[-/.](\\d{4})${CLOCK}`);

  /* Ways to write a date, and where year, month and day stand; and a mere number. */
  const FORMATS = [[YEAR_FIRST, 1, 2, 3], [YEAR_LAST, 3, 2, 1], [YEAR_LAST, 3, 1, 2], [/^\d+$/]];

  /* Return a number that grows with time for a date in one format, or NaN. */
  function timeOf(text, [pattern, ...places]) {
    const found = pattern.exec(text);
    if (!found || !places.length) return found ? Number(text) : NaN;
    const day = places.map((place) => found[place].padStart(2, "0")).join("-");
    const [clock = "00:00", zone = "Z"] = found.slice(4);
    return Date.parse(`${day}T${clock}${zone}`);
  }

  /* What can be wrong with a date, and what to do. */
  const DATE_FAULTS = {
    earlier: ["is earlier than the one before it", "Sort the rows by date, the oldest first"],
    twice: ["stands there twice", "Keep one row for each date"],
    unread: ["is no date, or is not written as those before it",
      "Write all dates like 2024-01-31, or delete the column"],
  };

  /* Refuse dates that cannot be read or are not in order. That format counts in which the
     first fault comes last. */
  async function checkDates({ names, rows, lines }, column) {
    const tries = FORMATS.map((format) => ({ format, before: -Infinity, wrong: "", at: Infinity }));
    await rnnedu.inPieces(rows.length, (k) => {
      for (const each of tries.filter(({ wrong }) => !wrong)) {
        const time = timeOf(rows[k][column], each.format);
        const wrong = time < each.before ? "earlier" : time === each.before ? "twice" : "unread";
        if (time > each.before) each.before = time;
        else Object.assign(each, { wrong, at: k });
      }
    });
    const last = Math.max(...tries.map(({ at }) => at));
    if (last === Infinity) return;
    const faults = tries.filter(({ at }) => at === last).map(({ wrong }) => wrong);
    const [what, fix] = DATE_FAULTS[Object.keys(DATE_FAULTS).find((key) => faults.includes(key))];
    const cell = `“${short(rows[last][column])}” in the column “${names[column]}”`;
    throw fault(`${cell} ${what}`, fix, lines[last]);
  }

  /* Return the decimal mark with which most fields of two columns are numbers. */
  async function decimalMark({ rows, separator }, places) {
    let [commas, better] = [0, 0];
    await rnnedu.inPieces(separator === "," ? 0 : rows.length, (k) => {
      for (const text of places.map((place) => rows[k][place])) {
        commas += text.includes(",");
        better += (numberOf(text, ",") < Infinity) - (numberOf(text, ".") < Infinity);
      }
    });
    return commas && better >= 0 ? "," : ".";
  }

  /* Return true values and forecasts as numbers, NaN where there is none. */
  async function readColumns(table, { date, truth, forecast }) {
    const { names, rows, lines } = table;
    if (truth === forecast)
      throw fault("the true values and the forecast are the same column", "Choose two columns");
    const places = [truth, forecast];
    const mark = await decimalMark(table, places);
    const values = places.map(() => new Float64Array(rows.length).fill(NaN));
    await rnnedu.inPieces(rows.length, (k) => {
      places.forEach((place, which) => {
        const text = rows[k][place];
        if (MISSING.has(text.toLowerCase())) return;
        const value = numberOf(text, mark);
        const cell = `“${short(text)}” in the column “${names[place]}”`;
        if (Number.isNaN(value))
          throw fault(`${cell} is no number`, numberOf(text, ",") < Infinity
            ? "Write a decimal point, or separate the fields by semicolons"
            : "Write a number as in the other rows, or leave the field empty", lines[k]);
        if (Math.abs(value) > LARGEST)
          throw fault(`${cell} is infinite or too large`,
            "Correct it, or leave the field empty", lines[k]);
        values[which][k] = value;
      });
    });
    if (date >= 0) await checkDates(table, date);
    return { truth: values[0], forecast: values[1] };
  }

  // -- Scores

  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const rootMeanSquare = (values) => Math.sqrt(mean(values.map((value) => value * value)));
  const centred = (values) => {
    const middle = mean(values);
    return values.map((value) => value - middle);
  };
  const deviation = (values) => rootMeanSquare(centred(values));

  /* Return the correlation of two series, or NaN if one of them varies by rounding alone. */
  function correlationOf(a, b, rounding) {
    const [x, y] = [centred(a), centred(b)];
    const [spreadX, spreadY] = [x, y].map(rootMeanSquare);
    if (Math.min(spreadX, spreadY) <= rounding) return NaN;
    return mean(x.map((value, k) => value * y[k])) / spreadX / spreadY;
  }

  /* Return the logarithm of the gamma function: Stirling's series, for 10 and above. */
  function logGamma(x) {
    if (x < 10) return logGamma(x + 1) - Math.log(x);
    const r = 1 / (x * x);
    const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r / 1680))) / x;
    return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series;
  }

  /* Return the regularised incomplete beta function I_x(a, b), by its continued fraction
     1 + q_1 / (1 + q_2 / (1 + ...)), with Lentz's method. */
  function incompleteBeta(x, a, b) {
    if (x <= 0) return 0;
    if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
    let [fraction, c, d] = [1, 1, 0];
    for (let k = 1; k < 10000 && Math.abs(c * d - 1) > 1e-15; k += 1) {
      const m = Math.floor(k / 2);
      const top = k % 2 ? -(a + m) * (a + b + m) : m * (b - m);
      const q = (top * x) / ((a + k - 1) * (a + k));
      d = 1 / (1 + q * d);
      c = 1 + q / c;
      fraction *= c * d;
    }
    const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b);
    return Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta) / a / fraction;
  }

  /* Return how often Student's t lies at least as far from zero, on either side. */
  const studentP = (t, freedom) => incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);

  /* Test whether the mean gain differs from zero; null if there is no chance to test against.
     Gains up to `lags` rows apart may be correlated (weights of Newey and West). */
  function dieboldMariano(gains, lags) {
    const n = gains.length;
    const from = centred(gains);
    let variance = 0;
    for (let k = 0; k <= lags; k += 1) {
      let sum = 0;
      for (let t = k; t < n; t += 1) sum += from[t] * from[t - k];
      variance += ((k ? 2 : 1) * (1 - k / (lags + 1)) * sum) / n;
    }
    if (lags >= n || variance <= 1e-24 * rootMeanSquare(gains) ** 2) return null;
    const statistic = (mean(gains) / Math.sqrt(variance / n)) * Math.sqrt((n - 1) / n);
    return { statistic, p: studentP(statistic, n - 1) };
  }

  /* Score a forecast, and persistence beside it, on the rows that have a true value, a
     forecast, and a true value in the row before. */
  async function scoresOf({ truth, forecast }) {
    const rows = [...truth.keys()].filter((t) =>
      Number.isFinite(truth[t] + truth[t - 1] + forecast[t]));
    if (rows.length < FEWEST)
      throw fault(`only ${plural(rows.length, "row")} can be scored: ${SCORED}`,
        `Give at least ${FEWEST} such rows`);
    const errors = rows.map((t) => forecast[t] - truth[t]);
    const baseErrors = rows.map((t) => truth[t - 1] - truth[t]);
    const base = rootMeanSquare(baseErrors);
    if (base === 0)
      throw fault("the true values never change, so that persistence makes no error",
        "Score a series that changes");
    const scored = (each) => {
      const [rmse, spread] = [rootMeanSquare(each), deviation(each)];
      return { rmse, skill: 1 - rmse / base, bias: mean(each), spread, rest: 1 - spread / base };
    };
    const size = rows.reduce((most, t) => Math.max(most, Math.abs(forecast[t])), 0);
    const gains = baseErrors.map((each, k) => each ** 2 - errors[k] ** 2);
    const withPast = rows.filter((t) => LAGS.every((k) => Number.isFinite(truth[t - k])));
    const found = {
      rows, persistence: scored(baseErrors), forecast: scored(errors), tests: [],
      same: rows.every((t) => forecast[t] === truth[t - 1]), byLag: [], baseByLag: [],
    };
    const work = [
      () => {
        const implied = rows.map((t) => forecast[t] - truth[t - 1]);
        const changes = baseErrors.map((each) => -each);
        found.correlation = correlationOf(implied, changes, 1e-14 * size);
      },
      ...[0, 20].map((lags, k) => () => { found.tests[k] = dieboldMariano(gains, lags); }),
      ...LAGS.map((k) => () => {
        found.byLag[k] = deviation(withPast.map((t) => forecast[t] - truth[t - k]));
        found.baseByLag[k] = deviation(withPast.map((t) => truth[t - 1] - truth[t - k]));
      }),
    ];
    await rnnedu.inPieces(work.length, (k) => work[k]());
    const smallest = Math.min(...found.byLag);
    found.lateness = withPast.length < MAX_LAG ? NaN : found.byLag.indexOf(smallest);
    return found;
  }

  rnnedu.lateness = { scoresOf, studentP };

  // -- What the numbers say

  const pText = (p) => (p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`);

  const BETTER = "Better than persistence";
  const WORSE = "Not better than persistence.";

  /* Verdicts; the first counts whose condition holds. p is the larger p-value, NaN if none. */
  const VERDICTS = [
    [({ same }) => same, "This forecast is persistence.",
      "In every scored row it is the true value of the row before, so there is nothing to test."],
    [({ skill, p }) => skill <= 0 && p < 0.05, WORSE, "It is worse, by more than chance."],
    [({ skill }) => skill <= 0, WORSE, "These rows do not show whether it is worse."],
    [({ p }) => p < 0.05, `${BETTER} on these rows, by more than chance.`,
      "If both were equally accurate, chance would rarely give such a gain."],
    [({ p }) => p >= 0.05, `${BETTER}, but perhaps by chance.`,
      "If both were equally accurate, chance could well give such a gain."],
    [() => true, `${BETTER}, but perhaps by chance.`,
      "The gain is the same in all rows, so there is nothing to test."],
  ];

  /* Say which rows a forecast fits best. */
  function lagText({ lateness, byLag }) {
    if (Number.isNaN(lateness))
      return "Too few forecasts have 10 true values before them to tell a lag.";
    const places = ["of its own rows", "one row earlier"];
    const place = places[lateness] || `${lateness} rows earlier`;
    const most = lateness === MAX_LAG ? ", the largest lag that is tried" : "";
    const other = lateness ? 0 : 1;
    const meaning = byLag[lateness] > 0.95 * byLag[other]
      ? `but those ${places[other]} fit almost as well`
      : ["so it is not late", "as for persistence"][lateness] || "so it is late";
    return `Its best fit is to the true values ${place}${most}, ${meaning}.`;
  }

  /* Say so if most of the squared error is the same in all rows. */
  function biasText({ forecast: { bias, spread, rest, skill } }) {
    if (bias ** 2 <= spread ** 2) return "";
    const way = bias > 0 ? "too high" : "too low";
    const sentence = `Most of its squared error is bias: it is ${number(Math.abs(bias))} ${way}.`;
    return skill > 0 || rest <= 0 ? sentence
      : `${sentence} Without its bias, known only afterwards, it would win.`;
  }

  /* Say what to do next. */
  function nextText({ same, lateness, rows, forecast: { skill, bias, spread, rmse } }, p) {
    const unused = "rows that were used neither to train nor to choose it.";
    if (rmse === 0)
      return "it makes no error at all. Find out whether the true values were copied into it.";
    if (skill > 0 && p < 0.05)
      return "make sure that no value of its own row, or of a later one, has gone into a " +
        `forecast. Then score it on ${unused}`;
    if (skill > 0)
      return `score it on more rows than these ${rows.length}, and only on ${unused}`;
    if (bias ** 2 > spread ** 2 && !same)
      return "measure the bias on rows before these, subtract it, and score the forecast again.";
    if (lateness > 0)
      return "train the model to predict the change: the next true value minus the last one. " +
        "A predicted change of zero is then the forecast of persistence.";
    return "use persistence, or look for inputs that tell more about the next value.";
  }

  /* Return the verdict: title, findings, what to do next. */
  function verdictOf(scores) {
    const { forecast, persistence, same } = scores;
    const tests = scores.tests.filter(Boolean);
    const p = tests.length ? Math.max(...tests.map((test) => test.p)) : NaN;
    const about = { same, p, skill: forecast.skill };
    const [, title, meaning] = VERDICTS.find(([holds]) => holds(about));
    const [own, base] = [forecast.rmse, persistence.rmse];
    const digits = number(own) === number(base) ? 6 : 3;
    const errors = `Its RMSE is ${number(own, digits)}, and that of persistence is ` +
      `${number(base, digits)}.`;
    const chance = p >= 0 ? meaning.replace(/\.$/, ` (${pText(p)}).`) : meaning;
    const found = same ? [meaning]
      : [errors, chance, lagText(scores), biasText(scores)].filter(Boolean);
    return { title, found: found.join(" "), next: `Next: ${nextText(scores, p)}` };
  }

  /* Say what was read, what is scored, and which values are missing. */
  function readingText({ name, table, columns }, { truth, forecast }, { rows }) {
    const { names, lines } = table;
    const dateOf = (t) => (columns.date < 0 ? `line ${lines[t]}` : table.rows[t][columns.date]);
    const first = forecast.findIndex(Number.isFinite);
    const missing = (what, values, from) => {
      const gaps = lines.filter((_, t) => t >= from && Number.isNaN(values[t]));
      const more = gaps.length > 5 ? ` and ${gaps.length - 5} more` : "";
      const where = `${gaps.length > 1 ? "lines" : "line"} ${gaps.slice(0, 5).join(", ")}${more}`;
      return gaps.length ? `The ${what} is missing on ${where}.` : "";
    };
    return [
      `${name}: ${plural(lines.length, "row")}, true values from the column ` +
        `“${names[columns.truth]}”, forecasts from “${names[columns.forecast]}”.`,
      first ? `The forecasts begin on line ${lines[first]}.` : "",
      `${rows.length} rows are scored, from ${dateOf(rows[0])} to ${dateOf(rows.at(-1))}: ` +
        `${SCORED}.`,
      missing("forecast", forecast, first),
      missing("true value", truth, 0),
    ].filter(Boolean).join(" ");
  }

  // -- The page

  /* Return head and body of the table of scores, persistence first. */
  function scoreRows({ persistence, forecast: { spread, rest, ...forecast } }) {
    const unbiased = { rmse: spread, skill: rest, bias: 0 };
    const row = (tag, first, texts) =>
      element("tr", {}, first, ...texts.map((text) => element(tag, {}, text)));
    const rows = { persistence, forecast, "forecast without its bias": unbiased };
    const body = Object.entries(rows).map(([name, { rmse, skill, bias }]) => {
      const texts = [number(rmse), fixed(skill), (persistence.rmse < 0.1 ? number : fixed)(bias)];
      return row("td", element("th", { scope: "row" }, name), texts);
    });
    const head = row("th", element("td"), ["RMSE", "skill", "mean error (bias)"]);
    return [element("thead", {}, head), element("tbody", {}, ...body)];
  }

  /* Return what tells more about a forecast, as a list of terms. */
  function moreAbout({ correlation, tests, lateness, rows }) {
    const test = (result) =>
      (result ? `${fixed(result.statistic)}, ${pText(result.p)}` : "nothing to test");
    const chance = fixed(2 / Math.sqrt(rows.length));
    const terms = [
      ["Lag of best fit", Number.isNaN(lateness) ? "not known" : plural(lateness, "row"),
        "Persistence has lag 1." + (lateness < 2 ? " For a price, this is no fault: even a good " +
          "forecast is often close to persistence." : "")],
      ["Correlation of changes", Number.isNaN(correlation) ? "not defined" : fixed(correlation),
        "The predicted change is the forecast minus the true value of the row before. If it " +
          "says nothing about the true change, the correlation is mostly between " +
          `−${chance} and ${chance}.`],
      ["Diebold-Mariano, independent rows", test(tests[0]),
        "Is the difference more than chance? In each row, the squared error of the forecast is " +
          "subtracted from that of persistence. The first number is the mean of these " +
          "differences, divided by its standard error. Above 0, the forecast is better."],
      ["Diebold-Mariano, correlated rows", rows.length > 20 ? test(tests[1]) : "needs more rows",
        "The same test, which now allows that errors depend on those of the 20 rows before. " +
          "With a late forecast they do: after a rise, it stays too low for some rows."],
      ["What the test leaves open", "",
        "It says nothing about other rows or training runs. If you choose the best of several " +
          "forecasts, p is smaller than it should be. With a few hundred " +
          "rows or less, the second p-value is only a rough guide."],
    ];
    return terms.flatMap(([term, value, meaning]) => [
      element("dt", {}, value ? `${term}: ${value}` : term), element("dd", {}, meaning),
    ]);
  }

  rnnedu.explorer("lateness", {
    settings: [
      { key: "example", label: "Example", initial: true, flag: true },
      { key: "lag", label: "Move the forecast back (lag in rows)", initial: 0, min: 0,
        max: MAX_LAG, step: 1, text: (lag) => String(Math.round(lag)) },
      { key: "last", label: "Rows in the chart", initial: "100",
        options: [["100", "the last 100"], ["500", "the last 500"], ["all", "all"]] },
    ],

    start(frame) {
      const { root, body } = frame;
      let [example, own, shown, result, turn] = [null, null, undefined, null, 0];

      // What a reader gives.
      const file = element("input", { type: "file", accept: ".csv,.tsv,.txt,text/csv" });
      const zone = element("label", { className: "drop" },
        "Drop a CSV file here, or choose one. It stays on your machine. ", file);
      const pasted = element("textarea", { id: "lateness-pasted", rows: 3, spellcheck: false });
      const paste = element("label", { htmlFor: pasted.id }, "Or paste its lines here:");
      body.append(zone, paste, pasted);
      const takePasted = () => take("The pasted text", () => pasted.value);
      const [, tryExample] = frame.buttons(body, [
        ["Read the pasted lines", takePasted],
        ["Try the example", () => frame.set({ example: true, lag: 0 })],
      ]);
      const download = element("a", { download: "example_forecast.csv", hidden: true },
        "Download the example");
      tryExample.after(download);

      // What a reader sees.
      const reading = element("p");
      const choices = element("div", { className: "explorer-settings", hidden: true });
      const selects = {
        truth: selectOf("truth", "Column of the true values"),
        forecast: selectOf("forecast", "Column of the forecast"),
      };
      const results = element("div", { hidden: true });
      const [verdict, found, next, moved] = [1, 2, 3, 4].map(() => element("p"));
      verdict.className = "verdict";
      const table = element("table");
      const more = element("dl");
      const view = element("div", { className: "explorer-settings" },
        frame.controls.lag.row, frame.controls.last.row);
      results.append(verdict, found, next, table, view, moved);
      body.append(reading, choices, results);
      const chart = rnnedu.chart(results, { title: "Truth, forecast and persistence",
        xLabel: "time (rows, or dates of the file)", yLabel: "value", height: 280 });
      const curve = rnnedu.chart(results, {
        title: "Error without bias, by lag (rows with 10 true values before them)",
        xLabel: "lag in rows", yLabel: "error" });
      results.append(more);
      frame.panel.hidden = true; // its controls are above the chart

      file.addEventListener("click", () => { file.value = ""; }); // the same file, repaired
      file.addEventListener("change", () => takeFiles([...file.files]));
      pasted.addEventListener("paste", () => setTimeout(takePasted));
      for (const kind of ["dragover", "dragleave", "drop"])
        root.addEventListener(kind, (event) => {
          if (!event.dataTransfer.types.includes("Files")) return; // a word that is moved
          event.preventDefault();
          zone.classList.toggle("is-over", kind === "dragover");
          if (kind === "drop") takeFiles([...event.dataTransfer.files]);
        });

      /* Build a select for one of the two columns. */
      function selectOf(key, words) {
        const select = element("select", { id: `lateness-${key}` });
        select.addEventListener("change", () => {
          shown.columns[key] = Number(select.value);
          frame.complain("");
          open(shown);
        });
        const label = element("label", { htmlFor: select.id }, words);
        choices.append(element("div", { className: "explorer-setting" }, label, select));
        return select;
      }

      /* Take one file, if it is not too large. */
      function takeFiles(files) {
        if (!files.length) return;
        const [{ name, size }] = files;
        take(`“${name}”`, async () => {
          if (files.length > 1)
            throw fault(`this is one of ${files.length} files`,
              "Give one; it may hold several forecasts, each in a column");
          if (size > MOST_BYTES)
            throw fault(`it has ${(size / 1e6).toFixed(1)} MB, and 5 MB are possible here`,
              "Keep the columns and rows that are needed");
          return textOf(new Uint8Array(await files[0].arrayBuffer()));
        });
      }

      /* Read a table; what is wrong with it is said on the page. */
      async function take(name, read) {
        own = null;
        frame.set({ example: false, lag: 0 });
        const mine = (turn += 1);
        reading.textContent = `${name} is being read.`;
        try {
          const given = await readTable(await read());
          if (mine !== turn) return; // something newer was given
          own = sourceOf(name, given);
          update(frame.settings);
        } catch (error) {
          if (mine === turn) refuse(name, error);
        }
      }

      /* Say what is wrong, and show no numbers. */
      function refuse(name, error) {
        reading.textContent = "Nothing has been scored. See the message at the top of this box.";
        const place = error.line ? `, line ${error.line}` : "";
        frame.complain(`${name}${place}: ${error.message}`);
      }

      /* Score a table in its chosen columns, and show the results; null is no table. */
      async function open(source) {
        const mine = (turn += 1);
        result = null;
        frame.numbers = null;
        frame.say("");
        if (frame.settings.example) file.value = "";
        results.hidden = true;
        choices.hidden = true;
        reading.textContent = frame.settings.example
          ? "The example is being loaded." : "Nothing has been read yet.";
        if (!source) return;
        const { name, table, columns } = source;
        offerColumns(source);
        const untold = [["truth", "the true values"], ["forecast", "the forecast"]]
          .filter(([key]) => columns[key] < 0).map(([, words]) => words);
        if (untold.length) {
          reading.textContent = `${name}: the names of the columns do not tell which holds ` +
            `${untold.join(" and which ")}. Choose below.`;
          frame.say(reading.textContent);
          return;
        }
        try {
          const values = await readColumns(table, columns);
          const scores = await scoresOf(values);
          if (mine === turn) show(source, values, scores);
        } catch (error) {
          if (mine === turn) refuse(name, error);
        }
      }

      /* Offer the columns of a table, if there is something to choose. */
      function offerColumns({ table: { names }, columns, places, choose }) {
        const option = (value, words) => element("option", { value }, words);
        for (const [key, select] of Object.entries(selects)) {
          select.replaceChildren(...(columns[key] < 0 ? [option(-1, "choose one")] : []),
            ...places.map((place) => option(place, names[place] || `column ${place + 1}`)));
          select.value = columns[key];
        }
        choices.hidden = !choose;
      }

      /* Show all results. */
      function show(source, values, scores) {
        result = { source, values, scores };
        frame.numbers = scores;
        const text = verdictOf(scores);
        reading.textContent = readingText(source, values, scores);
        verdict.textContent = text.title;
        found.textContent = text.found;
        next.textContent = text.next;
        table.replaceChildren(...scoreRows(scores));
        more.replaceChildren(...moreAbout(scores));
        results.hidden = false;
        draw(frame.settings);
        frame.say(`${text.title} ${text.found} ${text.next}`);
      }

      /* Draw both charts, the forecast moved back by the lag of the slider. */
      function draw({ lag: given, last }) {
        const lag = Math.round(given); // an address may hold 2.5
        const { source, values: { truth, forecast }, scores } = result;
        const { table: { rows }, columns: { date } } = source;
        const begin = last === "all" ? 0 : Math.max(0, truth.length - Number(last));
        const x = [...truth.keys()].slice(begin);
        const back = lag ? `, moved back by ${plural(lag, "row")}` : "";
        const { byLag, baseByLag, lateness } = scores;
        const words = Number.isNaN(lateness) ? lagText(scores)
          : `At lag ${lag}, the error without bias is ${number(byLag[lag])}. ` +
            `It is smallest at lag ${lateness}: ${number(byLag[lateness])}.`;
        moved.textContent = words;
        chart.draw(
          [
            { name: "truth", x, y: x.map((t) => truth[t]), kind: "truth" },
            { name: "persistence", x, y: x.map((t) => truth[t - 1]), kind: "baseline" },
            { name: `forecast${back}`, x, y: x.map((t) => forecast[t + lag]), kind: "lstm" },
          ],
          {
            summary: `${plural(x.length, "row")}, to the end of the file. ${words}`,
            xTicks: [1, 3, 5].map((sixth) => begin + Math.floor((x.length * sixth) / 6)),
            xText: (t) => (date < 0 ? `${t + 1}` : rows[t][date].split(/[T ]/)[0]),
          },
        );
        curve.box.hidden = Number.isNaN(lateness);
        curve.draw(
          [
            { name: "forecast", x: LAGS, y: byLag, kind: "lstm" },
            { name: "persistence", x: LAGS, y: baseByLag, kind: "baseline" },
          ],
          { marks: [lag], xTicks: LAGS, summary: `${words} A line marks lag ${lag}.` },
        );
        return words;
      }

      /* Show the table that is wanted, or move the forecast of the one that is shown. */
      function update(settings, changed = []) {
        const wanted = settings.example ? example : own;
        if (wanted !== shown || (!wanted && changed.includes("example"))) {
          shown = wanted;
          open(wanted);
        } else if (result) frame.say(draw(settings));
      }

      frame.load("lateness", async ({ meta, arrays }) => {
        const text = exampleText(meta, arrays);
        const table = await readTable(text);
        example = sourceOf("The example", table);
        download.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
        download.hidden = false;
        update(frame.settings);
        if (root.dataset.check) await check(meta, arrays, table);
      });

      /* Compare with the scores that Python found, of the example and of random series. */
      async function check({ columns, lengths }, { truths, forecasts, expected }, table) {
        const all = [];
        for (const name of columns) {
          const forecast = table.names.indexOf(name);
          all.push(await readColumns(table, { ...findColumns(table), forecast }));
        }
        let at = 0;
        for (const length of lengths) {
          const [truth, forecast] = [truths, forecasts]
            .map(({ values }) => values.slice(at, at + length));
          all.push({ truth, forecast });
          at += length;
        }
        const count = expected.shape[1];
        let worst = 0;
        for (const [row, each] of all.entries())
          numbersOf(await scoresOf(each)).forEach((value, k) => {
            const python = expected.values[row * count + k];
            worst = Math.max(worst, Math.abs(value - python) / Math.max(1, Math.abs(python)));
          });
        frame.showCheck(`rnnedu.metrics, for ${all.length} forecasts,`, worst, 1e-5);
      }
      return update;
    },
  });

  /* Return a table with its name, its columns, and whether there is a choice. */
  function sourceOf(name, table) {
    const columns = findColumns(table);
    const places = [...table.names.keys()].filter((place) => place !== columns.date);
    const choose = places.length > 2 || columns.truth < 0 || columns.forecast < 0;
    return { name, table, columns, places, choose };
  }

  /* Return the example as the text of a CSV file. */
  function exampleText({ dates, columns, digits }, arrays) {
    const names = ["truth", ...columns];
    const cell = (name, k) => {
      const { values } = arrays[name];
      const at = k - (dates.length - values.length); // the rows before have no forecast
      return at < 0 ? "" : values[at].toFixed(digits);
    };
    const rows = dates.map((date, k) => [date, ...names.map((name) => cell(name, k))].join(","));
    return [["date", ...names].join(","), ...rows, ""].join("\n");
  }

  /* Return the scores of a forecast in the order in which Python gives them. */
  function numbersOf({ forecast, correlation, tests, lateness, byLag }) {
    const { rmse, skill, bias, spread, rest } = forecast;
    const tested = tests.flatMap(({ statistic, p }) => [statistic, p]);
    return [rmse, skill, bias, spread, rest, correlation, ...tested, lateness, ...byLag];
  }
}
