// The slider of a card: constant, the same in all of them; it reads numbers and writes text.
for (const host of document.querySelectorAll(".imb-slider[data-points]")) {
  if (host.shadowRoot) continue;
  const { t, tp, fp, cost, other, rows: [positives, negatives], at: [chosen, byDefault] } = JSON.parse(host.dataset.points);
  const last = t.length - 1;
  const written = (i) => (t[i] === null ? "above all scores (none flagged)" : String(t[i]));
  const said = (value) => (Math.abs(value) >= 100
    ? value.toLocaleString("en-US", { maximumFractionDigits: 0 }) : String(+value.toPrecision(3))).replace(/^-/, "−");
  const share = (part, whole) => (whole > 0 ? (part / whole).toPrecision(3) : "–");
  const called = (i) => (i === chosen ? ` (${host.dataset.called})` : "");

  // marimo puts a page with a script into a frame of its own, which does not know the theme around it
  const page = host.closest(".imb-report") || host.closest(".imb-card");
  const frame = page && page.parentNode === document.body ? window.frameElement : null;
  if (frame) {
    const dark = getComputedStyle(frame).colorScheme.includes("dark");
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
    document.body.style.margin = 0;
    for (const { style } of [page, ...page.querySelectorAll(".imb-card")]) {
      style.setProperty("--imb-ink-page", dark ? "#e4e4e4" : "#1f1f1f");
      style.setProperty("--imb-page", dark ? "#1b1b1b" : "#ffffff");
    }
  }

  // in a frame that was given its text, a link to a place would load the page around the frame
  const links = document.URL === "about:srcdoc" ? document.querySelectorAll(".imb-contents a") : [];
  for (const link of links) {
    link.onclick = (event) => {
      event.preventDefault();
      document.getElementById(link.hash.slice(1)).scrollIntoView();
    };
  }

  const root = host.attachShadow({ mode: "open" });
  root.innerHTML = `<style>
    :host { display: block; margin: 0 0 .8em; }
    .bar { display: flex; flex-wrap: wrap; align-items: center; gap: .4em .8em; margin: 0 0 .5em; }
    .track { position: relative; flex: 1 1 14em; max-width: 32em; height: 34px; }
    input { display: block; width: 100%; height: 24px; margin: 0; accent-color: #0072b2; cursor: pointer; }
    .mark { position: absolute; top: 21px; width: 0; font-size: 9px; line-height: 1; display: flex; justify-content: center; }
    button { padding: .25em .8em; min-height: 26px; font: inherit; color: inherit; cursor: pointer;
      background: var(--imb-tint); border: 1px solid var(--imb-line); border-radius: 3px; }
    :focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
    .shown { display: flex; flex-wrap: wrap; gap: .6em 2em; align-items: center; }
    ::slotted(*) { margin: 0 !important; }
    ::slotted(p) { flex: 0 0 100%; }
  </style>
  <div class="bar"><label for="range">Threshold</label>
    <div class="track"><input id="range" type="range" min="0" step="1"><span class="mark" aria-hidden="true">▲</span></div>
    <button type="button"></button><button type="button"></button></div>
  <div class="shown"><slot></slot></div>`;

  const range = root.querySelector("input");
  const show = () => {
    const i = +range.value;
    const [hits, alarms] = [tp[i], fp[i]];
    const flagged = share(100 * (hits + alarms), positives + negatives);
    const found = {
      threshold: written(i), called: called(i),
      tp: said(hits), fn: said(positives - hits), fp: said(alarms), tn: said(negatives - alarms),
      precision: share(hits, hits + alarms), recall: share(hits, positives), f1: share(2 * hits, hits + alarms + positives),
      flagged: `${flagged} %`, cost: cost && said(cost[i]), other: other && said(other[i]),
    };
    for (const place of host.querySelectorAll("[data-is]")) place.textContent = found[place.dataset.is];
    range.setAttribute("aria-valuetext", written(i) + called(i));
  };
  const go = (i) => { range.value = i; show(); };

  range.max = last;
  range.oninput = show;
  root.querySelector(".mark").style.left = `calc(8px + (100% - 16px) * ${chosen / last})`;
  const [back, plain] = root.querySelectorAll("button");
  back.textContent = `${host.dataset.called}: ${written(chosen)}`;
  back.onclick = () => go(chosen);
  plain.hidden = byDefault === null;
  plain.textContent = byDefault === null ? "" : written(byDefault);
  plain.onclick = () => go(byDefault);
  go(chosen);
}
