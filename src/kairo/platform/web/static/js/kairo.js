// Which scripts does this page need? Only those whose elements stand on it; each page works without any of them.
const has = (selector) => document.querySelector(selector) !== null;
export const vendor = document.documentElement.dataset.vendor;
export const language = document.documentElement.lang.split("-")[0];

if (has("[data-map]")) import("./map.js");
if (has("[data-chart]")) import("./chart.js");
if (has("[data-long]")) import("./long.js");
if (document.body.dataset.stream) import("./live.js");
else if (has("[data-live-status]")) import("./live.js").then((live) => live.local());
if (has("[data-passkey]")) import("./passkey.js");
if (has("ruby")) import("./furigana.js");
if (has("[hx-get],[hx-post],[hx-put],[hx-patch],[hx-delete],[hx-action],[data-htmx]")) import("./htmx.js");

// After a form came back with errors, the summary is where reading begins.
document.querySelector("[data-focus]")?.focus();

// The language chosen last is remembered for addresses without a language; nothing else is kept.
for (const link of document.querySelectorAll(".languages a[hreflang]")) {
  link.addEventListener("click", () => {
    document.cookie = `kairo_language=${link.hreflang}; path=/; max-age=31536000; samesite=lax`;
  });
}
