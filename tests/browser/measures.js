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

/* Return the luminance of a colour between 0 and 1, or null if it is transparent. */
function luminance(colour) {
  const dot = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  dot.fillStyle = colour;
  dot.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = dot.getImageData(0, 0, 1, 1).data;
  return alpha < 128 ? null : (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

/* Return the luminance behind an element; paper is white. */
function behind(element, light) {
  for (let box = element; box; box = box.parentElement) {
    const found = light(getComputedStyle(box).backgroundColor);
    if (found !== null) return found;
  }
  return 1;
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
    if (paper !== null && paper < 0.5 && large)
      found.push(`${named(element)} is printed on ${backgroundColor}`);
    if (light(color) > 0.6 && behind(element, light) > 0.5) found.push(`${named(element)} is printed in ${color}`);
  }
  return found.slice(0, 10);
}
