/* What all explorers have in common: their settings, the address, their data, and errors.

   rnnedu.explorer("cell", { settings, start }) declares one. `settings` lists what a reader
   can set: { key, label, initial } with { min, max, step } for a slider, { options } for a
   choice ([value, words] pairs), or { flag: true } for a box to tick. `start(frame)` builds
   the explorer and returns a function that is called with all settings whenever one changes.

   The address holds what differs from the start: #cell:kind=lstm&forget=5. Links in the
   prose set it, and a browser's "back" undoes them. */
"use strict";

{
  const DATA = new URL("data/", document.currentScript.src);
  const AGAIN = "Load the page again; if that does not help, build the site again.";
  const kinds = {};
  const received = {};
  const waiting = {};

  rnnedu.explorer = (name, kind) => {
    kinds[name] = kind;
  };

  const element = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  rnnedu.element = element;

  // -- Data: arrays of numbers that the build has written beside the page ---------------

  /* What a file of data calls. */
  rnnedu.receive = (name, file) => {
    received[name] = file;
  };

  /* A sum over all bytes, by which a damaged file is found (Fowler, Noll and Vo's FNV-1a). */
  function checksum(bytes) {
    let sum = 0x811c9dc5;
    for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
    return sum >>> 0;
  }

  /* Return the arrays of a file as { name: { shape, values } }, beside its `meta`. */
  rnnedu.unpack = (name, file) => {
    const broken = (why) =>
      new Error(`The numbers of “${name}” are damaged: ${why}. ${AGAIN}`);
    if (!file || typeof file.data !== "string" || !Array.isArray(file.arrays))
      throw broken("the file is not one of numbers");
    let bytes;
    try {
      const text = atob(file.data);
      bytes = new Uint8Array(text.length); // in a loop: many times as fast as from()
      for (let k = 0; k < text.length; k += 1) bytes[k] = text.charCodeAt(k);
    } catch {
      throw broken("they cannot be decoded");
    }
    if (checksum(bytes) !== file.checksum) throw broken("their checksum is another");
    const numbers = new DataView(bytes.buffer);
    const arrays = {};
    let at = 0;
    for (const { key, shape } of file.arrays) {
      const length = shape.reduce((product, size) => product * size, 1);
      if (at + 4 * length > bytes.length) throw broken("some are missing");
      const values = Float64Array.from({ length }, (_, k) => numbers.getFloat32(at + 4 * k, true));
      if (!values.every(Number.isFinite)) throw broken(`“${key}” has a value that is no number`);
      arrays[key] = { shape, values };
      at += 4 * length;
    }
    return { meta: file.meta, arrays };
  };

  /* Load a file of data, once the page has been painted; return a promise of its arrays. */
  rnnedu.load = (name) => {
    waiting[name] ??= painted()
      .then(() => new Promise((resolve, reject) => {
        const script = element("script", { src: new URL(`${name}.js`, DATA).href });
        script.onload = resolve;
        script.onerror = () =>
          reject(new Error(`The numbers of “${name}” could not be loaded. ${AGAIN}`));
        document.head.append(script);
      }))
      .then(() => rnnedu.unpack(name, received[name]));
    return waiting[name];
  };

  /* Wait until the page has loaded and its first picture is on the screen. */
  function painted() {
    const frames = () =>
      new Promise((done) => {
        requestAnimationFrame(() => requestAnimationFrame(done));
      });
    if (document.readyState === "complete") return frames();
    return new Promise((done) => {
      addEventListener("load", () => frames().then(done), { once: true });
    });
  }

  // -- Settings --------------------------------------------------------------------------

  const isSlider = (setting) => setting.min !== undefined;

  /* Return the value that a text stands for, or throw an error that says what is possible. */
  function parse(setting, text) {
    const refuse = (possible) =>
      new Error(`“${setting.label}” cannot be “${text}”. It can be ${possible}.`);
    if (setting.options) {
      const values = setting.options.map(([value]) => String(value));
      if (!values.includes(text)) throw refuse(values.join(", "));
      return setting.options[values.indexOf(text)][0];
    }
    if (setting.flag) {
      if (!["0", "1"].includes(text)) throw refuse("0 or 1");
      return text === "1";
    }
    const value = text.trim() === "" ? NaN : Number(text);
    if (!(value >= setting.min && value <= setting.max))
      throw refuse(`${setting.min} to ${setting.max}`);
    return Number.isInteger(setting.step) ? Math.round(value) : value;
  }

  const textOf = (setting, value) => (setting.flag ? String(Number(value)) : String(value));

  /* Return a text without its escapes, or as it stands if they are broken. */
  function decode(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  /* Read the part of an address behind "#name:". Return the values, and what is wrong. */
  function readAddress(settings, text) {
    const values = {};
    const faults = [];
    for (const [key, given] of new URLSearchParams(text)) {
      const setting = settings.find((each) => each.key === key);
      try {
        if (!setting) throw new Error(`There is no setting “${key}” here.`);
        values[key] = parse(setting, given);
      } catch (error) {
        faults.push(error.message);
      }
    }
    return { values, faults };
  }

  /* Build the control of one setting; `changed(value)` is called when a reader moves it. */
  function control(setting, name, changed) {
    const id = `${name}-${setting.key}`;
    const label = element("label", { htmlFor: id }, setting.label);
    const row = element("div", { className: "explorer-setting" }, label);
    let input;
    let show;
    if (setting.options) {
      input = element("select", { id });
      for (const [value, words] of setting.options)
        input.append(element("option", { value: String(value) }, words));
      show = (value) => { input.value = String(value); };
      input.addEventListener("change", () => changed(parse(setting, input.value)));
    } else if (setting.flag) {
      input = element("input", { id, type: "checkbox" });
      show = (value) => { input.checked = value; };
      input.addEventListener("change", () => changed(input.checked));
    } else {
      const { min, max, step = "any" } = setting;
      input = element("input", { id, type: "range", min, max, step });
      const shown = element("output", { htmlFor: id });
      show = (value) => {
        input.value = value;
        shown.textContent = setting.text ? setting.text(value) : rnnedu.number(value);
        input.setAttribute("aria-valuetext", `${setting.label}: ${shown.textContent}`);
      };
      input.addEventListener("input", () => changed(Number(input.value)));
      row.append(shown);
    }
    row.append(input);
    row.classList.toggle("is-slider", isSlider(setting));
    if (setting.flag) row.classList.add("is-flag");
    return { row, input, show };
  }

  // -- One explorer on the page ------------------------------------------------------------

  class Frame {
    constructor(root, name, kind) {
      this.root = root;
      this.name = name;
      this.kind = kind;
      this.settings = Object.fromEntries(kind.settings.map((each) => [each.key, each.initial]));
      this.controls = {};
      this.fault = element("p", { className: "explorer-fault", hidden: true });
      this.fault.setAttribute("role", "alert");
      this.panel = element("div", { className: "explorer-settings" });
      this.body = element("div", { className: "explorer-body" });
      this.spoken = element("p", { className: "explorer-spoken" });
      this.spoken.setAttribute("role", "status");
      this.checked = element("p", { className: "explorer-check keras-check", hidden: true });
      for (const setting of kind.settings) {
        const made = control(setting, name, (value) => this.set({ [setting.key]: value }));
        this.controls[setting.key] = made;
        this.panel.append(made.row);
      }
    }

    /* Build everything, then take the settings of the page and of the address. */
    start() {
      this.update = this.kind.start(this);
      this.root.append(this.fault, this.panel, this.body, this.spoken, this.checked);
      this.take(this.root.dataset.settings || "");
      this.initial = { ...this.settings };
      this.follow();
      addEventListener("hashchange", () => {
        if (this.follow()) this.root.scrollIntoView();
      });
      this.root.classList.add("explorer-live");
    }

    /* Take the settings of the address, if it speaks of this explorer. */
    follow() {
      const hash = decode(location.hash.slice(1));
      if (!hash.startsWith(`${this.name}:`)) return false;
      this.settings = { ...this.initial };
      this.take(hash.slice(this.name.length + 1));
      return true;
    }

    take(text) {
      const { values, faults } = readAddress(this.kind.settings, text);
      Object.assign(this.settings, values);
      const said = ["The address cannot be used as it is.", ...faults];
      this.complain(faults.length ? said.join(" ") : "");
      this.refresh(Object.keys(this.settings));
    }

    /* Change settings, as a reader does by a control. */
    set(values) {
      Object.assign(this.settings, values);
      this.complain("");
      this.refresh(Object.keys(values));
      clearTimeout(this.writing);
      this.writing = setTimeout(() => this.write(), 300);
    }

    refresh(changed) {
      for (const [key, { show }] of Object.entries(this.controls)) show(this.settings[key]);
      try {
        this.update(this.settings, changed);
      } catch (error) {
        this.complain(error.message);
        throw error;
      }
    }

    /* Put into the address what differs from the start. */
    write() {
      const parts = this.kind.settings
        .filter(({ key }) => this.settings[key] !== this.initial[key])
        .map((each) => `${each.key}=${textOf(each, this.settings[each.key])}`);
      history.replaceState(null, "", `#${this.name}:${parts.join("&")}`);
    }

    /* Say in a sentence what is wrong, or with "" that nothing is any more. */
    complain(sentence) {
      this.fault.textContent = sentence;
      this.fault.hidden = !sentence;
    }

    /* Tell a screen reader what has changed; seen by nobody else. */
    say(sentence) {
      this.spoken.textContent = sentence;
    }

    /* Show how far this page's numbers are from those of the Python code. */
    showCheck(words, difference, allowed) {
      const text = difference.toExponential(1);
      this.checked.textContent = `Checked: this page and ${words} differ by at most ${text}`;
      this.checked.hidden = false;
      this.checked.dataset.difference = difference;
      if (!(difference <= allowed))
        this.complain(`The numbers of this page are not those of the Python code. ${AGAIN}`);
    }

    /* Load data; `then` is called with it. What goes wrong is said on the page. */
    load(name, then) {
      return rnnedu.load(name).then(then).catch((error) => this.complain(error.message));
    }

    /* Add a row of buttons: [words, function] pairs. Return the buttons. */
    buttons(parent, pairs) {
      const row = element("div", { className: "explorer-buttons" });
      const made = pairs.map(([words, act]) => {
        const button = element("button", { type: "button" }, words);
        button.addEventListener("click", act);
        return button;
      });
      row.append(...made);
      parent.append(row);
      return made;
    }
  }

  /* Do some work in pieces that each take a few milliseconds, so that the page answers. */
  rnnedu.inPieces = async (count, work, pause = 8) => {
    let begun = performance.now();
    for (let k = 0; k < count; k += 1) {
      work(k);
      if (performance.now() - begun > pause) {
        await new Promise((done) => { setTimeout(done); });
        begun = performance.now();
      }
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    for (const root of document.querySelectorAll(".explorer[data-explorer]")) {
      const name = root.dataset.explorer;
      const frame = new Frame(root, name, kinds[name]);
      root.frame = frame;
      frame.start();
    }
  });
}
