/* Draws a lot on a map, once its place on the page comes near. The page says the same in words without it. */

const NEAR = "600px";
const NAMES = { front: "Front", side: "Side", street_side: "Street side", rear: "Rear" };
const ON_STREET = ["front", "street_side"];
const KINDS = ["street", "lot", "lot_line", "envelope"]; /* from the ground up */
const PADDING = [36, 36];
const CLOSEST = 21;

function loaded(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
  });
}

/* Both: a map that is drawn before its style has other sizes. */
function leaflet({ script, style }) {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: style });
  const code = Object.assign(document.createElement("script"), { src: script });
  const both = Promise.all([loaded(link), loaded(code)]);
  document.head.prepend(link); /* our own style comes after it */
  document.head.append(code);
  return both;
}

function feet(length) {
  return `${length.toLocaleString("en-US", { maximumFractionDigits: 1 })} ft`;
}

function words({ kind, edge, distance_ft: distance, name }) {
  if (kind === "street") return name;
  if (kind !== "lot_line") return "";
  if (distance === null) return `${NAMES[edge]}: setback not found`;
  return `${NAMES[edge]} ${feet(distance)}`;
}

function styled({ properties: { kind, edge } }) {
  const names = { lot: "map-lot", envelope: "map-envelope", street: "map-street", lot_line: "map-line" };
  const street = kind === "lot_line" && ON_STREET.includes(edge);
  return { className: names[kind] + (street ? " on-street" : ""), interactive: false };
}

/* On which side of its line a label stands: that of the lot for setbacks, the other for streets. */
function side(layer, middle, { kind }) {
  const { lat, lng } = layer.getBounds().getCenter();
  const [east, north] = [(middle.lng - lng) * Math.cos((lat * Math.PI) / 180), middle.lat - lat];
  const inward = kind === "lot_line";
  if (Math.abs(east) > Math.abs(north)) return east > 0 === inward ? "right" : "left";
  return north > 0 === inward ? "top" : "bottom";
}

function labelled(feature, layer, middle) {
  const text = words(feature.properties);
  if (!text) return;
  const label = document.createElement("span");
  label.textContent = text;
  const direction = side(layer, middle, feature.properties);
  layer.bindTooltip(label, { permanent: true, direction, className: "map-label" });
}

/* A button that brings the lot back into view. */
function homing(L, map, bounds) {
  const control = L.control({ position: "topleft" });
  control.onAdd = () => {
    const bar = L.DomUtil.create("div", "leaflet-bar");
    const button = L.DomUtil.create("button", "", bar);
    button.type = "button";
    button.textContent = "⌂";
    button.ariaLabel = button.title = "Show the whole lot";
    L.DomEvent.disableClickPropagation(bar);
    button.addEventListener("click", () => map.fitBounds(bounds, { padding: PADDING }));
    return bar;
  };
  return control.addTo(map);
}

/* What readers of the screen are told of the drawing. */
function named(map, text) {
  const drawing = map.getPane("overlayPane").querySelector("svg");
  const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
  title.textContent = text;
  drawing.setAttribute("role", "img");
  drawing.prepend(title);
}

function draw(L, place, collection) {
  const features = [...collection.features].sort(
    (one, other) => KINDS.indexOf(one.properties.kind) - KINDS.indexOf(other.properties.kind),
  );
  if (!features.length) return;
  place.parentElement.hidden = false;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(place, {
    attributionControl: false,
    zoomAnimation: false, /* while it runs, Leaflet takes no other zoom */
    fadeAnimation: !still,
    inertia: !still,
    scrollWheelZoom: false,
    zoomSnap: 0.25,
    maxZoom: CLOSEST,
  });
  const lot = L.geoJSON(features.find(({ properties }) => properties.kind === "lot"));
  const bounds = lot.getBounds();
  map.fitBounds(bounds, { padding: PADDING });
  const { tiles } = place.dataset;
  if (tiles) L.tileLayer(tiles, { maxNativeZoom: 19, maxZoom: CLOSEST, referrerPolicy: "origin" }).addTo(map);
  const onEachFeature = (feature, layer) => labelled(feature, layer, bounds.getCenter());
  L.geoJSON(features, { style: styled, onEachFeature, interactive: false }).addTo(map);
  L.control.scale({ metric: false }).addTo(map);
  homing(L, map, bounds);
  named(map, place.dataset.title);
  place.addEventListener("focusin", () => map.scrollWheelZoom.enable());
  place.addEventListener("focusout", () => map.scrollWheelZoom.disable());
}

async function show(place) {
  try {
    const [answer] = await Promise.all([fetch(place.dataset.geojson), leaflet(place.dataset)]);
    if (answer.ok) draw(window.L, place, await answer.json());
  } catch {
    place.parentElement.hidden = true; /* the drawing and the words are there all the same */
  }
}

for (const place of document.querySelectorAll(".lot-map")) {
  const watch = new IntersectionObserver(
    ([entry]) => {
      if (!entry.isIntersecting) return;
      watch.disconnect();
      show(place);
    },
    { rootMargin: NEAR },
  );
  watch.observe(place.closest("section"));
}
