// Draws the points of a list on a map, once the map comes near the screen. List and map are one: each shows the other.
import { vendor } from "./kairo.js";
import { baseStyle, markerImages, pointLayers } from "./map-style.js";

let library = null;
function maplibre() {
  if (!library) {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = `${vendor}maplibre/maplibre-gl.css`;
    document.head.append(sheet);
    library = import(`${vendor}maplibre/maplibre-gl.mjs`).then((loaded) => {
      const api = loaded.default ?? loaded;
      api.setWorkerUrl(`${vendor}maplibre/maplibre-gl-worker.mjs`);
      return api;
    });
  }
  return library;
}

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const json = (section, name) => {
  const found = section.querySelector(`script[data-map-${name}]`);
  return found ? JSON.parse(found.textContent) : null;
};

// A name that is a point's label too gives way to that label where it appears (closer than zoom 10).
function ownNames(names, points) {
  const labels = new Set(points.features.map((each) => each.properties.label));
  return (names ?? []).map(([name, x, y]) => ({ name, x, y, far: labels.has(name) }));
}

function bounds(features) {
  const xs = features.map((each) => each.geometry.coordinates[0]);
  const ys = features.map((each) => each.geometry.coordinates[1]);
  return [[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]];
}

async function start(section) {
  const canvas = section.querySelector("[data-map-canvas]");
  const note = section.querySelector("[data-map-status]");
  note.textContent = note.dataset.loading;
  try {
    const api = await maplibre();
    const points = json(section, "points");
    if (section.dataset.source) {
      const more = await fetch(section.dataset.source, { headers: { accept: "application/geo+json" } });
      if (more.ok) points.features = (await more.json()).features;
    }
    const holder = document.createElement("div");
    canvas.append(holder);
    const map = new api.Map({
      container: holder,
      style: baseStyle(vendor, json(section, "outlines"), ownNames(json(section, "names"), points), section.dataset.tiles),
      bounds: points.features.length ? bounds(points.features) : [[131.2, 34.0], [131.8, 34.4]],
      // Without tiles there is little to see from near: a single place is shown among its neighbours.
      fitBoundsOptions: { padding: { top: 48, bottom: 56, left: canvas.clientWidth > 560 ? 96 : 64, right: canvas.clientWidth > 560 ? 150 : 80 }, maxZoom: section.dataset.tiles ? 14 : 12.5 },
      maxBounds: [[127, 31], [137, 38]],
      minZoom: 5,
      maxZoom: 18,
      localIdeographFontFamily: getComputedStyle(document.body).fontFamily,
      cooperativeGestures: true,
      dragRotate: false,
      pitchWithRotate: false,
      attributionControl: false,
      fadeDuration: 0,
      locale: JSON.parse(canvas.dataset.locale),
    });
    map.touchZoomRotate.disableRotation();
    map.addControl(new api.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new api.ScaleControl({ maxWidth: 120 }), "bottom-left");
    map.getCanvas().setAttribute("aria-label", canvas.dataset.label);
    await new Promise((done, fail) => {
      map.once("load", done);
      map.once("error", (event) => fail(event.error));
      setTimeout(() => fail(new Error("the map took too long")), 20000);
    });
    for (const [name, image] of markerImages()) map.addImage(name, image, { pixelRatio: 2 });
    map.addSource("points", { type: "geojson", data: points, promoteId: "id" });
    for (const layer of pointLayers()) map.addLayer(layer);
    canvas.classList.add("is-live");
    for (const drawn of canvas.querySelectorAll(".overview")) drawn.setAttribute("aria-hidden", "true");
    note.textContent = "";
    join(section, map, api, points);
  } catch (problem) {
    canvas.querySelector(".maplibregl-map")?.remove();
    note.textContent = note.dataset.failed;
    console.warn("map:", problem);
  }
}

function join(section, map, api, points) {
  const items = new Map([...section.querySelectorAll("[data-map-items] [data-id]")].map((item) => [item.dataset.id, item]));
  const features = new Map(points.features.map((each) => [each.properties.id, each]));
  const popup = new api.Popup({ closeButton: false, closeOnClick: true, offset: 14, maxWidth: "18rem", className: "map-popup" });
  let here = null;

  const mark = (id, { scroll = false } = {}) => {
    if (here !== null) { items.get(here)?.classList.remove("is-here"); map.setFeatureState({ source: "points", id: here }, { here: false }); }
    here = id;
    if (id === null) { popup.remove(); return; }
    map.setFeatureState({ source: "points", id }, { here: true });
    const item = items.get(id);
    item?.classList.add("is-here");
    item?.closest("details")?.setAttribute("open", "");
    if (scroll) item?.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
    const feature = features.get(id);
    const box = document.createElement("div");
    const name = document.createElement("p");
    name.className = "map-popup-name";
    name.textContent = feature.properties.label;
    box.append(name);
    if (feature.properties.text) { const text = document.createElement("p"); text.textContent = feature.properties.text; box.append(text); }
    popup.setLngLat(feature.geometry.coordinates).setDOMContent(box).addTo(map);
  };

  map.on("click", "points", (event) => mark(event.features[0].properties.id, { scroll: true }));
  map.on("mouseenter", "points", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "points", () => { map.getCanvas().style.cursor = ""; });
  for (const button of section.querySelectorAll("[data-map-show]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const feature = features.get(button.dataset.mapShow);
      if (!feature) return;
      const goal = { center: feature.geometry.coordinates, zoom: Math.max(map.getZoom(), 14) };
      if (still) map.jumpTo(goal); else map.flyTo({ ...goal, duration: 900 });
      mark(button.dataset.mapShow);
      section.querySelector("[data-map-canvas]").scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
    });
  }
  for (const [id, item] of items) {
    if (!features.has(id)) continue;
    item.addEventListener("pointerenter", () => map.setFeatureState({ source: "points", id }, { near: true }));
    item.addEventListener("pointerleave", () => map.setFeatureState({ source: "points", id }, { near: false }));
  }
  document.addEventListener("kairo:live", ({ detail }) => {
    const feature = features.get(detail.id);
    if (!feature || !detail.coordinates) return;
    feature.geometry.coordinates = detail.coordinates;
    map.getSource("points").setData(points);
    if (here === detail.id) popup.setLngLat(detail.coordinates);
  });
  section.dispatchEvent(new CustomEvent("kairo:map", { detail: { map, api }, bubbles: true }));
}

const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    watcher.unobserve(entry.target);
    start(entry.target.closest("[data-map]"));
  }
}, { rootMargin: "400px" });
for (const canvas of document.querySelectorAll("[data-map] [data-map-canvas]")) watcher.observe(canvas);
