// What the browser's tests ask of a page: `section[data-card]` holds one card each.
window.checks = (() => {
  const sections = () => [...document.querySelectorAll("section[data-card]")];
  const byName = (ask) => Object.fromEntries(sections().map((box) => [box.dataset.card, ask(box)]));

  // --- text

  // what holds an element, the host of its shadow root included
  const holder = (element) => element.parentElement ?? element.getRootNode().host;
  const visibleText = (box) => [box, ...[...box.querySelectorAll(".imb-slider")].map((host) => host.shadowRoot)].flatMap(textIn);
  const textIn = (root) => {
    const found = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (!node.data.trim() || node.parentElement.closest("style, script")) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const places = [...range.getClientRects()].filter((place) => place.width > 0 && place.height > 0);
      if (places.length) found.push({ node, places });
    }
    return found;
  };

  // --- colours, as [red, green, blue, alpha]

  const colour = (text) => {
    const numbers = /^rgba?\(([^)]*)\)$/.exec(text);
    if (!numbers) throw new Error(`a colour that these checks cannot read: ${text}`);
    const [red, green, blue, alpha = 1] = numbers[1].split(/[\s,/]+/).map(Number);
    return [red, green, blue, alpha];
  };
  const over = (above, below) => {
    const alpha = above[3] + below[3] * (1 - above[3]);
    if (alpha === 0) return [0, 0, 0, 0];
    const mixed = [0, 1, 2].map((i) => (above[i] * above[3] + below[i] * below[3] * (1 - above[3])) / alpha);
    return [...mixed, alpha];
  };
  const luminance = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (ink, back) => {
    const [dark, light] = [luminance(over(ink, back)), luminance(back)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  // the shadow of a table that scrolls: text may stand on any of its colours
  const layersOf = (element, style) => {
    if (style.backgroundImage === "none") return [[0, 0, 0, 0]];
    if (!element.matches(".imb-scroll")) throw new Error("a background picture has no one colour");
    return [...new Set(style.backgroundImage.match(/rgba?\([^)]*\)/g))].map(colour);
  };
  const backsOf = (element) => {
    let backs = [[0, 0, 0, 0]];
    for (let each = element; each && backs.some((back) => back[3] < 1); each = holder(each)) {
      const style = getComputedStyle(each);
      const layers = layersOf(each, style).map((layer) => over(layer, colour(style.backgroundColor)));
      backs = backs.flatMap((back) => layers.map((layer) => over(back, layer)));
    }
    return backs.map((back) => over(back, [255, 255, 255, 1]));
  };
  // what a picture has drawn before a text and under its middle
  const shapesUnder = (element) => {
    if (!element.matches("svg text")) return [];
    const middle = (box) => [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const [x, y] = middle(element.getBoundingClientRect());
    const holds = (box) => box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
    const before = (shape) => shape.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING;
    return [...element.closest(".imb-vector").querySelectorAll("path")].filter(
      (shape) => before(shape) && getComputedStyle(shape).fill !== "none" && holds(shape.getBoundingClientRect()),
    );
  };
  const groundsOf = (element) =>
    shapesUnder(element).reduce((backs, shape) => {
      const { fill, fillOpacity } = getComputedStyle(shape);
      const [red, green, blue, alpha] = colour(fill);
      return backs.map((back) => over([red, green, blue, alpha * Number(fillOpacity)], back));
    }, backsOf(element));
  const inkOf = (element) => {
    const { color, fill } = getComputedStyle(element);
    const ink = colour(element.matches("svg text") ? fill : color);
    for (let each = element; each; each = holder(each)) ink[3] *= Number(getComputedStyle(each).opacity);
    return ink;
  };

  // --- boxes

  const SCROLLING = ".imb-scroll, pre";
  const scrolls = (element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
  const sticksOut = (place, card) => place.right > card.right + 0.5 || place.left < card.left - 0.5;
  const overflow = (box) => {
    const found = [];
    const say = (what) => found.push(`${box.dataset.card}: ${what}`);
    const card = box.querySelector(".imb-card");
    const edge = card.getBoundingClientRect();
    if (sticksOut(edge, box.getBoundingClientRect())) say(`the card is ${edge.width} px wide`);
    if (getComputedStyle(card).overflowX !== "visible") say("the card hides what sticks out");
    for (const element of card.querySelectorAll("*:not(style, script)")) {
      const isSeen = element.getClientRects().length > 0 && !element.parentElement.closest("svg svg");
      if (!isSeen || element.parentElement.closest(SCROLLING)) continue;
      if (sticksOut(element.getBoundingClientRect(), edge)) say(`${element.tagName} .${element.className}`);
    }
    for (const { node, places } of visibleText(card)) {
      if (node.parentElement.closest(SCROLLING)) continue;
      if (places.some((place) => sticksOut(place, edge))) say(`text ${node.data.slice(0, 60)}`);
    }
    for (const element of card.querySelectorAll(SCROLLING)) {
      if (!scrolls(element)) say(`${element.tagName} .${element.className} cannot be scrolled`);
    }
    return found;
  };

  return {
    pictures: () => byName((box) => [...box.querySelectorAll("img")].map((image) => image.className)),
    texts: () => byName((box) => visibleText(box).map(({ node }) => node.data).join("\n")),
    overflows: () => sections().flatMap(overflow),
    ratio: (ink, back) => contrast(colour(ink), colour(back)),
    contrasts: () => {
      const poor = [];
      let nodes = 0;
      for (const box of sections()) {
        for (const { node } of visibleText(box)) {
          const element = node.parentElement;
          const ratio = Math.min(...groundsOf(element).map((back) => contrast(inkOf(element), back)));
          nodes += 1;
          if (!(ratio >= 4.5)) poor.push(`${box.dataset.card}: ${ratio.toFixed(2)} ${node.data.trim().slice(0, 60)}`);
        }
      }
      return { nodes, poor };
    },
  };
})();
