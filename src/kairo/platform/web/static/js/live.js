// Keeps the page's values current from one event stream, and says in words whether that works and since when.
// A message is JSON: {"id", "attribute", "value" or "text", "observedAt"?, "coordinates"?: [lon, lat]}, or an array of them.
import { language } from "./kairo.js";

const status = document.querySelector("[data-live-status]");
const words = status?.querySelector("[data-live-words]");
const clock = status?.querySelector("[data-live-time]");
const when = new Intl.DateTimeFormat(language === "en" ? "en-GB" : "ja-JP", {
  timeZone: "Asia/Tokyo", year: "numeric", month: "long", day: "numeric", weekday: "short", hour: "numeric", minute: "2-digit",
});
const easy = document.documentElement.lang === "ja-x-easy";
const clockTime = new Intl.DateTimeFormat(language === "en" ? "en-GB" : "ja-JP", {
  timeZone: "Asia/Tokyo", hour: "numeric", minute: "2-digit", ...(easy ? { hourCycle: "h11" } : {}),
});
const found = (name) => {
  const elements = new Map();
  for (const element of document.querySelectorAll(`[data-${name}]`)) {
    const key = element.getAttribute(`data-${name}`);
    elements.set(key, [...(elements.get(key) ?? []), element]);
  }
  return elements;
};
const elements = found("live");
const times = found("live-at");

function say(state) {
  if (!status || status.dataset.state === state) return;
  status.dataset.state = state;
  const text = status.dataset[state];
  if (words && text) words.textContent = text;
}

function written(element, change) {
  if (change.text !== undefined) return change.text;
  if (typeof change.value !== "number") return change.value === null ? "－" : String(change.value);
  const digits = element.dataset.digits;
  const places = digits === undefined ? { maximumFractionDigits: 6 } : { minimumFractionDigits: +digits, maximumFractionDigits: +digits };
  return new Intl.NumberFormat("ja-JP", places).format(change.value).replace("-", "−");
}

function apply(change) {
  for (const element of elements.get(`${change.id}/${change.attribute}`) ?? []) {
    const place = element.querySelector("[data-live-text]") ?? element;
    const text = written(element, change);
    if (place.textContent === text) continue;
    place.textContent = text;
    element.classList.add("is-new");
    setTimeout(() => element.classList.remove("is-new"), 1200);
  }
  for (const element of times.get(`${change.id}/${change.attribute}`) ?? []) {
    const moment = change.observedAt ? new Date(change.observedAt) : new Date();
    element.dateTime = moment.toISOString();
    element.textContent = clockTime.format(moment);
  }
  document.dispatchEvent(new CustomEvent("kairo:live", { detail: change }));
}

function updated(moment) {
  if (!clock) return;
  clock.dateTime = moment.toISOString();
  clock.textContent = when.format(moment).replace("(", "（").replace(")", "）");
}

function receive(event) {
  const changes = [JSON.parse(event.data)].flat();
  let latest = null;
  for (const change of changes) {
    apply(change);
    const moment = change.observedAt ? new Date(change.observedAt) : new Date();
    if (!latest || moment > latest) latest = moment;
  }
  say("running");
  if (latest) updated(latest);
}

let stream = null;
let alarm = null;
function calm() {
  clearTimeout(alarm);
  alarm = null;
}
function open() {
  if (stream) return;
  stream = new EventSource(document.body.dataset.stream);
  stream.addEventListener("open", () => { calm(); say("running"); });
  stream.addEventListener("message", receive);
  stream.addEventListener("update", receive);
  stream.addEventListener("error", () => {
    // The browser tries again by itself, failing anew each time: the first failure starts the clock, only success stops it.
    alarm ??= setTimeout(() => say("stopped"), 8000);
    if (stream?.readyState === EventSource.CLOSED) {
      stream = null;
      setTimeout(open, 30000);
    }
  });
}
function close() {
  calm();
  stream?.close();
  stream = null;
  say("paused");
}

export function local() {
  // A page that shows a time of update but has no stream: nothing to do, the words of the server hold.
}

if (document.body.dataset.stream) {
  say("waiting");
  open();
  let resting = null;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(resting);
    if (document.hidden) resting = setTimeout(close, 20000);
    else open();
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });
}
