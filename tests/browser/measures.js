/* Measure an open page. Each function returns an array of sentences, one for each fault. */

function named(element) {
  const text = element.textContent.trim().replace(/\s+/g, " ").slice(0, 60);
  return `<${element.localName}${element.id ? "#" + element.id : ""}> “${text}”`;
}

function shown(element) {
  return element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
}

/* Return the left and right edge of what the nearest ancestors that clip or scroll leave visible of an element. */
function window_of(element) {
  let [left, right, scrolls] = [0, document.documentElement.clientWidth, false];
  for (let box = element; box && box !== document.body; box = box.parentElement) {
    if (box !== element && getComputedStyle(box).overflowX !== "visible") {
      const edges = box.getBoundingClientRect();
      [left, right] = [Math.max(left, edges.left), Math.min(right, edges.right)];
      scrolls ||= ["auto", "scroll"].includes(getComputedStyle(box).overflowX);
    }
  }
  return { left, right, scrolls };
}

/* A text for screen readers only is a box of one pixel, or lies to the left of the page until it has the focus. */
function only_spoken(box) {
  return box.right <= 0 || box.bottom <= 0 || box.width <= 1 || box.height <= 1;
}

function wide() {
  const page = document.documentElement;
  const found = page.scrollWidth > page.clientWidth ? [`the page is ${page.scrollWidth} pixels wide`] : [];
  for (const element of document.body.querySelectorAll(":not(svg *, math *)")) {
    if (!shown(element)) continue;
    const box = element.getBoundingClientRect();
    const clip = window_of(element);
    if (only_spoken(box) || clip.scrolls) continue;
    if (box.right > clip.right + 1 || box.left < clip.left - 1)
      found.push(`${named(element)} reaches from ${Math.round(box.left)} to ${Math.round(box.right)}`);
  }
  return found.slice(0, 10);
}

/* Return the box around the characters of an element: its own box can be wider or narrower. */
function around_text(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  return range.getBoundingClientRect();
}

function cut() {
  const found = [];
  for (const element of document.body.querySelectorAll("h1, h2, h3, h4, h5, h6, figcaption, caption, summary, p, li, dt, dd")) {
    if (!shown(element) || !element.textContent.trim()) continue;
    const box = around_text(element);
    const clip = window_of(element);
    const style = getComputedStyle(element);
    const hides = ["hidden", "clip"];
    const hidden =
      (hides.includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1) ||
      (hides.includes(style.overflowY) && element.scrollHeight > element.clientHeight + 1);
    if (only_spoken(element.getBoundingClientRect())) continue;
    if (hidden || box.right > clip.right + 1 || box.left < clip.left - 1)
      found.push(`${named(element)}: text from ${Math.round(box.left)} to ${Math.round(box.right)}, cut`);
  }
  return [...found, ...cut_drawings()].slice(0, 10);
}

/* Text of a drawing that reaches over the edge of the drawing. */
function cut_drawings() {
  const found = [];
  for (const drawing of document.body.querySelectorAll("svg")) {
    if (!shown(drawing) || getComputedStyle(drawing).overflow === "visible") continue;
    const edges = drawing.getBoundingClientRect();
    for (const text of drawing.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      const slack = box.height / 2; // the box of a font is higher than most of its letters
      const outside = box.left < edges.left - 1 || box.right > edges.right + 1;
      if (outside || box.top < edges.top - slack || box.bottom > edges.bottom + slack)
        found.push(`${named(text)} reaches over the edge of its drawing`);
    }
  }
  return found;
}

/* Return red, green and blue of a colour between 0 and 1, or null if it is transparent. */
function channels(colour) {
  const dot = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  dot.fillStyle = colour;
  dot.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = dot.getImageData(0, 0, 1, 1).data;
  return alpha < 128 ? null : [red / 255, green / 255, blue / 255];
}

/* Return the relative luminance of WCAG 2, which is linear in the light, or null if a colour is transparent. */
function luminance(colour) {
  const curve = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const parts = channels(colour)?.map(curve);
  return parts ? 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] : null;
}

/* Return the luminance behind an element; paper is white. */
function behind(element, light) {
  for (let box = element; box; box = box.parentElement) {
    const found = light(getComputedStyle(box).backgroundColor);
    if (found !== null) return found;
  }
  return 1;
}

/* Of the rows and samples with the same colours, keep only the first few. */
function remove_alike() {
  const [known, counts, kept] = [new Map(), new Map(), 3];
  const light = (colour) => known.get(colour) ?? known.set(colour, luminance(colour)).get(colour);
  const colours = (element) => [element.localName, getComputedStyle(element).color, behind(element, light)].join();
  const often = (key) => counts.set(key, (counts.get(key) ?? 0) + 1).get(key) > kept;
  for (const element of document.querySelectorAll("tbody > tr, pre, li, details h3, details h4")) {
    const alike = new Set([element, ...element.querySelectorAll("*")].map(colours));
    if ([...alike].map(often).every(Boolean)) element.remove();
  }
}

/* Small boxes, such as labels, may be dark; text in them may be light. */
function dark() {
  const [found, known, small] = [[], new Map(), 10000];
  const light = (colour) => known.get(colour) ?? known.set(colour, luminance(colour)).get(colour);
  for (const element of document.querySelectorAll("html, body, body :not(svg *, math *)")) {
    const { backgroundColor, color } = getComputedStyle(element);
    const { width, height } = element.getBoundingClientRect();
    const paper = light(backgroundColor);
    const large = element.contains(document.body) || width * height > small;
    if (paper !== null && paper < 0.2 && large)
      found.push(`${named(element)} is printed on ${backgroundColor}`);
    if (light(color) > 0.3 && behind(element, light) > 0.2) found.push(`${named(element)} is printed in ${color}`);
  }
  return found.slice(0, 10);
}

/* What a box that scrolls hides on the screen is lost on paper. */
function lost() {
  const found = [];
  for (const box of document.body.querySelectorAll(":not(svg *, math *)")) {
    if (getComputedStyle(box).overflowX === "visible" || only_spoken(box.getBoundingClientRect()) || !shown(box)) continue;
    if (box.scrollWidth > box.clientWidth + 1)
      found.push(`${named(box)}: ${box.scrollWidth - box.clientWidth} pixels are lost on paper`);
  }
  return found.slice(0, 10);
}

/* Characters that no font of this browser has: they look like a noncharacter, for which there is no picture. */
function boxes() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 40 });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const drawn = (text, family) => {
    pen.clearRect(0, 0, 40, 40);
    pen.font = `24px ${family}`;
    pen.fillText(text, 4, 30);
    return pen.getImageData(0, 0, 40, 40).data.join();
  };
  const seen = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const family = getComputedStyle(node.parentElement).fontFamily;
    if (!seen.has(family)) seen.set(family, new Set());
    for (const character of node.data) if (character > "~") seen.get(family).add(character);
  }
  const found = [];
  for (const [family, characters] of seen) {
    const box = drawn("\u{10FFFE}", family);
    for (const character of characters)
      if (drawn(character, family) === box)
        found.push(`${character} (U+${character.codePointAt(0).toString(16).toUpperCase()}) is in no font of ${family}`);
  }
  return found.slice(0, 10);
}

/* Text of drawings whose colour is too near to that of the page or of the last shape drawn below it. */
function faint() {
  const known = new Map();
  const light = (colour) => known.get(colour) ?? known.set(colour, luminance(colour)).get(colour);
  const found = [];
  for (const drawing of document.body.querySelectorAll("svg")) {
    if (!shown(drawing)) continue;
    const shapes = [...drawing.querySelectorAll("path, rect")].filter((shape) => {
      const style = getComputedStyle(shape);
      return style.fill !== "none" && style.fillOpacity * style.opacity > 0.5 && !shape.closest("defs, clipPath");
    });
    const areas = shapes.map((shape) => shape.getBoundingClientRect());
    for (const text of drawing.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
      const at = areas.findLastIndex(
        (area, number) =>
          area.left <= x && x <= area.right && area.top <= y && y <= area.bottom &&
          shapes[number].compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING,
      );
      const below = at < 0 ? behind(drawing, light) : light(getComputedStyle(shapes[at]).fill) ?? behind(drawing, light);
      const [dark, bright] = [light(getComputedStyle(text).fill) ?? below, below].sort((one, other) => one - other);
      const contrast = (bright + 0.05) / (dark + 0.05);
      if (contrast < 4.5) found.push(`${named(text)} has a contrast of ${contrast.toFixed(1)}`);
    }
  }
  return found.slice(0, 10);
}

function reachable() {
  return [...document.querySelectorAll("a[href], summary, button, input, [tabindex='0']")].filter(shown);
}

/* Count the places that the key Tab must reach, and watch which it reaches. */
function stops() {
  window.reached = new Map();
  document.addEventListener("focusin", ({ target }) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(target);
    window.reached.set(target, outlineStyle !== "none" && outlineWidth !== "0px");
  });
  return reachable().length;
}

function unmarked() {
  const found = [...window.reached].filter(([, marked]) => !marked).map(([place]) => `${named(place)} has no outline`);
  const missed = reachable().filter((place) => !window.reached.has(place));
  return [...found, ...missed.map((place) => `${named(place)} is not reached by Tab`)].slice(0, 10);
}
