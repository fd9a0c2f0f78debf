// How does the map look? Paper land, pale sea, the city's own outlines and names; points by shape as well as colour.
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const FONT = ["sans-serif"];

// A point of the list may stand where a name belongs: the name then stands beside it, clear of the 30 pixels of its mark.
function nameLayer(id, filter, maxzoom) {
  return {
    id, type: "symbol", source: "names", filter, maxzoom,
    layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 15, "text-variable-anchor": ["center", "top", "bottom", "left", "right"], "text-radial-offset": 1.15, "text-justify": "auto" },
    paint: { "text-color": token("--ink-soft"), "text-halo-color": "#ffffff", "text-halo-width": 2 },
  };
}

export function baseStyle(vendor, outlines, names, tiles) {
  const empty = { type: "FeatureCollection", features: [] };
  const written = {
    type: "FeatureCollection",
    features: names.map(({ name, x, y, far }) => ({ type: "Feature", properties: { name, far }, geometry: { type: "Point", coordinates: [x, y] } })),
  };
  const sources = {
    land: { type: "geojson", data: new URL(`${vendor}base-map.json`, location.href).href },
    outlines: { type: "geojson", data: outlines ?? empty },
    names: { type: "geojson", data: written },
  };
  if (tiles) sources.tiles = { type: "raster", tiles: [tiles], tileSize: 256, maxzoom: 18 };
  return {
    version: 8,
    sources,
    layers: [
      { id: "sea", type: "background", paint: { "background-color": token("--map-sea") } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": token("--map-land") } },
      { id: "coast", type: "line", source: "land", paint: { "line-color": token("--map-coast"), "line-width": 1 } },
      ...(tiles ? [{ id: "tiles", type: "raster", source: "tiles" }] : []),
      { id: "ground", type: "fill", source: "outlines", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": token("--paper"), "fill-opacity": tiles ? 0 : 1 } },
      { id: "outlines", type: "line", source: "outlines", paint: { "line-color": token("--ink-faint"), "line-width": 1.2, "line-dasharray": [4, 3] } },
      nameLayer("names", ["!", ["get", "far"]], 24),
      nameLayer("far-names", ["get", "far"], 10),
    ],
  };
}

const SHAPES = {
  0: (c) => c.arc(0, 0, 6, 0, 7),
  1: (c) => c.arc(0, 0, 7, 0, 7),
  2: (c) => c.rect(-6.5, -6.5, 13, 13),
  3: (c) => polygon(c, [[0, -8], [7.5, 5.5], [-7.5, 5.5]]),
  4: (c) => polygon(c, [[0, -8.5], [8.5, 0], [0, 8.5], [-8.5, 0]]),
  5: (c) => polygon(c, [[0, -8], [8, -2], [5, 7], [-5, 7], [-8, -2]]),
  6: (c) => polygon(c, [[-2.5, -8], [2.5, -8], [2.5, -2.5], [8, -2.5], [8, 2.5], [2.5, 2.5], [2.5, 8], [-2.5, 8], [-2.5, 2.5], [-8, 2.5], [-8, -2.5], [-2.5, -2.5]]),
};
function polygon(context, corners) {
  corners.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
}

export function* markerImages() {
  for (const [kind, shape] of Object.entries(SHAPES)) {
    for (const here of [false, true]) {
      const size = here ? 44 : 30;
      const canvas = Object.assign(document.createElement("canvas"), { width: size * 2, height: size * 2 });
      const context = canvas.getContext("2d");
      context.scale(2, 2);
      context.translate(size / 2, size / 2);
      if (here) context.scale(1.5, 1.5);
      context.beginPath();
      shape(context);
      context.lineWidth = 4;
      context.strokeStyle = here ? token("--ink") : "#ffffff";
      context.stroke();
      context.fillStyle = token(`--chart-${kind}`);
      context.fill();
      yield [`kind-${kind}${here ? "-here" : ""}`, context.getImageData(0, 0, size * 2, size * 2)];
    }
  }
}

export function pointLayers() {
  const name = ["concat", "kind-", ["to-string", ["get", "kind"]]];
  const shown = ["boolean", ["feature-state", "here"], false];
  const near = ["boolean", ["feature-state", "near"], false];
  return [
    { id: "near", type: "circle", source: "points", paint: { "circle-radius": 16, "circle-color": token("--focus-ground"), "circle-opacity": ["case", ["any", shown, near], 1, 0] } },
    { id: "points", type: "symbol", source: "points", layout: { "icon-image": name, "icon-allow-overlap": true, "icon-padding": 1 } },
    {
      id: "labels", type: "symbol", source: "points", minzoom: 10,
      layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 15, "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 0.9, "text-justify": "auto", "text-max-width": 11 },
      paint: { "text-color": token("--ink"), "text-halo-color": "#ffffff", "text-halo-width": 2 },
    },
  ];
}
